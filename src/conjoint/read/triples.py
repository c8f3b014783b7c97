"""Triple-S surveys: definitions in one file (.sss, .xml), records in another (.asc, .csv)."""

from __future__ import annotations

import csv
import re
from contextlib import suppress
from datetime import date, time
from itertools import islice
from pathlib import PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import numpy as np

from conjoint.encoding import find_encoding
from conjoint.errors import DataError, Fault, choices
from conjoint.read.column import Codes
from conjoint.read.definition import Definition, Variable, is_code, plain_code, read_definition
from conjoint.read.grid import assemble
from conjoint.read.labelled import Labelling, labelled_column
from conjoint.source import check_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    import pandas as pd

    from conjoint.read.responses import Responses
    from conjoint.survey import Data
    from conjoint.typing import Integers

    Fields = Callable[[Variable], Sequence[str]]

__all__ = ["read_triples", "triples_beside"]

DEFINITIONS = (".sss", ".xml")
RECORDS = (".asc", ".csv", ".dat", ".txt")
"""Endings of the two files, in the order in which they are looked for."""

NUMBER = re.compile(r"(-?)0*(\d*)(?:\.(\d*))?", re.ASCII)
"""A number as a record holds it."""

LOOKED_AT = 500
"""Records with letters of more than one byte that are looked at, to tell how places are counted."""

MOST = 10


def triples_beside(path: Path) -> Path | None:
    """The other file of a Triple-S survey: that of the records, or of the definitions; if it is there.

    Only the same folder is looked through, whatever the definitions say.
    """
    if path.suffix.lower() not in DEFINITIONS:
        return _beside(path, DEFINITIONS)
    with suppress(DataError, OSError):
        return _records_file(path, read_definition(path))
    return None


def read_triples(path: Path, data: Data) -> Responses:
    """Read a Triple-S survey, by either of its files.

    Codes are read by their labels, or stay codes where `data.values` says so. A variable of several
    answers is a column an answer, ``1`` where it was given, ``0`` where not. Dates and times are in
    ISO's form. Rows are numbered as the records' lines.

    Raises
    ------
    DataError
        The other file is not there, the definitions are damaged or describe a hierarchy, or the
        records do not fit them.
    """
    described = path if path.suffix.lower() in DEFINITIONS else _beside(path, DEFINITIONS)
    if described is None:
        what = "has no definitions beside it"
        expected = f"{path.stem}.sss or {path.stem}.xml in the same folder"
        raise DataError(
            Fault(str(path), what, expected, "Put the file there, and name it instead.")
        )
    found = read_definition(described)
    records = _records_file(described, found) if described == path else path
    if records is None:
        named = _safe(found.href) or f"{path.stem}.{'csv' if found.csv else 'asc'}"
        what, expected = "has no file of records beside it", f"{named} in the same folder"
        raise DataError(Fault(str(path), what, expected, "Put it there."))
    check_file(records)
    codec, notes = _encoding(records, found, data)
    fields, rows, more = _fields(records, codec, found, data)
    reader = _Reader(records, rows, data, csv=found.csv)
    for variable in found.variables:
        reader.take(variable, fields(variable))
    faults = [*reader.faults[:MOST], *reader.labelling.faults(path)]
    if faults:
        raise DataError(*faults)
    notes = [*notes, *more, *reader.notes(), *reader.labelling.notes(path)]
    return assemble(
        path,
        reader.names,
        reader.columns,
        rows,
        header=0,
        notes=notes,
        typed=True,
        labels=reader.labels,
        missing=reader.labelling.missing,
        answers=reader.labelling.answers,
        sets=reader.sets,
    )


# --- The two files --------------------------------------------------------------------------------


def _beside(path: Path, endings: Sequence[str]) -> Path | None:
    """A file of the same name with one of these endings, in whatever letters."""
    with suppress(OSError):
        near = {
            own.suffix.lower(): own
            for own in sorted(path.parent.iterdir())
            if own.stem.lower() == path.stem.lower() and own != path and own.is_file()
        }
        return next((near[ending] for ending in endings if ending in near), None)
    return None


def _safe(href: str) -> str:
    """The name of a file, without whatever folder or address stands before it."""
    return PurePosixPath(PureWindowsPath(unquote(href)).as_posix()).name


def _records_file(path: Path, found: Definition) -> Path | None:
    named = path.parent / _safe(found.href) if _safe(found.href) else None
    if named is not None and named != path and named.is_file():
        return named
    return _beside(path, (".csv", *RECORDS) if found.csv else RECORDS)


def _encoding(records: Path, found: Definition, data: Data) -> tuple[str, list[str]]:
    """The records' encoding: the one declared, UTF-8 where it is, or that of the definitions."""
    codec, notes = find_encoding(records, data.encoding)
    if notes and not found.encoding.startswith("utf"):
        with suppress(DataError):
            return find_encoding(records, found.encoding)
    return codec, notes


