"""The bundle: what reports are made from, written as a folder and read back.

It is the privacy line. Reports and charts are made from it alone, and it holds no respondent:
figures whose base is under the survey's limit are taken out before it is written.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from conjoint.analysis.dictionary import TABLES, dictionary
from conjoint.analysis.spread import opposed
from conjoint.audit import Audit
from conjoint.errors import Fault, ReportError, RequestError
from conjoint.output import digest, write_set
from conjoint.spreadsheet import csv_text
from conjoint.withhold.erase import without_untold
from conjoint.withhold.outward import outward, outward_numbers

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike

    from conjoint.survey import Survey
    from conjoint.typing import BundleFormat

__all__ = [
    "ABOUT",
    "BUNDLE_VERSION",
    "ENDINGS",
    "PROVENANCE",
    "SURVEY",
    "Analysis",
    "edition_of",
    "files_of_bundle",
    "is_bundle",
]

BUNDLE_VERSION = 1
"""Raised when an older reader would misread a bundle."""

TEXT_FILES = SURVEY, PROVENANCE, ABOUT = "survey.json", "provenance.json", "README.md"

ENDINGS = (".csv", ".parquet")
"""Of tables."""


@dataclass(frozen=True, eq=False)
class Analysis:
    """Everything a report is made from: aggregates, what was asked, and where it came from.

    Parameters
    ----------
    survey
        What was asked, without targets, published figures and respondents' ids.
    tables
        Tidy frames by name, as :mod:`conjoint.analysis.dictionary` tells them. Estimates have the
        usual columns and `reading`: safe, caution or suppressed (figures blank) by the survey's
        limits for bases, or not available, with the reason in `note`.
    provenance
        Versions, hashes of the input, counts, weighting efficiency, and the command.
    """

    survey: Survey
    tables: dict[str, pd.DataFrame]
    provenance: dict[str, Any]

    def __post_init__(self) -> None:
        object.__setattr__(self, "survey", self.survey.without_ids())
        made = {name: outward(name, table) for name, table in self.tables.items()}
        object.__setattr__(self, "tables", made)
        object.__setattr__(self, "provenance", outward_numbers(self.provenance))

    def table(self, name: str) -> pd.DataFrame:
        """A table, its words without holes.

        Raises
        ------
        ReportError
            The bundle has none: an older version wrote it.
        """
        if name not in self.tables:
            raise ReportError(
                Fault(
                    "bundle",
                    f'has no table "{name}"',
                    "one that this version wrote",
                    "Analyse the survey again: conjoint analyse SURVEY --to FOLDER.",
                )
            )
        own = self.tables[name]
        words = [str(column) for column in own if not pd.api.types.is_numeric_dtype(own[column])]
        return own.assign(**{column: own[column].fillna("") for column in words})

    @cached_property
    def audit(self) -> Audit:
        """The audit's items; none where the bundle has no audit."""
        table = self.tables.get("audit")
        return Audit(()) if table is None else Audit.of_frame(table)

    @cached_property
    def opposed(self) -> dict[tuple[str, str, str], list[dict[Any, Any]]]:
        """Contrasts of marginal means whose effect goes the other way, by outcome, group and attribute.

        Rows of ``spread`` (an attribute's ``high`` level against its ``low``) and of ``pulls`` (a ``level``
        against the attribute's average): see :func:`conjoint.analysis.spread.opposed`.
        """
        turned: dict[tuple[str, str, str], list[dict[Any, Any]]] = {}
        for name in ("spread", "pulls"):
            if name in self.tables:
                for row in opposed(self.tables[name]).to_dict("records"):
                    key = (str(row["outcome"]), str(row["group"]), str(row["attribute"]))
                    turned.setdefault(key, []).append(row)
        return turned

    def write(self, folder: str | PathLike[str], format: BundleFormat = "csv") -> Path:  # noqa: A002  # what users call it
        """Write the bundle: a file a table, survey.json, provenance.json, and a README of all.

        The old bundle or the new one is there whole at every moment, and what else the folder of an
        older bundle holds stays. The same input gives the same bytes.

        Parameters
        ----------
        folder
            A new folder, an empty one, or an older bundle, which is replaced.
        format
            csv, or parquet, which takes less room and keeps types (needs pyarrow).

        Raises
        ------
        RequestError
            `folder` is a file, holds something else, cannot be written, or pyarrow is missing.
        """
        target = Path(folder)
        _check_target(target)
        write_set(target, self.files(format), earlier=files_of_bundle(target))
        return target

    def files(self, format: BundleFormat = "csv") -> dict[str, bytes]:  # noqa: A002
        """The bundle's files, by name."""
        made = {f"{name}.{format}": _table_bytes(self.tables[name], format) for name in self.tables}
        hashes = {name: digest(content) for name, content in made.items()}
        return made | {name: text.encode("utf-8") for name, text in self._texts(hashes).items()}

    def _texts(self, hashes: Mapping[str, str]) -> dict[str, str]:
        told = {"bundle": BUNDLE_VERSION} | self.provenance | {"files": hashes}
        return {
            SURVEY: self.survey.model_dump_json(indent=1, exclude={"targets", "published"}),
            PROVENANCE: json.dumps(told, indent=1, ensure_ascii=False),
            ABOUT: dictionary(self.survey, self.tables),
        }


def _check_target(target: Path) -> None:
    """Refuse a target where somebody's files would be lost."""
    if target.exists() and not target.is_dir():
        raise RequestError(Fault(str(target), "is a file", "a folder", "Name another."))
    if target.is_dir() and any(target.iterdir()) and not is_bundle(target):
        raise RequestError(
            Fault(
                str(target),
                "holds something other than a bundle, which would be lost",
                "no such folder, an empty one, or an older bundle",
                "Name another folder.",
            )
        )


def _table_bytes(table: pd.DataFrame, kind: BundleFormat) -> bytes:
    table = without_untold(table)
    if kind == "csv":
        return csv_text(table).encode("utf-8")
    buffer = io.BytesIO()
    try:
        table.to_parquet(buffer, index=False)
    except ModuleNotFoundError as error:
        raise RequestError(
            Fault("format", "pyarrow is not installed", do='pip install "conjoint[parquet]".')
        ) from error
    return buffer.getvalue()


def files_of_bundle(folder: Path) -> dict[str, str]:
    """The files of a bundle that is there, with their hashes (``""`` where none is known).

    What else lies in the folder is somebody's own.
    """
    if not is_bundle(folder):
        return {}
    try:
        hashes = json.loads((folder / PROVENANCE).read_text("utf-8")).get("files")
    except (OSError, ValueError, AttributeError, RecursionError):
        hashes = None
    if not isinstance(hashes, dict):  # written by an earlier version
        names = [f"{name}{ending}" for name in TABLES for ending in ENDINGS]
        hashes = {name: "" for name in names if (folder / name).is_file()}
    return {str(name): str(found) for name, found in hashes.items()} | dict.fromkeys(TEXT_FILES, "")


def edition_of(folder: Path) -> str:
    """What tells a bundle's figures from those of another: a hash of its tables and its survey."""
    names = sorted({*files_of_bundle(folder)} - {PROVENANCE, ABOUT})
    return digest("".join(digest(folder / name) for name in names).encode())


def is_bundle(folder: str | PathLike[str]) -> bool:
    """Whether a folder holds a bundle, by its files' names."""
    return all((Path(folder) / name).is_file() for name in (SURVEY, PROVENANCE))
