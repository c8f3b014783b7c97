"""Sums over profiles by respondent and cell, against loops."""

import numpy as np
import pytest

from conjoint.wave import Tally

G, N, SIZES = 17, 230, (3, 300, 2)


@pytest.fixture(params=["in order", "in any order"])
def parts(request):
    """Codes of three factors and respondents, one of whom saw nothing."""
    rng = np.random.default_rng(11)
    codes = [rng.integers(0, size, N).astype(np.int16) for size in SIZES]
    respondent = rng.integers(0, G - 1, N)
    return codes, np.sort(respondent) if request.param == "in order" else respondent


@pytest.fixture
def tally(parts):
    codes, respondent = parts
    return Tally(codes, SIZES, respondent, G)


def by_hand(parts, values):
    codes, respondent = parts
    sums, start = np.zeros((G, sum(SIZES))), 0
    for code, size in zip(codes, SIZES, strict=True):
        np.add.at(sums, (respondent, start + code), values)
        start += size
    return sums


def whole(pieces):
    return np.concatenate([sums.copy() for _, sums in pieces])  # the next stands in the same memory


@pytest.mark.parametrize("chunk", [20, 1 << 16])
def test_sums_by_respondent_and_cell(parts, tally, monkeypatch, chunk):
    monkeypatch.setattr("conjoint.wave.tally.CHUNK", chunk)
    values = np.random.default_rng(1).normal(size=N)
    expected = by_hand(parts, values)
    np.testing.assert_allclose(whole(tally.sums(values)), expected, atol=1e-12)
    weight = np.random.default_rng(5).uniform(0.2, 3, N)
    weighted = by_hand(parts, values * weight)
    np.testing.assert_allclose(whole(tally.sums(values, weight)), weighted, atol=1e-12)
    np.testing.assert_allclose(tally.totals(values, weight), weighted.sum(axis=0), atol=1e-12)
    shown = by_hand(parts, np.ones(N))
    assert (tally.shown == shown).all()
    assert (tally.profiles_of == np.bincount(parts[1], minlength=G)).all()
    profiles, people = tally.counts
    assert (profiles == shown.sum(axis=0)).all()
    assert (people == (shown > 0).sum(axis=0)).all()


def test_sums_of_answers_are_those_of_the_answers_asked_for(parts, tally):
    """Counts are kept; another outcome, or a rating, is not taken for the one before."""
    rng = np.random.default_rng(2)
    first, second = (rng.integers(0, 2, N).astype(float) for _ in range(2))
    for answers in (first, first, second, 2 * second, rng.normal(size=N), first):
        np.testing.assert_allclose(
            whole(tally.answer_sums(answers)), by_hand(parts, answers), atol=1e-12
        )


def test_cross_tables_and_exposure_are_those_of_the_weight_asked_for(parts, tally):
    codes, respondent = parts
    X = np.concatenate(
        [np.eye(size)[code] for code, size in zip(codes, SIZES, strict=True)], axis=1
    )
    rng = np.random.default_rng(3)
    shown = by_hand(parts, np.ones(N))
    for weight in (np.ones(G), rng.uniform(0.2, 3, G), np.ones(G)):
        w = weight[respondent]
        np.testing.assert_allclose(tally.crossed(w), X.T @ (w[:, None] * X), atol=1e-12)
        total, squared = tally.exposure(weight)
        np.testing.assert_allclose(total, weight @ shown, atol=1e-12)
        np.testing.assert_allclose(squared, ((weight[:, None] * shown) ** 2).sum(axis=0))


def test_values_of_cells_are_spread_over_profiles(parts, tally):
    codes, _ = parts
    values = np.random.default_rng(4).normal(size=sum(SIZES))
    starts = np.cumsum([0, *SIZES])
    expected = sum(values[start + code] for start, code in zip(starts[:-1], codes, strict=True))
    np.testing.assert_allclose(tally.spread(values), expected, atol=1e-12)


def test_what_was_counted_cannot_be_changed(tally):
    with pytest.raises(ValueError, match="read-only"):
        tally.shown[0] = 1
    with pytest.raises(ValueError, match="read-only"):
        tally.crossed(np.ones(N))[0] = 1
