"""One call: survey folder to a bundle of aggregates."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.analysis.bundle import Analysis
from conjoint.analysis.provenance import provenance_of
from conjoint.analysis.pull import complete_attributes, pulls
from conjoint.analysis.questions import disclosure_table, question_tables
from conjoint.analysis.robust import robustness_tables
from conjoint.analysis.small import (
    add_small,
    marked_by_base,
    too_small,
    with_unasked,
    without_withheld,
)
from conjoint.analysis.spread import departures, overlap, spread
from conjoint.audit import audit
from conjoint.audit.shown import items_without_ids, position_table, shown_table
from conjoint.estimate import amce, joint_means, marginal_means
from conjoint.estimates import stack
from conjoint.folder import open_folder
from conjoint.headlines import headline_checks, headline_differences
from conjoint.scenario import trade_off
from conjoint.scenario.explorer import explorer_tables
from conjoint.toplines import bases, toplines
from conjoint.toplines.question import sums_of_answers
from conjoint.wave import TOTAL
from conjoint.weight import efficiency, rake, weighting_summary, weighting_table
from conjoint.weight.histogram import weight_histogram
from conjoint.withheld import find_withheld, hidden_segments

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from os import PathLike

    from conjoint.estimates import Estimates
    from conjoint.wave import Wave

__all__ = ["STEPS", "run_analysis"]

STEPS = (
    "Reading and checking the survey folder",
    "Auditing the answers",
    "Weighting to the targets",
    "Toplines",
    "Marginal means",
    "AMCEs",
    "Grid",
    "Questions by their crossbreaks",
    "The same figures made in other ways",
    "Support for packages",
)
"""The steps of an analysis, as a progress bar names them."""


def run_analysis(
    folder: str | PathLike[str],
    data: str | PathLike[str] | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Analysis:
    """Check, weight and estimate a survey folder.

    Parameters
    ----------
    folder, data
        As for :func:`conjoint.read_wave`.
    progress
        Called with the name of each step as it begins; the names are in `STEPS`.

    Returns
    -------
    Analysis
        Weighted to the survey's targets where it has some. Groups are the total and every segment;
        a segment whose base is too small to show is not estimated, and its figures are blank, as are
        those from which it could be worked out (see :mod:`conjoint.withheld`).

    Raises
    ------
    ConjointError
        Every fault of the folder at once, or the figure that cannot be had.
    """
    progress(STEPS[0])
    raw = open_folder(folder, data)
    progress(STEPS[1])
    audited = items_without_ids(raw, audit(raw))
    progress(STEPS[2])
    wave = rake(raw) if raw.survey.targets is not None else raw
    made = _analyse(wave, progress)
    return replace(
        made,
        tables=made.tables
        | {"audit": audited, "shown": shown_table(raw), "positions": position_table(raw)},
        provenance=provenance_of(raw, wave, Path(folder), data, "report {}"),
    )


def _analyse(wave: Wave, progress: Callable[[str], None]) -> Analysis:
    survey = wave.survey
    small = too_small(wave)
    segments = [name for name in survey.segments if name not in small] or None
    tables: dict[str, pd.DataFrame] = {"bases": bases(wave, list(survey.segments) or None)}
    tables["overlap"] = overlap(wave)
    progress(STEPS[3])
    if any(question.topline for question in survey.questions.values()):
        shares = toplines(wave, segments, few="leave out")
        tables["toplines"] = with_unasked(_with_bases(wave, shares), segments or [])
        tables["topline_differences"] = headline_differences(survey, shares)
        tables["headline_checks"] = headline_checks(wave, segments)
    progress(STEPS[4])
    means = _total_and(wave, marginal_means, segments)
    tables["marginal_means"] = means.frame
    tables["spread"] = spread(means)
    tables["pulls"] = pulls(means)
    if segments:
        tables["departures"] = departures(means)
    progress(STEPS[5])
    tables["amce"] = _total_and(wave, amce, segments).frame
    progress(STEPS[6])
    if survey.report.grid:
        tables["joint_means"] = _total_and(
            wave,
            lambda w, by: joint_means(w, survey.report.grid, by, outcome=survey.grid_outcome),
            segments,
        ).frame
    tables["weighting"] = weighting_table(wave)
    tables["weighting_summary"] = weighting_summary(wave)
    tables["weight_histogram"] = weight_histogram(wave.weights)
    withheld = find_withheld(wave)
    for name, table in tables.items():
        marked = without_withheld(name, marked_by_base(survey, table), withheld)
        tables[name] = add_small(marked, small)
    tables["pulls"] = complete_attributes(tables["pulls"])
    progress(STEPS[7])
    tables |= question_tables(wave) | {"disclosure": disclosure_table(wave)}
    progress(STEPS[8])
    tables |= robustness_tables(wave, withheld)
    progress(STEPS[9])
    hidden = hidden_segments(wave)
    shown = [name for name in survey.segments if name not in hidden]
    tables |= explorer_tables(wave, shown) | _trade_offs(wave, shown)
    return Analysis(survey, tables, {})


def _trade_offs(wave: Wave, segments: Sequence[str]) -> dict[str, pd.DataFrame]:
    """What the grid's second attribute buys of its first, where all their levels are numbers."""
    survey = wave.survey
    levels = [level for name in survey.report.grid for level in survey.attributes[name].levels]
    if not levels or any(level.number is None for level in levels):
        return {}
    give, take = survey.report.grid
    frames = [
        trade_off(wave, give, take, by, outcome=survey.grid_outcome).frame
        for by in (None, *([list(segments)] if segments else []))
    ]
    together = pd.concat(frames, ignore_index=True)
    return {"trade_off": together.rename(columns={"reading": "words"})}


def _total_and(
    wave: Wave,
    estimator: Callable[[Wave, Sequence[str] | None], Estimates],
    segments: Sequence[str] | None,
) -> Estimates:
    """The total's figures and the segments', side by side."""
    total = estimator(wave, None)
    return stack([total, estimator(wave, segments)]) if segments else total


def _with_bases(wave: Wave, shares: Estimates) -> pd.DataFrame:
    """Toplines with the weighted and effective base of those who answered each question."""
    scaled = wave.weights / wave.weights.mean()
    weighted, effective = [], []
    for outcome, group in (
        shares.labels[["outcome", "group"]].drop_duplicates().itertuples(index=False)
    ):
        members = np.ones(wave.n_respondents, dtype=bool) if group == TOTAL else wave.segment(group)
        _, base = sums_of_answers(wave, outcome, members)
        for own in base.T:
            cost = efficiency(scaled * own)
            weighted.append(float((scaled * own).sum()))
            effective.append(cost.effective)
    return shares.frame.assign(weighted_base=weighted, effective_base=effective)
