"""A survey folder's responses as a Wave."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from conjoint.errors import DataError, Fault
from conjoint.read.answers import encode_respondents
from conjoint.read.blank import without_declared_missing
from conjoint.read.cells import encode_durations, encode_numbers
from conjoint.read.design_file import join_design
from conjoint.read.encode import encode_profiles
from conjoint.read.exclude import exclude
from conjoint.read.file import check_library, read_responses
from conjoint.read.join import (
    join_respondents,
    read_joined,
    reading_of,
    without_unmatched,
)
from conjoint.read.layout import as_long, used_columns
from conjoint.read.locate import data_path, joined_paths
from conjoint.read.mapping import resolve_choices
from conjoint.read.recode import recode_cells
from conjoint.read.rows import rows_of_profiles
from conjoint.read.tables import read_survey
from conjoint.read.unused import (
    are_few,
    named_columns,
    outside_filters,
    unusable_tasks,
    unused_columns,
    without_silent,
    without_tasks,
)
from conjoint.say.number import counted
from conjoint.survey.check_data import joined_faults
from conjoint.wave import Wave, check_parts

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping
    from os import PathLike

    from conjoint.read.exclude import Left
    from conjoint.read.layout import Long
    from conjoint.read.locate import Part
    from conjoint.read.recode import Recoding
    from conjoint.read.responses import Responses
    from conjoint.survey import Data, Survey
    from conjoint.typing import BoolArray, FloatArray
    from conjoint.wave import Unused

__all__ = ["load_wave", "read_wave", "wave_of"]


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
    where = str(Path(folder) / "survey.toml")
    if survey.data is None:
        fault = Fault(f"{where}, data", "is missing", "how the responses are laid out")
        return None, None, [fault]
    try:
        path = data_path(survey, folder, data)
        others = joined_paths(survey, folder, path)
        for own in (path, *others.values()):
            check_library(own)
        responses = _with_joined(read_responses(path, survey.data), survey, others)
    except DataError as error:
        return None, None, list(error.faults)
    return wave_of(responses, survey, where)


def _with_joined(responses: Responses, survey: Survey, paths: Mapping[Part, Path]) -> Responses:
    """The responses with what other files say of respondents, and of profiles shown.

    Raises
    ------
    DataError
        A file cannot be read, or does not go with the responses.
    """
    data = survey.data
    if data is None or (survey.respondents is None and survey.design is None):
        return responses
    if any(joined_faults(survey, data)):  # named with those of survey.toml
        raise DataError
    named = named_columns(survey, data)
    if survey.respondents is not None:
        part = survey.respondents
        other = read_joined(paths["respondents"], reading_of(part, data))
        responses = join_respondents(responses, other, part, data, named)
    if survey.design is not None:
        shown = survey.design
        other = read_joined(paths["design"], reading_of(shown, data))
        responses = join_design(responses, other, survey, named)
    return responses


def wave_of(
    responses: Responses, survey: Survey, where: str = "survey.toml"
) -> tuple[Wave | None, pd.DataFrame | None, list[Fault]]:
    """Make a wave of responses, as far as they go; `where` is survey.toml, for the faults.

    Cells are recoded first. Then those whom the survey's rules exclude are left out, so that their cells
    stop nobody; then people without any answer, and tasks that cannot be used where they are few
    (`Wave.unused` counts them).

    Returns
    -------
    Wave or None, respondents or None, list of Fault
    """
    data = survey.data
    if data is None:
        fault = Fault(f"{where}, data", "is missing", "how the responses are laid out")
        return None, None, [fault]
    declared = data
    responses, columns = unused_columns(responses, survey, data)
    columns = [*columns, *responses.unused]
    try:
        responses, survey = rows_of_profiles(responses, survey, data)
    except DataError as error:
        return None, None, list(error.faults)
    data = survey.data or data
    responses, blanked = without_declared_missing(responses, survey, data)
    recoding, faults = recode_cells(responses, survey, data, where)
    left, found = exclude(recoding.responses, survey, data, where)
    faults += found
    kept, unused = without_silent(left.kept, survey, data)
    kept, gone, unjoined, found = without_unmatched(kept, data)
    unused += gone
    faults += found
    if found and not len(kept.cells):
        return None, None, faults
    silent = sum(entry.count for entry in unused)
    try:
        long, found = as_long(kept, survey, data)
        faults += [*responses.ambiguous(used_columns(survey, data)), *found]
        long, found = recoding.of_profiles(long)
        banded = [*recoding.faults(kept), *found]
        long, found = resolve_choices(long, where)
        faults += found
    except DataError as error:
        return None, None, [*faults, *error.faults]
    survey = long.survey.model_copy(update={"exclusions": left.exclusions})
    parts = _Parts(long, data)
    if not banded:
        parts, gone = _without_few(parts, data)
        unused += gone
    if parts.faults or faults or banded:
        # A cell that no band takes is named once.
        named = {fault.where for fault in banded}
        found = [fault for fault in parts.faults if fault.where not in named]
        return None, parts.respondents, [*faults, *banded, *found, *parts.breaches()]
    unused += [*outside_filters(survey, parts.respondents, where), *columns]
    broken = _broken(left, recoding, survey, data)
    notes = [
        *responses.notes,
        *unjoined,
        *blanked,
        *recoding.notes(),
        *left.notes,
        *long.notes,
        *broken,
    ]
    try:
        wave = Wave.build(
            survey.model_copy(update={"data": declared}),
            parts.respondents,
            parts.main,
            parts.weights,
            parts.repeats,
            positions=parts.positions,
            answers=parts.answers,
            excluded=left.excluded,
            n_read=left.n_read - silent,
            notes=notes,
            recoded=recoding.recoded,
            unused=unused,
            place_respondent=long.place_respondent,
            place_profile=parts.place,
        )
    except DataError as error:
        return None, parts.respondents, list(error.faults)
    return wave, parts.respondents, []


class _Parts:
    """What a wave is made of: cells that cannot be read are missing, and `faults` name them."""

    def __init__(self, long: Long, data: Data) -> None:
        self.long = long
        respondents, self.faults = encode_respondents(long)
        self.respondents = _plain(respondents, long)
        if data.duration in long.respondents:
            seconds, found = encode_durations(
                long.respondents[data.duration],
                long.place_respondent,
                long.decimal_of(data.duration),
            )
            self.respondents[data.duration] = seconds
            self.faults += found
        profiles, answers, self.unread, found = encode_profiles(long)
        self.faults += found
        self.weights, found = _weights(long, data)
        self.faults += found
        self.main, self.repeats = _split_repeat(profiles, data)
        self.read = profiles.index.to_numpy()
        shown = self.main if self.repeats is None else pd.concat([self.main, self.repeats])
        self.shown, self.rows = shown, shown.index.to_numpy()
        self.positions = None if long.positions is None else long.positions.loc[self.main.index]
        self.answers = None if answers is None else answers.loc[self.rows]

    def place(self, row: int, column: str) -> str:
        """Where the cell of a row of `shown` stands."""
        return self.long.place(int(self.rows[row]), column)

    @property
    def named(self) -> dict[str, BoolArray]:
        """By attribute or outcome, the rows of `shown` whose cell could not be read."""
        rows = np.searchsorted(self.read, self.rows)
        return {name: mask[rows] if mask.any() else mask for name, mask in self.unread.items()}

    def breaches(self) -> list[Fault]:
        """What is not true of these parts and has to be of a wave, cells left out that are named."""
        return check_parts(
            self.long.survey,
            self.respondents,
            self.shown,
            self.weights,
            self.long.place_respondent,
            self.place,
            self.named,
        )


def _without_few(parts: _Parts, data: Data) -> tuple[_Parts, list[Unused]]:
    """Leave out tasks that cannot be used, where they are few and nothing else is wrong."""
    long = parts.long
    found = unusable_tasks(long, parts.shown, parts.named)
    if not found:
        return parts, []
    count = int(np.any([tasks for tasks, _ in found.values()], axis=0).sum())
    if not are_few(count, len(np.unique(long.group[parts.rows]))):
        return parts, []
    rest, entries = without_tasks(long, found)
    sound = _Parts(rest, data)
    if sound.faults or sound.breaches():
        return parts, []
    return sound, entries


def _broken(left: Left, recoding: Recoding, survey: Survey, data: Data) -> list[str]:
    """A note on cells of excluded people that could not have been read."""
    if not len(left.out.cells):
        return []
    long, found = recoding.of_profiles(as_long(left.out, survey, data)[0])
    parts = _Parts(long, data)
    faults = [*recoding.faults(left.out), *found, *parts.faults, *parts.breaches()]
    if not faults:
        return []
    count = counted(len(faults), "fault")
    return [
        f"Answers of people who are left out have {count}, which stop nobody; the first is at "
        f"{faults[0].where}."
    ]


def _plain(respondents: pd.DataFrame, long: Long) -> pd.DataFrame:
    """Columns that no question declares, as text: the order of their categories says nothing."""
    read: dict[Hashable, object] = dict(long.respondents.dtypes.items())
    texts: dict[Hashable, Any] = {}
    for name, column in respondents.items():
        cells = column.array
        if isinstance(cells, pd.Categorical) and cells.dtype is read.get(name):
            texts[name] = np.array([*cells.categories, None], dtype=object)[cells.codes]
    if not texts:
        return respondents
    # All at once: there may be ten thousand.
    plain = pd.DataFrame(
        np.column_stack(list(texts.values())),
        respondents.index,
        pd.Index(list(texts), dtype=respondents.columns.dtype),
        dtype=object,
    )
    others = respondents[[name for name in respondents.columns if name not in texts]]
    return pd.concat([others, plain], axis=1)[list(respondents.columns)]


def _weights(long: Long, data: Data) -> tuple[FloatArray, list[Fault]]:
    """The file's weights; ones where it has none."""
    if data.weight not in long.respondents:
        return np.ones(len(long.respondents)), []
    cells = long.respondents[data.weight]
    decimal = long.decimal_of(data.weight)
    weights, faults = encode_numbers(cells, None, long.place_respondent, "a weight", decimal)
    return np.where(np.isnan(weights) & cells.notna(), 1.0, weights), faults


def _split_repeat(profiles: pd.DataFrame, data: Data) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """The main tasks, and the repeated one apart."""
    if data.repeat is None:
        return profiles, None
    repeated = (profiles["task"] == data.repeat.task).to_numpy(dtype=bool)
    return profiles.loc[~repeated], profiles.loc[repeated]
