"""``conjoint check``: is a survey folder fit to analyse?"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path  # noqa: TC003  # typer reads annotations when it runs
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from conjoint.audit import NAMES, Audit, audit, duplicated_ids
from conjoint.audit.model import title_of
from conjoint.cli.disclose import list_disclosure
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
from conjoint.errors import Fault, InputError, RequestError
from conjoint.folder import load_folder
from conjoint.output import write_file
from conjoint.say.number import counted
from conjoint.toplines.withheld import find_withheld
from conjoint.withhold.erase import without_subjects
from conjoint.withhold.threshold import reading_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd
    from rich.console import Console

    from conjoint.audit import Item
    from conjoint.report.render import Rendered
    from conjoint.wave import Wave

__all__ = ["check"]

STYLES = {"stop": "bold red", "look": "bold yellow", "fine": "green"}
WORDS = {"stop": "STOP", "look": "LOOK", "fine": "fine"}

MOST_GROUPS = 20
"""Groups of duplicated ids that are named."""


@app.command()
def check(
    survey: Folder,
    data: DataFile = None,
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="FILE", help="Write every item: FILE.csv or FILE.json."),
    ] = None,
    page: Page = None,
    renderer: Renderer = None,
    every: Annotated[
        bool,
        typer.Option(
            "--all",
            help="Show items that are fine too, duplicated ids, and in --to hidden segments.",
        ),
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit 1 if there is anything to look at.")
    ] = False,
    bpc: Annotated[
        bool,
        typer.Option("--bpc", help="List what the British Polling Council asks to be published."),
    ] = False,
    previous: Previous = None,
) -> None:
    """Check a survey folder: every fault of its files at once, then the audit of what it holds.

    Exits with 0 where nothing stops, 1 where the audit says stop, 2 where a file is at fault.

    Example: conjoint check surveys/routes_for_returns_2026 --page output/audit
    """
    if bpc:
        list_disclosure(survey, data, to, strict=strict)
        return
    _refuse_unknown_ending(to)
    render = page_renderer(page, renderer)
    with progress(len(NAMES) + 1 + PAGE_STEPS * (page is not None), SLOW) as step:
        step("Reading the survey folder")
        wave, faults = load_folder(survey, data)
        if wave is None:
            raise InputError(*faults)
        if previous is not None and not faults:
            refuse_release(previous, weighted(wave, unweighted=False), survey, data)
        found = audit(wave, step)
        if page is not None and not faults:
            made = _make_page(wave, found, survey, data, page, step, render)
    say_synthetic(wave.survey)
    console = terminal()
    _say_wave(console, wave, found)
    if not faults:
        console.print("No faults found.")
    _say_items(console, found, every=every)
    _say_unused(console, wave)
    _say_ids(console, duplicated_ids(wave) if every else ())
    console.print()
    console.print(Text(f"{found.summary} {_next(found, every=every)}".strip()))
    if faults:
        raise InputError(*faults)
    if to is not None:
        WRITERS[to.suffix](wave, found, found.frame if every else _outward(wave, found), to)
    if page is not None:
        notes.print(f"{made}", soft_wrap=True)
    if found.verdict == "stop" or (strict and found.verdict == "look"):
        raise typer.Exit(1)


def _refuse_unknown_ending(to: Path | None) -> None:
    if to is not None and to.suffix not in WRITERS:
        raise RequestError(Fault("--to", f'"{to.name}" has no known ending', ".csv or .json"))


def _say_wave(console: Console, wave: Wave, found: Audit) -> None:
    """What the folder holds: counts, segments, what weighting costs."""
    survey, counts = wave.survey, wave.describe()
    console.print(Text(survey.title))
    console.print(
        f"{counts['respondents']:,} respondents, {counts['profiles']:,} profiles, "
        f"{counts['tasks']} tasks" + (", one task repeated" if counts["repeated_task"] else "")
    )
    console.print(
        Text(f"{len(survey.attributes)} attributes; outcomes {', '.join(survey.outcomes)}")
    )
    if survey.segments:
        limits = survey.thresholds
        said = {
            "safe": "fine",
            "caution": f"under {limits.caution_below}: with caution",
            "suppressed": f"under {limits.suppress_below}: no figure will be shown",
        }
        table = Table("Segment", "Base", "Reading", box=None, pad_edge=False)
        for item in found.of("segment_bases"):
            n = int(item.value)
            table.add_row(Text(item.subject), f"{n:,}", said[reading_of(n, limits)])
        console.print(table)
    for item in found.of("targets")[:1]:
        if survey.targets is not None and item.verdict != "stop":
            console.print(Text(item.text))


def _say_items(console: Console, found: Audit, *, every: bool) -> None:
    """First what stops, then what deserves a look, then what is fine, one line a check."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for verdict in ("stop", "look"):
        for item in found.items:
            if item.verdict == verdict:
                table.add_row(_word(verdict), _told(item))
    for name in dict.fromkeys(item.check for item in found.items):
        fine = [item for item in found.of(name) if item.verdict == "fine"]
        if every:
            for item in fine:
                table.add_row(_word("fine"), _told(item))
        elif fine:
            others = len(found.of(name)) - len(fine)
            table.add_row(_word("fine"), _folded(name, fine, others, console.width - 6))
    console.print()
    console.print(table)