def _fields(
    path: Path, codec: str, found: Definition, data: Data
) -> tuple[Fields, list[int], list[str]]:
    """What gives a variable's field of every record; the records' numbers; and notes."""
    if found.csv:
        return *_separated(path, codec, found, data), []
    lines = _lines(path, codec)[found.skip :]
    rows = [*range(found.skip + 1, found.skip + 1 + len(lines))]
    wide = [line for line in lines if not line.isascii()]
    if codec.startswith("utf-8") and wide and _counts_bytes(wide, found.variables):
        raw = [line.encode().decode("latin-1") for line in lines]

        def by_byte(variable: Variable) -> Sequence[str]:
            cut = [line[variable.start - 1 : variable.finish] for line in raw]
            return [part.encode("latin-1").decode("utf-8", "replace") for part in cut]

        note = (
            f"{path.name}: its places are counted in bytes, as they fit the definitions so alone."
        )
        return by_byte, rows, [note]

    def by_letter(variable: Variable) -> Sequence[str]:
        return [line[variable.start - 1 : variable.finish] for line in lines]

    return by_letter, rows, []


def _lines(path: Path, codec: str) -> list[str]:
    text = path.read_bytes().decode(codec)
    for end in ("\r\n", "\n\r", "\r"):
        text = text.replace(end, "\n")
    return text.removesuffix("\x1a").removesuffix("\n").split("\n")


def _counts_bytes(lines: Sequence[str], variables: Sequence[Variable]) -> bool:
    """Whether more fields hold what they should when places are counted in bytes, not in letters."""
    looked = lines[:LOOKED_AT]

    def misread(records: Sequence[str]) -> int:
        return sum(
            not _fits(own, line[own.start - 1 : own.finish].strip())
            for own in variables
            for line in records
        )

    return misread(looked) > misread([line.encode().decode("latin-1") for line in looked])


def _fits(variable: Variable, text: str) -> bool:
    """Whether a field could hold a text."""
    if not text or variable.sort == "character":
        return True
    match variable.sort:
        case "logical":
            return text[-1] in "01"
        case "date" | "time":
            return not READERS[variable.sort](variable, text).isdecimal()
        case "single" if not variable.top:
            return plain_code(text, literal=variable.literal) in variable.values
        case "multiple":
            return re.fullmatch("[ 0-9]*", text) is not None
        case _:
            return NUMBER.fullmatch(text) is not None


def _separated(path: Path, codec: str, found: Definition, data: Data) -> tuple[Fields, list[int]]:
    """The records of a CSV file."""
    needed = max(variable.start for variable in found.variables)
    columns: list[list[str]] = [[] for _ in range(needed)]
    rows: list[int] = []
    short: list[int] = []
    with path.open(encoding=codec, newline="") as file:
        reader = csv.reader(
            file, delimiter=data.delimiter or ",", skipinitialspace=True, strict=True
        )
        try:
            for row, cells in enumerate(islice(reader, found.skip, None), start=found.skip + 1):
                if not any(cells):
                    continue
                if len(cells) < needed:
                    short.append(row)
                    continue
                rows.append(row)
                for column, cell in zip(columns, cells, strict=False):
                    column.append(cell)
        except csv.Error as error:
            where = f"{path}, row {found.skip + len(rows) + 1}"
            what = f"cannot be read: {error}"
            do = "Mend the row, or export the file again."
            raise DataError(Fault(where, what, "comma-separated values", do)) from error
    if short:
        more = f" (and {len(short) - 1:,} more rows)" if len(short) > 1 else ""
        what = f"has fewer fields than the definitions name{more}"
        raise DataError(
            Fault(f"{path}, row {short[0]}", what, f"{needed} or more", "Export it again.")
        )
    return (lambda variable: columns[variable.start - 1]), rows


# --- Fields as columns --------------------------------------------------------------------------


