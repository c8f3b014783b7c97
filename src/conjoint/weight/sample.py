"""A wave weighted to targets."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import numpy as np

from conjoint.errors import Fault, RequestError, TargetError, choices
from conjoint.survey import Margin, Targets
from conjoint.typing import Distance
from conjoint.wave import Calibration
from conjoint.weight.calibrate import Method, calibrate_weights
from conjoint.weight.check import read_constraints
from conjoint.weight.constraint import TOTAL, UnreachableError
from conjoint.weight.diagnose import efficiency
from conjoint.weight.unmet import names_of, unmet

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from conjoint.survey import Segment
    from conjoint.typing import FloatArray
    from conjoint.wave import Wave
    from conjoint.weight.calibrate import Calibrated
    from conjoint.weight.constraint import Constraint

__all__ = [
    "calibrate",
    "labels_of",
    "post_stratify",
    "rake",
    "rake_respondents",
    "solve_targets",
]


def rake(
    wave: Wave, targets: Targets | Mapping[str, Mapping[str, float] | float] | None = None
) -> Wave:
    """Weight a wave to population targets by raking.

    Parameters
    ----------
    wave
        Its present weights are where the raking starts (ones, or the design weights of the file).
    targets
        The margins; the survey's own where None. A mapping of margin to category to share (or
        count) will do, such as ``{"sex": {"Female": 0.51, "Male": 0.49}}``; of margin to a number
        where the target is a mean, ``{"age": 48.5}``.

    Returns
    -------
    Wave
        With weights that meet every margin to 1e-10 and sum to the number of respondents. What
        intervals need to know of it is in its ``calibration``.

    Raises
    ------
    TargetError
        Names every margin column that is not there, category without a target, target without
        respondents, and respondent without a category; or the margins that cannot be met together.

    See Also
    --------
    calibrate : with other distances, and bounds. ``rake`` is its distance "raking".
    trim : cut large and small weights afterwards.

    References
    ----------
    Deming & Stephan 1940; Deville & Sarndal 1992. Checked against rake and calibrate of R's survey,
    and against anesrake.

    Examples
    --------
    >>> import pandas as pd, conjoint as cj
    >>> frame = pd.DataFrame({
    ...     "id": [1, 1, 2, 2, 3, 3], "price": ["low", "high"] * 3, "bought": [1, 0, 0, 1, 1, 0],
    ...     "sex": ["F", "F", "F", "F", "M", "M"]})
    >>> wave = cj.Wave.from_frame(
    ...     frame, respondent="id", outcome="bought", attributes=["price"], segments=["sex"])
    >>> cj.rake(wave, {"sex": {"F": 50, "M": 50}}).weights.tolist()
    [0.75, 0.75, 1.5]
    """
    return calibrate(wave, targets)


def calibrate(
    wave: Wave,
    targets: Targets | Mapping[str, Mapping[str, float] | float] | None = None,
    *,
    distance: Distance = "raking",
    bounds: tuple[float, float] | None = None,
) -> Wave:
    """Weight a wave to population targets, its weights moved as little as the targets allow.

    Formula
        w = d F(z'lambda): d the starting weights, z what the targets are about, lambda such that
        every target is met. F(u) is exp(u) for raking, 1 + u for linear, and for logit a curve that
        runs from one bound to the other.

    Parameters
    ----------
    wave
        Its present weights are where the calibration starts (ones, or the design weights of the
        file).
    targets
        As for :func:`rake`.
    distance
        "raking": weights stay above zero. "linear": the regression estimator (GREG); weights can
        fall below zero, which is refused, unless bounds keep them above. "logit": smooth within
        bounds, which it needs.
    bounds
        The smallest and largest weight over starting weight, such as ``(0.3, 3)``; both scaled to a
        mean of one.

    Returns
    -------
    Wave
        As :func:`rake` gives it.

    Raises
    ------
    RequestError
        No such distance; bounds that do not lie on either side of 1; logit without bounds.
    TargetError
        As :func:`rake` raises it; bounds within which the targets cannot be met, with those the
        weights would need; weights below zero.

    References
    ----------
    Deville & Sarndal 1992, doi:10.1080/01621459.1992.10475217. Checked against calibrate of R's
    survey: linear, raking and logit, with bounds and without, and with a number among the targets.

    Examples
    --------
    >>> import pandas as pd, conjoint as cj
    >>> frame = pd.DataFrame({
    ...     "id": [1, 1, 2, 2, 3, 3], "price": ["low", "high"] * 3, "bought": [1, 0, 0, 1, 1, 0],
    ...     "age": [30, 30, 40, 40, 50, 50]})
    >>> wave = cj.Wave.from_frame(
    ...     frame, respondent="id", outcome="bought", attributes=["price"], segments=["age"])
    >>> calibrate(wave, {"age": 42}, distance="linear").weights.round(3).tolist()
    [0.7, 1.0, 1.3]
    """
    method = _method(distance, bounds)
    chosen = _targets(wave, targets)
    constraints, faults = read_constraints(
        wave.respondents, chosen, wave.survey.segments, wave.weights
    )
    if faults:
        raise TargetError(*faults)
    solved = solve_targets(chosen, constraints, wave.weights, method)
    price = efficiency(solved.weights).design_effect
    calibration = Calibration(
        chosen,
        wave.weights,
        solved.cell,
        solved.columns,
        labels_of(chosen, solved),
        solved.rounds,
        solved.discrepancy,
        solved.slope,
        distance,
        bounds,
        drawn=solved.drawn,
        design_effect_start=efficiency(wave.weights).design_effect,
        design_effect_before=price,
        design_effect=price,
    )
    return wave.with_weights(solved.weights, calibration)


def post_stratify(
    wave: Wave, targets: str | Margin | Targets | Mapping[str, Mapping[str, float]]
) -> Wave:
    """Weight a wave to one margin: each category's weights times target share over its own.

    Parameters
    ----------
    wave
        Its present weights are where it starts.
    targets
        One margin, interlocked for post-strata of several columns: ``{"sex * age": {...}}``, or the
        name of one of the survey's own.

    Returns
    -------
    Wave
        As :func:`rake` gives it.

    Raises
    ------
    RequestError
        It is not one margin of categories, or the survey has no margin of that name.
    TargetError
        As :func:`rake` raises it.

    References
    ----------
    Holt & Smith 1979. Checked against postStratify of R's survey.

    Examples
    --------
    >>> import pandas as pd, conjoint as cj
    >>> frame = pd.DataFrame({
    ...     "id": [1, 1, 2, 2, 3, 3], "price": ["low", "high"] * 3, "bought": [1, 0, 0, 1, 1, 0],
    ...     "sex": ["F", "F", "F", "F", "M", "M"]})
    >>> wave = cj.Wave.from_frame(
    ...     frame, respondent="id", outcome="bought", attributes=["price"], segments=["sex"])
    >>> post_stratify(wave, {"sex": {"F": 0.5, "M": 0.5}}).weights.tolist()
    [0.75, 0.75, 1.5]
    """
    if isinstance(targets, str):
        own = wave.survey.targets.margins if wave.survey.targets else ()
        named = tuple(margin for margin in own if margin.name == targets)
        if not named:
            known = choices(margin.name for margin in own)
            raise RequestError(Fault("targets", f'there is no margin "{targets}"', known))
        targets = Targets(named, wave.survey.targets.where if wave.survey.targets else "targets")
    elif isinstance(targets, Margin):
        targets = Targets((targets,))
    elif not isinstance(targets, Targets):
        targets = Targets.from_shares(targets)
    if len(targets.margins) != 1 or targets.margins[0].mean is not None:
        names = choices(margin.name for margin in targets.margins)
        expected = "one margin of categories, interlocked where it is of several columns"
        do = "Use rake or calibrate for several margins, and for means."
        raise RequestError(Fault("targets", f"hold {names}", expected, do))
    return calibrate(wave, targets)


def solve_targets(
    targets: Targets, constraints: list[Constraint], start: FloatArray, method: Method
) -> Calibrated:
    """Calibrate to targets that fit the respondents, or say why it cannot be done.

    Raises
    ------
    TargetError
        Names the margins that fight, or the bounds that are too tight; or weights below zero.
    """
    try:
        solved = calibrate_weights(constraints, start, method)
    except UnreachableError as error:
        raise TargetError(unmet(targets, constraints, start, method, error)) from error
    below = int((solved.weights < 0).sum())
    if below:
        raise TargetError(
            Fault(
                targets.where,
                f"the linear distance gives {below} respondent(s) a weight below zero, "
                f"{solved.weights.min():.2g} at the lowest",
                "weights of zero or more",
                "Give bounds such as (0.2, 5), or use the distance raking.",
            )
        )
    return solved


def labels_of(targets: Targets, solved: Calibrated) -> tuple[tuple[str, str], ...]:
    """The margin and category that each column of a solution is about."""
    labels = []
    for owner, place in solved.origin:
        if owner == TOTAL:
            labels.append(("", "total"))
            continue
        margin = targets.margins[owner]
        labels.append((margin.name, names_of(margin)[place]))
    return tuple(labels)


def rake_respondents(
    respondents: pd.DataFrame,
    targets: Targets,
    start: FloatArray,
    segments: Mapping[str, Segment] | None = None,
) -> Calibrated:
    """Rake respondents who are not in a wave.

    Raises
    ------
    TargetError
        As :func:`rake` raises it.
    """
    constraints, faults = read_constraints(respondents, targets, segments or {}, start)
    if faults:
        raise TargetError(*faults)
    return solve_targets(targets, constraints, start, Method())


def _targets(
    wave: Wave, targets: Targets | Mapping[str, Mapping[str, float] | float] | None
) -> Targets:
    """The targets asked for, or those of the survey."""
    chosen = wave.survey.targets if targets is None else targets
    if chosen is not None and not isinstance(chosen, Targets):
        chosen = Targets.from_shares(chosen)
    if chosen is None or not chosen.margins:
        raise TargetError(
            Fault("targets", "there are none", "a targets.csv, named in [weighting]", "Add one.")
        )
    return chosen


def _method(distance: Distance, bounds: tuple[float, float] | None) -> Method:
    """The method asked for, if there is one."""
    known = get_args(Distance)
    if distance not in known:
        raise RequestError(
            Fault("distance", f'there is no "{distance}"', choices(known), "Name one of them.")
        )
    if bounds is None and distance == "logit":
        raise RequestError(
            Fault("bounds", "are missing, and the logit distance runs between them", "(0.3, 3)")
        )
    if bounds is not None and not (np.isfinite(bounds).all() and 0 <= bounds[0] < 1 < bounds[1]):
        shown = ", ".join(f"{bound:g}" for bound in bounds)
        raise RequestError(
            Fault(
                "bounds",
                f"({shown}) do not lie on either side of 1",
                "the smallest and largest weight over starting weight, such as (0.3, 3)",
            )
        )
    return Method(distance, bounds)
