"""The bundle as a folder: the same bytes again, every fault said, nobody's files lost."""

import json
import re

import numpy as np
import pandas as pd
import pytest

import conjoint as cj
from conftest import ROUTES, run
from conjoint.analysis import Analysis, read_bundle
from conjoint.analysis.dictionary import COLUMNS, TABLES
from conjoint.analysis.provenance import provenance_of
from conjoint.errors import InputError, RequestError


@pytest.fixture(scope="module")
def analysis(routes):
    return routes


@pytest.fixture
def bundle(analysis, tmp_path):
    return analysis.write(tmp_path / "bundle")


def contents(folder):
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


def test_the_same_input_gives_the_same_bytes(analysis, bundle, tmp_path):
    again = cj.run_analysis(ROUTES).write(tmp_path / "again")
    assert contents(bundle) == contents(again)
    assert set(contents(bundle)) == {f"{name}.csv" for name in analysis.tables} | {
        "survey.json",
        "provenance.json",
        "README.md",
    }


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_what_is_written_reads_back(analysis, tmp_path, kind):
    read = read_bundle(analysis.write(tmp_path / "bundle", format=kind))
    assert list(read.tables) == sorted(analysis.tables)
    for name, table in analysis.tables.items():
        expected = table.reset_index(drop=True)
        assert list(read.tables[name].columns) == list(expected.columns)
        for column in expected.select_dtypes("number"):
            pd.testing.assert_series_equal(
                read.tables[name][column].astype(float), expected[column].astype(float), rtol=1e-15
            )
        shared = [c for c in ("outcome", "group", "attribute", "level", "reading") if c in expected]
        for column in shared:
            words = expected[column].astype(str).replace("", np.nan)  # an empty cell is no word
            pd.testing.assert_series_equal(
                read.tables[name][column].astype(object), words.astype(object), check_names=False
            )
    assert read.provenance == json.loads(json.dumps(analysis.provenance))
    assert read.survey == analysis.survey.model_copy(update={"targets": None, "published": ()})


def test_every_table_of_the_bundle_is_told(analysis, bundle):
    told = (bundle / "README.md").read_text("utf-8")
    assert set(analysis.tables) <= set(TABLES)
    for name, table in analysis.tables.items():
        assert f"| {name} | {TABLES[name]} | {len(table):,} |" in told
    present = {column for table in analysis.tables.values() for column in table.columns}
    for column in COLUMNS.keys() & present:
        assert f"| {column} | {COLUMNS[column]} |" in told
    assert "Synthetic wave" in told


def test_no_respondent_is_in_the_bundle(bundle):
    ids = set(cj.read_wave(ROUTES).respondents.index.astype(str))
    words = set(re.findall(r"[\w-]+", b" ".join(contents(bundle).values()).decode("utf-8")))
    assert len(ids) == 2369
    named = {name for name in ids if not name.isdecimal()} & words
    assert not named


def test_provenance_says_what_it_was_made_from(bundle, monkeypatch, tmp_path):
    told = json.loads((bundle / "provenance.json").read_text("utf-8"))
    assert set(told["inputs"]) == {
        "survey.toml",
        "targets.csv",
        "published.csv",
        "simulation.toml",
        "responses.csv",
    }
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in told["inputs"].values())
    assert told["seed"] == 20260511
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1780000000")
    wave = cj.read_wave(ROUTES)
    dated = provenance_of(wave, wave, ROUTES, None, "")["inputs_changed"]
    assert dated == "2026-05-28T20:26:40+00:00"


def test_an_older_bundle_is_replaced_whole(analysis, bundle):
    (bundle / "mine.csv").write_text("a,b\n1,2\n")
    fewer = {name: table for name, table in analysis.tables.items() if name != "amce"}
    Analysis(analysis.survey, fewer, analysis.provenance).write(bundle)
    assert not (bundle / "amce.csv").exists()
    assert (bundle / "mine.csv").read_text() == "a,b\n1,2\n"
    assert "mine" not in read_bundle(bundle).tables
    assert [path.name for path in bundle.parent.iterdir()] == [bundle.name]


def test_a_bundle_of_an_earlier_version_is_read_and_replaced(analysis, bundle):
    """It has no list of its files: those that are named as tables are its own; its grid has single levels."""
    told = json.loads((bundle / "provenance.json").read_text("utf-8"))
    del told["files"]
    (bundle / "provenance.json").write_text(json.dumps(told))
    joint = analysis.tables["joint_means"].query("group == 'Total'")
    joint.drop(columns=["across", "down"]).to_csv(bundle / "joint_means.csv", index=False)
    sides = read_bundle(bundle).tables["joint_means"][["across", "down"]]
    assert sides.to_numpy().tolist() == joint[["across", "down"]].to_numpy().tolist()
    assert set(read_bundle(bundle).tables) == set(analysis.tables)
    fewer = {name: table for name, table in analysis.tables.items() if name != "amce"}
    Analysis(analysis.survey, fewer, analysis.provenance).write(bundle)
    assert not (bundle / "amce.csv").exists()


def test_a_folder_of_somebody_else_is_not_lost(analysis, tmp_path):
    (tmp_path / "thesis.docx").write_text("years of work")
    with pytest.raises(RequestError, match="holds something other than a bundle"):
        analysis.write(tmp_path)
    file = tmp_path / "thesis.docx"
    with pytest.raises(RequestError, match=r"thesis\.docx: is a file"):
        analysis.write(file)
    assert file.read_text() == "years of work"


def test_a_write_that_fails_leaves_nothing(analysis, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("conjoint.output._put", full)
    with pytest.raises(RequestError, match="cannot be written: No space left on device"):
        analysis.write(tmp_path / "bundle")
    assert list(tmp_path.iterdir()) == []


def test_every_damaged_file_is_named(bundle):
    (bundle / "amce.csv").write_text('a,b\n1,2,3\n4,"')
    (bundle / "survey.json").write_text("{")
    (bundle / "provenance.json").write_text("[]")
    with pytest.raises(InputError) as caught:
        read_bundle(bundle)
    assert sorted(fault.where.rpartition("/")[2] for fault in caught.value.faults) == [
        "amce.csv",
        "provenance.json",
        "survey.json",
    ]


def test_a_newer_bundle_is_refused(bundle):
    told = json.loads((bundle / "provenance.json").read_text("utf-8"))
    (bundle / "provenance.json").write_text(json.dumps(told | {"bundle": 99}))
    with pytest.raises(InputError, match=r"bundle version 99.*Update conjoint"):
        read_bundle(bundle)


def test_the_command_writes_a_bundle(folder, tmp_path):
    folder.toml = "synthetic = true\n" + folder.toml
    done = run("analyse", folder.write(), "--to", tmp_path / "out", "--format", "parquet")
    assert done.returncode == 0
    assert done.stdout.strip() == str(tmp_path / "out")
    assert "Synthetic wave" in done.stderr
    assert (tmp_path / "out" / "amce.parquet").exists()
    assert read_bundle(tmp_path / "out").survey.title == "Small survey"


def test_the_command_refuses_an_unknown_format(tmp_path):
    done = run("analyse", ROUTES, "--to", tmp_path / "out", "--format", "xml")
    assert done.returncode == 2
    assert '"xml" is no format (expected csv or parquet)' in done.stderr
    assert not (tmp_path / "out").exists()
