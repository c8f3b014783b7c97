"""A survey folder checked as a whole: survey.toml, targets, responses and segments together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from conjoint.errors import Fault, InputError, choices
from conjoint.read import load_wave
from conjoint.read.file import companions
from conjoint.read.tables import table_records
from conjoint.survey import TARGETS, load_survey
from conjoint.survey.house import LOGOS
from conjoint.survey.table import find_table
from conjoint.survey.twin import twin_faults
from conjoint.wave import Unused
from conjoint.weight import check_targets

if TYPE_CHECKING:
    from os import PathLike

    import pandas as pd

    from conjoint.survey import Survey
    from conjoint.wave import Wave

__all__ = ["load_folder", "open_folder"]

DOCUMENTS = ("README", "LICENSE")
"""Files for people, which nothing reads."""


def open_folder(folder: str | PathLike[str], data: str | PathLike[str] | None = None) -> Wave:
    """Read a survey folder and hold its parts against each other.

    Parameters
    ----------
    folder, data
        As for :func:`conjoint.read_wave`.

    Returns
    -------
    Wave
        With the file's own weights; nothing is raked yet.

    Raises
    ------
    InputError
        Names every fault that can be seen at once, of all files: those of survey.toml, of the
        responses, of targets that nobody or nothing fits, and of segments with nobody in them. The
        last alone are none: estimators give such a segment rows that say so.
    """
    wave, faults, empty = _load(folder, data)
    if wave is None or len(faults) > len(empty):
        raise InputError(*faults)
    return wave


def load_folder(
    folder: str | PathLike[str], data: str | PathLike[str] | None = None
) -> tuple[Wave | None, list[Fault]]:
    """Read a survey folder as far as it goes: the wave, where one can be made, and every fault.

    With faults of segments or targets alone there is a wave, without the segments and targets at
    fault, so that all else of it can be looked at.
    """
    wave, faults, empty = _load(folder, data)
    if wave is not None and empty:
        left = {name: own for name, own in wave.survey.segments.items() if name not in empty}
        changed = {"segments": left, "targets": None}
        wave = wave.described(wave.survey.model_copy(update=changed), wave.unused)
    return wave, faults


def _load(
    folder: str | PathLike[str], data: str | PathLike[str] | None
) -> tuple[Wave | None, list[Fault], set[str]]:
    """The same, with the segments that have nobody in them, and their names."""
    survey, faults = load_survey(folder, table_records)
    if survey is None:
        return None, faults, set()
    sound = not faults
    wave, respondents, found = load_wave(survey, folder, data)
    faults += found
    if respondents is None:
        return None, faults, set()
    unruly, empty = _segments(survey, respondents, f"{Path(folder) / 'survey.toml'}")
    faults += [*unruly.values(), *empty.values()]
    faults += twin_faults(survey, respondents, f"{Path(folder) / 'survey.toml'}")
    wrong: list[Fault] = []
    if survey.targets is not None:
        wrong = check_targets(respondents, survey.targets, survey.segments)
        faults += [fault for fault in wrong if fault not in faults]
    if not sound:
        return None, faults, set()
    if wave is not None:
        ledger = (*wave.unused, *_unused_files(survey, Path(folder)))
        wave = wave.described(wave.survey, ledger)
    if wave is not None and (unruly or wrong):
        left = {name: own for name, own in survey.segments.items() if name not in unruly}
        changed = {"segments": left, "targets": None}
        wave = wave.described(survey.model_copy(update=changed), wave.unused)
    return wave, faults, set(empty)


def _unused_files(survey: Survey, folder: Path) -> list[Unused]:
    """Files of the folder that survey.toml does not name, and that have no name that is read anyhow."""
    read = {"survey.toml", find_table(folder, "published").name, "simulation.toml"}
    read |= {survey.weighting.targets} if survey.weighting else {TARGETS}
    parts = [
        part for part in (survey.data, survey.respondents, survey.design) if part and part.file
    ]
    for part in parts:
        read |= {part.file, *(own.name for own in companions(folder / part.file))}
    files = sorted(
        path.name
        for path in folder.iterdir()
        if path.is_file()
        and path.name not in read
        and path.stem.upper() not in DOCUMENTS
        and not path.name.startswith((".", "~$"))
        and not (survey.report.logo and path.suffix.lower() in LOGOS)
    )
    if not files:
        return []
    text = f"files of the folder are not named in survey.toml: {choices(files)}"
    return [Unused("files", len(files), str(folder), text)]


def _segments(
    survey: Survey, respondents: pd.DataFrame, where: str
) -> tuple[dict[str, Fault], dict[str, Fault]]:
    """By segment: its rule asks for columns that are not there; or nobody is in it."""
    faults, empty = {}, {}
    for name, segment in survey.segments.items():
        columns = [column for column, _ in segment.where.conditions()]
        absent = [column for column in columns if column not in respondents.columns]
        if absent:
            faults[name] = Fault(
                f"{where}, segments.{name}.where",
                f"there is no respondent column {choices(absent)}",
                choices(respondents.columns),
                "Correct the rule.",
            )
        elif not segment.where.members(respondents).any():
            empty[name] = Fault(
                f"{where}, segments.{name}",
                "nobody is in this segment",
                "somebody who meets every condition of its rule",
                "Check the rule's answers against the data.",
            )
    return faults, empty
