"""``conjoint check``: is a survey folder fit to analyse?"""

from __future__ import annotations

import typer
from rich.console import Console
from rich.table import Table

import conjoint as cj
from conjoint.cli.shared import DataFile, Folder, app, say_synthetic
from conjoint.folder import open_folder
from conjoint.weight import target_warnings

__all__ = ["check"]


@app.command()
def check(survey: Folder, data: DataFile = None) -> None:
    """Check a survey folder: every fault of its files at once, or what it holds.

    Example: conjoint check surveys/routes_for_returns_2026
    """
    wave = open_folder(survey, data)
    say_synthetic(wave.survey)
    counts = wave.describe()
    typer.echo(f"{wave.survey.title}")
    typer.echo(
        f"{counts['respondents']:,} respondents, {counts['profiles']:,} profiles, "
        f"{counts['tasks']} tasks"
        + (", one task repeated" if counts["repeated_task"] else "")
        + f"; {len(wave.survey.attributes)} attributes; "
        f"outcomes {', '.join(wave.survey.outcomes)}"
    )
    if wave.survey.segments:
        limits = wave.survey.thresholds
        table = Table("Segment", "Base", "Reading", box=None, pad_edge=False)
        for row in cj.bases(wave, list(wave.survey.segments)).to_dict("records"):
            n = row["n_respondents"]
            reading = "fine"
            if n < limits.suppress_below:
                reading = f"under {limits.suppress_below}: no figure will be shown"
            elif n < limits.caution_below:
                reading = f"under {limits.caution_below}: with caution"
            table.add_row(wave.survey.segment_label(str(row["group"])), f"{n:,}", reading)
        Console(highlight=False).print(table)
    if wave.survey.targets is not None:
        cost = cj.efficiency(cj.rake(wave).weights)
        typer.echo(
            f"Targets can be met, at a weighting efficiency of {100 * cost.efficiency:.1f}%."
        )
        for note in target_warnings(wave):
            typer.echo(f"Look at {note}")
    typer.echo("No faults found.")
