"""Rendering by the Quarto program: an executed source in all its formats at once."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from conjoint.errors import Fault, ReportError
from conjoint.policy import inline_scripts, with_policy
from conjoint.report.typeset.finish import finish
from conjoint.report.typeset.pdf import fonts
from conjoint.report.typeset.setting import WRITERS, dated, framed_scripts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from conjoint.report.typeset.setting import Look
    from conjoint.typing import ReportFormat

__all__ = ["find_quarto", "front_matter", "render_quarto"]

MOST_SECONDS = 1800
"""After which Quarto is taken to hang."""

LAST_LINES = 12
"""Of what Quarto says, where it fails."""

CALL = "import sys, quarto; quarto.render(sys.argv[1], execute=None)"
"""Quarto's package has neither its program's words nor a time limit: a Python of its own calls it."""


def find_quarto() -> str | None:
    """Where the Quarto program is: on PATH or in QUARTO_PATH; None without it.

    Raises
    ------
    ReportError
        QUARTO_PATH names no program.
    """
    import quarto  # only reports need it

    found = quarto.path()
    if not found:
        return None
    program = shutil.which(str(found))
    if program is None:
        expected = "the Quarto program, or no such variable"
        do = "Correct it, or use --renderer embedded."
        raise ReportError(Fault("QUARTO_PATH", f"{found} is no program", expected, do))
    return os.path.abspath(program)  # noqa: PTH100 - as it is named; it is called from another folder


def render_quarto(
    text: str,
    source: Path,
    formats: Sequence[ReportFormat],
    look: Look,
    progress: Callable[[str], None],
) -> list[Path]:
    """Have Quarto render an executed source in all formats, beside the source, which it takes the place of.

    Raises
    ------
    ReportError
        Quarto fails, or hangs: the fault has its last words.
    """
    progress(f"Rendering {', '.join(formats)} by Quarto")
    source.write_text(front_matter(text, formats, look), "utf-8")
    said = _run(source, look)
    made = [source.with_suffix(f".{wanted}") for wanted in formats]
    for path in made:
        if not path.exists():
            words = "\n".join(said.strip().splitlines()[-LAST_LINES:]) or "it said nothing"
            do = "Nothing was written. If QUARTO_PATH is set, see that it names Quarto."
            raise ReportError(Fault(source.name, f"Quarto made no {path.name}: {words}", do=do))
        finish(path, look.running)
        if path.suffix == ".html":
            page, scripts = inline_scripts(path.read_text("utf-8"))
            page = with_policy(page, [*scripts, *framed_scripts(page)])
            path.write_text(page, "utf-8", newline="\n")
    return made


def front_matter(text: str, formats: Sequence[ReportFormat], look: Look) -> str:
    """An executed source for Quarto: its own front matter, for some formats, with nothing to run.

    Options of a format in the source are kept; what the document is called is the survey's.
    """
    import yaml  # comes with the quarto package

    head, body = "", text
    if text.startswith("---\n") and "\n---\n" in text[3:]:
        head, _, body = text[4:].partition("\n---\n")
    given: dict[str, Any] = yaml.safe_load(head) or {}
    known = given.pop("format", None) or {}
    options = known if isinstance(known, dict) else {str(known): "default"}
    named = {str(name).rpartition("-")[2]: (str(name), own) for name, own in options.items()}
    wanted = [WRITERS[name] for name in formats]
    chosen = dict(named.get(name, (f"conjoint-{name}", "default")) for name in wanted)
    for key in ("jupyter", "execute"):
        given.pop(key, None)
    given |= {"engine": "markdown", "pagetitle": look.title, "running": look.running}
    written = yaml.safe_dump(given | {"format": chosen}, sort_keys=False, allow_unicode=True)
    return f"---\n{written}---\n\n{body.lstrip()}"


def _run(source: Path, look: Look) -> str:
    """Call Quarto in the source's folder, and give what it says."""
    paths = [os.environ.get("TYPST_FONT_PATHS", ""), *map(str, fonts())]
    environment = os.environ | {
        "QUARTO_PATH": find_quarto() or "",
        "SOURCE_DATE_EPOCH": dated(look),
        "TYPST_FONT_PATHS": os.pathsep.join(filter(None, paths)),
    }
    process = subprocess.Popen(  # noqa: S603 - the program that the person has on PATH
        [sys.executable, "-c", CALL, source.name],
        cwd=source.parent,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )
    try:
        _, said = process.communicate(timeout=MOST_SECONDS)
    except BaseException as error:
        _end(process)
        if not isinstance(error, subprocess.TimeoutExpired):
            raise
        what = f"Quarto took more than {MOST_SECONDS:,} seconds"
        raise ReportError(Fault(source.name, what, do="Nothing was written.")) from error
    return said


def _end(process: subprocess.Popen[str]) -> None:
    """End Quarto, and whatever it has begun."""
    if sys.platform == "win32":
        process.kill()
    else:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
