"""How published standard errors and intervals are made."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from scipy import special

from conjoint.errors import ConjointError
from conjoint.reproduce.combine import combine
from conjoint.reproduce.made import Errors
from conjoint.reproduce.projoint import own_profiles_factor, with_tau
from conjoint.reproduce.rounding import is_same
from conjoint.say.number import percent_exactly
from conjoint.say.phrase import phrase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conjoint.estimates import Estimates
    from conjoint.reproduce.combine import Combined, Table
    from conjoint.reproduce.made import Made
    from conjoint.reproduce.search import Found
    from conjoint.typing import BoolArray, FloatArray

__all__ = ["CONFIDENCES", "Quantile", "Uncertainty", "find_uncertainty", "uncertainties"]

Quantile = Literal["normal", "t"]
SCORE: Literal["score"] = "score"
"""An interval of shares within 0 and 1, as this package makes it."""
CONFIDENCES = (0.95, 0.9, 0.99)
PRINTED = 1.96
"""The normal quantile as some packages, such as projoint for differences, have it."""

NAMES = {
    ("linearised", False): "linearised",
    ("CR1", False): "cr1",
    ("CR2", False): "",
    ("CR3", False): "",
    ("linearised", True): "hc0",
    ("CR1", True): "hc1",
    ("CR2", True): "hc2",
}
"""Variances in use, of respondents or of profiles: the phrase of each, where it is not its own name."""


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """How standard errors, and maybe intervals, are made.

    Parameters
    ----------
    errors
        The variance, and of what.
    apart
        Of a difference: the two groups are taken for independent.
    together
        Of a difference: all groups are one design, as in one regression with interactions.
    own
        Of means: Stata's factor of each figure's own profiles instead of all of the attribute's.
    tau
        Of corrected figures: covariance with tau as projoint takes it.
    quantile, confidence
        Of an interval; `confidence` by attribute, the usual one under ``""``.
    """

    errors: Errors
    apart: bool = False
    together: bool = False
    own: bool = False
    tau: bool = False
    quantile: Quantile | Literal["score"] | None = None
    confidence: tuple[tuple[str, float], ...] = ()

    @property
    def name(self) -> str:
        """In words."""
        key = NAMES[self.errors.variance, self.errors.profiles]
        own = {"own": self.own, "fixed": self.errors.fixed, "apart": self.apart}
        own |= {"together": self.together, "tau": self.tau}
        words = [phrase(f"reproduction.uncertainty.{key}") if key else self.errors.variance]
        words += [phrase(f"reproduction.uncertainty.{name}") for name, so in own.items() if so]
        if self.quantile is None:
            return ", ".join(words)
        levels = dict(self.confidence)
        usual = levels.pop("", CONFIDENCES[0])
        other: dict[float, list[str]] = {}
        for attribute, level in levels.items():
            other.setdefault(level, []).append(attribute)
        but = [
            phrase(
                "reproduction.uncertainty.level_for",
                level=percent_exactly(level),
                attributes=", ".join(names),
            )
            for level, names in other.items()
        ]
        said = {"errors": ", ".join(words), "level": percent_exactly(usual)}
        said["quantile"] = phrase(f"reproduction.uncertainty.by_{self.quantile}")
        if but:
            return phrase("reproduction.uncertainty.interval_but", **said, but=" ".join(but))
        return phrase("reproduction.uncertainty.interval", **said)


@dataclass(frozen=True, eq=False, slots=True)
class _Spread:
    """Standard errors of a table's figures, NaN where there are none, and what gives their freedom.

    Bell and McCaffrey's degrees of freedom take long to make, and only intervals by t need them. `ends` gives
    both ends of score intervals, by coverage; None where errors are made in a way that has none.
    """

    errors: FloatArray
    freedom: Callable[[], FloatArray]
    ends: Callable[[float], tuple[FloatArray, FloatArray]] | None = None


def find_uncertainty(
    made: Made, table: Table, best: list[Found]
) -> tuple[list[tuple[Found, Uncertainty, BoolArray]], int]:
    """The ways that give most of the published errors and intervals, among the best conventions.

    Returns
    -------
    list, int
        Convention, way, and of which figures all that is published appears; and how many figures have
        a published error or interval. Empty where fewer than half of them appear: that may be chance.
    """
    asked = np.array([wanted.figure.has_error for wanted in table.wanted], dtype=bool)
    if not asked.any() or not best:
        return [], int(asked.sum())
    results: list[tuple[Found, Uncertainty, BoolArray]] = []
    most = 0
    for found in best:
        for way in uncertainties(made, table, found):
            spread = _spread(made, table, found, way)
            if spread is None:
                continue
            for full, same in _matches(table, found, way, spread, most):
                fits = same & asked
                results.append((found, full, fits))
                most = max(most, int(fits.sum()))
    if 2 * most < asked.sum() or not most:
        return [], int(asked.sum())
    return [result for result in results if result[2].sum() == most], int(asked.sum())


def uncertainties(made: Made, table: Table, found: Found) -> Iterator[Uncertainty]:
    """The ways in use for a table's figures, those of this package first."""
    convention = found.convention
    calibrated = made.weighted(convention.weights).calibration is not None
    compares = table.estimand in ("difference", "amce_difference")
    designs = ((False, False), (False, True), (True, False)) if compares else ((False, False),)
    means = convention.of_means or table.estimand in ("marginal_mean", "difference")
    own = means and table.estimand in ("marginal_mean", "amce")
    taus = (False, True) if convention.corrected and means else (False,)
    for (variance, profiles), fixed, (apart, together), tau in product(
        NAMES, (False, True) if calibrated else (False,), designs, taus
    ):
        if together and (variance == "CR2" or tau):  # no G in it; projoint has no such regression
            continue
        if tau and fixed:
            continue
        if profiles and convention.corrected and not tau:
            continue
        errors = Errors(variance, profiles, fixed)  # type: ignore[arg-type]
        yield Uncertainty(errors, apart, together, tau=tau)
        if own and variance == "CR1" and not profiles and tau == convention.corrected:
            yield Uncertainty(errors, apart, together, own=True, tau=tau)


