"""What made a set of estimates."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, get_args

from conjoint.errors import Fault, RequestError, choices
from conjoint.typing import IntervalMethod, Variance

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["Specification"]


@dataclass(frozen=True, slots=True)
class Specification:
    """What made a set of estimates.

    `tied` are the attributes under restrictions or joint distributions, `options` whatever else was
    asked for by name. `null` is the value that `statistic` and `p_value` test against. `interval` is the
    method of the intervals of shares. `people` are the respondents' ids, None where nobody can tell.
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
    interval: IntervalMethod = "score"
    people: npt.NDArray[Any] | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        for name, option, options in (
            ("variance", self.variance, get_args(Variance)),
            ("interval", self.interval, get_args(IntervalMethod)),
        ):
            if option not in options:
                what = f'there is no "{option}"'
                raise RequestError(Fault(name, what, choices(options), "Name one of them."))
        if not 0 < self.confidence < 1:
            raise RequestError(
                Fault("confidence", f"{self.confidence} is no probability", "0.95, for example")
            )
