"""What survey.toml says of the design: `probabilities` and `[[joint]]`, and every fault of theirs."""

import pytest

from conjoint import read_survey, read_wave

COLOUR = 'levels = ["red", "green"]'
BEFORE = "[outcomes.choice]"

LENGTH = "attributes.colour: 1 probabilities for 2 levels (one a level is needed). Correct it."


def amount(shares):
    return (
        f"attributes.colour: probabilities {shares} have to be above zero and sum to 1. Correct it."
    )


PROBABILITIES = {
    "too few": ("[0.5]", [LENGTH]),
    "more than one in all": ("[0.5, 0.6]", [amount("[0.5, 0.6]")]),
    "never drawn": ("[1.0, 0.0]", [amount("[1.0, 0.0]")]),
    "below zero": ("[1.2, -0.2]", [amount("[1.2, -0.2]")]),
    "not a number": ("[nan, 0.5]", [amount("[nan, 0.5]")]),
    "text": (
        '[0.5, "half"]',
        [
            "attributes.colour.probabilities[1]: 'half' does not fit (expected a number). "
            "Correct it."
        ],
    ),
    "no list": (
        "0.5",
        [
            "attributes.colour.probabilities: 0.5 does not fit (expected a list such as [1, 2]). "
            "Correct it."
        ],
    ),
}


@pytest.mark.parametrize(("shares", "faults"), PROBABILITIES.values(), ids=PROBABILITIES)
def test_faults_of_probabilities(folder, shares, faults):
    folder.replace(COLOUR, f"{COLOUR}\nprobabilities = {shares}")
    assert folder.faults() == [f"survey.toml, {fault}" for fault in faults]


def test_probabilities_are_kept_and_may_be_rounded(folder):
    folder.replace(COLOUR, f"{COLOUR}\nprobabilities = [0.3333333, 0.6666666]")
    survey = read_survey(folder.write())
    assert survey.attributes["colour"].probabilities == (0.3333333, 0.6666666)
    assert survey.attributes["price"].probabilities == ()


PAIR = '["price", "colour"]'
WHOLE = "{ low = { red = 0.5 }, mid = { green = 0.25 }, high = { red = 0.25 } }"
JOINTS = {
    "one attribute": (
        '["price"]',
        "{ low = 1.0 }",
        ["joint[0]: names 1 attribute(s) (two or more are needed). Correct it."],
    ),
    "an attribute twice": (
        '["price", "price"]',
        "{ low = { low = 1.0 } }",
        ["joint[0]: names an attribute twice. Correct it."],
    ),
    "an unknown attribute": (
        '["prise", "colour"]',
        "{ low = { red = 0.5, green = 0.5 } }",
        [
            'joint[0].attributes: there is no attribute "prise" (expected price, colour, size). '
            "Correct it."
        ],
    ),
    "an unknown level": (
        PAIR,
        "{ low = { red = 0.2, blue = 0.3 }, mid = { green = 0.25 }, high = { red = 0.25 } }",
        [
            'joint[0].cells: "blue" is not a level of "colour" (expected red, green). '
            "Correct the level."
        ],
    ),
    "a level left out": (
        PAIR,
        "{ low = { red = 0.5 }, mid = { green = 0.5 } }",
        [
            'joint[0].cells: the level "high" of "price" is never drawn (expected every level '
            "somewhere). Add its combinations."
        ],
    ),
    "a level with a probability of zero": (
        PAIR,
        "{ low = { red = 0.5 }, mid = { green = 0.5 }, high = { red = 0, green = 0.0 } }",
        [
            'joint[0].cells: the level "high" of "price" is never drawn (expected every level '
            "somewhere). Add its combinations."
        ],
    ),
    "no cells": (PAIR, "{}", ["joint[0]: cells sum to 0 (1 is needed). Correct it."]),
    "less than one in all": (
        PAIR,
        "{ low = { red = 0.5, green = 0.1 } }",
        ["joint[0]: cells sum to 0.6 (1 is needed). Correct it."],
    ),
    "below zero": (
        PAIR,
        "{ low = { red = 0.5, green = 0.6 }, mid = { red = -0.1 } }",
        ["joint[0]: mid, red has the probability -0.1 (zero or more). Correct it."],
    ),
    "not a number": (
        PAIR,
        "{ low = { red = nan, green = 1.0 } }",
        ["joint[0]: low, red has the probability nan (zero or more). Correct it."],
    ),
    "too shallow": (
        PAIR,
        "{ low = 0.5, mid = { red = 0.5 } }",
        ['joint[0]: "low" has to hold the levels of the next attribute. Correct it.'],
    ),
    "too deep": (
        PAIR,
        "{ low = { red = { S = 1.0 } } }",
        ['joint[0]: "red" holds no probability. Correct it.'],
    ),
    "text": (
        PAIR,
        '{ low = { red = "half" } }',
        ['joint[0]: "red" holds no probability. Correct it.'],
    ),
    "true": (
        PAIR,
        "{ low = { red = true } }",
        ['joint[0]: "red" holds no probability. Correct it.'],
    ),
}


