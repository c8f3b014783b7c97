"""Columns of respondents: ids, weights, duration, and the questions they answered."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from conjoint.propose.draft import quoted
from conjoint.propose.evidence import memory, sample_rows
from conjoint.propose.level import put_in_order, variants
from conjoint.propose.model import Option
from conjoint.propose.multiple import propose_multiple
from conjoint.propose.outcome import usual_scale
from conjoint.propose.pattern import common
from conjoint.propose.value import is_no_answer
from conjoint.propose.words import DURATION, LOGISTICS, WEIGHT, names_id, slug
from conjoint.say.number import amount, between, numeral
from conjoint.spelling import is_missing_code, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.propose.column import Column
    from conjoint.propose.draft import Draft

__all__ = ["find_id", "propose_people"]

MOST_ANSWERS = 15
"""A question of more answers than this is open, or a number."""

GOES_TOGETHER = 0.1
"""How much the answers to a grid's questions go together, at least."""

SCALED = re.compile(
    r"scale|rating|rate[sd]?\b|thermo|agree|satisf|likel(y|ihood)|trust|left.?right|ideolog|support|approv"
    r"|favou?r|important|interest|score|warm|\blike[sd]?\b",
    re.IGNORECASE,
)
"""Words of questions that people answer on a scale."""


MARKS = (
    ("0", "1"),
    ("not selected", "selected"),
    ("unchecked", "checked"),
    ("not checked", "checked"),
    ("not quoted", "quoted"),
    ("not mentioned", "mentioned"),
)
"""What columns of answers that may be ticked hold: not ticked, and ticked."""

TICKED = frozenset(ticked for _, ticked in MARKS)

MOST_QUESTIONS = 40
"""Questions proposed; further ones are only counted."""


def find_id(draft: Draft, columns: Sequence[Column]) -> Column | None:
    """The column of respondent ids of a wide file: one for each row, none twice."""
    unique = [c for c in columns if c.is_unique and not _is_measure(c)]
    named = [c for c in columns if (names_id(c.name) or names_id(c.label)) and c.filled >= 0.98 * c.rows
             and c.distinct >= 0.9 * c.rows]  # fmt: skip
    key = ("data", "respondent")
    best = next((c for c in unique if c in named), None)
    if best is not None:
        others = [c.name for c in unique if c is not best]
        also = f"; so are {', '.join(others[:4])}" if others else ""
        draft.say(key, best.name, "sure", f"{best.rows:,} ids, none twice{also}")
        return best
    if named:
        best, twice = named[0], named[0].filled - named[0].distinct
        empty = best.rows - best.filled
        said = f"by its name; {twice:,} ids stand twice and {empty:,} cells are empty, which `conjoint check` names"
        draft.say(key, best.name, "likely", said)
        return best
    if unique:
        best = min(unique, key=_length)
        draft.say(
            key, best.name, "guess", f"{best.rows:,} values, none twice; the name does not say it"
        )
        if len(unique) > 1:
            draft.ask(key, "Which column holds the respondents' ids?",
                      *(Option(c.name, "", ((key, c.name),)) for c in sorted(unique, key=_length)[:6]))  # fmt: skip
        return best
    draft.ask(
        key,
        "Which column holds the respondents' ids? None has a value of its own in every row.",
        default=None,
    )
    return None


def _is_measure(column: Column) -> bool:
    return column.is_numeric and not column.is_whole


def _length(column: Column) -> float:
    some = column.categories[:50]
    return float(np.mean([len(str(text)) + 20 * (" " in str(text)) for text in some]))


def propose_weight(draft: Draft, columns: Sequence[Column]) -> list[Column]:
    """Columns that look like weights: proposed, and left to a person."""
    found = [c for c in columns if _is_weight(c)]
    found.sort(key=lambda c: not WEIGHT.fullmatch(c.name))
    key = ("data", "weight")
    if not found:
        return []
    options = [Option("no starting weights", "every respondent counts the same")]
    for column in found[:4]:
        held = column.numbers[column.counts > 0]
        mean = float(np.average(held, weights=column.counts[column.counts > 0]))
        said = f"{between(amount(held.min()), amount(held.max()))}, mean {amount(mean)}"
        options.append(Option(f"the weights in {column.name}", said, ((key, column.name),)))
    names = ", ".join(c.name for c in found[:4])
    draft.ask(key, f"Is {names} a weight to start from (a design weight)? Weights that were already "
              "raked to the population are not to be raked again.", *options)  # fmt: skip
    return found


