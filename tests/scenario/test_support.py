"""Support for a package against cell means, against itself, and against bad requests."""

import numpy as np
import pandas as pd
import pytest
from preferences import LEVELS, SHARES, as_wave, draw_wave, every

import conjoint as cj
from conftest import ROOT, ROUTES
from conjoint.errors import EstimationError, RequestError
from conjoint.scenario import grid, simultaneous, support
from conjoint.survey import Outcome, Restriction, Segment

PAIR = ("cap", "reduction")
PACKAGE = {"cap": "5000", "reduction": "90"}


@pytest.fixture(scope="module")
def frame():
    return draw_wave(np.random.default_rng(5), n=120, tasks=6)


@pytest.fixture(scope="module")
def wave(frame):
    return as_wave(frame)


def weighted_of(wave, seed=3):
    return wave.with_weights(np.random.default_rng(seed).uniform(0.4, 2.0, wave.n_respondents))


def two(wave):
    """The same without partners: two attributes are all there is."""
    attributes = {name: wave.survey.attributes[name] for name in PAIR}
    survey = wave.survey.model_copy(update={"attributes": attributes})
    return cj.Wave.build(
        survey, wave.respondents, wave.profiles.drop(columns="partners"), wave.weights
    )


@pytest.mark.parametrize("variance", ["linearised", "CR1", "CR2", "CR3"])
def test_a_saturated_model_of_two_attributes_gives_the_joint_means(wave, variance):
    whole = weighted_of(two(wave))
    options = {"by": "group", "outcome": "additive", "variance": variance, "interval": "wald"}
    means = cj.joint_means(whole, PAIR, **options)
    made = grid(whole, *PAIR, interactions=PAIR, **options).figures
    assert made.labels["level"].to_list() == means.labels["level"].to_list()
    assert made.values == pytest.approx(means.values, abs=1e-10)
    if variance == "linearised":
        assert made.covariance == pytest.approx(means.covariance, abs=1e-10)
        assert made.frame["conf_low"].to_numpy() == pytest.approx(
            means.frame["conf_low"].to_numpy(), abs=1e-10
        )
    elif variance == "CR3":
        assert made.std_errors == pytest.approx(means.std_errors, rel=0.02)


def test_a_package_against_itself_is_one_half_for_certain(wave):
    scene = support(weighted_of(wave), PACKAGE, "group", against=PACKAGE)
    row = scene.frame
    assert (row[["estimate", "conf_low", "conf_high"]] == 0.5).all(axis=None)
    assert (row["std_error"] == 0).all()
    assert not row["extrapolated"].any()


@pytest.fixture(scope="module")
def raked():
    return cj.rake(cj.read_wave(ROUTES))


def test_the_saturated_model_gives_the_joint_means_of_a_raked_wave_by_overlapping_segments():
    """Weights, calibration, a missing answer and segments that share people; both outcomes."""
    wave = cj.read_wave(ROUTES)
    attributes = {name: wave.survey.attributes[name] for name in PAIR}
    survey = wave.survey.model_copy(update={"attributes": attributes})
    profiles = wave.profiles.drop(columns=["returned", "partners", "arrival"])
    profiles.loc[[3, 40], "support"] = np.nan
    small = cj.rake(cj.Wave.build(survey, wave.respondents, profiles, wave.weights))
    means = cj.joint_means(small, PAIR, by="segments")
    made = grid(small, *PAIR, by="segments", interactions=PAIR).figures
    assert means.specification.calibrated
    assert made.labels["group"].nunique() == 3
    for keys in ({"outcome": "choice"}, {"outcome": "support"}):
        one, other = made.select(**keys), means.select(**keys)
        assert one.labels["level"].to_list() == other.labels["level"].to_list()
        assert one.values == pytest.approx(other.values, abs=1e-10)
        assert one.covariance == pytest.approx(other.covariance, abs=1e-10)


