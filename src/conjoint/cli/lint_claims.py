"""``conjoint lint-claims``: a person's own draft held against a bundle's figures."""

from __future__ import annotations

import io
from pathlib import Path  # noqa: TC003  # typer reads the annotations
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

import conjoint as cj
from conjoint.analysis import STEPS, is_bundle, read_bundle
from conjoint.cli.shared import (
    DataFile,
    app,
    notes,
    of_bundle,
    progress,
    say_synthetic,
    terminal,
    write_csv,
)
from conjoint.errors import Fault, ReportError, RequestError
from conjoint.output import write_file
from conjoint.source import check_file

if TYPE_CHECKING:
    import pandas as pd

    from conjoint.analysis import Analysis

__all__ = ["lint_claims"]

STYLES = {"found": "green", "caution": "yellow", "ambiguous": "yellow", "level": "dim",
          "not read": "yellow"}  # fmt: skip
LARGEST = 1_000_000
"""Bytes of a draft that is read: more is no draft."""


@app.command("lint-claims")
def lint_claims(
    draft: Annotated[
        Path, typer.Argument(metavar="FILE.md", help="Markdown or plain text, in UTF-8.")
    ],
    survey: Annotated[
        Path | None,
        typer.Argument(metavar="SURVEY", help="A survey folder, or a bundle of one."),
    ] = None,
    bundle: Annotated[
        Path | None,
        typer.Option("--bundle", metavar="FOLDER", help="A bundle, in place of SURVEY."),
    ] = None,
    data: DataFile = None,
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="FILE", help="Write all findings, as .csv or .json."),
    ] = None,
) -> None:
    """Hold every figure of a draft against a survey's: found, rounded right, another's, unsupported.

    Words of majority or cause that the figures do not bear, and comparisons that are not clear, are
    told too. Exit code 1 where something is wrong. What it cannot tell it says: it matches words.

    Example: conjoint lint-claims press_release.md surveys/routes_for_returns_2026
    """
    try:
        from conjoint.report.lint import BAD
        from conjoint.report.lint import lint_claims as lint
    except ModuleNotFoundError as error:
        raise ReportError(
            Fault(
                "lint-claims",
                f"{error.name} is not installed",
                do='pip install "conjoint[report]".',
            )
        ) from error
    text = _read(draft)
    if to is not None and to.suffix not in (".csv", ".json"):
        raise RequestError(Fault("--to", f"{to.name} is no such file", "a name on .csv or .json"))
    analysis = _analysis(survey, bundle, data)
    given = bundle or survey
    with of_bundle(given if given and is_bundle(given) else None):
        found = lint(text, analysis)
    say_synthetic(analysis.survey)
    _show(found, BAD)
    if to is not None and to.suffix == ".csv":
        write_csv(found, to)
    elif to is not None:
        _write_json(found, to)
    if found["status"].isin(BAD).any():
        raise typer.Exit(1)


def _read(draft: Path) -> str:
    try:
        if draft.stat().st_size > LARGEST:
            raise RequestError(
                Fault(str(draft), "is too large for a draft", f"{LARGEST // 10**6} MB at most")
            )
        check_file(draft)
        return draft.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RequestError(
            Fault(str(draft), "is not text in UTF-8", "Markdown or plain text", "Save it as UTF-8.")
        ) from error
    except OSError as error:
        raise RequestError(
            Fault(str(draft), f"cannot be read: {error.strerror}", "a file of Markdown or text")
        ) from error


def _analysis(survey: Path | None, bundle: Path | None, data: Path | None) -> Analysis:
    if (survey is None) == (bundle is None):
        raise RequestError(
            Fault("SURVEY", "names nothing to hold the draft against" if survey is None
                  else "and --bundle are both given", "a survey folder, or a bundle", "Name one.")
        )  # fmt: skip
    if bundle is not None:
        return read_bundle(bundle)
    assert survey is not None  # noqa: S101  # for the type checker: told above
    if is_bundle(survey):
        return read_bundle(survey)
    with progress(len(STEPS)) as step:
        return cj.run_analysis(survey, data, step)


def _show(found: pd.DataFrame, bad: tuple[str, ...]) -> None:
    """A row a finding, those of a sentence under it; figures in full for what is wrong."""
    table = Table(show_header=True, header_style="bold", box=None, pad_edge=False)
    table.add_column("line", justify="right")
    table.add_column("said", overflow="fold", ratio=2)
    table.add_column("", no_wrap=True)
    table.add_column("what the bundle has", overflow="fold", ratio=5)
    for (line, sentence), own in found.groupby(["line", "sentence"], sort=False):
        table.add_row(Text(str(line)), Text(""), Text(""), Text(str(sentence), style="italic"))
        for row in own.to_dict("records"):
            status = str(row["status"])
            style = STYLES.get(status, "bold red")
            parts = [str(row[key]) for key in ("note", "figure", "verdict") if row[key]]
            if row["note"] and row["note"] in row["verdict"]:
                parts = parts[1:]  # the verdict says why, too
            table.add_row(
                "", Text(str(row["said"])), Text(status, style=style), Text(". ".join(parts))
            )
    terminal(None).print(table)
    wrong = int(found["status"].isin(bad).sum())
    unsure = int(found["status"].isin(["ambiguous", "not read"]).sum())
    notes.print(
        f"{len(found)} findings: {wrong} wrong or unsupported, {unsure} that could not be told. "
        "What names no figure was not looked at."
    )


def _write_json(found: pd.DataFrame, to: Path) -> None:
    buffer = io.StringIO()
    found.to_json(buffer, orient="records", indent=1, force_ascii=False)
    write_file(to, f"{buffer.getvalue()}\n".encode())
    notes.print(f"{to}: {len(found):,} findings", soft_wrap=True)
