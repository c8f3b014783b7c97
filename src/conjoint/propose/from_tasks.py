"""A file of one row a task, its profiles side by side and respondents on several rows."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from conjoint.propose.attribute import (
    propose_attribute,
    propose_probabilities,
    propose_restrictions,
)
from conjoint.propose.design import ALIKE, same_places
from conjoint.propose.doubt import CHOSEN, ask_many, ask_which, doubt_of, too_many
from conjoint.propose.draft import quoted
from conjoint.propose.dummies import pooled_columns, propose_dummies
from conjoint.propose.evidence import (
    DEPENDS,
    agreement,
    codes_of,
    depends_on,
    flat_codes,
    pooled,
    sample_rows,
)
from conjoint.propose.judged import few_patterns, is_scale, judged, one_each
from conjoint.propose.long import MOST_LEVELS, is_said, respondents_of
from conjoint.propose.outcome import propose_choice, propose_judgement
from conjoint.propose.pattern import Family, families, hint, lattices, narrowed
from conjoint.propose.presence import emptied, propose_presence, say_emptied
from conjoint.propose.reading import names_profiles
from conjoint.propose.respondent import propose_people
from conjoint.propose.shown import Shown
from conjoint.propose.words import names_outcome
from conjoint.read.rows import place_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from conjoint.propose.column import Column
    from conjoint.propose.draft import Draft
    from conjoint.propose.pattern import Lattice

__all__ = ["Tasks", "find_tasks", "propose_tasks"]

MOST_SIDES = 6

FEW_VERSIONS, MORE = 5, 1.5
"""Rows for each task of a design from which it has few versions; how many more tasks answers make of them."""

FIRST_WORD = re.compile(r"(?P<before>)(?P<word>[^\W\d_]{2,})(?P<behind>[\W_].+)")
LAST_WORD = re.compile(r"(?P<before>.+[\W_])(?P<word>[^\W\d_]{2,})(?P<behind>)")


@dataclass(frozen=True, eq=False, slots=True)
class Tasks:
    """How a file of one row a task holds its profiles.

    `pattern` names the columns by ``{profile}`` and ``{attribute}``; `attributes` and `outcomes` are
    by the text that names them. `apart` are ratings whose columns call the profiles otherwise. `same` are profiles that are alike in every task. `choices` are columns
    whose answers name the profiles.
    """

    respondent: Column
    pattern: str
    profiles: tuple[str, ...]
    attributes: Mapping[str, Family]
    outcomes: Mapping[str, Family]
    many: Mapping[str, Family]
    same: tuple[str, ...]
    choices: tuple[Column, ...]
    apart: tuple[Family, ...]
    score: float

    @property
    def columns(self) -> set[str]:
        """The names of all columns of profiles."""
        held = (*self.attributes.values(), *self.outcomes.values(), *self.many.values())
        held = (*held, *self.apart)
        return {column.name for family in held for column in family.cells.values()}


def find_tasks(columns: Sequence[Column]) -> Tasks | None:
    """The reading of a file of one row a task that its cells speak for most, or none."""
    usable = [c for c in columns if c.name and c.filled]
    ids = respondents_of(usable)
    if not ids:
        return None
    respondent = ids[0][1]
    first = np.unique(respondent.codes, return_inverse=True)[1]
    moving = [c for c in usable if c is not respondent and not _fixed(c, first)]
    constant = [c for c in usable if c.distinct == 1]
    singles = families([*moving, *constant], longest=6)[1]
    found = [
        tasks
        for lattice in lattices(singles)
        if 2 <= len(next(iter(lattice.families.values())).tasks) <= MOST_SIDES
        and (tasks := _read_as(lattice, respondent, moving, singles)) is not None
    ]
    if not found:
        # Any word may be a profile's name where there is a choice: car_time and bus_time.
        words = lattices(_worded([*moving, *constant]))
        read = (_read_as(lattice, respondent, moving, singles) for lattice in words)
        found = [tasks for tasks in read if tasks is not None and _chooses(tasks)]
    return max(found, key=lambda tasks: tasks.score, default=None)


def _fixed(column: Column, whose: np.ndarray[tuple[int], np.dtype[np.intp]]) -> bool:
    pairs = np.unique(whose * (len(column.categories) + 2) + column.codes + 1)
    return len(pairs) == int(whose.max()) + 1


def _chooses(tasks: Tasks) -> bool:
    """Whether a choice goes with several attributes: it names the profiles, or says that it is one."""
    return len(tasks.attributes) > 1 and any(
        names_profiles(column.answers, tasks.profiles)
        or (names_outcome(column.name) and column.distinct == len(tasks.profiles))
        for column in tasks.choices
    )


def _worded(columns: Sequence[Column]) -> list[Family]:
    """Columns that differ in their first or last word alone, where several others do in the same words."""
    groups: dict[tuple[str, str], dict[str, Column]] = defaultdict(dict)
    for column in columns:
        for form in (FIRST_WORD, LAST_WORD):
            word = form.fullmatch(column.name)
            if word:
                around = word["before"] or "", word["behind"] or ""
                groups[around][word["word"]] = column
    same: dict[tuple[str, ...], list[tuple[str, str]]] = defaultdict(list)
    for around, cells in groups.items():
        if 2 <= len(cells) <= MOST_SIDES:
            same[tuple(sorted(cells))].append(around)
    return [
        Family(
            ("task",),
            around,
            {(word, ""): groups[around][word] for word in words},
            tuple(sorted(words, key=lambda word: groups[around][word].place)),
            (),
        )
        for words, places in same.items()
        if len(places) > 1
        for around in places
    ]


def _adds(columns: Sequence[Column], others: Sequence[Column]) -> bool:
    """Whether columns tell rows of a design apart that the others do not: people's answers do."""
    versions = _drawn(others)[0].rows if others else columns[0].rows
    few = versions <= columns[0].rows / FEW_VERSIONS
    return not few or _drawn([*columns, *others])[0].rows >= MORE * versions


