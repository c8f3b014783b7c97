"""What tables for publication leave out beyond suppressed figures: bases under the limit themselves.

A base of 31 people is no opinion, but it says whom suppressed figures are of; and where others are
told, it may be worked out as they could be. No base under the survey's limit is in a published file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.survey import Survey

__all__ = ["without_segments", "without_subjects"]

FIGURES = (
    "estimate", "std_error", "statistic", "p_value", "p_holm", "conf_low", "conf_high",
    "n_profiles", "n_respondents", "weighted_base", "effective_base", "share", "margin_of_error",
)  # fmt: skip
"""Columns of a tidy frame that are blank where a base is not told."""


def without_segments(frame: pd.DataFrame, hidden: Sequence[str]) -> pd.DataFrame:
    """Blank figures and bases of hidden segments, and of rows that are suppressed on their own."""
    if "group" not in frame:
        return frame
    gone = frame["group"].isin(hidden)
    if "reading" in frame:
        frame = frame.assign(reading=frame["reading"].mask(gone, "suppressed"))
        gone = frame["reading"] == "suppressed"
    if "note" in frame:
        frame = frame.assign(note=frame["note"].mask(gone, ""))
    present = [name for name in FIGURES if name in frame]
    return frame.assign(**{name: frame[name].astype(float).mask(gone) for name in present})


def without_subjects(items: pd.DataFrame, survey: Survey, hidden: Sequence[str]) -> pd.DataFrame:
    """The audit's items, what they say of hidden segments left out."""
    labels = [survey.segment_label(name) for name in hidden]
    limit = survey.thresholds.suppress_below
    about = pd.Series(False, index=items.index)
    for label in {*labels, *hidden}:
        about |= items["subject"].astype(str).str.contains(label, regex=False)
        about |= items["text"].astype(str).str.contains(label, regex=False)
    said = f"Left out: a base under {limit} follows from it."
    return items.assign(
        text=items["text"].mask(about, said),
        value=items["value"].mask(about),
        p_value=items["p_value"].mask(about),
    )
