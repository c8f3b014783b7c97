"""Names as people read them: groups, levels, outcomes, questions, margins, crossbreaks, and rules in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conjoint.say.number import between
from conjoint.say.phrase import phrase
from conjoint.say.words import listed, sentence_case
from conjoint.survey import INTERLOCK, TOTAL
from conjoint.survey.rule import as_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from conjoint.survey import Condition, Survey

__all__ = [
    "answer_label",
    "attribute_behind",
    "column_label",
    "condition_words",
    "crossbreak_label",
    "group_label",
    "is_share",
    "level_label",
    "level_pair",
    "level_phrase",
    "levels_in",
    "levels_label",
    "levels_phrase",
    "margin_label",
    "merged_note",
    "outcome_label",
    "question_label",
    "shown_rules",
    "subject_label",
    "value_label",
]

MEASURES = """a about above all always an and any at average bad basic below best better both certain
different don't equal ever excellent extremely fair false good great half high higher highest included know
large larger least less long low lower lowest many medium more most much neither never no none normal not of
often or other over poor present quite rarely rather same short slightly small smaller some sometimes somewhat
standard strongly than the to true under unlikely up very without worse worst yes"""
"""Words that say how much, how good or whether, and not of what."""

BARE = frozenset(MEASURES.split())

MOST_NAMED = 10
"""Attributes of a rule that are named; more are counted."""


def group_label(survey: Survey, group: str) -> str:
    """The total or a segment as shown; any other group by its own name."""
    return phrase("words.all") if group == TOTAL else survey.segment_label(group)


def outcome_label(survey: Survey, outcome: str) -> str:
    """An outcome as shown."""
    return (survey.outcomes[outcome].label if outcome in survey.outcomes else "") or outcome


def question_label(survey: Survey, question: str, item: str = "") -> str:
    """A question as shown, with its item where it is a grid."""
    if question not in survey.questions:
        return question
    asked = survey.questions[question]
    label = asked.label or question
    return f"{label}: {asked.items[item].label or item}" if item in asked.items else label


def subject_label(survey: Survey, kind: str, outcome: object, item: object = "") -> str:
    """The question of a topline, or the outcome of any other figure, as shown."""
    if kind != "topline":
        return outcome_label(survey, str(outcome))
    return question_label(survey, str(outcome), str(item))


def answer_label(survey: Survey, question: str, answer: str) -> str:
    """An answer to a question as shown, or as it is where the survey has no such question."""
    asked = survey.questions.get(question)
    return asked.shown(answer) if asked else answer


def value_label(survey: Survey, row: Mapping[Any, Any], value: object) -> str:
    """The answer or the level of a row of figures as shown, or as it is where the survey has none such."""
    text = str(value)
    if row["kind"] == "topline":
        mean = row["estimand"] == "mean"
        return phrase("words.mean") if mean else answer_label(survey, row["outcome"], text)
    known = survey.attributes.get(row["attribute"])
    is_level = known is not None and text in known.values
    return survey.level(row["attribute"], text).shown if is_level else text


def is_share(survey: Survey, outcome: str) -> bool:
    """Whether an outcome's figures are shares, and not ratings."""
    return survey.outcomes[outcome].kind != "rating"


def crossbreak_label(crossbreak: str) -> str:
    """A crossbreak's heading: the name of a bare column as words.

    Examples
    --------
    >>> crossbreak_label("age_group")
    'Age group'
    """
    return sentence_case(crossbreak.replace("_", " "))


def column_label(label: str, letter: str) -> str:
    """A column's label with its letter.

    Examples
    --------
    >>> column_label("Labour", "b"), column_label("Total", "")
    ('Labour (b)', 'Total')
    """
    return f"{label} ({letter})" if letter else label


def margin_label(survey: Survey, margin: str) -> str:
    """A margin as a reader knows it: questions by their labels, other columns as words."""
    names = {survey.question_column(key): q.label for key, q in survey.questions.items() if q.label}
    words = phrase("words.by").join(
        names.get(part, part.replace("_", " ")) for part in margin.split(INTERLOCK)
    )
    return sentence_case(words)


def level_label(survey: Survey, attribute: str, value: str) -> str:
    """A level as shown, with a dagger where it is assumed."""
    level = survey.level(attribute, value)
    assumed = level.assumed or survey.attributes[attribute].assumed
    return f"{level.shown}\u00a0†" if assumed else level.shown


def level_phrase(
    survey: Survey, attribute: str, value: str, write: Callable[[str], str] = str
) -> str:
    """Write a level as a sentence has it: in quotation marks, its attribute after it where that is needed.

    It is needed where the level's text is one word or number, says only how much or whether, or is a
    level of another attribute too.

    Parameters
    ----------
    write
        How the survey's texts are written, such as escaped.
    """
    text = write(level_label(survey, attribute, value))
    return f"“{text}”{attribute_behind(survey, attribute, value, write)}"


def attribute_behind(
    survey: Survey, attribute: str, value: str, write: Callable[[str], str] = str
) -> str:
    """Write the attribute in brackets, to stand behind a level that needs it; empty where none does."""
    if not _is_bare(survey, attribute, survey.level(attribute, value).shown):
        return ""
    return f" ({write(survey.attribute_label(attribute))})"


def level_pair(
    survey: Survey, attribute: str, first: str, second: str, write: Callable[[str], str] = str
) -> tuple[str, str]:
    """Write two levels of an attribute as `level_phrase` does; where both need it, it stands once."""
    high, low = (level_phrase(survey, attribute, value, write) for value in (first, second))
    label = f" ({write(survey.attribute_label(attribute))})"
    return high, low.removesuffix(label) if high.endswith(label) else low


