"""What buys what: levels that are numbers, traded against each other."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import pandas as pd
from scipy import special

from conjoint.errors import Fault, RequestError, choices
from conjoint.estimate import amce
from conjoint.estimates import COUNTS, LABELS
from conjoint.say.phrase import phrase
from conjoint.say.prompt import at_prompt
from conjoint.scenario.curve import Crossing, Line, crossing, numbers_of, straightened
from conjoint.scenario.family import families
from conjoint.typing import Curve

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from conjoint.estimates import Estimates
    from conjoint.typing import FloatArray, Variance
    from conjoint.wave import Wave

__all__ = ["TradeOff", "trade_off", "weigh"]

ABSENT = "not estimable: "
GOOD = "estimated"

NUMBERS = [
    "estimate", "delta_low", "delta_high", "fieller_low", "fieller_high", "gain", "gain_low", "gain_high",
    "loss", "loss_low", "loss_high", "net", "net_low", "net_high",
]  # fmt: skip
"""What an answer holds."""


@dataclass(frozen=True, eq=False, repr=False)
class TradeOff:
    """Trade-offs between two attributes.

    Parameters
    ----------
    figures
        Those that can be estimated, with their influence (delta method).
    frame
        All that were asked for, one row each: `question` is ``"buys"`` (estimate: how much more of
        what is given) or ``"keeps"`` (estimate: the level of what is taken that leaves support as it
        was); the numbers it goes from and to; both intervals; and in `reading`, in words, why there is
        no figure, or how far to trust it. Whether there is one or not: ``gain``, what the step of `take`
        adds to support, up to ``take_end``; ``loss``, what `give` takes from it, up to ``give_end``; and
        ``net``, the one less the other; each with its interval (0 to 1). The end is what is asked about
        or, where that is what is looked for, the largest number shown.
    """

    figures: Estimates | None
    frame: pd.DataFrame

    def __repr__(self) -> str:
        return at_prompt(f"<TradeOff: {len(self.frame)} rows>", self.frame, list(self.frame))

    def _repr_html_(self) -> str:
        return str(self.frame.to_html(index=False))


def trade_off(
    wave: Wave,
    give: str,
    take: str,
    by: str | Sequence[str] | None = None,
    *,
    outcome: str | None = None,
    start: Mapping[str, float] | None = None,
    factor: float = 2.0,
    curve: Curve = "piecewise",
    variance: Variance = "linearised",
    confidence: float = 0.95,
) -> TradeOff:
    """How much more of one attribute a step in another buys, support staying as it was.

    Estimand
        With f and g what the levels of `give` and `take` add to support: ``"buys"``: the x - x0 at which
        f(x0) - f(x) = g(y1) - g(y0), for each step of `take` from one level to the next, and from the
        first to the last; ``"keeps"``: the y at which g(y) - g(y0) = f(x0) - f(factor x0), for each level
        y0. The nearest solution, where there are several.
    Formula
        f and g are AMCEs at the levels' numbers, joined by straight pieces.
    Variance
        Delta method, and Fieller's set, which need not be symmetric or bounded. The denominator is the
        slope of the piece in which the solution lies; where it cannot be told from zero (at `confidence`)
        there is no figure.
    Units
        Those of the levels' numbers.
    Restricted designs
        As for :func:`conjoint.amce`. Additive: a trade-off that hangs on third attributes is averaged.

    Parameters
    ----------
    wave, by, outcome, variance, confidence
        As for :func:`conjoint.amce`.
    give, take
        Two attributes of which every level has a `number`.
    start
        The number of `give` to start from; its smallest where None: ``{"cap": 20000}``.
    factor
        How much larger `give` gets in ``"keeps"``.
    curve
        ``"straight"`` takes the straight line nearest to each curve: one rate for the whole range,
        steadier, and wrong where the curve bends.

    Returns
    -------
    TradeOff

    Raises
    ------
    RequestError
        An attribute is unknown or has levels without numbers, or `start` is not among its levels.
    EstimationError
        As for :func:`conjoint.amce`. Where some effects can be estimated, `reading` says why others leave
        a question without an answer.

    References
    ----------
    Fieller 1954, doi:10.1111/j.2517-6161.1954.tb00159.x. Checked against the closed form of a ratio of
    two figures, and against known truth (docs/scenarios.md).

    Examples
    --------
    >>> # trade_off(wave, give="cap", take="reduction", by="segments").frame
    """
    if curve not in get_args(Curve):
        raise RequestError(Fault("curve", f'there is no "{curve}"', choices(get_args(Curve))))
    if give == take:
        raise RequestError(Fault("take", f'"{take}" is what is given', "another attribute"))
    numbers = {
        name: numbers_of(wave.survey, name, argument)
        for name, argument in ((give, "give"), (take, "take"))
    }
    x0 = _start(numbers[give], give, start)
    effects = amce(wave, by, outcome=outcome, variance=variance, confidence=confidence)
    return weigh(effects, numbers, x0, factor, curve)


def weigh(
    effects: Estimates,
    numbers: Mapping[str, FloatArray],
    x0: float,
    factor: float = 2.0,
    curve: Curve = "piecewise",
) -> TradeOff:
    """Trade-offs from AMCEs that are there: :func:`trade_off` from there on.

    Parameters
    ----------
    effects
        AMCEs of both attributes, of any outcomes and groups.
    numbers
        Those of the levels of what is given, and then of what is taken, by attribute.
    x0
        Where what is given starts.
    """
    give, take = numbers
    covariance, confidence = effects.covariance, effects.specification.confidence
    values = np.where(effects.estimable, effects.values, 0.0)
    rows, estimates, gradients, labels = [], [], [], []
    for key, index in families(effects.labels, ["outcome", "group"]):
        lines = {name: _line(effects, index, name, own) for name, own in numbers.items()}
        if curve == "straight":
            lines = {name: straightened(line) for name, line in lines.items()}
        degrees = float(effects.designs.degrees[index[0]])
        t = float(special.stdtrit(degrees, (1 + confidence) / 2))
        first = effects.labels.iloc[index]["attribute"] == give
        base = (
            int(effects.design[index[0]]),
            int(effects.labels.iloc[index[first]]["n_profiles"].sum()),
        )
        for question in _asked(lines[give], lines[take], x0, factor):
            where = {"outcome": key[0], "group": key[1], "give": give, "take": take}
            if why := question.reason(effects):
                answer = dict.fromkeys(NUMBERS, np.nan) | {"reading": f"{ABSENT}{why}"}
                rows.append(where | question.row | answer | {"n_respondents": base[0]})
                continue
            answer, found = question.answer(values, covariance, t)
            rows.append(where | question.row | answer | {"n_respondents": base[0]})
            if np.isfinite(answer["estimate"]):
                estimates.append(answer["estimate"])
                gradients.append(found.gradient)
                labels.append(_label(key, give, take, question.row, base))
    figures = None
    if estimates:
        frame = pd.DataFrame(labels, columns=LABELS + COUNTS)
        figures = effects.derive(np.array(estimates), np.array(gradients), frame, "trade_off")
    table = pd.DataFrame(rows)
    return TradeOff(figures, table[[*table.columns.drop("reading"), "reading"]])


@dataclass(frozen=True, eq=False, slots=True)
class Question:
    """One trade-off: the curve whose zero answers it, and what it weighs.

    Parameters
    ----------
    row
        What is asked.
    line
        Support above where it was, as weights on the effects, along what is looked for.
    start, offset
        Where the nearest zero is looked for from, and what is taken off it.
    gain, loss
        What is taken adds to support, and what is given takes from it, as weights on the effects.
    """

    row: dict[str, Any]
    line: Line
    start: float
    offset: float
    gain: FloatArray
    loss: FloatArray

    def reason(self, effects: Estimates) -> str:
        """Why the question has no answer: what is known of the effects that it needs."""
        needed = (self.line.rows != 0).any(axis=0) | (self.gain != 0) | (self.loss != 0)
        lacking = needed & ~effects.estimable
        return "; ".join(dict.fromkeys(effects.notes[place] for place in np.flatnonzero(lacking)))

    def answer(
        self, values: FloatArray, covariance: FloatArray, t: float
    ) -> tuple[dict[str, Any], Crossing]:
        """The figure with both intervals, what it weighs, and what to make of it."""
        found = crossing(self.line, values, covariance, self.start, t)
        told = bool(np.isfinite(found.x) and found.steepness > t)
        reach = t * _error(found.gradient, covariance)
        x = found.x - self.offset if told else np.nan
        answer: dict[str, Any] = {
            "estimate": x,
            "delta_low": x - reach,
            "delta_high": x + reach,
            "fieller_low": found.low - self.offset if told else np.nan,
            "fieller_high": found.high - self.offset if told else np.nan,
        }
        weighed = {"gain": self.gain, "loss": self.loss, "net": self.gain - self.loss}
        for name, weights in weighed.items():
            value, reach = float(weights @ values), t * _error(weights, covariance)
            answer |= {name: value, f"{name}_low": value - reach, f"{name}_high": value + reach}
        buys = self.row["question"] == "buys"
        more = buys and answer["net_low"] > 0 and answer["loss_low"] > 0
        odd = (
            (phrase("reason.trade.turned") if answer["gain"] < 0 else "")
            if buys
            else (phrase("reason.trade.undone") if answer["loss"] < 0 else "")
        )
        return answer | {
            "reading": f"{ABSENT}{phrase('reason.trade.more')}"
            if more and not told
            else _reading(found, told, odd)
        }, found


def _error(weights: FloatArray, covariance: FloatArray) -> float:
    return float(np.sqrt(max(float(weights @ covariance @ weights), 0.0)))


def _start(numbers: FloatArray, give: str, start: Mapping[str, float] | None) -> float:
    if start is None:
        return float(numbers.min())
    unknown = [name for name in start if name != give]
    if unknown or give not in start:
        what = f"names {choices(unknown)}" if unknown else "names nothing"
        raise RequestError(Fault("start", what, f'"{give}", with the number to start from'))
    x0 = float(start[give])
    if not numbers.min() <= x0 < numbers.max():
        what = f'{x0:g} of "{give}" is not among what was shown'
        raise RequestError(
            Fault("start", what, f"{numbers.min():g} or more, and less than {numbers.max():g}")
        )
    return x0


def _line(effects: Estimates, index: Any, name: str, numbers: FloatArray) -> Line:
    """An attribute's curve in one group, as weights on all the figures."""
    own = index[(effects.labels["attribute"].iloc[index] == name).to_numpy()]
    order = np.argsort(numbers)
    return Line(numbers[order], np.eye(len(effects))[own[order]])


