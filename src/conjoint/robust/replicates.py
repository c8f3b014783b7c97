"""Replicates: figures made again as often as respondents are drawn again, each time weighted anew.

The check on linearised intervals: nothing is linearised here, and nothing taken as given.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from conjoint.errors import EstimationError, Fault, RequestError, choices
from conjoint.estimate import marginal_means
from conjoint.estimate.sample import samples
from conjoint.toplines import toplines
from conjoint.toplines.question import sums_of_answers
from conjoint.typing import Resampling
from conjoint.wave import find_groups
from conjoint.weight import replicate_weights

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd

    from conjoint.estimates import Estimates
    from conjoint.typing import FloatArray
    from conjoint.wave import Wave

__all__ = ["Replicates", "figure_keys", "figure_maker", "replicate"]

CHUNK = 1 << 24
"""Weights of replicates in one go."""


@dataclass(frozen=True, eq=False, repr=False)
class Replicates:
    """Figures with the values that they took in every replicate.

    Parameters
    ----------
    estimates
        The figures with their linearised errors.
    values
        Of shape (replicates, k).
    method
        How respondents were drawn.
    dropped
        How many replicates could not be weighted to the targets, and are not among `values`.
    """

    estimates: Estimates
    values: FloatArray
    method: Resampling
    dropped: int

    def __repr__(self) -> str:
        count, k = self.values.shape
        return f"<Replicates: {count:,} of {k} figures, {self.method}>"

    @property
    def covariance(self) -> FloatArray:
        """Covariance of all figures over the replicates, of shape (k, k)."""
        away = np.where(self.estimates.estimable, self.values - self.estimates.values, 0.0)
        if self.method == "bootstrap":
            return np.asarray(away.T @ away / len(away))
        # A replicate that was dropped stands for the average of the others.
        n = len(away) + self.dropped
        return np.asarray((n - 1) / len(away) * (away.T @ away))

    @property
    def std_errors(self) -> FloatArray:
        """Standard errors, of shape (k,); NaN where a figure is fixed, or cannot be estimated."""
        errors = np.sqrt(np.diag(self.covariance))
        return np.where(self.estimates.fixed | ~self.estimates.estimable, np.nan, errors)

    @property
    def frame(self) -> pd.DataFrame:
        """The figures' tidy frame, errors, tests and intervals by the replicates."""
        made, errors = self.estimates, self.std_errors
        statistic, (low, high) = made.tested(errors), made.ends(errors)
        return made.frame.assign(
            std_error=errors,
            statistic=statistic,
            p_value=made.p_values_of(statistic),
            conf_low=low,
            conf_high=high,
        )


def replicate(
    wave: Wave,
    estimator: Callable[..., Estimates] = marginal_means,
    *arguments: Any,
    replicates: int = 1000,
    method: Resampling = "bootstrap",
    seed: int = 1,
    **options: Any,
) -> Replicates:
    """Make figures again for many draws of the respondents, weighted to the targets every time.

    Estimand
        The estimator's own.
    Variance
        ``"bootstrap"``: n - 1 respondents drawn with replacement, counts scaled by n / (n - 1)
        (Rao & Wu 1988); the variance is the mean square distance of the replicates from the figure.
        ``"jackknife"``: each respondent left out once; (n - 1) / n times the sum of squares.
    Units
        Those of the estimator.

    Parameters
    ----------
    wave
        Where it was weighted to targets, every replicate is, in the same way; where not, the
        replicates have the weights that were given.
    estimator
        Any estimator, with its arguments behind it: ``replicate(wave, cj.joint_means, ("cap",
        "reduction"), by="segments")``. Marginal means and toplines take their respondents' sums once,
        and each replicate is a matrix product; others are run again for every replicate.
    replicates
        How many draws of the bootstrap; a jackknife has as many as there are respondents.
    seed
        Where the draws start: the same seed gives the same figures.

    Raises
    ------
    RequestError
        There is no such method, or fewer than two replicates.
    EstimationError
        Fewer than two replicates can be weighted to the targets; or as the estimator.

    References
    ----------
    Rao & Wu 1988, doi:10.1080/01621459.1988.10478591. The jackknife is checked against R's survey.

    Examples
    --------
    >>> # cj.replicate(cj.rake(wave), cj.marginal_means, by="segments").frame
    """
    if method not in get_args(Resampling):
        known = choices(get_args(Resampling))
        raise RequestError(Fault("method", f'there is no "{method}"', known, "Name one of them."))
    if replicates < 2:
        raise RequestError(Fault("replicates", f"{replicates}", "two or more"))
    estimates = estimator(wave, *arguments, **options)
    again = figure_maker(wave, estimator, arguments, options, estimates)
    values, dropped = [], 0
    for factors in _draws(wave.n_respondents, replicates, method, seed):
        weights, met = replicate_weights(wave, factors)
        dropped += int((~met).sum())
        values.append(again(weights[:, met]))
    stacked = np.concatenate(values)
    if len(stacked) < 2:
        raise EstimationError(
            Fault(
                "replicates",
                f"{len(stacked)} of {len(stacked) + dropped} can be weighted to the targets",
                "most of them: categories hold too few respondents to be drawn every time",
                "Merge small categories of the targets.",
            )
        )
    return Replicates(estimates, stacked, method, dropped)


