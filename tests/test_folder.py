"""A survey folder is checked as a whole: every fault at once."""

import pytest

from conjoint.errors import InputError
from conjoint.folder import load_folder, open_folder


def test_a_sound_folder_opens(folder):
    wave = open_folder(folder.write())
    assert (wave.n_respondents, wave.n_profiles) == (60, 360)
    assert wave.weights.tolist() == [1.0] * 60


def plant_ten_faults(folder):
    """Spoil the folder ten ways; give back what each fault has to say, and where."""
    folder.responses = folder.responses.drop(columns="t3_B_size")
    folder.cell(5, "t1_A_price", "lowest")
    folder.cell(9, "id", "r002")
    folder.cell(12, "t2_A_choice", "1").cell(12, "t2_B_choice", "1")
    folder.cell(15, "t3_A_choice", "0").cell(15, "t3_B_choice", "0")
    folder.targets = folder.targets.replace("old,0.6", "old,0.57").replace(
        "sex,Male,0.48\n", "sex,Male,0.46\nsex,Other,0.02\n"
    )
    folder.toml += '\n[segments.nobody]\nwhere = { sex = "Unknown" }\n'
    folder.replace("tasks = 3", "tasks = 3\nthis line is broken")
    folder.replace('levels = ["red", "green"]', 'levels = ["red"]')
    for column in folder.responses.columns:
        if column.endswith("_colour"):
            folder.responses[column] = "red"
    return [
        ("survey.toml, line 8", "is not TOML"),
        ("survey.toml, attributes.colour.levels", "1 level(s): nothing varies"),
        ("survey.toml, segments.nobody", "nobody is in this segment"),
        ('targets.csv, margin "age"', "sum to 97%"),
        ('targets.csv, margin "sex"', 'nobody is in the category "Other"'),
        ("responses.csv, row 1", 'there is no column "t3_B_size"'),
        ("responses.csv, row 5, t1_A_price", '"lowest" is not a level of "price"'),
        (
            "responses.csv, row 9, id",
            "the id of another respondent stands again (first at row 3, id)",
        ),
        ("responses.csv, row 12, t2_A_choice", "more than one of the task's profiles is chosen"),
        ("responses.csv, row 15, t3_A_choice", "none of the task's profiles is chosen"),
    ]


def test_ten_faults_of_three_files_are_named_at_once(folder):
    expected = plant_ten_faults(folder)
    faults = folder.faults(open_folder)
    for where, what in expected:
        assert [f for f in faults if f.startswith(where + ": ") and what in f], (where, what)


def test_ten_faults_are_ten_lines(folder):
    expected = plant_ten_faults(folder)
    faults = folder.faults(open_folder)
    assert len(faults) == len(expected) == 10, "\n".join(faults)


def test_every_fault_names_its_file(folder):
    plant_ten_faults(folder)
    with pytest.raises(InputError) as caught:
        open_folder(folder.write())
    files = [folder.path / name for name in ("survey.toml", "targets.csv", "responses.csv")]
    assert all(fault.where.startswith(tuple(map(str, files))) for fault in caught.value.faults)


@pytest.mark.parametrize("column", ["party", "warmth", "sex"])
def test_an_absent_respondent_column_is_named_with_the_rule_that_needs_it(folder, column):
    folder.responses = folder.responses.drop(columns=column)
    faults = "\n".join(folder.faults(open_folder))
    needs = {"party": "segments.left", "warmth": "segments.warm", "sex": 'margin "sex"'}[column]
    assert f'responses.csv, row 1: there is no column "{column}"' in faults
    assert f"{needs}" in faults
    assert f"there is no respondent column {column}" in faults


def test_a_survey_whose_shape_is_broken_is_refused_alone(folder):
    folder.replace('title = "Small survey"', "titel = 1").cell(5, "t1_A_price", "lowest")
    with pytest.raises(InputError) as caught:
        open_folder(folder.write())
    assert {fault.where.split(", ")[1] for fault in caught.value.faults} == {"title", "titel"}


def test_keys_that_do_not_fit_hide_nothing_of_the_other_files(folder):
    folder.replace("tasks = 3", 'tasks = 3\nfile_ = "x"\ndecimal = "comma"')
    folder.toml += (
        '\n[thresholds]\ncaution_below = "many"\n[segments.nobody]\nwhere = { sex = "Unknown" }\n'
    )
    folder.cell(5, "t1_A_price", "lowest").cell(9, "id", "").cell(11, "warmth", "99")
    folder.targets = folder.targets.replace("old,0.6", "old,0.57")
    folder.published = "question,group,answer,value,decimals,where\nparty,Total,Left,much,0,p\n"
    assert [fault.split(": ")[0] for fault in folder.faults(open_folder)] == [
        'targets.csv, margin "age"',
        "published.csv, row 2",
        "survey.toml, data.decimal",
        "survey.toml, data.file_",
        "survey.toml, thresholds.caution_below",
        "responses.csv, row 11, warmth",
        "responses.csv, row 5, t1_A_price",
        "responses.csv, row 9, id",
        "survey.toml, segments.nobody",
    ]


def test_the_data_can_lie_elsewhere(folder, tmp_path_factory):
    folder.write()
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "export.csv"
    (folder.path / "responses.csv").rename(elsewhere)
    assert open_folder(folder.path, data=elsewhere).n_respondents == 60


def test_a_segment_of_nobody_is_a_fault_of_the_rule_and_stops_nothing_else(folder):
    folder.toml += '\n[segments.nobody]\nwhere = { sex = "Unknown" }\n'
    wave = open_folder(folder.write())
    assert list(wave.survey.segments) == ["left", "warm", "nobody"]
    assert wave.survey.targets is not None
    rest, (fault,) = load_folder(folder.path)
    assert fault.what == "nobody is in this segment"
    assert list(rest.survey.segments) == ["left", "warm"]
    folder.cell(5, "t1_A_price", "lowest")
    assert any("nobody is in this segment" in fault for fault in folder.faults(open_folder))
