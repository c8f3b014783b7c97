"""Differences between groups, figure by figure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from conjoint.errors import Fault, RequestError, choices
from conjoint.estimates.model import COUNTS, LABELS

if TYPE_CHECKING:
    from conjoint.estimates.model import Estimates

__all__ = ["MINUS", "compared_groups", "differences"]

MINUS = " − "
"""Between the two groups of a difference."""


def differences(estimates: Estimates, reference: str, *, one_design: bool = False) -> Estimates:
    """Differences between each group and a reference group, figure by figure.

    Estimand
        Figure of group g minus figure of the reference, for each outcome, attribute and level.
    Variance
        From the difference of the two influence columns, each with its own group's G / (G - 1): people who
        belong to both groups, or who gave profiles to both, are counted as one person who moved both figures.
        Degrees of freedom by Welch and Satterthwaite. Other groups have no part in it.
    Units
        As the figures: proportions give differences on -1 to 1.

    Parameters
    ----------
    estimates
        Made with a `by`.
    reference
        The group to compare with. The new `group` is ``"g − reference"``. The counts are those of
        the smaller of the two bases. A difference is NaN, with the reason in `note`, where either
        group's figure cannot be estimated.
    one_design
        Take all groups of `estimates` as parts of one design, with one G, as does one regression with
        interactions: R's svyglm, and cregg's amce_diffs (its mm_diffs takes each group's own).

    Raises
    ------
    RequestError
        There is no such group, or no other.

    References
    ----------
    Leeper, Hobolt & Tilley 2020, doi:10.1017/pan.2019.30: compare groups by marginal means.
    """
    labels = estimates.labels
    groups = list(dict.fromkeys(labels["group"]))
    if reference not in groups or len(groups) < 2:
        others = [group for group in groups if group != reference]
        raise RequestError(
            Fault("reference", f'cannot compare with "{reference}"', choices(others or groups))
        )
    pairs = _pairs(estimates, reference)
    own, other = (labels.iloc[[pair[side] for pair in pairs]] for side in (0, 1))
    rows = own.assign(
        group=own["group"] + f"{MINUS}{reference}",
        estimand=own["estimand"] + " difference",
        **{count: np.minimum(own[count].to_numpy(), other[count].to_numpy()) for count in COUNTS},
    )
    matrix = np.zeros((len(pairs), len(estimates)))
    for new, (row, against) in enumerate(pairs):
        matrix[new, row], matrix[new, against] = 1.0, -1.0
    compared = estimates.in_one_design() if one_design else estimates
    return compared.contrast(matrix, rows, "differences")


def compared_groups(estimates: Estimates, reference: str) -> list[str]:
    """For each row of :func:`differences`, the key of the group that is compared."""
    groups = estimates.labels["group"]
    return [str(groups.iloc[row]) for row, _ in _pairs(estimates, reference)]


def _pairs(estimates: Estimates, reference: str) -> list[tuple[int, int]]:
    """Rows of every other group with the reference's row of the same keys."""
    labels = estimates.labels
    keys = [name for name in LABELS if name not in ("group", "baseline")]
    position: dict[tuple[Any, ...], int] = {
        (group, *key): row
        for row, (group, key) in enumerate(
            zip(labels["group"], labels[keys].itertuples(index=False, name=None), strict=True)
        )
    }
    return [
        (row, position[reference, *key])
        for (group, *key), row in position.items()
        if group != reference and (reference, *key) in position
    ]
