"""Headline answers: compared between groups, and put to the test of other weights and fewer people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.estimates import COLUMNS, adjusted, compared_groups, differences, p_equivalent
from conjoint.robust.fragility import fragility
from conjoint.toplines import toplines
from conjoint.wave import TOTAL
from conjoint.withhold.mark import CHECKS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.estimates import Estimates
    from conjoint.survey import Survey
    from conjoint.wave import Wave

__all__ = ["HALF", "compared_with", "framed", "headline_checks", "headline_differences"]

HALF = 0.5
"""What a headline share is held against: half of those it speaks of."""

KEYS = ["outcome", "group", "level"]


def headline_checks(wave: Wave, by: Sequence[str] | None = None) -> pd.DataFrame:
    """Put every headline answer to the test, for the total and each segment.

    Parameters
    ----------
    wave
        Weighted or not.
    by
        The segments.

    Returns
    -------
    pandas.DataFrame
        One row a headline answer and group. The usual columns of toplines, and

        ``unweighted``, ``difference``
            the share with every weight equal (those of zero stay zero), and by how much the weighted
            share is above it;
        ``std_error_fixed``, ``conf_low_fixed``, ``conf_high_fixed``
            error and interval if the weights were taken as given, not as made to meet targets;
        ``threshold``, ``respondents``, ``respondent_share``
            one half; how many people, or fewer, are enough to leave out for the share to be on the
            other side when the others are weighted again (see :func:`conjoint.fragility`), and their
            share of the base; missing where half the base is not enough;
        ``margin``, ``category``, ``target``, ``shift``
            the one target of all whose change by the fewest points takes the share across one half when
            the wave is weighted again, and by how much it would have to change; empty where none does
            within 25 points.
    """
    names = [name for name, q in wave.survey.questions.items() if q.topline and q.headline]
    if not names:
        return pd.DataFrame(columns=[*COLUMNS, *CHECKS])
    parts = [_checks(wave, name, str(wave.survey.questions[name].headline), by) for name in names]
    return pd.concat(parts, ignore_index=True)


def _checks(wave: Wave, name: str, answer: str, by: Sequence[str] | None) -> pd.DataFrame:
    equal = wave.with_weights(np.where(wave.weights > 0, 1.0, 0.0))
    own, given, unweighted = (
        toplines(w, by, question=name, few="leave out").select(level=answer).frame
        for w in (wave, wave.fixed(), equal)
    )
    frame = own.assign(
        unweighted=unweighted["estimate"],
        difference=own["estimate"] - unweighted["estimate"],
        std_error_fixed=given["std_error"],
        conf_low_fixed=given["conf_low"],
        conf_high_fixed=given["conf_high"],
    )
    flips = fragility(
        wave, toplines, by, question=name, few="leave out", threshold=HALF, only={"level": answer}
    )
    wanted = [*KEYS, "threshold", "respondents", "share", "margin", "category", "target", "shift"]
    flips = flips[wanted].rename(columns={"share": "respondent_share"})
    return frame.merge(flips, how="left", on=KEYS, validate="one_to_one")[[*COLUMNS, *CHECKS]]


def headline_differences(survey: Survey, shares: Estimates) -> pd.DataFrame:
    """Every pair of groups compared on every headline answer, with `reference` in a column.

    `p_holm` allows for all pairs of segments of a question; it is missing for the total.
    """
    headlines = {
        name: question.headline
        for name, question in survey.questions.items()
        if question.topline and question.headline
    }
    parts = []
    for outcome, answer in headlines.items():
        own = shares.select(outcome=outcome, level=answer)
        groups = list(dict.fromkeys(own.labels["group"]))
        compared = [
            compared_with(survey, own, reference) for reference in groups if len(groups) > 1
        ]
        parts += [_pairs_adjusted(pd.concat(compared, ignore_index=True))] if compared else []
    columns = [*COLUMNS, "reference", "p_holm"]  # where nothing is compared
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def compared_with(survey: Survey, estimates: Estimates, reference: str) -> pd.DataFrame:
    """Differences from a reference, the two groups in columns of their own."""
    frame = framed(survey, differences(estimates, reference))
    return frame.assign(group=compared_groups(estimates, reference), reference=reference)


def framed(survey: Survey, contrasts: Estimates) -> pd.DataFrame:
    """Differences or effects as a frame; with ``p_equivalent`` where the survey declares a smallest effect.

    See :func:`conjoint.equivalent`. It is missing for ratings: the smallest effect is one of shares.
    """
    if survey.smallest_effect is None:
        return contrasts.frame
    rated = [name for name, outcome in survey.outcomes.items() if outcome.kind == "rating"]
    p = p_equivalent(contrasts, survey.smallest_effect)
    return contrasts.frame.assign(
        p_equivalent=np.where(contrasts.labels["outcome"].isin(rated), np.nan, p)
    )


def _pairs_adjusted(compared: pd.DataFrame) -> pd.DataFrame:
    """Add p-values by Holm over the pairs of segments, each pair counted once."""
    pairs = [frozenset(two) for two in zip(compared["group"], compared["reference"], strict=True)]
    family = pd.Series(
        {two: p for two, p in zip(pairs, compared["p_value"], strict=True) if TOTAL not in two}
    )
    holm = adjusted(family)
    return compared.assign(p_holm=[holm.get(two, np.nan) for two in pairs])
