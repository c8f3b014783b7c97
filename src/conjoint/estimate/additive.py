"""The additive model: one regression on the cells of all blocks of attributes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.errors import EstimationError, Fault, RequestError, choices
from conjoint.estimate.design import cell_names, cells_of
from conjoint.estimate.figures import intercept, regress
from conjoint.estimate.linear import Term, cell_counts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conjoint.estimate.design import Block
    from conjoint.estimate.figures import Cells
    from conjoint.estimate.linear import Regression
    from conjoint.estimate.sample import Sample
    from conjoint.typing import BoolArray, FloatArray, IntArray
    from conjoint.wave import Wave

__all__ = ["BlockFit", "check_levels", "find_baselines", "fit_blocks", "level_labels"]


@dataclass(frozen=True, eq=False, slots=True)
class BlockFit:
    """A regression on blocks of attributes, with the place of each block's cells.

    `observed` has the shape (all cells,), `starts` (blocks + 1,); `columns`, of shape (all cells,),
    holds each cell's coefficient, -1 where it has none.
    """

    blocks: tuple[Block, ...]
    regression: Regression
    observed: BoolArray
    starts: IntArray
    columns: IntArray
    cells: Cells

    def figures(self, weights: FloatArray) -> FloatArray:
        """Figures as weights on cells, (k, all cells), turned into weights on coefficients."""
        matrix = np.zeros((len(weights), len(self.regression.coefficients)))
        kept = self.columns >= 0
        matrix[:, self.columns[kept]] = weights[:, kept]
        return matrix


def fit_blocks(sample: Sample, blocks: tuple[Block, ...], baselines: dict[str, int]) -> BlockFit:
    """Regress the outcome on the cells of all blocks, one cell of each left out.

    Raises
    ------
    EstimationError
        A level is never shown, or attributes cannot be told apart.
    """
    codes = [cells_of(sample.wave, block.attributes)[0][sample.rows] for block in blocks]
    seen = [
        np.bincount(code, minlength=block.size) > 0
        for code, block in zip(codes, blocks, strict=True)
    ]
    check_levels(sample, blocks, seen)
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
        terms.append(Term(code, inside))
    return BlockFit(blocks, regress(sample, terms, cells), observed, starts, columns, cells)


def level_labels(sample: Sample, name: str, baseline: int) -> pd.DataFrame:
    """One row a level of an attribute: attribute, level, baseline and what it stands on."""
    values = sample.wave.survey.attributes[name].values
    n_profiles, n_respondents = cell_counts(
        sample.codes(name), len(values), sample.respondent, sample.n_respondents
    )
    return pd.DataFrame(
        {
            "attribute": name,
            "level": values,
            "baseline": values[baseline],
            "n_profiles": n_profiles,
            "n_respondents": n_respondents,
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


def check_levels(sample: Sample, blocks: Sequence[Block], seen: Sequence[BoolArray]) -> None:
    """Every level has to be shown, or it has no effect to estimate."""
    faults = []
    for block, cells in zip(blocks, seen, strict=True):
        for axis, name in enumerate(block.attributes):
            others = tuple(place for place in range(len(block.shape)) if place != axis)
            shown = np.atleast_1d(cells.reshape(block.shape).any(axis=others))
            values = sample.wave.survey.attributes[name].values
            never = [value for value, has in zip(values, shown, strict=True) if not has]
            if never:
                faults.append(
                    Fault(
                        f'{sample.where}, attribute "{name}"',
                        f"the level(s) {choices(never)} are never shown",
                        "every level in some profile",
                        "Take the level out of the survey, or merge it with another.",
                    )
                )
    if faults:
        raise EstimationError(*faults)
