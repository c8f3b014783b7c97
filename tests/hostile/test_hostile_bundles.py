"""Bundles from a stranger: changed, damaged or made to harm, they are refused or do nothing."""

from __future__ import annotations

import json
import os
import re
import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st
from promised import TEXTS, VALUES, call, load_commands, tries
from test_hostile_surveys import paths, put, spoil

import conjoint as cj
from conftest import SMALL_TARGETS, SMALL_TOML, SurveyFolder, small_responses
from conjoint.analysis import Analysis, read_bundle
from conjoint.errors import InputError
from conjoint.output import digest

HARM = (
    "<script>alert(1)</script>", "![x](file:///etc/passwd)", "<img src=http://evil.example/x.png>",
    "[x](javascript:alert(1))", "=HYPERLINK(\"http://evil.example\")", "`{=html}<script>`", "\n\n# x\n\n```{python}\n1\n```\n",
)  # fmt: skip
USED = ("amce", "audit", "bases", "marginal_means", "spread", "toplines")
SVG = "data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciPjxzY3JpcHQvPjwvc3ZnPg=="


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    load_commands()
    place = tmp_path_factory.mktemp("survey")
    toml = SMALL_TOML.replace(
        "[segments.left]", "# kept between us\n[segments.left]  # secret remark"
    )
    toml += "\n[thresholds]\nsuppress_below = 5\ncaution_below = 10\n"
    survey = SurveyFolder(place, toml, small_responses(90), SMALL_TARGETS).write()
    made = cj.run_analysis(survey)
    # Reading a table takes the longest: those that what is tried here uses.
    kept = {n: own for n, own in made.tables.items() if n in USED or n.startswith("explorer")}
    analysis = Analysis(made.survey, kept, made.provenance)
    return analysis.write(tmp_path_factory.mktemp("bundle") / "b")


@pytest.fixture
def bundle(whole, tmp_path):
    return shutil.copytree(whole, tmp_path / "b")


def record(folder, **changed):
    """Write provenance.json with values changed, and with the hashes of the tables as they are."""
    file = folder / "provenance.json"
    told = json.loads(file.read_text("utf-8"))
    told["files"] = {
        name: digest(folder / name) for name in told["files"] if (folder / name).is_file()
    }
    file.write_text(json.dumps(told | changed), "utf-8")


def refused(folder):
    with pytest.raises(InputError) as caught:
        read_bundle(folder)
    return str(caught.value)


def test_a_table_that_was_changed_is_refused(bundle):
    table = bundle / "amce.csv"
    table.write_text(table.read_text("utf-8").replace("0.", "0.9", 1), "utf-8")
    assert "is not the file that the analysis wrote" in refused(bundle)
    record(bundle)
    assert read_bundle(bundle).tables["amce"] is not None


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"files": {"../secret.csv": ""}}, "is no table that is known here"),
        ({"files": {"/etc/amce.csv": ""}}, "is no file of the folder"),
        ({"files": {"x/amce.csv": ""}}, "is no file of the folder"),
        ({"files": {"amce.pkl": ""}}, "is no table that is known here"),
        ({"files": {"waves.csv": ""}}, "is not there"),
        ({"files": ["amce.csv"]}, "provenance.json, files"),
        ({"counts": {}}, "provenance.json, counts.respondents"),
        ({"weighting": 3}, "provenance.json, weighting"),
        ({"synthetic": "no"}, "provenance.json, synthetic"),
        ({"bundle": 10**30}, "is of bundle version"),
    ],
)
def test_a_record_that_leads_astray_is_refused(bundle, changed, words):
    (bundle.parent / "secret.csv").write_text("a\n1\n")
    record(bundle, **changed)
    assert words in refused(bundle)


def test_no_link_or_pipe_is_followed(bundle):
    (bundle / "amce.csv").unlink()
    (bundle / "amce.csv").symlink_to("/etc/passwd")
    assert "is a link that leads out of the folder" in refused(bundle)
    (bundle / "amce.csv").unlink()
    os.mkfifo(bundle / "amce.csv")
    assert "is no file" in refused(bundle)


@pytest.mark.parametrize(
    "logo", ["/etc/passwd", "http://evil.example/x.png", SVG, "data:text/html;base64,PGI+", "x"]
)
def test_a_logo_is_a_picture_or_none(bundle, logo):
    survey = json.loads((bundle / "survey.json").read_text("utf-8"))
    survey["report"]["logo"] = logo
    (bundle / "survey.json").write_text(json.dumps(survey), "utf-8")
    assert "report.logo" in refused(bundle)


def test_a_survey_of_other_types_is_told_by_place(bundle):
    survey = json.loads((bundle / "survey.json").read_text("utf-8"))
    survey["report"]["fonts"] = 3
    survey["questions"]["party"]["answers"] = True
    (bundle / "survey.json").write_text(json.dumps(survey), "utf-8")
    words = refused(bundle)
    assert "survey.json, report.fonts: cannot be read: " in words
    assert "survey.json, questions.party" in words


