"""Whether what is said of the file fits the rest of the survey: patterns, places, exclusions."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

from conjoint.errors import choices
from conjoint.spelling import repeated
from conjoint.survey.check_tables import condition_faults

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conjoint.survey.data import Data
    from conjoint.survey.joined_file import DesignFile
    from conjoint.survey.model import Survey

__all__ = ["Found", "data_faults", "exclusion_faults", "joined_faults"]

Found = tuple[str, str, str, str]

PLACE = re.compile(r"\{[^{}]*\}")


def data_faults(survey: Survey) -> Iterator[Found]:
    """What does not fit in [data]: key, what is wrong, what was expected, what to do."""
    data = survey.data
    if data is None:
        return
    for key, singular in (("tasks", "task"), ("profiles", "profile"), ("positions", "position")):
        for value in repeated(getattr(data, key)):
            what = f'the {singular} "{value}" stands twice'
            yield f"data.{key}", what, f"each {singular} once", "Take one out."
    if not data.respondent.strip():
        expected = "the column of respondents' ids"
        yield "data.respondent", "names no column", expected, "Name the column."
    yield from _patterns(survey, data)
    yield from _positions(survey, data)
    yield from _rows(survey, data)
    yield from _repeat(data)
    yield from _shared_columns(survey, data)
    yield from _blank_levels(survey, data)
    yield from _encoding(data)
    yield from joined_faults(survey, data)


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


def _patterns(survey: Survey, data: Data) -> Iterator[Found]:
    """Every place of a pattern that tells cells apart is in it, and no other is."""
    if data.layout == "long":
        return
    by_task = ["{task}"] * (data.layout == "wide")
    needed = by_task * (len(data.tasks) > 1 or _asks_again(data))
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
    of_outcomes = {*by_task, "{profile}"}
    known = {*of_outcomes, last}
    for key, pattern, allowed in (
        ("data.attribute", data.attribute, known),
        ("data.name", data.name, known),
        *(
            (f"outcomes.{name}.column", outcome.column, of_outcomes)
            for name, outcome in survey.outcomes.items()
        ),
        *(
            (f"outcomes.{name}.columns.{task}", column, {"{profile}"})
            for name, outcome in survey.outcomes.items()
            for task, column in outcome.columns.items()
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
    if data.layout != "wide":
        what = f"does not fit a {data.layout} layout"
        yield "data.name", what, "a column an attribute", "Take it out."
        return
    if "{position}" not in data.name:
        yield (
            "data.name",
            f'"{data.name}" is no pattern for the attributes\' names',
            "one with {position}",
            "Write the place of the position as {position}.",
        )
    always = sum(attribute.is_always for attribute in survey.attributes.values())
    if len(data.positions) < always:
        what = f"{len(data.positions)} position(s) for {always} attributes"
        do = 'Add the others, or declare presence = "some" of attributes not always shown.'
        yield "data.positions", what, "one an attribute that is always shown", do
    owners: dict[str, set[str]] = {}
    for key, attribute in survey.attributes.items():
        for text in {attribute.column, key, attribute.label} - {""}:
            owners.setdefault(text, set()).add(key)
    for text, keys in owners.items():
        if len(keys) > 1:
            what = f'"{text}" names more than one attribute ({choices(sorted(keys))})'
            yield "data.name", what, "a name of its own for each", "Give each its own `column`."


def _rows(survey: Survey, data: Data) -> Iterator[Found]:
    """What says which rows are a task, a profile or the option of none."""
    for key in ("rows", "none_rows", "position"):
        if getattr(data, key) and (
            data.layout == "wide" or (key == "rows" and data.layout == "tasks")
        ):
            what = f"does not fit a {data.layout} layout"
            yield f"data.{key}", what, "a file of several rows a respondent", "Take it out."
    if data.rows and data.task:
        what = f"stands beside data.task ({choices(data.task)})"
        yield "data.rows", what, "one of them", "Take the other out."
    if data.position and "{attribute}" not in data.position:
        what = f'"{data.position}" names no attribute'
        do = "Write the place of the attribute's name as {attribute}."
        yield "data.position", what, "a pattern with {attribute}", do
    for name, attribute in survey.attributes.items():
        key = f"attributes.{name}.cells"
        if attribute.cells and data.name:
            what, expected = "does not fit attributes that stand by position", "columns of levels"
            yield key, what, expected, "Take it out."
        lacking = [value for value in attribute.values if value not in attribute.cells]
        unknown = [value for value in attribute.cells if value not in attribute.values]
        if attribute.cells and (unknown or len(lacking) > 1):
            what = (
                f"says nothing of {choices(lacking)}"
                if not unknown
                else f"names {choices(unknown)}"
            )
            expected = f"all of {choices(attribute.values)}, or all but one"
            yield key, what, expected, "Correct it."


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
    if repeat.attributes == "same" and data.layout != "wide":
        yield (
            "data.repeat.attributes",
            f'"same" does not fit a {data.layout} layout, where each row holds its profiles',
            '"own"',
            "Take it out, and fill in the rows of the repeated task.",
        )


def _shared_columns(survey: Survey, data: Data) -> Iterator[Found]:
    """Two cells that one column would hold: a pattern whose places run into each other."""
    if data.layout == "long":
        return
    tasks = (*data.tasks, data.repeat.task) if data.repeat and _asks_again(data) else data.tasks
    pairs = list(dict.fromkeys((task, who) for task in tasks or ("",) for who in data.profiles))
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


def joined_faults(survey: Survey, data: Data) -> Iterator[Found]:
    """What says how a design file is joined to the responses."""
    design = survey.design
    if design is None:
        if data.version:
            what, expected = "names versions, and there is no [design]", "the file of the design"
            yield "data.version", what, expected, "Add [design], or take it out."
        return
    if data.version and not design.version:
        what = "is missing, and data.version is there"
        yield "design.version", what, "the column of versions in the design file", "Name it."
    if data.layout != "wide" and PLACE.search(data.version):
        what = f'"{data.version}" is a pattern, which does not fit a {data.layout} layout'
        yield "data.version", what, "one column", "Name the column."
    if data.name:
        yield "data.name", "does not fit a design file", "a column an attribute", "Take it out."
    yield from _joined_pattern(survey, design)
    yield from _joined_keys(data, design)
    yield from _joined_names(data, design)


def _joined_pattern(survey: Survey, design: DesignFile) -> Iterator[Found]:
    """The pattern of columns that stand side by side in a design file."""
    told = {"{task}": design.task, "{profile}": design.profile}
    for place in dict.fromkeys(PLACE.findall(design.attribute)):
        if place not in ("{attribute}", *told):
            expected = "{attribute}, {task} or {profile}"
            what = f'"{place}" is no place of this pattern'
            yield "design.attribute", what, expected, "Correct it."
        elif told.get(place):
            key = place.strip("{}")
            what = f"stands beside {place} in design.attribute"
            yield f"design.{key}", what, "one of them", "Take the other out."
    if design.attribute and "{attribute}" not in design.attribute and len(survey.attributes) > 1:
        what = f'"{design.attribute}" names no attribute'
        do = "Write the place of the attribute's name as {attribute}."
        yield "design.attribute", what, "a pattern with {attribute}", do


def _joined_names(data: Data, design: DesignFile) -> Iterator[Found]:
    """Tasks and profiles that the answers tell by name have to be told by the design too."""
    patterns = design.attribute + (data.version or design.version)
    for key, column, names in (
        ("task", design.task, data.tasks if data.layout == "wide" else ()),
        ("profile", design.profile, data.profiles if data.layout != "long" else ()),
    ):
        place = f"{{{key}}}"
        if len(names) > 1 and not column and place not in patterns:
            what = f"nothing tells which {key} a row of the design file shows"
            do = f"Name its column as design.{key}, or write {place} in design.attribute."
            yield "design", what, f"a column of {key}s, or {place} in a pattern", do
    for key, names in (("tasks", data.tasks), ("profiles", data.profiles)):
        for name in getattr(design, key):
            if names and name not in names:
                what = f'there is no "{name}" in data.{key}'
                yield f"design.{key}", what, choices(names), "Correct the name."


def _joined_keys(data: Data, design: DesignFile) -> Iterator[Found]:
    """Columns of the responses that go with those of the design file; other names of tasks."""
    if data.layout == "wide":
        if len(design.task) > 1:
            what = f"names {len(design.task)} columns"
            yield "design.task", what, "one, as each task has a name", "Name one."
    else:
        if "{task}" in design.attribute and len(data.task) > 1:
            what = f"names {len(data.task)} columns, and design.attribute has {{task}}"
            yield (
                "data.task",
                what,
                "one column of tasks",
                "Name those of the design as design.task.",
            )
        elif (design.task or "{task}" in design.attribute) and not data.task:
            what, do = "is missing, and the design has tasks", "Name the column of the responses."
            yield "data.task", what, "the column that numbers the tasks", do
        elif design.task and len(design.task) != len(data.task):
            what = f"names {len(design.task)} columns, and data.task {len(data.task)}"
            yield (
                "design.task",
                what,
                "a column for each of data.task, in their order",
                "Correct it.",
            )
        profiles = design.profile or "{profile}" in design.attribute
        if data.layout == "long" and profiles and not data.profile:
            what, do = (
                "is missing, and the design has profiles",
                "Name the column of the responses.",
            )
            yield "data.profile", what, "the column that tells the profiles apart", do


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
