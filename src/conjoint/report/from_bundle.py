"""What every report is: a bundle, read by the report's source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from conjoint.report.segment import read_for_report

if TYPE_CHECKING:
    from conjoint.analysis import Analysis

__all__ = ["FromBundle"]


@dataclass(frozen=True, eq=False)
class FromBundle:
    """A report that is made from a bundle alone."""

    analysis: Analysis

    @classmethod
    def of_bundle(cls, folder: str) -> Self:
        """Read the bundle a report is made from.

        Raises
        ------
        ReportError
            No bundle is named.
        """
        return cls(read_for_report(folder))
