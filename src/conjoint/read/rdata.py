"""R's files (.rda, .RData, .rds): one data frame of theirs as text, with its labels."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from conjoint.errors import DataError, Fault, choices
from conjoint.read.column import as_column, text_of
from conjoint.read.grid import assemble
from conjoint.read.labelled import Labelling, labelled_column
from conjoint.read.library import reading
from conjoint.read.serial import RObject, read_objects

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd

    from conjoint.read.responses import Responses
    from conjoint.survey import Data
    from conjoint.typing import FloatArray

__all__ = ["read_rdata"]

MISSING = -(1 << 31)
"""R's missing whole number."""

MISSING_64 = -(1 << 63)

TAGGED = 1954
"""The lower half of the not-a-number that R calls missing; haven keeps a letter above it."""

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


def read_rdata(path: Path, data: Data) -> Responses:
    """Read a data frame of an R file: `data.object`, or the only one.

    A factor declares its answers. Columns of haven and labelled have their value labels, with the
    values declared missing and the missing values ``.a`` to ``.z``, as in SPSS and Stata files; the
    attribute ``label`` is the question's wording. Rows are numbered from 1, as R does.

    Raises
    ------
    DataError
        The file is damaged, or which data frame is meant is not said.
    """
    with reading(path, "an R file with a data frame"):
        objects = read_objects(path, data.encoding)
    frames = {name: own for name, own in objects.items() if _is_frame(own)}
    frame = _chosen(path, frames, data.object)
    with reading(path, "an R file with a data frame"):
        return _read_frame(path, frame, data)


def _is_frame(own: object) -> bool:
    return isinstance(own, RObject) and "data.frame" in own.classes


def _read_frame(path: Path, frame: RObject, data: Data) -> Responses:
    found = Labelling()
    names: list[str] = []
    columns: list[pd.Categorical] = []
    nested: list[str] = []
    labels: dict[str, str] = {}
    for name, own in zip(map(str.strip, frame.texts("names")), frame.value, strict=True):
        if not _is_plain(own):
            nested.append(name)
            continue
        names.append(name)
        columns.append(_column(own, name, data, found))
        label = " ".join(" ".join(own.texts("label")).split())
        if label:
            labels[name] = label
    rows = {len(column) for column in columns}
    if len(rows) > 1:
        raise ValueError("its columns are not of one length")
    notes = found.notes(path)
    if nested:
        notes.append(f"{path.name}: columns of lists or tables are left out: {choices(nested, 6)}.")
    faults = found.faults(path)
    return assemble(
        path,
        names,
        columns,
        range(1, max(rows, default=0) + 1),
        header=0,
        faults=faults,
        notes=notes,
        typed=True,
        labels=labels,
        missing=found.missing,
        answers=found.answers,
    )


def _is_plain(own: RObject) -> bool:
    """Whether a column has one value a row."""
    if "dim" in own.attributes or own.value is None:
        return False
    texts = isinstance(own.value, list)
    return not texts or all(value is None or isinstance(value, str) for value in own.value)


def _chosen(path: Path, frames: dict[str, RObject], wanted: str) -> RObject:
    """The data frame that is meant."""
    if "" in frames:  # an .rds file holds one object, without a name
        return frames[""]
    if wanted in frames:
        return frames[wanted]
    if len(frames) == 1 and not wanted:
        return next(iter(frames.values()))
    if not frames:
        fault = Fault(str(path), "holds no data frame", "one", "Save one from R.")
    elif wanted:
        fault = Fault(
            str(path),
            f'there is no data frame "{wanted}"',
            choices(frames),
            "Correct data.object in survey.toml.",
        )
    else:
        fault = Fault(
            str(path),
            f"holds {len(frames)} data frames",
            choices(frames),
            "Name one of them as data.object in survey.toml.",
        )
    raise DataError(fault)


# --- Columns --------------------------------------------------------------------------------------


