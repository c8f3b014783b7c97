"""Figures of the same respondents side by side."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.errors import Fault, RequestError
from conjoint.estimates.basis import Basis
from conjoint.estimates.designs import Designs
from conjoint.estimates.influence import beside
from conjoint.estimates.model import Estimates
from conjoint.estimates.welch import Welch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.estimates.carrying import Carrying
    from conjoint.estimates.freedom import Freedom
    from conjoint.typing import BoolArray

__all__ = ["scaled_beside", "stack"]


def stack(parts: Sequence[Estimates]) -> Estimates:
    """Put figures of the same respondents side by side, so that they can be compared.

    Raises
    ------
    RequestError
        The figures are of different waves, or their variances were made in different ways.
    """
    if len(parts) == 1:
        return parts[0]
    if len({part.moved.shape[0] for part in parts}) > 1 or not _same_people(parts):
        raise RequestError(
            Fault(
                "stack",
                "the figures are of different respondents",
                "figures of one wave",
                "Use independent() for figures of different waves.",
            )
        )
    variances = {part.specification.variance for part in parts}
    if len(variances) > 1:
        raise RequestError(Fault("stack", f"variances {sorted(variances)}", "one and the same"))
    freedoms = [part.freedom for part in parts]
    return Estimates(
        pd.concat([part.labels for part in parts], ignore_index=True),
        np.concatenate([part.values for part in parts]),
        beside([part.moved for part in parts]),
        Designs.concatenate([part.designs for part in parts]),
        np.concatenate([part.fixed for part in parts]),
        parts[0].specification,
        _side_by_side(freedoms),
        scaled_beside(parts),
        Welch.beside(parts) if any(part.welch is not None for part in parts) else None,
        Basis.concatenate([part.footing for part in parts]),
        tuple(note for part in parts for note in part.notes),
        _carried([part.carrying for part in parts]),
    )


def scaled_beside(parts: Sequence[Estimates]) -> BoolArray | None:
    """Which figures of several sets have their factor in the influence; None where none has."""
    if all(part.scaled is None for part in parts):
        return None
    return np.concatenate([part.baked for part in parts])


def _same_people(parts: Sequence[Estimates]) -> bool:
    """Whether the figures are of the same respondents, as far as it is known."""
    known = [own for part in parts if (own := part.specification.people) is not None]
    return all(own is known[0] or np.array_equal(own, known[0]) for own in known)


def _carried(parts: Sequence[Carrying | None]) -> Carrying | None:
    """Who carries the figures of several sets; None where nothing is known of one, as of means."""
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    return reduce(lambda joined, part: joined.beside(part), known)


def _side_by_side(freedoms: Sequence[Freedom | None]) -> Freedom | None:
    joined = freedoms[0]
    for freedom in freedoms[1:]:
        joined = None if joined is None or freedom is None else joined.beside(freedom)
    return joined
