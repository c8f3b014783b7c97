"""Variances for few respondents, against textbook matrices, a brute-force jackknife, and R."""

import runpy
from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import conjoint as cj
from conjoint.estimates import COUNTS, stack
from conjoint.survey import Joint, Restriction, Segment

ATTRIBUTES = ["price", "colour", "size"]
SEGMENTS = {
    "younger": Segment.model_validate({"where": {"age": {"max": 50}}}),
    "older": Segment.model_validate({"where": {"age": {"min": 35}}}),
}
ESTIMATORS = {
    "amce": cj.amce,
    "marginal_means": cj.marginal_means,
    "joint_means": lambda wave, **given: cj.joint_means(wave, ("price", "colour"), **given),
}
every_estimator = pytest.mark.parametrize("estimator", ESTIMATORS)
every_group = pytest.mark.parametrize("by", [None, "segments"])
every_weight = pytest.mark.parametrize("weight", [None, "weight"])


def few(simulated, n=22):
    """A few respondents of unequally many tasks, some answers missing, of ages that overlap."""
    frame = simulated(20260512, n=n)
    age = np.random.default_rng(7).integers(18, 80, n)
    age[:4] = 20, 40, 45, 70
    frame["age"] = np.repeat(age, 6)
    frame = frame[(frame["id"] % 4 != 1) | (frame["task"] < 2)].reset_index(drop=True)
    frame.loc[(frame["id"] == 3) | ((frame["id"] == 8) & (frame["task"] == 1)), "chosen"] = np.nan
    frame.loc[frame["id"] == 5, "weight"] = 0.0
    return frame


@pytest.fixture(scope="module")
def waves(simulated, as_wave):
    """Few respondents in two segments that share members, by weight."""
    made = {}
    for weight in (None, "weight"):
        wave = as_wave(few(simulated), weight=weight, segments=["party", "age"])
        survey = wave.survey.model_copy(update={"segments": SEGMENTS})
        made[weight] = cj.Wave.build(survey, wave.respondents, wave.profiles, wave.weights)
    assert (made[None].segment("younger") & made[None].segment("older")).sum() > 3
    return made


@pytest.fixture(scope="module")
def estimates_of(waves):
    """Estimates by estimator, group, weight and variance, each made once."""
    made = {}

    def get(estimator, by, weight, variance):
        key = (estimator, by, weight, variance)
        if key not in made:
            made[key] = ESTIMATORS[estimator](waves[weight], by=by, variance=variance)
        return made[key]

    return get


def mixed(estimates, seed=3, m=4):
    """Contrasts of all figures at once: across levels, attributes and groups."""
    matrix = np.random.default_rng(seed).normal(size=(m, len(estimates)))
    return matrix, estimates.contrast(matrix, estimates.labels.iloc[[0] * m])


# --- CR3 is the jackknife ---------------------------------------------------------------------


def without(wave, person):
    """The wave as if one respondent had never been asked."""
    people, profiles = wave.respondents, wave.profiles
    stays = (people["respondent"] != person).to_numpy()
    rows = profiles["respondent"] != person
    return cj.Wave.build(wave.survey, people[stays], profiles[rows], wave.weights[stays])


@pytest.fixture(scope="module")
def left_out(waves):
    """Each estimator's figures with each respondent left out in turn, (people, figures)."""
    made = {}

    def get(estimator, by, weight):
        key = (estimator, by, weight)
        if key not in made:
            wave = waves[weight]
            made[key] = np.array(
                [
                    ESTIMATORS[estimator](without(wave, person), by=by).values
                    for person in wave.respondents["respondent"]
                ]
            )
        return made[key]

    return get


@every_weight
@every_group
@every_estimator
def test_cr3_is_the_jackknife(estimates_of, left_out, estimator, by, weight):
    estimates = estimates_of(estimator, by, weight, "CR3")
    moved = left_out(estimator, by, weight) - estimates.values
    shrink = np.sqrt((estimates.design - 1) / estimates.design)
    jackknife = moved.T @ moved * np.outer(shrink, shrink)
    np.testing.assert_allclose(estimates.covariance, jackknife, rtol=1e-8, atol=1e-15)


