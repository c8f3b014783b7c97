"""The house's look in formats that have no style sheet: classes become styles, marks or nothing."""

from __future__ import annotations

from itertools import pairwise
from math import ceil
from typing import TYPE_CHECKING, Any

from conjoint.report.typeset.fit import fit
from conjoint.report.typeset.tree import (
    Node,
    attributes_of,
    has_class,
    para,
    raw,
    text_of,
    typst_string,
    walk,
    words,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from conjoint.report.typeset.dialect import Format

__all__ = ["dress"]

OWN_PAGE = ("segment-page", "last-page", "appendix")
"""Classes of headings that begin a page."""

BLOCKS = {
    "banner": ("Banner", "banner"),
    "callout": ("Callout", "callout"),
    "embargo": ("Embargo", "embargo"),
    "facts": ("Facts", "small"),
    "fragility": ("Fine Print", "small"),
    "note": ("Fine Print", "small"),
    "noted": ("", "noted"),
    "over-chart": ("Over Chart", "overchart"),
    "segment": ("Segment", "segment"),
}
"""Word's style and Typst's function for a class of division."""

VERDICTS = {
    "safe": ("Verdict Safe", "#0b6b3a"),
    "caution": ("Verdict Caution", "#8a4b00"),
    "suppressed": ("Verdict Stop", "#a3150f"),
}
"""Word's style and the colour in print of a verdict."""

LINE, MOST_KEPT = 95, 18
"""Letters of a table's line in Word, and the lines that it is asked to keep on one page."""

WORD_BREAK = (
    '<w:p><w:pPr><w:spacing w:before="0" w:after="0" w:line="20" w:lineRule="exact"/></w:pPr>'
    '<w:r><w:rPr><w:sz w:val="2"/></w:rPr><w:br w:type="page"/></w:r></w:p>'
)


def dress(document: dict[str, Any], medium: Format, title: str) -> dict[str, Any]:
    """A document whose classes a format understands.

    Parameters
    ----------
    document
        Pandoc's tree, without what is Quarto's own.
    medium
        The format it is for.
    title
        The report's, for the file's properties where the text has none.
    """
    blocks: list[Node] = walk(document["blocks"], _headed)
    if medium in ("html", "docx", "typst"):
        blocks = walk(blocks, _banded)
        _noted(blocks)
    meta = {key: value for key, value in document["meta"].items() if key == "lang"}
    if medium == "html":
        return document | {"blocks": blocks, "meta": meta}
    if medium in ("docx", "pptx"):
        blocks, told = _titled(blocks, medium)
        meta |= {"title": {"t": "MetaInlines", "c": words(title)}} | told
    dressed: list[Node] = walk(blocks, DRESS[medium])
    if medium == "pptx":
        dressed = fit(dressed)
    return document | {"blocks": dressed, "meta": meta}


def _headed(node: Node) -> list[Node] | None:
    """A table without a head says what its rows are in their first cells."""
    if node["t"] == "Table" and not node["c"][3][1]:
        for body in node["c"][4]:
            body[1] = body[1] or 1
    return None


def _banded(node: Node) -> list[Node] | None:
    """A row of a bold name alone stands over all columns; plain Markdown has no such cells."""
    if node["t"] == "Table":
        columns = len(node["c"][2])
        for _, heads, _, rows in node["c"][4]:
            for row in rows if columns > 1 and not heads else ():
                first, *others = row[1]
                if others and _is_bold(first[4]) and not any(text_of(cell[4]) for cell in others):
                    row[1] = [[first[0], {"t": "AlignLeft"}, 1, columns, first[4]]]
    return None


def _is_bold(blocks: list[Node]) -> bool:
    return len(blocks) == 1 and [node["t"] for node in blocks[0]["c"]] == ["Strong"]


def _noted(blocks: list[Node]) -> None:
    """Mark tables that a note follows: it explains their marks and has to stay with them."""
    for table, note in pairwise(blocks):
        if has_class(table, "crosstab") and has_class(note, "note"):
            attributes_of(table)[1].append("noted")


def _kept(node: Node, *, noted: bool) -> None:
    """Have Word keep a short table on one page; of a longer one its head, its ends, names with their rows."""
    _, _, _, (_, heads), bodies, _ = node["c"]
    rows = [*heads, *(row for body in bodies for row in (*body[2], *body[3]))]
    widths = [width["c"] * LINE if "c" in width else LINE for _, width in node["c"][2]]
    short = sum(_lines(row, widths) for row in rows) <= MOST_KEPT
    for place, row in enumerate(rows if noted else rows[:-1]):
        ends = place <= len(heads) or place >= len(rows) - 2
        first = row[1][0]
        # Word keeps a row with the next by the first paragraph of it.
        if first[4] and (short or ends or len(row[1]) < len(widths)):
            told = [para(b["c"]) if b["t"] == "Plain" else b for b in first[4]]
            first[4] = [{"t": "Div", "c": [["", [], [["custom-style", "Kept Row"]]], told]}]


def _lines(row: Any, widths: list[float]) -> int:
    """About how many lines a row takes; a cell over all columns takes one."""
    cells = row[1] if len(row[1]) == len(widths) else []
    return max(
        (ceil(len(text_of(cell[4])) / width) for cell, width in zip(cells, widths, strict=False)),
        default=1,
    )


def _titled(blocks: list[Node], medium: Format) -> tuple[list[Node], dict[str, Any]]:
    """The first heading as the title, the facts under it as the subtitle."""
    first = next((n for n, b in enumerate(blocks) if b["t"] == "Header" and b["c"][0] == 1), None)
    if first is None:
        return blocks, {}
    meta = {"title": {"t": "MetaInlines", "c": blocks[first]["c"][2]}}
    rest, said = [*blocks[:first], *blocks[first + 1 :]], list[Node]()
    taken = ("embargo", "facts", "banner") if medium == "pptx" else ("embargo", "facts")
    while first < len(rest) and has_class(rest[first], *taken):
        for block in rest.pop(first)["c"][1]:
            said += [{"t": "LineBreak"}] * bool(said) + block["c"]
    if said:
        meta["subtitle"] = {"t": "MetaInlines", "c": said}
    return rest, meta


def _for_word(node: Node) -> list[Node] | None:
    """Custom styles; headings a level up, the title having taken the first."""
    if node["t"] == "Header":
        level, (name, _, _), said = node["c"]
        heading = {"t": "Header", "c": [max(1, level - 1), [name, [], []], said]}
        own = has_class(node, *OWN_PAGE)
        return [*([raw("openxml", WORD_BREAK)] if own else []), heading]
    if node["t"] == "Div":
        inner = walk(node["c"][1], _for_word)
        for table in inner if has_class(node, "crosstab") else ():
            if table["t"] == "Table":
                _kept(table, noted=has_class(node, "noted"))
        style = next((BLOCKS[c][0] for c in attributes_of(node)[1] if c in BLOCKS), "")
        if not style:
            return list(inner)
        return [{"t": "Div", "c": [["", [], [["custom-style", style]]], inner]}]
    if node["t"] == "Span" and has_class(node, "verdict"):
        style = next((VERDICTS[c][0] for c in attributes_of(node)[1] if c in VERDICTS), "")
        pairs = [["custom-style", style]] if style else []
        return [{"t": "Span", "c": [["", [], pairs], node["c"][1]]}]
    return None


def _for_print(node: Node) -> list[Node] | None:
    """Functions of the preamble around what they dress; pictures with their alternative text."""
    if node["t"] == "Table":
        for row in node["c"][3][1]:
            for cell in row[1]:
                for block in cell[4]:
                    opening = raw("typst", "#tablehead[", inline=True)
                    block["c"] = [opening, *block["c"], raw("typst", "]", inline=True)]
    if node["t"] == "Image":
        (_, _, pairs), said, (path, _) = node["c"]
        width = dict(pairs).get("width", "100%")
        given = f"{typst_string(path)}, width: {width}, alt: {typst_string(text_of(said))}"
        return [raw("typst", f"#image({given})", inline=True)]
    if node["t"] == "Header" and has_class(node, *OWN_PAGE):
        level, (name, _, _), said = node["c"]
        heading = {"t": "Header", "c": [level, [name, [], []], said]}
        return [raw("typst", "#pagebreak(weak: true)"), heading]
    if node["t"] == "Div":
        inner = walk(node["c"][1], _for_print)
        call = next((BLOCKS[c][1] for c in attributes_of(node)[1] if c in BLOCKS), "")
        return [raw("typst", f"#{call}["), *inner, raw("typst", "]")] if call else list(inner)
    if node["t"] == "Span" and has_class(node, "verdict"):
        colour = next((VERDICTS[c][1] for c in attributes_of(node)[1] if c in VERDICTS), "#1a1a1a")
        opening = raw("typst", f'#verdict("{colour}")[', inline=True)
        return [opening, *node["c"][1], raw("typst", "]", inline=True)]
    return None


def _for_slides(node: Node) -> list[Node] | None:
    """Divisions but those of columns and of speaker's notes are only what they hold.

    What a picture shows would be printed under it: it is kept as the picture's title.
    """
    if node["t"] == "Image":
        held, said, (path, _) = node["c"]
        return [{"t": "Image", "c": [held, [], [path, text_of(said)]]}]
    if node["t"] == "Div" and not has_class(node, "notes", "columns", "column"):
        return list(walk(node["c"][1], _for_slides))
    return None


def _for_text(node: Node) -> list[Node] | None:
    """Plain Markdown: no attributes, pictures with their captions under them, verdicts in italics."""
    kind = node["t"]
    if kind == "Div":
        return list(walk(node["c"][1], _for_text))
    if kind == "Span":
        inner = walk(node["c"][1], _for_text)
        return [{"t": "Emph", "c": inner}] if has_class(node, "verdict") else list(inner)
    if kind == "Link" and has_class(node, "reference"):
        return list(node["c"][1])
    if kind == "Image":
        _, said, target = node["c"]
        return [{"t": "Image", "c": [["", [], []], said, target]}]
    if kind == "Figure":
        _, (_, caption), inner = node["c"]
        pictures = [para(b["c"]) if b["t"] == "Plain" else b for b in walk(inner, _for_text)]
        return [*pictures, *(para(block["c"]) for block in walk(caption, _for_text))]
    if kind == "Table":
        _, (_, caption), *rest = node["c"]
        bare = {"t": "Table", "c": [["", [], []], [None, []], *walk(rest, _for_text)]}
        return [*(para(block["c"]) for block in walk(caption, _for_text)), bare]
    return None


DRESS: dict[Format, Callable[[Node], list[Node] | None]] = {
    "docx": _for_word,
    "typst": _for_print,
    "pptx": _for_slides,
    "gfm": _for_text,
}
