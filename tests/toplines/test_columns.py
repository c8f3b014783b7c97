"""Significance of columns: letters, marks against the total, multiplicity, and the classic test."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportions_ztest
from statsmodels.stats.weightstats import ttest_ind

import conjoint as cj
from conjoint.say.number import rounded_percent, rounding_note
from conjoint.survey import Question
from conjoint.toplines import crosstab
from conjoint.toplines.banner import make_banner


def planted(simulated, as_wave, shares, n=1200, seed=3):
    """A question whose share of yes differs between parties and ages."""
    frame = simulated(seed, n=n, tasks=1)
    rng = np.random.default_rng(seed)
    region = np.repeat(rng.choice(list(shares), n), 2)
    yes = rng.random(n)[np.repeat(np.arange(n), 2)] < np.array([shares[r] for r in region])
    frame = frame.assign(region=region, likes=np.where(yes, "Yes", "No"))
    frame["warmth"] = np.repeat(rng.normal(5, 2, n).round(2), 2)
    wave = as_wave(frame, segments=["party", "region", "likes", "warmth"], weight=None)
    questions = {
        "likes": Question(answers=("Yes", "No")),
        "warmth": Question(kind="scale", min=-20, max=30),
    }
    object.__setattr__(wave, "survey", wave.survey.model_copy(update={"questions": questions}))
    return wave


@pytest.fixture(scope="module")
def wave(simulated, as_wave):
    return planted(simulated, as_wave, {"A": 0.2, "B": 0.5, "C": 0.5, "D": 0.8})


def test_letters_name_the_columns_that_are_lower(wave):
    table = crosstab(wave, "likes", ["region"])
    yes, no = table.letters
    assert yes[1:] == ("", "A", "A", "ABC")
    assert no[1:] == ("BCD", "D", "D", "")
    assert yes[0] == ""


def test_lower_case_is_95_and_upper_case_99_percent(wave):
    table = crosstab(wave, "likes", ["region", "party"])
    tests = table.tests.set_index(["row", "group", "reference"])
    keys = {column.key: column for column in table.columns}
    seen = {"lower": 0, "upper": 0}
    for (row, group, reference), test in tests.iterrows():
        if reference == "Total":
            continue
        above, below = (group, reference) if test["difference"] > 0 else (reference, group)
        place = next(k for k, column in enumerate(table.columns) if column.key == above)
        letters = table.letters[["Yes", "No"].index(row)][place]
        letter = keys[below].letter
        assert (letter.upper() in letters) == (test["p_adjusted"] < 0.01)
        assert (letter in letters) == (0.01 <= test["p_adjusted"] < 0.05)
        seen["upper"] += letter.upper() in letters
        seen["lower"] += letter in letters
    assert seen["upper"] > 0


def test_letters_stand_within_their_crossbreak(wave):
    table = crosstab(wave, "likes", ["region", "party"])
    compared = {
        (group.split(": ")[0], reference.split(": ")[0])
        for group, reference in table.tests[["group", "reference"]].itertuples(index=False)
    }
    assert compared == {
        ("region", "region"), ("party", "party"), ("region", "Total"), ("party", "Total")
    }  # fmt: skip


def test_marks_against_the_total(wave):
    table = crosstab(wave, "likes", ["region"])
    assert table.against_total[0][1] == "--"
    assert table.against_total[0][4] == "++"
    assert table.against_total[0][0] == ""


def test_the_total_is_compared_with_its_part_not_with_a_stranger(wave):
    tests = crosstab(wave, "likes", ["region"]).tests.set_index(["row", "group", "reference"])
    people = wave.respondents
    yes = (people["likes"] == "Yes").to_numpy(dtype=float)
    inside = (people["region"] == "A").to_numpy()
    n, p, p_c = len(yes), yes.mean(), yes[inside].mean()
    influence = inside * (yes - p_c) / inside.sum() - (yes - p) / n
    row = tests.loc[("Yes", "region: A", "Total")]
    assert row["difference"] == pytest.approx(p_c - p, rel=1e-10)
    error = np.sqrt((influence**2).sum() * n / (n - 1))
    assert row["std_error"] == pytest.approx(error, rel=1e-9)
    apart = p_c * (1 - p_c) / inside.sum() + p * (1 - p) / n
    assert error < 0.95 * np.sqrt(apart)  # what two samples apart would have


@pytest.mark.parametrize("method", ["holm", "benjamini-hochberg"])
def test_a_family_is_a_row_within_a_crossbreak(wave, method):
    tests = crosstab(wave, "likes", ["region", "party"], adjustment=method).tests
    own = tests[
        (tests["row"] == "Yes")
        & tests["group"].str.startswith("region")
        & (tests["reference"] != "Total")
    ]
    assert len(own) == 6
    named = {"holm": "holm", "benjamini-hochberg": "fdr_bh"}[method]
    np.testing.assert_allclose(own["p_adjusted"], multipletests(own["p_value"], method=named)[1])
    party = tests[(tests["row"] == "Yes") & (tests["reference"] == "party: Right")]
    np.testing.assert_allclose(party["p_adjusted"], party["p_value"])
    # No family is forgotten: the tests are those that there are without an adjustment.
    pairs, plain = ["row", "group", "reference"], crosstab(wave, "likes", ["region", "party"]).tests
    assert tests[pairs].equals(plain[pairs])


def test_without_differences_few_letters_are_drawn(simulated, as_wave):
    flat = dict.fromkeys("ABCDE", 0.4)
    found = {None: 0, "holm": 0}
    draws = 40
    for seed in range(draws):
        wave = planted(simulated, as_wave, flat, n=400, seed=100 + seed)
        for method in found:
            table = crosstab(wave, "likes", ["region"], adjustment=method)
            found[method] += any(table.letters[0])
    assert found["holm"] <= 6  # 5% of 40 is 2
    assert found[None] > found["holm"]


# --- The classic test -----------------------------------------------------------------------------


def test_effective_bases_without_weights_are_the_textbook_z_test(wave):
    table = crosstab(wave, "likes", ["region"], test="effective base")
    tests = table.tests.set_index(["row", "group", "reference"])
    yes = (wave.respondents["likes"] == "Yes").to_numpy()
    regions = wave.respondents["region"].to_numpy()
    for first, second in (("A", "B"), ("B", "C"), ("C", "D")):
        counts = [yes[regions == region].sum() for region in (first, second)]
        bases = [(regions == region).sum() for region in (first, second)]
        z, p = proportions_ztest(counts, bases)
        row = tests.loc[("Yes", f"region: {first}", f"region: {second}")]
        assert row["statistic"] == pytest.approx(z, rel=1e-10)
        assert row["p_value"] == pytest.approx(p, rel=1e-8)


def test_effective_bases_without_weights_are_the_textbook_t_test_for_means(wave):
    tests = crosstab(wave, "warmth", ["party"], test="effective base").tests
    warmth, party = (wave.respondents[name].to_numpy() for name in ("warmth", "party"))
    t, p, df = ttest_ind(warmth[party == "Left"], warmth[party == "Right"])
    row = tests[tests["reference"] == "party: Right"].iloc[0]
    # s^2 here divides by e, there by e - 1: a part in n.
    assert row["statistic"] == pytest.approx(t, rel=2 / wave.n_respondents, abs=1e-3)
    assert row["df"] == pytest.approx(df)
    assert row["p_value"] == pytest.approx(p, abs=1e-3)


def test_effective_bases_shrink_with_weights(wave):
    rng = np.random.default_rng(1)
    uneven = wave.with_weights(rng.uniform(0.2, 3, wave.n_respondents))
    table = crosstab(uneven, "likes", ["region"], test="effective base")
    e, p = table.effective, table.values[0]
    row = table.tests.set_index(["row", "group", "reference"]).loc[
        ("Yes", "region: A", "region: B")
    ]
    pooled = (e[1] * p[1] + e[2] * p[2]) / (e[1] + e[2])
    z = (p[1] - p[2]) / np.sqrt(pooled * (1 - pooled) * (1 / e[1] + 1 / e[2]))
    assert row["statistic"] == pytest.approx(z, rel=1e-10)
    assert np.isinf(row["df"])


def test_effective_bases_know_a_part_of_the_total(wave):
    table = crosstab(wave, "likes", ["region"], test="effective base")
    row = table.tests.set_index(["row", "group", "reference"]).loc[("Yes", "region: A", "Total")]
    n, n_c = table.unweighted[0], table.unweighted[1]
    p, p_c = table.values[0, 0], table.values[0, 1]
    pooled = (n * p + n_c * p_c) / (n + n_c)
    error = np.sqrt(pooled * (1 - pooled) * (1 / n_c - 1 / n))
    assert row["std_error"] == pytest.approx(error, rel=1e-10)


def test_figures_without_spread_are_not_tested(wave):
    """A question crossed with itself is 100% or 0%."""
    for test in ("design", "effective base"):
        table = crosstab(wave, "likes", ["likes"], test=test)
        own = table.tests[table.tests["reference"] != "Total"]
        assert own.empty or test == "effective base"
        assert table.values[0, 1:].tolist() == [1.0, 0.0] or table.values[0, 1:].tolist() == [0, 1]


def test_more_than_26_columns_have_letters_of_two(simulated, as_wave):
    frame = simulated(1, n=3000, tasks=1)
    frame["code"] = np.repeat(np.random.default_rng(1).integers(100, 130, 3000), 2)
    wave = as_wave(frame, segments=["code"], weight=None)
    letters = [column.letter for column in make_banner(wave, ["code"]).columns]
    assert letters[1:4] == ["a", "b", "c"]
    assert letters[26:] == ["z", "aa", "ab", "ac", "ad"]


# --- Rounding -------------------------------------------------------------------------------------


def test_the_published_figures_sum_to_101():
    shares = [0.4767, 0.3370, 0.1863]
    assert rounded_percent(shares).tolist() == [48, 34, 19]
    assert rounding_note(shares) == "Figures sum to 101% because each is rounded."


def test_rounding_to_99_is_said_and_to_100_not():
    assert rounding_note([1 / 3, 1 / 3, 1 / 3]) == "Figures sum to 99% because each is rounded."
    assert rounding_note([0.5, 0.3, 0.2]) == ""
    assert (
        rounding_note([1 / 3, 1 / 3, 1 / 3], 1) == "Figures sum to 99.9% because each is rounded."
    )


def test_halves_go_up_as_in_print():
    assert rounded_percent([0.285, 0.005, 0.995, -0.005, -0.001]).tolist() == [29, 1, 100, -1, 0]
    assert not np.signbit(rounded_percent([-0.001])[0])


def test_several_answers_or_missing_figures_are_no_rounding():
    assert rounding_note([0.6, 0.6]) == ""
    assert rounding_note([0.5, np.nan]) == ""


def test_a_table_says_which_columns_do_not_sum_to_100(wave):
    table = crosstab(wave, "likes", ["region"])
    assert set(table.rounding_notes()) <= {column.key for column in table.columns}
    percent = table.percent()
    for place, column in enumerate(table.columns):
        assert (percent[:, place].sum() != 100) == (column.key in table.rounding_notes())
    assert isinstance(table.frame, pd.DataFrame)
    head, *shown = repr(table).splitlines()
    assert head == "<Table likes: 2 rows, 5 columns, base 1,200>"
    assert shown == str(table.wide()).splitlines()


def test_everybody_agrees_with_pandas(wave):
    people = wave.respondents
    mine = crosstab(wave, "likes", ["region"])
    theirs = pd.crosstab(people["likes"], people["region"], normalize="columns")
    np.testing.assert_allclose(mine.values[:, 1:], theirs.loc[["Yes", "No"]], rtol=1e-12)
    assert cj.Wave is not None
