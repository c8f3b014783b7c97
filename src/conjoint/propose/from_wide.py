"""A wide file, one row a respondent, as survey.toml says it."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from conjoint.propose.asked import answering, contradicts, for_whom, task_shown
from conjoint.propose.attribute import (
    family_labels,
    propose_attribute,
    propose_probabilities,
    propose_restrictions,
)
from conjoint.propose.design import ALIKE, MOST_LEVELS, cell_names, numbered
from conjoint.propose.doubt import CHOSEN, ask_many, ask_which, doubt_of, too_many
from conjoint.propose.draft import quoted
from conjoint.propose.dummies import pooled_columns, propose_dummies
from conjoint.propose.evidence import agreement, flat_codes, kept_apart, pooled
from conjoint.propose.judged import is_scale, one_each
from conjoint.propose.model import Option
from conjoint.propose.outcome import (
    propose_choice,
    propose_choice_apart,
    propose_choice_by_column,
    propose_judgement,
)
from conjoint.propose.pattern import in_order
from conjoint.propose.presence import emptied, propose_presence, say_emptied
from conjoint.propose.reading import names_profiles
from conjoint.propose.repeat import (
    extra_tasks,
    mixed_by_answer,
    repeat_by_answer,
    repeat_by_content,
)
from conjoint.propose.respondent import find_id, propose_people
from conjoint.propose.shown import matching_tasks, shown_wide
from conjoint.propose.words import asks_to_choose, without_numbers
from conjoint.say.number import counted
from conjoint.survey.data import column_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conjoint.propose.asked import Answering
    from conjoint.propose.column import Column
    from conjoint.propose.design import Wide
    from conjoint.propose.draft import Draft
    from conjoint.propose.model import Key
    from conjoint.propose.pattern import Family
    from conjoint.propose.repeat import Repeated
    from conjoint.propose.shown import Shown
    from conjoint.typing import Sureness

__all__ = ["propose_wide"]

NEVER = 0.02
"""The share of pairs of levels, by chance, that never meet where columns hold levels of any attribute."""


def propose_wide(draft: Draft, wide: Wide, columns: Sequence[Column]) -> None:
    """Propose all that a wide file can say."""
    by_name = {column.name: column for column in columns}
    wide, doubts = _weighed(wide, columns)
    extra = extra_tasks(wide, by_name)
    shown = shown_wide(wide, by_name, extra)
    repeated = repeat_by_content(shown, len(wide.profiles)) or repeat_by_answer(
        wide.choices, wide, by_name
    )
    repeated = _mixed(repeated, wide, by_name)
    tasks = [task for task in wide.tasks if repeated is None or task != repeated.task]
    alike, chosen, profiles = wide.evidence
    draft.say(("data", "layout"), "wide", "sure", f"one row a respondent; {alike}")
    used = _columns(wide, by_name, repeated)
    free = [column for column in columns if column.name not in used]
    own = find_id(draft, free)
    _tasks(draft, wide, tasks, repeated, chosen, profiles)
    _ask_pattern(draft, wide)
    short = sorted({task for family in wide.attributes.values() for task in family.short})
    if short and repeated is None:
        said = ", ".join(map(quoted, short[:6]))
        draft.notes.append(
            f"Not every attribute and profile has a column for task {said}: it is left out."
        )
    many, cells = _many_values(draft, wide, columns)
    used |= cells
    for pattern in wide.left:
        if pattern in many:
            continue
        draft.notes.append(
            f"{pattern} goes by the names of attributes, but its columns lack some task or profile, or hold "
            "different values, or too many: nothing is proposed for it."
        )
    shown = shown.without(repeated.task) if repeated else shown
    _ask_names(draft, wide, shown)
    shown, marks = emptied(shown)
    names = _attributes(draft, wide, shown)
    say_emptied(draft, marks, names)
    all_tasks = [*tasks, *([repeated.task] if repeated else [])]
    answers = _outcomes(draft, wide, by_name, all_tasks)
    for name, (family, is_answer, why) in doubts.items():
        ask_which(draft, name, family.pattern, family, why, is_answer=is_answer)
    _lost_profiles(draft, [by_name[n] for n in wide.columns], [by_name[n] for n in answers])
    used |= answers
    rest = [c for c in columns if c.name not in used and c is not own]
    propose_presence(draft, shown.of(list(names)), names, rest)
    propose_people(draft, rest)


Doubts = dict[str, tuple["Family", bool, str]]


def _weighed(wide: Wide, columns: Sequence[Column]) -> tuple[Wide, Doubts]:
    """Weigh what may be levels or answers; says of which a person should look, and what speaks for it."""
    if wide.names is not None:
        return wide, {}
    named = cell_names(wide)
    could: dict[str, tuple[Family, bool]] = {}
    for family in wide.outcomes.values():
        match = named.fullmatch(next(iter(family.cells.values())).name)
        if match and one_each(family)[0] < CHOSEN and set(wide.tasks) <= set(family.tasks):
            could[match.group(1)] = family, True
    for name, family in wide.attributes.items():
        if is_scale(list(family.cells.values())):
            could[name] = family, False
    if not could:
        return wide, {}
    plain = {
        name: flat_codes(family, wide.tasks)
        for name, family in wide.attributes.items()
        if name not in could
    }
    answered = bool(wide.choices) or len(wide.outcomes) > 1
    answered = answered or bool(answering(wide, columns, list(wide.tasks)))
    doubts: Doubts = {}
    attributes, outcomes = dict(wide.attributes), dict(wide.outcomes)
    for name, (family, is_answer) in could.items():
        found = doubt_of(family, name, wide.tasks, plain, is_answer=is_answer, answered=answered)
        if found is None:
            continue
        doubts[name] = (family, *found)
        if is_answer and not found[0]:
            attributes[name] = family
            outcomes = {key: other for key, other in outcomes.items() if other is not family}
    return replace(wide, attributes=attributes, outcomes=outcomes), doubts


def _many_values(draft: Draft, wide: Wide, columns: Sequence[Column]) -> tuple[set[str], set[str]]:
    """Name attributes of very many values; says by which patterns their columns go, and which they are."""
    if wide.names is not None:
        return set(), set()
    named = cell_names(wide)
    found: dict[str, list[Column]] = {}
    for column in columns:
        match = named.fullmatch(column.name)
        if match and column.name not in wide.columns:
            found.setdefault(match.group(1), []).append(column)
    answers = {c.name for f in wide.outcomes.values() for c in f.cells.values()}
    found = {
        name: own
        for name, own in found.items()
        if answers.isdisjoint(c.name for c in own) and len(pooled(own)) > MOST_LEVELS
    }
    for name, own in found.items():
        too_many(draft, name, own)
    patterns = {wide.pattern.replace("{attribute}", name) for name in found}
    return patterns, {column.name for own in found.values() for column in own}


def _tasks(
    draft: Draft,
    wide: Wide,
    tasks: list[str],
    repeated: Repeated | None,
    chosen: str,
    profiles: str,
) -> None:
    sureness: Sureness = "sure" if chosen else "likely"
    count = len(tasks)
    draft.say(("data", "tasks"), count if numbered(tasks) else tasks, sureness,
              chosen or f"the columns name {count} of them")  # fmt: skip
    draft.say(("data", "profiles"), list(wide.profiles) or ["1"], sureness,
              profiles or "the columns name no profile: one in each task")  # fmt: skip
    if wide.names is None:
        draft.say(
            ("data", "attribute"), wide.pattern, sureness, f"such as {_sample(wide, tasks[0])}"
        )
    else:
        pattern = wide.pattern.replace("{attribute}", "{position}")
        names = wide.names.pattern.replace("{profile}", "{position}")
        places = list(wide.attributes)
        told: Sureness = "sure" if wide.borne_out else "likely"
        said = "the levels, at the position where each stood"
        if not wide.borne_out:
            said += "; only the columns' names tell tasks, profiles and positions apart"
        draft.say(("data", "attribute"), pattern, told, said)
        draft.say(("data", "name"), names, told, wide.evidence[0])
        draft.say(("data", "positions"), len(places) if numbered(places) else places, "sure",
                  "no attribute stands at two of them")  # fmt: skip
    if repeated is not None:
        value: dict[str, object] = {
            "task": repeated.task,
            "of": repeated.of,
            "flipped": repeated.flipped,
        }
        if repeated.attributes == "same":
            value["attributes"] = "same"
        if repeated.mixed:
            _ask_swapped(draft, value, repeated.mixed)
            return
        draft.say(("data", "repeat"), value, repeated.sureness, repeated.evidence)


def _mixed(repeated: Repeated | None, wide: Wide, by_name: dict[str, Column]) -> Repeated | None:
    """A repeated task, with what speaks for profiles that were swapped for some people alone."""
    if repeated is None or repeated.attributes == "own" or repeated.mixed:
        return repeated
    for family in wide.choices:
        own = by_name.get(column_of(family.pattern, repeated.task))
        if own is not None:
            people = [c for c in by_name.values() if c.name not in wide.columns and c is not own]
            mixed = mixed_by_answer(own, family.cells[repeated.of, ""], people)
            return replace(repeated, mixed=mixed)
    return repeated


def _ask_swapped(draft: Draft, value: dict[str, object], mixed: str) -> None:
    key = ("data", "repeat")
    draft.ask(
        key,
        f"Profiles were swapped for some people alone: {mixed}. `flipped` is one answer for all.",
        Option("leave the repeat out", "nothing is said of how people answer twice"),
        Option("swapped for all", "", ((key, value | {"flipped": True}),)),
        Option("swapped for nobody", "", ((key, value | {"flipped": False}),)),
    )


def _ask_pattern(draft: Draft, wide: Wide) -> None:
    """Leave to a person which of two readings of the columns' names is right."""
    if wide.rival is None:
        return
    found = [_placed(reading) for reading in (wide, wide.rival)]
    # A column that the two read differently tells them apart.
    name = next((n for n in found[0] if found[0][n] != found[1].get(n)), next(iter(found[0])))
    options = []
    for reading, cells in zip((wide, wide.rival), found, strict=True):
        pattern = reading.pattern
        if reading.names is not None:
            pattern = pattern.replace("{attribute}", "{position}")
        sets: list[tuple[Key, Any]] = [(("data", "attribute"), pattern)]
        if reading.names is not None:
            name_pattern = reading.names.pattern.replace("{profile}", "{position}")
            if draft.guesses["data", "name"].value != name_pattern:
                sets.append((("data", "name"), name_pattern))
        task, profile, attribute = cells[name]
        position = f", position {attribute}" if reading.names is not None else ""
        said = f"{name} is profile {profile} of task {task}{position}"
        for key, names in (("tasks", reading.tasks), ("profiles", reading.profiles)):
            value = len(names) if key == "tasks" and numbered(names) else list(names)
            if draft.guesses["data", key].value != value:
                sets.append((("data", key), value))
        options.append(Option(pattern, said, tuple(sets)))
    del draft.guesses["data", "attribute"]
    question = "Which number in the columns' names is the task, and which the profile? Both may be."
    draft.ask(("data", "attribute"), question, *options, default=None)


