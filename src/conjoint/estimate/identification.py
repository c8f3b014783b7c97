"""The people who carry each figure, as a table: see :class:`conjoint.estimate.carriers.Carriers`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from conjoint.errors import EstimationError
from conjoint.estimate.amce import amce

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from conjoint.estimates import Estimates
    from conjoint.wave import Wave

__all__ = ["COLUMNS", "identification"]

COLUMNS = ["outcome", "group", "attribute", "level", "n_respondents", "n_carrying"]


def identification(
    wave: Wave,
    by: str | Sequence[str] | None = None,
    outcome: str | None = None,
    estimator: Callable[..., Estimates] = amce,
) -> pd.DataFrame:
    """Count the people who carry each figure of an estimator.

    Parameters
    ----------
    wave, by, outcome
        As for :func:`conjoint.amce`.
    estimator
        Called with these: :func:`conjoint.amce`, or another of its kind.

    Returns
    -------
    pandas.DataFrame
        One row an outcome, group, attribute and level: ``n_respondents`` (who saw the level) and
        ``n_carrying`` (see :class:`conjoint.estimate.carriers.Carriers`; where at least half of the people do, all of them). Baselines, and
        figures that cannot be estimated, are left out.

    Examples
    --------
    >>> # identification(wave).query("n_carrying < 50")
    """
    parts = []
    for name in wave.outcomes(outcome):
        try:
            made = estimator(wave, by, outcome=name)
        except EstimationError:  # there is no figure, and so nobody who carries it
            continue
        known = made.estimable & ~made.fixed
        parts.append(made.labels.assign(n_carrying=made.n_carrying)[known])
    return pd.concat([pd.DataFrame(columns=COLUMNS), *parts], ignore_index=True)[COLUMNS]
