"""Small exports as survey platforms write them, drawn by chance: those that docs/new_survey.md shows."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyreadstat
from exported import long

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

DESIGN = {"price": ["10", "20", "30"], "brand": ["North", "South"]}


def shown(people: int = 90, tasks: str = "12", profiles: str = "AB") -> pd.DataFrame:
    """What was shown and chosen, one row a profile."""
    frame = long(people, profiles, tasks=tasks, design=DESIGN)
    return frame.drop(columns="age").assign(chosen=frame["chosen"].astype(int), weight=1.0)


def side_by_side(
    frame: pd.DataFrame, name: Callable[[str, str, str], str], choice: Callable[[str], str],
    answers: Sequence[str], ids: Sequence[str], first: str,
) -> pd.DataFrame:  # fmt: skip
    """One row a person, the choice of a task behind its profiles."""
    columns: dict[str, object] = {first: list(ids)}
    for task, rows in frame.groupby("task", sort=False):
        for profile, own in rows.groupby("profile", sort=False):
            for attribute in DESIGN:
                columns[name(str(task), str(profile), attribute)] = own[attribute].to_numpy()
        chosen = rows["chosen"].to_numpy().reshape(-1, len(answers)).argmax(axis=1)
        columns[choice(str(task))] = np.array(answers, dtype=object)[chosen]
    return pd.DataFrame(columns, dtype=object)


def _rows(path: Path, rows: Sequence[Sequence[str]], delimiter: str = ",") -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=delimiter, lineterminator="\n").writerows(rows)


def qualtrics(folder: Path) -> tuple[Path, pd.DataFrame]:
    """Three rows of header; attributes change places."""
    frame, rng = shown(), np.random.default_rng(1)
    ids = [f"R_{number}" for number in rng.integers(10**5, 10**6, 90)]
    turned = rng.random(90) < 0.5
    table: dict[str, object] = {"ResponseId": ids}
    for task, rows in frame.groupby("task", sort=False):
        for place in (1, 2):
            own = np.where(turned == (place == 1), "brand", "price")
            table[f"F-{task}-{place}"] = own
            for number, profile in enumerate("AB", start=1):
                cells = rows[rows["profile"] == profile]
                level = np.where(own == "price", cells["price"], cells["brand"])
                table[f"F-{task}-{number}-{place}"] = level
        table[f"Q{task}.1"] = np.where(rows["chosen"].to_numpy()[::2] == 1, "1", "2")
    names = list(table)
    words = ["Which of the two would you buy?" if n.startswith("Q") else n for n in names]
    imports = [f'{{"ImportId":"{n}"}}' for n in names]
    cells = pd.DataFrame(table).to_numpy().tolist()
    path = folder / "export.csv"
    _rows(path, [names, words, imports, *cells])
    return path, frame


def conjointly(folder: Path) -> tuple[Path, pd.DataFrame]:
    """One row a profile, with a row for choosing none."""
    frame, rng, rows = shown(), np.random.default_rng(2), []
    kept = frame.copy()
    for (person, task), own in frame.groupby(["id", "task"], sort=False):
        none = rng.random() < 0.2
        for number, row in enumerate(own.itertuples(), start=1):
            rows.append([person, task, number, row.price, row.brand, int(row.chosen and not none)])
        rows.append([person, task, 3, "None", "None", int(none)])
        kept.loc[own.index, "chosen"] = 0 if none else own["chosen"]
    path = folder / "export.csv"
    _rows(path, [["participant", "set", "alternative", "price", "brand", "selected"], *rows])
    return path, kept


def yougov(folder: Path) -> tuple[Path, pd.DataFrame]:
    """SPSS: codes with labels, a weight, and a question with codes for no answer."""
    frame, rng = shown(), np.random.default_rng(3)
    table = side_by_side(frame, lambda t, p, a: f"conj_{t}_{p}_{a}", lambda t: f"conj_{t}_choice",
                         ("1", "2"), [str(n) for n in range(5001, 5091)], "caseid")  # fmt: skip
    table["pid3"] = rng.choice(["1", "2", "3", "98"], 90)
    table["weight"] = np.round(rng.lognormal(0, 0.3, 90), 3)
    labels = {}
    for name in table:
        if "brand" in name:
            table[name] = table[name].map({"North": 1, "South": 2})
            labels[name] = {1: "North", 2: "South"}
        elif "choice" in name:
            labels[name] = {1: "Profile A", 2: "Profile B"}
        table[name] = table[name].astype(float)
    labels["pid3"] = {1: "Left", 2: "Right", 3: "Neither", 98: "Not sure"}
    frame["weight"] = np.repeat(table["weight"].to_numpy(), 4)
    path = folder / "export.sav"
    pyreadstat.write_sav(table, str(path), variable_value_labels=labels)
    return path, frame


def forsta(folder: Path) -> tuple[Path, pd.DataFrame]:
    """Wide, with codes; a question of several answers, a column an answer."""
    frame, rng = shown(), np.random.default_rng(4)
    table = side_by_side(frame, lambda t, p, a: f"CJ{t}_{'_AB'.index(p)}_{a}", lambda t: f"CJ{t}",
                         ("1", "2"), [str(n) for n in range(1, 91)], "record")  # fmt: skip
    for answer in (1, 2, 3):
        table[f"Q3r{answer}"] = rng.choice(["0", "1"], 90)
    path = folder / "export.csv"
    table.to_csv(path, index=False, lineterminator="\n")
    return path, frame


def limesurvey(folder: Path) -> tuple[Path, pd.DataFrame]:
    """Semicolons, and codes of answers that say nothing."""
    frame = shown()
    table = side_by_side(frame, lambda t, p, a: f"t{t}{p}{a}", lambda t: f"t{t}choice",
                         ("AO01", "AO02"), [str(n) for n in range(1, 91)], "id")  # fmt: skip
    path = folder / "export.csv"
    table.to_csv(path, index=False, sep=";", lineterminator="\n")
    return path, frame


def forms(folder: Path) -> tuple[Path, pd.DataFrame]:
    """The questions' words as names, and a scale with labels at its ends."""
    frame, rng = shown(), np.random.default_rng(5)
    table = side_by_side(
        frame, lambda t, p, a: f"Round {t}: plan {p}: {a}",
        lambda t: f"Round {t}: which plan do you prefer?", ("Plan A", "Plan B"),
        [str(n) for n in range(118_001, 118_091)], "Respondent ID",
    )  # fmt: skip
    points = ["0 - Not at all", *map(str, range(1, 10)), "10 - Completely"]
    table["How much do you trust the firm?"] = rng.choice(points, 90)
    path = folder / "export.csv"
    table.to_csv(path, index=False, lineterminator="\n")
    return path, frame


