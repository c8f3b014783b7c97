"""``conjoint report``: a survey folder as a page to read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import conjoint as cj
from conjoint.analysis import STEPS
from conjoint.cli.shared import DataFile, Folder, app, notes, progress, say_synthetic
from conjoint.errors import Fault, ReportError

__all__ = ["report"]


@app.command()
def report(
    survey: Folder,
    data: DataFile = None,
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="FOLDER", help="Where to write; output/<survey> without it."),
    ] = None,
) -> None:
    """Make the segment report: one HTML file, and the aggregates it is made from.

    Example: conjoint report surveys/routes_for_returns_2026
    """
    try:
        from conjoint.report import RENDER_STEPS, render_report  # loads charts
    except ImportError as error:
        raise ReportError(
            Fault("report", f"{error.name} is not installed", do='pip install "conjoint[report]".')
        ) from error

    target = to or Path("output") / survey.resolve().name
    with progress(len(STEPS) + RENDER_STEPS) as step:
        analysis = cj.run_analysis(survey, data, step)
        rendered = render_report(analysis, target, progress=step)
    say_synthetic(analysis.survey)
    typer.echo(f"{rendered.path}")
    notes.print(f"Rendered by {rendered.renderer}.")
    if "embedded" in rendered.renderer:
        notes.print("With the Quarto program on PATH, Quarto renders the same source.")
