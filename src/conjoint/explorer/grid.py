"""The observed mean of each pair of levels, in the words of the report's grid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from conjoint.plot.grid import beneath
from conjoint.say.label import group_label, levels_in, levels_label, levels_phrase, merged_note
from conjoint.say.measure import fine_measure, measure_of
from conjoint.say.number import DASH, base_text
from conjoint.say.phrase import phrase
from conjoint.say.words import CAUTION, base_notes
from conjoint.wave import TOTAL

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from conjoint.survey import Survey

__all__ = ["observed_cells"]


def observed_cells(
    survey: Survey, joint: pd.DataFrame, groups: Sequence[str], outcomes: Sequence[str]
) -> dict[str, Any]:
    """Everything that the page shows of observed means of two levels.

    Parameters
    ----------
    survey
        What was asked; its `report.grid` names the two attributes.
    joint
        The bundle's ``joint_means``.
    groups, outcomes
        Those that the page has, in its order.

    Returns
    -------
    dict
        ``groups`` holds the total and each segment that has a cell to show or stands elsewhere on the page; the
        ``cells`` of a group are empty where none may be shown. The shade of a cell runs over the figures of
        all groups, as the report's charts do.
    """
    names = list(survey.attributes)
    ends = float(joint["estimate"].min()), float(joint["estimate"].max())
    found = []
    for name in (TOTAL, *survey.segments):
        own = joint[joint["group"] == name]
        empty = bool(own["estimate"].isna().all())
        if empty and name not in groups:
            continue
        rows = [] if empty else own.to_dict("records")
        readings = set() if empty else {"caution"} & set(own["reading"])
        found.append(
            {
                "place": groups.index(name) if name in groups else -1,
                "label": group_label(survey, name),
                "noun": survey.group_noun(name),
                "cells": [_cell(survey, row, ends) for row in rows],
                "merged": ""
                if empty
                else merged_note(survey, zip(own["across"], own["down"], strict=True)),
                "caution": " ".join(base_notes(readings, survey.thresholds, effective=True)),
            }
        )
    outcome = survey.outcomes[survey.grid_outcome]
    return {
        "attributes": [names.index(name) for name in survey.report.grid],
        "outcome": outcomes.index(survey.grid_outcome) if survey.grid_outcome in outcomes else -1,
        "label": outcome.label or survey.grid_outcome,
        "wording": outcome.text or outcome.label or survey.grid_outcome,
        "kind": outcome.kind,
        "groups": found,
    }


def _cell(survey: Survey, row: dict[Hashable, Any], ends: tuple[float, float]) -> dict[str, Any]:
    """One mean as the report's grid writes it, and with one decimal more beside modelled figures."""
    measure, fine = (of(survey, survey.grid_outcome) for of in (measure_of, fine_measure))
    sides = zip(survey.report.grid, ("across", "down"), strict=True)
    levels = [levels_in(survey, name, str(row[side])) for name, side in sides]
    places = [
        [survey.attributes[name].values.index(value) for value in values]
        for name, values in zip(survey.report.grid, levels, strict=True)
    ]
    labels, phrases = (
        [
            write(survey, name, values)
            for name, values in zip(survey.report.grid, levels, strict=True)
        ]
        for write in (levels_label, levels_phrase)
    )
    under = beneath(measure, row, survey.thresholds.suppress_below).split("\n")
    cell = {
        "across": places[0],
        "down": places[1],
        "name": phrase("explorer.grid_pair", across=labels[0], down=labels[1]),
        "pair": phrase("explorer.and", first=phrases[0], last=phrases[1]),
        "figure": DASH,
        "under": under,
    }
    if pd.isna(row["estimate"]):
        return cell | {"reason": " ".join(under)}
    low, high = ends
    part = (float(row["estimate"]) - low) / (high - low) if high > low else 0.0
    base = base_text(row["n_respondents"])
    return cell | {
        "figure": measure.say(row["estimate"]),
        "part": round(part, 4),
        "fine": fine.say(row["estimate"]),
        "ends": fine.bare_interval(row["conf_low"], row["conf_high"]),
        "base": base + CAUTION if row["reading"] == "caution" else base,
    }
