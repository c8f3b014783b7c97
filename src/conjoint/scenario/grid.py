"""All combinations of two attributes."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from itertools import product
from typing import TYPE_CHECKING, Any

from conjoint.errors import Fault, RequestError, choices
from conjoint.estimate.design import design_shares
from conjoint.estimate.sample import specify
from conjoint.scenario.band import simultaneous
from conjoint.scenario.package import read_pairs
from conjoint.scenario.scene import Request, Scene, look_at

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from conjoint.typing import IntervalMethod, Variance
    from conjoint.wave import Wave

__all__ = ["Grid", "grid"]


@dataclass(frozen=True, eq=False, repr=False)
class Grid(Scene):
    """A scene of all combinations of two attributes, with simultaneous bands."""

    draws: int = 20_000
    seed: int = 1

    @property
    def frame(self) -> pd.DataFrame:
        """As a scene's, with ``band_low, band_high, critical`` behind it."""
        frame = super().frame
        bands = simultaneous(self.figures, draws=self.draws, seed=self.seed)
        names = ["band_low", "band_high", "critical"]
        return frame.assign(**{name: bands[name].to_numpy() for name in names})


def grid(
    wave: Wave,
    first: str,
    second: str,
    by: str | Sequence[str] | None = None,
    *,
    outcome: str | None = None,
    interactions: Sequence[str] | Sequence[Sequence[str]] = (),
    average: str | Mapping[Any, Mapping[Any, Any]] = "design",
    variance: Variance = "linearised",
    confidence: float = 0.95,
    interval: IntervalMethod = "score",
    draws: int = 20_000,
    seed: int = 1,
) -> Grid:
    """Support for every combination of two attributes that the design draws.

    Estimand, formula, variance, units and restricted designs as :func:`support`. The band holds all
    combinations of an outcome and group at once (see :func:`simultaneous`).

    Parameters
    ----------
    wave, by, outcome, interactions, average, variance, confidence
        As for :func:`support`. ``interactions=("cap", "reduction")`` gives each combination a fitted mean of
        its own.
    first, second
        The attributes.
    draws, seed
        Of the band.
    interval
        Method of the intervals of shares, which stay within 0 and 1 (means of a rating within its scale):
        ``"score"``, ``"logit"`` or ``"beta"``; ``"wald"`` as other packages have it. See
        :meth:`conjoint.Estimates.with_interval`.

    Returns
    -------
    Grid
        Rows in the order outcome, group, first attribute, second attribute.

    Raises
    ------
    RequestError, EstimationError
        As for :func:`support`.

    Examples
    --------
    >>> # grid(wave, "cap", "reduction", by="segments").frame
    """
    survey = wave.survey
    unknown = [name for name in (first, second) if name not in survey.attributes]
    if unknown or first == second:
        what = f'there is no attribute "{unknown[0]}"' if unknown else f'"{first}" stands twice'
        raise RequestError(Fault("grid", what, choices(survey.attributes), "Name two of them."))
    shares = design_shares(survey, (first, second))
    packages = tuple(
        {first: one, second: two}
        for one, two in product(*map(range, shares.shape))
        if shares[one, two] > 0
    )
    pairs = read_pairs(survey, interactions)
    specification = replace(specify(wave, "grid", by, variance, confidence), interval=interval)
    scene = look_at(
        Request(wave, packages, pairs, average, None, wave.outcomes(outcome), specification)
    )
    parts = {field.name: getattr(scene, field.name) for field in fields(scene)}
    return Grid(**parts, draws=draws, seed=seed)