@every_weight
@every_estimator
def test_cr3_of_overlapping_groups_compared_is_the_jackknife(
    estimates_of, left_out, estimator, weight
):
    estimates = estimates_of(estimator, "segments", weight, "CR3")
    gap = cj.differences(estimates, reference="younger")
    moved = left_out(estimator, "segments", weight) - estimates.values
    half = len(estimates) // 2
    of_gap = moved[:, half:] - moved[:, :half]
    people = gap.joint_design
    assert people > estimates.design.max()
    spread = np.sqrt((of_gap**2).sum(axis=0) * (people - 1) / people)
    estimated = ~gap.fixed
    np.testing.assert_allclose(gap.std_errors[estimated], spread[estimated], rtol=1e-8)


@every_weight
@pytest.mark.parametrize("by", [None, "segments"])
def test_cr3_of_contrasts_across_attributes_is_the_jackknife(estimates_of, left_out, by, weight):
    estimates = estimates_of("marginal_means", by, weight, "CR3")
    matrix, contrasts = mixed(estimates)
    moved = (left_out("marginal_means", by, weight) - estimates.values) @ matrix.T
    people = estimates.joint_design
    jackknife = moved.T @ moved * (people - 1) / people
    np.testing.assert_allclose(contrasts.covariance, jackknife, rtol=1e-8)


# --- CR2 against the textbook -----------------------------------------------------------------


class Textbook:
    """Weighted least squares with every matrix written out, of profiles by profiles too."""

    def __init__(self, wave, inside, X):
        w, y = wave.weights[wave.respondent_index], wave.outcome("chosen")
        self.rows = np.flatnonzero(inside & (w > 0) & ~np.isnan(y))
        self.X, self.w, self.y = X[self.rows], w[self.rows], y[self.rows]
        self.person, self.shape = wave.respondent_index[self.rows], (len(wave.weights), len(w))
        self.bread = np.linalg.inv((self.X.T * self.w) @ self.X)
        self.rest = np.eye(len(self.rows)) - self.X @ self.bread @ (self.X.T * self.w)

    def vectors(self, figure):
        """The p_i of psi_i = p_i'y for every respondent, among all rows; (people, profiles)."""
        spread = self.rest @ self.rest.T
        score = self.w * (self.X @ (self.bread @ figure))
        vectors = np.zeros(self.shape)
        for person in np.unique(self.person):
            own = np.flatnonzero(self.person == person)
            g = inverse_root(spread[np.ix_(own, own)]) @ score[own]
            vectors[person, self.rows] = g @ self.rest[own]
        return vectors


def inverse_root(matrix):
    """The symmetric inverse root, a pseudo-inverse of what is singular."""
    values, columns = np.linalg.eigh(matrix)
    kept = values > 1e-10
    return columns[:, kept] / np.sqrt(values[kept]) @ columns[:, kept].T


def dummies(wave, names):
    """One column a level that occurs; of several attributes one a combination that does."""
    codes = [wave.profiles[name].astype(str) for name in names]
    levels = [wave.survey.attributes[name].values for name in names]
    columns = [
        np.all([own == level for own, level in zip(codes, cell, strict=True)], axis=0)
        for cell in product(*levels)
    ]
    return np.column_stack([column for column in columns if column.any()]).astype(float)


