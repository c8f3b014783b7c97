import pytest

from conjoint.errors import (
    ConjointError,
    DataError,
    EstimationError,
    Fault,
    InputError,
    ReportError,
    RequestError,
    SurveyError,
    TargetError,
    choices,
)


def test_a_fault_says_where_what_expected_and_what_to_do():
    fault = Fault("file.csv, row 2, cap", '"x" is no level', "a or b", "Correct the cell.")
    assert (
        str(fault) == 'file.csv, row 2, cap: "x" is no level (expected a or b). Correct the cell.'
    )


def test_a_fault_leaves_out_what_it_does_not_know():
    assert str(Fault("weights", "all are zero")) == "weights: all are zero."


def test_a_fault_is_one_line_and_shows_what_is_invisible():
    fault = Fault("file.csv, row 2, a\tb", '"low\u200b\n\x1b[31m\xa0" is no level', "low")
    assert str(fault) == (
        r'file.csv, row 2, a\tb: "low\u200b\n\x1b[31m\xa0" is no level (expected low).'
    )


def test_a_fault_that_quotes_a_novel_shows_both_its_ends():
    said = str(Fault("file.csv", f'"{"so " * 50_000}" is no level', "low", "Correct it."))
    assert len(said) < 1600
    assert said.startswith('file.csv: "so so')
    assert said.endswith('so " is no level (expected low). Correct it.')
    assert "more signs]" in said


def test_an_error_is_one_line_a_fault():
    error = DataError(Fault("a", "is wrong"), Fault("b", "is worse"))
    assert str(error) == "a: is wrong.\nb: is worse."
    assert [fault.where for fault in error.faults] == ["a", "b"]


def test_rows_at_the_same_fault_are_one_line_with_a_count_and_the_first_places():
    rows = [Fault(f"file.csv, row {row}, price", "is empty", "a level") for row in range(2, 1002)]
    other = Fault("file.csv, row 9, price", '"x" is no level')
    error = DataError(rows[0], other, *rows[1:])
    assert str(error) == (
        "file.csv, row 2, price: is empty, in 1,000 places: also row 3, row 4, row 5, row 6 and 995 more "
        '(expected a level).\nfile.csv, row 9, price: "x" is no level.'
    )


def test_columns_of_one_row_at_the_same_fault_are_named():
    error = DataError(*(Fault(f"file.csv, row 2, {name}", "is empty") for name in ("q1", "q2")))
    assert str(error) == "file.csv, row 2, q1: is empty, in 2 places: also q2."


def test_keys_at_the_same_fault_stay_apart():
    error = SurveyError(
        Fault("survey.toml, a", "is missing"), Fault("survey.toml, b", "is missing")
    )
    assert len(error.faults) == 2


@pytest.mark.parametrize("kind", [SurveyError, DataError, TargetError, RequestError])
def test_what_a_person_supplied_is_an_input_error(kind):
    assert issubclass(kind, InputError)


def test_exit_codes():
    assert (InputError.exit_code, EstimationError.exit_code, ReportError.exit_code) == (2, 2, 1)


def test_every_error_is_caught_by_the_root():
    assert all(
        issubclass(kind, ConjointError) for kind in (InputError, EstimationError, ReportError)
    )


def test_choices_count_a_long_tail():
    assert choices("abc") == "a, b, c"
    assert choices("abcdef", most=2) == "a, b and 4 more"
    assert choices([]) == "nothing: there are none"