def levels_label(survey: Survey, attribute: str, values: str | Sequence[str]) -> str:
    """Name levels that are put together: each of two, or of several the first and the last.

    Parameters
    ----------
    values
        The levels in their order, or their names joined as in a bundle's `across` and `down`.

    Notes
    -----
    Words that all labels end on stand once ("5,000 or 10,000 a year"); a later label that begins with a word of
    how much begins small ("40,000 or no cap"). All are named where the first begins with such a word, or one has
    a "to" of its own ("No reduction, 25% or 50% fewer"). A dagger stands where any of the levels is assumed.
    """
    values = levels_in(survey, attribute, values)
    if len(values) == 1:
        return level_label(survey, attribute, values[0])
    levels = [survey.level(attribute, value) for value in values]
    words = [level.shown.split() for level in levels]
    for later in words[1:]:
        later[0] = later[0].lower() if later[0].casefold() in BARE else later[0]
    # What all end on is left to the last one; each keeps a word.
    shared, most = 0, min(map(len, words)) - 1
    while shared < most and len({own[-1 - shared] for own in words}) == 1:
        shared += 1
    texts = [" ".join(own[: len(own) - shared]) for own in words[:-1]] + [" ".join(words[-1])]
    text = listed(texts, either=True)
    if (
        len(texts) > 2
        and words[0][0].casefold() not in BARE
        and not any("to" in own for own in words)
    ):
        text = phrase("grid.span", first=texts[0], last=texts[-1])
    assumed = survey.attributes[attribute].assumed or any(level.assumed for level in levels)
    return f"{text}\u00a0†" if assumed else text


def levels_phrase(
    survey: Survey,
    attribute: str,
    values: str | Sequence[str],
    write: Callable[[str], str] = str,
) -> str:
    """Write levels that are put together as `level_phrase` writes one, with the attribute where any needs it."""
    values = levels_in(survey, attribute, values)
    if len(values) == 1:
        return level_phrase(survey, attribute, values[0], write)
    text = write(levels_label(survey, attribute, values))
    behind = (attribute_behind(survey, attribute, value, write) for value in values)
    return f"“{text}”{next(filter(None, behind), '')}"


def merged_note(
    survey: Survey, cells: Iterable[tuple[str, str]], write: Callable[[str], str] = str
) -> str:
    """Say that levels of the grid are put together, if those of a cell are; empty where none are.

    Parameters
    ----------
    cells
        Of a bundle's ``joint_means``: `across` and `down` of each.
    """
    names = [zip(survey.report.grid, map(str, cell), strict=True) for cell in cells]
    if all(len(levels_in(survey, *side)) == 1 for cell in names for side in cell):
        return ""
    return phrase("grid.merged_note", profiles=write(survey.report.profiles))


def levels_in(survey: Survey, attribute: str, values: str | Sequence[str]) -> list[str]:
    """Levels by themselves, where their names are joined; a level whose own name has the joint is one."""
    if not isinstance(values, str):
        return [*values]
    return [values] if values in survey.attributes[attribute].values else values.split(INTERLOCK)


def condition_words(condition: Condition) -> str:
    """Say a condition of a rule in plain words."""
    parts = []
    for key, values in (("is", condition.one_of), ("is_not", condition.none_of)):
        if values is not None:
            parts.append(phrase(f"words.rule.{key}", what=phrase("words.or").join(values)))
    low, high = (None if end is None else as_text(end) for end in (condition.min, condition.max))
    if low is not None and high is not None:
        parts.append(phrase("words.rule.is", what=between(low, high)))
    elif low is not None:
        parts.append(phrase("words.rule.is", what=phrase("words.or_more", number=low)))
    elif high is not None:
        parts.append(phrase("words.rule.is", what=phrase("words.or_less", number=high)))
    if condition.empty is not None:
        parts.append(phrase("words.rule.empty" if condition.empty else "words.rule.not_empty"))
    return phrase("words.and").join(parts)


def shown_rules(survey: Survey, write: Callable[[str], str] = str) -> Iterator[str]:
    """Say which attributes are not always shown, and which differ within a task: a sentence each.

    Parameters
    ----------
    write
        How the survey's texts are written, such as escaped.
    """
    groups: dict[str, list[str]] = {}
    for name, attribute in survey.attributes.items():
        arm = attribute.presence
        if attribute.is_always:
            continue
        where = phrase("words.rule.in_some")
        if not isinstance(arm, str):
            answers = write(phrase("words.or").join(arm.arm))
            where = phrase("words.rule.to_arm", answers=answers, column=write(arm.column))
        groups.setdefault(where, []).append(write(survey.attribute_label(name)))
    for where, names in groups.items():
        counted = phrase("words.rule.of_the_attributes", count=len(names))
        what = ", ".join(names) if len(names) <= MOST_NAMED else counted
        yield phrase("words.rule.shown_only", where=where, attributes=what)
    if survey.distinct:
        labels = ", ".join(write(survey.attribute_label(name)) for name in survey.distinct)
        yield phrase("words.rule.distinct", attributes=labels)


def _is_bare(survey: Survey, attribute: str, text: str) -> bool:
    """Return True for the text of a level that does not say what it is a level of."""
    plain = " ".join(text.casefold().split())
    words = [word.strip(".,;:!?()") for word in plain.replace("’", "'").split()]
    letters = [word for word in words if any(letter.isalpha() for letter in word)]
    if len(words) < 2 or BARE.issuperset(letters):
        return True
    return any(
        plain == " ".join(level.shown.casefold().split())
        for name, other in survey.attributes.items()
        if name != attribute
        for level in other.levels
    )
