"""What a published figure is about, in the survey's own names; and what of it is not there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from conjoint.errors import choices
from conjoint.say.phrase import phrase
from conjoint.survey import INTERLOCK, TOTAL
from conjoint.survey.rule import as_text
from conjoint.toplines.answers import MEAN, items_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from conjoint.survey import PublishedFigure, Question
    from conjoint.wave import Wave

__all__ = ["MissingError", "Wanted", "find_wanted"]


class MissingError(Exception):
    """Something that a published figure is about is not there; its text says what."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A published figure with every name as the survey has it.

    `place` is its position among the published figures. `groups` are keys as `by` takes them: a
    column (empty for everybody and for segments) and the group within it; two for a difference.
    `attributes` are in the survey's order, `levels` and `baselines` in that of `attributes`; a baseline that is not said is empty.
    """

    place: int
    figure: PublishedFigure
    groups: tuple[tuple[str, str], ...]
    item: str = ""
    attributes: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    baselines: tuple[str, ...] = ()

    @property
    def attribute(self) -> str:
        """The attribute, or attributes joined."""
        return INTERLOCK.join(self.attributes)

    @property
    def level(self) -> str:
        """The level, or levels joined."""
        return INTERLOCK.join(self.levels)

    @property
    def baseline(self) -> str:
        """The baseline, or baselines joined; empty where it is not said."""
        return INTERLOCK.join(self.baselines)


def find_wanted(wave: Wave, place: int, figure: PublishedFigure) -> Wanted:
    """Find what a figure is about.

    Raises
    ------
    MissingError
        Says what is not there, and what is instead.
    """
    groups = tuple(_group(wave, group) for group in figure.groups)
    if figure.question:
        return _of_question(wave, place, figure, groups)
    survey = wave.survey
    outcomes = {name: outcome.label for name, outcome in survey.outcomes.items()}
    outcome = _named(_word("outcome"), figure.outcome or survey.main_outcome, outcomes)
    labels = {name: attribute.label for name, attribute in survey.attributes.items()}
    parts = _split(figure.attribute, labels)
    names = tuple(_named(_word("attribute"), part, labels) for part in parts)
    levels = _levels(wave, names, figure.level, "level")
    baselines = _levels(wave, names, figure.baseline, "baseline") if figure.baseline else ()
    order = sorted(range(len(names)), key=lambda part: list(labels).index(names[part]))
    names, levels, baselines = (
        tuple(parts[part] for part in order) if parts else ()
        for parts in (names, levels, baselines)
    )
    figure = replace(figure, outcome=outcome)
    return Wanted(place, figure, groups, "", names, levels, baselines)


def _of_question(
    wave: Wave, place: int, figure: PublishedFigure, groups: tuple[tuple[str, str], ...]
) -> Wanted:
    questions = wave.survey.questions
    labels = {name: question.label for name, question in questions.items()}
    name = _named(_word("question"), figure.question, labels)
    question = questions[name]
    columns = [column for column in question.stored(name).values() if column]
    absent = [column for column in columns if column not in wave.respondent_columns]
    if absent:
        raise MissingError(
            phrase("reproduction.missing.no_column", column=absent[0], question=name)
        )
    item, answer = "", figure.answer
    if question.kind == "grid":
        items = {key: item.label for key, item in question.items.items()}
        head, _, answer = figure.answer.partition(INTERLOCK)
        if not answer:
            raise MissingError(
                phrase(
                    "reproduction.missing.no_item",
                    answer=figure.answer,
                    question=name,
                    items=choices(items_of(question)),
                )
            )
        item = _named(_word("item"), head, items)
    found = _named(_word("answer"), answer, _answers(question))
    return Wanted(place, replace(figure, question=name, answer=found), groups, item)


def _answers(question: Question) -> dict[str, str]:
    known = {answer.value: answer.shown for answer in question.answers}
    known |= dict.fromkeys(question.nets, "")
    if question.kind == "scale" or question.scores:
        known[MEAN] = ""
    return known


def _group(wave: Wave, group: str) -> tuple[str, str]:
    """Where a group is found: everybody, a segment, a crossbreak, or a respondent column's value."""
    if group == TOTAL:
        return "", TOTAL
    segments = {key: segment.label for key, segment in wave.survey.segments.items()}
    column, _, value = group.partition(": ")
    if not value or group in (*segments, *segments.values()):
        key = _named(_word("group"), group, {TOTAL: ""} | segments)
        if not wave.segment(key).any():
            raise MissingError(phrase("reproduction.missing.nobody", segment=key))
        return "", key
    known = dict.fromkeys((*wave.respondent_columns, "task", "profile"), "")
    own = _named(_word("column"), column, known)
    frame = wave.profiles if own in ("task", "profile") else wave.respondents
    values = {as_text(value): "" for value in frame[own].dropna().unique()}
    return own, _named(own, value, values)


def _levels(wave: Wave, names: tuple[str, ...], text: str, what: str) -> tuple[str, ...]:
    attributes = wave.survey.attributes
    if len(names) == 1:
        known = {level.value: level.label for level in attributes[names[0]].levels}
        return (_named(_of(what, names[0]), text, known),)
    parts = text.split(INTERLOCK)
    if len(parts) != len(names):
        raise MissingError(
            phrase(
                "reproduction.missing.parts",
                what=_word(what),
                name=text,
                parts=len(parts),
                attributes=len(names),
            )
        )
    return tuple(
        _named(_of(what, name), part, {own.value: own.label for own in attributes[name].levels})
        for name, part in zip(names, parts, strict=True)
    )


def _split(text: str, known: Iterable[str]) -> list[str]:
    """Attributes joined in one cell; an attribute may hold the sign that joins."""
    return [text] if text in known else text.split(INTERLOCK)


def _named(what: str, name: str, known: Mapping[str, str]) -> str:
    """A key by its name, or by its label where one key alone has it."""
    if name in known:
        return name
    labelled = [key for key, label in known.items() if label and label == name]
    if len(labelled) == 1:
        return labelled[0]
    missing = phrase("reproduction.missing.unknown", what=what, name=name, known=choices(known))
    raise MissingError(missing)


def _word(what: str) -> str:
    return phrase(f"reproduction.missing.{what}")


def _of(what: str, attribute: str) -> str:
    return phrase("reproduction.missing.what_of", what=_word(what), attribute=attribute)
