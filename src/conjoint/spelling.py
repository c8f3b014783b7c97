"""Texts that people take for one another, and numbers that stand for no answer."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["MISSING_CODES", "is_missing_code", "plain", "same_spelling", "tidy", "twins"]

MISSING_CODES = frozenset({"-1", "-7", "-8", "-9", "-66", "-77", "-88", "-97", "-98", "-99",
    "-999", "-9999", "97", "98", "99", "997", "998", "999", "9999"})  # fmt: skip

QUOTES = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "“": '"', "”": '"', "„": '"',
    "–": "-", "—": "-", "−": "-", "‑": "-", "\u00ad": None, "\u200b": None, "\ufeff": None})  # fmt: skip


def tidy(text: str) -> str:
    """The text in one Unicode form, without blanks at its ends.

    >>> tidy(" Labour ")
    'Labour'
    """
    return unicodedata.normalize("NFC", text).strip()


def plain(text: str) -> str:
    """Small letters, straight quotes and single blanks."""
    single = unicodedata.normalize("NFKC", text).translate(QUOTES)
    return " ".join(single.split()).casefold()


def same_spelling(text: str) -> str:
    """What two spellings of one text have in common: case, blanks, quotes and commas differ."""
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
    if text not in MISSING_CODES:
        return False
    number = float(text)
    if number < 0 or not values:
        return number < 0 and (not values or values[0] >= 0)
    return number > 2 * max(abs(value) for value in values) + 5
