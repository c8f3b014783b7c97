"""Many figures looked at together: families of p-values, whole attributes, segments against each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import pandas as pd

from conjoint.errors import ConjointError
from conjoint.estimate import marginal_means
from conjoint.estimates import FEW_PEOPLE, adjust, differences, omnibus
from conjoint.robust.headlines import framed
from conjoint.say.phrase import phrase
from conjoint.typing import Adjustment
from conjoint.wave import TOTAL
from conjoint.withhold.mark import reason_of_thin
from conjoint.withhold.threshold import reading_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conjoint.estimates import Estimates
    from conjoint.survey import Survey
    from conjoint.typing import Variance
    from conjoint.wave import Wave
    from conjoint.withhold.decision import Withheld

__all__ = ["multiplicity_table", "omnibus_table"]

FAMILY = [
    "outcome", "estimand", "group", "attribute", "level", "baseline", "estimate", "p_value",
    "p_holm", "p_benjamini_hochberg", "reading",
]  # fmt: skip

TESTS = [
    "outcome", "estimand", "variance", "group", "attribute", "hypothesis", "comparisons",
    "statistic", "df_num", "df_denom", "p_value", "quoted", "n_respondents", "reading", "note",
]  # fmt: skip

NUMBERS = ["statistic", "df_num", "df_denom", "p_value"]

VARIANCES: tuple[Variance, ...] = ("linearised", "CR2")

SAME = "same in all segments"

MOST_COMPARISONS = 24
"""Comparisons up to which CR2's test is made: its degrees of freedom take a minute for forty."""


def multiplicity_table(robustness: pd.DataFrame) -> pd.DataFrame:
    """Each AMCE's p-value beside those that allow for all effects of its group.

    A family is the AMCEs of one outcome and group that are shown; baselines are no tests. See
    :func:`conjoint.adjust`.
    """
    own = robustness[
        (robustness["figure"] == "amce")
        & (robustness["method"] == "linearised")
        & (robustness["level"] != "")
    ]
    columns = {
        f"p_{method.replace('-', '_')}": adjust(own, method)["p_adjusted"]
        for method in get_args(Adjustment)
    }
    return own.assign(**columns)[FAMILY].reset_index(drop=True)


def omnibus_table(
    wave: Wave,
    withheld: Withheld,
    outcome: str,
    groups: Sequence[str],
    known: Mapping[tuple[str, str, str], Estimates],
) -> pd.DataFrame:
    """Test whole attributes: within each group ("no effect") and between segments.

    Parameters
    ----------
    wave, withheld, outcome
        As for :func:`conjoint.robust.methods.robustness_tables`.
    groups
        The total and the segments that are shown.
    known
        Effects by (``"amce"``, variance, group).

    Returns
    -------
    pandas.DataFrame
        ``outcome, estimand, variance, group`` (empty between segments), ``attribute, hypothesis,
        comparisons, statistic`` (F), ``df_num, df_denom, p_value, quoted, n_respondents, reading, note``.
        An attribute with a level that is withheld in a group tested is blank. `quoted` are the tests that
        reports go by: CR2's (HTZ) where a group tested has under `FEW_PEOPLE` people and there is one. Where the
        survey declares a smallest effect, ``p_equivalent`` between segments is that of the two segments and the
        level which differ most: under 0.05 the segments are alike.
    """
    rows = [
        _tested(wave, withheld, known.get(("amce", variance, group)), name, [group], variance)
        for variance in VARIANCES
        for group in groups
        for name in wave.survey.attributes
    ]
    segments = [name for name in groups if name != TOTAL]
    alike: dict[str, float] = {}
    for variance in VARIANCES:
        between = None
        if len(segments) > 1:
            between = marginal_means(wave, segments, outcome=outcome, variance=variance)
        rows += [
            _tested(wave, withheld, between, name, segments, variance, between=True)
            for name in wave.survey.attributes
        ]
        if variance == "linearised" and between is not None and wave.survey.smallest_effect:
            alike = _alike(wave.survey, between)
    table = pd.DataFrame(rows).assign(outcome=outcome)
    table["quoted"] = _quoted(wave, table, segments)
    if wave.survey.smallest_effect is None:
        return table[TESTS]
    shown = (table["group"] == "") & (table["variance"] == "linearised") & table["p_value"].notna()
    p = table["attribute"].map(alike).astype(float).where(shown)
    return table[TESTS].assign(p_equivalent=p)


def _alike(survey: Survey, means: Estimates) -> dict[str, float]:
    """By attribute the p-value of the equivalence of all segments on all levels: the largest of any."""
    groups = list(dict.fromkeys(means.labels["group"]))
    parts = [
        framed(survey, differences(means.select(group=groups[place:]), reference))
        for place, reference in enumerate(groups[:-1])
    ]
    own = pd.concat(parts).groupby("attribute", sort=False)["p_equivalent"]
    return {str(name): float(p.max(skipna=False)) for name, p in own}


def _quoted(wave: Wave, table: pd.DataFrame, segments: Sequence[str]) -> pd.Series[bool]:
    """Which of the tests of an attribute under several variances reports go by."""
    sizes = {name: int(wave.segment(name).sum()) for name in segments}
    everyone = {TOTAL: wave.n_respondents, "": min(sizes.values(), default=wave.n_respondents)}
    few = table["group"].map(sizes | everyone) < FEW_PEOPLE
    made = (table["variance"] == "CR2") & table["p_value"].notna()
    keys = [table["group"], table["attribute"]]
    careful = few & made.groupby(keys, sort=False).transform("any")
    return (table["variance"] == "CR2") == careful


def _tested(
    wave: Wave,
    withheld: Withheld,
    estimates: Estimates | None,
    attribute: str,
    groups: Sequence[str],
    variance: Variance,
    *,
    between: bool = False,
) -> dict[str, Any]:
    """One test, or why there is none."""
    row: dict[str, Any] = {
        "estimand": "marginal mean" if between else "amce",
        "variance": variance,
        "group": "" if between else groups[0],
        "attribute": attribute,
        "hypothesis": SAME if between else "no effect",
        "comparisons": 0,
        **dict.fromkeys(NUMBERS, np.nan),
        "n_respondents": 0,
        "reading": "not available",
        "note": "",
    }
    wide = (len(groups) - 1) * (len(wave.survey.attributes[attribute].values) - 1)
    if between and variance == "CR2" and wide > MOST_COMPARISONS:
        return row | {"note": phrase("reason.comparisons", most=MOST_COMPARISONS)}
    if estimates is None:
        few = "fewer than two segments are shown" if between else "its effects cannot be had"
        return row | {"note": few}
    try:
        found = omnibus(estimates.select(attribute=attribute)).iloc[0].to_dict()
    except ConjointError as error:
        return row | {"note": error.reasons}
    row |= {name: found[name] for name in ("comparisons", *NUMBERS, "n_respondents", "note")}
    base = int(found["n_respondents"])
    reading = reading_of(base, wave.survey.thresholds, found.get("n_effective", np.nan))
    outcome = str(found["outcome"])
    gone = any(
        (own, name, group) in {(outcome, attribute, group) for group in groups}
        for own, name, _, group in withheld.cells
    )
    thin = {(outcome, attribute, group) for group in groups} & {
        (own, name, group) for own, name, _, group in withheld.thin
    }
    if thin and not between:
        return row | dict.fromkeys(NUMBERS, np.nan) | {"note": reason_of_thin(wave.survey)}
    if gone or reading == "suppressed":
        return row | dict.fromkeys(NUMBERS, np.nan) | {"reading": "suppressed", "note": ""}
    return row | {"reading": reading}
