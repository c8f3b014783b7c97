"""Weights for SPSS and Stata: ids as they came, labels that say what was done, joined back by the id."""

import gzip

import pandas as pd
import pyreadstat
import pytest

import conjoint as cj
from conjoint.cli import run as cli
from conjoint.weight.file import weights_file

SURVEY = """
title = "Два плана"
[data]
file = "{file}"
layout = "wide"
respondent = "case id"
tasks = 1
profiles = ["A", "B"]
attribute = "{{attribute}}_{{profile}}"
[attributes.price]
levels = ["10", "30"]
[outcomes.choice]
kind = "choice"
column = "chosen"
chosen = {{ A = "A", B = "B" }}
[questions.sex]
answers = ["Female", "Male"]
"""


def frame(ids):
    n = len(ids)
    return pd.DataFrame(
        {
            "case id": ids,
            "price_A": ["10", "30"] * (n // 2),
            "price_B": ["30", "10"] * (n // 2),
            "chosen": ["A", "B", "B", "A"] * (n // 4),
            "sex": (["Female"] * 5 + ["Male"] * 3) * (n // 8),
        }
    )


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A survey whose file is written in some format, with ids of some kind."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")

    def write(name, data, **given):
        path = tmp_path / name
        name_of_id = "case_id" if path.suffix in (".sav", ".dta") else "case id"
        data = data.rename(columns={"case id": name_of_id})
        match path.suffix:
            case ".sav":
                pyreadstat.write_sav(data, path, column_labels={name_of_id: "Case"}, **given)
            case ".dta":
                pyreadstat.write_dta(data, path, column_labels={name_of_id: "Case"}, **given)
            case _:
                data.to_csv(path, index=False)
        text = SURVEY.format(file=name).replace("case id", name_of_id)
        (tmp_path / "survey.toml").write_text(text, encoding="utf-8")
        (tmp_path / "targets.csv").write_text(
            "margin;category;percent\nsex;Female;50,5\nsex;Male;49,5\n"
        )
        return tmp_path

    return write


def weigh(folder, to, *more):
    """Run the command, and give its exit code."""
    words = ["conjoint", "weight", str(folder), "--to", str(folder / to), *more]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", words)
        with pytest.raises(SystemExit) as ended:
            cli.main()
    return ended.value.code


READERS = {".sav": pyreadstat.read_sav, ".dta": pyreadstat.read_dta}


@pytest.mark.parametrize("ending", [".sav", ".dta"])
@pytest.mark.parametrize(
    "ids",
    [
        [float(101 + at) for at in range(16)],
        [f"R{at:03d}" for at in range(15)] + ["R-é-long-one"],
        [f"{at:05d}" for at in range(16)],
    ],
    ids=["numbers", "texts", "texts of digits"],
)
def test_weights_join_the_file_they_came_from(folder, ending, ids):
    form = {"case_id": "F6.0"} if ending == ".sav" and isinstance(ids[0], float) else None
    path = folder(f"wave{ending}", frame(ids), variable_format=form)
    assert weigh(path, f"weights{ending}") == 0
    data, source = READERS[ending](path / f"wave{ending}")
    weights, made = READERS[ending](path / f"weights{ending}")
    for kind in ("readstat_variable_types", "original_variable_types", "variable_storage_width"):
        assert getattr(made, kind)["case_id"] == getattr(source, kind)["case_id"]
    joined = data.merge(weights, on="case_id", how="left", validate="one_to_one")
    wave = cj.rake(cj.read_wave(path))
    assert joined["weight"].tolist() == pytest.approx(wave.weights.tolist())
    assert made.column_labels == ["Case", "2026-09-21: Weight by raking to targets.csv (sex)"]
    assert made.file_label == "Два плана"
    assert f"{made.creation_time:%Y-%m-%d %H:%M}" == "2026-09-21 14:13"
    again = (path / f"weights{ending}").read_bytes()
    assert weigh(path, f"weights{ending}") == 0
    assert (path / f"weights{ending}").read_bytes() == again


def test_ids_have_the_width_that_they_have_in_a_packed_file(folder):
    path = folder("wave.sav", frame([f"R{at}".ljust(20) for at in range(16)]))
    (path / "wave.sav.gz").write_bytes(gzip.compress((path / "wave.sav").read_bytes()))
    toml = (path / "survey.toml").read_text("utf-8")
    (path / "survey.toml").write_text(toml.replace("wave.sav", "wave.sav.gz"), "utf-8")
    assert weigh(path, "weights.sav") == 0
    made = pyreadstat.read_sav(path / "weights.sav")[1]
    assert made.original_variable_types["case_id"] == "A20"


@pytest.mark.parametrize("ending", [".sav", ".dta"])
def test_ids_of_other_files_are_numbers_where_nothing_is_lost(folder, ending):
    path = folder("wave.csv", frame([str(101 + at) for at in range(16)]))
    assert weigh(path, f"weights{ending}", "--trim-above", "1.5") == 0
    weights, made = READERS[ending](path / f"weights{ending}")
    assert weights["case_id"].tolist() == [101 + at for at in range(16)]
    assert made.column_labels[0] == "case id"  # a name that neither program takes
    assert made.column_labels[1].endswith("(sex), trimmed above 1.5")
    zeros = folder("wave.csv", frame([f"0{at:02d}" for at in range(16)]))
    assert weigh(zeros, f"weights{ending}") == 0
    assert READERS[ending](path / f"weights{ending}")[0]["case_id"].tolist()[0] == "000"


def test_names_and_labels_that_are_too_long_are_cut(folder):
    wave = cj.rake(cj.read_wave(folder("wave.csv", frame([f"={at}" for at in range(16)]))))
    wave = wave.described(wave.survey.model_copy(update={"title": "題" * 100}), ())
    for program, read in (("sav", pyreadstat.read_sav), ("dta", pyreadstat.read_dta)):
        path = folder("wave.csv", frame(["a"] * 16)) / f"long.{program}"
        path.write_bytes(weights_file(wave, program, name="имя." * 30, label="длинная метка " * 60))
        data, made = read(path)
        assert data.iloc[:, 0].tolist() == [f"={at}" for at in range(16)]
        assert made.column_labels[0].startswith("длинная метка")
        assert made.file_label.startswith("題題題")


def test_other_endings_are_refused_before_any_work(tmp_path, capsys):
    assert weigh(tmp_path, "weights.xlsx") == 2
    said = capsys.readouterr().err
    assert said.startswith('--to: weights are not written as ".xlsx" (expected .csv, .sav or .dta)')
