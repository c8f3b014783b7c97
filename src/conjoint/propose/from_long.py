"""A long file, one row a profile, as survey.toml says it."""

from __future__ import annotations

import re
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.propose.attribute import (
    propose_attribute,
    propose_probabilities,
    propose_restrictions,
)
from conjoint.propose.doubt import CHOSEN, ask_many, ask_what_it_is, doubt, says_so, too_many
from conjoint.propose.draft import quoted
from conjoint.propose.dummies import propose_dummies
from conjoint.propose.evidence import chosen_one
from conjoint.propose.judged import FEW_VERSIONS, UNEVEN, is_scale, judged
from conjoint.propose.long import MOST_LEVELS, is_said, memory_long, stand_together
from conjoint.propose.model import Option
from conjoint.propose.none_rows import find_none
from conjoint.propose.outcome import propose_choice, propose_judgement
from conjoint.propose.pattern import in_order
from conjoint.propose.presence import emptied, propose_presence, say_emptied
from conjoint.propose.reading import names_profiles
from conjoint.propose.repeat import repeat_by_content
from conjoint.propose.respondent import propose_people
from conjoint.propose.shown import shown_long
from conjoint.propose.words import names_outcome
from conjoint.read.rows import place_in
from conjoint.say.number import percent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conjoint.propose.column import Column
    from conjoint.propose.draft import Draft
    from conjoint.propose.long import Long
    from conjoint.propose.none_rows import NoneRows
    from conjoint.propose.shown import Shown
    from conjoint.typing import IntArray, Sureness

__all__ = ["position_pattern", "propose_long"]

POSITION = re.compile(
    r"row_?pos|pos|position|order|rank_?order|place|rang|rank|platz|ordre|reihe|index|idx|slot",
    re.IGNORECASE,
)

Found = tuple[float, str, float]


def propose_long(draft: Draft, long: Long) -> None:
    """Propose all that a long file can say."""
    _keys(draft, long)
    none = find_none(long)
    if none is not None:
        _say_none(draft, none)
        long = long.at(none.profiles)
    pattern, positions = position_pattern(long.varying, [*long.fixed, *long.varying, *long.by_task])
    if pattern:
        said = f"such as {next(iter(positions))}, whole numbers from 1 to {len(positions)}"
        draft.say(("data", "position"), pattern, "sure", said)
    varying = [
        c for c in long.varying if c.name not in positions and not (none and c.name in none.columns)
    ]
    levels, outcomes, doubts = _told_apart(draft, long, varying)
    every = shown_long(levels, long.respondent, long.task, long.place, long.group)
    shown, marks = emptied(_without_repeat(draft, long, every))
    # A respondent column stands in every row; people are counted once.
    first = np.unique(long.respondent.codes, return_index=True)[1]
    people = [c.at(first) for c in long.fixed if c.distinct > 1 and c.name not in positions]
    if people:
        names = [c.name for c in people]
        why = "they never change within a respondent"
        draft.say(("data", "respondent_columns"), names, "sure", why)
    dummies = propose_dummies(draft, levels)
    levels = [column for column in levels if column.name not in dummies]
    by_name = {column.name: _attribute(draft, column, shown) for column in levels}
    say_emptied(draft, marks, by_name)
    if levels:
        kept = shown.of([column.name for column in levels])
        propose_presence(draft, kept, by_name, people)
        propose_restrictions(draft, kept, by_name)
        propose_probabilities(draft, kept, by_name)
    for column in _first_choice(long, outcomes):
        _outcome(draft, long, column, outcomes[column], none)
    for column, (is_answer, why) in doubts.items():
        _ask(draft, long, shown, column, why, is_answer=is_answer)
    chosen = _choices(draft, long)
    if not any(key[0] == "outcomes" for key in draft.guesses):
        question = "Which column holds the answers to the profiles? Write it as [outcomes.NAME]."
        draft.ask(("outcomes",), question, default=None)
    left = [c for c in long.by_task if c.name not in positions]
    _by_task(draft, long, left, chosen)
    propose_people(draft, people)


# --- Keys -----------------------------------------------------------------------------------------