def textbook(wave, estimator, by):
    """The p_i of every figure in the estimator's order; (figures, people, profiles)."""
    vectors = []
    for group in wave.groups(by):
        if estimator == "amce":
            each = [dummies(wave, [name]) for name in ATTRIBUTES]
            effects = np.hstack([own[:, 1:] for own in each])
            X = np.column_stack([np.ones(wave.n_profiles), effects])
            fit, column = Textbook(wave, group.profiles, X), iter(np.eye(X.shape[1])[1:])
            for own in each:
                vectors.append(fit.vectors(np.zeros(X.shape[1])))
                vectors += [fit.vectors(next(column)) for _ in range(own.shape[1] - 1)]
            continue
        factors = [["price", "colour"]] if estimator == "joint_means" else [[n] for n in ATTRIBUTES]
        for names in factors:
            X = dummies(wave, names)
            fit = Textbook(wave, group.profiles, X)
            vectors += [fit.vectors(unit) for unit in np.eye(X.shape[1])]
    return np.array(vectors)


@pytest.fixture(scope="module")
def textbook_of(waves):
    """Textbook vectors by estimator, group and weight, each made once."""
    made = {}

    def get(estimator, by, weight):
        key = (estimator, by, weight)
        if key not in made:
            made[key] = textbook(waves[weight], estimator, by)
        return made[key]

    return get


def covariance_of(vectors, wave):
    psi = vectors @ np.nan_to_num(wave.outcome("chosen"))
    return psi @ psi.T


def degrees_of(vectors):
    """tr(B)^2 / tr(B^2) of B = P P', respondents by respondents, figure by figure."""
    degrees = []
    for own in vectors:
        B = own @ own.T
        degrees.append(np.trace(B) ** 2 / (B**2).sum() if own.any() else np.nan)
    return degrees


@every_weight
@every_group
@every_estimator
def test_cr2_and_its_degrees_of_freedom(waves, estimates_of, textbook_of, estimator, by, weight):
    estimates = estimates_of(estimator, by, weight, "CR2")
    vectors = textbook_of(estimator, by, weight)
    expected = covariance_of(vectors, waves[weight])
    np.testing.assert_allclose(estimates.covariance, expected, rtol=1e-8, atol=1e-15)
    np.testing.assert_allclose(estimates.degrees, degrees_of(vectors), rtol=1e-8)


@every_weight
@every_group
@every_estimator
def test_cr2_of_contrasts_within_and_across_regressions(
    waves, estimates_of, textbook_of, estimator, by, weight
):
    matrix, contrasts = mixed(estimates_of(estimator, by, weight, "CR2"))
    vectors = np.tensordot(matrix, textbook_of(estimator, by, weight), axes=1)
    expected = covariance_of(vectors, waves[weight])
    np.testing.assert_allclose(contrasts.covariance, expected, rtol=1e-8)
    np.testing.assert_allclose(contrasts.degrees, degrees_of(vectors), rtol=1e-8)


@every_weight
@every_estimator
def test_cr2_of_overlapping_groups_compared(waves, estimates_of, textbook_of, estimator, weight):
    gap = cj.differences(estimates_of(estimator, "segments", weight, "CR2"), reference="younger")
    vectors = textbook_of(estimator, "segments", weight)
    half = len(vectors) // 2
    vectors = vectors[half:] - vectors[:half]
    expected = np.sqrt(np.diag(covariance_of(vectors, waves[weight])))
    estimated = ~gap.fixed
    np.testing.assert_allclose(gap.std_errors[estimated], expected[estimated], rtol=1e-8)
    np.testing.assert_allclose(gap.degrees, degrees_of(vectors), rtol=1e-8)


def test_intervals_and_tests_use_the_degrees_of_freedom_that_cr2_brings(estimates_of):
    estimates = estimates_of("amce", None, "weight", "CR2")
    frame = estimates.frame[~estimates.fixed]
    degrees = estimates.degrees[~estimates.fixed]
    assert (degrees < estimates.design[0] - 1).all()
    reach = stats.t.ppf(0.975, degrees) * frame["std_error"]
    np.testing.assert_allclose(frame["conf_high"] - frame["estimate"], reach, rtol=1e-10)
    p_values = 2 * stats.t.sf(np.abs(frame["statistic"]), degrees)
    np.testing.assert_allclose(frame["p_value"], p_values, rtol=1e-10)


