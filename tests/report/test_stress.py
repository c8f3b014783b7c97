"""A report of many segments, long labels in many scripts, and labels that would be code."""

import re
import zipfile

import pytest
from stress import ARABIC, GREEK, HOSTILE, write_stress

import conjoint as cj
from conjoint.report import render_reports

pytest.importorskip("pypandoc", reason="needs the report extra")

FORMATS = ("html", "docx", "pptx", "md")
SHOWN = ("<script>alert(1)</script>", "=cmd()", "{{< include /etc/passwd >}}", "$x^2$")


def made(folder, target, formats, **size):
    analysis = cj.run_analysis(write_stress(folder, **size))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("conjoint.report.render.find_quarto", lambda: None)
        render_reports(analysis, target, reports=["segment_report"], formats=list(formats))
    return target


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stress")
    return made(
        folder, folder / "out", FORMATS, segments=2, attributes=3, people=260
    )  # fmt: skip


def text_of(path):
    """The words of a file, whatever its format, as one line."""
    if path.suffix in (".docx", ".pptx"):
        with zipfile.ZipFile(path) as package:
            names = [n for n in package.namelist() if re.search(r"(document|slide\d+)\.xml$", n)]
            raw = " ".join(package.read(name).decode("utf-8") for name in names)
        raw = re.sub(
            r"</w:t>\s*</w:r>\s*<w:r>.*?<w:t[^>]*>|</a:t>\s*</a:r>\s*<a:r>.*?<a:t>", "", raw
        )
    else:
        raw = path.read_text("utf-8")
    if path.suffix == ".html":
        raw = re.sub(
            r"<style.*?</style>|<script.*?</script>|srcdoc=\"[^\"]*\"", " ", raw, flags=re.DOTALL
        )
    if path.suffix == ".md":
        raw = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", raw)
        raw = raw.replace("&lt;", "<").replace("&gt;", ">")
        return " ".join(raw.split())
    words = re.sub(r"<[^>]+>", " ", raw)
    for entity, letter in (
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", '"'),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ):
        words = words.replace(entity, letter)
    return " ".join(words.split())


@pytest.mark.parametrize("ending", FORMATS)
def test_labels_that_would_be_code_are_text_in_every_format(small, ending):
    (file,) = small.glob(f"segment_report.{ending}")
    words = re.sub(r"\s", "", text_of(file))
    for label in SHOWN if ending != "pptx" else SHOWN[:1]:
        assert label.replace(" ", "") in words, label
    assert "root:x:0" not in words


def test_nothing_of_a_label_runs_in_the_page(small):
    page = (small / "segment_report.html").read_text("utf-8")
    assert "<script>alert(1)" not in page
    assert "<b>=cmd()" not in page
    assert 'href="javascript:' not in page
    style = "".join(re.findall(r"<style.*?</style>", page, re.DOTALL))
    assert not re.search(r"body\s*\{\s*display: none", style)
    assert "\\000036\\000020\\000061\\00006d" in style  # "6 am" of its line
    assert "mathml" not in page.lower()


def test_tables_for_spreadsheets_hold_no_formula(small):
    for file in (small / "figures").glob("*.csv"):
        for line in file.read_text("utf-8").splitlines():
            assert not re.search(r'(^|,)"?[=@+]', line), (file.name, line)


def test_long_labels_of_many_scripts_stay_whole_in_the_text(small):
    words = text_of(small / "segment_report.html")
    assert GREEK[:60] in words
    assert ARABIC[:60] in words
    assert "👩‍👩‍👧" in words


@pytest.mark.slow
def test_twelve_segments_and_nine_attributes_make_a_readable_report(tmp_path):
    target = made(tmp_path, tmp_path / "out", ("html",))
    page = (target / "segment_report.html").read_text("utf-8")
    words = text_of(target / "segment_report.html")
    assert page.count("segment-page") >= 12
    assert "<script>alert(1)" not in page
    for label in (*HOSTILE[:3], GREEK[:40]):
        assert label in words
    assert "nan%" not in words
    assert "Traceback" not in words
