"""A long file, one row a profile, as survey.toml says it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from conjoint.propose.attribute import propose_attribute, propose_restrictions
from conjoint.propose.draft import quoted
from conjoint.propose.judged import judged
from conjoint.propose.long import MOST_LEVELS, memory_long
from conjoint.propose.outcome import propose_judgement
from conjoint.propose.repeat import repeat_by_content
from conjoint.propose.respondent import propose_people
from conjoint.propose.shown import shown_long

if TYPE_CHECKING:
    from conjoint.propose.column import Column
    from conjoint.propose.draft import Draft
    from conjoint.propose.long import Long
    from conjoint.propose.shown import Shown

__all__ = ["propose_long"]


def propose_long(draft: Draft, long: Long) -> None:
    """Propose all that a long file can say."""
    _keys(draft, long)
    levels, outcomes = _told_apart(long)
    shown = _without_repeat(draft, long, shown_long(levels, long.respondent, long.task, long.place))
    # A respondent column stands in every row; people are counted once.
    first = np.unique(long.respondent.codes, return_index=True)[1]
    people = [c.at(first) for c in long.fixed if c.distinct > 1 and c.name]
    if people:
        names = [c.name for c in people]
        why = "they never change within a respondent"
        draft.say(("data", "respondent_columns"), names, "sure", why)
    by_name = {
        column.name: propose_attribute(
            draft,
            column.name,
            shown.counts(column.name),
            ("sure", "it changes from profile to profile"),
            column.label if column.label != column.name else "",
            column.declared,
            column.missing,
        )
        for column in levels
    }
    propose_restrictions(draft, shown, by_name)
    for column, share, held in outcomes:
        counts = Counter(column.answers)
        propose_judgement(draft, column.name, counts, share, held, column.label, "choice")
    if not any(key[0] == "outcomes" for key in draft.guesses):
        question = "Which column holds the answers to the profiles? Write it as [outcomes.NAME]."
        draft.ask(("outcomes",), question, default=None)
    _by_task(draft, long)
    propose_people(draft, people)


def _keys(draft: Draft, long: Long) -> None:
    """Whose row it is, which task and which profile."""
    why = "ids come back row after row, and so does what belongs to them"
    draft.say(("data", "layout"), "long", "sure", why)
    draft.say(("data", "respondent"), long.respondent.name, "sure", long.evidence["respondent"])
    if long.task is not None:
        draft.say(("data", "task"), long.task.name, "sure", long.evidence["task"])
    else:
        draft.notes.append(
            "No column numbers the tasks: all profiles of a respondent stand in one task, unless you "
            "name the column as data.task."
        )
    if long.profile is not None:
        draft.say(("data", "profile"), long.profile.name, "sure", long.evidence["profile"])


def _told_apart(long: Long) -> tuple[list[Column], list[tuple[Column, float, str]]]:
    """Columns of levels, and columns of answers with what one profile of each task holds."""
    levels, outcomes = [], []
    for column in long.varying:
        if column.distinct < 2:
            continue
        share, held = _one_each(long, column)
        if judged(column, share, memory_long(long, column)):
            outcomes.append((column, share, held))
        elif column.distinct <= MOST_LEVELS:
            levels.append(column)
    return levels, outcomes


def _without_repeat(draft: Draft, long: Long, shown: Shown) -> Shown:
    """The levels without those of a repeated task, which is named."""
    if len(shown.tasks) < 2:
        return shown
    repeated = repeat_by_content(shown, int(long.place.max()) + 1)
    if repeated is None:
        return shown
    value = {"task": repeated.task, "of": repeated.of, "flipped": repeated.flipped}
    draft.say(("data", "repeat"), value, repeated.sureness, repeated.evidence)
    return shown.without(repeated.task)


def _one_each(long: Long, column: Column) -> tuple[float, str]:
    """The share of tasks in which one profile alone holds an answer, and which that is."""
    if not 2 <= column.distinct <= 3:
        return 0.0, ""
    size = np.bincount(long.group)
    several = size > 1
    found = []
    for text in column.answers:
        held = np.bincount(long.group, weights=column.holds(text), minlength=len(size))
        found.append((float((held[several] == 1).mean()) if several.any() else 0.0, text))
    share = max(found)[0]
    best = [text for own, text in found if own == share]
    return share, best[0] if len(best) == 1 and share >= 0.9 else ""


def _by_task(draft: Draft, long: Long) -> None:
    """What differs between tasks alone: another name of the task, or its circumstances."""
    for column in long.by_task:
        if column.distinct > 1 and long.task is not None:
            pairs = np.unique(
                np.stack([long.task.codes.astype(np.intp), column.codes.astype(np.intp)]), axis=1
            )
            same = pairs.shape[1] == long.task.distinct < long.respondent.distinct
            what = (
                "goes with the task's number"
                if same
                else "differs between tasks and not between the profiles of one"
            )
            draft.notes.append(f"{quoted(column.name)} {what}: no attribute is proposed for it.")
