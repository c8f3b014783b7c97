"""A long file, one row a profile, as survey.toml says it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from conjoint.propose.attribute import propose_attribute, propose_restrictions
from conjoint.propose.draft import quoted
from conjoint.propose.evidence import chosen_one
from conjoint.propose.judged import judged
from conjoint.propose.long import MOST_LEVELS, memory_long
from conjoint.propose.outcome import propose_choice, propose_judgement
from conjoint.propose.pattern import in_order
from conjoint.propose.presence import propose_presence
from conjoint.propose.reading import names_profiles
from conjoint.propose.repeat import repeat_by_content
from conjoint.propose.respondent import propose_people
from conjoint.propose.shown import shown_long
from conjoint.propose.words import names_outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.propose.column import Column
    from conjoint.propose.draft import Draft
    from conjoint.propose.long import Long
    from conjoint.propose.shown import Shown

__all__ = ["propose_long"]


def propose_long(draft: Draft, long: Long) -> None:
    """Propose all that a long file can say."""
    _keys(draft, long)
    levels, outcomes = _told_apart(long)
    every = shown_long(levels, long.respondent, long.task, long.place, long.group)
    shown = _without_repeat(draft, long, every)
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
    propose_presence(draft, shown, by_name, people)
    propose_restrictions(draft, shown, by_name)
    for column, (share, held, none) in outcomes:
        counts = Counter(column.answers)
        propose_judgement(draft, column.name, counts, share, held, column.label, "choice", none)
    chosen = _choices(draft, long)
    if not any(key[0] == "outcomes" for key in draft.guesses):
        question = "Which column holds the answers to the profiles? Write it as [outcomes.NAME]."
        draft.ask(("outcomes",), question, default=None)
    _by_task(draft, long, chosen)
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


def _told_apart(
    long: Long,
) -> tuple[list[Column], list[tuple[Column, tuple[float, str, float]]]]:
    """Columns of levels, and columns of answers with what one profile of each task holds."""
    levels, outcomes = [], []
    for column in long.varying:
        if column.distinct < 2:
            continue
        found = _one_each(long, column)
        if judged(column, found[0], memory_long(long, column)):
            outcomes.append((column, found))
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


def _one_each(long: Long, column: Column) -> tuple[float, str, float]:
    """The share of tasks in which one profile alone holds an answer, as `chosen_one` says it."""
    size = np.bincount(long.group)
    several = size > 1
    if not 2 <= column.distinct <= 3 or not several.any():
        return 0.0, "", 0.0
    shares = {}
    for text in column.answers:
        held = np.bincount(long.group, weights=column.holds(text), minlength=len(size))[several]
        shares[text] = float((held == 1).mean()), float((held == 0).mean())
    return chosen_one(shares)


def _choices(draft: Draft, long: Long) -> list[Column]:
    """Columns that say in every row of a task which profile was chosen."""
    first = np.unique(long.group, return_index=True)[1]
    profiles = [str(place + 1) for place in range(int(long.place.max()) + 1)]
    if long.profile is not None:
        held = np.unique(long.profile.codes)
        profiles = list(in_order(str(long.profile.categories[code]) for code in held))
    found = []
    for column in long.by_task:
        counts = Counter(column.at(first).answers)
        few = len(profiles) <= len(counts) <= len(profiles) + 2
        if _goes_with_task(long, column) or len(profiles) < 2:
            continue
        if names_profiles(counts, profiles) or (few and names_outcome(column.name)):
            label = column.label if column.label != column.name else ""
            propose_choice(draft, column.name, {"": counts}, profiles, label)
            found.append(column)
    return found


def _goes_with_task(long: Long, column: Column) -> bool:
    """Whether a column is another name of the tasks."""
    if long.task is None:
        return False
    both = np.stack([long.task.codes.astype(np.intp), column.codes.astype(np.intp)])
    pairs = np.unique(both, axis=1).shape[1]
    return bool(pairs == long.task.distinct < long.respondent.distinct)


def _by_task(draft: Draft, long: Long, chosen: Sequence[Column]) -> None:
    """What differs between tasks alone: another name of the task, or its circumstances."""
    for column in long.by_task:
        if column.distinct > 1 and long.task is not None and column not in chosen:
            same = _goes_with_task(long, column)
            what = (
                "goes with the task's number"
                if same
                else "differs between tasks and not between the profiles of one"
            )
            draft.notes.append(f"{quoted(column.name)} {what}: no attribute is proposed for it.")
