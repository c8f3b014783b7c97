"""An executed source set in a format by pandoc: what each writer is told, and what it needs besides."""

from __future__ import annotations

import datetime
import json
import os
import re
from contextlib import contextmanager
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any, get_args

from conjoint.errors import Fault, ReportError
from conjoint.explorer.page import explorer_scripts
from conjoint.output import given_date
from conjoint.policy import with_policy
from conjoint.report.typeset.deck import reference_pptx, with_alternatives
from conjoint.report.typeset.dialect import honour, marked_breaks
from conjoint.report.typeset.dress import dress
from conjoint.report.typeset.held import held_back, put_back
from conjoint.report.typeset.pdf import compile_pdf
from conjoint.report.typeset.tree import each
from conjoint.report.typeset.word import reference_docx
from conjoint.typing import ReportFormat

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from conjoint.report.typeset.dialect import Format

__all__ = ["EARLIEST", "FORMATS", "Look", "framed_scripts", "set_document"]

FORMATS: tuple[ReportFormat, ...] = get_args(ReportFormat)
"""Formats by the names that people ask for, which are the endings of their files."""

WRITERS: dict[ReportFormat, Format] = {
    "html": "html",
    "docx": "docx",
    "pptx": "pptx",
    "pdf": "typst",
    "md": "gfm",
}
MARKDOWN = "markdown-auto_identifiers+gfm_auto_identifiers"

ACTIVE = frozenset(["script", "object", "embed", "link", "meta", "base", "form", "iframe"])
LOADING = frozenset(
    ["src", "srcset", "href", "xlink:href", "poster", "action", "formaction", "background", "data"]
)
"""Elements, and attributes with an address, that a report never writes as HTML of its own."""

STYLE = re.compile(r"(?i)url\(|@import")
"""What a style loads with."""

EARLIEST = datetime.datetime(1980, 1, 1, tzinfo=datetime.UTC)
"""The date of files of a survey without fieldwork: the first that a zip file can hold."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a document is dressed with besides its text.

    Parameters
    ----------
    title
        For the window, the file's properties and the first slide.
    running
        What stands at the head of every page.
    date
        The date of the files, so that the same input gives the same bytes.
    lang
        The language.
    """

    title: str
    running: str = ""
    date: datetime.datetime = EARLIEST
    lang: str = "en-GB"


def set_document(text: str, source: Path, wanted: ReportFormat, look: Look) -> Path:
    """Set an executed source in a format, as a file beside it.

    Raises
    ------
    ReportError
        The source has what only Quarto honours, or pandoc or Typst refuses it.
    """
    medium = WRITERS[wanted]
    made = source.with_suffix(f".{wanted}")
    text, held = held_back(text)
    with _dated(look.date):
        document = _read(text, medium, source)
        document = dress(document, medium, look.title)
        if medium == "typst":
            return compile_pdf(_written(document, medium, source, ["--wrap=none"]), source, look)
        arguments = _arguments(medium, source, look)
        _written(document, medium, source, arguments, made)
    if medium == "pptx":
        made.write_bytes(with_alternatives(made.read_bytes()))
    if medium == "html":
        page = put_back(made.read_text("utf-8"), held)
        made.write_text(with_policy(page, framed_scripts(page)), "utf-8", newline="\n")
    return made


def framed_scripts(page: str) -> tuple[str, ...]:
    """The scripts of the explorer, where a page holds it in a frame: the page's policy is the frame's, too."""
    return explorer_scripts() if '<iframe class="explorer"' in page else ()


def _read(text: str, medium: Format, source: Path) -> dict[str, Any]:
    """The document as pandoc's tree, as one format takes it."""
    import pypandoc

    marked = marked_breaks(text, source.name)
    document: dict[str, Any] = json.loads(pypandoc.convert_text(marked, "json", format=MARKDOWN))
    _check_inert(document, source)
    return document | {"blocks": honour(document["blocks"], medium, source.name)}


