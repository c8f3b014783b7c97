"""Survey folders that nobody should be able to make fall over: survey.toml, its tables and the responses."""

from __future__ import annotations

import copy
import gzip
import io
import os
import tomllib
from pathlib import Path
from tempfile import NamedTemporaryFile

import pyreadr
import pytest
from hypothesis import given
from hypothesis import strategies as st
from promised import TEXTS, VALUES, call, load_commands, tries

from conftest import SMALL_TARGETS, SMALL_TOML, small_responses
from conjoint.propose.toml import key_text, value_text

PUBLISHED = "question,group,answer,value,where\nparty,Total,Left,33,p. 1\nparty,left,Right,0,p. 2\n"
CSV = small_responses(20).to_csv(index=False)
CONTENT = tomllib.loads(SMALL_TOML)
ESTIMATE = ("estimate", "--what", "mm", "--by", "segments")
COMMANDS = (ESTIMATE, ESTIMATE, ESTIMATE, ("weight",), ("weight",), ("reproduce",), ("check",))
"""The audit takes longest."""


@pytest.fixture(scope="module", autouse=True)
def commands():
    load_commands()


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("hostile")


def write(place, toml=SMALL_TOML, responses=CSV, targets=SMALL_TARGETS, published=PUBLISHED):
    for name, content in {
        "survey.toml": toml, "responses.csv": responses, "targets.csv": targets, "published.csv": published,
    }.items():  # fmt: skip
        raw = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
        (place / name).write_bytes(raw)
    return place


def paths(value, start=()):
    """Every place in a nested content."""
    yield start
    items = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, inner in items:
        yield from paths(inner, (*start, key))


PLACES = [path for path in paths(CONTENT) if path]


def put(content, path, value):
    """The content with another value, or another key, at a place."""
    changed = copy.deepcopy(content)
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return changed


def as_toml(content):
    return "\n".join(
        f"{key_text(str(key))} = {value_text(value)}" for key, value in content.items()
    )


def spoil(draw, text):
    """A text with a piece taken out, doubled, or something put in."""
    start = draw(st.integers(0, len(text)))
    end = min(len(text), start + draw(st.sampled_from([0, 1, 2, 7, 40, 400])))
    middle = draw(
        TEXTS
        | st.sampled_from(
            [",", '"', "\n", "\r\n", "[[", "]]", "= ", "\n\n[x]\n", text[start:end] * 2]
        )
    )
    return text[:start] + middle + text[end:]


@st.composite
def surveys(draw):
    """A survey.toml with up to three values replaced, or its text spoilt."""
    if draw(st.integers(0, 3)) == 0:
        return spoil(draw, SMALL_TOML)
    content = CONTENT
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(PLACES))
        if draw(st.integers(0, 4)) == 0 and isinstance(path[-1], str):
            path = (*path[:-1], draw(TEXTS))
        try:
            content = put(content, path, draw(VALUES))
        except (KeyError, TypeError, IndexError):
            continue
    return as_toml(content)


@st.composite
def tables(draw, text):
    """A table of text with cells replaced, rows made ragged, or its text spoilt."""
    if draw(st.integers(0, 2)) == 0:
        return spoil(draw, text)
    rows = [line.split(",") for line in text.splitlines()]
    for _ in range(draw(st.integers(1, 4))):
        row = draw(st.integers(0, len(rows) - 1))
        match draw(st.integers(0, 5)):
            case 0:
                rows.insert(row, [draw(TEXTS)] * draw(st.integers(0, 4)))
            case 1:
                rows.insert(row, list(rows[0]))
            case 2:
                rows[row] = rows[row][: draw(st.integers(0, len(rows[row])))]
            case _ if rows[row]:
                rows[row][draw(st.integers(0, len(rows[row]) - 1))] = draw(TEXTS)
    return "\n".join(",".join(row) for row in rows)


def test_spoilt_survey_files(place):
    spoilt_survey_files(place, 110)


def spoilt_survey_files(place, count):
    @tries(count)
    @given(toml=surveys(), command=st.sampled_from(COMMANDS))
    def check(toml, command):
        folder = write(place, toml=toml)
        call(command[0], folder, *command[1:])

    check()


def test_spoilt_small_tables(place):
    spoilt_small_tables(place, 110)


def spoilt_small_tables(place, count):
    @tries(count)
    @given(
        targets=tables(SMALL_TARGETS),
        published=tables(PUBLISHED),
        command=st.sampled_from(COMMANDS),
    )
    def check(targets, published, command):
        call(command[0], write(place, targets=targets, published=published), *command[1:])

    check()


def test_spoilt_responses(place):
    spoilt_responses(place, 70)


