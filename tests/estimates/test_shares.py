"""Intervals of shares within 0 and 1, and tests of two shares that rare answers do not deceive."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

import conjoint as cj
from conjoint.estimates.interval import (
    EXPECTED,
    _restricted,
    score_difference,
    score_statistic,
    share_interval,
    sides,
)
from conjoint.survey import Attribute, Level, Outcome, Question, Segment, Survey
from conjoint.toplines import crosstab

ORACLE = Path(__file__).parents[1] / "oracles" / "proportions"
Z = stats.norm.ppf(0.975)


def test_methods_are_those_of_svyciprop():
    """Logit and beta from R's own standard errors; people who have one row each."""
    rows = pd.read_csv(ORACLE / "intervals.csv")
    rows = rows[(rows["data"] == "people") & rows["xlogit_low"].notna()]
    assert len(rows) > 30
    p = rows["estimate"].to_numpy()
    inverse = rows["std_error"].to_numpy() ** 2 / (p * (1 - p))
    t = stats.t.ppf(0.975, rows["df"].to_numpy())
    # R's factor for beta: a raked design keeps the rows of everybody.
    own = (t / stats.t.ppf(0.975, rows["rows"] - 1)) ** 2
    for method, name, base in (("logit", "xlogit", inverse), ("beta", "beta", inverse * own)):
        ends = share_interval(p, base, t, np.full(len(p), 0.025), method)
        wanted = rows[[f"{name}_low", f"{name}_high"]].to_numpy().T
        np.testing.assert_allclose(ends, wanted, rtol=1e-8, err_msg=method)


def test_score_and_beta_without_weights_are_those_of_counts():
    """R's prop.test without correction, and binom.test; nought and all too."""
    rows = pd.read_csv(ORACLE / "intervals.csv")
    rows = rows[(rows["data"] == "people") & (rows["weights"] == "one")]
    assert {0.0, 1.0} <= set(rows["estimate"])
    p, inverse = rows["estimate"].to_numpy(), 1 / rows["n"].to_numpy()
    for method, name in (("score", "score"), ("beta", "exact")):
        ends = share_interval(
            p, inverse, np.full(len(p), Z), np.full(len(p), 0.025), method, 1 / inverse
        )
        wanted = rows[[f"{name}_low", f"{name}_high"]].to_numpy().T
        np.testing.assert_allclose(ends, wanted, rtol=1e-9, atol=1e-12, err_msg=method)


def test_the_statistic_of_two_counts_is_pearsons():
    rows = pd.read_csv(ORACLE / "tests.csv")
    tables = pd.read_csv(ORACLE / "tables.csv")
    rows = rows[(rows["data"] == "tables") & (rows["weights"] == "one")]
    assert len(rows) > 5
    for row in rows.itertuples():
        counts = tables[tables["table"] == row.table]
        n = counts.groupby("group")["people"].sum()
        yes = counts[counts["answer"] == 1].groupby("group")["people"].sum().reindex(n.index)
        p = (yes.fillna(0) / n).to_numpy()[:, None]
        z = score_statistic(np.zeros(1), p, 1 / n.to_numpy(float)[:, None])
        assert 2 * special.ndtr(-abs(z[0])) == pytest.approx(row.pearson_p, rel=1e-9), row.table


shares = st.integers(0, 40).map(lambda yes: yes / 40)
bases = st.floats(2, 5000)


@given(shares, shares, bases, bases, st.floats(0.5, 4))
def test_an_interval_holds_the_differences_that_its_test_does_not_reject(p1, p2, m1, m2, t):
    p, inverse, quantile = np.array([[p1], [p2]]), 1 / np.array([[m1], [m2]]), np.array([t])
    (low,), (high,) = score_difference(p, inverse, quantile)
    assert -1 <= low <= p1 - p2 <= high <= 1
    clear = abs(score_statistic(np.zeros(1), p, inverse)[0]) > t
    assert clear == (low > 0 or high < 0)
    for end in (low, high):
        if abs(end) not in (0, 1) and abs(end) > 1e-8:
            assert abs(score_statistic(np.array([end]), p, inverse)[0]) == pytest.approx(
                t, rel=1e-4
            )
    turned = score_difference(p[::-1], inverse[::-1], quantile)[:, 0]
    assert [-turned[1], -turned[0]] == pytest.approx([low, high], abs=1e-8)


@given(shares, shares, bases, bases, st.floats(-0.95, 0.95))
def test_the_likeliest_shares_are_the_likeliest(p1, p2, m1, m2, d):
    p, m = np.array([p1, p2]), np.array([m1, m2])
    (first,), (second,) = _restricted(np.array([d]), p[:, None], 1 / m[:, None])
    assert first - second == pytest.approx(d, abs=1e-9)

    def likelihood(second):
        r = np.clip([second + d, second], 1e-12, 1 - 1e-12)
        return float((m * (p * np.log(r) + (1 - p) * np.log1p(-r))).sum())

    grid = np.linspace(max(0, -d), min(1, 1 - d), 201)
    assert likelihood(second) >= max(map(likelihood, grid)) - 1e-7 * m.sum()


