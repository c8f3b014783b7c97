"""The shipped survey's folder with a fault planted in its answers, and clean waves drawn anew."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from conftest import ROUTES
from conjoint.folder import open_folder
from conjoint.plan import read_recipe, simulate
from conjoint.survey import read_survey

if TYPE_CHECKING:
    from pathlib import Path

    from conjoint.wave import Wave

ATTRIBUTES = ("cap", "reduction", "returned", "partners", "arrival")
SWAPPED = {"Deal A": "Deal B", "Deal B": "Deal A"}


def shipped() -> pd.DataFrame:
    """The shipped wave's answers, as text."""
    return pd.read_csv(ROUTES / "responses.csv", dtype=str, keep_default_na=False)


def write(folder: Path, answers: pd.DataFrame, toml: str | None = None) -> Path:
    """A small copy of the shipped survey's folder, with other answers."""
    for name in ("survey.toml", "targets.csv"):
        shutil.copy(ROUTES / name, folder / name)
    if toml is not None:
        (folder / "survey.toml").write_text(toml, "utf-8")
    answers.to_csv(folder / "responses.csv", index=False)
    return folder


def clean_wave(folder: Path, seed: int, respondents: int = 2000) -> Wave:
    """A wave drawn from the shipped recipe, read as any other."""
    survey = read_survey(ROUTES)
    recipe = read_recipe(ROUTES).model_copy(update={"seed": seed, "respondents": respondents})
    return open_folder(write(folder, simulate(survey, recipe)))


def some(answers: pd.DataFrame, share: float, seed: int = 5) -> Any:
    """A share of the rows, drawn at random."""
    n = len(answers)
    return np.random.default_rng(seed).choice(n, round(share * n), replace=False)


def columns(task: int, *, answers: bool) -> list[str]:
    """The columns of a task: its profiles, and its answers where they are asked for."""
    shown = [f"t{task}_{who}_{name}" for who in "AB" for name in ATTRIBUTES]
    given = [f"t{task}_choice", f"t{task}_A_support", f"t{task}_B_support"]
    return shown + given * answers


def swap_choice(answers: pd.DataFrame, task: int) -> pd.DataFrame:
    """Choice codes of a task the wrong way round."""
    return answers.assign(**{f"t{task}_choice": answers[f"t{task}_choice"].map(SWAPPED)})


def overwrite(answers: pd.DataFrame, task: int, share: float = 1.0) -> pd.DataFrame:
    """A task overwritten by the next one, for some respondents."""
    out, rows = answers.copy(), some(answers, share)
    for old, new in zip(columns(task, answers=True), columns(task + 1, answers=True), strict=True):
        out.loc[rows, old] = answers.loc[rows, new]
    return out


def lean_left(answers: pd.DataFrame, by: float) -> pd.DataFrame:
    """More choices of the left profile, by a share of all choices."""
    out = answers.copy()
    for task in range(1, 7):
        rows = some(answers, 2 * by, seed=task)
        out.loc[rows, f"t{task}_choice"] = "Deal A"
    return out


def weighted_coin(answers: pd.DataFrame, first: float) -> pd.DataFrame:
    """An attribute of three levels drawn unevenly, in every profile."""
    out, rng = answers.copy(), np.random.default_rng(3)
    for task in range(1, 6):
        for who in "AB":
            cell = f"t{task}_{who}_returned"
            rest = (1 - first) / 2
            out[cell] = rng.choice(["20%", "50%", "80%"], len(out), p=[first, rest, rest])
    return repeat_first(out)


def repeat_first(answers: pd.DataFrame) -> pd.DataFrame:
    """Task 6 shows task 1 with the profiles swapped, as declared."""
    swapped = {"A": "B", "B": "A"}
    return answers.assign(
        **{
            f"t6_{who}_{name}": answers[f"t1_{swapped[who]}_{name}"]
            for who in "AB"
            for name in ATTRIBUTES
        }
    )


def speed_up(answers: pd.DataFrame, share: float) -> pd.DataFrame:
    """Interviews of a minute and a half."""
    out = answers.copy()
    out.loc[some(answers, share), "duration_seconds"] = "90"
    return out


def duplicate(answers: pd.DataFrame, share: float) -> pd.DataFrame:
    """Respondents who stand again under other ids."""
    rows = answers.iloc[some(answers, share)]
    again = rows.assign(respondent_id=[f"X{place:06d}" for place in range(len(rows))])
    return pd.concat([answers, again], ignore_index=True)
