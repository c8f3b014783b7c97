"""Headline answers put to the test: without the weights, with weights as given, and what flips them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.estimates import COLUMNS
from conjoint.fragility import fragility
from conjoint.toplines import toplines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.wave import Wave

__all__ = ["CHECKS", "HALF", "headline_checks"]

HALF = 0.5
"""What a headline share is held against: half of those it speaks of."""

CHECKS = [
    "unweighted",
    "difference",
    "std_error_fixed",
    "conf_low_fixed",
    "conf_high_fixed",
    "threshold",
    "respondents",
    "respondent_share",
    "margin",
    "category",
    "target",
    "shift",
]
"""Columns behind the usual ones; all are figures about the group, to be blank where its base is small."""

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
            one half; the fewest people without whom the share would be on the other side, and their
            share of the base, to first order (see :func:`conjoint.fragility`), missing where half the
            base is not enough;
        ``margin``, ``category``, ``target``, ``shift``
            the one target of all whose change by the fewest points takes the share to one half, and
            by how much it would have to change; empty where none does within 25 points.
    """
    names = [name for name, q in wave.survey.questions.items() if q.topline and q.headline]
    if not names:
        return pd.DataFrame(columns=[*COLUMNS, *CHECKS])
    parts = [_checks(wave, name, str(wave.survey.questions[name].headline), by) for name in names]
    return pd.concat(parts, ignore_index=True)


def _checks(wave: Wave, name: str, answer: str, by: Sequence[str] | None) -> pd.DataFrame:
    equal = wave.with_weights(np.where(wave.weights > 0, 1.0, 0.0))
    own, given, unweighted = (
        toplines(w, by, question=name).select(level=answer).frame
        for w in (wave, wave.fixed(), equal)
    )
    frame = own.assign(
        unweighted=unweighted["estimate"],
        difference=own["estimate"] - unweighted["estimate"],
        std_error_fixed=given["std_error"],
        conf_low_fixed=given["conf_low"],
        conf_high_fixed=given["conf_high"],
    )
    flips = fragility(wave, toplines, by, question=name, threshold=HALF)
    wanted = [*KEYS, "threshold", "respondents", "share", "margin", "category", "target", "shift"]
    flips = flips[wanted].rename(columns={"share": "respondent_share"})
    return frame.merge(flips, how="left", on=KEYS, validate="one_to_one")[[*COLUMNS, *CHECKS]]
