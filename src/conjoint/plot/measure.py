"""How a figure is said: shares in per cent, their differences in points, ratings as they are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.survey import Survey

__all__ = ["RATED", "SHARE", "Measure", "measure_of"]


LOPSIDED = 0.05
"""How much further one end of an interval may be than the other, as a part of its width, to say ±."""


@dataclass(frozen=True, slots=True)
class Measure:
    """Words for the figures of an outcome.

    Parameters
    ----------
    factor, decimals, sign
        A figure is said as factor times itself, so rounded, with the sign behind it.
    unit
        What a difference is counted in; empty for the outcome's own units.
    verb, ending
        Around a mean, as in "chosen 59% of the time".
    """

    factor: float = 100
    decimals: int = 0
    sign: str = "%"
    unit: str = "point"
    verb: str = ""
    ending: str = "of the time"

    def number(self, value: float) -> str:
        """The bare number, with a proper minus and no minus zero.

        >>> Measure().number(-0.05), Measure().number(-0.001)
        ('−5', '0')
        """
        text = f"{self.factor * value:.{self.decimals}f}"
        return text.lstrip("-") if float(text) == 0 else text.replace("-", "−")

    def rounded(self, value: float) -> float:
        """A figure as it is said, to reckon with.

        >>> Measure().rounded(0.617)
        62.0
        """
        return round(self.factor * float(value), self.decimals)

    def say(self, value: float) -> str:
        """A figure; a share that would round to nought although it is none is said to be below that.

        >>> Measure().say(0.617), Measure().say(0.004), Measure().say(0)
        ('62%', '<0.5%', '0%')
        """
        text = self.number(value)
        if self.sign and value > 0 and float(text.replace("−", "-")) == 0:
            return f"<{0.5 / 10**self.decimals:.{self.decimals + 1}f}{self.sign}"
        return text + self.sign

    def change(self, value: float) -> str:
        """A difference, with its direction.

        >>> Measure().change(0.05), Measure().change(0)
        ('+5', '0')
        """
        text = self.number(value)
        return text if text.startswith("−") or float(text) == 0 else f"+{text}"

    def mean(self, value: float) -> str:
        """A mean as a phrase.

        >>> Measure(verb="chosen").mean(0.59)
        'chosen 59% of the time'
        """
        return f"{self.verb} {self.say(value)} {self.ending}"

    def interval(self, low: float, high: float) -> str:
        """The ends of an interval.

        >>> Measure().interval(0.58, 0.66)
        '58% to 66%'
        """
        return f"{self.say(low)} to {self.say(high)}"

    def gap(self, difference: float, low: float, high: float, base: int | None = None) -> str:
        """The size of a difference; the interval keeps its order of size.

        >>> Measure().gap(-0.142, -0.18, -0.105, 97)
        '14 points (10 to 18; base 97)'
        """
        if difference < 0:
            low, high = -high, -low
        size = self.number(abs(difference))
        unit = f" {self.unit}{'s' * (size != '1')}" if self.unit else ""
        counted = "" if base is None else f"; base {base:,}"
        return f"{size}{unit} ({self.number(low)} to {self.number(high)}{counted})"

    def reach(self, estimate: float, low: float, high: float) -> str:
        """An interval behind its figure: half its width, or both ends where they are not as far away.

        >>> Measure().reach(0.5, 0.47, 0.53), Measure().reach(0.02, 0.01, 0.06)
        ('±3', '(1 to 6)')
        """
        if abs((high - estimate) - (estimate - low)) > LOPSIDED * (high - low):
            return f"({self.number(low)} to {self.number(high)})"
        return f"±{self.number((high - low) / 2)}"

    def axis(self, values: Sequence[float]) -> list[str]:
        """Labels of an axis of figures."""
        return [self.number(value) + self.sign for value in values]

    def change_axis(self, values: Sequence[float]) -> list[str]:
        """Labels of an axis of differences."""
        return [self.change(value) for value in values]


SHARE = Measure()
CHOSEN, SUPPORTED = replace(SHARE, verb="chosen"), replace(SHARE, verb="supported")
RATED = Measure(factor=1, decimals=1, sign="", unit="", verb="rated", ending="on average")


def measure_of(survey: Survey, outcome: str) -> Measure:
    """How the figures of an outcome are said."""
    kinds = {"choice": CHOSEN, "support": SUPPORTED, "rating": RATED}
    return kinds[survey.outcomes[outcome].kind]
