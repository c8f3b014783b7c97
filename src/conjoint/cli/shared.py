"""What all commands share: the application, common arguments, progress and writing."""

from __future__ import annotations

import os
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

import conjoint as cj
from conjoint.cli.guard import TRACEBACK, Guarded
from conjoint.errors import Fault, InputError, ReportError, RequestError
from conjoint.output import write_file
from conjoint.spreadsheet import csv_text, risky_cells

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import pandas as pd

    from conjoint.report.render import Rendered
    from conjoint.survey import Survey
    from conjoint.wave import Wave

__all__ = [
    "PAGE_STEPS",
    "SLOW",
    "DataFile",
    "Folder",
    "Page",
    "Previous",
    "Raw",
    "Renderer",
    "To",
    "app",
    "groups_by",
    "notes",
    "of_bundle",
    "page_renderer",
    "progress",
    "refuse_pair",
    "refuse_release",
    "refuse_risky",
    "say_synthetic",
    "terminal",
    "weighted",
    "write_csv",
]

app = typer.Typer(
    cls=Guarded,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Conjoint polls, from a survey folder to a segment report.",
)
notes = Console(stderr=True, highlight=False, markup=False, emoji=False)
"""For words beside the figures. Paths and names are printed as they are: "[data]" and ":x:" are no marks."""


NARROWEST = 10
"""Columns of a terminal below which nothing could be read, so that it is not believed."""


WIDEST = 79
"""Columns that every terminal has."""

SLOW = 2.0
"""Seconds after which somebody who waits wants to know what for."""

PAGE_STEPS = 8
"""About how many steps a page takes, for a progress bar."""


def terminal(widest: int | None = WIDEST) -> Console:
    """Standard output for tables; no wider than `widest`, and no text is taken for marks."""
    width = Console().width
    if width < NARROWEST:  # what COLUMNS=0 says, and some that are no terminals
        width = 80
    width = min(width, widest or width)
    return Console(highlight=False, markup=False, emoji=False, width=width)


Folder = Annotated[Path, typer.Argument(metavar="SURVEY", help="A folder with a survey.toml.")]
DataFile = Annotated[
    Path | None,
    typer.Option("--data", metavar="FILE", help="The responses, where they lie elsewhere."),
]
Raw = Annotated[
    bool,
    typer.Option(
        "--raw",
        help="Write ids and levels unchanged, even those that a spreadsheet would run as formulas.",
    ),
]
To = Annotated[
    Path | None,
    typer.Option("--to", metavar="FILE", help="Where to write; standard output without it."),
]


Previous = Annotated[
    Path | None,
    typer.Option(
        "--previous",
        metavar="BUNDLE",
        help="The release already published: refuse what the two together would give away.",
    ),
]

Page = Annotated[Path | None, typer.Option("--page", metavar="FOLDER", help="Make a page to read.")]


Renderer = Annotated[
    str | None,
    typer.Option(
        "--renderer",
        metavar="embedded|quarto",
        help="What sets reports; Quarto without it, where its program is.",
    ),
]


def page_renderer(page: Path | None, renderer: str | None) -> Callable[..., Rendered]:
    """Give the function that makes a page; load it, as it loads charts, and check the renderer before any work.

    Raises
    ------
    ReportError
        What reports need is not installed, or the renderer is not there.
    """
    if page is None:
        return _no_page
    try:
        from conjoint.report import render_report
        from conjoint.report.render import quarto_for
    except ModuleNotFoundError as error:
        raise ReportError(
            Fault("--page", f"{error.name} is not installed", do='pip install "conjoint[report]".')
        ) from error
    quarto_for(renderer)
    return partial(render_report, renderer=renderer)


def _no_page(*_: object, **__: object) -> Rendered:
    raise AssertionError("no page is asked for")


def refuse_pair(
    previous: Path | None,
    tables: Mapping[str, pd.DataFrame],
    provenance: Mapping[str, Any],
    survey: Survey,
) -> None:
    """Refuse a release that tells of a few people when it is held beside the one before.

    Raises
    ------
    RequestError
        Every base that does so.
    """
    if previous is None:
        return
    from conjoint.analysis import read_bundle
    from conjoint.withhold.pair import compare_releases

    before = read_bundle(previous)
    faults = compare_releases(
        before.tables,
        tables,
        max(survey.thresholds.suppress_below, before.survey.thresholds.suppress_below),
        same_answers=answers_of(before.provenance) == answers_of(provenance),
    )
    if faults:
        raise RequestError(*faults)


