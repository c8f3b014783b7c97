"""What the answers of a choice could mean: which answer chooses which profile."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from conjoint.propose.pattern import ordinal
from conjoint.propose.value import is_no_answer, is_none_option
from conjoint.propose.words import wording
from conjoint.spelling import is_missing_code

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conjoint.typing import Sureness

__all__ = ["Reading", "by_task", "names_profiles", "readings"]


ASIDE = re.compile(r"\s*\([^()]*\)\s*$")
"""What stands in brackets at an answer's end: Option A (left)."""

TASK_IN_ANSWER = (
    r"(?<![^\W_]){}(?![^\W_])",
    r"(?<!\d){}(?!\d)",
    r"^{}(?!\d)",
    r"(?<!\d){}$",
    r"^{}",
    r"{}$",
)
"""Where an answer may name its task: as a word, as a number, and at its start or end."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of a choice's answers.

    `chosen` says which answer means which profile; `none` choose no profile, `missing` are no
    answer. `why` says what speaks for it.
    """

    chosen: Mapping[str, str]
    none: tuple[str, ...]
    missing: tuple[str, ...]
    sureness: Sureness
    why: str


def names_profiles(counts: Mapping[str, int], profiles: Sequence[str]) -> bool:
    """Whether the answers name every profile, by its own name or by its place."""
    found = readings(counts, profiles)
    return len(found) == 1 and found[0].sureness != "guess"


def by_task(
    counts: Mapping[str, Mapping[str, int]], profiles: Sequence[str]
) -> dict[str, Counter[str]] | None:
    """Answers that name the task beside the profile, by what is left without the task.

    `counts` are the answers of each task's column: "1A" and "1B" of task 1, "2A" and "2B" of task 2
    give A (1A and 2A) and B. None where answers do not name their task, or what is left does not name
    the profiles.
    """
    if len(counts) < 2 or len(set().union(*counts.values())) <= len(profiles):
        return None
    said = {task: "\0".join(answers).casefold() for task, answers in counts.items()}
    if not all(task.casefold() in text for task, text in said.items()):
        return None
    for way in TASK_IN_ANSWER:
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for task, answers in counts.items():
            pattern = re.compile(way.format(re.escape(task)), re.IGNORECASE)
            for text, number in answers.items():
                stripped, hits = pattern.subn(" ", text, count=1)
                plain = not hits and (is_no_answer(text) or is_none_option(text))
                found[text if plain else stripped.strip(" _-.:,;/|") if hits else ""][text] += (
                    number
                )
        if "" not in found and names_profiles({t: c.total() for t, c in found.items()}, profiles):
            return dict(found)
    return None


def readings(counts: Mapping[str, int], profiles: Sequence[str]) -> list[Reading]:
    """Every way to read the answers; one of them where nothing speaks for another."""
    bare = {wording(text) or text: text for text in counts}
    if len(bare) < len(counts) or all(text == raw for text, raw in bare.items()):
        return _readings(counts, profiles)
    found = _readings({text: counts[raw] for text, raw in bare.items()}, profiles)
    return [
        replace(
            way,
            chosen={profile: bare[text] for profile, text in way.chosen.items()},
            none=tuple(bare[text] for text in way.none),
            missing=tuple(bare[text] for text in way.missing),
        )
        for way in found
    ]


def _readings(counts: Mapping[str, int], profiles: Sequence[str]) -> list[Reading]:
    missing = tuple(text for text in counts if is_no_answer(text))
    numbers = {text: float(text) for text in counts if re.fullmatch(r"-?\d{1,4}", text)}
    missing += tuple(
        text
        for text in numbers
        if is_missing_code(text, [n for other, n in numbers.items() if other != text])
    )
    rest = [text for text in counts if text not in missing]
    none = tuple(text for text in rest if is_none_option(text))
    rest = [text for text in rest if text not in none]
    named = _by_name(rest, profiles)
    if named is not None:
        others = tuple(text for text in rest if text not in named.values())
        if not others:
            why = "its answers name the profiles"
            return [
                Reading(named, none, missing, "sure", why),
                *_asides(named, profiles, none, missing),
            ]
    else:
        others = ()
        named = _by_place(rest, profiles)
        if named is not None:
            why = "its answers count the profiles in their order"
            return [Reading(named, none, missing, "likely", why)]
    if named is not None and len(others) == 1 and not none:
        why = f'"{others[0]}" chooses none of them'
        return [Reading(named, (*none, *others), missing, "guess", why)]
    return _two_ways(sorted(rest, key=_code), profiles, none, missing)


