"""Rendering by the Quarto program, through the quarto package."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from conjoint.errors import Fault, ReportError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["find_quarto", "render_quarto"]


def find_quarto() -> str | None:
    """Where the Quarto program is: on PATH or in QUARTO_PATH; None without it."""
    import quarto  # only reports need it

    found = quarto.path()
    return str(found) if found else None


def render_quarto(source: Path, bundle: Path, progress: Callable[[str], None]) -> Path:
    """Have Quarto render a source to HTML beside it.

    Raises
    ------
    ReportError
        Quarto left no page. (The quarto package does not say how the program ended.)
    """
    import quarto

    progress("Rendering by Quarto")
    page = source.with_suffix(".html")
    # The report's cells have to run in this Python, whichever one Quarto would find.
    before = os.environ.get("QUARTO_PYTHON")
    os.environ["QUARTO_PYTHON"] = sys.executable
    try:
        quarto.render(
            str(source), output_format="html", execute_params={"bundle": str(bundle)}, quiet=True
        )
    finally:
        if before is None:
            del os.environ["QUARTO_PYTHON"]
        else:
            os.environ["QUARTO_PYTHON"] = before
    if not page.exists():
        raise ReportError(
            Fault(source.name, "Quarto could not render it", do="See its messages above.")
        )
    return page