def _spread(made: Made, table: Table, found: Found, way: Uncertainty) -> _Spread | None:
    """Errors and degrees of freedom; None where the data do not give them."""
    try:
        return _errors(made, table, found, way)
    except ConjointError:
        return None


def _errors(made: Made, table: Table, found: Found, way: Uncertainty) -> _Spread | None:
    convention = found.convention
    if way.tau:
        convention = replace(convention, corrected=False)
    own = replace(way.errors, variance="linearised") if way.own else way.errors
    combined = combine(made, table, convention, found.against, own)
    figures = combined.figures(one_design=way.together)
    if figures is None:
        return None
    errors = figures.std_errors
    freedom: Callable[[], FloatArray] = lambda: figures.degrees  # noqa: E731
    if way.errors.profiles:
        freedom = lambda: _of_profiles(combined)  # noqa: E731
    if way.own:
        factor, own_freedom = own_profiles_factor(made, table, convention, combined)
        errors, freedom = errors * factor, lambda: own_freedom
    sides = range(len(table.wanted[0].groups))
    if way.apart:
        each = [side.std_errors for side in combined.sides()]
        if way.tau:
            each = [with_tau(made, table, convention, combined, each[side], side) for side in sides]
        errors = np.sqrt(sum(np.nan_to_num(one) ** 2 for one in each))
    elif way.tau:
        if len(sides) > 1:
            return None
        errors = with_tau(made, table, convention, combined, np.nan_to_num(errors))
    shares = figures.footing.bounded | figures.footing.compared.exist
    plain = not (way.errors.profiles or way.own or way.apart or way.tau) and bool(shares.any())
    return _Spread(
        _all(combined, errors),
        lambda: _all(combined, freedom()),
        (lambda level: _score_ends(combined, figures, level)) if plain else None,
    )


def _score_ends(
    combined: Combined, figures: Estimates, confidence: float
) -> tuple[FloatArray, FloatArray]:
    frame = figures.with_confidence(confidence).frame
    low, high = (_all(combined, frame[end].to_numpy()) for end in ("conf_low", "conf_high"))
    return low, high