def joint(attributes, cells):
    return f"[[joint]]\nattributes = {attributes}\ncells = {cells}\n"


@pytest.mark.parametrize(("attributes", "cells", "faults"), JOINTS.values(), ids=JOINTS)
def test_faults_of_a_joint_distribution(folder, attributes, cells, faults):
    folder.replace(BEFORE, joint(attributes, cells) + BEFORE)
    assert folder.faults() == [f"survey.toml, {fault}" for fault in faults]


def test_an_attribute_stands_in_one_joint_distribution(folder):
    other = joint('["size", "colour"]', "{ S = { red = 0.5 }, L = { green = 0.5 } }")
    folder.replace(BEFORE, joint(PAIR, WHOLE) + other + BEFORE)
    assert folder.faults() == [
        'survey.toml, joint[1].attributes: "colour" stands in another joint (expected one each). '
        "Merge them."
    ]


def test_a_misspelt_key_of_a_joint_distribution(folder):
    folder.replace(BEFORE, joint(PAIR, WHOLE).replace("cells", "cell") + BEFORE)
    assert "survey.toml, joint[0].cell: is not a key that is known here. Did you mean cells?" in (
        folder.faults()
    )


def test_all_faults_of_a_design_at_once(folder):
    folder.replace(BEFORE, joint('["prise", "colour"]', "{ low = { blue = 1.0 } }") + BEFORE)
    folder.replace('["red", "green"]', '["red", "red"]')
    faults = folder.faults()
    assert len(faults) == 4
    for part in ('"prise"', '"blue" is not a level', 'the level "red" of "colour"', "stands twice"):
        assert any(part in fault for fault in faults)


def test_a_profile_that_the_joint_distribution_never_draws(folder):
    cells = "{ low = { red = 0.2, green = 0.2 }, mid = { red = 0.2, green = 0.0 }, high = { red = 0.4 } }"
    folder.replace(BEFORE, joint(PAIR, cells) + BEFORE)
    for column in [name for name in folder.responses if name.endswith("colour")]:
        folder.responses[column] = "red"
    assert read_wave(folder.write()).survey.joint[0].attributes == ("price", "colour")
    folder.cell(2, "t1_A_price", "mid").cell(2, "t1_A_colour", "green")
    folder.cell(5, "t2_B_price", "high").cell(5, "t2_B_colour", "green")
    folder.cell(6, "t2_B_price", "low").cell(6, "t2_B_colour", "green")
    tail = (
        'meets "green" (colour) (expected a combination with a probability in [[joint]]). '
        "Correct the probabilities in survey.toml, or the cell."
    )
    assert folder.faults(read_wave) == [
        f'responses.csv, row 2, t1_A_price: "mid" (price) {tail}',
        f'responses.csv, row 5, t2_B_price: "high" (price) {tail}',
    ]