def _is_of_versions(columns: Sequence[Column], respondent: Column) -> bool:
    """Whether many people share all their cells: versions of a design, and no answers."""
    whose = np.unique(respondent.codes, return_inverse=True)[1].astype(np.intp)
    place = place_in(whose)
    tasks = int(place.max()) + 1
    codes = np.full((int(whose.max()) + 1, len(columns), tasks), -1, dtype=np.intp)
    own = codes_of(columns, np.arange(respondent.rows, dtype=np.intp), list(pooled(columns)))
    codes[whose, :, place] = own
    return few_patterns(codes.reshape(len(codes), -1), len(columns), tasks)


def _drawn(columns: Sequence[Column]) -> list[Column]:
    """Columns without the rows in which all of them say what others say: versions of a design."""
    codes = np.stack([column.codes.astype(np.intp) for column in columns])
    first = np.unique(codes, axis=1, return_index=True)[1].astype(np.intp)
    return [column.at(np.sort(first)) for column in columns]


def _read_as(
    lattice: Lattice, respondent: Column, moving: Sequence[Column], singles: Sequence[Family]
) -> Tasks | None:
    """A pattern's columns as profiles side by side; none where they hold other things."""
    sides = next(iter(lattice.families.values())).tasks
    same = tuple(
        side
        for side in sides
        if all(f.cells[side, ""].distinct <= 1 for f in lattice.families.values())
    )
    profiles = tuple(side for side in sides if side not in same)
    if len(profiles) < 2:
        return None
    levels: dict[str, Family] = {}
    outcomes: dict[str, Family] = {}
    many: dict[str, Family] = {}
    sided = {
        name: [family.cells[side, ""] for side in profiles]
        for name, family in lattice.families.items()
    }
    answers = {
        name
        for name, own in sided.items()
        if judged(
            own[0],
            one_each(_of_profiles(lattice.families[name], profiles))[0],
            0.0,
            own,
            f"{name}_{{profile}}",
        )
    }
    answers = {
        name
        for name in answers
        if names_outcome(name) or not _is_of_versions(sided[name], respondent)
    }
    plain = [column for name, own in sided.items() if name not in answers for column in own]
    for name, family in lattice.families.items():
        own = sided[name]
        if name in answers and _adds(own, plain):
            outcomes[name] = family
        elif agreement(_drawn([*own, *plain])[: len(own)]) >= ALIKE and len(pooled(own)) > 1:
            few = len(pooled(own)) <= MOST_LEVELS
            (levels if few else many)[name] = family
    is_shown = any(column.shown for own in sided.values() for column in own)
    enough = len(levels) + len(many) + len(outcomes) > 1 or is_shown
    if not levels or not enough:
        return None
    taken = {c.name for family in lattice.families.values() for c in family.cells.values()}
    apart = tuple(_apart(singles, profiles, taken))
    taken |= {c.name for family in apart for c in family.cells.values()}
    may_be = [
        column
        for column in moving
        if column.name not in taken
        and not _runs_on(column, respondent)
        and column.distinct <= len(sides) + 3
    ]
    choices = tuple(
        column
        for column in may_be
        if names_profiles(column.answers, profiles)
        or names_profiles(column.answers, sides)
        or (len(profiles) <= column.distinct and names_outcome(column.name))
    )
    answered = bool(outcomes or apart)
    if not choices and not answered:
        choices = tuple(_going_with(may_be, levels, profiles))
    if not choices and not answered and len(levels) + len(many) < 2 and not is_shown:
        return None
    kept = narrowed(lattice, [*levels, *many, *outcomes])
    sample = next(iter(kept.families.values()))
    score = 2.0 * len(levels) * len(profiles) + 4 * bool(choices or answered)
    score += 3 * hint("task", sample) + 3 * (not sides[0].isdecimal())
    return Tasks(
        respondent, kept.pattern.replace("{task}", "{profile}"), profiles,
        {name: f for name, f in kept.families.items() if _is_of(levels, f)},
        {name: f for name, f in kept.families.items() if _is_of(outcomes, f)},
        {name: f for name, f in kept.families.items() if _is_of(many, f)},
        same, choices, apart, score,
    )  # fmt: skip


