"""What the answers to a choice mean, where survey.toml does not say: read only where certain."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import islice, permutations
from typing import TYPE_CHECKING, Any

import numpy as np

from conjoint.errors import Fault, choices
from conjoint.read.cells import used_texts
from conjoint.survey.check_outcome import contradicted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from conjoint.read.layout import Long
    from conjoint.survey import Outcome
    from conjoint.typing import IntArray

__all__ = ["resolve_choices"]

MOST_ANSWERS = 6
"""With more answers than these no reading is guessed at; they are listed."""

MOST_READINGS = 4


def resolve_choices(long: Long, where: str) -> tuple[Long, list[Fault]]:
    """Say what the answers to each choice mean, or show how they could be read.

    They are read where they are the profiles' names, and a note says so. Everything else is a fault:
    a wrong reading would turn every figure round.

    Parameters
    ----------
    where
        survey.toml, for the faults.

    Returns
    -------
    Long, list of Fault
        With the survey's outcomes completed.
    """
    outcomes, notes, faults = dict(long.survey.outcomes), list(long.notes), []
    for name, outcome in outcomes.items():
        if outcome.kind != "choice" or outcome.chosen or outcome.positive or outcome.negative:
            continue
        answers = _answers(long, name, outcome)
        profiles = [str(profile) for profile in long.profiles["profile"].cat.categories]
        by_task = _is_of_task(long, name, outcome)
        if by_task and set(answers) <= set(profiles):
            outcomes[name] = outcome.model_copy(update={"chosen": {p: (p,) for p in profiles}})
            if answers:
                said = (
                    f"The answers of {name} ({choices(answers)}) are read as the profiles' names."
                )
                notes.append(said)
            continue
        readings = (
            _by_task(profiles, answers) if by_task else _by_profile(long, name, outcome, answers)
        )
        faults.append(_fault(name, outcome, answers, readings, where))
    survey = long.survey.model_copy(update={"outcomes": outcomes})
    return replace(long, survey=survey, notes=tuple(notes)), faults


def _answers(long: Long, name: str, outcome: Outcome) -> dict[str, int]:
    """How often each answer stands in the file, those left out that already count as something."""
    cells = long.profiles[name]
    if long.data.layout == "wide" and not outcome.of_profiles:
        cells = cells.iloc[_first_rows(long.group)]
    said = {*outcome.missing, *outcome.none}
    found = {text: count for text, count in used_texts(cells).items() if text not in said}
    return {text: found[text] for text in sorted(found, key=_natural)}


def _natural(text: str) -> tuple[bool, int, str]:
    return (False, int(text), text) if text.isascii() and text.isdecimal() else (True, 0, text)


def _first_rows(group: IntArray) -> IntArray:
    return np.unique(group, return_index=True)[1]


def _is_of_task(long: Long, name: str, outcome: Outcome) -> bool:
    """Whether the cells are the whole task's: by the pattern, or alike in all profiles of a task."""
    if long.data.layout == "wide" and not outcome.of_profiles:
        return True
    if long.data.layout == "long" and not long.data.profile:
        return False
    codes = long.profiles[name].cat.codes.to_numpy()
    _, first, task = np.unique(long.group, return_index=True, return_inverse=True)
    shared = np.bincount(task)[task] > 1
    return bool(shared.any() and (codes == codes[first][task])[shared].all())


Reading = tuple[str, str]
"""What it says, and the line of survey.toml for it."""


def _by_task(profiles: Sequence[str], answers: dict[str, int]) -> list[Reading]:
    """Readings of a task's answers: which chooses which profile, and which chooses none."""
    if len(answers) > MOST_ANSWERS or len(answers) < len(profiles):
        return []
    found = []
    orders = permutations(answers, len(profiles))
    for order in islice(orders, MOST_READINGS if len(answers) == len(profiles) else 6):
        if contradicted({p: (own,) for p, own in zip(profiles, order, strict=True)}):
            continue
        rest = [answer for answer in answers if answer not in order]
        pairs = zip(order, profiles, strict=True)
        said = ", ".join(f"{answer} = {profile}" for answer, profile in pairs)
        said += "".join(f", {answer} = none" for answer in rest)
        counts = " / ".join(f"{answers[answer]:,}" for answer in (*order, *rest))
        pairs = zip(profiles, order, strict=True)
        line = ", ".join(f"{_key(profile)} = {_text(answer)}" for profile, answer in pairs)
        line = f"chosen = {{ {line} }}"
        line += f"` with `none = {_list(rest)}" if rest else ""
        found.append((f"{said} ({counts} tasks)", line))
    return found[:MOST_READINGS]


def _by_profile(long: Long, name: str, outcome: Outcome, answers: dict[str, int]) -> list[Reading]:
    """Readings of cells of each profile's own: which answer says that it is chosen."""
    if len(answers) > MOST_ANSWERS:
        return []
    cells = long.profiles[name]
    codes = cells.cat.codes.to_numpy()
    texts = list(cells.cat.categories)
    said = [*outcome.missing, *outcome.none]
    answered = codes >= 0
    for text in said:
        answered &= codes != (texts.index(text) if text in texts else -2)
    number = np.unique(long.group, return_inverse=True)[1]
    tasks = np.bincount(number, answered) > 0
    found = []
    for answer in answers:
        rest = [other for other in answers if other != answer]
        chosen = np.bincount(number, codes == texts.index(answer))
        fits = int(((chosen == 1) & tasks).sum())
        line = f"positive = {_text(answer)}` and `negative = {_list(rest)}"
        words = f"{answer} = chosen, {' or '.join(rest) or 'nothing'} = not"
        words += f" ({fits:,} of {int(tasks.sum()):,} tasks have one chosen profile)"
        found.append((fits, words, line))
    found.sort(key=lambda reading: -reading[0])
    return [(words, line) for _, words, line in found[:MOST_READINGS]]


def _fault(
    name: str,
    outcome: Outcome,
    answers: dict[str, int],
    readings: Sequence[Reading],
    where: str,
) -> Fault:
    place = f"{where}, outcomes.{name}"
    stored = choices((f'"{column}"' for column in outcome.cells), 3)
    if not readings:
        held = choices(f"{answer} ({count:,})" for answer, count in answers.items())
        return Fault(
            place,
            f"nothing says what the answers in {stored} mean: {held}",
            "`chosen`, or `positive` and `negative`",
            f"Say in survey.toml, under [outcomes.{name}], which answer chooses which profile.",
        )
    read = "; or ".join(words for words, _ in readings)
    lines = ", or ".join(f"`{line}`" for _, line in readings)
    return Fault(
        place,
        f"nothing says what the answers in {stored} mean, which could be read as {read}",
        "`chosen`, or `positive` and `negative`",
        f"Put into survey.toml, under [outcomes.{name}], the one that is right: {lines}.",
    )


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _text(name)


def _text(text: str) -> str:
    """A string of TOML."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _list(texts: Iterable[Any]) -> str:
    return f"[{', '.join(_text(text) for text in texts)}]"
