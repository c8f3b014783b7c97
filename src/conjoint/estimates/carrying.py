"""How many people carry each figure, where that is not everybody in its base."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from conjoint.typing import FloatArray, IntArray

__all__ = ["Carrying"]


class Carrying(Protocol):
    """The people whose answers k figures hang on; it is counted when it is asked for."""

    def people(self) -> FloatArray:
        """How many equally important people each figure hangs on, of shape (k,); infinite where it is a mean."""
        ...

    def combine(self, matrix: FloatArray) -> Carrying:
        """Linear combinations of the figures; `matrix` of shape (m, k)."""
        ...

    def take(self, rows: IntArray) -> Carrying:
        """Some of the figures."""
        ...

    def beside(self, other: Any) -> Carrying:
        """These figures with `other`'s behind them."""
        ...
