"""How a package's cells are drawn, and the mean of a logistic curve over what it leaves out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from conjoint.estimate.design import block_for
from conjoint.estimate.target import target_block
from conjoint.scenario.package import parted, profiles_like

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.estimate.additive import BlockFit
    from conjoint.estimate.sample import Sample
    from conjoint.estimate.target import Shares
    from conjoint.scenario.package import Package
    from conjoint.typing import FloatArray, IntArray

__all__ = ["Drawn", "mean_logistic"]

STEP, NODES = 0.05, 240
"""Of the sum that stands for the integral: the same in assets/algebra.js."""

T = STEP * (np.arange(NODES) + 0.5)
KERNEL = STEP / np.sinh(np.pi * T)


@dataclass(frozen=True, eq=False, slots=True)
class Part:
    """Attributes whose levels are drawn together, independently of all others.

    Parameters
    ----------
    cells
        The model's cells that each combination adds up, of shape (n, blocks).
    share
        How often each combination is drawn, of shape (n,).
    sign
        -1 for an opponent's, which is taken off.
    """

    cells: IntArray
    share: FloatArray
    sign: float = 1.0


Mixture: TypeAlias = list[tuple[float, list[Part]]]
"""Which attributes are shown together, how often, and the parts of such profiles."""


def mean_logistic(
    worth: FloatArray, intercept: float, mixture: Sequence[tuple[float, list[Part]]], *, even: bool
) -> tuple[float, float, FloatArray]:
    """Return the mean of F(intercept + worth of the cells drawn), with its derivatives.

    Formula
        F(x) = 1/2 + integral over t > 0 of sin(tx) / sinh(pi t) (Gradshteyn & Ryzhik 3.981), so the mean is
        1/2 + integral of Im phi(t) / sinh(pi t), phi the characteristic function of x: a product over parts, so
        that thousands of combinations cost no more than the cells they are made of. The integral is a sum
        at steps of 0.05, to within exp(|x| - 125).

    Parameters
    ----------
    worth
        Of all the model's cells, of shape (all cells,).
    even
        Whether the intercept is what standing first is worth: the mean of both orders.

    Returns
    -------
    float, float, numpy.ndarray
        The mean, and its derivative by the intercept and by the worth of each cell, of shape (all cells,).
    """
    if even:
        start, moved = np.cos(T * intercept) + 0j, -T * np.sin(T * intercept) + 0j
    else:
        start = np.exp(1j * T * intercept)
        moved = 1j * T * start
    value, by_intercept, by_cell = 0.5, 0.0, np.zeros(len(worth))
    for weight, parts in mixture:
        turns = [
            np.exp(1j * part.sign * np.multiply.outer(worth[part.cells].sum(axis=1), T))
            for part in parts
        ]
        each = [part.share @ turn for part, turn in zip(parts, turns, strict=True)]
        before = [np.ones(NODES, dtype=complex)]
        for own in each:
            before.append(before[-1] * own)
        value += weight * float(KERNEL @ (start * before[-1]).imag)
        by_intercept += weight * float(KERNEL @ (moved * before[-1]).imag)
        after = start
        for place in range(len(parts) - 1, -1, -1):
            part, others = parts[place], before[place] * after
            slopes = (turns[place] * others).real @ (KERNEL * T)
            own_slopes = weight * part.sign * part.share * slopes
            np.add.at(by_cell, part.cells, own_slopes[:, None])
            after = after * each[place]
    return min(max(value, 0.0), 1.0), by_intercept, by_cell


@dataclass(frozen=True, eq=False, slots=True)
class _Component:
    """Attributes drawn together: one block, or several that share attributes.

    `cells` has, for each combination of states, its cell in each of the blocks: (combinations, blocks).
    """

    attributes: tuple[str, ...]
    shape: tuple[int, ...]
    places: tuple[int, ...]
    cells: IntArray


@dataclass(frozen=True, eq=False, slots=True)
class Drawn:
    """How the cells of a model are drawn with a package.

    Parameters
    ----------
    sample, fit
        As of :class:`conjoint.scenario.model.Model`.
    drawn
        For each block of the fit, how often its cells are drawn where all attributes are shown.
    stated
        Shares of attributes to average over, where they are not those of the design.
    """

    sample: Sample
    fit: BlockFit
    drawn: tuple[FloatArray, ...]
    stated: tuple[Shares, ...]

    def spans(self, worth: FloatArray) -> list[tuple[float, float]]:
        """The least and the most that any package's cells add up to, for each set of attributes shown."""
        tables = [(own, self._table(own, {})) for own in self._components()]
        spans = []
        for _, pattern in self._patterns({}, None):
            parts = [self._part(own, table, {}, pattern) for own, table in tables]
            sums = [worth[part.cells].sum(axis=1) for part in parts if part is not None]
            spans.append((sum(own.min() for own in sums), sum(own.max() for own in sums)))
        return spans

    def mixture(self, package: Package, opponent: Package | None = None) -> Mixture:
        """How a package's cells are drawn: independently, among profiles that show the same attributes.

        Head to head what both leave out is drawn for each of the two, as raw shares have it; what is
        not always shown is shown, or not, in both alike.
        """
        sides = [(1.0, package)] + ([(-1.0, opponent)] if opponent is not None else [])
        tables = [
            (sign, own, component, self._table(component, own))
            for sign, own in sides
            for component in self._components()
        ]
        mixture = []
        for share, pattern in self._patterns(package, opponent):
            parts = [
                self._part(component, table, own, pattern, sign)
                for sign, own, component, table in tables
            ]
            seen = [part for part in parts if part is not None]
            if len(seen) == len(parts):
                mixture.append((share, seen))
        total = sum(share for share, _ in mixture)
        return [(share / total, parts) for share, parts in mixture]

    def _components(self) -> list[_Component]:
        """The blocks, those that share attributes together."""
        survey, blocks = self.sample.wave.survey, self.fit.blocks
        groups: list[tuple[set[str], list[int]]] = []
        for place, block in enumerate(blocks):
            names, places = {*block.attributes}, [place]
            for other in [own for own in groups if own[0] & names]:
                groups.remove(other)
                names, places = names | other[0], [*other[1], *places]
            groups.append((names, places))
        components = []
        for names, places in groups:
            attributes = tuple(name for name in survey.attributes if name in names)
            shape = tuple(survey.attributes[name].states for name in attributes)
            states = dict(zip(attributes, np.indices(shape).reshape(len(shape), -1), strict=True))
            cells = [
                self.fit.starts[place]
                + np.ravel_multi_index(
                    tuple(states[name] for name in blocks[place].attributes), blocks[place].shape
                )
                for place in places
            ]
            components.append(_Component(attributes, shape, tuple(places), np.stack(cells, axis=1)))
        return components

    def _table(self, component: _Component, package: Package) -> FloatArray:
        """How often each combination is drawn in profiles that show and lack what a package does."""
        wave = self.sample.wave
        always = all(wave.survey.attributes[name].is_always for name in component.attributes)
        if always and len(component.places) == 1:
            return self.drawn[component.places[0]]
        whole = block_for(wave.survey, component.attributes, wave, *parted(wave.survey, package))
        return target_block(self.sample, "", whole, self.stated).probabilities

    def _patterns(
        self, package: Package, opponent: Package | None
    ) -> list[tuple[float, dict[str, bool]]]:
        """Which attributes are shown of those that neither package names, and how often."""
        wave = self.sample.wave
        free = [
            name
            for name, own in wave.survey.attributes.items()
            if not own.is_always and name not in package and name not in (opponent or {})
        ]
        if not free:
            return [(1.0, {})]
        like = profiles_like(wave, package)
        if opponent is not None:
            like = like | profiles_like(wave, opponent)
        seen = np.stack([wave.shows(name)[like] for name in free], axis=1)
        patterns, counts = np.unique(seen, axis=0, return_counts=True)
        return [
            (float(count), dict(zip(free, map(bool, pattern), strict=True)))
            for pattern, count in zip(patterns, counts, strict=True)
        ]

    def _part(
        self,
        component: _Component,
        table: FloatArray,
        package: Package,
        pattern: dict[str, bool],
        sign: float = 1.0,
    ) -> Part | None:
        """The combinations that a package leaves open; None where the group saw none of them."""
        inside: list[slice | int] = []
        for name, size in zip(component.attributes, component.shape, strict=True):
            if name in package:
                inside.append(slice(package[name], package[name] + 1))
            elif name in pattern:
                inside.append(slice(size - 1) if pattern[name] else slice(size - 1, size))
            else:
                inside.append(slice(None))
        share = np.zeros(component.shape)
        share[tuple(inside)] = table[tuple(inside)]
        share = share.ravel()
        drawn = (share > 0) & self.fit.observed[component.cells].all(axis=1)
        if not drawn.any():
            return None
        return Part(component.cells[drawn], share[drawn] / share[drawn].sum(), sign)
