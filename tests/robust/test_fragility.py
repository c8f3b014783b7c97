"""What would flip a figure, against leaving people out and moving targets in earnest."""

import numpy as np
import pandas as pd
import pytest

import conjoint as cj
from conftest import ROUTES
from conjoint.errors import RequestError
from conjoint.robust.fragility import STEP, _fewest
from conjoint.survey import Targets

TARGETS = {"party": {"Left": 0.4, "Right": 0.6}, "third": {"a": 0.2, "b": 0.3, "c": 0.5}}

WEIGHTED = {
    "raked": lambda wave: cj.rake(wave, TARGETS),
    "linear": lambda wave: cj.calibrate(wave, TARGETS, distance="linear", bounds=(0.1, 9)),
    "trimmed": lambda wave: cj.trim(cj.rake(wave, TARGETS), lower=0.1, upper=3.5),
    "cut": lambda wave: cj.trim(cj.rake(wave, TARGETS), lower=0.1, upper=3.5, again=False),
    "weights as given": lambda wave: wave,
}
"""Each begins with unequal weights, some of them zero."""

FIGURES = {cj.marginal_means: ("price", "low"), cj.amce: ("price", "mid")}


@pytest.fixture(scope="module")
def frame(simulated):
    frame = simulated(41, n=300)
    frame["third"] = frame["id"].map(lambda who: "abc"[who % 3])
    frame["rating"] += 2.0 * (frame["party"] == "Left")
    frame["rating"] += frame["third"].map({"a": 0.0, "b": 1.0, "c": 3.0})
    frame.loc[frame["id"] % 50 == 7, "weight"] = 0.0
    return frame


@pytest.fixture(scope="module")
def make(as_wave):
    def of(frame, how="raked"):
        wave = as_wave(frame, outcome="rating", weight="weight", segments=["party", "third"])
        return WEIGHTED[how](wave)

    return of


@pytest.fixture(scope="module")
def wave(frame, make):
    return make(frame)


def figure(wave, estimator=cj.marginal_means):
    attribute, level = FIGURES[estimator]
    return estimator(wave).select(attribute=attribute, level=level)


def fragile(wave, threshold, estimator=cj.marginal_means):
    attribute, level = FIGURES[estimator]
    only = {"attribute": attribute, "level": level}
    return cj.fragility(wave, estimator, threshold=threshold, only=only).iloc[0]


@pytest.mark.parametrize("way", [-1, 1])
@pytest.mark.parametrize("estimator", FIGURES)
@pytest.mark.parametrize("how", WEIGHTED)
def test_without_the_people_meant_it_is_beyond_and_without_one_fewer_it_is_not(
    frame, make, how, estimator, way
):
    wave = make(frame, how)
    now = figure(wave, estimator)
    threshold = now.values[0] + way * 0.2
    row = fragile(wave, threshold, estimator)
    count = int(row["respondents"])
    assert 3 < count < 60
    assert row["share"] == pytest.approx(count / row["n_respondents"])
    order = np.argsort(way * now.influence[:, 0], kind="stable")

    def without(n):
        """The file had never held them."""
        return figure(make(frame[~frame["id"].isin(order[:n])], how), estimator).values[0]

    assert way * (without(count) - threshold) > 0
    assert way * (without(count - 1) - threshold) <= 0


def test_headlines_of_the_survey_that_ships_cross_one_half_in_earnest():
    raw = cj.read_wave(ROUTES)
    wave, only = cj.rake(raw), {"level": "Support"}

    def shares(wave):
        return cj.toplines(wave, "segments", question="deal").select(**only)

    table = cj.fragility(wave, cj.toplines, "segments", question="deal", threshold=0.5, only=only)
    now = shares(wave)
    assert table["group"].tolist() == now.labels["group"].tolist()
    for at, (count, estimate) in enumerate(zip(table["respondents"], now.values, strict=True)):
        side = np.sign(estimate - 0.5)
        order = np.argsort(-side * now.influence[:, at], kind="stable")
        beyond = []
        for n in (int(count) - 1, int(count)):
            weights = np.ones(raw.n_respondents)
            weights[order[:n]] = 0.0
            beyond.append(side * (shares(cj.rake(raw.with_weights(weights))).values[at] - 0.5) < 0)
        assert beyond == [False, True]
    targets = {m.name: dict(zip(m.categories, m.shares.values(), strict=True))
               for m in wave.survey.targets.margins}  # fmt: skip
    row = table.iloc[0]
    for shift, beyond in ((row["shift"], True), (row["shift"] - STEP, False)):
        changed = targets | {row["margin"]: moved(targets[row["margin"]], row["category"], shift)}
        assert (shares(cj.rake(raw, changed)).values[0] > 0.5) == beyond


def test_segments_that_overlap_are_each_made_again_alone(small_wave):
    wave = cj.rake(small_wave)

    def together(*arguments, **options):
        return cj.amce(*arguments, **options)

    options = {"by": "segments", "outcome": "choice", "only": {"attribute": "price"}}
    alone = cj.fragility(wave, cj.amce, **options)
    assert set(alone["group"]) == set(wave.survey.segments)
    assert alone["respondents"].notna().any()
    pd.testing.assert_frame_equal(alone, cj.fragility(wave, together, **options))