def _placed(wide: Wide) -> dict[str, tuple[str, str, str]]:
    """The task, the profile and the attribute (or position) of every column of levels."""
    return {
        column.name: (task, profile, attribute)
        for attribute, family in wide.attributes.items()
        for (task, profile), column in family.cells.items()
    }


def _ask_names(draft: Draft, wide: Wide, shown: Shown) -> None:
    """Ask for the columns that name attributes, where they change places and none does."""
    if wide.names is not None or len(shown.texts) < 2:
        return
    every = sorted({text for texts in shown.texts.values() for text in texts})
    place = {text: number for number, text in enumerate(every)}
    codes = []
    for name, texts in shown.texts.items():
        if len(texts) < ALIKE * len(every):
            return
        lookup = np.array([place[text] for text in texts] + [-1], dtype=np.intp)
        codes.append(lookup[shown.codes[name].ravel()])
    for one, other in combinations(codes[:6], 2):
        # Two equal levels may never meet by design; levels of one attribute never do in any case.
        if kept_apart(one, other, equal=False) < NEVER:
            return
    sample = next(iter(next(iter(wide.attributes.values())).cells.values()))
    some = ", ".join(quoted(text, 30) for text in list(sample.answers)[:4])
    draft.guesses.pop(("data", "attribute"), None)
    draft.ask(
        ("data", "attribute"),
        f"Which columns name the attributes? {sample.name} holds levels of several ({some}): they seem to change "
        "places, and no columns say which stood where. Export all embedded data, such as F-1-1 beside F-1-1-1.",
        default=None,
    )


