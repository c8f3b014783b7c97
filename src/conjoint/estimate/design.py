"""The design: attributes tied by restrictions form blocks, all others stand alone."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, product
from typing import TYPE_CHECKING

import numpy as np

from conjoint.errors import Fault, RequestError, choices
from conjoint.survey import INTERLOCK

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from conjoint.survey import Joint, Restriction, Survey
    from conjoint.typing import BoolArray, FloatArray, Integers
    from conjoint.wave import Opponents, Wave

__all__ = [
    "NOT_SHOWN",
    "Block",
    "against",
    "block_for",
    "cell_names",
    "cells_of",
    "check_always_shown",
    "design_shares",
    "drawn_of",
    "find_blocks",
    "find_components",
    "level_cells",
    "profile_shares",
    "tied_attributes",
]

NOT_SHOWN = "(not shown)"
"""How a fault names the state of an attribute that a profile does not show; it is no level."""


@dataclass(frozen=True, eq=False, slots=True)
class Block:
    """Attributes whose levels are tied by restrictions, modelled by their joint cells.

    Parameters
    ----------
    attributes
        Names, in the survey's order.
    shape
        The number of states of each: its levels, and last not shown, where it may be so.
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

    def average(
        self, change: Mapping[str, FloatArray], given: Mapping[str, int], observed: BoolArray
    ) -> FloatArray | None:
        """Weights on the block's cells that average a change of some attributes over the others.

        Formula
            sum over d of q(d) sum over x of c(x) m(x, d), with x the levels of the attributes that
            change, c the product of their weights, and d the combinations of the block's other
            attributes; q(d) is proportional to P(d | given) over the d that the design allows, and
            the data show, with every x that counts (Hainmueller, Hopkins & Yamamoto 2014, section
            4; cjoint does the same).

        Parameters
        ----------
        change
            For each attribute that changes, what each of its levels counts; 1 and -1 give the
            effect of a level against another, and two attributes' effects their interaction. The
            others are averaged over all their states, not shown being one of them.
        given
            Of these attributes, the levels with which the others are drawn.
        observed
            Which cells the data show, of shape (size,).

        Returns
        -------
        numpy.ndarray or None
            Of shape (size,); None where no combination goes with every x that counts.
        """
        axes = [self.attributes.index(name) for name in change]
        front = range(len(axes))
        drawn = np.moveaxis(self.probabilities * observed.reshape(self.shape), axes, front)
        counts = np.ones(())
        for axis, weights in zip(axes, change.values(), strict=True):
            unseen = np.zeros(self.shape[axis] - len(weights))
            counts = np.multiply.outer(counts, np.concatenate([weights, unseen]))
        support = (drawn[counts != 0] > 0).all(axis=0)
        place = tuple(
            slice(level, level + 1) if (level := given.get(name)) is not None else slice(None)
            for name in change
        )
        average = np.where(support, drawn[place].sum(axis=tuple(front)), 0.0)
        if not average.any():
            return None
        weights = np.multiply.outer(counts, average / average.sum())
        return np.asarray(np.moveaxis(weights, front, axes).ravel())

    def contrast(
        self, attribute: str, level: int, baseline: int, observed: BoolArray
    ) -> FloatArray | None:
        """Weights on the block's cells that average the effect of `level` against `baseline`.

        See :meth:`average`, here over the other attributes as they are drawn with `level`.
        """
        size = self.shape[self.attributes.index(attribute)]
        change = {attribute: against(level, baseline, size)}
        return self.average(change, {attribute: level}, observed)

    def reference(self, baselines: Sequence[int], observed: BoolArray) -> int:
        """A cell that occurs, the baselines' own where it does."""
        wanted = int(np.ravel_multi_index(tuple(baselines), self.shape))
        return wanted if observed[wanted] else int(np.flatnonzero(observed)[0])


