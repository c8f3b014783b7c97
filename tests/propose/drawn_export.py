"""Exports drawn at random: layouts, codes, header rows and noise, and the profiles behind them."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

LEVELS = {
    "price": ["£5", "£10", "£20"],
    "colour": ["Red", "Green", "Blue", "Yellow"],
    "quality": ["Good", "Fair", "Poor"],
    "service": ["Good", "Fair", "Poor"],
    "origin": ["France", "Spain", "Italy", "Poland", "Greece"],
    "delivery": ["Next day", "Within a week"],
    "warranty": ["None", "1 year", "2 years"],
    "policy": ["For", "Against"],
}

PATTERNS: dict[str, Callable[[str, str, str], str]] = {
    "t1_A_price": lambda t, p, a: f"t{t}_{p}_{a}",
    "price_1_A": lambda t, p, a: f"{a}_{t}_{p}",
    "A.price.1": lambda t, p, a: f"{p}.{a}.{t}",
    "choice1_price_A": lambda t, p, a: f"choice{t}_{a}_{p}",
    "Price:Task 1:Profile A": lambda t, p, a: f"{a.title()}:Task {t}:Profile {p}",
    "Alt_A.Set1.price": lambda t, p, a: f"Alt_{p}.Set{t}.{a}",
    "price_T1_A": lambda t, p, a: f"{a}_T{t}_{p}",
}
ANSWERS = {
    "words": lambda p, _: f"Option {p}",
    "letters": lambda p, _: p,
    "numbers": lambda p, _: str("ABC".index(p) + 1) if p in "ABC" else p,
    "glued": lambda p, _: f"Option{p}",
    "task too": lambda p, t: f"{t}{p}" if p in "ABC" else f"Task {t}: {p}",
}
NOISE = ("zip", "age", "timing", "words", "codes", "scale", "unanswered", "blanks", "weight", "empty mark",
    "labels", "dummies", "policy", "amount")  # fmt: skip
"""What stands beside, or in, a clean export.