def refuse_release(
    previous: Path | None, wave: Wave, folder: Path, data: Path | None = None
) -> None:
    """The same for a command that makes no bundle: by the bases and means that a bundle would have.

    Parameters
    ----------
    wave
        Weighted as it is published.
    folder, data
        Where it was read from.
    """
    if previous is None:
        return
    from conjoint.analysis.core import release_tables
    from conjoint.analysis.provenance import provenance_of

    told = provenance_of(wave, wave, folder, data, "")
    refuse_pair(previous, release_tables(wave), told, wave.survey)


def answers_of(provenance: Mapping[str, Any]) -> set[str]:
    """The hashes of the files of responses that a bundle was made from."""
    inputs = provenance.get("inputs", {})
    others = {"survey.toml", "simulation.toml"}
    others |= {name for name in inputs if Path(name).stem in ("targets", "published")}
    return {sha for name, sha in inputs.items() if name not in others}


def weighted(wave: Wave, *, unweighted: bool) -> Wave:
    """Rake the wave to its survey's targets, where it has some and they are wanted."""
    return wave if unweighted or wave.survey.targets is None else cj.rake(wave)


def say_synthetic(survey: Survey) -> None:
    """Say so where nobody gave the answers."""
    if survey.synthetic:
        notes.print(
            "Synthetic wave: no person gave these answers. Not for quotation.", style="bold"
        )


def write_csv(frame: pd.DataFrame, to: Path | None, *, raw: bool = False) -> None:
    """Write a frame to standard output, or whole to a file; inert in a spreadsheet unless `raw`."""
    text = csv_text(frame, raw=raw)
    if to is None:
        typer.echo(text, nl=False)
        return
    from conjoint.say.number import counted

    write_file(to, text.encode("utf-8"))
    notes.print(f"{to}: {counted(len(frame), 'row')}", soft_wrap=True)


def refuse_risky(frame: pd.DataFrame) -> None:
    """Refuse ids and levels that a spreadsheet would run: changed, they would fit no other file.

    Raises
    ------
    RequestError
        There are some.
    """
    found = risky_cells(frame)
    if found:
        column, text = found[0]
        more = f" (and {len(found) - 1:,} more)" if len(found) > 1 else ""
        raise RequestError(
            Fault(
                column,
                f"a spreadsheet would run {text[:60]!a} as a formula{more}",
                "ids and levels that begin with a letter, or are numbers",
                "Rename them in the data, or write them as they stand with --raw.",
            )
        )


@contextmanager
def of_bundle(folder: Path | None) -> Iterator[None]:
    """Say of a bundle, which may come from anybody, that its parts do not fit one another.

    Raises
    ------
    InputError
        Something that its survey names is not in its tables, or the other way round.
    """
    try:
        yield
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        if folder is None or os.environ.get(TRACEBACK):
            raise
        what = f"its survey and its tables do not fit one another ({type(error).__name__}: {error})"
        do = "Analyse the survey again."
        raise InputError(Fault(str(folder), what, "a bundle as it was written", do)) from error


@contextmanager
def progress(steps: int, after: float = 0.0) -> Iterator[Callable[[str], None]]:
    """A bar that names the step at work; quiet lines where there is no terminal.

    With `after` nothing is shown of what ends within so many seconds.
    """
    bar = Progress(
        SpinnerColumn(),
        BarColumn(bar_width=24),
        TextColumn("{task.description}", markup=False),
        TimeElapsedColumn(),
        console=notes,
        transient=True,
    )
    task, begun = bar.add_task("Starting", total=steps), monotonic()

    def step(name: str) -> None:
        bar.update(task, description=name, advance=1)
        if monotonic() - begun < after:
            return
        bar.start()
        if not notes.is_terminal:
            notes.print(name)

    if not after:
        bar.start()
    try:
        yield step
    finally:
        bar.stop()


def groups_by(wave: Wave, by: str | None) -> str | list[str] | None:
    """What `--by` asks for: a name that is both a segment's and a column's has to say which.

    Raises
    ------
    RequestError
        It does not.
    """
    segments, columns = wave.survey.segments, wave.respondent_columns
    if by is None or by in (set(segments) ^ set(columns)):
        return by
    kind, _, name = by.partition(":")
    if kind == "segment" and name in segments:
        return [name]
    if kind == "column" and name in columns:
        return name
    if by in segments:
        what = f'"{by}" is a segment and a respondent column'
        expected = f'"segment:{by}" or "column:{by}"'
        raise RequestError(Fault("--by", what, expected, "Say which."))
    return by
