"""Every fault of what survey.toml says of the file."""

import pytest

FAULTS = {
    "a profile twice": (
        'profiles = ["A", "B"]',
        'profiles = ["A", "B", "A"]',
        'data.profiles: the profile "A" stands twice',
    ),
    "no place of profiles": (
        "t{task}_{profile}_{attribute}",
        "t{task}_{attribute}",
        'data.attribute: "t{task}_{attribute}" is no pattern for attribute columns (expected one '
        "with {task}, {profile} and {attribute})",
    ),
    "an unknown place": (
        "t{task}_{profile}_support",
        "t{task}_{profile}_{outcome}",
        'outcomes.support.column: "{outcome}" is no place of this pattern (expected {profile}, '
        "{task})",
    ),
    "a position without names": (
        "t{task}_{profile}_{attribute}",
        "t{task}_{profile}_{position}",
        "data.attribute: ",
    ),
    "a level that counts as empty": (
        'respondent = "id"',
        'respondent = "id"\nmissing = ["low", "N/A"]',
        'data.missing: "low" counts as empty in the whole file, and is a level of "price"',
    ),
    "no such encoding": (
        'respondent = "id"',
        'respondent = "id"\nencoding = "latin-99"',
        'data.encoding: there is no encoding "latin-99"',
    ),
    "an exclusion of no answer": (
        "[weighting]",
        '[exclusions.x]\nwhere = { party = "Up" }\n[weighting]',
        'exclusions.x.where.party: "Up" is not an answer to "party" (expected Left, Right, None)',
    ),
    "an exclusion without a rule": (
        "[weighting]",
        '[exclusions.x]\nlabel = "x"\n[weighting]',
        "exclusions.x: needs either `where` or `faster_than`",
    ),
    "speed without durations": (
        "[weighting]",
        "[exclusions.x]\nfaster_than = 0.3\n[weighting]",
        "exclusions.x.faster_than: nothing says how long people took",
    ),
    "an audit of nobody's speed": (
        "[weighting]",
        "[audit]\nspeeding = 3\n[weighting]",
        "audit.speeding: ",
    ),
}


@pytest.mark.parametrize(("old", "new", "fault"), FAULTS.values(), ids=FAULTS)
def test_it_is_named_with_its_key(folder, old, new, fault):
    faults = folder.replace(old, new).faults()
    assert [found for found in faults if found.startswith(f"survey.toml, {fault}")], faults


def test_a_sound_survey_has_none_of_them(folder):
    import conjoint as cj

    assert cj.read_survey(folder.write()).data.profiles == ("A", "B")


@pytest.mark.parametrize("key", ["tasks", "profiles"])
def test_a_number_stands_for_names_from_one_on(folder, key):
    import conjoint as cj

    value = {"tasks": "tasks = 3", "profiles": 'profiles = ["A", "B"]'}[key]
    survey = cj.read_survey(folder.replace(value, f"{key} = 4").write())
    assert getattr(survey.data, key) == ("1", "2", "3", "4")


def test_an_audit_of_a_column_that_is_not_there_is_named(folder):
    import conjoint as cj

    folder.replace("[weighting]", '[audit]\ncovariates = ["sex", "height"]\n[weighting]')
    (fault,) = folder.faults(cj.read_wave)
    assert fault.startswith('responses.csv, row 1: there is no column "height"')


def test_the_speed_of_an_interview_may_make_a_segment(folder):
    import conjoint as cj

    folder.responses["took"] = ["1:00", "100"] * 30
    folder.replace('respondent = "id"', 'respondent = "id"\nduration = "took"')
    folder.replace("{ warmth = { min = 5 } }", "{ took = { min = 61 } }")
    assert cj.read_wave(folder.write()).segment("warm").tolist() == [False, True] * 30