def against(level: int, baseline: int, size: int) -> FloatArray:
    """What the levels of an attribute count in the effect of one against another."""
    weights = np.zeros(size)
    weights[level] += 1.0
    weights[baseline] -= 1.0
    return weights


def check_always_shown(survey: Survey, argument: str) -> None:
    """Refuse attributes that not every profile shows, for what needs whole profiles.

    Raises
    ------
    RequestError
        There are some.
    """
    absent = [name for name, attribute in survey.attributes.items() if not attribute.is_always]
    if absent:
        what = f"{choices(absent)} is not shown in every profile"
        raise RequestError(
            Fault(
                argument,
                what if len(absent) == 1 else what.replace(" is ", " are "),
                "attributes that every profile shows",
                "Use amce, marginal_means, choice_means or support, which compare the profiles that "
                "show an attribute.",
            )
        )


def find_components(survey: Survey) -> tuple[tuple[str, ...], ...]:
    """Split the attributes into those that the design draws apart, in the survey's order."""
    names = list(survey.attributes)
    component = {name: {name} for name in names}
    tied = [tuple(restriction.never) for restriction in survey.forbidden]
    for together in (*tied, *(joint.attributes for joint in survey.joint)):
        joined = set().union(*(component[name] for name in together))
        for name in joined:
            component[name] = joined
    order = {name: place for place, name in enumerate(names)}
    each = [tuple(sorted(component[name], key=order.__getitem__)) for name in names]
    return tuple(dict.fromkeys(each))


def tied_attributes(survey: Survey) -> tuple[str, ...]:
    """The attributes that the design does not draw on their own, in the survey's order."""
    tied = {name for part in find_components(survey) if len(part) > 1 for name in part}
    return tuple(name for name in survey.attributes if name in tied)


def find_blocks(survey: Survey, also: Iterable[Sequence[str]] = ()) -> tuple[Block, ...]:
    """Split the attributes into blocks to be modelled by their joint cells, in the survey's order.

    Parameters
    ----------
    survey
        Its restrictions and joint distributions tie attributes together.
    also
        Sets of attributes that interact: a set makes a block, with all that is tied to any of them.
        Sets that share attributes make blocks that share them.
    """
    components = find_components(survey)
    wanted = [set(component) for component in components]
    wanted += [
        set().union(*(part for part in components if {*part} & {*together})) for together in also
    ]
    names = [tuple(name for name in survey.attributes if name in part) for part in wanted]
    largest = [own for own in dict.fromkeys(names) if not any({*own} < part for part in wanted)]
    order = {name: place for place, name in enumerate(survey.attributes)}
    largest.sort(key=lambda members: [order[name] for name in members])
    return tuple(block_for(survey, members) for members in largest)


def design_shares(survey: Survey, names: Sequence[str], wave: Wave | None = None) -> FloatArray:
    """How often the design draws each combination of levels, where all of the attributes are shown.

    One axis an attribute. What they are tied with is shown as often as in the wave: see
    :func:`block_for`.
    """
    shares, order = np.ones(()), list[str]()
    for component in find_components(survey):
        inside = [name for name in component if name in names]
        others = tuple(axis for axis, name in enumerate(component) if name not in names)
        if inside:
            drawn = block_for(survey, component, wave).probabilities
            levels = tuple(
                slice(len(survey.attributes[name].levels)) if name in names else slice(None)
                for name in component
            )
            table = drawn[levels].sum(axis=others)
            if table.size < drawn.size:
                table = table / table.sum()
            shares = np.multiply.outer(shares, table)
            order += inside
    return np.asarray(shares.transpose([order.index(name) for name in names]))


