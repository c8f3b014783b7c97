"""An executed source set in a format by pandoc: what each writer is told, and what it needs besides."""

from __future__ import annotations

import datetime
import json
import os
import re
import subprocess
from dataclasses import dataclass
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from conjoint.errors import Fault, ReportError
from conjoint.explorer.page import explorer_scripts
from conjoint.output import given_date
from conjoint.policy import with_policy
from conjoint.report.typeset.finish import finish
from conjoint.report.typeset.held import held_back, put_back
from conjoint.report.typeset.pdf import compile_pdf
from conjoint.typing import ReportFormat

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = [
    "EARLIEST",
    "FORMATS",
    "WRITERS",
    "Look",
    "dated",
    "extension",
    "framed_scripts",
    "set_document",
]

Format = Literal["html", "docx", "pptx", "typst", "gfm"]
"""Formats by the names of pandoc's writers."""

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

FILTERS = ("quarto.lua", "conjoint.lua")
"""Of the extension: what Quarto does by itself, and the look."""

BREAK = re.compile(r"^\{\{< pagebreak >\}\}[ \t]*$", re.MULTILINE)
SHORTCODE = re.compile(r"(?<!\\)\{\{<(?!\\)[^\n]*?>\}\}")

REFUSED = "conjoint: "
"""Begins the line in which a filter says what is wrong and, after a tab, what it expected."""

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
    text, held = held_back(text)
    made = source.with_suffix(".typ" if medium == "typst" else f".{wanted}")
    arguments = [
        "--from=json",
        f"--defaults={extension() / 'pandoc' / f'{medium}.yaml'}",
        *(f"--lua-filter={extension() / name}" for name in FILTERS),
        f"--resource-path={source.parent}",
        f"--metadata=pagetitle={look.title}",
        f"--metadata=running={look.running}",
        f"--output={made}",
    ]
    _pandoc(arguments, _read(text, source), source, look)
    if medium == "typst":
        return compile_pdf(source, look)
    finish(made, look.running)
    if medium == "html":
        page = put_back(made.read_text("utf-8"), held)
        made.write_text(with_policy(page, framed_scripts(page)), "utf-8", newline="\n")
    return made


def framed_scripts(page: str) -> tuple[str, ...]:
    """The scripts of the explorer, where a page holds it in a frame: the page's policy is the frame's, too."""
    return explorer_scripts() if '<iframe class="explorer"' in page else ()


@lru_cache(maxsize=1)  # the same text is set in several formats
def _read(text: str, source: Path) -> bytes:
    """The document as pandoc's tree, in JSON."""
    arguments = [f"--from={MARKDOWN}", "--strip-comments", "--to=json"]
    tree = _pandoc(arguments, _marked_breaks(text, source.name).encode(), source)
    _check_inert(json.loads(tree), source)
    return tree


def _marked_breaks(text: str, name: str) -> str:
    """Markdown with page breaks as divisions, before pandoc reads it: its tree has shortcodes and words alike."""
    text = BREAK.sub(":::::: {.pagebreak}\n::::::", text)
    other = SHORTCODE.search(text)
    if other:
        what = f"has the shortcode {other.group()}"
        expected = "{{< pagebreak >}} or none"
        raise ReportError(Fault(name, what, expected, "Render it by Quarto."))
    return text


def _check_inert(document: dict[str, Any], source: Path) -> None:
    """Refuse what would bring in something from elsewhere: pandoc puts any file or address into a page."""
    folder = source.parent.resolve()
    for node in _each(document["blocks"]):
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


def _each(tree: Any) -> Iterator[dict[str, Any]]:
    """Every node of pandoc's tree."""
    if isinstance(tree, list):
        for item in tree:
            yield from _each(item)
    elif isinstance(tree, dict):
        if "t" in tree:
            yield tree
        for value in tree.values():
            yield from _each(value)


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


def _pandoc(
    arguments: Sequence[str], given: bytes, source: Path, look: Look | None = None
) -> bytes:
    """What pandoc makes of its input, in the folder of the source, where it looks for pictures."""
    import pypandoc  # only reports need it

    done = subprocess.run(  # noqa: S603 - the program of the package, which runs nothing of the input
        [pypandoc.get_pandoc_path(), *arguments],
        input=given,
        cwd=source.parent,
        env=os.environ | ({"SOURCE_DATE_EPOCH": dated(look)} if look else {}),
        check=False,
        capture_output=True,
    )
    if done.returncode:
        raise ReportError(_refusal(done.stderr.decode("utf-8", "replace"), source.name))
    return done.stdout


def _refusal(said: str, name: str) -> Fault:
    """What pandoc or a filter does not take."""
    for line in said.splitlines():
        if line.startswith(REFUSED):
            what, _, expected = line.removeprefix(REFUSED).partition("\t")
            return Fault(name, what, expected)
    return Fault(name, f"pandoc could not set it: {said.strip()}")


def dated(look: Look) -> str:
    """Give the date that a file is to bear, in seconds; the environment may say otherwise."""
    seconds = given_date()
    return str(int(look.date.timestamp()) if seconds is None else seconds)
