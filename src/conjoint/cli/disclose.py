"""``conjoint check --bpc``: what the British Polling Council asks to be published, and what is missing."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import pandas as pd
import typer
from rich.table import Table
from rich.text import Text

from conjoint.cli.shared import say_synthetic, terminal, weighted, write_csv
from conjoint.disclosure import PLACES, Disclosed, disclosure, place_heading
from conjoint.errors import Fault, RequestError
from conjoint.folder import open_folder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["list_disclosure"]


def list_disclosure(
    survey: Path, data: Path | None = None, to: Path | None = None, *, strict: bool = False
) -> None:
    """Print what is asked for, place by place; `strict` exits with 1 where anything is missing."""
    if to is not None and to.suffix != ".csv":
        raise RequestError(Fault("--to", f'"{to.name}" has no known ending', ".csv with --bpc"))
    wave = weighted(open_folder(survey, data), unweighted=False)
    items = disclosure(wave)
    say_synthetic(wave.survey)
    console = terminal()
    console.print(Text(wave.survey.title))
    for place in PLACES:
        console.print(Text(f"\n{place_heading(place)}:", "bold"))
        console.print(_table([item for item in items if item.place == place]))
    missing = [item for item in items if not item.present]
    console.print(Text(f"\n{_summary(missing, len(items))}"))
    if to is not None:
        write_csv(pd.DataFrame([asdict(item) for item in items]), to)
    if strict and missing:
        raise typer.Exit(1)


def _table(items: Sequence[Disclosed]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for item in items:
        word = Text("there", "green") if item.present else Text("MISSING", "bold yellow")
        told = Text.assemble((item.name, "bold"), f": {item.text}")
        if item.do:
            told.append(f"\n> in survey.toml: {item.do}", "italic")
        table.add_row(word, told)
    return table


def _summary(missing: Sequence[Disclosed], asked: int) -> str:
    if not missing:
        return f"All {asked} things that the Council asks for are there. Whether they are right, you know."
    names = ", ".join(item.name for item in missing)
    return f"{asked - len(missing)} of {asked} things are there. Missing: {names}."
