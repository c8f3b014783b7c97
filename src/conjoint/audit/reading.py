"""Are the answers read the right way round?

A swapped code turns every figure on its head and leaves a wave that looks whole. It shows only where
answers can be held against each other: tasks against tasks, choices against other outcomes, a
repeated task against the first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from conjoint.audit.item import Item
from conjoint.audit.person import below, unweighted
from conjoint.audit.repeat import agreement
from conjoint.errors import EstimationError, Fault
from conjoint.estimate import marginal_means
from conjoint.estimate.figures import means_of
from conjoint.estimate.groups import estimate_each
from conjoint.estimate.sample import specify
from conjoint.estimates import adjusted
from conjoint.estimates.model import COUNTS, LABELS
from conjoint.say.number import bare_points, between, numeral, percent_by_size, points
from conjoint.say.phrase import phrase
from conjoint.say.words import sentence_case

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conjoint.estimate.groups import Figures
    from conjoint.estimate.sample import Sample
    from conjoint.estimates import Estimates
    from conjoint.typing import BoolArray, FloatArray
    from conjoint.wave import Wave

__all__ = ["choice_reading", "pattern_agreement"]

CHECK = "choice_reading"

CLEARLY = 0.001
"""Chance, after Holm, under which answers are said to run the other way: no finding hangs on these
tests, only whether a file is read rightly, so they may be strict."""

ENOUGH = 100
"""Respondents from which a choice that has nothing to do with another outcome is worth a look."""


@dataclass(frozen=True, slots=True)
class Swapped:
    """A sign that a task's answers, or a position's, are swapped; the item's text is the sign alone."""

    task: str
    item: Item


def choice_reading(wave: Wave) -> list[Item]:
    """Hold tasks against tasks, choices against other outcomes, and a task against its repeat."""
    plain = unweighted(wave)
    items: list[Item | Swapped] = [*_repeat(plain)]
    for outcome in wave.survey.outcomes:
        for by in ("task", "profile"):
            items += _patterns(plain, outcome, by)
    kinds = {name: outcome.kind for name, outcome in wave.survey.outcomes.items()}
    for choice in (name for name, kind in kinds.items() if kind == "choice"):
        for other in (name for name, kind in kinds.items() if kind != "choice"):
            items += _against(plain, choice, other)
    return _one_a_task(items) or [Item(CHECK, "", "fine", phrase("audit.choice_reading.alone"))]


def _one_a_task(items: list[Item | Swapped]) -> list[Item]:
    """Several signs that the same task is swapped as one thing to stop for."""
    told: dict[str, int] = {}
    kept: list[Item] = []
    for found in items:
        if isinstance(found, Item):
            kept.append(found)
            continue
        task, item = found.task, found.item
        if task in told:
            first = kept[told[task]]
            outcomes = tuple(dict.fromkeys([*first.outcomes, *item.outcomes]))
            text = f"{first.text} {sentence_case(item.text)}"
            kept[told[task]] = replace(first, text=text, outcomes=outcomes)
            continue
        told[task] = len(kept)
        text = phrase("audit.choice_reading.swapped", task=sentence_case(task), signs=item.text)
        kept.append(replace(item, text=text))
    return kept


def _repeat(wave: Wave) -> Iterator[Item]:
    """The repeated task: people who mostly choose the other profile are read wrongly once."""
    for outcome, figure in agreement(wave)[0].items():
        row = figure.with_null(0.5)
        p_value = float(below(row)[0])
        share = float(figure.values[0])
        subject = phrase("audit.choice_reading.repeated_subject", outcome=outcome)
        said = percent_by_size(share)
        if p_value < CLEARLY:
            text = phrase("audit.choice_reading.fewer_than_a_coin", share=said)
            do = phrase("audit.choice_reading.repeated_do")
            yield Item(
                CHECK, subject, "stop", text, do, share, "share", p_value, outcomes=(outcome,)
            )
        else:
            text = phrase("audit.choice_reading.repeated", share=said)
            yield Item(CHECK, subject, "fine", text, "", share, "share", p_value)


