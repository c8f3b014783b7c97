"""Whether the dictionary of an SPSS file holds together.

The library that reads these files ends the whole process over a dictionary whose records do not fit
each other, as in a damaged copy. The records are those of PSPP's description of system files.
"""

from __future__ import annotations

import codecs
import re
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["is_sound", "unpacked_size"]

HEADER = 176
LAYOUT = 64
"""Where the header says 2 or 3, by which the order of bytes is told."""

ENCODING = 20
"""The kind of extension that names the encoding."""

TEXT_FORMATS = {1, 2}

CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f]")
"""What a number has in place of letters."""

VARIABLE, LABELS, LABELLED, DOCUMENT, EXTENSION, END = 2, 3, 4, 6, 7, 999


def is_sound(path: Path, encoding: str = "") -> bool:
    """Tell whether every record of the dictionary is whole, and fits those before it.

    Parameters
    ----------
    path
        The file.
    encoding
        The encoding of its texts, where it is not the one that the file names.
    """
    try:
        dictionary = _Dictionary(path.read_bytes())
        dictionary.walk()
        codec = codecs.lookup(encoding or dictionary.encoding or "latin-1").name
        for text in dictionary.texts:
            text.decode(codec)
    except LookupError:  # an encoding that Python does not know, and the library may
        return True
    except (struct.error, ValueError):
        return False
    return True


def unpacked_size(path: Path) -> int:
    """Bytes that the rows of a .zsav file unpack to, as it says of its blocks; 0 for other files.

    Raises
    ------
    ValueError, struct.error
        It does not hold together.
    """
    content = path.read_bytes()
    if not content.startswith(b"$FL3"):
        return 0
    dictionary = _Dictionary(content)
    dictionary.walk()
    # The dictionary's end has four bytes more; then where the list of blocks stands.
    _, place, _ = struct.unpack_from(f"{dictionary.order}3q", content, dictionary.at + 4)
    blocks = struct.unpack_from(f"{dictionary.order}i", content, place + 20)[0]
    form = struct.Struct(f"{dictionary.order}2q2i")
    return sum(form.unpack_from(content, place + 24 + 24 * block)[2] for block in range(blocks))


class _Dictionary:
    """A walk over the records; ValueError or struct.error where one is not sound."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        layouts = {order: struct.unpack_from(order + "i", content, LAYOUT)[0] for order in "<>"}
        order = next((order for order, layout in layouts.items() if layout in (2, 3)), None)
        _need(order is not None)
        self.order = order or "<"
        self.at = HEADER
        self.slots: list[int] = []  # a variable's width, 0 for a number; -1 continues a text
        self.due = 0
        self.texts: list[bytes] = []  # to which labels are given
        self.encoding = ""

    def integer(self) -> int:
        """Read the next four bytes."""
        value: int = struct.unpack_from(self.order + "i", self.content, self.at)[0]
        self.at += 4
        return value

    def skip(self, size: int) -> None:
        """Pass over some bytes, which have to be there."""
        _need(0 <= size <= len(self.content) - self.at)
        self.at += size

    def walk(self) -> None:
        """Pass every record to the end of the dictionary."""
        records = {
            VARIABLE: self.variable,
            LABELS: self.labels,
            DOCUMENT: lambda: self.skip(80 * self.integer()),
            EXTENSION: self.extension,
        }
        while (kind := self.integer()) != END:
            _need(kind in records)
            _need(kind == VARIABLE or not self.due)
            records[kind]()
        _need(bool(self.slots) and not self.due)

    def variable(self) -> None:
        """A variable, or what continues a text of more than eight bytes."""
        width, labelled, missing = self.integer(), self.integer(), self.integer()
        shown = {self.integer() >> 16 & 0xFF for _ in ("print", "write")}
        self.skip(8)
        _need(labelled in (0, 1) and -3 <= missing <= 3)
        _need(width != 0 or not shown & TEXT_FORMATS)
        if labelled:
            length = self.integer()
            self.skip(length + -length % 4)
        self.skip(8 * abs(missing))
        continues = width == -1
        _need(continues == (self.due > 0) and -1 <= width <= 255)
        self.due = self.due - 1 if continues else max(0, (width + 7) // 8 - 1)
        self.slots.append(width)

    def labels(self) -> None:
        """Values and their labels, which the next record says the variables of."""
        count = self.integer()
        _need(count >= 0)
        values = []
        for _ in range(count):
            self.skip(8)
            values.append(self.content[self.at - 8 : self.at])
            length = self.content[self.at] if self.at < len(self.content) else 0
            self.skip(length + 1 + -(length + 1) % 8)
        _need(self.integer() == LABELLED)
        self.labelled(values)

    def labelled(self, values: list[bytes]) -> None:
        """The variables that the labels before are for: all of numbers, or all of short texts."""
        count = self.integer()
        _need(0 < count <= len(self.slots))
        widths = set()
        for _ in range(count):
            place = self.integer()
            _need(0 < place <= len(self.slots))
            widths.add(self.slots[place - 1])
        _need(widths == {0} or widths <= set(range(1, 9)))
        if widths != {0}:
            self.texts += [value.rstrip(b"\0") for value in values]
            _need(not any(map(CONTROL.search, self.texts)))

    def extension(self) -> None:
        """A record of some further kind, passed over but for the encoding's name."""
        kind, size, count = self.integer(), self.integer(), self.integer()
        _need(size >= 0 and count >= 0)
        self.skip(size * count)
        if kind == ENCODING:
            self.encoding = self.content[self.at - size * count : self.at].decode("ascii").strip()


def _need(holds: bool) -> None:
    if not holds:
        raise ValueError
