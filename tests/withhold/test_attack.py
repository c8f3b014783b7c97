"""An attacker with all published files of a run works nothing out; without the protection he does."""

import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import conjoint as cj
from conjoint.explorer import explorer_page
from conjoint.report.listing import write_claims
from conjoint.toplines import Table
from conjoint.workbook import collect, csv_bytes, page_bytes

sys.path.insert(0, str(Path(__file__).parent))
from attacked import ANSWERS, Attacker, write_survey

REGIONS = ["region: North", "region: South", "region: West"]
FEW = {
    "the four of a region": ("Total", REGIONS),
    "the three that nearly everybody lacks": ("Total", ["nearly"]),
    "the two between nested segments": ("wide", ["narrow"]),
    "the single one": ("single", []),
}


def publish(path, limit):
    """Write everything that a press office could publish of a run, into one folder."""
    answers = write_survey(path / "survey", limit)
    out = path / "out"
    analysis = cj.run_analysis(path / "survey")
    analysis.write(out)
    book = collect(path / "survey")
    (out / "tables.csv").write_bytes(csv_bytes(book))
    (out / "tables.html").write_bytes(page_bytes(book))
    page = explorer_page(analysis.survey, analysis.tables, analysis.provenance)
    (out / "explorer.html").write_text(page, encoding="utf-8")
    write_claims(analysis, out / "claims.csv")
    return answers, out


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    return publish(tmp_path_factory.mktemp("kept"), 50)


@pytest.fixture(scope="module")
def attacker(published):
    return Attacker(published[1])


@pytest.fixture(scope="module")
def unprotected(tmp_path_factory):
    """The same with every limit and all rounding switched off."""
    path = tmp_path_factory.mktemp("open")
    answers = write_survey(path / "survey", 0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Table, "outward", lambda table: table)
        (path / "tables.csv").write_bytes(csv_bytes(collect(path / "survey")))
    return answers, Attacker(path)


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
    hidden = {"single", "nearly", "narrow"}
    labels = ("The single one", "Nearly everybody")
    declared = {"give_from", "give_to", "give_end", "take_from", "take_to", "take_end", "threshold",
                "confidence"}  # fmt: skip
    for path in out.glob("*.csv"):
        frame = pd.read_csv(path, keep_default_na=False, na_values=[""])
        own = pd.Series(False, index=frame.index)
        for name in ("group", "reference", "other", "column"):
            if name in frame:
                own |= frame[name].isin(hidden)
        numbers = [n for n in frame.select_dtypes("number") if n not in declared]
        assert frame.loc[own, numbers].isna().all(axis=None), path.name
    audit = pd.read_csv(out / "audit.csv").astype(str)
    assert not audit[["subject", "text"]].apply(
        lambda column: column.str.contains("|".join(labels))
    ).any(axis=None)  # fmt: skip
    page = (out / "explorer.html").read_text(encoding="utf-8")
    data = re.search(r'"models":(.*?),"shown"', page, re.S).group(1)
    assert (
        len(set(re.findall(r'"\d+\|[^|"]+\|(\d+)"', data))) == 2
    )  # everybody, and the wide segment
    provenance = (out / "provenance.json").read_text(encoding="utf-8")
    assert not any(name in provenance for name in (*hidden, *labels))
