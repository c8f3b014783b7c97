"""PDF by Typst: pandoc writes its markup, the PyPI package compiles it."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from conjoint.errors import Fault, ReportError

if TYPE_CHECKING:
    from conjoint.report.typeset.setting import Look

__all__ = ["compile_pdf", "fonts"]


def compile_pdf(source: Path, look: Look) -> Path:
    """Compile the Typst markup beside a source to a PDF beside it.

    Raises
    ------
    ReportError
        The package is not installed, or Typst refuses the markup.
    """
    try:
        import typst
    except ModuleNotFoundError as error:
        raise ReportError(
            Fault("pdf", f"{error.name} is not installed", do='pip install "conjoint[report]".')
        ) from error
    made = source.with_suffix(".pdf")
    try:
        typst.compile(
            str(source.with_suffix(".typ")),
            output=str(made),
            root=str(source.parent),
            font_paths=[str(folder) for folder in fonts()],
            timestamp=look.date.replace(tzinfo=datetime.UTC),
        )
    except typst.TypstError as error:
        raise ReportError(Fault(source.name, f"Typst could not set it: {error}")) from error
    return made


def fonts() -> list[Path]:
    """Folders of the fonts that come with the report extra."""
    import matplotlib as mpl

    folders = [Path(mpl.get_data_path()) / "fonts" / "ttf"]
    try:
        import font_source_sans_pro as package
    except ImportError:
        return folders
    return [Path(str(package.__file__)).parent / "files", *folders]
