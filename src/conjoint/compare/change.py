"""Changes: two waves' tables put side by side, figure by figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import special

from conjoint.compare.model import CHANGES, TREND
from conjoint.estimates import independent, paired
from conjoint.wave import TOTAL
from conjoint.withhold.outward import coarsened
from conjoint.withhold.threshold import reading_of, too_few

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from conjoint.compare.flag import Flag
    from conjoint.compare.table import TableKey
    from conjoint.estimates import Estimates
    from conjoint.survey import Thresholds
    from conjoint.typing import BoolArray, Family, FloatArray, IntArray
    from conjoint.wave import Wave
    from conjoint.withhold.decision import Withheld

__all__ = ["beside", "changes_of", "trend_of", "with_verdicts"]

OWN = ["estimand", "attribute", "level", "baseline"]
"""What tells the figures of a table apart."""

TABLE = ["kind", "outcome", "item", "group", "first", "second"]

POWER = 0.8

FIGURES = ["change", "std_error", "statistic", "p_value", "conf_low", "conf_high", "degrees"]


def beside(waves: tuple[Wave, Wave], parts: Sequence[Estimates], *, panel: bool) -> Estimates:
    """Two waves' figures side by side: independent samples, or the same people asked again."""
    return paired(parts, [wave.people.tolist() for wave in waves]) if panel else independent(parts)


def changes_of(
    waves: tuple[Wave, Wave],
    tables: tuple[Mapping[TableKey, Estimates], Mapping[TableKey, Estimates]],
    flags: Sequence[Flag],
    limits: Thresholds,
    withheld: tuple[Withheld, Withheld],
    *,
    panel: bool,
    confidence: float,
) -> pd.DataFrame:
    """One row a figure of either wave; changes where nothing stands against them."""
    keys = [key for key in tables[1] if key in tables[0]]
    keys += [key for own in tables for key in own if key not in keys]
    parts = []
    for key in dict.fromkeys(keys):
        sides = [own.get(key) for own in tables]
        shown = _side_by_side(key, sides)
        stopped = np.zeros(len(shown), dtype=bool)
        for flag in flags:
            if flag.bearing == "not compared":
                stopped |= flag.touches(shown)
        both = (shown[["place_first", "place_second"]] >= 0).all(axis=1).to_numpy()
        rows = np.flatnonzero(both & ~stopped)
        figures = pd.DataFrame(np.nan, index=shown.index, columns=FIGURES)
        if len(rows) and sides[0] is not None and sides[1] is not None:
            made = _change(waves, (sides[0], sides[1]), shown.iloc[rows], panel=panel)
            figures.iloc[rows] = _figures(made.with_confidence(confidence))
        fixed = [
            both[row] and sides[1] is not None and bool(sides[1].fixed[place])
            for row, place in enumerate(shown["place_second"])
        ]
        parts.append(shown.join(figures).assign(stopped=stopped | ~both, fixed=fixed))
    if not parts:
        return pd.DataFrame(columns=[*CHANGES, "stopped", "fixed"])
    return _read(pd.concat(parts, ignore_index=True), limits, withheld)


def _side_by_side(key: TableKey, sides: Sequence[Estimates | None]) -> pd.DataFrame:
    """The figures of a table, with the place that each has in either wave, -1 for none."""
    places = [_places(key, side) for side in sides]
    figures = list(dict.fromkeys([*places[1], *places[0]]))
    columns: dict[str, object] = {
        "kind": key.kind, "outcome": key.outcome, "item": key.item, "group": key.group,
    }  # fmt: skip
    columns |= {name: [figure[at] for figure in figures] for at, name in enumerate(OWN)}
    for name, side, place in zip(("first", "second"), sides, places, strict=True):
        at = np.array([place.get(figure, -1) for figure in figures], dtype=np.intp)
        values, n = np.full(len(at), np.nan), np.zeros(len(at), dtype=np.intp)
        effective = np.full(len(at), np.nan)
        if side is not None:
            values[at >= 0] = side.values[at[at >= 0]]
            n[at >= 0] = side.labels["n_respondents"].to_numpy()[at[at >= 0]]
            effective[at >= 0] = side.footing.effective[at[at >= 0]]
        columns |= {f"estimate_{name}": values, f"n_{name}": n, f"place_{name}": at}
        columns |= {f"effective_{name}": effective}
    return pd.DataFrame(columns)


def _places(key: TableKey, side: Estimates | None) -> dict[tuple[str, ...], int]:
    """Where each figure of a table stands; a topline's file column may be called otherwise."""
    if side is None:
        return {}
    labels = [side.labels[name].tolist() for name in OWN]
    if key.kind == "topline":
        labels[OWN.index("attribute")] = [""] * len(side)
    return {figure: place for place, figure in enumerate(zip(*labels, strict=True))}


def _change(
    waves: tuple[Wave, Wave], sides: tuple[Estimates, Estimates], rows: pd.DataFrame, *, panel: bool
) -> Estimates:
    """The second's figures less the first's."""
    both = beside(waves, sides, panel=panel)
    places: list[IntArray] = [rows[f"place_{name}"].to_numpy() for name in ("first", "second")]
    matrix = np.zeros((len(rows), len(both)))
    at = np.arange(len(rows))
    matrix[at, places[0]] = -1.0
    matrix[at, len(sides[0]) + places[1]] = 1.0
    labels = sides[1].labels.iloc[places[1]].reset_index(drop=True)
    smaller = rows[["n_first", "n_second"]].min(axis=1).to_numpy()
    return both.contrast(matrix, labels.assign(n_respondents=smaller), "change")