def _of_profiles(combined: Combined) -> FloatArray:
    """The profiles that a figure stands on less its levels, as for a regression not clustered."""
    counts = combined.estimates.labels["n_profiles"].to_numpy()  # type: ignore[union-attr]
    involved = ((combined.first != 0) | (combined.second != 0))[combined.known]
    return np.asarray(involved @ counts - involved.sum(axis=1), dtype=float)


def _all(combined: Combined, known: FloatArray) -> FloatArray:
    whole = np.full(len(combined.missing), np.nan)
    whole[combined.known] = known
    return whole


def _matches(
    table: Table, found: Found, way: Uncertainty, spread: _Spread, least: int
) -> Iterator[tuple[Uncertainty, BoolArray]]:
    """The way with each quantile, and which published errors and intervals it gives.

    None where fewer than `least` errors are as published: intervals cannot mend that.
    """
    figures = [wanted.figure for wanted in table.wanted]
    decimals = np.array([figure.decimals_of_error for figure in figures], dtype=float)
    scale = np.abs(found.scale)
    # What is fixed by definition has no error; some print zeros for it.
    errors = np.nan_to_num(spread.errors) * scale
    told = _published([figure.std_error for figure in figures])
    same = np.isnan(told) | is_same(errors, told, decimals)
    low, high = (_published([getattr(figure, name) for figure in figures])
                 for name in ("conf_low", "conf_high"))  # fmt: skip
    asked = np.array([figure.has_error for figure in figures], dtype=bool)
    if (same & asked).sum() < max(least, 1):
        return
    if np.isnan(low).all():
        yield way, same
        return
    values = found.values
    for quantile in get_args(Quantile):
        fits = {}
        reached = _reaches(quantile, spread)
        for level in CONFIDENCES:
            fits[level] = np.isnan(low)
            for times in reached[level]:
                reach = times * errors
                fits[level] |= is_same(values - reach, low, decimals) & is_same(
                    values + reach, high, decimals
                )
        confidence, inside = _by_attribute(table, fits)
        yield replace(way, quantile=quantile, confidence=confidence), same & inside
    if spread.ends is None:
        return
    fits = {}
    for level in CONFIDENCES:
        ends = np.sort(np.stack(spread.ends(level)) * found.scale, axis=0)
        fits[level] = np.isnan(low) | (
            is_same(ends[0], low, decimals) & is_same(ends[1], high, decimals)
        )
    confidence, inside = _by_attribute(table, fits)
    yield replace(way, quantile=SCORE, confidence=confidence), same & inside


def _by_attribute(
    table: Table, fits: dict[float, BoolArray]
) -> tuple[tuple[tuple[str, float], ...], BoolArray]:
    """The coverage of each attribute's intervals: cregg's is another one for restricted attributes."""
    inside = np.zeros(len(table.wanted), dtype=bool)
    levels = {}
    for attribute in dict.fromkeys(wanted.attribute for wanted in table.wanted):
        own = np.array([wanted.attribute == attribute for wanted in table.wanted])
        level = max(CONFIDENCES, key=lambda each: int((fits[each] & own).sum()))
        levels[attribute] = level
        inside |= fits[level] & own
    usual = Counter(levels.values()).most_common(1)[0][0]
    other = [(name, level) for name, level in levels.items() if level != usual]
    return (("", usual), *other), inside


def _reaches(quantile: Quantile, spread: _Spread) -> dict[float, list[FloatArray]]:
    """How many standard errors an interval reaches to either side, by its coverage."""
    uppers = {level: (1 + level) / 2 for level in CONFIDENCES}
    if quantile == "normal":
        ones = np.ones(len(spread.errors))
        reaches = {level: [ones * special.ndtri(upper)] for level, upper in uppers.items()}
        reaches[0.95].append(ones * PRINTED)
        return reaches
    freedom = spread.freedom()
    return {
        level: [np.nan_to_num(np.asarray(special.stdtrit(freedom, upper)))]
        for level, upper in uppers.items()
    }


def _published(values: list[float | None]) -> FloatArray:
    return np.array([np.nan if value is None else value for value in values], dtype=float)
