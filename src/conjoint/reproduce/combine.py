"""Published figures as linear combinations of estimates: one row a figure, one column an estimate."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from conjoint.errors import ConjointError
from conjoint.estimate.design import tied_attributes
from conjoint.estimate.groups import NEVER
from conjoint.estimates import Estimates, stack
from conjoint.estimates.model import COUNTS
from conjoint.reproduce.made import LINEARISED, group_name
from conjoint.say.phrase import phrase
from conjoint.survey import INTERLOCK

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from conjoint.reproduce.convention import Convention
    from conjoint.reproduce.made import Errors, Key, Made
    from conjoint.reproduce.wanted import Wanted
    from conjoint.typing import BoolArray, FloatArray, PublishedEstimand

__all__ = ["Combined", "Table", "combine"]

EFFECTS = ("amce", "amce_difference", "acie")
"""Estimands that hang on a baseline."""
SEVERAL = ("acie", "amie", "joint_mean")


@dataclass(frozen=True, eq=False, slots=True)
class Table:
    """Published figures of one estimand and outcome; `where` only if one is published twice."""

    estimand: PublishedEstimand
    outcome: str
    where: str
    wanted: tuple[Wanted, ...]

    @property
    def groups(self) -> tuple[Key, ...]:
        """The groups they are about."""
        return tuple(dict.fromkeys(key for wanted in self.wanted for key in wanted.groups))

    @property
    def has_baselines(self) -> bool:
        """Whether its figures are effects against a baseline."""
        return self.estimand in EFFECTS

    def only(self, keep: BoolArray) -> Table:
        """Some of its figures."""
        own = tuple(w for w, kept in zip(self.wanted, keep, strict=True) if kept)
        return replace(self, wanted=own)


@dataclass(frozen=True, eq=False, slots=True)
class Combined:
    """The figures of a table under one convention.

    Parameters
    ----------
    estimates
        What they are made of; None where nothing could be estimated.
    first, second
        Of shape (n, k): the figure's own group, and for a difference the group taken off.
    missing
        For each figure why it is not there; empty where it is.
    baselines
        For each figure the baseline it is against; empty where there is none.
    rows
        For each figure the estimate that names it.
    """

    estimates: Estimates | None
    first: FloatArray
    second: FloatArray
    missing: tuple[str, ...]
    baselines: tuple[str, ...]
    rows: tuple[int, ...]

    @property
    def known(self) -> BoolArray:
        """Which figures are there."""
        return np.array([not text for text in self.missing], dtype=bool)

    @property
    def values(self) -> FloatArray:
        """The figures, NaN where they are not there."""
        if self.estimates is None:
            return np.full(len(self.missing), np.nan)
        known = np.where(self.estimates.estimable, self.estimates.values, 0.0)
        values = (self.first - self.second) @ known
        return np.where(self.known, values, np.nan)

    def figures(self, *, one_design: bool = False) -> Estimates | None:
        """The figures that are there, with their influence; all groups in one design or each in its own."""
        return self._contrast(self.first - self.second, one_design=one_design)

    def sides(self) -> list[Estimates]:
        """The two groups' figures of differences."""
        both = (self._contrast(self.first), self._contrast(self.second))
        return [side for side in both if side is not None]

    def _contrast(self, matrix: FloatArray, *, one_design: bool = False) -> Estimates | None:
        if self.estimates is None or not self.known.any():
            return None
        named = [row for row, known in zip(self.rows, self.known, strict=True) if known]
        parts = self.estimates.in_one_design() if one_design else self.estimates
        return parts.contrast(matrix[self.known], parts.labels.iloc[named])

    def n_respondents(self) -> list[int]:
        """The people that each figure stands on: of its smallest part."""
        counts = (
            np.zeros(0) if self.estimates is None else self.estimates.labels[COUNTS[1]].to_numpy()
        )
        involved = (self.first != 0) | (self.second != 0)
        return [
            int(counts[row].min()) if known and row.any() else 0
            for row, known in zip(involved, self.known, strict=True)
        ]


def combine(
    made: Made,
    table: Table,
    convention: Convention,
    against: Mapping[str, str] | None = None,
    errors: Errors = LINEARISED,
) -> Combined:
    """Make the figures of a table under a convention.

    Parameters
    ----------
    against
        By attribute the baseline of figures that name none; the survey's where it is not there.
    """
    baselines = [_baselines(made, table, wanted, against or {}) for wanted in table.wanted]
    mappings = _mappings(made, table, convention, baselines)
    parts, failed = _estimates(made, table, convention, errors, mappings)
    places = list(_places(parts))
    notes = [note for part in parts for note in part.notes]
    k = sum(len(part) for part in parts)
    shape = (len(table.wanted), k)
    first, second, missing, rows = np.zeros(shape), np.zeros(shape), [], []
    for row, (wanted, baseline) in enumerate(zip(table.wanted, baselines, strict=True)):
        place = _place_of(wanted, baseline, mappings, made, convention, table)
        why = ""
        for matrix, key in zip((first, second), wanted.groups, strict=False):
            if key in failed:
                why = why or failed[key]
                continue
            lookup = places[place]
            terms = _terms(made, table, convention, wanted, baseline, mappings[place])
            for level, sign in terms:
                found = lookup.get((group_name(key), wanted.attribute, level))
                note = NEVER if found is None else notes[found]
                if found is None or note:
                    why = why or _never(wanted.attribute, level, group_name(key), note)
                    continue
                matrix[row, found] += sign
        missing.append(why)
        named = np.flatnonzero(first[row])
        rows.append(int(named[0]) if len(named) else 0)
    texts = tuple(INTERLOCK.join(own) for own in baselines)
    whole = stack(parts) if parts else None
    return Combined(whole, first, second, tuple(missing), texts, tuple(rows))