def _sample(wide: Wide, task: str) -> str:
    first = next(iter(wide.attributes))
    return column_of(wide.pattern, task, (wide.profiles or ("",))[0], first)


def _columns(wide: Wide, by_name: dict[str, Column], repeated: Repeated | None) -> set[str]:
    """The columns of attributes, those of the repeated task among them."""
    used = set(wide.columns)
    extra = (repeated.task,) if repeated is not None else ()
    for task in extra:
        for attribute in wide.attributes:
            used |= {column_of(wide.pattern, task, p, attribute) for p in wide.profiles or ("",)}
            if wide.names is not None:
                used.add(column_of(wide.names.pattern, task, attribute))
    return used & by_name.keys()


def _attributes(draft: Draft, wide: Wide, shown: Shown) -> dict[str, str]:
    """Attributes with their levels; says under which names."""
    names: dict[str, str] = {}
    labels = (
        {}
        if wide.names
        else family_labels({name: list(f.cells.values()) for name, f in wide.attributes.items()})
    )
    order = list(shown.texts)
    if wide.names is None:
        order.sort(key=lambda name: min(c.place for c in wide.attributes[name].cells.values()))
        dummies = propose_dummies(draft, pooled_columns(shown.of(order)))
        order = [name for name in order if name not in dummies]
        shown = shown.of(order)
    for text in order:
        if wide.names is not None:
            cells = (
                f"the name stands in columns such as {next(iter(wide.names.cells.values())).name}"
            )
            names[text] = propose_attribute(draft, text, shown.counts(text), ("sure", cells))
            continue
        own = list(wide.attributes[text].cells.values())
        sureness: Sureness = "sure"
        why = f"{len(own)} columns such as {own[0].name}"
        if all(column.distinct <= 1 for column in own):
            sureness, why = "likely", f"{why}: one version of the design, which everybody saw"
        elif agreement(own) < ALIKE:
            sureness, why = "guess", f"{why}, whose levels differ from column to column"
        names[text] = propose_attribute(
            draft, text, shown.counts(text), (sureness, why), labels.get(text, ""),
            _declared([c for c in own if c.filled]), frozenset().union(*(c.missing for c in own)),
        )  # fmt: skip
        ask_many(draft, names[text], own)
    propose_restrictions(draft, shown, names)
    propose_probabilities(draft, shown, names)
    return names


