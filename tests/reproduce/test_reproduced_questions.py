"""Published toplines made again: the verdicts, what explains a figure, and what rounding does."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import conjoint as cj
from conftest import ROUTES
from conjoint.reproduce import Reproduction, reproduce
from conjoint.reproduce.rounding import is_same, rounded
from conjoint.survey import PublishedFigure


@pytest.fixture(scope="module")
def wave():
    return cj.read_wave(ROUTES)


def figure(answer="Support", value=48.0, decimals=0, *, question="deal", group="Total", **given):
    return PublishedFigure(question, group, answer, value, decimals, "p. 1", **given)


def one(wave, *figures):
    (result,) = reproduce(wave, figures).figures
    return result


# --- the survey that ships --------------------------------------------------------------------


def test_the_ten_published_toplines_are_reproduced(wave):
    made = reproduce(wave)
    assert len(made) == 10
    assert made.counts == {
        "reproduced": 10, "within sampling error": 0, "differs": 0, "cannot be computed": 0,
    }  # fmt: skip
    assert made.holds
    assert made.summary == "All 10 published figures are reproduced."
    assert {row.conventions for row in made.figures} == {"weighted to the targets"}
    assert (made.frame["rounded"] == made.frame["value"]).all()


def test_a_weighted_wave_gives_the_same(wave):
    pd.testing.assert_frame_equal(reproduce(cj.rake(wave)).frame, reproduce(wave).frame)


def test_figures_are_those_of_the_reports(wave):
    shares = cj.toplines(cj.rake(wave), by="segments").frame.set_index(
        ["outcome", "group", "level"]
    )
    for row in reproduce(wave).figures:
        own = shares.loc[(row.question, row.group, row.answer)]
        assert row.computed == pytest.approx(100 * own["estimate"], rel=1e-12)
        assert row.std_error == pytest.approx(100 * own["std_error"], rel=1e-9)
        assert row.n_respondents == own["n_respondents"]


@pytest.mark.parametrize("place", range(10))
def test_one_altered_figure_is_the_one_that_differs(wave, place):
    figures = list(wave.survey.published)
    figures[place] = replace(figures[place], value=figures[place].value - 20)
    made = reproduce(wave, figures)
    assert not made.holds
    assert [row.verdict == "differs" for row in made.figures] == [n == place for n in range(10)]
    (wrong,) = made.having("differs")
    assert wrong.difference == pytest.approx(figures[place].value - wrong.computed)
    assert wrong.in_errors == pytest.approx(wrong.difference / wrong.std_error)
    assert wrong.in_errors < -3


def test_a_shuffled_segment_differs(wave):
    people = wave.respondents
    rng = np.random.default_rng(3)
    for column in ("vote_2024", "vote_now", "open_to_labour"):
        people[column] = people[column].to_numpy()[rng.permutation(len(people))]
    survey = wave.survey.model_copy(update={"targets": None})
    weights = cj.rake(wave).weights
    made = reproduce(cj.Wave.build(survey, people, wave.profiles, weights))
    differ = {row.group for row in made.having("differs")}
    assert "labour_voters" in differ
    assert "Total" not in differ


# --- verdicts ---------------------------------------------------------------------------------


def test_a_figure_inside_the_interval_is_within_sampling_error(wave):
    row = one(wave, figure(value=49))
    assert (row.verdict, row.rounded) == ("within sampling error", 48)
    assert 0 < row.in_errors < 1.96


def test_more_decimals_make_it_harder(wave):
    share = 100 * cj.toplines(cj.rake(wave), question="deal").values[0]
    assert one(wave, figure(value=round(share, 2), decimals=2)).verdict == "reproduced"
    assert one(wave, figure(value=round(share + 0.02, 2), decimals=2)).verdict != "reproduced"


def test_a_share_is_not_a_per_cent(wave):
    assert one(wave, figure(value=0.477, decimals=3, unit="share")).verdict == "reproduced"
    assert one(wave, figure(value=0.477, decimals=3)).verdict == "differs"


def test_unweighted_figures_are_named_and_do_not_count_as_reproduced(wave):
    raw = cj.toplines(wave.with_weights(np.ones(wave.n_respondents)), question="work").frame
    value = round(100 * raw["estimate"].iloc[1], 1)
    row = one(wave, figure("Oppose", value, 1, question="work"))
    assert row.verdict == "within sampling error"
    assert row.conventions == "unweighted"


def test_a_base_without_dont_know_is_named(wave):
    shares = cj.toplines(cj.rake(wave), question="deal").values
    value = round(100 * shares[0] / (1 - shares[2]), 1)
    row = one(wave, figure(value=value, decimals=1))
    assert row.verdict == "differs"
    assert row.conventions == "weighted to the targets, don't know left out of the base"


def test_weights_of_the_file_are_named(small):
    people = [("a", "yes", 3), ("b", "no", 1), ("c", "yes", 1), ("d", "no", 1)]
    rows = "".join(f"{who},{said},{weight},x,y,1,0\n" for who, said, weight in people)
    wave = small.read(TOML, "id,vote,w,t1_A_c,t1_B_c,t1_A_y,t1_B_y\n" + rows)
    weighted = wave.with_weights([3, 1, 1, 1])
    assert one(weighted, figure("yes", 66.7, 1, question="vote")).conventions == (
        "weights as they came"
    )
    row = one(weighted, figure("yes", 50.0, 1, question="vote"))
    assert row.verdict != "reproduced"
    assert row.conventions == "unweighted"


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"question": "brexit"}, 'there is no question "brexit" (there are deal, work, vote_2024'),
        (
            {"answer": "Maybe"},
            'there is no answer "Maybe" (there are Support, Oppose, Don\'t know)',
        ),
        ({"group": "swing"}, 'there is no group "swing" (there are Total, labour_voters, right_'),
        ({"group": "height: tall"}, 'there is no respondent column "height" (there are '),
        ({"group": "sex: Other"}, 'there is no sex "Other" (there are '),
        ({"group": "task: 1"}, '"task: 1" is no group of respondents'),
    ],
)
def test_what_is_missing_is_said(wave, given, missing):
    row = one(wave, figure(**given))
    assert row.verdict == "cannot be computed"
    assert row.missing.startswith(missing)
    assert np.isnan(row.computed)


def test_conjoint_names_that_are_missing_are_said(wave):
    said = {
        "outcome": ({"outcome": "pick"}, 'there is no outcome "pick" (there are choice, support)'),
        "attribute": (
            {"attribute": "cup"},
            'there is no attribute "cup" (there are cap, reduction',
        ),
        "level": ({"level": "7"}, 'there is no level of cap "7" (there are 5000, 10000'),
        "baseline": ({"baseline": "7"}, 'there is no baseline of cap "7"'),
    }
    for given, missing in said.values():
        parts = {"outcome": "choice", "attribute": "cap", "level": "5000"} | given
        row = one(wave, PublishedFigure("", "Total", "", 0.1, 2, "p", "amce", **parts))
        assert row.verdict == "cannot be computed"
        assert row.missing.startswith(missing)


def test_labels_will_do_for_names(wave):
    row = one(wave, figure(question="UK-Europe deal", group="Labour voters", value=62))
    assert (row.question, row.group, row.verdict) == ("deal", "labour_voters", "reproduced")


def test_groups_of_a_column(wave):
    shares = cj.toplines(cj.rake(wave), by="sex", question="deal").frame
    own = shares[(shares["group"] == "Female") & (shares["level"] == "Support")].iloc[0]
    row = one(wave, figure(group="sex: Female", value=round(100 * own["estimate"]), decimals=0))
    assert row.verdict == "reproduced"
    assert row.computed == pytest.approx(100 * own["estimate"])


def test_means_of_scales_and_published_errors(wave):
    frame = cj.toplines(cj.rake(wave), question="open_to_labour").frame.iloc[-1]
    given = {"std_error": round(frame["std_error"], 3), "error_decimals": 3}
    row = one(
        wave, figure("mean", round(frame["estimate"], 1), 1, question="open_to_labour", **given)
    )
    assert (row.verdict, row.unit) == ("reproduced", "")
    assert row.uncertainty.startswith("linearised")
    wrong = figure("mean", round(frame["estimate"], 1), 1, question="open_to_labour", std_error=9)
    assert one(wave, wrong).uncertainty == "not found"


# --- rounding ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "published", "decimals", "same"),
    [
        (48.5, 48, 0, True),
        (48.5, 49, 0, True),
        (47.5, 47, 0, True),
        (48.5 + 1e-12, 48, 0, True),
        (48.5 + 1e-6, 48, 0, False),
        (-0.25, -0.2, 1, True),
        (-0.25, -0.3, 1, True),
        (0.1 + 0.2 - 0.25, 0.1, 1, True),
        (2.675, 2.68, 2, True),
        (2.675, 2.67, 2, True),
        (np.nan, 48, 0, False),
    ],
)
def test_halves_may_go_either_way(value, published, decimals, same):
    found = is_same(np.array([value]), np.array([published]), np.array([decimals]))
    assert found.tolist() == [same]


def test_a_figure_rounds_to_the_published_one_where_halves_may_go_there():
    assert rounded(48.5, 48.0, 0) == 48.0
    assert rounded(48.5, 49.0, 0) == 49.0
    assert rounded(48.5, 47.0, 0) == 49.0
    assert rounded(-2.25, 0.0, 1) == -2.3


def test_answers_that_sum_to_101_are_what_rounding_does(wave):
    made = reproduce(wave)
    notes = {row.note for row in made.figures}
    assert notes == {
        "", "deal, Total: the 3 answers sum to 101% as published because each is rounded.",
    }  # fmt: skip
    assert sum(bool(row.note) for row in made.figures) == 3


def test_sums_that_rounding_cannot_make_are_said(wave):
    figures = [figure("Support", 48), figure("Oppose", 34), figure("Don't know", 24)]
    notes = {row.note for row in reproduce(wave, figures).figures}
    assert notes == {
        "deal, Total: the 3 answers sum to 106% as published, which rounding alone cannot do."
    }
    assert not any(row.note for row in reproduce(wave, figures[:2]).figures)


# --- the object -------------------------------------------------------------------------------


def test_a_reproduction_is_made_of_its_frames_again(wave, tmp_path):
    said = PublishedFigure("", "Total", "", 9.8, 1, "t", "amce", "choice", "cap", "5000")
    made = reproduce(wave, [figure(), figure(question="no"), said])
    again = Reproduction.of_frames(made.frame, made.tables_frame)
    pd.testing.assert_frame_equal(again.frame, made.frame)
    assert again.tables == made.tables
    made.to_csv(tmp_path / "r.csv")
    read = pd.read_csv(tmp_path / "r.csv", keep_default_na=False, na_values=[""])
    assert list(read.columns) == list(made.frame.columns)
    assert len(read) == 3
    assert "cannot be computed" in made._repr_html_()


def test_nothing_published_is_said(wave):
    assert reproduce(wave, []).summary == "No published figures."
    assert len(reproduce(wave, []).frame) == 0


TOML = """\
title = "Weights"

[data]
file = "responses.csv"
layout = "wide"
respondent = "id"
tasks = 1
profiles = ["A", "B"]
attribute = "t{task}_{profile}_{attribute}"

[attributes.c]
levels = ["x", "y"]

[outcomes.y]
kind = "choice"
column = "t{task}_{profile}_y"
positive = "1"
negative = "0"

[questions.vote]
answers = ["yes", "no"]
"""
