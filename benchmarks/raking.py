"""Time raking against its peers in one run: 200,000 respondents to five margins, each met to 1e-8.

    python -m pip install -e ".[benchmark]"
    python benchmarks/raking.py
    python benchmarks/raking.py --balance other/bin/python   # balance needs an older NumPy before 3.12

Each tool runs in a process of its own and gets columns that are categories already, as R's factors
are; what it takes to read them is not timed. R's survey takes part where Rscript and the package are.
Prints a table in Markdown: seconds, with this package's array function as the measure, and the
largest miss of a share. ipfn gets arrays too; survey, balance and rake(wave) get tables of people,
and rake(wave) checks the targets against them.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
from run import has_survey, machine, result_of, say  # noqa: E402

SIZES = {"age_sex": 12, "region": 11, "education": 3, "vote_2024": 8, "vote_2016": 3}
"""Five margins as a British poll has them, and their numbers of categories."""

Made: TypeAlias = "tuple[Callable[[], Any], Callable[[Any], np.ndarray]]"
"""The call that is timed, and how to get one weight a respondent from what it gives."""


def people(n: int) -> tuple[pd.DataFrame, dict[str, dict[str, float]]]:
    """Respondents whose answers hang together, and shares off theirs by a fifth or so.

    Behind each column stands a score, and any two scores have a correlation of a half.
    """
    rng = np.random.default_rng(2024)
    leaning = rng.normal(size=n)
    frame, targets = {}, {}
    for name, size in SIZES.items():
        score = leaning + rng.normal(size=n)
        ends = np.quantile(score, np.cumsum(rng.dirichlet(np.full(size, 8.0)))[:-1])
        code = np.searchsorted(ends, score)
        labels = [f"{name} {place}" for place in range(size)]
        frame[name] = pd.Categorical.from_codes(code, labels)
        wanted = np.bincount(code, minlength=size) / n * np.exp(0.2 * rng.normal(size=size))
        shares = np.round(1000 * wanted / wanted.sum()).astype(int)
        shares[shares.argmax()] += 1000 - shares.sum()
        targets[name] = dict(zip(labels, (shares / 1000).tolist(), strict=True))
    return pd.DataFrame(frame), targets


def kernel(frame: pd.DataFrame, targets: dict[str, dict[str, float]]) -> Made:
    """Codes and shares to weights: the array function."""
    from conjoint.weight.calibrate import rake_weights

    codes = [frame[name].cat.codes.to_numpy() for name in targets]
    shares = [np.array(list(wanted.values())) for wanted in targets.values()]
    start = np.ones(len(frame))
    return lambda: rake_weights(codes, shares, start), lambda found: found.weights


def wave(frame: pd.DataFrame, targets: dict[str, dict[str, float]]) -> Made:
    """The whole verb: targets checked against the wave, weights, and what intervals need of them."""
    import conjoint as cj

    answers = frame.assign(person=np.arange(len(frame)), price="low", bought=1)
    answers.loc[::2, "price"] = "high"
    whole = cj.Wave.from_frame(
        answers,
        respondent="person",
        outcome="bought",
        attributes=["price"],
        segments=list(targets),
    )
    return lambda: cj.rake(whole, targets), lambda found: found.weights


def ipfn(frame: pd.DataFrame, targets: dict[str, dict[str, float]]) -> Made:
    """Proportional fitting of the table of all cells, then back to respondents by hand."""
    from ipfn.ipfn import ipfn as fit

    codes = tuple(frame[name].cat.codes.to_numpy() for name in targets)
    margins = [np.array(list(wanted.values())) * len(frame) for wanted in targets.values()]
    axes = [[axis] for axis in range(len(targets))]

    def call() -> np.ndarray:
        table = np.zeros([len(margin) for margin in margins])
        np.add.at(table, codes, 1.0)
        fitted = fit(
            table.copy(), margins, axes, convergence_rate=1e-8, max_iteration=2000, rate_tolerance=0
        ).iteration()
        return np.divide(fitted, table, out=np.zeros_like(table), where=table > 0)[codes]

    return call, lambda found: found


def balance(frame: pd.DataFrame, targets: dict[str, dict[str, float]]) -> Made:
    """Balance, given a population of a thousand with the margins wanted."""
    import logging

    from balance.weighting_methods.rake import rake

    logging.getLogger("balance").setLevel(logging.ERROR)
    population = pd.DataFrame(
        {
            name: np.repeat(
                list(wanted), np.round(1000 * np.array(list(wanted.values()))).astype(int)
            )
            for name, wanted in targets.items()
        }
    )
    sample = frame.astype(object)

    def call() -> Any:
        return rake(
            sample,
            pd.Series(np.ones(len(sample))),
            population,
            pd.Series(np.ones(len(population))),
            transformations=None,
            convergence_rate=1e-9,
            max_iteration=2000,
            rate_tolerance=0,
        )

    return call, lambda found: found["weight"].to_numpy()


TOOLS = {"conjoint, arrays": kernel, "conjoint, rake(wave)": wave, "ipfn": ipfn, "balance": balance}


def one(tool: str, n: int, repeat: int) -> None:
    """Time one tool, the median of its calls after the first, and print a line of JSON."""
    frame, targets = people(n)
    call, weights_of = TOOLS[tool](frame, targets)
    seconds = []
    for _ in range(repeat + 1):
        began = time.perf_counter()
        found = call()
        seconds.append(time.perf_counter() - began)
    weights = np.asarray(weights_of(found), dtype=float)
    result = {
        "seconds": statistics.median(seconds[1:]),
        "miss": largest_miss(frame, targets, weights),
    }
    print(json.dumps(result))  # noqa: T201


def largest_miss(
    frame: pd.DataFrame, targets: dict[str, dict[str, float]], weights: np.ndarray
) -> float:
    """The largest difference between a weighted share and its target."""
    return max(
        float(
            np.abs(
                np.bincount(frame[name].cat.codes, weights) / weights.sum() - list(wanted.values())
            ).max()
        )
        for name, wanted in targets.items()
    )


def survey(n: int, repeat: int) -> dict[str, Any]:
    """R's survey, with its own tolerance turned down so that it meets the margins."""
    frame, targets = people(n)
    with tempfile.TemporaryDirectory() as folder:
        frame.to_csv(Path(folder) / "people.csv", index=False)
        rows = [(name, *pair) for name, wanted in targets.items() for pair in wanted.items()]
        wanted = pd.DataFrame(rows, columns=["margin", "category", "share"])
        wanted.to_csv(Path(folder) / "targets.csv", index=False)
        weights = Path(folder) / "weights.csv"
        result = result_of(["Rscript", str(HERE / "raking.R"), folder, str(repeat)])
        result["miss"] = largest_miss(frame, targets, pd.read_csv(weights)["weight"].to_numpy())
    return result


