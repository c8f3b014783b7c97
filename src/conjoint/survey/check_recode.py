"""Whether recodes fit: one meaning a text, bands without gaps, values that somebody knows."""

from __future__ import annotations

import math
from collections import Counter
from difflib import get_close_matches
from itertools import pairwise
from typing import TYPE_CHECKING

from conjoint.errors import choices
from conjoint.survey.recode import tidy_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from conjoint.survey.check_data import Found
    from conjoint.survey.model import Survey
    from conjoint.survey.question import Outcome, Question
    from conjoint.survey.recode import Band, Recode

__all__ = ["recode_faults"]


def recode_faults(survey: Survey) -> Iterator[Found]:
    """What does not fit in the recodes: key, what is wrong, what was expected, what to do."""
    owners: dict[str, str] = {}
    for name, recode in survey.recode.items():
        key = f"recode.{name}"
        yield from _meanings(key, recode)
        yield from _bands(key, recode)
        yield from _values(key, name, recode, survey)
        yield from _columns(key, name, survey, owners)


def _columns(key: str, name: str, survey: Survey, owners: dict[str, str]) -> Iterator[Found]:
    """A column is recoded once, and ids not at all; an empty cell of a profile has one meaning."""
    recode, columns = survey.recode[name], survey.recode_columns(name)
    of_profiles = survey.profile_columns()
    if recode.of and (len(columns) > 1 or columns[0] in of_profiles):
        what, expected = f'"{recode.of}" is not one column', "a column of respondents"
        yield f"{key}.of", what, expected, "Name the column."
    if recode.of and name in (*survey.attributes, *survey.outcomes):
        yield key, f'"{name}" is taken', "a name of its own", "Give the recode another name."
    if recode.empty is not None:
        yield from _empty(key, name, survey)
    for column in (name,) if recode.of else columns:
        if survey.data is not None and column == survey.data.respondent:
            what = f'"{column}" holds the ids of respondents, which are no answers'
            yield key, what, "another column", "Take it out."
        if owners.setdefault(column, name) != name:
            what = f'the column "{column}" is recoded by recode.{owners[column]} as well'
            yield key, what, "one recode a column", "Put them together."
            return


def _empty(key: str, name: str, survey: Survey) -> Iterator[Found]:
    """What an empty cell of a profile may mean."""
    recode, data = survey.recode[name], survey.data
    for own in recode.columns or (name,):
        if own in survey.attributes and not survey.attributes[own].is_always:
            what = f'"{own}" is not always shown, and an empty cell says that it is not'
            yield f"{key}.empty", what, 'presence = "always"', "Take one of them out."
    if survey.profile_columns().isdisjoint(survey.recode_columns(name)):
        return
    if recode.missing:
        what = "stands beside `missing`: an empty cell of a profile and one that counts as empty are one"
        yield f"{key}.empty", what, "one of them", "Name the texts of `missing` as aliases."
    if data is not None and data.name and name not in survey.outcomes:
        what = "is about columns that hold several attributes"
        yield f"{key}.empty", what, "a recode of the attribute", "Name the recode as the attribute."


def _meanings(key: str, recode: Recode) -> Iterator[Found]:
    """Each text has one meaning."""
    texts = [tidy_text(text) for text in recode.texts]
    for text, count in Counter(texts).items():
        if not text:
            what, do = "names an empty text", "Say what an empty cell means as `empty`."
            yield key, what, "texts that cells hold", do
        elif count > 1:
            what = f'"{text}" has two meanings'
            yield key, what, "one value for it, or `missing`", "Take one out."
    for name in recode.bands:
        if not tidy_text(name):
            yield f"{key}.bands", "a band has no name", "a text", "Name it."
    for value in recode.aliases:
        if not tidy_text(value):
            what = "an alias has no value"
            yield f"{key}.aliases", what, "a text", "Name texts that mean nothing as `missing`."
        elif tidy_text(value) in texts and tidy_text(value) not in map(
            tidy_text, recode.aliases[value]
        ):
            what = f'"{value}" is what cells are read as, and is itself read as something else'
            yield f"{key}.aliases", what, "values that stay as they are", "Correct the aliases."
    if recode.empty is not None and not tidy_text(recode.empty):
        what = "is an empty text"
        yield f"{key}.empty", what, "what an empty cell means", "Take it out: it is missing."


