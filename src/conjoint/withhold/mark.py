"""Figures of too small a base: marked, taken out, or never made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.estimates import ENOUGH
from conjoint.say.phrase import phrase
from conjoint.wave import TOTAL
from conjoint.withhold.outward import coarsened
from conjoint.withhold.threshold import reading_of, too_few, too_few_to_estimate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.estimates import Estimates
    from conjoint.survey import Survey
    from conjoint.typing import BoolArray, IntArray
    from conjoint.wave import Wave
    from conjoint.withhold.decision import Withheld

__all__ = [
    "BLANKED",
    "CHECKS",
    "EFFECT",
    "FIGURES",
    "NOT_AVAILABLE",
    "add_small",
    "blank",
    "has_few_carriers",
    "marked_by_base",
    "not_carried",
    "reason_of_thin",
    "too_small",
    "with_unasked",
    "without_not_carried",
    "without_thin",
    "without_withheld",
]

NOT_AVAILABLE = "not available"
"""The reading of a row that says why there is no figure."""

FIGURES = ["estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high"]

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

EFFECT = ["effect", "effect_low", "effect_high"]
"""What the AMCEs say of a contrast of marginal means."""

BLANKED = [*FIGURES, *CHECKS, *EFFECT, "moves", "equivalent", "p_equivalent", "note"]
"""Everything that is taken out where a figure is not shown."""

TOPLINES = ("toplines", "topline_differences", "headline_checks")


def too_small(wave: Wave) -> dict[str, int]:
    """Segments that no figure is shown of, with their bases: there is nothing to estimate."""
    limits = wave.survey.thresholds
    counts = {name: int(wave.segment(name).sum()) for name in wave.survey.segments}
    return {name: n for name, n in counts.items() if too_few_to_estimate(n, limits)}


def add_small(table: pd.DataFrame, small: dict[str, int]) -> pd.DataFrame:
    """Give segments that were not estimated their rows, blank and marked as the others are."""
    if "reading" not in table or "reference" in table or not small:
        return table
    total = table[table["group"] == TOTAL]
    absent = total.assign(n_profiles=0, reading="suppressed")
    everyone = np.ones(len(absent), dtype=bool)
    absent = blank(absent, everyone, [*BLANKED, "weighted_base", "effective_base"])
    parts = [absent.assign(group=name, n_respondents=n) for name, n in small.items()]
    return pd.concat([table, *parts], ignore_index=True)


def with_unasked(toplines: pd.DataFrame, segments: Sequence[str]) -> pd.DataFrame:
    """Give segments in which next to nobody answered a question blank rows of it, on a base of none."""
    keys = ["outcome", "attribute", "level"]
    total, parts = toplines[toplines["group"] == TOTAL], [toplines]
    for name in segments:
        own = pd.MultiIndex.from_frame(toplines.loc[toplines["group"] == name, keys])
        absent = total[~pd.MultiIndex.from_frame(total[keys]).isin(own)]
        bases = dict.fromkeys(["n_respondents", "n_profiles"], 0)
        absent = absent.assign(group=name, weighted_base=0.0, effective_base=0.0, **bases)
        parts.append(blank(absent, np.ones(len(absent), dtype=bool), [*FIGURES, "note"]))
    return pd.concat([own for own in parts if len(own)], ignore_index=True)


def marked_by_base(survey: Survey, table: pd.DataFrame) -> pd.DataFrame:
    """Mark each figure by its base, and take out those whose base is too small to show.

    What cannot be estimated keeps its note, unless the base of it is too small. A caution looks at people
    and, where the table has ``n_effective``, at how many equally weighted people would tell as much. What is
    taken out hangs on people alone: it protects them.
    """
    if not set(FIGURES) <= set(table.columns):
        return table
    limits, people = survey.thresholds, table["n_respondents"]
    lacking = pd.Series(False, index=table.index)  # the value of each row
    if "note" in table:
        lacking = table["note"] != ""
    suppressed = too_few(people, limits) & ~(lacking & (people == 0)).to_numpy()
    reading = reading_of(people, limits, table.get("n_effective", np.nan), hidden=suppressed)
    marked = table.assign(
        reading=np.where(lacking.to_numpy() & ~suppressed, NOT_AVAILABLE, reading)
    )
    return blank(marked, suppressed, BLANKED)


def without_withheld(name: str, table: pd.DataFrame, withheld: Withheld) -> pd.DataFrame:
    """Take out figures of a marked table that would give away those on too small a base."""
    if "reading" not in table:
        return table
    of = withheld.of_toplines if name in TOPLINES else withheld.of_levels
    rows = of(table)
    marked = table.assign(reading=table["reading"].mask(rows, "suppressed"))
    marked = blank(marked, rows, [*BLANKED, "p_holm"])
    return coarsened(marked, withheld.coarse_toplines(table)) if name in TOPLINES else marked


def reason_of_thin(survey: Survey) -> str:
    """Say why an effect that few people carry is not shown."""
    return phrase("reason.thin", limit=survey.thresholds.suppress_below)


def not_carried(frame: pd.DataFrame, carrying: IntArray, survey: Survey) -> BoolArray:
    """Which rows of a frame of figures fewer people carry than may be shown, though more are in their base."""
    base = frame["n_respondents"].to_numpy()
    return np.asarray(carrying < np.minimum(survey.thresholds.suppress_below, base))


def has_few_carriers(figures: Estimates, survey: Survey) -> bool:
    """Whether a joint test of figures hangs on too few people: half as many as may be shown carry each of them."""
    if figures.carrying is None:
        return False
    people = figures.carrying.people()[figures.estimable & ~figures.fixed]
    return bool((people < ENOUGH * survey.thresholds.suppress_below).any())


def without_not_carried(marked: pd.DataFrame, rows: BoolArray, survey: Survey) -> pd.DataFrame:
    """Take figures that too few people carry out of a marked table, and say so where they would stand."""
    rows = rows & (marked["reading"] != "suppressed").to_numpy()
    made = blank(marked, rows, [*FIGURES, "degrees", "equivalent", "p_equivalent"])
    reason = reason_of_thin(survey)
    return made.assign(
        reading=made["reading"].mask(rows, NOT_AVAILABLE), note=made["note"].mask(rows, reason)
    )


def without_thin(
    name: str, table: pd.DataFrame, withheld: Withheld, survey: Survey
) -> pd.DataFrame:
    """Take out effects that too few people carry, and say so where they would stand."""
    if not withheld.thin:
        return table
    if name in ("amce", "robustness"):
        rows = withheld.thin_effects(table)
        if name == "robustness":
            rows &= (table["figure"] == "amce").to_numpy()
        return without_not_carried(table, rows, survey)
    if name in ("spread", "pulls"):
        return blank(table, withheld.thin_attributes(table, "attribute"), EFFECT)
    if name in ("trade_off", "explorer_trade_offs"):
        rows = withheld.thin_attributes(table, "give", "take")
        declared = {"give_from", "give_to", "give_end", "take_from", "take_to", "take_end"}
        numbers = [
            str(column)
            for column in table
            if pd.api.types.is_float_dtype(table[column]) and column not in declared
        ]
        words = table["words"].mask(rows, f"not estimable: {reason_of_thin(survey)}")
        return blank(table, rows, numbers).assign(words=words)
    return table


def blank(table: pd.DataFrame, rows: BoolArray, columns: Sequence[str]) -> pd.DataFrame:
    """Take figures out of rows, and the words that go with them."""
    words = {"margin", "category", "note"}
    present = [name for name in columns if name in table]
    return table.assign(
        **{name: table[name].mask(rows, "" if name in words else np.nan) for name in present}
    )
