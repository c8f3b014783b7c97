"""A survey folder's responses as a Wave."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from conjoint.errors import DataError, Fault
from conjoint.read.encode import encode_numbers, encode_profiles, encode_respondents
from conjoint.read.layout import as_long
from conjoint.read.text import read_responses
from conjoint.survey import Data, Survey, read_survey
from conjoint.wave import Wave

if TYPE_CHECKING:
    from os import PathLike

    import pandas as pd

    from conjoint.read.layout import Long
    from conjoint.typing import FloatArray

__all__ = ["data_path", "load_wave", "read_wave"]


def read_wave(folder: str | PathLike[str], data: str | PathLike[str] | None = None) -> Wave:
    """Read a survey folder: what was asked, and what was answered.

    Parameters
    ----------
    folder
        A folder with survey.toml and the file of responses it names.
    data
        The file of responses, where it lies elsewhere.

    Returns
    -------
    Wave
        With the weights of the column that survey.toml names, or weights of one. Weight it to the
        survey's targets with :func:`conjoint.rake`.

    Raises
    ------
    SurveyError, DataError
        Name every fault of the survey, or of the responses.
    """
    survey = read_survey(folder)
    wave, _, faults = load_wave(survey, folder, data)
    if wave is None or faults:
        raise DataError(*faults)
    return wave


def data_path(
    survey: Survey, folder: str | PathLike[str], data: str | PathLike[str] | None = None
) -> Path:
    """Find the file of responses: the one named, or the one survey.toml names.

    Raises
    ------
    DataError
        Neither is named.
    """
    if data is not None:
        return Path(data)
    if survey.data is None or not survey.data.file:
        raise DataError(
            Fault(
                f"{Path(folder) / 'survey.toml'}, data.file",
                "names no file of responses",
                "the file, where it lies in the folder",
                "Give the file with --data FILE (in Python, data=).",
            )
        )
    return Path(folder) / survey.data.file


def load_wave(
    survey: Survey, folder: str | PathLike[str], data: str | PathLike[str] | None = None
) -> tuple[Wave | None, pd.DataFrame | None, list[Fault]]:
    """Read the responses as far as they go.

    Returns
    -------
    Wave or None, respondents or None, list of Fault
        The respondents come even with faults, so that targets can be held against them.
    """
    if survey.data is None:
        where = f"{Path(folder) / 'survey.toml'}, data"
        return None, None, [Fault(where, "is missing", "how the responses are laid out")]
    try:
        long = as_long(read_responses(data_path(survey, folder, data)), survey, survey.data)
    except DataError as error:
        return None, None, list(error.faults)
    respondents, faults = encode_respondents(long)
    profiles, found = encode_profiles(long)
    weights, wrong_weights = _weights(long, survey.data)
    faults += found + wrong_weights
    main, repeats = _split_repeat(profiles, survey.data)
    positions = main.index.to_numpy()
    try:
        wave = Wave.build(
            survey,
            respondents,
            main,
            weights,
            repeats,
            place_respondent=long.place_respondent,
            place_profile=lambda row, column: long.place(int(positions[row]), column),
        )
    except DataError as error:
        known = {fault.where for fault in faults}
        return None, respondents, faults + [f for f in error.faults if f.where not in known]
    return (None if faults else wave), respondents, faults


def _weights(long: Long, data: Data) -> tuple[FloatArray | None, list[Fault]]:
    if not data.weight:
        return None, []
    return encode_numbers(long.respondents[data.weight], None, long.place_respondent, "a weight")


def _split_repeat(profiles: pd.DataFrame, data: Data) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """The main tasks, and the repeated one apart."""
    if data.repeat is None:
        return profiles, None
    repeated = (profiles["task"] == data.repeat.task).to_numpy(dtype=bool)
    return profiles.loc[~repeated], profiles.loc[repeated]
