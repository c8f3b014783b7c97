"""Outcomes as survey.toml says them: choices, judgements and ratings."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from conjoint.propose.draft import quoted
from conjoint.propose.level import variants
from conjoint.propose.model import Option
from conjoint.propose.pattern import HINTS
from conjoint.propose.reading import Reading, by_task, names_profiles, readings
from conjoint.propose.value import is_no_answer
from conjoint.propose.words import NEGATIVE, POSITIVE, words_of
from conjoint.say.number import percent, percent_by_size
from conjoint.spelling import is_missing_code, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from conjoint.propose.draft import Draft
    from conjoint.propose.model import Key
    from conjoint.typing import Sureness

__all__ = [
    "outcome_name",
    "propose_choice",
    "propose_choice_apart",
    "propose_choice_by_column",
    "propose_judgement",
    "usual_scale",
]

SCALES = ((0, 10), (1, 5), (1, 7), (1, 4), (1, 10), (0, 100), (1, 9), (1, 11), (0, 4), (1, 6), (1, 100),
    (-5, 5), (-3, 3), (-2, 2))  # fmt: skip
"""Scales that are in use, the commonest first."""

UNUSED = 0.34
"""The share of a scale that may lie beyond the answers given, for it to be the one."""


def outcome_name(pattern: str, otherwise: str) -> str:
    """A name from the words of a pattern: ``t{task}_{profile}_support`` gives support."""
    bare = re.sub(r"\{\w+\}", " ", pattern)
    words = [w for w in words_of(bare) if len(w) > 1 and w not in HINTS["profile"]]
    own = [w for w in words if w not in HINTS["task"] or w == "choice"]
    name = "_".join(own[:4])
    return otherwise if not name or name.isdecimal() else name


def _question_number(pattern: str) -> str:
    """The number of a question that all columns of a pattern share: Q1 of ``Q1_screen{task}{profile}``."""
    found = re.search(r"(?<![^\W_])[A-Za-z]{1,3}\d+(?:\.\d+)?(?![^\W_{])", pattern)
    return "" if found is None else found.group().replace(".", "_")


def _columns(counts: Mapping[str, int], most: int = 8) -> str:
    ranked = sorted(counts.items(), key=lambda pair: -pair[1])
    shown = ", ".join(f"{quoted(text, 40)} {count:,}" for text, count in ranked[:most])
    return shown + (f" and {len(ranked) - most} more" if len(ranked) > most else "")


def propose_choice(
    draft: Draft,
    column: str,
    answers: Mapping[str, Counter[str]],
    profiles: Sequence[str],
    label: str = "",
    texts: Mapping[str, str] | None = None,
) -> None:
    """A choice by task: which answer means which profile, or both readings where two are possible.

    `answers` are each task's, with their counts; `texts` is what a questionnaire says that codes mean.
    """
    counts = sum(answers.values(), Counter())
    name = draft.free("outcomes", outcome_name(column, "choice"))
    key: Key = ("outcomes", name)
    draft.say((*key, "kind"), "choice", "sure", f"one answer a task: {_columns(counts)}")
    if label:
        draft.say((*key, "text"), label, "sure", "the columns' wording in the file")
    draft.say((*key, "column"), column, "sure", f"{sum(counts.values()):,} answers")
    _propose_chosen(draft, key, answers, profiles, texts)


def _propose_chosen(
    draft: Draft,
    key: Key,
    answers: Mapping[str, Counter[str]],
    profiles: Sequence[str],
    texts: Mapping[str, str] | None = None,
) -> None:
    """Which answer means which profile; several for each where answers name the task too."""
    counts = sum(answers.values(), Counter())
    if texts and _propose_by_wording(draft, key, counts, profiles, texts):
        return
    named = by_task(answers, profiles)
    if named is None or (len(counts) <= len(profiles) + 4 and names_profiles(counts, profiles)):
        _propose_meaning(draft, key, counts, profiles)
        return
    way = readings({text: own.total() for text, own in named.items()}, profiles)[0]
    chosen = {profile: list(named[text]) for profile, text in way.chosen.items()}
    shares = ", ".join(f"{p} chosen {named[t].total():,} times" for p, t in way.chosen.items())
    said = f"its answers name the task and the profile: {shares}"
    draft.say((*key, "chosen"), chosen, way.sureness, said)
    for what, those in (("none", way.none), ("missing", way.missing)):
        every = [answer for text in those for answer in named[text]]
        if every:
            draft.say((*key, what), every, "likely", "by their words")


def _propose_by_wording(
    draft: Draft,
    key: Key,
    counts: Counter[str],
    profiles: Sequence[str],
    texts: Mapping[str, str],
) -> bool:
    """Codes that mean what their wordings say; says whether the wordings name the profiles."""
    codes = {texts.get(code, code): code for code in counts}
    if len(codes) < len(counts):
        return False
    found = readings({text: counts[code] for text, code in codes.items()}, profiles)
    if len(found) != 1 or found[0].sureness == "guess":
        return False
    chosen = {profile: codes[text] for profile, text in found[0].chosen.items()}
    said = ", ".join(f"{quoted(chosen[p])} is {quoted(t)}" for p, t in found[0].chosen.items())
    draft.say((*key, "chosen"), chosen, found[0].sureness, f"the questionnaire: {said}")
    for what, own in (("none", found[0].none), ("missing", found[0].missing)):
        if own:
            draft.say((*key, what), [codes[text] for text in own], "likely", "by their wording")
    return True


def propose_choice_by_column(
    draft: Draft,
    columns: Mapping[str, str],
    why: tuple[Sureness, str],
    answers: Mapping[str, Counter[str]],
    profiles: Sequence[str],
    label: str = "",
    texts: Mapping[str, str] | None = None,
) -> Key:
    """A choice of which the column of each task is known, though not by its name; says its key."""
    key: Key = ("outcomes", draft.free("outcomes", "choice"))
    counts = sum(answers.values(), Counter())
    draft.say((*key, "kind"), "choice", why[0], f"one answer a task: {_columns(counts)}")
    if label:
        draft.say((*key, "text"), label, "sure", "the columns' wording in the file")
    draft.say((*key, "columns"), dict(columns), *why)
    _propose_chosen(draft, key, answers, profiles, texts)
    return key


def propose_choice_apart(
    draft: Draft,
    tasks: Sequence[str],
    found: Sequence[Sequence[str]],
    answers: Mapping[str, Counter[str]],
    profiles: Sequence[str],
    label: str = "",
    texts: Mapping[str, str] | None = None,
    *,
    told: bool = False,
) -> None:
    """A choice whose columns go by no task's name: which answers which task is left to a person.

    Where `told`, each of the only columns found stands in the file behind the task that it answers.
    """
    name = draft.free("outcomes", "choice")
    key: Key = ("outcomes", name)
    counts = sum(answers.values(), Counter())
    draft.say((*key, "kind"), "choice", "likely", f"answers name the profiles: {_columns(counts)}")
    if label:
        draft.say((*key, "text"), label, "sure", "the columns' wording in the file")
    if told:
        columns = dict(zip(tasks, found[0], strict=True))
        said = "each stands in the file right behind the columns of its task"
        draft.say((*key, "columns"), columns, "likely", said)
        _propose_chosen(draft, key, answers, profiles, texts)
        return
    options = [
        Option(
            "in the file's order" if len(found) == 1 else f"{', '.join(names)}, in this order",
            "",
            (((*key, "columns"), dict(zip(tasks, names, strict=True))),),
        )
        for names in found
    ]
    every = "; or ".join(", ".join(names) for names in found)
    question = f"Which column answers which task? None goes by a task's name; {every} could."
    draft.ask((*key, "columns"), question, *options, default=None)
    _propose_chosen(draft, key, answers, profiles, texts)


def _propose_meaning(draft: Draft, key: Key, counts: Counter[str], profiles: Sequence[str]) -> None:
    """Which answer means which profile, or both readings where two are possible."""
    spelled = variants(counts)
    for found in spelled:
        draft.ask(
            (*key, "chosen"),
            f"{quoted(found.text)} ({found.count:,} cells) looks like {quoted(found.usual)} "
            f"({found.usual_count:,} cells). Nothing is merged: correct the cells in the file.",
            default=None,
        )
    rare = {found.text for found in spelled}
    counts = Counter({text: n for text, n in counts.items() if text not in rare})
    ways = readings(counts, profiles)
    if len(ways) == 1:
        only = ways[0]
        doubtful = only.sureness == "guess"
        draft.say((*key, "chosen"), dict(only.chosen), "sure" if doubtful else only.sureness,
                  f"{only.why}: {_shares(only, counts)}")  # fmt: skip
        if doubtful:
            _ask_none(draft, key, only, counts)
        elif only.none:
            draft.say((*key, "none"), list(only.none), "likely", "words for choosing no profile")
        if only.missing:
            draft.say((*key, "missing"), list(only.missing), "likely", "looks like no answer")
        return
    question = "Which answer means which profile? The answers can be read two ways."
    if not ways:
        question = f"Which answer means which profile? Nothing tells: {_columns(counts)}."
    options = [Option(way.why, _shares(way, counts), tuple(_sets(key, way))) for way in ways]
    draft.ask((*key, "chosen"), question, *options, default=None)


def _sets(key: Key, way: Reading) -> list[tuple[Key, object]]:
    sets: list[tuple[Key, object]] = [((*key, "chosen"), dict(way.chosen))]
    if way.none:
        sets.append(((*key, "none"), list(way.none)))
    if way.missing:
        sets.append(((*key, "missing"), list(way.missing)))
    return sets


def _shares(way: Reading, counts: Counter[str]) -> str:
    said = [f"{profile} chosen {counts[text]:,} times" for profile, text in way.chosen.items()]
    said += [f"none {counts[text]:,} times" for text in way.none]
    return ", ".join(said)


def _ask_none(draft: Draft, key: Key, way: Reading, counts: Counter[str]) -> None:
    texts = list(way.none)
    said = _columns({text: counts[text] for text in texts})
    draft.ask(
        (*key, "none"),
        f"Does {said} choose none of the profiles, or is it no answer?",
        Option("it chooses none of them", said, (((*key, "none"), texts),)),
        Option("it is no answer", said, (((*key, "missing"), [*way.missing, *texts]),)),
        default=None,
    )


def propose_judgement(
    draft: Draft,
    column: str,
    counts: Counter[str],
    complementary: float,
    held: str = "",
    label: str = "",
    otherwise: str = "support",
    nobody: float = 0.0,
) -> bool:
    """An outcome of each profile: a rating, a choice (one profile of each task) or a judgement.

    `held` is the answer that exactly one profile of each task holds, where there is one alone, and
    `nobody` the share of tasks where none holds it. Says whether there is anything to propose.
    """
    scale = _rating(counts)
    if scale is None and len(counts) > 12:
        return False
    chooses = scale is None and complementary >= 0.9
    plain_name = "rating" if scale is not None else "choice" if chooses else otherwise
    if not chooses:
        plain_name = _question_number(column) or plain_name
    name = draft.free("outcomes", outcome_name(column, plain_name))
    key: Key = ("outcomes", name)
    if label:
        draft.say((*key, "text"), label, "sure", "the column's wording in the file")
    if scale is not None:
        low, high, missing = scale
        draft.say((*key, "kind"), "rating", "likely", f"whole numbers: {_columns(counts)}")
        draft.say((*key, "column"), column, "sure", f"{sum(counts.values()):,} answers")
        sureness, why = _ends(counts, low, high)
        draft.say((*key, "min"), low, sureness, why)
        draft.say((*key, "max"), high, sureness)
        if missing:
            draft.say((*key, "missing"), missing, "likely", "looks like no answer")
        return True
    kind = "choice" if chooses else "support"
    why = f"{percent(complementary)} of tasks have one profile each with it" * (kind == "choice")
    draft.say((*key, "kind"), kind, "sure" if complementary >= 0.99 or kind != "choice" else "likely",
              why or f"each profile is judged: {_columns(counts)}")  # fmt: skip
    draft.say((*key, "column"), column, "sure", f"{sum(counts.values()):,} answers")
    _judge(draft, key, counts, held)
    if chooses and nobody:
        _ask_opted_out(draft, key, [text for text in counts if text != held], nobody)
    return True


def _ask_opted_out(draft: Draft, key: Key, texts: list[str], nobody: float) -> None:
    """Leave to a person what a task means in which no profile is chosen."""
    draft.ask(
        (*key, "none"),
        f"In {percent_by_size(nobody)} of tasks no profile is chosen. Did people choose none of them?",
        Option("they chose none", "shares are of all tasks", (((*key, "none"), texts),)),
        Option("they gave no answer: empty the cells of those tasks in the file", "`conjoint check` names them"),
        default=None,
    )  # fmt: skip


def _judge(draft: Draft, key: Key, counts: Counter[str], held: str) -> None:
    """Which answers count 1 and which 0; what is neither is left to a person."""
    missing = [text for text in counts if is_no_answer(text)]
    rest = [text for text in counts if text not in missing]
    positive = [text for text in rest if POSITIVE.fullmatch(plain(text).strip(" .!"))]
    negative = [t for t in rest if t not in positive and NEGATIVE.fullmatch(plain(t).strip(" .!"))]
    why: str = "words for and against"
    sureness: Sureness = "likely"
    if set(rest) == {"0", "1"}:
        positive, negative, why, sureness = ["1"], ["0"], "1 and 0", "sure"
    elif held and len(rest) == 2:
        positive = [held]
        negative = [text for text in rest if text != held]
        why, sureness = "one profile of each task holds it", "sure"
    if not (positive and negative):
        _ask_words(draft, key, rest, missing, counts)
        return
    draft.say((*key, "positive"), positive, sureness, f"{why}: {_columns(_only(counts, positive))}")
    draft.say((*key, "negative"), negative, sureness, _columns(_only(counts, negative)))
    between = [text for text in rest if text not in positive and text not in negative]
    for texts, what in ((between, "is neither for nor against"), (missing, "looks like no answer")):
        if texts:
            _ask_between(draft, key, texts, what, counts)


def _only(counts: Counter[str], texts: Sequence[str]) -> dict[str, int]:
    return {text: counts[text] for text in texts}


def _ask_between(draft: Draft, key: Key, texts: list[str], what: str, counts: Counter[str]) -> None:
    said = _columns(_only(counts, texts))
    base = sum(counts.values())
    part = 100 * sum(counts[text] for text in texts) / base
    draft.ask(
        (*key, "missing" if "no answer" in what else "negative"),
        f"{said} ({percent(part / 100)} of answers) {what}: does it count 0, or is it left out?",
        Option(
            "it counts 0",
            f"shares are of all {base:,}",
            adds=tuple(((*key, "negative"), text) for text in texts),
        ),
        Option(
            "it is left out",
            f"shares are of the {base - sum(counts[t] for t in texts):,} other answers",
            adds=tuple(((*key, "missing"), text) for text in texts),
        ),
        default=None,
    )


def _ask_words(
    draft: Draft, key: Key, rest: list[str], missing: list[str], counts: Counter[str]
) -> None:
    question = f"Which answers count 1, and which 0? The file holds {_columns(counts)}."
    options = []
    if len(rest) == 2:
        for yes, no in (rest, rest[::-1]):
            sets = [((*key, "positive"), [yes]), ((*key, "negative"), [no])]
            if missing:
                sets.append(((*key, "missing"), missing))
            options.append(Option(f"{quoted(yes)} counts 1", f"{counts[yes]:,} times", tuple(sets)))
    draft.ask((*key, "positive"), question, *options, default=None)


def _rating(counts: Mapping[str, int]) -> tuple[int, int, list[str]] | None:
    """The ends of a scale of whole numbers, and the answers outside it that look like none."""
    missing = [text for text in counts if is_no_answer(text)]
    numbers = {}
    for text in counts:
        if text in missing:
            continue
        if not re.fullmatch(r"-?\d{1,4}(\.0+)?", text):
            return None
        numbers[text] = float(text)
    for text in list(numbers):
        if is_missing_code(text, [n for other, n in numbers.items() if other != text]):
            missing.append(text)
            del numbers[text]
    if len(numbers) < 4:
        return None
    low, high = usual_scale(numbers.values())
    return low, high, missing


def usual_scale(numbers: Iterable[float]) -> tuple[int, int]:
    """The scale in use that holds all numbers and starts and ends nearest to them."""
    each = [int(number) for number in numbers]
    low, high = min(each), max(each)
    if len(set(each)) == high - low + 1 and high - low >= 3 and low in (0, 1):
        return low, high
    fitting = [(a, b) for a, b in SCALES if a <= low and high <= b]
    near = [(a, b) for a, b in fitting if low - a + b - high <= UNUSED * (b - a)]
    if near:
        return near[0]
    return min(fitting, key=lambda ends: ends[1] - ends[0], default=(low, high))


def _ends(counts: Mapping[str, int], low: int, high: int) -> tuple[Sureness, str]:
    seen = {int(float(t)) for t in counts if re.fullmatch(r"-?\d{1,4}(\.0+)?", t)}
    if {low, high} <= seen:
        return "likely", "the smallest and the largest answer"
    return "guess", f"the usual scale around the answers given, {min(seen)} to {max(seen)}"
