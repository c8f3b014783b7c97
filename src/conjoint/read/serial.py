"""R's own format of objects (.rds, .RData): values with their attributes, which hold labels and classes.

The format is that of "R Internals", chapter Serialization Formats. Objects are data here: functions, environments
and calls are passed over, and nothing is evaluated.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import zlib
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from conjoint.errors import DataError
from conjoint.read.packed import most_bytes, too_many_bytes

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["RObject", "read_objects"]

CHUNK = 1 << 20

DEEPEST = 200
"""Lists within lists."""

MOST_BY_RULE = 100_000_000
"""Numbers that a file may state by a rule, such as 1 to n, in place of writing them."""

NIL, ALTREP, REFERENCE = 254, 238, 255
PLACES = {241, 242, 250, 251, 252, 253}
"""Fixed environments and the like, which have no content."""

SYMBOL, PAIRS, CLOSURE, ENVIRONMENT, PROMISE, CALL, SPECIAL, BUILTIN, STRING = (
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    9,
)
LOGICAL, WHOLE, REAL, COMPLEX, TEXTS, DOTS, LIST, EXPRESSION = 10, 13, 14, 15, 16, 17, 19, 20
POINTER, WEAK, RAW, S4 = 22, 23, 24, 25
COMPILED, DEFINED_BEFORE, DEFINED = 21, 243, 244
CALLS_WITH_ATTRIBUTES = (239, 240)
NAMESPACES = {247, 248, 249}

HAS_ATTRIBUTES, HAS_TAG = 0x200, 0x400
LATIN, UTF = 1 << 2, 1 << 3

NUMBERS = {LOGICAL: ">i4", WHOLE: ">i4", REAL: ">f8", COMPLEX: ">c16", RAW: "u1"}


@dataclass(slots=True)
class RObject:
    """An object of R.

    Parameters
    ----------
    value
        An array of numbers (logical ones as whole numbers), a list of texts (None where missing) or of
        objects; None for all else.
    attributes
        By name, such as ``names``, ``class``, ``levels``, ``label`` and ``labels``.
    tags
        For a list of pairs, the name of each.
    is_logical
        Whether its numbers stand for true and false.
    """

    value: Any = None
    attributes: dict[str, RObject] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    is_logical: bool = False

    def texts(self, name: str) -> list[str]:
        """An attribute's texts; none where it has none."""
        own = self.attributes.get(name)
        listed = own.value if own is not None and isinstance(own.value, list) else []
        return [text if isinstance(text, str) else "" for text in listed]

    @property
    def classes(self) -> list[str]:
        """What the object is to R's functions."""
        return self.texts("class")


def read_objects(path: Path, encoding: str = "") -> dict[str, RObject]:
    """Read the objects of a file by name; the one of an .rds file has none.

    Parameters
    ----------
    encoding
        Of texts that do not say theirs.

    Raises
    ------
    ValueError, LookupError, EOFError
        The file is damaged, or no file of R.
    DataError
        It spreads out to far more than its size tells.
    """
    content = _content(path)
    named = content[:5] in (b"RDX2\n", b"RDX3\n")
    content = content[5:] if named else content
    if not content.startswith(b"X\n"):
        raise ValueError("it is not in R's binary format: save it with saveRDS or save")
    stream = _Stream(content[2:], encoding)
    stream.header()
    found = stream.item()
    if not named:
        return {"": found}
    return dict(zip(found.tags, found.value, strict=True)) if found.tags else {}


def _content(path: Path) -> bytes:
    with path.open("rb") as file:
        head = file.read(6)
    openers: tuple[tuple[bytes, Any], ...] = (
        (b"\x1f\x8b", gzip.open),
        (b"BZh", bz2.open),
        (b"\xfd7zXZ", lzma.open),
    )
    opener = next((own for mark, own in openers if head.startswith(mark)), None)
    if opener is None:
        return path.read_bytes()
    try:
        with opener(path) as source:
            return _whole(path, source)
    except (zlib.error, lzma.LZMAError, gzip.BadGzipFile) as error:
        raise ValueError("it is damaged, or was cut short") from error


