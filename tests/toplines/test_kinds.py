"""Questions of every kind: what is counted, on which base, and how it is read."""

from dataclasses import replace

import numpy as np
import pytest
from kinds import with_kinds
from statsmodels.stats.weightstats import DescrStatsW

import conjoint as cj
from conjoint.errors import EstimationError, RequestError
from conjoint.toplines import crosstab, tables


@pytest.fixture
def kinds_folder(folder):
    return with_kinds(folder)


@pytest.fixture
def kinds(kinds_folder):
    return cj.rake(cj.read_wave(kinds_folder.write()))


def figures(wave, question, **keys):
    return cj.toplines(wave, question=question).select(**keys).frame.set_index("level")


def share(wave, given, base=None):
    """A weighted share by hand."""
    base = np.ones(wave.n_respondents, dtype=bool) if base is None else np.asarray(base)
    return wave.weights[base & np.asarray(given)].sum() / wave.weights[base].sum()


def test_a_net_is_the_sum_of_its_answers_and_knows_their_covariance(kinds):
    estimates = cj.toplines(kinds, question="policy")
    frame = estimates.frame.set_index("level")
    assert frame.loc["Support", "estimate"] == pytest.approx(
        frame.loc[["Strongly support", "Tend to support"], "estimate"].sum(), rel=1e-12
    )
    net = [{"level": "Strongly support"}, {"level": "Tend to support"}, {"level": "Oppose"}]
    by_hand = cj.contrast(estimates, net, weights=[1, 1, -1]).frame.iloc[0]
    wald = estimates.with_interval("wald").frame.set_index("level").loc["Net support"]
    for name in ("estimate", "std_error", "conf_low", "conf_high"):
        assert wald[name] == pytest.approx(by_hand[name], rel=1e-9)
    assert frame.loc[["Support", "Net support"], "estimand"].tolist() == ["net", "net"]


def test_scores_give_the_mean_of_those_whose_answer_has_one(kinds):
    scores = {"Strongly support": 2.0, "Tend to support": 1.0, "Oppose": -1.0}
    own = kinds.respondents["policy"].astype(object).map(scores).to_numpy(dtype=float)
    known = ~np.isnan(own)
    row = figures(kinds, "policy").loc["mean"]
    assert row["estimate"] == pytest.approx(
        DescrStatsW(own[known], kinds.weights[known]).mean, rel=1e-12
    )
    assert row["n_respondents"] == known.sum() < kinds.n_respondents
    assert row["estimand"] == "mean"


def test_a_net_can_be_the_headline(kinds):
    assert kinds.survey.questions["policy"].headline == "Support"


def test_several_answers_are_shares_of_those_who_said_anything(kinds):
    people = kinds.respondents
    asked = people["issue_1"].notna().to_numpy()
    assert asked.sum() == 390
    frame = figures(kinds, "issues")
    for answer, column in (("Health", "issue_1"), ("Tax", "issue_2"), ("War", "issue_3")):
        given = (people[column] == "1").to_numpy()
        assert frame.loc[answer, "estimate"] == pytest.approx(share(kinds, given, asked), rel=1e-12)
    assert frame["n_respondents"].unique().tolist() == [390]
    assert frame["attribute"].unique().tolist() == ["issues"]


def test_a_net_of_several_answers_counts_a_person_once(kinds):
    people = kinds.respondents
    either = ((people["issue_1"] == "1") | (people["issue_2"] == "1")).to_numpy()
    asked = people["issue_1"].notna().to_numpy()
    row = figures(kinds, "issues").loc["Health or tax"]
    assert row["estimate"] == pytest.approx(share(kinds, either, asked), rel=1e-12)


def test_answers_in_one_column_are_told_apart_even_where_one_holds_the_separator(kinds):
    cells = kinds.respondents["media"].astype(object)
    asked = (cells.notna() & (cells != "Refused")).to_numpy()
    frame = figures(kinds, "media")
    home = cells.isin(["Radio;TV; at home", "TV; at home;Paper"]).to_numpy()
    assert frame.loc["TV; at home", "estimate"] == pytest.approx(
        share(kinds, home, asked), rel=1e-12
    )
    assert frame["n_respondents"].unique().tolist() == [asked.sum()]


def test_a_grid_has_the_same_answers_for_every_item(kinds):
    estimates = cj.toplines(kinds, by="sex", question="trust")
    frame = estimates.frame
    assert frame["attribute"].unique().tolist() == ["trust_1", "trust_2"]
    row = frame[
        (frame["group"] == "Male") & (frame["attribute"] == "trust_2") & (frame["level"] == "Yes")
    ].iloc[0]
    people = kinds.respondents
    men = (people["sex"] == "Male").to_numpy()
    yes = (people["trust_2"] == "Yes").to_numpy()
    assert row["estimate"] == pytest.approx(share(kinds, yes, men), rel=1e-12)
    gap = cj.differences(estimates, reference="Total").frame
    assert len(gap) == 2 * 2 * 4