def otree(folder: Path) -> tuple[Path, pd.DataFrame]:
    """All apps in one wide file: a round is a task."""
    frame, rng = shown(), np.random.default_rng(6)
    ids = ["".join(rng.choice(list("abcdefghkmnp0123456789"), 8)) for _ in range(90)]
    table = side_by_side(
        frame, lambda t, p, a: f"conjoint.{t}.player.{a}_{p.lower()}",
        lambda t: f"conjoint.{t}.player.choice", ("a", "b"), ids, "participant.code",
    )  # fmt: skip
    path = folder / "export.csv"
    table.to_csv(path, index=False, lineterminator="\n")
    return path, frame


def stata(folder: Path) -> tuple[Path, pd.DataFrame]:
    """One row a profile, codes with labels, and a price of very many values, without numbers of tasks."""
    frame, rng = shown(), np.random.default_rng(7)
    table = pd.DataFrame({
        "respid": np.repeat(np.arange(101, 191), 4),
        "chosen": frame["chosen"],
        "price": frame["price"].astype(int),
        "brand": frame["brand"].map({"North": 1, "South": 2}),
        "fee": rng.uniform(1, 20, len(frame)).round(2),
    })  # fmt: skip
    path = folder / "export.dta"
    pyreadstat.write_dta(
        table, str(path), variable_value_labels={"brand": {1: "North", 2: "South"}}
    )
    return path, frame


PLATFORMS = {
    "Qualtrics": qualtrics,
    "Conjointly, and other long files": conjointly,
    "YouGov, and other SPSS files": yougov,
    "Forsta, Confirmit, Decipher": forsta,
    "LimeSurvey": limesurvey,
    "SurveyMonkey, Google Forms": forms,
    "oTree": otree,
    "Stata": stata,
}
