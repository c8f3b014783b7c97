"""A person's draft as sentences, each with the line it starts on; Markdown's marks are taken out."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["BREAK", "Sentence", "sentences", "words"]

FENCED = re.compile(r"^\s*(```|~~~)")
MARKS = (
    (re.compile(r"<!--.*?-->"), ""),
    (re.compile(r"!?\[([^\]]*)\]\([^)]*\)"), r"\1"),  # links and pictures: their words
    (re.compile(r"\{[.#][^}]*\}"), ""),  # classes of Quarto's spans
    (re.compile(r"\[([^\]]*)\]"), r"\1"),
    (re.compile(r"(\*\*|__|\*|`)"), ""),
    (re.compile("[\u2066-\u2069]"), ""),  # isolates of writing from right to left
    (re.compile(r"<[^>]+>"), ""),
)
PRIVATE = 0xE000
START = re.compile(r"^\s*(?:[-*+]\s+|\d+[.)]\s+|>\s*|#{1,6}\s+)")
BREAK = re.compile(r"(?<=[.!?])[”\"’')\]]*\s+(?=[“\"‘'(\[]?[A-Z0-9])")
SHORT = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|Prof|St|vs|approx|ca|cf|e\.g|i\.e|No|pp|p)\.$")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a draft; `is_table` marks a row of a table, which is not read as words."""

    line: int
    text: str
    is_table: bool = False
    is_heading: bool = False


def sentences(draft: str) -> list[Sentence]:
    """Take a draft apart.

    Front matter and fenced code are passed over. A heading, a list item and a row of a table each
    stand alone.
    """
    found: list[Sentence] = []
    for line, text, is_heading in _blocks(draft):
        if text.lstrip().startswith("|"):
            if re.search(r"\d", text):
                found.append(Sentence(line, " ".join(text.split()), is_table=True))
            continue
        found += [replace(own, is_heading=is_heading) for own in _split(line, text)]
    return found


def _blocks(draft: str) -> Iterator[tuple[int, str, bool]]:
    """Paragraphs, items, headings and rows: the line each starts on, its lines, whether it is a heading."""
    lines, fenced, start = draft.splitlines(), False, 1
    held: list[str] = []
    skip = _front_matter(lines)
    for number, line in enumerate(lines, 1):
        if number <= skip:
            continue
        if FENCED.match(line):
            fenced = not fenced
            line = ""  # a fence ends what stands before it
        elif fenced:
            continue
        elif line.lstrip().startswith(":::"):
            line = ""  # so does one of Quarto's boxes
        alone = bool(START.match(line)) or line.lstrip().startswith("|")
        if held and (not line.strip() or alone):
            yield start, "\n".join(held), False
            held = []
        if line.strip():
            start = start if held else number
            held.append(START.sub("", line))
            if line.lstrip().startswith(("|", "#")):
                yield start, "\n".join(held), line.lstrip().startswith("#")
                held = []
    if held:
        yield start, "\n".join(held), False


def _front_matter(lines: list[str]) -> int:
    if lines and lines[0].strip() == "---":
        for number, line in enumerate(lines[1:], 2):
            if line.strip() in ("---", "..."):
                return number
    return 0


def _split(line: int, text: str) -> list[Sentence]:
    found, begun = [], 0
    ends = [match.end() for match in BREAK.finditer(text)] + [len(text)]
    for end in ends:
        piece = text[begun:end]
        if end < len(text) and SHORT.search(piece.rstrip()):
            continue
        said = words(piece)
        if said:
            lead = len(piece) - len(piece.lstrip())
            found.append(Sentence(line + text[: begun + lead].count("\n"), said))
        begun = end
    return found


def words(text: str) -> str:
    """A text without Markdown's marks; a mark that is escaped is a character."""
    flat = re.sub(
        r"\\([!-/:-@\[-`{-~])", lambda mark: chr(PRIVATE + ord(mark[1])), " ".join(text.split())
    )
    for pattern, kept in MARKS:
        flat = pattern.sub(kept, flat)
    flat = re.sub(r"[\ue000-\ue0ff]", lambda mark: chr(ord(mark[0]) - PRIVATE), flat)
    return " ".join(flat.split())
