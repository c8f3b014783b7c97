"""Interactions of attributes: against baselines (ACIE), and without any (AMIE)."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, get_args

import numpy as np
import pandas as pd

from conjoint.errors import EstimationError, Fault, RequestError, choices
from conjoint.estimate.additive import find_baselines, fit_blocks
from conjoint.estimate.contrasts import level_figures
from conjoint.estimate.design import against, cells_of, design_shares, find_blocks
from conjoint.estimate.figures import linear_figures
from conjoint.estimate.groups import estimate_each
from conjoint.estimate.sample import specify
from conjoint.survey import INTERLOCK
from conjoint.typing import Interaction
from conjoint.wave import cell_counts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conjoint.estimate.additive import BlockFit
    from conjoint.estimate.figures import Faults
    from conjoint.estimate.groups import Figures
    from conjoint.estimate.sample import Sample
    from conjoint.estimates import Estimates
    from conjoint.survey import Survey
    from conjoint.typing import FloatArray, Variance
    from conjoint.wave import Wave

__all__ = ["effects_with", "interactions"]

Pair = tuple[str, str]


def interactions(
    wave: Wave,
    attributes: Sequence[str] | Sequence[Sequence[str]],
    by: str | Sequence[str] | None = None,
    *,
    kind: Interaction = "acie",
    outcome: str | None = None,
    baselines: Mapping[str, str] | None = None,
    variance: Variance = "linearised",
    confidence: float = 0.95,
) -> Estimates:
    """Interactions of pairs of attributes: how far two levels together are more than each alone.

    Estimand
        ``"acie"``, the average component interaction effect: the change in the expected outcome when
        both attributes go from their baselines to the two levels, less the changes when each goes
        alone; an effect on an effect, and it hangs on the baselines. ``"amie"``, the average
        marginal interaction effect: what is left of the mean of a combination when the overall
        mean and the two attributes' own effects are taken off; it knows no baseline, and averages
        to zero over the levels of either attribute.
    Formula
        Weighted least squares on level dummies of all attributes and on the joint cells of each
        pair, all pairs in one model. With m the fitted mean and d the attributes tied to the pair:
        ACIE(l, m) = sum_d q(d) [m(l,m,d) - m(l0,m,d) - m(l,m0,d) + m(l0,m0,d)], q(d) as often as the
        design draws d with l and m; AMIE(l, m) = sum_d q(d) [m(l,m,d) - m(l,.,d) - m(.,m,d) +
        m(.,.,d)], a dot averaging over the design's distribution of the attribute.
    Variance
        Linearised and clustered by respondent; see :class:`conjoint.Estimates`.
    Units
        Those of the outcome. For choices and support 0.05 means five points more, on 0 to 1, than
        the two effects added up.
    Restricted designs
        What is tied to an attribute of a pair is crossed with the pair, and averaged over the
        combinations that the design allows, and the group saw, with all four cells (for an AMIE,
        with all cells of the pair). An ACIE of which the design never draws one of the four cells is
        not defined and has no row. An AMIE needs a pair that may always meet.

    Parameters
    ----------
    wave, by, outcome, variance, confidence
        As for :func:`conjoint.amce`.
    attributes
        A pair such as ``("cap", "reduction")``, or a list of pairs, which may share attributes.
    kind
        ``"acie"`` or ``"amie"``.
    baselines
        For ACIEs: levels to measure against, by attribute; the survey's for those not named.

    Returns
    -------
    Estimates
        One row a combination of levels: `attribute` is ``"cap * reduction"``, `level` and `baseline`
        join the levels in that order. ACIEs with either attribute at its baseline are zero by
        definition and have no row. AMIEs have a row for every combination, and no baseline. Counts
        are those of the combination.

    Raises
    ------
    RequestError
        A pair is not two different attributes, stands twice, or (for AMIEs) has levels that never
        meet; a baseline or an option is unknown.
    EstimationError
        No interaction can be estimated. Where some can, the others are NaN, and `note` says why: as for
        :func:`conjoint.amce`, or one of the cells that the interaction is made of was never shown.

    References
    ----------
    ACIE: Hainmueller, Hopkins & Yamamoto 2014, doi:10.1093/pan/mpt024; checked against cjoint 2.1.1
    and survey 4.1 on that article's immigration data. AMIE: Egami & Imai 2019,
    doi:10.1080/01621459.2018.1476246; checked against cell means of balanced designs.

    Examples
    --------
    >>> import pandas as pd, conjoint as cj
    >>> frame = pd.DataFrame({
    ...     "id": [1, 1, 1, 1, 2, 2, 2, 2], "price": ["high", "high", "low", "low"] * 2,
    ...     "colour": ["red", "blue"] * 4, "bought": [0, 0, 1, 0, 1, 0, 1, 0]})
    >>> wave = cj.Wave.from_frame(
    ...     frame, respondent="id", outcome="bought", attributes=["price", "colour"])
    >>> interactions(wave, ("price", "colour")).frame[["level", "baseline", "estimate"]].round(9)
          level     baseline  estimate
    0  low * red  high * blue       0.5
    """
    pairs = _find_pairs(wave.survey, attributes)
    if kind not in get_args(Interaction):
        raise RequestError(
            Fault("kind", f'there is no "{kind}"', choices(get_args(Interaction)), "Name one.")
        )
    if kind == "amie":
        _check_may_meet(wave.survey, pairs)
    chosen = find_baselines(wave, baselines)
    blocks = find_blocks(wave.survey, pairs)

    def estimator(sample: Sample) -> Figures:
        fit = fit_blocks(sample, blocks, chosen)
        parts = [
            _acies(fit, pair, chosen) if kind == "acie" else _amies(fit, pair) for pair in pairs
        ]
        labels = pd.concat([part for part, *_ in parts], ignore_index=True).assign(estimand=kind)
        weights = np.concatenate([part for _, part, _ in parts])
        faults = tuple(fault for *_, part in parts for fault in part)
        figures, faults = fit.express(weights, faults=faults)
        return linear_figures(sample, fit.regression, figures, labels, fit.cells, faults)

    named = ", ".join(INTERLOCK.join(pair) for pair in pairs)
    specification = specify(wave, kind, by, variance, confidence, attributes=named)
    return estimate_each(wave, estimator, specification, outcome)


def effects_with(sample: Sample, baselines: dict[str, int], pairs: Sequence[Pair]) -> Figures:
    """AMCEs from the model with interactions: the main effects that go with its ACIEs."""
    fit = fit_blocks(sample, find_blocks(sample.wave.survey, pairs), baselines)
    return level_figures(sample, fit, baselines, "amce")


def _acies(
    fit: BlockFit, pair: Pair, baselines: dict[str, int]
) -> tuple[pd.DataFrame, FloatArray, Faults]:
    """Labels of the interactions that the design allows, their weights on all cells, and faults."""
    first, second = pair
    attributes = fit.sample.wave.survey.attributes
    sizes = [len(attributes[name].levels) for name in pair]
    where = f'{fit.sample.where}, attributes "{INTERLOCK.join(pair)}"'
    cells, weights, faults = [], [], list[Fault | None]()
    for levels in product(*(range(size) for size in sizes)):
        if levels[0] == baselines[first] or levels[1] == baselines[second]:
            continue
        change = {
            name: against(level, baselines[name], size)
            for name, level, size in zip(pair, levels, sizes, strict=True)
        }
        given = dict(zip(pair, levels, strict=True))
        if fit.average(change, given, designed=True) is None:
            continue
        row = fit.average(change, given)
        cells.append(levels)
        weights.append(np.zeros(fit.starts[-1]) if row is None else row)
        what = "one of the four cells of the interaction was never shown"
        faults.append(Fault(where, what, "all four") if row is None else None)
    if not cells:
        raise EstimationError(
            Fault(
                where,
                "no combination of levels has an interaction: one of its four cells never occurs",
                "some combination that meets both baselines, as do its levels",
                "Choose other baselines.",
            )
        )
    labels = _labels(fit.sample, pair, cells)
    values = [attributes[name].values[baselines[name]] for name in pair]
    return labels.assign(baseline=INTERLOCK.join(values)), np.array(weights), tuple(faults)


def _amies(fit: BlockFit, pair: Pair) -> tuple[pd.DataFrame, FloatArray, Faults]:
    survey = fit.sample.wave.survey
    centred = {}
    for name in pair:
        shares = design_shares(survey, (name,))
        centred[name] = np.eye(len(shares)) - shares
    cells = list(product(*(range(len(centred[name])) for name in pair)))
    fault = Fault(
        f'{fit.sample.where}, attributes "{INTERLOCK.join(pair)}"',
        "not every combination of levels occurs, with the same levels of the attributes "
        "they are tied with",
        "every combination in some profile",
        'Use kind="acie", or a larger group.',
    )
    weights = np.zeros((len(cells), int(fit.starts[-1])))
    faults: list[Fault | None] = [None] * len(cells)
    for place, levels in enumerate(cells):
        change = {name: centred[name][level] for name, level in zip(pair, levels, strict=True)}
        row = fit.average(change, {})
        if row is None:
            faults[place] = fault
        else:
            weights[place] = row
    return _labels(fit.sample, pair, cells).assign(baseline=""), weights, tuple(faults)


def _labels(sample: Sample, pair: Pair, cells: Sequence[tuple[int, ...]]) -> pd.DataFrame:
    """One row a combination: attribute, level and what it stands on."""
    codes, shape = cells_of(sample.wave, pair)
    n_profiles, n_respondents = cell_counts(
        codes[sample.rows], int(np.prod(shape)), sample.respondent, sample.n_respondents
    )
    values = [sample.wave.survey.attributes[name].values for name in pair]
    place = [int(np.ravel_multi_index(levels, shape)) for levels in cells]
    return pd.DataFrame(
        {
            "attribute": INTERLOCK.join(pair),
            "level": [INTERLOCK.join((values[0][a], values[1][b])) for a, b in cells],
            "n_profiles": n_profiles[place],
            "n_respondents": n_respondents[place],
        }
    )


def _find_pairs(
    survey: Survey, attributes: Sequence[str] | Sequence[Sequence[str]]
) -> tuple[Pair, ...]:
    """The pairs asked for: one, or a list of them."""
    one = all(isinstance(name, str) for name in attributes)
    faults = []
    pairs: list[Pair] = []
    for names in [attributes] if one else attributes:
        own = (names,) if isinstance(names, str) else tuple(str(name) for name in names)
        faults += [
            Fault("attributes", f'there is no attribute "{name}"', choices(survey.attributes))
            for name in own
            if name not in survey.attributes
        ]
        if len(own) != 2 or own[0] == own[1]:
            what = f"{list(own)} is no pair"
            faults.append(Fault("attributes", what, "two different attributes", "Name two."))
        elif any({*own} == {*other} for other in pairs):
            what = f"{INTERLOCK.join(own)} stands twice"
            faults.append(Fault("attributes", what, "each pair once", "Take one out."))
        else:
            pairs.append((own[0], own[1]))
    if faults:
        raise RequestError(*faults)
    return tuple(pairs)


def _check_may_meet(survey: Survey, pairs: Sequence[Pair]) -> None:
    faults = []
    for pair in pairs:
        never = np.argwhere(design_shares(survey, pair) == 0)
        if len(never):
            values = [
                survey.attributes[name].values[at] for name, at in zip(pair, never[0], strict=True)
            ]
            faults.append(
                Fault(
                    "attributes",
                    f'{INTERLOCK.join(pair)} has levels that never meet, such as "{values[0]}" and '
                    f'"{values[1]}", so that its means have no margins',
                    "a pair that the design draws in every combination",
                    'Use kind="acie".',
                )
            )
    if faults:
        raise RequestError(*faults)
