"""Whether what is said of the file fits the rest of the survey: patterns, answers, exclusions."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from typing import TYPE_CHECKING

from conjoint.errors import choices
from conjoint.survey.check_tables import condition_faults

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from conjoint.survey.data import Data
    from conjoint.survey.model import Survey
    from conjoint.survey.question import Outcome

__all__ = ["contradicted", "data_faults", "exclusion_faults", "outcome_faults"]

Found = tuple[str, str, str, str]

RESERVED = ("respondent", "task", "profile")

WORD = re.compile(r"[^\W_]+")

PLACE = re.compile(r"\{[^{}]*\}")


def data_faults(survey: Survey) -> Iterator[Found]:
    """What does not fit in [data]: key, what is wrong, what was expected, what to do."""
    data = survey.data
    if data is None:
        return
    for key, singular in (("tasks", "task"), ("profiles", "profile"), ("positions", "position")):
        for value in _twice(getattr(data, key)):
            what = f'the {singular} "{value}" stands twice'
            yield f"data.{key}", what, f"each {singular} once", "Take one out."
    yield from _patterns(survey, data)
    yield from _positions(survey, data)
    yield from _repeat(data)
    yield from _shared_columns(survey, data)
    yield from _blank_levels(survey, data)
    yield from _encoding(data)


def outcome_faults(survey: Survey) -> Iterator[Found]:
    """What does not fit in the outcomes, as :func:`data_faults`."""
    for name, outcome in survey.outcomes.items():
        key = f"outcomes.{name}"
        if name in RESERVED:
            yield key, f'"{name}" is taken', "another name", "Rename the outcome."
        yield from _answers(key, outcome)
        if survey.data is not None and survey.data.layout == "wide":
            yield from _wide_outcome(key, outcome, survey.data)


def exclusion_faults(survey: Survey) -> Iterator[Found]:
    """What does not fit in the exclusions, as :func:`data_faults`."""
    for name, exclusion in survey.exclusions.items():
        key = f"exclusions.{name}"
        if exclusion.where is not None:
            yield from condition_faults(f"{key}.where", exclusion.where.conditions(), survey)
        elif survey.data is None or not survey.data.duration:
            yield (
                f"{key}.faster_than",
                "nothing says how long people took",
                "data.duration: the column of seconds",
                "Name the column under [data], or take the rule out.",
            )


def _twice(values: Iterable[str]) -> list[str]:
    return [value for value, count in Counter(values).items() if count > 1]


def _patterns(survey: Survey, data: Data) -> Iterator[Found]:
    """Every place of a pattern that tells cells apart is in it, and no other is."""
    if data.layout == "long":
        return
    needed = ["{task}"] * (len(data.tasks) > 1 or _asks_again(data))
    needed += ["{profile}"] * (len(data.profiles) > 1)
    last = "{position}" if data.name or data.positions else "{attribute}"
    needed += [last] * (len(survey.attributes) > 1 or last == "{position}")
    if not all(place in data.attribute for place in needed):
        yield (
            "data.attribute",
            f'"{data.attribute}" is no pattern for attribute columns',
            f"one with {' and '.join(needed).replace(' and ', ', ', len(needed) - 2)}",
            f"Write the {('place', 'two places', 'three places')[len(needed) - 1]} in braces.",
        )
    known = {"{task}", "{profile}", last}
    for key, pattern, allowed in (
        ("data.attribute", data.attribute, known),
        ("data.name", data.name, known),
        *(
            (f"outcomes.{name}.column", outcome.column, {"{task}", "{profile}"})
            for name, outcome in survey.outcomes.items()
        ),
    ):
        for place in dict.fromkeys(PLACE.findall(pattern)):
            if place not in allowed:
                expected = choices(sorted(allowed))
                yield key, f'"{place}" is no place of this pattern', expected, "Correct it."


def _asks_again(data: Data) -> bool:
    """Whether the file holds the profiles of a repeated task."""
    return data.repeat is not None and data.repeat.attributes == "own"


def _positions(survey: Survey, data: Data) -> Iterator[Found]:
    if bool(data.name) != bool(data.positions):
        missing = "positions" if data.name else "name"
        yield (
            f"data.{missing}",
            f"is missing, and data.{'name' if data.name else 'positions'} is there",
            "both, where each respondent saw the attributes in an order of their own",
            "Add it, or take the other out.",
        )
        return
    if not data.name:
        return
    if data.layout == "long":
        yield "data.name", "does not fit a long layout", "a column an attribute", "Take it out."
        return
    if "{position}" not in data.name:
        yield (
            "data.name",
            f'"{data.name}" is no pattern for the attributes\' names',
            "one with {position}",
            "Write the place of the position as {position}.",
        )
    if len(data.positions) < len(survey.attributes):
        what = f"{len(data.positions)} position(s) for {len(survey.attributes)} attributes"
        yield "data.positions", what, "one an attribute", "Add the others."
    owners: dict[str, set[str]] = {}
    for key, attribute in survey.attributes.items():
        for text in {attribute.column, key, attribute.label} - {""}:
            owners.setdefault(text, set()).add(key)
    for text, keys in owners.items():
        if len(keys) > 1:
            what = f'"{text}" names more than one attribute ({choices(sorted(keys))})'
            yield "data.name", what, "a name of its own for each", "Give each its own `column`."


def _repeat(data: Data) -> Iterator[Found]:
    repeat = data.repeat
    if repeat is None:
        return
    if data.tasks and repeat.of not in data.tasks:
        yield (
            "data.repeat.of",
            f'there is no task "{repeat.of}"',
            choices(data.tasks),
            "Name the task that is repeated.",
        )
    if repeat.task in data.tasks:
        yield (
            "data.repeat.task",
            f'the repeated task "{repeat.task}" also stands in data.tasks',
            "a task of its own, which no estimate uses",
            "Take it out of data.tasks.",
        )
    if repeat.attributes == "same" and data.layout == "long":
        yield (
            "data.repeat.attributes",
            '"same" does not fit a long layout, where each row holds its profile',
            '"own"',
            "Take it out, and fill in the rows of the repeated task.",
        )


def _shared_columns(survey: Survey, data: Data) -> Iterator[Found]:
    """Two cells that one column would hold: a pattern whose places run into each other."""
    if data.layout == "long":
        return
    tasks = (*data.tasks, data.repeat.task) if data.repeat and _asks_again(data) else data.tasks
    pairs = list(dict.fromkeys((task, who) for task in tasks for who in data.profiles))
    owners: dict[str, tuple[str, ...]] = {}
    cells = [
        (survey.column(name, *pair), (*pair, name))
        for pair in pairs
        for name in survey.attributes
        if not data.name
    ]
    for position in dict.fromkeys(data.positions) if data.name else ():
        cells += [
            (survey.column(name, *pair).replace("{position}", position), (*pair, position))
            for pair in pairs
            for name in list(survey.attributes)[:1]
        ]
    for column, cell in cells:
        if owners.setdefault(column, cell) != cell:
            yield (
                "data.attribute",
                f'the column "{column}" would hold two cells: '
                f"{' / '.join(owners[column])} and {' / '.join(cell)} (task / profile / attribute)",
                "a column a cell",
                "Correct the pattern, or the names of tasks, profiles and attributes.",
            )
            return


def _blank_levels(survey: Survey, data: Data) -> Iterator[Found]:
    for name, attribute in survey.attributes.items():
        for value in attribute.values:
            if value in data.missing:
                yield (
                    "data.missing",
                    f'"{value}" counts as empty in the whole file, and is a level of "{name}"',
                    "texts that mean nothing anywhere",
                    "Take it out; name it as `missing` of outcomes and questions instead.",
                )


def _encoding(data: Data) -> Iterator[Found]:
    if data.encoding and not _is_encoding(data.encoding):
        what, expected = f'there is no encoding "{data.encoding}"', "utf-8, windows-1252, utf-16"
        yield "data.encoding", what, expected, "Correct it, or take it out: it is then detected."


def _is_encoding(name: str) -> bool:
    try:
        codecs.lookup(name)
    except (LookupError, ValueError):
        return False
    return True


def _answers(key: str, outcome: Outcome) -> Iterator[Found]:
    """Answers that would count as two things."""
    if outcome.none and outcome.kind != "choice":
        what = f"does not fit an outcome of kind {outcome.kind}"
        yield f"{key}.none", what, "none", "Take it out, or count the answer as missing."
    if outcome.chosen and (outcome.positive or outcome.negative):
        what, expected = "stands beside `positive` or `negative`", "one or the other"
        yield f"{key}.chosen", what, expected, "Take one out."
    chooses = {*outcome.chosen.values(), *outcome.positive}
    for answer in outcome.none:
        if answer in chooses or answer in outcome.missing:
            other = "chooses a profile" if answer in chooses else "counts as missing"
            what = f'"{answer}" chooses no profile, and {other}'
            yield f"{key}.none", what, "one meaning an answer", "Correct it."
    for answer in _twice(outcome.chosen.values()):
        yield (
            f"{key}.chosen",
            f'"{answer}" chooses more than one profile',
            "one answer a profile",
            "Correct the answers.",
        )
    for profile, other in contradicted(outcome.chosen).items():
        answer = outcome.chosen[profile]
        yield (
            f"{key}.chosen",
            f'profile "{profile}" is chosen by "{answer}", which names profile "{other}"',
            "answers that choose the profiles they name",
            "Correct `chosen`, or call the profiles otherwise in data.profiles.",
        )


def contradicted(chosen: Mapping[str, str]) -> dict[str, str]:
    """Profiles chosen by an answer that names another, and which; where there is no doubt.

    So it is where each answer names one profile, and all together name all of them. Bare numbers are
    codes, which may run in any order.
    """
    words = {profile: _words(profile) for profile in chosen}
    named = {
        profile: [other for other, word in words.items() if word.strip() and word in _words(answer)]
        for profile, answer in chosen.items()
    }
    others = [other for found in named.values() for other in found]
    if not all(len(found) == 1 for found in named.values()) or len(set(others)) < len(others):
        return {}
    return {
        profile: found[0]
        for profile, found in named.items()
        if found[0] != profile and not chosen[profile].isdecimal()
    }


def _words(text: str) -> str:
    """The words of a text, a space before and behind each."""
    return " ".join(["", *WORD.findall(text.casefold()), ""])


def _wide_outcome(key: str, outcome: Outcome, data: Data) -> Iterator[Found]:
    if "{task}" not in outcome.column and (len(data.tasks) > 1 or data.repeat is not None):
        yield (
            f"{key}.column",
            f'"{outcome.column}" names no task',
            "a pattern with {task}",
            "Write the place of the task's number as {task}.",
        )
    profiles, per_profile = data.profiles, "{profile}" in outcome.column
    if outcome.kind == "choice" and len(profiles) == 1 and not outcome.none:
        yield (
            f"{key}.kind",
            f'a task shows one profile ("{profiles[0]}"), which is then always chosen',
            'kind = "support", or `none`: the answers that do not choose it',
            "Correct the kind.",
        )
    if outcome.kind != "choice":
        if not per_profile and len(profiles) > 1:
            yield (
                f"{key}.column",
                f'"{outcome.column}" names no profile, so all profiles of a task would answer alike',
                "a pattern with {task} and {profile}",
                "Write the place of the profile's name as {profile}.",
            )
    elif outcome.chosen and set(outcome.chosen) != set(profiles):
        yield (
            f"{key}.chosen",
            f"says what an answer means for {choices(outcome.chosen)}",
            f"one answer for each profile: {choices(profiles)}",
            "Name the answer that chooses each profile.",
        )
    elif outcome.positive and not (outcome.chosen or per_profile) and len(profiles) > 1:
        yield (
            f"{key}.chosen",
            "is missing, and the column is the whole task's",
            f"one answer for each profile: {choices(profiles)}",
            "Name the answer that chooses each profile.",
        )
