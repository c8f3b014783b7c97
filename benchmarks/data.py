"""The data that is timed: the immigration experiment, or made-up data of its shape."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).parent.parent
SHAPE = {
    "Gender": 2, "Education": 7, "LanguageSkills": 4, "CountryOfOrigin": 10, "Job": 11,
    "JobExperience": 4, "JobPlans": 4, "ReasonForApplication": 3, "PriorEntry": 5,
}  # fmt: skip
"""Attributes of Hainmueller, Hopkins & Yamamoto (2014) and their numbers of levels."""

RESPONDENT, OUTCOME = "CaseID", "ChosenImmigrant"


def attributes() -> list[str]:
    """The attributes, in the order of the regression."""
    return list(SHAPE)


def load(times: int) -> tuple[pd.DataFrame, str]:
    """The data stacked `times` times with respondents made unique, and what they are."""
    folder = Path(os.environ.get("CONJOINT_ORACLE", ROOT.parent / "shared" / "oracle")) / "data"
    if (folder / "immigration.csv").exists():
        frame, name = _published(folder), "immigration experiment"
    else:
        frame, name = _made_up(), "made-up data of the immigration experiment's shape"
    step = int(frame[RESPONDENT].max()) + 1
    parts = [frame.assign(**{RESPONDENT: frame[RESPONDENT] + step * copy}) for copy in range(times)]
    return pd.concat(parts, ignore_index=True), name


def _published(folder: Path) -> pd.DataFrame:
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))["immigration"]
    columns = [RESPONDENT, OUTCOME, *SHAPE]
    frame = pd.read_csv(
        folder / "immigration.csv", keep_default_na=False, na_values=[""], usecols=columns
    )
    for attribute in SHAPE:
        levels = meta["factors"][attribute]["levels"]
        frame[attribute] = pd.Categorical(frame[attribute].astype(object), categories=levels)
    return frame[columns]


def _made_up() -> pd.DataFrame:
    people, tasks = 1396, 5
    rng = np.random.default_rng(2014)
    rows = people * tasks * 2
    frame = pd.DataFrame({RESPONDENT: np.repeat(np.arange(people), tasks * 2)})
    liking = rng.gumbel(size=rows)
    for attribute, size in SHAPE.items():
        codes = rng.integers(0, size, rows)
        liking += 0.1 * codes
        levels = [f"{attribute} {level}" for level in range(size)]
        frame[attribute] = pd.Categorical.from_codes(codes, levels)
    pairs = liking.reshape(-1, 2)
    first = pairs[:, 0] > pairs[:, 1]
    frame[OUTCOME] = np.column_stack([first, ~first]).ravel().astype(int)
    return frame
