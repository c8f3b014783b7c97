"""A file of responses of any format, as text."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conjoint.errors import DataError, Fault, choices
from conjoint.read.delimited import read_delimited
from conjoint.read.qualtrics import remarks

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conjoint.read.responses import Responses
    from conjoint.survey import Data

__all__ = ["READABLE", "read_responses"]

READERS: dict[str, Callable[[Path, Data], Responses]] = {
    ".csv": read_delimited,
    ".tsv": read_delimited,
    ".tab": read_delimited,
    ".txt": read_delimited,
}

READABLE = tuple(READERS)


def read_responses(path: Path, data: Data) -> Responses:
    """Read a file of responses as text, the format told by its name and its first bytes.

    Nothing is interpreted: ``"None"``, ``"NA"`` and ``"N/A"`` are text like any other, and only an
    empty cell is missing, or one of those that `data.missing` names.

    Raises
    ------
    DataError
        The file is not there, cannot be read, or has no rows; names all that is wrong with it.
    """
    suffix = path.suffix.lower()
    if suffix not in READERS:
        raise DataError(
            Fault(
                str(path),
                f'a "{path.suffix}" file cannot be read',
                choices(READABLE, 20),
                "Convert it.",
            )
        )
    try:
        responses = READERS[suffix](path, data)
    except FileNotFoundError:
        raise DataError(
            Fault(
                str(path),
                "there is no such file",
                "the file of responses",
                "Put it there, or name another with --data FILE.",
            )
        ) from None
    except OSError as error:
        raise DataError(
            Fault(str(path), f"cannot be read: {error.strerror}", "a file of responses")
        ) from error
    return replace(responses, notes=(*responses.notes, *remarks(responses)))
