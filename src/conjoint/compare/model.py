"""Comparison: waves side by side, their changes, and what cannot be compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conjoint.output import write_file
from conjoint.say.number import counted, numeral
from conjoint.say.prompt import at_prompt
from conjoint.spreadsheet import csv_text

if TYPE_CHECKING:
    from os import PathLike

    import pandas as pd

    from conjoint.typing import Composition, Family

__all__ = ["CHANGES", "PARTS", "TREND", "Comparison"]

SHOWN = [
    "outcome", "group", "attribute", "level", "first", "second", "estimate_first", "estimate_second",
    "change", "conf_low", "conf_high", "p_adjusted", "verdict",
]  # fmt: skip
"""Columns that stand at a prompt."""

KEYS = ["kind", "outcome", "item", "estimand", "group", "attribute", "level", "baseline"]

CHANGES = [
    *KEYS, "first", "second", "estimate_first", "estimate_second", "change", "std_error", "statistic",
    "p_value", "p_adjusted", "conf_low", "conf_high", "detectable", "n_first", "n_second", "reading",
    "verdict",
]  # fmt: skip
"""The columns of a comparison's frame."""

TREND = [
    *KEYS, "wave", "date", "estimate", "std_error", "conf_low", "conf_high", "n_respondents", "n_effective", "reading",
]  # fmt: skip
"""The columns of a comparison's trend."""

PARTS = [
    "hold", "outcome", "item", "estimand", "group", "level", "first", "second", "part", "cell",
    "share_first", "share_second", "mean_first", "mean_second", "estimate", "std_error", "statistic",
    "p_value", "conf_low", "conf_high", "n_first", "n_second",
]  # fmt: skip
"""The columns of a comparison's decomposition."""


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """Two waves or more, side by side. Made by :func:`conjoint.compare`; it holds no respondent.

    Parameters
    ----------
    waves
        One row a wave, in the order given: ``wave`` (its name), ``title``, ``pollster``, ``mode``,
        ``population``, ``start`` and ``end`` of fieldwork, ``n_respondents``, ``effective`` sample,
        ``synthetic``, ``margins`` (what its weights meet).
    changes
        One row a figure and pair of waves.
    trend
        One row a figure and wave.
    flags
        One row a thing in which two waves differ: ``first``, ``second``, ``kind``, ``subject``,
        ``bearing`` ("not compared", "care", "noted") and ``text``.
    decomposition
        One row a topline figure, pair of waves, part and cell; see :func:`conjoint.compare`.
    composition, family, confidence
        As asked for.
    tables
        How many tables were looked at for a change.
    """

    waves: pd.DataFrame
    changes: pd.DataFrame
    trend: pd.DataFrame
    flags: pd.DataFrame
    decomposition: pd.DataFrame
    composition: Composition
    family: Family
    confidence: float
    tables: int

    def __repr__(self) -> str:
        moved = int(self.changes["verdict"].isin(["rose", "fell"]).sum())
        head = (
            f"<Comparison of {', '.join(self.waves['wave'])}: {len(self.changes):,} figures, "
            f"{counted(moved, 'clear change')}, {counted(len(self.flags), 'flag')}>"
        )
        return at_prompt(head, self.changes, SHOWN)

    def __len__(self) -> int:
        return len(self.changes)

    @property
    def frame(self) -> pd.DataFrame:
        """One tidy row a figure and pair of waves. A copy.

        ``kind`` is ``"topline"``, ``"marginal mean"`` or ``"amce"``; ``outcome`` to ``baseline`` are the
        figure's labels; ``first`` and ``second`` name the waves. ``change`` is the second's figure less
        the first's, with its standard error, test and interval; ``p_adjusted`` allows for all figures
        of the family, the comparison or the table (Holm). ``detectable`` is the change that would have
        been called clear with 80% power, all figures of the family allowed for (by the first step of
        Holm, which is Bonferroni's). ``reading`` is safe, caution or suppressed by the smaller base.

        ``verdict``: ``"rose"`` or ``"fell"`` where the change is clear of zero after the adjustment, else
        ``"no clear change"``; ``"not compared"`` where a flag stands against it; ``"too few"``;
        ``"baseline"``.
        """
        return self.changes.copy(deep=False)

    def of(self, kind: str) -> pd.DataFrame:
        """The rows of one kind of figure."""
        return self.changes[self.changes["kind"] == kind].reset_index(drop=True)

    def to_csv(self, path: str | PathLike[str]) -> None:
        """Write the tidy frame as CSV."""
        write_file(path, csv_text(self.changes).encode(), where=str(path))

    def _repr_html_(self) -> str:
        flags = "" if self.flags.empty else self.flags.to_html(index=False)
        table = self.changes[SHOWN].to_html(
            index=False, float_format=lambda value: numeral(value, 3), na_rep=""
        )
        return f"{flags}{table}"
