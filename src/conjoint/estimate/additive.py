"""The additive model: one regression on the cells of all blocks of attributes."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.errors import EstimationError, Fault, RequestError, choices
from conjoint.estimate.design import against, block_for, cell_names, cells_of
from conjoint.estimate.figures import intercept, regress, together
from conjoint.estimate.linear import Term, gram_of, tally_of
from conjoint.estimate.rank import find_basis, renumber

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conjoint.estimate.design import Block
    from conjoint.estimate.figures import Cells, Faults
    from conjoint.estimate.linear import Regression
    from conjoint.estimate.rank import Basis
    from conjoint.estimate.sample import Sample
    from conjoint.typing import BoolArray, FloatArray, IntArray, Integers
    from conjoint.wave import Wave

__all__ = [
    "BlockFit",
    "apart",
    "find_baselines",
    "fit_blocks",
    "level_labels",
    "levels_shown",
    "never_shown",
]


@dataclass(frozen=True, eq=False)
class BlockFit:
    """A regression on blocks of attributes, with the place of each block's cells.

    `observed` has the shape (all cells,), `starts` (blocks + 1,); `columns`, of shape (all cells,),
    holds each cell's coefficient, -1 where it has none. Where coefficients go together, because blocks
    share attributes, levels do not vary freely or some profiles do not show an attribute, `basis` says
    which of them the regression has, and what the others are made of.
    """

    sample: Sample
    blocks: tuple[Block, ...]
    regression: Regression
    observed: BoolArray
    starts: IntArray
    columns: IntArray
    cells: Cells
    basis: Basis | None = None

    def figures(self, weights: FloatArray, constant: float = 0.0) -> FloatArray:
        """Figures as weights on cells, (k, all cells), turned into weights on coefficients.

        `constant` is what each figure holds of the intercept: 1 for a mean, 0 for an effect.

        Raises
        ------
        EstimationError
            Levels go together, or were never shown, so that the data cannot tell a figure.
        """
        matrix, faults = self.express(weights, constant)
        if any(faults):
            raise EstimationError(*dict.fromkeys(fault for fault in faults if fault))
        return matrix

    def express(
        self, weights: FloatArray, constant: float = 0.0, faults: Faults = ()
    ) -> tuple[FloatArray, Faults]:
        """As :meth:`figures`, and why the data cannot tell a figure, None where they can.

        A figure that cannot be told has weights of zero.

        Parameters
        ----------
        faults
            Of figures that are known not to be told: their weights play no part.
        """
        own = list(faults) or [None] * len(weights)
        matrix = np.zeros((len(weights), 1 + max(int(self.columns.max()), 0)))
        matrix[:, 0] = constant
        kept = self.columns >= 0
        matrix[:, self.columns[kept]] = weights[:, kept]
        unseen = weights.astype(bool) & ~self.observed
        for row in np.flatnonzero(unseen.any(axis=1)):
            own[row] = own[row] or never_shown(
                self.sample, *self._cell(int(np.argmax(unseen[row])))
            )
        if self.basis is not None:
            whole, (matrix, told) = matrix, self.basis.express(matrix)
            for row in np.flatnonzero(~told):
                own[row] = own[row] or self._together(weights[row], whole[row])
        matrix[[fault is not None for fault in own]] = 0.0
        return matrix, tuple(own)

    def _cell(self, place: int) -> tuple[str, str]:
        """The attribute and level, or several, of one of all cells."""
        inside = int(np.searchsorted(self.starts, place, side="right")) - 1
        return self._names(self.blocks[inside])[place - int(self.starts[inside])]

    def _together(self, weights: FloatArray, figure: FloatArray) -> Fault:
        """Say that levels go together; `weights` on all cells, `figure` on all coefficients."""
        several = len(self.blocks) > 1 and max(self._held.values()) > 1
        places = np.flatnonzero(weights)
        if self.basis is not None and not several:
            places = np.flatnonzero(np.isin(self.columns, self.basis.confounded(figure)))
        names = dict.fromkeys(self._cell(int(place))[0] for place in places)
        do = "Leave one of them out, or declare the restriction."
        if several:
            do = "Ask for fewer interactions, or leave an attribute out."
        return together(self.sample, names, do)

    def refuse_confounded(self) -> None:
        """Refuse coefficients that go together, for models that have no use for them.

        Raises
        ------
        EstimationError
            Levels do not vary freely.
        """
        always = all(own.is_always for own in self.sample.wave.survey.attributes.values())
        if self.basis is not None and always:
            columns = np.eye(len(self.basis.kept) + len(self.basis.left))
            _, told = self.basis.express(columns)
            self.figures(np.equal.outer(np.flatnonzero(~told), self.columns).astype(float))

    def average(
        self, change: Mapping[str, FloatArray], given: Mapping[str, int], *, designed: bool = False
    ) -> FloatArray | None:
        """Weights on all cells that average a change of some attributes over the others.

        With `designed`, over what the design draws, whether it was shown or not.

        Several blocks that hold these attributes average over the same combinations of what they
        share: those that :meth:`conjoint.estimate.design.Block.average` finds in all of them at once.

        Returns
        -------
        numpy.ndarray or None
            Of shape (all cells,); None where no combination goes with every level that counts.
        """
        inside = [
            place for place, block in enumerate(self.blocks) if {*change} <= {*block.attributes}
        ]
        survey = self.sample.wave.survey
        involved = {name for place in inside for name in self.blocks[place].attributes}
        members = tuple(name for name in survey.attributes if name in involved)
        whole = block_for(survey, members, self.sample.wave)
        seen = np.ones(whole.shape, dtype=bool)
        for place in inside:
            axes = [whole.attributes.index(name) for name in self.blocks[place].attributes]
            along = [whole.shape[axis] if axis in axes else 1 for axis in range(len(whole.shape))]
            seen &= designed or self.observed[self._cells(place)].reshape(along)
        counts = whole.average(change, given, seen.ravel())
        if counts is None:
            return None
        weights = np.zeros(self.starts[-1])
        for place in inside:
            others = tuple(
                axis
                for axis, name in enumerate(whole.attributes)
                if name not in self.blocks[place].attributes
            )
            weights[self._cells(place)] = counts.reshape(whole.shape).sum(axis=others).ravel()
        return weights

    def effect(self, name: str, level: int, baseline: int) -> FloatArray:
        """Weights on all cells: the effect of a level against the baseline, of shape (all cells,).

        Raises
        ------
        EstimationError
            One was never shown, or they never meet the same levels of the attributes they are tied
            with.
        """
        values = self.sample.wave.survey.attributes[name].values
        shown = self._shown[name]
        for place in (level, baseline):
            if not shown[place]:
                raise EstimationError(never_shown(self.sample, name, values[place]))
        alone = self._alone.get(name)
        if alone is not None:
            weights = np.zeros(self.starts[-1])
            weights[alone + level] += 1.0
            weights[alone + baseline] -= 1.0
            return weights
        change = {name: against(level, baseline, len(values))}
        averaged = self.average(change, {name: level})
        if averaged is None:
            raise EstimationError(apart(self.sample, name, values[level], values[baseline]))
        return averaged

    @cached_property
    def _alone(self) -> dict[str, int]:
        """Where the cells start of attributes that stand in no block but their own."""
        held = self._held
        return {
            block.attributes[0]: int(start)
            for block, start in zip(self.blocks, self.starts[:-1], strict=True)
            if len(block.attributes) == 1 and held[block.attributes[0]] == 1
        }

    @cached_property
    def _held(self) -> Counter[str]:
        """In how many blocks each attribute stands."""
        return Counter(name for block in self.blocks for name in block.attributes)

    @cached_property
    def _shown(self) -> dict[str, BoolArray]:
        """Which levels of each attribute were shown, of shape (levels,)."""
        shown: dict[str, BoolArray] = {}
        for place, block in enumerate(self.blocks):
            for name in block.attributes:
                if name not in shown:
                    shown[name] = levels_shown(block, self.observed[self._cells(place)], name)
        return shown

    def _cells(self, place: int) -> slice:
        return slice(self.starts[place], self.starts[place + 1])

    def _names(self, block: Block) -> list[tuple[str, str]]:
        return cell_names(self.sample.wave.survey, block.attributes)


def fit_blocks(
    sample: Sample,
    blocks: tuple[Block, ...],
    baselines: Mapping[str, int],
    opponent: IntArray | None = None,
) -> BlockFit:
    """Regress the outcome on the cells of all blocks, one cell of each left out.

    Parameters
    ----------
    opponent
        For a regression on differences within tasks, the wave's row that each row stood against, of
        shape (N,): its cells are taken off.

    Raises
    ------
    EstimationError
        An attribute has one level.

    Notes
    -----
    Levels that were never shown have no coefficient; of attributes that do not vary freely, some have
    none. :meth:`BlockFit.express` says which figures cannot be told for that.
    """
    _check_several(sample, blocks)
    codes = [cells_of(sample.wave, block.attributes)[0] for block in blocks]
    seen = [_seen(sample, block, code, opponent) for block, code in zip(blocks, codes, strict=True)]
    starts = np.cumsum([0, *(block.size for block in blocks)])
    columns = np.full(starts[-1], -1, dtype=np.intp)
    observed = np.concatenate(seen)
    cells: Cells = [("", "")]
    terms = [intercept(len(sample.y))]
    for block, code, own, start in zip(blocks, codes, seen, starts[:-1], strict=True):
        kept = own.copy()
        kept[block.reference([baselines[name] for name in block.attributes], own)] = False
        names = cell_names(sample.wave.survey, block.attributes)
        inside = columns[start : start + block.size]
        inside[kept] = len(cells) + np.arange(kept.sum())
        cells += [names[cell] for cell in np.flatnonzero(kept)]
        terms.append(Term(code[sample.rows], inside))
        if opponent is not None:
            terms.append(Term(code[opponent], inside, np.full(block.size, -1.0)))
    attributes = sample.wave.survey.attributes
    additive = tuple(block.attributes for block in blocks) == tuple((name,) for name in attributes)
    tally = sample.tally() if additive and opponent is None else None
    always = all(attribute.is_always for attribute in attributes.values())
    if always and sum(len(block.attributes) for block in blocks) <= len(attributes):
        with suppress(EstimationError):  # some go together
            regression = regress(sample, terms, cells, tally)
            return BlockFit(sample, blocks, regression, observed, starts, columns, cells)
    if tally is None:
        tally = tally_of(terms, sample.respondent, sample.n_respondents)
    basis = find_basis(gram_of(terms, sample.w, tally))
    cells = [cells[column] for column in basis.kept]
    regression = regress(sample, renumber(terms, basis), cells, tally)
    return BlockFit(sample, blocks, regression, observed, starts, columns, cells, basis)


def _seen(sample: Sample, block: Block, code: Integers, opponent: IntArray | None) -> BoolArray:
    """Which cells of a block the rows show, or their opponents."""
    alone = len(block.attributes) == 1
    if opponent is None and alone and sample.wave.survey.attributes[block.attributes[0]].is_always:
        return np.asarray(sample.counts(block.attributes[0])[0] > 0)
    seen = np.bincount(code[sample.rows], minlength=block.size) > 0
    if opponent is not None:
        seen |= np.bincount(code[opponent], minlength=block.size) > 0
    return np.asarray(seen)


def level_labels(
    sample: Sample, baselines: Mapping[str, int | None], estimand: str
) -> pd.DataFrame:
    """One row a level of the attributes named: its labels, and what it stands on."""
    attributes = sample.wave.survey.attributes
    values = {name: attributes[name].values for name in baselines}
    counts = [sample.counts(name) for name in baselines]
    return pd.DataFrame(
        {
            "attribute": [name for name, own in values.items() for _ in own],
            "level": [level for own in values.values() for level in own],
            "baseline": [
                "" if base is None else values[name][base]
                for name, base in baselines.items()
                for _ in values[name]
            ],
            "n_profiles": np.concatenate([own for own, _ in counts]),
            "n_respondents": np.concatenate([own for _, own in counts]),
            "estimand": [estimand for own in values.values() for _ in own],
        }
    )


def find_baselines(wave: Wave, wanted: Mapping[str, str] | None) -> dict[str, int]:
    """Each attribute's baseline: the one wanted, or the survey's own.

    Raises
    ------
    RequestError
        An attribute or level is unknown.
    """
    attributes = wave.survey.attributes
    baselines = {name: attribute.baseline_index for name, attribute in attributes.items()}
    faults = []
    for name, level in (wanted or {}).items():
        if name not in attributes:
            what, known = f'there is no attribute "{name}"', tuple(attributes)
            faults.append(Fault("baselines", what, choices(known), "Correct the name."))
        elif level not in attributes[name].values:
            what, known = f'"{level}" is not a level of "{name}"', attributes[name].values
            faults.append(Fault("baselines", what, choices(known), "Name one of them."))
        else:
            baselines[name] = attributes[name].values.index(level)
    if faults:
        raise RequestError(*faults)
    return baselines


def _check_several(sample: Sample, blocks: Sequence[Block]) -> None:
    """Every attribute needs a level beside its baseline."""
    attributes = sample.wave.survey.attributes
    names = dict.fromkeys(name for block in blocks for name in block.attributes)
    faults = [
        Fault(
            f'{sample.where}, attribute "{name}"',
            f'"{attributes[name].values[0]}" is its only level',
            "two or more: an effect is that of one level against another",
            "Leave the attribute out.",
        )
        for name in names
        if len(attributes[name].values) == 1
    ]
    if faults:
        raise EstimationError(*faults)


def levels_shown(block: Block, seen: BoolArray, name: str) -> BoolArray:
    """Which levels of one of a block's attributes the cells seen show, of shape (levels,)."""
    axis = block.attributes.index(name)
    others = tuple(place for place in range(len(block.shape)) if place != axis)
    return np.atleast_1d(np.asarray(seen.reshape(block.shape).any(axis=others)))


def never_shown(sample: Sample, name: str, level: str) -> Fault:
    """Say that a level, or a combination, was never shown and so has no effect to estimate."""
    return Fault(
        f'{sample.where}, attribute "{name}"',
        f'"{level}" is never shown',
        "every level in some profile",
        "Take the level out of the survey, or merge it with another.",
    )


def apart(sample: Sample, name: str, level: str, baseline: str) -> Fault:
    """Say that a level and its baseline have nothing in common to be compared in."""
    return Fault(
        f'{sample.where}, attribute "{name}"',
        f'"{level}" and the baseline "{baseline}" never meet the same levels of the attributes '
        "they are restricted with",
        "some combination that allows both",
        "Choose another baseline.",
    )
