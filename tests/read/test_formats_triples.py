"""Triple-S surveys: definitions and records, of fixed width or comma-separated, in every version read."""

import numpy as np
import pytest
from triples_writer import Writer

import conjoint as cj
from conjoint.cli import run as cli
from conjoint.errors import DataError
from conjoint.folder import open_folder
from conjoint.read.file import companions, read_responses
from conjoint.survey import Data

READ = Data(layout="long", respondent="id")

LONG = "Langer Text, «mit» Zeichen; " * 40

VARIABLES = [
    ("id", "quantity", "Serial number", {"range": (1, 99999), "use": "serial"}),
    ("vote", "single", "どの政党に投票しますか？", {"values": {1: "自民党", 2: "Лейбористы", 99: "لا أعرف"}}),
    ("plan", "single", "Plan shown", {"values": {"A": "Plan <A> & more", "b": "Plan b"}, "literal": True}),
    ("news", "multiple", "Where do you get news?", {"values": {1: "TV", 2: "Ραδιόφωνο", 9: "Other"}}),
    ("best", "multiple", "Best two", {"values": {1: "TV", 12: "Paper", 3: "Radio"}, "spread": 2}),
    ("miles", "quantity", "Miles", {"range": ("0.00", "500.00"), "values": {"999.99": "Not stated"}}),
    ("why", "character", "Why?", {"size": len(LONG)}),
    ("again", "logical", "Again?", {}),
    ("day", "date", "Day", {}),
    ("at", "time", "Time", {}),
]  # fmt: skip

PEOPLE = [
    {"id": 7, "vote": 1, "plan": "A", "news": {1, 9}, "best": [12, 3], "miles": "12.50", "why": LONG.strip(),
     "again": 1, "day": "20260501", "at": "093005"},
    {"id": 12345, "vote": 99, "plan": "b", "news": set(), "best": [1], "miles": "999.99", "why": 'said "ну, да"',
     "again": 0, "day": "20260502", "at": "235959"},
    {"id": 8, "vote": None, "plan": None, "news": None, "best": None, "miles": None, "why": "",
     "again": None, "day": None, "at": None},
    {"id": 9, "vote": 2, "plan": "A", "news": {2}, "best": [3], "miles": "-3.00", "why": "日本語", "again": 1,
     "day": "20240229", "at": "000000"},
]  # fmt: skip

EXPECTED = {
    "id": ["7", "12345", "8", "9"],
    "vote": ["自民党", "لا أعرف", None, "Лейбористы"],
    "plan": ["Plan <A> & more", "Plan b", None, "Plan <A> & more"],
    "news_1": ["1", "0", None, "0"],
    "news_2": ["0", "0", None, "1"],
    "news_9": ["1", "0", None, "0"],
    "best_1": ["0", "1", None, "0"],
    "best_12": ["1", "0", None, "0"],
    "best_3": ["1", "0", None, "1"],
    "miles": ["12.5", "Not stated", None, "-3"],
    "why": [LONG.strip(), 'said "ну, да"', None, "日本語"],
    "again": ["1", "0", None, "1"],
    "day": ["2026-05-01", "2026-05-02", None, "2024-02-29"],
    "at": ["09:30:05", "23:59:59", None, "00:00:00"],
}


def cells(responses):
    return {
        name: [None if cell != cell else cell for cell in column.astype(object)]
        for name, column in responses.cells.items()
    }


@pytest.mark.parametrize("form", ["letters", "bytes", "csv"])
@pytest.mark.parametrize("version", ["1.2", "2.0", "3.0"])
def test_no_label_is_lost_on_the_way(tmp_path, form, version):
    writer = Writer(
        VARIABLES, csv=form == "csv", in_bytes="utf-8" if form == "bytes" else "", version=version
    )
    (tmp_path / "wave.sss").write_text(writer.definitions(), encoding="utf-8")
    records = tmp_path / ("wave.csv" if form == "csv" else "wave.asc")
    records.write_bytes(writer.records(PEOPLE).encode())
    read = read_responses(tmp_path / "wave.sss", READ)
    assert cells(read) == EXPECTED
    assert read.labels["vote"] == "どの政党に投票しますか？"
    assert read.labels["news_2"] == "Where do you get news? - Ραδιόφωνο"
    assert read.answers["vote"] == ("自民党", "Лейбористы", "لا أعرف")
    assert read.sets["news"] == ("Where do you get news?", ("news_1", "news_2", "news_9"))
    assert read.rows.tolist() == ([2, 3, 4, 5] if form == "csv" else [1, 2, 3, 4])
    assert [note for note in read.notes if "bytes" in note] == [*read.notes]
    assert bool(read.notes) == (form == "bytes")
    assert companions(tmp_path / "wave.sss") == (records,)
    codes = read_responses(tmp_path / "wave.sss", READ.model_copy(update={"values": "codes"}))
    assert cells(codes)["vote"] == ["1", "99", None, "2"]
    if form != "csv":
        assert cells(read_responses(records, READ)) == EXPECTED


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("windows-1251", "Лейбористы"),
        ("ISO-8859-1", "Für später"),
        ("shift_jis", "自民党"),
        ("UTF-16", "자유"),
    ],
)
def test_other_encodings_are_those_that_the_definitions_name(tmp_path, encoding, text):
    variables = [
        ("id", "quantity", "Id", {"range": (1, 9)}),
        ("a", "single", text, {"values": {1: text}}),
        ("t", "character", "T", {"size": 12}),
    ]
    writer = Writer(variables, csv=True)
    (tmp_path / "w.xml").write_bytes(writer.definitions(encoding).encode(encoding))
    people = [{"id": 1, "a": 1, "t": text}, {"id": 2, "a": 1, "t": "x"}]
    (tmp_path / "w.csv").write_bytes(writer.records(people).encode(encoding))
    read = read_responses(tmp_path / "w.xml", READ)
    assert cells(read) == {"id": ["1", "2"], "a": [text, text], "t": [text, "x"]}
    assert read.labels["a"] == text


