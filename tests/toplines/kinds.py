"""A survey with questions of every kind, crossbreaks, and some answers to them."""

import numpy as np
import pandas as pd

from conftest import small_responses

KINDS = """
crossbreaks = [
  "sex",
  { column = "age", label = "Age group", groups = { "Under 45" = ["18-24", "25-44"], "45 and over" = "45+" } },
  { column = "warmth", label = "Warmth", groups = { "Cold" = { max = 4 }, "Warm" = { min = 5 } } },
]
"""

QUESTIONS = """
[questions.policy]
label = "The policy"
answers = ["Strongly support", { value = "Tend to support", label = "Tend to" }, "Oppose", "Don't know"]
scores = { "Strongly support" = 2, "Tend to support" = 1, "Oppose" = -1 }
headline = "Support"

[questions.policy.nets]
Support = ["Strongly support", "Tend to support"]
"Net support" = { plus = ["Strongly support", "Tend to support"], minus = "Oppose" }

[questions.issues]
kind = "multiple"
columns = { Health = "issue_1", Tax = "issue_2", War = "issue_3" }
selected = "1"
unselected = "0"
nets = { "Health or tax" = ["Health", "Tax"] }

[questions.media]
kind = "multiple"
separator = ";"
answers = ["Radio", "TV; at home", "Paper"]
missing = "Refused"

[questions.trust]
kind = "grid"
label = "Trust"
items = { police = "trust_1", courts = { label = "The courts", column = "trust_2" } }
answers = ["Yes", "No", "Don't know"]
scores = { Yes = 1, No = 0 }

[questions.reason]
answers = ["Price", "Other"]
base = "Those who oppose"
filter = { policy = "Oppose" }

[questions.party]"""


def answers(n: int = 400, seed: int = 5) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"age": rng.choice(["18-24", "25-44", "45+"], n, p=[0.2, 0.4, 0.4])})
    frame["policy"] = rng.choice(
        ["Strongly support", "Tend to support", "Oppose", "Don't know"], n, p=[0.3, 0.3, 0.3, 0.1]
    )
    for k, share in enumerate((0.5, 0.3, 0.2), 1):
        frame[f"issue_{k}"] = rng.choice(["1", "0"], n, p=[share, 1 - share])
    frame.loc[:9, ["issue_1", "issue_2", "issue_3"]] = ""
    frame["media"] = rng.choice(
        ["Radio", "Radio;TV; at home", "TV; at home;Paper", "Refused", ""], n
    )
    for k in (1, 2):
        frame[f"trust_{k}"] = rng.choice(["Yes", "No", "Don't know"], n)
    frame["reason"] = np.where(frame["policy"] == "Oppose", rng.choice(["Price", "Other"], n), "")
    return frame.astype(object)


def with_kinds(folder, n: int = 400):
    """The small survey with questions of every kind, not yet written."""
    folder.replace('title = "Small survey"\n', 'title = "Small survey"\n' + KINDS)
    folder.replace("[questions.party]", QUESTIONS.strip())
    folder.responses = pd.concat([small_responses(n).drop(columns="age"), answers(n)], axis=1)
    folder.targets = "margin,category,share\nsex,Female,0.52\nsex,Male,0.48\n"
    for name, share in (("18-24", 0.15), ("25-44", 0.35), ("45+", 0.5)):
        folder.targets += f"age,{name},{share}\n"
    return folder
