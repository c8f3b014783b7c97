"""``conjoint tables``: every question by its crossbreaks, as pollsters publish them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

from conjoint.cli.shared import (
    SLOW,
    DataFile,
    Folder,
    Previous,
    app,
    notes,
    progress,
    refuse_pair,
    say_synthetic,
)
from conjoint.errors import Fault, RequestError, choices
from conjoint.output import digest, write_set
from conjoint.typing import Adjustment, ColumnTest
from conjoint.workbook import STEPS, Book, collect, csv_bytes, page_bytes, workbook_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["tables"]

FORMATS: dict[str, tuple[str, Callable[[Book], bytes]]] = {
    "xlsx": ("{survey}_tables.xlsx", workbook_bytes),
    "csv": ("tables.csv", csv_bytes),
    "html": ("tables.html", page_bytes),
}
"""By name: the file, and what writes it."""

MOST_DECIMALS = 2
"""What four decimals of a share, all that outward tables carry, can fill."""


@app.command()
def tables(
    survey: Folder,
    data: DataFile = None,
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="FOLDER", help="Where to write; output/<survey> without it."),
    ] = None,
    formats: Annotated[
        str, typer.Option("--format", metavar="LIST", help=f"Of {', '.join(FORMATS)}.")
    ] = ",".join(FORMATS),
    decimals: Annotated[int, typer.Option(help="Of percentages, 0 to 2.")] = 0,
    test: Annotated[
        str, typer.Option("--test", help=f"Of columns: {', '.join(get_args(ColumnTest))}.")
    ] = "design",
    adjust: Annotated[
        str | None,
        typer.Option("--adjust", help=f"For many tests: {', '.join(get_args(Adjustment))}."),
    ] = None,
    previous: Previous = None,
) -> None:
    """Make the tables for publication: an Excel workbook, a tidy CSV file and a page.

    Example: conjoint tables surveys/routes_for_returns_2026 --format xlsx --adjust holm
    """
    wanted = _wanted(formats)
    _one_of("--test", test, get_args(ColumnTest))
    if adjust is not None:
        _one_of("--adjust", adjust, get_args(Adjustment))
    if not 0 <= decimals <= MOST_DECIMALS:
        raise RequestError(Fault("--decimals", f"{decimals} is not available", "0, 1 or 2"))
    name = survey.resolve().name
    target = to or Path("output") / name
    if target.exists() and not target.is_dir():
        raise RequestError(Fault("--to", f"{target} cannot be made: it is a file", "a folder"))
    with progress(len(STEPS) + len(wanted), SLOW) as step:
        book = collect(
            survey,
            data,
            decimals=decimals,
            test=cast("ColumnTest", test),
            adjustment=cast("Adjustment | None", adjust),
            progress=step,
        )
        refuse_pair(previous, book.told(), book.provenance, book.survey)
        made: dict[str, bytes | Path] = {}
        for each in wanted:
            pattern, writer = FORMATS[each]
            step(f"Writing {each}")
            made[pattern.format(survey=name)] = writer(book)
        # Of figures that have changed, no other format stays behind.
        edition = digest(csv_bytes(book))
    for path in write_set(target, made, owner="tables", edition=edition, where="--to"):
        notes.print(f"{path}", soft_wrap=True)
    say_synthetic(book.survey)


def _wanted(formats: str) -> list[str]:
    names = [name.strip() for name in formats.split(",") if name.strip()]
    for name in names:
        _one_of("--format", name, tuple(FORMATS))
    if not names:
        raise RequestError(Fault("--format", "names nothing", choices(FORMATS), "Name one."))
    return list(dict.fromkeys(names))


def _one_of(option: str, given: str, known: tuple[str, ...]) -> None:
    if given not in known:
        raise RequestError(Fault(option, f'there is no "{given}"', choices(known), "Name one."))
