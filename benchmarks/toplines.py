"""Data tables timed: many questions by many columns, here and in other tools.

    python benchmarks/toplines.py

Prints the table of docs/benchmarks.md. Every tool runs in this process, on the same answers and weights.
"""

from __future__ import annotations

import argparse
import statistics
import time
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from run import machine

import conjoint as cj
from conjoint.survey import Attribute, Level, Outcome, Question, Survey, Targets
from conjoint.toplines import tables

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

CROSSBREAKS = {"sex": 2, "age": 6, "region": 12, "education": 4, "vote": 9, "grade": 6}
"""Columns of people and how many groups each has: with the total, 40 columns."""

ANSWERS = ("Strongly support", "Tend to support", "Tend to oppose", "Strongly oppose", "Don't know")
NETS = {"Support": ANSWERS[:2], "Oppose": ANSWERS[2:4]}


def people(n: int, questions: int) -> pd.DataFrame:
    """Draw people, their answers, and which groups they belong to."""
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"respondent": np.arange(n)})
    for name, size in CROSSBREAKS.items():
        drawn = rng.choice(size, n, p=rng.dirichlet(np.full(size, 20.0)))
        frame[name] = pd.Categorical.from_codes(drawn, [f"{name} {k}" for k in range(size)])
    for number in range(questions):
        drawn = rng.choice(len(ANSWERS), n, p=rng.dirichlet(np.full(len(ANSWERS), 5.0)))
        frame[f"q{number}"] = pd.Categorical.from_codes(drawn, list(ANSWERS))
    return frame


def wave_of(frame: pd.DataFrame, questions: int) -> cj.Wave:
    """The people as a wave, raked to the margins of their crossbreaks."""
    nets = NETS | {"Net support": {"plus": NETS["Support"], "minus": NETS["Oppose"]}}
    scores = dict(zip(ANSWERS, (2, 1, -1, -2), strict=False))
    survey = Survey(
        title="Made up",
        attributes={"a": Attribute(levels=(Level(value="x"), Level(value="y")))},
        outcomes={"o": Outcome(kind="rating", column="o", min=0, max=1)},
        questions={
            f"q{number}": Question.model_validate(
                {"answers": list(ANSWERS), "nets": nets, "scores": scores}
            )
            for number in range(questions)
        },
    )
    profiles = pd.DataFrame(
        {"respondent": frame["respondent"], "task": "1", "profile": "1", "a": "x", "o": 1.0}
    )
    profiles["a"] = pd.Categorical(profiles["a"], ["x", "y"])
    wave = cj.Wave.build(survey, frame, profiles)
    rng = np.random.default_rng(2)
    margins = {
        name: dict(zip(frame[name].cat.categories, rng.dirichlet(np.full(size, 40.0)), strict=True))
        for name, size in CROSSBREAKS.items()
    }
    return cj.rake(wave, Targets.from_shares(margins))


def pandas_crosstabs(frame: pd.DataFrame, weights: np.ndarray, names: list[str]) -> None:
    """Weighted percentages alone, a call of crosstab for each question and crossbreak."""
    for name in names:
        for heading in CROSSBREAKS:
            pd.crosstab(frame[name], frame[heading], weights, aggfunc="sum", normalize="columns")


def statsmodels_tests(frame: pd.DataFrame, weights: np.ndarray, names: list[str]) -> None:
    """Tests between the columns of each crossbreak, answer by answer, weights taken as counts."""
    from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

    groups = {
        heading: [(frame[heading] == key).to_numpy() for key in frame[heading].cat.categories]
        for heading in CROSSBREAKS
    }
    for name in names:
        for answer in ANSWERS:
            y = (frame[name] == answer).to_numpy(dtype=float)
            for members in groups.values():
                means = [DescrStatsW(y[who], weights[who]) for who in members]
                for first in range(len(means)):
                    for second in range(first + 1, len(means)):
                        CompareMeans(means[first], means[second]).ztest_ind(usevar="unequal")


def seconds(call: Callable[[], Any], repeat: int) -> float:
    """The median time of some calls."""
    times = []
    for _ in range(repeat):
        began = time.perf_counter()
        call()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def main() -> None:
    """Time everything and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--respondents", type=int, default=20_000)
    parser.add_argument("--questions", type=int, default=100)
    parser.add_argument("--repeat", type=int, default=3)
    arguments = parser.parse_args()
    n, questions, repeat = arguments.respondents, arguments.questions, arguments.repeat
    frame = people(n, questions)
    wave = wave_of(frame, questions)
    breaks, names = list(CROSSBREAKS), list(wave.survey.questions)
    few = names[: max(1, questions // 20)]
    crosstab = seconds(lambda: pandas_crosstabs(frame, wave.weights, few), 1)
    tests = seconds(lambda: statsmodels_tests(frame, wave.weights, few[:1]), 1)
    rows = {
        "conjoint, calibrated weights": seconds(lambda: tables(wave, breaks), repeat),
        "conjoint, weights as given": seconds(lambda: tables(wave.fixed(), breaks), repeat),
        "conjoint, effective bases and Holm": seconds(
            lambda: tables(wave, breaks, test="effective base", adjustment="holm"), 1
        ),
        "pandas.crosstab, percentages alone": crosstab * questions / len(few),
        "statsmodels, tests of answers alone": tests * questions,
    }
    say(f"{machine()}\n")
    say(f"{n:,} respondents, {questions} questions, {sum(CROSSBREAKS.values()) + 1} columns\n")
    say("| tool | seconds | against conjoint |\n|---|---|---|")
    own = rows["conjoint, calibrated weights"]
    for tool, took in rows.items():
        say(f"| {tool} | {took:.1f} | {took / own:.3g}x |")


def say(text: str) -> None:
    """Print a line."""
    print(text, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