def _figures(made: Estimates) -> FloatArray:
    frame = made.frame.rename(columns={"estimate": "change"})
    return frame.assign(degrees=made.degrees)[FIGURES].to_numpy(float)


def _read(
    frame: pd.DataFrame, limits: Thresholds, withheld: tuple[Withheld, Withheld]
) -> pd.DataFrame:
    """Mark each row by its smaller base (effective, for caution), and take out what stands on too few people
    or gives such a base away.
    """
    there = frame[["place_first", "place_second"]].to_numpy() >= 0
    base = np.where(there, frame[["n_first", "n_second"]], np.inf).min(axis=1)
    effective = np.fmin(base, frame[["effective_first", "effective_second"]].min(axis=1))
    gone = too_few(base, limits)
    for name, own in zip(("first", "second"), withheld, strict=True):
        kept_back = own.of_both(frame) | too_few(frame[f"n_{name}"], limits)
        frame[f"estimate_{name}"] = frame[f"estimate_{name}"].mask(kept_back)
        gone |= kept_back & there.all(axis=1)
    frame = frame.assign(reading=reading_of(base, limits, effective, hidden=gone))
    frame.loc[gone, FIGURES] = np.nan
    return frame


def with_verdicts(
    frame: pd.DataFrame, family: Family, confidence: float
) -> tuple[pd.DataFrame, int]:
    """Add adjusted p-values, what was detectable and the verdict of each row; and count the tables with a
    test.
    """
    table: IntArray = np.asarray(frame.groupby(TABLE, sort=False).ngroup(), dtype=np.intp)
    p_value = frame["p_value"].to_numpy(float)
    tested = ~np.isnan(p_value)
    together = table if family == "table" else np.zeros_like(table)
    weight = _weights(frame["group"].to_numpy(dtype=str), table, together, tested)
    p_adjusted = _holm(p_value, together, weight)
    clear, change = p_adjusted < 1 - confidence, frame["change"].to_numpy(float)
    verdict = np.select(
        [
            frame["stopped"].to_numpy(bool),
            (frame["reading"] == "suppressed").to_numpy(),
            frame["fixed"].to_numpy(bool),
            clear & (change > 0),
            clear & (change < 0),
        ],
        ["not compared", "too few", "baseline", "rose", "fell"],
        "no clear change",
    )
    frame = frame.assign(
        p_adjusted=p_adjusted, verdict=verdict, detectable=_detectable(frame, weight, confidence)
    )
    return frame[CHANGES], len(set(table[tested]))


def _weights(
    group: NDArray[np.str_], table: IntArray, together: IntArray, tested: BoolArray
) -> FloatArray:
    """What part of a family's error each figure has: half goes to everybody's, half to those of
    segments, evenly to tables and then to figures.
    """
    side = 2 * together + (group != TOTAL)
    tables: dict[int, set[int]] = {}
    for own, place in zip(side[tested], table[tested], strict=True):
        tables.setdefault(int(own), set()).add(int(place))
    figures = np.bincount(table[tested], minlength=int(table.max(initial=0)) + 1)
    alone = np.array([own ^ 1 not in tables for own in side.tolist()], dtype=bool)
    among = np.array([len(tables.get(own, ())) for own in side.tolist()], dtype=float)
    with np.errstate(divide="ignore"):
        weight: FloatArray = np.where(alone, 1.0, 0.5) / (among * figures[table])
    return np.where(tested, weight, np.nan)


def _detectable(frame: pd.DataFrame, weight: FloatArray, confidence: float) -> FloatArray:
    """The change that the first step of Holm finds with the power."""
    degrees = frame["degrees"].to_numpy(float)
    reach = special.stdtrit(degrees, POWER) - special.stdtrit(
        degrees, (1 - confidence) * weight / 2
    )
    detectable: FloatArray = reach * frame["std_error"].to_numpy(float)
    return detectable


def _holm(p_value: FloatArray, family: IntArray, weight: FloatArray) -> FloatArray:
    """P-values adjusted within each family by Holm's procedure with weights (Holm 1979)."""
    result = np.full(len(p_value), np.nan)
    known = np.flatnonzero(~np.isnan(p_value))
    for own in np.unique(family[known]):
        places = known[family[known] == own]
        ratio = p_value[places] / weight[places]
        order = np.argsort(ratio, kind="stable")
        left = np.cumsum(weight[places][order][::-1])[::-1]
        result[places[order]] = np.maximum.accumulate(np.minimum(1.0, left * ratio[order]))
    return result


def trend_of(
    wave: Wave,
    tables: Mapping[TableKey, Estimates],
    name: str,
    limits: Thresholds,
    withheld: Withheld,
) -> pd.DataFrame:
    """One wave's figures: a row each, blank where the base is too small."""
    days = wave.survey.fieldwork
    parts = []
    for key, figures in tables.items():
        own = figures.frame.assign(kind=key.kind, outcome=key.outcome, item=key.item)
        parts.append(own.assign(attribute="") if key.kind == "topline" else own)
    if not parts:
        return pd.DataFrame(columns=TREND)
    frame = pd.concat(parts, ignore_index=True)
    n = frame["n_respondents"]
    gone = too_few(n, limits) | withheld.of_both(frame)
    reading = reading_of(n, limits, frame["n_effective"], hidden=gone)
    frame.loc[gone, ["estimate", "std_error", "conf_low", "conf_high"]] = np.nan
    frame = coarsened(frame, withheld.coarse_both(frame))
    return frame.assign(wave=name, date=days.end.isoformat() if days else "", reading=reading)[
        TREND
    ]
