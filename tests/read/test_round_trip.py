"""The shipped wave, written in every format that can be read, is the same wave."""

import shutil
from zipfile import ZipFile

import numpy as np
import pandas as pd
import pyreadr
import pyreadstat
import pytest
from openpyxl import Workbook
from pandas.testing import assert_frame_equal
from triples_writer import Writer

import conjoint as cj
from conjoint.errors import DataError

FEW = 300
"""Respondents, where all of them would take long."""


@pytest.fixture(scope="module")
def routes(pytestconfig):
    return pytestconfig.rootpath / "surveys" / "routes_for_returns_2026"


@pytest.fixture(scope="module")
def answers(routes):
    """The wave's file as text, and a weight with decimals."""
    frame = pd.read_csv(routes / "responses.csv", dtype=str, keep_default_na=False)
    rng = np.random.default_rng(7)
    return frame.assign(weight=[str(round(w, 6)) for w in rng.uniform(0.2, 4, len(frame))])


@pytest.fixture
def read(routes, tmp_path):
    """Write a survey folder with a file of answers, and read it."""

    def write_and_read(name, write, *keys):
        folder = tmp_path / name.replace(".", "_")
        shutil.copytree(routes, folder, ignore=shutil.ignore_patterns("responses.csv"))
        toml = (folder / "survey.toml").read_text("utf-8")
        said = "\n".join([f'file = "{name}"', 'weight = "weight"', *keys])
        assert 'file = "responses.csv"' in toml
        (folder / "survey.toml").write_text(toml.replace('file = "responses.csv"', said), "utf-8")
        write(folder / name)
        return cj.read_wave(folder)

    return write_and_read


@pytest.fixture
def few(answers, read):
    """A few answers, and the wave of them by the plainest file."""
    frame = answers.head(FEW)
    return frame, read("plain.csv", lambda path: frame.to_csv(path, index=False))


def check_same(wave, plain):
    """Hold a wave against the one that came of a plain file."""
    assert_frame_equal(wave.respondents, plain.respondents)
    assert_frame_equal(wave.profiles, plain.profiles)
    assert_frame_equal(wave.repeats, plain.repeats)
    np.testing.assert_array_equal(wave.weights, plain.weights)


def test_the_plain_file_holds_what_it_should(answers, few):
    frame, wave = few
    assert wave.n_respondents == FEW
    assert wave.n_profiles == FEW * 5 * 2
    assert wave.weights.tolist() == [float(w) for w in frame["weight"]]
    first = wave.profiles.iloc[0]
    assert [first["respondent"], first["cap"], first["choice"]] == ["R621796", "10000", 1.0]
    assert wave.repeats["cap"].iloc[0] == answers["t6_A_cap"].iloc[0]


def test_the_whole_file_with_semicolons_decimal_commas_and_windows_letters(answers, read):
    plain = read("plain.csv", lambda path: answers.to_csv(path, index=False))
    german = answers.assign(
        weight=answers["weight"].str.replace(".", ","), comment="für £5 – “so, so”; nun ja"
    )
    wave = read(
        "german.csv",
        lambda path: german.to_csv(path, sep=";", index=False, encoding="cp1252"),
        'decimal = ","',
    )
    assert set(wave.respondents["comment"]) == {"für £5 – “so, so”; nun ja"}
    assert wave.n_respondents == len(answers)
    assert_frame_equal(wave.profiles, plain.profiles)
    assert_frame_equal(wave.repeats, plain.repeats)
    np.testing.assert_array_equal(wave.weights, plain.weights)
    assert_frame_equal(
        wave.respondents.drop(columns=["comment", "weight"]),
        plain.respondents.drop(columns="weight"),
    )


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("tabs.tsv", {"sep": "\t"}),
        ("pipes.csv", {"sep": "|", "lineterminator": "\r\n"}),
        ("wide_letters.csv", {"encoding": "utf-16"}),
        ("wide_letters.tsv", {"encoding": "utf-16", "sep": "\t"}),
        ("marked.csv", {"encoding": "utf-8-sig", "quoting": 1}),
    ],
)
def test_text_of_other_delimiters_and_encodings(few, read, name, given):
    frame, plain = few
    check_same(read(name, lambda path: frame.to_csv(path, index=False, **given)), plain)


def test_parquet(few, read):
    frame, plain = few
    check_same(read("texts.parquet", lambda path: frame.to_parquet(path)), plain)
    typed = frame.assign(
        weight=frame["weight"].astype(float), duration_seconds=frame["duration_seconds"].astype(int)
    ).astype({name: "category" for name in frame if name.startswith("t1_")})
    wave = read("typed.parquet", lambda path: typed.to_parquet(path), 'decimal = ","')
    check_same(wave, plain)


def labelled(frame):
    """Codes in place of texts, and the labels of the codes; shuffled, so that order says nothing."""
    rng = np.random.default_rng(3)
    coded, labels = {}, {}
    for name, column in frame.items():
        if name == "respondent_id":
            coded[name] = column
        elif name in ("weight", "duration_seconds"):
            coded[name] = column.astype(float)
        else:
            texts = [str(text) for text in rng.permutation(sorted(set(column))) if text]
            labels[name] = {float(code): text for code, text in enumerate(texts, start=1)}
            codes = {text: code for code, text in labels[name].items()}
            coded[name] = column.map(codes).astype(float)
    return pd.DataFrame(coded), labels


