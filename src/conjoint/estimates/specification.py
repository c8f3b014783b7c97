"""What made a set of estimates."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, get_args

from conjoint.errors import Fault, RequestError, choices
from conjoint.typing import Variance

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["Specification"]


@dataclass(frozen=True, slots=True)
class Specification:
    """What made a set of estimates.

    `tied` are the attributes under restrictions or joint distributions, `options` whatever else was
    asked for by name. `null` is the value that `statistic` and `p_value` test against. `people` are
    the respondents' ids, None where nobody can tell.
    """

    estimator: str
    by: str | tuple[str, ...] | None = None
    variance: Variance = "linearised"
    confidence: float = 0.95
    weighted: bool = False
    calibrated: bool = False
    tied: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    null: float = 0.0
    people: npt.NDArray[Any] | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        if self.variance not in get_args(Variance):
            raise RequestError(
                Fault(
                    "variance",
                    f'there is no "{self.variance}"',
                    choices(get_args(Variance)),
                    "Name one of them.",
                )
            )
        if not 0 < self.confidence < 1:
            raise RequestError(
                Fault("confidence", f"{self.confidence} is no probability", "0.95, for example")
            )
