"""The share choosing profiles with some levels over profiles with others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias, get_args

import numpy as np

from conjoint.errors import EstimationError, Fault, RequestError, choices
from conjoint.estimate.pairs import estimate_pairs, level_over, share_of
from conjoint.estimate.sample import specify
from conjoint.survey import INTERLOCK
from conjoint.typing import Standing

if TYPE_CHECKING:
    from conjoint.estimate.groups import Figures
    from conjoint.estimate.pairs import Pairs
    from conjoint.estimate.sample import Sample
    from conjoint.estimates import Estimates
    from conjoint.typing import BoolArray, Variance
    from conjoint.wave import Wave

__all__ = ["choice_share"]

Side: TypeAlias = Mapping[str, str | Sequence[str]]
"""What one of the two profiles has to show: by attribute, a level or several."""


def choice_share(
    wave: Wave,
    chosen: Side,
    over: Side,
    by: str | Sequence[str] | None = None,
    *,
    outcome: str | None = None,
    shown: Standing = "either",
    variance: Variance = "linearised",
    confidence: float = 0.95,
) -> Estimates:
    """Share choosing a profile with some levels over a profile with others, one row a group.

    Estimand
        P(the profile that shows `chosen` is chosen | the other profile shows `over`), over the tasks
        that say which is which. Where both profiles would do for both sides (with levels of
        different attributes, or sets that overlap), the share is not defined: such tasks are left
        out.
    Formula, variance, units, restricted designs
        As for :func:`conjoint.choice_means`, whose figures these are where both sides are one level
        of one attribute.

    Parameters
    ----------
    wave, by, outcome, variance, confidence
        As for :func:`conjoint.choice_means`.
    chosen, over
        By attribute a level or several, any of which will do: ``{"cap": ["5000", "10000"]}``.
        Several attributes have to hold at once.
    shown
        ``"first"`` or ``"second"``: only tasks where the profile that shows `chosen` stood there, by
        the order in which the survey names its profiles, or else by number or alphabet.

    Returns
    -------
    Estimates
        Rows in the order outcome, group. `attribute` joins the names by `` * ``. `n_profiles` counts
        tasks.

    Raises
    ------
    RequestError
        As for :func:`conjoint.choice_means`; or a side is empty, or an attribute, level or place is
        unknown.
    EstimationError
        Fewer than two respondents of every group saw such a task; of a group in which they are too few,
        the share is NaN, with the reason in `note`.

    References
    ----------
    As for :func:`conjoint.choice_means`. Where a profile shows both sides' levels of different
    attributes, projoint 1.1.3 takes the answer of its first profile whichever side that is on.

    Examples
    --------
    >>> import pandas as pd, conjoint as cj
    >>> frame = pd.DataFrame({
    ...     "id": [1, 1, 2, 2], "task": 1, "bought": [1, 0, 0, 1],
    ...     "colour": ["blue", "white", "red", "white"]})
    >>> wave = cj.Wave.from_frame(
    ...     frame, respondent="id", task="task", outcome="bought", attributes=["colour"])
    >>> share = choice_share(wave, {"colour": ["blue", "red"]}, {"colour": "white"})
    >>> share.frame[["level", "estimate"]].to_dict("list")
    {'level': ['blue or red over white'], 'estimate': [0.5]}
    """
    if shown not in get_args(Standing):
        raise RequestError(
            Fault("shown", f'there is no "{shown}"', choices(get_args(Standing)), "Name one.")
        )
    sides = {"chosen": _levels(wave, "chosen", chosen), "over": _levels(wave, "over", over)}
    masks = _shows(wave, sides["chosen"]), _shows(wave, sides["over"])
    cell = _name(wave, sides["chosen"], sides["over"])
    specification = specify(wave, "choice_share", by, variance, confidence, shown=shown)
    return estimate_pairs(
        wave,
        lambda sample, pairs: _share(_decided(sample, pairs, masks, shown), cell),
        specification,
        outcome,
    )


def _decided(
    sample: Sample, pairs: Pairs, masks: tuple[BoolArray, BoolArray], shown: Standing
) -> Sample:
    """The rows that show the chosen side, of tasks that say which profile is on which side."""
    rows, (chosen, against) = sample.place, masks
    opponent = pairs.opponent[rows]
    forward, backward = chosen[rows] & against[opponent], against[rows] & chosen[opponent]
    kept = forward & ~backward
    if shown != "either":
        kept &= pairs.first[rows] == (shown == "first")
    return sample.only(kept)


def _share(sample: Sample, cell: tuple[str, str]) -> Figures:
    people = len(np.unique(sample.respondent))
    if people < 2:
        raise EstimationError(
            Fault(
                sample.where,
                f'{people} respondent(s) saw a task that sets "{cell[1]}"',
                "two or more, in tasks where one profile alone is on each side",
                "Name more levels, or widen the group.",
            )
        )
    figures = share_of(sample, cell)
    return replace(figures, labels=figures.labels.assign(estimand="choice share"))


def _levels(wave: Wave, argument: str, side: Side) -> dict[str, tuple[str, ...]]:
    """A side with its levels in the survey's order.

    Raises
    ------
    RequestError
        It is empty, or an attribute or level is unknown.
    """
    attributes = wave.survey.attributes
    faults = [] if side else [Fault(argument, "names no attribute", "levels by attribute")]
    wanted = {name: [own] if isinstance(own, str) else list(own) for name, own in side.items()}
    for name, levels in wanted.items():
        if name not in attributes:
            what, known = f'there is no attribute "{name}"', tuple(attributes)
            faults.append(Fault(argument, what, choices(known), "Correct the name."))
            continue
        known = attributes[name].values
        if not levels:
            faults.append(Fault(argument, f'names no level of "{name}"', choices(known)))
        faults += [
            Fault(argument, f'"{level}" is not a level of "{name}"', choices(known))
            for level in levels
            if level not in known
        ]
    if faults:
        raise RequestError(*faults)
    return {
        name: tuple(value for value in attribute.values if value in wanted[name])
        for name, attribute in attributes.items()
        if name in wanted
    }


def _shows(wave: Wave, side: Mapping[str, Sequence[str]]) -> BoolArray:
    """Which profiles show a side, of shape (profiles,)."""
    shows = np.ones(wave.n_profiles, dtype=bool)
    for name, levels in side.items():
        # Behind the levels, for what is not shown.
        listed = np.append(np.isin(wave.survey.attributes[name].values, levels), False)
        shows &= listed[wave.codes(name)]
    return shows


def _name(
    wave: Wave, chosen: Mapping[str, Sequence[str]], against: Mapping[str, Sequence[str]]
) -> tuple[str, str]:
    """The attributes, and one side over the other; attributes are said where there are several."""
    names = [name for name in wave.survey.attributes if name in chosen or name in against]

    def words(side: Mapping[str, Sequence[str]]) -> str:
        each = [(name, " or ".join(levels)) for name, levels in side.items()]
        if len(names) == 1:
            return each[0][1]
        return ", ".join(f"{name}: {levels}" for name, levels in each)

    return INTERLOCK.join(names), level_over(words(chosen), words(against))