def _keys(draft: Draft, long: Long) -> None:
    """Whose row it is, which task and which profile."""
    why = "ids come back row after row, and so does what belongs to them"
    mixed = not stand_together(pd.factorize(long.respondent.codes)[0].astype(np.intp))
    if mixed:
        why = "ids come back in as many rows each, which stand mixed"
    draft.say(("data", "layout"), "long", "likely" if mixed else "sure", why)
    others = [own for own in long.rivals if own.respondent is not long.respondent]
    sure: Sureness = "likely" if others or mixed else "sure"
    key = ("data", "respondent")
    draft.say(key, long.respondent.name, sure, long.evidence["respondent"])
    if others:
        options = [
            Option(own.respondent.name, own.evidence["respondent"], ((key, own.respondent.name),))
            for own in (long, *others)
        ]
        draft.ask(key, "Which column holds the respondents' ids?", *options)
    _tasks(draft, long)
    if long.profile is not None:
        told = is_said(long.profile, "profile") and bool(long.keys)
        draft.say(("data", "profile"), long.profile.name, "sure" if told else "likely",
                  long.evidence["profile"])  # fmt: skip


def _tasks(draft: Draft, long: Long) -> None:
    """Which rows make up a task; what else may number the tasks is left to a person."""
    others = [own for own in long.rivals if not np.array_equal(own.group, long.group)]
    exact = f"; one row of each holds an answer of {long.chosen[0].name}" if long.chosen else ""
    why = long.evidence["task"] + exact
    if long.rows:
        draft.say(("data", "rows"), long.rows, "likely", why)
    elif long.keys:
        names = [column.name for column in long.keys]
        told = bool(long.chosen) or any(is_said(column, "task") for column in long.keys)
        sure: Sureness = "sure" if told and len(names) == 1 and not others else "likely"
        draft.say(("data", "task"), names[0] if len(names) == 1 else names, sure, why)
    else:
        draft.notes.append(
            "No column numbers the tasks: all profiles of a respondent stand in one task, unless you "
            "name the column as data.task."
        )
    if others or long.rows:
        options = [_task_option(long, f"as it stands{exact}")]
        options += [_task_option(own, own.evidence["task"]) for own in others]
        if long.rows and not others:
            options.append(
                Option(
                    "a column that is not in the file numbers them", "add it and name it as task"
                )
            )
        at = ("data", "rows" if long.rows else "task")
        draft.ask(at, "Which rows make up a task?", *options)


def _task_option(long: Long, why: str) -> Option:
    names = [column.name for column in long.keys]
    if long.rows:
        return Option(
            f"each {long.rows} rows of a respondent", why, ((("data", "rows"), long.rows),),
            drops=(("data", "task"),),
        )  # fmt: skip
    if not names:
        return Option("all rows of a respondent", why, drops=(("data", "task"), ("data", "rows")))
    value = names[0] if len(names) == 1 else names
    text = f"those of one {' and '.join(names)}"
    return Option(text, why, ((("data", "task"), value),), drops=(("data", "rows"),))


def _say_none(draft: Draft, none: NoneRows) -> None:
    """Say which rows are the option of choosing none; they are no profiles."""
    draft.say(("data", "none_rows"), none.rule, "likely", none.why)
    for name in none.columns:
        if name not in none.rule:
            draft.notes.append(
                f"{quoted(name)} goes with the profile's number: no attribute is proposed for it."
            )


def position_pattern(
    levels: Sequence[Column], columns: Sequence[Column]
) -> tuple[str, dict[str, str]]:
    """The pattern of columns that say where each attribute stood; by column, the attribute.

    It covers all the attributes that have such a word in no name of theirs.
    """
    numbers = {c.name: c for c in columns if c.is_whole and c.numbers[c.counts > 0].min() > 0}
    found: dict[str, dict[str, str]] = {}
    for column in levels:
        for name in numbers:
            before, own, after = name.partition(column.name)
            if own and name != column.name and POSITION.search(before + after):
                found.setdefault(f"{before}{{attribute}}{after}", {})[name] = column.name
    for pattern, owners in sorted(found.items(), key=lambda pair: -len(pair[1])):
        most = max(numbers[name].numbers[numbers[name].counts > 0].max() for name in owners)
        if len(owners) > 1 and most <= len(owners):
            return pattern, owners
    return "", {}


# --- Levels and answers ---------------------------------------------------------------------------


