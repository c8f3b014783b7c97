"""Slides that hold what they can: one message each, a chart or a few lines, nothing that runs off."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING

from conjoint.report.typeset.tree import Node, each, has_class, para, text_of, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["fit"]

LONGEST_TITLE = 150
"""Characters of two lines of a title."""

LINE, LINES = 85, 12
"""Characters of a line of text, and lines of a slide."""

ASIDE = 420
"""Characters that fit beside a chart."""

BESIDE = 5
"""Columns of a table that leaves room for words beside it."""

ROWS, COLUMNS, CELL = 9, 8, 48
"""Of a table that fits a slide; longer ones stand in the other formats alone."""

LISTS = ("BulletList", "OrderedList")
TEXTS = ("Para", "Plain", "BlockQuote", "LineBlock", "CodeBlock", *LISTS)


@dataclass(slots=True)
class _Deck:
    """Slides as they are made: what the next is called, and what waits for it."""

    made: list[Node] = field(default_factory=list)
    title: list[Node] = field(default_factory=list)
    waiting: list[Node] = field(default_factory=list)
    notes: list[Node] = field(default_factory=list)

    def add(self, title: Sequence[Node], blocks: Sequence[Node]) -> None:
        """A slide, with the notes that wait for it."""
        self.made.append({"t": "Header", "c": [2, ["", [], []], list(title)]})
        self.made += [*blocks, *self.notes]
        self.notes = []

    def flush(self) -> None:
        """The text that waits, as one slide or several."""
        for part in _portions(self.waiting):
            self.add(self.title, part)
        self.waiting = []

    def picture(self, image: Node, caption: Sequence[Node]) -> None:
        """A slide of a picture: its finding as the title, what is measured beside it."""
        finding, measure = _told(caption)
        aside = [para(measure)] if measure else []
        waiting = self.waiting
        if not caption and 0 < len(text_of(waiting)) <= ASIDE:
            aside, self.waiting = waiting, []
        self.flush()
        if finding and len(text_of(finding)) > LONGEST_TITLE:
            aside, finding = [para(finding), *aside], []
        if len(text_of(aside)) > ASIDE:
            aside, self.waiting = [], aside
        self.add(finding or self.title, [*aside, para([image])])
        self.flush()

    def table(self, table: Node) -> None:
        """A slide of a table, a few words that come before it beside it; none where it would run off."""
        aside: list[Node] = []
        if _fits(table) and 0 < len(text_of(self.waiting)) <= ASIDE and _width(table) <= BESIDE:
            aside, self.waiting = self.waiting, []
        self.flush()
        if _fits(table):
            self.add(_called(table) or self.title, [*aside, _without_caption(table)])


def fit(blocks: Sequence[Node]) -> list[Node]:
    """A document's blocks as slides.

    Every heading gives the slides after it their title; a picture gets a slide of its own, with the
    bold words of its caption for title and the rest beside it; text is spread over as many slides as it
    needs; a table that would run off is left out.
    """
    deck = _Deck()
    for block in blocks:
        kind = block["t"]
        if kind == "Header":
            deck.flush()
            deck.title = block["c"][2]
        elif kind == "Figure" or _is_picture(block):
            caption = block["c"][1][1] if kind == "Figure" else []
            image = next((node for node in each(block) if node["t"] == "Image"), None)
            if image:
                deck.picture(image, [node for said in caption for node in said["c"]])
        elif kind == "Table":
            deck.table(block)
        elif has_class(block, "notes"):
            _noted(deck, block)
        elif kind == "Div" and has_class(block, "columns"):
            deck.flush()
            deck.add(deck.title, [block])
        elif kind in TEXTS:
            deck.waiting.append(block)
    deck.flush()
    return deck.made


def _noted(deck: _Deck, block: Node) -> None:
    """Speaker's notes go with the slide before them."""
    if deck.waiting:
        deck.notes.append(block)
    else:
        deck.made.append(block)


def _is_picture(block: Node) -> bool:
    return block["t"] == "Para" and len(block["c"]) == 1 and block["c"][0]["t"] == "Image"


def _told(caption: Sequence[Node]) -> tuple[list[Node], list[Node]]:
    """A caption's finding and the rest: the finding is what is bold, without its number."""
    bold = next((place for place, node in enumerate(caption) if node["t"] == "Strong"), None)
    if bold is None:
        return [], list(caption)
    rest = list(caption[bold + 1 :])
    while rest and rest[0]["t"] in ("Space", "SoftBreak"):
        rest = rest[1:]
    return caption[bold]["c"], rest


def _portions(blocks: Sequence[Node]) -> Iterator[list[Node]]:
    """Text in portions that fit a slide each."""
    held: list[Node] = []
    used = 0.0
    for block in (part for whole in blocks for part in _pieces(whole)):
        need = 0.35 + ceil(len(text_of(block)) / LINE)
        if held and used + need > LINES:
            yield held
            held, used = [], 0.0
        held.append(block)
        used += need
    if held:
        yield held


def _pieces(block: Node) -> Iterator[Node]:
    """A list's entries one by one, so that a long list goes on from slide to slide."""
    if block["t"] == "BulletList" and len(text_of(block)) > LINE * 4:
        for entry in block["c"]:
            yield {"t": "BulletList", "c": [entry]}
    else:
        yield block


def _fits(table: Node) -> bool:
    rows = [row for body in table["c"][4] for row in body[3]]
    cells = [cell for row in rows for cell in row[1]]
    longest = max((len(text_of(cell[4])) for cell in cells), default=0)
    return len(rows) <= ROWS and _width(table) <= COLUMNS and longest <= CELL


def _width(table: Node) -> int:
    return len(table["c"][2])


def _called(table: Node) -> list[Node]:
    """A table's caption, where it is short enough for a title."""
    caption = [node for said in table["c"][1][1] for node in said["c"]]
    return caption if len(text_of(caption)) <= LONGEST_TITLE else words("")


def _without_caption(table: Node) -> Node:
    name, _, *rest = table["c"]
    return {"t": "Table", "c": [name, [None, []], *rest]}
