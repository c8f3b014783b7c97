"""What differs between waves is flagged, and what cannot be compared is not."""

import pandas as pd
import pytest
from two_waves import asked, draw

from conjoint.compare import compare
from conjoint.survey import Survey
from conjoint.wave import Wave

LATER = "2026-10-05"
REWORDED = "Do you back the deal?"
DEAL = {
    "text": "Do you support the deal?",
    "answers": ["Support", "Oppose", "Don't know"],
    "nets": {"Net": {"plus": ["Support"], "minus": ["Oppose"]}},
}


def compared(by="segments", despite=(), first=None, **changed):
    survey = asked(LATER, **changed)
    a, b = draw(1, 200, prefix="a", survey=first), draw(2, 200, prefix="b", survey=survey)
    return compare(a, b, by=by, despite=despite)


def only(comparison, kind):
    flags = comparison.flags[comparison.flags["kind"] == kind]
    assert len(flags), comparison.flags
    return flags.iloc[0]


def refused(comparison):
    """Which figures are shown side by side and not compared."""
    frame = comparison.frame
    rows = frame[frame["verdict"] == "not compared"]
    assert rows["change"].isna().all()
    assert rows["std_error"].isna().all()
    return rows


def test_like_with_like_is_not_flagged():
    own = compared()
    assert own.flags.empty
    assert refused(own).empty


def test_changed_wording_is_flagged_with_both_texts():
    own = compared(questions__deal__text=REWORDED)
    flag = only(own, "wording")
    assert flag["bearing"] == "not compared"
    assert "Do you support the deal?" in flag["text"]
    assert REWORDED in flag["text"]
    assert set(refused(own)["outcome"]) == {"deal"}
    assert own.decomposition[own.decomposition["outcome"] == "deal"].empty
    assert refused(own)["estimate_first"].notna().all()


@pytest.mark.parametrize(
    ("text", "bearing"),
    [
        ("do you  support the DEAL?\n", "noted"),
        ("", "care"),
        ("Do you support the deal", "not compared"),
    ],
)
def test_spaces_and_capitals_are_noted_only(text, bearing):
    own = compared(questions__deal__text=text)
    assert only(own, "wording")["bearing"] == bearing
    assert refused(own).empty == (bearing != "not compared")


@pytest.mark.parametrize(
    ("changed", "kind", "levels"),
    [
        ({"answers": ["Support", "Oppose", "Don't know", "Never heard of it"]}, "answers", None),
        (
            {"answers": [{"value": "Support", "label": "Back"}, "Oppose", "Don't know"]},
            "answers",
            None,
        ),
        ({"missing": ["Refused"]}, "answers", None),
        ({"filter": {"vote": ["Left", "Right"]}}, "asked", None),
        ({"nets": {"Net": ["Support"]}}, "answers", {"Net"}),
    ],
)
def test_changed_answers_and_bases_are_not_compared(changed, kind, levels):
    own = compared(questions__deal=DEAL | changed)
    assert only(own, kind)["bearing"] == "not compared"
    rows = refused(own)
    assert set(rows["outcome"]) == {"deal"}
    assert levels is None or set(rows["level"]) == levels


def test_another_order_of_answers_wants_care():
    own = compared(questions__deal=DEAL | {"answers": ["Oppose", "Support", "Don't know"]})
    assert only(own, "answers")["bearing"] == "care"
    assert refused(own).empty


def test_another_scale_is_not_compared():
    own = compared(questions__warmth={"kind": "scale", "text": "How warm?", "min": -5, "max": 10})
    assert "from 0 to 10, then scale from −5 to 10" in only(own, "answers")["text"]
    assert set(refused(own)["outcome"]) == {"warmth"}


def test_scores_touch_the_mean_alone():
    scores = {"Support": 1, "Oppose": -1}
    own = compared(
        questions__deal=DEAL | {"scores": scores | {"Don't know": 0}},
        first=asked(questions__deal=DEAL | {"scores": scores}),
    )
    assert set(refused(own)["level"]) == {"mean"}


