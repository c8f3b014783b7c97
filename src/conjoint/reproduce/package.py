"""Software that makes figures by given conventions with options of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from conjoint.reproduce.convention import Convention
    from conjoint.reproduce.uncertainty import Uncertainty
    from conjoint.typing import PublishedEstimand

__all__ = ["PACKAGES", "packages_for"]

MEANS = ("marginal_mean", "difference")
EFFECTS = ("amce", "amce_difference")


def packages_for(
    estimand: PublishedEstimand,
    convention: Convention,
    way: Uncertainty | None,
    tied: tuple[str, ...],
) -> list[str]:
    """Name the packages that make such figures.

    Parameters
    ----------
    way
        How errors and intervals are made; None where none are published, so that they rule nothing out.
    tied
        The attributes that restrictions or joint distributions tie.
    """
    return [name for name, makes in PACKAGES.items() if makes(estimand, convention, way, tied)]


Tied = tuple[str, ...]


def _cregg(
    estimand: PublishedEstimand, convention: Convention, way: Uncertainty | None, tied: Tied
) -> bool:
    """Linearised, normal curve; 90% for attributes in a restriction; groups of means apart."""
    if convention.corrected or convention.averaging == "observed" or convention.ties == "drop":
        return False
    if estimand not in (*MEANS, *EFFECTS) or (estimand in EFFECTS and convention.of_means):
        return False
    if way is None:
        return True
    modelled = tied if convention.averaging == "intended" and estimand in EFFECTS else ()
    return (
        way.errors.variance == "linearised"
        and _as_given(convention, way)
        and way.apart == (estimand == "difference")
        and way.together == (estimand == "amce_difference")
        and way.quantile in (None, "normal")
        and all(
            level == (0.9 if name in modelled else 0.95) for name, level in way.confidence if name
        )
        and dict(way.confidence).get("", 0.95) == 0.95
    )


def _cjoint(
    estimand: PublishedEstimand, convention: Convention, way: Uncertainty | None, tied: Tied
) -> bool:
    """CR1, or with weights linearised; HC2 where not clustered; normal curve."""
    del tied
    if convention.corrected or convention.averaging == "observed" or convention.of_means:
        return False
    if estimand not in ("amce", "acie"):
        return False
    if way is None:
        return True
    weighted = convention.weights != "none"
    kind = (way.errors.variance, way.errors.profiles)
    fits = kind == (("linearised", False) if weighted else ("CR1", False))
    return (
        (fits or kind == ("CR2", True))
        and _as_given(convention, way)
        and way.quantile in (None, "normal")
        and all(level == 0.95 for _, level in way.confidence)
    )


def _projoint(
    estimand: PublishedEstimand, convention: Convention, way: Uncertainty | None, tied: Tied
) -> bool:
    """Differences of means, ties dropped unless asked otherwise; CR2, Stata's or HC2; t."""
    del tied
    if estimand not in (*MEANS, *EFFECTS):
        return False
    if estimand in EFFECTS and not convention.of_means:
        return False
    if way is None:
        return True
    kind = (way.errors.variance, way.errors.profiles)
    difference = estimand in ("difference", "amce_difference")
    return (
        (kind in (("CR2", False), ("CR2", True)) or way.own)
        and way.apart == difference
        and way.tau == convention.corrected
        and _as_given(convention, way)
        and way.quantile in (None, "normal" if difference else "t")
        and all(level == 0.95 for _, level in way.confidence)
    )


def _by_hand(
    *kinds: tuple[str, bool], quantile: str, calibrates: bool = False
) -> Callable[..., bool]:
    """A regression on dummies, or means, without any model of restrictions.

    `calibrates` says that it can be told that weights were made to meet targets.
    """

    def makes(
        estimand: PublishedEstimand, convention: Convention, way: Uncertainty | None, tied: Tied
    ) -> bool:
        if convention.corrected or convention.ties == "drop" or estimand not in (*MEANS, *EFFECTS):
            return False
        if estimand in EFFECTS and tied and convention.averaging != "ignored":
            return False
        if way is None:
            return True
        # Their differences are interactions of one regression, or contrasts of one design's domains.
        compares = estimand in ("difference", "amce_difference")
        return (
            (way.errors.variance, way.errors.profiles) in kinds
            and (calibrates or _as_given(convention, way))
            and not (way.apart or way.own or way.tau)
            and (way.together == compares or way.errors.variance == "CR2")
            and way.quantile in (None, quantile)
        )

    return makes


def _as_given(convention: Convention, way: Uncertainty) -> bool:
    """The peers take weights as given, but for R's survey if told that they meet targets."""
    return convention.weights != "targets" or way.errors.fixed


PACKAGES: dict[str, Callable[..., bool]] = {
    "cregg": _cregg,
    "cjoint": _cjoint,
    "projoint": _projoint,
    "R's survey": _by_hand(
        ("linearised", False), ("linearised", True), quantile="t", calibrates=True
    ),
    "Stata": _by_hand(("CR1", False), ("CR1", True), quantile="t"),
    "estimatr": _by_hand(("CR1", False), ("CR2", False), ("CR2", True), ("CR1", True), quantile="t"),
    "sandwich or clubSandwich": _by_hand(
        ("linearised", False), ("CR1", False), ("CR2", False), ("CR3", False), ("CR1", True),
        ("CR2", True), quantile="t",
    ),
}  # fmt: skip
"""Those made for conjoints, then general ones."""
