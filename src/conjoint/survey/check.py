"""Whether the parts of a survey fit one another: names that exist, levels that differ."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from conjoint.errors import Fault, choices
from conjoint.spelling import repeated
from conjoint.survey.check_data import data_faults, exclusion_faults
from conjoint.survey.check_outcome import outcome_faults
from conjoint.survey.check_recode import recode_faults
from conjoint.survey.check_tables import condition_faults, crossbreak_faults, question_faults
from conjoint.survey.model import TOTAL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conjoint.survey.model import Segment, Survey
    from conjoint.survey.target import Targets

__all__ = ["check_segments_of", "check_survey", "is_too_large", "names_clash"]

MOST_LEVELS = 500
"""Of an attribute."""

MOST_LEVELS_IN_ALL = 2_000

MOST_SEGMENTS = 200

MOST_QUESTIONS = 2_000

MOST_OTHERS = {
    "outcomes": 100,
    "restrictions": 500,
    "joint": 100,
    "crossbreaks": 200,
    "exclusions": 500,
}
"""Of what a survey has few."""

RESERVED = ("respondent", "task", "profile")


def check_survey(survey: Survey, where: str) -> list[Fault]:
    """Find every fault that concerns more than one key of survey.toml.

    Parameters
    ----------
    survey
        A survey whose keys each have the right shape.
    where
        The file, for the faults.
    """
    beyond = [
        Fault(f"{where}, {key}", what, expected, do) for key, what, expected, do in _limits(survey)
    ]
    if beyond:  # what follows would take long
        return beyond
    faults = [
        Fault(f"{where}, {key}", what, expected, do)
        for part in (
            _attributes(survey),
            _restrictions(survey),
            _joint(survey),
            outcome_faults(survey),
            data_faults(survey),
            recode_faults(survey),
            _questions(survey),
            question_faults(survey),
            crossbreak_faults(survey),
            _segments(survey),
            exclusion_faults(survey),
            _weighting(survey),
            _reporting(survey),
        )
        for key, what, expected, do in part
    ]
    if survey.targets is not None:
        faults += check_segments_of(survey.targets, survey.segments)
    return faults


def _limits(survey: Survey) -> Iterator[tuple[str, str, str, str]]:
    """Parts of which a survey has more than figures can be made of in memory and time."""
    levels = {name: len(own.levels) for name, own in survey.attributes.items()}
    counts = {
        **{f"attributes.{name}.levels": (n, MOST_LEVELS) for name, n in levels.items()},
        "attributes": (sum(levels.values()), MOST_LEVELS_IN_ALL),
        "segments": (len(survey.segments), MOST_SEGMENTS),
        "questions": (len(survey.questions), MOST_QUESTIONS),
        **{key: (len(getattr(survey, key)), most) for key, most in MOST_OTHERS.items()},
    }
    for key, (count, most) in counts.items():
        if count > most:
            what = "levels" if key.startswith("attributes") else key
            yield (
                key,
                f"{count:,} {what} are declared",
                f"{most:,} at most",
                "Merge or leave out some.",
            )


def is_too_large(survey: Survey) -> bool:
    """Whether a survey has so many parts that looking at its data would take too long."""
    return next(_limits(survey), None) is not None


def check_segments_of(targets: Targets, segments: Mapping[str, Segment]) -> list[Fault]:
    """Find margins that are about a segment nobody has declared."""
    return [
        Fault(
            targets.place(margin),
            f'there is no segment "{margin.segment}"',
            choices(segments),
            "Correct the segment's name.",
        )
        for margin in targets.margins
        if margin.segment is not None and margin.segment not in segments
    ]


def names_clash(survey: Survey) -> bool:
    """Whether an attribute or outcome takes a name that a wave needs, so that no data can be read."""
    attributes, outcomes = set(survey.attributes), set(survey.outcomes)
    return bool(attributes & outcomes or (attributes | outcomes) & set(RESERVED))


Found = tuple[str, str, str, str]


def _attributes(survey: Survey) -> Iterator[Found]:
    for name, attribute in survey.attributes.items():
        key = f"attributes.{name}"
        if name in RESERVED or name in survey.outcomes:
            yield key, f'"{name}" is taken', "another name", "Rename the attribute."
        if len(attribute.levels) < 2:
            yield (
                f"{key}.levels",
                f"{len(attribute.levels)} level(s): nothing varies",
                "two levels or more",
                "Add its other levels, or take the attribute out.",
            )
        for value in repeated(attribute.values):
            yield (
                f"{key}.levels",
                f'the level "{value}" stands twice',
                "each level once",
                "Take one out.",
            )
        if attribute.baseline is not None and attribute.baseline not in attribute.values:
            yield (
                f"{key}.baseline",
                f'"{attribute.baseline}" is not a level of "{name}"',
                choices(attribute.values),
                "Name one of the levels.",
            )


def _restrictions(survey: Survey) -> Iterator[Found]:
    profiles = survey.data.profiles if survey.data else ()
    for index, restriction in enumerate(survey.restrictions):
        for name in restriction.across:
            key = f"restrictions[{index}].across"
            if name not in survey.attributes:
                expected = choices(survey.attributes)
                yield key, f'there is no attribute "{name}"', expected, "Correct the name."
            elif len(survey.attributes[name].levels) < len(profiles):
                what = f'"{name}" has fewer levels than a task has profiles, so that two must agree'
                yield key, what, f"{len(profiles)} levels or more", "Take it out."
        for name, values in restriction.never.items():
            key = f"restrictions[{index}].never.{name}"
            if name not in survey.attributes:
                expected = choices(survey.attributes)
                yield key, f'there is no attribute "{name}"', expected, "Correct the name."
                continue
            for value in values:
                if value not in survey.attributes[name].values:
                    yield (
                        key,
                        f'"{value}" is not a level of "{name}"',
                        choices(survey.attributes[name].values),
                        "Correct the level.",
                    )


def _joint(survey: Survey) -> Iterator[Found]:
    drawn: set[str] = set()
    for index, joint in enumerate(survey.joint):
        key = f"joint[{index}]"
        unknown = [name for name in joint.attributes if name not in survey.attributes]
        for name in unknown:
            expected = choices(survey.attributes)
            yield f"{key}.attributes", f'there is no attribute "{name}"', expected, "Correct it."
        again = [name for name in joint.attributes if name in drawn]
        for name in again:
            yield (
                f"{key}.attributes",
                f'"{name}" stands in another joint',
                "one each",
                "Merge them.",
            )
        drawn |= set(joint.attributes)
        for place, name in enumerate(joint.attributes):
            if name in unknown:
                continue
            known = survey.attributes[name].values
            for value in dict.fromkeys(cell[place] for cell in joint.probabilities):
                if value not in known:
                    what = f'"{value}" is not a level of "{name}"'
                    yield f"{key}.cells", what, choices(known), "Correct the level."
            drawn_levels = {cell[place] for cell, share in joint.probabilities.items() if share}
            for value in dict.fromkeys(known):
                if value not in drawn_levels:
                    what = f'the level "{value}" of "{name}" is never drawn'
                    yield f"{key}.cells", what, "every level somewhere", "Add its combinations."


def _questions(survey: Survey) -> Iterator[Found]:
    for name, question in survey.questions.items():
        for value in repeated(question.values):
            yield (
                f"questions.{name}.answers",
                f'the answer "{value}" stands twice',
                "each answer once",
                "Take one out.",
            )


def _segments(survey: Survey) -> Iterator[Found]:
    for name, segment in survey.segments.items():
        if name == TOTAL:
            yield f"segments.{name}", f'"{name}" is taken', "another name", "Rename the segment."
        key = f"segments.{name}.where"
        yield from condition_faults(key, segment.where.conditions(), survey)


def _weighting(survey: Survey) -> Iterator[Found]:
    """Margins whose unknown answers are declared are there."""
    if survey.weighting is None or survey.targets is None:
        return
    margins = [margin.name for margin in survey.targets.margins]
    for name in survey.weighting.unknown if isinstance(survey.weighting.unknown, dict) else ():
        if name not in margins:
            near = get_close_matches(name, margins, n=1)
            do = f"Did you mean {near[0]}?" if near else "Correct the name."
            key = f"weighting.unknown.{name}"
            yield key, f'there is no margin "{name}"', choices(margins), do


def _reporting(survey: Survey) -> Iterator[Found]:
    for name in survey.report.grid:
        if name not in survey.attributes:
            expected = choices(survey.attributes)
            yield "report.grid", f'there is no attribute "{name}"', expected, "Correct the name."
    for name in survey.report.colours:
        if name not in survey.segments:
            expected = choices(survey.segments)
            yield f"report.colours.{name}", f'there is no segment "{name}"', expected, "Correct it."
    for key in ("outcome", "grid_outcome"):
        name = getattr(survey.report, key)
        if name and name not in survey.outcomes:
            expected = choices(survey.outcomes)
            yield f"report.{key}", f'there is no outcome "{name}"', expected, "Correct the name."
