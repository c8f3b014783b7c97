"""Reliability from a repeated task, and figures corrected by it; projoint's on its example data.

projoint 1.1.3 takes the covariance of a figure with tau from the repeated task's answers alone, not
clustered, and intervals of corrected figures with the uncorrected figure's degrees of freedom. Both
are rewritten here from this package's figures, variances and degrees of freedom.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import conjoint as cj
from conjoint.errors import DataError, EstimationError, RequestError
from conjoint.estimate.correction import CHANGES, SHARES, corrected
from conjoint.estimate.extrapolation import extrapolated_reliability
from conjoint.estimate.reliability import reliability
from conjoint.survey import Repeat, Segment

RTOL = 1e-8
ATTRIBUTES = [f"att{number}" for number in range(1, 8)]
AGAIN = Repeat(task="again", of="1", flipped=True)
ESTIMATE = {"mm": cj.marginal_means, "amce": cj.amce}


# --- projoint's example data ------------------------------------------------------------------


@pytest.fixture(scope="module")
def example(golden):
    """One row a profile, with projoint's own `agree` at the repeated task."""
    frame = golden("projoint_reshaped")
    white = np.where(frame["race_white"] == "White", "1", "0")
    return frame.assign(white01=white).astype({"task": str, "profile": str})


@pytest.fixture(scope="module")
def projoint(example, oracle):
    """The wave, its repeated task made from the raw answers: task 1 with its profiles swapped."""
    raw = pd.read_csv(
        oracle / "data" / "projoint_exampleData1.csv", keep_default_na=False, na_values=[""]
    ).set_index("ResponseId")["choice1_repeated_flipped"]
    wave = cj.Wave.from_frame(
        example,
        respondent="id",
        task="task",
        profile="profile",
        outcome="selected",
        attributes=ATTRIBUTES,
        segments=["white01"],
    )
    first = wave.profiles.query("task == '1'")
    repeats = first.assign(task="again", profile=first["profile"].map({"1": "2", "2": "1"}))
    chosen = repeats["respondent"].map(raw).map({"Community A": "1", "Community B": "2"})
    repeats["selected"] = (repeats["profile"] == chosen).astype(float)
    return cj.Wave.build(wave.survey, wave.respondents, wave.profiles, repeats=repeats)


def told(wave, by=None, **given):
    """Its reliability by CR2, as projoint takes it."""
    return reliability(wave, by, **({"repeat": AGAIN, "variance": "CR2"} | given))


def reference(table, kind):
    """The corrected, or the uncorrected, rows of a reference result."""
    rows = table[table["estimand"].str.endswith(f"_{kind}")]
    assert len(rows) == len(table) / 2
    return rows.reset_index(drop=True)


def in_order(estimates, rows):
    """The rows of the tidy frame, or of a column beside it, in the order of the reference."""
    place = {level: row for row, level in enumerate(estimates.labels["level"])}
    return np.array([place[level] for level in rows["att_level_choose"]])


def assert_same(frame, rows, columns=("estimate", "std_error", "conf_low", "conf_high")):
    theirs = {"estimate": "estimate", "std_error": "se"}
    theirs |= {"conf_low": "conf.low", "conf_high": "conf.high"}
    for name in columns:
        # Intervals come near zero; a share or its change has some 1e-2 of spread.
        np.testing.assert_allclose(
            frame[name], rows[theirs[name]], rtol=RTOL, atol=1e-11, err_msg=name
        )


def rows_of(example, level, *, dropped):
    """The profiles that a level's mean stands on."""
    name = level.split(":")[0]
    rows = example[example[name] == level]
    return rows[~rows.duplicated(["id", "task"], keep=False)] if dropped else rows


def projoint_errors(estimates, errors, tau, example, *, dropped=True, assumed=False):
    """Standard errors of corrected figures by projoint's covariance; `errors` are uncorrected."""
    rate, t = tau.values[0], tau.values[1]
    variance = 0.0 if assumed else tau.std_errors[1] ** 2

    def covariance(level):
        rows = rows_of(example, level, dropped=dropped).dropna(subset=["agree"])
        return np.cov(rows["selected"], rows["agree"])[0, 1] / example["id"].nunique()

    result = []
    for row, (level, baseline) in enumerate(
        zip(estimates.labels["level"], estimates.labels["baseline"], strict=True)
    ):
        m, change = estimates.values[row], bool(baseline)
        moved = covariance(level) - (covariance(baseline) if change else 0.0)
        with_tau = 0.0 if assumed else -moved / (2 * np.sqrt(2 * rate - 1))
        f = 1 / (1 - 2 * t)
        d = (2 * m if change else 2 * m - 1) * f**2
        result.append(np.sqrt(f**2 * errors[row] ** 2 + d**2 * variance + 2 * f * d * with_tau))
    return np.array(result)


def interval(estimate, error, degrees):
    reach = stats.t.ppf(0.975, degrees) * error
    return pd.DataFrame(
        {
            "estimate": estimate,
            "std_error": error,
            "conf_low": estimate - reach,
            "conf_high": estimate + reach,
        }
    )


def test_projoint_irr(projoint, golden):
    (row,) = golden("projoint_irr").itertuples()
    irr, tau = told(projoint).frame.itertuples()
    assert irr.estimate == pytest.approx(row.irr, rel=RTOL)
    assert irr.std_error == pytest.approx(row.irr_se_cr2, rel=RTOL)
    assert tau.estimate == pytest.approx(row.tau, rel=RTOL)
    assert tau.std_error**2 == pytest.approx(row.var_tau, rel=RTOL)
    assert irr.n_respondents == tau.n_respondents == row.n
    assert (irr.estimand, irr.level, tau.estimand, tau.level) == ("irr", "irr", "tau", "tau")
    assert (irr.attribute, irr.group, irr.n_profiles) == ("", "Total", 0)


