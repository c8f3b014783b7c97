"""Why targets cannot be met: the margins that fight, or the bounds that are too tight."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from conjoint.errors import Fault
from conjoint.say.number import amount, between, exact
from conjoint.weight.calibrate import calibrate_weights
from conjoint.weight.constraint import UnreachableError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.survey import Margin, Targets
    from conjoint.typing import FloatArray
    from conjoint.weight.calibrate import Calibrated, Method
    from conjoint.weight.constraint import Constraint

__all__ = ["NO_ANSWER", "names_of", "unmet"]

NO_ANSWER = "(no answer)"
"""People without a category, where they are counted like one."""


def unmet(
    targets: Targets,
    constraints: Sequence[Constraint],
    start: FloatArray,
    method: Method,
    error: UnreachableError,
) -> Fault:
    """Say why weights could not meet targets, by weighting again with less to meet.

    Parameters
    ----------
    targets, constraints
        What was asked for, margin by margin.
    start, method
        Where the weights started, and how they were moved.
    error
        What came of it.
    """
    if method.bounds is not None or method.limits is not None:
        free = _try(constraints, start, replace(method, bounds=None, limits=None))
        if not isinstance(free, UnreachableError):
            return _too_tight(free, start, method, targets.where)
    margins = list(targets.margins)
    posed = {id(margin): own for margin, own in zip(margins, constraints, strict=True)}
    # The smallest set that cannot be met: each margin that does not matter is left out.
    for margin in targets.margins:
        rest = [other for other in margins if other is not margin]
        own = [posed[id(other)] for other in rest]
        left = _try(own, start, method) if rest else None
        if isinstance(left, UnreachableError):
            margins, error = rest, left
    furthest = _furthest(margins, error)
    if len(margins) == 1:
        return Fault(
            targets.place(margins[0]),
            f"cannot be met, even alone: {furthest}",
            "a target that some weights meet",
            "Look for a figure that is wrong, or a category that is nearly empty.",
        )
    names = [margin.name for margin in margins]
    return Fault(
        targets.where,
        f"the margins {', '.join(names[:-1])} and {names[-1]} cannot be met together: {furthest}",
        "margins that some weights meet",
        "Look for shares that contradict, or for a category of one that rules another's out.",
    )


def names_of(margin: Margin) -> tuple[str, ...]:
    """The categories of a margin, or its mean; last those without an answer."""
    return (*(margin.categories if margin.mean is None else ("mean",)), NO_ANSWER)


def _try(
    constraints: Sequence[Constraint], start: FloatArray, method: Method
) -> Calibrated | UnreachableError:
    if method.distance == "logit" and method.bounds is None:
        method = replace(method, distance="raking")
    try:
        return calibrate_weights(constraints, start, method)
    except UnreachableError as error:
        return error


def _too_tight(free: Calibrated, start: FloatArray, method: Method, where: str) -> Fault:
    """The bounds are to blame: the same targets can be met without them."""
    alive = start > 0
    weights, before = free.weights[alive], start[alive]
    if method.limits is not None:
        (low, high), size, times = method.limits, weights / weights.mean(), ""
    else:
        low, high = method.bounds or (0.0, np.inf)
        size = weights / weights.mean() / (before / before.mean())
        times = " times the starting weights"
    return Fault(
        where,
        f"no weights between {exact(low)} and {exact(high)}{times} meet the targets; without bounds they go "
        f"from {between(amount(size.min()), amount(size.max()))}",
        "wider bounds",
        "Widen them, or merge the categories that need such weights.",
    )


def _furthest(margins: Sequence[Margin], error: UnreachableError) -> str:
    """The category that ends furthest from its target."""
    if error.vanishing:
        return "only in the limit, where some weights are zero"
    margin = margins[error.margin]
    worst = int(np.argmax(np.abs(error.discrepancy)))
    miss = error.discrepancy[worst]
    if margin.mean is not None and not worst:
        return f'the mean of "{margin.name}" ends {miss:+.2g} standard deviations from its target'
    name = names_of(margin)[worst]
    return f'"{name}" of "{margin.name}" ends {100 * miss:+.2g} points from its target'
