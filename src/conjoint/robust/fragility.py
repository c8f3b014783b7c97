"""What would flip a headline: how few respondents, or how small a change of one target."""

from __future__ import annotations

from dataclasses import dataclass
from inspect import signature
from math import ceil, inf, isnan
from typing import TYPE_CHECKING, Any

import numpy as np

from conjoint.errors import ConjointError, Fault, RequestError
from conjoint.robust.replicates import figure_keys, figure_maker
from conjoint.weight import Reweighting
from conjoint.weight.coding import Coder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd

    from conjoint.estimates import Estimates
    from conjoint.survey import Margin
    from conjoint.typing import FloatArray
    from conjoint.wave import Wave

    Make = Callable[[FloatArray], FloatArray]
    Call = tuple[tuple[Any, ...], dict[str, Any]]

__all__ = ["fragility"]

MOST_LEFT_OUT = 0.5
"""Part of a base up to which people are left out."""
MOST_MOVED = 0.25
"""Share of everybody by which a target is moved at the most."""
STEP = 1e-4
"""Share of everybody by which a target is moved at the least: a hundredth of a point."""
NEAR = 2.0
"""Targets are tried whose first-order shift is up to so many times the smallest that does."""

ROUNDING = 1e-9
"""A figure this near to its threshold, in parts of either, is not beyond it: weights meet targets to 1e-10."""

KEYS = ["outcome", "estimand", "group", "attribute", "level"]


def fragility(
    wave: Wave,
    estimator: Callable[..., Estimates],
    *arguments: Any,
    threshold: float = 0.0,
    only: Mapping[str, str | Sequence[str]] | None = None,
    **options: Any,
) -> pd.DataFrame:
    """Say how little it would take to carry figures to the other side of a threshold.

    Estimand
        How many respondents, or fewer, can be left out so that the figure is beyond the threshold when
        the others are weighted as the wave was; and the one target whose change by the fewest points
        takes it there, the margin's other categories giving way in proportion.
    Formula
        Respondents are ordered by influence, those who hold the figure on its side the most first:
        psi_i, by which the figure moves, to first order, without respondent i (Broderick, Giordano &
        Meager 2020). `respondents` is the N for which the figure, made again without the first N and
        weighted to the targets again (same starting weights, distance, bounds and limits; weights as
        given where there are no targets), is beyond the threshold, and without the first N - 1 is not. It
        is sought by bisection. Another choice of people may take fewer: N is an upper bound.

        A target is moved in steps of a hundredth of a point and the wave weighted again: `shift` takes the
        figure beyond the threshold, and one step less does not. B'dT, with B the coefficients of the
        influence on the margins, says where to look.

    Parameters
    ----------
    wave, estimator, arguments, options
        The figures: ``fragility(wave, cj.toplines, by="segments", threshold=0.5)``. Toplines and
        marginal means are matrix products; other estimators are run some fifteen times a figure.
    threshold
        The value to be crossed: 0 for differences and effects, 0.5 for a majority of answers.
    only
        The figures wanted, as for :meth:`conjoint.Estimates.select`: ``{"level": "Support"}``. All
        where None.

    Returns
    -------
    pandas.DataFrame
        One row a figure that is estimated: its keys, ``estimate, threshold, n_respondents``;
        ``respondents``: so many, or fewer, are enough to leave out, with their ``share`` of the base;
        missing where half the base is not enough, or the targets cannot be met without so many;
        ``margin, category, target`` and ``shift``, the target that would do, as a share, and by how much
        it would have to change, missing where the wave has no targets, none can be changed without
        another, or it takes more than a quarter of everybody.

    Raises
    ------
    RequestError
        The threshold is not a number, or `only` names no figure. Otherwise as the estimator.

    References
    ----------
    Broderick, Giordano & Meager 2020, arXiv:2011.14999, on dropping few respondents.

    Examples
    --------
    >>> # cj.fragility(wave, cj.toplines, by="segments", threshold=0.5)
    """
    if not np.isfinite(threshold):
        raise RequestError(Fault("threshold", f"{threshold}", "a number"))
    estimates = estimator(wave, *arguments, **options)
    wanted = set(figure_keys(estimates.select(**only) if only else estimates))
    estimated = ~estimates.fixed & estimates.estimable
    rows = [
        row for row, key in enumerate(figure_keys(estimates)) if key in wanted and estimated[row]
    ]
    figures = _figures(wave, estimator, arguments, options, estimates, rows, threshold)
    labels = estimates.labels.iloc[rows].reset_index(drop=True)
    again = Reweighting(wave)
    people = [
        _left_out(figure, estimates.influence[:, row], int(base), again)
        for figure, row, base in zip(figures, rows, labels["n_respondents"], strict=True)
    ]
    frame = labels[KEYS].assign(
        estimate=estimates.values[rows],
        threshold=threshold,
        n_respondents=labels["n_respondents"],
        respondents=np.array(people, dtype=float),
        share=np.array(people, dtype=float) / labels["n_respondents"].to_numpy(),
    )
    targets = _targets(wave)
    if targets:
        fixed = estimator(wave.fixed(), *arguments, **options)
        slopes = _slopes(wave, targets, fixed.influence[:, rows])
        moves = [
            _moved(figure, targets, slope, again)
            for figure, slope in zip(figures, slopes.T, strict=True)
        ]
    else:
        moves = [NOT_MOVED] * len(figures)
    names = ["margin", "category", "target", "shift"]
    return frame.assign(**{name: [move[at] for move in moves] for at, name in enumerate(names)})


