"""Average component preferences, against least squares on a dense design matrix."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

import conjoint as cj
from conjoint.errors import EstimationError, RequestError
from conjoint.estimate.choice import choice_means
from conjoint.estimate.preference import component_preferences
from conjoint.survey import Joint


@pytest.fixture(scope="module")
def frame(simulated):
    return simulated(20261121, n=70)


@pytest.fixture(scope="module")
def wave(frame, as_wave):
    return as_wave(frame, weight="weight")


def dense(profiles, name, outcome, weights, people, variance="linearised"):
    """The figures and their covariance, a row a task; `profiles` with a task's two rows together."""
    pairs = profiles.sort_values(["respondent", "task", "profile"], kind="stable")
    first, second = pairs.iloc[::2].reset_index(), pairs.iloc[1::2].reset_index()
    levels = list(pairs[name].cat.categories)
    met = list(combinations(levels, 2))
    columns = [
        ((first[name] == k) & (second[name] == other)).astype(float)
        - ((first[name] == other) & (second[name] == k))
        for k, other in met
    ]
    X = np.column_stack([np.ones(len(first)), *columns])
    y, w = first[outcome].to_numpy(float), first["respondent"].map(weights).to_numpy(float)
    bread = np.linalg.inv(X.T @ (w[:, None] * X))
    b = bread @ X.T @ (w * y)
    residual = y - X @ b
    C = np.zeros((len(levels), X.shape[1]))
    for column, (k, other) in enumerate(met, start=1):
        C[levels.index(k), column] = 1 / (len(levels) - 1)
        C[levels.index(other), column] = -1 / (len(levels) - 1)
    moved = []
    for rows in first.groupby("respondent").indices.values():
        own = residual[rows]
        if variance == "CR2":
            left = np.eye(len(y)) - X @ bread @ (X.T * w)
            values, vectors = np.linalg.eigh(left[rows] @ left[rows].T)
            own = vectors @ np.diag(values**-0.5) @ vectors.T @ own
        moved.append(X[rows].T @ (w[rows] * own))
    factor = {"linearised": 1.0, "CR2": (people - 1) / people}.get(variance)
    if factor is None:
        factor = (len(y) - 1) / (len(y) - X.shape[1])
    covariance = C @ bread @ (np.array(moved).T @ np.array(moved)) @ bread @ C.T
    return levels, C @ b, covariance * factor * people / (people - 1)


@pytest.mark.parametrize("variance", ["linearised", "CR1", "CR2"])
@pytest.mark.parametrize("weighted", [False, True])
def test_they_are_least_squares_on_signed_pairs(frame, as_wave, variance, weighted):
    wave = as_wave(frame, weight="weight" if weighted else None)
    estimates = component_preferences(wave, variance=variance)
    weights = dict(zip(wave.respondents["respondent"], wave.weights, strict=True))
    assert estimates.labels["attribute"].unique().tolist() == ["price", "colour", "size"]
    for name in ("price", "colour", "size"):
        levels, values, covariance = dense(
            wave.profiles, name, "chosen", weights, people=70, variance=variance
        )
        mine = estimates.select(attribute=name)
        assert mine.labels["level"].tolist() == levels
        np.testing.assert_allclose(mine.values, values, rtol=1e-9)
        np.testing.assert_allclose(mine.covariance, covariance, rtol=1e-8, atol=1e-15)


ANCHORS = {"estimate": [0.1185, 0.0341, -0.0528, -0.0998], "CR1": [0.0098, 0.0096, 0.0102, 0.0101]}


def test_language_skills_of_immigrants(immigration):
    estimates = component_preferences(immigration, "LanguageSkills", variance="CR1")
    np.testing.assert_allclose(estimates.values, ANCHORS["estimate"], rtol=0, atol=6e-5)
    np.testing.assert_allclose(estimates.std_errors, ANCHORS["CR1"], rtol=0, atol=6e-5)
    weights = dict.fromkeys(immigration.respondents["respondent"], 1.0)
    levels, values, covariance = dense(
        immigration.profiles, "LanguageSkills", "ChosenImmigrant", weights, 1396, "CR1"
    )
    np.testing.assert_allclose(estimates.values, values, rtol=1e-9)
    np.testing.assert_allclose(estimates.covariance, covariance, rtol=1e-9, atol=1e-15)
    assert estimates.labels["level"].tolist() == levels
    frame = estimates.frame
    assert set(frame["estimand"]) == {"average component preference"}
    assert set(frame["baseline"]) == {""}


@pytest.mark.parametrize("variance", ["linearised", "CR2"])
def test_an_attribute_s_preferences_sum_to_zero(wave, variance):
    estimates = component_preferences(wave, by="party", variance=variance)
    for rows in estimates.labels.groupby(["group", "attribute"], sort=False).indices.values():
        assert estimates.values[rows].sum() == pytest.approx(0, abs=1e-14)
        # And so for certain: their sum has no variance.
        assert estimates.covariance[np.ix_(rows, rows)].sum() == pytest.approx(0, abs=1e-14)


