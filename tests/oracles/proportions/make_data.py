"""Draw people.csv, profiles.csv and tables.csv for figures.R: shares of nought, rare, middling, one."""

from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).parent

SHARES = {"rare1": 0.01, "rare3": 0.03, "rare5": 0.05, "fifth": 0.2, "half": 0.5, "most": 0.97}

TABLES = {
    "0 of 60 v 12 of 300": (0, 60, 12, 300),
    "1 of 60 v 12 of 300": (1, 60, 12, 300),
    "0 of 60 v 40 of 2000": (0, 60, 40, 2000),
    "4 of 60 v 40 of 2000": (4, 60, 40, 2000),
    "0 of 100 v 50 of 1000": (0, 100, 50, 1000),
    "6 of 100 v 20 of 1000": (6, 100, 20, 1000),
    "0 of 150 v 6 of 150": (0, 150, 6, 150),
    "3 of 150 v 12 of 150": (3, 150, 12, 150),
    "30 of 150 v 45 of 150": (30, 150, 45, 150),
    "60 of 60 v 285 of 300": (60, 60, 285, 300),
}
"""How many of how many say yes in A, and in B."""

WEIGHTS = (0.4, 0.7, 1.0, 1.3, 2.1)


def draw_people(rng: np.random.Generator, n: int = 300, in_a: int = 60) -> pd.DataFrame:
    """Draw respondents of unequal weight, of whom `in_a` are in group A."""
    people = pd.DataFrame({"id": np.arange(1, n + 1)})
    people["group"] = np.where(people["id"] <= in_a, "A", "B")
    people["sex"] = rng.choice(["Female", "Male"], n)
    people["age"] = rng.choice(["18-34", "35-54", "55+"], n)
    people["weight"] = np.round(np.exp(rng.normal(0, 0.6, n)), 3)
    people["never"] = 0
    for name, share in SHARES.items():
        people[name] = (rng.uniform(size=n) < share).astype(int)
    people["always"] = 1
    people["only_b"] = (rng.uniform(size=n) < 0.06).astype(int) * (people["group"] == "B")
    return people


def draw_profiles(rng: np.random.Generator, people: pd.DataFrame) -> pd.DataFrame:
    """Show some of them two tasks of two profiles each; answers of one person hang together."""
    some = people.loc[20:139, ["id", "group", "sex", "age", "weight"]]
    profiles = some.loc[some.index.repeat(4)].reset_index(drop=True)
    n = len(profiles)
    profiles["task"] = np.tile([1, 1, 2, 2], len(some))
    profiles["profile"] = np.tile(["A", "B"], 2 * len(some))
    profiles["price"] = rng.choice(["low", "mid", "high"], n)
    warmth = np.repeat(rng.normal(0, 1.2, len(some)), 4)
    dear = (profiles["price"] == "high").to_numpy()
    profiles["liked"] = (warmth - 0.8 * dear + rng.logistic(size=n) > 0.3).astype(int)
    profiles["rare"] = (warmth + rng.logistic(size=n) > 4.5).astype(int)
    profiles["never_dear"] = profiles["rare"] * ~dear
    return profiles


def count_tables() -> pd.DataFrame:
    """Count who answers what in tables of two by two, of weight one and of unequal weights."""
    rows = []
    for table, (yes_a, n_a, yes_b, n_b) in TABLES.items():
        for group, yes, n in (("A", yes_a, n_a), ("B", yes_b, n_b)):
            people = pd.DataFrame({"table": table, "group": group, "answer": np.arange(n) < yes})
            people["weight"] = np.resize(WEIGHTS, n)
            rows.append(people)
    people = pd.concat(rows).astype({"answer": int})
    return people.groupby(list(people), sort=False).size().rename("people").reset_index()


if __name__ == "__main__":
    generator = np.random.default_rng(20261130)
    drawn = draw_people(generator)
    drawn.to_csv(HERE / "people.csv", index=False)
    draw_profiles(generator, drawn).to_csv(HERE / "profiles.csv", index=False)
    count_tables().to_csv(HERE / "tables.csv", index=False)
