"""A change of a topline, taken apart: change of mix and change of view."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.errors import Fault, RequestError, choices
from conjoint.estimates import Designs, Estimates
from conjoint.say.phrase import phrase
from conjoint.survey import INTERLOCK, TOTAL
from conjoint.survey.rule import as_text
from conjoint.toplines.answers import answered

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from conjoint.estimates import Specification
    from conjoint.toplines.answers import Answered
    from conjoint.typing import BoolArray, FloatArray, IntArray
    from conjoint.wave import Wave

__all__ = ["Cells", "cells_of", "decomposed"]

MOST_CELLS = 60
"""Cells beyond which nobody reads a decomposition: a number, most likely, that wants groups."""

NOTHING = 1e-11
"""Influence this small on any figure is what rounding leaves of a margin that weighting fixed."""


@dataclass(frozen=True, eq=False, slots=True)
class Cells:
    """What a change is taken apart by: the cells of a variable, and each wave's respondents' cells.

    Parameters
    ----------
    hold
        The variable, as margins are named: ``vote_now``, ``age_group * sex``.
    names
        Of the cells, of shape (C,).
    codes
        For each wave, the respondents' cells, of shape (respondents,).
    """

    hold: str
    names: tuple[str, ...]
    codes: tuple[IntArray, ...]


def cells_of(waves: Sequence[Wave], hold: str, members: Sequence[BoolArray], least: int) -> Cells:
    """Find the cells of a variable in a group of several waves.

    Who has no answer is in a cell of their own. Cells of which some wave has fewer than `least`
    members are taken together, the next smallest with them until they are as many together.

    Raises
    ------
    RequestError
        A wave lacks the column, or it has too many values.
    """
    columns = hold.split(INTERLOCK)
    texts = []
    for wave in waves:
        absent = [name for name in columns if name not in wave.respondent_columns]
        if absent:
            known = set.intersection(*(set(w.respondent_columns) for w in waves))
            raise RequestError(
                Fault("hold", f"a wave has no column {choices(absent)}", choices(sorted(known), 30))
            )
        texts.append(_texts(wave, columns))
    names = list(dict.fromkeys(_ordered(waves, columns, texts)))
    if len(names) > MOST_CELLS:
        what = f'"{hold}" has {len(names)} different values'
        raise RequestError(Fault("hold", what, f"{MOST_CELLS} at most", "Put them into groups."))
    codes = [pd.Index(names).get_indexer(pd.Index(own)).astype(np.intp) for own in texts]
    counts = np.array(
        [np.bincount(code[who], minlength=len(names)) for code, who in zip(codes, members, strict=True)]
    ).min(axis=0)  # fmt: skip
    together = _together(counts, least)
    if not together.any():
        return Cells(hold, tuple(names), tuple(codes))
    to = np.where(together, (~together).sum(), np.cumsum(~together) - 1)
    kept = [name for name, gone in zip(names, together, strict=True) if not gone]
    return Cells(
        hold, (*kept, phrase("comparison.decomposition.others")), tuple(to[code] for code in codes)
    )


def _together(counts: IntArray, least: int) -> BoolArray:
    """Which cells are taken together: those too small, and as many more as that takes."""
    small = counts < least
    order = np.argsort(counts, kind="stable")
    while small.any() and not small.all() and (small.sum() < 2 or counts[small].sum() < least):
        small[next(place for place in order if not small[place])] = True
    return small


def _texts(wave: Wave, columns: Sequence[str]) -> list[str]:
    frame = wave.respondents[list(columns)]
    no_answer = phrase("comparison.decomposition.no_answer")
    parts = [
        [no_answer if pd.isna(value) else as_text(value) for value in frame[name]]
        for name in columns
    ]
    return [INTERLOCK.join(cell) for cell in zip(*parts, strict=True)]


def _ordered(
    waves: Sequence[Wave], columns: Sequence[str], texts: Sequence[Sequence[str]]
) -> list[str]:
    """The cells in the order of the question's answers where there is one, else sorted."""
    known = sorted({text for own in texts for text in own})
    survey = waves[-1].survey
    for name, question in survey.questions.items():
        if [*question.stored(name).values()] == list(columns):
            place = {value: at for at, value in enumerate(question.values)}
            return sorted(known, key=lambda text: place.get(text, len(place)))
    return known


def decomposed(
    waves: tuple[Wave, Wave],
    question: str,
    item: str,
    cells: Cells,
    members: tuple[BoolArray, BoolArray],
    specification: Specification,
    beside: Callable[[list[Estimates]], Estimates],
) -> pd.DataFrame:
    """Take the change of a question's figures apart, one row a figure, part and cell.

    Formula
        With p the cells' shares of the base and v the means within them, of waves a and b::

            change = sum_c (p_b - p_a) (v_a + v_b) / 2  +  sum_c (p_a + p_b) / 2 (v_b - v_a)
                         mix                                   view

        exactly (Kitagawa 1955). A cell's own mix counts from the mean of the two waves. A cell that one
        wave lacks is all mix.
    Variance
        The delta method on the influence of p and v, calibration known: the mix of cells that weighting
        fixed has none.
    """
    found = [answered(wave, question, item) for wave in waves]
    keys = [[row.key for row in own.rows] for own in found]
    parts = []
    for row, shown in enumerate(found[0].rows):
        if shown.key not in keys[1]:
            continue
        sides = [
            _of_wave(wave, own, place, code, who, len(cells.names), specification)
            for wave, own, place, code, who in zip(
                waves, found, (row, keys[1].index(shown.key)), cells.codes, members, strict=True
            )
        ]
        if all(len(side[1][side[1] > 0]) for side in sides):
            made = _apart(beside([side[0] for side in sides]), len(cells.names), *sides)
            parts.append(made.assign(level=shown.key, estimand=shown.estimand))
    if not parts:
        return pd.DataFrame()
    frame = pd.concat(parts, ignore_index=True)
    names = np.array([*cells.names, ""], dtype=object)
    return frame.assign(hold=cells.hold, outcome=question, item=item, cell=names[frame["place"]])


