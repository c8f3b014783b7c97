"""Whether questions, nets, scores and crossbreaks fit one another."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from conjoint.errors import choices
from conjoint.survey.model import TOTAL

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from conjoint.survey.model import Survey
    from conjoint.survey.question import Net, Question
    from conjoint.survey.rule import Condition

__all__ = ["condition_faults", "crossbreak_faults", "question_faults"]

Found = tuple[str, str, str, str]

OWN = {
    "multiple": ("columns", "selected", "unselected", "separator", "mentions"),
    "grid": ("items",),
    "scale": ("min", "max"),
}
"""Keys that belong to one kind of question alone."""

MEAN = "mean"


def question_faults(survey: Survey) -> Iterator[Found]:
    """What does not fit in the questions: key, what is wrong, what was expected, what to do."""
    for name, question in survey.questions.items():
        key = f"questions.{name}"
        yield from _foreign_keys(key, question)
        yield from _stored(key, name, question)
        for label, net in question.nets.items():
            yield from _net(f"{key}.nets.{label}", label, net, question)
        yield from _scores(f"{key}.scores", question)
        if question.filter is not None:
            yield from condition_faults(f"{key}.filter", question.filter.conditions(), survey)
        if question.kind == "grid" and question.headline is not None:
            what = "one answer leads for one item, not for all"
            yield f"{key}.headline", what, "none in a grid", "Take it out."


def crossbreak_faults(survey: Survey) -> Iterator[Found]:
    """What does not fit in the crossbreaks, as :func:`question_faults`."""
    named = [crossbreak.label or crossbreak.column for crossbreak in survey.crossbreaks]
    for index, crossbreak in enumerate(survey.crossbreaks):
        key = f"crossbreaks[{index}]"
        if named.index(named[index]) < index:
            what = f'"{named[index]}" stands twice'
            yield key, what, "each crossbreak once", "Take one out, or give it another label."
        if TOTAL in crossbreak.groups:
            yield f"{key}.groups", f'"{TOTAL}" is taken', "another name", "Rename the group."
        own = _question_of(survey, crossbreak.column)
        if own is not None and own.kind == "scale" and not crossbreak.groups:
            yield (
                f"{key}.groups",
                f'"{crossbreak.column}" is a scale, and its groups are not said',
                'groups such as { "7 to 10" = { min = 7 } }',
                "Declare the groups.",
            )
        pairs = ((crossbreak.column, condition) for condition in crossbreak.groups.values())
        yield from condition_faults(f"{key}.groups", pairs, survey)


def _foreign_keys(key: str, question: Question) -> Iterator[Found]:
    for kind, names in OWN.items():
        for name in names:
            given = getattr(question, name) not in ((), {}, "", None)
            if kind != question.kind and given:
                what = f"does not go with kind {question.kind}"
                yield f"{key}.{name}", what, f"a question of kind {kind}", "Take it out."


def _stored(key: str, name: str, question: Question) -> Iterator[Found]:
    if question.columns and set(question.columns) != set(question.values):
        yield (
            f"{key}.columns",
            f"holds {choices(question.columns)}",
            f"a column for each of the answers: {choices(question.values)}",
            "Name a column for each answer.",
        )
    for column, count in Counter(question.stored(name).values()).items():
        if count > 1:
            part = next((p for p in ("columns", "mentions") if getattr(question, p)), "items")
            what = f'the column "{column}" stands twice'
            yield f"{key}.{part}", what, "a column each", "Correct one of them."
    both = [text for text in question.selected if text in question.unselected]
    if both:
        what = f"{choices(both)} stand(s) in both `selected` and `unselected`"
        yield f"{key}.selected", what, "one of the two", "Correct it."


def _net(key: str, label: str, net: Net, question: Question) -> Iterator[Found]:
    if label in (*question.values, MEAN):
        yield key, f'"{label}" is taken', "a name of its own", "Rename the net."
    for answer in net.answers:
        if question.kind == "scale":
            fits = _is_point(answer, question)
            expected = f"a number from {question.min:g} to {question.max:g}"
        else:
            fits, expected = answer in question.values, choices(question.values)
        if not fits:
            yield key, f'"{answer}" is not one of the answers', expected, "Correct the answer."


def _is_point(answer: str, question: Question) -> bool:
    low, high = question.min, question.max
    try:
        return low is not None and high is not None and low <= float(answer) <= high
    except ValueError:
        return False


def _scores(key: str, question: Question) -> Iterator[Found]:
    if not question.scores:
        return
    if question.kind in ("scale", "multiple"):
        what = f"do not go with kind {question.kind}"
        yield key, what, "a question of kind single or grid", "Take them out."
        return
    for answer in question.scores:
        if answer not in question.values:
            what = f'"{answer}" is not one of the answers'
            yield key, what, choices(question.values), "Correct the answer."
    if MEAN in question.values:
        yield f"{key}", f'"{MEAN}" is an answer, too', "another word for it", "Rename the answer."


def condition_faults(
    key: str, conditions: Iterable[tuple[str, Condition]], survey: Survey
) -> Iterator[Found]:
    """Numbers of columns that hold some, and answers that exist."""
    seconds = survey.data.duration if survey.data else ""
    for column, condition in conditions:
        question = _question_of(survey, column)
        is_scale = question is not None and question.kind == "scale"
        if condition.is_numeric and not is_scale and column != (seconds or None):
            yield (
                f"{key}.{column}",
                "min and max need a column of numbers",
                'a [questions] entry for the column with kind = "scale"',
                "Declare the question, or list the answers instead.",
            )
        if question is not None and question.kind in ("single", "grid"):
            for value in condition.values:
                if value not in question.values:
                    what = f'"{value}" is not an answer to "{column}"'
                    yield f"{key}.{column}", what, choices(question.values), "Correct the answer."


def _question_of(survey: Survey, column: str) -> Question | None:
    """The question whose answers a column holds."""
    for name, question in survey.questions.items():
        if column in question.stored(name).values():
            return question
    return None