def _declared(columns: Sequence[Column]) -> tuple[str, ...]:
    """The order of answers that the file declares, where all columns declare the same."""
    first = columns[0].declared
    return first if all(c.declared == first for c in columns) else ()


def _outcomes(draft: Draft, wide: Wide, by_name: dict[str, Column], tasks: list[str]) -> set[str]:
    """Outcomes of tasks and of profiles; says which columns they take."""
    used: set[str] = set()
    told = task_shown(wide)
    for family in wide.choices:
        own = [column_of(family.pattern, task) for task in tasks]
        if contradicts(family, wide.tasks, told):
            continue
        if all(name in by_name for name in own) and used.isdisjoint(own):
            label = _label([by_name[name] for name in own])
            counts = {t: Counter(by_name[n].answers) for t, n in zip(tasks, own, strict=True)}
            propose_choice(
                draft,
                family.pattern,
                counts,
                wide.profiles,
                label,
                _texts([by_name[n] for n in own]),
            )
            used |= set(own) | _again(draft, wide, list(by_name.values()), family, tasks)
    if not used:
        used |= _answering(draft, wide, list(by_name.values()), tasks)
    for family in wide.outcomes.values():
        called = family.profiles or ("",)
        own = [column_of(family.pattern, t, p) for t in tasks for p in called]
        if all(name in by_name for name in own) and used.isdisjoint(own):
            cells = [by_name[name] for name in own]
            share, held, none = one_each(family)
            done = propose_judgement(
                draft, family.pattern, pooled(cells), share, held, _label(cells), nobody=none
            )
            used |= set(own) if done else set()
            if done and called != (wide.profiles or ("",)):
                key = next(key for key in reversed(draft.guesses) if key[0] == "outcomes")
                named = dict(zip(wide.profiles, called, strict=True))
                draft.say((*key[:2], "profiles"), named, "likely", "its columns count them alike")
    if not used:
        used |= _ask_outcome(draft, wide, by_name, tasks)
    return used


