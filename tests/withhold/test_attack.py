"""An attacker with all published files of a run works nothing out; without the protection he does."""

import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import conjoint as cj
from conjoint.explorer import explorer_page
from conjoint.report import render_reports
from conjoint.scenario.explorer import explorer_tables
from conjoint.spreadsheet import csv_text
from conjoint.toplines import Table
from conjoint.toplines.withheld import hidden_segments
from conjoint.workbook import collect, csv_bytes, page_bytes, workbook_bytes

sys.path.insert(0, str(Path(__file__).parent))
from attacked import (
    ANSWERS,
    CLUB,
    LABELS,
    Attacker,
    figures_under,
    group_of,
    sheets_of,
    tables_of,
    write_survey,
)

REGIONS = ["region: North", "region: South", "region: West"]
FEW = {
    "the four of a region": ("Total", REGIONS),
    "the three that nearly everybody lacks": ("Total", ["nearly"]),
    "the two between nested segments": ("wide", ["narrow"]),
    "the single one": ("single", []),
}
HIDDEN = {"single", "nearly", "narrow"}
HEADED = {label for label, name in LABELS.items() if name in HIDDEN}


def publish(path, limit):
    """Write everything that a press office could publish of a run, into one folder."""
    pytest.importorskip("pypandoc", reason="needs the report extra")
    answers = write_survey(path / "survey", limit)
    out = path / "out"
    analysis = cj.run_analysis(path / "survey")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("conjoint.report.render.find_quarto", lambda: None)
        render_reports(analysis, out)
    book = collect(path / "survey")
    (out / "tables.csv").write_bytes(csv_bytes(book))
    (out / "tables.html").write_bytes(page_bytes(book))
    (out / "tables.xlsx").write_bytes(workbook_bytes(book))
    page = explorer_page(analysis.survey, analysis.tables, analysis.provenance)
    (out / "explorer.html").write_text(page, encoding="utf-8")
    return answers, out


def models_of(path, limit):
    """The explorer's tables as files, unweighted: nothing but people stands behind their covariances."""
    answers = write_survey(path / "survey", limit)
    wave = cj.read_wave(path / "survey")
    hidden = hidden_segments(wave)
    tables = explorer_tables(wave, [name for name in wave.survey.segments if name not in hidden])
    for name, table in cj.Analysis(wave.survey, tables, {}).tables.items():
        (path / f"{name}.csv").write_text(csv_text(table), encoding="utf-8")
    (path / "tables.csv").write_text("question,column,row,value\n", encoding="utf-8")
    return answers, Attacker(*path.glob("*.csv"))


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    return publish(tmp_path_factory.mktemp("kept"), 50)


@pytest.fixture(scope="module")
def attacker(published):
    """Who has read all files of the run: bundle, claims, tables, workbook, pages and charts."""
    out = published[1]
    made = Attacker(*sorted((out / "data").glob("*.csv")), out / "tables.csv")
    read = 0
    for title, rows in sheets_of(out / "tables.xlsx").items():
        question = title.split(" ", 1)[-1]
        if question in ("deal", "law"):
            read += learn_table(made, question, rows, in_percent)
    for number, rows in enumerate(tables_of(out / "tables.html")[:2]):
        read += learn_table(made, ("deal", "law")[number], rows, str)
    chart = pd.read_csv(out / "figures" / "share-deal.csv", dtype=str).fillna("")
    for row in chart.itertuples():
        read += made.learn_printed("deal", group_of("", row.Group), "Support", row.Share)
    page = [
        rows
        for rows in tables_of(out / "segment_report.html")
        if rows[0][:2] == ["Group", "Support"]
    ]
    for question, (head, *rows) in zip(("deal", "law"), page, strict=True):
        for row in rows:
            for answer, text in zip(head, row, strict=True):
                if answer in ANSWERS:
                    read += made.learn_printed(question, group_of("", row[0]), answer, text)
    assert read > 80, "the attacker has hardly read a file"
    return made


def in_percent(share):
    return f"{100 * share:.4f}".rstrip("0").rstrip(".") + "%"


