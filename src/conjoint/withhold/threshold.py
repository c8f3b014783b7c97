"""How figures may be read by the people behind them: the one place where a base is held against the thresholds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

    from conjoint.survey import Thresholds
    from conjoint.typing import BoolArray, Integers, Reading

    Counts = npt.NDArray[np.float64] | Integers | pd.Series[Any]
    """People, or people as many as would tell as much."""

__all__ = ["reading_of", "too_few", "too_few_to_estimate"]


@overload
def reading_of(
    people: float, limits: Thresholds, effective: float = ..., *, hidden: bool | None = ...
) -> Reading: ...
@overload
def reading_of(
    people: Counts, limits: Thresholds, effective: Counts | float = ..., *, hidden: Any = ...
) -> npt.NDArray[np.str_]: ...
def reading_of(
    people: Counts | float,
    limits: Thresholds,
    effective: Counts | float = np.nan,
    *,
    hidden: Any = None,
) -> npt.NDArray[np.str_] | str:
    """Say how a figure, or each of several, may be read: "safe", with "caution", or "suppressed".

    Parameters
    ----------
    people
        How many stand behind it. What is not shown depends on them alone: it protects them.
    limits
        The survey's thresholds.
    effective
        How many equally weighted people would tell as much; NaN where that is not known. A caution looks at
        both.
    hidden
        Whether it is not shown, where more decides that than its own base.

    Examples
    --------
    >>> from conjoint.survey import Thresholds
    >>> reading_of(120, Thresholds()), reading_of(120, Thresholds(), 80.0), reading_of(49, Thresholds())
    ('safe', 'caution', 'suppressed')
    """
    gone = too_few(people, limits) if hidden is None else hidden
    careful = np.fmin(people, effective) < limits.caution_below
    made = np.select([np.asarray(gone), np.asarray(careful)], ["suppressed", "caution"], "safe")
    return made if made.ndim else str(made)


@overload
def too_few(people: float, limits: Thresholds) -> bool: ...
@overload
def too_few(people: Counts, limits: Thresholds) -> BoolArray: ...
def too_few(people: Counts | float, limits: Thresholds) -> BoolArray | bool:
    """Return True if figures on so few people are not shown; nobody is too few, too."""
    few = np.asarray(people) < limits.suppress_below
    return few if few.ndim else bool(few)


def too_few_to_estimate(people: int, limits: Thresholds) -> bool:
    """Return True if no figure is made of so few people, whatever the survey's limit."""
    return people < 2 or too_few(people, limits)
