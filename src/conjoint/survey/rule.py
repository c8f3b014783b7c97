"""Segment rules: who belongs, said as data and never run as code."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import pandas as pd
from pydantic import BaseModel, BeforeValidator, ConfigDict, StrictBool, model_validator

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from conjoint.typing import BoolArray

__all__ = ["BY_ID", "ID_SIGN", "WORD", "Condition", "Rule", "as_text", "hide_ids"]

BY_ID = "by id"
"""What stands in outputs in place of a condition on respondents' ids."""

WORD = re.compile(r"(?!\d{1,3}\b)[\w.@-]+")
"""What an id may look like within a sentence; a number of three digits counts something."""

ID_SIGN = re.compile(r"[\d@_]")
"""What sets an id apart from a word of the language that happens to be one too."""


MOST_ALTERNATIVES = 500
"""Tables of conditions in a rule."""


def as_text(value: object) -> str:
    """Write a TOML scalar as a response file would store it (``5``, not ``5.0``)."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _texts(value: object) -> object:
    if isinstance(value, (str, int, float)) and not isinstance(value, bool):
        return (as_text(value),)
    if isinstance(value, list) and all(
        isinstance(item, (str, int, float)) and not isinstance(item, bool) for item in value
    ):
        return tuple(as_text(item) for item in value)
    return value


Texts = Annotated[tuple[str, ...], BeforeValidator(_texts)]


class Condition(BaseModel):
    """What one respondent column must hold.

    In survey.toml: ``"Labour"``, ``["Reform UK", "Conservative"]``, ``{ min = 5 }``,
    ``{ min = 5, max = 8 }``, ``{ not = ["Labour"] }`` or ``{ empty = true }``, which is also written
    ``{ answered = false }``. Several keys must all hold. A missing answer satisfies no other
    condition, not even ``not``; one that counts as missing is missing.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    one_of: Texts | None = None
    none_of: Texts | None = None
    min: float | None = None
    max: float | None = None
    empty: StrictBool | None = None

    @model_validator(mode="before")
    @classmethod
    def _short_forms(cls, value: Any) -> Any:
        if isinstance(value, (str, int, float, list)) and not isinstance(value, bool):
            return {"one_of": value}
        if not isinstance(value, dict):
            return value
        full = {("none_of" if key == "not" else key): own for key, own in value.items()}
        if "answered" in full:
            answered = full.pop("answered")
            if not isinstance(answered, bool):
                raise ValueError(f"`answered` is {answered!r} (true or false is needed)")
            if full.setdefault("empty", not answered) is answered:
                raise ValueError("`empty` and `answered` contradict each other")
        return full

    @model_validator(mode="after")
    def _says_something(self) -> Condition:
        others = (self.one_of, self.none_of, self.min, self.max)
        if self.empty is None and all(part is None for part in others):
            raise ValueError(
                "an empty condition: give a value, a list, min, max, not, empty or answered"
            )
        if self.empty and any(part is not None for part in others):
            raise ValueError("an empty cell has no answer: `empty = true` stands alone")
        if self.one_of == () or self.none_of == ():
            raise ValueError("an empty list: nobody could be meant")
        return self

    @property
    def is_numeric(self) -> bool:
        """Whether the column has to hold numbers."""
        return self.min is not None or self.max is not None

    @property
    def values(self) -> tuple[str, ...]:
        """Every answer the condition names."""
        return (self.one_of or ()) + (self.none_of or ())

    def holds(self, column: pd.Series[Any]) -> BoolArray:
        """Tell, for each respondent, whether the condition holds.

        Parameters
        ----------
        column
            One value a respondent, text or numbers.

        Returns
        -------
        numpy.ndarray
            Booleans of shape (respondents,).
        """
        known = column.notna().to_numpy()
        if self.empty:
            return np.asarray(~known, dtype=bool)
        holds = known.copy()
        if self.values:
            text = column.map(as_text, na_action="ignore").to_numpy(dtype=object)
            if self.one_of is not None:
                holds &= np.isin(text, list(self.one_of))
            if self.none_of is not None:
                holds &= ~np.isin(text, list(self.none_of))
        if self.is_numeric:
            number = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float)
            with np.errstate(invalid="ignore"):
                holds &= number >= (-np.inf if self.min is None else self.min)
                holds &= number <= (np.inf if self.max is None else self.max)
        return np.asarray(holds & known, dtype=bool)


def _alternatives(value: object) -> object:
    return (value,) if isinstance(value, dict) else value


class Rule(BaseModel):
    """Who belongs to a segment: any of several sets of conditions that all hold.

    In survey.toml a table (all conditions hold) or a list of tables (any table holds).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    any_of: Annotated[tuple[dict[str, Condition], ...], BeforeValidator(_alternatives)]

    @model_validator(mode="before")
    @classmethod
    def _short_forms(cls, value: Any) -> Any:
        full = isinstance(value, dict) and set(value) == {"any_of"}
        return {"any_of": value} if isinstance(value, (dict, list)) and not full else value

    @model_validator(mode="after")
    def _says_something(self) -> Rule:
        if not self.any_of or not all(self.any_of):
            raise ValueError("an empty rule: name at least one column")
        if len(self.any_of) > MOST_ALTERNATIVES:
            raise ValueError(f"a rule of more than {MOST_ALTERNATIVES} alternatives")
        return self

    def conditions(self) -> Iterator[tuple[str, Condition]]:
        """Every (column, condition) pair of the rule."""
        for alternative in self.any_of:
            yield from alternative.items()

    def ids(self, columns: Collection[str]) -> set[str]:
        """The respondents' ids that the rule names; `columns` hold ids."""
        return {
            value
            for column, condition in self.conditions()
            if column in columns
            for value in condition.values
        }

    def without_ids(self, columns: Collection[str]) -> Rule:
        """The rule as outputs may say it: conditions on ids say no more than that."""
        hidden = Condition(one_of=(BY_ID,))
        return Rule(
            any_of=tuple(
                {name: hidden if name in columns else own for name, own in alternative.items()}
                for alternative in self.any_of
            )
        )

    def members(
        self, respondents: pd.DataFrame, unread: Mapping[str, BoolArray] | None = None
    ) -> BoolArray:
        """Tell who belongs: booleans of shape (respondents,).

        `unread` are cells that hold something that cannot be read, by column: they meet no condition.
        """
        members = np.zeros(len(respondents), dtype=bool)
        for alternative in self.any_of:
            every = np.ones(len(respondents), dtype=bool)
            for column, condition in alternative.items():
                every &= condition.holds(respondents[column])
                if unread and column in unread:
                    every &= ~unread[column]
            members |= every
        return members


def hide_ids(text: str, ids: Iterable[str]) -> str:
    """A text without the ids that stand in it as words."""
    for name in sorted(ids, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "(id)", text)
    return text
