"""A proposal written into a folder of its own, whole or not at all."""

from __future__ import annotations

import filecmp
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from conjoint.errors import DataError, Fault, RequestError
from conjoint.output import write_set
from conjoint.propose.toml import as_toml
from conjoint.read.file import companions

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike

    from conjoint.propose.model import Proposal

__all__ = ["check_folder", "write_survey"]


def check_folder(folder: str | PathLike[str], data: Path | None) -> None:
    """See that nothing stands in the folder which a new survey would overwrite.

    Raises
    ------
    RequestError
        The folder is a file, holds a survey.toml, or another file of the data's name.
    """
    folder = Path(folder)
    if folder.exists() and not folder.is_dir():
        raise RequestError(
            Fault(str(folder), "is a file", "a folder, new or empty", "Name another folder.")
        )
    if (folder / "survey.toml").exists():
        raise RequestError(
            Fault(
                str(folder / "survey.toml"),
                "is already there",
                "a folder without one",
                "Nothing is overwritten: name another folder, or move the file away.",
            )
        )
    for own in () if data is None else (data, *companions(data)):
        other = folder / own.name
        if other.exists() and not _same(own, other):
            raise RequestError(
                Fault(
                    str(other),
                    "is already there, and is not the file of responses",
                    "the same file or none",
                    "Nothing is overwritten: name another folder, or move the file away.",
                )
            )


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other) or filecmp.cmp(one, other, shallow=False)
    except OSError:
        return False


def write_survey(
    proposal: Proposal,
    folder: str | PathLike[str],
    *,
    copy: bool = True,
    beside: Mapping[str, bytes | Path] | None = None,
) -> Path:
    """Write a proposal's survey.toml, and copy the file of responses beside it.

    Parameters
    ----------
    proposal
        As :func:`propose` makes it, with decisions taken or not.
    folder
        A new folder, or one without a survey.toml.
    copy
        Whether the file of responses is copied; without it, name the file with ``--data``.
    beside
        Further files of the folder, such as targets.csv, by name: their content, or where they lie.

    Returns
    -------
    pathlib.Path
        The survey.toml.

    Raises
    ------
    RequestError
        Something would be overwritten, or the folder cannot be written. Nothing is left behind.
    """
    folder, data = Path(folder), proposal.path
    check_folder(folder, data if copy else None)
    if not copy:
        guesses = {key: guess for key, guess in proposal.guesses.items() if key != ("data", "file")}
        note = f"The responses lie in {data.name}, which is not in this folder: give it with --data FILE."
        proposal = replace(proposal, guesses=guesses, notes=(note, *proposal.notes))
    text = _encoded(as_toml(proposal), data)
    files: dict[str, bytes | Path] = {"survey.toml": text, **(beside or {})}
    if copy:
        own = (data, *companions(data))
        files |= {file.name: file for file in own if not (folder / file.name).exists()}
    write_set(folder, files)
    return folder / "survey.toml"


def _encoded(text: str, data: Path) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        broken = error.object[error.start : error.end]
        raise DataError(
            Fault(
                str(data),
                f"holds {broken!r}, which is no character",
                "a file whose encoding is known",
                "Export it again as UTF-8.",
            )
        ) from error
