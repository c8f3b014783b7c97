"""The program's edge: whatever goes wrong is told in a line, without a traceback."""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import typer
from typer.core import TyperGroup

from conjoint.errors import ConjointError
from conjoint.output import WRITTEN

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["TRACEBACK", "Guarded", "guarded", "speak_utf8"]

MOST_FAULTS = 20
"""Faults that are printed; more are in a file."""

TRACEBACK = "CONJOINT_TRACEBACK"
"""The environment variable with which an unforeseen error shows where it arose."""


class Guarded(TyperGroup):
    """The group of commands, each run under the guard: typer would end some errors in its own way."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was called."""
        with guarded():
            return super().invoke(ctx)


def speak_utf8() -> None:
    """Write UTF-8 whatever the console or the locale would have, and escape what is no character.

    Where a standard stream is closed its number is taken, so that no file of ours gets it and with it
    what is meant for the stream; to write to it fails.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr") if os.name == "posix" else ()):
        if getattr(sys, name) is None:
            with suppress(OSError):
                os.fstat(number)
                continue
            os.open(os.devnull, os.O_RDONLY)
            setattr(sys, name, os.fdopen(number, "w" if number else "r"))
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


@contextmanager
def guarded() -> Iterator[None]:
    """Turn what is raised into a line on standard error and an exit code."""
    try:
        yield
        if sys.stdout is not None:
            sys.stdout.flush()
    except (Exception, KeyboardInterrupt) as error:
        if isinstance(error, ConjointError):
            _flush_or_stop()
            _say_faults(error)
            raise SystemExit(error.exit_code) from None
        if _is_typers(error):
            _flush_or_stop()
            raise
        if isinstance(error, Exception) and os.environ.get(TRACEBACK):
            raise
        _stop(_words(error), 130 if isinstance(error, KeyboardInterrupt) else 2)


def _is_typers(error: BaseException) -> bool:
    """Whether typer brings it to its end: a code, a word that it does not know."""
    return isinstance(error, (typer.Exit, typer.Abort)) or (
        hasattr(error, "exit_code") and hasattr(error, "show")
    )


def _words(error: BaseException) -> str:
    """What went wrong, in a line."""
    match error:
        case KeyboardInterrupt():
            return f"Stopped. {_written()}"
        case BrokenPipeError():
            _silence()
            return "Standard output was closed before all was written."
        case MemoryError():
            return f"Memory ran out. {_written()} A smaller file, or more memory, is needed."
        case RecursionError():
            return f"The input is nested too deeply. {_written()}"
        case UnicodeError():
            return f"Text cannot be read in its encoding: {getattr(error, 'reason', error)}. {_written()}"
        case OSError() if sys.stdout is not None and not _can_flush():
            return f"Standard output cannot be written: {error.strerror or error}."
        case OSError():
            place = f"{error.filename}: " if error.filename else ""
            return f"{place}{error.strerror or error}. {_written()}"
        case _:
            return _unforeseen(error)


def _stop(words: str, code: int) -> NoReturn:
    _say(words)
    raise SystemExit(code) from None


def _say(words: str) -> None:
    """Print a line on standard error, if there is one."""
    with suppress(OSError, ValueError, AttributeError):
        sys.stderr.write(f"{' '.join(words.split())}\n")
        sys.stderr.flush()


def _say_faults(error: ConjointError) -> None:
    """Print faults, one a line: of many the first, and where all are."""
    faults = [str(fault) for fault in error.faults]
    kept = _kept(faults) if len(faults) > MOST_FAULTS else None
    for fault in faults[:MOST_FAULTS] if kept else faults:
        _say(fault)
    if kept:
        _say(f"and {len(faults) - MOST_FAULTS:,} more: all are in {kept}")
    if len(faults) > 1:
        _say(f"{len(faults):,} faults. Nothing was written.")


def _kept(faults: list[str]) -> Path | None:
    """A file with all faults, for nobody else's eyes: they quote cells."""
    try:
        handle, name = tempfile.mkstemp(prefix="conjoint-faults-", suffix=".txt")
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write("\n".join(faults) + "\n")
    except OSError:
        return None
    return Path(name)


def _written() -> str:
    if not WRITTEN:
        return "Nothing was written."
    return f"Written before: {', '.join(map(str, WRITTEN[:3]))}."


def _unforeseen(error: BaseException) -> str:
    """An error that nobody foresaw: what it is and where it arose."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    words = " ".join(str(error).split())[:300]
    return (
        f"conjoint failed with {type(error).__name__}: {words} ({Path(last.filename).name}, line "
        f"{last.lineno}). {_written()} This is a fault of conjoint itself; {TRACEBACK}=1 shows more."
    )


def _can_flush() -> bool:
    """Whether standard output takes what is left to write; where not, it is given up."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        _silence()
        return False
    return True


def _flush_or_stop() -> None:
    if sys.stdout is not None and not _can_flush():
        _stop("Standard output cannot be written.", 2)


def _silence() -> None:
    """Let nothing more be written to a standard output that takes nothing, also when Python ends."""
    with suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
