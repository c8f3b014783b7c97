"""What respondents answered, as sums of parts that tables and influence are both made from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
import pandas as pd

from conjoint.errors import Fault, RequestError, choices
from conjoint.estimates import Basis
from conjoint.survey.rule import as_text
from conjoint.survey.several import several_answers

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from conjoint.survey import Net, Question
    from conjoint.typing import BoolArray, FloatArray, IntArray
    from conjoint.wave import Wave

__all__ = ["MEAN", "Answered", "Row", "answered", "items_of"]

MEAN = "mean"
"""The `level` of a question's average."""

RowKind: TypeAlias = Literal["answer", "net", "mean"]

MOST_POINTS = 21
"""A scale of up to so many whole numbers is shown point by point: 0 to 10, or -10 to 10."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: an answer, answers taken together, or the mean, with the ends of its scale."""

    key: str
    label: str
    kind: RowKind
    low: float = 0.0
    high: float = 1.0

    @property
    def estimand(self) -> str:
        """What the figure is called in a tidy frame."""
        return "share" if self.kind == "answer" else self.kind


@dataclass(frozen=True, eq=False, slots=True)
class Answered:
    """A question's answers, or those for one item of a grid.

    For a respondent i and a row r, the value is y = sum_k parts[i, k] first[r, k], its square
    sum_k parts[i, k] second[r, k], and sum_k parts[i, k] base[r, k] is 1 for those in the row's base and
    0 for others; so whatever is summed over respondents part by part gives every row.

    Parameters
    ----------
    question, item
        Their keys; the item is empty where the question is no grid.
    column
        The respondent column of the answers; the question's key where there are several.
    rows
        k of them.
    parts
        Of shape (respondents, K), zero for those who were not asked, gave no answer or weigh nothing.
    first, second, base
        Of shape (k, K).
    asked
        Who is in the base of the question, of shape (respondents,).
    """

    question: str
    item: str
    column: str
    rows: tuple[Row, ...]
    parts: FloatArray
    first: FloatArray
    second: FloatArray
    base: FloatArray
    asked: BoolArray

    def values(self) -> FloatArray:
        """Each respondent's value of each row, of shape (respondents, k); zero outside the base."""
        return self.parts @ self.first.T

    def only(self, rows: slice | IntArray) -> Answered:
        """The same with some of the rows."""
        return replace(
            self,
            rows=tuple(np.array(self.rows, dtype=object)[rows]),
            first=self.first[rows],
            second=self.second[rows],
            base=self.base[rows],
        )

    @property
    def shares(self) -> BoolArray:
        """Which rows' values are ones and zeros, of shape (k,)."""
        counted = np.array([row.kind != "mean" for row in self.rows], dtype=bool)
        return np.asarray(counted & (self.first == self.second).all(axis=1), dtype=bool)

    def basis(
        self, n: FloatArray, yes: FloatArray, still: BoolArray, effective: FloatArray,
        exposure: Sequence[FloatArray],
    ) -> Basis:  # fmt: skip
        """What intervals of all rows need to know, for one group or several: each of shape (k,) or (k, C).

        Parameters
        ----------
        n, yes
            The rows' bases, and how many people's value is one; of shares.
        still
            Whether everybody has one value.
        effective, exposure
            As in :class:`conjoint.estimates.Basis`, row by row.
        """
        shape = (len(self.rows), *[1] * (n.ndim - 1))
        low, high = (np.reshape([getattr(row, end) for row in self.rows], shape) for end in ("low", "high"))  # fmt: skip
        share = np.broadcast_to(self.shares.reshape(shape), n.shape)
        rarer = np.where(share, np.minimum(yes, n - yes), np.where(still, 0.0, np.inf))
        low, high = np.broadcast_to(low, n.shape), np.broadcast_to(high, n.shape)
        return Basis.of(
            n.size, effective.ravel(), low=low.ravel(), high=high.ravel(), share=share.ravel(),
            rarer=rarer.ravel(), exposure=exposure,
        )  # fmt: skip

    def bases(self) -> FloatArray:
        """Whether a respondent is in the base of each row, ones and zeros; (respondents, k)."""
        return self.parts @ self.base.T