def test_the_linearised_variance_of_a_mean_of_people_is_the_same(projoint):
    np.testing.assert_allclose(
        told(projoint, variance="linearised").std_errors, told(projoint).std_errors, rtol=1e-12
    )


@pytest.mark.parametrize(
    ("kind", "case", "ties"),
    [
        ("mm", "projoint_profile_mm", "drop"),
        ("mm", "projoint_profile_mm_ties", "keep"),
        ("amce", "projoint_profile_amce", "drop"),
    ],
)
def test_uncorrected_figures(projoint, golden, kind, case, ties):
    rows = reference(golden(case), "uncorrected")
    estimates = ESTIMATE[kind](projoint, ties=ties, variance="CR2").with_interval("wald")
    assert_same(estimates.frame.iloc[in_order(estimates, rows)], rows)


@pytest.fixture(scope="module")
def alone(example):
    """By attribute, a wave of that attribute alone: the model of projoint's AMCE."""
    return {
        name: cj.Wave.from_frame(
            example,
            respondent="id",
            task="task",
            profile="profile",
            outcome="selected",
            attributes=[name],
        )
        for name in ATTRIBUTES
    }


def test_uncorrected_effects_with_ties(alone, golden):
    """projoint's AMCE is a difference of means with ties kept too: no other attribute is in it."""
    table = reference(golden("projoint_profile_amce_ties"), "uncorrected")
    for name, wave in alone.items():
        rows = table[table["att_level_choose"].str.startswith(name)]
        estimates = cj.amce(wave, variance="CR2")
        assert_same(estimates.frame.iloc[in_order(estimates, rows)], rows)


@pytest.mark.parametrize(
    ("kind", "case", "ties"),
    [
        ("mm", "projoint_profile_mm", "drop"),
        ("mm", "projoint_profile_mm_ties", "keep"),
        ("amce", "projoint_profile_amce", "drop"),
        ("amce", "projoint_profile_amce_ties", "keep"),
    ],
)
def test_corrected_figures(projoint, alone, example, golden, kind, case, ties):
    table = reference(golden(case), "corrected")
    tau = told(projoint)
    single = case == "projoint_profile_amce_ties"
    for name, wave in alone.items() if single else [("", projoint)]:
        rows = table[table["att_level_choose"].str.startswith(name)]
        estimates = ESTIMATE[kind](wave, ties=ties, variance="CR2")
        place = in_order(estimates, rows)
        errors = projoint_errors(
            estimates, estimates.std_errors, tau, example, dropped=ties == "drop"
        )
        mine = interval(corrected(estimates, tau).values, errors, estimates.degrees)
        assert_same(mine.iloc[place], rows)


@pytest.mark.parametrize(
    ("kind", "case"),
    [("mm", "projoint_profile_mm_irr075"), ("amce", "projoint_profile_amce_irr075")],
)
def test_figures_corrected_by_an_assumed_reliability(projoint, golden, kind, case):
    table = golden(case)
    estimates = ESTIMATE[kind](projoint, ties="drop", variance="CR2")
    tau = reliability(projoint, irr=0.75, variance="CR2")
    assert tau.fixed.all()
    estimates = estimates.with_interval("wald")
    for figures, name in ((estimates, "uncorrected"), (corrected(estimates, tau), "corrected")):
        rows = reference(table, name)
        assert_same(figures.frame.iloc[in_order(figures, rows)], rows)


def stata(estimates, example, people):
    """CR1 with the factor of each figure's own cells, and its degrees of freedom."""
    errors, degrees = [], []
    for level, baseline in zip(
        estimates.labels["level"], estimates.labels["baseline"], strict=True
    ):
        name = level.split(":")[0]
        every = [rows_of(example, other, dropped=True) for other in sorted(example[name].unique())]
        own = [rows_of(example, other, dropped=True) for other in (level, baseline) if other]
        N, K = sum(map(len, every)), len(every)
        n, k, g = sum(map(len, own)), len(own), pd.concat(own)["id"].nunique()
        ours = people / (people - 1) * (N - 1) / (N - K)
        errors.append(np.sqrt(g / (g - 1) * (n - 1) / (n - k) / ours))
        degrees.append(g - 1)
    return estimates.std_errors * np.array(errors), np.array(degrees)


@pytest.mark.parametrize(
    ("kind", "case"),
    [("mm", "projoint_profile_mm_stata"), ("amce", "projoint_profile_amce_stata")],
)
def test_figures_by_statas_variance(projoint, example, golden, kind, case):
    table = golden(case)
    estimates = ESTIMATE[kind](projoint, ties="drop", variance="CR1")
    tau = told(projoint, variance="CR1")
    plain, degrees = stata(estimates, example, projoint.n_respondents)
    mended = projoint_errors(estimates, plain, tau, example)
    for values, errors, name in (
        (estimates.values, plain, "uncorrected"),
        (corrected(estimates, tau).values, mended, "corrected"),
    ):
        rows = reference(table, name)
        assert_same(interval(values, errors, degrees).iloc[in_order(estimates, rows)], rows)