def test_itself_is_one_half_for_certain_in_a_raked_wave_too(raked):
    package = {"cap": "20000", "reduction": "90%"}
    for variance in ("linearised", "CR1"):
        frame = support(raked, package, "segments", against=package, variance=variance).frame
        assert (frame[["estimate", "conf_low", "conf_high"]] == 0.5).all(axis=None)
        assert (frame["std_error"] == 0).all()


def test_two_packages_sum_to_one_head_to_head(wave):
    other = {"cap": "40000", "reduction": "0"}
    one = support(wave, PACKAGE, against=other, outcome="additive").figures
    two_ = support(wave, other, against=PACKAGE, outcome="additive").figures
    assert one.values + two_.values == pytest.approx([1.0], abs=1e-12)
    assert one.std_errors == pytest.approx(two_.std_errors, abs=1e-12)


def test_what_the_opponent_leaves_out_is_as_in_the_package(wave):
    short = support(wave, PACKAGE, against={"cap": "40000"}, outcome="additive")
    long = support(wave, PACKAGE, against=PACKAGE | {"cap": "40000"}, outcome="additive")
    pd.testing.assert_frame_equal(short.frame, long.frame)
    assert short.frame["baseline"].item() == "40000 * 90"


def test_support_averages_to_the_overall_mean(wave):
    """The design's average over all packages is the fit's mean over the design: half, but for chance."""
    made = grid(wave, *PAIR, outcome="additive")
    share = np.array([SHARES["cap"][LEVELS["cap"].index(own["cap"])] *
                      SHARES["reduction"][LEVELS["reduction"].index(own["reduction"])]
                      for own in every(*PAIR)])  # fmt: skip
    assert share @ made.figures.values == pytest.approx(0.5, abs=0.01)


def test_against_dense_least_squares(wave):
    """An additive fit by hand, averaged over partners as the design draws them."""
    profiles = wave.profiles
    X = np.column_stack(
        [np.ones(len(profiles))]
        + [(profiles[name] == level) for name, own in LEVELS.items() for level in own[1:]]
    ).astype(float)
    b, *_ = np.linalg.lstsq(X, profiles["additive"].to_numpy(), rcond=None)
    x = np.array([1, 0, 0, 0, 0, 1, 0.5])
    assert support(wave, PACKAGE, outcome="additive").figures.values == pytest.approx([x @ b])
    stated = support(
        wave, PACKAGE, outcome="additive", average={"partners": {"France": 0.9, "Europe": 0.1}}
    )
    x[-1] = 0.1
    assert stated.figures.values == pytest.approx([x @ b])
    assert stated.gap is None
    assert stated.shown is not None


def test_what_was_shown_stands_beside_with_its_base(wave):
    scene = support(wave, PACKAGE, outcome="additive")
    direct = cj.joint_means(wave, PAIR, outcome="additive").select(level="5000 * 90").frame.iloc[0]
    row = scene.frame.iloc[0]
    assert row["shown_estimate"] == pytest.approx(direct["estimate"], abs=1e-12)
    assert row["shown_low"] == pytest.approx(direct["conf_low"], abs=1e-12)
    assert row["shown_profiles"] == direct["n_profiles"]
    assert scene.gap.values == pytest.approx(row["estimate"] - row["shown_estimate"])
    assert scene.gap.covariance[0, 0] > 0


def seen_by(frame, count):
    """The wave in which so many people saw the package."""
    shows = (frame["cap"] == "5000") & (frame["reduction"] == "90")
    few = frame.loc[shows, "id"].drop_duplicates().head(count)
    kept = frame[~shows | frame["id"].isin(few)]
    return as_wave(kept[kept.groupby(["id", "task"])["id"].transform("size") == 2])


def test_two_people_are_enough_for_a_raw_mean_and_one_is_not(frame):
    """And what is said of it names an opponent only where there is one."""
    two_saw = support(seen_by(frame, 2), PACKAGE, outcome="additive")
    assert two_saw.frame["shown_respondents"].to_list() == [2]
    assert two_saw.frame["shown_estimate"].notna().all()
    one_saw = support(seen_by(frame, 1), PACKAGE, outcome="additive")
    assert one_saw.frame["shown_estimate"].isna().all()
    (said,) = [text for text in one_saw.warnings if "fewer than two people" in text]
    assert "against this opponent" not in said
    other = {"cap": "40000", "reduction": "0"}
    faced = support(seen_by(frame, 1), PACKAGE, against=other, outcome="additive")
    assert any("against this opponent; the figure rests" in text for text in faced.warnings)


