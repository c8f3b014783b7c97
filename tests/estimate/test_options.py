"""Effects by an attribute, and options of `amce` that do not go together."""

import numpy as np
import pytest

import conjoint as cj
from conjoint.errors import RequestError


@pytest.fixture(scope="module")
def frame(simulated):
    return simulated(21, n=60)


def test_effects_by_an_attribute_leave_it_out_of_their_own_groups(frame, as_wave):
    effects = cj.amce(as_wave(frame), by="colour")
    assert set(effects.frame["attribute"]) == {"price", "size"}
    assert list(dict.fromkeys(effects.frame["group"])) == ["red", "green"]
    alone = cj.amce(
        as_wave(
            frame[frame["colour"] == "red"], attributes=["price", "size"], task=None, profile=None
        )
    )
    red = effects.select(group="red")
    np.testing.assert_allclose(red.values, alone.values, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(red.std_errors, alone.std_errors, rtol=1e-9)


def test_differences_by_an_attribute_know_that_people_are_in_both_groups(frame, as_wave):
    gap = cj.differences(cj.amce(as_wave(frame), by="colour"), reference="red")
    effects = cj.amce(as_wave(frame), by="colour")
    row = int(np.flatnonzero((gap.labels["level"] == "high").to_numpy())[0])
    a, b = (
        int(
            np.flatnonzero(
                (
                    (effects.labels["group"] == group) & (effects.labels["level"] == "high")
                ).to_numpy()
            )[0]
        )
        for group in ("green", "red")
    )
    psi = effects.influence[:, a] - effects.influence[:, b]
    assert gap.std_errors[row] == pytest.approx(np.sqrt(60 / 59 * psi @ psi))


def test_effects_by_gender_are_those_of_cregg(make_immigration, golden, agrees):
    wave = make_immigration(attributes=["LanguageSkills", "Education", "Gender"])
    reference = golden("imm_amce_diffs_Gender")
    effects = cj.amce(wave, by="Gender")
    gap = cj.differences(effects, reference="Female")
    assert set(gap.frame["attribute"]) == {"LanguageSkills", "Education"}
    reference["BY"] = reference["BY"].str.replace("-", "−")
    agrees(gap, reference)


def test_effects_by_a_tied_attribute_are_refused(make_wave_with_ties):
    with pytest.raises(RequestError, match='by: "price" is tied to size'):
        cj.amce(make_wave_with_ties, by="price")


@pytest.fixture(scope="module")
def make_wave_with_ties(frame, as_wave):
    allowed = frame[~((frame["price"] == "low") & (frame["size"] == "L"))]
    return as_wave(
        allowed,
        task=None,
        profile=None,
        restrictions=[{"price": ["low"], "size": ["L"]}],
    )


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"model": "tobit"}, 'model: there is no "tobit" .*linear, logit, probit'),
        ({"absorb": "task"}, 'absorb: cannot absorb "task" .*respondent'),
        ({"model": "logit", "absorb": "respondent"}, "do not go together"),
        ({"ties": "drop", "model": "probit"}, 'ties="drop" and model="probit"'),
    ],
)
def test_options_that_are_not_there_or_do_not_go_together(frame, as_wave, options, said):
    with pytest.raises(RequestError, match=said):
        cj.amce(as_wave(frame), **options)


def test_a_mean_that_stands_on_one_respondent_has_no_test(as_wave, frame):
    """Its spread is nothing, which rounding must not turn into certainty."""
    few = frame[frame["id"] < 4].copy()
    few["size"] = few["size"].cat.add_categories("XL")
    few.loc[few.index[:2], "size"] = "XL"
    for variance in ("linearised", "CR1", "CR2"):
        row = cj.marginal_means(as_wave(few), variance=variance).select(level="XL").frame.iloc[0]
        assert row["n_respondents"] == 1
        assert np.isnan(row["statistic"])
        assert np.isnan(row["p_value"])
