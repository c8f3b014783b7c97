"""Regular delimited text parsed all at once by Arrow, where it is installed.

Only text that a strict reader and Arrow must read alike is taken: quotation marks that open and close
whole cells, and rows as long as the header. Everything else is read row by row, where its faults are named.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from conjoint.read.column import Codes

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    import numpy.typing as npt

    from conjoint.typing import BoolArray, IntArray

__all__ = ["parse_regular"]

QUOTE, BREAK = ord('"'), ord("\n")

LONGEST = 131_072
"""Bytes of a cell from which Python's reader takes a quotation mark for one that never ends."""

Columns: TypeAlias = "tuple[list[Codes[str]], list[npt.NDArray[np.int32]]]"


def parse_regular(
    path: Path, codec: str, delimiter: str, names: int, header: int
) -> Columns | None:
    """Read the rows below the header, or None where they have to be read one by one.

    Parameters
    ----------
    names
        How many columns the header has.
    header
        How many records stand above the rows, blank ones among them.

    Returns
    -------
    texts and codes, or None
        By column its texts, numbered as they come, and for each row the number of its text.
    """
    content = _as_utf8(path, codec)
    bounds = _record_ends(content, delimiter)
    if names < 2 or bounds is None or len(bounds) <= header or _is_mostly_blank(bounds):
        return None
    try:
        from pyarrow import ArrowInvalid, csv, dictionary, int32, py_buffer, string
    except ImportError:
        return None
    keys = [str(column) for column in range(names)]
    start = int(bounds[header - 1]) + 1
    if content.startswith(BOM_UTF8, start):  # which Arrow would leave out
        return None
    try:
        table = csv.read_csv(
            py_buffer(memoryview(content)[start:]),
            csv.ReadOptions(column_names=keys),
            csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, ignore_empty_lines=False
            ),
            csv.ConvertOptions(
                column_types=dict.fromkeys(keys, dictionary(int32(), string())),
                strings_can_be_null=False,
            ),
        )
    except ArrowInvalid:  # a row longer or shorter than the header
        return None
    if table.num_rows != len(bounds) - header:
        return None
    irregular = len(bounds) < content.count(b"\n") or np.diff(bounds).max() > LONGEST // 4
    books, codes = [], []
    for column in table.unify_dictionaries().columns:
        book, code = _codes(column)
        if irregular and any(_is_odd(text, delimiter, names) for text in book):
            return None
        books.append(book)
        codes.append(code)
    return books, codes


def _as_utf8(path: Path, codec: str) -> bytes:
    """The file as UTF-8 without a mark."""
    content = path.read_bytes()
    if codec == "utf-8":
        return content
    return content.decode(codec).encode("utf-8")


def _record_ends(content: bytes, delimiter: str) -> IntArray | None:
    """Where each record ends; None where a mark or a line break is not as every reader takes it."""
    if len(delimiter.encode()) > 1 or content.count(b"\r") != content.count(b"\r\n"):
        return None
    signs = np.frombuffer(content, np.uint8)
    ends = np.flatnonzero(signs == BREAK)
    marks = np.flatnonzero(signs == QUOTE) if b'"' in content else ends[:0]
    if len(marks):
        if len(marks) % 2 or not _are_paired(signs, marks, delimiter):
            return None
        ends = ends[np.searchsorted(marks, ends) % 2 == 0]
    if len(content) and (not len(ends) or ends[-1] != len(content) - 1):
        ends = np.append(ends, len(content))
    return ends


def _is_mostly_blank(bounds: IntArray) -> bool:
    """Whether most lines are blank: Arrow would make cells of each in every column."""
    return bool(np.count_nonzero(np.diff(bounds) <= len("\r\n")) > max(1000, len(bounds) // 2))


def _are_paired(signs: npt.NDArray[np.uint8], marks: IntArray, delimiter: str) -> bool:
    """Whether every mark opens a cell, closes one, or is half of a doubled one."""
    edges = np.zeros(256, dtype=bool)
    edges[[QUOTE, BREAK, ord("\r"), ord(delimiter)]] = True
    opening, closing = marks[::2], marks[1::2]
    before = edges[signs[np.maximum(opening - 1, 0)]] | (opening == 0)
    after: BoolArray = edges[signs[np.minimum(closing + 1, len(signs) - 1)]]
    return bool(before.all() and after.all())


def _codes(column: Any) -> tuple[Codes[str], npt.NDArray[np.int32]]:
    """The texts of a column of one dictionary, in the order in which they come, and each row's."""
    parts = [np.asarray(chunk.indices) for chunk in column.chunks]
    texts = column.chunk(0).dictionary.to_pylist() if parts else []
    codes = np.concatenate(parts) if parts else np.empty(0, np.int32)
    return Codes(zip(texts, range(len(texts)), strict=True)), codes


def _is_odd(text: str, delimiter: str, names: int) -> bool:
    """Whether a cell may have swallowed rows, as a reader of rows says."""
    return len(text) > LONGEST // 4 or ("\n" in text and text.count(delimiter) >= names - 1)
