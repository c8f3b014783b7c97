"""Libraries that read other formats: those that are absent, and what damaged files make them raise."""

from __future__ import annotations

import importlib
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from conjoint.errors import ConjointError, DataError, Fault

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["library", "reading"]


def library(name: str, path: Path, extra: str = "") -> Any:
    """Import a library; `extra` is what installs it.

    Raises
    ------
    DataError
        It is not installed.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return importlib.import_module(name)
    except ModuleNotFoundError as error:
        raise DataError(
            Fault(
                str(path),
                f"reading a {path.suffix} file needs {name.partition('.')[0]}, which is not installed",
                "",
                f'Install it: pip install "conjoint[{extra}]".' if extra else "Install it.",
            )
        ) from error


@contextmanager
def reading(path: Path, what: str) -> Iterator[None]:
    """Say as a fault whatever a library raises over a file that is not what it should be.

    Raises
    ------
    DataError
        The library raised.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except (ConjointError, OSError):
        raise
    except Exception as error:  # libraries do not document what they raise over damaged files
        reason = " ".join(str(error).split()) or type(error).__name__
        raise DataError(
            Fault(
                str(path), f"cannot be read: {reason[:200]}", f"{what}, whole", "Export it again."
            )
        ) from error