def test_a_combination_never_shown_is_said_to_be(frame):
    kept = frame[~((frame["cap"] == "5000") & (frame["reduction"] == "90"))]
    kept = kept[kept.groupby(["id", "task"])["id"].transform("size") == 2]
    scene = support(as_wave(kept), PACKAGE, outcome="additive")
    assert scene.frame["extrapolated"].all()
    assert scene.frame["shown_profiles"].to_list() == [0]
    assert "rests on the model alone" in scene.warnings[0]
    with pytest.raises(EstimationError, match="no profile showed cap 5000, reduction 90"):
        support(as_wave(kept), PACKAGE, outcome="additive", interactions=PAIR)


def test_additivity_is_tested_where_the_model_has_no_interaction():
    wave = as_wave(draw_wave(np.random.default_rng(5), n=1000))
    plain = support(wave, PACKAGE, "group", outcome="interacting")
    assert plain.additivity["df_num"].to_list() == [6.0, 6.0]
    assert plain.additivity["p_value"].iloc[0] < 0.001
    assert any("do not simply add up" in text for text in plain.warnings)
    full = support(wave, PACKAGE, "group", outcome="interacting", interactions=PAIR)
    assert full.additivity["p_value"].isna().all()
    assert full.additivity["note"].str.startswith("nothing to test").all()
    # The test is that of all ACIEs at once: neither hangs on the baselines.
    acies = cj.interactions(wave, PAIR, outcome="interacting")
    d, V = acies.values, acies.covariance
    q, eta = len(d), wave.n_respondents - 1
    F = (eta - q + 1) / (eta * q) * float(d @ np.linalg.solve(V, d))
    whole = support(wave, PACKAGE, outcome="interacting").additivity
    assert whole["statistic"].item() == pytest.approx(F, rel=1e-8)


def test_the_page_on_scenarios_has_the_figures_of_the_wave(raked):
    """Support, and the average of marginal means that it is not."""
    page = (ROOT / "docs" / "scenarios.md").read_text("utf-8")
    levels = ("10000", "90%", "80%", "EU and Med5", "Work")
    package = dict(zip(raked.survey.attributes, levels, strict=True))
    row = support(raked, package, outcome="choice").figures.frame.iloc[0]
    low, high = 100 * row["conf_low"], 100 * row["conf_high"]
    assert f"| `support` | {100 * row['estimate']:.1f} ({low:.1f} to {high:.1f}) |" in page
    means = cj.marginal_means(raked, outcome="choice").frame.set_index(["attribute", "level"])
    own = [100 * means.loc[key, "estimate"] for key in package.items()]
    assert f"| {', '.join(f'{mean:.1f}' for mean in own)} |" in page
    assert f"| their average | {np.mean(own):.1f} |" in page


def test_additivity_is_not_tested_with_too_few_people(raked):
    """Of 97 people 66 interactions and more: the test would reject some 13% where all adds up."""
    whole = {
        "cap": "20000",
        "reduction": "90%",
        "returned": "80%",
        "partners": "France",
        "arrival": "Work",
    }
    scene = support(raked, whole, "segments", outcome="choice")
    tested = scene.additivity.set_index("group")
    few = ["right_switchers", "progressive_switchers"]
    assert tested.loc[few, "p_value"].isna().all()
    assert tested.loc[few, "note"].str.contains("are too many for").all()
    assert tested.loc["labour_voters", "p_value"] > 0
    assert not any("do not simply add up" in text for text in scene.warnings if "switchers" in text)
    pair = support(raked, {"cap": "20000", "reduction": "90%"}, "segments", outcome="choice")
    assert pair.additivity["p_value"].notna().all()