def items_of(question: Question) -> tuple[str, ...]:
    """The items of a grid; one without a name for any other question."""
    return tuple(question.items) or ("",)


def answered(wave: Wave, name: str, item: str = "", *, points: bool = False) -> Answered:
    """Read what was answered.

    Parameters
    ----------
    name, item
        A question of the survey, and an item of it where it is a grid.
    points
        Whether a scale also has a row for each of its points, where they are few.

    Raises
    ------
    RequestError
        There is no such question or item.
    """
    questions = wave.survey.questions
    if name not in questions:
        raise RequestError(
            Fault("question", f'there is no "{name}"', choices(questions), "Name one.")
        )
    question = questions[name]
    if item not in items_of(question):
        raise RequestError(
            Fault("item", f'there is no "{item}" in "{name}"', choices(items_of(question)))
        )
    routed = wave.weights > 0
    if question.filter is not None:
        routed = routed & question.filter.members(wave.respondents)
    if question.kind == "multiple":
        return _several(wave, name, question, routed)
    if question.kind == "scale":
        return _scale(wave, name, question, routed, points=points)
    return _coded(wave, name, item, question, routed)


def _coded(wave: Wave, name: str, item: str, question: Question, routed: BoolArray) -> Answered:
    """One answer of a list."""
    column = question.stored(name)[item]
    codes = _codes(wave.respondents[column], question.values)
    asked = routed & (codes >= 0)
    rows = [Row(answer.value, answer.shown, "answer") for answer in question.answers]
    K = len(rows)
    first, base = [np.eye(K)], [np.ones((K, K))]
    for label, net in question.nets.items():
        rows.append(_net_row(label, net))
        first.append(_signs(net, question.values)[None])
        base.append(np.ones((1, K)))
    if question.scores:
        scores = question.scores.values()
        rows.append(Row(MEAN, "Mean", "mean", min(scores), max(scores)))
        first.append(np.array([[question.scores.get(value, 0.0) for value in question.values]]))
        base.append(np.array([[float(value in question.scores) for value in question.values]]))
    one = np.concatenate(first)
    parts = _indicators(codes, K, asked)
    return Answered(
        name, item, column, tuple(rows), parts, one, one**2, np.concatenate(base), asked
    )


def _scale(
    wave: Wave, name: str, question: Question, routed: BoolArray, *, points: bool
) -> Answered:
    """A number; nets are those who named one of some numbers."""
    column = question.stored(name)[""]
    y = wave.respondents[column].to_numpy(dtype=float)
    asked = routed & ~np.isnan(y)
    seen, codes = np.unique(y[asked], return_inverse=True)
    rows, first = [], []
    low, high = np.ceil(question.min or 0), np.floor(question.max or 0)
    whole = np.arange(low, high + 1) if high - low < MOST_POINTS else np.empty(0)
    few = bool(high - low < MOST_POINTS and np.isin(seen, whole).all())
    if few and points:
        seen, place = whole, np.full(len(y), -1, dtype=np.intp)
        place[asked] = np.searchsorted(whole, y[asked])
        parts = _indicators(place, len(whole), asked)
        rows += [Row(as_text(float(x)), as_text(float(x)), "answer") for x in whole]
        first += list(np.eye(len(whole)))
    elif len(seen) <= MOST_POINTS or question.nets:
        place = np.full(len(y), -1, dtype=np.intp)
        place[asked] = codes
        parts = _indicators(place, len(seen), asked)
    else:
        known = np.where(asked, y, 0.0)
        parts = np.stack([asked.astype(float), known, known**2], axis=1)
        mean = (_mean_row(question),)
        one, square, base = np.array([[0.0, 1, 0]]), np.array([[0.0, 0, 1]]), np.eye(3)[:1]
        return Answered(name, "", column, mean, parts, one, square, base, asked)
    texts = tuple(as_text(float(value)) for value in seen)
    for label, net in question.nets.items():
        rows.append(_net_row(label, net))
        first.append(_signs(_as_points(net), texts))
    rows.append(_mean_row(question))
    coefficients = np.stack([*first, seen])
    return Answered(
        name, "", column, tuple(rows), parts, coefficients, coefficients**2,
        np.ones_like(coefficients), asked,
    )  # fmt: skip