def replicates(repeat: int) -> None:
    """Time a thousand bootstrap replicates of the survey that ships, each raked again."""
    import conjoint as cj
    from conjoint.weight import replicate_weights

    whole = cj.rake(cj.read_wave(HERE.parent / "surveys" / "routes_for_returns_2026"))
    n = whole.n_respondents
    drawn = np.random.default_rng(1).multinomial(n, np.full(n, 1 / n), 1000).T.astype(float)
    seconds = []
    for _ in range(repeat + 1):
        began = time.perf_counter()
        _, met = replicate_weights(whole, drawn)
        seconds.append(time.perf_counter() - began)
    margins = len(whole.calibration.targets.margins) if whole.calibration else 0
    say(
        f"\n1,000 bootstrap replicates of the survey that ships ({n:,} respondents, {margins} margins), "
        f"each raked again: {statistics.median(seconds[1:]):.2f} s; {int(met.sum()):,} meet every margin."
    )


def main() -> None:
    """Run everything that is installed, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--respondents", type=int, default=200_000)
    parser.add_argument("--repeat", type=int, default=5, help="calls of each; the median is shown")
    parser.add_argument("--balance", default=sys.executable, help="the Python that has balance")
    parser.add_argument("--one", choices=TOOLS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    n, repeat = arguments.respondents, arguments.repeat
    if arguments.one:
        one(arguments.one, n, repeat)
        return
    say(f"{machine().split(';')[0]}; {n:,} respondents, {len(SIZES)} margins\n")
    say("| tool | seconds | against conjoint | largest miss of a share |")
    say("|---|---|---|---|")
    own: dict[str, Any] = {}
    for tool in [*TOOLS, "survey::rake"]:
        if tool == "survey::rake":
            if not has_survey():
                continue
            result = survey(n, max(1, repeat // 2))
        else:
            python = arguments.balance if tool == "balance" else sys.executable
            if python == sys.executable and not importlib.util.find_spec(tool.split(",")[0]):
                continue
            command = [python, str(HERE / "raking.py"), "--one", tool]
            result = result_of([*command, "--respondents", str(n), "--repeat", str(repeat)])
        own = own or result
        against = f"{result['seconds'] / own['seconds']:.3g}x"
        say(f"| {tool} | {result['seconds']:.3f} | {against} | {result['miss']:.0e} |")
    replicates(repeat)


if __name__ == "__main__":
    main()
