"""The main figures made in other ways: those of the estimators, withheld alike, reasons where none."""

import numpy as np
import pandas as pd
import pytest

import conjoint as cj
from conftest import ROUTES
from conjoint.robust.families import MOST_COMPARISONS
from conjoint.robust.methods import METHODS, NOT_AVAILABLE, robustness_tables
from conjoint.toplines.withheld import find_withheld

FIGURES = ["estimate", "std_error", "conf_low", "conf_high"]

ROUNDED = {"rtol": 0, "atol": 2.1e-4}
"""A bundle has four decimals."""

REPEAT = """repeat = { task = "3", of = "1", flipped = false }

[attributes.price]"""


@pytest.fixture(scope="module")
def wave():
    return cj.rake(cj.read_wave(ROUTES))


def own(table, figure, method, group):
    return table[
        (table["figure"] == figure) & (table["method"] == method) & (table["group"] == group)
    ].reset_index(drop=True)


def made_of(folder):
    wave = cj.read_wave(folder.write())
    return wave, robustness_tables(wave, find_withheld(wave))


@pytest.mark.parametrize("method", [name for name in METHODS if name != "corrected"])
def test_effects_are_those_of_the_estimators(routes, wave, method):
    equal = wave.with_weights((wave.weights > 0).astype(float))
    options = {
        "absorbed": {"absorb": "respondent"},
        "logit": {"model": "logit"},
        "unweighted": {},
    }.get(method, {"variance": method})
    for group, by in (("Total", None), ("right_switchers", ["right_switchers"])):
        direct = cj.amce(equal if method == "unweighted" else wave, by, outcome="choice", **options)
        told = own(routes.tables["robustness"], "amce", method, group)
        pd.testing.assert_frame_equal(told[FIGURES], direct.frame[FIGURES], **ROUNDED)
        known = told["std_error"].notna()
        np.testing.assert_allclose(told["degrees"][known], direct.degrees[known], atol=0.1)


def test_means_are_those_of_the_estimators(routes, wave):
    for method in ("linearised", "CR1", "CR2", "CR3"):
        direct = cj.marginal_means(wave, ["labour_voters"], outcome="choice", variance=method).frame
        told = own(routes.tables["robustness"], "marginal mean", method, "labour_voters")
        pd.testing.assert_frame_equal(told[FIGURES], direct[FIGURES], **ROUNDED)
        assert told["p_value"].isna().all()


def test_corrected_figures_and_reliability_are_those_of_the_estimators(routes, wave):
    rates = cj.reliability(wave, ["labour_voters"], outcome="choice")
    told = routes.tables["reliability"].query("group == 'labour_voters'").reset_index(drop=True)
    pd.testing.assert_frame_equal(told[FIGURES], rates.frame[FIGURES], **ROUNDED)
    means = cj.marginal_means(wave, ["labour_voters"], outcome="choice")
    direct = cj.corrected(means, rates).frame
    told = own(routes.tables["robustness"], "marginal mean", "corrected", "labour_voters")
    pd.testing.assert_frame_equal(told[FIGURES], direct[FIGURES], **ROUNDED)


def test_families_are_the_effects_of_a_group(routes, wave):
    table = routes.tables["multiplicity"]
    for group, by in (("Total", None), ("progressive_switchers", ["progressive_switchers"])):
        effects = cj.amce(wave, by, outcome="choice")
        told = table[table["group"] == group]
        for method, name in (("holm", "p_holm"), ("benjamini-hochberg", "p_benjamini_hochberg")):
            direct = cj.adjust(effects, method)["p_adjusted"]
            np.testing.assert_allclose(told[name], direct, atol=1e-4)


def test_joint_tests_are_those_of_omnibus(routes, wave):
    table = routes.tables["omnibus"]
    segments = cj.marginal_means(wave, "segments", outcome="choice", variance="CR2")
    for group, estimates in (
        ("Total", cj.amce(wave, outcome="choice", variance="CR2")),
        ("", segments),
    ):
        told = table[(table["group"] == group) & (table["variance"] == "CR2")]
        direct = cj.omnibus(estimates)
        assert list(told["attribute"]) == list(direct["attribute"])
        for name, rounding in (("statistic", 0.006), ("df_denom", 0.051), ("p_value", 1e-4)):
            np.testing.assert_allclose(told[name], direct[name], rtol=0, atol=rounding)