@pytest.mark.parametrize(
    ("kind", "case"),
    [("mm", "projoint_profile_mm_hc2"), ("amce", "projoint_profile_amce_hc2")],
)
def test_figures_whose_profiles_are_clusters_of_their_own(projoint, example, golden, kind, case):
    """HC2 is CR2 of a wave in which every profile is a respondent."""
    table = golden(case)
    tau = told(projoint)
    for name in ATTRIBUTES:
        rows = example[~example.duplicated(["id", "task", name], keep=False)]
        wave = cj.Wave.from_frame(
            rows.assign(row=np.arange(len(rows))),
            respondent="row",
            outcome="selected",
            attributes=[name],
        )
        estimates = ESTIMATE[kind](wave, variance="CR2")
        n = dict(zip(estimates.labels["level"], estimates.labels["n_profiles"], strict=True))
        degrees = np.array(
            [
                n[level] + n.get(baseline, 1) - 2
                for level, baseline in zip(
                    estimates.labels["level"], estimates.labels["baseline"], strict=True
                )
            ]
        )
        mended = projoint_errors(estimates, estimates.std_errors, tau, example)
        t = tau.values[1]
        values = (estimates.values - (t if kind == "mm" else 0)) / (1 - 2 * t)
        for figures, errors, which in (
            (estimates.values, estimates.std_errors, "uncorrected"),
            (values, mended, "corrected"),
        ):
            own = reference(table, which)
            own = own[own["att_level_choose"].str.startswith(name)]
            assert_same(interval(figures, errors, degrees).iloc[in_order(estimates, own)], own)


@pytest.mark.parametrize(
    ("kind", "case"),
    [
        ("mm", "projoint_profile_mm_by_white01"),
        ("amce", "projoint_profile_amce_by_white01"),
    ],
)
def test_differences_between_two_groups(projoint, example, golden, kind, case):
    table = golden(case)
    estimates = ESTIMATE[kind](projoint, "white01", ties="drop", variance="CR2")
    tau = told(projoint, "white01")
    figures = {"uncorrected": estimates, "corrected": corrected(estimates, tau)}
    for which, whole in figures.items():
        rows = reference(table, which)
        gap = cj.differences(whole, reference="0")
        place = in_order(gap, rows)
        np.testing.assert_allclose(gap.values[place], rows["estimate"], rtol=RTOL, atol=1e-12)
        errors = {}
        for group in "01":
            own, rate = estimates.select(group=group), tau.select(group=group)
            errors[group] = own.std_errors
            if which == "corrected":
                members = example[example["white01"] == group]
                errors[group] = projoint_errors(own, own.std_errors, rate, members)
            mine = whole.select(group=group).values
            np.testing.assert_allclose(mine[place], rows[f"estimate_{group}"], rtol=RTOL)
            np.testing.assert_allclose(errors[group][place], rows[f"se_{group}"], rtol=RTOL)
        np.testing.assert_allclose(rows["tau"], tau.select(group="1").values[1], rtol=RTOL)
        both = np.hypot(errors["0"], errors["1"])[place]
        mine = interval(gap.values[place], both, np.inf)
        np.testing.assert_allclose(mine["std_error"], rows["se"], rtol=RTOL)
        # projoint takes 1.96 for the normal quantile.
        reach = 1.96 * both
        np.testing.assert_allclose(gap.values[place] - reach, rows["conf.low"], atol=1e-10)
        np.testing.assert_allclose(gap.values[place] + reach, rows["conf.high"], atol=1e-10)
        if which == "uncorrected":  # nobody is in both groups
            np.testing.assert_allclose(gap.std_errors[place], rows["se"], rtol=RTOL)


def test_projoint_predict_tau(projoint, golden):
    rows = golden("projoint_predict_tau")
    mine = extrapolated_reliability(projoint)
    assert list(mine["differing"]) == list(rows["x"])
    np.testing.assert_allclose(mine["predicted"], rows["predicted"], rtol=RTOL)
    assert mine["n_pairs"].sum() == 400 * 28


def test_our_covariance_with_tau_is_near_projoints(projoint, example):
    """It is clustered and uses every task; the two differ by 6 per cent at most here."""
    estimates = cj.marginal_means(projoint, ties="drop", variance="CR2")
    tau = told(projoint)
    theirs = projoint_errors(estimates, estimates.std_errors, tau, example)
    ours = corrected(estimates, tau).std_errors
    np.testing.assert_allclose(ours, theirs, rtol=0.1)
    assert not np.allclose(ours, theirs, rtol=1e-4)


# --- simulated waves --------------------------------------------------------------------------


def repeated(frame, as_wave, error=0.0, seed=0, **given):
    """A wave of a simulated frame, answers swapped with a chance; the first task asked again.

    The frame's own choices are those without error. Tasks are "0", "1", ...; the repeat swaps the
    two profiles, and the answers go wrong in it as in any other task.
    """
    rng = np.random.default_rng(seed)
    first = frame[frame["task"] == 0]
    again = first.assign(task="again", profile=first["profile"].map({"A": "B", "B": "A"}))
    whole = pd.concat([frame.astype({"task": object}), again], ignore_index=True)
    keys = whole.groupby(["id", "task"], sort=False).ngroup().to_numpy()
    wrong = rng.random(keys.max() + 1) < error
    whole["chosen"] = np.where(wrong[keys], 1 - whole["chosen"], whole["chosen"])
    wave = as_wave(whole, **given)
    repeats = (wave.profiles["task"] == "again").to_numpy()
    return cj.Wave.build(
        wave.survey,
        wave.respondents,
        wave.profiles[~repeats],
        wave.weights,
        wave.profiles[repeats],
    )


ONCE_MORE = Repeat(task="again", of="0", flipped=True)


@pytest.fixture(scope="session")
def make(simulated, as_wave):
    def wave_of(seed=1, n=60, error=0.1, **given):
        frame = simulated(seed, n=n)
        return repeated(frame, as_wave, error, seed, **({"weight": "weight"} | given))

    return wave_of


