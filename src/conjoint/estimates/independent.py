"""Figures of different waves side by side: independent samples, or the same people asked again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import linalg

from conjoint.errors import Fault, RequestError
from conjoint.estimates.basis import Basis
from conjoint.estimates.designs import Designs
from conjoint.estimates.model import Estimates
from conjoint.estimates.stack import scaled_beside
from conjoint.estimates.welch import Welch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.typing import FloatArray, IntArray

__all__ = ["independent", "paired"]


def independent(parts: Sequence[Estimates]) -> Estimates:
    """Put figures of independent samples side by side, so that they can be compared.

    Variance
        Block influence: the rows of all samples one under another, zeros across, so that the variance
        of a difference is the sum of the two variances, each with its own factor G / (G - 1).
        Degrees of freedom by Welch and Satterthwaite::

            df = (sum_h V_h)^2 / sum_h (V_h^2 / df_h)

        with V_h and df_h what a figure's sample h contributes.

    Parameters
    ----------
    parts
        Figures of different waves, of as many respondents each as they have. Their labels say which
        wave a figure is of, or their order does.

    Returns
    -------
    Estimates
        The figures in the order given, with the intervals that they have on their own.

    Raises
    ------
    RequestError
        Two parts are of the same respondents, which :func:`conjoint.stack` is for; or their variances
        were made in different ways.

    References
    ----------
    Satterthwaite 1946; Welch 1947.

    Examples
    --------
    >>> import pandas as pd, conjoint as cj
    >>> from conjoint.estimates import independent
    >>> frame = pd.DataFrame({
    ...     "id": [1, 1, 2, 2], "price": ["high", "low", "low", "high"], "bought": [0, 1, 1, 0]})
    >>> both = [
    ...     cj.marginal_means(cj.Wave.from_frame(
    ...         frame, respondent="id", outcome="bought", attributes=["price"]))
    ...     for _ in range(2)]
    >>> independent(both).influence.shape
    (4, 4)
    """
    _check(parts)
    people = [part.specification.people for part in parts]
    known = [id(own) for own in people if own is not None]
    if len(set(known)) < len(known):
        raise RequestError(
            Fault(
                "independent",
                "two sets of figures are of the same respondents",
                "figures of different waves",
                "Use stack() for figures of one wave.",
            )
        )
    lengths = [part.moved.shape[0] for part in parts]
    starts = np.cumsum([0, *lengths])
    designs = [
        _placed(part.designs, np.arange(start, start + n), int(starts[-1]))
        for part, start, n in zip(parts, starts, lengths, strict=False)
    ]
    influence = np.asarray(linalg.block_diag(*(part.influence for part in parts)))
    return _side_by_side(parts, influence, designs)


def paired(parts: Sequence[Estimates], people: Sequence[Sequence[Any]]) -> Estimates:
    """Put figures of waves that share respondents side by side, each respondent counted once.

    Variance
        The influence of all waves over everybody who is in any of them: who answered twice moved the
        figures of both waves, and what both answers have in common drops out of their difference.
        The design of a comparison is everybody in either wave.

    Parameters
    ----------
    parts
        Figures of different waves.
    people
        The respondents of each wave, in the order of its influence: what they are known by in all.

    Raises
    ------
    RequestError
        The names are not one a respondent, or the figures' variances were made in different ways.
    """
    _check(parts)
    index: list[pd.Index[Any]] = [pd.Index(list(own), dtype=object) for own in people]
    if [len(own) for own in index] != [part.moved.shape[0] for part in parts]:
        raise RequestError(Fault("people", "are not one a respondent", "the ids of each wave"))
    everybody = index[0]
    for own in index[1:]:
        everybody = everybody.append(own.difference(everybody, sort=False))
    influence = np.zeros((len(everybody), sum(len(part) for part in parts)))
    designs = []
    start = 0
    for part, own in zip(parts, index, strict=True):
        place = everybody.get_indexer(own)
        influence[place, start : start + len(part)] = part.influence
        designs.append(_placed(part.designs, place, len(everybody)))
        start += len(part)
    return _side_by_side(parts, influence, designs)


def _placed(designs: Designs, place: IntArray, n: int) -> Designs:
    """Designs of some respondents among n."""
    everybody = []
    for own in designs.members:
        members = np.zeros(n, dtype=bool)
        members[place] = own
        everybody.append(members)
    return replace(designs, members=tuple(everybody))


def _check(parts: Sequence[Estimates]) -> None:
    if not parts:
        raise RequestError(Fault("parts", "there are none", "figures of two waves or more"))
    variances = {part.specification.variance for part in parts}
    if len(variances) > 1:
        raise RequestError(
            Fault("independent", f"variances {sorted(variances)}", "one and the same")
        )


def _side_by_side(
    parts: Sequence[Estimates], influence: FloatArray, designs: Sequence[Designs]
) -> Estimates:
    return Estimates(
        pd.concat([part.labels for part in parts], ignore_index=True),
        np.concatenate([part.values for part in parts]),
        influence,
        Designs.concatenate(designs),
        np.concatenate([part.fixed for part in parts]),
        replace(parts[0].specification, people=None),
        scaled=scaled_beside(parts),
        welch=Welch.beside(parts),
        basis=_of_different_waves(parts),
        notes=tuple(note for part in parts for note in part.notes),
    )


def _of_different_waves(parts: Sequence[Estimates]) -> Basis:
    """The figures' basis, without who stands in which: respondents of two waves have no one order."""
    basis = Basis.concatenate([part.footing for part in parts])
    return replace(basis, exposure=np.full(len(basis.low), None, dtype=object))