Among them are NA for an empty cell, labels at a scale's ends, a column a level in place of an attribute,
an attribute whose levels are words for and against, and a price of very many values, which is left out.
"""
HEADERS = ("names", "import ids", "before 2017")
WIDE, LONG = ("wide", "positions"), ("long", "unnumbered", "task rows")


@dataclass(frozen=True)
class Export:
    """What is drawn; :func:`write` makes the file and the profiles it holds."""

    layout: str
    header: str
    pattern: str
    coding: str
    attributes: tuple[str, ...]
    tasks: int
    profiles: int
    noise: tuple[str, ...]
    delimiter: str
    seed: int


def exports(*, clean: bool = False) -> st.SearchStrategy[Export]:
    """Any export, each part drawn apart from the others; without noise where `clean`."""
    return st.integers(0, 2**63).map(lambda seed: _export(seed, clean=clean))


def _export(seed: int, *, clean: bool) -> Export:
    rng = np.random.default_rng(seed)

    def pick(choices: Sequence[str]) -> str:
        return choices[rng.integers(len(choices))]

    layout = pick((*WIDE, *LONG))
    names = rng.permutation(sorted(LEVELS.keys() - {"policy"}))[: rng.integers(2, 6)]
    noise = rng.permutation(NOISE)[: rng.integers(0, 5)]
    return Export(
        layout,
        pick(HEADERS) if layout in WIDE else "names",
        pick(sorted(PATTERNS)),
        pick(("flags", "numbers") if layout in ("long", "unnumbered") else sorted(ANSWERS)),
        (*map(str, names), *(["policy"] if "policy" in noise and not clean else [])),
        int(rng.integers(3, 7)),
        int(rng.choice([2, 2, 2, 3])),
        () if clean else tuple(sorted(map(str, noise))),
        pick((",", ",", ";", "\t")),
        seed,
    )


@dataclass
class Drawn:
    """Profiles as they were shown, one row each: person, task, profile, attributes, chosen."""

    rows: pd.DataFrame
    people: pd.DataFrame
    attributes: tuple[str, ...]
    tasks: list[str]
    profiles: list[str]
    wordings: dict[str, str] = field(default_factory=dict)


def draw_profiles(export: Export, people: int = 60) -> Drawn:
    """Profiles, choices and what people are, by chance alone."""
    rng = np.random.default_rng(export.seed)
    tasks = [str(task + 1) for task in range(export.tasks)]
    numbered = export.layout in LONG or export.layout == "positions"
    profiles = list("123" if numbered else "ABC")[: export.profiles]
    index = pd.MultiIndex.from_product([range(people), tasks, profiles])
    rows = index.to_frame(index=False, name=["person", "task", "profile"])
    worth = rng.gumbel(size=len(rows))
    for name in export.attributes:
        levels = LEVELS[name]
        code = rng.integers(len(levels), size=len(rows))
        rows[name] = np.array(levels, dtype=object)[code]
        worth += 0.8 * code / len(levels)
    best = worth.reshape(-1, len(profiles)).argmax(axis=1)
    rows["chosen"] = (np.arange(len(profiles)) == best[:, None]).ravel().astype(float)
    if "unanswered" in export.noise:
        gone = rng.random(len(best)) < 0.04
        rows.loc[np.repeat(gone, len(profiles)), "chosen"] = np.nan
    return Drawn(rows, _people(export, people, rng), export.attributes, tasks, profiles)


def _people(export: Export, people: int, rng: np.random.Generator) -> pd.DataFrame:
    """What stands beside the conjoint."""
    columns: dict[str, object] = {
        "ResponseId": [f"R_{rng.integers(10**9):09d}" for _ in range(people)],
        "gender": rng.choice(["Female", "Male"], people),
    }
    noise = {
        "zip": lambda: rng.integers(10_000, 99_999, people).astype(str),
        "age": lambda: rng.integers(18, 90, people).astype(str),
        "timing": lambda: np.round(rng.lognormal(5, 0.5, people), 2).astype(str),
        "words": lambda: [f"because {rng.integers(10**6)}" for _ in range(people)],
        "codes": lambda: rng.choice(["1", "2", "3", "-99"], people),
        "scale": lambda: rng.integers(0, 11, people).astype(str),
        "weight": lambda: np.round(rng.lognormal(0, 0.3, people), 4).astype(str),
        "empty mark": lambda: rng.choice(["1000", "2000", "5000", "NA"], people),
        "labels": lambda: rng.choice(["0 - None", *map(str, range(1, 10)), "10 - All"], people),
    }
    titles = {"timing": "Duration (in seconds)", "words": "q_open", "codes": "q_region"}
    titles |= {"empty mark": "income", "labels": "q_trust"}
    for name, make in noise.items():
        if name in export.noise:
            columns[titles.get(name, name)] = make()
    return pd.DataFrame(columns, dtype=object)


def write(export: Export, path: Path) -> Drawn:
    """Write the export to a file; what it holds."""
    drawn = draw_profiles(export)
    table, wordings = WRITERS[export.layout](export, drawn)
    if "blanks" in export.noise:
        column = export.attributes[0]
        touched = [name for name in table if column in name.casefold()][:1]
        for name in touched:
            table.loc[::3, name] = table.loc[::3, name] + "  "
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=export.delimiter)
        writer.writerows(_header(export, list(table), wordings))
        writer.writerows(table.fillna("").to_numpy())
    return drawn


def _header(export: Export, names: list[str], wordings: dict[str, str]) -> list[list[str]]:
    """One row of names; or Qualtrics' three rows, or its two rows of before 2017."""
    words = [wordings.get(name, name) for name in names]
    if export.header == "import ids":
        return [names, words, [f'{{"ImportId":"QID{i}"}}' for i in range(len(names))]]
    if export.header == "before 2017":
        top = ["V1", *names[1:]]
        return [top, ["ResponseID", *words[1:]]]
    return [names]


Table = tuple[pd.DataFrame, dict[str, str]]


def _cells(export: Export, rows: pd.DataFrame) -> dict[str, pd.Series]:
    """The columns of some profiles' attributes: one each, or one a level, or a price besides."""
    cells = {name: rows[name] for name in export.attributes}
    if "dummies" in export.noise and "colour" in cells:
        own = cells.pop("colour")
        cells |= {
            f"colour_{text}": (own == text).astype(int).astype(str) for text in LEVELS["colour"]
        }
    if "amount" in export.noise:
        rng = np.random.default_rng([export.seed, int(rows.index[0])])
        cells["amount"] = pd.Series(rng.uniform(1, 90, len(rows)).round(2).astype(str), rows.index)
    return cells


