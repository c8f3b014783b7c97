"""A statistics office's table of the population as the targets.csv of an export."""

from __future__ import annotations

import csv
import io
import math
import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from conjoint.encoding import find_encoding
from conjoint.errors import DataError, Fault, RequestError, choices
from conjoint.read.library import library, reading
from conjoint.read.workbook import most_cells, too_many_cells
from conjoint.survey import INTERLOCK

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from conjoint.read.responses import Responses

__all__ = ["ProposedTargets", "propose_targets"]

TOTAL = re.compile(r"(all|total|both|persons?|overall|insgesamt|gesamt|ensemble)\b.*", re.I)
"""How a category that holds all others begins."""

FIGURES = (
    "count", "population", "number", "n", "value", "observation", "obs", "freq", "frequency",
    "percent", "share", "anzahl", "effectif",
)  # fmt: skip
"""What a column of counts is called, where several columns hold numbers."""

YEARS = ("year", "years", "date", "time")

CROSSED = "the columns of counts"
"""What the margin is called whose categories have a column of counts each."""

OFF = 0.005
"""How far, of the total, the parts may be from it: figures are rounded, or perturbed."""

MOST_ANSWERS = 200

BY_HAND = (
    "Write targets.csv by hand: a row a category, with the columns margin, category and count "
    "(docs/targets.md), the margin being a column of the data and the category an answer in it."
)


@dataclass(frozen=True, slots=True)
class ProposedTargets:
    """Targets made of a table.

    Parameters
    ----------
    rows
        Margin, category and share of each target.
    source
        The table's name.
    notes
        What was made of the table, and what it could give besides; each a sentence.
    """

    rows: tuple[tuple[str, str, float], ...]
    source: str
    notes: tuple[str, ...]

    @property
    def csv(self) -> str:
        """The text of targets.csv."""
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow(("margin", "category", "share", "source"))
        writer.writerows((*row[:2], f"{row[2]:.8f}", self.source) for row in self.rows)
        return buffer.getvalue()


@dataclass(slots=True)
class _Population:
    """Counts by the categories of some columns of the table, without its totals."""

    names: tuple[str, ...]
    cells: dict[tuple[str, ...], float] = field(default_factory=dict)

    def over(self, places: Sequence[int]) -> dict[tuple[str, ...], float]:
        """Counts by the categories of some of the columns, summed over the others."""
        sums: defaultdict[tuple[str, ...], float] = defaultdict(float)
        for key, count in self.cells.items():
            sums[tuple(key[place] for place in places)] += count
        return dict(sums)


def propose_targets(path: Path, responses: Responses, *, joint: bool = False) -> ProposedTargets:
    """Make targets of a table: one row a combination of categories, or one block of rows a margin.

    Columns of the table are those of the data that have their name, or hold their categories; the
    others are summed over. Rows of totals are left out, and held against the sum of the others.

    Parameters
    ----------
    joint
        Take the combinations of categories in place of one margin a column.

    Raises
    ------
    RequestError
        The table is none of these, or has nothing to do with the data.
    """
    populations = _populations(path, _grid(path))
    rows: list[tuple[str, str, float]] = []
    notes: list[str] = []
    for population in populations:
        found = {
            place: (column, spelling)
            for place, name in enumerate(population.names)
            if (match := _match(name, {key[place] for key in population.cells}, responses))
            for column, spelling in (match,)
        }
        if CROSSED in population.names and population.names.index(CROSSED) not in found:
            what = "several columns hold numbers, whose names are no answers in the data"
            raise RequestError(Fault(str(path), what, "one column of counts", BY_HAND))
        for place, name in enumerate(population.names):
            if place not in found:
                notes.append(f'"{name}" fits no column of the data, and is left out.')
                continue
            column, spelling = found[place]
            strange = [text for text, answer in spelling.items() if answer is None]
            if strange:
                notes.append(
                    f'{column}: the data hold no "{choices(strange, 6)}" of the table; '
                    "`conjoint check` names what does not fit."
                )
        kept = list(found)
        groups = [kept] if joint and len(kept) > 1 else [[place] for place in kept]
        if len(kept) > 1:
            names = [found[place][0] for place in kept]
            way = "the cells of" if joint else "the margins"
            other = "their margins: without" if joint else "their cells, all together: with"
            notes.append(f"Targets are {way} {choices(names)} ({other} --joint).")
        for places in groups:
            rows += _shares(population, places, found)
    if not rows:
        known = choices(responses.cells.columns, 8)
        names = [name for population in populations for name in population.names]
        what = f"no column of the data has the name or the categories of {choices(names)}"
        raise RequestError(Fault(str(path), what, f"categories of {known}", BY_HAND))
    return ProposedTargets(tuple(rows), path.name, tuple(notes))