def rate(wave, by=None, **given):
    return reliability(wave, by, **({"repeat": ONCE_MORE} | given))


def test_who_agrees_is_worked_out_by_respondent(make):
    """Agreement in plain pandas: the repeat's profile A is the first task's B."""
    wave = make(seed=4)
    chosen = wave.profiles.query("chosen == 1 and task == '0'").set_index("respondent")["profile"]
    again = wave.repeats.query("chosen == 1").set_index("respondent")["profile"]
    agree = (chosen != again.reindex(chosen.index)).to_numpy(dtype=float)
    ids = pd.Index(wave.respondents["respondent"]).get_indexer(chosen.index)
    irr = np.average(agree, weights=wave.weights[ids])
    assert 0.5 < irr < 1
    assert rate(wave).values[0] == pytest.approx(irr, rel=1e-12)
    assert rate(wave).values[1] == pytest.approx((1 - np.sqrt(2 * irr - 1)) / 2, rel=1e-12)
    psi = wave.weights[ids] * (agree - irr) / wave.weights.sum()
    np.testing.assert_allclose(rate(wave).influence[ids, 0], psi, atol=1e-15)


def test_without_error_everybody_agrees_and_nothing_is_corrected(make):
    wave = make(error=0.0)
    sure = rate(wave)
    assert sure.values.tolist() == [1.0, 0.0]
    np.testing.assert_allclose(sure.std_errors, 0, atol=1e-15)
    means = cj.marginal_means(wave)
    np.testing.assert_allclose(corrected(means, sure).values, means.values, rtol=1e-14)


@pytest.mark.parametrize("variance", ["linearised", "CR1", "CR2", "CR3"])
@pytest.mark.parametrize("estimate", [cj.marginal_means, cj.amce])
def test_a_perfect_reliability_assumed_changes_nothing(make, variance, estimate):
    wave = make()
    figures = estimate(wave, by="party", variance=variance)
    same = corrected(figures, reliability(wave, "party", irr=1, variance=variance))
    left = ["estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high", "n_profiles"]
    pd.testing.assert_frame_equal(same.frame[left], figures.frame[left])
    np.testing.assert_allclose(same.covariance, figures.covariance, rtol=1e-12)
    assert (same.fixed == figures.fixed).all()


def test_an_assumed_reliability_needs_no_repeated_task_and_has_no_error(simulated, as_wave):
    wave = as_wave(simulated(2))
    assumed = reliability(wave, irr=0.68)
    assert assumed.values == pytest.approx([0.68, 0.2])
    assert assumed.fixed.all()
    assert np.isnan(assumed.std_errors).all()
    assert assumed.specification.options == (("irr", "0.68"),)
    means = cj.marginal_means(wave, ties="drop")
    after = corrected(means, assumed)
    np.testing.assert_allclose(after.std_errors, means.std_errors / 0.6, rtol=1e-12)
    assert after.specification.options == (("ties", "drop"), ("irr", "0.68"))


def test_weights_all_alike_are_no_weights(make):
    plain, alike = make(weight=None), make(weight=None)
    alike = alike.with_weights(np.full(alike.n_respondents, 3.7))
    for variance in ("linearised", "CR2"):
        one, other = (
            corrected(cj.amce(wave, variance=variance), rate(wave, variance=variance))
            for wave in (plain, alike)
        )
        np.testing.assert_allclose(one.values, other.values, rtol=1e-10, atol=1e-14)
        np.testing.assert_allclose(one.covariance, other.covariance, rtol=1e-9, atol=1e-16)


def leave_one_out(wave, estimate):
    """Figures without each respondent in turn, minus the figures with all."""
    whole = estimate(wave).values
    moved = []
    for person in range(wave.n_respondents):
        weights = wave.weights.copy()
        weights[person] = 0
        moved.append(estimate(wave.with_weights(weights)).values - whole)
    return np.array(moved)


def test_cr3_is_the_jackknife_of_figures_and_reliability_together(make):
    """Refitted without each respondent: exact for what is linear, in all covariances."""
    wave = make(seed=8, n=40)
    both = [cj.marginal_means(wave, variance="CR3"), rate(wave, variance="CR3")]
    joint = np.concatenate([part.influence for part in both], axis=1)
    linear = np.arange(len(both[0]) + 1)  # tau, behind, is not linear
    moved = np.concatenate(
        [leave_one_out(wave, cj.marginal_means), leave_one_out(wave, rate)], axis=1
    )
    np.testing.assert_allclose(
        (joint.T @ joint)[np.ix_(linear, linear)], (moved.T @ moved)[np.ix_(linear, linear)],
        atol=1e-14,
    )  # fmt: skip


@pytest.mark.parametrize("estimate", [cj.marginal_means, cj.amce])
def test_corrected_figures_move_as_a_jackknife_says(make, estimate):
    """Delta method against refitting everything: what is not linear is of the order of 1 / G."""
    wave = make(seed=9, n=150)

    def mended(one):
        return corrected(estimate(one), rate(one))

    moved = leave_one_out(wave, mended)
    G = wave.n_respondents
    jackknife = moved.T @ moved * (G - 1) / G
    ours = mended(wave)
    free = ~ours.fixed
    errors = np.sqrt(np.diag(jackknife))[free]
    np.testing.assert_allclose(ours.std_errors[free], errors, rtol=0.015)
    scale = np.outer(errors, errors)
    np.testing.assert_allclose(
        ours.covariance[np.ix_(free, free)] / scale,
        jackknife[np.ix_(free, free)] / scale,
        atol=0.03,
    )
    # As if different people had moved tau: then the errors would not fit.
    tau, price = rate(wave), ours.select(attribute="price")
    plain = estimate(wave).select(attribute="price")
    f = 1 / (1 - 2 * tau.values[1])
    slope = 2 * (price.values - (0.5 if estimate is cj.marginal_means else 0)) * f
    apart = np.hypot(f * plain.std_errors, slope * tau.std_errors[1])[-1]
    assert abs(apart / price.std_errors[-1] - 1) > 0.02