def _lost_profiles(draft: Draft, shown: list[Column], answers: list[Column]) -> None:
    """People who answered tasks whose profiles are all empty: counted, and left out by a rule."""
    if not answers:
        return
    empty = np.logical_and.reduce([column.codes < 0 for column in shown])
    lost = empty & np.logical_or.reduce([column.codes >= 0 for column in answers])
    count = int(lost.sum())
    if not count or empty.all():
        return
    met, names = np.ones_like(empty), []
    for column in sorted(shown, key=lambda c: (-c.filled, c.place)):
        if (met & (column.codes >= 0)).any():
            met &= column.codes < 0
            names.append(column.name)
        if not (met & ~empty).any():
            break
    said = (
        f"{counted(count, 'person', 'people')} answered tasks and {'has' if count == 1 else 'have'} "
        "no profile in the file: it lost what was shown to them"
    )
    where: dict[str, dict[str, bool]] = {name: {"empty": True} for name in names}
    # Who left before the tasks has neither profiles nor answers, and stays for the other questions.
    for column in answers:
        if (met & ~lost).any() and not (lost & (column.codes < 0)).any():
            where[column.name] = {"answered": True}
            met &= column.codes >= 0
    key = ("exclusions", "no_profiles")
    draft.say((*key, "where"), where, "likely", said)
    draft.say((*key, "text"), "the file holds no profiles of theirs", "likely")
    draft.notes.append(f"{said}. The rule [exclusions.no_profiles] leaves them out.")


def _answering(draft: Draft, wide: Wide, columns: Sequence[Column], tasks: list[str]) -> set[str]:
    """Choices whose columns the wording tells; says which columns they take."""
    by_name = {column.name: column for column in columns}
    used: set[str] = set()
    for found in answering(wide, columns, tasks):
        own = [by_name[name] for name in found.columns.values()]
        answers = {t: Counter(by_name[name].answers) for t, name in found.columns.items()}
        key = propose_choice_by_column(
            draft, found.columns, (found.sureness, found.evidence), answers, wide.profiles,
            _label(own), _texts(own),
        )  # fmt: skip
        used |= {*found.columns.values(), *(again.column for again in found.again)}
        if found.again and ("data", "repeat") not in draft.guesses:
            _repeats(draft, (*key, "columns"), found, columns)
    return used


def _again(
    draft: Draft, wide: Wide, columns: Sequence[Column], family: Family, tasks: list[str]
) -> set[str]:
    """Further answers to the tasks of a choice that goes by their names; says which columns they are."""
    own = {column_of(family.pattern, task) for task in tasks}
    found = next(
        (f for f in answering(wide, columns, tasks) if own == set(f.columns.values())), None
    )
    if found is None or not found.again or ("data", "repeat") in draft.guesses:
        return set()
    _repeats(draft, (), found, columns, family.pattern)
    return {again.column for again in found.again}


def _repeats(
    draft: Draft, key: Key, found: Answering, columns: Sequence[Column], pattern: str = ""
) -> None:
    """Say which task a further answer repeats, or ask where some people alone gave it.

    `key` is where the tasks' columns are listed; with a `pattern`, the repeat's task is named by it.
    """
    by_name = {column.name: column for column in columns}
    options = [Option("leave it out", "nothing is said of how people answer twice")]
    for again in found.again:
        named = matching_tasks(pattern, [again.column], "", "")
        if pattern and not named:
            continue
        task = named[0] if pattern else f"{again.of}_again"
        repeat = {"task": task, "of": again.of, "flipped": again.flipped, "attributes": "same"}
        sets: list[tuple[Key, object]] = [(("data", "repeat"), repeat)]
        if not pattern:
            sets.append((key, dict(found.columns) | {task: again.column}))
        some = [f"those whose {quoted(name)} is {quoted(text)}"
                for name, text in for_whom(by_name[again.column], columns)]  # fmt: skip
        whose = f"; {by_name[again.column].filled:,} people answered it"
        whose += f", {some[0]}" if some else ""
        said = f"take {again.column} as the repeat" + (
            "" if pattern else f", in [data] and in [{'.'.join(key[:2])}]"
        )
        options.append(Option(said, again.evidence + whose, tuple(sets)))
    if len(found.again) == 1 and len(options) == 2 and found.sureness == "sure":
        for place, value in options[1].sets:
            draft.say(place, value, "sure", options[1].evidence)
        return
    names = ", ".join(again.column for again in found.again)
    question = f"Does {names} ask a task once more? Whether profiles were swapped is one answer for all people."
    draft.ask(("data", "repeat"), question, *options)