def _shares(
    population: _Population,
    places: Sequence[int],
    found: dict[int, tuple[str, dict[str, str | None]]],
) -> list[tuple[str, str, float]]:
    counts = {key: count for key, count in population.over(places).items() if count}
    total = math.fsum(counts.values())
    margin = INTERLOCK.join(found[place][0] for place in places)
    rows = []
    for key, count in counts.items():
        texts = [found[place][1][text] or text for place, text in zip(places, key, strict=True)]
        rows.append((margin, INTERLOCK.join(texts), count / total))
    return rows


# --- What the table says ----------------------------------------------------------------------


def _grid(path: Path) -> list[tuple[int, list[str]]]:
    """The table's rows that are not blank, as text, with their numbers."""
    if not path.is_file():
        raise RequestError(Fault(str(path), "there is no such file", "a table of the population"))
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        openpyxl = library("openpyxl", path)
        with path.open("rb") as file, reading(path, "an Excel workbook"):
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
            sheet = next(own for own in book.worksheets if own.sheet_state == "visible")
            rows, count = [], 0
            for row in sheet.iter_rows(values_only=True):
                count += len(row)
                if count > most_cells(path):
                    raise DataError(too_many_cells(path, most_cells(path)))
                rows.append([_text(cell) for cell in row])
    else:
        with path.open(encoding=find_encoding(path, "")[0], newline="") as file:
            text = file.read()
        lines = text.splitlines()
        mark = max("\t;,", key=lambda mark: sum(mark in line for line in lines))
        rows = [
            [cell.strip() for cell in row] for row in csv.reader(io.StringIO(text), delimiter=mark)
        ]
    width = max((place + 1 for row in rows for place, cell in enumerate(row) if cell), default=0)
    whole = ((number, (row + [""] * width)[:width]) for number, row in enumerate(rows, start=1))
    return [(number, row) for number, row in whole if any(row)]


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _numbers(texts: Iterable[str]) -> list[float]:
    """Numbers however a table marks thousands and decimals; NaN for anything else."""
    plain = [
        re.sub(r"(?<=\d)['’\s](?=\d{3})", "", text.strip().rstrip("%").strip()) for text in texts
    ]
    for mark, other in ((",", "."), (".", ",")):
        marked = [text for text in plain if mark in text]
        if marked and all(
            re.fullmatch(rf"\d{{1,3}}(\{mark}\d{{3}})+(\{other}\d+)?", t) for t in marked
        ):
            plain = [text.replace(mark, "") for text in plain]
    plain = [text.replace(",", ".") for text in plain]
    return [float(t) if re.fullmatch(r"\d+(\.\d*)?|\.\d+", t) else math.nan for t in plain]


def _is_number(text: str) -> bool:
    return not math.isnan(_numbers([text])[0])


def _populations(path: Path, rows: list[tuple[int, list[str]]]) -> list[_Population]:
    """One population with all columns of the table, or one a block."""
    body = [
        row for _, row in rows if len(row) > 1 and any(row[:1]) and any(map(_is_number, row[1:]))
    ]
    if not body:
        what = "holds no rows of categories and counts"
        raise RequestError(Fault(str(path), what, "a table with a column of counts", BY_HAND))
    filled = [place for place in range(len(body[0])) if any(row[place] for row in body)]
    if len(filled) == 2:
        return _blocks(path, [(number, [row[place] for place in filled]) for number, row in rows])
    return _table(path, rows)


def _blocks(path: Path, rows: list[tuple[int, list[str]]]) -> list[_Population]:
    """Rows of a category and a count, under rows that name the margin."""
    blocks: list[tuple[str, list[tuple[int, str, str]]]] = []
    for number, (label, figure) in rows:
        if _is_number(figure):
            if not blocks:
                what, expected = "counts stand under no name", "a row above that names the margin"
                raise RequestError(Fault(f"{path}, row {number}", what, expected, BY_HAND))
            blocks[-1][1].append((number, label, figure))
        elif label:
            blocks.append((label, []))
    populations = []
    for name, own in blocks:
        if own:
            counts = _numbers(figure for _, _, figure in own)
            keys = [(label,) for _, label, _ in own]
            populations += _without_totals(path, (name,), keys, counts)
    return populations


