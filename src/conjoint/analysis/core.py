"""The main figures of a wave: what every report, table and chart begins with."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from conjoint.analysis.pull import complete_attributes, pulls
from conjoint.analysis.spread import departures, overlap, spread
from conjoint.audit import audit
from conjoint.audit.shown import items_without_ids, position_table, shown_table
from conjoint.errors import EstimationError
from conjoint.estimate import amce, marginal_means
from conjoint.estimates import stack
from conjoint.robust.headlines import framed, headline_checks, headline_differences
from conjoint.survey import INTERLOCK
from conjoint.toplines import bases, toplines
from conjoint.toplines.cells import grid_means
from conjoint.toplines.question import sums_of_answers
from conjoint.toplines.withheld import find_withheld
from conjoint.wave import TOTAL
from conjoint.weight import rake, weighting_summary, weighting_table
from conjoint.weight.histogram import weight_histogram
from conjoint.withhold.erase import erase
from conjoint.withhold.mark import (
    FIGURES,
    add_small,
    marked_by_base,
    too_small,
    with_unasked,
    without_thin,
    without_withheld,
)
from conjoint.withhold.outward import outward

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from conjoint.estimates import Estimates
    from conjoint.wave import Wave
    from conjoint.withhold.decision import Withheld

__all__ = ["CORE_STEPS", "main_figures", "observed_grid", "release_tables"]

CORE_STEPS = (
    "Auditing the answers",
    "Weighting to the targets",
    "Toplines",
    "Marginal means",
    "AMCEs",
    "Grid",
)
"""The steps of the main figures, as a progress bar names them."""


def main_figures(
    raw: Wave, progress: Callable[[str], None] = lambda _: None
) -> tuple[Wave, dict[str, pd.DataFrame]]:
    """Audit, weight and estimate a wave.

    Parameters
    ----------
    raw
        The wave as it was read.
    progress
        Called with the name of each step as it begins; the names are in `CORE_STEPS`.

    Returns
    -------
    wave
        Weighted to the survey's targets where it has some.
    tables
        Tidy frames by name; figures on too small a base, and those that would give them away, are
        blank.
    """
    progress(CORE_STEPS[0])
    tables = {
        "audit": items_without_ids(raw, audit(raw)),
        "shown": shown_table(raw),
        "positions": position_table(raw),
    }
    progress(CORE_STEPS[1])
    wave = rake(raw) if raw.survey.targets is not None else raw
    small, withheld = too_small(wave), find_withheld(wave)
    figures = _estimated(
        wave, [name for name in wave.survey.segments if name not in small], withheld, progress
    )
    for name, table in figures.items():
        tables[name] = _told(name, table, wave, withheld, small)
    tables["pulls"] = complete_attributes(tables["pulls"])
    return wave, tables


def observed_grid(wave: Wave) -> dict[str, pd.DataFrame]:
    """Make a bundle's ``joint_means`` alone; nothing where the survey names no grid."""
    if not wave.survey.report.grid:
        return {}
    small, withheld = too_small(wave), find_withheld(wave)
    named = [name for name in wave.survey.segments if name not in small]
    made = _told("joint_means", _grid(wave, named or None, withheld), wave, withheld, small)
    return erase({"joint_means": made}, wave.survey, withheld)


def release_tables(wave: Wave) -> dict[str, pd.DataFrame]:
    """The tables of a bundle that releases are compared by, where no bundle is made.

    Bases of the total and the segments, those of the targets' categories, and marginal means of the total.
    """
    means = marked_by_base(wave.survey, marginal_means(wave).frame)
    withheld = find_withheld(wave)
    tables = {
        "bases": bases(wave, list(wave.survey.segments) or None),
        "weighting": weighting_table(wave),
        "marginal_means": without_withheld("marginal_means", means, withheld),
    }
    erased = erase(tables, wave.survey, withheld)
    return {name: outward(name, table) for name, table in erased.items()}