def test_corrected_means_are_those_without_errors(simulated, as_wave):
    """Answers of a known truth are swapped with a known chance, and mended again."""
    frame = simulated(12, n=6000)
    wave = repeated(frame, as_wave, error=0.2, seed=13)
    tau = rate(wave)
    assert abs(tau.values[1] - 0.2) < 3 * tau.std_errors[1] < 0.03
    for estimate in (cj.marginal_means, cj.amce):
        truth, seen = estimate(as_wave(frame)), estimate(wave)
        mended = corrected(seen, tau)
        free = ~seen.fixed
        off = np.abs(mended.values - truth.values)[free]
        assert (off < 4 * mended.std_errors[free]).all()
        assert off.max() < 0.02 < np.abs(seen.values - truth.values).max()


# --- groups -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def overlapping(simulated, as_wave):
    """Two segments that share about a third of their members."""
    frame = simulated(31, n=200)
    age = np.random.default_rng(31).integers(18, 80, 200)
    frame["age"] = np.repeat(age, 6)
    wave = repeated(frame, as_wave, error=0.1, seed=3, weight="weight", segments=["age"])
    segments = {
        "younger": Segment.model_validate({"where": {"age": {"max": 50}}}),
        "older": Segment.model_validate({"where": {"age": {"min": 35}}}),
    }
    survey = wave.survey.model_copy(update={"segments": segments})
    return cj.Wave.build(survey, wave.respondents, wave.profiles, wave.weights, wave.repeats)


def ratio(wave, members, rows, who, y):
    """A weighted mean and its influence, from its definition."""
    kept = members[who] & rows
    w = wave.weights[who][kept]
    mean = np.average(y[kept], weights=w)
    influence = np.zeros(wave.n_respondents)
    np.add.at(influence, who[kept], w * (y[kept] - mean) / w.sum())
    return mean, influence


def mended_by_hand(wave, segment):
    """The corrected mean of a low price, with its influence."""
    members = wave.segment(segment)
    low = wave.codes("price") == 0
    m, psi = ratio(wave, members, low, wave.respondent_index, wave.outcome("chosen"))
    first = wave.profiles.query("task == '0' and profile == 'A'").set_index("respondent")
    again = wave.repeats.query("profile == 'B'").set_index("respondent")
    ids = wave.respondents["respondent"]
    agree = (first["chosen"].loc[ids].to_numpy() == again["chosen"].loc[ids].to_numpy()) * 1.0
    people = np.arange(wave.n_respondents)
    irr, psi_irr = ratio(wave, members, people >= 0, people, agree)
    tau, psi_tau = (1 - np.sqrt(2 * irr - 1)) / 2, -psi_irr / (2 * np.sqrt(2 * irr - 1))
    f = 1 / (1 - 2 * tau)
    return (m - tau) * f, f * psi + (2 * m - 1) * f**2 * psi_tau, members


def test_groups_that_share_members_are_compared_with_their_covariance(overlapping):
    wave = overlapping
    assert (wave.segment("younger") & wave.segment("older")).any()
    means = cj.marginal_means(wave, by="segments")
    mended = corrected(means, rate(wave, "segments"))
    gap = cj.differences(mended, reference="younger").select(level="low")
    assert gap.labels["estimand"].tolist() == ["corrected marginal mean difference"]
    high, psi_high, older = mended_by_hand(wave, "older")
    low, psi_low, younger = mended_by_hand(wave, "younger")
    own = mended.select(level="low", group="older")
    G = older.sum()
    assert own.values[0] == pytest.approx(high, rel=1e-12)
    assert own.std_errors[0] ** 2 == pytest.approx((psi_high**2).sum() * G / (G - 1), rel=1e-10)
    people = (older | younger).sum()
    assert gap.values[0] == pytest.approx(high - low, abs=1e-13)
    variance = ((psi_high - psi_low) ** 2).sum() * people / (people - 1)
    assert gap.std_errors[0] ** 2 == pytest.approx(variance, rel=1e-10)


def test_every_group_has_its_own_tau(make):
    wave = make(seed=5, n=120)
    by_party = rate(wave, "party")
    assert by_party.labels[["group", "level"]].to_numpy().tolist() == [
        ["Left", "irr"], ["Left", "tau"], ["Right", "irr"], ["Right", "tau"],
    ]  # fmt: skip
    means = cj.marginal_means(wave, by="party")
    mended = corrected(means, by_party)
    for group in ("Left", "Right"):
        t = by_party.select(group=group, level="tau").values[0]
        m = means.select(group=group).values
        np.testing.assert_allclose(
            mended.select(group=group).values, (m - t) / (1 - 2 * t), rtol=1e-12
        )
    left = (wave.respondents["party"] == "Left").sum()
    assert (by_party.design[:2] == left).all()
    assert by_party.labels["n_respondents"].iloc[0] == left


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**31))
def test_corrected_effects_are_differences_of_corrected_means(make, seed):
    wave = make(seed, n=80, error=0.05)
    tau = rate(wave)
    means = corrected(cj.marginal_means(wave, ties="drop"), tau)
    effects = corrected(cj.amce(wave, ties="drop"), tau)
    price = means.select(attribute="price")
    by_hand = price.values - price.values[0]
    mine = effects.select(attribute="price")
    np.testing.assert_allclose(mine.values, by_hand, atol=1e-12)
    influence = price.influence - price.influence[:, [0]]
    np.testing.assert_allclose(mine.influence, influence, atol=1e-12)
    assert mine.fixed.tolist() == [True, False, False]
    assert np.isnan(mine.std_errors[0])


