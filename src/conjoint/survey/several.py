"""What a cell says where several answers may be given."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conjoint.survey.question import Question

__all__ = ["several_answers"]


def several_answers(question: Question, answer: str, text: str) -> frozenset[str] | None:
    """Read one cell of a question of kind ``multiple``.

    Parameters
    ----------
    question
        Its `columns`, its `mentions` or its `separator` say how answers are stored.
    answer
        The answer that the column is about, or the mention's number; empty where one column holds them
        all.
    text
        What the cell holds.

    Returns
    -------
    frozenset of str, or None
        The answers given; empty where the cell says that none was; None where it cannot be read.
        A cell that counts as missing gives none.

    Examples
    --------
    >>> from conjoint.survey import Question
    >>> issues = Question(kind="multiple", separator=",", answers=["Health", "Tax, debt", "War"])
    >>> sorted(several_answers(issues, "", "Tax, debt, War"))
    ['Tax, debt', 'War']
    >>> several_answers(issues, "", "Helth") is None
    True
    """
    if text in question.missing:
        return frozenset()
    if question.mentions:
        known = {shown: a.value for a in question.answers for shown in (a.shown, a.value)}
        return frozenset((known[text],)) if text in known else None
    if answer:
        if text in (question.selected or (answer, question.shown(answer))):
            return frozenset((answer,))
        return frozenset() if text in question.unselected else None
    return _separated(question, text)


def _separated(question: Question, text: str) -> frozenset[str] | None:
    """Answers set apart by the separator; an answer may hold the separator itself."""
    mark = question.separator
    parts = text.split(mark)
    known = {value.strip(): value for value in question.values}
    known |= {answer.shown.strip(): answer.value for answer in question.answers}
    found, start = set(), 0
    while start < len(parts):
        # The longest run of parts that is an answer.
        for end in range(len(parts), start, -1):
            whole = mark.join(parts[start:end]).strip()
            if whole in known:
                found.add(known[whole])
                start = end
                break
        else:
            if parts[start].strip():
                return None
            start += 1
    return frozenset(found)
