"""One call: survey folder to a bundle of aggregates."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from conjoint.analysis.bundle import Analysis
from conjoint.analysis.core import CORE_STEPS, main_figures
from conjoint.analysis.provenance import provenance_of
from conjoint.analysis.questions import disclosure_table, question_tables
from conjoint.errors import EstimationError
from conjoint.folder import open_folder
from conjoint.robust.methods import robustness_tables
from conjoint.scenario import trade_off
from conjoint.scenario.explorer import explorer_tables
from conjoint.toplines.withheld import find_withheld, hidden_segments
from conjoint.withhold.erase import erase
from conjoint.withhold.mark import without_thin

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from os import PathLike

    from conjoint.wave import Wave

__all__ = ["STEPS", "run_analysis"]

READING = "Reading and checking the survey folder"
FURTHER_STEPS = (
    "Questions by their crossbreaks",
    "The same figures made in other ways",
    "Support for packages",
)
STEPS = (READING, *CORE_STEPS, *FURTHER_STEPS)
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
        those from which it could be worked out (see :mod:`conjoint.toplines.withheld`).

    Raises
    ------
    ConjointError
        Every fault of the folder at once, or the figure that cannot be had.
    """
    progress(READING)
    raw = open_folder(folder, data)
    wave, tables = main_figures(raw, progress)
    tables |= _further(wave, progress)
    tables = erase(tables, wave.survey, find_withheld(wave))
    told = provenance_of(raw, wave, Path(folder), data, "report {}")
    return Analysis(wave.survey, tables, told)


def _further(wave: Wave, progress: Callable[[str], None]) -> dict[str, pd.DataFrame]:
    """What only some reports need: crossbreaks, the figures made in other ways, packages."""
    survey = wave.survey
    progress(FURTHER_STEPS[0])
    tables = question_tables(wave) | {"disclosure": disclosure_table(wave)}
    progress(FURTHER_STEPS[1])
    tables |= robustness_tables(wave, find_withheld(wave))
    progress(FURTHER_STEPS[2])
    hidden = hidden_segments(wave)
    shown = [name for name in survey.segments if name not in hidden]
    traded = explorer_tables(wave, shown) | _trade_offs(wave, shown)
    withheld = find_withheld(wave)
    return tables | {
        name: without_thin(name, table, withheld, survey) for name, table in traded.items()
    }


def _trade_offs(wave: Wave, segments: Sequence[str]) -> dict[str, pd.DataFrame]:
    """What the grid's second attribute buys of its first, where all their levels are numbers."""
    survey = wave.survey
    levels = [level for name in survey.report.grid for level in survey.attributes[name].levels]
    if not levels or any(level.number is None for level in levels):
        return {}
    give, take = survey.report.grid
    try:
        frames = [
            trade_off(wave, give, take, by, outcome=survey.grid_outcome).frame
            for by in (None, *([list(segments)] if segments else []))
        ]
    except EstimationError:  # no effect can be estimated: the table of them says why
        return {}
    together = pd.concat(frames, ignore_index=True)
    return {"trade_off": together.rename(columns={"reading": "words"})}