def test_what_cannot_be_made_says_why(folder):
    folder.replace('[weighting]\ntargets = "targets.csv"\n', "")
    _, made = made_of(folder)
    reasons = {
        (row["figure"], row["method"]): row["note"]
        for row in made["robustness"].to_dict("records")
        if row["reading"] == NOT_AVAILABLE and row["group"] == "Total"
    }
    assert reasons["amce", "unweighted"] == "the figures are not weighted"
    assert reasons["amce", "corrected"] == "no task was repeated"
    assert "no model stands behind it" in reasons["marginal mean", "logit"]
    assert list(made["reliability"]["note"]) == ["no task was repeated"]
    assert ("amce", "logit") not in reasons


def test_a_rating_has_no_logit_and_no_reliability(folder):
    columns = [name for name in folder.responses if name.endswith("_support")]
    rng = np.random.default_rng(2)
    for name in columns:
        folder.responses[name] = rng.integers(0, 11, len(folder.responses)).astype(str)
    folder.toml = folder.toml.replace(
        'kind = "support"', 'kind = "rating"\nmin = 0\nmax = 10'
    ).replace('positive = "yes"\nnegative = "no"\nmissing = "skip"', "")
    folder.toml += '\n[report]\noutcome = "support"\n'
    _, made = made_of(folder)
    total = made["robustness"].query("group == 'Total' and figure == 'amce'")
    notes = total.drop_duplicates("method").set_index("method")["note"]
    assert notes["logit"] == "the outcome is a rating, and a logit is of yes or no"
    assert notes["corrected"] == "the outcome is no choice between profiles"
    assert own(total, "amce", "absorbed", "Total")["estimate"].notna().all()


def test_people_who_choose_as_a_coin_would_are_not_corrected(folder):
    folder.replace("tasks = 3", "tasks = 2")
    folder.replace("[attributes.price]", REPEAT)
    frame = folder.responses
    for who in "AB":
        for name in ("price", "colour", "size"):
            frame[f"t3_{who}_{name}"] = frame[f"t1_{who}_{name}"]
    flipped = np.arange(len(frame)) % 5 < 3  # 40% choose alike
    frame["t3_A_choice"] = np.where(flipped, frame["t1_B_choice"], frame["t1_A_choice"])
    frame["t3_B_choice"] = np.where(flipped, frame["t1_A_choice"], frame["t1_B_choice"])
    _, made = made_of(folder)
    rate = made["reliability"].query("group == 'Total'").iloc[0]
    assert rate["reading"] == NOT_AVAILABLE
    assert "chose alike" in rate["note"]
    told = own(made["robustness"], "amce", "corrected", "Total")
    assert list(told["note"]) == [
        "how reliably the group chooses is not known: see the reliability"
    ]


def test_a_hidden_segment_has_a_row_that_says_so_and_no_figure(folder):
    folder.toml += "\n[thresholds]\nsuppress_below = 25\ncaution_below = 30\n"
    wave, made = made_of(folder)
    assert wave.segment("left").sum() < 25 <= wave.segment("warm").sum()
    for name in ("robustness", "reliability", "multiplicity", "omnibus"):
        rows = made[name][made[name]["group"] == "left"]
        numbers = rows.select_dtypes("number").drop(columns=["n_profiles"], errors="ignore")
        assert not numbers.fillna(0).to_numpy().any(), name
    assert len(made["robustness"].query("group == 'left'")) == 2
    between = made["omnibus"].query("group == ''")
    assert set(between["note"]) == {"fewer than two segments are shown"}


def few(folder):
    """A limit between the bases of a segment's levels, so that some are withheld and some not."""
    wave = cj.read_wave(folder.write())
    bases = cj.marginal_means(wave, ["warm"], outcome="choice").frame.sort_values("n_respondents")
    limit = int(bases["n_respondents"].iloc[1])
    folder.toml += f"\n[thresholds]\nsuppress_below = {limit}\ncaution_below = {limit}\n"
    return folder


