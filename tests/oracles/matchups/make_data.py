"""Draw by_task.csv and by_person.csv for figures.R: two arms, some attributes in one of them alone."""

from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).parent

LEVELS = {
    "price": ["low", "mid", "high"],
    "size": ["S", "L"],
    "brand": ["Aster", "Birch", "Cedar"],
    "warranty": ["1 year", "3 years"],
    "origin": ["near", "far", "abroad"],
}
"""Price and size stand in both arms; brand in the labelled, warranty in the plain one."""

LIKING = {
    "low": 0.7,
    "high": -0.5,
    "L": 0.4,
    "Birch": 0.6,
    "Cedar": -0.4,
    "3 years": 0.5,
    "far": -0.3,
}


def draw(rng: np.random.Generator, n: int = 200, *, by_person: bool) -> pd.DataFrame:
    """Draw four to six tasks for each respondent; the arm is a respondent's or a task's."""
    tasks = rng.integers(4, 7, n)
    people = pd.DataFrame(
        {"id": np.arange(1, n + 1), "weight": np.exp(rng.normal(0, 0.5, n)).round(3)}
    )
    rows = people.loc[people.index.repeat(tasks)].reset_index(drop=True)
    rows.insert(1, "task", rows.groupby("id").cumcount() + 1)
    drawn = rng.choice(["plain", "labelled"], n if by_person else len(rows))
    rows.insert(2, "arm", drawn[rows["id"] - 1] if by_person else drawn)
    answered = rng.uniform(size=len(rows)) > 0.03
    shift = rng.normal(0, 0.8, (n, 2))[rows["id"] - 1]

    profiles = rows.loc[rows.index.repeat(2)].reset_index(drop=True)
    profiles.insert(3, "profile", np.tile([1, 2], len(rows)))
    for name, levels in LEVELS.items():
        profiles[name] = rng.choice(levels, len(profiles))
    # People differ in how much they mind the price and care for the brand.
    taste = shift[profiles.index // 2]
    labelled = profiles["arm"] == "labelled"
    profiles.loc[~labelled, "brand"] = None
    profiles.loc[labelled, "warranty"] = None
    profiles.loc[rng.uniform(size=len(profiles)) < 0.25, "origin"] = None
    liking = sum(profiles[name].map(LIKING).fillna(0) for name in LEVELS).to_numpy()
    liking = (
        liking
        + taste[:, 0] * (profiles["price"] == "high")
        + taste[:, 1] * (profiles["brand"] == "Birch")
    )
    liking = (liking + rng.gumbel(size=len(profiles))).to_numpy().reshape(-1, 2)
    chosen = (liking == liking.max(axis=1, keepdims=True)).astype(float)
    chosen[~answered] = np.nan
    profiles["chosen"] = pd.array(chosen.ravel(), dtype="Int64")
    return profiles


if __name__ == "__main__":
    generator = np.random.default_rng(20270114)
    draw(generator, by_person=False).to_csv(HERE / "by_task.csv", index=False)
    draw(generator, by_person=True).to_csv(HERE / "by_person.csv", index=False)
