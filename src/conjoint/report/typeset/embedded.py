"""Rendering without Quarto: pandoc and Typst set an executed source."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from typing import TYPE_CHECKING

from conjoint.errors import Fault, ReportError
from conjoint.report.typeset.setting import set_document

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from conjoint.report.typeset.setting import Look
    from conjoint.typing import ReportFormat

__all__ = ["EMBEDDED", "check_formats", "render_embedded"]

EMBEDDED = "the embedded renderer (nbclient and pandoc)"

AT_ONCE = 2
"""Formats that are set at the same time: most of it is done by other programs."""

NAMES: dict[ReportFormat, str] = {
    "html": "the page",
    "docx": "the Word document",
    "pptx": "the presentation",
    "pdf": "the PDF",
    "md": "the Markdown",
}


def check_formats(formats: Sequence[ReportFormat]) -> None:
    """Refuse a format whose package is not installed, before any work is done for it.

    Raises
    ------
    ReportError
        Typst is not there, and a PDF is asked for.
    """
    if "pdf" in formats and find_spec("typst") is None:
        do = 'pip install "conjoint[report]", or install Quarto from quarto.org.'
        what = "typst is not installed, and Quarto does not render"
        raise ReportError(Fault("pdf", what, do=do))


def render_embedded(
    text: str,
    source: Path,
    formats: Sequence[ReportFormat],
    look: Look,
    progress: Callable[[str], None],
) -> list[Path]:
    """Set an executed source in each format beside it.

    Raises
    ------
    ReportError
        A format needs a package that is not installed, or the source has what only Quarto honours.
    """
    first, *others = formats

    def set_one(wanted: ReportFormat) -> Path:
        progress(f"Setting {NAMES[wanted]}")
        return set_document(text, source, wanted, look)

    made = [set_one(first)]  # which reads the text for all
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return made + list(pool.map(set_one, others))
