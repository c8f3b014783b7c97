"""Changes taken apart: mix and view sum to the change, with errors that draws bear out."""

import numpy as np
import pytest
from two_waves import SUPPORT, TARGETS, VOTES, asked, draw, two

import conjoint as cj
from conjoint.compare import compare

LATER = {"Left": 0.30, "Right": 0.50, "None": 0.20}


def whole(comparison, level="Support", **keys):
    frame = comparison.decomposition
    for name, value in ({"cell": "", "level": level, "group": "Total"} | keys).items():
        frame = frame[frame[name] == value]
    return frame.set_index("part")


@pytest.fixture(scope="module")
def moved():
    a, b = draw(1, 900, prefix="a"), draw(2, 1100, prefix="b", votes=LATER, lift=0.1)
    return a, b


@pytest.mark.parametrize("hold", ["vote", "sex", "vote * sex", ("vote", "sex")])
@pytest.mark.parametrize("weighted", [True, False])
def test_mix_and_view_sum_to_the_change(moved, hold, weighted):
    waves = [cj.rake(wave, {"sex": TARGETS["sex"]}) for wave in moved] if weighted else moved
    compared = compare(*waves, hold=hold, by="segments")
    frame = compared.frame.set_index(["outcome", "level", "group"])
    parts = compared.decomposition
    keys = ["hold", "outcome", "level", "group"]
    assert set(parts["hold"]) == ({hold} if isinstance(hold, str) else set(hold))
    for key, own in parts.groupby(keys):
        change = frame.loc[key[1:]]
        told = own[own["cell"] == ""].set_index("part")
        assert told.loc["change", "estimate"] == pytest.approx(change["change"], abs=1e-12)
        assert told.loc["change", "std_error"] == pytest.approx(change["std_error"], rel=1e-9)
        assert told.loc[["mix", "view"], "estimate"].sum() == pytest.approx(
            change["change"], abs=1e-12
        )
        for part in ("mix", "view"):
            cells = own[(own["part"] == part) & (own["cell"] != "")]
            assert cells["estimate"].sum() == pytest.approx(told.loc[part, "estimate"], abs=1e-12)
            assert cells["share_second"].sum() == pytest.approx(1)


def test_the_formula_is_kitagawas(moved):
    a, b = (wave.respondents.assign(y=wave.respondents["deal"] == "Support") for wave in moved)
    p = [frame["vote"].value_counts(normalize=True) for frame in (a, b)]
    v = [frame.groupby("vote")["y"].mean() for frame in (a, b)]
    told = whole(compare(*moved, hold="vote"))["estimate"]
    assert told["mix"] == pytest.approx(((p[1] - p[0]) * (v[0] + v[1]) / 2).sum())
    assert told["view"] == pytest.approx(((p[0] + p[1]) / 2 * (v[1] - v[0])).sum())
    truth = sum((LATER[vote] - VOTES[vote]) * (SUPPORT[vote] + 0.05) for vote in VOTES)
    assert told["mix"] == pytest.approx(truth, abs=0.03)
    assert told["view"] == pytest.approx(0.1, abs=0.07)


def test_what_weighting_holds_has_no_mix(moved):
    waves = [cj.rake(wave, TARGETS) for wave in moved]
    told = whole(compare(*waves, hold="vote"))
    assert told.loc["mix", "estimate"] == 0
    assert told.loc["mix", ["std_error", "conf_low", "conf_high"]].tolist() == [0, 0, 0]
    assert np.isnan(told.loc["mix", "p_value"])
    assert told.loc["view", "std_error"] == pytest.approx(told.loc["change", "std_error"])
    assert compare(*waves).decomposition.empty  # nothing is left that could have changed
    other = {"vote": LATER, "sex": TARGETS["sex"]}
    different = compare(waves[0], cj.rake(moved[1], other))
    assert set(different.decomposition["hold"]) == {"vote"}
    assert (
        whole(different).loc["mix", "std_error"] > 0
    )  # of the views that the shares are averaged with
    assert "different targets" in different.flags["text"].iloc[0]