def test_who_was_not_asked_is_not_in_the_base(kinds):
    oppose = (kinds.respondents["policy"] == "Oppose").to_numpy()
    frame = figures(kinds, "reason")
    assert frame["n_respondents"].unique().tolist() == [oppose.sum()]
    price = (kinds.respondents["reason"] == "Price").to_numpy()
    assert frame.loc["Price", "estimate"] == pytest.approx(share(kinds, price, oppose), rel=1e-12)
    assert crosstab(kinds, "reason").base == "Those who oppose"


def test_an_answer_outside_the_filter_is_left_out(kinds_folder):
    row = int(np.flatnonzero(kinds_folder.responses["policy"] == "Oppose")[0]) + 2
    before = cj.toplines(cj.read_wave(kinds_folder.write()), question="reason").frame
    kinds_folder.cell(row, "policy", "Don't know")
    after = cj.toplines(cj.read_wave(kinds_folder.write()), question="reason").frame
    assert (before["n_respondents"] - after["n_respondents"]).unique().tolist() == [1]


def test_replicates_by_matrix_product_are_those_of_every_run_for_all_kinds(kinds):
    fast = cj.replicate(kinds, cj.toplines, replicates=5)

    def slow(wave, **options):
        return cj.toplines(wave, **options)

    np.testing.assert_allclose(
        fast.values, cj.replicate(kinds, slow, replicates=5).values, rtol=1e-9, atol=1e-12
    )


# --- Tables -------------------------------------------------------------------------------------


def test_a_table_says_what_toplines_say(kinds):
    """The sums that tables are made of against influence, respondent by respondent."""
    every = tables(kinds, suppress=False)
    titles = {table.title for table in every}
    assert {"The policy", "Trust: police", "Trust: The courts", "issues", "warmth"} <= titles
    for table in every:
        direct = table.estimates.frame.set_index(["level", "group"])
        rows = table.frame.set_index(["row", "group"]).loc[direct.index]
        for name in ("estimate", "std_error", "conf_low", "conf_high", "n_respondents"):
            np.testing.assert_allclose(
                rows[name], direct[name], rtol=1e-9, atol=1e-12, err_msg=f"{table} {name}"
            )


@pytest.mark.parametrize("calibrated", [True, False])
def test_column_tests_are_contrasts_of_the_estimates(kinds, calibrated):
    wave = kinds if calibrated else kinds.fixed()
    for table in tables(wave, suppress=False):
        made = 0
        for row in dict.fromkeys(table.tests["row"]):
            own = table.estimates.select(level=row)
            tests = table.tests[table.tests["row"] == row]
            for reference in dict.fromkeys(tests["reference"]):
                gap = cj.differences(own, reference).frame.set_index("group")
                mine = tests[tests["reference"] == reference]
                theirs = gap.loc[[f"{group} − {reference}" for group in mine["group"]]]
                for name, other in (("difference", "estimate"), ("p_value", "p_value")):
                    np.testing.assert_allclose(mine[name], theirs[other], rtol=1e-8, atol=1e-12)
                np.testing.assert_allclose(mine["std_error"], theirs["std_error"], rtol=1e-8)
                made += len(mine)
        assert made > 10


def test_crossbreaks_of_the_survey_are_the_columns(kinds):
    table = crosstab(kinds, "policy")
    assert [column.key for column in table.columns] == [
        "Total", "left", "warm", "sex: Female", "sex: Male", "Age group: Under 45",
        "Age group: 45 and over", "Warmth: Cold", "Warmth: Warm",
    ]  # fmt: skip
    assert [column.letter for column in table.columns] == ["", *"abababab"]
    assert [column.crossbreak for column in table.columns][3:6] == ["sex", "sex", "Age group"]


def test_bases_by_hand(kinds):
    table = crosstab(kinds, "policy", ["sex"])
    men = (kinds.respondents["sex"] == "Male").to_numpy()
    own = kinds.weights[men] / kinds.weights.mean()
    assert table.unweighted[2] == men.sum()
    assert table.weighted[2] == pytest.approx(own.sum(), rel=1e-12)
    assert table.effective[2] == pytest.approx(own.sum() ** 2 / (own**2).sum(), rel=1e-12)
    reference = cj.bases(kinds, by="sex")
    np.testing.assert_allclose(table.effective, reference["effective_base"], rtol=1e-12)
    counts = table.frame.set_index(["row", "group"])["count"]
    oppose = (kinds.respondents["policy"] == "Oppose").to_numpy()
    assert counts["Oppose", "sex: Male"] == (men & oppose).sum()
    assert np.isnan(counts["Net support", "sex: Male"])
    assert np.isnan(counts["mean", "sex: Male"])


def test_a_scale_is_shown_point_by_point_with_its_mean(kinds):
    table = crosstab(kinds, "warmth", ["sex"])
    assert [row.key for row in table.rows] == [*map(str, range(11)), "mean"]
    points = table.values[:11, 0]
    assert points.sum() == pytest.approx(1, rel=1e-12)
    assert table.values[11, 0] == pytest.approx(np.arange(11) @ points, rel=1e-12)


