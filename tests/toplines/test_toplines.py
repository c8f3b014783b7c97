"""Question tables: shares, their errors and their bases."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from statsmodels.stats.weightstats import DescrStatsW

import conjoint as cj
from conjoint.errors import RequestError
from conjoint.toplines.answers import answered


@pytest.fixture
def weighted(small_wave):
    return cj.rake(small_wave)


def party(estimates):
    return estimates.select(outcome="party")


def test_shares_by_hand(small_wave):
    frame = party(cj.toplines(small_wave)).frame.set_index("level")
    answers = small_wave.respondents["party"]
    for level in ("Left", "Right", "None"):
        assert frame.loc[level, "estimate"] == pytest.approx((answers == level).mean(), rel=1e-12)


def test_weighted_shares_by_hand(weighted):
    frame = party(cj.toplines(weighted)).frame.set_index("level")
    left = (weighted.respondents["party"] == "Left").to_numpy()
    assert frame.loc["Left", "estimate"] == pytest.approx(weighted.weights[left].sum() / 60)


def test_answers_come_in_the_order_of_the_survey_and_sum_to_one(weighted):
    frame = party(cj.toplines(weighted)).frame
    assert frame["level"].tolist() == ["Left", "Right", "None"]
    assert frame["estimate"].sum() == pytest.approx(1, rel=1e-12)


def test_error_of_a_simple_random_sample(small_wave):
    frame = party(cj.toplines(small_wave)).frame
    p = frame["estimate"]
    np.testing.assert_allclose(frame["std_error"], np.sqrt(p * (1 - p) / 59), rtol=1e-10)


def test_error_of_a_weighted_share_is_that_of_a_weighted_mean(weighted):
    frame = party(cj.toplines(weighted.fixed())).frame
    left = (weighted.respondents["party"] == "Left").to_numpy(dtype=float)
    fit = sm.WLS(left, np.ones(60), weights=weighted.weights).fit(cov_type="HC0")
    assert frame["estimate"].iloc[0] == pytest.approx(fit.params[0], rel=1e-10)
    assert frame["std_error"].iloc[0] == pytest.approx(fit.bse[0] * np.sqrt(60 / 59), rel=1e-10)


def test_a_scale_question_gives_its_mean_over_those_who_answered(weighted):
    row = cj.toplines(weighted, question="warmth").frame.iloc[0]
    warmth = weighted.respondents["warmth"]
    known = warmth.notna().to_numpy()
    mean = DescrStatsW(warmth[known], weights=weighted.weights[known]).mean
    assert (row["estimand"], row["level"]) == ("mean", "mean")
    assert row["estimate"] == pytest.approx(mean, rel=1e-10)
    assert row["n_respondents"] == known.sum() < 60


def test_missing_answers_are_not_in_the_base(folder):
    for row in range(2, 12):
        folder.cell(row, "party", "")
    frame = party(cj.toplines(cj.read_wave(folder.write()))).frame
    rest = folder.responses["party"].iloc[10:]
    assert frame["n_respondents"].unique().tolist() == [50]
    assert frame["estimate"].iloc[0] == pytest.approx((rest == "Left").mean(), rel=1e-12)


def test_an_answer_called_none_is_an_answer(small_wave):
    frame = party(cj.toplines(small_wave)).frame.set_index("level")
    assert frame.loc["None", "estimate"] > 0.1


def test_the_total_comes_before_the_groups(small_wave):
    frame = party(cj.toplines(small_wave, by="segments")).frame
    assert frame["group"].unique().tolist() == ["Total", "left", "warm"]
    assert frame.set_index(["group", "level"]).loc[("left", "Left"), "estimate"] == 1.0


def test_shares_of_a_group_by_hand(small_wave):
    frame = party(cj.toplines(small_wave, by="sex")).frame.set_index(["group", "level"])
    people = small_wave.respondents
    women = people[people["sex"] == "Female"]
    row = frame.loc[("Female", "Right")]
    assert row["estimate"] == pytest.approx((women["party"] == "Right").mean(), rel=1e-12)
    assert row["n_respondents"] == len(women)


def test_groups_can_be_compared(small_wave):
    tables = party(cj.toplines(small_wave, by="sex"))
    gap = cj.differences(tables, reference="Total").select(group="Female − Total", level="Left")
    women = (small_wave.respondents["sex"] == "Female").to_numpy()
    left = (small_wave.respondents["party"] == "Left").to_numpy(dtype=float)
    influence = np.where(women, (left - left[women].mean()) / women.sum(), 0)
    influence = influence - (left - left.mean()) / 60
    assert gap.values[0] == pytest.approx(left[women].mean() - left.mean(), rel=1e-10)
    assert gap.std_errors[0] == pytest.approx(np.sqrt((influence**2).sum() * 60 / 59), rel=1e-10)


def test_questions_marked_so_are_no_toplines_unless_asked_for(folder):
    folder.replace("min = 0\nmax = 10\n", "min = 0\nmax = 10\ntopline = false\n")
    wave = cj.read_wave(folder.write())
    assert cj.toplines(wave).frame["outcome"].unique().tolist() == ["party"]
    assert cj.toplines(wave, question="warmth").frame["outcome"].tolist() == ["warmth"]


def test_bases_by_hand(weighted):
    table = cj.bases(weighted, by="segments").set_index("group")
    left = (weighted.respondents["party"] == "Left").to_numpy()
    own = weighted.weights[left]
    assert table.index.tolist() == ["Total", "left", "warm"]
    assert table.loc["left", "n_respondents"] == left.sum()
    assert table.loc["left", "weighted_base"] == pytest.approx(own.sum(), rel=1e-12)
    assert table.loc["left", "effective_base"] == pytest.approx(own.sum() ** 2 / (own**2).sum())
    assert table.loc["left", "share"] == pytest.approx(own.sum() / 60, rel=1e-12)
    assert table.loc["Total", ["weighted_base", "share"]].tolist() == pytest.approx([60.0, 1.0])
    halves = 1.959963984540054 * 0.5 / np.sqrt(table["effective_base"])
    assert table["margin_of_error"].tolist() == pytest.approx(halves.tolist(), rel=1e-12)


def test_the_margin_of_error_of_a_thousand_people_is_three_points(simulated, as_wave):
    table = cj.bases(as_wave(simulated(3, n=1000)))
    assert round(100 * table["margin_of_error"].iloc[0], 1) == 3.1


def test_a_group_without_weight_has_no_margin_of_error(small_wave):
    left = (small_wave.respondents["party"] == "Left").to_numpy()
    table = cj.bases(small_wave.with_weights(np.where(left, 0.0, 1.0)), by="segments")
    row = table.set_index("group").loc["left"]
    assert row["effective_base"] == 0
    assert np.isnan(row["margin_of_error"])


def test_bases_do_not_depend_on_the_scale_of_weights(weighted):
    scaled = weighted.with_weights(1000 * weighted.weights)
    np.testing.assert_allclose(
        cj.bases(scaled, by="sex").drop(columns="group").to_numpy(float),
        cj.bases(weighted, by="sex").drop(columns="group").to_numpy(float),
        rtol=1e-12,
    )


def test_an_unknown_question_is_refused(small_wave):
    with pytest.raises(RequestError, match=r'there is no "mood" \(expected party, warmth\)'):
        cj.toplines(small_wave, question="mood")


def test_a_wave_without_questions_has_no_toplines(simulated, as_wave):
    with pytest.raises(RequestError, match="question: the survey has none"):
        cj.toplines(as_wave(simulated(1)))


@pytest.mark.parametrize("by", ["price", "task", "profile"])
@pytest.mark.parametrize("table", [cj.toplines, cj.bases])
def test_what_differs_between_profiles_splits_no_question(small_wave, table, by):
    with pytest.raises(RequestError, match=f'"{by}" differs between profiles'):
        table(small_wave, by=by)


def test_a_group_with_one_answer_is_missing_alone(folder):
    folder.cell(2, "sex", "Other")
    wave = cj.read_wave(folder.write())
    made, without = (cj.toplines(wave, by="sex", few=few) for few in ("note", "leave out"))
    frame = made.frame
    other = frame["group"] == "Other"
    assert set(frame.loc[other, "note"]) == {"1 answer(s)"}
    assert frame.loc[other, ["estimate", "std_error"]].isna().all(axis=None)
    pd.testing.assert_frame_equal(frame[~other].reset_index(drop=True), without.frame)
    replicated = cj.replicate(wave, cj.toplines, by="sex", replicates=5).frame
    assert replicated["std_error"].isna().equals(other)


def test_differences_keep_the_estimand_of_each_question(small_wave):
    gap = cj.differences(cj.toplines(small_wave, by="segments"), reference="Total").frame
    estimands = gap.groupby("outcome")["estimand"].unique().str.join(", ").to_dict()
    assert estimands == {"party": "share difference", "warmth": "mean difference"}


def test_answers_of_no_question_have_no_shares(small_wave):
    none = answered(small_wave, "party").only(slice(0))
    assert none.shares.dtype == bool
    assert none.shares.shape == (0,)
