"""Did people read before they answered? The same position throughout, and too fast."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.audit.grid import grid_of
from conjoint.audit.item import Item
from conjoint.audit.person import below, means_of_people, unweighted
from conjoint.say.number import base, numeral, percent_by_size, points
from conjoint.say.phrase import phrase

if TYPE_CHECKING:
    from conjoint.audit.grid import Grid
    from conjoint.estimates import Estimates
    from conjoint.typing import FloatArray, IntArray, Verdict
    from conjoint.wave import Wave

__all__ = ["WORTH_A_LOOK", "speeding", "straight_lining"]

WORTH_A_LOOK = 0.01
"""Share of respondents from which a fault of answering deserves a look: it can then move a share of
everybody by a point, which is what polls are quoted to."""

BY_CHANCE = 0.01
"""One-sided chance under which more straight-liners than position and number of tasks explain."""

COPIED = 0.25
"""Excess of straight-liners that no panel has: rather one task's choice was copied to the others."""

FEWEST_TASKS = 3
"""Tasks from which the same position throughout says something: of two, half are alike by chance."""

UNIFORM = {"support": 0.5, "rating": 0.1}
"""Share who give every profile the same answer from which it deserves a look. Opposing (or supporting)
every profile is an opinion that many may hold; giving ten profiles one and the same rating is rarely."""


def straight_lining(wave: Wave) -> list[Item]:
    """Count who always chose the same position, beside what chance gives; who never changed an answer."""
    plain, grid = unweighted(wave), grid_of(wave)
    if grid is None:
        return [Item("straight_lining", "", "fine", phrase("audit.unaligned"))]
    items = []
    for name, outcome in wave.survey.outcomes.items():
        if outcome.kind == "choice":
            items.append(_same_position(plain, name, grid))
        else:
            items.append(_same_answer(plain, name, outcome.kind, grid))
    return items


def straight_liners(wave: Wave, outcome: str, grid: Grid) -> Estimates | None:
    """Share who always chose one position, less the share that chance gives; None with few tasks.

    Estimand
        P(all T choices at one position) - sum over positions k of prod over tasks t of p(k, t): what
        people give who choose anew in each task, position and preferences independent, as they are
        where profiles were drawn at random.
    Variance
        By the delta method from the shares' full covariance. Levels: ``straight``, ``chance``,
        ``excess``.
    """
    chosen = grid.chosen(wave.outcome(outcome))
    asked = ~np.isnan(chosen).all(axis=0)
    whole = ~np.isnan(chosen[:, asked]).any(axis=1)
    chosen = chosen[:, asked]
    T, P = chosen.shape[1], len(grid.profiles)
    if T < FEWEST_TASKS or P < 2 or whole.sum() < 2:
        return None
    columns = {"straight": (chosen == chosen[:, :1]).all(axis=1).astype(float)}
    columns |= {
        f"{task} {place}": (chosen[:, task] == place).astype(float)
        for task in range(T)
        for place in range(P)
    }
    figures = means_of_people(
        wave, {name: np.where(whole, column, np.nan) for name, column in columns.items()}
    )
    share, p = figures.values[0], figures.values[1:].reshape(T, P)
    chance = float(p.prod(axis=0).sum())
    slope = np.stack([np.delete(p, task, axis=0).prod(axis=0) for task in range(T)]).ravel()
    jacobian = np.zeros((3, len(figures)))
    jacobian[0, 0] = jacobian[2, 0] = 1.0
    jacobian[1, 1:], jacobian[2, 1:] = slope, -slope
    labels = figures.labels.iloc[[0, 0, 0]].assign(level=["straight", "chance", "excess"])
    return figures.derive(
        np.array([share, chance, share - chance]), jacobian, labels, "straight_lining"
    )