def test_a_group_and_a_total_that_holds_it_are_the_group_and_the_others():
    yes, n = np.array([12.0, 30.0]), np.array([100.0, 400.0])
    total = yes.sum() / n.sum()
    p = np.array([[yes[0] / n[0]], [total]])
    inverse = np.array([[1 / n[0]], [1 / n.sum()]])
    alone = np.array([[0.0], [0.8]])
    split = sides(p, inverse, alone, alone)
    assert split.p[:, 0] == pytest.approx(yes / n)
    assert split.inverse[:, 0] == pytest.approx(1 / n)
    assert split.scale[0] * (split.p[0] - split.p[1])[0] == pytest.approx((p[0] - p[1])[0])


# --- Through the public functions ---------------------------------------------------------------


def poll(counts, weights=None):
    """A wave of groups of which so many said Yes, and so many anything: ``{"A": (0, 60), ...}``."""
    group = np.repeat(list(counts), [n for _, n in counts.values()])
    yes = np.concatenate([np.arange(n) < k for k, n in counts.values()])
    survey = Survey(
        title="Drawn",
        attributes={"a": Attribute(levels=(Level(value="x"), Level(value="y")))},
        outcomes={"y": Outcome(kind="support", column="y", positive=("1",), negative=("0",))},
        questions={"q": Question(answers=(Level(value="Yes"), Level(value="No")))},
        segments={name.lower(): Segment(where={"group": name}) for name in counts},
    )
    people = pd.DataFrame(
        {
            "respondent": np.arange(len(group)),
            "group": group,
            "q": pd.Categorical(np.where(yes, "Yes", "No"), ["Yes", "No"]),
        }
    )
    profiles = pd.DataFrame({"respondent": people["respondent"], "task": "1", "profile": "1"})
    profiles["a"] = pd.Categorical(np.where(np.arange(len(group)) % 2, "x", "y"), ["x", "y"])
    profiles["y"] = yes.astype(float)
    return cj.Wave.build(survey, people, profiles, weights)


def letters(wave):
    table = crosstab(wave, "q", ["group"], suppress=False)
    return [*table.letters[0], *table.against_total[0]], table


def test_nought_of_sixty_is_not_said_to_be_below_twelve_of_three_hundred():
    """Fisher's exact test has p = 0.23; Wald's, on a variance of nought, 0.0005."""
    wave = poll({"A": (0, 60), "B": (12, 300)})
    marks, table = letters(wave)
    assert not any(marks)
    assert table.tests["p_value"].isna().all()
    wald = crosstab(wave, "q", ["group"], suppress=False, interval="wald").tests
    assert wald.loc[wald["reference"] == "group: B", "p_value"].iloc[0] < 0.001
    gap = cj.differences(cj.toplines(wave, ["a", "b"]), "b").frame.iloc[0]
    assert np.isnan(gap["p_value"])
    assert gap["conf_low"] < gap["estimate"] < 0 <= gap["conf_high"]


def test_where_enough_is_expected_a_true_difference_has_its_letter():
    marks, table = letters(poll({"A": (0, 150), "B": (24, 300)}))
    assert marks == ["", "", "A", "", "--", "++"]
    assert table.tests["p_value"].lt(0.01).all()


def test_a_test_is_made_once_five_answers_are_expected_of_both_sorts():
    below, enough = (poll({"A": (5, 100), "B": (yes, 100)}) for yes in (4, 5))
    for wave, count in ((below, 0), (enough, 2)):
        table = letters(wave)[1]
        # The total and its two halves are one comparison.
        assert table.tests["p_value"].notna().sum() == 3 * count
    assert EXPECTED == 5


def test_letters_intervals_and_differences_say_the_same():
    """A column against another and against the total, in the table and by differences."""
    rng = np.random.default_rng(3)
    for yes in ((9, 40), (20, 60), (35, 70)):
        counts = {"A": (yes[0], 150), "B": (yes[1], 400)}
        wave = poll(counts, rng.lognormal(0, 0.5, 550))
        tests = letters(wave)[1].tests.set_index(["row", "group", "reference"])
        for level in ("Yes", "No"):
            of_total = cj.differences(cj.toplines(wave, ["a", "b"]), "Total").select(level=level)
            pairs = cj.differences(cj.toplines(wave, ["a", "b"]), "b").select(level=level)
            for figures, group, reference in (
                (of_total.select(group="a − Total"), "group: A", "Total"),
                (pairs.select(group="a − b"), "group: A", "group: B"),
            ):
                row = figures.frame.iloc[0]
                wanted = tests.loc[level, group, reference]
                assert row["p_value"] == pytest.approx(wanted["p_value"], rel=1e-6)
                assert (row["conf_low"] > 0 or row["conf_high"] < 0) == (row["p_value"] < 0.05)


def test_a_column_against_the_total_is_tested_as_against_everybody_else():
    tests = letters(poll({"A": (30, 100), "B": (90, 400)}))[1].tests
    assert len(tests) == 6
    # Linearised, the two variances are not quite one.
    assert tests["p_value"].to_numpy() == pytest.approx(tests["p_value"].mean(), rel=0.03)


