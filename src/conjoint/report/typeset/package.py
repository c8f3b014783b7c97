"""Office files are zip packages: their parts edited as text, written with no date of their own."""

from __future__ import annotations

import io
import re
import subprocess
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["default_reference", "edited", "names", "put"]

EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The first date that a zip file can hold."""


def default_reference(ending: str) -> bytes:
    """The document whose looks pandoc takes unless it is given another: docx or pptx."""
    import pypandoc  # only reports need it

    command = [pypandoc.get_pandoc_path(), "--print-default-data-file", f"reference.{ending}"]
    return subprocess.run(command, check=True, capture_output=True).stdout  # noqa: S603 - no input


def edited(
    package: bytes,
    edits: Mapping[str, Callable[[str], str]],
    added: Mapping[str, str | bytes] = {},
) -> bytes:
    """A package in which parts are edited and others added; the same input gives the same bytes."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(package)) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        parts: dict[str, str | bytes] = {name: old.read(name) for name in old.namelist()}
        for name, edit in edits.items():
            parts[name] = edit(old.read(name).decode())
        for name, part in (parts | dict(added)).items():
            new.writestr(zipfile.ZipInfo(name, EARLIEST), part, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def names(package: bytes) -> list[str]:
    """The parts of a package."""
    with zipfile.ZipFile(io.BytesIO(package)) as parts:
        return parts.namelist()


def put(text: str, pattern: str, new: str, count: int = 1) -> str:
    """Text with a pattern replaced as it stands; the pattern has to be there.

    Raises
    ------
    LookupError
        The default document has changed.
    """
    found, times = re.subn(pattern, lambda _: new, text, count=count, flags=re.DOTALL)
    if not times:
        raise LookupError(pattern)
    return found