def _several(wave: Wave, name: str, question: Question, routed: BoolArray) -> Answered:
    """Any number of answers; a net is those who gave any of its answers."""
    given, known = _given(wave.respondents, name, question)
    asked = routed & known
    given &= asked[:, None]
    rows = [Row(answer.value, answer.shown, "answer") for answer in question.answers]
    columns = list(given.T.astype(float))
    squares = list(range(len(columns)))
    for label, net in question.nets.items():
        rows.append(_net_row(label, net))
        inside = [given[:, [question.values.index(answer) for answer in part]].any(axis=1)
                  for part in (net.plus, net.minus)]  # fmt: skip
        columns.append(inside[0].astype(float) - inside[1])
        squares.append(len(columns) - 1)
    k = len(columns)
    for row, column in enumerate(columns[:k]):
        if (column < 0).any():
            squares[row] = len(columns)
            columns.append(column**2)
    parts = np.stack([asked.astype(float), *columns], axis=1)
    unit = np.eye(parts.shape[1])
    stored = question.stored(name)
    return Answered(
        name, "", stored.get("", name), tuple(rows), parts, unit[1 : k + 1],
        unit[1 + np.array(squares, dtype=np.intp)], np.repeat(unit[:1], k, axis=0), asked,
    )  # fmt: skip


def _given(respondents: pd.DataFrame, name: str, question: Question) -> tuple[BoolArray, BoolArray]:
    """Which answers were given, of shape (respondents, answers), and who said anything at all."""
    n, place = len(respondents), {value: k for k, value in enumerate(question.values)}
    given, known = np.zeros((n, len(place)), dtype=bool), np.zeros(n, dtype=bool)
    for answer, column in question.stored(name).items():
        codes, texts = pd.factorize(respondents[column])
        for code, text in enumerate(map(as_text, texts)):
            found = several_answers(question, answer, text)
            if found is None or text in question.missing:
                continue
            rows = codes == code
            known |= rows
            for each in found:
                given[rows, place[each]] = True
    return given, known


def _codes(cells: pd.Series[Any], values: tuple[str, ...]) -> IntArray:
    """Each cell's place among the answers, -1 for none of them."""
    codes, texts = pd.factorize(cells)
    place = {value: k for k, value in enumerate(values)}
    known = np.array([place.get(as_text(text), -1) for text in texts] + [-1], dtype=np.intp)
    return known[codes]


def _indicators(codes: IntArray, K: int, asked: BoolArray) -> FloatArray:
    parts = np.zeros((len(codes), K))
    rows = np.flatnonzero(asked)
    parts[rows, codes[rows]] = 1.0
    return parts


def _net_row(label: str, net: Net) -> Row:
    """A net; one that takes answers off can be as low as -1."""
    return Row(label, label, "net", -1.0 if net.minus else 0.0)


def _mean_row(question: Question) -> Row:
    low = -np.inf if question.min is None else float(question.min)
    return Row(MEAN, "Mean", "mean", low, np.inf if question.max is None else float(question.max))


def _signs(net: Net, values: tuple[str, ...]) -> FloatArray:
    """1 for answers that the net adds, -1 for those it takes off, 0 for others."""
    return np.array([float(value in net.plus) - float(value in net.minus) for value in values])


def _as_points(net: Net) -> Net:
    """The net with numbers written as one, ``7`` for ``7.0``."""
    return type(net)(
        plus=tuple(as_text(float(text)) for text in net.plus),
        minus=tuple(as_text(float(text)) for text in net.minus),
    )
