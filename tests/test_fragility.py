"""What would flip a figure, against leaving people out and moving targets in earnest."""

import numpy as np
import pytest

import conjoint as cj
from conjoint.errors import RequestError
from conjoint.survey import Targets


@pytest.fixture(scope="module")
def frame(simulated):
    frame = simulated(41, n=300)
    frame["rating"] = frame["rating"] + 2.0 * (frame["party"] == "Left")
    return frame


@pytest.fixture(scope="module")
def wave(frame, as_wave):
    return cj.rake(as_wave(frame, outcome="rating"), {"party": {"Left": 0.4, "Right": 0.6}})


def mean(wave):
    return float(cj.marginal_means(wave).select(attribute="price", level="low").values[0])


def row_of(table):
    return table[(table["attribute"] == "price") & (table["level"] == "low")].iloc[0]


def test_leaving_out_as_many_as_it_says_crosses_the_threshold(wave, frame, as_wave):
    threshold = mean(wave) - 0.15
    row = row_of(cj.fragility(wave, cj.marginal_means, threshold=threshold))
    count = int(row["respondents"])
    assert 3 < count < 60
    assert row["share"] == pytest.approx(count / row["n_respondents"])
    figures = cj.marginal_means(wave)
    place = int(
        np.flatnonzero(
            (
                (figures.labels["attribute"] == "price") & (figures.labels["level"] == "low")
            ).to_numpy()
        )[0]
    )
    order = np.argsort(-figures.influence[:, place])

    def without(n):
        kept = frame[~frame["id"].isin(order[:n])]
        return mean(
            cj.rake(as_wave(kept, outcome="rating"), {"party": {"Left": 0.4, "Right": 0.6}})
        )

    # First order: within a fifth of the number that a refit finds.
    assert without(int(1.2 * count) + 1) < threshold < without(int(0.8 * count) - 1)


def test_moving_the_target_as_far_as_it_says_reaches_the_threshold(wave, frame, as_wave):
    threshold = mean(wave) + 0.1
    row = row_of(cj.fragility(wave, cj.marginal_means, threshold=threshold))
    assert row["margin"] == "party"
    moved = {"Left": 0.4, "Right": 0.6}
    other = {"Left": "Right", "Right": "Left"}[row["category"]]
    assert row["target"] == pytest.approx(moved[row["category"]])
    moved[row["category"]] += row["shift"]
    moved[other] -= row["shift"]
    again = mean(cj.rake(as_wave(frame, outcome="rating"), {"party": moved}))
    assert again == pytest.approx(threshold, abs=0.01)


def test_the_others_of_a_margin_give_way_in_proportion(frame, as_wave):
    three = frame.assign(third=frame["id"].map(lambda who: "abc"[who % 3]))
    three["rating"] = three["rating"] + three["third"].map({"a": 0.0, "b": 1.0, "c": 3.0})
    shares = {"a": 0.2, "b": 0.3, "c": 0.5}
    start = as_wave(three, outcome="rating", segments=["third"])
    wave = cj.rake(start, {"third": shares})
    threshold = mean(wave) - 0.08
    row = row_of(cj.fragility(wave, cj.marginal_means, threshold=threshold))
    own = row["category"]
    moved = {
        name: share * (1 - row["shift"] / (1 - shares[own])) for name, share in shares.items()
    } | {own: shares[own] + row["shift"]}
    assert sum(moved.values()) == pytest.approx(1)
    assert mean(cj.rake(start, {"third": moved})) == pytest.approx(threshold, abs=0.01)


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
