"""Table: one question by its columns, with bases, intervals and significance."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.say.label import column_label
from conjoint.say.number import (
    bare_points,
    base,
    base_text,
    numeral,
    percent,
    rounded_percent,
    rounding_note,
)
from conjoint.withhold.outward import rounded, whole_share

if TYPE_CHECKING:
    from collections.abc import Callable

    from conjoint.estimates import Estimates
    from conjoint.toplines.answers import Row
    from conjoint.toplines.banner import Column
    from conjoint.toplines.compare import Comparisons
    from conjoint.typing import Adjustment, ColumnTest, FloatArray, IntArray, Reading

__all__ = ["Table"]


@dataclass(frozen=True, eq=False, repr=False)
class Table:
    """One question, or one item of a grid, by the columns of a banner.

    Made by :func:`conjoint.crosstab` and :func:`conjoint.tables`. What is not to be shown is not in it:
    figures of suppressed columns are missing, and their tests.

    Parameters
    ----------
    question, item
        Keys; `item` is empty where the question is no grid.
    title, text, base
        The question (and the item) as shown, as asked, and who was asked.
    several
        Whether one person may give several answers, so that they do not sum to 100%.
    rows, columns
        R answers, nets and maybe the mean; C columns, the total first.
    values
        Weighted shares on 0 to 1, differences of shares, and means; of shape (R, C), NaN where not
        shown.
    std_error, conf_low, conf_high
        Linearised, calibration allowed for; (R, C).
    counts, weighted_counts
        People who gave an answer (or one of a net), and their weight, weights scaled to a mean of one;
        (R, C), NaN for means and for nets that are differences.
    unweighted, weighted, effective
        Bases of the question by column, of shape (C,): people, weight, and (sum w)^2 / sum w^2.
    row_bases
        People in the base of each row, (R, C): fewer in a mean where not every answer has a score.
    reading
        By column: ``suppressed`` where the base is too small, ``caution`` where it is small.
    joined
        Columns suppressed only because they would give others away, of shape (C,).
    coarse
        Columns of which outward tables show whole percentages alone, of shape (C,).
    comparisons
        Tests between columns; see :class:`conjoint.toplines.Comparisons`.
    letters, against_total
        Row by row, column by column: the letters of the columns of its crossbreak that a column is
        above, lower-case at 95% and upper-case at 99%; ``+``, ``++``, ``-`` or ``--`` against the total.
    test, adjustment
        How columns were tested.
    """

    question: str
    item: str
    title: str
    text: str
    base: str
    several: bool
    rows: tuple[Row, ...]
    columns: tuple[Column, ...]
    values: FloatArray
    std_error: FloatArray
    conf_low: FloatArray
    conf_high: FloatArray
    counts: FloatArray
    weighted_counts: FloatArray
    unweighted: IntArray
    weighted: FloatArray
    effective: FloatArray
    row_bases: IntArray
    reading: tuple[Reading, ...]
    joined: tuple[bool, ...]
    coarse: tuple[bool, ...]
    comparisons: Comparisons
    letters: tuple[tuple[str, ...], ...]
    against_total: tuple[tuple[str, ...], ...]
    test: ColumnTest
    adjustment: Adjustment | None
    _estimate: Callable[[], Estimates] = field(repr=False)

    def __post_init__(self) -> None:
        for array in (
            self.values, self.std_error, self.conf_low, self.conf_high, self.counts,
            self.weighted_counts, self.unweighted, self.weighted, self.effective, self.row_bases,
        ):  # fmt: skip
            array.setflags(write=False)

    def __repr__(self) -> str:
        item = f", {self.item}" if self.item else ""
        return (
            f"<Table {self.question}{item}: {len(self.rows)} rows, {len(self.columns)} columns, "
            f"{base_text(self.unweighted[0])}>\n{self.wide()}"
        )

    def _repr_html_(self) -> str:
        return str(self.wide().to_html())

    @cached_property
    def estimates(self) -> Estimates:
        """The figures with their influence, column by column, made when first asked for.

        Nothing is left out of them: they are to calculate with, not to publish.
        """
        return self._estimate()

    def outward(self) -> Table:
        """The table as it leaves the house: rounded, and without bases that are not told.

        Shares have four decimals, those of `coarse` columns two; bases are whole people.
        """
        coarse, gone = (
            np.array(self.coarse),
            np.array([own == "suppressed" for own in self.reading]),
        )
        means = np.array([row.kind == "mean" for row in self.rows])[:, None]
        # A hundredth of a scale is what a whole percentage is of a share.
        widths = np.array([[row.high - row.low] for row in self.rows])
        steps = 10.0 ** np.floor(np.log10(np.where(np.isfinite(widths), widths, 10.0) / 10))
        made: dict[str, FloatArray] = {}
        for name in ("values", "std_error", "conf_low", "conf_high"):
            fine = getattr(self, name)
            whole = np.where(means, np.round(fine / steps) * steps, whole_share(fine))
            made[name] = np.where(coarse, whole, rounded(fine))
        made["counts"] = np.where(coarse, np.nan, self.counts)
        made["weighted_counts"] = np.where(coarse, np.nan, np.rint(self.weighted_counts))
        for name in ("weighted", "effective"):
            made[name] = np.where(gone, np.nan, np.rint(getattr(self, name)))
        return replace(
            self,
            **made,  # type: ignore[arg-type]
            unweighted=np.where(gone, 0, self.unweighted),
            row_bases=np.where(gone, 0, self.row_bases),
        )

    def percent(self, decimals: int = 0) -> FloatArray:
        """Shares as rounded percentages, means rounded to one decimal more; of shape (R, C)."""
        percent = rounded_percent(self.values, decimals)
        means = np.array([row.kind == "mean" for row in self.rows])
        percent[means] = rounded_percent(self.values[means] / 100, decimals + 1)
        return percent

    def rounding_notes(self, decimals: int = 0) -> dict[str, str]:
        """By column's key, what its rounded answers sum to where that is not 100%."""
        if self.several:
            return {}
        own = self.values[[row.kind == "answer" for row in self.rows]]
        notes = {
            column.key: rounding_note(shares, decimals)
            for column, shares in zip(self.columns, own.T, strict=True)
        }
        return {key: note for key, note in notes.items() if note}

    def wide(self, decimals: int = 0) -> pd.DataFrame:
        """The table as people read it: text, letters behind the figures, bases first."""
        heads = pd.MultiIndex.from_tuples(
            [(c.crossbreak, column_label(c.label, c.letter)) for c in self.columns]
        )
        lines = {
            "Unweighted base": [base(n) for n in self.unweighted],
            "Weighted base": [base(n) for n in self.weighted],
            "Effective base": [base(n) for n in self.effective],
        }
        for place, row in enumerate(self.rows):
            lines[row.label] = [
                self._cell(self.printed(place, c, decimals), place, c)
                for c in range(len(self.columns))
            ]
        return pd.DataFrame.from_dict(lines, orient="index", columns=heads)

    def printed(self, row: int, column: int, decimals: int = 0) -> str:
        """A figure as text; empty where it is not shown. A net that is a difference is in points."""
        figure, kind = self.values[row, column], self.rows[row].kind
        if np.isnan(figure):
            return ""
        if kind == "mean":
            return numeral(figure, decimals + 1)
        if self.rows[row].low < 0:
            return bare_points(figure, decimals, signed=True)
        return percent(figure, decimals)

    def _cell(self, text: str, row: int, column: int) -> str:
        if not text:
            return "*" if self.reading[column] == "suppressed" else "–"
        words = [text, self.letters[row][column]]
        return " ".join(word for word in [*words, self.against_total[row][column]] if word)

    @property
    def frame(self) -> pd.DataFrame:
        """One tidy row a figure.

        Columns: ``question, item, row, kind, crossbreak, group, label, estimate, std_error, conf_low,
        conf_high, count, weighted_count, n_respondents, weighted_base, effective_base, reading,
        letters, against_total``. The bases are the column's for the question, `n_respondents` the row's.
        """
        R, C = self.values.shape
        by_row: dict[str, list[str]] = {
            "row": [row.key for row in self.rows],
            "kind": [row.kind for row in self.rows],
        }
        by_column: dict[str, list[str]] = {
            "crossbreak": [column.crossbreak for column in self.columns],
            "group": [column.key for column in self.columns],
            "label": [column.label for column in self.columns],
        }
        columns: dict[str, object] = {"question": self.question, "item": self.item}
        columns |= {name: np.repeat(values, C) for name, values in by_row.items()}
        columns |= {name: np.tile(values, R) for name, values in by_column.items()}
        cells = {
            "estimate": self.values,
            "std_error": self.std_error,
            "conf_low": self.conf_low,
            "conf_high": self.conf_high,
            "count": self.counts,
            "weighted_count": self.weighted_counts,
            "n_respondents": self.row_bases,
        }
        columns |= {name: cell.ravel() for name, cell in cells.items()}
        bases = {"weighted_base": self.weighted, "effective_base": self.effective}
        columns |= {name: np.tile(base, R) for name, base in bases.items()}
        columns["reading"] = np.tile(self.reading, R)
        columns["letters"] = [text for row in self.letters for text in row]
        columns["against_total"] = [text for row in self.against_total for text in row]
        return pd.DataFrame(columns)

    @property
    def tests(self) -> pd.DataFrame:
        """One tidy row a test between two columns that are both shown.

        Columns: ``question, item, row, group, reference, difference, std_error, statistic, df, p_value,
        p_adjusted``; the last is the same as `p_value` without an adjustment.
        """
        made, keys = self.comparisons, [column.key for column in self.columns]
        R, P = made.difference.shape
        known = ~np.isnan(made.p_adjusted).ravel()
        columns: dict[str, object] = {
            "question": self.question,
            "item": self.item,
            "row": np.repeat([row.key for row in self.rows], P),
            "group": np.tile([keys[first] for first, _ in made.pairs], R),
            "reference": np.tile([keys[second] for _, second in made.pairs], R),
            "difference": made.difference.ravel(),
            "std_error": made.std_error.ravel(),
            "statistic": made.statistic.ravel(),
            "df": made.degrees.ravel(),
            "p_value": made.p_value.ravel(),
            "p_adjusted": made.p_adjusted.ravel(),
        }
        return pd.DataFrame(columns)[known].reset_index(drop=True)
