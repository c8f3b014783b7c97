"""What is not shown of whom: figures on too small a base, and those that would give them away.

A figure that is left out of one table can stand in another, or follow from it. So what is left out is
decided here once, for question tables, conjoint figures and comparisons of waves alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from conjoint.errors import EstimationError
from conjoint.estimate.design import cell_names, cells_of, level_cells
from conjoint.survey import INTERLOCK
from conjoint.toplines.answers import answered, items_of
from conjoint.toplines.banner import make_banner
from conjoint.toplines.suppress import joined_by_followers, suppressed_columns
from conjoint.wave import TOTAL, count_shown
from conjoint.wave.group import SEGMENTS

if TYPE_CHECKING:
    import pandas as pd

    from conjoint.typing import BoolArray, FloatArray, Integers
    from conjoint.wave import Wave

__all__ = ["Withheld", "find_withheld", "hidden_segments", "without_small_categories"]


@dataclass(frozen=True, slots=True)
class Withheld:
    """What is not shown of a wave's segments.

    Parameters
    ----------
    segments
        Those too small, and those that would give them away: none of their conjoint figures is shown.
    answers
        (question, respondent column, group) of toplines that are not shown.
    items
        The same as (question, item, group).
    cells
        (outcome, attribute, level, group) of marginal and joint means that are not shown.
    """

    segments: frozenset[str]
    answers: frozenset[tuple[str, str, str]]
    items: frozenset[tuple[str, str, str]]
    cells: frozenset[tuple[str, str, str, str]]

    def of_toplines(self, frame: pd.DataFrame) -> BoolArray:
        """Which rows of a frame of toplines, or of their differences, are not shown."""
        own, known = ("item", self.items) if "item" in frame else ("attribute", self.answers)
        found = self._rows(frame, ("outcome", own, "group"), known)
        if "reference" in frame:
            found |= self._rows(frame, ("outcome", own, "reference"), known)
        return found

    def of_both(self, frame: pd.DataFrame) -> BoolArray:
        """Which rows are not shown of a frame of toplines (by item) and conjoint figures, told by `kind`."""
        is_topline = (frame["kind"] == "topline").to_numpy()
        return np.where(is_topline, self.of_toplines(frame), self.of_levels(frame))

    def of_levels(self, frame: pd.DataFrame) -> BoolArray:
        """Which rows of a frame of conjoint figures are not shown: a figure of two cells tells both."""
        found: BoolArray = np.isin(frame["group"].to_numpy(dtype=str), list(self.segments))
        for level in ("level", "baseline", "high", "low"):
            for group in ("group", "reference"):
                if level in frame and group in frame:
                    found |= self._rows(frame, ("outcome", "attribute", level, group), self.cells)
        return found

    @staticmethod
    def _rows(
        frame: pd.DataFrame, names: tuple[str, ...], known: frozenset[tuple[str, ...]]
    ) -> BoolArray:
        if not known:
            return np.zeros(len(frame), dtype=bool)
        keys = zip(*(frame[name].astype(str) for name in names), strict=True)
        return np.array([key in known for key in keys], dtype=bool)


def find_withheld(wave: Wave) -> Withheld:
    """Find what is not shown of the total and the segments of a wave.

    Toplines as in the question tables by the survey's segments and crossbreaks (see
    :func:`conjoint.toplines.suppress.suppressed_columns`). Conjoint figures: no mean of a level or of
    two levels whose base is under the limit is a sum of means shown, some of them taken off, over the
    levels of a group or over the groups of a level; the smallest without which it is not joins it.
    """
    segments = hidden_segments(wave)
    told = _answers(wave)
    return Withheld(
        frozenset(segments),
        frozenset((question, column, group) for question, _, column, group in told),
        frozenset((question, item, group) for question, item, _, group in told),
        _cells(wave, frozenset(segments)),
    )


def hidden_segments(wave: Wave) -> tuple[str, ...]:
    """Segments under the limit, and those from which they could be worked out."""
    names = list(wave.survey.segments)
    if not names:
        return ()
    members = _members(wave, names)
    small, joined = suppressed_columns(
        members.T @ members,
        [np.arange(1, len(names) + 1, dtype=np.intp)],
        wave.survey.thresholds.suppress_below,
    )
    return tuple(name for name, gone in zip(names, (small | joined)[1:], strict=True) if gone)


def without_small_categories(frame: pd.DataFrame, limit: int) -> pd.DataFrame:
    """The weighting table without the sample's share of categories under the limit.

    Categories of a margin hold everybody between them, so a second one goes where one alone would
    follow from the others.
    """
    frame = frame.assign(
        n=frame["n"].astype(float), unweighted=frame["unweighted"].astype(float), reading="safe"
    )
    for _, own in frame[frame["unit"] == "share"].groupby("margin", sort=False):
        n = own["n"].to_numpy(dtype=float)
        shared = np.diag([n.sum(), *n])
        shared[0, 1:] = shared[1:, 0] = n
        block = np.arange(1, len(n) + 1, dtype=np.intp)
        small, joined = suppressed_columns(shared, [block], limit)
        gone = own.index[(small | joined)[1:]]
        frame.loc[gone, ["n", "unweighted"]] = np.nan
        frame.loc[gone, "reading"] = "suppressed"
    return frame


def _members(wave: Wave, segments: list[str]) -> FloatArray:
    """Who stands in the total and in each segment; (respondents, 1 + segments)."""
    everybody = np.ones(wave.n_respondents)
    return np.stack([everybody, *(wave.segment(name).astype(float) for name in segments)], axis=1)


def _answers(wave: Wave) -> list[tuple[str, str, str, str]]:
    """Question, item, respondent column and group of what is not shown."""
    survey, limit = wave.survey, wave.survey.thresholds.suppress_below
    if not survey.segments or not limit:
        return []
    try:
        banner = make_banner(wave)
    except (
        EstimationError
    ):  # nobody has an answer to a crossbreak: there are no tables to agree with
        banner = make_banner(wave, [SEGMENTS])
    members = banner.members.astype(float)
    found: list[tuple[str, str, str, str]] = []
    for name, question in survey.questions.items():
        for item in items_of(question):
            own = answered(wave, name, item)
            inside = members[own.asked]
            if inside.sum(axis=0).min() >= limit:
                continue
            small, joined = suppressed_columns(inside.T @ inside, banner.blocks, limit)
            found += [
                (name, item, own.column, column.key)
                for column, gone in zip(banner.columns, small | joined, strict=True)
                if gone
                and (column.key == TOTAL or column.crossbreak == banner.columns[1].crossbreak)
            ]
    return found


def _cells(wave: Wave, segments: frozenset[str]) -> frozenset[tuple[str, str, str, str]]:
    """Means of levels, and of the grid's combinations, outcome by outcome."""
    names = [name for name in wave.survey.segments if name not in segments]
    members, weighted = _members(wave, names), wave.weights > 0
    found = []
    for outcome in wave.survey.outcomes:
        rows = ~np.isnan(wave.outcome(outcome)) & weighted[wave.respondent_index]
        kinds, codes, sizes = _kinds(wave, outcome)
        gone = _gone(wave, rows, codes, sizes, members)
        for (attribute, levels), own in zip(kinds, _split(gone, sizes), strict=True):
            found += [
                (outcome, attribute, levels[place], (TOTAL, *names)[group])
                for place, group in zip(*np.nonzero(own), strict=True)
                if levels[place]
            ]
    return frozenset(found)