def test_joint_means_are_corrected_too(make):
    wave = make()
    joint, tau = cj.joint_means(wave, ("price", "colour")), rate(wave)
    mended = corrected(joint, tau)
    t = tau.values[1]
    assert set(mended.labels["estimand"]) == {"corrected joint mean"}
    np.testing.assert_allclose(mended.values, (joint.values - t) / (1 - 2 * t), rtol=1e-12)


@pytest.mark.parametrize("estimand", [*SHARES, *CHANGES])
def test_shares_are_moved_and_differences_stretched(make, estimand):
    wave = make()
    means, tau = cj.marginal_means(wave), rate(wave)
    mended = corrected(replace(means, labels=means.labels.assign(estimand=estimand)), tau)
    t = tau.values[1]
    by_hand = (means.values - (t if estimand in SHARES else 0)) / (1 - 2 * t)
    np.testing.assert_allclose(mended.values, by_hand, rtol=1e-12)
    assert set(mended.labels["estimand"]) == {f"corrected {estimand}"}


def test_cr2_has_the_freedom_of_figure_and_tau_together(make):
    """Satterthwaite from the whole matrices: profiles and comparisons of answers as rows."""
    wave = make(seed=6, n=14, weight=None)
    means, tau = cj.marginal_means(wave, variance="CR2"), rate(wave, variance="CR2")
    mended = corrected(means, tau)
    codes = wave.codes("price")
    N, G = wave.n_profiles, wave.n_respondents
    X = np.zeros((N + G, 4))
    X[np.arange(N), codes] = 1
    X[N:, 3] = 1
    who = np.concatenate([wave.respondent_index, np.arange(G)])
    block = np.arange(N + G) >= N
    H = X @ np.linalg.inv(X.T @ X) @ X.T
    R = np.eye(N + G) - H
    m, t = means.values[0], tau.values[1]
    f = 1 / (1 - 2 * t)
    loading = np.zeros(4)
    loading[0] = f
    loading[3] = (2 * m - 1) * f**2 * -1 / (2 * np.sqrt(2 * tau.values[0] - 1))
    P = np.zeros((N + G, G))
    for person in range(G):
        for part in (False, True):
            own = np.flatnonzero((who == person) & (block == part))
            values, vectors = np.linalg.eigh(R[np.ix_(own, own)])
            A = vectors @ np.diag(values**-0.5) @ vectors.T
            g = A @ X[own] @ np.linalg.inv(X.T @ X) @ loading
            P[:, person] += R[:, own] @ g
    B = P.T @ P
    assert mended.degrees[0] == pytest.approx(np.trace(B) ** 2 / np.sum(B**2), rel=1e-9)
    y = np.concatenate([wave.outcome("chosen"), np.zeros(G)])
    y[N:] = rate(wave).influence[:, 0] * G + tau.values[0]
    assert mended.std_errors[0] == pytest.approx(np.sqrt(np.sum((P.T @ y) ** 2)), rel=1e-9)


# --- who counts -------------------------------------------------------------------------------


def test_only_those_who_answered_both_times_count(make):
    wave = make(seed=7)
    profiles, repeats = wave.profiles, wave.repeats
    ids = wave.respondents["respondent"].to_numpy()
    never_again = ids[0]
    no_second, no_first = ids[1], ids[2]
    repeats = repeats[repeats["respondent"] != never_again].copy()
    repeats.loc[repeats["respondent"] == no_second, "chosen"] = np.nan
    profiles.loc[(profiles["respondent"] == no_first) & (profiles["task"] == "0"), "chosen"] = (
        np.nan
    )
    weights = wave.weights.copy()
    weights[3] = 0
    less = cj.Wave.build(wave.survey, wave.respondents, profiles, weights, repeats)
    few = rate(less)
    assert few.labels["n_respondents"].tolist() == [56, 56]
    assert few.design.tolist() == [60, 60]  # they belong to the sample all the same
    assert not few.influence[:4].any()
    assert few.influence[4:, 0].all()


def test_a_repeat_that_does_not_swap_the_profiles(make):
    wave = make()
    turned = wave.repeats.assign(profile=wave.repeats["profile"].map({"A": "B", "B": "A"}))
    same = cj.Wave.build(wave.survey, wave.respondents, wave.profiles, wave.weights, turned)
    kept = reliability(same, repeat=Repeat(task="again", of="0", flipped=False))
    np.testing.assert_allclose(kept.values, rate(wave).values, rtol=1e-14)


def test_a_survey_folder_that_declares_its_repeat(folder):
    folder.replace("tasks = 3", 'tasks = ["1", "2"]\nrepeat = { task = "3", of = "1" }')
    for name in ("price", "colour", "size", "support"):
        for mine, other in ("AB", "BA"):
            folder.responses[f"t3_{mine}_{name}"] = folder.responses[f"t1_{other}_{name}"]
    agree = np.arange(60) < 45
    for mine, other in ("AB", "BA"):
        first = folder.responses[f"t1_{other}_choice"]
        swapped = first.map({"1": "0", "0": "1"})
        folder.responses[f"t3_{mine}_choice"] = np.where(agree, first, swapped)
    wave = cj.read_wave(folder.write())
    assert reliability(wave).values[0] == pytest.approx(0.75)
    assert set(reliability(wave).labels["outcome"]) == {"choice"}
    means = cj.marginal_means(wave, outcome="choice")
    assert len(corrected(means, reliability(wave))) == len(means)


