"""Trade-offs in words: each sentence is true of the row that it is made of."""

import re
from types import MappingProxyType

import numpy as np
import pandas as pd
import pytest

import conjoint as cj
from conftest import ROUTES
from conjoint.report.trade import trade_words
from conjoint.say.phrase import phrase
from conjoint.say.words import plain, sentence_case
from conjoint.scenario import trade_off

WHOLE = MappingProxyType(
    {
        "outcome": "choice",
        "group": "Total",
        "give": "cap",
        "take": "reduction",
        "question": "buys",
        "give_from": 5000.0,
        "give_to": np.nan,
        "give_end": 40000.0,
        "take_from": 0.0,
        "take_to": 90.0,
        "take_end": 90.0,
        "estimate": np.nan,
        "fieller_low": np.nan,
        "fieller_high": np.nan,
        "n_respondents": 2369,
    }
)
STEP = "“90% fewer” instead of “No reduction †” (Reduction in small boat crossings)"
OTHER = "“40,000 a year” instead of “5,000 a year” (Cap on managed arrivals)"


@pytest.fixture(scope="module")
def wave():
    return cj.rake(cj.read_wave(ROUTES))


def row_of(gain=(0.2, 0.17, 0.23), loss=(0.08, 0.05, 0.11), net=(0.12, 0.09, 0.15), **changes):
    weighed = {}
    for name, own in (("gain", gain), ("loss", loss), ("net", net)):
        weighed |= dict(zip((name, f"{name}_low", f"{name}_high"), own, strict=True))
    return dict(WHOLE) | weighed | changes


def said(wave, row):
    key, _, parts = trade_words(wave.survey, row)
    return plain(sentence_case(phrase(key, **parts)))


def test_what_makes_up_for_what_is_said_with_its_interval(wave):
    assert said(wave, row_of()) == (
        f"{STEP} more than makes up for {OTHER}: with both, deals are chosen more often than with neither, "
        "by 12 points (9 to 15; base 2,369)."
    )
    less = row_of(gain=(0.04, 0.02, 0.06), net=(-0.04, -0.07, -0.01), outcome="support")
    assert said(wave, less) == (
        f"{STEP} does not make up for {OTHER}: with both, deals are supported less often than with "
        "neither, by 4 points (1 to 7; base 2,369)."
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"net": (0.02, -0.01, 0.05)}, f"whether {STEP} makes up for {OTHER} in full"),
        ({"gain": (0.01, -0.02, 0.04)}, f"whether {STEP} makes up for {OTHER}: the first may"),
        ({"loss": (0.01, -0.02, 0.04)}, f"how much {STEP} makes up for: {OTHER} may make no"),
        ({"take_from": 90.0}, "nothing beyond “90% fewer” was shown"),
    ],
)
def test_where_the_data_cannot_say_it_says_so(wave, changes, words):
    text = said(wave, row_of(**changes))
    assert text.startswith("The data cannot say ")
    assert words in text
    assert "more than" not in text
    assert "does not make up" not in text


def test_what_is_no_loss_is_not_made_up_for(wave):
    liked = row_of(loss=(-0.08, -0.11, -0.05), net=(0.28, 0.2, 0.3))
    assert said(wave, liked) == (
        f"{OTHER} raises how often deals are chosen by 8 points (5 to 11; base 2,369): there is nothing "
        "to make up for."
    )
    harmful = row_of(gain=(-0.04, -0.06, -0.02), net=(-0.12, -0.2, -0.05))
    assert said(wave, harmful).endswith(
        "by 4 points (2 to 6; base 2,369): it makes up for nothing."
    )


def test_how_much_it_buys_is_said_as_a_level_with_open_ends(wave):
    unsure = row_of(
        net=(-0.02, -0.05, 0.01), estimate=17841.8, fieller_low=6802.2, fieller_high=np.inf
    )
    assert said(wave, unsure).endswith(
        "By straight lines between the levels it makes up for a change of “Cap on managed arrivals” from "
        "5,000 to 22,800 (interval 11,800 to 40,000 or more)."
    )
    # A step that may do nothing buys nothing, whatever the curves' crossing is.
    assert "straight lines" not in said(wave, unsure | {"gain_low": -0.01})


def test_segments_are_named_and_small_ones_said_nothing_of(wave):
    few = row_of(group="right_switchers", n_respondents=97)
    assert said(wave, few).startswith("Among right switchers, ")
    assert trade_words(wave.survey, few)[1] == "caution"
    none = few | {"n_respondents": 49}
    assert trade_words(wave.survey, none)[1] == "suppressed"
    assert not re.search(r"\d+ points", said(wave, none))


def test_every_row_of_the_shipped_wave_can_be_said(wave):
    """And says "makes up for" as a fact only where the interval keeps off zero."""
    frame = pd.concat([trade_off(wave, "cap", "reduction", by).frame for by in (None, "segments")])
    for row in frame.query("question == 'buys'").to_dict("records"):
        text = said(wave, row)
        assert "nan" not in text
        assert "inf" not in text
        assert ("more than makes up for" in text) <= (row["net_low"] > 0 and row["loss_low"] > 0)
        assert ("does not make up for" in text) <= (row["net_high"] < 0)
        assert f"base {row['n_respondents']:,}" in text or "nothing beyond" in text
    whole = frame.query("question == 'buys' and outcome == 'choice' and group == 'Total'").iloc[-1]
    assert f"{STEP} more than makes up for {OTHER}" in said(wave, whole.to_dict())


def test_what_a_survey_says_stays_text(wave):
    attributes = dict(wave.survey.attributes)
    attributes["cap"] = attributes["cap"].model_copy(update={"label": "<b>{{< include x >}}</b>"})
    survey = wave.survey.model_copy(update={"attributes": attributes})
    key, _, parts = trade_words(survey, row_of())
    text = phrase(key, **parts)
    assert "<b>" not in text.replace("\\<b", "")
    assert "{{<" not in text
