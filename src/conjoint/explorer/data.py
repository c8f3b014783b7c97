"""From tables of aggregates to what the page's script computes with."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from conjoint.estimate.design import find_blocks
from conjoint.explorer.grid import observed_cells
from conjoint.plot.theme import group_styles
from conjoint.say.label import level_label
from conjoint.say.measure import measure_of
from conjoint.say.phrase import phrases_under
from conjoint.scenario.explorer import ACROSS, PRESENCE, SUPPORT, TOGETHER, USABLE, measures
from conjoint.scenario.model import LOGIT
from conjoint.scenario.shown import subsets
from conjoint.survey import INTERLOCK
from conjoint.wave import TOTAL, answer_in_words, shares_of, split_survey

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

    from conjoint.survey import Survey

__all__ = ["as_json", "page_data"]

DIGITS = 8
"""Significant digits of a coefficient, and of a covariance: a tenth of a point needs four."""

JOINT = "joint_means"
"""The bundle's table of the mean of each pair of levels."""

SHAPES = {
    "o": "circle",
    "s": "square",
    "^": "triangle-up",
    "D": "diamond",
    "v": "triangle-down",
    "P": "cross",
    "X": "M-.9,-.5L-.5,-.9L0,-.4L.5,-.9L.9,-.5L.4,0L.9,.5L.5,.9L0,.4L-.5,.9L-.9,.5L-.4,0Z",
    "p": "M0,-1L.95,-.31L.59,.81L-.59,.81L-.95,-.31Z",
    "<": "M-1,0L.9,-1V1Z",
    "*": "M0,-1L.22,-.31H.95L.36,.12L.59,.81L0,.38L-.59,.81L-.36,.12L-.95,-.31H-.22Z",
    ">": "M1,0L-.9,-1V1Z",
    "h": "M0,-1L.87,-.5V.5L0,1L-.87,.5V-.5Z",
}
"""The charts' shapes as the page draws them, by name or as a path."""


def page_data(
    survey: Survey, tables: Mapping[str, pd.DataFrame], provenance: Mapping[str, Any]
) -> dict[str, Any]:
    """Everything that the page knows.

    Parameters
    ----------
    survey
        What was asked.
    tables
        Of :func:`conjoint.scenario.explorer.explorer_tables`; with a bundle's ``joint_means`` there is a grid.
    provenance
        Of the analysis; only what the page says of it.
    """
    models = tables["explorer_models"]
    usable = models[models["status"].isin(USABLE)]
    groups = [name for name in (TOTAL, *survey.segments) if name in set(usable["group"])]
    known = set(usable["outcome"].map(str))
    outcomes = [name for name in survey.outcomes if name in known]
    apart = split_survey(survey)
    answers = [name for name in apart.outcomes if name in known and name not in outcomes]
    places = {"outcome": _places([*outcomes, *answers]), "group": _places(groups)}
    report, trades = survey.report, tables["explorer_trade_offs"]
    words = sorted(set(trades["words"]))
    data = {
        "title": survey.title,
        "synthetic": survey.synthetic,
        "phrases": phrases_under("explorer"),
        "profile": report.profile,
        "profiles": report.profiles,
        "confidence": 100 * float(models["confidence"].iloc[0]) if len(models) else 95,
        "limit": survey.thresholds.suppress_below,
        "caution": survey.thresholds.caution_below,
        "attributes": _attributes(survey),
        "blocks": _blocks(survey),
        "groups": _groups(survey, groups),
        "hidden": [
            survey.segment_label(name) for name in (TOTAL, *survey.segments) if name not in groups
        ],
        "outcomes": [
            _outcome(survey, name, usable) | {"shares": _shares(apart, name, places["outcome"])}
            for name in outcomes
        ],
        "main": outcomes.index(survey.main_outcome) if survey.main_outcome in outcomes else 0,
        "pair": [list(survey.attributes).index(name) for name in report.grid],
        "models": _models(tables, usable, places),
        "shown": _shown(survey, tables["explorer_shown"], places),
        "additivity": _additivity(survey, tables["explorer_additivity"], places),
        "trade": _trade(survey, trades, places, words),
        "words": [text.removeprefix("not estimable: ") for text in words],
        "command": str(provenance.get("command", "")),
    }
    if report.grid and JOINT in tables:
        grid = observed_cells(survey, tables[JOINT], groups, outcomes)
        data |= {"grid": grid} if grid["groups"] else {}
    if PRESENCE in tables:
        data["presence"] = _presence(survey, tables[PRESENCE])
    if ACROSS in tables:
        data["across"] = _across(tables[ACROSS], places)
    return data