def _apart(
    singles: Sequence[Family], profiles: tuple[str, ...], taken: set[str]
) -> Iterator[Family]:
    """Ratings whose columns count the profiles alike and call them otherwise: a and b are 1 and 2."""
    for family in singles:
        own = list(family.cells.values())
        free = taken.isdisjoint(column.name for column in own)
        if (
            free
            and family.tasks != profiles
            and same_places(family.tasks, profiles)
            and is_scale(own)
        ):
            yield family


def _going_with(
    columns: Sequence[Column], levels: Mapping[str, Family], profiles: tuple[str, ...]
) -> Iterator[Column]:
    """Columns with an answer a profile, or one more, that go with the levels shown: choices."""
    rows = sample_rows(next(iter(next(iter(levels.values())).cells.values())).rows)
    shown = {}
    for name, family in levels.items():
        for side in profiles:
            own = [family.cells[side, ""]]
            shown[f"{name} {side}"] = codes_of(own, rows, list(pooled(own))).ravel()
    for column in columns:
        if len(profiles) <= column.distinct <= len(profiles) + 1:
            codes = codes_of([column], rows, list(column.answers)).ravel()
            if depends_on(codes, shown)[0] >= DEPENDS:
                yield column


def _is_of(group: Mapping[str, Family], family: Family) -> bool:
    """Whether a family is one of a group, whatever its name."""
    first = next(iter(family.cells.values())).name
    return any(next(iter(own.cells.values())).name == first for own in group.values())


def _of_profiles(family: Family, profiles: tuple[str, ...]) -> Family:
    """A family whose columns are of one task's profiles."""
    cells = {("1", side): family.cells[side, ""] for side in profiles}
    return replace(family, cells=cells, tasks=("1",), profiles=profiles)


# --- As survey.toml says it -----------------------------------------------------------------------


