"""An executed source set in a format by pandoc: what each writer is told, and what it needs besides."""

from __future__ import annotations

import datetime
import json
import os
import re
from contextlib import contextmanager
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from conjoint.errors import Fault, ReportError
from conjoint.explorer.page import explorer_scripts
from conjoint.output import given_date
from conjoint.policy import with_policy
from conjoint.report.typeset.dialect import honour, marked_breaks
from conjoint.report.typeset.dress import dress
from conjoint.report.typeset.finish import finish
from conjoint.report.typeset.pdf import compile_pdf
from conjoint.report.typeset.tree import each
from conjoint.typing import ReportFormat

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conjoint.report.typeset.dialect import Format

__all__ = ["EARLIEST", "FORMATS", "Look", "extension", "framed_scripts", "set_document"]

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
    """

    title: str
    running: str = ""
    date: datetime.datetime = EARLIEST


def extension() -> Path:
    """Find the Quarto extension that has the look: inside the installed package, or in the checkout."""
    installed = Path(__file__).parents[1] / "sources"
    sources = installed if installed.is_dir() else Path(__file__).parents[4] / "reports"
    return sources / "_extensions" / "conjoint"


def set_document(text: str, source: Path, wanted: ReportFormat, look: Look) -> Path:
    """Set an executed source in a format, as a file beside it.

    Raises
    ------
    ReportError
        The source has what only Quarto honours, or pandoc or Typst refuses it.
    """
    medium = WRITERS[wanted]
    document = dress(_read(text, medium, source), medium, look.title)
    made = source.with_suffix(f".{'typ' if medium == 'typst' else wanted}")
    _write(document, medium, source, look, made)
    if medium == "typst":
        return compile_pdf(source, look)
    finish(made, look.running)
    if medium == "html":
        page = made.read_text("utf-8")
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


def _write(document: dict[str, Any], medium: Format, source: Path, look: Look, made: Path) -> None:
    """Have pandoc write a document: the extension has what it is told for each format."""
    import pypandoc

    house = extension()
    arguments = [
        f"--defaults={house / 'pandoc' / f'{medium}.yaml'}",
        f"--resource-path={source.parent}",
        f"--metadata=pagetitle={look.title}",
        f"--metadata=running={look.running}",
    ]
    try:
        with _dated(look.date):
            pypandoc.convert_text(
                json.dumps(document),
                to={"html": "html5"}.get(medium, medium),
                format="json",
                outputfile=str(made),
                extra_args=arguments,
                cworkdir=str(source.parent),  # where pandoc looks for pictures
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
