"""Ways in which exports get spoiled, and what each spoiled file says.

A mutation of the grid alters cells, rows or columns before a file is written in any format; one of
the bytes alters what was written. `Spoiled.truths` are the readings that are right, none where the
file has to be refused.
"""

from __future__ import annotations

import codecs
import csv
import io
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from fuzz_exports import (
    COLOURS,
    PARTIES,
    PRICES,
    PROMISES,
    Grid,
    Truth,
    UnreadableError,
    long,
    what_it_says,
    wide,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DELIMITERS = (",", ";", "\t", "|")

MOST_IN_A_CELL = 32767
"""Characters that Excel keeps of a text; openpyxl cuts off the rest as it writes."""


@dataclass
class Spoiled:
    """A spoiled file.

    `truths` may be read without a word, `noted` with a note of the reader's; where `must` is set a
    refusal is wrong.
    """

    name: str
    suffix: str
    content: bytes
    truths: list[Truth]
    noted: list[Truth] = field(default_factory=list)
    must: bool = False


class UnwritableError(Exception):
    """A format cannot hold the grid."""


# --- Grids into files -----------------------------------------------------------------------------


def as_csv(
    grid: Grid, delimiter: str = ",", end: str = "\n", quoting: int = csv.QUOTE_MINIMAL
) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(
        [grid.header, *grid.rows]
    )
    return text.getvalue()


def as_xlsx(grid: Grid, rng: np.random.Generator, formula: tuple[int, int] | None = None) -> bytes:
    """A workbook; numbers of some columns are numbers. `formula` has a cell that is to be computed."""
    import openpyxl
    from openpyxl.utils.exceptions import IllegalCharacterError

    book = openpyxl.Workbook(write_only=False)
    sheet = book.active
    typed = {place for place in range(len(grid.header)) if rng.random() < 0.5}
    for y, row in enumerate([grid.header, *grid.rows]):
        for x, text in enumerate(row):
            if text == "" or x > 16000:
                continue
            if len(text) > MOST_IN_A_CELL:
                raise UnwritableError
            plain = y > 0 and x in typed and text.isdecimal() and text.isascii() and text[0] != "0"
            cell = sheet.cell(y + 1, x + 1)
            try:
                cell.value = int(text) if plain and len(text) < 15 else text
            except (IllegalCharacterError, ValueError) as error:
                raise UnwritableError from error
            if isinstance(cell.value, str):
                cell.data_type = "s"
    if formula is not None:
        sheet.cell(formula[0] + 2, formula[1] + 1).value = "=1+1"
    out = io.BytesIO()
    book.save(out)
    book.close()
    return out.getvalue()


def as_sav(grid: Grid, rng: np.random.Generator, place: Path) -> bytes:
    """An SPSS file; attributes, answers and some numbers are numbers with labels."""
    import pyreadstat

    names = grid.header
    if len({name.lower() for name in names}) < len(names) or {len(row) for row in grid.rows} != {
        len(names)
    }:
        raise UnwritableError
    columns, labels = {}, {}
    for x, name in enumerate(names):
        cells = [row[x] for row in grid.rows]
        if not name or not all(c.isalnum() or c == "_" for c in name) or not name[0].isalpha():
            raise UnwritableError
        if any("\0" in cell or len(cell) > 30_000 for cell in cells):
            raise UnwritableError
        if any(cell != cell.strip() for cell in cells) or name in ("id", "w", "comment", "warmth"):
            columns[name] = cells
        elif rng.random() < 0.7:
            texts = list(dict.fromkeys(cell for cell in cells if cell))
            labels[name] = {float(code): text for code, text in enumerate(texts, start=1)}
            columns[name] = [texts.index(cell) + 1.0 if cell else np.nan for cell in cells]
            if any(len(text.encode()) > 100 for text in texts):
                raise UnwritableError
        else:
            columns[name] = cells
    path = place / "written.sav"
    try:
        pyreadstat.write_sav(pd.DataFrame(columns), str(path), variable_value_labels=labels)
    except Exception as error:
        raise UnwritableError from error
    return path.read_bytes()


# --- Mutations of cells, rows and columns -----------------------------------------------------------

LOOK_ALIKE = {
    "a": "а", "e": "е", "o": "о", "A": "А", "B": "В", "N": "Ν", "-": "−", "0": "О", "1": "l",
    "5": "５", "ü": "u\u0308", "“": '"', " ": "\u2009", "y": "у", "%": "％", "i": "і", "s": "ѕ",
}  # fmt: skip
ODD = (
    "9" * 400, "1e400", "1e308", "-1e9", "5e3", "5000.0", "5,000", "5.000", "٥", "0x10", "1_0",
    "nan", "inf", "NULL", "#REF!", "#N/A", "TRUE", "2026-05-11", "1.0", "01", "+1", "1.", " 1 ",
    "=1+1", '=HYPERLINK("x")', "+A1", "@SUM(A1)", "'5000", "1\n", "0", "1", "2", "Deal C", "deal a",
    "\x1b[31mred", "\x07", "\x00", "yes\x00", "None ", "none", "ROT", "\u202erot", "😀", "skip", "DK",
)  # fmt: skip


def cell_of(rng: np.random.Generator, grid: Grid) -> tuple[int, int]:
    return int(rng.integers(len(grid.rows))), int(rng.integers(len(grid.header)))


def filled_cell(rng: np.random.Generator, grid: Grid) -> tuple[int, int]:
    while True:
        y, x = cell_of(rng, grid)
        if len(grid.rows[y]) > x and grid.rows[y][x]:
            return y, x


def look_alike(rng: np.random.Generator, grid: Grid) -> None:
    for _ in range(200):
        y, x = filled_cell(rng, grid)
        found = [place for place, sign in enumerate(grid.rows[y][x]) if sign in LOOK_ALIKE]
        if found:
            place, text = int(rng.choice(found)), grid.rows[y][x]
            grid.rows[y][x] = text[:place] + LOOK_ALIKE[text[place]] + text[place + 1 :]
            return


def invisible(rng: np.random.Generator, grid: Grid) -> None:
    y, x = filled_cell(rng, grid)
    text, mark = (
        grid.rows[y][x],
        str(rng.choice(["\ufeff", "\u200b", "\u00a0", "\u00ad", "\u200e"])),
    )
    place = int(rng.integers(len(text) + 1))
    grid.rows[y][x] = text[:place] + mark + text[place:]


def invisible_header(rng: np.random.Generator, grid: Grid) -> None:
    x = int(rng.integers(len(grid.header)))
    grid.header[x] = str(rng.choice(["\ufeff", "\u200b"])) + grid.header[x]


def odd_cell(rng: np.random.Generator, grid: Grid) -> None:
    y, x = cell_of(rng, grid)
    grid.rows[y][x] = ODD[int(rng.integers(len(ODD)))]


def odd_column(rng: np.random.Generator, grid: Grid) -> None:
    x, text = int(rng.integers(len(grid.header))), ODD[int(rng.integers(len(ODD)))]
    for row in grid.rows:
        row[x] = text


def other_case(rng: np.random.Generator, grid: Grid) -> None:
    y, x = filled_cell(rng, grid)
    grid.rows[y][x] = grid.rows[y][x].swapcase()


def emptied(rng: np.random.Generator, grid: Grid) -> None:
    y, x = filled_cell(rng, grid)
    grid.rows[y][x] = ""


def another_answer(rng: np.random.Generator, grid: Grid) -> None:
    y, x = filled_cell(rng, grid)
    known = [*PRICES, *COLOURS, *PROMISES, *PARTIES, "Deal A", "Deal B", "yes", "no", "0", "1"]
    grid.rows[y][x] = known[int(rng.integers(len(known)))]


def padded(rng: np.random.Generator, grid: Grid) -> None:
    for _ in range(10):
        y, x = filled_cell(rng, grid)
        grid.rows[y][x] = f"  {grid.rows[y][x]}\t"


def much_text(rng: np.random.Generator, grid: Grid) -> None:
    y, _ = cell_of(rng, grid)
    grid.rows[y][grid.place("comment")] = "so, " * 25_000


def much_text_anywhere(rng: np.random.Generator, grid: Grid) -> None:
    y, x = cell_of(rng, grid)
    grid.rows[y][x] = "so; " * int(rng.integers(100, 20_000))


def line_break(rng: np.random.Generator, grid: Grid) -> None:
    y, x = filled_cell(rng, grid)
    text = grid.rows[y][x]
    place = int(rng.integers(len(text) + 1))
    grid.rows[y][x] = text[:place] + str(rng.choice(["\n", "\r\n", "\r"])) + text[place:]


def shifted_right(rng: np.random.Generator, grid: Grid) -> None:
    y, x = cell_of(rng, grid)
    grid.rows[y] = [*grid.rows[y][:x], "", *grid.rows[y][x:-1]]


def shifted_left(rng: np.random.Generator, grid: Grid) -> None:
    y, x = cell_of(rng, grid)
    grid.rows[y] = [*grid.rows[y][:x], *grid.rows[y][x + 1 :], ""]


def all_shifted(rng: np.random.Generator, grid: Grid) -> None:
    x = int(rng.integers(len(grid.header)))
    for row in grid.rows:
        row[:] = [*row[:x], *row[x + 1 :], row[x]]


def cut_row(rng: np.random.Generator, grid: Grid) -> None:
    y, x = cell_of(rng, grid)
    grid.rows[y] = grid.rows[y][: x + 1]


def long_row(rng: np.random.Generator, grid: Grid) -> None:
    grid.rows[cell_of(rng, grid)[0]].append(str(rng.choice(["", "x", "5000"])))


def row_twice(rng: np.random.Generator, grid: Grid) -> None:
    y = cell_of(rng, grid)[0]
    grid.rows.insert(int(rng.integers(len(grid.rows) + 1)), [*grid.rows[y]])


def row_gone(rng: np.random.Generator, grid: Grid) -> None:
    del grid.rows[cell_of(rng, grid)[0]]


def rows_shuffled(rng: np.random.Generator, grid: Grid) -> None:
    grid.rows = [grid.rows[y] for y in rng.permutation(len(grid.rows))]


def blank_rows(rng: np.random.Generator, grid: Grid) -> None:
    for _ in range(3):
        row = [str(rng.choice(["", " "]))] * len(grid.header)
        grid.rows.insert(int(rng.integers(len(grid.rows) + 1)), row)


def header_again(rng: np.random.Generator, grid: Grid) -> None:
    grid.rows.insert(int(rng.integers(len(grid.rows) + 1)), [*grid.header])


def totals(rng: np.random.Generator, grid: Grid) -> None:
    grid.rows.append(["Total", *(str(rng.choice(["", "12"])) for _ in grid.header[1:])])


def two_columns(rng: np.random.Generator, grid: Grid) -> tuple[int, int]:
    first, second = rng.choice(len(grid.header), 2, replace=False)
    return int(first), int(second)


def columns_moved(rng: np.random.Generator, grid: Grid) -> None:
    order = rng.permutation(len(grid.header))
    grid.header = [grid.header[x] for x in order]
    grid.rows = [[row[x] for x in order] for row in grid.rows]


def cells_swapped(rng: np.random.Generator, grid: Grid) -> None:
    a, b = two_columns(rng, grid)
    for row in grid.rows:
        row[a], row[b] = row[b], row[a]


def like_cells_swapped(rng: np.random.Generator, grid: Grid) -> None:
    """Columns that hold the same kind of answers."""
    kind = str(rng.choice(["price", "colour", "promise"]))
    places = [x for x, name in enumerate(grid.header) if name.endswith(kind)]
    if len(places) > 1:
        a, b = (int(x) for x in rng.choice(places, 2, replace=False))
        for row in grid.rows:
            row[a], row[b] = row[b], row[a]


def names_swapped(rng: np.random.Generator, grid: Grid) -> None:
    a, b = two_columns(rng, grid)
    grid.header[a], grid.header[b] = grid.header[b], grid.header[a]


def name_twice(rng: np.random.Generator, grid: Grid) -> None:
    a, b = two_columns(rng, grid)
    grid.header[a] = grid.header[b]


def column_twice(rng: np.random.Generator, grid: Grid) -> None:
    a, b = two_columns(rng, grid)
    grid.header.insert(b, grid.header[a])
    for row in grid.rows:
        row.insert(b, row[a])


def column_gone(rng: np.random.Generator, grid: Grid) -> None:
    x = int(rng.integers(len(grid.header)))
    del grid.header[x]
    for row in grid.rows:
        del row[x]


def name_gone(rng: np.random.Generator, grid: Grid) -> None:
    grid.header[int(rng.integers(len(grid.header)))] = str(rng.choice(["", "  "]))


def name_altered(rng: np.random.Generator, grid: Grid) -> None:
    x = int(rng.integers(len(grid.header)))
    grid.header[x] = str(
        rng.choice([grid.header[x].upper(), f" {grid.header[x]} ", "x", "respondent"])
    )


def header_gone(rng: np.random.Generator, grid: Grid) -> None:
    grid.header = grid.rows.pop(0)


def more_columns(rng: np.random.Generator, grid: Grid) -> None:
    names = [
        "x",
        "t5_A_price",
        "t1_C_price",
        "=1+1",
        "task",
        "profile",
        "__index__",
        "t{task}_choice",
    ]
    for name in rng.choice(names, 3, replace=False):
        x = int(rng.integers(len(grid.header) + 1))
        grid.header.insert(x, str(name))
        for row in grid.rows:
            row.insert(x, str(rng.choice(["", "1", "rot", "=1+1", "x" * 100])))


def ten_thousand_columns(rng: np.random.Generator, grid: Grid) -> None:
    grid.header += [f"more_{x}" for x in range(10_000)]
    for row in grid.rows:
        row += ["1"] * 10_000


Alter = "Callable[[np.random.Generator, Grid], None]"

GRIDS: tuple[Alter, ...] = (
    look_alike, invisible, invisible_header, odd_cell, odd_cell, odd_column, other_case, emptied,
    another_answer, another_answer, padded, much_text, much_text_anywhere, line_break,
    shifted_right, shifted_left, all_shifted, cut_row, long_row, row_twice, row_gone, rows_shuffled,
    blank_rows, header_again, totals, columns_moved, cells_swapped, like_cells_swapped,
    names_swapped, name_twice, column_twice, column_gone, name_gone, name_altered, header_gone,
    more_columns,
)  # fmt: skip


# --- Mutations of bytes ---------------------------------------------------------------------------


def cut(rng: np.random.Generator, content: bytes) -> bytes:
    return content[: int(rng.integers(len(content)))]


def cut_at_a_line(rng: np.random.Generator, content: bytes) -> bytes:
    lines = content.splitlines(keepends=True)
    return b"".join(lines[: int(rng.integers(1, len(lines)))])


def beheaded(rng: np.random.Generator, content: bytes) -> bytes:
    return content[int(rng.integers(len(content))) :]


def flipped(rng: np.random.Generator, content: bytes) -> bytes:
    spoilt = bytearray(content)
    for place in rng.integers(len(spoilt), size=int(rng.integers(1, 4))):
        spoilt[place] ^= 1 << int(rng.integers(8))
    return bytes(spoilt)


def insert(rng: np.random.Generator, content: bytes, what: bytes) -> bytes:
    place = int(rng.integers(len(content) + 1))
    return content[:place] + what + content[place:]


def zeros(rng: np.random.Generator, content: bytes) -> bytes:
    return insert(rng, content, bytes(int(rng.choice([1, 2, 512]))))


def zeroed(rng: np.random.Generator, content: bytes) -> bytes:
    place, size = int(rng.integers(len(content))), int(rng.choice([1, 16, 4096]))
    gone = len(content[place : place + size])
    return content[:place] + bytes(gone) + content[place + gone :]


def noise(rng: np.random.Generator, content: bytes) -> bytes:
    return insert(rng, content, rng.bytes(int(rng.integers(1, 40))))


def mark_amid(rng: np.random.Generator, content: bytes) -> bytes:
    return insert(rng, content, codecs.BOM_UTF8)


def mark_at_a_line(rng: np.random.Generator, content: bytes) -> bytes:
    lines = content.split(b"\n")
    place = int(rng.integers(len(lines)))
    lines[place] = codecs.BOM_UTF8 + lines[place]
    return b"\n".join(lines)


def slice_gone(rng: np.random.Generator, content: bytes) -> bytes:
    place = int(rng.integers(len(content)))
    return content[:place] + content[place + int(rng.integers(1, 200)) :]


def slice_twice(rng: np.random.Generator, content: bytes) -> bytes:
    place = int(rng.integers(len(content)))
    end = place + int(rng.integers(1, 400))
    return content[:end] + content[place:]


def quote_more(rng: np.random.Generator, content: bytes) -> bytes:
    return insert(rng, content, b'"')


def quote_at_a_cell(rng: np.random.Generator, content: bytes) -> bytes:
    commas = [place for place, sign in enumerate(content) if sign == ord(",")]
    place = int(rng.choice(commas)) + int(rng.integers(2))
    return content[:place] + b'"' + content[place:]


def quotes_around_lines(rng: np.random.Generator, content: bytes) -> bytes:
    """Two marks that make one cell of all that stands between them, whole lines among it."""
    lines = content.split(b"\n")
    first = int(rng.integers(1, len(lines) - 2))
    last = int(rng.integers(first + 1, len(lines) - 1))
    place = int(rng.integers(lines[1].count(b",")))
    cells, ends = lines[first].split(b","), lines[last].split(b",")
    if min(len(cells), len(ends)) <= place:
        return content
    cells[place], ends[place] = b'"' + cells[place], ends[place] + b'"'
    lines[first], lines[last] = b",".join(cells), b",".join(ends)
    return b"\n".join(lines)


def quote_less(rng: np.random.Generator, content: bytes) -> bytes:
    marks = [place for place, sign in enumerate(content) if sign == ord('"')]
    if not marks:
        return content
    place = int(rng.choice(marks))
    return content[:place] + content[place + 1 :]


def delimiters_mixed(rng: np.random.Generator, content: bytes) -> bytes:
    mark = str(rng.choice([";", "\t", "|"])).encode()
    return b"\n".join(
        line.replace(b",", mark) if rng.random() < 0.4 else line for line in content.split(b"\n")
    )


def delimiters_mixed_within(rng: np.random.Generator, content: bytes) -> bytes:
    spoilt = bytearray(content)
    commas = [place for place, sign in enumerate(content) if sign == ord(",")]
    for place in rng.choice(commas, 3):
        spoilt[int(place)] = ord(";")
    return bytes(spoilt)


def ends_mixed(rng: np.random.Generator, content: bytes) -> bytes:
    ends = [b"\n", b"\r\n", b"\r"]
    return b"".join(
        line + ends[int(rng.integers(3))] for line in content.rstrip(b"\n").split(b"\n")
    )


def half_in_another_encoding(rng: np.random.Generator, content: bytes) -> bytes:
    lines = content.decode().split("\n")
    place = int(rng.integers(1, len(lines)))
    first, second = "\n".join(lines[:place]) + "\n", "\n".join(lines[place:])
    return first.encode() + second.encode("cp1252")


def encoded_twice(rng: np.random.Generator, content: bytes) -> bytes:
    return content.decode().encode().decode("latin-1").encode()


def encoded(rng: np.random.Generator, content: bytes) -> bytes:
    codec = str(rng.choice([
        "cp1252", "latin-1", "mac_roman", "cp437", "utf-7", "utf-16", "utf-16-le", "utf-16-be",
        "utf-32", "utf-8-sig", "cp850", "cp1250", "cp1257", "shift_jis", "big5", "cp037",
    ]))  # fmt: skip
    return content.decode().encode(codec, errors="replace")


def no_table(rng: np.random.Generator, content: bytes) -> bytes:
    found = [
        b"", b"\n", b" ", codecs.BOM_UTF8, codecs.BOM_UTF16_LE, b"\0" * 100, rng.bytes(2000),
        b"\x89PNG\r\n\x1a\n" + rng.bytes(200), b"<!doctype html><html><body>Log in</body></html>",
        b'[{"id": 1, "price": "5000"}]', b"PK\x03\x04" + rng.bytes(100), b'"', b'"""', b",,,\n,,,",
        b"id\n", b"id,w\n1,1\n", b"\x1f\x8b\x08" + rng.bytes(100), b"$FL2" + rng.bytes(500),
        content.split(b"\n")[0], b"a" * 300_000, b"," * 50_000,
    ]  # fmt: skip
    return found[int(rng.integers(len(found)))]


BYTES = (
    cut, cut, cut_at_a_line, beheaded, flipped, flipped, flipped, zeros, zeroed, noise, mark_amid,
    mark_at_a_line, slice_gone, slice_gone, slice_twice, quote_more, quote_at_a_cell,
    quotes_around_lines, quote_less, delimiters_mixed, delimiters_mixed_within, ends_mixed,
    half_in_another_encoding, encoded_twice, encoded, no_table,
)  # fmt: skip


# --- What a file of bytes says --------------------------------------------------------------------

MARKED = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
GUESSED = (
    "cp1252", "latin-1", "mac_roman", "cp850", "cp437", "cp1250", "cp1257", "cp1254", "cp1258",
    "utf-16-le", "utf-16-be", "gb18030", "big5", "cp932", "cp949", "utf-7", "cp1251", "koi8_r",
)  # fmt: skip


def readings(content: bytes, layout: str, codec: str) -> list[Truth]:
    """What delimited text says, by each delimiter by which it says anything."""
    found = []
    try:
        text = content.decode(codec)
    except UnicodeError:
        return []
    for delimiter in DELIMITERS:
        try:
            source = io.StringIO(text, newline="")
            records = list(csv.reader(source, delimiter=delimiter, strict=True))
            filled = [record for record in records if any(map(str.strip, record))]
            if filled:
                found.append(what_it_says(Grid(layout, filled[0], filled[1:])))
        except (csv.Error, UnreadableError):
            continue
    return found


def said_by_bytes(content: bytes, layout: str) -> tuple[list[Truth], list[Truth]]:
    """The readings of a text file, and those that suppose an encoding."""
    codec = next((name for mark, name in MARKED if content.startswith(mark)), "utf-8")
    plain = readings(content, layout, codec)
    if plain or codec != "utf-8":
        return plain, []
    return [], [truth for name in GUESSED for truth in readings(content, layout, name)]


# --- One spoiled file -----------------------------------------------------------------------------


def clean(layout: str, seed: int) -> Grid:
    rng = np.random.default_rng([seed, 1])
    return wide(rng) if layout == "wide" else long(rng)


def spoiled_grid(alter: Alter, layout: str, suffix: str, seed: int, place: Path) -> Spoiled | None:
    """A file of an altered grid; None where the format cannot hold it."""
    rng, grid = np.random.default_rng(seed), clean(layout, seed)
    original = what_it_says(grid)
    alter(rng, grid)
    if suffix != ".csv":  # whose rows alone may be of different lengths
        longest = max(map(len, [grid.header, *grid.rows]))
        for row in (grid.header, *grid.rows):
            row += [""] * (longest - len(row))
    try:
        content = written(grid, suffix, rng, place)
    except UnwritableError:
        return None
    truths = said_by_bytes(content, layout)[0] if suffix == ".csv" else readings_of(grid)
    must = len(truths) == 1 and truths[0].must
    return Spoiled(alter.__name__, suffix, content, truths, [original], must)


def readings_of(grid: Grid) -> list[Truth]:
    """What a grid says, as a list of one or none."""
    try:
        return [what_it_says(grid)]
    except UnreadableError:
        return []


def written(grid: Grid, suffix: str, rng: np.random.Generator, place: Path) -> bytes:
    if suffix == ".xlsx":
        return as_xlsx(grid, rng)
    if suffix == ".sav":
        return as_sav(grid, rng, place)
    delimiter = str(rng.choice([",", ";", "\t"]))
    quoting = int(rng.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    return as_csv(grid, delimiter, str(rng.choice(["\n", "\r\n"])), quoting).encode()


def spoiled_bytes(
    alter: Callable[[np.random.Generator, bytes], bytes], layout: str, seed: int
) -> Spoiled:
    """A spoiled file of delimited text."""
    rng, grid = np.random.default_rng(seed), clean(layout, seed)
    content = alter(rng, as_csv(grid).encode())
    truths, noted = said_by_bytes(content, layout)
    must = len(truths) == 1 and truths[0].must
    return Spoiled(alter.__name__, ".csv", content, truths, [*noted, what_it_says(grid)], must)


def spoiled_container(layout: str, suffix: str, seed: int, place: Path) -> Spoiled:
    """A workbook or SPSS file cut short, or with bytes that changed where checksums show it."""
    rng, grid = np.random.default_rng(seed), clean(layout, seed)
    content = written(grid, suffix, rng, place)
    ways = [cut, cut, beheaded, no_table] + [flipped, zeroed, zeros] * (suffix == ".xlsx")
    alter = ways[int(rng.integers(len(ways)))]
    return Spoiled(alter.__name__, suffix, alter(rng, content), [what_it_says(grid)])


def with_formula(layout: str, seed: int) -> Spoiled:
    """A workbook with a cell to be computed that nobody has computed: what it says is not known."""
    rng, grid = np.random.default_rng(seed), clean(layout, seed)
    y, x = filled_cell(rng, grid)
    content = as_xlsx(grid, rng, (y, x))
    truths = readings_of(grid) if grid.header[x] == "comment" else []
    grid.rows[y][x] = ""
    return Spoiled("formula", ".xlsx", content, truths, readings_of(grid))


def in_a_zip(content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("responses.csv", content)
    return out.getvalue()