def _asked(give: Line, take: Line, x0: float, factor: float) -> Iterator[Question]:
    """Every question that can be put."""
    knots, last = take.knots, float(give.knots[-1])
    steps = list(pairwise(knots))
    if len(steps) > 1:
        steps.append((knots[0], knots[-1]))
    for y0, y1 in steps:
        gain, loss = take.at(y1) - take.at(y0), give.at(x0) - give.at(last)
        # Where h is zero the loss by x makes up for the gain by y.
        line = Line(give.knots, give.rows - give.at(x0) + gain)
        row = {"question": "buys", "give_from": x0, "give_to": np.nan, "give_end": last}
        row |= {"take_from": y0, "take_to": y1, "take_end": y1}
        yield Question(row, line, x0, x0, gain, loss)
    x1 = x0 * factor
    if x1 == x0 or not give.inside(x1):
        return
    loss = give.at(x0) - give.at(x1)
    for y0 in knots:
        line = Line(knots, take.rows - take.at(y0) - loss)
        row = {"question": "keeps", "give_from": x0, "give_to": x1, "give_end": x1}
        row |= {"take_from": y0, "take_to": np.nan, "take_end": knots[-1]}
        yield Question(row, line, float(y0), 0.0, take.rows[-1] - take.at(y0), loss)


def _reading(found: Crossing, told: bool, odd: str) -> str:
    if not told:
        flat = np.isfinite(found.x)
        return ABSENT + phrase("reason.trade.flat" if flat else "reason.trade.outside")
    closed = np.isfinite([found.low, found.high]).all()
    return "; ".join(
        part for part in (GOOD, odd, "" if closed else phrase("reason.trade.open")) if part
    )


def _label(
    key: tuple[str, ...], give: str, take: str, row: dict[str, Any], base: tuple[int, int]
) -> dict[str, Any]:
    buys = row["question"] == "buys"
    return {
        "outcome": key[0],
        "estimand": f"{give} bought" if buys else f"{take} that keeps support",
        "group": key[1],
        "attribute": give if buys else take,
        "level": f"{take} {row['take_from']:g} to {row['take_to']:g}"
        if buys
        else f"{give} {row['give_from']:g} to {row['give_to']:g}",
        "baseline": f"{row['give_from'] if buys else row['take_from']:g}",
        "n_profiles": base[1],
        "n_respondents": base[0],
    }
