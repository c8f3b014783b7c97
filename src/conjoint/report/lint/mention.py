"""Numbers that a sentence states: percentages, points, shares in words, ranges, bases."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from conjoint.report.lint.context import blanked

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Mention", "MentionKind", "Relation", "mentions"]

MentionKind = Literal[
    "percent", "points", "fraction", "range", "margin", "base", "rating", "confidence", "power", "even", "sum"
]  # fmt: skip
Relation = Literal["equal", "about", "over", "under"]

WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "twenty": 20, "hundred": 100, "a": 1, "an": 1,
}  # fmt: skip
PARTS = {"half": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "tenth": 10}

NUMBER = r"(?<![\d.,])\d[\d,]*(?:\.\d+)?"
PERCENT = r"\s?(?:%|per\s?cent\b|percent\b|pc\b)"
POINTS = r"(?:\s|-)?(?:percentage[ -])?(?:points?|pts?|pp)\b"
COUNT = "|".join(WORDS)
DASH = r"\s?(?:–|—|-|to)\s?"

PATTERNS: tuple[tuple[MentionKind, re.Pattern[str]], ...] = (
    ("even", re.compile(rf"\blargest \S+ a share of (?P<a>{NUMBER}){PERCENT}")),
    ("power", re.compile(rf"(?P<a>{NUMBER}){PERCENT}(?=\s(?:statistical\s)?power\b)", re.I)),
    (
        "confidence",
        re.compile(
            rf"(?P<a>{NUMBER}){PERCENT}(?=\s(?:confidence|credible|compatibility|intervals?\b))"
            rf"|\bintervals?(?: are| of| at)* (?P<d>9\d(?:\.\d+)?)%|\b(?:verdict|points,|twice(?: \([^()]*\))?|clear of zero|(?:lower|upper)-case|differs? from [^.,;]{{1,40}}?"
            rf"|above or below the total|significant(?:ly)?(?: \w+){{0,4}}) at (?:the )?(?P<b>9\d(?:\.\d+)?)%"
            rf"|\b(?P<c>{NUMBER}) samples in 100\b",
            re.I,
        ),
    ),
    (
        "sum",
        re.compile(
            rf"(?:{NUMBER}(?:{PERCENT})?(?:,|\sand)\s)+{NUMBER}(?:{PERCENT})?\s(?:make|sum to|add up to)\s(?P<a>{NUMBER})(?:{PERCENT})?"
            rf"|\b(?:answers|figures|percentages|shares|columns?)\s(?:\w+\s)?(?:sum|add up)\sto\s(?:more than\s)?"
            rf"(?P<b>{NUMBER}){PERCENT}(?:\sor\s(?P<c>{NUMBER}){PERCENT})?",
            re.I,
        ),
    ),
    ("margin", re.compile(rf"(?:±|plus or minus|\+/-)\s?(?P<a>{NUMBER})", re.I)),
    (
        "base",
        re.compile(
            rf"\b(?:base|bases|sample|unweighted(?=\D+\d\d))\b(?:\s(?:of|is|was|:))*\s?(?P<a>{NUMBER})(?!{PERCENT})"
            rf"|\bn\s?=\s?(?P<b>{NUMBER})"
            rf"|(?:(?P<c>{NUMBER})\s?(?:–|to)\s?)?(?P<d>{NUMBER})\s(?:\w+\s)?(?:people|respondents|adults|interviews|answers|voters)\b",
            re.I,
        ),
    ),
    (
        "range",
        re.compile(rf"\bbetween\s[<>]?(?P<a>{NUMBER})(?:{PERCENT})?\sand\s[<>]?(?P<b>{NUMBER}){PERCENT}", re.I),
    ),
    (
        "range",
        re.compile(rf"[<>]?(?P<a>{NUMBER})(?:{PERCENT})?{DASH}[<>]?(?P<b>{NUMBER}){PERCENT}", re.I),
    ),
    (
        "range",
        re.compile(rf"(?<=[(\[;,] )[<>]?(?P<a>{NUMBER})\s?(?:–|to)\s?[<>]?(?P<b>{NUMBER})(?=[)\];,])"),
    ),
    ("range", re.compile(rf"(?<=[(\[])[<>]?(?P<a>{NUMBER})\s?(?:–|to)\s?[<>]?(?P<b>{NUMBER})(?=[)\];,])")),
    ("points", re.compile(rf"(?P<a>{NUMBER}){POINTS}", re.I)),
    ("percent", re.compile(rf"(?P<a>{NUMBER}){PERCENT}", re.I)),
    (
        "fraction",
        re.compile(
            rf"\b(?!\d+ of \d+\)(?: \(\d+ of \d+\))?$)(?P<a>{COUNT}|\d+)\s(?:in|out of|of)\s(?:every\s)?(?P<b>{COUNT}|\d+)\b"
            rf"|\b(?:(?P<c>{COUNT})[ -])?(?P<d>third|quarter|fourth|fifth|sixth|tenth)s?\b"
            r"|(?<!other )(?<!across )(?<!across one )(?<!would be over )(?<!would be under )\b(?P<e>half)(?!-width)\b",
            re.I,
        ),
    ),
    (
        "rating",
        re.compile(rf"\b(?:rated?|rating|average|mean|scores?)\b(?:\s\w+){{0,3}}?\s(?P<a>{NUMBER})", re.I),
    ),
)  # fmt: skip

RELATIONS: tuple[tuple[Relation, re.Pattern[str]], ...] = (
    (
        "over",
        re.compile(r"\b(?:(?:just |well |slightly )?over|more than|above|at least)\s$|>\s?$", re.I),
    ),
    (
        "under",
        re.compile(
            r"\b(?:(?:just |well |slightly )?under|fewer than|less than|below|at most|nearly|almost)\s$|<\s?$",
            re.I,
        ),
    ),
    ("about", re.compile(r"\b(?:about|around|roughly|some|approximately|close to|circa)\s$", re.I)),
)
ABOVE = re.compile(r"\babove\s$|\bbelow\s$", re.I)
TIMES = re.compile(r"^\s(?:of the time)", re.I)


@dataclass(frozen=True, slots=True)
class Mention:
    """A number as a sentence states it.

    Parameters
    ----------
    kind, text, start, end
        What it is, as written, and where it stands in the sentence.
    value, upper
        The number; the other end of a range. Per cent or points, fractions as per cent.
    decimals
        As written: what it has to be rounded to.
    relation
        ``over`` and ``under`` where it is a bound.
    """

    kind: MentionKind
    text: str
    start: int
    end: int
    value: float
    upper: float
    decimals: int
    relation: Relation = "equal"


def mentions(sentence: str, masked: list[tuple[int, int]]) -> list[Mention]:
    """Find the numbers of a sentence; what is masked is part of a name, and no figure.

    A number is read once, by the first pattern that fits: margins and bases before ranges, ranges
    before single figures.
    """
    text = blanked(sentence, masked)
    found: list[Mention] = []
    for kind, pattern in PATTERNS:
        for match in pattern.finditer(text):
            if any(match.start() < m.end and m.start < match.end() for m in found):
                continue
            mention = _read(kind, match, sentence)
            if mention is not None:
                found.append(mention)
    return sorted(found, key=lambda mention: mention.start)


def _read(kind: MentionKind, match: re.Match[str], sentence: str) -> Mention | None:
    named = [value for value in match.groupdict().values() if value]
    if kind == "fraction":
        value = _fraction(match)
        if value is None:
            return None
        numbers, decimals = [100 * value], 0
    else:
        numbers = [float(text.replace(",", "").rstrip(".")) for text in named]
        decimals = max(len(text.partition(".")[2]) for text in named)
    return Mention(
        kind,
        sentence[match.start() : match.end()].strip(),
        match.start(),
        match.end(),
        numbers[0],
        numbers[-1],
        decimals,
        _relation(match.string[: match.start()]),
    )


def _fraction(match: re.Match[str]) -> float | None:
    part = match.groupdict()
    if part["e"]:
        return 0.5
    if part["d"]:
        return WORDS.get((part["c"] or "a").lower(), 1) / PARTS[part["d"].lower()]
    above, below = (_count(part[name] or "") for name in ("a", "b"))
    return above / below if 0 < above <= below and below in (3, 4, 5, 6, 7, 8, 9, 10, 20, 100) else None  # fmt: skip


def _count(text: str) -> int:
    return int(text) if text.isdigit() else WORDS.get(text.lower(), 0)


def _relation(before: str) -> Relation:
    found: Iterator[Relation] = (name for name, pattern in RELATIONS if pattern.search(before))
    return next(found, "equal")
