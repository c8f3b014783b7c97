"""Files that are read: whole, no larger than they may be, and no pipes or devices, which might never end."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["LARGEST_TABLE", "check_file", "is_input", "read_file", "remember_inputs"]

LARGEST_TABLE = 20_000_000
"""Bytes of survey.toml and of the small tables beside it."""


_INPUTS: ContextVar[set[str] | None] = ContextVar("inputs", default=None)


@contextmanager
def remember_inputs() -> Iterator[None]:
    """Remember the files that are read, so that the same command does not write over them."""
    token = _INPUTS.set(set())
    try:
        yield
    finally:
        _INPUTS.reset(token)


def is_input(path: Path) -> bool:
    """Return True if the command that runs has read this file."""
    return os.path.realpath(path) in (_INPUTS.get() or ())


def check_file(path: Path, most: int | None = None) -> None:
    """See that a path is that of a file that can be read to its end.

    Raises
    ------
    OSError
        It is a pipe or a device, larger than `most` bytes, or not there.
    """
    try:
        found = path.stat()
    except ValueError as error:  # a zero byte in the name
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path)) from error
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "it is a pipe or a device, not a file", str(path))
    if most is not None and found.st_size > most:
        raise OSError(errno.EFBIG, f"it is larger than {most / 1e6:g} MB", str(path))
    inputs = _INPUTS.get()
    if inputs is not None:
        inputs.add(os.path.realpath(path))


def read_file(path: Path, most: int | None = None) -> bytes:
    """Read a file that :func:`check_file` lets pass."""
    check_file(path, most)
    return path.read_bytes()
