"""``conjoint compare``: what changed between waves, and what cannot be compared."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path  # noqa: TC003  # typer reads annotations when it runs
from typing import TYPE_CHECKING, Annotated, Any, cast, get_args

import typer
from rich.table import Table
from rich.text import Text

from conjoint.cli.shared import (
    PAGE_STEPS,
    SLOW,
    Page,
    Previous,
    Renderer,
    app,
    notes,
    page_renderer,
    progress,
    refuse_release,
    terminal,
    weighted,
    write_csv,
)
from conjoint.compare import compare as put_side_by_side
from conjoint.errors import Fault, InputError, RequestError
from conjoint.folder import load_folder
from conjoint.say.measure import RATED, SHARE
from conjoint.say.number import base, between, numeral
from conjoint.typing import Composition, Family, FlagKind
from conjoint.withhold.erase import without_untold
from conjoint.withhold.outward import outward

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd
    from rich.console import Console

    from conjoint.compare import Comparison
    from conjoint.report.render import Rendered
    from conjoint.wave import Wave

__all__ = ["compare"]

STYLES = {"not compared": "bold red", "care": "bold yellow", "noted": "dim"}
WORDS = {"not compared": "NOT COMPARED", "care": "CARE", "noted": "noted"}
KINDS = {"topline": "Answers", "marginal mean": "Marginal means", "amce": "AMCEs"}


@app.command()
def compare(
    surveys: Annotated[
        list[Path],
        typer.Argument(
            metavar="SURVEY SURVEY...", help="Folders, in the order of their fieldwork."
        ),
    ],
    by: Annotated[
        str | None, typer.Option(help='"segments", or one of them; everybody comes first.')
    ] = None,
    composition: Annotated[
        str, typer.Option(help=f"{', '.join(get_args(Composition))}: to which targets.")
    ] = "as weighted",
    hold: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN", help="Take changes apart by it; may be given again."),
    ] = None,
    panel: Annotated[
        bool | None,
        typer.Option("--panel/--independent", help="Whether shared ids are the same people."),
    ] = None,
    despite: Annotated[
        list[str] | None,
        typer.Option(metavar="KIND", help="Compare in spite of such a flag; may be given again."),
    ] = None,
    family: Annotated[
        str, typer.Option(help=f"{', '.join(get_args(Family))}: what p-values allow for.")
    ] = "comparison",
    every: Annotated[
        bool, typer.Option("--all", help="Show figures without a clear change too.")
    ] = False,
    unweighted: Annotated[
        bool, typer.Option("--unweighted", help="Leave the targets out.")
    ] = False,
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="FILE", help="Write every change: FILE.csv."),
    ] = None,
    page: Page = None,
    renderer: Renderer = None,
    previous: Previous = None,
) -> None:
    """Compare waves: flags first, then changes that are clear of zero, then how many are not.

    Weighted to each survey's targets where it has some. `--previous` is a release of the last wave. Exits with 0, and with 2 where a file is at fault.

    Example: conjoint compare surveys/routes_for_returns_2026 surveys/routes_for_returns_2026_autumn
    """
    _check(surveys, to)
    render = page_renderer(page, renderer)
    with progress(3 + len(surveys) + PAGE_STEPS * (page is not None), SLOW) as step:
        raw = _read(surveys, step)
        step("Weighting")
        waves = [weighted(wave, unweighted=unweighted) for wave in raw]
        refuse_release(previous, waves[-1], surveys[-1])
        step("Comparing")
        made = put_side_by_side(
            *waves,
            by=by,
            composition=cast("Composition", composition),
            hold=tuple(hold) if hold else None,
            panel=panel,
            despite=cast("Sequence[FlagKind]", tuple(despite or ())),
            family=cast("Family", family),
        )
        if page is not None:
            options = _options(by, composition, hold, panel, despite, family, unweighted=unweighted)
            told = _make_page(waves, made, surveys, options, page, step, render)
    if bool(made.waves["synthetic"].any()):
        notes.print(
            "Synthetic wave: no person gave these answers. Not for quotation.", style="bold"
        )
    console = terminal()
    _say_waves(console, made)
    _say_flags(console, made)
    _say_changes(console, waves[-1], made, every=every)
    if to is not None:
        from conjoint.analysis import shown_of

        write_csv(without_untold(outward("changes", shown_of(waves, made.frame))), to)
    if page is not None:
        notes.print(f"{told}", soft_wrap=True)


def _check(surveys: Sequence[Path], to: Path | None) -> None:
    faults = []
    if len(surveys) < 2:
        faults.append(Fault("SURVEY", "one survey alone", "two or more", "Name another folder."))
    if to is not None and to.suffix != ".csv":
        faults.append(Fault("--to", f'"{to.name}" has no known ending', ".csv"))
    if faults:
        raise RequestError(*faults)


def _read(surveys: Sequence[Path], step: Callable[[str], None]) -> list[Wave]:
    """Read every folder; the faults of all of them at once."""
    waves, faults = [], []
    for folder in surveys:
        step(f"Reading {folder.name}")
        wave, found = load_folder(folder)
        faults += found
        if wave is not None:
            waves.append(wave)
    if faults:
        raise InputError(*faults)
    return waves


def _say_waves(console: Console, made: Comparison) -> None:
    table = Table("Wave", "Fieldwork", "People", "Worth", box=None, pad_edge=False)
    for row in made.waves.to_dict("records"):
        days = between(row["start"], row["end"]) if row["start"] else "not stated"
        table.add_row(Text(row["wave"]), days, base(row["n_respondents"]), base(row["effective"]))
    console.print(table)


def _say_flags(console: Console, made: Comparison) -> None:
    console.print()
    if made.flags.empty:
        console.print("Nothing differs in what was asked, shown and sampled.")
        return
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    several = len(made.waves) > 2
    for row in made.flags.to_dict("records"):
        pair = f"{row['first']}, {row['second']}: " if several else ""
        table.add_row(Text(WORDS[row["bearing"]], STYLES[row["bearing"]]), Text(pair + row["text"]))
    console.print(table)


def _say_changes(console: Console, last: Wave, made: Comparison, *, every: bool) -> None:
    frame = made.frame
    clear = frame["verdict"].isin(["rose", "fell"])
    shown = frame[clear | (every & frame["change"].notna() & (frame["verdict"] != "baseline"))]
    console.print()
    console.print(Text("Changes clear of zero" if not every else "Changes", "bold"))
    if shown.empty:
        console.print("There is none.")
    for (first, second), pair in shown.groupby(["first", "second"], sort=False):
        if len(made.waves) > 2:
            console.print(Text(f"\n{first} to {second}", "bold"))
        for kind, own in pair.groupby("kind", sort=False):
            console.print(_table(last, str(kind), own))
    console.print()
    counts = frame["verdict"].value_counts()
    rest = {
        "without a clear change": int(counts.get("no clear change", 0)),
        "not compared": int(counts.get("not compared", 0)),
        "with too few people": int(counts.get("too few", 0)),
    }
    folded = ", ".join(f"{count} {what}" for what, count in rest.items() if count)
    more = (
        " With --all every change is shown." if not every and rest["without a clear change"] else ""
    )
    console.print(f"{folded}.{more}" if folded else "Every figure has a clear change.")
    console.print(_chance(made))


FINE, FINE_RATED = replace(SHARE, decimals=1), replace(RATED, decimals=2)


def _table(last: Wave, kind: str, own: pd.DataFrame) -> Table:
    names = [str(own[end].iloc[0]).replace(" ", "\n", 1) for end in ("first", "second")]
    table = Table(KINDS[kind], *names, "Change", "95% interval", box=None, pad_edge=False)
    for column in table.columns[1:]:
        column.justify, column.no_wrap = "right", True
    for row in own.to_dict("records"):
        measure = FINE_RATED if _in_units(last, row) else FINE
        figures = (measure.bare(row[f"estimate_{end}"]) for end in ("first", "second"))
        ends = measure.changes(row["conf_low"], row["conf_high"])
        name = Text(_name(last, row), "bold" if row["verdict"] in ("rose", "fell") else "")
        table.add_row(name, *figures, measure.change(row["change"]), ends)
    return table


def _in_units(last: Wave, row: Mapping[Any, Any]) -> bool:
    """Whether a figure is no share."""
    outcome = last.survey.outcomes.get(row["outcome"]) if row["kind"] != "topline" else None
    return row["estimand"] == "mean" or (outcome is not None and outcome.kind == "rating")


def _name(last: Wave, row: Mapping[Any, Any]) -> str:
    parts = [row["outcome"], row["item"], row["attribute"], row["level"]]
    said = " · ".join(str(part) for part in parts if part)
    if row["baseline"]:
        said += f" against {row['baseline']}"
    return (
        said if row["group"] == "Total" else f"{said} ({last.survey.segment_label(row['group'])})"
    )


def _chance(made: Comparison) -> str:
    level = 1 - made.confidence
    if made.family == "comparison":
        return (
            f"P-values allow for all figures of the comparison (Holm): were nothing changed, one comparison "
            f"in {numeral(1 / level)}, at most, would show a change by chance."
        )
    return (
        f"P-values allow for the figures of a table (Holm), not for the number of tables: of {made.tables} "
        f"tables up to {numeral(made.tables * level, 1)} would show a change by chance, were nothing changed."
    )


def _options(
    by: str | None,
    composition: str,
    hold: Sequence[str] | None,
    panel: bool | None,
    despite: Sequence[str] | None,
    family: str,
    *,
    unweighted: bool,
) -> str:
    """What was asked for, as it is written on the command line."""
    given = {
        "--by": [by] if by else [],
        "--composition": [composition] if composition != "as weighted" else [],
        "--hold": list(hold or ()),
        "--despite": list(despite or ()),
        "--family": [family] if family != "comparison" else [],
    }
    said = [
        f'{name} "{value}"' if " " in value else f"{name} {value}"
        for name, values in given.items()
        for value in values
    ]
    said += ["--unweighted"] * unweighted
    said += [] if panel is None else ["--panel" if panel else "--independent"]
    return " ".join(said)


def _make_page(
    waves: Sequence[Wave],
    made: Comparison,
    surveys: Sequence[Path],
    options: str,
    page: Path,
    step: Callable[[str], None],
    render: Callable[..., Rendered],
) -> Path:
    from conjoint.analysis import comparison_analysis

    told = comparison_analysis(waves, made, surveys, options)
    return render(told, page, report="compare_report", progress=step).path
