"""Recodes: how texts of a file are read before anything else looks at them."""

from __future__ import annotations

import math
import unicodedata
from typing import TYPE_CHECKING

from pydantic import Field, model_validator

from conjoint.survey.part import Part, Text
from conjoint.survey.rule import Texts, as_text

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Band", "Recode", "tidy_text"]


def tidy_text(text: str) -> str:
    """A text with one blank wherever it has white space, none at its ends, in Unicode's form NFC.

    >>> tidy_text("Lib  Dem ")
    'Lib Dem'
    """
    return " ".join(unicodedata.normalize("NFC", text).split())


class Band(Part):
    """Numbers from `min` to `max`, both among them, or from `min` to anything `below`.

    An end that is left out is open.
    """

    min: float | None = None
    max: float | None = None
    below: float | None = None

    @model_validator(mode="after")
    def _holds_numbers(self) -> Band:
        if self.min is self.max is self.below is None:
            raise ValueError("a band needs min, max or below")
        if not all(end is None or math.isfinite(end) for end in (self.min, self.max, self.below)):
            raise ValueError("an end of a band is a number; one that is open is left out")
        if self.max is not None and self.below is not None:
            raise ValueError("a band ends at `max` or `below`, not at both")
        low, high = self.ends
        if not (low < high or low == high == self.max):
            raise ValueError(f"no number lies in the band {self.words}")
        return self

    @property
    def ends(self) -> tuple[float, float]:
        """The lowest and the highest number; the highest is not in the band where it ends below it."""
        top = self.max if self.max is not None else self.below
        return (
            -math.inf if self.min is None else self.min,
            math.inf if top is None else top,
        )

    @property
    def words(self) -> str:
        """The band as it is declared."""
        parts = (("from", self.min), ("to", self.max), ("to below", self.below))
        return " ".join(f"{word} {as_text(end)}" for word, end in parts if end is not None)

    def holds(self, number: float) -> bool:
        """Whether a number lies in the band; NaN lies in none."""
        low, high = self.ends
        return low <= number and (number < high if self.below is not None else number <= high)


class Recode(Part):
    """How the cells of a column, or of several, are read.

    In this order: `missing` are texts that mean an empty cell; `aliases` are texts by the one that
    they are read as; where `labelled`, a text such as "0 - Not at all" is read as its number; `bands`
    put numbers into categories. `empty` is what an empty cell means. Texts are found whatever their
    inner white space and Unicode form; `tidy` makes both alike in all other texts, too.

    The name of a recode is a column, or an attribute, outcome or question with all its columns;
    `columns` names others instead. Where `of` names a column, it stays as it is, and the name is that
    of a new column.
    """

    of: Text = ""
    columns: Texts = ()
    aliases: dict[str, Texts] = Field(default_factory=dict)
    bands: dict[str, Band] = Field(default_factory=dict)
    labelled: bool = False
    missing: Texts = ()
    empty: Text | None = None
    tidy: bool = False

    @model_validator(mode="after")
    def _says_something(self) -> Recode:
        if self.of and self.columns:
            raise ValueError("has `of` and `columns` (one of them is needed)")
        says = (self.aliases, self.bands, self.labelled, self.missing, self.tidy)
        if not any(says) and self.empty is None:
            raise ValueError(
                "an empty recode: give aliases, bands, labelled, missing, empty or tidy"
            )
        return self

    @property
    def alias_of(self) -> dict[str, str]:
        """What each text of `aliases` is read as."""
        return {text: value for value, texts in self.aliases.items() for text in texts}

    @property
    def values(self) -> tuple[str, ...]:
        """What cells are read as: those of aliases, bands and empty cells, each once."""
        empty = () if self.empty is None else (self.empty,)
        return tuple(dict.fromkeys((*self.aliases, *self.bands, *empty)))

    @property
    def texts(self) -> tuple[str, ...]:
        """Every text of the file that it names."""
        return (*self.missing, *(text for texts in self.aliases.values() for text in texts))

    def ordered_bands(self) -> Sequence[tuple[str, Band]]:
        """The bands from the lowest to the highest."""
        return sorted(self.bands.items(), key=lambda item: item[1].ends)
