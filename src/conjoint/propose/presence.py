"""Attributes whose cells are empty in some profiles: not always shown, or cells that were lost.

An arm of respondents, a draw of so many attributes a profile, a level of another attribute, or whole
tasks without the attribute speak for a design; single cells here and there speak for neither.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from conjoint.errors import choices
from conjoint.propose.draft import quoted
from conjoint.propose.model import Option
from conjoint.propose.pattern import in_order
from conjoint.propose.value import EMPTY_WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conjoint.propose.column import Column
    from conjoint.propose.draft import Draft
    from conjoint.propose.shown import Shown
    from conjoint.typing import BoolArray, IntArray, Sureness

__all__ = ["emptied", "propose_presence", "say_emptied"]

FEW = 0.05
"""What fewer profiles lack than this may as well be cells that were lost."""

ALMOST = 0.02
"""How many profiles may speak against an arm or a draw: cells of a design may be lost, too."""

MOST_ARMS = 12

ARM = re.compile(
    r"arm|group|grp|condition|cond|treat|version|split|cell|random|experiment|block|form|variant",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Profiles:
    """The profiles of which anything was shown.

    `respondent` and `task` number whose they are, of shape (profiles,); `codes` hold the place of
    each level by attribute, -1 where the cell is empty, and `texts` the levels.
    """

    respondent: IntArray
    task: IntArray
    codes: Mapping[str, IntArray]
    texts: Mapping[str, tuple[str, ...]]

    def empty(self, attribute: str) -> BoolArray:
        """Whether each profile lacks an attribute."""
        return np.asarray(self.codes[attribute] < 0)


@dataclass(frozen=True, slots=True)
class Reading:
    """What `presence` could say; `exceptions` are profiles that speak against it."""

    value: Any
    why: str
    exceptions: int = 0


def propose_presence(
    draft: Draft, levels: Shown, names: Mapping[str, str], people: Sequence[Column]
) -> None:
    """Say which attributes are not always shown, and leave to a person what may be lost cells.

    Parameters
    ----------
    draft
        The proposal, with the attributes in it.
    levels
        What was shown.
    names
        The name of each attribute in survey.toml.
    people
        Columns that may say who is in which arm, a row for each respondent of `levels`.
    """
    if all((codes >= 0).all() for codes in levels.codes.values()):
        return
    profiles = _profiles(levels)
    lacking = [name for name in profiles.codes if profiles.empty(name).any()]
    arms = {name: _arms(profiles, name, people) for name in lacking}
    draws = _draws(profiles, [name for name in lacking if not arms[name]])
    for name in lacking:
        key = ("attributes", names[name], "presence")
        often, whole = _how_often(profiles, name)
        few = name not in draws and bool(profiles.empty(name).mean() < FEW)
        readings = arms[name] or draws.get(name) or _with_a_level(profiles, name)
        if not readings and whole and not few:
            readings = [Reading("some", "a task shows it in all its profiles or in none")]
        designed = name in draws or bool(arms[name])
        _propose(draft, key, readings, often, few=few, designed=designed)


def emptied(levels: Shown) -> tuple[Shown, dict[str, str]]:
    """The levels without words that stand for an attribute which was not shown; says which they are.

    Such as "-" or "NA", where tasks hold it in all their profiles or in none, or where every profile
    then shows the same number of attributes.
    """
    marks = {
        name: text
        for name, texts in levels.texts.items()
        if len(texts) > 2
        for text in texts
        if text.strip().casefold() in EMPTY_WORDS
    }
    if not marks:
        return levels, {}
    codes = dict(levels.codes)
    for name, text in marks.items():
        gone = codes[name] == levels.texts[name].index(text)
        codes[name] = np.where(gone, -1, codes[name])
    profiles = _profiles(replace(levels, codes=codes))
    draws = _draws(profiles, list(marks))
    told = {name: text for name, text in marks.items() if name in draws or _by_task(profiles, name)}
    return replace(
        levels,
        codes={name: codes[name] if name in told else own for name, own in levels.codes.items()},
    ), told


def _by_task(profiles: Profiles, name: str) -> bool:
    """Whether tasks of several profiles lack an attribute in all of them or in none."""
    size = np.bincount(profiles.task)
    lacks = np.bincount(profiles.task, weights=profiles.empty(name), minlength=len(size))
    return bool((size > 1).any()) and _how_often(profiles, name)[1] and bool((lacks == size).any())


def say_emptied(draft: Draft, told: Mapping[str, str], names: Mapping[str, str]) -> None:
    """Say which word of an attribute is read as an empty cell."""
    for name, text in told.items():
        if name in names:
            why = f"{quoted(text)} stands where nothing of it was shown"
            draft.say(("recode", names[name], "missing"), [text], "likely", why)


def _propose(
    draft: Draft,
    key: tuple[str, ...],
    readings: Sequence[Reading],
    often: str,
    *,
    few: bool,
    designed: bool,
) -> None:
    """Say the first reading unless few profiles speak for it, and ask unless it is the only one."""
    plain = bool(readings) and not few
    if plain:
        alone = designed and len(readings) == 1 and not readings[0].exceptions
        sureness: Sureness = "sure" if alone else "likely"
        draft.say(key, readings[0].value, sureness, f"{readings[0].why}; {often}")
        if alone:
            return
    options = [Option(_in_words(r), r.why, ((key, r.value),)) for r in readings]
    if all(reading.value != "some" for reading in readings):
        why = "" if plain else "levels are compared where it stands"
        options.append(Option("it is not always shown", why, ((key, "some"),)))
    options.append(
        Option(
            "the cells are missing data: leave such tasks out of the file",
            "`conjoint check` names them",
            ((key, "always"),) if plain else (),
        )
    )
    counted = "" if plain else f" {often[0].upper()}{often[1:]}."
    draft.ask(
        key,
        f"Is {key[1]} not always shown, or are its empty cells missing data?{counted}",
        *options,
        default=0 if plain else None,
    )


def _in_words(reading: Reading) -> str:
    if isinstance(reading.value, str):
        return "it is not always shown"
    return f"it is shown to arms, which {reading.value['column']} holds"


def _profiles(levels: Shown) -> Profiles:
    """Every profile of which some attribute is filled in, whose it is and of which task."""
    first = next(iter(levels.codes.values()))
    people, tasks, count = first.shape
    if levels.rows is None:
        task = np.repeat(np.arange(people * tasks, dtype=np.intp), count)
        respondent = task // max(tasks, 1)
    else:
        respondent, task = levels.rows
    flat = {name: codes.ravel() for name, codes in levels.codes.items()}
    seen = np.zeros(len(task), dtype=bool)
    for codes in flat.values():
        seen |= codes >= 0
    found = {name: codes[seen] for name, codes in flat.items()}
    return Profiles(respondent[seen], task[seen], found, levels.texts)


def _how_often(profiles: Profiles, name: str) -> tuple[str, bool]:
    """How often a profile lacks an attribute, in words; whether tasks almost always lack it whole."""
    empty = profiles.empty(name)
    size = np.bincount(profiles.task)
    lacks = np.bincount(profiles.task, weights=empty, minlength=len(size))
    whole = int(((lacks == size) & (size > 1)).sum())
    torn = int(((lacks > 0) & (lacks < size)).sum())
    words = f"{int(empty.sum()):,} of {len(empty):,} profiles lack it"
    if size.max() > 1:
        words += f" (tasks that lack it in all profiles: {whole:,}; in some alone: {torn:,})"
    everyone = np.bincount(profiles.respondent) > 0
    shows = np.bincount(profiles.respondent, weights=~empty, minlength=len(everyone))
    never = everyone & (shows == 0)
    mixed = np.bincount(profiles.respondent, weights=empty, minlength=len(everyone)) > 0
    if never.any() and not (mixed & (shows > 0)).any():
        words += f"; {int(never.sum()):,} of {int(everyone.sum()):,} respondents never see it, and the others always"
    return words, torn <= FEW * whole


def _split(
    codes: IntArray, texts: Sequence[str], empty: BoolArray
) -> tuple[tuple[str, ...], int] | None:
    """The texts that go with filled cells, and the exceptions; none where they do not tell."""
    size = len(texts)
    place = np.where(codes < 0, size, codes)
    filled = np.bincount(place, weights=~empty, minlength=size + 1).astype(np.intp)
    lacks = np.bincount(place, weights=empty, minlength=size + 1).astype(np.intp)
    shows = filled > lacks
    exceptions = int(np.minimum(filled, lacks).sum())
    among = in_order(text for text, does in zip(texts, shows, strict=False) if does)
    if shows[size] or not among or not (~shows & (lacks > 0)).any():
        return None
    return among, exceptions


def _arms(profiles: Profiles, name: str, people: Sequence[Column]) -> list[Reading]:
    """Columns of respondents that tell who sees an attribute, the best first."""
    empty = profiles.empty(name)
    most = min(ALMOST * len(empty), FEW * min(empty.sum(), (~empty).sum()))
    found = []
    for column in people:
        if not 1 <= column.distinct <= MOST_ARMS:
            continue
        codes = column.codes.astype(np.intp)[profiles.respondent]
        split = _split(codes, [str(text) for text in column.categories], empty)
        if split is None or split[1] > most:
            continue
        among, exceptions = split
        shows = choices([quoted(text) for text in among])
        why = f"shown to those whose {quoted(column.name)} is {shows}"
        why += f", but for {exceptions:,} profiles" * bool(exceptions)
        value = {"column": column.name, "arm": among[0] if len(among) == 1 else list(among)}
        rank = (column.filled < column.rows, exceptions, not ARM.search(column.name))
        found.append((rank, Reading(value, why, exceptions)))
    found.sort(key=lambda pair: pair[0])
    # A question that one arm alone was asked tells as much; a column that all have comes first.
    return [reading for rank, reading in found if rank[0] == found[0][0][0]][:4]


def _draws(profiles: Profiles, lacking: Sequence[str]) -> dict[str, list[Reading]]:
    """Attributes of which every profile shows the same number, so that they were drawn."""
    often = [name for name in lacking if profiles.empty(name).mean() >= FEW]
    # One of them may lack cells for a reason of its own; rare ones count where there is no exception.
    sets = [(often, ALMOST), *(([n for n in often if n != name], ALMOST) for name in often)]
    for among, most in [*sets, (list(lacking), 0.0)]:
        if len(among) < 2:
            continue
        count = sum((~profiles.empty(name)).astype(np.intp) for name in among)
        sizes = np.bincount(count)
        usual = int(sizes.argmax())
        exceptions = int(sizes.sum() - sizes[usual])
        if 0 < usual < len(among) and exceptions <= most * sizes.sum():
            every = "every profile" if not exceptions else f"all but {exceptions:,} profiles"
            why = f"{every} show{'s' * (not exceptions)} {usual} of these {len(among)}: {choices(among, 8)}"
            return {name: [Reading("some", why, exceptions)] for name in among}
    return {}


def _with_a_level(profiles: Profiles, name: str) -> list[Reading]:
    """Another attribute, always shown, whose levels tell which profiles show this one."""
    empty = profiles.empty(name)
    for other, codes in profiles.codes.items():
        if other == name or (codes < 0).any():
            continue
        split = _split(codes, profiles.texts[other], empty)
        if split is not None and not split[1]:
            without = [text for text in profiles.texts[other] if text not in split[0]]
            levels = choices([quoted(text) for text in without])
            return [Reading("some", f"empty wherever {quoted(other)} is {levels}")]
    return []