def test_two_levels_are_one_preference(wave):
    red, green = component_preferences(wave, "colour").frame.to_dict("records")
    assert red["estimate"] == pytest.approx(-green["estimate"], rel=1e-12)
    assert red["std_error"] == pytest.approx(green["std_error"], rel=1e-12)
    assert red["n_profiles"] == green["n_profiles"]


def test_a_marginal_mean_is_its_shares_over_the_others_diluted_by_ties(wave):
    """MM_k - 1/2 = sum over l of (n_kl / n_k) (share of k over l - 1/2), n weighted."""
    profiles = wave.profiles
    profiles["w"] = profiles["respondent"].map(
        dict(zip(wave.respondents["respondent"], wave.weights, strict=True))
    )
    means = cj.marginal_means(wave).frame.set_index(["attribute", "level"])["estimate"]
    shares = choice_means(wave).frame.set_index(["attribute", "level"])["estimate"]
    for name in ("price", "colour", "size"):
        own = profiles[name].astype(str).to_numpy()
        other = own[np.arange(len(own)) ^ 1]
        n = profiles.groupby([own, other])["w"].sum()
        for level in wave.survey.attributes[name].values:
            others = [value for value in wave.survey.attributes[name].values if value != level]
            expected = sum(
                n[level, rival] / n[level].sum() * (shares[name, f"{level} over {rival}"] - 0.5)
                for rival in others
            )
            assert means[name, level] - 0.5 == pytest.approx(expected, abs=1e-12)


def balanced():
    """Each ordered pair of three levels twice, one answer against the rest in each."""
    rows = []
    for person, (one, two) in enumerate([(a, b) for a in "xyz" for b in "xyz" if a != b] * 2):
        better = min(one, two) if person % 5 else max(one, two)
        rows += [
            {"id": person, "task": 1, "size": level, "chosen": float(level == better)}
            for level in (one, two)
        ]
    return pd.DataFrame(rows)


def test_where_orders_balance_it_is_the_mean_share_less_one_half(as_wave):
    wave = as_wave(balanced(), attributes=["size"], profile=None, segments=None)
    shares = choice_means(wave).frame
    expected = shares.groupby(shares["level"].str[0])["estimate"].mean() - 0.5
    np.testing.assert_allclose(component_preferences(wave).values, expected, rtol=1e-12)


def test_what_stands_first_gets_no_credit_for_it(frame, as_wave):
    """Whichever profile is called the first; and with half of the answers taken by it."""
    plain = component_preferences(as_wave(frame))
    turned = component_preferences(as_wave(frame.replace({"profile": {"A": "Z"}})))
    np.testing.assert_allclose(plain.values, turned.values, rtol=1e-10, atol=1e-14)
    np.testing.assert_allclose(plain.std_errors, turned.std_errors, rtol=1e-10)
    always = frame.assign(chosen=(frame["profile"] == "A").astype(float))
    none = component_preferences(as_wave(always))
    np.testing.assert_allclose(none.values, 0, atol=1e-14)


def test_the_order_of_rows_changes_nothing(frame, as_wave):
    mixed = frame.sample(frac=1, random_state=8)
    one, two = (
        component_preferences(as_wave(rows, weight="weight"), variance="CR2").frame
        for rows in (frame, mixed)
    )
    pd.testing.assert_frame_equal(one, two, rtol=1e-9)


def test_counts_are_tasks_that_set_the_level_against_another(frame, wave):
    other = frame["price"].to_numpy()[np.arange(len(frame)) ^ 1]
    apart = frame[frame["price"] != other]
    rows = component_preferences(wave, "price").frame.set_index("level")
    for level, part in apart.groupby("price", observed=True):
        assert rows.loc[level, "n_profiles"] == len(part)
        assert rows.loc[level, "n_respondents"] == part["id"].nunique()


def test_groups_are_of_people_and_of_tasks(frame, as_wave, wave):
    by_party = component_preferences(wave, "price", by="party")
    left = component_preferences(as_wave(frame[frame["party"] == "Left"], weight="weight"), "price")
    mine = by_party.select(group="Left")
    np.testing.assert_allclose(mine.values, left.values, rtol=1e-10)
    np.testing.assert_allclose(mine.std_errors, left.std_errors, rtol=1e-10)
    gap = cj.differences(by_party, reference="Left")
    assert gap.labels["level"].tolist() == ["low", "mid", "high"]
    right = by_party.select(group="Right")
    np.testing.assert_allclose(gap.values, right.values - left.values, rtol=1e-10)
    by_task = component_preferences(wave, "price", by="task")
    assert by_task.labels["group"].unique().tolist() == ["0", "1", "2"]
    # The tasks are answered by the same people, whose answers to them go together.
    gap = cj.differences(by_task.select(level="low"), reference="0")
    assert (gap.std_errors > 0).all()


