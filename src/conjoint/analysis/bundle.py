"""The bundle: what reports are made from, written as a folder and read back.

It is the privacy line. Reports and charts are made from it alone, and it holds no respondent:
figures whose base is under the survey's limit are taken out before it is written.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from conjoint.errors import Fault, InputError
from conjoint.survey import Survey

if TYPE_CHECKING:
    from os import PathLike

__all__ = ["Analysis", "read_bundle"]

TEXTS = (
    "wave",
    "first",
    "second",
    "item",
    "cell",
    "hold",
    "margins",
    "group",
    "level",
    "baseline",
    "high",
    "low",
    "category",
    "subject",
    "task",
    "profile",
    "answer",
    "where",
    "missing",
)
"""Columns of words that may look like numbers."""


@dataclass(frozen=True, eq=False)
class Analysis:
    """Everything a report is made from: aggregates, what was asked, and where it came from.

    Parameters
    ----------
    survey
        What was asked, without targets and published figures.
    tables
        Tidy frames by name: ``toplines``, ``topline_differences``, ``headline_checks``, ``bases``,
        ``overlap``, ``marginal_means``, ``amce``, ``spread``, ``departures``, ``joint_means``,
        ``weighting``, ``weighting_summary``, ``weight_histogram``, ``audit`` (see
        :class:`conjoint.audit.Audit`). Estimates have the usual columns
        and `reading`: safe, caution or suppressed (figures blank) by the survey's limits for bases.
        The columns of ``headline_checks`` are told at
        :func:`conjoint.headlines.headline_checks`.
    provenance
        Versions, hashes of the input, counts, weighting efficiency, and the command.
    """

    survey: Survey
    tables: dict[str, pd.DataFrame]
    provenance: dict[str, Any]

    def write(self, folder: str | PathLike[str]) -> Path:
        """Write the bundle: one CSV a table, survey.json and provenance.json."""
        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        for name, table in self.tables.items():
            table.to_csv(target / f"{name}.csv", index=False, lineterminator="\n")
        (target / "survey.json").write_text(
            self.survey.model_dump_json(indent=1, exclude={"targets", "published"}), "utf-8"
        )
        (target / "provenance.json").write_text(
            json.dumps(self.provenance, indent=1, ensure_ascii=False), "utf-8"
        )
        return target


def read_bundle(folder: str | PathLike[str]) -> Analysis:
    """Read a bundle that :meth:`Analysis.write` wrote.

    Raises
    ------
    InputError
        The folder holds no bundle.
    """
    path = Path(folder)
    if not (path / "survey.json").exists():
        raise InputError(
            Fault(str(path), "is no bundle", "a folder with survey.json", "Run the analysis first.")
        )
    survey = Survey.model_validate_json((path / "survey.json").read_text("utf-8"))
    text = dict.fromkeys(TEXTS, str)
    tables = {
        file.stem: pd.read_csv(file, keep_default_na=False, na_values=[""], dtype=text)
        for file in sorted(path.glob("*.csv"))
    }
    return Analysis(survey, tables, json.loads((path / "provenance.json").read_text("utf-8")))