def _told_apart(
    draft: Draft, long: Long, varying: Sequence[Column]
) -> tuple[list[Column], dict[Column, Found], dict[Column, tuple[bool, str]]]:
    """Columns of levels, of answers with what one profile of each task holds, and doubts.

    Answers come first: the attributes are what else varies. A doubt says whether the column is taken
    for an answer, and what speaks for it.
    """
    outcomes: dict[Column, Found] = {}
    levels: list[Column] = []
    unsure: list[Column] = []
    varying = [column for column in varying if column.distinct > 1]
    held = {column.name: memory_long(long, column) for column in varying}
    for column in varying:
        found = _one_each(long, column)
        chosen = found[0] >= CHOSEN
        is_design = _is_of_few_versions(long, column, chosen=chosen)
        is_design &= not (chosen and names_outcome(column.name))
        if not is_design and judged(column, found[0], held[column.name]):
            outcomes[column] = found
            if not _speaks(long, column):
                unsure.append(column)
        elif column.distinct <= MOST_LEVELS:
            levels.append(column)
            if is_scale([column]) and not is_design:
                unsure.append(column)
        else:
            too_many(draft, column.name, [column])
    doubts = _doubts(long, levels, outcomes, unsure, held)
    levels.sort(key=lambda c: c.place)
    return _without_constants(draft, long, levels), outcomes, doubts


def _is_of_few_versions(long: Long, column: Column, *, chosen: bool) -> bool:
    """Whether many people share all their cells: versions of a design, and no answers.

    `chosen` says that the column may choose one profile of each task, which leaves fewer patterns.
    """
    whose = np.unique(long.respondent.codes, return_inverse=True)[1].astype(np.intp)
    people = int(whose.max()) + 1
    each = int(np.bincount(whose).max())
    ways = each * np.log(max(column.distinct, 1))
    if chosen:
        ways = each / long.size * np.log(long.size)
    elif ways < np.log(FEW_VERSIONS * people):
        return False
    weights = np.random.default_rng(0).random(each)
    sums = np.bincount(whose, weights=(column.codes + 2.0) * weights[place_in(whose)])
    most = min(float(people), float(np.exp(min(ways, 50.0))))
    return bool(FEW_VERSIONS * len(np.unique(np.round(sums, 9))) <= most)


def _speaks(long: Long, column: Column) -> bool:
    """Whether more says that a column holds answers than that a person's go together.

    One profile of each task holds a level, too, where two profiles never show the same.
    """
    if long.chosen and column.name in {own.name for own in long.chosen}:
        return names_outcome(column.name)
    counts = list(column.answers.values())
    uneven = sum(counts) >= 200 and max(counts) >= UNEVEN * min(counts)
    return says_so([column], column.name, 0.0, uneven=uneven)


def _doubts(
    long: Long,
    levels: list[Column],
    outcomes: dict[Column, Found],
    unsure: Sequence[Column],
    held: Mapping[str, float],
) -> dict[Column, tuple[bool, str]]:
    """Weigh the columns that may be levels or answers; those that are rather levels become some."""
    chosen = {own.name for own in long.chosen if names_outcome(own.name)}
    plain = {c.name: _codes(c) for c in levels if c not in unsure}
    answered = any(column not in unsure for column in outcomes)
    doubts: dict[Column, tuple[bool, str]] = {}
    for column in [*unsure, *(own for own in outcomes if own not in unsure)]:
        if column.name in chosen:
            continue
        others = answered if column in unsure else bool(chosen or len(outcomes) > 1)
        found = doubt(
            [column], column.name, _codes(column), plain, is_answer=column in outcomes,
            speaks=column not in unsure, answered=others, remembered=held.get(column.name, 0.0),
        )  # fmt: skip
        if found is None:
            continue
        doubts[column] = found
        if column in outcomes and not found[0]:
            del outcomes[column]
            levels.append(column)
    return doubts


def _codes(column: Column) -> IntArray:
    return column.codes.astype(np.intp)


def _without_constants(draft: Draft, long: Long, levels: list[Column]) -> list[Column]:
    """Levels without dummies that are the profile's number over again."""
    kept = []
    for column in levels:
        pairs = len(np.unique(_codes(column) * (int(long.place.max()) + 2) + long.place))
        if set(column.answers) == {"0", "1"} and pairs == len(np.unique(long.place)) > 1:
            draft.notes.append(
                f"{quoted(column.name)} goes with the profile's number: no attribute is proposed for it."
            )
            continue
        kept.append(column)
    return kept


def _attribute(draft: Draft, column: Column, shown: Shown) -> str:
    counts = shown.counts(column.name) if column.name in shown.texts else Counter(column.answers)
    name = propose_attribute(
        draft,
        column.name,
        counts,
        ("sure", "it changes from profile to profile"),
        column.label if column.label != column.name else "",
        column.declared,
        column.missing,
    )
    ask_many(draft, name, [column])
    return name