def _is_weight(column: Column) -> bool:
    if not column.is_numeric or column.distinct < 2 or column.filled < 0.9 * column.rows:
        return False
    held = column.numbers[column.counts > 0]
    if held.min() < 0:
        return False
    if WEIGHT.fullmatch(column.name.strip()):
        return True
    mean = float(np.average(held, weights=column.counts[column.counts > 0]))
    return not column.is_whole and 0.97 < mean < 1.03 and held.min() > 0 and held.max() < 30


def propose_duration(draft: Draft, columns: Sequence[Column]) -> Column | None:
    """The column of seconds."""
    for column in columns:
        if not DURATION.fullmatch(column.name.strip()) or not column.is_numeric:
            continue
        held = np.repeat(column.numbers, np.minimum(column.counts, 1))
        middle = float(np.median(held)) if len(held) else 0.0
        if held.min() < 0:
            continue
        said = f"by its name; the middle value is {numeral(middle)}"
        in_seconds = 30 <= middle <= 20000
        draft.say(("data", "duration"), column.name, "likely" if in_seconds else "guess",
                  said + ("" if in_seconds else ", which may not be seconds"))  # fmt: skip
        return column
    return None


def propose_questions(draft: Draft, columns: Sequence[Column]) -> None:
    """Questions with few answers, or with a scale; what else there is gets counted in a note."""
    asked, left = 0, []
    ticked = _ticked(columns)
    for stem, members in ticked.items():
        _several(draft, stem, members)
    taken = {column.name for members in ticked.values() for column in members}
    batteries = _batteries([column for column in columns if column.name not in taken])
    for column in columns:
        if column.name in taken:
            continue
        if LOGISTICS.fullmatch(column.name.strip()) or not column.name or column.distinct < 2:
            continue
        if asked >= MOST_QUESTIONS or not _question(
            draft, column, battery=column.name in batteries
        ):
            left.append(column.name)
            continue
        asked += 1
    if left:
        some = ", ".join(quoted(name, 30) for name in left[:12])
        more = f" and {len(left) - 12:,} more" if len(left) > 12 else ""
        draft.notes.append(f"Columns for which nothing is proposed: {some}{more}.")


def _question(draft: Draft, column: Column, *, battery: bool = False) -> bool:
    """Propose a question; of numbers, a scale where they are plainly one, or one of a `battery`."""
    missing = [t for t in column.missing if t in column.answers] if column.missing else []
    if (
        column.distinct - len(missing) > MOST_ANSWERS
        and not column.is_whole
        and not _mostly_whole(column)
    ):
        return False
    counts = {text: n for text, n in column.answers.items() if text not in missing}
    worded = [text for text in counts if not re.match(r"-?\d", column.texts.get(text, text))]
    is_list = len(worded) > len(counts) / 2 or (column.declared and not column.is_numeric)
    scale = None if is_list else _scale(counts)
    if scale is not None and not (battery or _is_plain_scale(column, scale)):
        scale = None
    if scale is None and len(counts) > MOST_ANSWERS:
        return False
    name = draft.free(
        "questions", column.name if _is_bare(column.name) else slug(column.name, "question")
    )
    key = ("questions", name)
    if scale is not None:
        low, high, none = scale
        draft.say((*key, "kind"), "scale", "likely" if high - low <= 10 else "guess",
                  f"whole numbers, {len(counts) - len(none)} different ones")  # fmt: skip
    if column.label and column.label != column.name:
        draft.say((*key, "text"), column.label, "sure", "the column's wording in the file")
    if name != column.name:
        draft.say((*key, "column"), column.name, "sure")
    if scale is not None:
        draft.say((*key, "min"), low, "likely", "the usual scale around the answers given")
        draft.say((*key, "max"), high, "likely")
        missing += none
    else:
        codes = _missing_codes(counts)
        missing += codes
        counts = {text: n for text, n in counts.items() if text not in codes}
        ordered = put_in_order(counts, column.declared)
        items = tuple(f"{counts[text]:,}" for text in ordered.texts)
        listed = [
            _labelled(text, wording) if (wording := column.texts.get(text, "")) else own
            for text, own in zip(ordered.texts, ordered.labelled, strict=True)
        ]
        draft.say((*key, "answers"), listed, ordered.sureness, ordered.evidence, items)
        _remarks(draft, name, counts)
    if missing:
        declared = bool(column.missing)
        why = "the file declares them as missing" if declared else "looks like no answer"
        draft.say((*key, "missing"), missing, "sure" if declared else "likely", why)
    return True


