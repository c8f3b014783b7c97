"""``conjoint tables`` and ``conjoint check --bpc`` as a person meets them."""

import builtins

import openpyxl
import pandas as pd
import pytest

import conjoint as cj
from conftest import run
from conjoint.cli.tables import tables
from conjoint.disclosure import disclosure
from conjoint.errors import ReportError, RequestError
from conjoint.output import MANIFEST

QUESTION = 'answers = ["Left", "Right", "None"]'

STATED = """
pollster = "A"
client = "B"
fieldwork = { start = 2026-05-11, end = 2026-05-11 }
population = "Adults"
mode = "Online"
geography = "Wales"
sample_source = "A panel, by quotas"
introduction = "None"
contact = "a@b.uk"
website = "https://example.org/tables"
released = 2026-05-20
"""


def told(folder):
    """The small survey with everything that is asked for."""
    folder.replace('title = "Small survey"\n', f'title = "Small survey"\n{STATED}')
    folder.replace(QUESTION, f'{QUESTION}\ntext = "Which party?"')
    folder.replace('kind = "scale"', 'kind = "scale"\ntext = "How warm?"')
    folder.replace('kind = "choice"', 'kind = "choice"\ntext = "Which?"')
    folder.replace('kind = "support"', 'kind = "support"\ntext = "Would you?"')
    folder.targets = folder.targets.replace("share\n", "share,source\n", 1)
    lines = folder.targets.splitlines()
    folder.targets = "\n".join([lines[0], *(f"{line},Census" for line in lines[1:])]) + "\n"
    return folder


def test_tables_writes_three_files(folder, tmp_path):
    to = tmp_path / "made" / "here"
    done = run("tables", folder.write(), "--to", to, "--adjust", "holm", "--decimals", "1")
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    name = f"{tmp_path.name}_tables.xlsx"
    written = [path.name for path in to.iterdir() if path.name != MANIFEST]
    assert sorted(written) == sorted([name, "tables.csv", "tables.html"])
    assert name in done.stderr
    cover = {
        row[0].value: row[1].value
        for row in openpyxl.load_workbook(to / name)["Cover"].iter_rows(max_col=2)
    }
    assert "(Holm)" in cover["Letters"]
    assert cover["Command"].endswith("--decimals 1 --adjust holm")
    frame = pd.read_csv(to / "tables.csv", keep_default_na=False, na_values=[""])
    direct = cj.tables(cj.rake(cj.read_wave(folder.path)))[0].frame
    own = frame[frame["question"] == "party"]
    # Of people with so few different weights, shares are published as whole percentages.
    assert own["value"].to_numpy() == pytest.approx(
        direct["estimate"].to_numpy(), abs=5e-3, nan_ok=True
    )


def test_formats_may_be_picked_and_are_checked_first(folder, tmp_path):
    path = folder.write()
    tables(path, to=tmp_path / "out", formats="csv")
    assert {each.name for each in (tmp_path / "out").iterdir()} == {MANIFEST, "tables.csv"}
    for keywords, said in (
        ({"formats": "csv,pdf"}, 'there is no "pdf"'),
        ({"formats": " , "}, "names nothing"),
        ({"test": "z"}, 'there is no "z"'),
        ({"adjust": "sidak"}, 'there is no "sidak"'),
        ({"decimals": 9}, "9 is not available"),
    ):
        with pytest.raises(RequestError, match=said):
            tables(path, to=tmp_path / "none", **keywords)
        assert not (tmp_path / "none").exists()


def test_a_folder_that_is_a_file_is_refused(folder, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(RequestError, match="cannot be made"):
        tables(folder.write(), to=tmp_path / "file", formats="csv")


def test_an_extra_that_is_not_installed_is_said_and_nothing_written(folder, tmp_path, monkeypatch):
    real = builtins.__import__

    def absent(name, *rest, **keywords):
        if name.split(".")[0] == "xlsxwriter":
            raise ModuleNotFoundError(f"No module named '{name}'", name=name)
        return real(name, *rest, **keywords)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(ReportError, match=r"xlsxwriter is not installed.*conjoint\[tables\]"):
        tables(folder.write(), to=tmp_path / "out", formats="csv,xlsx")
    assert not (tmp_path / "out").exists()


def test_the_disclosure_list_of_the_survey_that_ships():
    done = run("check", "surveys/routes_for_returns_2026", "--bpc")
    assert done.returncode == 0
    assert "MISSING  Contact: Not stated" in done.stdout
    assert 'in survey.toml: contact = "name, email"' in done.stdout
    assert "drawn by a computer: nobody was asked" in done.stdout
    assert "there    Fieldwork: 11 to 12 May 2026" in done.stdout
    assert "Synthetic wave" in done.stderr
    assert max(map(len, done.stdout.splitlines())) < 80


def test_strict_asks_for_everything(folder):
    assert run("check", folder.write(), "--bpc").returncode == 0
    assert run("check", folder.write(), "--bpc", "--strict").returncode == 1
    done = run("check", told(folder).write(), "--bpc", "--strict")
    assert done.returncode == 0, done.stdout
    assert "All 21 things that the Council asks for are there." in done.stdout


def test_every_item_says_where_it_belongs(folder):
    items = {item.name: item for item in disclosure(cj.rake(cj.read_wave(folder.write())))}
    missing = {name for name, item in items.items() if not item.present}
    assert missing == {
        "Client", "Pollster", "Fieldwork", "Method of interview", "Universe", "Geographic coverage",
        "Question wording", "Address of the full tables", "How the sample was found", "Introductions",
        "Sources of the targets", "Contact", "Day of first publication",
    }  # fmt: skip
    assert all(bool(item.do) != item.present for item in items.values())
    assert "questions.party" in items["Question wording"].text
    assert items["Sources of the targets"].text == "Not said of sex and age"


def test_weights_that_came_with_the_data_have_to_be_explained(as_wave, simulated):
    wave = as_wave(simulated(1), weight="weight")
    item = next(item for item in disclosure(wave) if item.name == "Weighting")
    assert not item.present
    assert "weighting.text" in item.do
    plain = next(item for item in disclosure(as_wave(simulated(1))) if item.name == "Weighting")
    assert plain.present
    assert plain.text == "The figures are not weighted"


def test_dont_knows_that_are_left_out_of_bases_are_told(folder):
    folder.replace('missing = "DK"', 'missing = "Don\'t know"')
    folder.responses["warmth"] = folder.responses["warmth"].replace("DK", "Don't know")
    wave = cj.rake(cj.read_wave(folder.write()))
    item = next(item for item in disclosure(wave) if item.name == "Don't know and refused")
    share = wave.weights[wave.respondents["warmth"].isna()].sum() / wave.weights.sum()
    assert f"warmth (Don't know; {100 * share:.0f}% gave no answer that counts)" in item.text