# --- what is refused --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"repeat": None}, "repeat: nothing says which task was repeated"),
        ({"repeat": Repeat(task="x", of="0")}, 'repeat.task: there is no task "x"'),
        ({"repeat": Repeat(task="again", of="9")}, 'repeat.of: there is no task "9"'),
        ({"by": "price"}, 'by: "price" differs between profiles'),
        ({"by": "task"}, 'by: "task" differs between profiles'),
        ({"by": "profile"}, 'by: "profile" differs between profiles'),
        ({"by": "nothing"}, 'by: there is no "nothing"'),
        ({"irr": 0.5}, "irr: 0.5 cannot be corrected for"),
        ({"irr": 1.1}, "irr: 1.1 cannot be corrected for"),
        ({"outcome": "liked"}, 'outcome: there is no "liked"'),
        ({"variance": "HC9"}, 'variance: there is no "HC9"'),
    ],
)
def test_wrong_arguments_are_named(make, given, what):
    with pytest.raises(RequestError) as caught:
        rate(make(), **given)
    assert str(caught.value).startswith(what)


def test_a_wave_without_a_repeated_task_is_refused(simulated, as_wave):
    with pytest.raises(RequestError) as caught:
        reliability(as_wave(simulated(1)))
    assert str(caught.value) == (
        "wave: has no repeated task (expected a task asked twice). Declare data.repeat in "
        "survey.toml, or assume a reliability with irr=."
    )


def test_ratings_have_no_errors_of_choice(simulated, as_wave):
    with pytest.raises(RequestError, match='expected an outcome of kind "choice"'):
        reliability(as_wave(simulated(1), outcome="rating"), irr=0.7)


def test_choices_among_three_are_refused():
    frame = pd.DataFrame(
        {
            "id": np.repeat([1, 2, 3], 3),
            "task": "1",
            "colour": ["red", "green", "blue"] * 3,
            "chosen": [1, 0, 0, 0, 1, 0, 0, 0, 1],
        }
    )
    wave = cj.Wave.from_frame(
        frame, respondent="id", task="task", outcome="chosen", attributes=["colour"]
    )
    with pytest.raises(RequestError, match=r"some tasks show 3 profile\(s\) \(expected two"):
        reliability(wave, irr=0.8)


def test_a_repeat_that_shows_other_profiles_is_refused(make):
    wave = make()
    with pytest.raises(DataError) as caught:
        reliability(wave, repeat=Repeat(task="again", of="0", flipped=False))
    assert 'task "again", respondent number ' in str(caught.value)
    assert 'are not those of task "0"' in str(caught.value)
    assert "in the same places" in str(caught.value)
    assert "Correct data.repeat (of, flipped)" in str(caught.value)


def test_a_group_that_agrees_no_more_than_a_coin_is_named(make):
    wave = make(seed=3, n=80, error=0.02)
    right = set(wave.respondents.query("party == 'Right'")["respondent"])
    repeats = wave.repeats
    swapped = repeats["respondent"].isin(right)
    repeats.loc[swapped, "chosen"] = 1 - repeats.loc[swapped, "chosen"]
    odd = cj.Wave.build(wave.survey, wave.respondents, wave.profiles, wave.weights, repeats)
    made, plain = rate(odd, "party"), rate(wave, "party")
    left = made.select(group="Left")
    pd.testing.assert_frame_equal(left.frame, plain.select(group="Left").frame)
    irr, tau = made.select(group="Right").frame.itertuples()
    assert 0 < irr.estimate < 0.5
    assert irr.std_error > 0
    assert np.isnan([tau.estimate, tau.std_error, tau.conf_low]).all()
    assert tau.note == (
        f"{irr.estimate:.1%} of {len(right)} respondents chose alike both times, no more often than a "
        "coin would"
    )
    means = corrected(cj.marginal_means(odd, "party"), made)
    assert set(means.select(group="Right").notes) == {tau.note}
    alone = corrected(cj.marginal_means(wave, "party"), plain).select(group="Left")
    pd.testing.assert_frame_equal(means.select(group="Left").frame, alone.frame)
    gap = cj.differences(means, "Left")
    assert not gap.estimable.any()
    turned = cj.Wave.build(
        wave.survey,
        wave.respondents,
        wave.profiles,
        wave.weights,
        wave.repeats.assign(chosen=1 - wave.repeats["chosen"]),
    )
    with pytest.raises(EstimationError) as caught:
        rate(turned, "party")
    assert [fault.where for fault in caught.value.faults] == [
        'outcome "chosen", group "Left"',
        'outcome "chosen", group "Right"',
    ]
    assert "or assume one with irr=" in str(caught.value)


def test_a_group_of_whom_nobody_repeated_is_named(make):
    wave = make(seed=3)
    right = set(wave.respondents.query("party == 'Right'")["respondent"])
    repeats = wave.repeats[~wave.repeats["respondent"].isin(right)]
    few = cj.Wave.build(wave.survey, wave.respondents, wave.profiles, wave.weights, repeats)
    made = rate(few, "party")
    why = "0 respondent(s) answered both the task and its repeat"
    assert made.select(group="Right").notes == (why, why)
    pd.testing.assert_frame_equal(
        made.select(group="Left").frame, rate(wave, "party").select(group="Left").frame
    )
    nobody = cj.Wave.build(
        wave.survey, wave.respondents, wave.profiles, wave.weights, wave.repeats.iloc[:2]
    )
    with pytest.raises(EstimationError) as caught:
        rate(nobody)
    assert str(caught.value) == (
        'outcome "chosen", group "Total": 1 respondent(s) answered both the task and its repeat '
        "(expected two or more). Widen the group, or assume a reliability with irr=."
    )