def _whole(path: Path, source: IO[bytes]) -> bytes:
    parts, left = [], most_bytes(path)
    while chunk := source.read(CHUNK):
        parts.append(chunk)
        left -= len(chunk)
        if left < 0:
            raise DataError(too_many_bytes(path, most_bytes(path)))
    return b"".join(parts)


class _Stream:
    """A file read item by item."""

    def __init__(self, content: bytes, encoding: str) -> None:
        self.content, self.at = content, 0
        self.native = encoding or "utf-8"
        self.declared = bool(encoding)
        self.references: list[Any] = []
        self.known: dict[tuple[bytes, int], str] = {}
        self.depth = 0

    def integer(self) -> int:
        """Read the next four bytes."""
        return int.from_bytes(self.take(4), "big", signed=True)

    def take(self, size: int) -> bytes:
        """Read some bytes, which have to be there."""
        if not 0 <= size <= len(self.content) - self.at:
            raise EOFError("it was cut short")
        self.at += size
        return self.content[self.at - size : self.at]

    def header(self) -> None:
        """Read the versions; from the third on, the encoding of texts that do not say theirs."""
        version, _, _ = self.integer(), self.integer(), self.integer()
        if version not in (2, 3):
            raise ValueError(f"its version {version} is not known")
        if version == 3:
            native = self.take(self.integer()).decode("ascii", "replace")
            self.native = self.native if self.declared else native

    def item(self) -> Any:
        """Read an object."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise ValueError("its lists are nested too deeply")
        try:
            return self._item(self.integer())
        finally:
            self.depth -= 1

    def _item(self, flags: int) -> Any:
        kind = flags & 0xFF
        if kind == NIL or kind in PLACES:
            return RObject()
        if kind == REFERENCE:
            number = (flags >> 8) or self.integer()
            return self.references[number - 1]
        if kind == SYMBOL:
            name = self.string(self.integer())
            self.references.append(name)
            return name
        if kind in (PAIRS, CALL, CLOSURE, PROMISE, DOTS):
            return self.pairs(flags)
        if kind == STRING:
            return self.string(flags)
        if kind == ALTREP:
            return self.by_rule()
        if kind in NUMBERS or kind in (TEXTS, LIST, EXPRESSION):
            return self.vector(kind, flags)
        return self.other(kind, flags)

    def other(self, kind: int, flags: int) -> RObject:
        """Pass over what holds no data."""
        made = RObject()
        if kind in NAMESPACES:
            self.integer()
            for _ in range(self.integer()):
                self.item()
            self.references.append(made)
        elif kind == ENVIRONMENT:
            self.integer()
            self.references.append(made)
            for _ in range(4):
                self.item()
        elif kind in (POINTER, WEAK):
            self.references.append(made)
            for _ in range(2 if kind == POINTER else 0):
                self.item()
            self.attributes(flags)
        elif kind in (SPECIAL, BUILTIN):
            self.take(self.integer())
        elif kind == S4:
            self.attributes(flags)
        elif kind == COMPILED:
            self.integer()
            self.compiled()
            self.attributes(flags)
        else:
            raise ValueError(f"it holds an object of a kind that is not known ({kind})")
        return made

    def compiled(self) -> None:
        """Pass over a function that R has compiled: its code, and the constants in it."""
        self.item()
        for _ in range(self.integer()):
            kind = self.integer()
            if kind == COMPILED:
                self.compiled()
            else:
                self.constant(kind)

    def constant(self, kind: int) -> None:
        """Pass over a constant of compiled code; calls among them are written in a form of their own."""
        while kind in (CALL, PAIRS, *CALLS_WITH_ATTRIBUTES, DEFINED):
            if kind == DEFINED:
                self.integer()
                kind = self.integer()
            if kind in CALLS_WITH_ATTRIBUTES:
                self.item()
            self.item()
            self.inner(self.integer())
            kind = self.integer()
        if kind == DEFINED_BEFORE:
            self.integer()
        else:
            self.item()

    def inner(self, kind: int) -> None:
        """Pass over a constant within another."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise ValueError("its code is nested too deeply")
        self.constant(kind)
        self.depth -= 1

    def string(self, flags: int) -> str | None:
        """A text; None for a missing one."""
        size = self.integer()
        if size == -1:
            return None
        content, levels = self.take(size), flags >> 12 & (LATIN | UTF)
        found = self.known.get((content, levels))
        if found is None:
            codec = "utf-8" if levels & UTF else "latin-1" if levels & LATIN else self.native
            found = self.known[content, levels] = _decoded(content, codec)
        return found

    def length(self) -> int:
        """How many values follow."""
        size = self.integer()
        return size if size != -1 else self.integer() << 32 | self.integer() & 0xFFFFFFFF

    def vector(self, kind: int, flags: int) -> RObject:
        """Numbers, texts or a list, and the attributes behind them."""
        size = self.length()
        made = RObject(is_logical=kind == LOGICAL)
        if kind in NUMBERS:
            dtype = np.dtype(NUMBERS[kind])
            made.value = np.frombuffer(self.take(size * dtype.itemsize), dtype)
        elif 4 * size > len(self.content) - self.at:
            raise EOFError("it was cut short")
        elif kind == TEXTS:
            made.value = [self.string(self.integer()) for _ in range(size)]
        else:
            made.value = [self.item() for _ in range(size)]
        made.attributes = self.attributes(flags)
        return made

    def attributes(self, flags: int) -> dict[str, RObject]:
        """What is said of an object, where something is."""
        if not flags & HAS_ATTRIBUTES:
            return {}
        pairs = self.item()
        values = pairs.value if isinstance(pairs, RObject) else None
        if not isinstance(values, list):
            return {}
        return {
            tag: own
            for tag, own in zip(pairs.tags, values, strict=False)
            if isinstance(own, RObject)
        }

    def pairs(self, flags: int) -> RObject:
        """A list of pairs, one after the other."""
        made = RObject([])
        while flags & 0xFF in (PAIRS, CALL, CLOSURE, PROMISE, DOTS):
            if flags & HAS_ATTRIBUTES:
                self.item()
            tag = self.item() if flags & HAS_TAG else ""
            made.tags.append(tag if isinstance(tag, str) else "")
            made.value.append(self.item())
            flags = self.integer()
        if flags & 0xFF != NIL:
            self._item(flags)
        return made

    def by_rule(self) -> RObject:
        """A vector that is stated by a rule."""
        about, state, given = self.item(), self.item(), self.item()
        name = about.value[0] if about.value else ""
        made = RObject()
        inner = state.value if isinstance(state.value, list) else []
        if name in ("compact_intseq", "compact_realseq"):
            count, start, step = (float(part) for part in state.value[:3])
            if not 0 <= count <= MOST_BY_RULE:
                raise ValueError(f"it states {count:g} numbers by a rule")
            made.value = start + step * np.arange(int(count))
        elif name == "deferred_string" and inner:
            made.value = [_plain(number) for number in inner[0].value.tolist()]
        elif str(name).startswith("wrap_") and inner:
            made = RObject(inner[0].value, dict(inner[0].attributes))
        else:
            raise ValueError(f'it holds a vector of a kind that is not known ("{name}")')
        values = given.value if isinstance(given.value, list) else []
        made.attributes |= {t: own for t, own in zip(given.tags, values, strict=False) if t}
        return made


def _decoded(content: bytes, codec: str) -> str:
    try:
        return content.decode(codec)
    except (LookupError, UnicodeDecodeError):
        return content.decode("cp1252", "replace")


def _plain(number: float) -> str | None:
    """A number as R writes it as text."""
    if number != number or number == -(1 << 31):
        return None
    return str(int(number)) if float(number).is_integer() else f"{number:.15g}"
