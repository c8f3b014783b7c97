"""Words that all formats share: how to read letters, small bases and rounding; labels; plain text."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from conjoint.toplines import TOO_FEW
from conjoint.wave import TOTAL
from conjoint.withhold.mark import NOT_AVAILABLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conjoint.survey import Survey
    from conjoint.toplines import Table
    from conjoint.workbook.book import Book

__all__ = [
    "ABSENT",
    "CAUTION",
    "MARKS",
    "SUPPRESSED",
    "SYNTHETIC",
    "group_label",
    "head_of",
    "heading_of",
    "how_to_read",
    "is_share",
    "level_label",
    "margin_label",
    "printable",
    "table_notes",
]

SUPPRESSED, CAUTION, ABSENT = "*", "!", "–"
"""Marks of figures that are not shown, of those on a small base, and of those that cannot be estimated."""

MARKS = {"safe": "", "caution": CAUTION, "suppressed": SUPPRESSED, NOT_AVAILABLE: ABSENT}
"""Marks by reading."""

SYNTHETIC = "Synthetic wave: no person gave these answers. Not for quotation."

LONGEST = 32_000
"""Characters that a cell may hold, less some."""


def printable(text: object) -> str:
    """Text without control characters, as spreadsheets and browsers can hold it."""
    kept = (" " if c in "\t\r\n" else c for c in str(text) if c in "\t\r\n" or _is_printable(c))
    return "".join(kept)[:LONGEST]


def _is_printable(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cs", "Co", "Cn")


def group_label(survey: Survey, group: str) -> str:
    """The total or a segment as shown."""
    return "All" if group == TOTAL else survey.segment_label(group)


def head_of(label: str, letter: str) -> str:
    """A column's label with its letter."""
    return f"{label} ({letter})" if letter else label


def heading_of(crossbreak: str) -> str:
    """A crossbreak's heading: the name of a bare column as words."""
    text = crossbreak.replace("_", " ")
    return text[:1].upper() + text[1:]


def level_label(survey: Survey, attribute: str, value: str) -> str:
    """A level as shown, with a dagger where it is assumed."""
    level = survey.level(attribute, value)
    assumed = level.assumed or survey.attributes[attribute].assumed
    return f"{level.shown}\u00a0†" if assumed else level.shown


def margin_label(survey: Survey, margin: str) -> str:
    """A margin as shown: questions by their labels, other columns without underscores."""
    parts = []
    for column in margin.split(" * "):
        question = survey.questions.get(column)
        label = question.label if question is not None else ""
        parts.append(label or column.replace("_", " "))
    text = " by ".join(parts)
    return text[:1].upper() + text[1:]


def is_share(survey: Survey, outcome: str) -> bool:
    """Whether an outcome's figures are shares, and not ratings."""
    return survey.outcomes[outcome].kind != "rating"


def how_to_read(book: Book) -> Iterator[tuple[str, str]]:
    """What the marks in the tables mean, as (name, text)."""
    limits = book.survey.thresholds
    yield (
        "Letters",
        "Under a figure stand the letters of the columns of its crossbreak that it is above: lower-case "
        f"where the difference is significant at 95%, upper-case at 99%. {TOO_FEW} {_test(book)}",
    )
    yield (
        "+ and -",
        "Above or below the total at 95%; twice (++ or --) at 99%. Who stands in the column stands in "
        "the total too; the test allows for it.",
    )
    yield (
        "Bases",
        "Unweighted: people who were asked and answered. Weighted: their weight, weights having a mean "
        "of 1. Effective: what the sample is worth after weighting, (sum w)² / sum w².",
    )
    yield (
        "Small bases",
        f"Counted in people, before weighting. Under {limits.caution_below}: marked “{CAUTION}”, to be "
        f"read with caution. Under {limits.suppress_below}: marked “{SUPPRESSED}”, and neither figures "
        "nor base are shown, nor those of columns from which they could be worked out.",
    )
    yield (
        "Rounding",
        "Figures are rounded each on its own, halves up, and never adjusted, so a column may sum to 99% "
        "or 101% (48, 34 and 19 sum to 101); a note under the table says where.",
    )


def _test(book: Book) -> str:
    own = (
        "Tested on the figures' joint covariance: people in both columns count once, and what "
        "weighting to the targets saves is saved."
        if book.test == "design"
        else "Tested as table software does: effective bases, one pooled variance, overlap allowed for."
    )
    if book.adjustment is None:
        return f"{own} Not adjusted for the number of tests: one letter in twenty is chance."
    name = book.adjustment.replace("-", " and ").title().replace("And", "and")
    return f"{own} Adjusted for the number of tests of a row within a crossbreak ({name})."


def table_notes(book: Book, table: Table) -> Iterator[str]:
    """What has to be said under a table."""
    limits = book.survey.thresholds
    if table.several:
        yield "More than one answer could be given: figures may sum to more than 100%."
    summed: dict[str, list[str]] = {}
    for key, note in table.rounding_notes(book.decimals).items():
        column = next(column for column in table.columns if column.key == key)
        heading = heading_of(column.crossbreak)
        label = f"{heading}: {column.label}" if heading else column.label
        summed.setdefault(note.rstrip("."), []).append(label)
    for note, labels in summed.items():
        yield f"{note} ({'; '.join(labels)})."
    if "caution" in table.reading:
        yield f"{CAUTION} Base under {limits.caution_below}: to be read with caution."
    if "suppressed" in table.reading:
        yield (
            f"{SUPPRESSED} Base under {limits.suppress_below}, or one that would give such a base away: "
            "not shown."
        )
