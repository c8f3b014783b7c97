"""A survey whose every text would harm, and whose columns are partly too small to show."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

from conftest import SMALL_TOML, small_responses

if TYPE_CHECKING:
    import pandas as pd

HARM = (
    "<script>alert(1)</script>",
    "=cmd()|' /C calc'!A0",
    "{{< include /etc/passwd >}}",
    "```{python} import os ``` | $x^2$ #fig-x @tbl-y",
)

ISLE, SOUTH, NORTH = 31, 119, 150
"""Respondents by region: the first is under the limit of 50, the second would give it away."""


def harmful(words):
    """Text that harms, as TOML: JSON's strings are TOML's."""
    return json.dumps(f"{words} {' '.join(HARM)}")


def write_nasty(folder):
    """Spoil the small survey of tests/conftest.py, and write it."""
    toml = SMALL_TOML.replace(
        'title = "Small survey"',
        f"title = {harmful('Title')}\nclient = {harmful('Client')}\ncontact = {harmful('Contact')}\n"
        f"population = {harmful('Population')}\n"
        f'crossbreaks = [ {{ column = "region", label = {harmful("Region")} }}, "sex" ]',
    )
    toml = toml.replace(
        "[questions.party]",
        f"""[questions.policy]
label = {harmful("Policy")}
text = {harmful("Would you")}
base = {harmful("Those")}
answers = [{{ value = "Yes", label = {harmful("Yes")} }}, "No", "Don't know"]
scores = {{ Yes = 1, No = 0 }}
nets = {{ {harmful("Either")} = ["Yes", "No"], Lead = {{ plus = "Yes", minus = "No" }} }}

[questions.trust]
kind = "grid"
items = {{ police = {{ label = {harmful("Police")}, column = "trust_1" }}, courts = "trust_2" }}
answers = ["Yes", "No"]

[questions.issues]
kind = "multiple"
columns = {{ Health = "issue_1", Tax = "issue_2" }}
selected = "1"
unselected = "0"

[questions.party]""",
    )
    toml = toml.replace(
        "[weighting]",
        f'[segments.isle]\nlabel = {harmful("Isle people")}\nwhere = {{ region = "Isle" }}\n\n[weighting]',
    )
    toml = toml.replace(
        'label = "How large"', f"label = {harmful('Size')}\ntext = {harmful('Size')}"
    )
    folder.toml = toml.replace('label = "Small" }', f"label = {harmful('Small')} }}")
    folder.responses = responses()
    folder.targets = "margin,category,share\n" + "".join(
        f"region,{name},{share}\n"
        for name, share in (("Isle", 0.12), ("South", 0.4), ("North", 0.48))
    )
    return folder.write()


def responses() -> pd.DataFrame:
    n = ISLE + SOUTH + NORTH
    rng = np.random.default_rng(9)
    frame = small_responses(n)
    frame["region"] = np.repeat(["Isle", "South", "North"], [ISLE, SOUTH, NORTH])
    likes = np.where(frame["sex"] == "Female", 0.7, 0.3)
    frame["policy"] = np.where(
        rng.random(n) < 0.1, "Don't know", np.where(rng.random(n) < likes, "Yes", "No")
    )
    for column in ("trust_1", "trust_2"):
        frame[column] = rng.choice(["Yes", "No"], n)
    for column in ("issue_1", "issue_2"):
        frame[column] = rng.choice(["1", "0"], n)
    return frame.astype(object)
