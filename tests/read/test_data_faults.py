"""Every fault of the responses, named by file, row as a spreadsheet shows it, and column."""

import pytest

from conjoint import read_wave
from conjoint.errors import DataError


def faults(folder, read=read_wave):
    return folder.faults(read)


@pytest.mark.parametrize(
    ("row", "column", "value", "what"),
    [
        (14, "t2_B_price", "lowest", '"lowest" is not a level of "price" (expected low, mid, high)'),
        (14, "t2_B_price", "", 'no level of "price"'),
        (61, "t3_A_support", "maybe", '"maybe" is not an answer to "support" (expected yes, no, skip)'),
        (2, "party", "Up", '"Up" is not an answer to "party" (expected Left, Right, None)'),
        (2, "warmth", "11", '"11" is not an answer to "warmth" (expected a number from 0 to 10)'),
        (2, "warmth", "hot", '"hot" is not an answer to "warmth"'),
        (9, "id", "", "has no respondent id"),
        (9, "id", "r001", 'the id of another respondent stands again (first at row 2, id)'),
    ],
)  # fmt: skip
def test_a_wrong_cell_is_the_one_fault(folder, row, column, value, what):
    (fault,) = faults(folder.cell(row, column, value))
    assert fault.startswith(f"responses.csv, row {row}, {column}: {what}")


@pytest.mark.parametrize(
    ("answers", "what"),
    [
        ("11", "more than one of the task's profiles is chosen"),
        ("00", "none of the task's profiles is chosen"),
        (["1", ""], "some profiles of the task have an answer, some none"),
    ],
)
def test_a_task_without_exactly_one_choice_is_the_one_fault(folder, answers, what):
    folder.cell(30, "t2_A_choice", answers[0]).cell(30, "t2_B_choice", answers[1])
    (fault,) = faults(folder)
    assert fault.startswith(f"responses.csv, row 30, t2_A_choice: {what}")


def test_an_unreadable_choice_is_not_named_again_as_a_task_without_choice(folder):
    (fault,) = faults(folder.cell(30, "t2_B_choice", "yes"))
    assert fault.startswith(
        'responses.csv, row 30, t2_B_choice: "yes" is not an answer to "choice"'
    )


def test_a_misfit_in_several_cells_is_named_once_and_counted(folder):
    for row in (5, 9, 12):
        folder.cell(row, "t1_A_size", "XL")
    (fault,) = faults(folder)
    assert fault.startswith(
        'responses.csv, row 5, t1_A_size: "XL" is not a level of "size" (2 more cells hold it)'
    )


def test_rows_keep_their_number_behind_blank_ones(folder):
    path = folder.cell(20, "t1_A_size", "XL").write() / "responses.csv"
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:4], "", "," * lines[0].count(","), *lines[4:]]))
    with pytest.raises(DataError, match=r"responses\.csv, row 22, t1_A_size"):
        read_wave(folder.path)


def test_a_cell_with_a_line_break_counts_as_one_row(folder):
    folder.responses["comment"] = "first\nsecond"
    (fault,) = faults(folder.cell(20, "t1_A_size", "XL"))
    assert fault.startswith("responses.csv, row 20, t1_A_size")


@pytest.mark.parametrize("weight", ["-1", "", "inf"])
def test_a_weight_that_cannot_be_used_is_named_by_its_column(folder, weight):
    folder.responses["w"] = "1"
    folder.replace('respondent = "id"', 'respondent = "id"\nweight = "w"').cell(7, "w", weight)
    (fault,) = faults(folder)
    assert fault.startswith("responses.csv, row 7, w: the weight")


def test_a_weight_in_words_is_the_one_fault(folder):
    folder.responses["w"] = "1"
    folder.replace('respondent = "id"', 'respondent = "id"\nweight = "w"').cell(7, "w", "heavy")
    (fault,) = faults(folder)
    assert fault.startswith('responses.csv, row 7, w: "heavy" is not a weight (expected a number)')


@pytest.mark.parametrize(
    "column", ["t2_A_price", "t2_B_choice", "t3_A_support", "party", "warmth", "sex", "id"]
)
def test_an_absent_column_is_the_one_fault(folder, column):
    folder.responses = folder.responses.drop(columns=column)
    (fault,) = faults(folder)
    assert fault.startswith(f'responses.csv, row 1: there is no column "{column}"')


