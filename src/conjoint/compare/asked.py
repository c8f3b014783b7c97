"""What was asked differently in two waves: questions, answers, nets, and who was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjoint.compare.flag import Flag
from conjoint.say.number import between, exact

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
        return "noted", f"{what}: only spaces or capitals differ."
    if not (first.strip() and second.strip()):
        which = "first" if not first.strip() else "second"
        return "care", f"{what}: the {which} wave does not say its wording, so nobody can tell."
    return "not compared", f"{what} changed from “{first}” to “{second}”."


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
                text = f"“{question.label or name}” was asked in the {which} wave only."
                yield Flag("asked", name, "noted", text)


def _of_question(name: str, one: Question, two: Question) -> Iterator[Flag]:
    whole = ({"kind": "topline", "outcome": name},)
    label = two.label or one.label or name
    found = reworded(one.text, two.text, f"The wording of “{label}”")
    if found is not None:
        yield Flag("wording", name, found[0], found[1], whole)  # type: ignore[arg-type]
    if one.kind != two.kind or (one.min, one.max) != (two.min, two.max):
        text = f"“{label}” was of another kind or scale: {_scale(one)}, then {_scale(two)}."
        yield Flag("answers", name, "not compared", text, whole)
    elif set(one.values) != set(two.values):
        text = f"The answers to “{label}” changed: {_difference(one.values, two.values)}."
        yield Flag("answers", name, "not compared", text, whole)
    else:
        yield from _of_answers(name, label, one, two)
    if set(one.missing) != set(two.missing):
        text = f"What counts as no answer to “{label}” changed: {_difference(one.missing, two.missing)}."
        yield Flag("answers", name, "not compared", text, whole)
    if rule_key(one.filter) != rule_key(two.filter):
        text = f"“{label}” was put to others: its rule of who is asked changed."
        yield Flag("asked", name, "not compared", text, whole)
    yield from _of_parts(name, label, one, two)


def _of_answers(name: str, label: str, one: Question, two: Question) -> Iterator[Flag]:
    whole = ({"kind": "topline", "outcome": name},)
    for value in one.values:
        found = reworded(one.shown(value), two.shown(value), f"An answer to “{label}”")
        if found is not None:
            yield Flag("answers", name, found[0], found[1], whole)  # type: ignore[arg-type]
    if one.values != two.values:
        text = f"The answers to “{label}” stood in another order."
        yield Flag("answers", name, "care", text, whole)


def _of_parts(name: str, label: str, one: Question, two: Question) -> Iterator[Flag]:
    """Nets, scores and the items of a grid: each touches its own figures."""
    for net in one.nets.keys() & two.nets.keys():
        mine, theirs = one.nets[net], two.nets[net]
        if (set(mine.plus), set(mine.minus)) != (set(theirs.plus), set(theirs.minus)):
            text = f"The net “{net}” of “{label}” takes other answers together."
            touched = ({"kind": "topline", "outcome": name, "level": net},)
            yield Flag("answers", name, "not compared", text, touched)
    if one.scores != two.scores:
        text = f"The answers to “{label}” have other scores, so that their mean is another."
        touched = ({"kind": "topline", "outcome": name, "estimand": "mean"},)
        yield Flag("answers", name, "not compared", text, touched)
    for item in one.items.keys() & two.items.keys():
        found = reworded(
            one.items[item].label, two.items[item].label, f"The item “{item}” of “{label}”"
        )
        if found is not None:
            touched = ({"kind": "topline", "outcome": name, "item": item},)
            yield Flag("wording", name, found[0], found[1], touched)  # type: ignore[arg-type]
    if one.items.keys() != two.items.keys():
        text = f"“{label}” had other items: {_difference(one.items, two.items)}."
        yield Flag("asked", name, "care", text, ({"kind": "topline", "outcome": name},))


def _scale(question: Question) -> str:
    if question.min is None or question.max is None:
        return question.kind
    return f"{question.kind} from {between(exact(question.min), exact(question.max))}"


def _difference(first: object, second: object) -> str:
    """What is gone and what is new."""
    one, two = list(first), list(second)  # type: ignore[call-overload]
    gone = ", ".join(f"“{value}”" for value in one if value not in two)
    new = ", ".join(f"“{value}”" for value in two if value not in one)
    return "; ".join(
        part for part in (f"{gone} gone" * bool(gone), f"{new} new" * bool(new)) if part
    )
