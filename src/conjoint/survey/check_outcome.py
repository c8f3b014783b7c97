"""Whether what is said of the outcomes fits: their columns, and what their answers mean."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from conjoint.errors import choices
from conjoint.spelling import repeated

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from conjoint.survey.check_data import Found
    from conjoint.survey.data import Data
    from conjoint.survey.model import Survey
    from conjoint.survey.question import Outcome

__all__ = ["contradicted", "outcome_faults"]

RESERVED = ("respondent", "task", "profile")

WORD = re.compile(r"[^\W_]+")


def outcome_faults(survey: Survey) -> Iterator[Found]:
    """What does not fit in the outcomes: key, what is wrong, what was expected, what to do."""
    for name, outcome in survey.outcomes.items():
        key = f"outcomes.{name}"
        if name in RESERVED:
            yield key, f'"{name}" is taken', "another name", "Rename the outcome."
        yield from _answers(key, outcome)
        layout = survey.data.layout if survey.data is not None else "long"
        if layout == "wide" and survey.data is not None:
            yield from _task_columns(key, outcome, survey.data)
        elif outcome.columns:
            what, expected = f"does not fit a {layout} layout", "`column`: the outcome's one column"
            yield f"{key}.columns", what, expected, "Name the column."
        if layout != "long" and survey.data is not None:
            yield from _wide_outcome(key, outcome, survey.data)
            yield from _of_names(key, outcome, survey, survey.data)
        yield from _profile_names(key, outcome, survey.data)


def _answers(key: str, outcome: Outcome) -> Iterator[Found]:
    """Answers that would count as two things."""
    if outcome.none and outcome.kind != "choice":
        what = f"does not fit an outcome of kind {outcome.kind}"
        yield f"{key}.none", what, "none", "Take it out, or count the answer as missing."
    if outcome.chosen and (outcome.positive or outcome.negative):
        what, expected = "stands beside `positive` or `negative`", "one or the other"
        yield f"{key}.chosen", what, expected, "Take one out."
    chooses = {*outcome.choosing, *outcome.positive}
    for answer in outcome.none:
        if answer in chooses or answer in outcome.missing:
            other = "chooses a profile" if answer in chooses else "counts as missing"
            what = f'"{answer}" chooses no profile, and {other}'
            yield f"{key}.none", what, "one meaning an answer", "Correct it."
    for profile, answers in outcome.chosen.items():
        if not answers:
            what = "is chosen by no answer"
            yield f"{key}.chosen.{profile}", what, "one answer or more", "Name its answers."
    for answer in repeated(outcome.choosing):
        owners = [profile for profile, own in outcome.chosen.items() if answer in own]
        what = f'"{answer}" ' + ("chooses more than one profile" if owners[1:] else "stands twice")
        expected = "answers that choose one profile, each once"
        yield f"{key}.chosen", what, expected, "Correct the answers."
    for answer, other in contradicted(outcome.chosen).items():
        profile = outcome.profile_of[answer]
        yield (
            f"{key}.chosen",
            f'profile "{profile}" is chosen by "{answer}", which names profile "{other}"',
            "answers that choose the profiles they name",
            "Correct `chosen`, or call the profiles otherwise in data.profiles.",
        )


def _of_names(key: str, outcome: Outcome, survey: Survey, data: Data) -> Iterator[Found]:
    """Columns that say which attribute stood where, and are taken for answers."""
    if not data.name:
        return
    do = "Name the columns that hold what people answered."
    taken = _columns(outcome.cells, data) & _columns((data.name,), data)
    if taken:
        what = f'"{min(taken)}" is a column of data.name: it names an attribute'
        yield f"{key}.column", what, "columns of answers", do
        return
    names = {
        text.casefold()
        for name, attribute in survey.attributes.items()
        for text in (name, attribute.label, attribute.column)
    }
    said = [*outcome.choosing, *outcome.positive, *outcome.negative]
    if len(said) > 1 and all(t.casefold() in names and not t.isdecimal() for t in said):
        what = f"{choices(said)} are names of attributes: the columns say what stood where"
        yield key, what, "answers that people gave", do


def _columns(patterns: Iterable[str], data: Data) -> set[str]:
    """Every column that patterns give."""
    places = {
        "{task}": data.tasks,
        "{profile}": data.profiles,
        "{position}": data.positions,
    }
    found = {pattern for pattern in patterns if pattern}
    for place, names in places.items():
        found = {
            column.replace(place, name)
            for column in found
            for name in (names if place in column else ("",))
        }
    return found


def contradicted(chosen: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Answers that choose a profile and name another, and which; where there is no doubt.

    So it is where each answer names one profile, and all together name all of them. Bare numbers are
    codes, which may run in any order.
    """
    words = {profile: _words(profile) for profile in chosen}
    named = {
        answer: [other for other, word in words.items() if word.strip() and word in _words(answer)]
        for answers in chosen.values()
        for answer in answers
    }
    others = [
        other
        for answers in chosen.values()
        for other in dict.fromkeys(other for answer in answers for other in named[answer])
    ]
    if not all(len(found) == 1 for found in named.values()) or len(set(others)) < len(others):
        return {}
    return {
        answer: named[answer][0]
        for profile, answers in chosen.items()
        for answer in answers
        if named[answer][0] != profile and not answer.isdecimal()
    }


