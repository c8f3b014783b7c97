"""Figures of a question with their influence, group by group."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.errors import EstimationError, Fault
from conjoint.estimates import Basis, Designs, Estimates, effective_base

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.estimates import Specification
    from conjoint.toplines.answers import Answered
    from conjoint.typing import BoolArray, Few, FloatArray, IntArray
    from conjoint.wave import Wave

__all__ = ["figures_of", "refuse_small"]


def figures_of(
    wave: Wave,
    found: Answered,
    groups: Sequence[tuple[str, BoolArray]],
    specification: Specification,
    *,
    few: Few = "leave out",
) -> Estimates:
    """Weighted means of each row's values in each group; rows that nobody or one answered left out, or
    without figures.

    Formula
        psi_i = w_i (y_i - mean) / sum of w over the base, zero outside it; then what calibration leaves.
    """
    y, base = found.values(), found.bases() > 0
    values, influence, labels, designs, parts = [], [], [], [], []
    notes: list[str] = []
    for key, members in groups:
        inside = base & members[:, None]
        n = inside.sum(axis=0)
        weighed = np.where(inside, wave.weights[:, None], 0.0).sum(axis=0) > 0
        enough = (n >= 2) & weighed
        kept = np.flatnonzero(enough | (few == "note"))
        w = np.where((inside & enough)[:, kept], wave.weights[:, None], 0.0)
        total = np.where(enough[kept], w.sum(axis=0), 1.0)
        mean = (w * y[:, kept]).sum(axis=0) / total
        values.append(np.where(enough[kept], mean, np.nan))
        influence.append(w * (y[:, kept] - mean) / total)
        reasons = [
            f"{count} answer(s)" if count < 2 else "nobody who answered has a weight" for count in n
        ]
        notes += ["" if enough[place] else reasons[place] for place in kept]
        parts.append(_basis(found, y, inside, w, kept))
        designs.append(Designs.of(members, len(kept), degrees=wave.degrees(members)))
        rows = [found.rows[place] for place in kept]
        labels.append(
            pd.DataFrame(
                {
                    "outcome": found.question,
                    "estimand": [row.estimand for row in rows],
                    "group": key,
                    "attribute": found.column,
                    "level": [row.key for row in rows],
                    "baseline": "",
                    "n_profiles": 0,
                    "n_respondents": n[kept],
                }
            )
        )
    figures = np.concatenate(values)
    return Estimates(
        pd.concat(labels, ignore_index=True),
        figures,
        wave.residual(np.concatenate(influence, axis=1)),
        Designs.concatenate(designs),
        np.zeros(len(figures), dtype=bool),
        specification,
        basis=Basis.concatenate(parts),
        notes=tuple(notes),
    )


def _basis(
    found: Answered, y: FloatArray, inside: BoolArray, w: FloatArray, rows: IntArray
) -> Basis:
    """What intervals need to know of the rows of one group."""
    value = y[:, rows]
    low, high = np.where(inside[:, rows], value, np.inf), np.where(inside[:, rows], value, -np.inf)
    effective = np.array([effective_base(column) for column in w.T])
    n, yes = inside[:, rows].sum(axis=0), (inside[:, rows] & (value != 0)).sum(axis=0)
    return found.only(rows).basis(n, yes, low.min(axis=0) == high.max(axis=0), effective, list(w.T))


def refuse_small(found: Answered, group: str, members: BoolArray) -> None:
    """Refuse a group in which fewer than two people are in the base of some row."""
    for place, row in enumerate(found.rows):
        n = int((found.parts[members] @ found.base[place]).sum())
        if n < 2:
            item = f', item "{found.item}"' if found.item else ""
            mean = " with a score" if row.kind == "mean" and found.asked[members].sum() >= 2 else ""
            where = f'question "{found.question}"{item}, group "{group}"'
            do = "Set topline = false for the question in survey.toml, or leave the group out."
            raise EstimationError(Fault(where, f"{n} answer(s){mean}", "two or more", do))