@pytest.mark.parametrize("variance", ["linearised", "CR1", "CR3"])
def test_other_variances_have_one_degree_less_than_respondents(estimates_of, variance):
    estimates = estimates_of("amce", "segments", None, variance)
    np.testing.assert_array_equal(estimates.degrees, estimates.design - 1)


def test_fixed_figures_have_no_degrees_of_freedom_of_their_own(estimates_of):
    estimates = estimates_of("amce", "segments", None, "CR2")
    assert estimates.fixed.sum() == 6
    np.testing.assert_array_equal(np.isnan(estimates.degrees), estimates.fixed)
    gap = cj.differences(estimates, reference="younger")
    np.testing.assert_array_equal(np.isnan(gap.degrees), gap.fixed)
    assert gap.frame.loc[gap.fixed, ["p_value", "conf_low", "conf_high"]].isna().all(axis=None)


def test_selected_figures_keep_their_degrees_of_freedom(estimates_of):
    estimates = estimates_of("marginal_means", "segments", None, "CR2")
    chosen = estimates.select(group="older", attribute="size")
    wanted = (estimates.labels["group"] == "older") & (estimates.labels["attribute"] == "size")
    np.testing.assert_allclose(chosen.degrees, estimates.degrees[wanted], rtol=1e-12)


# --- CR1 --------------------------------------------------------------------------------------


@every_weight
@every_group
@every_estimator
def test_cr1_counts_profiles_and_coefficients(waves, estimates_of, estimator, by, weight):
    wave = waves[weight]
    usable = (wave.weights[wave.respondent_index] > 0) & ~np.isnan(wave.outcome("chosen"))
    N = {group.key: (group.profiles & usable).sum() for group in wave.groups(by)}
    sizes = {name: len(wave.survey.attributes[name].levels) for name in ATTRIBUTES}
    K = {
        "amce": lambda _: 1 + sum(size - 1 for size in sizes.values()),
        "marginal_means": sizes.__getitem__,
        "joint_means": lambda _: sizes["price"] * sizes["colour"],
    }[estimator]
    mine = estimates_of(estimator, by, weight, "CR1")
    labels = mine.labels
    n, k = labels["group"].map(N), labels["attribute"].map(K)
    plain = estimates_of(estimator, by, weight, "linearised")
    np.testing.assert_allclose(
        mine.std_errors, plain.std_errors * np.sqrt((n - 1) / (n - k)), rtol=1e-10
    )


def test_cr1_needs_more_profiles_than_coefficients(as_wave):
    cells = pd.DataFrame(list(product("ab", "cd")), columns=["price", "colour"])
    wave = as_wave(
        cells.assign(id=range(4), chosen=[0, 1, 1, 0]),
        attributes=["price", "colour"],
        task=None,
        profile=None,
        segments=None,
    )
    assert len(cj.joint_means(wave, ("price", "colour"))) == 4
    with pytest.raises(cj.errors.EstimationError, match="4 profiles for 4 coefficients") as caught:
        cj.joint_means(wave, ("price", "colour"), variance="CR1")
    assert caught.value.faults[0].do == 'Use variance="linearised", or a larger group.'


# --- A level that one respondent alone was shown ----------------------------------------------


def shown_to_one(simulated, as_wave, level):
    """A wave in which only one person was shown a size, in two profiles."""
    frame = few(simulated)
    frame.loc[frame["size"] == level, "size"] = "M"
    frame.loc[frame.index[frame["id"] == 2][[1, 4]], "size"] = level
    return as_wave(frame)


@pytest.fixture(scope="module")
def lonely(simulated, as_wave):
    return shown_to_one(simulated, as_wave, "L")


@pytest.mark.parametrize("estimator", ["amce", "marginal_means"])
def test_cr3_names_the_level_of_one_respondent_alone(lonely, estimator):
    with pytest.raises(cj.errors.EstimationError) as caught:
        ESTIMATORS[estimator](lonely, variance="CR3")
    (fault,) = caught.value.faults
    assert fault.where == 'outcome "chosen", group "Total"'
    assert fault.what.startswith('"L" of size stand(s) on one respondent alone')
    assert fault.do == 'Use variance="CR2", or merge the level with another.'