def _first_choice(long: Long, outcomes: dict[Column, Found]) -> list[Column]:
    """Outcomes, the choice that names itself one before others."""
    return sorted(
        outcomes, key=lambda c: (c not in long.chosen, not names_outcome(c.name), c.place)
    )


def _outcome(draft: Draft, long: Long, column: Column, found: Found, none: NoneRows | None) -> None:
    share, held, nobody = found
    out = none is not None and nobody > 0 and column in none.chosen_of(long)
    before = set(draft.guesses)
    propose_judgement(
        draft, column.name, Counter(column.answers), share, held, column.label, "choice",
        0.0 if out else nobody,
    )  # fmt: skip
    if out:
        key = next(key for key in draft.guesses if key not in before)[:2]
        texts = [text for text in column.answers if text != held]
        said = f"in {percent(nobody)} of tasks the row of the none option is chosen"
        draft.say((*key, "none"), texts, "likely", said)


def _ask(
    draft: Draft, long: Long, shown: Shown, column: Column, why: str, *, is_answer: bool
) -> None:
    """Leave to a person what a column is that may be either."""
    part = "outcomes" if is_answer else "attributes"
    start = next(
        (
            key[:2]
            for key, guess in draft.guesses.items()
            if key[0] == part and (key[1] == column.name or guess.value == column.name)
        ),
        None,
    )
    if start is None:
        return
    answer = partial(_as_answer, long=long, column=column)
    level = partial(_attribute, column=column, shown=shown)
    if is_answer:
        ask_what_it_is(draft, column.name, start, "an answer", ("an attribute", level), why)
    else:
        ask_what_it_is(draft, column.name, start, "an attribute", ("an answer", answer), why)


def _as_answer(draft: Draft, long: Long, column: Column) -> None:
    found = _one_each(long, column)
    propose_judgement(draft, column.name, Counter(column.answers), found[0], found[1], column.label)


def _without_repeat(draft: Draft, long: Long, shown: Shown) -> Shown:
    """The levels without those of a repeated task, which is named."""
    if len(shown.tasks) < 2 or not shown.codes:
        return shown
    repeated = repeat_by_content(shown, int(long.place.max()) + 1)
    if repeated is None:
        return shown
    value = {"task": repeated.task, "of": repeated.of, "flipped": repeated.flipped}
    draft.say(("data", "repeat"), value, repeated.sureness, repeated.evidence)
    return shown.without(repeated.task)


def _one_each(long: Long, column: Column) -> Found:
    """The share of tasks in which one profile alone holds an answer, as `chosen_one` says it."""
    size = np.bincount(long.group)
    several = size > 1
    if not 2 <= column.distinct <= 3 or not several.any():
        return 0.0, "", 0.0
    if long.chosen and not any(own.name == column.name for own in long.chosen):
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
    if long.chosen:
        return _same_choice(long, profiles)
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


def _same_choice(long: Long, profiles: Sequence[str]) -> list[Column]:
    """Columns that name, in all rows of a task, the profile that another column says is chosen."""
    found = []
    for column in long.by_task:
        few = column.distinct <= len(profiles) + 2 and not _goes_with_task(long, column)
        if few and (names_outcome(column.name) or names_profiles(column.answers, profiles)):
            found.append(column)
    return found


def _goes_with_task(long: Long, column: Column) -> bool:
    """Whether a column is another name of the tasks."""
    if long.task is None:
        return False
    both = np.stack([long.task.codes.astype(np.intp), column.codes.astype(np.intp)])
    pairs = np.unique(both, axis=1).shape[1]
    return bool(pairs == long.task.distinct < long.respondent.distinct)


def _by_task(draft: Draft, long: Long, columns: Sequence[Column], chosen: Sequence[Column]) -> None:
    """What differs between tasks alone: another name of the task, or its circumstances."""
    for column in columns:
        if column.distinct < 2 or long.task is None:
            continue
        if column in chosen:
            if long.chosen:
                draft.notes.append(
                    f"{quoted(column.name)} names the profile chosen in all rows of a task, as "
                    f"{quoted(long.chosen[0].name)} does row by row."
                )
            continue
        same = _goes_with_task(long, column)
        what = (
            "goes with the task's number"
            if same
            else "differs between tasks and not between the profiles of one"
        )
        draft.notes.append(f"{quoted(column.name)} {what}: no attribute is proposed for it.")
