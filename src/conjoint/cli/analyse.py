"""``conjoint analyse``: a survey folder as a bundle of aggregates."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import conjoint as cj
from conjoint.analysis import STEPS
from conjoint.cli.shared import (
    DataFile,
    Folder,
    Previous,
    app,
    notes,
    progress,
    refuse_pair,
    say_synthetic,
)
from conjoint.errors import Fault, RequestError

__all__ = ["analyse"]

FORMATS = ("csv", "parquet")


@app.command()
def analyse(
    survey: Folder,
    data: DataFile = None,
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="FOLDER", help="output/<survey>/data without it."),
    ] = None,
    format: Annotated[  # noqa: A002  # what users call it
        str, typer.Option("--format", metavar="|".join(FORMATS), help="Of the tables.")
    ] = "csv",
    previous: Previous = None,
) -> None:
    """Write all aggregates: enough for every report, and nothing about single respondents.

    Example: conjoint analyse surveys/routes_for_returns_2026 --to bundle, then conjoint report bundle
    """
    if format not in FORMATS:
        raise RequestError(Fault("--format", f'"{format}" is no format', "csv or parquet"))
    target = to or Path("output") / survey.resolve().name / "data"
    with progress(len(STEPS)) as step:
        analysis = cj.run_analysis(survey, data, step)
        refuse_pair(previous, analysis.tables, analysis.provenance, analysis.survey)
        written = analysis.write(target, format="parquet" if format == "parquet" else "csv")
    say_synthetic(analysis.survey)
    typer.echo(f"{written}")
    figures = sum(len(table) for table in analysis.tables.values())
    notes.print(f"{len(analysis.tables)} tables, {figures:,} rows; README.md there tells them.")
