"""The conditional logit of forced choices (McFadden 1974), weighted."""

from __future__ import annotations

import contextlib
import warnings
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from statsmodels.base.model import LikelihoodModel

from conjoint.errors import Fault, RequestError
from conjoint.estimate.linear import CollinearityError, inverse_of, weighted_gram
from conjoint.estimate.separation import DECIDED, SETTLED, check_sides, diverged
from conjoint.estimate.within import invert_within, predictor, varying_within, with_slopes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conjoint.estimate.additive import BlockFit
    from conjoint.estimate.linear import Regression
    from conjoint.estimate.sample import Sample
    from conjoint.typing import FloatArray, IntArray

__all__ = ["ConditionalLogit", "Tasks", "fit_conditional"]


@dataclass(frozen=True, eq=False, slots=True)
class Tasks:
    """Rows by task.

    Parameters
    ----------
    order
        Rows, tasks one after another, of shape (N,).
    starts
        Where each task starts among them, of shape (S,).
    task
        The task of each of them, of shape (N,).
    """

    order: IntArray
    starts: IntArray
    task: IntArray

    def sums(self, values: FloatArray) -> FloatArray:
        """Sums over each task, of shape (S, ...); `values` in `order`."""
        return np.asarray(np.add.reduceat(values, self.starts, axis=0))

    def pairs(self) -> Iterator[tuple[IntArray, IntArray]]:
        """Any two profiles of each task that has so many, first with second and so on."""
        sizes = self.sizes
        for one, two in combinations(range(int(sizes.max())), 2):
            starts = self.starts[sizes > two]
            yield starts + one, starts + two

    @property
    def sizes(self) -> IntArray:
        """How many profiles each task shows, of shape (S,)."""
        return np.bincount(self.task)


class ConditionalLogit(LikelihoodModel):  # type: ignore[misc]
    """Which profile of a task is chosen, profiles described by a regression's dummies.

    Formula
        log L = sum over tasks of w [x_chosen'b - log sum over profiles of exp(x'b)].

    Parameters
    ----------
    y
        1 for the chosen profile of each task, else 0, of shape (N,).
    regression
        Its terms and weights; the first coefficient is the intercept, which a choice cannot have.
    tasks
        See :class:`Tasks`.
    """

    def __init__(self, y: FloatArray, regression: Regression, tasks: Tasks) -> None:
        super().__init__(y)
        self.regression, self.tasks = regression, tasks
        self.w = regression.w[tasks.order]
        self.y = y[tasks.order]

    def probabilities(self, params: FloatArray) -> FloatArray:
        """Each profile's probability to be chosen in its task, in the tasks' order; (N,)."""
        return np.asarray(np.exp(self._log_probabilities(params)))

    def loglike(self, params: FloatArray) -> float:
        """See the class."""
        return float(np.sum(self.w * self.y * self._log_probabilities(params)))

    def score(self, params: FloatArray) -> FloatArray:
        """Derivative of the log-likelihood: sum of w (y - p) x; of shape (K - 1,)."""
        error = self.w * (self.y - self.probabilities(params))
        total = np.zeros(len(params) + 1)
        for term in self.regression.terms:
            codes = term.codes[self.tasks.order]
            sums = np.bincount(codes, error, term.size)
            total[term.coefficients] += term.fold(sums.astype(float))
        return total[1:]

    def hessian(self, params: FloatArray) -> FloatArray:
        """Minus the information, of shape (K - 1, K - 1)."""
        return -self.spread(self.probabilities(params))

    def spread(self, p: FloatArray) -> FloatArray:
        """Variation of x within tasks, each task's mean m taken with p, of shape (K - 1, K - 1).

        Formula
            sum of w p (x - m)(x - m)' = sum over profiles of w p (1 - p) x x' less the sum over
            pairs of a task's profiles of w p q (x z' + z x').
        """
        regression, order = self.regression, self.tasks.order
        own = self.w * p * (1 - p)
        table = weighted_gram(regression, regression, own, order, order)
        for mine, theirs in self.tasks.pairs():
            weight = self.w[mine] * p[mine] * p[theirs]
            cross = weighted_gram(regression, regression, weight, order[mine], order[theirs])
            table -= cross + cross.T
        return table[1:, 1:]

    def _log_probabilities(self, params: FloatArray) -> FloatArray:
        b = np.concatenate([[0.0], params])
        eta = predictor(self.regression.terms, b)[self.tasks.order]
        eta -= np.maximum.reduceat(eta, self.tasks.starts)[self.tasks.task]
        total = np.log(self.tasks.sums(np.exp(eta)))
        return np.asarray(eta - total[self.tasks.task])


