"""A wide file, one row a respondent, as survey.toml says it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from conjoint.propose.attribute import (
    family_labels,
    propose_attribute,
    propose_probabilities,
    propose_restrictions,
)
from conjoint.propose.design import ALIKE, MOST_LEVELS, cell_names, numbered
from conjoint.propose.doubt import too_many
from conjoint.propose.draft import quoted
from conjoint.propose.evidence import agreement, pooled
from conjoint.propose.judged import one_each
from conjoint.propose.model import Option
from conjoint.propose.outcome import propose_choice, propose_choice_apart, propose_judgement
from conjoint.propose.pattern import in_order
from conjoint.propose.presence import propose_presence
from conjoint.propose.reading import names_profiles
from conjoint.propose.repeat import extra_tasks, repeat_by_answer, repeat_by_content
from conjoint.propose.respondent import find_id, propose_people
from conjoint.propose.shown import column_name, shown_wide

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.propose.column import Column
    from conjoint.propose.design import Wide
    from conjoint.propose.draft import Draft
    from conjoint.propose.pattern import Family
    from conjoint.propose.repeat import Repeated
    from conjoint.propose.shown import Shown
    from conjoint.typing import Sureness

__all__ = ["propose_wide"]


def propose_wide(draft: Draft, wide: Wide, columns: Sequence[Column]) -> None:
    """Propose all that a wide file can say."""
    by_name = {column.name: column for column in columns}
    extra = extra_tasks(wide, by_name)
    shown = shown_wide(wide, by_name, extra)
    repeated = repeat_by_content(shown, len(wide.profiles)) or repeat_by_answer(
        wide.choices, wide, by_name
    )
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
    names = _attributes(draft, wide, shown)
    all_tasks = [*tasks, *([repeated.task] if repeated else [])]
    used |= _outcomes(draft, wide, by_name, all_tasks)
    rest = [c for c in columns if c.name not in used and c is not own]
    propose_presence(draft, shown, names, rest)
    propose_people(draft, rest)


def _many_values(draft: Draft, wide: Wide, columns: Sequence[Column]) -> tuple[set[str], set[str]]:
    """Name attributes of very many values; says by which patterns their columns go, and which they are."""
    if wide.names is not None:
        return set(), set()
    named = cell_names(wide)
    found: dict[str, list[Column]] = {}
    for column in columns:
        match = named.fullmatch(column.name)
        if match and column.name not in wide.columns and column.distinct > MOST_LEVELS:
            found.setdefault(match.group(1), []).append(column)
    for name, own in found.items():
        too_many(draft, name, max(own, key=lambda column: column.distinct), None)
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
        draft.say(
            ("data", "attribute"), pattern, "sure", "the levels, at the position where each stood"
        )
        draft.say(("data", "name"), names, "sure", wide.evidence[0])
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
        draft.say(("data", "repeat"), value, repeated.sureness, repeated.evidence)


def _ask_pattern(draft: Draft, wide: Wide) -> None:
    """Leave to a person which of two readings of the columns' names is right."""
    if wide.rival is None:
        return
    options = []
    for reading in (wide, wide.rival):
        sets = [(("data", "attribute"), reading.pattern)]
        sample = next(iter(next(iter(reading.attributes.values())).cells.items()))
        (task, profile), column = sample
        said = f"{column.name} is profile {profile} of task {task}"
        for key, names in (("tasks", reading.tasks), ("profiles", reading.profiles)):
            value = len(names) if key == "tasks" and numbered(names) else list(names)
            if draft.guesses["data", key].value != value:
                sets.append((("data", key), value))  # type: ignore[arg-type]
        options.append(Option(reading.pattern, said, tuple(sets)))
    del draft.guesses["data", "attribute"]
    question = "Which number in the columns' names is the task, and which the profile? Both may be."
    draft.ask(("data", "attribute"), question, *options, default=None)


def _sample(wide: Wide, task: str) -> str:
    first = next(iter(wide.attributes))
    return column_name(wide.pattern, task, (wide.profiles or ("",))[0], first)


