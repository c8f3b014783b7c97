"""Rendering without Quarto: the same source, its cells run by nbclient, its text set by pandoc."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from conjoint.errors import Fault, ReportError
from conjoint.report.show import formats_wanted
from conjoint.report.typeset.notebook import execute
from conjoint.report.typeset.setting import set_document

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from conjoint.report.typeset.setting import Look
    from conjoint.typing import ReportFormat

__all__ = ["EMBEDDED", "missing", "render_embedded"]

EMBEDDED = "the embedded renderer (nbclient and pandoc)"

NAMES: dict[ReportFormat, str] = {
    "html": "the page",
    "docx": "the Word document",
    "pptx": "the presentation",
    "pdf": "the PDF",
    "md": "the Markdown",
}


def missing(wanted: ReportFormat) -> str:
    """The package without which a format cannot be set here, empty where it can be."""
    return "typst" if wanted == "pdf" and find_spec("typst") is None else ""


def render_embedded(
    source: Path,
    bundle: Path,
    formats: Sequence[ReportFormat],
    look: Look,
    progress: Callable[[str], None],
) -> list[Path]:
    """Run a source once, and set it in each format beside it.

    Raises
    ------
    ReportError
        A cell fails, a format needs a package that is not installed, or the source has what only
        Quarto honours.
    """
    for wanted in formats:
        if missing(wanted):
            raise ReportError(
                Fault(
                    f"--to {wanted}",
                    f"{missing(wanted)} is not installed, and there is no Quarto program on PATH",
                    do='pip install "conjoint[report]", or install Quarto from quarto.org.',
                )
            )
    with formats_wanted(formats):
        text = execute(source, bundle, progress)
    made = []
    for wanted in formats:
        progress(f"Setting {NAMES[wanted]}")
        made.append(set_document(text, source, wanted, look))
    return made
