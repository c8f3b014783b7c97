"""Rendering by the Quarto program."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from conjoint.errors import Fault, ReportError
from conjoint.output import given_date
from conjoint.policy import inline_scripts, with_policy
from conjoint.report.typeset.finish import finish
from conjoint.report.typeset.setting import framed_scripts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from conjoint.report.typeset.setting import Look
    from conjoint.typing import ReportFormat

__all__ = ["find_quarto", "render_quarto"]

CALLED: dict[ReportFormat, str] = {
    "html": "html",
    "docx": "docx",
    "pptx": "pptx",
    "pdf": "typst",
    "md": "gfm",
}
"""What Quarto calls a format; the extension beside the source has one of each."""

MOST_SECONDS = 1800
"""For one format, after which Quarto is taken to hang."""

LINES_TOLD = 12
"""Of Quarto's last words, where it fails."""


def find_quarto() -> str | None:
    """Where the Quarto program is: on PATH or in QUARTO_PATH; None without it."""
    import quarto  # only reports need it

    found = quarto.path()
    if not found:
        return None
    program = shutil.which(str(found))
    if program is None:
        expected = "the Quarto program, or no such variable"
        raise ReportError(Fault("QUARTO_PATH", f"{found} is no program", expected, "Correct it."))
    return program


def render_quarto(
    source: Path,
    bundle: Path,
    formats: Sequence[ReportFormat],
    look: Look,
    progress: Callable[[str], None],
) -> list[Path]:
    """Have Quarto render a source in each format beside it.

    Raises
    ------
    ReportError
        Quarto fails: the fault has its last words.
    """
    parameters = source.with_name("parameters.yml")
    parameters.write_text(f"bundle: {json.dumps(str(bundle))}\n", "utf-8")
    made = []
    for wanted in formats:
        progress(f"Rendering {wanted} by Quarto")
        command = ["render", source.name, "--to", f"conjoint-{CALLED[wanted]}"]
        command += ["--execute-params", parameters.name]
        made.append(_run(command, source, source.with_suffix(f".{wanted}"), look))
    return made


def _run(command: Sequence[str], source: Path, made: Path, look: Look) -> Path:
    # The report's cells have to run in this Python, whichever one Quarto would find.
    environment = os.environ | {"QUARTO_PYTHON": sys.executable}
    seconds = given_date()
    environment["SOURCE_DATE_EPOCH"] = str(
        int(look.date.timestamp()) if seconds is None else seconds
    )
    try:
        done = subprocess.run(  # noqa: S603 - the program that the person has on PATH
            [str(find_quarto()), *command],
            cwd=source.parent,
            env=environment,
            check=False,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=MOST_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        reason = getattr(error, "strerror", None) or f"it took more than {MOST_SECONDS} seconds"
        raise ReportError(
            Fault(source.name, f"Quarto could not be run: {reason}", do="Nothing was written.")
        ) from error
    if done.returncode or not made.exists():
        said = "\n".join(done.stderr.strip().splitlines()[-LINES_TOLD:])
        silent = f"it ended with code {done.returncode} and said nothing"
        raise ReportError(
            Fault(
                source.name,
                f"Quarto could not render it: {said or silent}",
                do="Nothing was written. If QUARTO_PATH is set, see that it names Quarto.",
            )
        )
    finish(made, look.running)
    if made.suffix == ".html":
        page, scripts = inline_scripts(made.read_text("utf-8"))
        made.write_text(with_policy(page, [*scripts, *framed_scripts(page)]), "utf-8", newline="\n")
    return made