def _wide(export: Export, drawn: Drawn) -> Table:
    named, words = PATTERNS[export.pattern], ANSWERS[export.coding]
    table, wordings = drawn.people.copy(), {}
    for (task, profile), rows in drawn.rows.groupby(["task", "profile"], sort=False):
        for name, cells in _cells(export, rows).items():
            table[named(str(task), str(profile), name)] = cells.to_numpy()
    for task, answers in _answers(drawn, words).items():
        table[f"pick_{task}"] = answers
        wordings[f"pick_{task}"] = "Which of the two do you prefer?"
    return table, wordings


def _positions(export: Export, drawn: Drawn) -> Table:
    """Each person's own order of attributes, kept for all tasks."""
    rng = np.random.default_rng(export.seed + 1)
    size, people = len(drawn.attributes), len(drawn.people)
    order = np.array([rng.permutation(size) for _ in range(people)])
    names = np.array(drawn.attributes, dtype=object)
    table, wordings = drawn.people.copy(), {}
    for task in drawn.tasks:
        for place in range(size):
            table[f"F-{task}-{place + 1}"] = names[order[:, place]]
        for profile in drawn.profiles:
            chosen = (drawn.rows["task"] == task) & (drawn.rows["profile"] == profile)
            cells = drawn.rows.loc[chosen, list(drawn.attributes)].to_numpy()
            for place in range(size):
                table[f"F-{task}-{profile}-{place + 1}"] = cells[np.arange(people), order[:, place]]
    for task, answers in _answers(drawn, ANSWERS[export.coding]).items():
        table[f"Q{task}.1"] = answers
        wordings[f"Q{task}.1"] = "Which of these would you choose?"
    return table, wordings


def _answers(drawn: Drawn, words: Callable[[str, str], str]) -> dict[str, np.ndarray]:
    """By task, each person's answer; empty where there was none."""
    found = {}
    for task, rows in drawn.rows.groupby("task", sort=False):
        marks = rows["chosen"].to_numpy().reshape(-1, len(drawn.profiles))
        texts = np.array([words(own, str(task)) for own in drawn.profiles], dtype=object)
        picked = texts[np.nan_to_num(marks).argmax(axis=1)]
        found[str(task)] = np.where(np.isnan(marks[:, 0]), "", picked)
    return found


def _long(export: Export, drawn: Drawn) -> Table:
    table = drawn.people.iloc[drawn.rows["person"]].reset_index(drop=True)
    keys = drawn.rows[["task", "profile"]]
    table = pd.concat([table, keys, pd.DataFrame(_cells(export, drawn.rows))], axis=1)
    if export.layout == "unnumbered":
        table = table.drop(columns=["task", "profile"])
    yes, no = ("1", "0") if export.coding == "flags" else ("1", "2")
    flags = drawn.rows["chosen"].map({1.0: yes, 0.0: no})
    return table.assign(selected=flags.astype(object).where(flags.notna(), "")), {}


def _task_rows(export: Export, drawn: Drawn) -> Table:
    """One row a task: each profile's attributes side by side."""
    first = drawn.rows["profile"] == drawn.profiles[0]
    table = drawn.people.iloc[drawn.rows.loc[first, "person"]].reset_index(drop=True)
    table["task"] = drawn.rows.loc[first, "task"].to_numpy()
    joint = "_" if "dummies" in export.noise else ""
    for profile in drawn.profiles:
        own = drawn.rows[drawn.rows["profile"] == profile]
        for name, cells in _cells(export, own).items():
            table[f"{name}{joint}{profile}"] = cells.to_numpy()
    marks = drawn.rows["chosen"].to_numpy().reshape(-1, len(drawn.profiles))
    words = ANSWERS["words" if export.coding == "task too" else export.coding]
    texts = [words(profile, "") for profile in drawn.profiles]
    picked = np.array(texts, dtype=object)[np.nan_to_num(marks).argmax(axis=1)]
    table["choice"] = np.where(np.isnan(marks[:, 0]), "", picked)
    return table, {}


WRITERS = {
    "wide": _wide,
    "positions": _positions,
    "long": _long,
    "unnumbered": _long,
    "task rows": _task_rows,
}
