"""How much each attribute matters, next to the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.errors import EstimationError, Fault
from conjoint.estimate import amce
from conjoint.estimate.design import design_shares
from conjoint.estimates import stack
from conjoint.scenario.family import families

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.estimates import Estimates
    from conjoint.typing import FloatArray, IntArray, Variance
    from conjoint.wave import Wave

__all__ = ["importance"]


def importance(
    wave: Wave,
    by: str | Sequence[str] | None = None,
    *,
    outcome: str | None = None,
    variance: Variance = "linearised",
    confidence: float = 0.95,
) -> Estimates:
    """What share each attribute has in what the package's levels do to support.

    Estimand
        ``"range share"``: the difference of an attribute's best and worst level over the sum of all
        attributes' differences. ``"variance share"``: the variance that an attribute's levels give
        support, as the design draws them, over the sum of all attributes' variances. Both hang on
        the levels that were chosen: an attribute with extreme levels is important.
    Formula
        b the AMCEs, p how often the design draws the levels. Range: max b - min b, levels taken as
        they come out. Variance: b' Q b - tr(Q V), Q = diag(p) - pp', V the covariance of b: without the
        second term chance alone would make every attribute matter.
    Variance
        Delta method, best and worst level and the correction taken as known. Intervals of variance shares
        are too narrow for attributes that hardly matter (docs/scenarios.md has by how much).
    Units
        0 to 1 in sum one; corrected variances of attributes without effect can be below zero.
    Restricted designs
        AMCEs as :func:`conjoint.amce` has them, levels weighed by the attribute's own shares.

    Parameters
    ----------
    wave, by, outcome, variance, confidence
        As for :func:`conjoint.amce`.

    Returns
    -------
    Estimates
        One row an outcome, group, estimand and attribute; for a range `level` and `baseline` are the best
        and worst level. Where best and worst are not sure, ranges are too large on average.

    Raises
    ------
    EstimationError
        No share can be estimated. Groups without any are NaN, and `note` says why: some effect cannot be
        estimated (see :func:`conjoint.amce`), or no attribute does anything to support.

    Examples
    --------
    >>> # importance(wave, by="segments").frame
    """
    effects = amce(wave, by, outcome=outcome, variance=variance, confidence=confidence)
    return stack([_ranges(effects), _variances(wave, effects)])


def _families(effects: Estimates) -> list[tuple[tuple[str, ...], dict[str, IntArray]]]:
    """For each outcome and group, the rows of each attribute."""
    labels = effects.labels
    return [
        (
            key,
            {
                name: index[(labels["attribute"].iloc[index] == name).to_numpy()]
                for name in dict.fromkeys(labels["attribute"].iloc[index])
            },
        )
        for key, index in families(labels, ["outcome", "group"])
    ]


def _ranges(effects: Estimates) -> Estimates:
    values, gradients, labels, faults = [], [], [], list[Fault | None]()
    for key, rows in _families(effects):
        if fault := _incomplete(effects, rows, key):
            values.append(np.full(len(rows), np.nan))
            gradients.append(np.zeros((len(rows), len(effects))))
            faults += [fault] * len(rows)
            labels += [_label(effects, own, name, "", "") for name, own in rows.items()]
            continue
        ends = {
            name: (own[np.argmax(effects.values[own])], own[np.argmin(effects.values[own])])
            for name, own in rows.items()
        }
        size = np.zeros((len(ends), len(effects)))
        for place, (best, worst) in enumerate(ends.values()):
            size[place, best] += 1.0
            size[place, worst] -= 1.0
        known = np.where(effects.estimable, effects.values, 0.0)
        share, gradient, fault = _shares(size @ known, size, key)
        values.append(share)
        gradients.append(gradient)
        faults += [fault] * len(rows)
        for name, (best, worst) in ends.items():
            level = effects.labels["level"]
            labels.append(_label(effects, rows[name], name, level.iloc[best], level.iloc[worst]))
    return _derived(effects, values, gradients, labels, faults, "range share")


def _variances(wave: Wave, effects: Estimates) -> Estimates:
    covariance = effects.covariance
    values, gradients, labels, faults = [], [], [], list[Fault | None]()
    for key, rows in _families(effects):
        size, slope = np.zeros(len(rows)), np.zeros((len(rows), len(effects)))
        for place, (name, own) in enumerate(rows.items()):
            p = design_shares(wave.survey, (name,))
            Q = np.diag(p) - np.outer(p, p)
            b = effects.values[own]
            size[place] = b @ Q @ b - np.sum(Q * covariance[np.ix_(own, own)])
            slope[place, own] = 2 * Q @ b
            labels.append(_label(effects, own, name, "", ""))
        fault = _incomplete(effects, rows, key)
        share, gradient, other = _shares(size, slope, key)
        values.append(share)
        gradients.append(gradient)
        faults += [fault or other] * len(rows)
    return _derived(effects, values, gradients, labels, faults, "variance share")


def _incomplete(
    effects: Estimates, rows: dict[str, IntArray], key: tuple[str, ...]
) -> Fault | None:
    """Why effects that the shares of a group are made of cannot be estimated; None where all can."""
    places = np.concatenate(list(rows.values()))
    notes = dict.fromkeys(effects.notes[place] for place in places if effects.notes[place])
    return Fault(_where(key), "; ".join(notes)) if notes else None


def _where(key: tuple[str, ...]) -> str:
    return f'outcome "{key[0]}", group "{key[1]}"'


def _derived(
    effects: Estimates,
    values: Sequence[FloatArray],
    gradients: Sequence[FloatArray],
    labels: Sequence[dict[str, object]],
    faults: Sequence[Fault | None],
    estimand: str,
) -> Estimates:
    if all(faults):
        raise EstimationError(*dict.fromkeys(fault for fault in faults if fault))
    frame = pd.DataFrame(labels).assign(estimand=estimand)
    notes = [fault.what if fault else "" for fault in faults]
    whole, gradient = np.concatenate(values), np.concatenate(gradients)
    return effects.derive(whole, np.nan_to_num(gradient), frame, "importance", notes)


def _shares(
    size: FloatArray, slope: FloatArray, key: tuple[str, ...]
) -> tuple[FloatArray, FloatArray, Fault | None]:
    """Each size over their sum, how that moves with the figures, and why there are none."""
    total = size.sum()
    if not total > 0:
        fault = Fault(
            _where(key),
            "what the attributes do to support cannot be told from chance",
            "one attribute or more that matters",
            "Widen the group.",
        )
        return np.full(len(size), np.nan), np.zeros_like(slope), fault
    share = size / total
    return share, (slope - np.outer(share, slope.sum(axis=0))) / total, None


def _label(
    effects: Estimates, rows: IntArray, name: str, level: str, baseline: str
) -> dict[str, object]:
    own = effects.labels.iloc[rows]
    first = own.iloc[0]
    return {
        "outcome": first["outcome"],
        "group": first["group"],
        "attribute": name,
        "level": level,
        "baseline": baseline,
        "n_profiles": int(own["n_profiles"].sum()),
        "n_respondents": int(own["n_respondents"].max()),
    }