def _check_inert(document: dict[str, Any], source: Path) -> None:
    """Refuse what would bring in something from elsewhere: pandoc puts any file or address into a page."""
    folder = source.parent.resolve()
    for node in each(document["blocks"]):
        wrong = ""
        if node["t"] == "Image":
            target = str(node["c"][-1][0])
            within = ":" not in target and (folder / target).resolve().is_relative_to(folder)
            wrong = "" if within or target.startswith("data:image/") else target
        elif node["t"] in ("RawBlock", "RawInline") and node["c"][0] == "html":
            text = str(node["c"][1])
            wrong = "" if text.startswith('<iframe class="explorer"') else _active_in(text)
        if wrong:
            what = f"holds something from elsewhere, or that runs: {wrong[:80]}"
            raise ReportError(Fault(source.name, what, "text and pictures that the report made"))


class _Activity(HTMLParser):
    """Looks for what a page would load or run; what is escaped in texts and attributes is neither."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.wrong = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at an element and its attributes."""
        if tag in ACTIVE:
            self.wrong = f"<{tag}"
        for name, value in attrs:
            target = (value or "").strip().lower()
            loads = name in LOADING and not target.startswith(("data:image/", "#"))
            if name.startswith("on") or loads or (name == "style" and STYLE.search(target)):
                self.wrong = f"{name}="

    def handle_data(self, data: str) -> None:
        """Look at styles."""
        if self.lasttag == "style" and (found := STYLE.search(data)):
            self.wrong = found.group()


def _active_in(html: str) -> str:
    """What a piece of HTML would load or run; nothing where it does neither."""
    unended = re.search(
        r"<[\s/]*[a-zA-Z]+(?=[^>]*\Z)", html
    )  # what follows would be its attributes
    parser = _Activity()
    parser.feed(html)
    parser.close()
    return parser.wrong or (unended.group() if unended else "")


def _arguments(medium: Format, source: Path, look: Look) -> list[str]:
    """What pandoc's writer is told."""
    common = ["--standalone", "--wrap=none", f"--resource-path={source.parent}"]
    if medium == "html":
        return [
            *common,
            "--embed-resources",
            "--section-divs",
            "--css=theme.css",
            "--metadata=document-css:false",
            "--figure-caption-position=above",
            f"--metadata=pagetitle={look.title}",
            "--variable=include-before:<main>",  # what screen readers jump to
            "--variable=include-after:</main>",
        ]
    if medium == "docx":
        return [*common, "--figure-caption-position=above", _reference(source, medium, look)]
    if medium == "pptx":
        return [*common, "--slide-level=2", _reference(source, medium, look)]
    return ["--wrap=none"]


def _reference(source: Path, medium: Format, look: Look) -> str:
    """The document whose looks are taken, written beside the source."""
    path = source.with_name(f"reference.{medium}")
    made = reference_docx(look.running, look.lang) if medium == "docx" else reference_pptx()
    path.write_bytes(made)
    return f"--reference-doc={path}"


def _written(
    document: dict[str, Any],
    medium: Format,
    source: Path,
    arguments: Sequence[str],
    made: Path | None = None,
) -> str:
    import pypandoc

    try:
        return str(
            pypandoc.convert_text(
                json.dumps(document),
                to={"html": "html5"}.get(medium, medium),
                format="json",
                outputfile=str(made) if made else None,
                extra_args=list(arguments),
                cworkdir=str(source.parent),  # where pandoc looks for pictures and the style sheet
            )
        )
    except RuntimeError as error:
        raise ReportError(
            Fault(source.name, f"pandoc could not set it: {str(error).strip()}")
        ) from error


@contextmanager
def _dated(date: datetime.datetime) -> Iterator[None]:
    """Have pandoc date what it writes so, unless the environment says otherwise."""
    before = os.environ.get("SOURCE_DATE_EPOCH")
    seconds = given_date()
    os.environ["SOURCE_DATE_EPOCH"] = str(int(date.timestamp()) if seconds is None else seconds)
    try:
        yield
    finally:
        if before is not None:
            os.environ["SOURCE_DATE_EPOCH"] = before
        else:
            del os.environ["SOURCE_DATE_EPOCH"]
