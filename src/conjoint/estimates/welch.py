"""Degrees of freedom of figures that compare designs, by Welch and Satterthwaite."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import linalg

from conjoint.estimates.influence import cross_product

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.estimates.model import Estimates
    from conjoint.typing import FloatArray, IntArray

__all__ = ["Welch"]


@dataclass(frozen=True, eq=False, slots=True)
class Welch:
    """Degrees of freedom of combinations of figures that stand in several designs.

    Formula
        df = (sum_h V_h)^2 / sum_h (V_h^2 / df_h), with V_h and df_h what the figures of design h contribute.

    Parameters
    ----------
    parts
        Figures, each in a design of its own.
    matrix
        Of shape (m, k): the combinations, over the figures of all parts.

    References
    ----------
    Satterthwaite 1946; Welch 1947.
    """

    parts: tuple[Estimates, ...]
    matrix: FloatArray

    @staticmethod
    def of(estimates: Estimates) -> Welch:
        """The degrees of freedom of the figures themselves."""
        if estimates.welch is not None:
            return estimates.welch
        return Welch((estimates,), np.eye(len(estimates)))

    @staticmethod
    def beside(estimates: Sequence[Estimates]) -> Welch:
        """Those of several sets of figures, one behind another."""
        each = [Welch.of(own) for own in estimates]
        if all(own.parts is each[0].parts for own in each):
            return Welch(each[0].parts, np.concatenate([own.matrix for own in each]))
        parts = tuple(part for own in each for part in own.parts)
        return Welch(parts, np.asarray(linalg.block_diag(*(own.matrix for own in each))))

    def combine(self, matrix: FloatArray) -> Welch:
        """Linear combinations of the combinations."""
        return Welch(self.parts, matrix @ self.matrix)

    def degrees(self) -> FloatArray:
        """One a combination, of shape (m,)."""
        total, divided = np.zeros(len(self.matrix)), np.zeros(len(self.matrix))
        smallest = np.full(len(self.matrix), np.inf)
        start = 0
        for part in self.parts:
            matrix = self.matrix[:, start : start + len(part)]
            start += len(part)
            for figures in part.by_design():
                own = matrix[:, figures]
                rows = np.flatnonzero(own.any(axis=1))
                if not len(rows):
                    continue
                scaled = own[rows] * np.sqrt(part.inflation[figures])
                products = cross_product(part.influence[:, figures])
                variance = np.einsum("mk,mk->m", scaled @ products, scaled)
                freedom = _freedom(part, figures, own[rows])
                total[rows] += variance
                with np.errstate(divide="ignore", invalid="ignore"):  # of one person alone
                    divided[rows] += np.nan_to_num(variance**2 / freedom)
                smallest[rows] = np.fmin(smallest[rows], freedom)
        return np.asarray(np.divide(total**2, divided, out=smallest, where=divided > 0))

    def hotelling(self) -> float:
        """For a joint test: the fewest degrees of any of them, which errs to the careful side."""
        return float(self.degrees().min())


def _freedom(part: Estimates, figures: IntArray, matrix: FloatArray) -> FloatArray:
    """The degrees of freedom of combinations, (m, figures), of figures of one design; (m,)."""
    if part.freedom is None or part.specification.variance != "CR2":
        return np.full(len(matrix), part.designs.degrees[figures].min())
    weights = np.zeros((len(matrix), len(part)))
    weights[:, figures] = matrix
    return part.freedom.combine(weights).degrees()
