"""Wave: the narrow waist between reading and estimating."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import compress
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from conjoint.errors import DataError, EstimationError, Fault, RequestError, choices
from conjoint.say.number import counted
from conjoint.say.prompt import at_prompt
from conjoint.survey.data import Repeat
from conjoint.wave.answer import check_answers, split_frame, split_survey
from conjoint.wave.exposure import count_opponents
from conjoint.wave.frame import names_of, parts_of_frame
from conjoint.wave.group import Group, find_groups, nobody_in
from conjoint.wave.invariants import Place, check_parts, check_weights
from conjoint.wave.keys import Keys
from conjoint.wave.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from conjoint.survey import Survey
    from conjoint.typing import BoolArray, FloatArray, IntArray, Integers
    from conjoint.wave.calibration import Calibration
    from conjoint.wave.exclusion import Excluded, Unused
    from conjoint.wave.exposure import Opponents
    from conjoint.wave.linearise import Linearised
    from conjoint.wave.recoded import Recoded

    _Among = tuple[tuple[str, ...], frozenset[str], frozenset[str]]
    """Attributes that are counted, and what the profiles show and lack among which they are."""

__all__ = ["Wave"]


UNWEIGHTED = (
    "people",
    "respondent_index",
    "repeat_index",
    "_codes",
    "_members",
    "_presence",
    "_opponents",
)
"""What a wave works out of itself, whatever its weights."""

UNANSWERED = (*UNWEIGHTED, "weight_of_profiles", "tally", "_basis")
"""What a wave works out of itself, whatever its outcomes."""


@dataclass(frozen=True, eq=False, repr=False)
class Wave:
    """Who answered what: respondents, the profiles they saw, what they said, and their weights.

    Made by :func:`conjoint.read_wave` or :meth:`Wave.from_frame`. Nothing changes a wave: verbs
    such as :func:`conjoint.rake` give back another one, and the frames it hands out are copies.

    Parameters
    ----------
    survey
        What was asked.
    respondents
        One row a respondent: ``respondent`` (id) and the respondent-level columns.
    profiles
        One row a respondent x task x profile: ``respondent``; ``task`` and ``profile``, categorical
        with names as text; one categorical column an attribute (levels in the survey's order, missing
        where the profile does not show it, which its `presence` has to allow); one float column an outcome (missing where there was no answer).
    weights
        One number a respondent, of shape (respondents,); ones where there are none.
    repeats
        Rows of the repeated task, laid out as `profiles`. No estimate uses them.
    calibration
        How the weights were made, where this package made them.
    positions
        For each profile row, at which place (from 1 on) each attribute stood: one column an
        attribute, one row a row of `profiles`; None where the file does not say.
    answers
        For each profile row, which answer was given: one categorical column an outcome of kind support
        (answers as declared, those that count 1 first), missing where there was none; None where
        nobody knows.
    excluded
        Who was left out by the survey's rules, before anything was estimated.
    recoded
        What the survey's recodes changed in the file's cells.
    n_read
        How many respondents the file held, those without any answer left out.
    notes
        What the reader had to decide, or saw and let pass; for people to read.
    unused
        The ledger of what no figure uses: rows, tasks, answers, columns and files, each with a count.

    Raises
    ------
    DataError
        Names every breach: a respondent or profile twice, an unknown or missing level, a pair the
        restrictions forbid, a task with no choice or two, a weight that is negative or not a number.
    """

    survey: Survey
    _respondents: pd.DataFrame
    _profiles: pd.DataFrame
    weights: FloatArray
    _repeats: pd.DataFrame | None = None
    calibration: Calibration | None = None
    _positions: pd.DataFrame | None = None
    # One row a row of `_profiles`, then one a row of `_repeats`.
    _answers: pd.DataFrame | None = None
    excluded: tuple[Excluded, ...] = ()
    n_read: int = 0
    notes: tuple[str, ...] = ()
    recoded: tuple[Recoded, ...] = ()
    unused: tuple[Unused, ...] = ()

    @classmethod
    def build(
        cls,
        survey: Survey,
        respondents: pd.DataFrame,
        profiles: pd.DataFrame,
        weights: FloatArray | None = None,
        repeats: pd.DataFrame | None = None,
        *,
        positions: pd.DataFrame | None = None,
        answers: pd.DataFrame | None = None,
        excluded: Sequence[Excluded] = (),
        n_read: int | None = None,
        notes: Sequence[str] = (),
        recoded: Sequence[Recoded] = (),
        unused: Sequence[Unused] = (),
        place_respondent: Place = lambda row, column: f"respondents, row {row}, {column}",
        place_profile: Place = lambda row, column: f"profiles, row {row}, {column}",
    ) -> Wave:
        """Check the parts and make a wave of them; `place_*` say where a row came from.

        `respondents` and `profiles` are without those excluded.

        Rows of `repeats` are checked as the others are, and count behind those of `profiles`; so do
        those of `answers`.
        """
        if weights is None:
            weights = np.ones(len(respondents))
        weights = np.array(weights, dtype=float)
        shown = profiles if repeats is None else pd.concat([profiles, repeats])
        keys = Keys.of(shown)
        faults = check_parts(
            survey, respondents, shown, weights, place_respondent, place_profile, keys=keys
        )
        if faults:
            raise DataError(*faults)
        if answers is not None:
            check_answers(survey, shown, answers)
        weights.setflags(write=False)
        made = cls(
            survey.model_copy(update={"task_sizes": _task_sizes(survey, shown, keys)}),
            respondents.reset_index(drop=True),
            _named(profiles),
            weights,
            None if repeats is None else _named(repeats),
            _positions=None if positions is None else positions.reset_index(drop=True),
            _answers=None if answers is None else answers.reset_index(drop=True),
            excluded=tuple(excluded),
            n_read=len(respondents) if n_read is None else n_read,
            notes=tuple(notes),
            recoded=tuple(recoded),
            unused=tuple(unused),
        )
        index = made._index_of(keys.ids)[keys.person]
        index.setflags(write=False)
        vars(made).update(
            respondent_index=index[: len(profiles)], repeat_index=index[len(profiles) :]
        )
        return made

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        *,
        respondent: str,
        outcome: str | Sequence[str],
        attributes: str | Sequence[str],
        task: str | None = None,
        profile: str | None = None,
        weight: str | None = None,
        segments: str | Sequence[str] | None = None,
        restrictions: Sequence[Mapping[str, Sequence[object]]] | None = None,
        across: str | Sequence[str] = (),
        presence: Mapping[str, str | Mapping[str, object]] | None = None,
        repeat: Repeat | Mapping[str, object] | None = None,
        title: str = "Conjoint data",
    ) -> Wave:
        """Make a wave of data that are already long: one row a profile.

        Parameters
        ----------
        frame
            One row a respondent x task x profile.
        respondent, task, profile, weight
            Columns. The weight has to be the same in all rows of a respondent.
        outcome
            The column, or columns, of answers: numbers or booleans; missing where none was given. Zeros
            and ones are a forced choice where nine tasks in ten have exactly one 1 (each of the others
            is a fault), else support for each profile by itself; other numbers are a rating.
        attributes
            Columns. The order of a categorical's categories is the order of levels, and the first is
            the baseline; other columns are sorted. Text such as ``"None"`` is a level. Blanks at the
            ends of a level are taken off.
        segments
            Respondent-level columns, usable as `by`.
        restrictions
            Pairs of levels that never meet, each ``{"Job": [...], "Education": [...]}``.
        across
            Attributes of which two profiles of one task never show the same level.
        presence
            For attributes that not every profile shows, whose cells are then missing: ``"some"``, or
            the arms that show it, ``{"column": "arm", "arm": ["a", "b"]}``, with the column of
            respondents' arms. Not shown is no level. A missing cell of any other attribute is a fault.
        repeat
            A task that repeats another: ``{"task": "6", "of": "1", "flipped": True}``. It tells
            :func:`conjoint.reliability`, and is in no other figure.

        Returns
        -------
        Wave
            Its `notes` say what was read in one way and might be meant in another.

        Raises
        ------
        DataError
            Names every fault with its row (the frame's index label) and column. So it does where data
            look unlike what they are named for: codes for no answer (-99) or 1 and 2 among answers,
            levels that differ in case alone, a column named twice.

        Examples
        --------
        >>> import pandas as pd
        >>> frame = pd.DataFrame({
        ...     "id": [1, 1, 2, 2], "price": ["low", "high", "high", "low"], "bought": [1, 0, 0, 1]})
        >>> Wave.from_frame(frame, respondent="id", outcome="bought", attributes=["price"])
        <Wave "Conjoint data": 2 respondents, 4 profiles, 1 attribute, outcome bought>
        attribute    levels
            price high, low
        """
        parts = parts_of_frame(
            frame,
            respondent=respondent,
            outcomes=_names(outcome),
            attributes=_names(attributes),
            task=task,
            profile=profile,
            weight=weight,
            segments=_names(() if segments is None else segments),
            restrictions=tuple(restrictions or ()),
            across=_names(across),
            presence=presence or {},
            repeat=Repeat.model_validate(repeat) if repeat else None,
            title=title,
        )
        return cls.build(
            parts.survey,
            parts.respondents,
            parts.profiles,
            parts.weights,
            parts.repeats,
            notes=parts.notes,
            place_respondent=parts.place_respondent,
            place_profile=parts.place_profile,
        )

    def __repr__(self) -> str:
        count = len(self.survey.attributes)
        head = (
            f'<Wave "{self.survey.title}": {len(self.weights):,} respondents, '
            f"{self.n_profiles:,} profiles, {counted(count, 'attribute')}, "
            f"outcome {', '.join(self.survey.outcomes)}>"
        )
        levels = {
            name: ", ".join(attribute.values) for name, attribute in self.survey.attributes.items()
        }
        table = pd.DataFrame({"attribute": list(levels), "levels": list(levels.values())})
        return at_prompt(head, table, list(table))

    @property
    def respondents(self) -> pd.DataFrame:
        """One row a respondent. A copy: changing it does not change the wave."""
        return self._respondents.copy(deep=False)

    @property
    def profiles(self) -> pd.DataFrame:
        """One row a respondent x task x profile. A copy, as `respondents`."""
        return self._profiles.copy(deep=False)

    @property
    def repeats(self) -> pd.DataFrame | None:
        """Rows of the repeated task, None where there was none. A copy, as `respondents`."""
        return None if self._repeats is None else self._repeats.copy(deep=False)

    @property
    def positions(self) -> pd.DataFrame | None:
        """At which place each attribute stood, one row a profile row; None where nobody knows."""
        return None if self._positions is None else self._positions.copy(deep=False)

    @property
    def answers(self) -> pd.DataFrame | None:
        """Which answer was given, one row a profile row; None where nobody knows."""
        return None if self._answers is None else self._answers.iloc[: self.n_profiles].copy()

    @property
    def n_respondents(self) -> int:
        """How many people answered."""
        return len(self._respondents)

    @property
    def n_profiles(self) -> int:
        """How many profiles were shown, the repeated task left out."""
        return len(self._profiles)

    @property
    def respondent_columns(self) -> tuple[str, ...]:
        """The respondent-level columns, the id left out."""
        return tuple(str(name) for name in self._respondents.columns if name != "respondent")

    @cached_property
    def people(self) -> npt.NDArray[Any]:
        """The respondents' ids: what tells the figures of one wave from those of another."""
        return self._respondents["respondent"].to_numpy()

    @cached_property
    def respondent_index(self) -> IntArray:
        """For each profile row, the position of its respondent; of shape (profiles,)."""
        return self._index_of(self._profiles["respondent"])

    @cached_property
    def repeat_index(self) -> IntArray:
        """For each row of `repeats`, the position of its respondent."""
        rows = self._profiles[:0] if self._repeats is None else self._repeats
        return self._index_of(rows["respondent"])

    def _index_of(self, ids: pd.Series[Any] | pd.Index[Any]) -> IntArray:
        known = pd.Index(self._respondents["respondent"])
        index = np.asarray(known.get_indexer(pd.Index(ids)), dtype=np.intp)
        index.setflags(write=False)
        return index

    @cached_property
    def weight_of_profiles(self) -> FloatArray:
        """For each profile row, the weight of its respondent; of shape (profiles,)."""
        if self.n_respondents and not np.ptp(self.weights):
            return np.broadcast_to(self.weights[0], self.n_profiles)
        weights = self.weights[self.respondent_index]
        weights.setflags(write=False)
        return weights

    @cached_property
    def _codes(self) -> dict[str, Integers]:
        arrays: dict[str, Integers] = {}
        for name, attribute in self.survey.attributes.items():
            codes = self._profiles[name].cat.codes.to_numpy().view()
            if not attribute.is_always:
                size = attribute.states
                codes = np.where(codes < 0, size - 1, codes).astype(np.min_scalar_type(-size))
            arrays[name] = codes
        for array in arrays.values():
            array.setflags(write=False)
        return arrays

    def codes(self, attribute: str) -> Integers:
        """For each profile row, the position of its level; of shape (profiles,).

        An attribute that not every profile shows has one state more than levels, the last: not shown.
        Kept in as few bytes as the levels need: widen before multiplying.
        """
        if attribute not in self._codes:
            raise RequestError(
                Fault(
                    "attribute",
                    f'there is no "{attribute}"',
                    choices(self._codes),
                    "Name one of them.",
                )
            )
        return self._codes[attribute]

    @cached_property
    def tally(self) -> Tally:
        """All profiles by the states of each attribute, counted once and kept."""
        names = tuple(self.survey.attributes)
        sizes = [self.survey.attributes[name].states for name in names]
        codes = [self.codes(name) for name in names]
        return Tally(codes, sizes, self.respondent_index, self.n_respondents)

    @cached_property
    def weights_judged(self) -> FloatArray:
        """The weight of all of each respondent's profiles together, of shape (respondents,)."""
        weights = np.where(self.weights > 0, self.weights, 0.0)
        weights *= self.tally.profiles_of
        weights.setflags(write=False)
        return weights

    def shown(self, attribute: str) -> Integers:
        """How many profiles with each level a respondent saw, of shape (levels, respondents).

        Counted once and kept, in as few bytes as the counts need.
        """
        self.codes(attribute)
        inside = self.tally.inside(list(self.survey.attributes).index(attribute))
        return self.tally.shown[:, inside].T[: len(self.survey.attributes[attribute].levels)]

    def shows(self, *attributes: str, lacking: Sequence[str] = ()) -> BoolArray:
        """Which profile rows show all of these attributes and none of `lacking`, of shape (profiles,)."""
        rows = np.ones(self.n_profiles, dtype=bool)
        for name in attributes:
            if not self.survey.attributes[name].is_always:
                rows &= self.codes(name) < len(self.survey.attributes[name].levels)
        for name in lacking:
            rows &= ~self.shows(name)
        return rows

    def presence(
        self,
        attributes: Sequence[str],
        beside: Sequence[str] = (),
        lacking: Sequence[str] = (),
    ) -> FloatArray:
        """How often profiles show and do not show some attributes, as the design was drawn.

        Parameters
        ----------
        attributes
            One axis each, of size 1 where every profile shows it, else 2: shown, not shown.
        beside, lacking
            Only among profiles that show all of `beside` and none of `lacking`.

        Returns
        -------
        numpy.ndarray
            Shares of these profiles, whatever their weights; zeros where there is none.
        """
        key = (tuple(attributes), frozenset(beside), frozenset(lacking))
        if key not in self._presence:
            sometimes = [n for n in attributes if not self.survey.attributes[n].is_always]
            shape = [1 if self.survey.attributes[n].is_always else 2 for n in attributes]
            rows = self.shows(*beside, lacking=lacking)
            pattern = np.zeros(self.n_profiles, dtype=np.intp)
            for name in sometimes:
                pattern = 2 * pattern + ~self.shows(name)
            counts = np.bincount(pattern[rows], minlength=2 ** len(sometimes))
            self._presence[key] = (counts / max(1, counts.sum())).reshape(shape)
        return self._presence[key]

    def opponents(
        self,
        attributes: Sequence[str],
        beside: Sequence[str] = (),
        lacking: Sequence[str] = (),
    ) -> dict[tuple[str, ...], Opponents]:
        """What the other profiles of a task show of some attributes, by what a profile shows of them.

        Returns
        -------
        dict
            By the attributes that a profile shows, how often (in shares that sum to one) the others of
            its task show which, one tuple for each of them; among profiles that show all of `beside`
            and none of `lacking`.
        """
        key = (tuple(attributes), frozenset(beside), frozenset(lacking))
        if key not in self._opponents:
            shows = np.stack([self.shows(name) for name in attributes])
            patterns, code = np.unique(shows, axis=1, return_inverse=True)
            names = [tuple(compress(attributes, pattern)) for pattern in patterns.T]
            task = self.respondent_index * len(self._profiles["task"].cat.categories)
            task = task + self._profiles["task"].cat.codes.to_numpy()
            among = self.shows(*beside, lacking=lacking)
            self._opponents[key] = count_opponents(task, code.ravel(), names, among)
        return self._opponents[key]

    @cached_property
    def _opponents(
        self,
    ) -> dict[_Among, dict[tuple[str, ...], Opponents]]:
        """What other profiles of a task show, for the attributes asked for."""
        return {}

    @cached_property
    def _presence(self) -> dict[_Among, FloatArray]:
        """How often attributes are shown, for those asked for."""
        return {}

    def outcome(self, name: str) -> FloatArray:
        """For each profile row, its outcome, NaN where there was no answer; of shape (profiles,)."""
        self.outcomes(name)
        return self._profiles[name].to_numpy(dtype=float)

    def outcomes(self, name: str | None = None) -> tuple[str, ...]:
        """The outcomes that `name` asks for: that one, or all."""
        if name is not None and name not in self.survey.outcomes:
            raise RequestError(
                Fault(
                    "outcome",
                    f'there is no "{name}"',
                    choices(self.survey.outcomes),
                    "Name one of them.",
                )
            )
        return tuple(self.survey.outcomes) if name is None else (name,)

    def segment(self, name: str) -> BoolArray:
        """Who belongs to a segment: booleans of shape (respondents,), kept and not to be written to."""
        if name not in self._members:
            found = self.survey.segments[name].where.members(self._respondents)
            found.setflags(write=False)
            self._members[name] = found
        return self._members[name]

    @cached_property
    def _members(self) -> dict[str, BoolArray]:
        """Who belongs to segments that were asked for."""
        return {}

    def groups(self, by: str | Sequence[str] | None = None) -> tuple[Group, ...]:
        """The parts that `by` asks for: see :func:`conjoint.wave.group.find_groups`.

        Raises
        ------
        EstimationError
            A segment has no members. Estimators give it rows without figures, see there.
        """
        groups = find_groups(self, by)
        empty = [nobody_in(group.key) for group in groups if not group.respondents.any()]
        if empty:
            raise EstimationError(*empty)
        return groups

    def with_weights(
        self, weights: FloatArray | Sequence[float], calibration: Calibration | None = None
    ) -> Wave:
        """Give back the wave with other weights, one a respondent."""
        array = np.array(weights, dtype=float)
        if array.shape != (self.n_respondents,):
            raise DataError(
                Fault(
                    "weights", f"shape {array.shape}", f"({self.n_respondents},)", "Give one each."
                )
            )
        faults = check_weights(array, lambda row, _: f"weights, respondent {row}")
        if faults:
            raise DataError(*faults)
        array.setflags(write=False)
        made = replace(self, weights=array, calibration=calibration)
        # What weights have nothing to do with need not be worked out again.
        vars(made).update({name: vars(self)[name] for name in UNWEIGHTED if name in vars(self)})
        return made

    @cached_property
    def margins(self) -> Linearised | None:
        """What the targets that the weights meet take of an influence; None where they meet none.

        Weights that were cut without meeting the targets again meet none: their spread is that of
        weights as given.
        """
        made = self.calibration
        return made.linearised(self.weights) if made is not None and made.again else None

    def residual(self, influence: FloatArray) -> FloatArray:
        """The influence that calibration leaves: what it is where weights were not made to targets.

        Parameters
        ----------
        influence
            Of shape (respondents, k), with the weights taken as given.
        """
        return influence if self.margins is None else self.margins.residual(influence)

    def degrees(self, members: BoolArray) -> float:
        """Degrees of freedom of figures of some respondents, of shape (respondents,): G - 1 of G.

        Fewer where weights were moved far to meet targets: a few heavy people then make up most of the
        variance.
        """
        return float(members.sum()) - 1.0 if self.margins is None else self.margins.degrees(members)

    def fixed(self) -> Wave:
        """Give back the wave with its weights taken as given, as if they had come with the data.

        Intervals then leave out that the weights were made to meet targets; mostly they get wider.
        """
        return replace(self, calibration=None)

    def at_start(self) -> Wave:
        """Give back the wave with what the margins explain fitted with the starting weights.

        Intervals are then to the digit those of R's survey (calibrate, and rake from equal weights) and
        of svy, whatever the distance: docs/coverage.md, heavily raked and trimmed weights.
        """
        if self.calibration is None:
            return self
        return replace(self, calibration=replace(self.calibration, slope=None))

    def described(self, survey: Survey, unused: Sequence[Unused]) -> Wave:
        """Give back the wave with another survey of the same attributes and outcomes, and ledger."""
        made = replace(self, survey=survey, unused=tuple(unused))
        indices = ("people", "respondent_index", "repeat_index")
        vars(made).update({name: vars(self)[name] for name in indices if name in vars(self)})
        return made

    def by_answer(self) -> Wave:
        """Give back the wave with each answer to an outcome of kind support as an outcome of its own.

        Behind such an outcome of three answers or more stands one for each answer that counts 0, called
        ``"support: Oppose"``: 1 where that answer was given, with the same base. Those that the survey
        declares already are not made again. Every estimator takes them as it takes the others;
        figures of one wave are joint, so that shares add up to one and can be compared.

        Examples
        --------
        >>> # conjoint.marginal_means(wave.by_answer(), outcome="support: Oppose")
        """
        return self._by_answer or self

    @cached_property
    def _by_answer(self) -> Wave | None:
        """None where nothing is to be told apart."""
        if self._answers is None:
            return None
        survey = split_survey(self.survey, map(str, self._answers))
        if survey is self.survey:
            return None
        parts = {"_profiles": (self._profiles, slice(self.n_profiles))}
        if self._repeats is not None:
            parts["_repeats"] = (self._repeats, slice(self.n_profiles, None))
        frames: dict[str, Any] = {
            name: split_frame(rows, self._answers.iloc[own], survey, self.survey)
            for name, (rows, own) in parts.items()
        }
        made = replace(self, survey=survey, **frames)
        self.tally  # noqa: B018  # counted once for both
        vars(made).update({name: vars(self)[name] for name in UNANSWERED if name in vars(self)})
        return made

    def describe(self) -> dict[str, Any]:
        """Counts that every report of a wave needs.

        ``respondents``, ``profiles`` (shown), ``tasks`` (the most that anybody was shown),
        ``repeated_task``; and ``judged``, for each outcome the ``profiles`` with an answer, the
        ``respondents`` who gave one, and the fewest and most ``tasks`` that one of them answered.
        """
        everything = np.ones(self.n_profiles, dtype=bool)
        return {
            "respondents": self.n_respondents,
            "profiles": self.n_profiles,
            "tasks": self._judged(everything)["tasks"][1],
            "repeated_task": self._repeats is not None,
            "judged": {
                name: self._judged(~np.isnan(self.outcome(name))) for name in self.survey.outcomes
            },
        }

    def _judged(self, rows: BoolArray) -> dict[str, Any]:
        """Count profiles, the people they belong to, and the fewest and most tasks of one of them."""
        task = self._profiles["task"].cat
        width = len(task.categories)
        number = self.respondent_index[rows] * width + task.codes.to_numpy(dtype=np.intp)[rows]
        counts = np.bincount(pd.unique(number) // width, minlength=1)
        counts = counts[counts > 0] if len(number) else counts
        return {
            "profiles": int(rows.sum()),
            "respondents": int((counts > 0).sum()),
            "tasks": [int(counts.min()), int(counts.max())],
        }


def _task_sizes(survey: Survey, shown: pd.DataFrame, keys: Keys) -> dict[str, tuple[int, ...]]:
    """How many profiles the tasks of each choice show, of those with an answer."""
    size = np.bincount(keys.group)[keys.group]
    return {
        name: tuple(np.unique(size[shown[name].notna().to_numpy()]).tolist())
        for name, outcome in survey.outcomes.items()
        if outcome.kind == "choice"
    }


def _names(given: str | Sequence[str]) -> tuple[str, ...]:
    """One name or several, as several; what is no text is refused where names are checked."""
    several = isinstance(given, Iterable) and not isinstance(given, str)
    return tuple(given) if several else (given,)  # type: ignore[return-value]


def _named(profiles: pd.DataFrame) -> pd.DataFrame:
    """Profiles with tasks and profiles as categories: a few names, many rows."""
    columns = {name: names_of(profiles[name]) for name in ("task", "profile")}
    return profiles.assign(**columns).reset_index(drop=True)
