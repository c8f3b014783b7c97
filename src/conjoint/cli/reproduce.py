"""``conjoint reproduce``: do published figures come out again?"""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  # typer reads annotations when it runs
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from conjoint.cli.shared import (
    PAGE_STEPS,
    SLOW,
    DataFile,
    Folder,
    Page,
    Previous,
    Renderer,
    app,
    notes,
    page_renderer,
    progress,
    refuse_release,
    say_synthetic,
    terminal,
    weighted,
    write_csv,
)
from conjoint.errors import Fault, SurveyError
from conjoint.folder import open_folder
from conjoint.reproduce import STEPS, Reproduction, withhold
from conjoint.reproduce import reproduce as make_again
from conjoint.say.number import numeral
from conjoint.say.phrase import phrase
from conjoint.say.words import SUPPRESSED, base_notes
from conjoint.withhold.erase import without_untold
from conjoint.withhold.outward import outward

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rich.console import Console

    from conjoint.report.render import Rendered
    from conjoint.reproduce import Reproduced
    from conjoint.typing import Reproducing
    from conjoint.wave import Wave

__all__ = ["reproduce"]

MOST_LINES = 12
"""Questions and tables of which reproduced figures are counted line by line."""

ORDER: dict[Reproducing, tuple[str, str]] = {
    "differs": ("DIFFERS", "bold red"),
    "within sampling error": ("WITHIN", "bold yellow"),
    "cannot be computed": ("MISSING", "bold yellow"),
    "reproduced": ("same", "green"),
}


@app.command()
def reproduce(
    survey: Folder,
    data: DataFile = None,
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="FILE", help="Write every figure: FILE.csv."),
    ] = None,
    page: Page = None,
    renderer: Renderer = None,
    every: Annotated[
        bool, typer.Option("--all", help="Show figures that are reproduced, too.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit 1 also where a figure cannot be computed.")
    ] = False,
    lenient: Annotated[
        bool, typer.Option("--lenient", help="Let pass what is within sampling error.")
    ] = False,
    previous: Previous = None,
) -> None:
    """Make the figures of published.csv again, and say of each whether it holds.

    Exits with 0 where every figure that can be computed is reproduced, 1 where one is not, 2 where a
    file is at fault.

    Example: conjoint reproduce surveys/routes_for_returns_2026 --page output/reproduced
    """
    render = page_renderer(page, renderer)
    with progress(1 + STEPS + PAGE_STEPS * (page is not None), SLOW) as step:
        step("Reading the survey folder")
        wave = open_folder(survey, data)
        if not wave.survey.published:
            raise SurveyError(
                Fault(
                    f"{survey / 'published.csv'}",
                    "holds no published figures",
                    "one row a figure, with the columns question, group, answer, value, where",
                    "Write down what was published: see docs/reproduce.md.",
                )
            )
        if previous is not None:
            refuse_release(previous, weighted(wave, unweighted=False), survey, data)
        made = withhold(make_again(wave, progress=step), wave)
        if page is not None:
            path = _make_page(wave, made, survey, data, page, step, render)
    say_synthetic(wave.survey)
    console = terminal()
    console.print(Text(wave.survey.title))
    _say_figures(console, made, every=every)
    _say_tables(console, made)
    if made.withheld:
        for note in base_notes(["suppressed"], wave.survey.thresholds):
            console.print(Text(note, "dim"))
    console.print()
    console.print(Text(made.summary))
    if to is not None:
        write_csv(without_untold(outward("reproduction", made.frame)), to)
    if page is not None:
        notes.print(f"{path}", soft_wrap=True)
    counts = made.counts
    off = counts["differs"] + (0 if lenient else counts["within sampling error"])
    if off or (strict and counts["cannot be computed"]):
        raise typer.Exit(1)


def _say_figures(console: Console, made: Reproduction, *, every: bool) -> None:
    """First what differs, then what is missing; what is the same is counted."""
    for verdict, (word, style) in ORDER.items():
        figures = made.having(verdict)
        if not figures:
            continue
        console.print()
        if verdict == "reproduced" and not every:
            console.print(_folded(figures))
            continue
        table = Table(
            "", "Figure", "Published", "Again", "Difference", box=None, pad_edge=False,
            show_header=verdict != "cannot be computed",
        )  # fmt: skip
        for column in ("Published", "Again", "Difference"):
            own = next(each for each in table.columns if each.header == column)
            own.justify = "right"
            own.no_wrap = True
        table.columns[0].no_wrap = True
        for figure in figures:
            table.add_row(Text(word, style), _named(figure), *_numbers(figure))
        console.print(table)


def _named(figure: Reproduced) -> Text:
    """What it is about, and below what might explain it."""
    where = f" ({figure.where})" if figure.where else ""
    text = Text(f"{figure.subject}, {figure.group}: {figure.item}{where}")
    if figure.missing:
        text.append(f"\n{figure.missing}", "italic")
    elif figure.verdict != "reproduced" and figure.conventions:
        text.append(f"\nIt appears under: {figure.conventions}", "italic")
    if figure.uncertainty == phrase("reproduction.uncertainty.not_found"):
        text.append("\nIts standard error or interval was not found", "italic")
    return text


def _numbers(figure: Reproduced) -> tuple[str, str, str]:
    value = numeral(figure.value, figure.decimals)
    if figure.missing:
        return value, "", ""
    if figure.reading == "suppressed":
        return value, SUPPRESSED, ""
    decimals = figure.decimals + 1
    difference = numeral(figure.difference, decimals, signed=True)
    if figure.verdict != "reproduced" and figure.std_error > 0:
        difference += f" ({numeral(abs(figure.in_errors), 1)} SE)"
    return value, numeral(figure.computed, decimals), difference


def _folded(figures: Iterable[Reproduced]) -> Text:
    """How many figures of each question and table are the same."""
    counts: dict[str, int] = {}
    for figure in figures:
        counts[figure.subject] = counts.get(figure.subject, 0) + 1
    named = [f"{subject} ({count})" for subject, count in counts.items()]
    if len(named) > MOST_LINES:
        named = [*named[:MOST_LINES], f"and {len(named) - MOST_LINES} more"]
    return Text.assemble(("Reproduced", "green"), f": {', '.join(named)}")


def _say_tables(console: Console, made: Reproduction) -> None:
    """The conventions of conjoint figures, and notes that several figures share."""
    for table in made.tables:
        console.print()
        console.print(Text(table.text))
    for note in dict.fromkeys(figure.note for figure in made.figures if figure.note):
        console.print(Text(note, "dim"))


def _make_page(
    wave: Wave,
    made: Reproduction,
    survey: Path,
    data: Path | None,
    page: Path,
    step: Callable[[str], None],
    render: Callable[..., Rendered],
) -> Path:
    from conjoint.analysis import reproduction_analysis

    told = reproduction_analysis(wave, made, survey, data)
    return render(told, page, report="reproduction_report", progress=step).path
