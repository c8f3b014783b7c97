"""Packages: levels of some attributes, or of all, as a person states them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

from conjoint.errors import Fault, RequestError, choices
from conjoint.estimate.design import design_shares
from conjoint.survey import INTERLOCK

if TYPE_CHECKING:
    from conjoint.survey import Survey

__all__ = ["Package", "Pair", "in_words", "named", "read_package", "read_pairs"]

Package = dict[str, int]
"""By attribute, in the survey's order, the place of its level."""

Pair = tuple[str, str]


def read_package(survey: Survey, given: Mapping[str, str], argument: str = "package") -> Package:
    """Check a package, and put it in the survey's order.

    Raises
    ------
    RequestError
        It names nothing, an attribute or level is unknown, or the design never draws it.
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
        elif level not in attributes[name].values:
            what, known = f'"{level}" is not a level of "{name}"', attributes[name].values
            faults.append(Fault(argument, what, choices(known), "Name one of them."))
    if faults:
        raise RequestError(*faults)
    package = {
        name: attribute.values.index(given[name])
        for name, attribute in attributes.items()
        if name in given
    }
    _check_drawn(survey, package, argument)
    return package


def _check_drawn(survey: Survey, package: Package, argument: str) -> None:
    """The design has to draw the package, else nobody could have been asked about it."""
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
    levels = (survey.attributes[name].values[level] for name, level in package.items())
    return INTERLOCK.join(package), INTERLOCK.join(levels)


def in_words(survey: Survey, package: Package) -> str:
    """A package in a sentence: ``cap 20000, reduction 90%``."""
    return ", ".join(
        f"{name} {survey.attributes[name].values[level]}" for name, level in package.items()
    )
