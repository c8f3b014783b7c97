"""Under which conventions the values of a published table appear."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from conjoint.reproduce.combine import combine
from conjoint.reproduce.convention import conventions_for
from conjoint.reproduce.rounding import is_same
from conjoint.say.phrase import phrase

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conjoint.reproduce.combine import Combined, Table
    from conjoint.reproduce.convention import Convention
    from conjoint.reproduce.made import Made
    from conjoint.typing import BoolArray, FloatArray

__all__ = ["Found", "find_values", "published_values"]


@dataclass(frozen=True, eq=False, slots=True)
class Found:
    """A table under one convention.

    Parameters
    ----------
    convention
        How its values are made.
    against
        By attribute the baselines that were found, where none was published.
    scale
        What each figure is multiplied by to be in the published unit, of shape (n,); below zero where
        signs are the other way round.
    said
        Words for units or signs that are not as published.
    combined
        The figures.
    same
        Which of them are the published ones, of shape (n,).
    """

    convention: Convention
    against: Mapping[str, str]
    scale: FloatArray
    said: str
    combined: Combined
    same: BoolArray

    @property
    def name(self) -> str:
        """The convention in words."""
        return f"{self.convention.name}, {self.said}" if self.said else self.convention.name

    @property
    def values(self) -> FloatArray:
        """The figures in the published unit."""
        return self.combined.values * self.scale


def find_values(made: Made, table: Table) -> tuple[list[Found], list[Found]]:
    """Every convention, and those among them that give most of the published values.

    Other baselines, units and signs than those published are looked for only if the conventions with
    these do not give all values, and taken only where they give more. A convention other than the
    default is taken only where it gives half of the values or more: fewer may appear by chance.

    Returns
    -------
    list, list
        All that were tried, the default first; and the best, all that give equally many, in order.
        The best are none where no value appears.
    """
    pairs = len({wanted.attributes for wanted in table.wanted})
    conventions = conventions_for(made, table.estimand, pairs=pairs)
    usual = [_try(made, table, convention, {}) for convention in conventions]
    tried = list(usual)
    complete = int(usual[0].combined.known.sum())
    if _most(tried) < complete and table.has_baselines:
        again = [_with_baselines(made, table, found) for found in usual]
        tried = [max(pair, key=_count) for pair in zip(usual, again, strict=True)]
    if _most(tried) < complete:
        tried = [_with_scale(table, found) for found in tried]
    most = _most(tried)
    default = tried[0]
    if 2 * most < complete or most == 0:
        return tried, [default] if default.same.any() else []
    return tried, [found for found in tried if _count(found) == most]


def published_values(table: Table) -> tuple[FloatArray, FloatArray]:
    """Published values and their decimals."""
    figures = [wanted.figure for wanted in table.wanted]
    values = np.array([figure.value for figure in figures], dtype=float)
    return values, np.array([figure.decimals for figure in figures], dtype=float)


def _count(found: Found) -> int:
    return int(found.same.sum())


def _most(tried: Sequence[Found]) -> int:
    return max(_count(found) for found in tried)


def _try(made: Made, table: Table, convention: Convention, against: Mapping[str, str]) -> Found:
    """A convention with the units published; without any, in shares or in points."""
    combined = combine(made, table, convention, against)
    said = [_unit(wanted.figure.unit) for wanted in table.wanted]
    options = [
        _found(table, convention, against, combined, np.array([s or scale for s in said]), "")
        for scale in (1.0, 100.0)
    ]
    return max(options, key=_count)


def _unit(unit: str | None) -> float:
    """What figures are multiplied by; 0 where it is not said."""
    return {"share": 1.0, "percent": 100.0, "points": 100.0}.get(unit or "", 0.0)


def _found(
    table: Table,
    convention: Convention,
    against: Mapping[str, str],
    combined: Combined,
    scale: FloatArray,
    said: str,
) -> Found:
    published, decimals = published_values(table)
    same = is_same(combined.values * scale, published, decimals)
    return Found(convention, against, scale, said, combined, same)


def _with_baselines(made: Made, table: Table, found: Found) -> Found:
    """The baselines of attributes, where none is published, that give most of their values."""
    attributes = made.wave.survey.attributes
    open_ = {w.attribute for w in table.wanted if not w.baselines and len(w.attributes) == 1}
    names = [name for name in attributes if name in open_]
    own = {
        name: _others(attributes[name].values, attributes[name].baseline_index) for name in names
    }
    best = {name: (_count_of(table, found, name), "") for name in names}
    whole = {name: sum(w.attribute == name for w in table.wanted) for name in names}
    for step in range(max(map(len, own.values()), default=0)):
        against = {
            name: own[name][step]
            for name in names
            if step < len(own[name]) and best[name][0] < whole[name]
        }
        if not against:
            break
        trial = _try(made, table, found.convention, against)
        for name, level in against.items():
            count = _count_of(table, trial, name)
            if count > best[name][0]:
                best[name] = (count, level)
    chosen = {name: level for name, (_, level) in best.items() if level}
    return _try(made, table, found.convention, chosen) if chosen else found


def _others(values: Sequence[str], baseline: int) -> list[str]:
    return [value for place, value in enumerate(values) if place != baseline]


def _count_of(table: Table, found: Found, attribute: str) -> int:
    own = [wanted.attribute == attribute for wanted in table.wanted]
    return int(found.same[own].sum())


def _with_scale(table: Table, found: Found) -> Found:
    """The same with signs the other way round, or in the other unit, where that gives more."""
    signs = (1.0,) if table.estimand in ("marginal_mean", "joint_mean") else (1.0, -1.0)
    other = np.where(np.abs(found.scale) == 100, 1.0, 100.0)
    shown = phrase(
        "reproduction.convention.shares_not_points"
        if (np.abs(found.scale) == 100).all()
        else "reproduction.convention.points_not_shares"
    )
    options = [found]
    for sign in signs:
        for scale, unit in ((np.abs(found.scale), ""), (other, shown)):
            words = [phrase("reproduction.convention.signs")] * (sign < 0) + [unit] * bool(unit)
            if words:
                options.append(
                    _found(
                        table, found.convention, found.against, found.combined,
                        sign * scale, ", ".join(words),
                    )
                )  # fmt: skip
    return max(options, key=_count)
