"""What would flip a headline: how few respondents, or how small a change of one target."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from conjoint.errors import Fault, RequestError
from conjoint.wave import margin_effects
from conjoint.weight.coding import Coder

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from conjoint.estimates import Estimates
    from conjoint.survey import Margin
    from conjoint.typing import FloatArray
    from conjoint.wave import Wave

__all__ = ["fragility"]

MOST_LEFT_OUT = 0.5
"""Part of a base up to which leaving people out is taken to first order."""
MOST_MOVED = 0.25
"""Share of everybody up to which moving a target is."""

KEYS = ["outcome", "estimand", "group", "attribute", "level"]


def fragility(
    wave: Wave,
    estimator: Callable[..., Estimates],
    *arguments: Any,
    threshold: float = 0.0,
    **options: Any,
) -> pd.DataFrame:
    """Say how little it would take to carry figures to the other side of a threshold.

    Estimand
        The fewest respondents without whom the figure is beyond the threshold, weighted to the same
        targets; and the one target whose change by the fewest points takes it there, the margin's
        other categories giving way in proportion.
    Formula
        First order, without a refit: leaving respondent i out moves a figure by minus their
        influence, psi_i; moving weighted totals by dT moves it by B'dT, with B the coefficients of
        its influence on the margins. Good where the moves are small; a prompt to look closer where
        few respondents or small shifts are enough.

    Parameters
    ----------
    wave, estimator, arguments, options
        The figures: ``fragility(wave, cj.toplines, by="segments", threshold=0.5)``.
    threshold
        The value to be crossed: 0 for differences and effects, 0.5 for a majority of answers.

    Returns
    -------
    pandas.DataFrame
        One row a figure that is estimated: its keys, ``estimate, threshold, n_respondents``;
        ``respondents``, the fewest to leave out, with their ``share`` of the base, missing where half
        the base is not enough; ``margin, category, target`` and ``shift``, the target that would do,
        as a share, and by how much it would have to change, missing where the wave has no targets or
        it takes more than a quarter of everybody.

    Raises
    ------
    RequestError
        The threshold is not a number. Otherwise as the estimator.

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
    rows = np.flatnonzero(~estimates.fixed & estimates.estimable)
    gaps = estimates.values[rows] - threshold
    labels = estimates.labels.iloc[rows].reset_index(drop=True)
    people = [
        _fewest(estimates.influence[:, row], gap, base)
        for row, gap, base in zip(rows, gaps, labels["n_respondents"], strict=True)
    ]
    frame = labels[KEYS].assign(
        estimate=estimates.values[rows],
        threshold=threshold,
        n_respondents=labels["n_respondents"],
        respondents=people,
        share=np.array(people, dtype=float) / labels["n_respondents"].to_numpy(),
    )
    shifts = _shifts(wave, estimator(wave.fixed(), *arguments, **options).influence[:, rows], gaps)
    return frame.assign(**shifts)


def _fewest(influence: FloatArray, gap: float, base: int) -> float:
    """How many respondents, those of most influence first, hold a figure on its side."""
    pulls = np.sort(influence if gap > 0 else -influence)[::-1]
    reached = np.cumsum(pulls[pulls > 0])
    enough = int(np.searchsorted(reached, abs(gap), side="right"))
    return float(enough + 1) if enough < min(len(reached), MOST_LEFT_OUT * base) else np.nan


def _shifts(wave: Wave, influence: FloatArray, gaps: FloatArray) -> dict[str, Sequence[Any]]:
    """The smallest change of one target that takes each figure to its threshold."""
    k = len(gaps)
    empty: dict[str, Sequence[Any]] = {
        "margin": [""] * k, "category": [""] * k, "target": [np.nan] * k, "shift": [np.nan] * k,
    }  # fmt: skip
    made = wave.calibration
    margins = [] if made is None else [m for m in made.targets.margins if _is_of_everybody(m)]
    if made is None or not margins:
        return empty
    coder = Coder(wave.respondents)
    z = np.concatenate([_indicators(coder, margin) for margin in margins], axis=1)
    effects = margin_effects(influence, z, made.start, wave.weights)
    moves, names, shares, start = [], [], [], 0
    for margin in margins:
        share = np.array(list(margin.shares.values()))
        own = effects[start : start + len(share)] * wave.weights.sum()
        start += len(share)
        # The others give way in proportion to what they hold.
        others = (share @ own - share[:, None] * own) / (1 - share)[:, None]
        moves.append(own - others)
        names += [(margin.name, category) for category in margin.categories]
        shares.append(share)
    move, share = np.concatenate(moves), np.concatenate(shares)
    with np.errstate(divide="ignore", invalid="ignore"):
        shift = -gaps / move
    reached = share[:, None] + shift
    possible = (np.abs(shift) <= MOST_MOVED) & (reached > 0) & (reached < 1)
    distance = np.where(possible, np.abs(shift), np.inf)
    best = np.argmin(distance, axis=0)
    found = np.isfinite(distance[best, np.arange(k)])
    return {
        "margin": [names[row][0] if ok else "" for row, ok in zip(best, found, strict=True)],
        "category": [names[row][1] if ok else "" for row, ok in zip(best, found, strict=True)],
        "target": np.where(found, share[best], np.nan).tolist(),
        "shift": np.where(found, shift[best, np.arange(k)], np.nan).tolist(),
    }


def _is_of_everybody(margin: Margin) -> bool:
    return bool(margin.shares) and margin.segment is None


def _indicators(coder: Coder, margin: Margin) -> FloatArray:
    codes, texts = coder.combinations(margin.columns)
    place = {text: at for at, text in enumerate(texts)}
    columns = np.array([place.get(category, -2) for category in margin.categories])
    return np.asarray(codes[:, None] == columns, dtype=float)