def test_where_the_others_cannot_be_weighted_there_is_no_number(simulated, frame, as_wave, make):
    # Limits as tight as the targets allow break when somebody is left out.
    tight = cj.trim(make(frame), lower=0.4, upper=1.9)
    assert np.isnan(fragile(tight, figure(tight).values[0] - 0.2)["respondents"])
    # A category for everybody: it is empty without them.
    alone = simulated(34, n=30)
    alone["single"] = alone["id"].map(str)
    shares = {str(who): 1 / 30 for who in range(30)}
    wave = cj.rake(as_wave(alone, segments=["single"]), {"single": shares})
    table = cj.fragility(wave, cj.marginal_means, threshold=0.5)
    assert table["respondents"].isna().all()


def test_a_base_of_two_has_nobody_to_leave_out(frame, as_wave):
    rare = frame.assign(rare=np.where(frame["id"] < 2, "yes", "no"))
    wave = as_wave(rare, outcome="rating", segments=["rare"])
    table = cj.fragility(wave, cj.marginal_means, by="rare", threshold=7.0)
    assert table.groupby("group")["respondents"].count().to_dict()["yes"] == 0
    assert table.groupby("group")["respondents"].count().to_dict()["no"] > 0


@pytest.mark.parametrize("end", [25, 60, 400])
@pytest.mark.parametrize("guess", [1, 30, 1000])
@pytest.mark.parametrize(
    "curve",
    [
        lambda n: 30.5 - n,
        lambda n: 30.5**2 - n**2,
        lambda n: 5.52 - n**0.5,
        lambda n: 1.0 - (n > 30) * 1e6,
        lambda n: 1.0 - 1.01 * (n > 30),
        lambda n: 0.0 if n < 31 else -1.0,
    ],
)
def test_the_first_number_beyond_is_found_in_few_steps(curve, guess, end):
    tried = []

    def distance(n):
        tried.append(n)
        return curve(n) if n < end else np.nan

    steps = _fewest(distance, curve(0), guess, 300)
    assert steps == 31 if end > 31 else np.isnan(steps)
    assert len(tried) < 30
    assert set(tried) <= set(range(1, 301))


def moved(shares, category, shift):
    """A margin's shares with one moved, the others giving way in proportion."""
    factor = 1 - shift / (1 - shares[category])
    return {name: share * factor for name, share in shares.items()} | {
        category: shares[category] + shift
    }


@pytest.mark.parametrize("how", ["raked", "trimmed", "cut"])
@pytest.mark.parametrize("way", [-1, 1])
def test_moving_the_target_takes_it_beyond_and_a_step_less_moves_no_target_does(
    frame, make, monkeypatch, how, way
):
    wave = make(frame, how)
    threshold = figure(wave).values[0] + way * 0.12
    row = fragile(wave, threshold)
    assert row["target"] == pytest.approx(TARGETS[row["margin"]][row["category"]])

    def is_beyond(margin, category, shift):
        with monkeypatch.context() as patch:
            patch.setitem(TARGETS, margin, moved(TARGETS[margin], category, shift))
            return way * (figure(make(frame, how)).values[0] - threshold) > 0

    assert is_beyond(row["margin"], row["category"], row["shift"])
    less = abs(row["shift"]) - STEP
    for margin, shares in TARGETS.items():
        for category in shares:
            assert not is_beyond(margin, category, less)
            assert not is_beyond(margin, category, -less)


def test_a_target_that_another_holds_cannot_be_moved(frame, as_wave):
    wave = as_wave(frame, outcome="rating", segments=["party", "third"])
    joint = {f"{party} * {third}": p * t for party, p in TARGETS["party"].items()
            for third, t in TARGETS["third"].items()}  # fmt: skip
    tied = cj.rake(wave, TARGETS | {"party * third": joint})
    assert fragile(tied, figure(tied).values[0] + 0.05)["margin"] == ""


def test_only_the_figures_wanted_are_made(wave):
    every = cj.fragility(wave, cj.marginal_means, threshold=6.0)
    some = cj.fragility(wave, cj.marginal_means, threshold=6.0, only={"level": ["L", "low"]})
    assert some["level"].tolist() == ["low", "L"]
    wanted = every[every["level"].isin(["L", "low"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(some, wanted)
    with pytest.raises(RequestError, match='no "XL"'):
        cj.fragility(wave, cj.marginal_means, only={"level": "XL"})


def test_without_targets_there_is_none_to_move(frame, as_wave):
    table = cj.fragility(as_wave(frame), cj.amce, threshold=0.0)
    assert (table["margin"] == "").all()
    assert table["shift"].isna().all()
    # Baselines are fixed, and nothing flips them.
    assert len(table) == 5


def test_a_figure_far_from_the_threshold_is_not_fragile(wave):
    table = cj.fragility(wave, cj.marginal_means, threshold=100.0)
    assert table["respondents"].isna().all()
    assert table["share"].isna().all()
    assert table["shift"].isna().all()


def test_targets_of_a_segment_are_not_moved(small_wave):
    targets = Targets.from_shares({"sex": {"Female": 0.5, "Male": 0.5}})
    table = cj.fragility(cj.rake(small_wave, targets), cj.toplines, threshold=0.5)
    assert set(table["margin"]) <= {"", "sex"}


def test_the_threshold_is_a_number(wave):
    with pytest.raises(RequestError, match="threshold: nan"):
        cj.fragility(wave, cj.marginal_means, threshold=float("nan"))
