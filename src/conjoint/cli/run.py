"""Run the command line: what was refused is told in words."""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module
from typing import Annotated, NoReturn

import typer

import conjoint as cj
from conjoint.cli.guard import guarded, speak_utf8
from conjoint.cli.shared import app
from conjoint.output import given_date

__all__ = ["COMMANDS", "main"]

COMMANDS = {
    "new": "Look at an export, and write a commented survey.toml for it.",
    "check": "Check a survey folder: every fault of its files at once, then the audit of what it holds.",
    "fetch": "Download a survey's public data, and hold them against the sha256 in survey.toml.",
    "estimate": "Estimate, and write one tidy CSV row a figure.",
    "weight": "Weight a survey to its targets: the diagnostics, and with --to one weight a respondent.",
    "analyse": "Write all aggregates: enough for every report, and nothing about single respondents.",
    "tables": "Make the tables for publication: an Excel workbook, a tidy CSV file and a page.",
    "scenario": "Say how many would support a package, all else averaged over what was shown.",
    "explore": "Make one page to open from disk: choose levels, see support by segment, compare, trade off.",
    "compare": "Compare waves: flags first, then changes that are clear of zero, then how many are not.",
    "lint-claims": "Hold every figure of a draft against a survey's: found, rounded right, another's, unsupported.",
    "report": "Make reports in every format a press office uses, with the aggregates and the charts.",
    "reproduce": "Make the figures of published.csv again, and say of each whether it holds.",
}
"""Modules that bring their command with them, and how each begins its help.

Only the one that is called is loaded: together they take seconds."""


def _elsewhere() -> None:
    """Hold a command's place in the list; its module puts the command there."""


def _module(name: str) -> str:
    return f"conjoint.cli.{name.replace('-', '_')}"


for _name, _line in COMMANDS.items():
    if _module(_name) not in sys.modules:  # else the command is there, and would be hidden
        app.command(_name, help=_line)(_elsewhere)


def main() -> NoReturn:
    """Run the command line; a refusal is told in words, without a traceback."""
    speak_utf8()
    gc.set_threshold(
        20_000
    )  # what is loaded and drawn stays: to look through it often takes a tenth
    with guarded():
        date = given_date()  # it concerns what nearly every command writes: said before any work
        os.environ.pop("SOURCE_DATE_EPOCH", None)  # an empty one, or blanks, stop libraries
        if date is not None:
            os.environ["SOURCE_DATE_EPOCH"] = str(date)
        called = next((word for word in sys.argv[1:] if not word.startswith("-")), "")
        if called in COMMANDS:
            import_module(_module(called))
        app(standalone_mode=True)
    raise SystemExit(0)


@app.callback(invoke_without_command=True)
def _version(
    version: Annotated[bool, typer.Option("--version", help="Say the version and stop.")] = False,
) -> None:
    if version:
        typer.echo(f"conjoint {cj.__version__}")
        raise typer.Exit