def test_additivity_knows_what_is_stated():
    """A cap's support hangs on the reduction that is stated, if the two interact."""
    wave = as_wave(draw_wave(np.random.default_rng(5), n=1000))
    stated = {"reduction": {"90": 1.0}}
    asked = {"outcome": "interacting", "average": stated}
    plain = support(wave, {"cap": "5000"}, **asked)
    whole = support(wave, PACKAGE, outcome="interacting")
    assert plain.figures.values == pytest.approx(whole.figures.values, abs=1e-12)
    assert plain.additivity["statistic"].item() == pytest.approx(
        whole.additivity["statistic"].item()
    )
    assert "cap * reduction do not simply add up" in plain.warnings[-1]
    assert support(wave, {"cap": "5000"}, outcome="interacting").additivity["pairs"].item() == 0


def test_tied_attributes_are_averaged_as_the_design_draws_them(frame):
    kept = frame[~((frame["cap"] == "40000") & (frame["partners"] == "Europe"))]
    kept = kept[kept.groupby(["id", "task"])["id"].transform("size") == 2]
    wave = as_wave(kept)
    never = Restriction(never={"cap": ("40000",), "partners": ("Europe",)})
    survey = wave.survey.model_copy(update={"restrictions": (never,)})
    tied = cj.Wave.build(survey, wave.respondents, wave.profiles, wave.weights)
    alone = support(tied, {"cap": "40000"}, outcome="additive").figures
    given = support(tied, {"cap": "40000", "partners": "France"}, outcome="additive").figures
    assert alone.values == pytest.approx(given.values, abs=1e-12)
    both = [
        support(tied, {"cap": "5000", "partners": partner}, outcome="additive").figures.values
        for partner in LEVELS["partners"]
    ]
    mean = support(tied, {"cap": "5000"}, outcome="additive").figures.values
    assert np.mean(both, axis=0) == pytest.approx(mean, abs=1e-12)
    with pytest.raises(RequestError, match='with "40000": France'):
        support(tied, {"cap": "40000", "partners": "Europe"})
    with pytest.raises(RequestError, match="never meet"):
        support(tied, {"cap": "5000", "partners": "Europe"}, against={"cap": "40000"})
    assert len(grid(tied, "cap", "partners", outcome="additive").figures) == 7


def judged(wave):
    """Support, oppose and don't know as three outcomes that read the same answers."""
    rng = np.random.default_rng(8)
    answers = rng.choice(["support", "oppose", "unsure"], wave.n_profiles, p=[0.5, 0.3, 0.2])
    words = {"support", "oppose", "unsure"}
    outcomes = {
        name: Outcome(kind="support", column="verdict", positive=name, negative=[*(words - {name})])
        for name in ("support", "oppose", "unsure")
    }
    profiles = wave.profiles.drop(columns=["additive", "interacting"])
    for name in outcomes:
        profiles[name] = (answers == name).astype(float)
    survey = wave.survey.model_copy(update={"outcomes": outcomes})
    return cj.Wave.build(survey, wave.respondents, profiles, wave.weights)


def test_all_three_shares_of_one_question_come_together(wave):
    scene = support(judged(wave), PACKAGE, "group", outcome="oppose")
    assert scene.frame["outcome"].unique().tolist() == ["support", "oppose", "unsure"]
    assert scene.frame.groupby("group")["estimate"].sum().to_numpy() == pytest.approx([1.0, 1.0])
    with pytest.raises(RequestError, match="is of kind"):
        support(judged(wave), PACKAGE, against={"cap": "40000"})


def test_over_the_status_quo_needs_a_none_option(wave):
    with pytest.raises(RequestError, match="`none` option"):
        support(wave, PACKAGE, against="status quo")
    outcome = wave.survey.outcomes["additive"].model_copy(update={"none": ("neither",)})
    profiles = wave.profiles.drop(columns="interacting")
    dropped = profiles["task"].isin(["0", "1"])
    profiles.loc[dropped, "additive"] = 0.0
    survey = wave.survey.model_copy(update={"outcomes": {"additive": outcome}})
    free = cj.Wave.build(survey, wave.respondents, profiles, wave.weights)
    scene = support(free, PACKAGE, against="status quo")
    assert scene.frame["baseline"].item() == "status quo"
    # Of 6 tasks 2 have no choice: per person 4 profiles taken, and 4 beside nothing.
    assert scene.frame["n_profiles"].item() == 8 * free.n_respondents
    own = free.profiles
    counted = own[(own["additive"] == 1) | dropped.to_numpy()]
    cell = counted[(counted["cap"] == "5000") & (counted["reduction"] == "90")]
    assert scene.frame["shown_estimate"].item() == pytest.approx(cell["additive"].mean())


