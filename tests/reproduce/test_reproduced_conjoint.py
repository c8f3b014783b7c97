"""Conjoint figures of this package's own making are made again, whatever made them."""

import numpy as np
import pytest

import conjoint as cj
from conjoint.reproduce import reproduce
from conjoint.survey import PublishedFigure


@pytest.fixture(scope="module")
def wave(simulated, as_wave):
    return as_wave(simulated(5, n=150), outcome=["chosen", "rating"], weight="weight")


def printed(estimates, estimand, *, decimals=4, errors=True, where="Table 1", prefix=""):
    """A table of estimates as a paper prints it."""
    return [
        PublishedFigure(
            "", prefix + row.group, "", round(row.estimate, decimals), decimals, where, estimand,
            row.outcome, row.attribute, row.level, row.baseline,
            *(
                [round(x, decimals) for x in (row.std_error, row.conf_low, row.conf_high)]
                if errors and row.std_error == row.std_error
                else [None] * 3
            ),
            "share",
        )
        for row in estimates.frame.itertuples()
    ]  # fmt: skip


def table_of(wave, figures):
    made = reproduce(wave, figures)
    assert made.counts["reproduced"] == len(figures)
    (table,) = made.tables
    return table


@pytest.mark.parametrize("interval", ["wald", "score"])
@pytest.mark.parametrize("variance", ["linearised", "CR1", "CR2", "CR3"])
@pytest.mark.parametrize("ties", ["keep", "drop"])
@pytest.mark.parametrize("weighted", [True, False])
def test_what_made_a_table_is_found(wave, variance, ties, weighted, interval):
    used = wave if weighted else wave.with_weights(np.ones(wave.n_respondents))
    for estimator, estimand in ((cj.amce, "amce"), (cj.marginal_means, "marginal_mean")):
        made = estimator(used, outcome="chosen", variance=variance, ties=ties)
        made = made.with_interval(interval)
        table = table_of(wave, printed(made, estimand, decimals=6))
        (name,) = table.conventions
        assert name.startswith("weights as they came" if weighted else "unweighted")
        assert ("ties dropped" in name) == (ties == "drop")
        (way,) = table.uncertainty
        assert way.startswith(variance)
        score = interval == "score" and estimand == "marginal_mean"
        assert way.endswith(f"95% interval by {'score' if score else 't quantiles'}")


@pytest.mark.parametrize("confidence", [0.9, 0.99])
def test_the_coverage_of_intervals_is_found(wave, confidence):
    made = cj.marginal_means(wave, outcome="rating", confidence=confidence, interval="wald")
    (way,) = table_of(wave, printed(made, "marginal_mean")).uncertainty
    assert way == f"linearised; {confidence:.0%} interval by t quantiles"


def test_joint_means_and_interactions(wave):
    pairs = [("price", "colour"), ("price", "size")]
    for made, estimand in (
        (cj.joint_means(wave, pairs[0], outcome="chosen"), "joint_mean"),
        (cj.interactions(wave, pairs[0], outcome="chosen", kind="amie"), "amie"),
        (cj.interactions(wave, pairs, outcome="chosen"), "acie"),
    ):
        table = table_of(wave, printed(made, estimand))
        assert table.conventions[0].startswith("weights as they came")
    assert table.conventions == ("weights as they came, all pairs in one regression",)


def test_groups_and_differences_between_them(wave):
    means = cj.marginal_means(wave, by="party", outcome="chosen")
    table_of(wave, printed(means, "marginal_mean", prefix="party: "))
    effects = cj.differences(cj.amce(wave, by="party", outcome="chosen"), reference="Left")
    table = table_of(wave, printed(effects, "amce_difference", prefix="party: "))
    assert table.n_errors_found == table.n_errors == 5


def test_a_baseline_of_zero_is_reproduced(wave):
    baseline = PublishedFigure("", "Total", "", 0, 0, "t", "amce", "chosen", "price", "low")
    (row,) = reproduce(wave, [baseline]).figures
    assert row.verdict == "reproduced"
    wrong = PublishedFigure("", "Total", "", 5, 0, "t", "amce", "chosen", "price", "low", "low")
    (row,) = reproduce(wave, [wrong]).figures
    assert row.verdict == "differs"
    assert np.isnan(row.in_errors)


def test_attributes_of_a_pair_may_stand_in_either_order(wave):
    made = cj.interactions(wave, ("price", "size"), outcome="chosen").frame.iloc[0]
    low, level = made["level"].split(" * ")
    base, other = made["baseline"].split(" * ")
    turned = PublishedFigure(
        "", "Total", "", round(made["estimate"], 3), 3, "t", "acie", "chosen", "size * price",
        f"{level} * {low}", f"{other} * {base}",
    )  # fmt: skip
    assert reproduce(wave, [turned]).holds


def test_a_figure_in_two_places_makes_two_tables(wave):
    even = wave.with_weights(np.ones(wave.n_respondents))
    figures = printed(cj.amce(wave, outcome="chosen"), "amce", where="Table 1")
    figures += printed(cj.amce(even, outcome="chosen"), "amce", where="Appendix")
    main, appendix = reproduce(wave, figures).tables
    assert (main.where, appendix.where) == ("Table 1", "Appendix")
    assert main.conventions[0].startswith("weights as they came")
    assert appendix.conventions[0].startswith("unweighted")


def test_a_few_chance_matches_make_no_convention(wave):
    """Under half of the values: the default stays, and the figures are judged by it."""
    made = cj.amce(wave, outcome="chosen").frame
    rng = np.random.default_rng(1)
    figures = [
        PublishedFigure("", "Total", "", round(float(x), 2), 2, "t", "amce", "chosen", a, b, c)
        for x, a, b, c in zip(rng.uniform(0.5, 0.9, len(made)), made["attribute"], made["level"],
                              made["baseline"], strict=True)
    ]  # fmt: skip
    result = reproduce(wave, figures)
    (table,) = result.tables
    assert table.conventions == table.packages == ()
    assert result.counts["differs"] == len(figures)
    estimates = [row.computed for row in result.figures]
    np.testing.assert_allclose(estimates, made["estimate"], rtol=1e-12)


def test_errors_that_no_convention_gives_are_not_found_and_name_no_package(wave):
    made = cj.marginal_means(wave, outcome="chosen")
    figures = [
        PublishedFigure(**{**vars(figure), "std_error": 0.5, "conf_low": None, "conf_high": None})
        for figure in printed(made, "marginal_mean")
    ]
    result = reproduce(wave, figures)
    assert result.counts["reproduced"] == len(figures)
    assert {row.uncertainty for row in result.figures} == {"not found"}
    assert result.tables[0].packages == ()


def test_a_level_that_a_group_never_saw_cannot_be_computed(simulated, as_wave):
    frame = simulated(2, n=60)
    gone = (frame["party"] == "Left") & (frame["price"] == "low")
    frame.loc[gone, "price"] = "mid"
    wave = as_wave(frame)
    figures = [
        PublishedFigure("", group, "", 0.5, 1, "t", estimand, "chosen", "price", "low")
        for group in ("party: Left", "party: Right")
        for estimand in ("marginal_mean", "amce")
    ]
    rows = {(row.group, row.estimand): row for row in reproduce(wave, figures).figures}
    mean, effect = (rows["party: Left", name] for name in ("marginal_mean", "amce"))
    assert (
        mean.missing
        == 'no figure of "low" of price in group "party: Left": it is never shown there'
    )
    assert effect.verdict == "cannot be computed"
    assert "price" in effect.missing
    assert rows["party: Right", "marginal_mean"].verdict != "cannot be computed"