def test_a_question_of_one_wave_is_noted():
    gone = asked(LATER).model_dump()
    del gone["questions"]["warmth"]
    a, b = draw(1, 100, prefix="a"), draw(2, 100, prefix="b", survey=Survey.model_validate(gone))
    flag = only(compare(a, b), "asked")
    assert flag["text"] == "“warmth” was asked in the first wave only."


# --- the design -------------------------------------------------------------------------------

PRICE = {"label": "Price", "levels": ["low", "mid", "high"]}


def test_other_levels_keep_all_marginal_means_from_being_compared():
    own = compared(attributes__price=PRICE | {"levels": ["low", "mid", "free"]})
    assert "gone: “high”; new: “free”" in only(own, "levels")["text"]
    rows = refused(own)
    assert set(rows["attribute"][rows["kind"] == "marginal mean"]) == {"price", "colour"}
    assert set(rows["attribute"][rows["kind"] == "amce"]) == {"price"}
    care = own.flags[own.flags["bearing"] == "care"]
    assert "where effects interact" in care["text"].iloc[0]


def test_another_text_of_a_level_touches_its_attribute():
    own = compared(
        attributes__price=PRICE | {"levels": [{"value": "low", "label": "Cheap"}, "mid", "high"]}
    )
    assert "from “low” to “Cheap”" in only(own, "levels")["text"]
    assert set(refused(own)["attribute"]) >= {"price"}
    toplines = own.frame[own.frame["kind"] == "topline"]
    assert "not compared" not in set(toplines["verdict"])


def test_attributes_called_otherwise_are_flagged():
    own = compared(attributes__colour={"label": "Paint", "levels": ["red", "green"]})
    assert only(own, "attribute")["bearing"] == "not compared"
    assert set(refused(own)["attribute"]) == {"colour"}


@pytest.mark.parametrize(
    "changed",
    [
        {"attributes__price": PRICE | {"probabilities": [0.5, 0.25, 0.25]}},
        {"restrictions": [{"never": {"price": ["low"], "colour": ["red"]}}]},
    ],
)
def test_other_probabilities_and_restrictions_are_flagged(changed):
    survey = asked(LATER, **changed)
    a, b = draw(1, 200, prefix="a"), draw(2, 200, prefix="b")
    if "restrictions" in changed:
        rows = b.profiles
        rows.loc[(rows["price"] == "low") & (rows["colour"] == "red"), "colour"] = "green"
        b = type(b).build(survey, b.respondents, rows)
    else:
        b = type(b).build(survey, b.respondents, b.profiles)
    own = compare(a, b)
    assert "probabilities or restrictions" in only(own, "design")["text"]
    rows = refused(own)
    assert set(rows["attribute"][rows["kind"] == "marginal mean"]) == {"price", "colour"}
    expected = {"price"} if "restrictions" not in changed else {"price", "colour"}
    assert set(rows["attribute"][rows["kind"] == "amce"]) == expected


def test_levels_in_another_order_are_the_same_design():
    probabilities = [0.5, 0.3, 0.2]
    own = compared(
        attributes__price={"label": "Price", "levels": ["high", "low", "mid"], "probabilities": [0.2, 0.5, 0.3]},
        first=asked(attributes__price=PRICE | {"probabilities": probabilities}),
    )  # fmt: skip
    assert own.flags["kind"].tolist() == ["baseline"]
    assert refused(own).empty
    effects = own.of("amce")
    assert set(effects["baseline"][effects["attribute"] == "price"]) == {"high"}


def test_more_profiles_a_task_or_other_outcomes_are_not_compared():
    own = compared(outcomes__choice={
        "kind": "choice", "column": "c", "positive": "1", "negative": ["0", "2"], "text": "?"})  # fmt: skip
    assert set(refused(own)["kind"]) == {"marginal mean", "amce"}
    own = compared(outcomes__choice__text="Which?")
    assert only(own, "wording")["bearing"] == "not compared"


