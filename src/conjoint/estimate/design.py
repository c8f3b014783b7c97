"""The design: attributes tied by restrictions form blocks, all others stand alone."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from conjoint.survey import INTERLOCK

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from conjoint.survey import Joint, Restriction, Survey
    from conjoint.typing import BoolArray, FloatArray, Integers
    from conjoint.wave import Wave

__all__ = ["Block", "block_for", "cell_names", "cells_of", "find_blocks"]


@dataclass(frozen=True, eq=False, slots=True)
class Block:
    """Attributes whose levels are tied by restrictions, modelled by their joint cells.

    Parameters
    ----------
    attributes
        Names, in the survey's order.
    shape
        The number of levels of each.
    probabilities
        Of shape `shape`: how often the design draws the combination; zero where it never does.
    """

    attributes: tuple[str, ...]
    shape: tuple[int, ...]
    probabilities: FloatArray

    @property
    def size(self) -> int:
        """How many joint cells there are, allowed or not."""
        return int(np.prod(self.shape))

    def contrast(
        self, attribute: str, level: int, baseline: int, observed: BoolArray
    ) -> FloatArray | None:
        """Weights on the block's cells that average the effect of `level` against `baseline`.

        Formula
            sum over d of q(d) [m(level, d) - m(baseline, d)], with d the combinations of the other
            attributes of the block and q(d) proportional to P(d | level) where the design allows,
            and the data show, d with the level and with the baseline both (Hainmueller, Hopkins &
            Yamamoto 2014, section 4; cjoint does the same).

        Returns
        -------
        numpy.ndarray or None
            Of shape (size,); None where no combination allows both.
        """
        axis = self.attributes.index(attribute)
        drawn = np.moveaxis(self.probabilities * observed.reshape(self.shape), axis, 0)
        average = np.where(drawn[baseline] > 0, drawn[level], 0.0)
        if not average.any():
            return None
        average = average / average.sum()
        weights = np.zeros(drawn.shape)
        weights[level] += average
        weights[baseline] -= average
        return np.asarray(np.moveaxis(weights, 0, axis).ravel())

    def reference(self, baselines: Sequence[int], observed: BoolArray) -> int:
        """A cell that occurs, the baselines' own where it does."""
        wanted = int(np.ravel_multi_index(tuple(baselines), self.shape))
        return wanted if observed[wanted] else int(np.flatnonzero(observed)[0])


def find_blocks(survey: Survey, also: Iterable[Sequence[str]] = ()) -> tuple[Block, ...]:
    """Split the attributes into blocks, in the survey's order.

    Parameters
    ----------
    survey
        Its restrictions and joint distributions tie attributes together.
    also
        Sets of attributes that are to be modelled jointly as well, because they interact.
    """
    names = list(survey.attributes)
    block_of = {name: {name} for name in names}
    tied = [tuple(restriction.never) for restriction in survey.restrictions]
    tied += [joint.attributes for joint in survey.joint]
    for together in (*tied, *also):
        joined = set().union(*(block_of[name] for name in together))
        for name in joined:
            block_of[name] = joined
    blocks, done = [], set[str]()
    for name in names:
        if name not in done:
            members = tuple(other for other in names if other in block_of[name])
            done.update(members)
            blocks.append(block_for(survey, members))
    return tuple(blocks)


def block_for(survey: Survey, members: tuple[str, ...]) -> Block:
    """One block, with the distribution from which the design draws it.

    Formula
        The product of the attributes' own distributions (uniform unless declared) and of the joint
        distributions declared, over the combinations that no restriction forbids.
    """
    shape = tuple(len(survey.attributes[name].levels) for name in members)
    probabilities = np.ones(shape)
    jointly = {name for joint in survey.joint for name in joint.attributes}
    for axis, name in enumerate(members):
        own = survey.attributes[name].probabilities
        if own and name not in jointly:
            probabilities *= np.reshape(own, _along(axis, len(shape)))
    for joint in survey.joint:
        if set(joint.attributes) <= set(members):
            probabilities *= _drawn_jointly(survey, joint, members, shape)
    for restriction in survey.restrictions:
        if set(restriction.never) <= set(members):
            probabilities[_forbidden(survey, restriction, members, shape)] = 0.0
    return Block(members, shape, probabilities / probabilities.sum())


def _along(axis: int, axes: int) -> list[int]:
    """A shape that broadcasts a vector along one axis of several."""
    return [-1 if place == axis else 1 for place in range(axes)]


def _drawn_jointly(
    survey: Survey, joint: Joint, members: tuple[str, ...], shape: tuple[int, ...]
) -> FloatArray:
    axes = [members.index(name) for name in joint.attributes]
    table = np.zeros([shape[axis] for axis in axes])
    for cell, share in joint.probabilities.items():
        place = tuple(
            survey.attributes[name].values.index(value)
            for name, value in zip(joint.attributes, cell, strict=True)
        )
        table[place] = share
    order = np.argsort(axes)
    inside = [shape[axis] if axis in axes else 1 for axis in range(len(shape))]
    return np.asarray(table.transpose(order).reshape(inside))


def _forbidden(
    survey: Survey, restriction: Restriction, members: tuple[str, ...], shape: tuple[int, ...]
) -> BoolArray:
    forbidden = np.ones(shape, dtype=bool)
    for name, values in restriction.never.items():
        hit = np.isin(survey.attributes[name].values, values)
        forbidden &= hit.reshape(_along(members.index(name), len(shape)))
    return forbidden


def cells_of(wave: Wave, attributes: Sequence[str]) -> tuple[Integers, tuple[int, ...]]:
    """Each profile's joint cell over several attributes, and the numbers of levels."""
    each = [wave.codes(name) for name in attributes]
    shape = tuple(len(wave.survey.attributes[name].levels) for name in attributes)
    if len(each) == 1:
        return each[0], shape
    codes = each[0].astype(np.intp)
    for own, size in zip(each[1:], shape[1:], strict=True):
        codes = codes * size + own
    return codes, shape


def cell_names(survey: Survey, block: Sequence[str]) -> list[tuple[str, str]]:
    """For each joint cell of some attributes, their names and its levels."""
    values = [survey.attributes[name].values for name in block]
    return [(INTERLOCK.join(block), INTERLOCK.join(levels)) for levels in product(*values)]
