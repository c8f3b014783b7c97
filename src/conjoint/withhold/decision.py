"""What is not shown of a wave: decided once, obeyed by every table and every command."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from conjoint.typing import BoolArray

    Together = tuple[tuple[str, ...], ...]
    """The levels of an attribute, those put together in one tuple."""

__all__ = ["Withheld"]


@dataclass(frozen=True, slots=True)
class Withheld:
    """What is not shown of a wave's segments and crossbreaks.

    Parameters
    ----------
    segments
        Those too small, and those that would give them away: nothing of theirs is shown.
    answers
        (question, respondent column, group) of toplines that are not shown.
    items
        The same as (question, item, group).
    coarse
        (question, item or respondent column, group) whose shares are shown as whole percentages alone: more
        digits would tell how the people of each weight answered (see :mod:`conjoint.withhold.detail`).
    cells
        (outcome, attribute, level, group) of marginal and joint means that are not shown.
    categories
        (margin, category) of weighting targets whose base in the sample is not shown.
    thin
        (outcome, attribute, level, group) of AMCEs that fewer people than the limit carry: see
        :func:`conjoint.estimate.identification.identification`.
    merged
        By group how the levels of the grid's two attributes are put together, so that each cell may be shown (see
        :mod:`conjoint.withhold.merge`). Of such a group `cells` has all pairs of levels that are no cell of this.
    """

    segments: frozenset[str]
    answers: frozenset[tuple[str, str, str]]
    items: frozenset[tuple[str, str, str]]
    coarse: frozenset[tuple[str, str, str]]
    cells: frozenset[tuple[str, str, str, str]]
    categories: frozenset[tuple[str, str]]
    thin: frozenset[tuple[str, str, str, str]] = frozenset()
    merged: Mapping[str, tuple[Together, Together]] = field(default_factory=dict)

    def of_toplines(self, frame: pd.DataFrame) -> BoolArray:
        """Which rows of a frame of toplines, or of their differences, are not shown."""
        return self._of_questions(frame, self.items if "item" in frame else self.answers)

    def coarse_toplines(self, frame: pd.DataFrame) -> BoolArray:
        """Which rows of a frame of toplines, or of their differences, are whole percentages alone."""
        return self._of_questions(frame, self.coarse)

    def _of_questions(
        self, frame: pd.DataFrame, known: frozenset[tuple[str, str, str]]
    ) -> BoolArray:
        question = "outcome" if "outcome" in frame else "question"
        item = "item" if "item" in frame else "attribute"
        found = self._rows(frame, (question, item, "group"), known)
        if "reference" in frame:
            found |= self._rows(frame, (question, item, "reference"), known)
        return found

    def of_both(self, frame: pd.DataFrame) -> BoolArray:
        """Which rows are not shown of a frame of toplines (by item) and conjoint figures, told by `kind`."""
        is_topline = (frame["kind"] == "topline").to_numpy()
        return np.where(is_topline, self.of_toplines(frame), self.of_levels(frame))

    def coarse_both(self, frame: pd.DataFrame) -> BoolArray:
        """Which rows of such a frame are whole percentages alone."""
        return self.coarse_toplines(frame) & (frame["kind"] == "topline").to_numpy()

    def of_levels(self, frame: pd.DataFrame) -> BoolArray:
        """Which rows of a frame of conjoint figures are not shown: a figure of two cells tells both."""
        found: BoolArray = np.isin(frame["group"].to_numpy(dtype=str), list(self.segments))
        for level in ("level", "baseline", "high", "low"):
            for group in ("group", "reference"):
                if level in frame and group in frame:
                    found |= self._rows(frame, ("outcome", "attribute", level, group), self.cells)
        return found

    def thin_effects(self, frame: pd.DataFrame) -> BoolArray:
        """Which rows of a frame of AMCEs too few people carry."""
        return self._rows(frame, ("outcome", "attribute", "level", "group"), self.thin)

    def thin_attributes(self, frame: pd.DataFrame, *names: str) -> BoolArray:
        """Which rows of a frame tell of an effect of an attribute that too few people carry."""
        known = frozenset((outcome, own, group) for outcome, own, _, group in self.thin)
        found = [self._rows(frame, ("outcome", name, "group"), known) for name in names]
        return np.asarray(np.any(found, axis=0), dtype=bool)

    @staticmethod
    def _rows(
        frame: pd.DataFrame, names: tuple[str, ...], known: frozenset[tuple[str, ...]]
    ) -> BoolArray:
        if not known:
            return np.zeros(len(frame), dtype=bool)
        keys = zip(*(frame[name].fillna("").astype(str) for name in names), strict=True)
        return np.array([key in known for key in keys], dtype=bool)
