"""Packages: levels of some attributes, or of all, as a person states them, and what is not shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

from conjoint.errors import Fault, RequestError, choices
from conjoint.estimate.design import NOT_SHOWN, design_shares
from conjoint.survey import INTERLOCK

if TYPE_CHECKING:
    from conjoint.survey import Survey
    from conjoint.typing import BoolArray
    from conjoint.wave import Wave

__all__ = [
    "Package",
    "Pair",
    "in_words",
    "named",
    "never_together",
    "parted",
    "profiles_like",
    "read_package",
    "read_pairs",
    "values_of",
]

Package = dict[str, int]
"""By attribute, in the survey's order, the place of its level; behind the levels, that of not shown."""

Pair = tuple[str, str]


def read_package(
    survey: Survey, given: Mapping[str, str | None], argument: str = "package"
) -> Package:
    """Check a package, and put it in the survey's order.

    Parameters
    ----------
    given
        Levels by attribute; None for an attribute that the profile does not show.

    Raises
    ------
    RequestError
        It names nothing, an attribute or level is unknown, an attribute that is always shown shall not
        be, or the design never draws it.
    """
    attributes = survey.attributes
    if not isinstance(given, Mapping) or not given:
        what = "names no attribute"
        raise RequestError(Fault(argument, what, f"levels of {choices(attributes)}", "Name one."))
    faults = []
    for name, level in given.items():
        if name not in attributes:
            what = f'there is no attribute "{name}"'
            faults.append(Fault(argument, what, choices(attributes), "Correct the name."))
        elif level is None:
            if attributes[name].is_always:
                what, known = f'every profile shows "{name}"', attributes[name].values
                faults.append(Fault(argument, what, choices(known), "Name one of them."))
        elif level not in attributes[name].values:
            what, known = f'"{level}" is not a level of "{name}"', attributes[name].values
            faults.append(Fault(argument, what, choices(known), "Name one of them."))
    if faults:
        raise RequestError(*faults)
    package = {
        name: attribute.states - 1 if level is None else attribute.values.index(level)
        for name, attribute in attributes.items()
        if name in given
        for level in (given[name],)
    }
    _check_drawn(survey, package, argument)
    return package


def values_of(survey: Survey, package: Package) -> dict[str, str | None]:
    """A package as it is stated: the level of each attribute, None where it is not shown."""
    values = {name: (*survey.attributes[name].values, None) for name in package}
    return {name: values[name][state] for name, state in package.items()}


def parted(survey: Survey, package: Package) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The attributes that a package shows, and those that it says are not shown."""
    values = values_of(survey, package)
    absent = tuple(name for name, level in values.items() if level is None)
    return tuple(name for name in package if name not in absent), absent


def profiles_like(wave: Wave, package: Package) -> BoolArray:
    """Which profiles show and lack the attributes that a package does, of shape (profiles,)."""
    shown, absent = parted(wave.survey, package)
    return wave.shows(*shown, lacking=absent)


def never_together(survey: Survey, package: Package, where: str = "package") -> Fault:
    """Say that no profile shows and lacks what a package does."""
    shown, absent = (choices(names) if names else "" for names in parted(survey, package))
    if not absent:
        what = f"shows {shown} together"
    else:
        what = f"shows {shown} without {absent}" if shown else f"lacks {absent}"
    return Fault(
        where,
        f"no profile {what}, so that nothing says what else it would show",
        "attributes that the design shows, and leaves out, in one profile",
        "Name fewer of them: the others are averaged over.",
    )


def _check_drawn(survey: Survey, package: Package, argument: str) -> None:
    """The design has to draw the package's levels, else nobody could have been asked about it."""
    package = {name: package[name] for name in parted(survey, package)[0]}
    if design_shares(survey, tuple(package))[tuple(package.values())] > 0:
        return
    faults = []
    for one, two in combinations(package, 2):
        shares = design_shares(survey, (one, two))[package[one]]
        if not shares[package[two]] > 0:
            values = survey.attributes[two].values
            allowed = [value for value, share in zip(values, shares, strict=True) if share > 0]
            level = survey.attributes[one].values[package[one]]
            faults.append(
                Fault(
                    argument,
                    f'"{level}" of "{one}" and "{values[package[two]]}" of "{two}" never meet',
                    f'with "{level}": {choices(allowed)}',
                    "Name a combination that the design draws.",
                )
            )
    if not faults:
        what = f"the design never draws {in_words(survey, package)}"
        faults.append(Fault(argument, what, "a combination that it draws", "Change a level."))
    raise RequestError(*faults)


def read_pairs(
    survey: Survey, given: Sequence[str] | Sequence[Sequence[str]], argument: str = "interactions"
) -> tuple[Pair, ...]:
    """One pair of attributes, or several.

    Raises
    ------
    RequestError
        One is not of two different attributes that the survey has.
    """
    one = bool(given) and all(isinstance(name, str) for name in given)
    listed = [given] if one else list(given)
    faults: list[Fault] = []
    pairs: list[Pair] = []
    for names in listed:
        own = tuple(str(name) for name in names)
        unknown = [name for name in own if name not in survey.attributes]
        if unknown:
            what, known = f'there is no attribute "{unknown[0]}"', choices(survey.attributes)
            faults.append(Fault(argument, what, known, "Correct the name."))
        elif len(own) != 2 or own[0] == own[1]:
            what = f"{list(own)} is no pair"
            faults.append(Fault(argument, what, "two different attributes", "Name two."))
        else:
            pairs.append((own[0], own[1]))
    if faults:
        raise RequestError(*faults)
    return tuple(dict.fromkeys(pairs))


def named(survey: Survey, package: Package) -> tuple[str, str]:
    """A package as the columns `attribute` and `level` say it."""
    levels = (level or NOT_SHOWN for level in values_of(survey, package).values())
    return INTERLOCK.join(package), INTERLOCK.join(levels)


def in_words(survey: Survey, package: Package) -> str:
    """A package in a sentence: ``cap 20000, reduction 90%``."""
    values = values_of(survey, package)
    return ", ".join(f"{name} {level or 'not shown'}" for name, level in values.items())