def _asides(
    named: Mapping[str, str],
    profiles: Sequence[str],
    none: tuple[str, ...],
    missing: tuple[str, ...],
) -> list[Reading]:
    """What brackets at the end of answers say, where it is something else: Option A (right)."""
    said = {text: ASIDE.search(text) for text in named.values()}
    inner = {found.group().strip(" ()"): text for text, found in said.items() if found}
    placed = _by_place(list(inner), profiles) if len(inner) == len(named) else None
    if placed is None or all(inner[placed[profile]] == text for profile, text in named.items()):
        return []
    chosen = {p: inner[aside] for p, aside in placed.items()}
    return [Reading(chosen, none, missing, "guess", "what stands in brackets counts the profiles")]


def _code(text: str) -> tuple[float, str]:
    return (float(text), "") if re.fullmatch(r"-?\d{1,9}", text) else (float("inf"), text)


def _two_ways(
    rest: list[str], profiles: Sequence[str], none: tuple[str, ...], missing: tuple[str, ...]
) -> list[Reading]:
    count = len(profiles)
    found = []
    if len(rest) == count:
        forward = dict(zip(profiles, rest, strict=True))
        backward = dict(zip(profiles, rest[::-1], strict=True))
        found.append(Reading(forward, none, missing, "guess", "in the order of the codes"))
        if count == 2 and rest == ["0", "1"]:
            why = f'"1" says that {profiles[0]} was chosen'
            found.append(Reading(backward, none, missing, "guess", why))
        else:
            found.append(Reading(backward, none, missing, "guess", "in the opposite order"))
    elif len(rest) == count + 1 and not none:
        first = dict(zip(profiles, rest[1:], strict=True))
        last = dict(zip(profiles, rest[:-1], strict=True))
        found = [
            Reading(last, (rest[-1],), missing, "guess", f'"{rest[-1]}" chooses none of them'),
            Reading(first, (rest[0],), missing, "guess", f'"{rest[0]}" chooses none of them'),
        ]
    return found


def _by_name(texts: Sequence[str], profiles: Sequence[str]) -> dict[str, str] | None:
    """Answers that hold the profile's own name as a word: "Deal A" for A."""
    named: dict[str, str] = {}
    for profile in profiles:
        # A number may stand right behind a word: 1 of "Option1" and "alt1".
        before = r"(?<!\d)" if profile.isdecimal() else r"(?<![^\W_])"
        word = re.compile(rf"{before}{re.escape(profile)}(?![^\W_])", re.IGNORECASE)
        exact = [text for text in texts if text.casefold() == profile.casefold()]
        # "A" of "Option A", and not the article of "a deal": such a letter stands last, or first.
        hits = exact or [text for text in texts if _says(word, text)]
        if len(hits) != 1:
            return None
        named[profile] = hits[0]
    return named if len(set(named.values())) == len(profiles) else None


def _says(word: re.Pattern[str], text: str) -> bool:
    """Whether a name stands first or last, before what is in brackets, or behind a word as a capital."""
    bare = ASIDE.sub("", text)
    found = list(word.finditer(bare))
    return any(
        match.end() == len(bare.rstrip(" .)"))
        or match.start() == 0
        or (match.group().isupper() and re.search(r"[^\W\d_]{3,} $", bare[: match.start()]))
        for match in found
    )


def _by_place(texts: Sequence[str], profiles: Sequence[str]) -> dict[str, str] | None:
    """Answers that say a place: "Community A" or "Left" for the first profile."""
    order = [ordinal(profile, profiles) for profile in profiles]
    if len(texts) != len(profiles) or len(set(order)) < len(profiles) or None in order:
        return None
    said: dict[int, str] = {}
    for text in texts:
        words = re.findall(r"[^\W_]+", text)
        ranks = [
            rank
            for word in (words[-1:] + words[:1])
            if (rank := ordinal(word, _last_words(texts, word, words))) is not None
        ]
        if not ranks or ranks[0] in said:
            return None
        said[ranks[0]] = text
    if set(said) != set(range(len(profiles))) or not _is_first_to_last(order):
        return None
    ranked = sorted(zip(order, profiles, strict=True), key=lambda pair: (pair[0] is None, pair[0]))
    return {profile: said[place] for place, (_, profile) in enumerate(ranked)}


def _is_first_to_last(order: Sequence[int | None]) -> bool:
    return {place for place in order if place is not None} == set(range(len(order)))


def _last_words(texts: Sequence[str], word: str, words: Sequence[str]) -> list[str]:
    """The words of the other answers at the same end."""
    at = -1 if words[-1] == word else 0
    each = [re.findall(r"[^\W_]+", text) for text in texts]
    return [found[at] for found in each if found]