def spoilt_responses(place, count):
    @tries(count)
    @given(
        responses=tables(CSV),
        codec=st.sampled_from(["utf-8", "utf-16", "cp1252", "utf-8-sig", "utf-32"]),
        command=st.sampled_from((*COMMANDS, ("new",))),
    )
    def check(responses, codec, command):
        folder = write(place, responses=responses.encode(codec, "replace"))
        if command == ("new",):
            call("new", folder / "responses.csv", place / "proposed")
            for file in (place / "proposed").glob("*"):
                file.unlink()
        else:
            call(command[0], folder, *command[1:])

    check()


@pytest.mark.parametrize("name", ["survey.toml", "targets.csv", "published.csv", "responses.csv"])
def test_no_command_waits_for_a_pipe(tmp_path, name):
    path = write(tmp_path) / name
    path.unlink()
    os.mkfifo(path)
    code, words = call("estimate", tmp_path)
    assert code == 2
    assert "is a pipe or a device" in words


def test_a_sheet_that_spreads_out_is_refused(tmp_path):
    """Some kilobytes that say that they have milliards of cells."""
    openpyxl = pytest.importorskip("openpyxl")
    file = write(tmp_path) / "wide.xlsx"
    book = openpyxl.Workbook()
    for row in range(1, 400):
        book.active.cell(row, 9999, "x")
    book.active.cell(1_048_576, 1, "x")
    book.save(file)
    assert file.stat().st_size < 50_000
    code, words = call("new", file, tmp_path / "new")
    assert code == 2
    assert "cells, most of them empty" in words


@pytest.mark.parametrize(
    ("key", "count"),
    [
        ("segments", 201),
        ("levels", 501),
        ("questions", 2001),
        ("outcomes", 101),
        ("crossbreaks", 201),
    ],
)
def test_there_are_limits(tmp_path, key, count):
    named = {f"x{number}": {"where": {"party": "Left"}} for number in range(count)}
    if key == "levels":
        content = put(CONTENT, ("attributes", "price", "levels"), [f"l{n}" for n in range(count)])
    elif key == "questions":
        content = put(CONTENT, ("questions",), {name: {"answers": ["a"]} for name in named})
    elif key == "outcomes":
        content = put(CONTENT, ("outcomes",), dict.fromkeys(named, CONTENT["outcomes"]["support"]))
    elif key == "crossbreaks":
        content = put(CONTENT, ("crossbreaks",), [{"column": name} for name in named])
    else:
        content = put(CONTENT, ("segments",), named)
    code, words = call("check", write(tmp_path, toml=as_toml(content)))
    assert code == 2
    assert f"{count:,} {key} are declared (expected" in words


def test_no_depth_and_no_number_of_unknown_keys_takes_long(tmp_path):
    code, words = call("check", write(tmp_path, toml=f"{SMALL_TOML}\nx = {'[' * 5000}{']' * 5000}"))
    assert code == 2
    assert "survey.toml: is nested too deeply" in words
    many = "\n".join(f"weightingg{number} = 1" for number in range(20_000))
    code, words = call("check", write(tmp_path, toml=f"{many}\n{SMALL_TOML}"))
    assert code == 2
    assert "weightingg0: is not a key that is known here. Did you mean weighting?" in words
    assert "1,001 faults" in words


def test_a_file_of_endless_columns_is_refused(tmp_path):
    names = ",".join(f"c{number}" for number in range(20_001))
    code, words = call("check", write(tmp_path, responses=f"id,{names}\na{',1' * 20_001}\n"))
    assert code == 2
    assert "has 20,002 columns (expected 20,000 at most)" in words


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("sex,Female,0.52", "sex,Female,0.52,x", "row 2: has 4 cells (expected 3 as the header)"),
        ("age,young", "margin,category,share\nage,young", "row 4: repeats the header"),
        ("0.52", "5_2", 'row 2: share "5_2" is not a number of zero or more'),
        ("0.52", '"1,000"', 'row 2: share "1,000" has marks for thousands'),
        ("0.52", "0.5" + "2" * 400, "has more than 12 decimals"),
        ("0.52", "1e308", "is too large"),
        ("0.52", '"0,52"', "has a decimal comma"),
        ("Female", "F" * 2001, "row 2, category: holds 2,001 signs"),
        ("margin,category", "margin,margin", "row 1: no column category"),
        ("share\n", "share,share\n", 'row 1: the column "share" stands twice'),
        ("Female", '"Fem', "cannot be read"),
    ],
)
def test_small_tables_are_read_strictly(tmp_path, old, new, words):
    assert old in SMALL_TARGETS
    code, told = call("weight", write(tmp_path, targets=SMALL_TARGETS.replace(old, new, 1)))
    assert code == 2
    assert words in told