def pattern_agreement(wave: Wave, outcome: str, by: str) -> tuple[Estimates, FloatArray]:
    """How each task's pattern of means goes with that of all others.

    Estimand
        The sum over levels of d(t) e(t): d a level's mean in task t less its attribute's, e the same
        averaged over the other tasks. Above zero where levels that do well there do well here.
    Variance
        By the delta method from the means' full covariance.

    Parameters
    ----------
    by
        ``"task"`` or ``"profile"``: what is compared.

    Returns
    -------
    Estimates, numpy.ndarray
        One figure a task, named in `group`; and each task's correlation with the others, (tasks,).

    Raises
    ------
    EstimationError
        Fewer than two tasks have answers, or no level was shown in all that have.
    """
    means = marginal_means(wave, by, outcome=outcome).without_missing()
    labels = means.labels
    groups = list(dict.fromkeys(labels["group"]))
    keys = list(zip(labels["attribute"], labels["level"], strict=True))
    own: dict[str, dict[tuple[str, str], int]] = {group: {} for group in groups}
    for row, (group, key) in enumerate(zip(labels["group"], keys, strict=True)):
        own[group][key] = row
    shared = [key for key in own[groups[0]] if all(key in rows for rows in own.values())]
    if len(groups) < 2 or not shared:
        what = "no level was shown in all of them" if not shared else "one alone has answers"
        raise EstimationError(Fault(f'outcome "{outcome}", by {by}', what))
    place = np.array([[own[group][key] for key in shared] for group in groups], dtype=np.intp)
    centre = _centre([attribute for attribute, _ in shared])
    d = means.values[place] @ centre
    T = len(groups)
    others = (d.sum(axis=0) - d) / (T - 1)
    jacobian = np.zeros((T, len(means)))
    for task in range(T):
        jacobian[task, place] += d[task] / (T - 1)
        jacobian[task, place[task]] += others[task] - d[task] / (T - 1)
    rows = labels.iloc[[place[task, 0] for task in range(T)]].assign(
        estimand="agreement of patterns", attribute="", level="", baseline=""
    )
    figures = means.derive((d * others).sum(axis=1), jacobian, rows, CHECK)
    length = np.sqrt((d**2).sum(axis=1) * (others**2).sum(axis=1))
    return figures, np.divide(figures.values, length, out=np.zeros(T), where=length > 0)


def _centre(attributes: list[str]) -> FloatArray:
    """Takes each attribute's average from its levels' figures; symmetric, of shape (L, L)."""
    same = np.equal.outer(np.array(attributes), np.array(attributes))
    return np.asarray(np.eye(len(attributes)) - same / same.sum(axis=1))


def _patterns(wave: Wave, outcome: str, by: str) -> Iterator[Item | Swapped]:
    """One task, or one position, against all the others."""
    if wave.profiles[by].nunique() < 2:
        return
    whole = phrase(f"audit.reading_by.{by}.all", outcome=outcome)
    try:
        figures, correlation = pattern_agreement(wave, outcome, by)
        raw = below(figures)
    except EstimationError as error:
        text = phrase(f"audit.reading_by.{by}.incomparable", reason=error.faults[0].what)
        yield Item(CHECK, whole, "fine", text)
        return
    names = list(figures.labels["group"])
    called = [phrase(f"audit.reading_by.{by}.named", name=name) for name in names]
    wrong = np.flatnonzero(_clearly_under(raw))
    if len(names) == 2 and len(wrong) == 2:
        yield Item(
            CHECK,
            phrase(
                f"audit.reading_by.{by}.subject_both",
                outcome=outcome,
                first=names[0],
                second=names[1],
            ),
            "stop",
            phrase(
                "audit.choice_reading.opposed",
                first=called[0],
                second=called[1],
                outcome=outcome,
                correlation=_signed(correlation[0]),
            ),
            phrase("audit.choice_reading.codes_do", what=phrase(f"audit.reading_by.{by}.both")),
            float(correlation[0]),
            "correlation",
            float(raw[0]),
            outcomes=(outcome,),
        )
        return
    for place in wrong:
        item = Item(
            CHECK,
            phrase(f"audit.reading_by.{by}.subject", outcome=outcome, name=names[place]),
            "stop",
            phrase(
                "audit.choice_reading.swapped_pattern",
                outcome=outcome,
                correlation=_signed(correlation[place]),
            ),
            phrase("audit.choice_reading.codes_do", what=called[place]),
            float(correlation[place]),
            "correlation",
            float(raw[place]),
            outcomes=(outcome,),
        )
        yield Swapped(called[place], item)
    if not len(wrong):
        least = int(correlation.argmin())
        text = phrase(
            f"audit.reading_by.{by}.fine",
            correlation=_signed(correlation[least]),
            place=called[least],
        )
        value = float(correlation[least])
        yield Item(CHECK, whole, "fine", text, "", value, "correlation", float(raw[least]))


