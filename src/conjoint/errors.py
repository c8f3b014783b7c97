"""Errors, and the faults they carry.

The tree::

    ConjointError            anything this package refuses, with one or more faults
    ├── InputError           what a person supplied: exit code 2
    │   ├── SurveyError      survey.toml and the files it names
    │   ├── DataError        the responses
    │   ├── TargetError      weighting targets, and weights that cannot meet them
    │   └── RequestError     an argument: an unknown segment, attribute, outcome or option
    ├── EstimationError      a figure that the data cannot give: exit code 2
    └── ReportError          a report that could not be rendered: exit code 1
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "ConjointError",
    "DataError",
    "EstimationError",
    "Fault",
    "InputError",
    "ReportError",
    "RequestError",
    "SurveyError",
    "TargetError",
    "choices",
    "together",
]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, said so that the reader can mend it.

    Parameters
    ----------
    where
        File and row, key or column; or the argument.
    what
        What is wrong, as a clause without a full stop.
    expected
        What was expected instead, without brackets. May be empty.
    do
        What to do about it: one sentence. May be empty.
    also
        The next places where the same is wrong.
    more
        How many other places there are, those of `also` among them.
    """

    where: str
    what: str
    expected: str = ""
    do: str = ""
    also: tuple[str, ...] = ()
    more: int = 0

    def __str__(self) -> str:
        expected = f" (expected {self.expected})" if self.expected else ""
        do = f" {self.do}" if self.do else ""
        text = f"{self.what}{self._others()}{expected}.{do}"
        return ": ".join(map(_on_one_line, (self.where, text)))

    def _others(self) -> str:
        """How many other places there are, and the first of them."""
        if not self.more:
            return ""
        places = _apart([self.where, *self.also])[1:]
        left = self.more - len(places)
        listed = ", ".join(places) + (f" and {left:,} more" if left and places else "")
        count = f"{self.more + 1:,} places"
        return f", in {count}: also {listed}" if places else f", in {count}"


class ConjointError(Exception):
    """Something this package refuses; `faults` holds every reason found."""

    exit_code = 2

    def __init__(self, *faults: Fault) -> None:
        self.faults = tuple(together(faults))
        super().__init__(*self.faults)

    def __str__(self) -> str:
        return "\n".join(str(fault) for fault in self.faults)

    @property
    def reasons(self) -> str:
        """What is wrong, each once and without where, as part of a sentence."""
        return "; ".join(dict.fromkeys(fault.what for fault in self.faults))


class InputError(ConjointError):
    """What a person supplied is wrong: a file, a key, a cell or an argument."""


class SurveyError(InputError):
    """survey.toml, or a file beside it, is wrong."""


class DataError(InputError):
    """The responses do not fit the survey."""


class TargetError(InputError):
    """Weighting targets are wrong, or no weights can meet them."""


class RequestError(InputError):
    """An argument names something that is not there, or is not an option."""


class EstimationError(ConjointError):
    """The data cannot give the figure asked for."""


class ReportError(ConjointError):
    """A report could not be rendered."""

    exit_code = 1


ALSO = 4
"""Places after the first at which a fault is shown; others are counted."""

ROW = re.compile(r", row \d")


def together(faults: Iterable[Fault]) -> list[Fault]:
    """Make one fault of those of several rows that say the same, in the order of the first."""
    groups: dict[object, list[Fault]] = {}
    for number, fault in enumerate(faults):
        alike = (fault.what, fault.expected, fault.do)
        groups.setdefault(alike if ROW.search(fault.where) else number, []).append(fault)
    merged = []
    for first, *others in groups.values():
        also = [*first.also]
        for fault in others:
            also += [fault.where, *fault.also]
        more = first.more + sum(1 + fault.more for fault in others)
        merged.append(replace(first, also=tuple(also[:ALSO]), more=more))
    return merged


def _apart(places: list[str]) -> list[str]:
    """Places without what all of them begin and end with: the file, or the column."""
    parts = [place.split(", ") for place in places]
    for _ in range(2):
        while min(map(len, parts)) > 1 and len({part[0] for part in parts}) == 1:
            parts = [part[1:] for part in parts]
        parts = [part[::-1] for part in parts]
    return [", ".join(part) for part in parts]


LONGEST = 1500
"""Signs of a part of a fault that are shown: it may quote a cell, and a cell may hold a novel."""


def _on_one_line(text: str) -> str:
    """Text without line breaks or signs that nobody sees: those are escaped; a novel is cut amid."""
    if len(text) > LONGEST:
        half = LONGEST // 2
        text = f"{text[:half]} [{len(text) - 2 * half:,} more signs] {text[-half:]}"
    if text.isprintable():
        return text
    return "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text
    )


def choices(options: Iterable[object], most: int = 12) -> str:
    """List what was expected: ``a, b, c`` with the tail counted when it is long."""
    names = [str(option) for option in options]
    if not names:
        return "nothing: there are none"
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