@dataclass(frozen=True, eq=False, slots=True)
class _Figure:
    """A figure that can be made again under other weights.

    Parameters
    ----------
    estimate, threshold
        What it is, and the value to be crossed.
    make
        From weights, (respondents, 1), to figures, (1, k).
    index
        Which of them it is.
    """

    estimate: float
    threshold: float
    make: Make
    index: int

    @property
    def side(self) -> float:
        """1 above the threshold, -1 at or below it."""
        return 1.0 if self.estimate > self.threshold else -1.0

    @property
    def gap(self) -> float:
        """How far it is from the threshold."""
        return abs(self.estimate - self.threshold)

    def distance(self, weights: FloatArray | None) -> float:
        """How far it is from the threshold under other weights: below zero beyond it, NaN where it,
        or the weights, cannot be had.
        """
        if weights is None:
            return np.nan
        try:
            value = float(self.make(weights[:, None])[0, self.index])
        except ConjointError:
            return np.nan
        distance = self.side * (value - self.threshold)
        scale = max(abs(self.estimate), abs(self.threshold))
        return 0.0 if abs(distance) <= ROUNDING * scale else distance


def _figures(
    wave: Wave,
    estimator: Callable[..., Estimates],
    arguments: tuple[Any, ...],
    options: dict[str, Any],
    estimates: Estimates,
    rows: Sequence[int],
    threshold: float,
) -> list[_Figure]:
    """The figures wanted, each made again with no more than those of its own segment."""
    keys, groups = figure_keys(estimates), estimates.labels["group"].to_numpy()
    everything = figure_maker(wave, estimator, arguments, options, estimates), keys
    makers = {}
    for group in dict.fromkeys(groups[rows]):
        call = _call_for(wave, estimator, arguments, options, group)
        alone = call and _made_alone(wave, estimator, call, estimates.select(group=group))
        makers[group] = alone or everything
    figures = []
    for row in rows:
        make, positions = makers[groups[row]]
        index = positions.index(keys[row])
        figures.append(_Figure(float(estimates.values[row]), threshold, make, index))
    return figures


def _made_alone(
    wave: Wave, estimator: Callable[..., Estimates], call: Call, wanted: Estimates
) -> tuple[Make, list[Any]] | None:
    """How a segment's figures are made alone, if they come out the same, and the keys of what is made."""
    try:
        alone = estimator(wave, *call[0], **call[1])
    except ConjointError:
        return None
    values = dict(zip(figure_keys(alone), alone.values, strict=True))
    again = [values.get(key, np.nan) for key in figure_keys(wanted)]
    if not np.allclose(again, wanted.values):
        return None
    return figure_maker(wave, estimator, *call, alone), figure_keys(alone)


def _call_for(
    wave: Wave,
    estimator: Callable[..., Estimates],
    arguments: tuple[Any, ...],
    options: dict[str, Any],
    group: str,
) -> Call | None:
    """The arguments by which an estimator makes one of several segments alone; None for anything else."""
    call = signature(estimator).bind(wave, *arguments, **options)
    by = call.arguments.get("by")
    if group not in wave.survey.segments or not by or by in ([group], (group,), group):
        return None
    if isinstance(by, str) and by in wave.respondent_columns:
        return None
    call.arguments["by"] = [group]
    return call.args[1:], call.kwargs


def _left_out(figure: _Figure, influence: FloatArray, base: int, again: Reweighting) -> float:
    """How many respondents, or fewer, are enough to leave out; NaN where half the base is not."""
    pulls = figure.side * influence
    order = np.argsort(-pulls, kind="stable")[: np.count_nonzero(pulls > 0)]
    guess = int(np.searchsorted(np.cumsum(pulls[order]), figure.gap, side="right")) + 1
    most = min(len(order), int(MOST_LEFT_OUT * base), base - 2)
    return _fewest(lambda n: figure.distance(again.without(order[:n])), figure.gap, guess, most)