def chosen_against(wave: Wave, choice: str, other: str) -> Estimates:
    """Another outcome's mean of chosen profiles less that of the others: in all, then by task.

    Estimand
        E[other | chosen] - E[other | not chosen], over profiles with both answers, as figures of the
        core's cell means; the task is in `group`, empty for all tasks.
    """
    answers = wave.outcome(choice)
    task = wave.profiles["task"].cat
    code = task.codes.to_numpy(dtype=np.intp) * 2 + (answers == 1)
    names = [str(name) for name in task.categories]
    cells = [(name, word) for name in names for word in ("not chosen", "chosen")]

    def compare(sample: Sample) -> Figures:
        both = sample.only(~np.isnan(answers[sample.rows]))
        own = code[both.rows]
        figures = means_of(
            both, [own, own % 2], [len(cells), 2], [cells, [("", "not chosen"), ("", "chosen")]]
        )
        return replace(figures, labels=figures.labels.assign(estimand="mean"))

    means = estimate_each(wave, compare, specify(wave, CHECK, None, "linearised", 0.95), other)
    labels = means.labels
    pairs = [
        (name, labels.index[labels["attribute"] == name].to_list())
        for name in ("", *names)
        if (labels["attribute"] == name).sum() == 2
    ]
    matrix = np.zeros((len(pairs), len(means)))
    for row, (_, (low, high)) in enumerate(pairs):
        matrix[row, low], matrix[row, high] = -1.0, 1.0
    rows = labels.iloc[[high for _, (_, high) in pairs]].assign(
        estimand="chosen less not chosen", group=[name for name, _ in pairs], attribute="", level=""
    )
    return means.contrast(matrix, rows[[*LABELS, *COUNTS]], CHECK)


def _against(wave: Wave, choice: str, other: str) -> Iterator[Item | Swapped]:
    """Chosen profiles are supported, or rated, more than those they were chosen over."""
    try:
        figures = chosen_against(wave, choice, other)
        frame, under = figures.frame, below(figures)
    except EstimationError:
        return
    if not len(frame) or frame["group"].iloc[0]:
        return
    rating = wave.survey.outcomes[other].kind == "rating"

    whole = frame.iloc[0]
    value, chance = float(whole["estimate"]), float(under[0])
    gap = _gap(whole, rating=rating)
    subject = phrase("audit.choice_reading.both", choice=choice, other=other)
    unit, both = "outcome" if rating else "points", {"choice": choice, "other": other}
    if chance < CLEARLY:
        yield Item(
            CHECK, subject, "stop", phrase("audit.choice_reading.against", gap=gap, **both),
            phrase("audit.choice_reading.codes_do", what=subject), value, unit, chance,
            outcomes=(choice, other),
        )  # fmt: skip
        return
    wrong = _clearly_under(under[1:])
    for place in np.flatnonzero(wrong):
        row = frame.iloc[place + 1]
        task, apart = (
            phrase("audit.reading_by.task.named", name=row["group"]),
            _gap(row, rating=rating),
        )
        item = Item(
            CHECK, phrase("audit.choice_reading.subject_task", subject=subject, name=row["group"]),
            "stop", phrase("audit.choice_reading.swapped_against", gap=apart, **both),
            phrase("audit.choice_reading.codes_do", what=task), float(row["estimate"]), unit,
            float(under[place + 1]), outcomes=(choice, other),
        )  # fmt: skip
        yield Swapped(task, item)
    if wrong.any():
        return
    if whole["conf_low"] <= 0 and whole["n_respondents"] >= ENOUGH:
        people = phrase("audit.count.respondents", int(whole["n_respondents"]))
        text = phrase("audit.choice_reading.no_better", gap=gap, respondents=people, **both)
        do = phrase("audit.choice_reading.against_do")
        yield Item(CHECK, subject, "look", text, do, value, unit, chance)
        return
    text = phrase("audit.choice_reading.better", gap=gap, **both)
    yield Item(CHECK, subject, "fine", text, "", value, unit, chance)


def _gap(row: pd.Series[Any], *, rating: bool) -> str:
    """The size of a difference with its interval."""
    value, low, high = (float(row[key]) for key in ("estimate", "conf_low", "conf_high"))
    if value < 0:
        value, low, high = -value, -high, -low
    if rating:
        return f"{numeral(value, 2)} ({between(numeral(low, 2), numeral(high, 2))})"
    return f"{points(value)} ({between(bare_points(low), bare_points(high))})"


def _clearly_under(chance: FloatArray) -> BoolArray:
    # Holm's smallest is the smallest times their number; statsmodels collects garbage each time.
    if not len(chance) or chance.min() * len(chance) >= CLEARLY:
        return np.zeros(0, dtype=bool)
    return np.asarray(adjusted(pd.Series(chance)).to_numpy(dtype=float) < CLEARLY)


def _signed(value: float) -> str:
    return numeral(value, 2)
