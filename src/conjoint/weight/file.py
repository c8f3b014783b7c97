"""Weights as a file for SPSS or Stata: ids as they came, and labels that say what was done."""

from __future__ import annotations

import datetime
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from conjoint.output import given_date

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.wave import Wave

__all__ = ["weights_file"]

Program = Literal["sav", "dta"]

WHOLE = re.compile(r"0|[1-9]\d{0,14}", re.ASCII)
"""An id that is the same as a number: no zeros before it, and no more digits than a number keeps."""

LONGEST_NAME: dict[Program, int] = {"sav": 64, "dta": 32}
LONGEST_LABEL: dict[Program, int] = {"sav": 250, "dta": 80}
LONGEST_TITLE: dict[Program, int] = {"sav": 64, "dta": 80}
"""Bytes of a variable's name and label, and of the file's; of Stata's they are letters."""

DATED = 92
"""Where the header of a .sav has its date."""

MONTHS = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)

TYPES = {"int8": "int8", "int16": "int16", "int32": "int32", "float": "float32"}
"""Stata's types of numbers, as NumPy calls them; what is none of them is a double."""


def weights_file(
    wave: Wave,
    program: Program,
    *,
    name: str,
    kind: str = "",
    shown: str = "",
    width: int = 0,
    label: str = "",
) -> bytes:
    """Make a .sav or .dta file of a wave's weights, one row a respondent: the id, and `weight`.

    Parameters
    ----------
    name
        The variable of the ids, as the file of responses calls it. What the program does not take in
        a name is replaced by underscores; the label says the name then.
    kind, shown, width, label
        How that file stores them, where it is one of these: the type (``string`` or one of numbers),
        the format shown, bytes of a text, and its label. Without them ids that are whole numbers are
        numbers.
    """
    import pyreadstat

    ids = [str(own) for own in wave.respondents["respondent"]]
    column, texts = _ids(ids, kind)
    if texts and program == "sav":  # SPSS matches texts of one width alone
        column = pd.Series([_padded(text, width) for text in ids], dtype=object)
    own = _name(name, program)
    named = label or (name if own != name else "Respondent id")
    weight = "weight" if own.lower() != "weight" else "weight_made"
    frame = pd.DataFrame({own: column, weight: np.asarray(wave.weights, dtype=float)})
    moment = _moment()
    labels: list[str | None] = [_cut(named, program), _cut(_described(wave, moment), program)]
    title = _cut(wave.survey.title, program, LONGEST_TITLE)
    formats = {weight: "F12.6" if program == "sav" else "%12.6f"}
    if not texts and shown:
        formats[own] = shown
    elif not texts:
        formats[own] = f"F{max(map(len, ids), default=1)}.0" if program == "sav" else "%12.0f"
    with TemporaryDirectory(prefix="conjoint-") as folder:
        path = Path(folder) / f"weights.{program}"
        if program == "sav":
            measures = {own: "nominal", weight: "scale"}
            pyreadstat.write_sav(
                frame, path, title, labels, variable_measure=measures, variable_format=formats
            )
        else:
            pyreadstat.write_dta(frame, path, title, labels, version=14, variable_format=formats)
        return _dated(path.read_bytes(), program, moment)


def _ids(ids: Sequence[str], kind: str) -> tuple[pd.Series[Any], bool]:
    """The ids as numbers or as texts, and whether they are texts."""
    texts = pd.Series(ids, dtype=object)
    wanted = kind != "string" if kind else all(map(WHOLE.fullmatch, ids))
    numbers = pd.to_numeric(texts, errors="coerce").to_numpy(dtype=float)
    if not wanted or np.isnan(numbers).any():
        return texts, True
    short = not kind and bool((np.abs(numbers) < 2**31).all())
    return pd.Series(numbers.astype("int32" if short else TYPES.get(kind, "float64"))), False


def _padded(text: str, width: int) -> str:
    return text + " " * max(width - len(text.encode()), 0)


def _name(name: str, program: Program) -> str:
    """A name that the program takes."""
    other = "_" if program == "dta" else "_."
    plain = "".join(sign if sign.isalnum() or sign in other else "_" for sign in name)
    plain = plain if plain[:1].isalpha() or plain[:1] == "_" else f"v{plain}"
    while len(plain.encode()) > LONGEST_NAME[program]:
        plain = plain[:-1]
    return plain.rstrip("._") or "id"


def _cut(text: str, program: Program, most: dict[Program, int] = LONGEST_LABEL) -> str:
    text = " ".join(text.split())
    while len(text.encode()) > most[program]:
        text = text[:-1]
    return text


def _described(wave: Wave, moment: datetime.datetime) -> str:
    """What was done to make the weights."""
    made = wave.calibration
    if made is None or not made.targets.margins:
        what = "Weight: as in the data"
    else:
        to = ", ".join(margin.name for margin in made.targets.margins)
        what = f"Weight by {made.distance} to {Path(made.targets.where).name} ({to})"
    if made is not None and made.limits is not None:
        low, high = made.limits
        ends = [f"below {low:g}"] if low > 0 else []
        ends += [f"above {high:g}"] if np.isfinite(high) else []
        what = f"{what}, trimmed {' and '.join(ends)}"
    return f"{moment:%Y-%m-%d}: {what}"


def _moment() -> datetime.datetime:
    """The time that the environment gives, or now."""
    given = given_date()
    if given is None:
        return datetime.datetime.now(datetime.UTC)
    return datetime.datetime.fromtimestamp(given, datetime.UTC)


def _dated(content: bytes, program: Program, moment: datetime.datetime) -> bytes:
    """The file with its time as the environment gives it: the same bytes for the same input."""
    month = MONTHS[moment.month - 1]
    if program == "sav":
        stamp = f"{moment.day:02d} {month} {moment:%y}{moment:%H:%M:%S}".encode()
        return content[:DATED] + stamp + content[DATED + len(stamp) :]
    stamp = f"{moment.day:02d} {month} {moment:%Y %H:%M}".encode()
    start = content.index(b"<timestamp>") + len(b"<timestamp>") + 1
    return content[:start] + stamp + content[start + len(stamp) :]