def test_spss_with_value_labels(few, read):
    frame, plain = few
    coded, labels = labelled(frame)

    def write(path):
        pyreadstat.write_sav(coded, str(path), variable_value_labels=labels)

    check_same(read("labels.sav", write, 'decimal = ","'), plain)

    def squeeze(path):
        pyreadstat.write_sav(coded, str(path), variable_value_labels=labels, compress=True)

    check_same(read("labels.zsav", squeeze), plain)


def test_spss_read_by_codes_is_refused_where_the_survey_names_labels(few, read):
    coded, labels = labelled(few[0])

    def write(path):
        pyreadstat.write_sav(coded, str(path), variable_value_labels=labels)

    with pytest.raises(DataError, match='is not a level of "cap"'):
        read("codes.sav", write, 'values = "codes"')


def write_workbook(path, rows, typed=False):
    """Write texts; `typed`, as numbers and percentages where they look so, as Excel does."""
    book = Workbook()
    sheet = book.active
    for row, texts in enumerate(rows, start=1):
        for column, text in enumerate(texts, start=1):
            if text == "":
                continue
            cell = sheet.cell(row, column, text)
            if typed and text.endswith("%"):
                cell.value, cell.number_format = int(text[:-1]) / 100, "0%"
            elif typed and text.replace(".", "").isdigit():
                cell.value = float(text)
    book.save(path)


def test_excel_with_numbers_and_percentages_as_excel_keeps_them(few, read):
    frame, plain = few
    rows = [list(frame.columns), *frame.to_numpy().tolist()]
    check_same(read("texts.xlsx", lambda path: write_workbook(path, rows)), plain)
    wave = read("typed.xlsx", lambda path: write_workbook(path, rows, typed=True), 'decimal = ","')
    check_same(wave, plain)


def qualtrics_header(names):
    """Rows of names, of wording and of ids, as Qualtrics writes them."""
    return [
        names,
        [f"Wording of {name},\nplease" for name in names],
        [f'{{"ImportId":"{name}"}}' for name in names],
    ]


@pytest.mark.parametrize("name", ["qualtrics.csv", "qualtrics.tsv", "qualtrics.xlsx"])
def test_a_qualtrics_like_export(few, read, name):
    frame, plain = few
    head = qualtrics_header(list(frame.columns))
    whole = pd.DataFrame([*head, *frame.to_numpy().tolist()])

    def write(path):
        if name.endswith("xlsx"):
            write_workbook(path, whole.to_numpy().tolist())
        elif name.endswith("tsv"):
            whole.to_csv(path, index=False, header=False, sep="\t", encoding="utf-16")
        else:
            whole.to_csv(path, index=False, header=False, encoding="utf-8-sig")

    check_same(read(name, write), plain)


def test_a_fault_in_a_qualtrics_like_export_is_named_by_its_row(few, read):
    frame = few[0].copy()
    frame.loc[10:40, "t2_B_cap"] = "7"
    whole = pd.DataFrame([*qualtrics_header(list(frame.columns)), *frame.to_numpy().tolist()])
    with pytest.raises(DataError, match=r"qualtrics\.csv, row 14, t2_B_cap: \"7\" is not a level"):
        read("qualtrics.csv", lambda path: whole.to_csv(path, index=False, header=False))


def write_triples(path, frame, *, csv):
    """Texts as codes with labels, ids as they are."""
    first = frame.columns[0]
    variables = [(first, "character", "Id", {"size": 40})]
    codes = {}
    for name in frame.columns[1:]:
        texts = sorted(text for text in set(frame[name]) if text)
        codes[name] = {text: code for code, text in enumerate(texts, start=1)}
        variables.append((name, "single", name, {"values": dict(enumerate(texts, start=1))}))
    people = [
        {first: row[first], **{name: own.get(row[name]) for name, own in codes.items()}}
        for row in frame.to_dict("records")
    ]
    writer = Writer(variables, csv=csv)
    path.write_text(writer.definitions(), encoding="utf-8")
    path.with_suffix(".csv" if csv else ".asc").write_text(writer.records(people), encoding="utf-8")


@pytest.mark.parametrize("name", ["wave.csv.gz", "wave.zip", "wave.dta", "wave.sss", "wave.xml"])
def test_further_formats_give_the_same_wave(few, read, name):
    frame, plain = few

    def write(path):
        match path.suffix:
            case ".gz":
                frame.to_csv(path, index=False, compression="gzip")
            case ".zip":
                with ZipFile(path, "w") as archive:
                    archive.writestr("a folder/wave.csv", frame.to_csv(index=False))
            case ".dta":
                frame.to_stata(path, write_index=False, version=118)
            case _:
                write_triples(path, frame, csv=path.suffix == ".xml")

    check_same(read(name, write), plain)


def test_an_r_data_frame(few, read):
    frame, plain = few
    check_same(read("wave.rds", lambda path: pyreadr.write_rds(path, frame)), plain)
