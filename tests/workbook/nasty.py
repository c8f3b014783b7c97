"""A survey whose labels would harm, with a column too small to show, and its tables made once."""

from __future__ import annotations

import io
from functools import cached_property

import numpy as np
import openpyxl
import pandas as pd

from conftest import SMALL_TOML, small_responses
from conjoint.workbook import collect, csv_bytes, page_bytes, workbook_bytes

NASTY = """\
title = "=HYPERLINK(1) & <script>alert(1)</script> poll"
pollster = "@SUM(1+1) Polls"
client = "+1 & Sons"
fieldwork = { start = 2026-05-30, end = 2026-06-02 }
synthetic = true
synthetic_note = "<b>drawn</b>"
crossbreaks = [
  "sex",
  { column = "region", label = "=Region" },
]
"""

QUESTIONS = """
[questions.policy]
label = "=cmd()|' /C calc'!A0"
text = "@Would you <i>support</i> it?"
answers = [{ value = "Yes", label = "+Yes" }, { value = "No", label = "-No" }, "Don't know"]
scores = { Yes = 1, No = 0 }
nets = { "=Opinion" = ["Yes", "No"], "Net yes" = { plus = "Yes", minus = "No" } }

[questions.issues]
kind = "multiple"
label = "Issues: [which] of these/those, if any?"
text = "LONG"
columns = { Health = "issue_1", Tax = "issue_2" }
selected = "1"
unselected = "0"

[questions.trust]
kind = "grid"
label = "Trust"
items = { police = "trust_1", courts = { label = "Courts: <high> & low", column = "trust_2" } }
answers = ["Yes", "No"]

[questions.rare]
answers = ["Yes", "No"]
filter = { region = "=Isle" }
base = "Islanders"

[questions.party]"""

SEGMENTS = """
[segments.isle]
label = "=Isle people"
where = { region = "=Isle" }
"""

REPORT = """
[report]
grid = ["price", "colour"]
"""

ISLE, SOUTH, NORTH = 31, 119, 150
"""Respondents by region: the first is under the limit of 50, the second would give it away."""


def responses() -> pd.DataFrame:
    n = ISLE + SOUTH + NORTH
    rng = np.random.default_rng(9)
    frame = small_responses(n)
    frame["region"] = np.repeat(["=Isle", "South", "North"], [ISLE, SOUTH, NORTH])
    likes = np.where(frame["sex"] == "Female", 0.7, 0.3)
    frame["policy"] = np.where(
        rng.random(n) < 0.1, "Don't know", np.where(rng.random(n) < likes, "Yes", "No")
    )
    for column in ("issue_1", "issue_2"):
        frame[column] = rng.choice(["1", "0"], n)
    for column in ("trust_1", "trust_2", "rare"):
        frame[column] = rng.choice(["Yes", "No"], n)
    frame.loc[frame["region"] != "=Isle", "rare"] = ""
    return frame.astype(object)


def write_nasty(path):
    toml = SMALL_TOML.replace('title = "Small survey"\n', NASTY)
    toml = toml.replace("[questions.party]", QUESTIONS.strip().replace("LONG", "long " * 8000))
    toml = toml.replace('label = "How large"', 'label = "<b>=How large"')
    toml = toml.replace("[weighting]", SEGMENTS + "\n[weighting]") + REPORT
    path.mkdir(parents=True, exist_ok=True)
    (path / "survey.toml").write_text(toml, encoding="utf-8")
    responses().to_csv(path / "responses.csv", index=False)
    targets = ["margin,category,share,source"]
    shares = {"sex": {"Female": 0.52, "Male": 0.48},
              "region": {"=Isle": 0.12, "South": 0.4, "North": 0.48}}  # fmt: skip
    targets += [f"{m},{c},{s},Census" for m, own in shares.items() for c, s in own.items()]
    (path / "targets.csv").write_text("\n".join(targets) + "\n", encoding="utf-8")
    return path


def figure_columns(sheet, first="Weighted percentages", of=""):
    """Where the figures (of a group) stand in a sheet of tables: columns of marks are beside them."""
    (head,) = (row for row in sheet.iter_rows() if row[0].value == first)
    heads = {cell.column: cell.value for cell in head[1:] if str(cell.value or "").startswith(of)}
    return [column for column, text in heads.items() if text and not text.endswith(": marks")]


class Made:
    """The survey's tables in every format, each made when first asked for."""

    def __init__(self, path):
        self.folder = write_nasty(path / "poll")
        self.book = collect(self.folder)

    @cached_property
    def content(self):
        return workbook_bytes(self.book)

    @cached_property
    def workbook(self):
        return openpyxl.load_workbook(io.BytesIO(self.content))

    @cached_property
    def tidy_csv(self):
        text = csv_bytes(self.book).decode()
        return pd.read_csv(io.StringIO(text), keep_default_na=False, dtype=str)

    @cached_property
    def page(self):
        return page_bytes(self.book).decode()
