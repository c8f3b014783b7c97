"""A survey folder's responses as a Wave."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.errors import DataError, Fault
from conjoint.read.answers import encode_respondents
from conjoint.read.cells import encode_numbers
from conjoint.read.encode import encode_profiles
from conjoint.read.file import read_responses
from conjoint.read.layout import as_long
from conjoint.read.locate import data_path
from conjoint.read.wide import texts_of
from conjoint.survey import Data, Survey, read_survey
from conjoint.wave import Wave, check_parts

if TYPE_CHECKING:
    from os import PathLike

    from conjoint.read.layout import Long
    from conjoint.typing import FloatArray

__all__ = ["load_wave", "read_wave"]


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
        responses = read_responses(data_path(survey, folder, data), survey.data)
        long, faults = as_long(responses, survey, survey.data)
    except DataError as error:
        return None, None, list(error.faults)
    respondents, found = encode_respondents(long)
    respondents = _plain(respondents, long)
    faults += found
    profiles, unread, found = encode_profiles(long)
    faults += found
    weights, found = _weights(long, survey.data)
    faults += found
    main, repeats = _split_repeat(profiles, survey.data)
    shown = main if repeats is None else pd.concat([main, repeats])
    positions = shown.index.to_numpy()

    def place_profile(row: int, column: str) -> str:
        return long.place(int(positions[row]), column)

    if faults:
        named = {name: mask.loc[shown.index].to_numpy() for name, mask in unread.items()}
        faults += check_parts(
            survey, respondents, shown, weights, long.place_respondent, place_profile, named
        )
        return None, respondents, faults
    try:
        wave = Wave.build(
            survey,
            respondents,
            main,
            weights,
            repeats,
            place_respondent=long.place_respondent,
            place_profile=place_profile,
        )
    except DataError as error:
        return None, respondents, list(error.faults)
    return wave, respondents, []


def _plain(respondents: pd.DataFrame, long: Long) -> pd.DataFrame:
    """Columns that no question declares, as text: the order of their categories says nothing."""
    text = {
        str(name): texts_of(cells)
        for name, cells in respondents.items()
        if name in long.respondents
        and cells.dtype is long.respondents[name].dtype
        and isinstance(cells.dtype, pd.CategoricalDtype)
    }
    return respondents.assign(**text)


def _weights(long: Long, data: Data) -> tuple[FloatArray, list[Fault]]:
    """The file's weights; ones where it has none."""
    if data.weight not in long.respondents:
        return np.ones(len(long.respondents)), []
    cells = long.respondents[data.weight]
    weights, faults = encode_numbers(cells, None, long.place_respondent, "a weight", long.decimal)
    return np.where(np.isnan(weights) & cells.notna(), 1.0, weights), faults


def _split_repeat(profiles: pd.DataFrame, data: Data) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """The main tasks, and the repeated one apart."""
    if data.repeat is None:
        return profiles, None
    repeated = (profiles["task"] == data.repeat.task).to_numpy(dtype=bool)
    return profiles.loc[~repeated], profiles.loc[repeated]
