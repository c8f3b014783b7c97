"""``conjoint explore``: a page on which people choose a package and see who would support it."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  # typer reads annotations when it runs
from typing import Annotated

import typer

from conjoint.analysis.provenance import provenance_of
from conjoint.cli.shared import DataFile, Folder, app, notes, progress, say_synthetic, weighted
from conjoint.errors import Fault, RequestError
from conjoint.folder import open_folder
from conjoint.scenario.explorer import explorer_tables
from conjoint.withheld import hidden_segments

__all__ = ["explore"]

STEPS = 3
ENDINGS = (".html", ".htm")

SLOW = 2.0
"""Seconds after which somebody who waits wants to know what for."""


@app.command()
def explore(
    survey: Folder,
    to: Annotated[Path, typer.Option("--to", metavar="FILE.html", help="Where to write the page.")],
    data: DataFile = None,
    unweighted: Annotated[
        bool, typer.Option("--unweighted", help="Leave the targets out.")
    ] = False,
) -> None:
    """Make one page to open from disk: choose levels, see support by segment, compare, trade off.

    It holds aggregates alone, works without a network, and is weighted to the survey's targets where
    it has some.

    Example: conjoint explore surveys/routes_for_returns_2026 --to explorer.html
    """
    if to.suffix.lower() not in ENDINGS:
        raise RequestError(Fault("--to", f'"{to.name}" has no known ending', ".html"))
    if not to.parent.is_dir():
        raise RequestError(Fault("--to", f"there is no folder {to.parent}", "one that exists"))
    from conjoint.explorer import explorer_page

    with progress(STEPS, SLOW) as step:
        step("Reading and weighting")
        raw = open_folder(survey, data)
        wave = weighted(raw, unweighted=unweighted)
        step("Models, tests and trade-offs")
        hidden = hidden_segments(wave)
        told = [name for name in wave.survey.segments if name not in hidden]
        tables = explorer_tables(wave, told)
        step("Writing the page")
        options = " --unweighted" * unweighted
        origin = provenance_of(raw, wave, survey, data, f"explore {{}}{options} --to FILE.html")
        page = explorer_page(wave.survey, tables, origin)
        _write(page, to)
    notes.print(f"{to}: {len(page.encode()) / 1e6:.1f} MB", soft_wrap=True)
    say_synthetic(wave.survey)


def _write(page: str, to: Path) -> None:
    """Write the page whole, or not at all."""
    partial = to.with_name(to.name + ".partial")
    try:
        partial.write_text(page, "utf-8", newline="\n")
        partial.replace(to)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise RequestError(
            Fault("--to", f"{to} cannot be written: {error.strerror}", "a file that can be")
        ) from error
