"""Small exports to spoil, and what a file of cells says by survey.toml, read off in the plainest way.

The reader under test takes no part here: `what_it_says` is a second reading, of dictionaries, by
which a wave that came of a spoiled file is judged.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

PRICES = ("5000", "10000", "20000")
COLOURS = ("grün", "rot", "None")
PROMISES = ("10% off, no “ifs”", 'say "yes"', "N/A", "-1")
PARTIES = ("Left", "Right", "None")

COMMON = """\
title = "A survey to spoil"

[attributes.price]
levels = [5000, 10000, 20000]

[attributes.colour]
levels = ["grün", "rot", "None"]

[attributes.promise]
levels = ["10% off, no “ifs”", 'say "yes"', "N/A", "-1"]

[[restrictions]]
never.price = 20000
never.promise = "-1"

[questions.party]
answers = ["Left", "Right", "None"]

[questions.warmth]
kind = "scale"
min = 0
max = 10
missing = "DK"
"""

WIDE = """
[data]
file = "{file}"
layout = "wide"
respondent = "id"
weight = "w"
tasks = 3
profiles = ["A", "B"]
attribute = "t{{task}}_{{profile}}_{{attribute}}"
repeat = {{ task = "4", of = "1" }}

[outcomes.choice]
kind = "choice"
column = "t{{task}}_choice"
chosen = {{ A = "Deal A", B = "Deal B" }}

[outcomes.support]
kind = "support"
column = "t{{task}}_{{profile}}_support"
positive = "yes"
negative = "no"
missing = "skip"
"""

LONG = """
[data]
file = "{file}"
layout = "long"
respondent = "id"
weight = "w"
task = "round"
profile = "who"

[outcomes.choice]
kind = "choice"
column = "chosen"
positive = "1"
negative = "0"

