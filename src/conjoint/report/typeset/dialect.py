"""What a report's source says in Quarto's Markdown beyond pandoc's, put into pandoc's own terms.

`docs/reports.md` lists it. Everything here is documented Quarto, so that Quarto renders the same source.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from conjoint.errors import Fault, ReportError
from conjoint.report.typeset.tree import (
    Node,
    attribute,
    attributes_of,
    div,
    each,
    has_class,
    para,
    plain,
    raw,
    walk,
    words,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Format", "honour", "marked_breaks"]

Format = Literal["html", "docx", "pptx", "typst", "gfm"]
"""Formats by the names of pandoc's writers."""

KNOWN_AS: dict[Format, tuple[str, ...]] = {
    "html": ("html", "html4", "html5"),
    "docx": ("docx",),
    "pptx": ("pptx",),
    "typst": ("typst",),
    "gfm": ("gfm", "markdown", "commonmark"),
}
"""What `when-format` may call a format."""

CONDITIONAL = ("content-visible", "content-hidden")
KINDS = {"fig": "Figure", "tbl": "Table"}
REFERENCE = re.compile(r"(?i:(fig|tbl))-(.+)")
CALLOUTS = {
    "callout-note": "Note",
    "callout-tip": "Tip",
    "callout-important": "Important",
    "callout-warning": "Warning",
    "callout-caution": "Caution",
}
BREAK = re.compile(r"^\{\{< pagebreak >\}\}[ \t]*$", re.MULTILINE)
SHORTCODE = re.compile(r"(?<!\\)\{\{<(?!\\)[^\n]*?>\}\}")


def marked_breaks(text: str, name: str) -> str:
    """Markdown with page breaks as divisions, before pandoc reads it.

    Raises
    ------
    ReportError
        Another of Quarto's shortcodes stands there: only Quarto honours those.
    """
    text = BREAK.sub(":::::: {.pagebreak}\n::::::", text)
    other = SHORTCODE.search(text)
    if other:
        raise ReportError(
            Fault(
                name,
                f"has the shortcode {other.group()}",
                "{{< pagebreak >}} or none",
                "Render it by Quarto.",
            )
        )
    return text


def honour(blocks: list[Node], medium: Format, name: str) -> list[Node]:
    """The blocks of a document as one format takes them.

    Parameters
    ----------
    blocks
        As pandoc reads them from Markdown.
    medium
        The format that they are for.
    name
        The source, for errors.

    Raises
    ------
    ReportError
        A reference is to nothing that the document has in this format.
    """
    seen: list[Node] = walk(blocks, lambda node: _visible(node, medium))
    floats: list[Node] = walk(seen, _float)
    numbers = _numbered(floats)
    referred: list[Node] = walk(floats, lambda node: _referred(node, numbers, name))
    made: list[Node] = walk(referred, lambda node: _arranged(node, medium))
    return made


def _visible(node: Node, medium: Format) -> list[Node] | None:
    """A part for some formats: its contents, or nothing."""
    if node["t"] not in ("Div", "Span", "CodeBlock") or not has_class(node, *CONDITIONAL):
        return None
    pairs = attributes_of(node)[2]
    matches = all(
        (value in KNOWN_AS[medium]) == (key == "when-format")
        for key, value in pairs
        if key in ("when-format", "unless-format")
    )
    if matches != has_class(node, "content-visible"):
        return []
    if node["t"] == "CodeBlock":
        return [node]
    inner: list[Node] = walk(node["c"][1], lambda child: _visible(child, medium))
    return inner


def _float(node: Node) -> list[Node] | None:
    """A division that is a figure or a table: its last paragraph is the caption."""
    if node["t"] != "Div" or not REFERENCE.fullmatch(attributes_of(node)[0]):
        return None
    (name, classes, pairs), inner = node["c"]
    inner = walk(inner, _float)
    said: list[Node] = []
    if len(inner) > 1 and inner[-1]["t"] == "Para":
        said = [plain(inner[-1]["c"])]
        inner = inner[:-1]
    tables = [block for block in inner if block["t"] == "Table"]
    if name.startswith("tbl") and len(inner) == 1 and tables:
        head, caption, *rest = tables[0]["c"]
        held = [name, [*head[1], *classes], [*head[2], *pairs]]
        return [{"t": "Table", "c": [held, [None, said] if said else caption, *rest]}]
    return [{"t": "Figure", "c": [[name, classes, pairs], [None, said], inner]}]