@pytest.mark.parametrize("twin", ["left", "LEFT", "Le\u200bft", "Ｌeft", "Left,"])
def test_two_spellings_are_named_where_a_rule_uses_the_column(tmp_path, twin):
    """Not declared as a question, the column is read as it is."""
    content = {**CONTENT, "questions": {"warmth": CONTENT["questions"]["warmth"]}}
    rows = small_responses(20)
    rows.loc[0, "party"], rows.loc[1, "party"] = "Left", twin
    code, told = call("check", write(tmp_path, as_toml(content), rows.to_csv(index=False)))
    assert code == 2
    assert 'segments.left.where: the column "party" has "Left"' in told
    assert "which are one text in two spellings" in told


def test_two_spellings_are_named_in_a_crossbreak_and_a_margin(tmp_path):
    rows = small_responses(20)
    rows.loc[0, "sex"] = "female"
    rows["region"] = ["North", "north"] * 10
    folder = write(
        tmp_path, SMALL_TOML + '\n[[crossbreaks]]\ncolumn = "region"\n', rows.to_csv(index=False)
    )
    _, told = call("check", folder)
    assert 'targets of sex: the column "sex" has' in told
    assert 'crossbreaks: the column "region" has' in told


@pytest.mark.parametrize(
    "named", ["../targets.csv", "/etc/passwd", "link.csv", "x/../../targets.csv"]
)
def test_targets_stay_in_the_folder(tmp_path, named):
    folder = tmp_path / "survey"
    folder.mkdir()
    (tmp_path / "targets.csv").write_text(SMALL_TARGETS)
    (folder / "link.csv").symlink_to(tmp_path / "targets.csv")
    toml = SMALL_TOML.replace('targets = "targets.csv"', f'targets = "{named}"')
    code, told = call("check", write(folder, toml))
    assert code == 2
    assert "weighting.targets:" in told
    assert "is no file of the survey folder" in told


@pytest.mark.parametrize("command", ["weight", "estimate"])
def test_what_a_spreadsheet_would_run_is_refused_unless_raw(tmp_path, command):
    rows = small_responses(20)
    toml = SMALL_TOML
    if command == "weight":
        rows.loc[0, "id"] = "=cmd|' /C calc'!A0"
    else:
        toml = toml.replace('"red"', '"=1+1"')
        rows = rows.replace("red", "=1+1")
    folder, file = write(tmp_path, toml, rows.to_csv(index=False)), tmp_path / "out.csv"
    code, told = call(command, folder, "--to", file)
    assert (code, file.exists()) == (2, False)
    assert "a spreadsheet would run" in told
    assert call(command, folder, "--to", file, "--raw")[0] == 0
    assert "\n=" in file.read_text("utf-8") or ",=1+1," in file.read_text("utf-8")


KINDS = ("xlsx", "parquet", "dta", "csv.gz", "rds")


def packed(kind):
    """The small responses as a workbook, a Parquet, Stata or R file, or packed."""
    buffer = io.BytesIO()
    frame = small_responses(20)
    match kind:
        case "xlsx":
            frame.to_excel(buffer, index=False)
        case "parquet":
            frame.to_parquet(buffer, index=False)
        case "dta":
            frame.to_stata(buffer, write_index=False, version=118)
        case "csv.gz":
            buffer.write(gzip.compress(frame.to_csv(index=False).encode()))
        case _:
            with NamedTemporaryFile(suffix=".rds") as file:
                pyreadr.write_rds(file.name, frame.astype(str))
                buffer.write(Path(file.name).read_bytes())
    return buffer.getvalue()


def test_damaged_files_of_other_formats(place):
    damaged_files(place, 70)


def damaged_files(place, count):
    pytest.importorskip("pyarrow")
    whole = {kind: packed(kind) for kind in KINDS}

    @tries(count)
    @given(data=st.data(), kind=st.sampled_from(KINDS))
    def check(data, kind):
        content = bytearray(whole[kind])
        for _ in range(data.draw(st.integers(0, 4))):
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
        cut = data.draw(st.sampled_from([len(content), len(content) // 2, 30, 4, 0]))
        file = write(place) / f"responses.{kind}"
        file.write_bytes(bytes(content[:cut]))
        call("estimate", place, "--data", file)
        file.unlink()

    check()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("suite", "count"),
    [
        (spoilt_survey_files, 1100),
        (spoilt_small_tables, 1100),
        (spoilt_responses, 700),
        (damaged_files, 700),
    ],
)
def test_ten_times_as_many(place, suite, count):
    suite(place, count)