def _never(attribute: str, level: str, group: str, note: str) -> str:
    return phrase(
        "reproduction.missing.no_figure",
        level=level,
        attribute=attribute,
        group=group,
        reason=phrase("reproduction.missing.never") if note == NEVER else note,
    )


def _baselines(
    made: Made, table: Table, wanted: Wanted, against: Mapping[str, str]
) -> tuple[str, ...]:
    """The baseline of each of a figure's attributes: its own, the one looked for, or the survey's."""
    if not table.has_baselines:
        return ()
    attributes = made.wave.survey.attributes
    return wanted.baselines or tuple(
        against.get(name, attributes[name].values[attributes[name].baseline_index])
        for name in wanted.attributes
    )


def _is_apart(made: Made, table: Table, convention: Convention, attribute: str) -> bool:
    """Whether effects against another baseline are differences of effects."""
    if table.estimand == "acie":
        return False
    tied = convention.averaging != "ignored" and attribute in tied_attributes(made.wave.survey)
    return convention.of_means or not tied


def _mappings(
    made: Made, table: Table, convention: Convention, baselines: Sequence[tuple[str, ...]]
) -> list[dict[str, str]]:
    """Baselines by attribute for every estimate that is needed, the survey's own first."""
    mappings: list[dict[str, str]] = [{}]
    for wanted, own in zip(table.wanted, baselines, strict=True):
        need = _other(made, table, convention, wanted, own)
        if need and not any(_fits(need, mapping) for mapping in mappings):
            for mapping in mappings[1:]:
                if all(mapping.get(name, level) == level for name, level in need.items()):
                    mapping |= need
                    break
            else:
                mappings.append(need)
    return mappings


def _other(
    made: Made, table: Table, convention: Convention, wanted: Wanted, own: tuple[str, ...]
) -> dict[str, str]:
    """The baselines that an estimate has to be told for a figure: all its own, if any is another."""
    if not own or _is_apart(made, table, convention, wanted.attribute):
        return {}
    attributes = made.wave.survey.attributes
    need = dict(zip(wanted.attributes, own, strict=True))
    usual = all(
        attributes[name].values[attributes[name].baseline_index] == level
        for name, level in need.items()
    )
    return {} if usual else need


def _fits(need: Mapping[str, str], mapping: Mapping[str, str]) -> bool:
    return all(mapping.get(name) == level for name, level in need.items())


def _place_of(
    wanted: Wanted,
    own: tuple[str, ...],
    mappings: Sequence[Mapping[str, str]],
    made: Made,
    convention: Convention,
    table: Table,
) -> int:
    need = _other(made, table, convention, wanted, own)
    if not need:
        return 0
    return next(place for place, mapping in enumerate(mappings) if _fits(need, mapping))


def _estimates(
    made: Made,
    table: Table,
    convention: Convention,
    errors: Errors,
    mappings: Sequence[Mapping[str, str]],
) -> tuple[list[Estimates], dict[Key, str]]:
    """The estimates for every mapping of baselines, of the groups that have some; why others lack."""
    several: tuple[tuple[str, ...], ...] = ()
    if table.estimand in SEVERAL:
        several = tuple(dict.fromkeys(wanted.attributes for wanted in table.wanted))

    def get(groups: Sequence[Key]) -> list[Estimates]:
        return [
            made.estimates(
                table.estimand, convention, table.outcome, groups, errors,
                baselines=mapping, several=several,
            )
            for mapping in mappings
        ]  # fmt: skip

    try:
        return get(table.groups), {}
    except ConjointError:
        failed = {}
        for key in table.groups:
            try:
                get((key,))
            except ConjointError as error:
                failed[key] = f"{error.faults[0].where}: {error.faults[0].what}"
        left = [key for key in table.groups if key not in failed]
        return (get(left) if left else []), failed


def _places(parts: Sequence[Estimates]) -> Iterator[dict[tuple[str, str, str], int]]:
    """For each estimate, where among all of them a group's level is."""
    start = 0
    for part in parts:
        keys = part.labels[["group", "attribute", "level"]].itertuples(index=False, name=None)
        yield {key: start + row for row, key in enumerate(keys)}
        start += len(part)


def _terms(
    made: Made,
    table: Table,
    convention: Convention,
    wanted: Wanted,
    own: tuple[str, ...],
    mapping: Mapping[str, str],
) -> list[tuple[str, float]]:
    """The levels whose figures make the one that is wanted, with their signs."""
    terms = [(wanted.level, 1.0)]
    if own and _is_apart(made, table, convention, wanted.attribute):
        attribute = made.wave.survey.attributes[wanted.attribute]
        usual = mapping.get(wanted.attribute, attribute.values[attribute.baseline_index])
        if convention.of_means or own[0] != usual:
            terms.append((own[0], -1.0))
    return terms