def _fewest(distance: Callable[[int], float], gap: float, guess: int, most: int) -> float:
    """Find a number of steps that takes a figure beyond its threshold where one step fewer does not.

    Parameters
    ----------
    distance
        How far the figure is from the threshold after so many steps: below zero beyond it, NaN where it
        cannot be had.
    gap
        How far it is after none.
    guess, most
        Where to begin, and to end. NaN is given back where there is no such number.
    """
    low, at_low, high, end = 0, gap, max(1, min(guess, most)), most + 1
    at_high = np.nan
    while low < high < end:
        at_high = distance(high)
        if at_high < 0:
            break
        if isnan(at_high):
            high, end = (low + high) // 2, high
            continue
        needed = high * gap / (gap - at_high) if at_high < gap else inf
        low, at_low = high, at_high
        high = min(end - 1, max(low + 1, 5 * low // 4, ceil(min(needed, end))))
    else:
        return np.nan
    halved = True
    while high - low > 1:
        span = high - low
        # Where the chord crosses, or the middle where that has not narrowed it down.
        part = at_low / (at_low - at_high) if halved and not isnan(at_low) else 0.5
        middle = min(max(low + ceil(part * span), low + 1), high - 1)
        at_middle = distance(middle)
        if at_middle < 0:
            high, at_high = middle, at_middle
        else:
            low, at_low = middle, at_middle
        halved = 2 * (high - low) <= span
    return float(high)


@dataclass(frozen=True, eq=False, slots=True)
class _Target:
    """A category's share among the targets of everybody.

    Parameters
    ----------
    margin
        The margin's place among all targets.
    index, shares
        The category's among the margin's shares.
    names
        Of margin and category.
    """

    margin: int
    index: int
    shares: FloatArray
    names: tuple[str, str]

    @property
    def share(self) -> float:
        """What it is."""
        return float(self.shares[self.index])

    def moved(self, shift: float) -> FloatArray:
        """The margin's shares with this one changed, the others giving way in proportion."""
        shares = self.shares * (1 - shift / (1 - self.share))
        shares[self.index] = self.share + shift
        return shares

    def most(self, way: float) -> int:
        """By how many steps it can go up or down, and stay between none and all."""
        room = 1 - self.share if way > 0 else self.share
        return ceil(min(MOST_MOVED + STEP, room) / STEP - ROUNDING) - 1


NOT_MOVED = ("", "", np.nan, np.nan)


def _targets(wave: Wave) -> list[_Target]:
    """The targets that can be moved: shares among everybody."""
    margins = () if wave.calibration is None else wave.calibration.targets.margins
    return [
        _Target(at, index, shares, (margin.name, category))
        for at, margin in enumerate(margins)
        if margin.shares and margin.segment is None
        for shares in [np.array(list(margin.shares.values()))]
        for index, category in enumerate(margin.categories)
        if shares[index] < 1
    ]


def _slopes(wave: Wave, targets: Sequence[_Target], influence: FloatArray) -> FloatArray:
    """By how much figures move with each target, to first order; of shape (targets, k)."""
    calibration = wave.calibration
    assert calibration is not None  # noqa: S101  # it has the targets
    coder = Coder(wave.respondents)
    at = list(dict.fromkeys(target.margin for target in targets))
    columns = [_indicators(coder, calibration.targets.margins[margin]) for margin in at]
    # Those without an answer keep their part: only the others' can be moved.
    start = calibration.start / calibration.start.sum()
    room = {
        margin: start @ own[:, :-1].sum(axis=1) for margin, own in zip(at, columns, strict=True)
    }
    z = np.concatenate(columns, axis=1)
    linearised = calibration.linearised(wave.weights)
    assert linearised is not None  # noqa: S101  # it has the targets
    effects = linearised.effects(influence, z) * wave.weights.sum()
    ends = np.cumsum([column.shape[1] for column in columns])
    of_margin = dict(zip(at, np.split(effects, ends[:-1]), strict=True))
    # `moved` is linear in the shift, so a shift of one gives the change by point.
    return np.stack(
        [
            room[target.margin]
            * (target.moved(1.0) - target.shares)
            @ of_margin[target.margin][:-1]
            for target in targets
        ]
    )


def _moved(
    figure: _Figure, targets: Sequence[_Target], slopes: FloatArray, again: Reweighting
) -> tuple[str, str, float, float]:
    """The target whose change by the fewest points takes a figure beyond its threshold."""
    with np.errstate(divide="ignore", invalid="ignore"):
        shifts = -figure.side * figure.gap / slopes
    best, result = MOST_MOVED, NOT_MOVED
    for at in np.argsort(np.abs(shifts), kind="stable"):
        if not abs(shifts[at]) <= NEAR * best:
            break
        target, way = targets[at], float(-figure.side * np.sign(slopes[at]))
        most = min(target.most(way), round(best / STEP) - (result is not NOT_MOVED))

        def distance(steps: int, target: _Target = target, way: float = way) -> float:
            return figure.distance(
                again.with_shares(target.margin, target.moved(way * steps * STEP))
            )

        steps = _fewest(distance, figure.gap, ceil(abs(shifts[at]) / STEP), most)
        if not isnan(steps):
            best = steps * STEP
            result = (*target.names, target.share, way * best)
    return result


def _indicators(coder: Coder, margin: Margin) -> FloatArray:
    """Indicators of a margin's categories, the last of those without an answer."""
    codes, texts = coder.combinations(margin.columns)
    code_of = {text: code for code, text in enumerate(texts)}
    columns = np.array([*(code_of.get(category, -2) for category in margin.categories), -1])
    return np.asarray(codes[:, None] == columns, dtype=float)