def learn_table(made, question, rows, printed):
    """Read a table of a question, each column under its crossbreak; how many shares it told."""
    at = next(place for place, row in enumerate(rows) if "Total" in row)
    above = [str(cell or "") for cell in rows[at - 1]]
    read = 0
    for row in rows[at:]:
        if row[0] not in ANSWERS:
            continue
        for place, label in enumerate(map(str, rows[at])):
            # The workbook says both in one head.
            heading, label = label.split(": ", 1) if ": " in label else (above[place], label)
            if place and not label.endswith(": marks") and row[place] not in (None, "", "*"):
                read += made.learn_printed(
                    question, group_of(heading, label), row[0], printed(row[place])
                )
    return read


@pytest.fixture(scope="module")
def unprotected(tmp_path_factory):
    """The same with every limit and all rounding switched off."""
    path = tmp_path_factory.mktemp("open")
    answers = write_survey(path / "survey", 0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Table, "outward", lambda table: table)
        (path / "tables.csv").write_bytes(csv_bytes(collect(path / "survey")))
    return answers, Attacker(path / "tables.csv")


def test_the_survey_has_what_is_to_be_attacked(unprotected):
    answers, opened = unprotected
    n = {group: int(opened.members(group).sum()) for group in (*HIDDEN, "wide", "Total")}
    assert n["single"] == 1
    assert n["Total"] - n["nearly"] == 3
    assert n["wide"] - n["narrow"] == 2
    assert not (opened.members("narrow") & ~opened.members("wide")).any()
    assert opened.members("region: Isle").sum() == 4
    kinds = np.bincount(answers["kind"][opened.members("club: Member")], minlength=6)
    assert tuple(kinds) == CLUB
    assert len(kinds) == 6
    assert (kinds.min(), kinds.max()) == (6, 13)


@pytest.mark.parametrize("few", FEW)
@pytest.mark.parametrize("question", ["deal", "law"])
def test_what_a_few_people_answered_does_not_follow_by_subtraction(
    attacker, unprotected, few, question
):
    group, others = FEW[few]
    answers, opened = unprotected
    rest = opened.members(group).copy()
    for other in others:
        rest &= ~opened.members(other)
    for answer in ANSWERS:
        truth = int((answers[question][rest] == answer).sum())
        assert opened.by_subtraction(question, answer, group, others) == truth
        assert attacker.by_subtraction(question, answer, group, others) is None


@pytest.mark.parametrize("few", FEW)
def test_nor_does_it_follow_from_all_sums_at_once(attacker, unprotected, few):
    group, others = FEW[few]
    answers, opened = unprotected
    rest = opened.members(group).copy()
    for other in others:
        rest &= ~opened.members(other)
    truth = [int((answers["deal"][rest] == answer).sum()) for answer in ANSWERS]
    assert opened.by_programme("deal", rest) == [(count, count) for count in truth]
    for (low, high), count in zip(attacker.by_programme("deal", rest), truth, strict=True):
        assert low <= count <= high
        assert low < high


@pytest.mark.parametrize("kind", range(6))
def test_nor_what_the_few_of_one_age_and_sex_in_a_column_answered(attacker, unprotected, kind):
    """In whole numbers, all columns at once."""
    answers, opened = unprotected
    few = opened.members("club: Member") & (answers["kind"] == kind).to_numpy()
    truth = [int((answers["deal"][few] == answer).sum()) for answer in ANSWERS]
    for (low, high), count in zip(attacker.by_whole_numbers("deal", few), truth, strict=True):
        assert low <= count <= high
        assert high - low >= 2


@pytest.mark.parametrize(("group", "other"), [("Total", "nearly"), ("wide", "narrow")])
def test_covariances_give_no_more_away(tmp_path, group, other):
    """Nested groups differ by three people, or two: what models of both, and their covariances, tell of these."""
    answers, opened = models_of(tmp_path / "open", 0)
    few = opened.members(group) & ~opened.members(other)
    shown = answers.filter(regex="price|colour")
    truth = int((answers[few].filter(regex="_support") == "yes").sum(axis=None))
    assert opened.by_covariance(shown, few) == (truth, truth)
    _, kept = models_of(tmp_path / "kept", 50)
    low, high = kept.by_covariance(shown, few)
    assert low == 0
    assert high == 4 * few.sum()