def _word(verdict: str) -> Text:
    return Text(WORDS[verdict], STYLES[verdict])


def _told(item: Item) -> Text:
    subject = f": {item.subject}" if item.subject else ""
    text = Text.assemble((f"{title_of(item.check)}{subject}", "bold"), f"\n{item.text}")
    if item.do:
        text.append(f"\n> {item.do}", "italic")
    return text


def _folded(name: str, items: Sequence[Item], others: int, width: int) -> Text:
    """A check that is fine in one line: its sentence where there is one, else how many."""
    said = f"{len(items)} more, fine." if others else f"{len(items)} looked at, all fine."
    if len(items) == 1 and not others:
        said = items[0].text
    text = Text.assemble(f"{title_of(name)}: ", (said, "dim"))
    text.truncate(width, overflow="ellipsis")
    return text


def _say_ids(console: Console, groups: Sequence[Sequence[str]]) -> None:
    """Who is in the file twice: the one place where respondents are named."""
    if groups:
        console.print("\nIds that belong together:")
    for group in groups[:MOST_GROUPS]:
        console.print(Text("  " + ", ".join(group)))
    if len(groups) > MOST_GROUPS:
        console.print(f"  and {len(groups) - MOST_GROUPS} more groups")


def _say_unused(console: Console, wave: Wave) -> None:
    """Say the ledger of what no figure uses, one line an entry."""
    console.print()
    if not wave.unused:
        console.print("Not used: nothing. Every row, column and file of the folder is.")
        return
    console.print("Not used:")
    for entry in wave.unused:
        console.print(Text(f"{entry.count:>7,}  {entry.text}. {entry.where}"), soft_wrap=True)


def _next(found: Audit, *, every: bool) -> str:
    if found.verdict == "stop":
        return "Publish nothing before every stop is explained."
    if found.verdict == "look":
        return "Read them before any figure is used."
    return "" if every else "With --all every item is shown."


def _outward(wave: Wave, found: Audit) -> pd.DataFrame:
    """The items without what they tell of segments that are not shown."""
    survey, hidden = wave.survey, find_withheld(wave).segments
    return without_subjects(found.frame, survey, hidden, survey.thresholds.suppress_below)


def _write_json(wave: Wave, found: Audit, items: pd.DataFrame, to: Path) -> None:
    frame = items.astype(object)
    content = {
        "survey": wave.survey.title,
        "verdict": found.verdict,
        "counts": {name: int((items["verdict"] == name).sum()) for name in found.counts},
        "unused": [asdict(entry) for entry in wave.unused],
        "items": frame.where(frame.notna(), None).to_dict("records"),
    }
    write_file(to, json.dumps(content, indent=1, ensure_ascii=False).encode("utf-8"))
    notes.print(f"{to}: {counted(len(items), 'item')}", soft_wrap=True)


WRITERS: dict[str, Callable[[Wave, Audit, pd.DataFrame, Path], None]] = {
    ".csv": lambda _wave, _found, items, to: write_csv(items, to),
    ".json": _write_json,
}
"""How items are written, by the file's ending."""


def _make_page(
    wave: Wave,
    found: Audit,
    survey: Path,
    data: Path | None,
    page: Path,
    step: Callable[[str], None],
    render: Callable[..., Rendered],
) -> Path:
    from conjoint.analysis import audit_analysis

    made = audit_analysis(wave, found, survey, data)
    return render(made, page, report="audit_report", progress=step).path
