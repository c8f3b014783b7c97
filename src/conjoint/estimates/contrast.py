"""Figures made of other figures: one level against another, a sum, a ratio."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from conjoint.errors import EstimationError, Fault, RequestError, choices
from conjoint.estimates.difference import MINUS
from conjoint.estimates.model import COUNTS, LABELS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from conjoint.estimates.model import Estimates
    from conjoint.typing import FloatArray, IntArray

__all__ = ["contrast"]

SHARED = ("outcome", "group")
"""What the rows of one contrast have in common where they do not say otherwise."""


def contrast(
    estimates: Estimates,
    rows: Sequence[Mapping[str, str]],
    *,
    weights: Sequence[float] | None = None,
    function: Callable[..., Any] | None = None,
    label: str = "",
) -> Estimates:
    """Combine figures: by default the first minus the second; or any weights, or any function.

    Estimand
        sum of weight x figure, or function(figure, figure, ...), of the rows named.
    Variance
        From the figures' influence, so with their full covariance, whether they stand in one group
        or in groups that overlap; for a function by the delta method, its gradient taken numerically.
    Units
        Those of the combination.

    Parameters
    ----------
    estimates
        Any figures; put those of several estimators side by side with :func:`conjoint.stack`.
    rows
        The figures, each by its keys, such as ``{"attribute": "cap", "level": "20000"}``. Where no
        row names an outcome or a group, there is one contrast for each of them.
    weights
        One a row.
    function
        Of as many numbers as there are rows; smooth where the figures are. Instead of `weights`.
    label
        The new figures' `level`; made of the rows' levels where it is left empty.

    Returns
    -------
    Estimates
        One row an outcome and group that has all the rows; NaN, with the reason in `note`, where one of
        them cannot be estimated. `estimand` is ``"contrast"`` for the
        first minus the second, else ``"combination"`` or ``"function"``; the counts are those of
        the smallest base.

    Raises
    ------
    RequestError
        A row fits no figure, or several; or the weights are not one a row.
    EstimationError
        The function has no finite value or gradient there.

    Examples
    --------
    >>> import pandas as pd, conjoint as cj
    >>> frame = pd.DataFrame({
    ...     "id": [1, 1, 2, 2, 3, 3], "price": ["high", "low", "mid", "high", "low", "mid"],
    ...     "bought": [0, 1, 1, 0, 1, 0]})
    >>> wave = cj.Wave.from_frame(frame, respondent="id", outcome="bought", attributes=["price"])
    >>> means = cj.marginal_means(wave)
    >>> ends = [{"level": "low"}, {"level": "mid"}]
    >>> cj.contrast(means, ends).frame[["level", "estimate"]].to_dict("list")
    {'level': ['low − mid'], 'estimate': [0.5]}
    >>> cj.contrast(means, ends, function=lambda low, mid: mid / low).frame["estimate"].to_list()
    [0.5]
    """
    _check(rows, weights, function)
    families = _families(estimates, rows)
    weigh = np.ones(len(rows)) if weights is None else np.asarray(weights, dtype=float)
    if weights is None and function is None:
        weigh = np.array([1.0, -1.0])
    values, gradient, labels = [], np.zeros((len(families), len(estimates))), []
    for new, places in enumerate(families):
        figures = estimates.values[places]
        if function is None or np.isnan(figures).any():
            value, slope = float(weigh @ figures), weigh
        else:
            value, slope = _linearised(function, figures, estimates.labels.iloc[places])
        np.add.at(gradient[new], places, slope)
        values.append(value)
        labels.append(_label(estimates.labels.iloc[places], label, weights, function))
    return estimates.derive(np.array(values), gradient, pd.DataFrame(labels), "contrast")


def _check(
    rows: Sequence[Mapping[str, str]],
    weights: Sequence[float] | None,
    function: Callable[..., Any] | None,
) -> None:
    faults = [
        Fault(f"rows[{index}]", f'there is no "{key}"', choices(LABELS))
        for index, row in enumerate(rows)
        for key in row
        if key not in LABELS
    ]
    if weights is not None and function is not None:
        faults.append(Fault("weights", "given together with a function", "one of the two"))
    if weights is not None and len(weights) != len(rows):
        faults.append(Fault("weights", f"{len(weights)} for {len(rows)} rows", "one a row"))
    if weights is None and function is None and len(rows) != 2:
        faults.append(
            Fault(
                "rows",
                f"{len(rows)} of them",
                "two, of which the first minus the second",
                "Give weights.",
            )
        )
    if not rows:
        faults.append(Fault("rows", "there are none", "one or more"))
    if faults:
        raise RequestError(*faults)


def _families(estimates: Estimates, rows: Sequence[Mapping[str, str]]) -> list[IntArray]:
    """For each outcome and group, the place of every row."""
    labels = estimates.labels
    found = []
    for index, row in enumerate(rows):
        fits = np.ones(len(labels), dtype=bool)
        for key, value in row.items():
            fits &= (labels[key] == value).to_numpy()
        if not fits.any():
            raise RequestError(
                Fault(f"rows[{index}]", f"no figure has {dict(row)}", _known(labels, row))
            )
        found.append(np.flatnonzero(fits))
    free = [key for key in SHARED if not any(key in row for row in rows)]
    keys = list(labels[free].itertuples(index=False, name=None))
    families = []
    for shared in dict.fromkeys(keys):
        places = [[place for place in own if keys[place] == shared] for own in found]
        for index, own in enumerate(places):
            if len(own) > 1:
                raise RequestError(
                    Fault(
                        f"rows[{index}]",
                        f"{len(own)} figures have {dict(rows[index])}",
                        "one for each outcome and group",
                        "Name more of its keys, or select() first.",
                    )
                )
        if all(places):
            families.append(np.array([own[0] for own in places], dtype=np.intp))
    if not families:
        raise RequestError(
            Fault("rows", "no outcome and group has all of them", "rows that stand together")
        )
    return families


def _known(labels: pd.DataFrame, row: Mapping[str, str]) -> str:
    """What the first key that fits nothing could have been."""
    fits = np.ones(len(labels), dtype=bool)
    for key, value in row.items():
        with_key = fits & (labels[key] == value).to_numpy()
        if not with_key.any():
            return f"{key}: {choices(dict.fromkeys(labels[key][fits]))}"
        fits = with_key
    return "other keys"


def _linearised(
    function: Callable[..., Any], figures: FloatArray, labels: pd.DataFrame
) -> tuple[float, FloatArray]:
    """A function's value and gradient at the figures."""
    from scipy.differentiate import jacobian  # takes a while to import, and few need it

    vectorised = np.vectorize(function, otypes=[float])
    with np.errstate(all="ignore"):
        value = float(vectorised(*figures))
        slope = jacobian(lambda x: vectorised(*x)[None], figures).df[0]
    if not (np.isfinite(value) and np.isfinite(slope).all()):
        raise EstimationError(
            Fault(
                "function",
                f"its value or gradient is not finite at {choices(figures.round(6).tolist())} "
                f"(group {labels['group'].iloc[0]})",
                "a smooth function there",
            )
        )
    return value, np.asarray(slope, dtype=float)


def _label(
    rows: pd.DataFrame,
    label: str,
    weights: Sequence[float] | None,
    function: Callable[..., Any] | None,
) -> dict[str, Any]:
    def shared(key: str, joiner: str) -> str:
        return joiner.join(dict.fromkeys(rows[key]))

    plain = weights is None and function is None
    joiner = MINUS if plain else ", "
    estimand = "function" if function is not None else "contrast" if plain else "combination"
    return {
        "outcome": shared("outcome", joiner),
        "estimand": estimand,
        "group": shared("group", joiner),
        "attribute": shared("attribute", joiner),
        "level": label or joiner.join(rows["level"] if plain else dict.fromkeys(rows["level"])),
        "baseline": "",
    } | {count: int(rows[count].min()) for count in COUNTS}
