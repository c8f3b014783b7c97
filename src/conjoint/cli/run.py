"""Run the command line: what was refused is told in words."""

from __future__ import annotations

import sys
from typing import Annotated, NoReturn

import typer

import conjoint as cj
from conjoint.cli import (
    check,
    compare,
    estimate,
    fetch,
    new,
    report,
    reproduce,
    scenario,
    tables,
    weight,
)
from conjoint.cli.shared import app, notes
from conjoint.errors import ConjointError

__all__ = ["main"]

COMMANDS = (new, check, fetch, estimate, weight, tables, scenario, compare, report, reproduce)
"""Modules that bring their command with them."""


def main() -> NoReturn:
    """Run the command line; a refusal is told in words, without a traceback."""
    try:
        app(standalone_mode=True)
    except ConjointError as error:
        for fault in error.faults:
            notes.print(str(fault), markup=False, soft_wrap=True)
        count = len(error.faults)
        if count > 1:
            notes.print(f"{count} faults. Nothing was written.", style="bold")
        raise SystemExit(error.exit_code) from None
    except KeyboardInterrupt:
        notes.print("Stopped. Nothing was written.")
        raise SystemExit(130) from None
    except BrokenPipeError:
        sys.stderr.close()
        raise SystemExit(0) from None
    raise SystemExit(0)


@app.callback(invoke_without_command=True)
def _version(
    version: Annotated[bool, typer.Option("--version", help="Say the version and stop.")] = False,
) -> None:
    if version:
        typer.echo(f"conjoint {cj.__version__}")
        raise typer.Exit
