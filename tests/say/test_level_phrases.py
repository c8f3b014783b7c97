"""Levels in sentences: their attribute stands behind those that do not say what they are of."""

import re

import numpy as np
import pandas as pd
import pytest

import conjoint as cj
from conjoint.plot import level_chart, pull_chart
from conjoint.plot.chart import WIDE
from conjoint.report.passage import even_rule
from conjoint.say.label import level_pair, level_phrase, levels_label, levels_phrase
from conjoint.say.words import escape, plain
from conjoint.survey import Attribute, Level, Outcome, Survey


def survey_of(**attributes):
    """A survey of these attributes, each a list of levels."""
    return Survey(
        title="Levels",
        attributes={
            name: Attribute(label=name.title(), levels=tuple(map(Level.model_validate, levels)))
            for name, levels in attributes.items()
        },
        outcomes={
            "chosen": Outcome(kind="choice", column="chosen", positive=("1",), negative=("0",))
        },
    )


@pytest.mark.parametrize(
    "text",
    ["Good", "1", "0", "Yes", "No", "20", "€5", "10,000", "Very good", "Not at all", "Don’t know", "Less than 10",
     "5 or more", "10 000", "−5", "High"],
)  # fmt: skip
def test_bare_levels_get_their_attribute(text):
    assert (
        level_phrase(survey_of(care=[text, "Something else entirely"]), "care", text)
        == f"“{text}” (Care)"
    )


@pytest.mark.parametrize(
    "text",
    [
        "France alone",
        "5,000 a year",
        "90% fewer",
        "May work from day one",
        "No reduction",
        "10 minutes",
    ],
)
def test_levels_that_say_what_they_are_stand_alone(text):
    assert level_phrase(survey_of(care=[text, "Nothing"]), "care", text) == f"“{text}”"


def test_a_level_of_several_attributes_gets_its_attribute_in_each():
    survey = survey_of(
        before=["Seen by a doctor", "Seen by nobody"], after=["seen by  a doctor", "Sent home"]
    )
    assert level_phrase(survey, "before", "Seen by a doctor") == "“Seen by a doctor” (Before)"
    assert level_phrase(survey, "after", "seen by  a doctor").endswith(" (After)")
    assert level_phrase(survey, "after", "Sent home") == "“Sent home”"


def test_the_attribute_of_a_pair_stands_once():
    survey = survey_of(care=["Good", "Fair", "Whatever there is"])
    assert level_pair(survey, "care", "Good", "Fair") == ("“Good” (Care)", "“Fair”")
    assert level_pair(survey, "care", "Whatever there is", "Fair") == (
        "“Whatever there is”", "“Fair” (Care)"
    )  # fmt: skip


def test_what_a_survey_says_stays_text_in_a_phrase():
    survey = survey_of(**{"<b>": ["*x*", "y"]})
    text = level_phrase(survey, "<b>", "*x*", escape)
    assert plain(text) == "“*x*” (<B>)"
    assert not re.search(r"(?<!\\)[*<]", text)


def test_rows_of_a_chart_of_several_attributes_tell_equal_levels_apart():
    survey = survey_of(quality=["Good", "Fair"], service=["Good", "Fair"])
    rows = [
        {"outcome": "chosen", "group": "Total", "attribute": name, "level": level, "estimate": size,
         "conf_low": size - 0.01, "conf_high": size + 0.01, "n_respondents": 200}
        for name, size in (("quality", 0.1), ("service", 0.05))
        for level, size in (("Good", size), ("Fair", -size))
    ]  # fmt: skip
    chart = pull_chart(survey, pd.DataFrame(rows), "Total")
    assert (
        "Good (Quality) +10; Good (Service) +5; Fair (Service) −5; Fair (Quality) −10" in chart.alt
    )


def wave_of(sizes):
    """A wave in which everybody's tasks show so many profiles, each task under a name of its own."""
    rng, rows = np.random.default_rng(3), []
    for person in range(30):
        for task, size in enumerate(sizes):
            chosen = rng.integers(size)
            rows += [
                {"id": person, "task": f"{person}-{task}", "price": rng.choice(["low", "high"]),
                 "chosen": float(place == chosen)}
                for place in range(size)
            ]  # fmt: skip
    return cj.Wave.from_frame(
        pd.DataFrame(rows), respondent="id", outcome="chosen", attributes=["price"], task="task"
    )


@pytest.mark.parametrize(
    ("sizes", "rule", "words"),
    [
        ([2, 2], [0.5], "The rule at 50% is"),
        ([4, 4], [0.25], "The rule at 25% is"),
        ([3, 3], [1 / 3], "The rule at 33% is"),
        ([2, 4], [], "Tasks differ in how many profiles they show"),
    ],
)
def test_the_rule_stands_at_one_over_the_profiles(sizes, rule, words):
    wave = wave_of(sizes)
    chart = level_chart(wave.survey, cj.marginal_means(wave).frame, "price", "chosen")
    (line,) = [
        layer._data["xintercept"].tolist() for layer in chart.draw(WIDE).layers
        if type(layer.geom).__name__ == "geom_vline"
    ]  # fmt: skip
    assert line == pytest.approx(rule)
    assert words in even_rule(wave.survey, "chosen")


def test_ratings_have_no_rule(simulated, as_wave):
    wave = as_wave(simulated(1), outcome="rating")
    assert even_rule(wave.survey, "rating") == ""


@pytest.mark.parametrize(
    ("labels", "text"),
    [
        (["5,000", "10,000"], "5,000 or 10,000"),
        (["20,000", "30,000", "40,000"], "20,000 to 40,000"),
        (["5,000 a year", "10,000 a year"], "5,000 or 10,000 a year"),
        (["40,000 a year", "No cap"], "40,000 a year or no cap"),
        (["None", "25% fewer"], "None or 25% fewer"),
        (["No reduction", "25% fewer", "50% fewer"], "No reduction, 25% fewer or 50% fewer"),
        (["50% fewer", "75% fewer", "90% fewer"], "50% to 90% fewer"),
        (["1 to 5 years", "6 to 10 years", "11 to 20 years"], "1 to 5, 6 to 10 or 11 to 20 years"),
        (["years", "years"], "years or years"),
    ],
)
def test_levels_that_are_put_together_have_one_name(labels, text):
    levels = [{"value": f"v{place}", "label": label} for place, label in enumerate(labels)]
    survey = survey_of(care=levels, other=["Something"])
    values = [level["value"] for level in levels]
    assert levels_label(survey, "care", values) == text
    assert levels_label(survey, "care", " * ".join(values)) == text
    assert levels_label(survey, "care", values[:1]) == labels[0]
    assert levels_phrase(survey, "care", values[:1]) == level_phrase(survey, "care", values[0])


def test_levels_together_need_their_attribute_where_one_does():
    survey = survey_of(care=["None", "Seen by a doctor", "Sent on * home"])
    assert levels_phrase(survey, "care", ["None", "Seen by a doctor"]) == (
        "“None or Seen by a doctor” (Care)"
    )
    assert levels_label(survey, "care", "Sent on * home") == "Sent on * home"