def _column(own: RObject, name: str, data: Data, found: Labelling) -> pd.Categorical:
    """One column as text; what is declared of it goes to `found`."""
    if "factor" in own.classes:
        return _factor(own, name, data, found)
    cells = _values(own)
    labels = {}
    declared = own.attributes.get("labels")
    if declared is not None and declared.value is not None:
        texts = declared.texts("names")
        labels = {
            value: text
            for value, text in zip(_values(declared), texts, strict=False)
            if value is not None
        }
    ranges = [{"lo": value, "hi": value} for value in {*cells, *labels} if _is_tagged(own, value)]
    single = _values(own.attributes.get("na_values", RObject([])))
    ranges += [{"lo": value, "hi": value} for value in single]
    ends = _values(own.attributes.get("na_range", RObject([])))
    if len(ends) == 2:
        ranges.append({"lo": ends[0], "hi": ends[1]})
    return labelled_column(cells, labels, ranges, name, data, found)


def _factor(own: RObject, name: str, data: Data, found: Labelling) -> pd.Categorical:
    levels = own.texts("levels")
    numbers = np.asarray(own.value, dtype=np.int64)
    codes = np.where((numbers < 1) | (numbers > len(levels)), 0, numbers) - 1
    declared = tuple(text for text in map(str.strip, levels) if text)
    if declared:
        found.answers[name] = declared
    return as_column(codes.astype(np.int32), levels, data.missing)


def _values(own: RObject) -> list[Any]:
    """Values as Python has them: None where missing, dates and times as text, missing values as ``.a``."""
    if isinstance(own.value, list):
        return own.value
    classes, value = own.classes, own.value
    if value is None:
        return []
    if "integer64" in classes and value.dtype == ">f8":
        whole = value.view(">i8").tolist()
        return [None if number == MISSING_64 else number for number in whole]
    write = _written(own)
    if value.dtype.kind == "i":
        plain = value.tolist()
        if value.dtype.itemsize == 1 or write is None:
            return [None if number == MISSING else number for number in plain]
        return [None if number == MISSING else write(number) for number in plain]
    if value.dtype.kind != "f":
        return [text_of(number) for number in value.tolist()]
    cells = [
        number if number == number else None  # only what is no number is not itself
        for number in value.tolist()
    ]
    for place, letter in _tags(value):
        cells[place] = f".{letter}"
    if write is None:
        return cells
    return [_moment(cell, write) if isinstance(cell, float) else cell for cell in cells]


def _moment(number: float, write: Callable[[float], str]) -> str:
    """A date or time as text; the number itself where it is beyond all dates."""
    try:
        return write(number)
    except (OverflowError, ValueError):
        return text_of(number)


def _tags(value: FloatArray) -> list[tuple[int, str]]:
    """Where missing values have a letter of their own, and which."""
    if value.dtype.byteorder != ">":
        return []
    lost = np.flatnonzero(np.isnan(value))
    if not len(lost):
        return []
    parts = value[lost].view(">u8")
    letters = (parts >> np.uint64(32)) & np.uint64(0xFF)
    tagged = ((parts & np.uint64(0xFFFFFFFF)) == TAGGED) & (letters > 0)
    return [(int(lost[at]), chr(int(letters[at]))) for at in np.flatnonzero(tagged)]


def _is_tagged(own: RObject, value: object) -> bool:
    """Whether a value is one of the missing values ``.a`` to ``.z`` of a column of numbers."""
    return isinstance(value, str) and not isinstance(own.value, list) and value.startswith(".")


def _written(own: RObject) -> Callable[[float], str] | None:
    """What writes numbers that stand for something else: dates, times, truth; none for numbers."""
    classes = own.classes
    if own.is_logical:
        return lambda truth: str(bool(truth))
    if "Date" in classes:
        return lambda days: text_of(EPOCH.date() + datetime.timedelta(days=int(days // 1)))
    if "POSIXct" in classes:
        zone = _zone(own)

        def moment(seconds: float) -> str:
            own = (EPOCH + datetime.timedelta(seconds=seconds)).astimezone(zone)
            return text_of(own.replace(tzinfo=None))

        return moment
    if "hms" in classes:
        return lambda seconds: text_of((EPOCH + datetime.timedelta(seconds=seconds)).time())
    return None


def _zone(own: RObject) -> datetime.tzinfo:
    """The time zone in which R shows a time; UTC where it is not said."""
    name = next(iter(own.texts("tzone")), "")
    try:
        return ZoneInfo(name) if name else datetime.UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return datetime.UTC
