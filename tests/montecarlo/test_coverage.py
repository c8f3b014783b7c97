"""Intervals cover the truth and tests reject it as often as they say: see docs/coverage.md."""

import re

import bounded
import heavy
import numpy as np
import pytest
import thin
from coverage_table import DRAWS, PAGE
from measure import Coverage, measure
from partial_profiles import ABSENT, PRESENT
from studies import CANDIDATES, ELECTORATE, FIVE_OF_FORTY, JUDGED, OVERSAMPLED, QUICK, STUDIES
from superpopulation import AGES, LEVELS, PROFILES, Truth, shows

ERROR = np.sqrt(0.95 * 0.05 / DRAWS)
"""Of a share of draws, where it is near 95 percent or 5."""


@pytest.mark.slow
@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.name)
def test_the_bands_hold(study):
    measured = {own.name: own for own in measure(study, DRAWS, workers=2)}
    for name, (low, high) in study.bands.items():
        own = measured[name]
        if isinstance(own, Coverage):
            assert low - ERROR <= own.covered.mean() <= high + ERROR, name
            assert (low - 2 * ERROR <= own.covered).all(), (name, own.covered)
            assert (own.covered <= high + 2 * ERROR).all(), (name, own.covered)
        else:
            assert (low - ERROR <= own.rejected).all(), (name, own.rejected)
            assert (own.rejected <= high + ERROR).all(), (name, own.rejected)


@pytest.mark.parametrize("study", QUICK, ids=lambda study: study.name)
def test_a_glance_at_a_few_draws(study):
    """Not enough to tell 95 percent from 94, but from 85."""
    for own in measure(study, draws=120):
        if isinstance(own, Coverage):
            assert 0.90 < own.covered.mean() < 0.99, own.name
            assert (np.abs(own.bias) < 0.5).all(), (own.name, own.bias)
        else:
            assert (own.rejected < 0.13).all(), (own.name, own.rejected)


def within(share, low, high, draws):
    """Whether a share of draws is within its band, give or take two of its errors."""
    error = 2 * np.sqrt(np.clip(share * (1 - share), 0.005, None) / draws)
    return low - error <= share <= high + error


@pytest.mark.slow
@pytest.mark.parametrize("weights", thin.WEIGHTS)
@pytest.mark.parametrize("n", thin.BASES)
def test_intervals_of_rare_shares_cover(n, weights):
    for own in thin.coverage(n, weights, DRAWS // 2, workers=2):
        answers = DRAWS // 2 * thin.SHARES[own.share]
        assert within(own.covered["score"], 0.93, 0.995, answers), own
        assert own.width["score"] <= 1.15, own


@pytest.mark.slow
@pytest.mark.parametrize("weights", thin.WEIGHTS)
@pytest.mark.parametrize("sizes", thin.COLUMNS, ids=str)
def test_letters_appear_by_chance_as_often_as_they_say(sizes, weights):
    for own in thin.letters(sizes, weights, DRAWS // 2, workers=2):
        answers = DRAWS // 2 * thin.SHARES[own.share]
        if own.method == "wald":
            continue
        for found in (own.pair, own.total):
            enough = min(sizes) * own.share >= 10
            assert within(found[0], 0.035 * enough, 0.06, answers), own
            assert within(found[1], 0.005 * enough, 0.015, answers), own


@pytest.mark.slow
@pytest.mark.parametrize("design_effect", heavy.STRENGTH)
def test_intervals_of_heavily_raked_and_trimmed_weights_cover(design_effect):
    for own in heavy.coverage(design_effect, DRAWS, workers=2):
        if own.band is not None:
            low, high = own.band
            assert low - ERROR <= own.covered.mean() <= high + ERROR, own
            assert (low - 2 * ERROR <= own.covered).all(), own
            assert (own.covered <= high + 2 * ERROR).all(), own


@pytest.mark.slow
def test_intervals_near_the_ends_of_the_scale_cover():
    made = [own for own in bounded.coverage(DRAWS, workers=2) if own.band is not None]
    for own in made:
        assert own.beyond == 0
        assert own.band[0] - 2 * ERROR <= own.covered <= own.band[1] + 2 * ERROR, own
    assert 0.94 - ERROR <= np.mean([own.covered for own in made]) <= 0.96 + ERROR


def test_a_glance_at_rare_answers():
    """Enough to tell a false letter in one table of three from one in a hundred."""
    (one, two, *_) = thin.coverage(150, "lognormal", draws=60)
    for own in (one, two):
        assert 0.9 < own.covered["score"] < 1
        assert own.covered["wald"] < 0.87
        assert own.width["score"] < 1.15
    found = {(own.share, own.method): own.pair for own in thin.letters((60, 2000), "equal", 40)}
    assert found[0.02, "score"][1] == 0
    assert found[0.02, "wald"][1] > 0.15


@pytest.mark.parametrize("population", [ELECTORATE, OVERSAMPLED], ids=["poll", "unequal"])
def test_the_truth_is_what_a_large_sample_shows(population):
    """Of the population, so without its unequal chances of being drawn."""
    rng = np.random.default_rng(5)
    seen, first = population.answers(rng, rng.choice(AGES, 400_000), tasks=1)
    chosen = np.stack([first, ~first], axis=-1).ravel()
    truth = Truth(population)
    for name, levels in LEVELS.items():
        for level in levels:
            shown = np.array([shows(profile, name, [level]) for profile in PROFILES])
            answers = chosen[shown[seen.ravel()]]
            error = 0.5 / np.sqrt(len(answers))
            assert truth.share({name: level}) == pytest.approx(answers.mean(), abs=4 * error)


@pytest.mark.parametrize(
    ("population", "names"),
    [
        (CANDIDATES, ["price", "party"]),
        (JUDGED, ["price", "size", "party"]),
        (FIVE_OF_FORTY, ["attribute 1", "attribute 3", "attribute 40"]),
    ],
    ids=["arms", "tasks", "forty"],
)
def test_the_truth_of_partial_profiles_is_what_a_large_sample_shows(population, names):
    wave = population.draw(np.random.default_rng(5), 60_000, tasks=1)
    profiles, truth = wave.profiles, population.truth("Total")
    opponents = profiles.iloc[np.arange(len(profiles)) ^ 1].reset_index(drop=True)
    for name in names:
        levels = population.levels(name)
        states, against = ({PRESENT: rows[name].notna(), ABSENT: rows[name].isna()} for rows in (profiles, opponents))  # fmt: skip
        for outcome in wave.survey.outcomes:
            pairs = [(level, None) for level in levels]
            pairs += [(levels[0], levels[1]), (levels[0], ABSENT), (PRESENT, ABSENT)]
            for first, second in pairs:
                rows = states.get(first, profiles[name] == first)
                if second is not None:
                    rows = rows & against.get(second, opponents[name] == second)
                answers = profiles.loc[rows, outcome]
                if len(answers) > 100:
                    opponent = {} if second is None else {name: second}
                    share = truth.share(outcome, {name: first}, opponent)
                    error = 0.5 / np.sqrt(len(answers))
                    assert share == pytest.approx(answers.mean(), abs=4 * error)


def test_the_page_shows_every_row_that_is_promised():
    page = PAGE.read_text("utf-8")
    assert f"{DRAWS:,} draws" in page
    for study in STUDIES:
        (section,) = re.findall(rf"^## {re.escape(study.name)}$(.*?)(?=^## |\Z)", page, re.M | re.S)
        for name in study.bands:
            assert f"| {name} |" in section