def _is_plain_scale(column: Column, scale: tuple[int, int, list[str]]) -> bool:
    """Whether numbers are plainly a scale, and no codes of answers, which look the same.

    So are all of 0 to 10, 0 to 100 in many numbers, and what words call a scale.
    """
    low, high, none = scale
    held = {float(text) for text in column.answers if text not in none and _is_number(text)}
    if column.labelled:
        return True
    if low == 0 and high == 10:
        return len(held) >= 9
    if high - low <= 10:
        spoken = SCALED.search(f"{column.name} {column.label}") is not None
        return spoken and len(held) > (high - low) / 2
    return low == 0 and high == 100 and len(held) >= 15 and min(held) < 10 < 90 < max(held)


def _missing_codes(counts: dict[str, int]) -> list[str]:
    """Numbers among others that look like codes for no answer."""
    numbers = {text: float(text) for text in counts if _is_number(text)}
    return [
        text
        for text in numbers
        if len(numbers) > 2 and is_missing_code(text, [n for t, n in numbers.items() if t != text])
    ]


def _is_number(text: str) -> bool:
    try:
        return bool(np.isfinite(float(text)))
    except ValueError:
        return False


def _batteries(columns: Sequence[Column]) -> set[str]:
    """Columns of numbers that are questions of one grid: one name but for a number, one range."""
    grids: dict[tuple[str, str, float, float], list[Column]] = defaultdict(list)
    for column in columns:
        name = re.fullmatch(r"(.*?)\d+(\D*)", column.name, re.DOTALL)
        if name and column.is_whole and 5 <= column.distinct <= 11:
            held = column.numbers[column.counts > 0]
            grids[name[1], name[2], float(held.min()), float(held.max())].append(column)
    found: set[str] = set()
    for (_, _, low, high), own in grids.items():
        whole = low in (0, 1) and all(c.distinct == high - low + 1 for c in own)
        if len(own) >= 3 and whole and memory(own, sample_rows(own[0].rows)) > GOES_TOGETHER:
            found |= {column.name for column in own}
    return found


def _ticked(columns: Sequence[Column]) -> dict[str, list[Column]]:
    """Columns of one name but for their number that each say whether one answer was ticked, by that name."""
    stems: dict[str, list[Column]] = {}
    for column in columns:
        match = re.fullmatch(r"(.*\D)_?\d+", column.name.strip())
        if match and column.distinct:
            stems.setdefault(match.group(1).rstrip("_. "), []).append(column)
    return {
        stem: members
        for stem, members in stems.items()
        if len(members) > 1 and (_tick_alone(members) or _tick_marks(members))
    }


def _tick_alone(members: Sequence[Column]) -> bool:
    """Whether each column holds one text or nothing: its answer, or the same mark in all."""
    if any(column.distinct > 1 or column.filled == column.rows for column in members):
        return False
    texts = {text for column in members for text in column.answers}
    return len(texts) == len(members) or len(texts) == 1


def _tick_marks(members: Sequence[Column]) -> bool:
    """Whether all columns hold a mark for ticked and one for not ticked."""
    most = max(map(len, MARKS))
    texts: set[str] = set()
    for text in (text for column in members for text in column.answers):
        texts.add(plain(text))
        if len(texts) > most:
            return False
    return any(texts == set(marks) for marks in MARKS)