def _estimated(
    wave: Wave, named: Sequence[str], withheld: Withheld, progress: Callable[[str], None]
) -> dict[str, pd.DataFrame]:
    """Every figure that can be had, of the total and the segments named."""
    survey, segments = wave.survey, named or None
    tables = {"bases": bases(wave, list(survey.segments) or None), "overlap": overlap(wave)}
    progress(CORE_STEPS[2])
    if any(question.topline for question in survey.questions.values()):
        shares = toplines(wave, segments, few="leave out")
        tables["toplines"] = with_unasked(_with_bases(wave, shares), segments or [])
        tables["topline_differences"] = headline_differences(survey, shares)
        tables["headline_checks"] = headline_checks(wave, segments)
    progress(CORE_STEPS[3])
    means = _total_and(wave, marginal_means, segments)
    tables["marginal_means"] = means.frame
    if segments:
        tables["departures"] = departures(survey, means)
    progress(CORE_STEPS[4])
    effects, tables["amce"] = _effects(wave, segments, means)
    tables |= {"spread": spread(survey, means, effects), "pulls": pulls(means, effects)}
    progress(CORE_STEPS[5])
    if survey.report.grid:
        tables["joint_means"] = _grid(wave, segments, withheld)
    return tables | {
        "weighting": weighting_table(wave),
        "weighting_summary": weighting_summary(wave),
        "weight_histogram": weight_histogram(wave.weights),
    }


def _told(
    name: str, table: pd.DataFrame, wave: Wave, withheld: Withheld, small: dict[str, int]
) -> pd.DataFrame:
    """A table of figures as it may be told: marked by base, and blank where it is withheld."""
    marked = without_withheld(name, marked_by_base(wave.survey, table), withheld)
    return add_small(without_thin(name, marked, withheld, wave.survey), small)


def _total_and(
    wave: Wave,
    estimator: Callable[[Wave, Sequence[str] | None], Estimates],
    segments: Sequence[str] | None,
) -> Estimates:
    """The total's figures and the segments', side by side."""
    total = estimator(wave, None)
    return stack([total, estimator(wave, segments)]) if segments else total


def _grid(wave: Wave, segments: Sequence[str] | None, withheld: Withheld) -> pd.DataFrame:
    """Means of the grid's cells, with the levels that each holds `across` and `down`."""
    survey, merged = wave.survey, withheld.merged
    means = _total_and(
        wave, lambda w, by: grid_means(w, by, merged, outcome=survey.grid_outcome), segments
    ).frame
    alone = [[(level,) for level in survey.attributes[name].values] for name in survey.report.grid]
    held = {
        (group, INTERLOCK.join((*one, *other))): (INTERLOCK.join(one), INTERLOCK.join(other))
        for group in means["group"].unique()
        for one, other in product(*merged.get(group, alone))
    }
    sides = [held[key] for key in zip(means["group"], means["level"], strict=True)]
    return means.assign(across=[one for one, _ in sides], down=[other for _, other in sides])


def _effects(
    wave: Wave, segments: Sequence[str] | None, means: Estimates
) -> tuple[Estimates | None, pd.DataFrame]:
    """AMCEs and their frame; where there is none, the rows of the means, and why."""
    try:
        effects = _total_and(wave, amce, segments)
    except EstimationError as error:
        absent = means.frame.assign(estimand="amce", note=error.reasons)
        return None, absent.assign(**dict.fromkeys(FIGURES, np.nan))
    return effects, framed(wave.survey, effects)


def _with_bases(wave: Wave, shares: Estimates) -> pd.DataFrame:
    """Toplines with the weighted and effective base of those who answered each question."""
    scaled, weighted = wave.weights / wave.weights.mean(), []
    for outcome, group in (
        shares.labels[["outcome", "group"]].drop_duplicates().itertuples(index=False)
    ):
        members = np.ones(wave.n_respondents, dtype=bool) if group == TOTAL else wave.segment(group)
        _, base = sums_of_answers(wave, outcome, members)
        weighted += [float((scaled * column).sum()) for column in base.T]
    frame = shares.frame
    return frame.assign(weighted_base=weighted, effective_base=frame["n_effective"])
