"""Presence effects: what it does to a profile that it shows an attribute at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.errors import EstimationError, Fault, RequestError, choices
from conjoint.estimate.figures import join, linear_figures, regress
from conjoint.estimate.groups import estimate_each
from conjoint.estimate.linear import Term
from conjoint.estimate.sample import specify
from conjoint.estimate.ties import task_of_row
from conjoint.wave import cell_counts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.estimate.figures import Cells
    from conjoint.estimate.groups import Figures
    from conjoint.estimate.sample import Sample
    from conjoint.estimates import Estimates
    from conjoint.typing import BoolArray, Variance
    from conjoint.wave import Wave

__all__ = ["never_mixed", "presence_effects"]

SHOWN, ABSENT = "shown", "not shown"


def presence_effects(
    wave: Wave,
    attributes: str | Sequence[str] | None = None,
    by: str | Sequence[str] | None = None,
    *,
    outcome: str | None = None,
    variance: Variance = "linearised",
    confidence: float = 0.95,
) -> Estimates:
    """Presence effects: profiles that show an attribute less those that do not, one row an attribute.

    Estimand
        E[Y | the profile shows the attribute] less E[Y | it does not], its levels and all other
        attributes as the design draws them in either. Where a profile shows a fixed number of
        attributes, one that shows it lacks another instead. In a forced choice only tasks in which some
        profiles show it and others do not say anything: where all do, or none does, the mean is that of
        an even choice whatever people think. The effect is then over those tasks: between two profiles,
        twice the share that chooses the one with the attribute, less one.
    Formula
        Difference of weighted means; of forced choices in the tasks described.
    Variance
        Clustered by respondent; see :class:`conjoint.Estimates`.
    Units
        Those of the outcome: -1 to 1 for choices and support.
    Restricted designs
        Averaged over the profiles that were drawn.

    Parameters
    ----------
    wave, by, outcome, variance, confidence
        As for :func:`conjoint.amce`.
    attributes
        One or several with ``presence = "some"``; where None all those whose presence varies. Attributes
        of arms have none: compare the arms by ``differences(marginal_means(wave, by=...))``.

    Returns
    -------
    Estimates
        `level` is ``"shown"`` and `baseline` ``"not shown"``; counts are of the profiles that show it.

    Raises
    ------
    RequestError
        An attribute is unknown or always shown, or belongs to an arm; or no attribute is left.
    EstimationError
        A group has fewer than two respondents, or nothing in it tells the effect.

    References
    ----------
    Checked against least squares on the rows concerned.

    Examples
    --------
    >>> import pandas as pd, conjoint as cj
    >>> frame = pd.DataFrame({
    ...     "id": [1, 1, 2, 2, 3, 3], "task": 1, "bought": [1, 0, 0, 1, 0, 1],
    ...     "price": ["low", "high"] * 3, "label": ["eco", None, None, "fair", "eco", None]})
    >>> wave = cj.Wave.from_frame(
    ...     frame, respondent="id", task="task", outcome="bought", attributes=["price", "label"],
    ...     presence={"label": "some"})
    >>> cj.presence_effects(wave).frame[["attribute", "level", "estimate"]].round(3)
      attribute  level  estimate
    0     label  shown     0.333
    """
    names = _names(wave, attributes)
    specification = specify(wave, "presence_effect", by, variance, confidence)
    task = task_of_row(wave)
    mixed = {name: _mixed(task, wave.shows(name)) for name in names}

    def estimator(sample: Sample) -> Figures:
        forced = wave.survey.is_forced(sample.outcome)
        parts = {
            name: sample.only(mixed[name][sample.rows]) if forced else sample for name in names
        }
        telling = {
            name: part
            for name, part in parts.items()
            if 0 < np.count_nonzero(_codes(part, name)) < len(part.y)
        }
        if not telling or (attributes is not None and len(telling) < len(names)):
            raise EstimationError(
                *(_untold(sample, name, forced=forced) for name in names if name not in telling)
            )
        return join([_effect(part, name) for name, part in telling.items()])

    absent = "whether it is shown does not vary"
    return estimate_each(wave, estimator, specification, outcome, absent)


def _names(wave: Wave, wanted: str | Sequence[str] | None) -> tuple[str, ...]:
    declared = wave.survey.attributes
    some = [name for name, attribute in declared.items() if attribute.presence == "some"]
    names = [wanted] if isinstance(wanted, str) else list(some if wanted is None else wanted)
    faults = []
    for name in names:
        if name not in declared:
            what = f'there is no attribute "{name}"'
            faults.append(Fault("attributes", what, choices(declared), "Correct the name."))
        elif name not in some:
            always = declared[name].is_always
            what = f'"{name}" is {"shown in every profile" if always else "shown by arms"}'
            do = "Leave it out." if always else "Compare the arms instead, by their column."
            faults.append(Fault("attributes", what, 'attributes with presence = "some"', do))
    if not names:
        what = "every attribute is always shown, or shown by arms"
        faults.append(Fault("attributes", what, 'one with presence = "some"'))
    if faults:
        raise RequestError(*faults)
    return tuple(dict.fromkeys(names))


def never_mixed(wave: Wave, name: str) -> bool:
    """Whether no task has a profile that shows an attribute and another that does not."""
    return not _mixed(task_of_row(wave), wave.shows(name)).any()


def _mixed(task: np.typing.NDArray[np.intp], shows: BoolArray) -> BoolArray:
    """The profiles of tasks in which some profiles show an attribute and others do not."""
    showing, size = np.bincount(task, shows), np.bincount(task)
    return np.asarray(((showing > 0) & (showing < size))[task])


def _codes(sample: Sample, name: str) -> np.typing.NDArray[np.intp]:
    """0 where a row shows the attribute, 1 where it does not."""
    return (~sample.wave.shows(name)[sample.rows]).astype(np.intp)


def _effect(sample: Sample, name: str) -> Figures:
    code = _codes(sample, name)
    cells: Cells = [(name, SHOWN), (name, ABSENT)]
    regression = regress(sample, [Term(code, np.arange(2))], cells)
    profiles, people = cell_counts(code, 2, sample.respondent, sample.n_respondents)
    labels = pd.DataFrame(
        {
            "estimand": "presence effect",
            "attribute": [name],
            "level": SHOWN,
            "baseline": ABSENT,
            "n_profiles": profiles[:1],
            "n_respondents": people[:1],
        }
    )
    return linear_figures(sample, regression, np.array([[1.0, -1.0]]), labels, cells)


def _untold(sample: Sample, name: str, *, forced: bool) -> Fault:
    what = (
        "no task has a profile that shows it and another that does not: choices say nothing of it"
        if forced
        else "all profiles show it, or none does"
    )
    return Fault(
        f'{sample.where}, attribute "{name}"',
        what,
        "presence that varies between the profiles of a task, or an outcome that judges each profile",
        "Leave it out, or ask for another outcome.",
    )
