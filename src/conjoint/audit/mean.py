"""Mean outcomes of profiles by whatever they are sorted by: for checks that sort them anew."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from conjoint.estimate.figures import means_of
from conjoint.estimate.groups import estimate_each
from conjoint.estimate.sample import specify
from conjoint.say.number import between, numeral

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.estimate.figures import Cells
    from conjoint.estimate.groups import Figures
    from conjoint.estimate.sample import Sample
    from conjoint.estimates import Estimates
    from conjoint.survey import Survey
    from conjoint.typing import BoolArray, Integers
    from conjoint.wave import Wave

__all__ = ["in_words", "range_of", "sorted_means", "standing_out"]


def sorted_means(
    wave: Wave,
    outcome: str,
    sortings: Sequence[tuple[Integers, Cells]],
    among: BoolArray | None = None,
) -> Estimates:
    """Mean outcome of the profiles with each code, one sorting after another; empty ones left out.

    Parameters
    ----------
    sortings
        Each a code for each profile, (profiles,), and the (attribute, level) that the codes mean.
    among
        Which profiles to look at, of shape (profiles,); all where None.
    """

    def estimator(sample: Sample) -> Figures:
        rest = sample if among is None else sample.only(among[sample.rows])
        figures = means_of(
            rest,
            [code[rest.rows] for code, _ in sortings],
            [len(cells) for _, cells in sortings],
            [cells for _, cells in sortings],
        )
        return replace(figures, labels=figures.labels.assign(estimand="mean"))

    specification = specify(wave, "mean", None, "linearised", 0.95)
    return estimate_each(wave, estimator, specification, outcome)


def range_of(survey: Survey, outcome: str) -> float:
    """The width of an outcome's scale, so that its differences are points of a hundred."""
    own = survey.outcomes[outcome]
    return 1.0 if own.kind != "rating" else (own.max or 1.0) - (own.min or 0.0)


def standing_out(differences: Estimates) -> tuple[int, float]:
    """The difference that stands out most beside its standard error, and its size."""
    errors = np.where(differences.std_errors > 0, differences.std_errors, np.inf)
    some = np.isfinite(errors)
    place = int(np.argmax(np.abs(differences.values) / np.where(some, errors, 1.0) * some))
    return place, abs(float(differences.values[place]))


def in_words(differences: Estimates, place: int, scale: float) -> str:
    """A difference with its interval, in points: ``5.1 points (4.1 to 6.1)``."""
    row = differences.frame.iloc[place]
    figures = [100 * row[name] / scale for name in ("estimate", "conf_low", "conf_high")]
    own, low, high = (numeral(figure, 1) for figure in figures)
    return f"{own} points ({between(low, high)})"