def _bands(key: str, recode: Recode) -> Iterator[Found]:
    """Bands neither overlap nor leave a whole number out between them."""
    for (name, band), (later, higher) in pairwise(recode.ordered_bands()):
        low = higher.ends[0]
        if band.holds(low) or low < band.ends[1] or low == -math.inf:
            what = f'the bands "{name}" ({band.words}) and "{later}" ({higher.words}) overlap'
            expected = "bands that share no number"
            yield f"{key}.bands", what, expected, "Correct their ends."
        elif (number := _left_out(band, low)) is not None:
            what = f'{number:g} lies between the bands "{name}" and "{later}", in neither'
            yield f"{key}.bands", what, "bands without gaps", "Correct their ends, or add a band."


def _left_out(band: Band, low: float) -> float | None:
    """The first whole number above a band and below the next one."""
    top = band.ends[1]
    number = float(math.ceil(top) if band.below is not None else math.floor(top) + 1)
    return number if number < low else None


def _values(key: str, name: str, recode: Recode, survey: Survey) -> Iterator[Found]:
    """What cells are read as is known, and what is known is not read as something else."""
    declared = _declared(survey, name, recode)
    if declared is None:
        return
    what, known, scale = declared
    for value in recode.values:
        through = any(band.holds(_number(value)) for band in recode.bands.values())
        if value in known or (value in recode.aliases and through):
            continue
        if scale is not None and scale[0] <= _number(value) <= scale[1]:
            continue
        expected = (
            choices(known) if scale is None else f"a number from {scale[0]:g} to {scale[1]:g}"
        )
        near = get_close_matches(value, known, n=1)
        do = f"Did you mean {near[0]}?" if near else "Correct it, or declare it there."
        yield key, f'reads cells as "{value}", which is not {what}', expected, do
    for text in recode.texts:
        if text in known and recode.alias_of.get(text) != text:
            said = f'"{recode.alias_of[text]}"' if text in recode.alias_of else "missing"
            wrong = f'"{text}" is {what}, and is read as {said}'
            yield key, wrong, "texts that are not declared", "Take it out of one of them."


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _declared(
    survey: Survey, name: str, recode: Recode
) -> tuple[str, Collection[str], tuple[float, float] | None] | None:
    """What the columns hold: in words, the texts that are declared, and the ends of a scale."""
    if name in survey.attributes and not (recode.of or recode.columns):
        attribute = survey.attributes[name]
        return f'a level of "{name}"', attribute.values, None
    if name in survey.outcomes and not (recode.of or recode.columns):
        return _of_outcome(name, survey.outcomes[name])
    for asked, question in survey.questions.items():
        if not recode.columns and (
            name in question.stored(asked).values() or (name == asked and not recode.of)
        ):
            return _of_question(asked, question)
    return None


def _of_outcome(
    name: str, outcome: Outcome
) -> tuple[str, Collection[str], tuple[float, float] | None] | None:
    what = f'an answer to "{name}"'
    if outcome.kind == "rating":
        return what, outcome.missing, outcome.ends
    answers = (*outcome.choosing, *outcome.positive, *outcome.negative, *outcome.none)
    return (what, (*answers, *outcome.missing), None) if answers else None


def _of_question(
    name: str, question: Question
) -> tuple[str, Collection[str], tuple[float, float] | None] | None:
    what = f'an answer to "{name}"'
    if question.kind == "multiple":
        return None
    if question.kind == "scale" and question.min is not None and question.max is not None:
        return what, question.missing, (question.min, question.max)
    return what, (*question.values, *question.missing), None