def test_cr3_names_the_baseline_of_one_respondent_alone(simulated, as_wave):
    wave = shown_to_one(simulated, as_wave, "S")
    with pytest.raises(cj.errors.EstimationError, match=": the baseline of size stand"):
        cj.amce(wave, variance="CR3")
    with pytest.raises(cj.errors.EstimationError, match=': "S" of size stand'):
        cj.marginal_means(wave, variance="CR3")


def test_cr3_names_the_combinations_of_one_respondent_alone(lonely):
    with pytest.raises(
        cj.errors.EstimationError, match=r'"red \* L" of colour \* size, "green \* L" of'
    ):
        cj.joint_means(lonely, ("colour", "size"), variance="CR3")
    assert len(cj.joint_means(lonely, ("price", "colour"), variance="CR3")) == 6


@pytest.mark.parametrize("estimator", ["amce", "marginal_means"])
def test_cr2_of_the_level_of_one_respondent_alone_is_a_pseudo_inverse(lonely, estimator):
    estimates = ESTIMATORS[estimator](lonely, variance="CR2")
    vectors = textbook(lonely, estimator, None)
    expected = covariance_of(vectors, lonely)
    np.testing.assert_allclose(estimates.covariance, expected, rtol=1e-7, atol=1e-14)
    others = [row for row, level in enumerate(estimates.labels["level"]) if level != "L"]
    wanted = np.array(degrees_of(vectors))
    np.testing.assert_allclose(estimates.degrees[others], wanted[others], rtol=1e-7)


# --- Other baselines, other nulls, side by side -----------------------------------------------


@pytest.mark.parametrize("variance", ["linearised", "CR1", "CR2", "CR3"])
@every_weight
@every_group
def test_other_baselines_are_those_of_a_fit_anew(waves, estimates_of, by, weight, variance):
    baselines = {"price": "mid", "size": "L"}
    anew = cj.amce(waves[weight], by=by, baselines=baselines, variance=variance)
    moved = estimates_of("amce", by, weight, variance).relevel(baselines)
    pd.testing.assert_frame_equal(moved.labels, anew.labels[list(moved.labels)])
    assert moved.specification == anew.specification
    np.testing.assert_array_equal(moved.fixed, anew.fixed)
    np.testing.assert_array_equal(moved.design, anew.design)
    np.testing.assert_allclose(moved.values, anew.values, rtol=1e-9, atol=1e-13)
    np.testing.assert_allclose(moved.covariance, anew.covariance, rtol=1e-8, atol=1e-14)
    np.testing.assert_allclose(moved.std_errors, anew.std_errors, rtol=1e-8)
    np.testing.assert_allclose(moved.degrees, anew.degrees, rtol=1e-8)