def test_a_level_that_is_withheld_is_so_in_every_way_and_does_not_follow(folder):
    wave, made = made_of(few(folder))
    withheld = find_withheld(wave)
    gone = {key[1:3] for key in withheld.cells if key[0] == "choice" and key[3] == "warm"}
    assert gone
    table = made["robustness"].query("group == 'warm' and level != ''")
    assert set(table["method"]) >= {"linearised", "CR1", "CR2", "CR3", "absorbed", "logit"}
    for keys, rows in table.groupby(["figure", "method", "attribute", "level"]):
        if keys[2:] in gone:
            assert rows[[*FIGURES, "degrees", "p_value"]].isna().all(axis=None), keys
    means = table[(table["figure"] == "marginal mean") & (table["method"] == "CR2")]
    for attribute, rows in means.groupby("attribute"):
        # With all levels but one, the even share of all gives the last one away.
        assert rows["estimate"].isna().sum() != 1, attribute
    tests = made["omnibus"].query("group == 'warm'").set_index("attribute")
    for attribute in {name for name, _ in gone}:
        assert tests.loc[attribute, "statistic"].isna().all()
    alone = made["multiplicity"].query("group == 'warm'")
    hidden = [key in gone for key in zip(alone["attribute"], alone["level"], strict=True)]
    assert alone.loc[hidden, ["p_value", "p_holm"]].isna().all(axis=None)


def test_corrections_go_where_reliability_is_not_shown(folder):
    """The ratio of a corrected effect to the effect tells tau."""
    folder.replace("tasks = 3", "tasks = 2")
    folder.replace("[attributes.price]", REPEAT)
    frame = folder.responses
    for who in "AB":
        for name in ("price", "colour", "size"):
            frame[f"t3_{who}_{name}"] = frame[f"t1_{who}_{name}"]
        frame[f"t3_{who}_choice"] = frame[f"t1_{who}_choice"]
    warm = [answer not in ("DK", "0", "1", "2", "3", "4") for answer in frame["warmth"]]
    frame.loc[[i for i, own in enumerate(warm) if own][:20], ["t3_A_choice", "t3_B_choice"]] = ""
    folder.replace(
        'positive = "1"\nnegative = "0"', 'positive = "1"\nnegative = "0"\nmissing = "skip"'
    )
    folder.toml += "\n[thresholds]\nsuppress_below = 15\ncaution_below = 15\n"
    _, made = made_of(folder)
    rates = made["reliability"].drop_duplicates("group").set_index("group")["reading"]
    assert rates["warm"] == "suppressed"
    assert rates["Total"] == "safe"
    told = own(made["robustness"], "amce", "corrected", "warm")
    assert told["estimate"].isna().all()
    assert own(made["robustness"], "amce", "CR2", "warm")["estimate"].notna().any()
    assert own(made["robustness"], "amce", "corrected", "Total")["estimate"].notna().any()


def test_tests_of_very_many_comparisons_are_left_to_one_variance(as_wave, simulated):
    frame = simulated(3, n=400)
    frame["party"] = np.repeat([f"p{i % 20}" for i in range(400)], 6)
    segments = {f"s{i}": {"where": {"party": f"p{i}"}} for i in range(20)}
    wave = as_wave(frame)
    survey = wave.survey.model_validate(
        wave.survey.model_dump() | {"segments": segments, "thresholds": {"suppress_below": 5}}
    )
    wave = cj.Wave.build(survey, wave.respondents, wave.profiles)
    made = robustness_tables(wave, find_withheld(wave))["omnibus"].query("group == ''")
    wide = made.query("attribute == 'price'").set_index("variance")
    assert MOST_COMPARISONS < 19 * 2
    assert wide.loc["linearised", "p_value"] >= 0
    assert wide.loc["CR2", "note"] == f"it is made for up to {MOST_COMPARISONS} comparisons"
    assert made.query("attribute == 'colour' and variance == 'CR2'")["p_value"].notna().all()