def _table(path: Path, rows: list[tuple[int, list[str]]]) -> list[_Population]:
    """Columns of categories and one of counts; or a column of counts for each category of the last."""
    filled = [at for at in range(len(rows[0][1])) if sum(bool(row[at]) for _, row in rows) > 1]
    start = next((at for at, (_, row) in enumerate(rows) if all(row[at] for at in filled)), 0)
    names = rows[start][1]
    if any(_is_number(name) and not re.fullmatch(r"(19|20)\d\d", name) for name in names):
        what, expected = "its first whole row names no columns", "the columns' names"
        raise RequestError(Fault(f"{path}, row {rows[start][0]}", what, expected, BY_HAND))
    # Remarks below and above the table have one cell.
    body = [own for own in rows[start + 1 :] if sum(map(bool, own[1])) > 1]
    places = [at for at, name in enumerate(names) if name]
    counted = [
        at
        for at in places
        if all(_is_number(row[at]) for _, row in body) and _fold(names[at]) not in YEARS
    ]
    labels = [at for at in places if at not in counted]
    named = [at for at in counted if _fold(names[at]) in FIGURES]
    if len(counted) > 1 and len(named) == 1:
        counted = named
    lacking = [at for at in labels if _fold(names[at]) in FIGURES] or places[-1:]
    if not counted or not labels or lacking != places[-1:]:
        number, cells = next((own for own in body if not _is_number(own[1][lacking[0]])), body[0])
        what = f'"{cells[lacking[0]]}" is no count'
        raise RequestError(Fault(f"{path}, row {number}", what, "a count in every row", BY_HAND))
    previous = [""] * len(names)
    keys: list[tuple[str, ...]] = []
    for _, row in body:
        # Offices write a category once, and leave the cells below it empty.
        previous = [cell or previous[at] for at, cell in enumerate(row)]
        for at in counted:
            key = [previous[label] for label in labels]
            keys.append((*key, names[at]) if len(counted) > 1 else tuple(key))
    columns = [_numbers(row[at] for _, row in body) for at in counted]
    counts = [count for each in zip(*columns, strict=True) for count in each]
    titles = [names[at] for at in labels] + [CROSSED] * (len(counted) > 1)
    return _without_totals(path, tuple(titles), keys, counts)


def _without_totals(
    path: Path, names: tuple[str, ...], keys: Sequence[tuple[str, ...]], counts: Sequence[float]
) -> list[_Population]:
    """Leave out rows of totals; where every row is one for some column, one margin a column."""
    total = [[bool(TOTAL.fullmatch(text)) for text in key] for key in keys]
    used = [at for at in range(len(names)) if len({key[at] for key in keys}) > 1]
    if not used:
        what = f"has one category of {choices(names)}"
        raise RequestError(Fault(str(path), what, "two or more", BY_HAND))
    whole = _Population(tuple(names[at] for at in used))
    margins = [_Population((names[at],)) for at in used]
    everybody = math.nan
    for key, row, count in zip(keys, total, counts, strict=True):
        parts = [at for at in used if not row[at]]
        if not parts:
            everybody = count
        population, own = whole, tuple(key[at] for at in used)
        if len(parts) == 1 and len(used) > 1:
            place = used.index(parts[0])
            population, own = margins[place], (key[parts[0]],)
        elif len(parts) < len(used):
            continue
        if own in population.cells:
            what = f"{INTERLOCK.join(own)} stands in two rows"
            raise RequestError(Fault(str(path), what, "one count each", BY_HAND))
        population.cells[own] = count
    found = [whole] if whole.cells else [margin for margin in margins if margin.cells]
    for population in found:
        summed = math.fsum(population.cells.values())
        if abs(summed - everybody) > OFF * everybody:
            what = (
                f"the rows of {INTERLOCK.join(population.names)} add up to {summed:,.6g}, and the table's "
                f"total is {everybody:,.6g}"
            )
            expected = "parts that add up: rows of subtotals among them count twice"
            raise RequestError(Fault(str(path), what, expected, BY_HAND))
    return found


# --- What the data hold -----------------------------------------------------------------------


def _fold(text: str) -> str:
    """A text without what two hands write differently: case, marks, a plural, the words of a range."""
    plain = text.casefold()
    plain = re.sub(r"(?<=\d)\s*(and|or) (over|above|older|more)\b.*|(?<=\d)\s*plus\b", "+", plain)
    plain = re.sub(r"(?<=\d)\s*to\s*(?=\d)", "", plain)
    plain = re.sub(r"^(aged?|ages)\s+(?=\d)", "", plain)
    kept = "".join(sign for sign in plain if sign.isalnum() or sign == "+")
    return kept[:-1] if len(kept) > 3 and kept.endswith("s") else kept


def _match(
    name: str, texts: set[str], responses: Responses
) -> tuple[str, dict[str, str | None]] | None:
    """The column of the data that a column of the table is, and how its categories are spelled there.

    A column of its name that holds any of them; else the one column of which every answer is one.
    """
    fitting: list[tuple[str, dict[str, str | None]]] = []
    for column in map(str, responses.cells.columns):
        codes = responses.cells[column].cat
        answers = codes.categories[sorted(set(codes.codes.tolist()) - {-1})]
        if not 1 < len(answers) <= MOST_ANSWERS:
            continue
        known = {_fold(str(answer)): str(answer) for answer in answers}
        spelling = {text: known.get(_fold(text)) for text in texts}
        matched = {answer for answer in spelling.values() if answer is not None}
        if matched and _fold(column) == _fold(name):
            return column, spelling
        if len(matched) == len(answers):
            fitting.append((column, spelling))
    return fitting[0] if len(fitting) == 1 else None
