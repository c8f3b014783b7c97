"""The immigration data as cjoint ships them, with its names of attributes and levels."""

import json

import pandas as pd
import pytest

import conjoint as cj

RESTRICTIONS = [
    {
        "Education": ["no formal", "4th grade", "8th grade", "high school"],
        "Job": ["financial analyst", "computer programmer", "research scientist", "doctor"],
    },
    {
        "Reason for Application": ["escape persecution"],
        "Country of Origin": ["India", "Germany", "France", "Mexico", "Philippines", "Poland"],
    },
]


@pytest.fixture(scope="session")
def make_cjoint(oracle):
    """Make a wave of some attributes, with the restrictions that concern them."""
    factors = json.loads((oracle / "data" / "meta.json").read_text())["immigrationconjoint"][
        "factors"
    ]
    frame = pd.read_csv(
        oracle / "data" / "immigrationconjoint.csv", keep_default_na=False, na_values=[""]
    )
    for name, factor in factors.items():
        frame[name] = pd.Categorical(frame[name].astype(object), categories=factor["levels"])
    frame["w"] = 0.5 + (frame["CaseID"] % 7) / 6
    frame["row"] = range(len(frame))

    def make(attributes=tuple(factors), *, restricted=True, **changed):
        given = {
            "respondent": "CaseID",
            "outcome": "Chosen_Immigrant",
            "task": "contest_no",
            "profile": "profile",
        } | changed
        known = [pair for pair in RESTRICTIONS if set(pair) <= set(attributes)]
        return cj.Wave.from_frame(
            frame,
            attributes=list(attributes),
            restrictions=known if restricted else None,
            **given,
        )

    return make
