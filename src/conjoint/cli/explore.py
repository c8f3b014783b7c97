"""``conjoint explore``: a page on which people choose a package and see who would support it."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  # typer reads annotations when it runs
from typing import TYPE_CHECKING, Annotated

import typer

from conjoint.analysis import Analysis, is_bundle, read_bundle
from conjoint.analysis.core import observed_grid
from conjoint.analysis.provenance import provenance_of
from conjoint.cli.shared import (
    SLOW,
    DataFile,
    Previous,
    app,
    notes,
    of_bundle,
    progress,
    refuse_pair,
    refuse_release,
    say_synthetic,
    weighted,
)
from conjoint.errors import Fault, RequestError
from conjoint.folder import open_folder
from conjoint.output import write_file
from conjoint.say.number import numeral
from conjoint.scenario.explorer import EXPLORER_TABLES, explorer_tables
from conjoint.toplines.withheld import find_withheld
from conjoint.withhold.mark import without_thin

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["explore"]

STEPS = 3
ENDINGS = (".html", ".htm")


@app.command()
def explore(
    survey: Annotated[
        Path,
        typer.Argument(
            metavar="SURVEY",
            help="A folder with a survey.toml, or a bundle that `conjoint analyse` wrote.",
        ),
    ],
    to: Annotated[Path, typer.Option("--to", metavar="FILE.html", help="Where to write the page.")],
    data: DataFile = None,
    unweighted: Annotated[
        bool, typer.Option("--unweighted", help="Leave the targets out.")
    ] = False,
    previous: Previous = None,
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
    if is_bundle(survey) and (data is not None or unweighted):
        option = "--data" if data is not None else "--unweighted"
        raise RequestError(Fault(option, "does not fit a bundle, which has its figures"))
    from conjoint.explorer import explorer_page

    bundle = survey if is_bundle(survey) else None
    with progress(STEPS, SLOW) as step, of_bundle(bundle):
        if bundle:
            known = _of_bundle(survey)
            refuse_pair(previous, known.tables, known.provenance, known.survey)
        else:
            known = _made(survey, data, step, previous, unweighted=unweighted)
        step("Writing the page")
        page = explorer_page(known.survey, known.tables, known.provenance)
        write_file(to, page.encode("utf-8"))
    notes.print(f"{to}: {numeral(len(page.encode()) / 1e6, 1)} MB", soft_wrap=True)
    say_synthetic(known.survey)


def _of_bundle(folder: Path) -> Analysis:
    analysis = read_bundle(folder)
    missing = [name for name in EXPLORER_TABLES if name not in analysis.tables]
    if missing:
        what = f"the bundle has no {missing[0]}"
        raise RequestError(
            Fault(
                str(folder), what, "a bundle of this version", "Write it again: conjoint analyse."
            )
        )
    return analysis


def _made(
    folder: Path,
    data: Path | None,
    step: Callable[[str], None],
    previous: Path | None,
    *,
    unweighted: bool,
) -> Analysis:
    step("Reading and weighting")
    raw = open_folder(folder, data)
    wave = weighted(raw, unweighted=unweighted)
    refuse_release(previous, wave, folder, data)
    step("Models, tests and trade-offs")
    withheld, survey = find_withheld(wave), wave.survey
    shown = [name for name in survey.segments if name not in withheld.segments]
    tables = {
        name: without_thin(name, table, withheld, survey)
        for name, table in explorer_tables(wave, shown).items()
    } | observed_grid(wave)
    options = " --unweighted" * unweighted
    origin = provenance_of(raw, wave, folder, data, f"explore {{}}{options} --to FILE.html")
    return Analysis(wave.survey, tables, origin)
