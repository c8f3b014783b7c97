"""A bundle read back, and everything in it checked: it may come from a stranger.

A bundle is data. Reading it opens the files of its folder that its record names, and no other; it follows no
link out of the folder, and takes pictures and colours only in the forms that a survey folder may have.
"""

from __future__ import annotations

import base64
import binascii
import io
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from conjoint.analysis.bundle import (
    BUNDLE_VERSION,
    ENDINGS,
    PROVENANCE,
    SURVEY,
    Analysis,
    is_bundle,
)
from conjoint.analysis.dictionary import KEYS, MIXED, TABLES, WORDS
from conjoint.errors import Fault, InputError, choices
from conjoint.output import complete, digest, inside
from conjoint.read.library import library
from conjoint.source import read_file
from conjoint.spreadsheet import restored
from conjoint.survey import INTERLOCK, Survey
from conjoint.survey.house import picture_fault
from conjoint.withhold.erase import COUNTS

if TYPE_CHECKING:
    from os import PathLike

__all__ = ["read_bundle"]

AGAIN = "Analyse the survey again."

LARGEST_TEXT = 20_000_000
"""Bytes of survey.json and provenance.json."""

LARGEST_TABLE = 100_000_000
"""Bytes of a table."""

MOST_CELLS = 20_000_000
"""Cells of a table: a packed file may hold more than its size tells."""

SHAPES = {
    "letter": re.compile(r"[A-Za-z]{0,3}"),
    "letters": re.compile(r"[A-Za-z ,+-]{0,400}"),
    "reading": re.compile(r"[a-z ]{0,30}"),
}
"""Columns of words that are made by the program and have one form."""

PICTURE = re.compile(r"data:(image/(?:png|jpeg|svg\+xml));base64,([A-Za-z0-9+/]*={0,2})")


class _Open(BaseModel):
    model_config = ConfigDict(extra="allow", strict=True)


class _Counts(_Open):
    respondents: int
    profiles: int
    tasks: int


class _Weighting(_Open):
    weighted: bool
    margins: list[str]
    efficiency: float
    effective: float
    design_effect: float
    smallest: float
    largest: float
    distance: str
    trimmed: float


class _Provenance(_Open):
    """What a record has to say. More may stand in it."""

    bundle: int
    survey: str | list[str]
    synthetic: bool
    command: Annotated[str, Field(max_length=2000)]
    inputs: dict[str, Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]]
    inputs_changed: Annotated[str, Field(pattern=r"^[0-9T:+. -]{10,40}$")]
    counts: _Counts
    weighting: _Weighting
    versions: dict[str, Annotated[str, Field(max_length=60)]]
    recoded: dict[str, int] = {}
    files: dict[str, str] | None = None


def read_bundle(folder: str | PathLike[str]) -> Analysis:
    """Read a bundle that :meth:`Analysis.write` wrote.

    Raises
    ------
    InputError
        The folder holds no bundle, a newer one than this version reads, or one that is damaged or was
        changed; every file at fault is named.
    """
    path = Path(folder)
    complete(path)
    if not is_bundle(path):
        expected = f"a folder with {SURVEY} and {PROVENANCE}"
        raise InputError(Fault(str(path), "is no bundle", expected, 'Run "conjoint analyse".'))
    faults: list[Fault] = []
    provenance = _read_provenance(path, faults)
    survey = _read_survey(path, faults)
    hashes = provenance.pop("files", None)
    if hashes is None:  # written by an earlier version
        names = (f"{name}{ending}" for name in TABLES for ending in ENDINGS)
        hashes = {name: "" for name in names if (path / name).is_file()}
    tables = {}
    for name in sorted(hashes):
        table = _read_table(path, name, hashes[name], faults)
        if table is not None:
            tables[Path(name).stem] = table
    if survey is None or faults:
        raise InputError(*faults)
    return Analysis(survey, tables, provenance)


