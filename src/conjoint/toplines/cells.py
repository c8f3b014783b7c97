"""Which means of levels are not shown, and which levels of the grid are put together so that their cells are.

Means of levels, and of the grid's combinations, are sums over profiles: those on too small a base are hidden, and as
many more as it takes that none follows. Where that would leave out cells of a group's grid, levels that stand beside
each other are put together instead (:mod:`conjoint.withhold.merge`): the finest table of which every cell may be
shown. What is shown of all groups, and the means of all levels, must not tell of few people together with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from conjoint.estimate import joint_means
from conjoint.estimate.design import cell_names, cells_of, level_cells
from conjoint.estimates import stack
from conjoint.survey import INTERLOCK
from conjoint.wave import TOTAL, count_shown
from conjoint.withhold.derive import joined_by_followers, suppressed_columns
from conjoint.withhold.merge import Merging, Seen, merge_levels

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from typing import Any

    from conjoint.estimates import Estimates
    from conjoint.typing import BoolArray, FloatArray, IntArray, Integers
    from conjoint.wave import Wave
    from conjoint.withhold.decision import Together

    Key = tuple[str, str, str, str]
    """Outcome, attribute, level and group of a mean."""

    Merged = Mapping[str, tuple[Together, Together]]

__all__ = ["find_cells", "grid_means"]


def find_cells(
    wave: Wave,
    hidden: Collection[str],
    further: Mapping[str, BoolArray] | None = None,
    known: Collection[Key] = (),
    merged: Merged | None = None,
) -> tuple[frozenset[Key], dict[str, tuple[Together, Together]]]:
    """Find the means of levels and of the grid's combinations that are not shown, outcome by outcome.

    Parameters
    ----------
    hidden
        Groups of which nothing is shown.
    further
        Groups besides the segments, with their people.
    known, merged
        What has been decided without these, where there are some: it is published, and is kept to.

    Returns
    -------
    cells
        (outcome, attribute, level, group) of the means that are not shown; those of the grid also with its
        attributes the other way round.
    merged
        By group how the levels of the grid's attributes are put together.
    """
    survey, limit = wave.survey, wave.survey.thresholds.suppress_below
    groups = {name: wave.segment(name) for name in survey.segments} | dict(further or {})
    names = [name for name in groups if name not in hidden]
    people = np.stack([np.ones(wave.n_respondents), *(groups[name] for name in names)], axis=1)
    found: set[Key] = {*known}
    together = dict(merged or {})
    for outcome in survey.outcomes:
        means = _Means.of(wave, outcome, (TOTAL, *names), people.astype(float))
        gone = means.gone(limit)
        gone |= means.rows_of(known, outcome)
        if means.pair:
            made, blank = _merge(wave, means, gone, limit, further or (), together)
            together |= made
            gone[len(gone) - means.sizes[-1] + np.flatnonzero(level_cells(survey, means.pair))] = (
                blank
            )
        for (attribute, levels), part in zip(means.kinds, _split(gone, means.sizes), strict=True):
            found |= {
                (outcome, attribute, levels[place], means.groups[group])
                for place, group in zip(*np.nonzero(part), strict=True)
                if levels[place]
            }
    return frozenset(found | _turned(found)), together


def _turned(cells: Collection[Key]) -> set[Key]:
    """Cells of two attributes, named the other way round."""
    made = set()
    for outcome, attribute, level, group in cells:
        names, levels = attribute.split(INTERLOCK), level.split(INTERLOCK)
        if len(names) == len(levels) == 2:
            made.add((outcome, INTERLOCK.join(names[::-1]), INTERLOCK.join(levels[::-1]), group))
    return made


def grid_means(
    wave: Wave, by: str | Sequence[str] | None, merged: Merged, **options: Any
) -> Estimates:
    """The means of the grid's combinations, of each group with the levels that are put together there.

    Parameters
    ----------
    merged
        Of :class:`conjoint.withhold.decision.Withheld`.
    options
        As for :func:`conjoint.joint_means`.
    """
    pair, outcome = wave.survey.report.grid, wave.survey.grid_outcome
    fine = joint_means(wave, pair, by, **options)
    keys = fine.labels[["outcome", "group"]].drop_duplicates().itertuples(index=False, name=None)
    made: dict[tuple[Together, Together], Estimates] = {}
    parts = []
    for name, group in list(keys):
        own = merged.get(group) if name == outcome else None
        if own is None:
            parts.append(fine.select(outcome=name, group=group))
            continue
        if own not in made:
            merge = dict(zip(pair, own, strict=True))
            made[own] = joint_means(wave, pair, by, merge=merge, **{**options, "outcome": name})
        parts.append(made[own].select(group=group))
    return stack(parts) if made else fine


@dataclass(frozen=True, eq=False)
class _Means:
    """What is published of an outcome: kinds of cells, one after another, the grid's last where it is of it.

    `kinds` are attributes with the names of their cells; those that do not show an attribute, of which nothing is
    published, are empty. `codes` are the cells of the profiles that count, `people` who saw them, `shown` how many
    profiles of each cell each person saw, `members` who is in which group.
    """

    groups: tuple[str, ...]
    kinds: list[tuple[str, tuple[str, ...]]]
    sizes: list[int]
    codes: list[Integers]
    people: IntArray
    shown: Integers
    members: FloatArray
    pair: tuple[str, ...]

    @classmethod
    def of(cls, wave: Wave, outcome: str, groups: tuple[str, ...], members: FloatArray) -> _Means:
        survey = wave.survey
        rows = ~np.isnan(wave.outcome(outcome)) & (wave.weights > 0)[wave.respondent_index]
        pair = survey.report.grid if outcome == survey.grid_outcome else ()
        wanted: list[tuple[str, ...]] = [(name,) for name in survey.attributes]
        wanted += [pair] if pair else []
        kinds, codes = [], []
        for names in wanted:
            levels = zip(cell_names(survey, names), level_cells(survey, names), strict=True)
            cells = tuple(own[1] if has else "" for own, has in levels)
            kinds.append((INTERLOCK.join(names), cells))
            codes.append(cells_of(wave, names)[0][rows])
        sizes = [len(levels) for _, levels in kinds]
        people = wave.respondent_index[rows]
        shown = [
            count_shown(code, size, people, wave.n_respondents)
            for code, size in zip(codes, sizes, strict=True)
        ]
        return cls(groups, kinds, sizes, codes, people, np.concatenate(shown), members, pair)

    @property
    def n(self) -> FloatArray:
        """People who saw each cell, by group; (cells, groups)."""
        return np.asarray((self.shown > 0).astype(float) @ self.members)

    def gone(self, limit: int) -> BoolArray:
        """Which cells are not shown of which group, if none are put together; (cells, groups)."""
        n, members = self.n, self.members
        gone = (n < limit) & (n > 0)
        if len(members.T) > 1:
            # The people of a level in one group, less those of it in another, may be few.
            for cell in np.flatnonzero(n[:, 0] >= limit):
                small, joined = suppressed_columns(
                    members[self.shown[cell] > 0], [], limit, gone[cell]
                )
                gone[cell] = small | joined
        settled = not gone.any()
        while not settled:
            before = gone.copy()
            for group in np.flatnonzero(gone.any(axis=0)):
                shared = self.crossed(members[:, group] > 0)
                hidden, base = np.append([False], gone[:, group]), np.append(np.inf, n[:, group])
                gone[:, group] = joined_by_followers(shared, hidden, base)[1:]
            for cell in np.flatnonzero(gone.any(axis=1)):
                shared = (members * self.shown[cell][:, None]).T @ members
                gone[cell] = joined_by_followers(shared, gone[cell], n[cell])
            settled = bool((gone == before).all())
        return gone

    def rows_of(self, known: Collection[Key], outcome: str) -> BoolArray:
        """Which cells are among those known, of shape (cells, groups)."""
        found = [
            [(outcome, attribute, level, group) in known for group in self.groups]
            for attribute, levels in self.kinds
            for level in levels
        ]
        return np.array(found, dtype=bool)

    def crossed(self, who: BoolArray) -> FloatArray:
        """How many of some people's profiles each two cells share, all profiles first: what is known of them
        together is known of a choice, which half of them win.
        """
        inside = who[self.people]
        codes = [np.zeros(int(inside.sum()), dtype=np.intp), *(own[inside] for own in self.codes)]
        sizes = [1, *self.sizes]
        return np.block(
            [
                [
                    np.bincount(a.astype(np.intp) * width + b, minlength=height * width)
                    .reshape(height, width)
                    .astype(float)
                    for b, width in zip(codes, sizes, strict=True)
                ]
                for a, height in zip(codes, sizes, strict=True)
            ]
        )


def _split(gone: BoolArray, sizes: list[int]) -> list[BoolArray]:
    return np.split(gone, np.cumsum(sizes)[:-1])


def _merge(
    wave: Wave, means: _Means, gone: BoolArray, limit: int, further: Collection[str], merged: Merged
) -> tuple[dict[str, tuple[Together, Together]], BoolArray]:
    """Put levels of the grid together; by group how, and which cells of single levels are not shown.

    Parameters
    ----------
    gone
        Figures that are not shown if none are put together; (cells, groups).
    further, merged
        As for `find_cells`; where something is merged, all groups of these are looked at.
    """
    attributes = [wave.survey.attributes[name] for name in means.pair]
    levels = [len(attribute.levels) for attribute in attributes]
    has = level_cells(wave.survey, means.pair)
    grid = len(gone) - means.sizes[-1] + np.flatnonzero(has)
    inside = (
        np.isin(means.groups, list(further)) if further else np.ones(len(means.groups), dtype=bool)
    )
    undecided = (gone[grid].any(axis=0) | bool(further and merged)) & inside
    orders = [attribute.order for attribute in attributes]
    if orders == [None, None] or not undecided.any():
        return {}, gone[grid]
    everybody = means.members.sum(axis=0)
    seen = Seen(
        (means.shown[grid] > 0).reshape(*levels, -1),
        means.members > 0,
        np.concatenate([everybody[None], means.n]),
        means.crossed,
        grid + 1,
    )
    hidden = np.concatenate([np.zeros((1, len(means.groups)), dtype=bool), gone])
    values = [attribute.values for attribute in attributes]
    decided = {
        place: Merging(
            *(
                tuple(tuple(own.index(level) for level in run) for run in runs)
                for own, runs in zip(values, merged[group], strict=True)
            )
        )
        for place, group in enumerate(means.groups)
        if group in merged
    }
    made, blank = merge_levels(seen, (orders[0], orders[1]), hidden, undecided, limit, decided)
    found = {}
    for place, merging in made.items():
        across, down = (
            tuple(tuple(own[level] for level in run) for run in runs)
            for own, runs in zip(values, merging, strict=True)
        )
        found[means.groups[place]] = (across, down)
    return found, blank
