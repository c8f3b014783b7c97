"""Columns of codes whose values have labels: labels as text, or codes where the survey wants them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from conjoint.errors import Fault, choices
from conjoint.read.column import Codes, as_column, text_of
from conjoint.spelling import repeated

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from conjoint.survey import Data

__all__ = ["Labelling", "labelled_column"]

MOST = 6
"""Columns that a note lists."""


@dataclass
class Labelling:
    """What reading labelled columns brings to light beside their cells."""

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

    def faults(self, path: Path) -> list[Fault]:
        """Labels that no code in brackets tells apart."""
        return [
            Fault(
                f"{path}, {name}",
                f'the label "{text}" and a code in brackets stand for two codes',
                "labels that differ",
                'Correct the labels, or set values = "codes" under [data] in survey.toml.',
            )
            for name, text in self.merged
        ]


def _listed(columns: Mapping[str, Sequence[str]]) -> str:
    return choices((f"{name} ({choices(texts, 3)})" for name, texts in columns.items()), MOST)


def labelled_column(
    cells: Sequence[Any],
    labels: Mapping[Any, str],
    ranges: Sequence[Mapping[str, Any]],
    name: str,
    data: Data,
    found: Labelling,
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
    plain: Mapping[Any, str], labels: Mapping[Any, str], name: str, found: Labelling
) -> dict[Any, str]:
    """Labels in place of codes, each its own."""
    known = {value: label.strip() for value, label in labels.items() if label.strip()}
    texts = {value: known.get(value, text) for value, text in plain.items()}
    numbers = {value: text for value, text in plain.items() if not isinstance(value, str)}
    bare = [text for value, text in numbers.items() if value not in known and text]
    if bare:
        found.bare[name] = bare
    shared = repeated(filter(None, texts.values()))
    if shared:
        found.shared[name] = shared
        texts = {
            value: f"{text} ({plain[value]})" if text in shared else text
            for value, text in texts.items()
        }
        again = repeated(filter(None, texts.values()))
        found.merged += [(name, text) for text in again]
    return texts


def _in_order(values: Iterable[Any]) -> list[Any]:
    """Codes in ascending order; then texts as declared, such as missing values."""
    listed = list(values)
    texts = [value for value in listed if isinstance(value, str)]
    return [*sorted(value for value in listed if not isinstance(value, str)), *texts]


def _within(value: Any, ranges: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a value lies in one of the ranges declared missing."""
    if value is None:
        return False
    if isinstance(value, str):
        return any(value.strip() == str(each["lo"]).strip() for each in ranges)
    numbers = [each for each in ranges if not isinstance(each["lo"], str)]
    return isinstance(value, (int, float)) and any(e["lo"] <= value <= e["hi"] for e in numbers)