@pytest.mark.parametrize("by", ["profile", "price", "colour"])
def test_groups_that_take_tasks_apart_are_refused(wave, by):
    with pytest.raises(RequestError) as caught:
        component_preferences(wave, "size", by=by)
    group = {"profile": "A", "price": "low", "colour": "red"}[by]
    assert str(caught.value) == (
        f'by, group "{group}": holds one profile of a task without the other (expected groups of '
        "people or of tasks). Use choice_means, which groups by the profile that holds the level."
    )


def test_answers_missing_and_weights_of_zero_play_no_part(frame, as_wave):
    gone = frame["id"].isin([3, 4])
    gaps = frame.assign(chosen=frame["chosen"].where(~gone))
    zero = frame.assign(weight=frame["weight"].where(~gone, 0.0))
    kept = component_preferences(as_wave(frame[~gone], weight="weight"))
    for spoilt in (gaps, zero):
        other = component_preferences(as_wave(spoilt, weight="weight"))
        np.testing.assert_allclose(other.values, kept.values, rtol=1e-10, atol=1e-14)
        ratio = np.sqrt(70 / 69 / (68 / 67))
        np.testing.assert_allclose(other.std_errors, kept.std_errors * ratio, rtol=1e-9)
        assert other.frame["n_profiles"].equals(kept.frame["n_profiles"])


def test_levels_that_never_meet_are_named(frame, as_wave):
    other = frame["price"].to_numpy()[np.arange(len(frame)) ^ 1]
    both = pd.Series(frame["price"].astype(str).to_numpy() + other.astype(object))
    apart = frame[~both.isin(["lowhigh", "highlow"]).to_numpy()]
    made = component_preferences(as_wave(apart), ["size", "price"])
    assert set(made.select(attribute="price").notes) == {
        'no task sets these levels against each other: "low" and "high"'
    }
    alone = component_preferences(as_wave(apart), "size")
    pd.testing.assert_frame_equal(made.select(attribute="size").frame, alone.frame)
    with pytest.raises(EstimationError) as caught:
        component_preferences(as_wave(apart), "price")
    assert str(caught.value) == (
        'outcome "chosen", group "Total", attribute "price": no task sets these levels against each '
        'other: "low" and "high" (expected every two levels in some task). Leave the attribute out, '
        "merge levels, or widen the group."
    )


def test_one_order_alone_cannot_be_told_from_standing_first(as_wave):
    frame = balanced()
    ordered = frame.sort_values(["id", "size"]).reset_index(drop=True)
    wave = as_wave(ordered, attributes=["size"], profile=None, segments=None)
    with pytest.raises(EstimationError, match="every pair of levels stands in one order"):
        component_preferences(wave)


def test_tied_attributes_are_left_out_or_refused(frame, as_wave):
    allowed = frame[~((frame["price"] == "low") & (frame["colour"] == "red"))]
    whole = allowed.groupby(["id", "task"])["chosen"].transform("size") == 2
    given = {"restrictions": [{"price": ["low"], "colour": ["red"]}]}
    wave = as_wave(allowed[whole], **given)
    assert component_preferences(wave).labels["attribute"].unique().tolist() == ["size"]
    with pytest.raises(RequestError) as caught:
        component_preferences(wave, ["price", "size"])
    assert str(caught.value) == (
        'attributes: "price" is tied to colour, so that its levels do not meet the same levels of '
        "them (expected attributes that no restriction and no joint distribution ties). Leave it "
        "out, and compare shares (choice_means, choice_share) instead."
    )
    nothing_free = as_wave(allowed[whole], attributes=["price", "colour"], **given)
    with pytest.raises(RequestError, match='"colour" is tied to price'):
        component_preferences(nothing_free)


def test_bad_requests_are_refused(small_wave, wave):
    with pytest.raises(RequestError, match='"support" is of kind "support"'):
        component_preferences(small_wave, outcome="support")
    with pytest.raises(RequestError, match='there is no attribute "taste"'):
        component_preferences(wave, "taste")
    with pytest.raises(RequestError, match="variance"):
        component_preferences(wave, variance="HC3")


def test_attributes_drawn_jointly_are_tied(wave):
    each = {"red": 1 / 6, "green": 1 / 6}
    joint = Joint(attributes=("price", "colour"), cells=dict.fromkeys(["low", "mid", "high"], each))
    survey = wave.survey.model_copy(update={"joint": (joint,)})
    drawn = cj.Wave.build(survey, wave.respondents, wave.profiles)
    assert component_preferences(drawn).labels["attribute"].unique().tolist() == ["size"]
    with pytest.raises(RequestError, match='"colour" is tied to price'):
        component_preferences(drawn, "colour")
