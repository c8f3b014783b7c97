"""Marginal means, of one attribute or of several jointly."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from conjoint.errors import Fault, RequestError, choices
from conjoint.estimate.additive import level_labels
from conjoint.estimate.design import cell_names, cells_of, level_cells
from conjoint.estimate.figures import join_each, means_of
from conjoint.estimate.groups import estimate_each
from conjoint.estimate.sample import specify
from conjoint.estimate.ties import check_shown, find_untied, note_ties, without_ties
from conjoint.survey import INTERLOCK

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from conjoint.estimate.groups import Figures
    from conjoint.estimate.sample import Sample
    from conjoint.estimates import Estimates
    from conjoint.survey import Survey
    from conjoint.typing import BoolArray, IntervalMethod, Ties, Variance
    from conjoint.wave import Wave

    Merge = Mapping[str, Sequence[Sequence[str]]]
    """By attribute the sets of levels that are taken together."""

__all__ = ["joint_means", "marginal_means"]


def marginal_means(
    wave: Wave,
    by: str | Sequence[str] | None = None,
    *,
    outcome: str | None = None,
    ties: Ties = "keep",
    variance: Variance = "linearised",
    confidence: float = 0.95,
    interval: IntervalMethod = "score",
) -> Estimates:
    """Marginal means: the mean outcome of the profiles that show a level, one row a level.

    Estimand
        E[Y | level]: for a forced choice the share of times a profile with the level is chosen; for
        support the share of judgements that support it; averaged over the other attributes as they
        were randomised, and over whether they were shown.
    Formula
        sum of w y / sum of w over the level's profiles.
    Variance
        Linearised and clustered by respondent: a ratio of totals, so people who never saw the level
        still belong to the design.
    Units
        Those of the outcome: 0 to 1 for choices and support. In a forced choice the average of an
        attribute's means is one half, whatever people think.
    Restricted designs
        Averaged over the profiles that were shown, hence over the levels allowed with this one.

    Parameters
    ----------
    wave, by, outcome, variance, confidence
        As for :func:`conjoint.amce`.
    ties
        ``"drop"`` leaves out, level by level, the profiles of tasks in which another profile shows
        the same level: the mean is then over the tasks in which the level stands against another.
        In a choice between two profiles it is further from one half, because a task that shows a
        level twice is always half won.
    interval
        Method of the intervals of shares, which stay within 0 and 1 (means of a rating within its scale):
        ``"score"``, ``"logit"`` or ``"beta"``; ``"wald"`` as other packages have it. See
        :meth:`conjoint.Estimates.with_interval`.

    Returns
    -------
    Estimates
        Rows in the order outcome, group, attribute, level; levels never shown to anybody are left out,
        and NaN, with the reason in `note`, in a group that did not see them. `statistic` and `p_value`
        test against zero.

    Raises
    ------
    RequestError
        Ties are to be dropped although no task has several profiles.
    EstimationError
        No mean can be estimated. Where some can, the others are NaN, and `note` says why: a group has
        fewer than two respondents, a segment nobody, or there is nothing but ties in an attribute.

    References
    ----------
    Leeper, Hobolt & Tilley 2020, doi:10.1017/pan.2019.30. Checked against cregg 0.4.0, and
    with ties dropped against projoint 1.1.3.

    Examples
    --------
    >>> import pandas as pd, conjoint as cj
    >>> frame = pd.DataFrame({
    ...     "id": [1, 1, 2, 2], "price": ["high", "low", "low", "high"], "bought": [0, 1, 1, 0]})
    >>> wave = cj.Wave.from_frame(frame, respondent="id", outcome="bought", attributes=["price"])
    >>> cj.marginal_means(wave).frame[["level", "estimate"]].to_dict("list")
    {'level': ['high', 'low'], 'estimate': [0.0, 1.0]}
    """
    specification = replace(
        specify(wave, "marginal_mean", by, variance, confidence, **note_ties(ties)),
        interval=interval,
    )
    each = [(name,) for name in wave.survey.attributes]
    if ties == "keep":
        return estimate_each(wave, lambda sample: _means(sample, each), specification, outcome)
    untied = find_untied(wave)
    return estimate_each(
        wave,
        lambda sample: join_each(
            sample,
            untied,
            lambda name: _untied_means(sample, name, untied),
            lambda name: _labels(sample, name),
        ),
        specification,
        outcome,
    )


def joint_means(
    wave: Wave,
    attributes: Sequence[str],
    by: str | Sequence[str] | None = None,
    *,
    merge: Mapping[str, Sequence[Sequence[str]]] | None = None,
    outcome: str | None = None,
    variance: Variance = "linearised",
    confidence: float = 0.95,
    interval: IntervalMethod = "score",
) -> Estimates:
    """Mean outcome of the profiles that show a combination of levels, one row a combination.

    Estimand, formula, variance and units as :func:`conjoint.marginal_means`, with the combination in
    place of the level. `attribute` and `level` join the names by `` * ``. Combinations that were never
    shown are left out; those that some groups saw are NaN in the others, with the reason in `note`.

    Parameters
    ----------
    wave, by, outcome, variance, confidence, interval
        As for :func:`conjoint.amce`.
    attributes
        Two attributes or more, such as ``("cap", "reduction")``.
    merge
        Levels to be taken together, by attribute: ``{"cap": [["5000", "10000"], ["20000", "40000"]]}``. The mean
        is then over the profiles that show any of them, as if they were one level; `level` joins their names,
        too. Levels that are not named stay by themselves.

    Raises
    ------
    RequestError
        An attribute is unknown or named twice, or there are fewer than two; `merge` names another attribute, no
        level of it, or a level twice.
    EstimationError
        As for :func:`conjoint.marginal_means`.

    Examples
    --------
    >>> # cj.joint_means(wave, ("cap", "reduction"), by="segments")
    """
    names = tuple(attributes)
    if len(names) < 2 or len(set(names)) < len(names):
        raise RequestError(
            Fault(
                "attributes", f"{list(names)} is no combination", "two different attributes or more"
            )
        )
    cells_of(wave, names)
    runs = [merged_levels(wave.survey, name, names, merge or {}) for name in names]

    specification = replace(
        specify(wave, "joint_mean", by, variance, confidence), interval=interval
    )
    if not merge:
        return estimate_each(wave, lambda sample: _means(sample, [names]), specification, outcome)
    return estimate_each(
        wave, lambda sample: _merged_means(sample, names, runs), specification, outcome
    )


def merged_levels(
    survey: Survey, name: str, names: Sequence[str], merge: Merge
) -> tuple[tuple[str, ...], ...]:
    """The levels of an attribute as `merge` takes them together, in its order where it names them all.

    Raises
    ------
    RequestError
        `merge` names what is not there, or a level twice.
    """
    for other in merge:
        if other not in names:
            raise RequestError(Fault("merge", f'"{other}" is not combined', choices(names)))
    values, together = survey.attributes[name].values, [tuple(own) for own in merge.get(name, ())]
    named = [level for own in together for level in own]
    for level in named:
        if level not in values:
            raise RequestError(Fault(f"merge, {name}", f'there is no "{level}"', choices(values)))
        if named.count(level) > 1:
            raise RequestError(
                Fault(f"merge, {name}", f'"{level}" stands twice', "each level once")
            )
    if len(named) == len(values):
        return tuple(together)
    of = {level: own for own in together for level in own}
    return tuple(dict.fromkeys(of.get(level, (level,)) for level in values))


def _merged_means(
    sample: Sample, names: tuple[str, ...], runs: Sequence[Sequence[Sequence[str]]]
) -> Figures:
    """Means of the combinations of levels that are taken together; profiles that lack one are in the last cell."""
    wave = sample.wave
    code, absent = np.zeros(wave.n_profiles, dtype=np.intp), np.zeros(wave.n_profiles, dtype=bool)
    for name, own in zip(names, runs, strict=True):
        of = {level: place for place, levels in enumerate(own) for level in levels}
        places = [of[level] for level in wave.survey.attributes[name].values]
        # Behind the levels stands the code of profiles that do not show the attribute.
        codes = np.array([*places, 0], dtype=np.intp)[wave.codes(name)]
        absent |= wave.codes(name) == len(places)
        code = code * len(own) + codes
    cells = [
        (INTERLOCK.join(names), INTERLOCK.join(level for levels in cell for level in levels))
        for cell in product(*runs)
    ]
    code[absent] = len(cells)
    return means_of(
        sample,
        [code[sample.rows]],
        [len(cells) + 1],
        [[*cells, (INTERLOCK.join(names), "")]],
        None,
        [np.arange(len(cells) + 1) < len(cells)],
        "joint mean",
    )


def _means(sample: Sample, combinations: Sequence[tuple[str, ...]]) -> Figures:
    """Means of the cells of each combination of attributes, one after another."""
    whole = [(name,) for name in sample.wave.survey.attributes]
    tally = sample.tally() if combinations == whole else None
    codes, shapes = zip(*(cells_of(sample.wave, names) for names in combinations), strict=True)
    return means_of(
        sample,
        [code[sample.rows] for code in codes],
        [int(np.prod(shape)) for shape in shapes],
        [cell_names(sample.wave.survey, names) for names in combinations],
        tally,
        [level_cells(sample.wave.survey, names) for names in combinations],
        "joint mean" if len(combinations[0]) > 1 else "marginal mean",
    )


def _untied_means(sample: Sample, name: str, untied: dict[str, BoolArray]) -> Figures:
    rest = without_ties(sample, name, untied)
    check_shown(rest, name)
    return _means(rest, [(name,)])


def _labels(sample: Sample, name: str) -> pd.DataFrame:
    """The rows of an attribute that has nothing but ties."""
    labels = level_labels(sample, {name: None}, "marginal mean")
    return labels.assign(n_profiles=0, n_respondents=0)
