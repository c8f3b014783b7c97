"""What two releases of one poll give away together: whoever is in one and not in the other.

Nothing within a release can prevent it: each may be safe, and the second less the first is about three interviews
that came in late. So a release is compared with the one before it, base by base.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conjoint.errors import Fault
from conjoint.say.number import base

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

__all__ = ["compare_releases"]

BASES = {
    "bases": ["group"],
    "question_columns": ["question", "item", "group"],
    "weighting": ["margin", "category"],
}
"""Tables that tell bases, and what they tell them of."""

FIGURES = {
    "questions": ["question", "item", "row", "group"],
    "marginal_means": ["outcome", "group", "attribute", "level"],
}
"""Tables whose figures are of the same people where their bases are the same."""

ROUNDING = 2.5e-4
"""How far two roundings of one figure may be apart."""


def compare_releases(
    before: Mapping[str, pd.DataFrame],
    now: Mapping[str, pd.DataFrame],
    limit: int,
    *,
    same_answers: bool,
) -> tuple[Fault, ...]:
    """List what a release gives away beside the one before it.

    Parameters
    ----------
    before, now
        Tables of the bundle that is out, and of the one that is to be published.
    limit
        The smallest base that is shown.
    same_answers
        Whether both were made from the same file of responses.

    Returns
    -------
    tuple of Fault
        A base that differs by fewer people than the limit; one that was hidden, and is shown now, or the other way
        round, while everybody's differs by fewer; and figures that differ on the same base, though the
        answers are not the same. Empty where the pair tells no more than each release.
    """
    faults: list[Fault] = []
    everybody = _change(before["bases"], now["bases"], ["group"]).query("group == 'Total'")
    near = bool((everybody["change"].abs() < limit).any())
    for name, keys in BASES.items():
        if name in before and name in now:
            faults += _of_bases(
                name, _change(before[name], now[name], keys), keys, limit, near=near
            )
    for name, keys in FIGURES.items():
        if not same_answers and name in before and name in now:
            faults += _of_figures(name, before[name], now[name], keys)
    return tuple(faults)


def _people(table: pd.DataFrame) -> pd.Series[float]:
    """The base of each row; missing where it is not told."""
    column = "n" if "n" in table else "n_respondents"
    people = table[column].astype(float)
    return people.mask(people == 0)


def _change(before: pd.DataFrame, now: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Both bases of everything that either release has, and how they differ."""
    first, second = (
        table[keys].fillna("").assign(people=_people(table)) for table in (before, now)
    )
    both = first.merge(second, on=keys, suffixes=("_before", "_now"))
    return both.assign(change=both["people_now"] - both["people_before"])


def _of_bases(
    name: str, both: pd.DataFrame, keys: list[str], limit: int, *, near: bool
) -> list[Fault]:
    faults = []
    few = (both["change"] != 0) & (both["change"].abs() < limit)
    for row in both[few].to_dict("records"):
        what = (
            f"has a base of {base(row['people_now'])}, and had one of {base(row['people_before'])}: together they "
            f"tell of {base(abs(row['change']))}"
        )
        expected = f"the same base, or one that differs by {limit} or more"
        faults.append(Fault(_where(name, row, keys), what, expected, DO))
    turned = (both["people_now"].isna() != both["people_before"].isna()) & near
    for row in both[turned].to_dict("records"):
        what = "is shown now, and was not" if row["people_now"] > 0 else "was shown, and is not now"
        expected = "what is hidden in one release to be hidden in the other"
        faults.append(Fault(_where(name, row, keys), what, expected, DO))
    return faults


def _of_figures(name: str, before: pd.DataFrame, now: pd.DataFrame, keys: list[str]) -> list[Fault]:
    first, second = (
        table[keys].fillna("").assign(people=_people(table), estimate=table["estimate"])
        for table in (before, now)
    )
    both = first.merge(second, on=keys, suffixes=("_before", "_now"))
    same = both["people_before"] == both["people_now"]
    moved = (both["estimate_before"] - both["estimate_now"]).abs() > ROUNDING
    groups = list(dict.fromkeys(both.loc[same & moved, "group"]))
    return [
        Fault(
            f"{name}, {group}",
            "has the base that it had, and other figures: people may have been exchanged",
            "the same answers, or many more",
            DO,
        )
        for group in groups
    ]


def _where(name: str, row: Mapping[object, object], keys: list[str]) -> str:
    return ", ".join([name, *(str(row[key]) for key in keys if row[key] not in ("", np.nan))])


DO = "Keep to the release that is out, or wait until enough interviews have come in."