def block_for(
    survey: Survey,
    members: tuple[str, ...],
    wave: Wave | None = None,
    beside: Sequence[str] = (),
    lacking: Sequence[str] = (),
) -> Block:
    """One block, with the distribution from which the design draws it.

    Formula
        The product of the attributes' own distributions (uniform unless declared) and of the joint
        distributions declared, over the combinations that no restriction forbids, and again over
        tasks whose profiles differ where they have to. Where attributes
        are not always shown, so it is among the profiles that show the same ones; how often which
        are shown is counted in the wave, and even without one.

    Parameters
    ----------
    wave, beside, lacking
        Where presence is counted, among the profiles that show all attributes of `beside` and none of
        `lacking`; so are the attributes that the other profiles of their tasks show.
    """
    attributes = [survey.attributes[name] for name in members]
    shape = tuple(attribute.states for attribute in attributes)
    if all(attribute.is_always for attribute in attributes):
        return Block(members, shape, drawn_of(survey, members))
    probabilities = np.zeros(shape)
    patterns = [range(1 if attribute.is_always else 2) for attribute in attributes]
    sizes = [len(states) for states in patterns]
    shares = np.full(sizes, 1 / np.prod(sizes))
    opponents: Mapping[tuple[str, ...], Opponents] = {}
    if wave is not None:
        shares = wave.presence(members, beside, lacking)
        if set(members) & set(survey.distinct):
            opponents = wave.opponents(members, beside, lacking)
    for pattern in product(*patterns):
        levels = tuple(
            slice(len(attribute.levels)) if not absent else len(attribute.levels)
            for attribute, absent in zip(attributes, pattern, strict=True)
        )
        present = tuple(name for name, out in zip(members, pattern, strict=True) if not out)
        drawn = drawn_of(survey, present, opponents.get(present))
        probabilities[levels] = shares[pattern] * drawn
    return Block(members, shape, probabilities)


def drawn_of(
    survey: Survey, members: Sequence[str], opponents: Opponents | None = None
) -> FloatArray:
    """How often levels of some attributes are drawn in profiles that show just these of a block.

    Parameters
    ----------
    opponents
        How often the other profiles of the task show which attributes of the block: a key has the
        attributes of each. Without it they all show `members`.
    """
    drawn = profile_shares(survey, members)
    if not set(members) & set(survey.distinct):
        return drawn
    n = len(survey.data.profiles) if survey.data and survey.data.profiles else 2
    total = np.zeros(drawn.shape)
    for others, share in (opponents or {(tuple(members),) * (n - 1): 1.0}).items():
        apart = drawn * _opponents_apart(survey, drawn, members, others)
        total += share * apart / apart.sum()
    return total


def profile_shares(survey: Survey, members: Sequence[str]) -> FloatArray:
    """The same for a profile on its own, before a task is drawn again whose profiles have to differ."""
    shape = tuple(len(survey.attributes[name].levels) for name in members)
    probabilities = np.ones(shape)
    jointly = {name for joint in survey.joint for name in joint.attributes}
    for axis, name in enumerate(members):
        own = survey.attributes[name].probabilities
        if own and name not in jointly:
            probabilities *= np.reshape(own, _along(axis, len(shape)))
    for joint in survey.joint:
        if set(joint.attributes) & set(members):
            probabilities *= _drawn_jointly(survey, joint, members, shape)
    for restriction in survey.forbidden:
        if set(restriction.never) <= set(members):
            probabilities[_forbidden(survey, restriction, members, shape)] = 0.0
    return np.asarray(probabilities / probabilities.sum())


