"""The file that is written: comments that say how sure, nothing overwritten, nothing half-written."""

import tomllib
from dataclasses import replace

import pytest
from exported import responses, settled, wide

from conjoint.errors import RequestError
from conjoint.propose import Guess, as_toml, propose, write_survey
from conjoint.propose.toml import value_text
from conjoint.survey import read_survey


@pytest.fixture(scope="module")
def frame():
    return wide(lambda t, p, a: f"t{t}_{p}_{a}", lambda t: f"t{t}_choice")


@pytest.fixture
def export(tmp_path, frame):
    path = tmp_path / "an export.csv"
    frame.to_csv(path, index=False)
    return propose(responses(frame, path))


def test_each_line_says_how_sure_it_is_and_why(export):
    text = as_toml(export)
    assert 'respondent = "respondent_id"  # sure: 300 ids, none twice' in text
    assert 'title = "an export"  # guess' in text
    assert "# sure: 10 columns such as t1_A_price; ordered by the number in each" in text
    assert (
        '# likely: 10 columns such as t1_A_cut; ordered by the number in each; "None" taken for 0'
        in text
    )
    for line in text.splitlines():
        if " = " in line and not line.startswith(("#", " ")):
            assert (
                "# " in line
                or len(line) > 60
                or text.splitlines()[text.splitlines().index(line) - 1].startswith("# ")
            ), line
    assert max(map(len, text.splitlines())) < 140


def test_what_is_to_decide_stands_at_its_place(export):
    text = as_toml(export)
    partner = text.split("[attributes.partner]")[1].split("\n[")[0]
    assert "# Move the lines into the order in which the levels are to stand." in partner
    assert "DECIDE" not in partner
    assert '# baseline = "Spain"' in partner
    assert tomllib.loads(text)["attributes"]["partner"].keys() == {"levels"}


def test_uncommenting_a_line_decides(frame):
    frame = frame.assign(weight="1.5")
    frame.loc[::2, "weight"] = "0.5"
    text = as_toml(propose(responses(frame)))
    assert "weight" not in tomllib.loads(text)["data"]
    decided = text.replace('# weight = "weight"', 'weight = "weight"')
    assert tomllib.loads(decided)["data"]["weight"] == "weight"


def test_an_order_is_decided_by_places(export):
    decision = next(d for d in export.decisions if d.kind == "order")
    assert [option.text for option in decision.options] == [
        "France",
        "Germany",
        "Italy",
        "Poland",
        "Spain",
    ]
    done = export.decide(decision, [4, 0, 1, 2, 3])
    levels = done.content()["attributes"]["partner"]["levels"]
    assert levels == ["Spain", "France", "Germany", "Italy", "Poland"]
    assert decision not in done.decisions
    assert (
        done.guesses["attributes", "partner", "levels"].items[0]
        == export.guesses["attributes", "partner", "levels"].items[4]
    )
    for wrong in ([0, 1], [0, 0, 1, 2, 3], 2):
        with pytest.raises(RequestError, match=r"attributes\.partner\.levels"):
            export.decide(decision, wrong)


def test_an_option_that_is_not_there_is_refused(export):
    decision = next(d for d in export.decisions if d.kind == "option")
    for wrong in (-1, 99, [0, 1]):
        with pytest.raises(RequestError, match="is not an answer"):
            export.decide(decision, wrong)


def test_a_proposal_cannot_be_changed(export):
    with pytest.raises(AttributeError):
        export.notes = ()


def test_the_folder_holds_the_survey_and_the_data(export, tmp_path):
    target = write_survey(settled(export), tmp_path / "new" / "deep")
    assert target == tmp_path / "new" / "deep" / "survey.toml"
    assert sorted(p.name for p in target.parent.iterdir()) == ["an export.csv", "survey.toml"]
    assert (target.parent / "an export.csv").read_bytes() == export.path.read_bytes()
    assert read_survey(target.parent).data.file == "an export.csv"


def test_without_a_copy_the_survey_names_no_file(export, tmp_path):
    target = write_survey(export, tmp_path / "new", copy=False)
    assert [p.name for p in target.parent.iterdir()] == ["survey.toml"]
    assert read_survey(target.parent).data.file == ""
    assert "give it with --data FILE" in target.read_text()


def test_nothing_is_overwritten(export, tmp_path):
    folder = tmp_path / "old"
    folder.mkdir()
    (folder / "survey.toml").write_text("title = 'mine'\n")
    with pytest.raises(RequestError, match="is already there"):
        write_survey(export, folder)
    assert (folder / "survey.toml").read_text() == "title = 'mine'\n"
    assert [p.name for p in folder.iterdir()] == ["survey.toml"]
    other = tmp_path / "other"
    other.mkdir()
    (other / "an export.csv").write_text("something else")
    with pytest.raises(RequestError, match="is not the file of responses"):
        write_survey(export, other)
    assert [p.name for p in other.iterdir()] == ["an export.csv"]
    with pytest.raises(RequestError, match="is a file"):
        write_survey(export, export.path)


def test_data_that_lie_in_the_folder_stay_there(export, tmp_path):
    target = write_survey(export, tmp_path)
    assert target.parent == export.path.parent
    assert sorted(p.name for p in tmp_path.iterdir()) == ["an export.csv", "survey.toml"]


def test_nothing_half_written_is_left_behind(export, tmp_path):
    gone = replace(export, path=tmp_path / "gone.csv")
    with pytest.raises(RequestError, match="cannot be written"):
        write_survey(gone, tmp_path / "new" / "deep")
    assert not (tmp_path / "new").exists()


def test_what_is_no_character_is_refused_before_anything_is_made(export, tmp_path):
    broken = replace(export, guesses={**export.guesses, ("title",): Guess("\ud800", "guess")})
    with pytest.raises(Exception, match="which is no character"):
        write_survey(broken, tmp_path / "new")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    "value",
    ['"""', "a\nb", "tab\t", "\x00\x1f\x7f", "é😀", "]#", "\\", [1, "x", {"a b": 2.5}], True],
)
def test_values_are_written_as_toml(value):
    assert tomllib.loads(f"x = {value_text(value)}")["x"] == value