def _columns(wide: Wide, by_name: dict[str, Column], repeated: Repeated | None) -> set[str]:
    """The columns of attributes, those of the repeated task among them."""
    used = set(wide.columns)
    extra = (repeated.task,) if repeated is not None else ()
    for task in extra:
        for attribute in wide.attributes:
            used |= {column_name(wide.pattern, task, p, attribute) for p in wide.profiles or ("",)}
            if wide.names is not None:
                used.add(column_name(wide.names.pattern, task, attribute))
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
    for family in wide.choices:
        own = [column_name(family.pattern, task) for task in tasks]
        if all(name in by_name for name in own) and used.isdisjoint(own):
            label = _label([by_name[name] for name in own])
            propose_choice(
                draft, family.pattern, pooled([by_name[n] for n in own]), wide.profiles, label
            )
            used |= set(own)
    for family in wide.outcomes.values():
        own = [column_name(family.pattern, t, p) for t in tasks for p in family.profiles or ("",)]
        if all(name in by_name for name in own) and used.isdisjoint(own):
            cells = [by_name[name] for name in own]
            share, held, none = one_each(family)
            done = propose_judgement(
                draft, family.pattern, pooled(cells), share, held, _label(cells), nobody=none
            )
            used |= set(own) if done else set()
            if done and family.profiles != wide.profiles:
                _say_profiles(draft, wide, family)
    if not used:
        used |= _ask_outcome(draft, wide, by_name, tasks)
    return used


def _say_profiles(draft: Draft, wide: Wide, family: Family) -> None:
    """Say how an outcome's columns call the profiles."""
    key = next(k[:2] for k, own in draft.guesses.items() if own.value == family.pattern)
    alias = dict(zip(wide.profiles, family.profiles, strict=True))
    said = "the same places under other names"
    draft.say((*key, "profiles"), alias, "likely", said)


def _label(columns: Sequence[Column]) -> str:
    """The wording that all columns of an outcome share."""
    texts = [c.label for c in columns]
    return texts[0] if texts[0] != columns[0].name and len(set(texts)) == 1 else ""


def _ask_outcome(
    draft: Draft, wide: Wide, by_name: dict[str, Column], tasks: list[str]
) -> set[str]:
    """Leave to a person which columns hold the answers; says which ones could."""
    alike: dict[tuple[frozenset[str], str], list[str]] = {}
    could: list[str] = []
    for column in by_name.values():
        if column.name not in wide.columns and names_profiles(column.answers, wide.profiles):
            could.append(column.name)
            for form in _forms(column.name):
                alike.setdefault((frozenset(column.answers), form), []).append(column.name)
    some = list(dict.fromkeys(tuple(own) for own in alike.values() if len(own) == len(tasks)))[:2]
    if some:
        counts = pooled([by_name[name] for name in some[0]])
        between = [own for own in some if _stands_between(wide, by_name, own)]
        propose_choice_apart(
            draft, in_order(tasks), between if len(between) == 1 else some, counts, wide.profiles,
            told=len(between) == 1,
        )  # fmt: skip
        return {name for names in some for name in names}
    near = list(dict.fromkeys(", ".join(own) for own in alike.values() if len(own) > len(tasks)))
    hint = f" Some of {'; or of '.join(near[:2])} may." if near else ""
    draft.ask(
        ("outcomes",),
        f"Which columns hold the answers to the tasks? No columns go by the tasks' names.{hint} Write "
        "them as [outcomes.NAME]: `columns` names the column of each task.",
        default=None,
    )
    return set(could) if len(could) >= len(tasks) else set()


def _stands_between(wide: Wide, by_name: dict[str, Column], names: Sequence[str]) -> bool:
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
    at = [by_name[name].place for name in names]
    after = [start for start, _ in ends[1:]] + [max(at) + 1]
    return len(at) == len(ends) and all(
        end < place < start for (_, end), place, start in zip(ends, at, after, strict=True)
    )


def _forms(name: str) -> list[str]:
    """What a name may share with others of its series: all but one number, or but all of them."""
    spans = [match.span() for match in re.finditer(r"\d+", name)]
    one = [f"{name[:start]}#{name[end:]}" for start, end in spans]
    return list(dict.fromkeys([*one, re.sub(r"\d+", "#", name)]))
