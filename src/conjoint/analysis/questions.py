"""Question tables as a bundle holds them: every question by every column, and what has to be published."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.disclosure import disclosure
from conjoint.errors import EstimationError
from conjoint.toplines import tables
from conjoint.wave.group import SEGMENTS
from conjoint.withhold.mark import blank
from conjoint.withhold.threshold import too_few

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.survey import Thresholds
    from conjoint.toplines import Table
    from conjoint.wave import Wave

__all__ = ["AGAINST_TOTAL", "disclosure_table", "question_frames", "question_tables"]

AGAINST_TOTAL = {
    "": "",
    "+": "above 95%",
    "++": "above 99%",
    "-": "below 95%",
    "--": "below 99%",
}
"""Marks against the total in words: a spreadsheet takes a bare sign for a formula."""

FIGURES = ["estimate", "std_error", "conf_low", "conf_high"]
BASES = ["n_respondents", "weighted_base", "effective_base"]
KEYS = ["question", "item"]


def question_tables(wave: Wave) -> dict[str, pd.DataFrame]:
    """Every question by the total, the segments and the crossbreaks of the survey.

    Parameters
    ----------
    wave
        Weighted to the survey's targets where it has some.

    Returns
    -------
    dict of str to pandas.DataFrame
        ``questions``: one row a figure. ``question, item, row, label, kind`` (answer, net or mean),
        ``crossbreak, group, estimate, std_error, conf_low, conf_high`` (shares on 0 to 1, nets that are
        differences on -1 to 1, means in the question's units), ``percent`` (as printed), ``n_respondents`` (people in the row's
        base), ``reading``, ``letters`` (of the columns of its crossbreak that the column is above,
        lower-case at 95%, upper-case at 99%) and ``against_total``.

        ``question_columns``: one row a question (or an item of a grid) and column. ``question, item,
        crossbreak, group, label, letter, n_respondents, weighted_base, effective_base, reading``.

        Columns under the survey's limit, and those from which they could be worked out, have neither
        figures nor bases (see :func:`conjoint.withhold.derive.suppressed_columns`). Empty where the
        survey has no questions. Figures are those of :func:`conjoint.tables`.
    """
    if not wave.survey.questions:
        return {}
    return question_frames(_made(wave), wave.survey.thresholds)


def question_frames(made: Sequence[Table], limits: Thresholds) -> dict[str, pd.DataFrame]:
    """The same of tables that are made already; empty where there are none."""
    if not made:
        return {}
    return {
        "questions": pd.concat([_figures(table, limits) for table in made], ignore_index=True),
        "question_columns": pd.concat([_columns(table) for table in made], ignore_index=True),
    }


def disclosure_table(wave: Wave) -> pd.DataFrame:
    """What the British Polling Council asks to be published: ``name, place, present, text, do``.

    One row an item of :func:`conjoint.disclosure.disclosure`, in the order of the Council's rules.
    """
    items = disclosure(wave)
    names = ("name", "place", "present", "text", "do")
    return pd.DataFrame({name: [getattr(item, name) for item in items] for name in names})


def _made(wave: Wave) -> list[Table]:
    try:
        return tables(wave)
    except EstimationError:  # nobody has an answer to a crossbreak
        # As conjoint.toplines.withheld does: what is not shown has to be the same in both.
        return tables(wave, [SEGMENTS] if wave.survey.segments else [])


def _figures(table: Table, limits: Thresholds) -> pd.DataFrame:
    outward = table.outward()
    frame = outward.frame
    labels = np.repeat([row.label for row in table.rows], len(table.columns))
    # A mean may stand on fewer people than its column: those whose answers have a score.
    few = too_few(frame["n_respondents"], limits)
    reading = frame["reading"].mask(few, "suppressed")
    marks = frame["against_total"].map(AGAINST_TOTAL)
    frame = frame.assign(
        label=labels, reading=reading, percent=outward.percent().ravel(), against_total=marks.mask(few, ""),
        letters=frame["letters"].mask(few, ""), n_respondents=frame["n_respondents"].astype(float),
    )  # fmt: skip
    frame = blank(
        frame, (reading == "suppressed").to_numpy(), [*FIGURES, "percent", "n_respondents"]
    )
    return frame[
        [*KEYS, "row", "label", "kind", "crossbreak", "group", *FIGURES, "percent", "n_respondents",
         "reading", "letters", "against_total"]
    ]  # fmt: skip


def _columns(table: Table) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "question": table.question,
            "item": table.item,
            "crossbreak": [column.crossbreak for column in table.columns],
            "group": [column.key for column in table.columns],
            "label": [column.label for column in table.columns],
            "letter": [column.letter for column in table.columns],
            "n_respondents": table.unweighted.astype(float),
            "weighted_base": np.rint(table.weighted),
            "effective_base": np.rint(table.effective),
            "reading": table.reading,
        }
    )
    gone = (frame["reading"] == "suppressed").to_numpy()
    return blank(frame, gone, BASES)
