"""A survey folder checked as a whole: survey.toml, targets, responses and segments together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from conjoint.errors import Fault, InputError, choices
from conjoint.read import load_wave
from conjoint.survey import load_survey
from conjoint.weight import check_targets

if TYPE_CHECKING:
    from os import PathLike

    import pandas as pd

    from conjoint.survey import Survey
    from conjoint.wave import Wave

__all__ = ["open_folder"]


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
        responses, of targets that nobody or nothing fits, and of segments with nobody in them.
    """
    survey, faults = load_survey(folder)
    if survey is None:
        raise InputError(*faults)
    wave, respondents, found = load_wave(survey, folder, data)
    faults += found
    if respondents is not None:
        faults += _segments(survey, respondents, f"{Path(folder) / 'survey.toml'}")
        if survey.targets is not None:
            wrong = check_targets(respondents, survey.targets, survey.segments)
            faults += [fault for fault in wrong if fault not in faults]
    if wave is None or faults:
        raise InputError(*faults)
    return wave


def _segments(survey: Survey, respondents: pd.DataFrame, where: str) -> list[Fault]:
    """Segments that nobody is in, and rules for columns that are not there."""
    faults = []
    for name, segment in survey.segments.items():
        columns = [column for column, _ in segment.where.conditions()]
        absent = [column for column in columns if column not in respondents.columns]
        if absent:
            faults.append(
                Fault(
                    f"{where}, segments.{name}.where",
                    f"there is no respondent column {choices(absent)}",
                    choices(respondents.columns),
                    "Correct the rule.",
                )
            )
        elif not segment.where.members(respondents).any():
            faults.append(
                Fault(
                    f"{where}, segments.{name}",
                    "nobody is in this segment",
                    "somebody who meets every condition of its rule",
                    "Check the rule's answers against the data.",
                )
            )
    return faults