WORDS = '''SSS
VERSION "1.1"
ORIGIN "A program"
< comments may stand anywhere >
SURVEY
TITLE "A wave"
RECORD V
VARIABLE 1
 NAME "id"
 LABEL "Serial number"
 TYPE QUANTITY
 POSITION 1 TO 3
 VALUES 1 TO 999 END VALUES
END VARIABLE
VARIABLE 2
 NAME "vote" LABEL "How would you{NL}vote?" TYPE SINGLE POSITION 4
 VALUES
  1 "Labour"
  2 "The ""Greens"""
  9 "Don't know" SPECIAL
 END VALUES
END VARIABLE
VARIABLE 3
 NAME "news" LABEL "News" TYPE MULTIPLE POSITION 5 TO 6 SPREAD 2 OF 1
 VALUES 1 TO 5 WITH 9 "Other" END VALUES
END VARIABLE
VARIABLE 4 NAME "why" LABEL "" TYPE CHARACTER SIZE 5 POSITION 7 TO 12 END VARIABLE
END RECORD
END SURVEY
END SSS
'''


def test_definitions_of_before_xml_are_read(tmp_path):
    (tmp_path / "w.sss").write_text(WORDS)
    (tmp_path / "w.asc").write_bytes("  1119für x\n 10200abcdef\n123 \n".encode("latin-1"))
    read = read_responses(tmp_path / "w.sss", READ)
    assert cells(read) == {
        "id": ["1", "10", "123"],
        "vote": ["Labour", 'The "Greens"', None],
        "news_9": ["1", "0", None],
        "news_1": ["1", "0", None],
        "why": ["für x", "abcde", None],
    }
    assert read.labels["vote"] == "How would you vote?"
    assert read.answers["vote"] == ("Labour", 'The "Greens"', "Don't know")


def test_codes_that_nothing_declares_stay_and_are_said(tmp_path):
    variables = [
        ("id", "quantity", "", {"range": (1, 9)}),
        ("a", "single", "", {"values": {1: "Yes"}}),
    ]
    writer = Writer(variables)
    (tmp_path / "w.sss").write_text(writer.definitions())
    (tmp_path / "w.asc").write_text(writer.records([{"id": 1, "a": 7}, {"id": 2, "a": 1}]))
    read = read_responses(tmp_path / "w.sss", READ)
    assert cells(read)["a"] == ["7", "Yes"]
    assert read.notes == ("w.sss: codes without a value label are kept as codes in a (7).",)


def small(
    body="", head="<survey>", kind="single", more='<values><value code="1">Yes</value></values>'
):
    return (
        f'<sss version="2.0">{head}<record ident="A"><variable ident="1" type="{kind}"><name>q</name>'
        f'<label>Q</label><position start="1" finish="2"/>{more}{body}</variable></record></survey></sss>'
    )  # fmt: skip