def _draws(n: int, replicates: int, method: Resampling, seed: int) -> Iterator[FloatArray]:
    """How often each respondent is in each replicate, (n, some), in pieces."""
    step = max(1, CHUNK // n)
    if method == "jackknife":
        for start in range(0, n, step):
            left_out = np.arange(start, min(start + step, n))
            factors = np.ones((n, len(left_out)))
            factors[left_out, np.arange(len(left_out))] = 0.0
            yield factors
        return
    rng = np.random.default_rng(seed)
    for start in range(0, replicates, step):
        count = min(step, replicates - start)
        drawn = rng.multinomial(n - 1, np.full(n, 1 / n), size=count).T
        yield np.asarray(drawn * (n / (n - 1.0)), dtype=float)


def figure_maker(
    wave: Wave,
    estimator: Callable[..., Estimates],
    arguments: tuple[Any, ...],
    options: dict[str, Any],
    estimates: Estimates,
) -> Callable[[FloatArray], FloatArray]:
    """Give the function that makes the figures under many weightings, (respondents, R) to (R, k).

    Marginal means and toplines are a matrix product; any other estimator runs once a weighting. Rows
    that it does not give under a weighting are missing.
    """
    sums = None
    if estimator is marginal_means and options.get("ties", "keep") == "keep":
        sums = _sums_of_means(wave, estimates)
    elif estimator is toplines:
        sums = _sums_of_answers(wave, estimates)
    if sums is not None:
        moments, counts = sums
        return lambda weights: _ratio(weights, moments, counts)

    def run(weights: FloatArray) -> FloatArray:
        keys = figure_keys(estimates)
        values = np.full((weights.shape[1], len(keys)), np.nan)
        for row, own in enumerate(weights.T):
            made = estimator(wave.with_weights(own), *arguments, **options)
            found = dict(zip(figure_keys(made), made.values, strict=True))
            values[row] = [found.get(key, np.nan) for key in keys]
        return values

    return run


def figure_keys(estimates: Estimates) -> list[tuple[Any, ...]]:
    """Each figure's outcome, estimand, group, attribute and level: what it is found again by."""
    names = ["outcome", "estimand", "group", "attribute", "level"]
    return list(estimates.labels[names].itertuples(index=False, name=None))


def _ratio(weights: FloatArray, moments: FloatArray, counts: FloatArray) -> FloatArray:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((weights.T @ moments) / (weights.T @ counts))


def _sums_of_means(wave: Wave, estimates: Estimates) -> tuple[FloatArray, FloatArray]:
    """Each respondent's sum of answers and number of profiles behind every mean; (respondents, k)."""
    specification, n = estimates.specification, wave.n_respondents
    names = ["outcome", "group", "attribute", "level"]
    keys = estimates.labels[names].itertuples(index=False, name=None)
    place = {key: row for row, key in enumerate(keys) if estimates.estimable[row]}
    moments, counts = (np.zeros((n, len(estimates))) for _ in range(2))
    for outcome in dict.fromkeys(estimates.labels["outcome"]):
        for sample in samples(wave, outcome, specification):
            for name, attribute in wave.survey.attributes.items():
                wanted = [(outcome, sample.group, name, level) for level in attribute.values]
                rows = [(place[key], at) for at, key in enumerate(wanted) if key in place]
                if rows:
                    columns, levels = map(list, zip(*rows, strict=True))
                    shown = sample.shown(name)
                    cell = sample.codes(name).astype(np.intp) * n + sample.respondent
                    sums = np.bincount(cell, weights=sample.y, minlength=len(shown) * n)
                    sums = sums[: len(shown) * n]  # not those that do not show the attribute
                    moments[:, columns] = sums.reshape(len(shown), n)[levels].T
                    counts[:, columns] = shown[levels].T
    return moments, counts


def _sums_of_answers(wave: Wave, estimates: Estimates) -> tuple[FloatArray, FloatArray]:
    """Each respondent's answers, and whether there are any, behind every topline; (respondents, k)."""
    moments, counts = [], []
    by = estimates.specification.by
    groups = {group.key: group.respondents for group in wave.groups(None)}
    groups |= {
        group.key: group.respondents for group in (find_groups(wave, by) if by is not None else ())
    }
    seen = estimates.labels[["outcome", "group"]].drop_duplicates()
    for question, group in seen.itertuples(index=False, name=None):
        values, base = sums_of_answers(wave, question, groups[group])
        moments.append(values)
        counts.append(base)
    return np.concatenate(moments, axis=1), np.concatenate(counts, axis=1)
