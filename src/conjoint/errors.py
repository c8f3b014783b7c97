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

from dataclasses import dataclass
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
    """

    where: str
    what: str
    expected: str = ""
    do: str = ""

    def __str__(self) -> str:
        expected = f" (expected {self.expected})" if self.expected else ""
        do = f" {self.do}" if self.do else ""
        return ": ".join(map(_on_one_line, (self.where, f"{self.what}{expected}.{do}")))


class ConjointError(Exception):
    """Something this package refuses; `faults` holds every reason found."""

    exit_code = 2

    def __init__(self, *faults: Fault) -> None:
        self.faults = faults
        super().__init__(*faults)

    def __str__(self) -> str:
        return "\n".join(str(fault) for fault in self.faults)


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
