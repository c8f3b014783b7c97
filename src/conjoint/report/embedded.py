"""Rendering without Quarto: the same source, its cells run by nbclient, its text set by pandoc."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from conjoint.errors import Fault, ReportError
from conjoint.report.dialect import honour, marked_breaks
from conjoint.report.notebook import execute

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conjoint.report.dialect import Format

__all__ = ["render_embedded"]

MARKDOWN = "markdown-auto_identifiers+gfm_auto_identifiers"


def render_embedded(
    source: Path, bundle: Path, title: str, progress: Callable[[str], None]
) -> Path:
    """Render a source to one self-contained HTML file beside it.

    Raises
    ------
    ReportError
        A cell fails, or the source has what only Quarto honours.
    """
    text = execute(source, bundle, progress)
    progress("Setting the page")
    return _set_page(text, source, title)


def _read(text: str, medium: Format, source: Path) -> dict[str, Any]:
    """The document as pandoc's tree, as one format takes it."""
    import pypandoc

    marked = marked_breaks(text, source.name)
    document: dict[str, Any] = json.loads(pypandoc.convert_text(marked, "json", format=MARKDOWN))
    return document | {"blocks": honour(document["blocks"], medium, source.name)}


def _set_page(text: str, source: Path, title: str) -> Path:
    import pypandoc

    page = source.with_suffix(".html")
    arguments = [
        "--standalone",
        "--embed-resources",
        "--section-divs",
        "--css=theme.css",
        "--metadata=document-css:false",
        "--wrap=none",
        "--figure-caption-position=above",
        f"--metadata=pagetitle={title}",
        f"--resource-path={source.parent}",
    ]
    try:
        pypandoc.convert_text(
            json.dumps(_read(text, "html", source)),
            to="html5",
            format="json",
            outputfile=str(page),
            extra_args=arguments,
            cworkdir=str(source.parent),  # where pandoc looks for the style sheet
        )
    except RuntimeError as error:
        raise ReportError(
            Fault(source.name, f"pandoc could not set it: {str(error).strip()}")
        ) from error
    return page
