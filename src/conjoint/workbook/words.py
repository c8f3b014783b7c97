"""How to read letters, small bases and rounding, in plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjoint.say.phrase import phrase
from conjoint.say.words import small_bases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conjoint.workbook.book import Book

__all__ = ["how_to_read"]


def how_to_read(book: Book) -> Iterator[tuple[str, str]]:
    """What the marks in the tables mean, as (name, text)."""
    for name, parts in (
        ("letters", {"too_few": phrase("topline.too_few"), "test": _test(book)}),
        ("marks", {}),
        ("bases", {}),
    ):
        yield phrase(f"workbook.read.{name}"), phrase(f"workbook.read.{name}_text", **parts)
    yield phrase("workbook.read.small_bases"), small_bases(book.survey)
    yield phrase("workbook.read.rounding"), phrase("workbook.read.rounding_text")


def _test(book: Book) -> str:
    design = book.test == "design"
    own = phrase("workbook.read.design" if design else "workbook.read.effective_base")
    if book.adjustment is None:
        return f"{own} {phrase('workbook.read.unadjusted')}"
    name = phrase(f"workbook.read.{book.adjustment.replace('-', '_')}")
    return f"{own} {phrase('workbook.read.adjusted', name=name)}"