@pytest.mark.parametrize("weighted", [False, True])
def test_intervals_stay_within_0_and_1_and_none_is_without_width(weighted):
    rng = np.random.default_rng(1)
    counts = {"A": (0, 60), "B": (1, 150), "C": (150, 150), "D": (299, 300)}
    wave = poll(counts, rng.lognormal(0, 0.7, 660) if weighted else None)
    segments = list("abcd")
    for figures in (
        cj.toplines(wave, segments),
        cj.marginal_means(wave, segments),
        cj.support(wave, {"a": "x"}, segments).figures,
    ):
        frame = figures.frame
        assert frame["conf_low"].ge(0).all()
        assert frame["conf_high"].le(1).all()
        assert (frame["conf_low"] < frame["conf_high"]).all()
        assert (frame["estimate"] >= frame["conf_low"] - 1e-12).all()
        assert (frame["estimate"] <= frame["conf_high"] + 1e-12).all()
    table = crosstab(wave, "q", ["group"], suppress=False)
    assert (table.conf_low >= 0).all()
    assert (table.conf_high <= 1).all()
    wald = cj.toplines(wave, segments, interval="wald").frame
    assert (wald["conf_low"] < 0).any()
    assert (wald["conf_low"] == wald["conf_high"]).any()


def test_nought_has_the_upper_end_of_its_effective_base():
    weights = np.random.default_rng(4).lognormal(0, 0.6, 60)
    wave = poll({"A": (0, 60)}, weights)
    base = weights.sum() ** 2 / (weights**2).sum()
    figures = cj.toplines(wave)
    row = figures.frame.iloc[0]
    t = stats.t.ppf(0.975, 59)
    assert row["n_effective"] == pytest.approx(base)
    assert (row["estimate"], row["conf_low"]) == (0, 0)
    assert row["conf_high"] == pytest.approx(t**2 / (base + t**2))
    for method in ("logit", "beta"):
        exact = figures.with_interval(method).frame.iloc[0]
        assert exact["conf_high"] == pytest.approx(1 - 0.025 ** (1 / base))


def test_methods_by_name_are_those_of_svyciprop_to_the_end():
    people = pd.read_csv(ORACLE / "people.csv")
    rows = pd.read_csv(ORACLE / "intervals.csv").set_index(["data", "weights", "share", "group"])
    survey = poll({"A": (1, 2)}).survey
    for weights in ("one", "given"):
        for share in ("rare3", "fifth", "half", "most"):
            frame = people.assign(y=people[share], a=np.where(people.index % 2, "x", "y"))
            profiles = frame[["id", "a", "y"]].rename(columns={"id": "respondent"})
            profiles = profiles.assign(
                task="1", profile="1", a=pd.Categorical(profiles["a"], ["x", "y"])
            )
            answers = pd.Categorical(np.where(people[share] == 1, "Yes", "No"), ["Yes", "No"])
            respondents = pd.DataFrame(
                {"respondent": people["id"], "group": people["group"], "q": answers}
            )
            weight = people["weight"].to_numpy() if weights == "given" else None
            wave = cj.Wave.build(survey, respondents, profiles, weight)
            wanted = rows.loc["people", weights, share, "Total"]
            for method, name in (("logit", "xlogit"), ("beta", "beta"), ("wald", "mean")):
                row = cj.toplines(wave, interval=method).frame.iloc[0]
                assert row["estimate"] == pytest.approx(wanted["estimate"], rel=1e-12)
                ends = [wanted[f"{name}_low"], wanted[f"{name}_high"]]
                assert row[["conf_low", "conf_high"]].tolist() == pytest.approx(ends, rel=1e-8), (
                    method
                )


def test_ratings_stay_within_their_scale():
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"id": np.arange(80), "a": np.tile(["x", "y"], 40)})
    frame["warm"] = np.where(rng.random(80) < 0.04, 10.0, 0.0)
    frame.loc[frame["a"] == "y", "warm"] = rng.integers(4, 7, 40)
    wave = cj.Wave.from_frame(frame, respondent="id", outcome="warm", attributes=["a"])
    low, middle = cj.marginal_means(wave).frame.to_dict("records")
    assert 0 <= low["conf_low"] < low["estimate"] < low["conf_high"]
    assert cj.marginal_means(wave, interval="wald").frame["conf_low"].iloc[0] < 0
    reach = stats.t.ppf(0.975, 79) * middle["std_error"]
    assert middle["conf_high"] - middle["estimate"] == pytest.approx(reach, rel=0.02)


def test_a_mean_tested_against_a_value_agrees_with_its_interval():
    wave = poll({"A": (40, 100), "B": (70, 120)})
    for null in (0.3, 0.4, 0.5, 0.6):
        frame = cj.marginal_means(wave, ["a", "b"]).with_null(null).frame
        outside = (frame["conf_low"] > null) | (frame["conf_high"] < null)
        assert (outside == (frame["p_value"] < 0.05)).all()
