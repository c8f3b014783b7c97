"""What a cell's text says by itself: its numbers, whether it is no answer, its plain spelling."""

from __future__ import annotations

import html
import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "is_missing_code",
    "is_no_answer",
    "is_none_option",
    "is_zero_word",
    "numbers_in",
    "plain",
    "same_spelling",
    "without_markup",
    "words_around",
]

NUMBER = re.compile(
    r"""(?<![\w.,%])[-−]?            # a minus sign, unless it joins a range such as 3-5
        (?:\d{1,3}(?:[,\u00a0\u202f']\d{3})+(?:\.\d+)?   # 5,000
          |\d+(?:\.\d+)?)
      | (?:\d{1,3}(?:[,\u00a0\u202f']\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)""",
    re.VERBOSE,
)
DOTTED = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{3})+(?![\d.])")
"""Thousands as much of Europe writes them: 5.000, unless other levels say otherwise."""

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
MISSING_CODES = frozenset({"-1", "-7", "-8", "-9", "-66", "-77", "-88", "-97", "-98", "-99",
    "-999", "-9999", "97", "98", "99", "997", "998", "999", "9999"})  # fmt: skip

MARKUP = re.compile(
    r"</?(br|hr|p|div|span|font|b|i|u|s|em|strong|small|big|sup|sub|center|ul|ol|li|a|img|h[1-6]|table"
    r"|tbody|tr|td|th)(\s[^<>]*)?/?>",
    re.IGNORECASE,
)
NAMED = re.compile(r"&(#\d{1,5}|#x[0-9a-f]{1,5}|[a-z]{2,8});", re.IGNORECASE)

FAR_BELOW = -60

QUOTES = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "“": '"', "”": '"', "„": '"',
    "–": "-", "—": "-", "−": "-", "‑": "-", "\u00ad": None, "\u200b": None, "\ufeff": None})  # fmt: skip


def without_markup(text: str) -> str:
    """A text as a page shows it: no tags of HTML, characters in place of their names."""
    if "<" not in text and "&" not in text:
        return text
    bare = NAMED.sub(lambda found: html.unescape(found.group()), MARKUP.sub(" ", text))
    return " ".join(bare.split()) if bare != text else text


def plain(text: str) -> str:
    """Small letters, straight quotes and single blanks; no tags of HTML."""
    tidy = unicodedata.normalize("NFKC", without_markup(text)).translate(QUOTES)
    return " ".join(tidy.split()).casefold()


def same_spelling(text: str) -> str:
    """What two spellings of one text have in common: case, blanks, quotes and commas differ."""
    bare = re.sub(r"(?<=\d)[,' ](?=\d{3}(?!\d))", "", plain(text))
    bare = re.sub(r"\s*([£€$%/&+-])\s*", r"\1", bare)
    return bare.rstrip(" .,;:")


def is_no_answer(text: str) -> bool:
    """Whether a text looks like no answer: "Don't know", "Prefer not to say"."""
    return NO_ANSWER.fullmatch(plain(text).strip(" .()[]*")) is not None


def is_none_option(text: str) -> bool:
    """Whether a text looks like choosing no profile: "Neither of these"."""
    return NONE_OPTION.fullmatch(plain(text).strip(" .()[]*")) is not None


def is_zero_word(text: str) -> bool:
    """Whether a text among numbers stands for zero: "None", "No reduction"."""
    return ZERO_WORDS.fullmatch(plain(text).strip(" .")) is not None


def is_missing_code(text: str, others: Iterable[float]) -> bool:
    """Whether a number looks like a code for no answer: -99 among 0 to 10."""
    values = sorted(others)
    number = float(text)
    # -3105 is no number of its own among such as are not negative.
    if number <= FAR_BELOW and values and all(n >= 0 or n <= FAR_BELOW for n in values):
        return values[-1] >= 0
    if text not in MISSING_CODES:
        return False
    if number < 0 or not values:
        return number < 0 and (not values or values[0] >= 0)
    return number > 2 * max(abs(value) for value in values) + 5


def numbers_in(text: str, *, dotted: bool = False) -> tuple[list[float], str]:
    """The numbers of a text, and the text with ``#`` in their places.

    `dotted` reads 5.000 as five thousand.
    """
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