def _opponents_apart(
    survey: Survey,
    drawn: FloatArray,
    members: Sequence[str],
    opponents: Sequence[tuple[str, ...]],
) -> FloatArray:
    """How likely the other profiles of a task share no level with each combination, nor each other.

    Formula
        A task is drawn again until its profiles differ in what they both show. Of two profiles, the
        other one shares none of the levels with probability sum over S of (-1)^|S| P(levels of S), S
        any of the attributes kept apart. Of more, one attribute's are e_m, the elementary symmetric
        polynomial, of the other levels' probabilities, m others showing it; several attributes are then
        taken as independent.
    """
    if len(opponents) == 1:
        likely = np.ones(drawn.shape)
        shared = [name for name in members if name in survey.distinct and name in opponents[0]]
        other = profile_shares(survey, opponents[0])
        for size in range(1, len(shared) + 1):
            for names in combinations(shared, size):
                out = tuple(a for a, name in enumerate(opponents[0]) if name not in names)
                shape = [
                    length if name in names else 1
                    for name, length in zip(members, drawn.shape, strict=True)
                ]
                likely = likely + (-1) ** size * other.sum(axis=out).reshape(shape)
        return np.asarray(np.maximum(likely, 0.0))
    likely = np.ones((1,) * drawn.ndim)
    for axis, name in enumerate(members):
        if name in survey.distinct:
            share = drawn.sum(axis=tuple(summed for summed in range(drawn.ndim) if summed != axis))
            m = sum(name in other for other in opponents)
            likely = likely * np.reshape(_none_twice(share, m), _along(axis, drawn.ndim))
    return np.asarray(likely)


def _none_twice(share: FloatArray, m: int) -> FloatArray:
    """For each level, in proportion, how likely m others have levels that differ from it and each other."""
    ways = np.zeros(len(share))
    for level in range(len(share)):
        series = np.ones(1)
        for p in np.delete(share, level):
            series = np.convolve(series, [1.0, p])
        ways[level] = series[m] if m < len(series) else 0.0
    return ways


def _along(axis: int, axes: int) -> list[int]:
    """A shape that broadcasts a vector along one axis of several."""
    return [-1 if place == axis else 1 for place in range(axes)]


def _drawn_jointly(
    survey: Survey, joint: Joint, members: Sequence[str], shape: tuple[int, ...]
) -> FloatArray:
    table = np.zeros([len(survey.attributes[name].levels) for name in joint.attributes])
    for cell, share in joint.probabilities.items():
        place = tuple(
            survey.attributes[name].values.index(value)
            for name, value in zip(joint.attributes, cell, strict=True)
        )
        table[place] = share
    absent = tuple(axis for axis, name in enumerate(joint.attributes) if name not in members)
    table = table.sum(axis=absent)
    axes = [members.index(name) for name in joint.attributes if name in members]
    order = np.argsort(axes)
    inside = [shape[axis] if axis in axes else 1 for axis in range(len(shape))]
    return np.asarray(table.transpose(order).reshape(inside))


def _forbidden(
    survey: Survey, restriction: Restriction, members: Sequence[str], shape: tuple[int, ...]
) -> BoolArray:
    forbidden = np.ones(shape, dtype=bool)
    for name, values in restriction.never.items():
        hit = np.isin(survey.attributes[name].values, values)
        forbidden &= hit.reshape(_along(members.index(name), len(shape)))
    return forbidden


def cells_of(wave: Wave, attributes: Sequence[str]) -> tuple[Integers, tuple[int, ...]]:
    """Each profile's joint cell over several attributes, and the numbers of their states."""
    each = [wave.codes(name) for name in attributes]
    shape = tuple(wave.survey.attributes[name].states for name in attributes)
    if len(each) == 1:
        return each[0], shape
    codes = each[0].astype(np.intp)
    for own, size in zip(each[1:], shape[1:], strict=True):
        codes = codes * size + own
    return codes, shape


def cell_names(survey: Survey, block: Sequence[str]) -> list[tuple[str, str]]:
    """For each joint cell of some attributes, their names and its levels."""
    values = [
        survey.attributes[name].values + (NOT_SHOWN,) * (not survey.attributes[name].is_always)
        for name in block
    ]
    return [(INTERLOCK.join(block), INTERLOCK.join(levels)) for levels in product(*values)]


def level_cells(survey: Survey, block: Sequence[str]) -> BoolArray:
    """Which joint cells of some attributes hold a level of each of them, of shape (cells,)."""
    cells = np.ones((), dtype=bool)
    for name in block:
        attribute = survey.attributes[name]
        cells = np.multiply.outer(cells, np.arange(attribute.states) < len(attribute.levels))
    return np.asarray(cells.ravel())