@pytest.mark.parametrize(
    ("column", "value"), [("estimate", "<b>"), ("n_respondents", "many"), ("estimate", "=1")]
)
def test_columns_of_numbers_hold_numbers(bundle, column, value):
    table = read_bundle(bundle).tables["amce"].astype({column: object})
    table.loc[0, column] = value
    table.to_csv(bundle / "amce.csv", index=False)
    record(bundle)
    assert f"in {column}, a column of numbers" in refused(bundle)


@pytest.mark.parametrize("command", ["explore", "lint-claims"])
def test_parts_that_do_not_fit_one_another_are_one_fault(bundle, tmp_path, command):
    """Each is sound: an outcome that no table has, and tables of one that was never asked."""
    survey = json.loads((bundle / "survey.json").read_text("utf-8"))
    survey["outcomes"] = {"other": survey["outcomes"]["choice"]}
    (bundle / "survey.json").write_text(json.dumps(survey), "utf-8")
    (tmp_path / "draft.md").write_text("62% of the left chose it.")
    others = {
        "explore": (bundle, "--to", tmp_path / "x.html"),
        "lint-claims": (tmp_path / "draft.md", bundle),
    }
    code, words = call(command, *others[command])
    assert code == 2
    assert "its survey and its tables do not fit one another" in words
    assert not (tmp_path / "x.html").exists()


def test_somebodys_own_files_are_not_read(bundle):
    (bundle / "mine.csv").write_text('a,"b\n')
    (bundle / "marginal_means.parquet").write_bytes(b"mine")
    assert "mine" not in read_bundle(bundle).tables


def test_texts_are_the_same_read_back(bundle):
    analysis = read_bundle(bundle)
    harm = [*HARM, "'=1", "''=1", "-5", "+5,000", "'quoted'"]
    table = (
        analysis.tables["audit"].head(len(harm)).assign(text=harm[: len(analysis.tables["audit"])])
    )
    analysis.tables["audit"] = table
    analysis.write(bundle)
    assert not re.search(r"(?m)(^|,)\"?[=@]", (bundle / "audit.csv").read_text("utf-8"))
    assert read_bundle(bundle).tables["audit"]["text"].to_list() == table["text"].to_list()


def test_no_comment_of_the_survey_is_in_a_bundle(whole):
    for file in whole.iterdir():
        content = file.read_bytes()
        assert b"between us" not in content, file
        assert b"secret remark" not in content, file


def test_spoilt_bundles(whole, tmp_path):
    spoilt_bundles(whole, tmp_path, 40)


def spoilt_bundles(whole, tmp_path, count):
    files = {file.name: file.read_bytes() for file in whole.iterdir()}
    documents = {name: json.loads(files[name]) for name in ("survey.json", "provenance.json")}
    places = {
        name: [path for path in paths(content) if path] for name, content in documents.items()
    }
    folder, page = tmp_path / "b", tmp_path / "page.html"
    draft = tmp_path / "draft.md"
    draft.write_text("62% of the left chose it.")

    @tries(count)
    @given(data=st.data())
    def check(data):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        changed = dict(files)
        name = data.draw(st.sampled_from([*documents, *documents, *sorted(files)]))
        if name in documents and data.draw(st.booleans()):
            content = documents[name]
            for _ in range(data.draw(st.integers(1, 3))):
                path = data.draw(st.sampled_from(places[name]))
                value = data.draw(VALUES | st.sampled_from(HARM) | TEXTS)
                try:
                    content = put(content, path, value)
                except (KeyError, TypeError, IndexError):
                    continue
            changed[name] = json.dumps(content).encode("utf-8", "surrogatepass")
        else:
            text = changed[name].decode("utf-8")
            changed[name] = spoil(data.draw, text).encode("utf-8", "surrogatepass")
        for file, content in changed.items():
            (folder / file).write_bytes(content)
        if data.draw(st.booleans()) and name not in documents:
            record(folder)
        page.unlink(missing_ok=True)
        if data.draw(st.booleans()):
            call("lint-claims", draft, folder)
        elif call("explore", folder, "--to", page)[0] == 0:
            inert(page.read_text("utf-8"))

    check()


def inert(page):
    """A page that can run no script but its own, and asks for nothing."""
    outside = re.sub(r"(?s)<script.*?</script>", "", page)
    assert page.count("<script") == 3
    assert "default-src 'none'" in outside
    assert not re.search(
        r"(?i)<(img|iframe|object|embed|link|base)\b|\son\w+\s*=\s*[\"']|(src|href)\s*=\s*[\"']?(?!#)",
        outside,
    )


@pytest.mark.slow
def test_ten_times_as_many_bundles(whole, tmp_path):
    spoilt_bundles(whole, tmp_path, 400)