def _same_position(wave: Wave, outcome: str, grid: Grid) -> Item:
    figures = straight_liners(wave, outcome, grid)
    if figures is None:
        text = phrase("audit.straight_lining.few_tasks", count=FEWEST_TASKS)
        return Item("straight_lining", outcome, "fine", text)
    straight, chance, excess = figures.values.tolist()
    asked = int(figures.labels["n_respondents"].iloc[0])
    p_value = 1.0 - float(below(figures)[2])
    said = {
        "respondents": phrase("audit.count.respondents", round(straight * asked)),
        "share": percent_by_size(straight),
        "all": base(asked),
        "chance": percent_by_size(chance),
    }
    verdict: Verdict = "fine"
    do, text = "", phrase("audit.straight_lining.place", **said)
    if excess >= COPIED and p_value < BY_CHANCE:
        verdict, do = "stop", phrase("audit.straight_lining.columns_do")
    elif excess >= WORTH_A_LOOK and p_value < BY_CHANCE:
        verdict, do = "look", phrase("audit.straight_lining.do")
    if verdict != "fine":
        text = phrase("audit.straight_lining.place_more", **said, more=points(excess))
    return Item(
        "straight_lining",
        outcome,
        verdict,
        text,
        do,
        excess,
        "points",
        p_value,
        outcomes=(outcome,),
    )


def _same_answer(wave: Wave, outcome: str, kind: str, grid: Grid) -> Item:
    """Everybody's answers laid out; who gave one and the same to every profile."""
    values = wave.outcome(outcome)
    known = ~np.isnan(values)
    answered = np.bincount(wave.respondent_index[known], minlength=wave.n_respondents)
    enough = answered >= 2 * FEWEST_TASKS
    if not enough.any():
        text = phrase("audit.straight_lining.few_profiles", count=2 * FEWEST_TASKS)
        return Item("straight_lining", outcome, "fine", text)
    ends = _ends(values[known], wave.respondent_index[known], wave.n_respondents)
    same = enough & (ends[0] == ends[1])
    share = float(means_of_people(wave, {"same": np.where(enough, same, np.nan)}).values[0])
    said = {
        "respondents": phrase("audit.count.respondents", int(same.sum())),
        "share": percent_by_size(share),
        "all": base(enough.sum()),
    }
    text = phrase("audit.straight_lining.same", **said)
    choices = [name for name, own in wave.survey.outcomes.items() if own.kind == "choice"]
    if choices:
        chosen = grid.chosen(wave.outcome(choices[0]))
        straight = (chosen == chosen[:, :1]).all(axis=1)
        both = base((same & straight).sum())
        text = phrase("audit.straight_lining.same_and_place", **said, both=both)
    if share <= UNIFORM[kind]:
        return Item("straight_lining", outcome, "fine", text, "", share, "share")
    do = phrase("audit.straight_lining.same_do")
    return Item("straight_lining", outcome, "look", text, do, share, "share")


def _ends(values: FloatArray, person: IntArray, n: int) -> tuple[FloatArray, FloatArray]:
    low, high = np.full(n, np.inf), np.full(n, -np.inf)
    np.minimum.at(low, person, values)
    np.maximum.at(high, person, values)
    return low, high


def speeding(wave: Wave) -> list[Item]:
    """Count who was much faster than the median."""
    data, limit = wave.survey.data, wave.survey.audit.speeding
    column = data.duration if data else ""
    if column not in wave.respondent_columns:
        return [Item("speeding", "", "fine", phrase("audit.speeding.none"))]
    cells = wave.respondents[column].astype(object)
    seconds = pd.to_numeric(cells, errors="coerce").to_numpy(dtype=float)
    known = np.isfinite(seconds) & (seconds > 0)
    unread = int((cells.notna().to_numpy() & ~known).sum())
    items = []
    if unread:
        text = phrase("audit.speeding.unread", unread, column=column)
        do = phrase("audit.speeding.unread_do")
        items.append(Item("speeding", column, "look", text, do, unread, "respondents"))
    if not known.any():
        return items or [Item("speeding", "", "fine", phrase("audit.speeding.none"))]
    median = float(np.median(seconds[known]))
    fast = np.where(known, seconds < limit * median, np.nan)
    count = int(np.nansum(fast))
    share = count / int(known.sum())
    text = phrase(
        "audit.speeding.fast",
        respondents=phrase("audit.count.respondents", count),
        share=percent_by_size(share),
        part=_part(limit),
        median=numeral(median),
    )
    few = share <= WORTH_A_LOOK or count < 2
    do = "" if few else phrase("audit.speeding.do")
    items.append(Item("speeding", "", "fine" if few else "look", text, do, share, "share"))
    return items


def _part(limit: float) -> str:
    names = {1 / 2: "half", 1 / 3: "third", 1 / 4: "quarter"}
    near = [name for value, name in names.items() if abs(value - limit) < 0.005]
    return phrase(f"audit.part.{near[0]}") if near else percent_by_size(limit)