def _words(text: str) -> str:
    """The words of a text, a space before and behind each."""
    return " ".join(["", *WORD.findall(text.casefold()), ""])


def _task_columns(key: str, outcome: Outcome, data: Data) -> Iterator[Found]:
    """A column for each task and for no other, none for two; nothing where a pattern says it."""
    if not outcome.columns:
        return
    tasks = (*data.tasks, data.repeat.task) if data.repeat else data.tasks
    for task in tasks:
        if task not in outcome.columns:
            what = f'names no column for task "{task}"'
            yield f"{key}.columns", what, f"one for each of {choices(tasks)}", "Add it."
    for task in outcome.columns:
        if task not in tasks:
            what = f'there is no task "{task}"'
            yield f"{key}.columns.{task}", what, choices(tasks), "Correct it, or take it out."
    for column in repeated(outcome.columns.values()):
        what = f'"{column}" answers more than one task'
        yield f"{key}.columns", what, "a column for each task", "Correct it."


def _profile_names(key: str, outcome: Outcome, data: Data | None) -> Iterator[Found]:
    """A name for each profile and for no other, none for two."""
    if not outcome.profiles:
        return
    if data is None or data.layout == "long" or not outcome.of_profiles:
        what = "does not fit a column without {profile}"
        yield f"{key}.profiles", what, "nothing", "Take it out."
    elif set(outcome.profiles) != set(data.profiles) or repeated(outcome.profiles.values()):
        what = f"names {choices(outcome.profiles)}"
        yield (
            f"{key}.profiles",
            what,
            f"one name for each of {choices(data.profiles)}",
            "Correct it.",
        )


def _wide_outcome(key: str, outcome: Outcome, data: Data) -> Iterator[Found]:
    several = data.layout == "wide" and (len(data.tasks) > 1 or data.repeat is not None)
    if several and not outcome.columns and "{task}" not in outcome.column:
        yield (
            f"{key}.column",
            f'"{outcome.column}" names no task',
            "a pattern with {task}",
            "Write the place of the task's number as {task}, or name the column of each task as `columns`.",
        )
    profiles, per_profile = data.profiles, outcome.of_profiles
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
                f'"{choices(outcome.cells, 3)}" names no profile, so all profiles of a task would answer '
                "alike",
                "a pattern with {task} and {profile}",
                "Write the place of the profile's name as {profile}.",
            )
    elif outcome.chosen and set(outcome.chosen) != set(profiles):
        yield (
            f"{key}.chosen",
            f"says what an answer means for {choices(outcome.chosen)}",
            f"an answer, or several, for each profile: {choices(profiles)}",
            "Name the answer that chooses each profile.",
        )
    elif outcome.positive and not (outcome.chosen or per_profile) and len(profiles) > 1:
        yield (
            f"{key}.chosen",
            "is missing, and the column is the whole task's",
            f"an answer, or several, for each profile: {choices(profiles)}",
            "Name the answer that chooses each profile.",
        )
