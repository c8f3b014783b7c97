"""Intervals cover the truth and tests reject it as often as they say: see docs/coverage.md."""

import re

import numpy as np
import pytest
from coverage_table import DRAWS, PAGE
from measure import Coverage, measure
from studies import ELECTORATE, OVERSAMPLED, QUICK, STUDIES
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


def test_the_page_shows_every_row_that_is_promised():
    page = PAGE.read_text("utf-8")
    assert f"{DRAWS:,} draws" in page
    for study in STUDIES:
        (section,) = re.findall(rf"^## {re.escape(study.name)}$(.*?)(?=^## |\Z)", page, re.M | re.S)
        for name in study.bands:
            assert f"| {name} |" in section