class _Reader:
    """Columns made of variables, with what is said of them."""

    def __init__(self, path: Path, rows: Sequence[int], data: Data, *, csv: bool) -> None:
        self.path, self.rows, self.data, self.csv = path, rows, data, csv
        self.names: list[str] = []
        self.columns: list[pd.Categorical] = []
        self.labels: dict[str, str] = {}
        self.sets: dict[str, tuple[str, tuple[str, ...]]] = {}
        self.labelling = Labelling()
        self.faults: list[Fault] = []
        self.undated: list[str] = []

    def take(self, variable: Variable, fields: Sequence[str]) -> None:
        """Make the column of a variable, or its columns."""
        book: Codes[str] = Codes()
        codes = np.fromiter(map(book.__getitem__, fields), np.int32, len(fields))
        if variable.sort == "multiple":
            self._several(variable, list(book), codes)
            return
        read = READERS.get(variable.sort, _as_it_is)
        texts = [read(variable, text) for text in book]
        if variable.sort in ("date", "time") and any("".join(t.split()).isdecimal() for t in texts):
            self.undated.append(variable.name)
        labels: dict[Any, str] = {**variable.values}
        cells: list[Any] = [*texts]
        if variable.sort == "single" and not variable.literal:
            # As numbers: it is said of those that they have no label.
            labels = {_number(code): label for code, label in labels.items()}
            cells = [_number(text) for text in texts]
        elif variable.sort == "quantity":
            labels = {_quantity(variable, code): label for code, label in labels.items()}
        self._add(variable.name, variable.label, [cells[code] for code in codes], labels)

    def _add(self, name: str, label: str, cells: Sequence[Any], labels: dict[Any, str]) -> None:
        column = labelled_column(cells, labels, [], name, self.data, self.labelling)
        self.names.append(name)
        self.columns.append(column)
        if label:
            self.labels[name] = label

    def _several(self, variable: Variable, texts: list[str], codes: Integers) -> None:
        """A column an answer: given, not given, or empty where the question was not answered."""
        split = _spread if variable.subfields else _bits
        given: list[frozenset[int] | None] = []
        for position, text in enumerate(texts):
            answers, what = split(variable, text, csv=self.csv)
            given.append(answers)
            if what:
                row = self.rows[int(np.flatnonzero(codes == position)[0])]
                where = f"{self.path}, row {row}, {variable.name}"
                do = "Export the file again; a spreadsheet may have taken zeros off."
                self.faults.append(Fault(where, what[0], what[1], do))
        labelled = {int(code): text for code, text in variable.values.items() if is_code(code)}
        occurring = sorted({code for own in given for code in own or ()} - labelled.keys())
        members = {**labelled, **dict.fromkeys(occurring, "")}
        for code, text in members.items():
            marks = ["" if own is None else str(int(code in own)) for own in given]
            label = " - ".join(filter(None, (variable.label, text or str(code))))
            self._add(f"{variable.name}_{code}", label, [marks[own] for own in codes], {})
        self.sets[variable.name] = (variable.label, tuple(f"{variable.name}_{c}" for c in members))

    def notes(self) -> Iterator[str]:
        if self.undated:
            yield (
                f"{self.path.name}: some dates or times are none, and were left as they stand: "
                f"{choices(self.undated, 6)}."
            )


def _as_it_is(variable: Variable, text: str) -> str:
    """A text, or a code that is one."""
    return (text[: variable.size] if variable.size else text).strip()


def _number(text: str) -> object:
    return int(text) if is_code(text) else text


def _single(variable: Variable, text: str) -> str:
    return plain_code(text, literal=variable.literal)


def _quantity(variable: Variable, text: str) -> str:  # noqa: ARG001  # as the others are called
    """A number as other readers write it: without zeros before it or behind its decimals."""
    text = text.strip()
    found = NUMBER.fullmatch(text)
    if found is None or not any(map(str.isdigit, text)):
        return text
    sign, whole, decimals = found[1], found[2] or "0", (found[3] or "").rstrip("0")
    plain = f"{whole}.{decimals}" if decimals else whole
    return plain if plain == "0" else sign + plain


def _logical(variable: Variable, text: str) -> str:  # noqa: ARG001
    return text.rstrip()[-1:]


def _date(variable: Variable, text: str) -> str:  # noqa: ARG001
    text = text.strip()
    with suppress(ValueError):
        return date(int(text[:4]), int(text[4:6]), int(text[6:8])).isoformat()
    return text


def _time(variable: Variable, text: str) -> str:  # noqa: ARG001
    text = text.strip()
    with suppress(ValueError):
        return time(int(text[:2]), int(text[2:4]), int(text[4:6])).isoformat()
    return text


READERS: dict[str, Callable[[Variable, str], str]] = {
    "single": _single,
    "quantity": _quantity,
    "logical": _logical,
    "date": _date,
    "time": _time,
}
"""What makes a text of a field, by what the variable holds."""

Split = tuple[frozenset[int] | None, tuple[str, str] | None]
"""The codes given, None where the field is empty; and what is wrong with it and was expected."""


def _bits(variable: Variable, text: str, *, csv: bool) -> Split:
    """Answers of a row of signs, 1 where an answer was given."""
    if not text.strip():
        return None, None
    if csv:
        text = text.strip()
        if len(text) < variable.highest:
            return None, (f'holds "{text[:40]}"', f"{variable.highest} signs, one an answer")
    known = [*range(1, min(variable.highest, len(text)) + 1)]
    if not variable.top:
        known = variable.codes
    signs = {code: text[code - 1 : code] for code in known}
    wrong = [sign for sign in signs.values() if sign not in ("", " ", "0", "1")]
    if wrong:
        return None, (f'holds "{wrong[0]}" among its signs', "0 or 1 for each answer")
    if not any(sign.strip() for sign in signs.values()):
        return None, None
    return frozenset(code for code, sign in signs.items() if sign == "1"), None


def _spread(variable: Variable, text: str, *, csv: bool) -> Split:
    """Answers of codes side by side, 0 where there is none."""
    if not text.strip():
        return None, None
    width = variable.width or max((variable.finish - variable.start + 1) // variable.subfields, 1)
    if csv:  # spaces and zeros at the front may have gone
        text = text.strip()
        text = text.rjust(-(-len(text) // width) * width)
    count = min(variable.subfields, -(-len(text) // width))
    parts = [text[at * width : (at + 1) * width].strip().lstrip("0") for at in range(count)]
    wrong = [part for part in parts if part and not is_code(part)]
    if wrong:
        return None, (f'holds "{wrong[0][:40]}" among its codes', "codes of answers")
    return frozenset(int(part) for part in parts if part), None