def test_an_absent_weight_is_named(folder):
    folder.replace('respondent = "id"', 'respondent = "id"\nweight = "w"')
    (fault,) = faults(folder)
    assert fault.startswith('responses.csv, row 1: there is no column "w"')


def test_an_absent_column_does_not_hide_what_is_wrong_elsewhere(folder):
    folder.responses = folder.responses.drop(columns=["t2_A_price", "t1_B_choice"])
    folder.cell(9, "t1_B_price", "").cell(9, "t2_A_choice", "1").cell(9, "t2_B_choice", "1")
    found = faults(folder)
    assert [f.split(" (")[0] for f in found] == [
        'responses.csv, row 1: there is no column "t1_B_choice"',
        'responses.csv, row 1: there is no column "t2_A_price"',
        'responses.csv, row 9, t1_B_price: no level of "price"',
        "responses.csv, row 9, t2_A_choice: more than one of the task's profiles is chosen",
    ]


def test_two_columns_of_one_name_are_named(folder):
    path = folder.write() / "responses.csv"
    path.write_text(path.read_text().replace("id,sex,age", "id,sex,sex", 1))
    with pytest.raises(DataError, match=r'row 1: the column "sex" stands twice'):
        read_wave(folder.path)


def test_a_forbidden_pair_is_named(folder):
    folder.toml += '\n[[restrictions]]\nnever = { price = "low", colour = "red" }\n'
    people = folder.responses
    for task in "123":
        for who in "AB":
            both = (people[f"t{task}_{who}_price"] == "low") & (
                people[f"t{task}_{who}_colour"] == "red"
            )
            people.loc[both, f"t{task}_{who}_price"] = "mid"
    folder.cell(11, "t3_B_price", "low").cell(11, "t3_B_colour", "red")
    (fault,) = faults(folder)
    assert fault.startswith('responses.csv, row 11, t3_B_price: "low" (price) meets "red" (colour)')


def test_a_file_that_is_not_there_is_named(folder):
    (folder.write() / "responses.csv").unlink()
    with pytest.raises(DataError, match=r"responses\.csv: there is no such file"):
        read_wave(folder.path)


def test_a_file_without_rows_is_named(folder):
    folder.responses = folder.responses.iloc[:0]
    (fault,) = faults(folder)
    assert fault == "responses.csv: there are no responses in it (expected one row or more)."


def test_an_empty_file_is_named(folder):
    (folder.write() / "responses.csv").write_text("")
    with pytest.raises(DataError, match=r"responses\.csv: the file is empty"):
        read_wave(folder.path)


def test_a_row_that_is_too_long_is_named(folder):
    path = folder.write() / "responses.csv"
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:3], lines[3] + ",surplus", *lines[4:]]))
    with pytest.raises(DataError, match=r"responses\.csv, row 4: has 36 cells"):
        read_wave(folder.path)


def test_a_kind_of_file_that_is_not_read_is_named(folder):
    with pytest.raises(DataError, match=r'a "\.xyz" file cannot be read'):
        read_wave(folder.write(), data=folder.path / "answers.xyz")


def test_a_survey_that_names_no_file_says_how_to_give_one(folder):
    folder.replace('file = "responses.csv"\n', "")
    (fault,) = faults(folder)
    assert fault.startswith("survey.toml, data.file: names no file of responses")
    assert "--data FILE" in fault


def test_a_survey_without_layout_says_so(folder):
    start, rest = folder.toml.split("[data]")
    folder.toml = start + "[attributes.price]" + rest.split("[attributes.price]")[1]
    (fault,) = faults(folder)
    assert fault.startswith("survey.toml, data: is missing")


def test_the_repeated_task_is_checked_as_the_others_are(folder):
    folder.replace("tasks = 3", 'tasks = ["1", "2"]\nrepeat = { task = "3", of = "1" }')
    folder.cell(12, "t3_A_choice", "1").cell(12, "t3_B_choice", "1")
    faults = folder.faults(read_wave)
    assert len(faults) == 1
    assert faults[0].startswith("responses.csv, row 12, t3_A_choice: more than one of the task")