[outcomes.rating]
kind = "rating"
column = "stars"
min = 0
max = 10
"""

TASKS, PROFILES = ("1", "2", "3", "4"), ("A", "B")
REPEATED = {"wide": "4", "long": ""}


@dataclass
class Grid:
    """A file before it is one: a header and rows of cells of text."""

    layout: str
    header: list[str]
    rows: list[list[str]]

    def copy(self) -> Grid:
        return Grid(self.layout, [*self.header], [[*row] for row in self.rows])

    def place(self, column: str) -> int:
        return self.header.index(column)


@dataclass
class Truth:
    """What a file says.

    `people`: id -> (weight, party, warmth); `shown`: (id, task, profile) -> (levels and outcomes).
    `must` is off where a reader may as well refuse the file.
    """

    people: dict = field(default_factory=dict)
    shown: dict = field(default_factory=dict)
    must: bool = True


def toml(layout: str, file: str) -> str:
    return COMMON + (WIDE if layout == "wide" else LONG).format(file=file)


def profile(rng: np.random.Generator) -> list[str]:
    while True:
        levels = [str(rng.choice(names)) for names in (PRICES, COLOURS, PROMISES)]
        if (levels[0], levels[2]) != ("20000", "-1"):
            return levels


def person(rng: np.random.Generator, place: int) -> list[str]:
    """Id, weight, party, warmth, comment."""
    return [
        f"{place + 1:03d}",
        f"{rng.uniform(0.3, 3):.3f}",
        str(rng.choice([*PARTIES, ""])),
        str(rng.choice([*map(str, range(11)), "DK", ""])),
        str(rng.choice(["", "fine", "Grüße; bis bald", "two\nlines", 'a "quoted", word', "=1+1"])),
    ]


PERSON = ["id", "w", "party", "warmth", "comment"]


def wide(rng: np.random.Generator, n: int = 8) -> Grid:
    header, rows = [*PERSON], []
    for task in TASKS:
        for who in PROFILES:
            header += [f"t{task}_{who}_{name}" for name in ("price", "colour", "promise")]
            header.append(f"t{task}_{who}_support")
        header.append(f"t{task}_choice")
    for place in range(n):
        row = person(rng, place)
        for task in TASKS:
            if task == "3" and rng.random() < 0.15:
                row += [""] * 9  # not seen
                continue
            for _ in PROFILES:
                row += [*profile(rng), str(rng.choice(["yes", "no", "skip"]))]
            row.append(str(rng.choice(["Deal A", "Deal B", ""], p=[0.45, 0.45, 0.1])))
        rows.append(row)
    return Grid("wide", header, rows)


def long(rng: np.random.Generator, n: int = 6) -> Grid:
    header = [*PERSON, "round", "who", "price", "colour", "promise", "chosen", "stars"]
    rows = []
    for place in range(n):
        own = person(rng, place)
        for task in TASKS[:3]:
            chosen = str(rng.choice(PROFILES))
            rows += [
                [*own, task, who, *profile(rng), str(int(who == chosen)), str(rng.integers(0, 11))]
                for who in PROFILES
            ]
    return Grid("long", header, rows)


# --- What a grid says -----------------------------------------------------------------------------

NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
INVISIBLE = "\ufeff\u200b\u200c\u200d\u2060\u00ad"


class UnreadableError(Exception):
    """The grid says nothing that could be read: a reader has to refuse it."""


def number(text: str, low: float, high: float) -> float | None:
    if text == "":
        return None
    if not NUMBER.fullmatch(text):
        raise UnreadableError(f"no number: {text!r}")
    value = float(text)
    if not low <= value <= high:
        raise UnreadableError(f"out of range: {text!r}")
    return value


def one_of(text: str, known: tuple[str, ...]) -> str | None:
    if text and text not in known:
        raise UnreadableError(f"unknown: {text!r}")
    return text or None


def tidy(grid: Grid) -> tuple[list[str], list[list[str]], bool]:
    """Names and rows stripped, blank rows left out; whether some row was short of empty cells."""
    names = [name.strip() for name in grid.header]
    rows, even = [], True
    for row in grid.rows:
        cells = [cell.strip() for cell in row]
        if not any(cells):
            continue
        if any(cells[len(names) :]) or (
            len(cells) < len(names) and any(names[len(cells) :]) and len(cells)
        ):
            raise UnreadableError("a row of another length")
        even &= len(cells) == len(names)
        rows.append((cells + [""] * len(names))[: len(names)])
    if not rows:
        raise UnreadableError("no rows")
    known = [name for name in names if name]
    if len(set(known)) < len(known):
        raise UnreadableError("a name twice")
    if any("\0" in cell for row in [names, *rows] for cell in row):
        raise UnreadableError("a byte of zero")
    return names, rows, even


def what_it_says(grid: Grid) -> Truth:
    """Read a grid by survey.toml; raises UnreadableError where it has to be refused."""
    names, rows, even = tidy(grid)
    told, first = Truth(must=even), {}
    records = [dict(zip(names, row, strict=True)) for row in rows]
    missing = {"id", "w", "party", "warmth"} - set(names)
    if missing:
        raise UnreadableError(f"no {missing}")
    for record in records:
        own = (
            number(record["w"], 0, math.inf),
            one_of(record["party"], PARTIES),
            None if record["warmth"] == "DK" else number(record["warmth"], 0, 10),
        )
        who = record["id"]
        if not who or own[0] is None or math.isinf(own[0]):
            raise UnreadableError("no id or weight")
        if any(mark in who for mark in INVISIBLE) or own[0] > 1e6:
            told.must = False
        if grid.layout == "wide" and who in told.people:
            raise UnreadableError("an id twice")
        if told.people.setdefault(who, own) != own:
            raise UnreadableError("a respondent whose answers differ from row to row")
        # "DK" in one row and nothing in the next mean the same, and may be refused.
        texts = tuple(record[name] for name in ("w", "party", "warmth"))
        told.must &= first.setdefault(who, texts) == texts
        (wide_tasks if grid.layout == "wide" else long_row)(told, who, record)
    if not sum(own[0] for own in told.people.values()) > 0:
        raise UnreadableError("no weight")
    if not any(task != REPEATED[grid.layout] for _, task, _ in told.shown):
        raise UnreadableError("no profiles")
    if grid.layout == "long":
        one_choice_each(told)
    return told


def levels(record: dict, column: str) -> tuple[str, str, str]:
    cells = [record[column.format(name)] for name in ("price", "colour", "promise")]
    if not all(cells):
        raise UnreadableError("no level")
    for cell, known in zip(cells, (PRICES, COLOURS, PROMISES), strict=True):
        one_of(cell, known)
    if (cells[0], cells[2]) == ("20000", "-1"):
        raise UnreadableError("a forbidden pair")
    return tuple(cells)


def wide_tasks(told: Truth, person: str, record: dict) -> None:
    for task in TASKS:
        columns = [name for name in record if re.match(rf"t{task}_", name)]
        needed = {f"t{task}_choice"} | {
            f"t{task}_{who}_{name}"
            for who in PROFILES
            for name in ("price", "colour", "promise", "support")
        }
        if needed - set(columns):
            raise UnreadableError(f"no {needed - set(columns)}")
        if not any(record[name] for name in needed):
            continue
        answer = one_of(record[f"t{task}_choice"], ("Deal A", "Deal B"))
        for who in PROFILES:
            support = one_of(record[f"t{task}_{who}_support"], ("yes", "no", "skip"))
            told.shown[person, task, who] = (
                *levels(record, f"t{task}_{who}_{{}}"),
                None if answer is None else float(answer == f"Deal {who}"),
                {"yes": 1.0, "no": 0.0}.get(support),
            )


def long_row(told: Truth, person: str, record: dict) -> None:
    lacking = {"round", "who", "price", "colour", "promise", "chosen", "stars"} - set(record)
    if lacking:
        raise UnreadableError(f"no {lacking}")
    key = (person, record["round"], record["who"])
    given = [record[name] for name in ("price", "colour", "promise", "chosen", "stars")]
    if not any(given):
        told.must = False  # whether the other profile of the task was seen decides
        return
    if not all(key) or key in told.shown:
        raise UnreadableError("a profile without a name, or twice")
    chosen = one_of(record["chosen"], ("1", "0"))
    told.shown[key] = (
        *levels(record, "{}"),
        None if chosen is None else float(chosen),
        number(record["stars"], 0, 10),
    )


def one_choice_each(told: Truth) -> None:
    tasks: dict = {}
    for (person, task, _), cells in told.shown.items():
        tasks.setdefault((person, task), []).append(cells[3])
    for answers in tasks.values():
        given = [answer for answer in answers if answer is not None]
        if given and (len(given) < len(answers) or sum(given) != 1):
            raise UnreadableError("a task without exactly one choice")
        if len(answers) != 2:
            told.must = False  # a profile that the survey may or may not have shown


# --- What a wave says -------------------------------------------------------------------------------


def plain(value):
    return None if value is None or value != value else value


def what_the_wave_says(wave) -> Truth:
    """The same, of a wave."""
    told, outcomes = Truth(), [*wave.survey.outcomes]
    people = wave.respondents
    for place, record in enumerate(people.to_dict("records")):
        own = (float(wave.weights[place]), plain(record["party"]), plain(record["warmth"]))
        told.people[record["respondent"]] = own
    frames = [wave.profiles] + ([] if wave.repeats is None else [wave.repeats])
    for frame in frames:
        columns = [frame[name].to_list() for name in ("respondent", "task", "profile")]
        cells = [frame[name].to_list() for name in ("price", "colour", "promise", *outcomes)]
        for key, values in zip(zip(*columns, strict=True), zip(*cells, strict=True), strict=True):
            assert key not in told.shown
            told.shown[key] = tuple(plain(value) for value in values)
    return told