@pytest.mark.parametrize(
    ("draws", "within"), [(60, 0.28), pytest.param(400, 0.11, marks=pytest.mark.slow)]
)
def test_errors_of_mix_and_view_agree_with_draws(draws, within):
    """Pairs of waves of one truth and another mix: spread of the parts against their errors."""
    told = []
    for seed in range(draws):
        a = draw(seed, 250, prefix=f"a{seed}", tasks=1)
        b = draw(1000 + seed, 250, prefix=f"b{seed}", votes=LATER, tasks=1)
        own = whole(compare(a, b, hold="vote", what=["topline"]))
        told.append(own.loc[["mix", "view"], ["estimate", "std_error"]].to_numpy())
    estimates, errors = np.array(told)[:, :, 0], np.array(told)[:, :, 1]
    np.testing.assert_allclose(errors.mean(axis=0), estimates.std(axis=0), rtol=within)


def test_a_cell_that_one_wave_lacks_is_all_mix():
    first, second = {"Left": 0.5, "Right": 0.5}, {"Left": 0.4, "Right": 0.4, "None": 0.2}
    survey = [asked(day, thresholds={"suppress_below": 0, "caution_below": 0})
              for day in ("2026-05-01", "2026-10-01")]  # fmt: skip
    a = draw(1, 400, votes=first, prefix="a", survey=survey[0])
    b = draw(2, 400, votes=second, prefix="b", survey=survey[1])
    compared = compare(a, b, hold="vote")
    parts = compared.decomposition
    new = parts[(parts["cell"] == "None") & (parts["level"] == "Support")].set_index("part")
    assert new.loc["view", "estimate"] == 0
    assert new.loc["mix", "n_first"] == 0
    assert np.isnan(new.loc["mix", "mean_first"])
    told = whole(compared)["estimate"]
    assert told["mix"] + told["view"] == pytest.approx(told["change"], abs=1e-12)


def test_small_cells_and_missing_answers_stand_together():
    survey = asked(thresholds={"suppress_below": 60, "caution_below": 100})
    waves = []
    for seed in (1, 2):
        wave = draw(seed, 300, survey=survey, prefix=f"w{seed}")
        people = wave.respondents
        people["vote"] = people["vote"].where(np.arange(300) % 10 > 0)
        waves.append(cj.Wave.build(survey, people, wave.profiles))
    cells = compare(*waves, hold="vote * sex").decomposition
    names = set(cells["cell"]) - {""}
    assert "All others" in names
    assert "(no answer) * F" not in names
    assert cells["n_first"].min() >= 60
    assert cells["n_second"].min() >= 60


def test_the_same_targets_hold_the_mix():
    a, b = draw(3, 800, prefix="a"), draw(4, 800, prefix="b", votes=LATER)
    weighted = [cj.rake(a, {"vote": VOTES}), cj.rake(b, {"vote": LATER})]
    as_they_are = compare(*weighted)
    held = compare(*weighted, composition="same targets")
    assert "different targets" in as_they_are.flags["text"].iloc[0]
    assert held.flags.empty
    change = as_they_are.frame.set_index("level").loc["Support", "change"]
    assert change < -0.01
    again = cj.rake(a, {"vote": LATER})
    expected = compare(again, weighted[1]).frame
    np.testing.assert_allclose(held.frame["change"], expected["change"])
    np.testing.assert_allclose(held.frame["std_error"], expected["std_error"])
    assert abs(held.frame.set_index("level").loc["Support", "change"] - whole(
        as_they_are).loc["view", "estimate"]) < 0.01  # fmt: skip


def test_margins_that_not_every_wave_has_are_left_out_of_the_targets():
    a, b = two(5, weighted=False)
    people = a.respondents.drop(columns="sex")
    a = cj.Wave.build(a.survey, people, a.profiles)
    held = compare(a, cj.rake(b, TARGETS), composition="same targets")
    assert "sex" in held.flags["text"].iloc[0]
    assert held.waves["margins"].tolist() == ["vote", "vote"]
    with pytest.raises(cj.errors.TargetError, match="no wave has targets"):
        compare(*two(6, weighted=False), composition="same targets")
    with pytest.raises(cj.errors.TargetError, match="no wave but its own"):
        compare(a, cj.rake(b, {"sex": TARGETS["sex"]}), composition="same targets")
