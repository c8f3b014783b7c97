"""survey.toml and the tables beside it, read into a Survey with every fault named."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from conjoint.errors import Fault, SurveyError
from conjoint.output import inside
from conjoint.survey.check import check_survey, is_too_large, names_clash
from conjoint.survey.house import load_logo
from conjoint.survey.model import Survey
from conjoint.survey.part import Part
from conjoint.survey.published import read_published
from conjoint.survey.table import find_table
from conjoint.survey.target import read_targets
from conjoint.survey.toml import read_toml

if TYPE_CHECKING:
    from collections.abc import Iterator
    from os import PathLike

    from pydantic_core import ErrorDetails

    from conjoint.survey.table import TableReader

__all__ = ["TARGETS", "load_survey", "read_survey"]

TARGETS = "targets.csv"
"""The file of targets that is read where it lies in the folder, and `[weighting]` names no other; so
is a table of that name in another format."""

LOADED = {
    "targets": ("the table targets.csv beside it", "Move the figures there."),
    "published": ("the table published.csv beside it", "Move the figures there."),
    "task_sizes": ("what is counted in the data", "Take it out."),
}
"""Keys of a Survey that survey.toml does not have: where they come from, and what to do."""


def read_survey(folder: str | PathLike[str], tables: TableReader | None = None) -> Survey:
    """Read what was asked from a survey folder.

    Parameters
    ----------
    folder
        A folder with a survey.toml; targets.csv and published.csv are read where they are.
    tables
        What reads tables that are no delimited text, such as targets.xlsx.

    Raises
    ------
    SurveyError
        Names every fault of the three files: file, key or row, what was expected, what to do.
    """
    survey, faults = load_survey(folder, tables)
    if survey is None or faults:
        raise SurveyError(*faults)
    return survey


def load_survey(
    folder: str | PathLike[str], tables: TableReader | None = None
) -> tuple[Survey | None, list[Fault]]:
    """Read a survey as far as it goes: the survey (None where no data could be read by it) and its
    faults.

    A survey that comes with faults serves to look for further faults in the data, nothing else.
    """
    path = Path(folder) / "survey.toml"
    content, faults = read_toml(path)
    if content is None:
        return None, faults
    for key, advice in LOADED.items():
        if key in content:
            faults.append(Fault(f"{path}, {key}", "is not a key of survey.toml", *advice))
            del content[key]
    weighting = content.get("weighting")
    found_there = find_table(path.parent, "targets")
    if weighting is None and found_there.is_file():
        weighting = {}
    if isinstance(weighting, dict):
        named = weighting.get("targets", found_there.name)
        content["weighting"] = {**weighting, "targets": named}
        file = inside(path.parent, named)
        if file is None or not file.resolve().is_relative_to(path.parent.resolve()):
            what = f"{str(named)[:60]!a} is no file of the survey folder"
            fault = Fault(f"{path}, weighting.targets", what, "a file in it", "Put it there.")
            targets, found = None, [fault]
        else:
            targets, found = read_targets(file, tables)
        content["targets"] = targets
        faults += found
    faults += load_logo(path.parent, content)
    published = find_table(path.parent, "published")
    if published.exists():
        content["published"], found = read_published(published, tables)
        faults += found
    survey, found = _shaped(path, content)
    faults += found
    if survey is None:
        return None, faults
    faults += check_survey(survey, str(path))
    if survey.targets is not None and survey.weighting is not None:
        targets = survey.targets.with_unknown(survey.weighting.unknown)
        survey = survey.model_copy(update={"targets": targets})
    nobody = survey.data is not None and not survey.data.respondent.strip()
    unfit = nobody or names_clash(survey) or is_too_large(survey)
    return (None if unfit else survey), faults


def _shaped(path: Path, content: dict[str, Any]) -> tuple[Survey | None, list[Fault]]:
    """Make a survey of survey.toml's keys, those left out that do not fit, so that others are checked.

    Where what is left makes no survey there is none.
    """
    try:
        return Survey.model_validate(content), []
    except ValidationError as error:
        details = error.errors()
    told = details[:MOST_TOLD]
    faults = [_shape_fault(path, detail, near=at < HINTS) for at, detail in enumerate(told)]
    if len(details) > len(told):
        faults.append(Fault(str(path), f"has {len(details) - len(told):,} more faults like these"))
    out = [_taken_out(content, _location(detail)) for detail in details]
    if not all(out):
        return None, faults
    try:
        return Survey.model_validate(content), faults
    except ValidationError:
        return None, faults


def _taken_out(content: Any, keys: list[int | str]) -> bool:
    """Whether a key could be taken out; a whole table cannot: other parts may speak of it."""
    *tables, last = keys
    for key in tables:
        if isinstance(content, dict):
            content = content.get(str(key))
        elif isinstance(content, list) and isinstance(key, int) and key < len(content):
            content = content[key]
    if not isinstance(content, dict) or last not in content or isinstance(content[last], dict):
        return False
    del content[last]
    return True


def _parts(model: type[Part]) -> Iterator[type[Part]]:
    for part in model.__subclasses__():
        yield part
        yield from _parts(part)


_KEYS = sorted(
    {name for part in _parts(Part) for name in part.model_fields if name not in LOADED}
    | {"not", "empty", "answered"}
)
"""Every key that some part of survey.toml knows."""

_WANTED = {
    "date": "a date such as 2026-05-11, without quotes",
    "tuple": "a list such as [1, 2]",
    "float": "a number",
    "int": "a whole number",
    "string": "text in quotes",
    "bool": "true or false",
    "dict": "a table",
    "model": "a table",
}


MOST_TOLD = 1000
"""Faults of keys that are told, of as many as there may be."""

HINTS = 100
"""Unknown keys for which one like them is looked for, which takes a while."""


def _shape_fault(path: Path, detail: ErrorDetails, *, near: bool) -> Fault:
    """Say a pydantic error as a fault: file, key, what is wrong, what was expected."""
    key = "".join(
        f"[{part}]" if isinstance(part, int) else f".{part}" for part in _location(detail)
    ).lstrip(".")
    where = f"{path}, {key}" if key else str(path)
    match detail["type"]:
        case "missing":
            return Fault(where, "is missing", "a value", "Add the key.")
        case "extra_forbidden":
            name = str(detail["loc"][-1])
            alike = get_close_matches(name, _KEYS, n=1) if near and len(name) < 100 else []
            do = f"Did you mean {alike[0]}?" if alike else "Check its spelling, or take it out."
            if name in alike:
                do = "It is a key of other tables: move it there, or take it out."
            return Fault(where, "is not a key that is known here", do=do)
        case "value_error":
            reason: Any = detail.get("ctx", {}).get("error", detail["msg"])
            return Fault(where, str(reason), do="Correct it.")
        case _:
            shown = _shown(detail["input"])
            return Fault(where, f"{shown} does not fit", _expected(detail), "Correct it.")


def _expected(detail: ErrorDetails) -> str:
    """What pydantic wanted, in the words of a TOML file."""
    kind = detail["type"]
    for part, words in _WANTED.items():
        if kind.startswith(part):
            return words
    return detail["msg"].removeprefix("Input should be ").removeprefix("a valid ")


def _location(detail: ErrorDetails) -> list[int | str]:
    """The keys of a fault as survey.toml writes them, without the model's inner names."""
    inner = {"any_of", "one_of", "none_of", "[key]"}
    return [part for part in detail["loc"] if part not in inner]


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."