def _kinds(
    wave: Wave, outcome: str
) -> tuple[list[tuple[str, tuple[str, ...]]], list[Integers], list[int]]:
    """Attributes, and the grid's two together where it is of this outcome: names, codes, sizes.

    The names of cells that do not show an attribute, of which nothing is published, are empty.
    """
    survey = wave.survey
    wanted: list[tuple[str, ...]] = [(name,) for name in survey.attributes]
    if survey.report.grid and outcome == survey.grid_outcome:
        wanted.append(survey.report.grid)
    kinds, codes = [], []
    for names in wanted:
        code, _ = cells_of(wave, names)
        levels = zip(cell_names(survey, names), level_cells(survey, names), strict=True)
        kinds.append((INTERLOCK.join(names), tuple(own[1] if has else "" for own, has in levels)))
        codes.append(code)
    return kinds, codes, [len(levels) for _, levels in kinds]


def _split(gone: BoolArray, sizes: list[int]) -> list[BoolArray]:
    return np.split(gone, np.cumsum(sizes)[:-1])


def _gone(
    wave: Wave, rows: BoolArray, codes: list[Integers], sizes: list[int], members: FloatArray
) -> BoolArray:
    """Which cells are not shown of which group; (cells of all kinds, groups)."""
    limit, people = wave.survey.thresholds.suppress_below, wave.respondent_index[rows]
    shown = np.concatenate(
        [
            count_shown(code[rows], size, people, wave.n_respondents)
            for code, size in zip(codes, sizes, strict=True)
        ]
    )
    n = (shown > 0).astype(float) @ members
    gone = (n < limit) & (n > 0)
    settled = not gone.any()
    while not settled:
        before = gone.copy()
        for group in np.flatnonzero(gone.any(axis=0)):
            inside = members[people, group] > 0
            shared = _crossed([code[rows][inside] for code in codes], sizes)
            hidden, base = np.append([False], gone[:, group]), np.append(np.inf, n[:, group])
            gone[:, group] = joined_by_followers(shared, hidden, base)[1:]
        for cell in np.flatnonzero(gone.any(axis=1)):
            shared = (members * shown[cell][:, None]).T @ members
            gone[cell] = joined_by_followers(shared, gone[cell], n[cell])
        settled = bool((gone == before).all())
    return gone


def _crossed(codes: list[Integers], sizes: list[int]) -> FloatArray:
    """How many of a group's profiles each two cells share, all profiles first: what is known of them
    together is known of a choice, which half of them win.
    """
    codes, sizes = [np.zeros(len(codes[0]), dtype=np.intp), *codes], [1, *sizes]
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
