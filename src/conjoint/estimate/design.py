"""The design: attributes tied by restrictions form blocks, all others stand alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.survey import Restriction, Survey
    from conjoint.typing import BoolArray, FloatArray, IntArray
    from conjoint.wave import Wave

__all__ = ["Block", "cells_of", "find_blocks"]


@dataclass(frozen=True, eq=False, slots=True)
class Block:
    """Attributes whose levels are tied by restrictions, modelled by their joint cells.

    Parameters
    ----------
    attributes
        Names, in the survey's order.
    shape
        The number of levels of each.
    allowed
        Of shape `shape`: whether the design lets the levels meet.
    """

    attributes: tuple[str, ...]
    shape: tuple[int, ...]
    allowed: BoolArray

    @property
    def size(self) -> int:
        """How many joint cells there are, allowed or not."""
        return int(np.prod(self.shape))

    def contrast(
        self, attribute: str, level: int, baseline: int, observed: BoolArray
    ) -> FloatArray | None:
        """Weights on the block's cells that average the effect of `level` against `baseline`.

        Formula
            Uniform over the combinations of the tied attributes that are allowed, and occur, both
            with the level and with the baseline (Hainmueller, Hopkins & Yamamoto 2014, section 4).

        Returns
        -------
        numpy.ndarray or None
            Of shape (size,); None where no combination allows both.
        """
        axis = self.attributes.index(attribute)
        possible = np.moveaxis(self.allowed & observed.reshape(self.shape), axis, 0)
        common = possible[level] & possible[baseline]
        if not common.any():
            return None
        weights = np.zeros(possible.shape)
        weights[level] += common / common.sum()
        weights[baseline] -= common / common.sum()
        return np.asarray(np.moveaxis(weights, 0, axis).ravel())

    def reference(self, baselines: Sequence[int], observed: BoolArray) -> int:
        """A cell that occurs, the baselines' own where it does."""
        wanted = int(np.ravel_multi_index(tuple(baselines), self.shape))
        return wanted if observed[wanted] else int(np.flatnonzero(observed)[0])


def find_blocks(survey: Survey) -> tuple[Block, ...]:
    """Split the attributes into blocks, in the survey's order."""
    names = list(survey.attributes)
    block_of = {name: {name} for name in names}
    for restriction in survey.restrictions:
        joined = set().union(*(block_of[name] for name in restriction.never))
        for name in joined:
            block_of[name] = joined
    blocks, done = [], set[str]()
    for name in names:
        if name not in done:
            members = tuple(other for other in names if other in block_of[name])
            done.update(members)
            blocks.append(_block(survey, members))
    return tuple(blocks)


def _block(survey: Survey, members: tuple[str, ...]) -> Block:
    shape = tuple(len(survey.attributes[name].levels) for name in members)
    allowed = np.ones(shape, dtype=bool)
    for restriction in survey.restrictions:
        if set(restriction.never) <= set(members):
            allowed &= ~_forbidden(survey, restriction, members, shape)
    return Block(members, shape, allowed)


def _forbidden(
    survey: Survey, restriction: Restriction, members: tuple[str, ...], shape: tuple[int, ...]
) -> BoolArray:
    forbidden = np.ones(shape, dtype=bool)
    for name, values in restriction.never.items():
        axis = members.index(name)
        hit = np.isin(survey.attributes[name].values, values)
        forbidden &= hit.reshape([-1 if place == axis else 1 for place in range(len(shape))])
    return forbidden


def cells_of(wave: Wave, attributes: Sequence[str]) -> tuple[IntArray, tuple[int, ...]]:
    """Each profile's joint cell over several attributes, and the numbers of levels."""
    each = [wave.codes(name) for name in attributes]
    shape = tuple(len(wave.survey.attributes[name].levels) for name in attributes)
    codes = each[0]
    for own, size in zip(each[1:], shape[1:], strict=True):
        codes = codes * size + own
    return codes, shape