def _several(draft: Draft, stem: str, members: Sequence[Column]) -> None:
    """One question of several answers, a column an answer."""
    wording, items = _items(members)
    texts = {text for column in members for text in column.answers}
    alone = _tick_alone(members)
    if alone and len(texts) == len(members):
        items = [next(iter(column.answers)) for column in members]
    name = draft.free("questions", stem if _is_bare(stem) else slug(stem, "question"))
    key = ("questions", name)
    said = f"{len(members)} columns such as {members[0].name} each hold one answer, or nothing"
    draft.say((*key, "kind"), "multiple", "likely", said)
    if wording:
        draft.say((*key, "text"), wording, "sure", "the columns' wording in the file")
    named = dict(zip(items, (column.name for column in members), strict=True))
    draft.say((*key, "columns"), named, "likely")
    if alone and len(texts) == len(members):
        return
    ticks = [text for text in texts if alone or plain(text) in TICKED]
    draft.say((*key, "selected"), sorted(ticks), "likely")
    if not alone:
        draft.say((*key, "unselected"), sorted(texts - set(ticks)), "likely")


def _items(members: Sequence[Column]) -> tuple[str, list[str]]:
    """What the wordings of columns share, and what each is about; the columns' names without."""
    labels = [column.label for column in members]
    start = labels[0][: common(labels)]
    cut = max(start.rfind(mark) + len(mark) if mark in start else 0 for mark in (" - ", ": "))
    items = [label[cut:].strip() for label in labels]
    if not cut or len(set(items)) < len(items) or not all(items):
        return "", [column.name for column in members]
    return start[:cut].strip(" -:").removesuffix(" - Selected Choice"), items


def _labelled(text: str, wording: str) -> str | dict[str, str]:
    """An answer as survey.toml writes it, with its wording where that is another text."""
    return {"value": text, "label": wording} if wording not in ("", text) else text


def _is_bare(name: str) -> bool:
    return name.isascii() and name.replace("_", "").replace("-", "").isalnum()


def _mostly_whole(column: Column) -> bool:
    held = column.counts > 0
    return column.distinct <= 120 and int(np.isnan(column.numbers[held]).sum()) <= 3


def _remarks(draft: Draft, name: str, counts: dict[str, int]) -> None:
    """What to look at among the answers: no answers, and spellings that look alike."""
    none = [text for text in counts if is_no_answer(text)]
    key = ("questions", name, "missing")
    if none and len(none) < len(counts) - 1:
        said = ", ".join(f"{quoted(text)} ({counts[text]:,})" for text in none)
        draft.ask(key, f"Does {said} count as an answer?",
                  Option("it is an answer like any other"),
                  Option("it counts as none", "", ((key, none),)))  # fmt: skip
    for found in variants(counts):
        draft.notes.append(
            f"questions.{name}: {quoted(found.text)} ({found.count:,}) looks like {quoted(found.usual)} "
            f"({found.usual_count:,}). Both stand as answers of their own; correct the cells in the file."
        )


def _scale(counts: dict[str, int]) -> tuple[int, int, list[str]] | None:
    """The ends of a scale and what is no answer; none where the answers are not numbers."""
    missing, numbers = [], {}
    for text in counts:
        try:
            numbers[text] = float(text)
        except ValueError:
            if not is_no_answer(text):
                return None
            missing.append(text)
    for text in _missing_codes(counts):
        missing.append(text)
        del numbers[text]
    each = list(numbers.values())
    if len(each) < 5 or any(n != round(n) or abs(n) > 1e6 for n in each):
        return None
    low, high = usual_scale(each)
    return low, high, missing


def propose_people(draft: Draft, columns: Sequence[Column]) -> None:
    """Weights, duration and questions."""
    weights = propose_weight(draft, columns)
    duration = propose_duration(draft, [c for c in columns if c not in weights])
    asked = [c for c in columns if c is not duration and c not in weights and not _is_free(c)]
    several = propose_multiple(draft, asked)
    propose_questions(draft, [c for c in asked if c.name not in several])


def _is_free(column: Column) -> bool:
    """Whether a column holds what people wrote beside an answer: Q5_8_TEXT."""
    return re.search(r"_TEXT$", column.name) is not None and column.distinct > 0