@pytest.mark.parametrize(
    ("package", "options", "said"),
    [
        ({}, {}, "names no attribute"),
        ({"size": "L"}, {}, 'there is no attribute "size" \\(expected cap, reduction, partners'),
        ({"cap": "1"}, {}, '"1" is not a level of "cap" \\(expected 5000, 10000, 20000, 40000'),
        (PACKAGE, {"outcome": "joy"}, "additive, interacting"),
        (PACKAGE, {"by": "nobody"}, 'there is no "nobody"'),
        (PACKAGE, {"against": "the rest"}, '"status quo"'),
        (PACKAGE, {"against": {"cap": "2"}}, 'against: "2" is not a level of "cap"'),
        (PACKAGE, {"average": "evenly"}, '"design", or shares'),
        (PACKAGE, {"average": {"cap": {"5000": 1.0}}}, "which the package fixes"),
        (PACKAGE, {"average": {"partners": {"Mars": 1.0}}}, '"Mars" is not a level of "partners"'),
        (PACKAGE, {"interactions": ["cap", "cap"]}, "two different attributes"),
        (PACKAGE, {"interactions": [["cap", "size"]]}, 'there is no attribute "size"'),
        (PACKAGE, {"variance": "CR9"}, 'there is no "CR9"'),
    ],
)  # fmt: skip
def test_a_bad_request_names_the_choices(wave, package, options, said):
    with pytest.raises(RequestError, match=said):
        support(wave, package, **options)


def test_an_empty_segment_alone_is_named(wave):
    empty = Segment(where={"group": "east"})
    survey = wave.survey.model_copy(update={"segments": {"east": empty}})
    own = cj.Wave.build(survey, wave.respondents, wave.profiles, wave.weights)
    with pytest.raises(EstimationError, match=r"segments\.east: nobody is in it"):
        support(own, PACKAGE, by="east")


def test_a_grid_of_one_attribute_is_refused(wave):
    with pytest.raises(RequestError, match="stands twice"):
        grid(wave, "cap", "cap")
    with pytest.raises(RequestError, match='no attribute "size"'):
        grid(wave, "cap", "size")


def test_a_band_is_wider_than_an_interval_and_narrower_than_bonferroni(wave):
    from scipy import stats

    frame = grid(wave, *PAIR, by="group", outcome="additive").frame
    degrees = wave.n_respondents / 2 - 1
    pointwise, every_one = stats.t.ppf([0.975, 1 - 0.025 / 12], degrees)
    assert frame["critical"].nunique() == 2
    assert frame["critical"].between(pointwise + 0.3, every_one - 0.05).all()
    assert (frame["band_low"] < frame["conf_low"]).all()
    again = grid(wave, *PAIR, by="group", outcome="additive").frame
    assert again["critical"].to_list() == frame["critical"].to_list()


def test_the_band_of_one_figure_is_its_interval(wave):
    one = support(wave, PACKAGE, outcome="additive").figures
    band = simultaneous(one, draws=200_000).iloc[0]
    assert band["band_low"] == pytest.approx(band["conf_low"], abs=0.01 * band["std_error"])


def test_a_calibrated_wave_has_smaller_errors_where_targets_explain(raked):
    package = {"cap": "20000", "reduction": "90%"}
    made = support(raked, package, outcome="support").figures
    given = support(raked.fixed(), package, outcome="support").figures
    assert made.values == pytest.approx(given.values)
    assert made.std_errors[0] < given.std_errors[0]
    assert made.specification.calibrated