# --- who was asked ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"mode": "Telephone"}, "mode"),
        ({"population": "Adults aged 16 and over"}, "population"),
        ({"synthetic": True}, "synthetic"),
    ],
)
def test_other_modes_populations_and_synthetic_waves_are_not_compared(changed, kind):
    own = compared(**changed)
    assert only(own, kind)["bearing"] == "not compared"
    assert len(refused(own)) == len(own)
    assert own.decomposition.empty
    in_spite = compared(despite=(kind,), **changed)
    assert only(in_spite, kind)["text"].endswith("Compared all the same, as asked.")
    assert refused(in_spite).empty


def test_segments_with_another_rule_are_not_compared():
    own = compared(segments={"left": {"where": {"vote": ["Left", "None"]}}})
    assert set(refused(own)["group"]) == {"left"}
    own = compared(segments={"left": {"where": [{"vote": ["Left"]}]}})
    assert refused(own).empty


def test_segments_that_rest_on_a_changed_question_are_not_compared():
    question = {
        "text": "Whom did you vote for?",
        "answers": ["Left", "Right", "None"],
        "topline": False,
    }
    own = compared(questions__vote=question)
    assert "rests on vote" in only(own, "segment")["text"]
    assert set(refused(own)["group"]) == {"left"}


def test_other_pollsters_and_overlapping_fieldwork_want_care():
    own = compared(pollster="B", first=asked(LATER, pollster="A"))
    assert set(own.flags["kind"]) == {"pollster", "order"}
    assert set(own.flags["bearing"]) == {"care"}


def test_flags_that_stop_come_first():
    own = compared(mode="Telephone", pollster="B", first=asked(pollster="A"), attributes__price=PRICE | {
        "levels": ["high", "low", "mid"]})  # fmt: skip
    assert own.flags["bearing"].tolist() == ["not compared", "care", "noted"]
    assert isinstance(own.flags, pd.DataFrame)


def test_task_names_of_each_persons_own_are_no_other_design():
    """What counts is how many tasks a person judged, and how many profiles a task showed."""
    first, second = (draw(seed, 60, prefix=prefix) for seed, prefix in ((1, "a"), (2, "b")))
    rows = second.profiles
    renamed = rows.assign(task=rows["respondent"].astype(str) + "-" + rows["task"].astype(str))
    later = Wave.build(asked(LATER), second.respondents, renamed)
    flags = compare(first, later, by="segments").flags
    assert not flags["text"].str.contains("judged|A task showed").any()


def test_a_level_that_a_wave_never_showed_a_segment_is_not_compared_and_the_rest_is():
    a, b = draw(1, 200, prefix="a"), draw(2, 200, prefix="b")
    left = (b.respondents["vote"] == "Left").to_numpy()[b.respondent_index]
    hit = left & (b.profiles["price"] == "high").to_numpy()
    seen = b.profiles.assign(price=b.profiles["price"].mask(pd.Series(hit), "mid"))
    own = compare(a, Wave.build(b.survey, b.respondents, seen), by="segments")
    flags = own.flags[own.flags["kind"] == "estimate"].set_index("subject")["text"]
    why = (
        'The second wave does not give the amce of choice, left, price high: "high" is never shown.'
    )
    assert flags["amce of choice, left, price high"] == why
    rows = refused(own)
    assert set(zip(rows["group"], rows["level"], strict=True)) == {("left", "high")}
    assert own.frame.query("group == 'left' and level == 'mid'")["change"].notna().all()


def test_an_attribute_shown_more_often_wants_care():
    survey = asked(LATER, attributes__colour__presence="some")
    rows = (wave := draw(2, 200, prefix="b", survey=survey)).profiles
    rows["colour"] = rows["colour"].where(rows["task"] == "1")
    later = Wave.build(survey, wave.respondents, rows)
    flags = compare(draw(1, 200, prefix="a"), later, by="segments").flags
    own = flags[flags["subject"] == "colour"]
    assert own["text"].tolist() == ["“colour” was shown in 100% of profiles, then in 50%."]
    assert own["bearing"].tolist() == ["care"]
