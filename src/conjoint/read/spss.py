"""SPSS and Stata files: value labels or codes, declared missing answers, multiple-response sets."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from conjoint.errors import DataError, Fault
from conjoint.read.dictionary import is_sound
from conjoint.read.grid import assemble
from conjoint.read.labelled import Labelling, labelled_column
from conjoint.read.library import library, reading

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from conjoint.read.responses import Responses
    from conjoint.survey import Data

__all__ = ["Stored", "read_spss", "read_stata", "stored_as"]

UNITS = {"m": 12, "q": 4, "h": 2, "w": 52}
"""Stata's units of dates, with how many make a year."""

UNICODE = 118
"""The first release of Stata's format whose texts are UTF-8."""


def read_spss(path: Path, data: Data) -> Responses:
    """Read a .sav or .zsav file: labels as text, or codes where `data.values` says so.

    A code without a label stays a code. Codes that share a label are told apart by their code,
    ``Yes (1)`` and ``Yes (2)``. Answers declared missing stay, and `Responses.missing` lists them;
    a system-missing value is an empty cell. Rows are numbered from 1, as SPSS does.

    Raises
    ------
    DataError
        The file is damaged, or its labels cannot be told apart.
    """
    pyreadstat = library("pyreadstat", path)
    if not is_sound(path, data.encoding):
        raise DataError(_damaged(path))
    with reading(path, "an SPSS file"):
        values, meta = pyreadstat.read_sav(
            str(path), user_missing=True, output_format="dict", encoding=data.encoding or None
        )
    if not all(isinstance(name, str) for name in meta.column_names):
        raise DataError(_damaged(path))
    return _labelled_file(path, data, values, meta)


def read_stata(path: Path, data: Data) -> Responses:
    """Read a .dta file as :func:`read_spss` reads SPSS's.

    The missing values ``.a`` to ``.z`` stay, under their label or as they are written, and
    `Responses.missing` lists them; ``.`` is an empty cell. Months, quarters, half-years and weeks
    read ``2026-05``, ``2026q2``, ``2026h1`` and ``2026w19``.

    Raises
    ------
    DataError
        The file is damaged, or its labels cannot be told apart.
    """
    pyreadstat = library("pyreadstat", path)
    with reading(path, "a Stata file"):
        values, meta = pyreadstat.read_dta(
            str(path), user_missing=True, output_format="dict", encoding=data.encoding or None
        )
    for name, kind in meta.readstat_variable_types.items():
        if kind == "string":
            continue
        exact = kind == "float"  # 0.08 is not to read 0.0799999982
        unit = _unit(meta.original_variable_types.get(name, ""))
        values[name] = [_stata_value(cell, exact, unit) for cell in values[name]]
        labels = meta.variable_value_labels.get(name, {})
        meta.variable_value_labels[name] = {_stata_value(k): v for k, v in labels.items()}
        missing = [f".{letter}" for letter in meta.missing_user_values.get(name, ())]
        meta.missing_ranges[name] = [{"lo": text, "hi": text} for text in missing]
    read = _labelled_file(path, data, values, meta)
    return read if data.encoding else replace(read, notes=(*_guessed(path, read), *read.notes))


def _stata_value(cell: Any, exact: bool = False, unit: str = "") -> Any:
    """A number as Stata holds it (of four bytes where `exact`); a missing value as it is written, such as ``.a``."""
    if isinstance(cell, str):
        return f".{cell}"
    if isinstance(cell, (int, float)) and unit:
        year, part = divmod(int(cell), UNITS[unit])
        return f"{1960 + year}-{part + 1:02d}" if unit == "m" else f"{1960 + year}{unit}{part + 1}"
    return np.float32(cell) if exact and isinstance(cell, (int, float)) else cell


def _unit(shown: str) -> str:
    """The unit of a date that is counted in months, quarters, half-years or weeks since 1960."""
    found = re.match(r"%-?t([mqhw])", shown)
    return found[1] if found else ""


def _guessed(path: Path, read: Responses) -> list[str]:
    """A note on a file that does not say its encoding, where that matters: those before Stata 14."""
    with path.open("rb") as file:
        head = file.read(64)
    found = re.match(rb"<stata_dta><header><release>(\d+)", head)
    if (int(found[1]) if found else head[0]) >= UNICODE:
        return []
    texts = [*read.labels.values()]
    texts += [str(text) for _, cells in read.cells.items() for text in cells.cat.categories]
    if all(map(str.isascii, texts)):
        return []
    return [
        f"{path.name}: files of this release of Stata do not say their encoding, which was taken to be "
        "cp1252. If letters look wrong, name it as data.encoding in survey.toml."
    ]


@dataclass(frozen=True, slots=True)
class Stored:
    """How a file stores a variable: the type, the format shown, bytes of a text, and its label."""

    kind: str
    shown: str
    width: int
    label: str
    is_stata: bool


def stored_as(path: Path, column: str) -> Stored | None:
    """How an SPSS or Stata file stores a variable; None where it has none of that name.

    Raises
    ------
    DataError
        The file is damaged.
    """
    pyreadstat = library("pyreadstat", path)
    is_stata = path.suffix.lower() == ".dta"
    with reading(path, "a Stata file" if is_stata else "an SPSS file"):
        read = pyreadstat.read_dta if is_stata else pyreadstat.read_sav
        meta = read(str(path), metadataonly=True)[1]
    if column not in meta.column_names:
        return None
    label = meta.column_labels[meta.column_names.index(column)] or ""
    return Stored(
        meta.readstat_variable_types[column],
        meta.original_variable_types[column],
        meta.variable_storage_width[column],
        label.strip(),
        is_stata,
    )


def _labelled_file(path: Path, data: Data, values: Mapping[str, Any], meta: Any) -> Responses:
    """The columns of a file whose variables and codes may have labels."""
    found = Labelling()
    columns = {
        name: labelled_column(
            cells,
            meta.variable_value_labels.get(name, {}),
            meta.missing_ranges.get(name, []),
            name,
            data,
            found,
        )
        for name, cells in values.items()
    }
    size = len(next(iter(values.values()))) if values else 0
    faults = found.faults(path)
    if meta.number_rows not in (None, -1, size):
        faults.append(
            Fault(
                str(path),
                f"holds {size:,} of the {meta.number_rows:,} rows that it announces",
                "a whole file",
                "Export it again.",
            )
        )
    if faults:
        raise DataError(*faults)
    labels = dict(zip(meta.column_names, meta.column_labels, strict=True))
    return assemble(
        path,
        list(columns),
        list(columns.values()),
        range(1, size + 1),
        header=0,
        notes=found.notes(path),
        typed=True,
        labels={name: label.strip() for name, label in labels.items() if label and label.strip()},
        missing=found.missing,
        answers=found.answers,
        sets=_sets(meta.mr_sets, meta.column_names),
    )


def _damaged(path: Path) -> Fault:
    return Fault(str(path), "its dictionary is damaged", "an SPSS file, whole", "Export it again.")


def _sets(
    declared: Mapping[str, Any] | None, names: Sequence[str]
) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Multiple-response sets; the file may spell their variables in other cases."""
    spelled = {name.lower(): name for name in names}
    return {
        name: (
            (each.get("label") or "").strip(),
            tuple(spelled[v.lower()] for v in each["variable_list"] if v.lower() in spelled),
        )
        for name, each in (declared or {}).items()
    }
