"""Collect: one call from a survey folder to everything that its tables are made of."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conjoint.analysis.core import CORE_STEPS, main_figures
from conjoint.analysis.provenance import provenance_of
from conjoint.disclosure import disclosure
from conjoint.folder import open_folder
from conjoint.toplines import tables
from conjoint.toplines.withheld import find_withheld, hidden_segments
from conjoint.withhold.erase import erase, without_segments
from conjoint.withhold.outward import outward, outward_numbers
from conjoint.workbook.book import Asked, Book

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from os import PathLike

    from conjoint.survey import Survey
    from conjoint.toplines import Table
    from conjoint.typing import Adjustment, ColumnTest

__all__ = ["STEPS", "collect"]

STEPS = ("Reading and checking the survey folder", *CORE_STEPS, "Tables of every question")
"""The steps of collecting, as a progress bar names them."""

FRAMES = (
    "amce", "marginal_means", "departures", "joint_means", "weighting", "weighting_summary",
    "bases", "audit",
)  # fmt: skip


def collect(
    folder: str | PathLike[str],
    data: str | PathLike[str] | None = None,
    *,
    decimals: int = 0,
    test: ColumnTest = "design",
    adjustment: Adjustment | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Book:
    """Check, weight, estimate and tabulate a survey folder.

    Parameters
    ----------
    folder, data, progress
        As for :func:`conjoint.run_analysis`.
    decimals
        Of percentages.
    test, adjustment
        As for :func:`conjoint.crosstab`.

    Returns
    -------
    Book
        Weighted to the survey's targets where it has some.

    Raises
    ------
    ConjointError
        Every fault of the folder at once, or the figure that cannot be had.
    """
    progress(STEPS[0])
    raw = open_folder(folder, data)
    wave, frames = main_figures(raw, progress)
    progress(STEPS[-1])
    told = provenance_of(raw, wave, Path(folder), data, "tables {}")
    survey = wave.survey
    made = (
        [own.outward() for own in tables(wave, test=test, adjustment=adjustment)]
        if survey.questions
        else []
    )
    hidden = hidden_segments(wave)
    frames = erase(frames, survey, find_withheld(wave))
    figures = {name: without_segments(frames[name], hidden) for name in FRAMES if name in frames}
    figures["shown"] = frames["shown"]
    figures = {name: outward(name, frame) for name, frame in figures.items()}
    return Book(
        survey=survey,
        questions=tuple(_asked(survey, made)),
        figures=figures,
        hidden=hidden,
        disclosed=disclosure(wave),
        provenance=outward_numbers(told)
        | {"command": _command(told["command"], decimals, test, adjustment)},
        decimals=decimals,
        test=test,
        adjustment=adjustment,
    )


def _asked(survey: Survey, made: Sequence[Table]) -> Iterator[Asked]:
    """Tables by question."""
    grouped = groupby(made, key=lambda table: table.question)
    for number, (key, own) in enumerate(grouped, 1):
        yield Asked(key, survey.questions[key].label or key, number, tuple(own))


def _command(command: str, decimals: int, test: str, adjustment: Any) -> str:
    """The command that makes these tables again."""
    options = f" --decimals {decimals}" * (decimals != 0)
    options += f' --test "{test}"' * (test != "design")
    options += f" --adjust {adjustment}" * (adjustment is not None)
    return command + options