def propose_tasks(draft: Draft, tasks: Tasks, columns: Sequence[Column]) -> None:
    """Propose all that a file of one row a task can say."""
    respondent, profiles = tasks.respondent, tasks.profiles
    whose = np.unique(respondent.codes, return_inverse=True)[1].astype(np.intp)
    own = next(iter(tasks.attributes.values()))
    sample = " and ".join(own.cells[side, ""].name for side in profiles[:2])
    why = f"one row a task, profiles side by side: {sample} share the same levels"
    draft.say(("data", "layout"), "tasks", "sure", why)
    each = np.bincount(whose)
    said = f"{respondent.distinct:,} ids on {each.min()} to {each.max()} rows each"
    draft.say(("data", "respondent"), respondent.name, "sure", said)
    others = [c for c in columns if c is not respondent and c.name and c.name not in tasks.columns]
    number = _number(others, whose, tasks)
    tasks, doubts = _weighed(tasks)
    if number is not None:
        draft.say(
            ("data", "task"), number.name, "likely", "no two rows of a respondent hold the same"
        )
    draft.say(
        ("data", "profiles"),
        list(profiles),
        "sure",
        "every attribute has a column for each",
    )
    draft.say(("data", "attribute"), tasks.pattern, "sure", f"such as {sample}")
    if tasks.same:
        draft.notes.append(
            f"The columns of {' and '.join(tasks.same)} hold the same in every task: no profile is proposed "
            "for them; an answer that chooses them chooses none."
        )
    people = _people(draft, others, whose, number, tasks)
    shown = _shown(tasks, whose)
    shown, marks = emptied(shown)
    dummies = propose_dummies(draft, pooled_columns(shown), tasks.pattern)
    shown = shown.of([name for name in tasks.attributes if name not in dummies])
    names = {name: _attribute(draft, tasks, name, shown) for name in shown.texts}
    say_emptied(draft, marks, names)
    propose_presence(draft, shown, names, people)
    propose_restrictions(draft, shown, names)
    propose_probabilities(draft, shown, names)
    for name, family in tasks.many.items():
        too_many(draft, name, [family.cells[side, ""] for side in profiles])
    _outcomes(draft, tasks)
    for name, (family, is_answer, why) in doubts.items():
        pattern = tasks.pattern.replace("{attribute}", name)
        ask_which(draft, name, pattern, family, why, is_answer=is_answer)
    propose_people(draft, people)


def _weighed(tasks: Tasks) -> tuple[Tasks, dict[str, tuple[Family, bool, str]]]:
    """Weigh what may be levels or answers; says of which a person should look, and what speaks for it."""
    attributes, outcomes = dict(tasks.attributes), dict(tasks.outcomes)
    every = {**attributes, **outcomes}
    own = {name: _of_profiles(family, tasks.profiles) for name, family in every.items()}
    could = [n for n in outcomes if one_each(own[n])[0] < CHOSEN]
    could += [n for n in attributes if is_scale(list(own[n].cells.values()))]
    plain = {n: flat_codes(own[n], ("1",)) for n in attributes if n not in could}
    doubts: dict[str, tuple[Family, bool, str]] = {}
    for name in could:
        found = doubt_of(
            own[name], name, ("1",), plain, is_answer=name in outcomes,
            answered=bool(tasks.choices) or len(outcomes) > 1,
        )  # fmt: skip
        if found is None:
            continue
        doubts[name] = (own[name], *found)
        if name in outcomes and not found[0]:
            attributes[name] = outcomes.pop(name)
    return replace(tasks, attributes=attributes, outcomes=outcomes), doubts


def _runs_on(column: Column, respondent: Column) -> bool:
    """Whether a column counts each respondent's rows: no two hold the same, and all hold something."""
    pairs = respondent.codes.astype(np.int64) * (len(column.categories) + 1) + column.codes
    several = column.rows >= 2 * respondent.distinct
    return several and column.filled == column.rows and len(np.unique(pairs)) == column.rows


