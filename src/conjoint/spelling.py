"""Texts that people take for one another, and numbers that stand for no answer."""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "MISSING_CODES",
    "is_missing_code",
    "plain",
    "repeated",
    "same_spelling",
    "tidy",
    "twins",
    "without_markup",
]

MISSING_CODES = frozenset({"-1", "-7", "-8", "-9", "-66", "-77", "-88", "-97", "-98", "-99",
    "-999", "-9999", "97", "98", "99", "997", "998", "999", "9999"})  # fmt: skip

QUOTES = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "“": '"', "”": '"', "„": '"',
    "–": "-", "—": "-", "−": "-", "‑": "-"})  # fmt: skip

UNSEEN = dict.fromkeys(
    [0xAD, 0x34F, 0x61C, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F),
     *range(0x2060, 0x2070), 0xFEFF]
)  # fmt: skip
"""Signs without width: joiners, marks of direction, soft hyphens."""


MARKUP = re.compile(
    r"</?(br|hr|p|div|span|font|b|i|u|s|em|strong|small|big|sup|sub|center|ul|ol|li|a|img|h[1-6]|table"
    r"|tbody|tr|td|th)(\s[^<>]*)?/?>",
    re.IGNORECASE,
)
NAMED = re.compile(r"&(#\d{1,5}|#x[0-9a-f]{1,5}|[a-z]{2,8});", re.IGNORECASE)

FAR_BELOW = -60
"""Numbers from here down are codes among such as are not negative, whatever their digits."""


def without_markup(text: str) -> str:
    """A text as a page shows it: no tags of HTML, characters in place of their names.

    >>> without_markup("raise<br>slowly &amp; late")
    'raise slowly & late'
    """
    if "<" not in text and "&" not in text:
        return text
    bare = NAMED.sub(lambda found: html.unescape(found.group()), MARKUP.sub(" ", text))
    return " ".join(bare.split()) if bare != text else text


def tidy(text: str) -> str:
    """The text in one Unicode form, without blanks at its ends.

    >>> tidy(" Labour ")
    'Labour'
    """
    return unicodedata.normalize("NFC", text).strip()


def plain(text: str) -> str:
    """Small letters, straight quotes and single blanks; no tags of HTML."""
    single = unicodedata.normalize("NFKC", without_markup(text)).translate(QUOTES | UNSEEN)
    return " ".join(single.split()).casefold()


def same_spelling(text: str) -> str:
    """What two spellings of one text have in common: case, blanks, quotes, commas and unseen signs differ."""
    bare = re.sub(r"(?<=\d)[,' ](?=\d{3}(?!\d))", "", plain(text))
    bare = re.sub(r"\s*([£€$%/&+-])\s*", r"\1", bare)
    return bare.rstrip(" .,;:")


def twins(texts: Iterable[str]) -> list[tuple[str, str]]:
    """Pairs of texts that differ in case, blanks, quotes or commas alone.

    >>> twins(["Labour", "labour", "Green"])
    [('Labour', 'labour')]
    """
    first: dict[str, str] = {}
    pairs = [(first.setdefault(same_spelling(text), text), text) for text in dict.fromkeys(texts)]
    return [(text, other) for text, other in pairs if text != other]


def is_missing_code(text: str, others: Iterable[float]) -> bool:
    """Whether a number looks like a code for no answer: -99 among 0 to 10.

    >>> is_missing_code("-99", [1, 7]), is_missing_code("99", [1, 50, 98])
    (True, False)
    """
    values = sorted(others)
    try:
        number = float(text)
    except ValueError:
        return False
    if abs(number) == float("inf"):
        return False
    # -3105 is no number of its own among such as are not negative.
    if number <= FAR_BELOW and values and all(n >= 0 or n <= FAR_BELOW for n in values):
        return values[-1] >= 0
    if text not in MISSING_CODES:
        return False
    if number < 0 or not values:
        return number < 0 and (not values or values[0] >= 0)
    return number > 2 * max(abs(value) for value in values) + 5


def repeated(values: Iterable[str]) -> list[str]:
    """Texts that stand there more than once."""
    return [value for value, count in Counter(values).items() if count > 1]
