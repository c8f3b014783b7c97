"""Where a survey's file of responses lies."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from conjoint.errors import DataError, Fault

if TYPE_CHECKING:
    from os import PathLike

    from conjoint.survey import Survey

__all__ = ["data_path"]


def data_path(
    survey: Survey, folder: str | PathLike[str], data: str | PathLike[str] | None = None
) -> Path:
    """Find the file of responses: the one named, or the one survey.toml names.

    Raises
    ------
    DataError
        Neither is named.
    """
    if data is not None:
        return Path(data)
    if survey.data is None or not survey.data.file:
        raise DataError(
            Fault(
                f"{Path(folder) / 'survey.toml'}, data.file",
                "names no file of responses",
                "the file, where it lies in the folder",
                "Give the file with --data FILE (in Python, data=).",
            )
        )
    return Path(folder) / survey.data.file
