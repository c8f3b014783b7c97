"""What a cell's text says by itself: its numbers, and whether it is no answer."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from conjoint.spelling import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "EMPTY_WORDS",
    "MARKERS",
    "is_no_answer",
    "is_none_option",
    "is_zero_word",
    "numbers_in",
    "words_around",
]

MARKERS = frozenset({"NA", "N/A", "#N/A", "NaN", "nan", "<NA>", "NULL", "#NULL!", "."})
"""What programs write into a cell that is empty."""

EMPTY_WORDS = frozenset({"na", "n/a", "#n/a", "nan", "<na>", "null", "#null!", ".", "-", "--", "–", "—",
    "not shown", "not displayed", "not seen", "hidden", "missing", "blank", "nicht gezeigt",
    "non montré", "no mostrado"})  # fmt: skip
"""What may stand in place of a level that a profile did not show."""

NUMBER = re.compile(
    r"""(?<![\w.,%])[-−]?            # a minus sign, unless it joins a range such as 3-5
        (?:\d{1,3}(?:[,\u00a0\u202f']\d{3})+(?:\.\d+)?   # 5,000
          |\d+(?:\.\d+)?)
      | (?:\d{1,3}(?:[,\u00a0\u202f']\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)""",
    re.VERBOSE,
)
DOTTED = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{3})+(?![\d.])")
"""Thousands as much of Europe writes them: 5.000, unless other levels say otherwise."""

COMMA = re.compile(r"(?<![\d.,'\u00a0\u202f])(\d+),(\d{1,2})(?![\d,])")
"""A decimal comma: two digits behind it, or one. Thousands have three."""

TIMES = {"k": 1e3, "thousand": 1e3, "m": 1e6, "mn": 1e6, "million": 1e6, "bn": 1e9, "billion": 1e9}
MULTIPLE = re.compile(r"\s?(k|thousand|mn|million|m|bn|billion)\b", re.IGNORECASE)

NO_ANSWER = re.compile(
    r"(don'?t know|do not know|dk|not sure|unsure|no opinion|prefer not to (say|answer)|refused?"
    r"|no answer|not answered|not stated|not applicable|undecided|can'?t say|no response|missing"
    r"|weiss nicht|weiß nicht|ne sait pas|nsp|keine angabe)( ?/.*)?"
)
NONE_OPTION = re.compile(
    r"(i would choose |choose |prefer )?(neither|none|no choice|nothing|opt[- ]?out|abstain"
    r"|would not (choose|vote|buy)|not? (vote|buy|purchase)|neither[ ,].*|none of .*"
    r"|no (preference|option)|i would(n'?t| not) .*|stay (with|as) .*|status quo|keep .*)"
)
ZERO_WORDS = re.compile(r"(none|no|nil|zero|never|nothing|free|not at all|no [a-z ]+)")


def is_no_answer(text: str) -> bool:
    """Whether a text looks like no answer: "Don't know", "Prefer not to say"."""
    return NO_ANSWER.fullmatch(plain(text).strip(" .()[]*")) is not None


def is_none_option(text: str) -> bool:
    """Whether a text looks like choosing no profile: "Neither of these"."""
    return NONE_OPTION.fullmatch(plain(text).strip(" .()[]*")) is not None


def is_zero_word(text: str) -> bool:
    """Whether a text among numbers stands for zero: "None", "No reduction"."""
    return ZERO_WORDS.fullmatch(plain(text).strip(" .")) is not None


def numbers_in(text: str, *, dotted: bool = False) -> tuple[list[float], str]:
    """The numbers of a text, and the text with ``#`` in their places.

    `dotted` reads 5.000 as five thousand.

    >>> numbers_in("12,5 %"), numbers_in("5,000 a year")
    (([12.5], '# %'), ([5000.0], '# a year'))
    """
    text = COMMA.sub(r"\1.\2", text)
    tidy = unicodedata.normalize("NFKC", text.replace("\u00a0", ",").replace("\u202f", ","))
    tidy = tidy.replace("−", "-")
    if dotted:
        tidy = DOTTED.sub(lambda found: found.group().replace(".", ""), tidy)
    numbers, words, end = [], [], 0
    for found in NUMBER.finditer(tidy):
        if found.start() < end:
            continue
        number = float(re.sub(r"[,']", "", found.group()))
        words += [tidy[end : found.start()], "#"]
        end = found.end()
        times = MULTIPLE.match(tidy, end)
        if times:
            number *= TIMES[times.group(1).lower()]
            end = times.end()
        numbers.append(number)
    return numbers, plain("".join([*words, tidy[end:]]))


def words_around(texts: Iterable[str]) -> bool:
    """Whether every number of the texts is written with a dot before three digits."""
    dotted = [text for text in texts if re.search(r"\d", text)]
    return bool(dotted) and all(DOTTED.search(text) for text in dotted)