def _label(columns: Sequence[Column]) -> str:
    """The wording that all columns of an outcome share."""
    texts = [c.label for c in columns]
    return texts[0] if texts[0] != columns[0].name and len(set(texts)) == 1 else ""


def _texts(columns: Sequence[Column]) -> Mapping[str, str]:
    """What codes mean, where all columns say the same of them."""
    first = columns[0].texts
    return first if all(column.texts == first for column in columns) else {}


def _ask_outcome(
    draft: Draft, wide: Wide, by_name: dict[str, Column], tasks: list[str]
) -> set[str]:
    """Leave to a person which columns hold the answers; says which ones could."""
    could = [c for c in by_name.values() if c.name not in wide.columns and _could_choose(c, wide)]
    alike = _alike(could)
    # Wordings that ask for a choice come before columns that hold fitting codes alone.
    some = [own for own in alike if len(own) == len(tasks)]
    spoken = [own for own in some if all(asks_to_choose(c.label) for c in own)]
    some = (spoken or some)[:2]
    if some:
        between = [own for own in some if _stands_between(wide, own)]
        some = between if len(between) == 1 else some
        order = in_order(tasks)
        answers = {t: Counter(c.answers) for t, c in zip(order, some[0], strict=True)}
        names = [[c.name for c in own] for own in some]
        label = _label(some[0]) if len(some) == 1 else ""
        propose_choice_apart(
            draft,
            order,
            names,
            answers,
            wide.profiles,
            label,
            _texts(some[0]),
            told=len(between) == 1,
        )
        return {name for own in names for name in own}
    near = [own for own in alike if len(own) > len(tasks)]
    near = [own for own in near if all(asks_to_choose(c.label) for c in own)] or near
    listed = [", ".join(c.name for c in own) for own in near[:2]]
    hint = f" Some of {'; or of '.join(listed)} may." if near else ""
    draft.ask(
        ("outcomes",),
        f"Which columns hold the answers to the tasks? No columns go by the tasks' names.{hint} Write "
        "them as [outcomes.NAME]: `columns` names the column of each task.",
        default=None,
    )
    if near:
        draft.notes.append(
            f"No question is proposed for {'; or '.join(listed)}, which may answer the tasks: write those "
            "that do not as [questions.NAME]."
        )
        return {c.name for own in near[:2] for c in own}
    return {c.name for c in could} if len(could) >= len(tasks) else set()


def _stands_between(wide: Wide, columns: Sequence[Column]) -> bool:
    """Whether each column stands behind one task's columns of the file, and before the next one's."""
    ends = []
    for task in in_order(wide.tasks):
        held = [
            c.place
            for f in wide.attributes.values()
            for (own, _), c in f.cells.items()
            if own == task
        ]
        ends.append((min(held), max(held)))
    at = [column.place for column in columns]
    after = [start for start, _ in ends[1:]] + [max(at) + 1]
    return len(at) == len(ends) and all(
        end < place < start for (_, end), place, start in zip(ends, at, after, strict=True)
    )


def _could_choose(column: Column, wide: Wide) -> bool:
    """Whether a column may choose a profile: by its answers, or by its wording and as many answers."""
    if names_profiles(column.answers, wide.profiles):
        return True
    count = column.distinct - len(wide.profiles)
    return len(wide.profiles) > 1 and 0 <= count <= 2 and asks_to_choose(column.label)


def _alike(columns: Sequence[Column]) -> list[list[Column]]:
    """Columns of the same answers whose names differ in one number, or in all; the longest first."""
    found: dict[tuple[frozenset[str], str], list[Column]] = {}
    for column in columns:
        forms = {re.sub(r"\d+", "#", column.name)}
        for match in re.finditer(r"\d+", column.name):
            forms.add(f"{column.name[: match.start()]}#{column.name[match.end() :]}")
        spoken = asks_to_choose(column.label)
        key = frozenset() if spoken else frozenset(column.answers)
        wording = without_numbers(column.label) if spoken else ""
        for form in forms:
            found.setdefault((key, f"{form}\0{wording}"), []).append(column)
    unique = {tuple(c.name for c in own): own for own in found.values()}
    return sorted(unique.values(), key=len, reverse=True)