def _of_wave(
    wave: Wave,
    found: Answered,
    row: int,
    code: IntArray,
    members: BoolArray,
    C: int,
    specification: Specification,
) -> tuple[Estimates, IntArray]:
    """The cells' shares p and means v of one wave, and how many people each stands on."""
    y = found.parts @ found.first[row]
    base = (found.parts @ found.base[row] > 0) & members
    w = np.where(base, wave.weights, 0.0)
    inside = np.zeros((wave.n_respondents, C))
    inside[np.flatnonzero(base), code[base]] = 1.0
    n = inside.sum(axis=0).astype(np.intp)
    weighted = w[:, None] * inside
    total, sums = w.sum(), weighted.sum(axis=0)
    safe = np.where(sums > 0, sums, 1.0)
    p = sums / total if total > 0 else sums
    v = y @ weighted / safe
    influence = np.concatenate(
        [
            (weighted - w[:, None] * p) / (total if total > 0 else 1.0),
            weighted * (y[:, None] - v) / safe,
        ],
        axis=1,
    )
    influence = wave.residual(influence)
    influence[:, np.abs(influence).max(axis=0) < NOTHING] = 0.0
    labels = pd.DataFrame(
        {
            "outcome": found.question,
            "estimand": ["cell share"] * C + ["cell mean"] * C,
            "group": TOTAL,
            "attribute": "",
            "level": [str(place) for place in range(C)] * 2,
            "baseline": "",
            "n_profiles": 0,
            "n_respondents": np.tile(n, 2),
        }
    )
    k = 2 * C
    size = max(2, int(members.sum()))
    design = Designs.of(members, k, size, degrees=wave.degrees(members))
    values = np.concatenate([p, v])
    own = Estimates(
        labels, values, influence, design, np.zeros(k, dtype=bool),
        replace(specification, people=wave.people),
    )  # fmt: skip
    return own, n


def _apart(
    both: Estimates, C: int, first: tuple[Estimates, IntArray], second: tuple[Estimates, IntArray]
) -> pd.DataFrame:
    """Change, mix and view in all (place C) and by cell, of the cells' shares and means."""
    pa, va, pb, vb = both.values.reshape(4, C).copy()
    na, nb = first[1], second[1]
    lacks_a, lacks_b = na == 0, nb == 0
    va, vb = np.where(lacks_a, vb, va), np.where(lacks_b, va, vb)
    dp, dv, p, v = pb - pa, vb - va, (pa + pb) / 2, (va + vb) / 2
    middle = (pa @ va + pb @ vb) / 2
    eye = np.eye(C)
    mix = np.concatenate(
        [
            -eye * (v - middle) - np.outer(dp, va) / 2,
            eye * dp / 2 - np.outer(dp, pa) / 2,
            eye * (v - middle) - np.outer(dp, vb) / 2,
            eye * dp / 2 - np.outer(dp, pb) / 2,
        ],
        axis=1,
    )
    view = np.concatenate([eye * dv / 2, -eye * p, eye * dv / 2, eye * p], axis=1)
    for jacobian in (mix, view):
        # A mean that a wave lacks is that of the other wave.
        at = np.arange(C)
        jacobian[:, 3 * C + at[lacks_a]] += jacobian[:, C + at[lacks_a]]
        jacobian[:, C + at[lacks_a]] = 0.0
        jacobian[:, C + at[lacks_b]] += jacobian[:, 3 * C + at[lacks_b]]
        jacobian[:, 3 * C + at[lacks_b]] = 0.0
    own_mix, own_view = dp * (v - middle), p * dv
    whole = [mix.sum(axis=0) + view.sum(axis=0), mix.sum(axis=0), view.sum(axis=0)]
    values = [own_mix.sum() + own_view.sum(), own_mix.sum(), own_view.sum()]
    labels = both.labels.iloc[np.zeros(3 + 2 * C, dtype=np.intp)].reset_index(drop=True)
    made = both.derive(
        np.concatenate([values, own_mix, own_view]), np.vstack([*whole, mix, view]), labels, "mix"
    )
    frame = made.frame[["estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high"]]
    still = (frame["std_error"] < NOTHING).to_numpy()
    settled = np.where(still & (np.abs(made.values) < NOTHING), 0.0, made.values)
    frame = frame.assign(
        estimate=settled,
        std_error=frame["std_error"].mask(still, 0.0),
        conf_low=frame["conf_low"].mask(still, settled),
        conf_high=frame["conf_high"].mask(still, settled),
        statistic=frame["statistic"].mask(still),
        p_value=frame["p_value"].mask(still),
    )
    places = np.array([C, C, C, *range(C), *range(C)], dtype=np.intp)

    def filled(cell: FloatArray, all_of_them: float) -> FloatArray:
        return np.append(cell, all_of_them)[places]

    return frame.assign(
        part=["change", "mix", "view", *["mix"] * C, *["view"] * C],
        place=places,
        share_first=filled(pa, 1.0),
        share_second=filled(pb, 1.0),
        mean_first=filled(np.where(lacks_a, np.nan, va), float(pa @ va)),
        mean_second=filled(np.where(lacks_b, np.nan, vb), float(pb @ vb)),
        n_first=filled(na.astype(float), na.sum()),
        n_second=filled(nb.astype(float), nb.sum()),
    )
