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

import numpy as np
import pandas as pd
from pydantic import ValidationError

from conjoint.analysis.dictionary import TABLES, dictionary
from conjoint.analysis.spread import opposed
from conjoint.audit import Audit
from conjoint.errors import Fault, InputError, RequestError
from conjoint.output import digest, write_set
from conjoint.spreadsheet import csv_text
from conjoint.survey import Survey

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike

    from conjoint.typing import BundleFormat

__all__ = ["BUNDLE_VERSION", "Analysis", "is_bundle", "read_bundle"]

BUNDLE_VERSION = 1
"""Raised when an older reader would misread a bundle."""

TEXT_FILES = SURVEY, PROVENANCE, ABOUT = "survey.json", "provenance.json", "README.md"

ENDINGS = (".csv", ".parquet")
"""Of tables."""

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
    "question",
    "row",
    "label",
    "letter",
    "letters",
    "crossbreak",
    "kind",
    "note",
    "text",
    "do",
    "name",
    "attributes",
    "outcomes",
)
"""Columns of words that may look like numbers."""


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
    if kind == "csv":
        return csv_text(table).encode("utf-8")
    buffer = io.BytesIO()
    try:
        table.to_parquet(buffer, index=False)
    except ImportError as error:
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


def read_bundle(folder: str | PathLike[str]) -> Analysis:
    """Read a bundle that :meth:`Analysis.write` wrote.

    Raises
    ------
    InputError
        The folder holds no bundle, a newer one than this version reads, or a damaged one; every
        file at fault is named.
    """
    path = Path(folder)
    if not is_bundle(path):
        expected = f"a folder with {SURVEY} and {PROVENANCE}"
        raise InputError(Fault(str(path), "is no bundle", expected, 'Run "conjoint analyse".'))
    faults: list[Fault] = []
    provenance = _read_provenance(path / PROVENANCE, faults)
    survey = _read_survey(path / SURVEY, faults)
    tables = {}
    for file in sorted(f for f in path.iterdir() if f.suffix in (".csv", ".parquet")):
        try:
            tables[file.stem] = _read_table(file)
        except (ValueError, OSError) as error:  # what pandas and pyarrow say of a damaged file
            faults.append(_damaged(file, str(error)))
    if survey is None or faults:
        raise InputError(*faults)
    return Analysis(survey, tables, provenance)


def _read_provenance(file: Path, faults: list[Fault]) -> dict[str, Any]:
    try:
        told = json.loads(file.read_text("utf-8"))
        version = told.pop("bundle", 0)
    except (ValueError, TypeError, AttributeError) as error:
        faults.append(_damaged(file, str(error)))
        return {}
    if version > BUNDLE_VERSION:
        expected = f"version {BUNDLE_VERSION} or older"
        do = "Update conjoint, or analyse the survey again."
        faults.append(Fault(str(file), f"is of bundle version {version}", expected, do))
    return dict(told)


def _read_survey(file: Path, faults: list[Fault]) -> Survey | None:
    try:
        return Survey.model_validate_json(file.read_text("utf-8"))
    except (ValidationError, ValueError) as error:
        faults.append(_damaged(file, str(error).splitlines()[0]))
        return None


def _read_table(file: Path) -> pd.DataFrame:
    if file.suffix == ".csv":
        text = dict.fromkeys(TEXTS, str)
        return pd.read_csv(file, keep_default_na=False, na_values=[""], dtype=text)
    return _without_empty(pd.read_parquet(file))


def _without_empty(table: pd.DataFrame) -> pd.DataFrame:
    """Empty text as missing, which is all that a cell of a CSV file can say."""
    words = [str(name) for name in table if not pd.api.types.is_numeric_dtype(table[name])]
    return table.assign(**{name: table[name].replace("", np.nan) for name in words})


def _damaged(file: Path, reason: str) -> Fault:
    return Fault(str(file), f"cannot be read: {reason}", do="Analyse the survey again.")