def _content(folder: Path, name: str, most: int, faults: list[Fault]) -> bytes | None:
    """The bytes of a file of the folder; None where it is none, or leads elsewhere."""
    path = inside(folder, name)
    where = str(folder / name)
    if path is None or "/" in name:
        faults.append(
            Fault(f"{folder / PROVENANCE}", f"{name!a} is no file of the folder", do=AGAIN)
        )
        return None
    if path.is_symlink() and not path.resolve().is_relative_to(folder.resolve()):
        faults.append(Fault(where, "is a link that leads out of the folder", "a file", AGAIN))
        return None
    if not path.is_file():
        faults.append(Fault(where, "is not there, or is no file", "what the record names", AGAIN))
        return None
    try:
        if path.stat().st_size > most:
            faults.append(Fault(where, "is too large", f"{most // 10**6} MB at most", AGAIN))
            return None
        return read_file(path)
    except OSError as error:
        faults.append(_damaged(path, str(error.strerror)))
        return None


def _read_provenance(folder: Path, faults: list[Fault]) -> dict[str, Any]:
    file = folder / PROVENANCE
    content = _content(folder, PROVENANCE, LARGEST_TEXT, faults)
    if content is None:
        return {}
    try:
        told = json.loads(content.decode("utf-8"))
        version = told.get("bundle", 0)
        if isinstance(version, int) and version > BUNDLE_VERSION:
            expected = f"version {BUNDLE_VERSION} or older"
            do = "Update conjoint, or analyse the survey again."
            faults.append(Fault(str(file), f"is of bundle version {version}", expected, do))
            return {}
        _Provenance.model_validate_json(content)
    except ValidationError as error:
        faults.extend(_misfits(file, error))
        return {}
    except (ValueError, AttributeError, RecursionError) as error:
        faults.append(_damaged(file, str(error)))
        return {}
    del told["bundle"]
    return dict(told)


def _read_survey(folder: Path, faults: list[Fault]) -> Survey | None:
    file = folder / SURVEY
    content = _content(folder, SURVEY, LARGEST_TEXT, faults)
    if content is None:
        return None
    try:
        survey = Survey.model_validate_json(content)
    except ValidationError as error:
        faults.extend(_misfits(file, error))
        return None
    except (ValueError, RecursionError) as error:
        faults.append(_damaged(file, str(error).splitlines()[0]))
        return None
    logo = survey.report.logo
    if logo:
        reason = _odd_picture(logo)
        if reason:
            expected = "a picture of its own, in base64"
            faults.append(Fault(f"{file}, report.logo", reason, expected, AGAIN))
            return None
    return survey.model_copy(update={"targets": None, "published": ()})


def _odd_picture(logo: str) -> str:
    """What is wrong with a logo, which reports show as it is; nothing where it is a picture."""
    match = PICTURE.fullmatch(logo)
    if match is None:
        return "is no picture that stands in the file itself"
    try:
        picture = base64.b64decode(match[2], validate=True)
    except (binascii.Error, ValueError):
        return "is no picture"
    return picture_fault(match[1], picture)


def _read_table(folder: Path, name: str, known: str, faults: list[Fault]) -> pd.DataFrame | None:
    stem, ending = Path(name).stem, Path(name).suffix
    if stem not in TABLES or ending not in ENDINGS:
        what = f"{name!a} is no table that is known here"
        faults.append(Fault(f"{folder / PROVENANCE}, files", what, choices(TABLES, 4), AGAIN))
        return None
    content = _content(folder, name, LARGEST_TABLE, faults)
    file = folder / name
    if content is None:
        return None
    try:
        table = _parsed(content, file)
    except InputError:
        raise
    except Exception as error:  # noqa: BLE001  # parsers do not document what they raise over damaged files
        faults.append(_damaged(file, str(error) or type(error).__name__))
        return None
    if known and digest(content) != known:
        what = "is not the file that the analysis wrote: its hash is another"
        faults.append(Fault(str(file), what, "the table as it was written", AGAIN))
        return None
    wrong = _odd_columns(stem, table)
    if wrong:
        faults.append(Fault(str(file), wrong, f"the columns of {stem}", AGAIN))
        return None
    return _with_sides(table) if stem == "joint_means" else table