def test_the_same_baseline_again_changes_nothing(estimates_of):
    estimates = estimates_of("amce", "segments", None, "linearised")
    again = estimates.relevel({"price": "mid"}).relevel({"price": "low"})
    np.testing.assert_allclose(again.values, estimates.values, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(again.std_errors, estimates.std_errors, rtol=1e-12)


def test_marginal_means_have_no_baselines(estimates_of):
    means = estimates_of("marginal_means", None, None, "linearised")
    with pytest.raises(cj.errors.RequestError, match="marginal_mean has no baselines"):
        means.relevel({"price": "mid"})


@pytest.mark.parametrize(
    ("baselines", "what", "expected"),
    [
        ({"price": "dear"}, 'there is no level "dear" of "price"', "low, mid, high"),
        ({"prize": "mid"}, 'there is no level "mid" of "prize"', "price, colour, size"),
    ],
)
def test_unknown_baselines_are_refused(estimates_of, baselines, what, expected):
    with pytest.raises(cj.errors.RequestError) as caught:
        estimates_of("amce", None, None, "linearised").relevel(baselines)
    (fault,) = caught.value.faults
    assert (fault.what, fault.expected) == (what, expected)


@pytest.fixture(scope="module")
def restricted(simulated, as_wave):
    """A wave in which the low price never comes in red."""
    frame = simulated(11, n=40)
    frame.loc[(frame["price"] == "low") & (frame["colour"] == "red"), "price"] = "mid"
    wave = as_wave(frame)
    never = Restriction(never={"price": ("low",), "colour": ("red",)})
    survey = wave.survey.model_copy(update={"restrictions": (never,)})
    return cj.Wave.build(survey, wave.respondents, wave.profiles)


@pytest.fixture(scope="module")
def drawn_jointly(simulated, as_wave):
    """A wave whose low price is drawn in red as often as not, the others less often."""
    wave = as_wave(simulated(11, n=40))
    cells = {
        "low": {"red": 0.2, "green": 0.2},
        "mid": {"red": 0.1, "green": 0.2},
        "high": {"red": 0.05, "green": 0.25},
    }
    joint = Joint(attributes=("price", "colour"), cells=cells)
    survey = wave.survey.model_copy(update={"joint": (joint,)})
    return cj.Wave.build(survey, wave.respondents, wave.profiles)


@pytest.mark.parametrize("design", ["restricted", "drawn_jointly"])
def test_tied_attributes_have_to_be_estimated_anew(request, design):
    wave = request.getfixturevalue(design)
    effects = cj.amce(wave)
    with pytest.raises(cj.errors.RequestError) as caught:
        effects.relevel({"price": "high"})
    (fault,) = caught.value.faults
    assert fault.what == '"price" is tied by a restriction or a joint distribution'
    assert fault.do == 'Use amce(..., baselines={"price": "high"}).'
    anew = cj.amce(wave, baselines={"price": "high"}).select(attribute="price")
    shifted = effects.select(attribute="price").values - effects.values[2]
    assert np.abs(shifted - anew.values).max() > 1e-3

    free = effects.relevel({"size": "L"})
    wanted = cj.amce(wave, baselines={"size": "L"})
    np.testing.assert_allclose(free.values, wanted.values, rtol=0, atol=1e-12)
    np.testing.assert_allclose(free.std_errors, wanted.std_errors, rtol=1e-9)


def test_another_null_moves_the_statistic_alone(estimates_of):
    means = estimates_of("marginal_means", None, "weight", "CR2").with_interval("wald")
    against = means.with_null(0.5)
    frame, plain = against.frame, means.frame
    wanted = (plain["estimate"] - 0.5) / plain["std_error"]
    np.testing.assert_allclose(frame["statistic"], wanted, rtol=1e-12)
    p_values = 2 * stats.t.sf(np.abs(wanted), means.degrees)
    np.testing.assert_allclose(frame["p_value"], p_values, rtol=1e-12)
    untouched = ["estimate", "std_error", "conf_low", "conf_high"]
    pd.testing.assert_frame_equal(frame[untouched], plain[untouched])
    assert means.specification.null == 0


def test_differences_are_tested_against_zero_again(estimates_of):
    means = estimates_of("marginal_means", "segments", None, "linearised")
    gap = cj.differences(means.with_null(0.5), reference="younger")
    pd.testing.assert_frame_equal(gap.frame, cj.differences(means, reference="younger").frame)


@pytest.mark.parametrize(
    ("first", "second"), [("linearised", "CR2"), ("CR1", "CR3"), ("CR2", "CR3")]
)
def test_figures_of_different_variances_are_not_stacked(estimates_of, first, second):
    parts = [estimates_of("amce", None, None, variance) for variance in (first, second)]
    names = sorted([first, second])
    with pytest.raises(cj.errors.RequestError) as caught:
        stack(parts)
    assert caught.value.faults[0].what == f"variances {names}"


def test_figures_of_different_waves_are_not_stacked(waves, restricted):
    with pytest.raises(cj.errors.RequestError, match="different respondents"):
        stack([cj.amce(waves[None]), cj.amce(restricted)])


@pytest.mark.parametrize("variance", ["linearised", "CR2", "CR3"])
def test_figures_stacked_are_compared_as_figures_of_the_same_people(estimates_of, variance):
    """Means of one attribute and effects of another, as if one estimator had made both."""
    means = estimates_of("marginal_means", None, None, variance)
    effects = estimates_of("amce", None, None, variance)
    both = stack([means, effects])
    k = len(means)
    np.testing.assert_allclose(both.covariance[:k, :k], means.covariance, rtol=1e-12)
    np.testing.assert_allclose(both.covariance[k:, k:], effects.covariance, rtol=1e-12)
    matrix = np.zeros((1, len(both)))
    matrix[0, 1], matrix[0, 0], matrix[0, k + 1] = 1, -1, -1  # mid against low, by either way
    gap = both.contrast(matrix, both.labels.iloc[[0]][[*both.labels.columns]])
    psi = means.influence[:, 1] - means.influence[:, 0] - effects.influence[:, 1]
    people = means.joint_design
    factor = {"linearised": people / (people - 1), "CR2": 1, "CR3": (people - 1) / people}
    np.testing.assert_allclose(gap.std_errors**2, (psi @ psi) * factor[variance], rtol=1e-10)
    assert set(COUNTS) <= set(gap.labels.columns)


def test_degrees_of_freedom_of_figures_stacked(waves, estimates_of, textbook_of):
    means = estimates_of("marginal_means", "segments", "weight", "CR2")
    effects = estimates_of("amce", None, "weight", "CR2")
    matrix, contrasts = mixed(stack([means, effects]))
    vectors = np.concatenate(
        [textbook_of("marginal_means", "segments", "weight"), textbook_of("amce", None, "weight")]
    )
    expected = degrees_of(np.tensordot(matrix, vectors, axes=1))
    np.testing.assert_allclose(contrasts.degrees, expected, rtol=1e-8)


# --- R's packages on simulated answers --------------------------------------------------------


@pytest.fixture(scope="module")
def simulated_for_r(pytestconfig):
    """The folder of R's figures, its data as the suite reads them, and the figures."""
    folder = pytestconfig.rootpath / "tests" / "oracles" / "clubsandwich"
    figures = pd.read_csv(folder / "figures.csv", keep_default_na=False, na_values=[""])
    data = pd.read_csv(folder / "data.csv").astype({"task": str})
    for name, levels in {"price": ["low", "mid", "high"], "size": ["S", "M", "L"]}.items():
        data[name] = pd.Categorical(data[name], levels)
    data["colour"] = pd.Categorical(data["colour"], ["red", "green"])
    return folder, data, figures.fillna({"attribute": "", "level": ""})


@pytest.fixture(scope="module")
def by_r(simulated_for_r):
    """R's figures of a case and variance."""
    figures = simulated_for_r[2]

    def read(case, variance):
        rows = figures[(figures["case"] == case) & (figures["variance"] == variance)]
        assert len(rows)
        return rows

    return read


@pytest.fixture(scope="module")
def waves_for_r(simulated_for_r, as_wave):
    data = simulated_for_r[1]
    made = {}
    for weight, outcome in product((None, "weight"), ("chosen", "rating")):
        wave = as_wave(data, outcome=outcome, weight=weight, segments=["party", "age"])
        survey = wave.survey.model_copy(update={"segments": SEGMENTS})
        made[weight, outcome] = cj.Wave.build(survey, wave.respondents, wave.profiles, wave.weights)
    return made


def named(case, weight):
    return f"{case}_{'unweighted' if weight is None else 'weighted'}"


OWN = {"attribute": "attribute", "std_error": "std_error"}


def compare_degrees(estimates, reference):
    rows = estimates.labels.assign(degrees=estimates.degrees).merge(
        reference, on=["attribute", "level"]
    )
    assert len(rows) == len(reference)
    np.testing.assert_allclose(rows["degrees"], rows["df"], rtol=1e-8)


def test_the_data_for_r_are_those_of_the_script(simulated_for_r, simulated):
    folder, data, _ = simulated_for_r
    drawn = runpy.run_path(str(folder / "make_data.py"))["draw"](simulated)
    pd.testing.assert_frame_equal(
        data.astype({"task": int}), drawn, check_dtype=False, rtol=1e-14, check_categorical=False
    )


@every_weight
@pytest.mark.parametrize("variance", ["CR1", "CR2", "CR3"])
@pytest.mark.parametrize(
    ("case", "estimator", "group"),
    [
        ("amce", "amce", None),
        ("means", "marginal_means", None),
        ("joint", "joint_means", None),
        ("party_Left", "amce", "Left"),
        ("party_Right", "amce", "Right"),
    ],
)
def test_variances_of_clubsandwich(
    waves_for_r, by_r, agrees, case, estimator, group, variance, weight
):
    wave = waves_for_r[weight, "chosen"]
    by = None if group is None else "party"
    estimates = ESTIMATORS[estimator](wave, by=by, variance=variance)
    if group is not None:
        estimates = estimates.select(group=group)
    reference = by_r(named(case, weight), variance).replace(
        {"attribute": {"combination": "price * colour"}}
    )
    agrees(estimates, reference, **OWN)
    compare_degrees(estimates, reference)


@every_weight
def test_differences_of_separate_groups_of_clubsandwich(waves_for_r, by_r, agrees, weight):
    effects = cj.amce(waves_for_r[weight, "chosen"], by="party", variance="CR2")
    gap = cj.differences(effects, reference="Left")
    agrees(gap, by_r(named("parties", weight), "CR2"), **OWN)
    compare_degrees(gap, by_r(named("parties", weight), "CR2"))


@every_weight
def test_differences_of_overlapping_groups_of_clubsandwich(waves_for_r, by_r, agrees, weight):
    effects = cj.amce(waves_for_r[weight, "chosen"], by="segments", variance="CR2")
    gap = cj.differences(effects, reference="younger")
    agrees(gap, by_r(named("ages", weight), "CR2"), **OWN)


@every_weight
@pytest.mark.parametrize("variance", ["CR1", "CR2", "CR3"])
def test_contrasts_of_two_attributes_of_clubsandwich(waves_for_r, by_r, weight, variance):
    effects = cj.amce(waves_for_r[weight, "chosen"], variance=variance)
    place = {level: row for row, level in enumerate(effects.labels["level"])}
    matrix = np.zeros((1, len(effects)))
    matrix[0, place["high"]], matrix[0, place["L"]] = 1.0, -1.0
    gap = effects.contrast(matrix, effects.labels.iloc[[0]])
    (wanted,) = by_r(named("contrast", weight), variance).itertuples()
    assert gap.values[0] == pytest.approx(wanted.estimate, rel=1e-8)
    assert gap.std_errors[0] == pytest.approx(wanted.std_error, rel=1e-8)
    assert gap.degrees[0] == pytest.approx(wanted.df, rel=1e-8)


@every_weight
def test_intervals_of_estimatr(waves_for_r, by_r, agrees, weight):
    effects = cj.amce(waves_for_r[weight, "chosen"], variance="CR2")
    reference = by_r(named("estimatr", weight), "CR2")
    agrees(effects, reference, conf_low="low", conf_high="high", **OWN)
    compare_degrees(effects, reference)


@every_weight
@pytest.mark.parametrize("outcome", ["chosen", "rating"])
def test_linearised_variances_of_survey(waves_for_r, by_r, agrees, outcome, weight):
    """Of the rating some respondents gave none; they stay in the design."""
    wave = waves_for_r[weight, outcome]
    effects = by_r(named(f"survey_{outcome}", weight), "linearised")
    agrees(cj.amce(wave), effects, **OWN)
    means = by_r(named(f"survey_means_{outcome}", weight), "linearised")
    agrees(cj.marginal_means(wave), means, **OWN)
