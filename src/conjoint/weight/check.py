"""Targets held against respondents: what the weights have to meet, and every fault in it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from conjoint.errors import Fault, choices
from conjoint.say.number import between, exact, percent_by_size
from conjoint.survey.check import check_segments_of
from conjoint.weight.coding import Coder
from conjoint.weight.constraint import Constraint, Mean, Shares

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from conjoint.survey import Margin, Segment, Targets
    from conjoint.typing import BoolArray, FloatArray

__all__ = ["check_targets", "read_constraints"]


def check_targets(
    respondents: pd.DataFrame,
    targets: Targets,
    segments: Mapping[str, Segment] | None = None,
    weights: FloatArray | None = None,
) -> list[Fault]:
    """Hold targets against respondents: every fault that would keep the weighting from working.

    Parameters
    ----------
    respondents
        One row a respondent.
    targets
        The margins.
    segments
        The survey's segments, for targets that are about their members.
    weights
        Starting weights, of shape (respondents,). Who has none is not counted.
    """
    return read_constraints(respondents, targets, segments or {}, weights)[1]


def read_constraints(
    respondents: pd.DataFrame,
    targets: Targets,
    segments: Mapping[str, Segment],
    weights: FloatArray | None = None,
) -> tuple[list[Constraint], list[Fault]]:
    """Turn targets into constraints on respondents, with the faults of :func:`check_targets`.

    The constraints serve only where there is no fault.
    """
    coder = Coder(respondents)
    counted = np.ones(len(respondents), bool) if weights is None else weights > 0
    constraints: list[Constraint] = []
    faults: list[Fault] = []
    if counted.sum() < 2:
        what = "one respondent" if counted.any() else "no respondent"
        expected = "two respondents or more, with weights above zero"
        return [], [Fault(targets.where, f"{what} cannot be weighted", expected)]
    undeclared = check_segments_of(targets, segments)
    faults += undeclared
    for margin in targets.margins:
        where = targets.place(margin)
        if where in {fault.where for fault in undeclared}:
            continue
        found = _absent(margin, respondents, segments, where)
        if found:
            faults += found
            continue
        members = None
        if margin.segment is not None:
            members = segments[margin.segment].where.members(respondents)
        inside = counted if members is None else counted & members
        if members is not None and not inside.any():
            expected = "somebody with a weight above zero"
            faults.append(Fault(where, f'nobody is in the segment "{margin.segment}"', expected))
            continue
        constraint: Constraint
        if margin.mean is None:
            constraint, found = _shares(coder, margin, members, inside, where)
        else:
            constraint, found = _mean(coder, margin, members, inside, where)
        constraints.append(constraint)
        faults += found
    return constraints, faults


def _absent(
    margin: Margin, respondents: pd.DataFrame, segments: Mapping[str, Segment], where: str
) -> list[Fault]:
    """Columns and segments that are not there."""
    needed = list(margin.columns)
    if margin.segment is not None:
        needed += [name for name, _ in segments[margin.segment].where.conditions()]
    absent = [name for name in dict.fromkeys(needed) if name not in respondents.columns]
    if not absent:
        return []
    what = f"there is no respondent column {choices(absent)}"
    return [Fault(where, what, choices(respondents.columns), "Correct the margin's name.")]


def _shares(
    coder: Coder, margin: Margin, members: BoolArray | None, inside: BoolArray, where: str
) -> tuple[Shares, list[Fault]]:
    codes, texts = coder.combinations(margin.columns)
    shares = dict(zip(margin.categories, margin.shares.values(), strict=True))
    own = codes if inside.all() else codes[inside]
    unknown, *counts = np.bincount(own + 1, minlength=len(texts) + 1).tolist()
    there = {text: count for text, count in zip(texts, counts, strict=True) if count}
    faults = [
        Fault(
            where,
            f'nobody {_weighed(coder, margin, members, category)}is in the category "{category}" '
            f"(target {percent_by_size(share)})",
            f"one of {choices(sorted(there))}",
            "Correct its spelling, or merge it with another category.",
        )
        for category, share in shares.items()
        if share > 0 and category not in there
    ]
    faults += [
        Fault(
            where,
            f'{_people(there[text])} in "{text}", which has no target'
            + (" above zero" if text in shares else ""),
            choices(shares),
            "Add the target, or recode the respondents.",
        )
        for text in sorted(there)
        if not shares.get(text)
    ]
    keeps = unknown > 0 and _keeps(margin)
    if unknown and not keeps:
        what = f"{unknown} respondent{'s have' if unknown > 1 else ' has'} no answer"
        faults.append(Fault(where, what, "a category for everybody", _unanswered(margin)))
    places = {category: place for place, category in enumerate(shares)}
    to = np.array([*(places.get(text, 0) for text in texts), 0], dtype=np.intp)
    same = not unknown and np.array_equal(to[:-1], np.arange(len(texts)))
    wanted = np.array(list(shares.values()))
    return Shares(
        codes if same else to[codes], wanted, members, codes < 0 if keeps else None
    ), faults


def _mean(
    coder: Coder, margin: Margin, members: BoolArray | None, inside: BoolArray, where: str
) -> tuple[Mean, list[Fault]]:
    values, wanted = coder.numbers(margin.columns[0]), float(margin.mean or 0.0)
    constraint = Mean(np.where(np.isnan(values), 0.0, values), wanted, members)
    unknown = inside & ~np.isfinite(values)
    silent = coder.respondents[margin.columns[0]].isna().to_numpy()
    if _keeps(margin) and (inside & silent).any() and (inside & ~silent).any():
        constraint = replace(constraint, unknown=silent)
        unknown, inside = unknown & ~silent, inside & ~silent
    if unknown.any():
        column = coder.respondents[margin.columns[0]]
        texts = list(dict.fromkeys(map(str, column[unknown].dropna())))[:3]
        shown = f", but {choices(f'{text!r}' for text in texts)}" if texts else ""
        what = f"{int(unknown.sum())} respondent(s) have no number{shown}"
        return constraint, [Fault(where, what, "a number for everybody", _unanswered(margin))]
    low, high = float(values[inside].min()), float(values[inside].max())
    if not low < wanted < high and not low == wanted == high:
        what = f"a mean of {wanted:g} is out of reach: answers go from {between(exact(low), exact(high))}"
        return constraint, [Fault(where, what, "a mean between the two", "Correct the figure.")]
    return constraint, []


def _keeps(margin: Margin) -> bool:
    """Whether people without an answer keep their share: only among everybody."""
    return margin.unknown == "keep" and margin.segment is None


def _unanswered(margin: Margin) -> str:
    """What to do about people without an answer."""
    if margin.segment is not None:
        return 'Say unknown = "drop" of the margin under [weighting], or leave the margin out.'
    return (
        "Give them one (such as Unknown) with a target, leave the margin out, or say under [weighting] "
        'what becomes of them: unknown = "keep" or "drop".'
    )


def _weighed(coder: Coder, margin: Margin, members: BoolArray | None, category: str) -> str:
    """Words for a category that people are in, none of them with a weight."""
    codes, texts = coder.combinations(margin.columns)
    everybody = codes if members is None else codes[members]
    there = category in texts and (everybody == texts.index(category)).any()
    return "with a weight above zero " if there else ""


def _people(count: int) -> str:
    return f"{count} respondents are" if count > 1 else "1 respondent is"
