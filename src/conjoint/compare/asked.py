"""What was asked differently in two waves: questions, answers, nets, and who was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjoint.compare.flag import Flag
from conjoint.say.number import between, exact
from conjoint.say.phrase import phrase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conjoint.survey import Question, Rule, Survey

__all__ = ["question_flags", "reworded", "rule_key", "same_words"]


def same_words(first: str, second: str) -> bool:
    """Whether two texts are the same but for spaces and capitals."""
    return " ".join(first.split()).casefold() == " ".join(second.split()).casefold()


def reworded(first: str, second: str, what: str) -> tuple[str, str] | None:
    """How the wording of something changed: its bearing and a sentence; None where it is the same."""
    if first == second:
        return None
    if same_words(first, second):
        return "noted", phrase("comparison.flag.spacing", what=what)
    if not (first.strip() and second.strip()):
        which = "first" if not first.strip() else "second"
        return "care", phrase(f"comparison.flag.unsaid_{which}", what=what)
    changed = phrase("comparison.flag.changed", what=what, first=first, second=second)
    return "not compared", changed


def rule_key(rule: Rule | None) -> object:
    """A rule as something that is equal for equal rules, whatever the order they are written in."""
    if rule is None:
        return None
    return frozenset(
        frozenset(
            (column, frozenset(c.one_of or ()), frozenset(c.none_of or ()), c.min, c.max)
            for column, c in alternative.items()
        )
        for alternative in rule.any_of
    )


def question_flags(first: Survey, second: Survey) -> Iterator[Flag]:
    """Every way in which the questions of two waves differ."""
    for name, one in first.questions.items():
        if name in second.questions:
            yield from _of_question(name, one, second.questions[name])
    for survey, other, which in ((first, second, "first"), (second, first, "second")):
        for name, question in survey.questions.items():
            if name not in other.questions and question.topline:
                label = question.label or name
                text = phrase(f"comparison.flag.asked_{which}", question=label)
                yield Flag("asked", name, "noted", text)


def _of_question(name: str, one: Question, two: Question) -> Iterator[Flag]:
    whole = ({"kind": "topline", "outcome": name},)
    label = two.label or one.label or name
    found = reworded(one.text, two.text, phrase("comparison.wording.question", question=label))
    if found is not None:
        yield Flag("wording", name, found[0], found[1], whole)  # type: ignore[arg-type]
    if one.kind != two.kind or (one.min, one.max) != (two.min, two.max):
        text = phrase("comparison.flag.kind", question=label, first=_scale(one), second=_scale(two))
        yield Flag("answers", name, "not compared", text, whole)
    elif set(one.values) != set(two.values):
        difference = _difference(one.values, two.values)
        text = phrase("comparison.flag.answers", question=label, difference=difference)
        yield Flag("answers", name, "not compared", text, whole)
    else:
        yield from _of_answers(name, label, one, two)
    if set(one.missing) != set(two.missing):
        difference = _difference(one.missing, two.missing)
        text = phrase("comparison.flag.missing", question=label, difference=difference)
        yield Flag("answers", name, "not compared", text, whole)
    if rule_key(one.filter) != rule_key(two.filter):
        text = phrase("comparison.flag.filter", question=label)
        yield Flag("asked", name, "not compared", text, whole)
    yield from _of_parts(name, label, one, two)


def _of_answers(name: str, label: str, one: Question, two: Question) -> Iterator[Flag]:
    whole = ({"kind": "topline", "outcome": name},)
    for value in one.values:
        what = phrase("comparison.wording.answer", question=label)
        found = reworded(one.shown(value), two.shown(value), what)
        if found is not None:
            yield Flag("answers", name, found[0], found[1], whole)  # type: ignore[arg-type]
    if one.values != two.values:
        text = phrase("comparison.flag.order", question=label)
        yield Flag("answers", name, "care", text, whole)


def _of_parts(name: str, label: str, one: Question, two: Question) -> Iterator[Flag]:
    """Nets, scores and the items of a grid: each touches its own figures."""
    for net in one.nets.keys() & two.nets.keys():
        mine, theirs = one.nets[net], two.nets[net]
        if (set(mine.plus), set(mine.minus)) != (set(theirs.plus), set(theirs.minus)):
            text = phrase("comparison.flag.net", net=net, question=label)
            touched = ({"kind": "topline", "outcome": name, "level": net},)
            yield Flag("answers", name, "not compared", text, touched)
    if one.scores != two.scores:
        text = phrase("comparison.flag.scores", question=label)
        touched = ({"kind": "topline", "outcome": name, "estimand": "mean"},)
        yield Flag("answers", name, "not compared", text, touched)
    for item in one.items.keys() & two.items.keys():
        what = phrase("comparison.wording.item", item=item, question=label)
        found = reworded(one.items[item].label, two.items[item].label, what)
        if found is not None:
            touched = ({"kind": "topline", "outcome": name, "item": item},)
            yield Flag("wording", name, found[0], found[1], touched)  # type: ignore[arg-type]
    if one.items.keys() != two.items.keys():
        difference = _difference(one.items, two.items)
        text = phrase("comparison.flag.items", question=label, difference=difference)
        yield Flag("asked", name, "care", text, ({"kind": "topline", "outcome": name},))


def _scale(question: Question) -> str:
    if question.min is None or question.max is None:
        return question.kind
    ends = between(exact(question.min), exact(question.max))
    return phrase("comparison.flag.scale", kind=question.kind, range=ends)


def _difference(first: object, second: object) -> str:
    """What is gone and what is new."""
    one, two = list(first), list(second)  # type: ignore[call-overload]
    gone = ", ".join(f"“{value}”" for value in one if value not in two)
    new = ", ".join(f"“{value}”" for value in two if value not in one)
    if gone and new:
        return phrase("comparison.flag.gone_and_new", gone=gone, new=new)
    if gone:
        return phrase("comparison.flag.gone", values=gone)
    return phrase("comparison.flag.new", values=new) if new else ""