@pytest.mark.parametrize("question", ["deal", "law"])
def test_what_people_of_one_weight_answered_is_not_found_by_search(attacker, unprotected, question):
    answers, opened = unprotected
    inside = opened.members("club: Member")
    for answer in ANSWERS:
        truth = np.bincount(
            answers["kind"][inside], (answers[question][inside] == answer), minlength=6
        )
        assert (opened.by_search(question, "club: Member", answer) == truth).all()
        assert (attacker.by_search(question, "club: Member", answer) == -1).all()


def test_no_small_kind_of_people_is_found_in_any_column(attacker):
    """All columns, all answers: whatever is told of people of one weight is told of fifty or more."""
    looked = 0
    for question, group, answer in attacker.known:
        if "share" not in attacker.known[question, group, answer] or answer not in ANSWERS:
            continue
        n = np.bincount(attacker.who["kind"][attacker.members(group)], minlength=6)
        if np.prod(n + 1.0) > 3e6:
            continue  # ten million solutions and more
        looked += 1
        assert (attacker.by_search(question, group, answer)[n < 50] == -1).all(), (group, answer)
    assert looked >= 6


def test_hidden_segments_leave_nothing_but_their_declaration(published):
    """No base, share, overlap, error, model or item of the audit, in any table, page or claim."""
    _, out = published
    hidden, labels = HIDDEN, ("The single one", "Nearly everybody")
    declared = {"give_from", "give_to", "give_end", "take_from", "take_to", "take_end", "threshold",
                "confidence"}  # fmt: skip
    for path in (out / "data").glob("*.csv"):
        frame = pd.read_csv(path, keep_default_na=False, na_values=[""])
        own = pd.Series(False, index=frame.index)
        for name in ("group", "reference", "other", "column"):
            if name in frame:
                own |= frame[name].isin(hidden)
        numbers = [n for n in frame.select_dtypes("number") if n not in declared]
        assert frame.loc[own, numbers].isna().all(axis=None), path.name
    audit = pd.read_csv(out / "data" / "audit.csv").astype(str)
    assert not audit[["subject", "text"]].apply(
        lambda column: column.str.contains("|".join(labels))
    ).any(axis=None)  # fmt: skip
    page = (out / "explorer.html").read_text(encoding="utf-8")
    data = re.search(r'"models":(.*?),"shown"', page, re.S).group(1)
    assert (
        len(set(re.findall(r'"\d+\|[^|"]+\|(\d+)"', data))) == 2
    )  # everybody, and the wide segment
    provenance = (out / "data" / "provenance.json").read_text(encoding="utf-8")
    assert not any(name in provenance for name in (*hidden, *labels))


def test_no_sheet_page_or_chart_has_a_figure_of_a_hidden_segment(published):
    _, out = published
    seen = 0
    is_number = lambda cell: isinstance(cell, (int, float))  # noqa: E731
    has_digit = lambda cell: bool(re.search(r"\d", str(cell)))  # noqa: E731
    for title, rows in sheets_of(out / "tables.xlsx").items():
        seen += any(
            set(HEADED) & {re.sub(r" \(.\)$", "", str(cell)) for cell in row} for row in rows
        )
        assert figures_under(rows, HEADED, is_number) == [], title
    for path in (out / "segment_report.html", out / "tables.html"):
        for rows in tables_of(path):
            seen += any(
                set(HEADED) & {re.sub(r" \(.\)$", "", cell) for cell in row} for row in rows
            )
            assert figures_under(rows, HEADED, has_digit) == [], (path.name, rows[0])
    for path in (out / "figures").glob("*.csv"):
        rows = pd.read_csv(path, header=None, dtype=str).fillna("").to_numpy().tolist()
        seen += any(set(HEADED) & set(row) for row in rows)
        assert figures_under(rows, HEADED, has_digit) == [], path.name
    assert seen >= 12
    # The search finds figures where there are some.
    assert figures_under([["", "wide"], ["low", "55%"]], {"wide"}, has_digit) == ["55%"]
