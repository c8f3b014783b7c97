"""Words around figures: lists, counts, days, marks and their notes, and text that stays text."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

import pandas as pd

from conjoint.say.phrase import phrase

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Collection, Iterable, Iterator

    from conjoint.survey import Fieldwork, Survey, Thresholds

__all__ = [
    "ABSENT",
    "CAUTION",
    "JOINERS",
    "MARKS",
    "SUPPRESSED",
    "attribute",
    "base_notes",
    "code",
    "day",
    "days",
    "escape",
    "listed",
    "numbered",
    "plain",
    "printable",
    "sentence_case",
    "small_bases",
    "small_bases_quoted",
    "spelled",
    "together",
]

SUPPRESSED, CAUTION, ABSENT = "*", "!", "\u2013"
"""Marks of figures that are not shown, of those on a small base, and of those that cannot be estimated."""

MARKS = {"safe": "", "caution": CAUTION, "suppressed": SUPPRESSED, "not available": ABSENT}
"""Marks by reading."""

BLANK = re.compile(r"[^\S\u00a0]+")
"""Spaces and line breaks, but not what holds a word and its mark together."""

ISOLATE = "\u2066\u2069"
"""Around words that run leftward: figures after them stay after them."""

PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")

JOINERS = "\u200c\u200d\ufe0e\ufe0f"
"""Signs that join or vary letters: text keeps them, pictures have no use for them."""


def sentence_case(text: str) -> str:
    """Capitalise the first letter and leave the others.

    Examples
    --------
    >>> sentence_case("all of them are also Labour voters")
    'All of them are also Labour voters'
    """
    return text[:1].upper() + text[1:]


def listed(items: Iterable[str], *, most: int | None = None, either: bool = False) -> str:
    """Join items as a sentence does; the tail of a list longer than `most` is counted.

    Parameters
    ----------
    either
        Whether it says "or", and not "and".

    Examples
    --------
    >>> listed(["a", "b", "c"]), listed(["a", "b"], either=True), listed("abcd", most=2), listed([])
    ('a, b and c', 'a or b', 'a, b and 2 more', '')
    """
    names = list(items)
    if most is not None and len(names) > most:
        names = [*names[:most], phrase("words.more", len(names) - most)]
    if len(names) < 2:
        return "".join(names)
    word = phrase("words.or" if either else "words.and")
    return f"{', '.join(names[:-1])}{word}{names[-1]}"


def together(text: str) -> str:
    r"""Words that stay on one line.

    Examples
    --------
    >>> together("58% to 66%")
    '58%\xa0to\xa066%'
    """
    return text.replace(" ", "\u00a0")


def spelled(count: int) -> str:
    """A small number as a word.

    Examples
    --------
    >>> spelled(3), spelled(12)
    ('three', '12')
    """
    return phrase(f"words.spelled.{count}") if 0 < count < 10 else f"{count}"


def numbered(number: int, parts: int) -> str:
    """Behind the name of one of several parts; nothing behind the only one.

    Examples
    --------
    >>> numbered(2, 3), numbered(1, 1)
    (' (2 of 3)', '')
    """
    return phrase("words.part", number=number, parts=parts) if parts > 1 else ""


def days(fieldwork: Fieldwork | None) -> str:
    """The days of fieldwork, such as 11 to 12 May 2026; nothing where they are not known.

    Examples
    --------
    >>> import datetime
    >>> from conjoint.survey import Fieldwork
    >>> days(Fieldwork(start=datetime.date(2026, 5, 11), end=datetime.date(2026, 6, 2)))
    '11 May to 2 June 2026'
    """
    if fieldwork is None:
        return ""
    start, end = fieldwork.start, fieldwork.end
    if start == end:
        return day(start)
    first = day(start)
    if start.year == end.year:
        first = first.removesuffix(f" {start.year}")
        if start.month == end.month:
            first = str(start.day)
    return f"{first} to {day(end)}"


def day(date: datetime.date | None) -> str:
    """A date; nothing where there is none.

    Examples
    --------
    >>> import datetime
    >>> day(datetime.date(2026, 5, 1))
    '1 May 2026'
    """
    return f"{date.day} {pd.Timestamp(date).month_name()} {date.year}" if date else ""


def base_notes(
    readings: Collection[str],
    limits: Thresholds,
    write: Callable[[str], str] = str,
    *,
    effective: bool = False,
) -> Iterator[str]:
    """Say what the marks of small bases mean.

    Parameters
    ----------
    readings
        Those that a table has.
    limits
        The survey's.
    write
        How marks are written there, such as escaped.
    effective
        Whether effective bases ask for caution too.

    Examples
    --------
    >>> from conjoint.survey import Thresholds
    >>> list(base_notes(["safe", "caution", "suppressed"], Thresholds()))
    ['! Base under 100: to be read with caution.', '* Base under 50, or one that would give such a base away: not shown.']
    """
    if "caution" in readings:
        yield phrase(
            "words.caution_effective" if effective else "words.caution",
            mark=write(CAUTION), limit=limits.caution_below,
        )  # fmt: skip
    if "suppressed" in readings:
        yield phrase("words.withheld", mark=write(SUPPRESSED), limit=limits.suppress_below)


def small_bases(survey: Survey, write: Callable[[str], str] = str) -> str:
    """Say how small bases are treated in tables, with their marks."""
    limits = survey.thresholds
    return phrase(
        "method.small_bases",
        caution=limits.caution_below, caution_mark=write(CAUTION),
        limit=limits.suppress_below, mark=write(SUPPRESSED),
    )  # fmt: skip


def small_bases_quoted(survey: Survey) -> str:
    """Say how small bases, and effective bases, are treated where figures are quoted."""
    limits = survey.thresholds
    return phrase(
        "method.small_bases_quoted", caution=limits.caution_below, limit=limits.suppress_below
    )


def printable(text: object) -> str:
    r"""Text without what is no letter or sign, such as control characters; of white space, blanks and line breaks.

    Examples
    --------
    >>> printable("a\tb\x07\u202ec\nd")
    'a bc\nd'
    """
    kept = (" " if c in "\t\r" else c for c in str(text)
            if c in "\t\r\n" or c in JOINERS or unicodedata.category(c)[0] != "C")  # fmt: skip
    return "".join(kept)


def escape(text: object) -> str:
    r"""Write text so that Markdown, HTML, TeX and Quarto shortcodes in it stay text.

    Examples
    --------
    >>> escape("<b>{{< include x >}}</b>")
    '\\<b\\>\\{\\{\\< include x \\>\\}\\}\\<\\/b\\>'
    """
    one_line = " ".join(BLANK.split(str(text))).strip(" ")
    safe = PUNCTUATION.sub(r"\\\1", printable(one_line))
    leftward = any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in safe)
    return f"{ISOLATE[0]}{safe}{ISOLATE[1]}" if leftward else safe


def code(text: object) -> str:
    r"""Write text as code of a line, which it cannot end, and in which Quarto finds no shortcode.

    Examples
    --------
    >>> code("conjoint `x`\n\n{{< include y >}}")
    '`conjoint x { {< include y >} }`'
    """
    one_line = " ".join(BLANK.split(printable(str(text).replace("`", "")))).strip() or " "
    return f"`{one_line.replace('{{', '{ {').replace('}}', '} }').replace('|', '¦')}`"


def attribute(text: str) -> str:
    r"""Write text within the quotes of an attribute: nothing in it ends them, or is a shortcode.

    >>> attribute('"x" {{< env HOME >}}')
    'x env HOME'
    """
    kept = (" " if c in '"{}`<>' or not c.isprintable() else c for c in text.replace("\\", ""))
    return " ".join("".join(kept).split())


def plain(markdown: str) -> str:
    r"""Take Markdown's marks out of a sentence that `escape` had a part in.

    Examples
    --------
    >>> plain(r"**62%** of \<b\> voters")
    '62% of <b> voters'
    """
    kept = re.sub(r"(?<!\\)\*\*", "", markdown)
    bare = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", kept).replace("\u00a0", " ")
    return re.sub(f"[{ISOLATE}]", "", bare)
