"""SPSS and Stata files: value labels or codes, declared missing answers, multiple-response sets."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from conjoint.errors import DataError, Fault, choices
from conjoint.read.column import Codes, as_column, text_of
from conjoint.read.dictionary import is_sound, unpacked_size
from conjoint.read.grid import assemble
from conjoint.read.library import library, reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from conjoint.read.responses import Responses
    from conjoint.survey import Data

__all__ = ["read_spss", "read_stata"]

UNPACKED, UNPACKED_A_BYTE = 5_000_000, 20
"""Bytes that a packed file may unpack to, a byte being a cell at least: so many, and more by its size."""

MOST = 6
"""Columns that a note lists."""


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
        if unpacked_size(path) > UNPACKED + UNPACKED_A_BYTE * path.stat().st_size:
            what = "unpacks to far more than a file of its size holds"
            raise DataError(Fault(str(path), what, "a file of answers", "Save it as .sav."))
        values, meta = pyreadstat.read_sav(
            str(path), user_missing=True, output_format="dict", encoding=data.encoding or None
        )
    if not all(isinstance(name, str) for name in meta.column_names):
        raise DataError(_damaged(path))
    return _labelled_file(path, data, values, meta)


def read_stata(path: Path, data: Data) -> Responses:
    """Read a .dta file as :func:`read_spss` reads SPSS's.

    Stata's missing values, ``.a`` to ``.z`` among them, are empty cells.

    Raises
    ------
    DataError
        The file is damaged, or its labels cannot be told apart.
    """
    pyreadstat = library("pyreadstat", path)
    with reading(path, "a Stata file"):
        values, meta = pyreadstat.read_dta(
            str(path), output_format="dict", encoding=data.encoding or None
        )
    for name, kind in meta.readstat_variable_types.items():
        if kind == "float":  # of four bytes: 0.08 is not to read 0.0799999982
            values[name] = [None if cell is None else np.float32(cell) for cell in values[name]]
    return _labelled_file(path, data, values, meta)


def _labelled_file(path: Path, data: Data, values: Mapping[str, Any], meta: Any) -> Responses:
    """The columns of a file whose variables and codes may have labels."""
    found = _Found()
    columns = {
        name: _column(
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
    faults = [
        Fault(
            f"{path}, {name}",
            f'the label "{text}" and a code in brackets stand for two codes',
            "labels that differ",
            'Correct the labels, or set values = "codes" under [data] in survey.toml.',
        )
        for name, text in found.merged
    ]
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


@dataclass
class _Found:
    """What reading the columns brings to light beside their cells."""

    missing: dict[str, frozenset[str]] = field(default_factory=dict)
    answers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    bare: dict[str, list[str]] = field(default_factory=dict)
    shared: dict[str, list[str]] = field(default_factory=dict)
    merged: list[tuple[str, str]] = field(default_factory=list)

    def notes(self, path: Path) -> list[str]:
        """Say which columns hold codes without a label, or labels that codes share."""
        notes = []
        if self.bare:
            notes.append(
                f"{path.name}: codes without a value label are kept as codes in "
                f"{_listed(self.bare)}."
            )
        if self.shared:
            notes.append(
                f"{path.name}: codes that share a label are told apart by their code in "
                f"{_listed(self.shared)}."
            )
        return notes


def _listed(columns: Mapping[str, Sequence[str]]) -> str:
    return choices((f"{name} ({choices(texts, 3)})" for name, texts in columns.items()), MOST)


def _column(
    cells: Sequence[Any],
    labels: Mapping[Any, str],
    ranges: Sequence[Mapping[str, Any]],
    name: str,
    data: Data,
    found: _Found,
) -> pd.Categorical:
    """One variable as text; what is declared of it goes to `found`."""
    book: Codes[Any] = Codes()
    codes = np.fromiter(map(book.__getitem__, cells), np.int32, len(cells))
    plain = {value: text_of(value).strip() for value in dict.fromkeys([*labels, *book])}
    texts = plain
    if labels and data.values == "labels":
        texts = _labelled(plain, labels, name, found)
    if labels:
        found.answers[name] = tuple(dict.fromkeys(texts[value] for value in _in_order(labels)))
    absent = frozenset(texts[value] for value in texts if _within(value, ranges) and texts[value])
    if absent:
        found.missing[name] = absent
    return as_column(codes, [texts[value] for value in book], data.missing)


def _labelled(
    plain: Mapping[Any, str], labels: Mapping[Any, str], name: str, found: _Found
) -> dict[Any, str]:
    """Labels in place of codes, each its own."""
    known = {value: label.strip() for value, label in labels.items() if label.strip()}
    texts = {value: known.get(value, text) for value, text in plain.items()}
    bare = [text for value, text in plain.items() if value not in known and text]
    if bare and all(not isinstance(value, str) for value in labels):
        found.bare[name] = bare
    shared = [text for text, count in Counter(texts.values()).items() if text and count > 1]
    if shared:
        found.shared[name] = shared
        texts = {
            value: f"{text} ({plain[value]})" if text in shared else text
            for value, text in texts.items()
        }
        again = [text for text, count in Counter(texts.values()).items() if text and count > 1]
        found.merged += [(name, text) for text in again]
    return texts


def _in_order(values: Iterable[Any]) -> list[Any]:
    """Codes in ascending order; texts as declared."""
    listed = list(values)
    return listed if any(isinstance(value, str) for value in listed) else sorted(listed)


def _within(value: Any, ranges: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a value lies in one of the ranges declared missing."""
    if value is None:
        return False
    if isinstance(value, str):
        return any(value.strip() == str(each["lo"]).strip() for each in ranges)
    numbers = [each for each in ranges if not isinstance(each["lo"], str)]
    return isinstance(value, (int, float)) and any(e["lo"] <= value <= e["hi"] for e in numbers)


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