def test_a_scale_of_many_numbers_has_its_mean_alone(kinds_folder):
    kinds_folder.toml = kinds_folder.toml.replace("max = 10\n", "max = 100\n", 1)
    kinds_folder.responses["warmth"] = [f"{x / 4:g}" for x in range(400)]
    wave = cj.rake(cj.read_wave(kinds_folder.write()))
    table = crosstab(wave, "warmth", ["sex"])
    assert [row.key for row in table.rows] == ["mean"]
    direct = table.estimates.frame
    np.testing.assert_allclose(table.values[0], direct["estimate"], rtol=1e-12)
    np.testing.assert_allclose(table.std_error[0], direct["std_error"], rtol=1e-9)


def test_nets_of_a_scale_take_points_together(kinds_folder):
    kinds_folder.replace(
        'max = 10\nmissing = "DK"\n',
        'max = 10\nmissing = "DK"\nnets = { "7 to 10" = [7, 8, 9, 10] }\n',
    )
    wave = cj.read_wave(kinds_folder.write())
    frame = figures(wave, "warmth")
    assert frame.index.tolist() == ["7 to 10", "mean"]
    warmth = wave.respondents["warmth"].dropna()
    assert frame.loc["7 to 10", "estimate"] == pytest.approx((warmth >= 7).mean(), rel=1e-12)


def test_a_table_reads_as_text(kinds):
    text = crosstab(kinds, "policy", ["sex"]).wide()
    assert text.index.tolist()[:3] == ["Unweighted base", "Weighted base", "Effective base"]
    assert text.iloc[0, 0] == "400"
    assert text.loc["Tend to"].iloc[0].endswith("%")
    assert "." in text.loc["Mean"].iloc[0]


def test_weights_of_one_equal_no_weights(kinds):
    plain = kinds.with_weights(np.ones(kinds.n_respondents))
    scaled = kinds.with_weights(np.full(kinds.n_respondents, 7.0))
    for one, other in zip(tables(plain), tables(scaled), strict=True):
        np.testing.assert_allclose(one.values, other.values, rtol=1e-12)
        np.testing.assert_allclose(one.std_error, other.std_error, rtol=1e-9, atol=1e-15)


def test_people_without_weight_are_in_no_base(kinds):
    women = (kinds.respondents["sex"] == "Female").to_numpy()
    wave = kinds.with_weights(np.where(women, 0.0, 1.0))
    table = crosstab(wave, "policy", ["sex"])
    assert table.unweighted.tolist() == [(~women).sum(), 0, (~women).sum()]
    assert np.isnan(table.values[:, 1]).all()
    assert (table.tests["p_value"].notna().sum()) == 0


# --- What is refused ------------------------------------------------------------------------------


def test_what_a_cell_cannot_say_is_named(kinds_folder):
    kinds_folder.cell(12, "issue_2", "maybe").cell(13, "media", "Radio;Teevee")
    kinds_folder.cell(14, "trust_2", "Perhaps")
    faults = "\n".join(kinds_folder.faults(cj.read_wave))
    assert (
        'row 12, issue_2: "maybe" says neither that it was selected nor that it was not '
        '("Tax" of "issues") (expected 1, 0)' in faults
    )
    assert 'row 13, media: "Radio;Teevee" is not made of its answers ("media")' in faults
    assert 'row 14, trust_2: "Perhaps" is not an answer to "trust"' in faults


def test_columns_of_answers_have_to_be_there(kinds_folder):
    kinds_folder.responses = kinds_folder.responses.drop(columns=["issue_3", "trust_1"])
    faults = "\n".join(kinds_folder.faults(cj.read_wave))
    assert 'there is no column "issue_3"' in faults
    assert 'there is no column "trust_1"' in faults


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"question": "mood"}, 'there is no "mood"'),
        ({"question": "trust"}, 'there is no "" in "trust" .expected police, courts'),
        ({"question": "policy", "crossbreaks": ["shoe"]}, 'there is no column "shoe"'),
        ({"question": "policy", "crossbreaks": ["sex", "sex"]}, '"sex" stands twice'),
        ({"question": "policy", "test": "chi"}, 'there is no "chi" .expected design, effective'),
        ({"question": "policy", "adjustment": "scheffe"}, 'there is no "scheffe"'),
    ],
)
def test_wrong_arguments_are_refused(kinds, given, message):
    with pytest.raises(RequestError, match=message):
        crosstab(kinds, **given)


def test_a_crossbreak_nobody_answered_is_refused(kinds):
    nobody = kinds.survey.model_copy(update={"crossbreaks": ()})
    wave = replace(kinds, survey=nobody)
    wave._respondents["blank"] = None
    with pytest.raises(EstimationError, match='crossbreak "blank": nobody has an answer'):
        crosstab(wave, "policy", ["blank"])