def test_differences_are_made_after_correcting(make):
    wave = make(n=120)
    gap = cj.differences(cj.marginal_means(wave, by="party"), reference="Left")
    with pytest.raises(RequestError) as caught:
        corrected(gap, rate(wave, "party"))
    assert str(caught.value) == (
        "estimates: differences between groups have a tau on either side (expected the groups' own "
        "figures). Correct first: differences(corrected(...), reference=...)."
    )


def test_figures_that_are_no_choices_are_refused(make):
    wave = make()
    with pytest.raises(RequestError, match='"irr" cannot be corrected'):
        corrected(rate(wave), rate(wave))
    with pytest.raises(RequestError, match='"corrected amce" cannot be corrected'):
        corrected(corrected(cj.amce(wave), rate(wave)), rate(wave))


def test_a_figure_without_its_tau_is_refused(make):
    wave = make(n=120)
    with pytest.raises(RequestError) as caught:
        corrected(cj.marginal_means(wave, by="party"), rate(wave))
    assert str(caught.value).startswith(
        'reliability: there is no tau of outcome "chosen", group "Left" '
        '(expected outcome "chosen", group "Total")'
    )
    rated = make(outcome=["chosen", "rating"])
    with pytest.raises(RequestError, match='there is no tau of outcome "rating"'):
        corrected(cj.marginal_means(rated), rate(rated))


def test_groups_of_one_name_but_other_people_are_refused(make):
    wave = make(n=120)
    segments = {"Left": Segment.model_validate({"where": {"party": "Right"}})}
    survey = wave.survey.model_copy(update={"segments": segments})
    other = cj.Wave.build(survey, wave.respondents, wave.profiles, wave.weights, wave.repeats)
    with pytest.raises(RequestError, match=r'group "Left" has \d+ respondents there and \d+ in'):
        corrected(
            cj.marginal_means(other, by="party").select(group="Left"), rate(other, "segments")
        )


def test_variances_of_two_kinds_are_refused(make):
    wave = make()
    with pytest.raises(RequestError, match="variances"):
        corrected(cj.amce(wave, variance="CR2"), rate(wave))


# --- without a repeated task ------------------------------------------------------------------


def test_the_extrapolated_line_is_what_it_says(make):
    wave = make(seed=2, n=200)
    mine = extrapolated_reliability(wave)
    assert list(mine.columns) == [
        "outcome", "differing", "predicted", "agreement", "std_error", "n_pairs", "n_respondents",
    ]  # fmt: skip
    assert list(mine["differing"]) == [0, 1, 2, 3]
    rows = {
        key: part.sort_values("profile")
        for key, part in wave.profiles.groupby(["respondent", "task"])
    }
    seen = []
    for who in wave.respondents["respondent"]:
        for a, b in (("0", "1"), ("0", "2"), ("1", "2")):
            one, two = rows[who, a], rows[who, b]
            x = sum(list(one[name]) != list(two[name]) for name in ("price", "colour", "size"))
            seen.append((who, x, float(list(one["chosen"]) == list(two["chosen"]))))
    seen = pd.DataFrame(seen, columns=["respondent", "differing", "agree"])
    weight = pd.Series(wave.weights, wave.respondents["respondent"])
    seen["weight"] = seen["respondent"].map(weight)
    for x in (1, 2, 3):
        own, row = seen[seen["differing"] == x], mine.iloc[x]
        share = np.average(own["agree"], weights=own["weight"])
        assert row["agreement"] == pytest.approx(share, rel=1e-12)
        assert (row["n_pairs"], row["n_respondents"]) == (len(own), own["respondent"].nunique())
    known = mine.iloc[1:]
    w = 1 / known["std_error"] ** 2
    x, y = known["differing"], known["agreement"]
    slope = (w * (x - np.average(x, weights=w)) * y).sum() / (
        w * (x - np.average(x, weights=w)) ** 2
    ).sum()
    start = np.average(y, weights=w) - slope * np.average(x, weights=w)
    np.testing.assert_allclose(mine["predicted"], start + slope * mine["differing"], rtol=1e-10)


def test_unanswered_tasks_are_in_no_pair(make):
    wave = make(n=100)
    profiles = wave.profiles
    profiles.loc[profiles["task"] == "2", "chosen"] = np.nan
    less = cj.Wave.build(wave.survey, wave.respondents, profiles, wave.weights)
    assert extrapolated_reliability(less)["n_pairs"].sum() == 100
    weights = wave.weights.copy()
    weights[:10] = 0
    assert extrapolated_reliability(less.with_weights(weights))["n_pairs"].sum() == 90


def test_no_line_goes_through_one_point(make):
    wave = make(n=100)
    first = wave.profiles.query("task == '0'")
    single = cj.Wave.build(wave.survey, wave.respondents, first, wave.weights)
    with pytest.raises(EstimationError) as caught:
        extrapolated_reliability(single)
    assert str(caught.value).startswith(
        'outcome "chosen": pairs of tasks differ in 0 number(s) of attributes'
    )


def test_only_choices_between_two_are_extrapolated(simulated, as_wave):
    with pytest.raises(RequestError, match='expected an outcome of kind "choice"'):
        extrapolated_reliability(as_wave(simulated(1), outcome="rating"))