def fit_conditional(sample: Sample, linear: BlockFit) -> BlockFit:
    """Maximise the weighted likelihood of the choices made.

    Parameters
    ----------
    linear
        The linear model of the same choices, which says whether levels vary freely.

    Returns
    -------
    BlockFit
        Its regression has the conditional logit's coefficients, the inverse of the information, and
        y - p for a residual.

    Raises
    ------
    RequestError
        The group holds some profiles of a task without the others.
    EstimationError
        Levels do not vary freely, never vary within a task, or decide choices altogether.
    """
    linear.refuse_confounded()
    tasks = _find_tasks(sample)
    _check_choices(sample, linear, tasks)
    model, even = ConditionalLogit(sample.y, linear.regression, tasks), 1 / tasks.sizes[tasks.task]
    linear = varying_within(linear, model.spread(even))
    model = ConditionalLogit(sample.y, linear.regression, tasks)
    invert_within(sample, linear, model.spread(even), "task")
    slopes = _maximise(model)
    p = model.probabilities(slopes)
    decided = tasks.sums(p * (1 - p))[tasks.sizes > 1]
    if not (decided > DECIDED).all():
        raise diverged(sample, linear, np.append(0.0, slopes))
    try:
        inverse = inverse_of(model.spread(p))
    except CollinearityError as problem:
        raise diverged(sample, linear, np.append(0.0, slopes)) from problem
    if not (np.abs(inverse @ model.score(slopes)) < SETTLED).all():
        raise diverged(sample, linear, np.append(0.0, slopes))
    residual = np.empty(len(p))
    residual[tasks.order] = model.y - p
    return with_slopes(linear, slopes, inverse, residual)


def _maximise(model: ConditionalLogit) -> FloatArray:
    """The slopes, or where the algorithm stood when it gave up; whoever calls looks."""
    path = [np.zeros(len(model.regression.coefficients) - 1)]
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        # Where levels decide choices the information becomes singular on the way.
        with contextlib.suppress(np.linalg.LinAlgError):
            model.fit(
                path[0],
                method="newton",
                maxiter=50,
                tol=1e-10,
                ridge_factor=0.0,
                callback=path.append,
                disp=False,
                full_output=False,
                skip_hessian=True,
            )
    return [slopes for slopes in path if np.isfinite(slopes).all()][-1]


def _find_tasks(sample: Sample) -> Tasks:
    """Group the sample's rows by respondent and task.

    Raises
    ------
    RequestError
        A task's profiles are not all in the sample.
    """
    wave = sample.wave
    task, names = pd.factorize(wave.profiles["task"])
    key, _ = pd.factorize(wave.respondent_index * len(names) + task)
    own, _ = pd.factorize(key[sample.rows], sort=True)
    order = np.argsort(own, kind="stable")
    sizes = np.bincount(own)
    if (sizes != np.bincount(key)[np.unique(key[sample.rows])]).any():
        raise RequestError(
            Fault(
                f'by, group "{sample.group}"',
                "holds some profiles of a task without the others",
                "groups of people or of tasks",
                'Use model="logit".',
            )
        )
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    return Tasks(order, starts.astype(np.intp), own[order])


def _check_choices(sample: Sample, fit: BlockFit, tasks: Tasks) -> None:
    """Where a cell competes with others it has to win some time and lose some time."""
    never, always = [], []
    sizes = tasks.sizes[tasks.task]
    for term in fit.regression.terms[1:]:
        codes = term.codes[tasks.order].astype(np.intp)
        joint = tasks.task * term.size + codes
        same = np.bincount(joint)[joint]
        rows = same < sizes
        contests = np.bincount(codes[rows], 1 / same[rows], term.size)
        won = np.bincount(codes[rows], sample.y[tasks.order][rows], term.size)
        never.append((contests > 0) & (won == 0))
        # A sum of fractions: off from its whole number by rounding.
        always.append((contests > 0) & (np.rint(contests) == won))
    words = (
        '"{}" is never chosen over another level',
        '"{}" is always chosen over another level',
    )
    check_sides(sample, fit, np.concatenate(never), np.concatenate(always), words)
