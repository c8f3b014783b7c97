"""A recode says one thing of each text: what does not fit is named with its key."""

import pytest

from conjoint.survey import load_survey

# What is added to a sound survey.toml, the key that the fault names, and what it says.
FAULTS = {
    "nothing at all": ("[recode.sex]", "recode.sex", "an empty recode"),
    "a key misspelt": (
        "[recode.sex]\nalias = { Female = 1 }",
        "recode.sex.alias",
        "Did you mean aliases?",
    ),
    "a kind of band that is not there": (
        "[recode.age]\nbands = { old = { from = 3 } }",
        "recode.age.bands.old.from",
        "is not a key",
    ),
    "no number in a band": (
        "[recode.age]\nbands = { old = { min = 30, max = 20 } }",
        "recode.age.bands.old",
        "no number lies in the band from 30 to 20",
    ),
    "a band below its start": (
        "[recode.age]\nbands = { old = { min = 30, below = 30 } }",
        "recode.age.bands.old",
        "no number lies in the band from 30 to below 30",
    ),
    "a band with two ends": (
        "[recode.age]\nbands = { old = { max = 30, below = 30 } }",
        "recode.age.bands.old",
        "not at both",
    ),
    "a band without end": (
        "[recode.age]\nbands = { old = {} }",
        "recode.age.bands.old",
        "needs min",
    ),
    "a band to infinity": (
        "[recode.age]\nbands = { old = { min = 30, max = inf } }",
        "recode.age.bands.old",
        "an end of a band is a number",
    ),
    "a band without name": (
        '[recode.age]\nbands = { "" = { min = 3 } }',
        "recode.age.bands",
        "no name",
    ),
    "keys without a name": ("[recode]\nmissing = -99", "recode.missing", "expected a table"),
    "bands that share a number": (
        "[recode.age]\nbands = { old = { min = 34 }, young = { max = 34 } }",
        "recode.age.bands",
        'the bands "young" (to 34) and "old" (from 34) overlap',
    ),
    "a band within another": (
        "[recode.age]\nbands = { all = { min = 0 }, some = { min = 20, max = 30 } }",
        "recode.age.bands",
        "overlap",
    ),
    "two open starts": (
        "[recode.age]\nbands = { a = { max = 20 }, b = { max = 30 } }",
        "recode.age.bands",
        "overlap",
    ),
    "a gap": (
        "[recode.age]\nbands = { a = { max = 20 }, b = { min = 22 } }",
        "recode.age.bands",
        '21 lies between the bands "a" and "b", in neither',
    ),
    "a gap below": (
        "[recode.age]\nbands = { a = { below = 20 }, b = { min = 21 } }",
        "recode.age.bands",
        '20 lies between the bands "a" and "b", in neither',
    ),
    "two values of a text": (
        '[recode.sex]\naliases = { Female = ["F", "x"], Male = ["M", "x"] }',
        "recode.sex",
        '"x" has two meanings',
    ),
    "a value and missing": (
        '[recode.sex]\naliases = { Female = ["F", "x"] }\nmissing = "x"',
        "recode.sex",
        '"x" has two meanings',
    ),
    "an alias of an alias": (
        '[recode.sex]\naliases = { Female = "F", F = "f" }',
        "recode.sex.aliases",
        '"F" is what cells are read as, and is itself read as something else',
    ),
    "an empty alias": ('[recode.sex]\naliases = { Female = "" }', "recode.sex", "an empty text"),
    "an alias without value": (
        '[recode.sex]\naliases = { "" = "F" }',
        "recode.sex.aliases",
        "an alias has no value",
    ),
    "an empty meaning": ('[recode.sex]\nempty = " "', "recode.sex.empty", "is an empty text"),
    "no such level": (
        '[recode.price]\naliases = { hihg = "H" }',
        "recode.price",
        'reads cells as "hihg", which is not a level of "price" (expected low, mid, high). Did you mean high?',
    ),
    "no such answer": (
        '[recode.party]\naliases = { Lefft = "L" }',
        "recode.party",
        'reads cells as "Lefft", which is not an answer to "party"',
    ),
    "no answer to an outcome": (
        '[recode.support]\nempty = "nein"',
        "recode.support",
        'which is not an answer to "support" (expected yes, no, skip)',
    ),
    "no number of a scale": (
        '[recode.warmth]\naliases = { 11 = "hot" }',
        "recode.warmth",
        'which is not an answer to "warmth" (expected a number from 0 to 10)',
    ),
    "a level read as another": (
        '[recode.price]\naliases = { low = "mid" }',
        "recode.price",
        '"mid" is a level of "price", and is read as "low"',
    ),
    "an answer read as missing": (
        '[recode.party]\nmissing = "None"',
        "recode.party",
        '"None" is an answer to "party", and is read as missing',
    ),
    "ids": ('[recode.id]\nmissing = "1"', "recode.id", "holds the ids of respondents"),
    "a column twice": (
        '[recode.price]\nmissing = "x"\n[recode.t2_A_price]\nmissing = "y"',
        "recode.t2_A_price",
        'the column "t2_A_price" is recoded by recode.price as well',
    ),
    "of and columns": (
        '[recode.x]\nof = "age"\ncolumns = ["sex"]\nmissing = "x"',
        "recode.x",
        "has `of` and `columns`",
    ),
    "of an attribute": (
        '[recode.x]\nof = "price"\nmissing = "x"',
        "recode.x.of",
        '"price" is not one column',
    ),
    "an attribute's name for a new column": (
        '[recode.price]\nof = "age"\nmissing = "x"',
        "recode.price",
        '"price" is taken',
    ),
    "an empty profile and a missing one": (
        '[recode.price]\nempty = "low"\nmissing = "x"',
        "recode.price.empty",
        "stands beside `missing`",
    ),
}


@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_of_a_recode_is_named(folder, case):
    added, key, what = FAULTS[case]
    folder.toml += f"\n{added}\n"
    found = folder.faults()
    assert [
        fault for fault in found if fault.startswith(f"survey.toml, {key}: ") and what in fault
    ], found


def test_an_empty_cell_of_an_attribute_that_is_not_always_shown_is_not_shown(folder):
    folder.replace('levels = ["red", "green"]', 'levels = ["red", "green"]\npresence = "some"')
    folder.toml += '\n[recode.colour]\nempty = "red"\n'
    (fault,) = folder.faults()
    assert fault.startswith('survey.toml, recode.colour.empty: "colour" is not always shown')


@pytest.mark.parametrize(
    "added",
    [
        '[recode.price]\naliases = { low = ["l", "cheap"], high = "h" }\nmissing = "x"',
        "[recode.age]\nbands = { a = { below = 0.5 }, b = { min = 0.5, max = 0.9 }, c = { min = 1 } }",
        '[recode.warmth]\naliases = { 10 = "hot" }\nlabelled = true\nmissing = -99',
        '[recode.group]\nof = "warmth"\nbands = { cold = { max = 4 }, warm = { min = 5 } }',
        '[recode.many]\ncolumns = ["sex", "age"]\nmissing = -99',
        '[recode.party]\nbands = { Left = { max = 4 }, Right = { min = 5 } }\naliases = { 3 = "three" }',
    ],
)
def test_recodes_without_fault(folder, added):
    folder.toml += f"\n{added}\n"
    survey, faults = load_survey(folder.write())
    assert faults == []
    assert survey is not None


def test_all_faults_of_recodes_come_at_once(folder):
    folder.toml += '\n[recode.price]\naliases = { hihg = "H" }\n[recode.id]\nmissing = "1"\n'
    assert len(folder.faults()) == 2
