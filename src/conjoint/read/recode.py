"""The survey's recodes: texts of a file read as others, before anything is made of them.

A column holds few texts and many cells: each text is looked at once.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import numpy as np

from conjoint.errors import Fault, choices
from conjoint.read.cells import misfits, read_number
from conjoint.read.column import as_column
from conjoint.survey.recode import tidy_text
from conjoint.wave import Recoded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Literal

    import pandas as pd

    from conjoint.read.layout import Long
    from conjoint.read.responses import Responses
    from conjoint.survey import Data, Recode, Survey
    from conjoint.typing import BoolArray, Integers

    Kind = Literal["missing", "alias", "label", "band", "empty", "tidy"]

__all__ = ["Recoding", "recode_cells"]

NUMBER = r"[+-]?\d+(?:[.,]\d+)?"
FIRST = re.compile(rf"({NUMBER})(?:\s*[-–—:=.)/]\s*|\s+)(\D.*)", re.ASCII | re.DOTALL)
LAST = re.compile(rf"(.*\D)(?:\s*[-–—:=(\[/]\s*|\s+)({NUMBER})[)\]]?", re.ASCII | re.DOTALL)
"""A label with its number before it, or behind it."""

TIDY = "data.tidy"


def labelled_number(text: str) -> str | None:
    """The number at one end of a label; None where there is none, or one at both ends.

    >>> labelled_number("0 - Not at all"), labelled_number("Completely (10)")
    ('0', '10')
    >>> labelled_number("18-34") is labelled_number("1 to 5") is None
    True
    """
    first, last = FIRST.fullmatch(text), LAST.fullmatch(text)
    if (first is None) == (last is None):
        return None
    number, label = first.groups() if first else last.groups()[::-1]  # type: ignore[union-attr]
    return number if any(sign.isalpha() for sign in label) else None


class _Reader:
    """One recode, with what it came upon."""

    def __init__(self, key: str, recode: Recode | None, data: Data, decimal: Literal[".", ","]):
        self.key, self.recode, self.decimal = key, recode, decimal
        self.source = recode.of if recode else ""
        self.tidy = data.tidy or (recode is not None and recode.tidy)
        self.missing = {tidy_text(text) for text in recode.missing} if recode else set()
        self.aliases = {}
        if recode is not None:
            self.aliases = {tidy_text(value): value for value in recode.values}
            self.aliases |= {tidy_text(text): value for text, value in recode.alias_of.items()}
        self.readings: dict[str, tuple[Kind | None, str]] = {}
        self.wrong: dict[str, str] = {}
        self.cells: dict[tuple[Kind, str], int] = {}
        self.texts: dict[tuple[Kind, str], dict[str, None]] = {}
        self.held: set[str] = set()
        self.used: set[str] = set()

    def read(self, text: str) -> tuple[Kind | None, str]:
        """How a text is read: by which part of the recode, if by any, and as what."""
        if text not in self.readings:
            self.readings[text] = self._read(text)
        return self.readings[text]

    def _read(self, text: str) -> tuple[Kind | None, str]:
        plain = tidy_text(text)
        if plain in self.missing:
            return "missing", ""
        value, kind = self.aliases.get(plain), "alias"
        if value is None:
            value, kind = (plain if self.tidy else text), "tidy"
            number = labelled_number(plain) if self.recode and self.recode.labelled else None
            if number is not None:
                value, kind = number, "label"
        if self.recode is not None and self.recode.bands:
            band = self._band(text, value)
            if band != value:
                value, kind = band, "band"
        return (None, text) if value == text else (kind, value)  # type: ignore[return-value]

    def _band(self, text: str, value: str) -> str:
        """The band that a value lies in; the value itself where that is its name, or in none."""
        assert self.recode is not None  # noqa: S101  # it has bands
        bands = self.recode.bands
        number = read_number(value, self.decimal)
        if math.isnan(number):
            if value not in bands:
                self.wrong[text] = "is not a number"
            return value
        for name, band in bands.items():
            if band.holds(number):
                return name
        self.wrong[text] = "lies in no band"
        return value

    def apply(self, cells: pd.Series[Any], lent: BoolArray | None = None) -> pd.Categorical | None:
        """The cells as they are read; None where that changes nothing.

        What it changes is counted, but for cells that are those of another row (`lent`).
        """
        codes = cells.cat.codes.to_numpy()
        counted = codes if lent is None else codes[~lent]
        counts = np.bincount(counted + 1, minlength=len(cells.cat.categories) + 1)[1:].tolist()
        texts = [str(text) for text in cells.cat.categories]
        read = [self.read(text) for text in texts]
        for text, (kind, value), count in zip(texts, read, counts, strict=True):
            if count and self.recode is not None:
                self.held.add(tidy_text(text))
                self.used.add(value)
            if count and kind is not None:
                self.count(kind, value if kind != "tidy" else "", text, count)
        if all(kind is None for kind, _ in read):
            return None
        return as_column(codes, [value for _, value in read])

    def count(self, kind: Kind, to: str, text: str | None, cells: int) -> None:
        """Count cells that are read as something else."""
        held = self.texts.setdefault((kind, to), {})
        if text is not None:
            held[text] = None
        self.cells[kind, to] = self.cells.get((kind, to), 0) + cells

    def recoded(self) -> Iterator[Recoded]:
        """What was changed, one a value."""
        for (kind, to), cells in self.cells.items():
            yield Recoded(self.key, kind, to, tuple(self.texts[kind, to]), cells)

    def faults(
        self, cells: pd.Series[Any], place: Callable[[int, str], str], where: str
    ) -> Iterator[Fault]:
        """Texts that no band takes, each at its first place; `cells` as :meth:`apply` leaves them."""
        if self.recode is None or not self.wrong:
            return
        texts = cells.cat.categories
        expected = "a number in " + choices(
            f'"{name}" ({band.words})' for name, band in self.recode.ordered_bands()
        )
        for what in dict.fromkeys(self.wrong.values()):
            own = {self.read(text)[1] for text, why in self.wrong.items() if why == what}
            wrong = np.array([text in own for text in texts] + [False])[cells.cat.codes.to_numpy()]
            do = f"Correct the cell, or name it in {where} under missing, aliases or bands."
            yield from misfits(cells, wrong, place, what, expected, do)


@dataclass(eq=False, slots=True)
class Recoding:
    """A file read by the survey's recodes.

    Parameters
    ----------
    responses
        The file with its cells as they are read.
    where
        survey.toml, for the faults.
    by_column
        The recode of each column that has one.
    by_attribute
        The recode of each attribute that has one, where attributes stand by position.
    """

    responses: Responses
    where: str
    by_column: dict[str, _Reader] = field(default_factory=dict)
    by_attribute: dict[str, _Reader] = field(default_factory=dict)

    @property
    def _readers(self) -> list[_Reader]:
        every = (*self.by_column.values(), *self.by_attribute.values())
        return list({id(reader): reader for reader in every}.values())

    @property
    def recoded(self) -> tuple[Recoded, ...]:
        """What was changed, recode by recode."""
        return tuple(made for reader in self._readers for made in reader.recoded())

    def faults(self, responses: Responses) -> list[Fault]:
        """Cells that no band takes, of a part of the file."""
        faults: list[Fault] = []
        for column, reader in self.by_column.items():
            if column in responses.cells and reader.wrong:
                cells = responses.cells[column].rename(reader.source or column)
                where = f"{self.where}, recode.{reader.key},"
                faults += reader.faults(cells, responses.place, where)
        return faults

    def notes(self) -> list[str]:
        """What recodes name and no cell holds."""
        return [note for reader in self._readers for note in _never(reader)]

    def of_profiles(self, long: Long) -> tuple[Long, list[Fault]]:
        """Profiles with what could not be said column by column.

        Attributes that stand by position are recoded here; and here empty cells get their meaning,
        because those of a task that nobody saw mean nothing.
        """
        faults: list[Fault] = []
        profiles = long.profiles
        for name, reader in self.by_attribute.items():
            changed = reader.apply(profiles[name], long.lent)
            if changed is not None:
                profiles = profiles.assign(**{name: changed})
            where = f"{self.where}, recode.{reader.key},"
            faults += reader.faults(profiles[name], long.place, where)
        long = replace(long, profiles=profiles)
        seen = long.seen()
        filled = {
            name: cells
            for name in (*long.survey.attributes, *long.survey.outcomes)
            if (cells := self._filled(long, name, seen)) is not None
        }
        return (replace(long, profiles=profiles.assign(**filled)) if filled else long), faults

    def _filled(self, long: Long, name: str, seen: BoolArray) -> pd.Categorical | None:
        """An attribute or outcome with its empty cells filled; None where none has a meaning."""
        columns = long.columns_of(name)
        readers = [self.by_attribute.get(name) or self.by_column.get(own) for own in columns]
        if not any(reader and _meaning(reader) for reader in readers):
            return None
        cells = long.profiles[name].cat
        texts = [str(text) for text in cells.categories]
        codes = cells.codes.to_numpy().astype(np.int32).reshape(-1, len(columns)).copy()
        empty = (codes < 0) & seen.reshape(codes.shape)
        for place, (reader, column) in enumerate(zip(readers, columns, strict=True)):
            text = _meaning(reader) if reader else ""
            if reader is None or not text:
                continue
            codes[empty[:, place], place] = texts.index(text) if text in texts else len(texts)
            if text not in texts:
                texts.append(text)
            # The cell of a whole task, or of one that repeats it, is one cell.
            if columns.index(column) == place:
                reader.count("empty", text, None, int(empty[:, place].sum()))
        return as_column(codes.ravel(), texts)


def recode_cells(
    responses: Responses, survey: Survey, data: Data, where: str
) -> tuple[Recoding, list[Fault]]:
    """Read a file's texts as the survey's recodes say, once and for all that follows."""
    if not survey.recode and not data.tidy:
        return Recoding(responses, where), []
    cells = responses.cells.copy(deep=False)
    recoding = Recoding(replace(responses, cells=cells), where)
    first = {key: (survey.recode_columns(key) or ("",))[0] for key in survey.recode}
    readers = {
        key: _Reader(key, own, data, responses.decimal_of(first[key], data.decimal))
        for key, own in survey.recode.items()
    }
    faults = _misnamed(responses, survey, where)
    for key, reader in readers.items():
        recode = survey.recode[key]
        if not recode.of:
            recoding.by_column |= dict.fromkeys(survey.recode_columns(key), reader)
        if data.name and not recode.of:
            own = recode.columns or (key,)
            recoding.by_attribute |= {name: reader for name in own if name in survey.attributes}
    if data.tidy:
        tidy = _Reader(TIDY, None, data, data.decimal)
        others = [str(name) for name in cells if name != data.respondent]
        recoding.by_column |= {n: tidy for n in others if n not in recoding.by_column}
    of_profiles = survey.profile_columns()
    for column, reader in recoding.by_column.items():
        if column in cells and column != data.respondent:
            _recode(cells, column, column, reader, fill=column not in of_profiles)
    for key, reader in readers.items():
        source = survey.recode_columns(key)[0] if survey.recode[key].of else ""
        if source in cells and key not in cells:
            _recode(cells, source, key, reader, fill=True)
            recoding.by_column[key] = reader
    return recoding, faults


def _recode(cells: pd.DataFrame, source: str, column: str, reader: _Reader, *, fill: bool) -> None:
    """Recode a column in place, or make another of it; empty cells too where they are to be filled."""
    changed = reader.apply(cells[source])
    own = cells[source].array if changed is None else changed
    text = _meaning(reader)
    empty = cells[source].isna().to_numpy() if text and fill else np.zeros(0, dtype=bool)
    if empty.any():
        texts = [str(known) for known in own.categories]
        codes: Integers = np.where(empty, len(texts), own.codes)
        own = as_column(codes, [*texts, text])
        reader.count("empty", text, None, int(empty.sum()))
    if changed is not None or empty.any() or source != column:
        cells[column] = own


def _meaning(reader: _Reader) -> str:
    """What an empty cell means; empty where it means nothing."""
    return (reader.recode.empty or "") if reader.recode else ""


def _misnamed(responses: Responses, survey: Survey, where: str) -> list[Fault]:
    """Recodes of columns that are not there, or that make one which is there already."""
    there = responses.cells.columns
    named = [*survey.attributes, *survey.outcomes, *survey.questions]
    faults = []
    for key, recode in survey.recode.items():
        place = f"{where}, recode.{key}"
        if recode.of and key in there:
            what, do = (
                f'makes a column "{key}", which the file has',
                "Give the recode another name.",
            )
            faults.append(Fault(place, what, "a name of its own", do))
        for own in (recode.of,) if recode.of else recode.columns or (key,):
            if own in named:
                continue
            for column in survey.spelt_out(own):
                if column in there:
                    continue
                near = get_close_matches(column, [*named, *map(str, there)], n=1)
                do = f"Did you mean {near[0]}?" if near else "Correct the name."
                what = f'there is no column, attribute, outcome or question "{column}"'
                faults.append(Fault(place, what, f"one of {choices([*named, *there], 8)}", do))
    return faults


def _never(reader: _Reader) -> Iterator[str]:
    """Notes on texts and bands of a recode that do not occur."""
    if reader.recode is None or not reader.readings:
        return
    recode = reader.recode
    texts = [text for text in recode.texts if tidy_text(text) not in reader.held]
    if texts:
        quoted = choices(f'"{text}"' for text in texts)
        yield f"recode.{reader.key}: no cell holds {quoted}."
    bands = [f'"{name}"' for name in recode.bands if name not in reader.used]
    if bands:
        yield f"recode.{reader.key}: no number lies in the band {choices(bands)}."
    if recode.empty is not None and ("empty", recode.empty) not in reader.cells:
        yield f"recode.{reader.key}: no cell is empty."
