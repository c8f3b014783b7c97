"""The design of the profiles: attributes, levels, restrictions and joint distributions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, field_validator, model_validator

from conjoint.survey.part import Part, Text
from conjoint.survey.rule import Texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Arm", "Attribute", "Joint", "Level", "Restriction"]

SUMS_TO_ONE = 1e-6
"""How far probabilities, written with a few decimals, may sum from one."""


class Level(Part):
    """One level of an attribute.

    `value` is the text as stored, `label` as shown, `number` what trade-offs count in.
    `assumed` marks a level this survey's authors assumed: reports mark it wherever it shows.
    """

    value: Text
    label: str = ""
    number: float | None = None
    assumed: bool = False

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        return value if isinstance(value, (dict, Level)) else {"value": value}

    @property
    def shown(self) -> str:
        """The label, or the stored value where there is none."""
        return self.label or self.value


class Arm(Part):
    """The arms of an experiment that show an attribute; `column` holds each respondent's arm."""

    column: Text
    arm: Texts


class Attribute(Part):
    """What varies between profiles, with its levels in order; the first is the usual baseline.

    `probabilities` are those with which the design draws the levels, before restrictions;
    empty where they are all the same. `presence` says which profiles show the attribute: all of
    them, some of them, or all of the respondents in some arms. Not shown is never a level. `cells`
    says by level what other columns hold, where no column holds the levels: ``{ low = { price_low =
    "1" } }``. A level that it leaves out is that of rows in which none of the others stands.
    """

    label: str = ""
    text: str = ""
    column: str = ""
    cells: dict[str, dict[str, Texts]] = Field(default_factory=dict)
    levels: tuple[Level, ...]
    baseline: Text | None = None
    assumed: bool = False
    probabilities: tuple[float, ...] = ()
    presence: Literal["always", "some"] | Arm = "always"

    @field_validator("presence", mode="before")
    @classmethod
    def _presence(cls, value: Any) -> Any:
        if value in ("always", "some") or isinstance(value, Arm):
            return value
        if isinstance(value, dict) and {*value} == {"column", "arm"} and value["arm"]:
            return value
        raise ValueError(
            f'{value!r} is not "always", "some", or arms such as '
            '{ column = "arm", arm = ["a", "b"] }'
        )

    @model_validator(mode="after")
    def _distribution(self) -> Attribute:
        if self.probabilities:
            if len(self.probabilities) != len(self.levels):
                raise ValueError(
                    f"{len(self.probabilities)} probabilities for {len(self.levels)} levels "
                    "(one a level is needed)"
                )
            # Written so that a probability that is no number does not pass.
            if not (min(self.probabilities) > 0 and _sum_to_one(self.probabilities)):
                raise ValueError(
                    f"probabilities {list(self.probabilities)} have to be above zero and sum to 1"
                )
        return self

    @property
    def values(self) -> tuple[str, ...]:
        """The levels as stored, in order."""
        return tuple(level.value for level in self.levels)

    @property
    def order(self) -> tuple[int, ...] | None:
        """The levels' places by their numbers, in the direction in which they are listed; None without numbers."""
        numbers = [level.number for level in self.levels]
        if None in numbers:
            return None
        order = sorted(range(len(numbers)), key=lambda place: numbers[place] or 0.0)
        listed = tuple(range(len(numbers)))
        return listed if order == [*reversed(listed)] else tuple(order)

    @property
    def is_always(self) -> bool:
        """Whether every profile shows the attribute."""
        return self.presence == "always"

    @property
    def states(self) -> int:
        """How many states a profile can be in: one a level, and last not shown, where it may be so."""
        return len(self.levels) + (not self.is_always)

    @property
    def baseline_index(self) -> int:
        """The place of the baseline among the levels."""
        return 0 if self.baseline is None else self.values.index(self.baseline)


class Restriction(Part):
    """What the design never draws.

    `never` holds two sets of levels, of two attributes, that never meet in one profile; `across`
    names attributes of which two profiles of one task never show the same level.
    """

    never: dict[str, Texts] = Field(default_factory=dict)
    across: Texts = ()

    @model_validator(mode="after")
    def _pair(self) -> Restriction:
        if self.never and self.across:
            raise ValueError("holds `never` and `across` (one of them is needed)")
        if not self.across and len(self.never) != 2:
            raise ValueError(f"names {len(self.never)} attributes (two are needed)")
        return self


class Joint(Part):
    """The joint distribution from which a design draws several attributes together.

    `cells` nests the levels in the order of `attributes`: ``{ "No Formal" = { Janitor = 0.02 } }``.
    A combination that it leaves out is never shown.
    """

    attributes: tuple[str, ...]
    cells: dict[str, Any]

    @model_validator(mode="after")
    def _distribution(self) -> Joint:
        if len(self.attributes) < 2:
            raise ValueError(f"names {len(self.attributes)} attribute(s) (two or more are needed)")
        if len(set(self.attributes)) < len(self.attributes):
            raise ValueError("names an attribute twice")
        for cell, share in self.probabilities.items():
            if not share >= 0:
                raise ValueError(f"{', '.join(cell)} has the probability {share:g} (zero or more)")
        if not _sum_to_one(self.probabilities.values()):
            raise ValueError(f"cells sum to {sum(self.probabilities.values()):.6g} (1 is needed)")
        return self

    @property
    def probabilities(self) -> dict[tuple[str, ...], float]:
        """The probability of each combination that is listed, levels in the attributes' order."""
        return dict(_unnest(self.cells, len(self.attributes)))


def _sum_to_one(probabilities: Iterable[float]) -> bool:
    return abs(sum(probabilities) - 1) <= SUMS_TO_ONE


def _unnest(cells: Any, depth: int) -> Iterator[tuple[tuple[str, ...], float]]:
    for level, inside in cells.items():
        if depth == 1:
            if isinstance(inside, bool) or not isinstance(inside, (int, float)):
                raise ValueError(f'"{level}" holds no probability')
            yield (level,), float(inside)
        elif isinstance(inside, dict):
            yield from (((level, *rest), share) for rest, share in _unnest(inside, depth - 1))
        else:
            raise ValueError(f'"{level}" has to hold the levels of the next attribute')