def _numbered(blocks: list[Node]) -> dict[str, str]:
    """Number figures and tables in their order, in their captions too; what each is called."""
    called: dict[str, str] = {}
    counts = dict.fromkeys(KINDS, 0)
    for node in each(blocks):
        found = node["t"] in ("Figure", "Table") and REFERENCE.fullmatch(attributes_of(node)[0])
        if not found:
            continue
        kind = found.group(1)
        counts[kind] += 1
        label = called[found.group()] = f"{KINDS[kind]}\u00a0{counts[kind]}"
        said = node["c"][1][1]
        before: list[Node] = [{"t": "Str", "c": label + (":" if said else "")}]
        if said:
            first = said[0]["c"]
            bold = first and first[0]["t"] == "Strong"
            (first[0]["c"] if bold else first)[:0] = [*before, {"t": "Space"}]
        else:
            node["c"][1][1] = [plain(before)]
    return called


def _referred(node: Node, numbers: dict[str, str], name: str) -> list[Node] | None:
    """References as links that say what they are to."""
    if node["t"] != "Cite":
        return None
    made: list[Node] = []
    for place, cited in enumerate(node["c"][0]):
        key = cited["citationId"]
        if not REFERENCE.fullmatch(key):
            return None
        target = key[:1].lower() + key[1:]
        if target not in numbers:
            raise ReportError(
                Fault(name, f"refers to @{key}, which it has not", ", ".join(sorted(numbers)))
            )
        label = numbers[target]
        if cited["citationMode"]["t"] == "SuppressAuthor":
            label = label.partition("\u00a0")[2]
        made += words(", ") * bool(place)
        prefix = cited["citationPrefix"]
        made += [*prefix, {"t": "Space"}] if prefix else []
        link = [["", ["reference"], []], [{"t": "Str", "c": label}], [f"#{target}", ""]]
        made += [{"t": "Link", "c": link}, *cited["citationSuffix"]]
    return made


def _arranged(node: Node, medium: Format) -> list[Node] | None:
    """Callouts, tab sets, layouts, page breaks, alternative text."""
    if node["t"] == "Image":
        return [_with_alt(node)]
    if node["t"] != "Div":
        return None
    inner: list[Node] = walk(node["c"][1], lambda child: _arranged(child, medium))
    if has_class(node, "pagebreak"):
        return PAGE_BREAKS[medium]
    if has_class(node, "panel-tabset"):
        return inner  # headed sections, which print and are read aloud in their order
    kind = next((kind for kind in CALLOUTS if has_class(node, kind)), None)
    if kind:
        return [_callout(node, inner, kind, medium)]
    if attribute(node, "layout-ncol"):
        return _layout(node, inner, medium)
    return [{"t": "Div", "c": [node["c"][0], inner]}]


def _with_alt(node: Node) -> Node:
    """Quarto's `fig-alt` as the alternative text that pandoc's writers know."""
    (name, classes, pairs), _, target = node["c"]
    alt = dict(pairs).get("fig-alt")
    if alt is None:
        return node
    kept = [pair for pair in pairs if pair[0] != "fig-alt"]
    return {"t": "Image", "c": [[name, classes, kept], words(alt), target]}


def _callout(node: Node, inner: list[Node], kind: str, medium: Format) -> Node:
    """A callout as a titled division; a quotation where a format has no divisions."""
    title: Sequence[Node] = words(attribute(node, "title") or CALLOUTS[kind])
    if inner and inner[0]["t"] == "Header":
        title, inner = inner[0]["c"][2], inner[1:]
    headed = [para([{"t": "Strong", "c": list(title)}]), *inner]
    if medium in ("gfm", "pptx"):
        return {"t": "BlockQuote", "c": headed}
    return div(headed, ("callout", kind), role="note")


def _layout(node: Node, inner: list[Node], medium: Format) -> list[Node]:
    """Columns side by side where the format has them: HTML, PDF, two on a slide."""
    columns = attribute(node, "layout-ncol")
    if medium == "html":
        grid = f"display: grid; gap: 1rem; grid-template-columns: repeat({columns}, minmax(0, 1fr))"
        return [div([div([block]) for block in inner], ("layout",), style=grid)]
    if medium == "typst":
        cells = [part for b in inner for part in (raw("typst", "["), b, raw("typst", "],"))]
        opening = raw("typst", f"#grid(columns: {int(columns)}, gutter: 1em,")
        return [opening, *cells, raw("typst", ")")]
    if medium == "pptx" and len(inner) == 2:
        return [div([div([block], ("column",)) for block in inner], ("columns",))]
    return inner


PAGE_BREAKS: dict[Format, list[Node]] = {
    "html": [div([], ("pagebreak",), style="break-after: page")],
    "docx": [raw("openxml", '<w:p><w:r><w:br w:type="page"/></w:r></w:p>')],
    "pptx": [{"t": "HorizontalRule"}],
    "typst": [raw("typst", "#pagebreak(weak: true)")],
    "gfm": [],
}
