"""What is left of a segment that is not shown: its name, where survey.toml declares it, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from conjoint.withhold.mark import BLANKED, blank

if TYPE_CHECKING:
    from collections.abc import Collection

    from conjoint.survey import Survey
    from conjoint.withhold.decision import Withheld

__all__ = [
    "COUNTS",
    "erase",
    "without_bases",
    "without_categories",
    "without_segments",
    "without_subjects",
    "without_untold",
]

COUNTS = ("n_profiles", "n_respondents", "n_first", "n_second")

BASES = (
    "n_effective", "weighted_base", "effective_base", "degrees", "df_denom", "quantile", "share",
    "margin_of_error", "p_holm",
)  # fmt: skip
"""Columns that tell how many people a figure stands on, or would stand on."""


def erase(
    tables: dict[str, pd.DataFrame], survey: Survey, withheld: Withheld
) -> dict[str, pd.DataFrame]:
    """Take out of all tables of a bundle what they tell about segments and figures that are not shown."""
    made = {name: without_bases(table, withheld.segments) for name, table in tables.items()}
    if "overlap" in made:
        made["overlap"] = without_overlaps(made["overlap"], tables["bases"], survey, withheld)
    if "weighting" in made:
        made["weighting"] = without_categories(made["weighting"], withheld)
    if "audit" in made:
        limit = survey.thresholds.suppress_below
        made["audit"] = without_subjects(made["audit"], survey, withheld.segments, limit)
    return made


def without_bases(frame: pd.DataFrame, hidden: Collection[str]) -> pd.DataFrame:
    """Blank figures and bases of hidden segments; whole numbers become 0, which files leave empty."""
    if "group" not in frame:
        return frame
    gone = frame["group"].isin(hidden)
    if "reference" in frame:
        gone |= frame["reference"].isin(hidden)
    if not gone.any():
        return frame
    if "reading" in frame:
        frame = frame.assign(reading=frame["reading"].mask(gone, "suppressed"))
    frame = blank(frame, gone.to_numpy(), [*BLANKED, *BASES])
    return frame.assign(**{name: frame[name].mask(gone, 0) for name in COUNTS if name in frame})


def without_segments(frame: pd.DataFrame, hidden: Collection[str]) -> pd.DataFrame:
    """The same for tables for publication, which tell no base of any suppressed row."""
    frame = without_bases(frame, hidden)
    if "reading" not in frame:
        gone = frame["group"].isin(hidden) if "group" in frame else None
    else:
        gone = frame["reading"] == "suppressed"
    if gone is None or not gone.any():
        return frame
    return frame.assign(
        **{name: frame[name].astype(float).mask(gone) for name in COUNTS if name in frame}
    )


def without_overlaps(
    frame: pd.DataFrame, bases: pd.DataFrame, survey: Survey, withheld: Withheld
) -> pd.DataFrame:
    """Blank overlaps of hidden segments, and those of which some part is under the limit."""
    if frame.empty:
        return frame
    limit, sizes = survey.thresholds.suppress_below, bases.set_index("group")["n_respondents"]
    both = frame["n_respondents"]
    gone = frame["group"].isin(withheld.segments) | frame["other"].isin(withheld.segments)
    for part in (both, frame["group"].map(sizes) - both, frame["other"].map(sizes) - both):
        gone |= (part > 0) & (part < limit)
    return frame.assign(n_respondents=both.mask(gone, 0), share=frame["share"].mask(gone))


def without_categories(frame: pd.DataFrame, withheld: Withheld) -> pd.DataFrame:
    """The weighting table without the sample's share of categories whose base is not told."""
    keys = zip(frame["margin"].astype(str), frame["category"].astype(str), strict=True)
    gone = pd.Series([key in withheld.categories for key in keys], index=frame.index, dtype=bool)
    # A margin of a hidden segment tells its base.
    for name in withheld.segments:
        gone |= frame["margin"].astype(str).str.endswith(f" in {name}")
    frame = frame.assign(reading="safe")
    if not gone.any():
        return frame
    return frame.assign(
        n=frame["n"].astype(float).mask(gone),
        unweighted=frame["unweighted"].astype(float).mask(gone),
        reading=frame["reading"].mask(gone, "suppressed"),
    )


def without_subjects(
    items: pd.DataFrame, survey: Survey, hidden: Collection[str], limit: int
) -> pd.DataFrame:
    """The audit's items without what they tell of hidden segments, and of overlaps under the limit."""
    about = pd.Series(False, index=items.index)
    whole = about.copy()
    for label in {*hidden, *(survey.segment_label(name) for name in hidden)}:
        whole |= items["subject"].astype(str).str.contains(label, regex=False)
        about |= items["text"].astype(str).str.contains(label, regex=False)
    value = items["value"].astype(float)
    whole |= (items["check"] == "segment_overlap") & (value > 0) & (value < limit)
    if not (whole | about).any():
        return items
    text = f"Left out: a base under {limit} follows from it."
    items = items.assign(
        text=items["text"].mask(about, text),
        value=items["value"].mask(about),
        p_value=items["p_value"].mask(about),
    )
    return items[~whole].reset_index(drop=True)


def without_untold(table: pd.DataFrame) -> pd.DataFrame:
    """Bases of 0 that stand for one that is not told, as empty cells."""
    state = next((name for name in ("reading", "status") if name in table), None)
    if state is not None:
        gone = table[state] == "suppressed"
    elif "share" in table:
        gone = table["share"].isna()
    else:
        return table
    untold = {name: gone & (table[name] == 0) for name in COUNTS if name in table}
    return table.assign(
        **{name: table[name].astype("Int64").mask(at) for name, at in untold.items() if at.any()}
    )
