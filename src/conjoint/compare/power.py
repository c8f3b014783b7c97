"""Before a second wave: how small a change will it show?"""

from __future__ import annotations

from math import nan

import numpy as np
import scipy  # its `optimize` takes a while to load
from scipy import special

from conjoint.errors import Fault, RequestError
from conjoint.say.number import between, exact

__all__ = ["minimum_detectable_change", "power_of_change"]


def power_of_change(
    change: float,
    n_first: float,
    n_second: float,
    *,
    share: float = 0.5,
    design_effect: float = 1.0,
    confidence: float = 0.95,
    tests: int = 1,
) -> float:
    """The chance that a change of a share between two independent waves is found.

    Formula
        With s = sqrt(D p1 (1 - p1) / n1 + D p2 (1 - p2) / n2), p2 = p1 + change and z the normal
        quantile of two-sided tests at (1 - confidence) / tests::

            power = Phi(|change| / s - z) + Phi(-|change| / s - z)

    Units
        Shares and changes on 0 to 1: five points are 0.05.

    Parameters
    ----------
    change
        The true change of the share.
    n_first, n_second
        Respondents of each wave who were asked (of a segment: its base).
    share
        The share in the first wave. One half errs to the careful side, mostly.
    design_effect
        What weighting costs: :func:`conjoint.efficiency` gives it. What calibration saves is left out.
    confidence
        Of the test.
    tests
        How many figures are looked at together: as Bonferroni allows for them, and Holm for the first.

    Raises
    ------
    RequestError
        A share outside of 0 and 1, a base under two, a design effect under or at zero.

    Examples
    --------
    >>> round(power_of_change(0.05, 1000, 1000), 3)
    0.611
    """
    _check(n_first, n_second, share, design_effect, confidence, tests)
    if not 0 <= share + change <= 1:
        raise RequestError(
            Fault("change", f"leads from {between(exact(share), exact(share + change))}", "0 to 1")
        )
    z = -special.ndtri((1 - confidence) / (2 * tests))
    size = abs(change) / _error(change, n_first, n_second, share, design_effect)
    return float(special.ndtr(size - z) + special.ndtr(-size - z))


def minimum_detectable_change(
    n_first: float,
    n_second: float,
    *,
    power: float = 0.8,
    share: float = 0.5,
    design_effect: float = 1.0,
    confidence: float = 0.95,
    tests: int = 1,
) -> float:
    """The smallest rise of a share that is found with a power: see :func:`power_of_change`.

    Returns
    -------
    float
        On 0 to 1; missing where not even a rise to 1 would be found so often.

    Examples
    --------
    >>> round(minimum_detectable_change(2369, 1000, design_effect=1.3), 3)
    0.06
    """
    _check(n_first, n_second, share, design_effect, confidence, tests)
    if not (1 - confidence) / tests < power < 1:
        raise RequestError(Fault("power", f"{power:g}", "a probability such as 0.8"))

    def short(change: float) -> float:
        found = power_of_change(
            change, n_first, n_second, share=share, design_effect=design_effect,
            confidence=confidence, tests=tests,
        )  # fmt: skip
        return found - power

    most = 1 - share
    if most <= 0 or short(most) < 0:
        return nan
    return float(scipy.optimize.brentq(short, 0.0, most, xtol=1e-10))


def _error(
    change: float, n_first: float, n_second: float, share: float, design_effect: float
) -> float:
    then = share + change
    spread = share * (1 - share) / n_first + then * (1 - then) / n_second
    return max(float(np.sqrt(design_effect * spread)), 1e-300)


def _check(
    n_first: float,
    n_second: float,
    share: float,
    design_effect: float,
    confidence: float,
    tests: int,
) -> None:
    wrong = [
        (not 0 < share < 1, "share", share, "between 0 and 1"),
        (min(n_first, n_second) < 2, "n", min(n_first, n_second), "two respondents or more"),
        (not design_effect > 0, "design_effect", design_effect, "above zero"),
        (not 0 < confidence < 1, "confidence", confidence, "0.95, for example"),
        (tests < 1, "tests", tests, "one or more"),
    ]
    faults = [Fault(name, f"{value:g}", expected) for bad, name, value, expected in wrong if bad]
    if faults:
        raise RequestError(*faults)