def _number(
    others: Sequence[Column], whose: np.ndarray[tuple[int], np.dtype[np.intp]], tasks: Tasks
) -> Column | None:
    """The column that numbers the tasks of a respondent."""
    found = []
    for column in others:
        if column.filled < column.rows or column in tasks.choices or not column.is_whole:
            continue
        pairs = np.unique(whose * (len(column.categories) + 1) + column.codes)
        counts = len(pairs) == column.rows and (is_said(column, "task") or not column.is_unique)
        if counts:
            found.append((not is_said(column, "task"), column.is_unique, column.place, column))
    return min(found)[-1] if found else None


def _people(
    draft: Draft,
    others: Sequence[Column],
    whose: np.ndarray[tuple[int], np.dtype[np.intp]],
    number: Column | None,
    tasks: Tasks,
) -> list[Column]:
    """Columns of respondents, once for each; others are named."""
    first = np.unique(whose, return_index=True)[1].astype(np.intp)
    fixed = [c for c in others if c.filled and c.distinct > 1 and _fixed(c, whose)]
    if fixed:
        why = "they never change within a respondent"
        draft.say(("data", "respondent_columns"), [c.name for c in fixed], "sure", why)
    left = [
        c.name
        for c in others
        if c not in fixed and c is not number and c not in tasks.choices and c.distinct > 1
        if not c.is_unique
    ]
    if left:
        draft.notes.append(
            f"{', '.join(map(quoted, left[:8]))} differ{'s' * (len(left) == 1)} between tasks and not between "
            "profiles: no attribute is proposed."
        )
    return [column.at(first) for column in fixed]


def _shown(tasks: Tasks, whose: np.ndarray[tuple[int], np.dtype[np.intp]]) -> Shown:
    """The levels, one row a profile."""
    rows = np.arange(len(whose), dtype=np.intp)
    count = len(tasks.profiles)
    texts, codes = {}, {}
    for name, family in tasks.attributes.items():
        own = [family.cells[side, ""] for side in tasks.profiles]
        texts[name] = tuple(pooled(own))
        codes[name] = codes_of(own, rows, texts[name]).reshape(1, 1, -1)
    return Shown(texts, codes, ("",), (np.repeat(whose, count), np.repeat(rows, count)))


def _attribute(draft: Draft, tasks: Tasks, name: str, shown: Shown) -> str:
    own = [tasks.attributes[name].cells[side, ""] for side in tasks.profiles]
    why = f"{len(own)} columns such as {own[0].name} hold the same levels"
    declared = own[0].declared if all(c.declared == own[0].declared for c in own) else ()
    missing = frozenset[str]().union(*(c.missing for c in own))
    made = propose_attribute(draft, name, shown.counts(name), ("sure", why), "", declared, missing)
    ask_many(draft, made, own)
    return made


def _outcomes(draft: Draft, tasks: Tasks) -> None:
    """Choices that name the profiles, and answers that each profile has."""
    for column in tasks.choices:
        label = column.label if column.label != column.name else ""
        answers = {"": Counter(column.answers)}
        propose_choice(draft, column.name, answers, tasks.profiles, label)
    for name, family in tasks.outcomes.items():
        own = [family.cells[side, ""] for side in tasks.profiles]
        share, held, nobody = one_each(_of_profiles(family, tasks.profiles))
        if is_scale(own):
            share = 0.0
        pattern = tasks.pattern.replace("{attribute}", name)
        propose_judgement(draft, pattern, pooled(own), share, held, nobody=nobody)
    for family in tasks.apart:
        pattern = family.pattern.replace("{task}", "{profile}")
        if propose_judgement(draft, pattern, pooled(list(family.cells.values())), 0.0):
            key = next(key for key in reversed(draft.guesses) if key[0] == "outcomes")
            named = dict(zip(tasks.profiles, family.tasks, strict=True))
            draft.say((*key[:2], "profiles"), named, "likely", "its columns count them alike")
    if not any(key[0] == "outcomes" for key in draft.guesses):
        question = "Which column holds the answers to the tasks? Write it as [outcomes.NAME]."
        draft.ask(("outcomes",), question, default=None)
