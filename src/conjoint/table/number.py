"""Cells of numbers: the text as people read it, and the number format under which a spreadsheet shows the same."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from conjoint.say.cell import cell_format
from conjoint.say.measure import CHANGED, excluded
from conjoint.say.number import base, p_value
from conjoint.table.model import Cell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.say.cell import CellKind
    from conjoint.say.measure import Measure

__all__ = ["change", "ends", "figure", "people", "probability"]


def people(count: float, mark: str = "") -> Cell:
    """A base.

    >>> people(2003.4).text, people(97, "!").mark
    ('2,003', '!')
    """
    return _cell(base(count), count, cell_format("count", count), mark)


def figure(measure: Measure, value: float) -> Cell:
    """A figure of an outcome.

    >>> from conjoint.say.measure import RATED, SHARE
    >>> figure(SHARE, 0.617).text, figure(RATED, 6.21).text
    ('62%', '6.2')
    """
    return _figure(measure, value, measure.say(value))


def change(measure: Measure, value: float) -> Cell:
    """A difference, with its direction.

    >>> from conjoint.say.measure import SHARE
    >>> change(SHARE, -0.052).text, round(change(SHARE, -0.052).value, 9)
    ('−5', -5.2)
    """
    return _change(measure, value, measure.change(value))


def ends(measure: Measure, low: float, high: float, *, changed: bool = False) -> tuple[Cell, Cell]:
    """Both ends of an interval, of a figure or of a difference; empty where there is none.

    >>> from conjoint.say.measure import SHARE
    >>> [end.text for end in ends(SHARE, 0.5031, 0.56)]
    ['>50%', '56%']
    """
    if math.isnan(low):
        return Cell(), Cell()
    marks = excluded(low, high, CHANGED if changed else measure.beside)
    texts = measure.change_ends(low, high) if changed else measure.ends(low, high)
    make = _change if changed else _figure
    first, last = (make(measure, *end, marks) for end in zip((low, high), texts, strict=True))
    return first, last


def probability(p: float) -> Cell:
    """A p-value; nothing where there is none."""
    return Cell() if math.isnan(p) else _cell(p_value(p), p, cell_format("p", p))


def _figure(measure: Measure, value: float, text: str, marks: Sequence[float] = ()) -> Cell:
    kind: CellKind = "share" if measure.sign else "mean"
    return _cell(text, value, cell_format(kind, value, measure.decimals, marks))


def _change(measure: Measure, value: float, text: str, marks: Sequence[float] = ()) -> Cell:
    own = measure.factor * value
    return _cell(text, own, cell_format("points", own, measure.decimals, marks))


def _cell(text: str, value: float, shown: str, mark: str = "") -> Cell:
    if math.isnan(value):
        return Cell(text, mark=mark)
    return Cell(text, float(value) + 0.0, shown, mark=mark)  # no minus zero