def _parsed(content: bytes, file: Path) -> pd.DataFrame:
    if file.suffix == ".csv":
        text = dict.fromkeys(WORDS - MIXED, str)
        table = pd.read_csv(io.BytesIO(content), keep_default_na=False, na_values=[""], dtype=text)
        words = [name for name in table if not pd.api.types.is_numeric_dtype(table[name])]
        texts = {str(name): table[name].map(restored).astype(table[name].dtype) for name in words}
        return _with_untold(table.assign(**texts))
    parquet = library("pyarrow.parquet", file, "parquet")
    with parquet.ParquetFile(io.BytesIO(content)) as packed:
        if packed.metadata.num_rows * packed.metadata.num_columns > MOST_CELLS:
            raise ValueError(f"it holds more than {MOST_CELLS:,} cells")
    return _with_untold(_without_empty(pd.read_parquet(io.BytesIO(content))))


def _with_sides(table: pd.DataFrame) -> pd.DataFrame:
    """Pairs of levels with each level by itself, which bundles of earlier versions do not have."""
    if {"across", "down"} <= set(table.columns) or table.empty:
        return table
    sides = table["level"].astype(str).str.partition(INTERLOCK)
    return table.assign(across=sides[0], down=sides[2])


def _with_untold(table: pd.DataFrame) -> pd.DataFrame:
    """Empty bases as 0, in tables whose bases are whole numbers."""
    if "letter" in table or "letters" in table:
        return table
    names = [name for name in COUNTS if name in table and table[name].isna().any()]
    return table.assign(**{name: table[name].fillna(0).astype("int64") for name in names})


def _without_empty(table: pd.DataFrame) -> pd.DataFrame:
    """Empty text as missing, which is all that a cell of a CSV file can say."""
    words = [str(name) for name in table if not pd.api.types.is_numeric_dtype(table[name])]
    return table.assign(**{name: table[name].replace("", np.nan) for name in words})


def _odd_columns(name: str, table: pd.DataFrame) -> str:
    """What keeps a table from being read as the one that it is named for."""
    if table.columns.duplicated().any():
        return "names a column twice"
    missing = [key for key in KEYS.get(name, "").split() if key not in table.columns]
    if missing and len(table):
        return f"has no column {missing[0]}"
    for column in table.columns:
        values = table[column].dropna()
        is_number = pd.api.types.is_numeric_dtype(values)
        if column in MIXED or not len(values) or (is_number and column not in WORDS):
            continue
        if column in WORDS:
            shape = SHAPES.get(str(column))
            odd = [
                value
                for value in values
                if not isinstance(value, str) or (shape and not shape.fullmatch(value))
            ]
        else:
            odd = [
                value
                for value in values
                if not isinstance(value, (int, float, np.number, np.bool_))
            ]
        if odd:
            kind = f"{column}s" if column in SHAPES else "text" if column in WORDS else "numbers"
            return f"holds {str(odd[0])[:60]!a} in {column}, a column of {kind}"
    return ""


def _misfits(file: Path, error: ValidationError) -> list[Fault]:
    """The first values of a record that are not what they should be, by where they stand."""
    return [
        Fault(
            ", ".join(filter(None, (str(file), key))),
            f"cannot be read: {detail['msg'][:300]}",
            do=AGAIN,
        )
        for detail in error.errors()[:5]
        for key in [".".join(map(str, detail["loc"]))[:200]]
    ]


def _damaged(file: Path, reason: str) -> Fault:
    return Fault(str(file), f"cannot be read: {reason}", do=AGAIN)