def as_json(data: Mapping[str, Any]) -> str:
    """JSON that may stand in a script element: no character that could end it."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _places(names: Iterable[str]) -> dict[str, int]:
    return {name: place for place, name in enumerate(names)}


def _attributes(survey: Survey) -> list[dict[str, Any]]:
    return [
        {
            "label": survey.attribute_label(name),
            "text": attribute.text,
            "levels": [
                {"label": level_label(survey, name, level.value), "number": level.number}
                for level in attribute.levels
            ],
        }
        | ({} if attribute.is_always else {"sometimes": True})
        for name, attribute in survey.attributes.items()
    ]


def _presence(survey: Survey, table: pd.DataFrame) -> list[list[Any]]:
    """Places of the attributes that profiles show together, and how many profiles do."""
    order = _places(survey.attributes)
    joined = table["attribute"].fillna("").map(str)
    return [
        [[order[name] for name in text.split(INTERLOCK) if name], int(count)]
        for text, count in zip(joined, table["n_profiles"], strict=True)
    ]


def _blocks(survey: Survey) -> list[dict[str, Any]]:
    """Attributes that are modelled together, and how often the design draws their combinations."""
    order = list(survey.attributes)
    return [
        {
            "attributes": [order.index(name) for name in block.attributes],
            "shape": list(block.shape),
            "drawn": [_rounded(share) for share in block.probabilities.ravel()],
        }
        for block in find_blocks(survey)
    ]


def _groups(survey: Survey, names: Iterable[str]) -> list[dict[str, str]]:
    styles = group_styles(survey)
    return [
        {
            "label": styles[name][0],
            "noun": survey.group_noun(name),
            "text": survey.segments[name].text if name in survey.segments else "",
            "colour": styles[name][1],
            "shape": SHAPES[styles[name][2]],
        }
        for name in names
    ]


def _outcome(survey: Survey, name: str, usable: pd.DataFrame) -> dict[str, Any]:
    outcome = survey.outcomes[name]
    there = set(usable.loc[usable["outcome"].map(str) == name, "measure"])
    return {
        "label": outcome.label or name,
        "text": outcome.text,
        "kind": outcome.kind,
        "beside": list(measure_of(survey, name).beside),
        "even": survey.even_choice(name),
        "range": [outcome.min, outcome.max] if outcome.kind == "rating" else None,
        "measures": [own for own in measures(survey, name) if own in there],
    }


def _shares(survey: Survey, name: str, places: Mapping[str, int]) -> list[dict[str, Any]]:
    """Each answer to an outcome and where its models are; none where these are not all answers."""
    told = shares_of(survey, name)
    if len(told) == 1 or not all(own in places for own in told):
        return []
    return [{"label": answer_in_words(survey.outcomes[own]), "place": places[own]} for own in told]


def _models(
    tables: Mapping[str, pd.DataFrame], usable: pd.DataFrame, places: Mapping[str, dict[str, int]]
) -> dict[str, Any]:
    """By outcome, measure and group: base, quantile, coefficients, covariance, and cells."""
    keys = ["outcome", "measure", "group"]
    parts = {
        name: dict(iter(tables[f"explorer_{name}"].groupby(keys, sort=False)))
        for name in ("coefficients", "covariance", "cells")
    }
    together = dict(iter(tables[TOGETHER].groupby(keys, sort=False))) if TOGETHER in tables else {}
    found: dict[str, Any] = {}
    for row in usable.to_dict("records"):
        key = (row["outcome"], row["measure"], row["group"])
        cells = parts["cells"][key].groupby("block", sort=True)["column"]
        found[_key(row, places)] = {
            "n": int(row["n_respondents"]),
            "t": float(row["quantile"]),
            "e": _rounded(row["n_effective"]),
            "ends": [float(row["scale_low"]), float(row["scale_high"])],
            "caution": row["status"] == "caution",
            "b": [_rounded(value) for value in parts["coefficients"][key]["estimate"]],
            "v": [_rounded(value) for value in parts["covariance"][key]["covariance"]],
            "columns": [[int(column) for column in own] for _, own in cells],
            "together": _together(together[key]) if key in together else [],
        }
        if row.get("model") == LOGIT:  # bundles made before there were logits do not say
            found[_key(row, places)]["logit"] = True
    return found


def _across(
    table: pd.DataFrame, places: Mapping[str, dict[str, int]]
) -> dict[str, list[float | None]]:
    """By both outcomes and the group: the covariance of the one's columns with the other's, row by row."""
    found = {}
    for (name, other, group), own in table.groupby(["outcome", "other", "group"], sort=False):
        if {str(name), str(other)} <= places["outcome"].keys() and str(group) in places["group"]:
            one, two = (places["outcome"][str(outcome)] for outcome in (name, other))
            ordered = own.sort_values(["column", "other_column"])["covariance"]
            key = f"{one}|{two}|{places['group'][str(group)]}"
            found[key] = [_rounded(value) for value in ordered]
    return found


def _together(table: pd.DataFrame) -> list[list[list[float | int | None]]]:
    """Of each column without a coefficient, what it is made of."""
    return [
        [
            [int(other), _rounded(share)]
            for other, share in made[["other", "share"]].to_numpy()
            if other >= 0
        ]
        for _, made in table.groupby("column", sort=True)
    ]


def _key(row: Mapping[Any, Any], places: Mapping[str, dict[str, int]]) -> str:
    outcome, group = places["outcome"][str(row["outcome"])], places["group"][str(row["group"])]
    return f"{outcome}|{row.get('measure', SUPPORT)}|{group}"


def _sets(survey: Survey, wanted: Iterable[str]) -> dict[str, str]:
    """By the joined names of attributes, their places joined by commas."""
    order, missing, found = list(survey.attributes), {str(name) for name in wanted}, {}
    for names in subsets(survey):
        if not missing:
            break
        joined = INTERLOCK.join(names)
        if joined in missing:
            found[joined] = ",".join(str(order.index(name)) for name in names)
            missing.discard(joined)
    return found


def _known(table: pd.DataFrame, places: Mapping[str, dict[str, int]]) -> list[dict[Any, Any]]:
    """The rows of outcomes and groups that the page has."""
    inside = table["outcome"].map(str).isin(places["outcome"])
    inside &= table["group"].map(str).isin(places["group"])
    return table[inside].to_dict("records")


def _shown(
    survey: Survey, table: pd.DataFrame, places: Mapping[str, dict[str, int]]
) -> dict[str, dict[str, str]]:
    sets = _sets(survey, table["attribute"].unique())
    found: dict[str, dict[str, str]] = {}
    for row in _known(table, places):
        found.setdefault(_key(row, places), {})[sets[str(row["attribute"])]] = row["shown"]
    return found


def _additivity(
    survey: Survey, table: pd.DataFrame, places: Mapping[str, dict[str, int]]
) -> dict[str, dict[str, Any]]:
    """P-values by pair of attributes; None where there is no test."""
    sets = _sets(survey, table["attribute"].unique())
    found: dict[str, dict[str, Any]] = {}
    for row in _known(table, places):
        p = _rounded(row["p_value"])
        found.setdefault(_key(row, places), {})[sets[str(row["attribute"])]] = p
    return found


def _trade(
    survey: Survey,
    table: pd.DataFrame,
    places: Mapping[str, dict[str, int]],
    words: Sequence[str],
) -> list[list[Any]]:
    """One list a trade-off, in the order that the script reads them in."""
    order = _places(survey.attributes)
    numbers = ["give_from", "give_to", "take_from", "take_to", "give_end", "take_end", "estimate"]
    weighed = [f"{name}{end}" for name in ("gain", "loss") for end in ("", "_low", "_high")]
    return [
        [
            places["outcome"][str(row["outcome"])],
            places["group"][str(row["group"])],
            order[str(row["give"])],
            order[str(row["take"])],
            row["question"],
            *(_rounded(row[name]) for name in numbers),
            *(_end(row[name]) for name in ("fieller_low", "fieller_high")),
            *(_rounded(row[name], 6) for name in weighed),
            words.index(row["words"]),
        ]
        for row in _known(table, places)
        if not math.isnan(row["net"])  # an effect that cannot be estimated
    ]


def _end(value: float) -> float | str | None:
    """An end of an interval; in words where it is open."""
    return "open" if np.isinf(value) else _rounded(value)


def _rounded(value: float, digits: int = DIGITS) -> float | None:
    number = float(value)
    return float(f"{number:.{digits}g}") if math.isfinite(number) else None
