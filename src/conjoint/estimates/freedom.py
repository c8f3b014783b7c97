"""Degrees of freedom that a variance brings with it, where G - 1 is not good enough."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from conjoint.typing import FloatArray

__all__ = ["Freedom"]


class Freedom(Protocol):
    """The degrees of freedom of k figures, and of whatever is made of them.

    Figures travel as rows of a matrix of weights on the regressions' coefficients, so that a
    contrast of figures has the degrees of freedom of the contrast, not of its parts.
    """

    def degrees(self) -> FloatArray:
        """One a figure, of shape (k,); NaN where the figure is fixed."""
        ...

    def combine(self, matrix: FloatArray) -> Freedom:
        """Linear combinations of the figures; `matrix` of shape (m, k)."""
        ...

    def beside(self, other: Freedom) -> Freedom | None:
        """These figures with `other`'s behind them; None where the two cannot be told together."""
        ...

    def hotelling(self) -> float:
        """For a joint test of all figures: the eta of Pustejovsky & Tipton (2018)."""
        ...
