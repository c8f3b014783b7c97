"""How the figures of an outcome are written: shares in per cent, their differences in points, ratings as they are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from conjoint.say.number import (
    SLACK,
    bare_percent,
    base_text,
    between,
    numeral,
    rounded,
    side_of,
)
from conjoint.say.phrase import phrase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from conjoint.survey import Survey

__all__ = [
    "CHANGED",
    "RATED",
    "SHARE",
    "Measure",
    "columns_of_ends",
    "excluded",
    "fine_measure",
    "measure_of",
]


LOPSIDED = 0.05
"""How much further one end of an interval may be than the other, as a part of its width, to write ±."""

MOST_DECIMALS = 4
"""Decimals that a clear difference may need not to be nought."""

CHANGED = (0.0,)
"""What the interval of a difference is read against."""


@dataclass(frozen=True, slots=True)
class Measure:
    """How the figures of an outcome are written.

    Parameters
    ----------
    factor, decimals, sign
        A figure is written as factor times itself, so rounded, with the sign behind it.
    unit
        What a difference is counted in; empty for the outcome's own units.
    kind
        Of the outcome, by which a mean is said: "chosen 59% of the time".
    beside
        Figures that an interval is read against, such as one half: an end that would be printed as one of
        them, although the interval excludes it, is printed as above or below it.
    """

    factor: float = 100
    decimals: int = 0
    sign: str = "%"
    unit: str = "point"
    kind: str = ""
    beside: tuple[float, ...] = (0.5,)

    @property
    def verb(self) -> str:
        """What happens to profiles: chosen."""
        return phrase(f"words.verb.{self.kind}") if self.kind else ""

    @property
    def ending(self) -> str:
        """What stands behind a mean."""
        return phrase("words.of_the_time" if self.sign else "words.on_average")

    def rounded(self, value: float) -> float:
        """A figure as it is printed, to reckon with.

        >>> Measure().rounded(0.617)
        62.0
        """
        return rounded(self.factor * float(value), self.decimals)

    def bare(self, value: float, decimals: int | None = None) -> str:
        """A figure without its sign, as a column of percentages has it.

        >>> Measure().bare(0.617), Measure().bare(0.004)
        ('62', '<0.5')
        """
        places = self.decimals if decimals is None else decimals
        if self.sign:
            return bare_percent(value, places)
        return numeral(self.factor * value, places)

    def say(self, value: float, decimals: int | None = None) -> str:
        """A figure; a share that would round to nought or all although it is not is above or below that.

        >>> Measure().say(0.617), Measure().say(0.004), Measure().say(0)
        ('62%', '<0.5%', '0%')
        """
        return self.bare(value, decimals) + self.sign

    def size(self, value: float, decimals: int | None = None) -> str:
        """The size of a difference.

        >>> Measure().size(-0.05), Measure().size(-0.001)
        ('−5', '0')
        """
        return numeral(self.factor * value, self.decimals if decimals is None else decimals)

    def change(self, value: float, decimals: int | None = None) -> str:
        """A difference, with its direction.

        >>> Measure().change(0.05), Measure().change(0)
        ('+5', '0')
        """
        places = self.decimals if decimals is None else decimals
        return numeral(self.factor * value, places, signed=True)

    def mean(self, value: float) -> str:
        """A mean as a phrase.

        >>> Measure(kind="choice").mean(0.59)
        'chosen 59% of the time'
        """
        figure = self.say(value)
        return phrase("words.mean_of", verb=self.verb, figure=figure, ending=self.ending)

    def ends(self, low: float, high: float) -> tuple[str, str]:
        """Both ends of an interval of a figure.

        >>> Measure().ends(0.58, 0.66), Measure().ends(0.5031, 0.56)
        (('58%', '66%'), ('>50%', '56%'))
        """
        return self._ends(self.say, low, high, self.beside)

    def interval(self, low: float, high: float) -> str:
        """The same in one text.

        >>> Measure().interval(0.58, 0.66)
        '58% to 66%'
        """
        return between(*self.ends(low, high))

    def bare_interval(self, low: float, high: float) -> str:
        """The same without signs.

        >>> Measure().bare_interval(0.58, 0.66)
        '58 to 66'
        """
        return between(*self._ends(self.bare, low, high, self.beside))

    def changes(self, low: float, high: float) -> str:
        """The interval of a difference.

        >>> Measure().changes(-0.02, 0.08), Measure().changes(0.002, 0.018)
        ('−2 to +8', '>0 to +2')
        """
        return between(*self.change_ends(low, high))

    def change_ends(self, low: float, high: float) -> tuple[str, str]:
        """Both ends of the interval of a difference."""
        return self._ends(self.change, low, high, CHANGED)

    def _ends(
        self, write: Callable[[float], str], low: float, high: float, beside: Sequence[float]
    ) -> tuple[str, str]:
        marks = excluded(low, high, beside)
        first, last = (
            side_of(end, marks, self.decimals, self.factor) + write(end) for end in (low, high)
        )
        return first, last

    def figure(self, estimate: float, low: float, high: float, people: float | None = None) -> str:
        """A figure with its interval, and its base where one is given.

        >>> Measure().figure(0.62, 0.58, 0.66, 1234)
        '62% (58% to 66%; base 1,234)'
        """
        return f"{self.say(estimate)} ({self.interval(low, high)}{_based(people)})"

    def moved(
        self,
        change: float,
        low: float,
        high: float,
        people: float | None = None,
        *,
        unit: bool = False,
    ) -> str:
        """A difference with its direction and interval, and its base where one is given.

        >>> Measure().moved(-0.142, -0.18, -0.105, 97), Measure().moved(0.01, -0.01, 0.03, unit=True)
        ('−14 (−18 to −11; base 97)', '+1 point (−1 to +3)')
        """
        text = self.change(change, self._places(change, low, high))
        text += self.units(text) if unit else ""
        return f"{text} ({self.changes(low, high)}{_based(people)})"

    def gap(self, difference: float, low: float, high: float, people: float | None = None) -> str:
        """The size of a difference; the interval keeps its order of size.

        >>> Measure().gap(-0.142, -0.18, -0.105, 97), Measure().gap(0.01, 0.002, 0.018)
        ('14 points (11 to 18; base 97)', '1 point (>0 to 2)')
        """
        if difference < 0:
            low, high = -high, -low
        size = self.size(abs(difference), self._places(difference, low, high))
        ends = between(*self._ends(self.size, low, high, CHANGED))
        return f"{size}{self.units(size)} ({ends}{_based(people)})"

    def units(self, text: str) -> str:
        """The unit of a difference that is written so; nothing for the outcome's own units.

        >>> Measure().units("+1"), Measure().units("1.0")
        (' point', ' points')
        """
        one = text.lstrip("+−") == "1"
        return f" {self.unit}{'' if one else 's'}" if self.unit else ""

    def reach(self, estimate: float, low: float, high: float) -> str:
        """An interval behind its figure: half its width, or both ends where that would mislead.

        Both ends where they are not as far away, or where ± would touch what the interval excludes.

        >>> Measure().reach(0.6, 0.57, 0.63), Measure().reach(0.02, 0.01, 0.06)
        ('±3', '(1 to 6)')
        >>> Measure().reach(0.534, 0.504, 0.564)
        '(>50 to 56)'
        """
        half = self._half(estimate, low, high, self.beside)
        return half or f"({self.bare_interval(low, high)})"

    def change_reach(self, change: float, low: float, high: float) -> str:
        """The same behind a difference.

        >>> Measure().change_reach(0.03, -0.02, 0.08), Measure().change_reach(0.034, 0.004, 0.064)
        ('±5', '(>0 to +6)')
        """
        return self._half(change, low, high, CHANGED) or f"({self.changes(low, high)})"

    def _half(self, estimate: float, low: float, high: float, beside: Sequence[float]) -> str:
        """Half the width of an interval, with ±; empty where that would not do."""
        if abs((high - estimate) - (estimate - low)) > LOPSIDED * (high - low):
            return ""
        middle, half = self.rounded(estimate), self.rounded((high - low) / 2)
        for mark in excluded(low, high, beside):
            edge = middle - half if mark < low else middle + half
            if abs(edge - self.factor * mark) <= SLACK or (edge < self.factor * mark) == (
                mark < low
            ):
                return ""
        return f"±{self.size((high - low) / 2)}"

    def _places(self, change: float, low: float, high: float) -> int:
        """Decimals of a difference: more than usual where it would be nought, and is clearly not."""
        marks, places = excluded(low, high, CHANGED), self.decimals
        while places < MOST_DECIMALS and side_of(change, marks, places, self.factor):
            places += 1
        return places

    def axis(self, values: Sequence[float]) -> list[str]:
        """Labels of an axis of figures."""
        return [self.size(value) + self.sign for value in values]

    def change_axis(self, values: Sequence[float]) -> list[str]:
        """Labels of an axis of differences."""
        return [self.change(value) for value in values]


def excluded(low: float, high: float, beside: Sequence[float]) -> list[float]:
    """Which figures an interval leaves out."""
    return [mark for mark in beside if mark < low or mark > high]


def _based(people: float | None) -> str:
    return "" if people is None else f"; {base_text(people)}"


SHARE = Measure()
CHOSEN, SUPPORTED = replace(SHARE, kind="choice"), replace(SHARE, kind="support")
RATED = Measure(factor=1, decimals=1, sign="", unit="", kind="rating", beside=())


def columns_of_ends(
    measure: Measure, lows: Iterable[float], highs: Iterable[float], missing: str = ""
) -> dict[str, list[str]]:
    """Columns ``From`` and ``To`` of a table of figures."""
    ends = [
        measure.ends(low, high) if low == low else (missing, missing)  # not missing
        for low, high in zip(lows, highs, strict=True)
    ]
    lows_said, highs_said = [low for low, _ in ends], [high for _, high in ends]
    return {phrase("words.from"): lows_said, phrase("words.to"): highs_said}


def measure_of(survey: Survey, outcome: str) -> Measure:
    """How the figures of an outcome are written."""
    kinds = {"choice": CHOSEN, "support": SUPPORTED, "rating": RATED}
    measure = kinds[survey.outcomes[outcome].kind]
    even = survey.even_choice(outcome)
    return measure if even in (None, 0.5) else replace(measure, beside=(0.5, even))


def fine_measure(survey: Survey, outcome: str) -> Measure:
    """The outcome's measure with one decimal more, as tables for researchers have it."""
    measure = measure_of(survey, outcome)
    return replace(measure, decimals=measure.decimals + 1)