BOMB = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "ha"}">' for n in range(12))


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (f"<!DOCTYPE sss [{BOMB}]>{small('&a11;')}", 'declares an entity of its own, "a0"'),
        (f'<!DOCTYPE sss [<!ENTITY x SYSTEM "file:///etc/passwd">]>{small("&x;")}', "an entity of its own"),
        (small(more="<values><value code='1'>&nosuch;</value></values>"), 'not known, "&nosuch;"'),
        ("<a>" * 60 + "</a>" * 60, "nested too deeply"),
        ('<sss version="2.0"><hierarchy><level ident="p" href="people.sss"/></hierarchy></sss>',
         r"a hierarchy of surveys.* \(expected the definitions of one level: people\.sss\)"),
        ('<sss version="3.0"><survey><hierarchy ident="h"><parent level="1"/></hierarchy></survey></sss>',
         r"a hierarchy of surveys.* \(expected the definitions of one level\)"),
        (small()[:-6], "line 1: is not XML: no element found"),
        ("<html></html>", "is XML, but not a Triple-S survey"),
        (small(kind="grid"), 'variable q is of the type "grid" .expected single, multiple'),
        (small(kind="multiple", more='<values><value code="9">x</value></values>'), "has 2 places of each record .expected 9"),
        (small(kind="multiple", more='<values><range from="1" to="999999999"/></values>'), "expected 999999999"),
        (small(more='<values><value code="123">x</value></values>'), "has 2 places of each record .expected 3"),
        (small(more="<size>many</size>"), '"many" of variable q is not a whole number'),
        ("id,a\n1,2\n", "is not a file of Triple-S definitions"),
        ('SSS VERSION 1.0 SURVEY VARIABLE 1 NAME "a" TYPE SINGLE SIZE 2 END VARIABLE', "gives no POSITION of variable a"),
        ('<?xml version="1.0" encoding="UTF-8"?><sss>\udcff</sss>', "bytes that are not UTF-8"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_definitions_is_one_fault(tmp_path, content, what):
    (tmp_path / "w.sss").write_bytes(content.encode("utf-8", "surrogateescape"))
    (tmp_path / "w.asc").write_text("1\n")
    with pytest.raises(DataError, match=what):
        read_responses(tmp_path / "w.sss", READ)


def test_entities_of_html_and_texts_for_languages_are_known(tmp_path):
    label = '<text xml:lang="fr">Où&nbsp;?</text><text xml:lang="en">Where?</text>'
    values = f'<values><value code="1">caf&eacute;<br/>bar</value><value code="2">{label}</value></values>'
    text = small(more=values).replace('version="2.0"', 'version="2.0" languages="en fr"')
    (tmp_path / "w.sss").write_text(text)
    (tmp_path / "w.asc").write_text(" 1\n02\n")
    assert cells(read_responses(tmp_path / "w.sss", READ)) == {"q": ["café bar", "Where?"]}


@pytest.mark.parametrize(
    ("form", "record", "what"),
    [
        ("csv", "1,10\n", 'row 1, news: holds "10" .expected 9 signs'),
        ("csv", "1\n", "row 1: has fewer fields than the definitions name .expected 2 or more"),
        ("csv", '1,"1\n', "row 1: cannot be read"),
        ("fixed", "   1200000000\n", 'row 1, news: holds "2" among its signs'),
    ],
)
def test_records_that_do_not_fit_are_named(tmp_path, form, record, what):
    variables = [("id", "quantity", "", {"range": (1, 999)}), VARIABLES[3]]
    writer = Writer(variables, csv=form == "csv")
    text = writer.definitions().replace(' skip="1"', "")
    (tmp_path / "w.sss").write_text(text, encoding="utf-8")
    (tmp_path / ("w.csv" if form == "csv" else "w.asc")).write_text(record)
    with pytest.raises(DataError, match=what):
        read_responses(tmp_path / "w.sss", READ)


def test_the_other_file_is_looked_for_in_the_same_folder_alone(tmp_path):
    outside = tmp_path / "secret.asc"
    outside.write_text("1\n")
    folder = tmp_path / "in"
    folder.mkdir()
    writer = Writer([("q", "single", "Q", {"values": {1: "Yes"}})], href="../secret.asc")
    (folder / "w.sss").write_text(writer.definitions())
    with pytest.raises(
        DataError, match=r"no file of records beside it .expected secret\.asc in the same folder"
    ):
        read_responses(folder / "w.sss", READ)
    (folder / "secret.asc").write_text(" 1\n 1\n")
    assert cells(read_responses(folder / "w.sss", READ)) == {"q": ["Yes", "Yes"]}
    (folder / "alone.asc").write_text("1\n")
    with pytest.raises(DataError, match=r"alone\.asc: has no definitions beside it"):
        read_responses(folder / "alone.asc", READ)


def test_a_survey_is_made_of_both_files(tmp_path, monkeypatch, capsys):
    levels = {"price": {1: "£10", 2: "£30"}, "brand": {1: "Север", 2: "Юг"}}
    variables = [("id", "quantity", "Id", {"range": (1, 999)})]
    for task in (1, 2, 3):
        for profile in "AB":
            variables += [
                (f"t{task}_{profile}_{name}", "single", "", {"values": own})
                for name, own in levels.items()
            ]
        variables.append(
            (f"t{task}_choice", "single", "Which?", {"values": {1: "Plan A", 2: "Plan B"}})
        )
    rng = np.random.default_rng(5)
    people = [
        {name: number if name == "id" else int(rng.integers(1, 3)) for name, *_ in variables}
        for number in range(1, 91)
    ]
    writer = Writer(variables)
    (tmp_path / "wave.sss").write_text(writer.definitions(), encoding="utf-8")
    (tmp_path / "wave.asc").write_text(writer.records(people))
    monkeypatch.setattr(
        "sys.argv", ["conjoint", "new", str(tmp_path / "wave.sss"), str(tmp_path / "F")]
    )
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert not ended.value.code
    assert (tmp_path / "F" / "wave.asc").read_bytes() == (tmp_path / "wave.asc").read_bytes()
    wave = cj.read_wave(tmp_path / "F")
    assert wave.n_respondents == 90
    assert wave.survey.attributes["brand"].values == ("Север", "Юг")
    assert not [own for own in open_folder(tmp_path / "F").unused if own.kind == "files"]
