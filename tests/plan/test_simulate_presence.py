"""Waves drawn from designs in which not every profile shows every attribute, or levels differ."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

import conjoint as cj
from conjoint.errors import SurveyError
from conjoint.plan import read_recipe, simulate

SURVEY = """
title = "Drawn"
synthetic = true
restrictions = {restrictions}
[data]
file = "responses.csv"
layout = "wide"
respondent = "id"
tasks = 4
profiles = {profiles}
attribute = "t{{task}}_{{profile}}_{{attribute}}"
repeat = {{ task = "5", of = "1", flipped = true }}
[outcomes.choice]
kind = "choice"
column = "t{{task}}_choice"
chosen = {chosen}
[weighting]
targets = "targets.csv"
"""

RECIPE = """
seed = {seed}
respondents = {n}
person_sd = 0.0
panel = {{ pool = 4000 }}
{presence}
[[columns]]
name = "sex"
shares = {{ Female = 0.5, Male = 0.5 }}
[[columns]]
name = "arm"
shares = {{ x = 0.5, y = 0.3, z = 0.2 }}
[[preferences]]
[preferences.utility]
a = {{ a2 = 1.2 }}
b = {{ b2 = 0.8, b3 = -0.6 }}
"""

LEVELS = {"a": 2, "b": 3, "c": 4, "d": 3}
SOME = dict.fromkeys(LEVELS, 'presence = "some"')


@pytest.fixture
def draw(tmp_path):
    """Write a survey folder, draw its responses, and read them: extra lines by attribute."""

    def drawn(extra=None, presence="", restrictions="[]", profiles="AB", n=600, seed=3):
        chosen = ", ".join(f'{name} = "Deal {name}"' for name in profiles)
        toml = SURVEY.format(
            restrictions=restrictions, profiles=[*profiles], chosen=f"{{ {chosen} }}"
        )
        for name, count in LEVELS.items():
            levels = [f"{name}{number + 1}" for number in range(count)]
            toml += f"[attributes.{name}]\nlevels = {levels}\n{(extra or {}).get(name, '')}\n"
        (tmp_path / "survey.toml").write_text(toml)
        targets = "margin,category,share\nsex,Female,0.5\nsex,Male,0.5\n"
        (tmp_path / "targets.csv").write_text(targets)
        recipe = RECIPE.format(seed=seed, n=n, presence=presence)
        (tmp_path / "simulation.toml").write_text(recipe)
        frame = simulate(cj.read_survey(tmp_path), read_recipe(tmp_path))
        frame.to_csv(tmp_path / "responses.csv", index=False)
        return cj.read_wave(tmp_path)

    return drawn


def shows(wave):
    """Which attributes each profile shows, of shape (respondents, tasks, profiles, attributes)."""
    marks = wave.profiles[list(LEVELS)].notna().to_numpy()
    return marks.reshape(wave.n_respondents, 4, -1, len(LEVELS))


DESIGN = [
    "level_frequencies",
    "joint_frequencies",
    "forbidden_pairs",
    "identical_profiles",
    "presence",
    "overwritten_tasks",
    "duplicates",
]
"""Checks of what was drawn; the others are of answers, which hang on chance and the recipe."""


def departing(wave):
    """What the audit finds in the design."""
    audit = cj.audit(wave)
    assert audit.verdict != "stop"
    frame = audit.frame
    frame = frame[frame["check"].isin(DESIGN) & (frame["verdict"] != "fine")]
    return frame[["check", "subject", "text"]].to_numpy().tolist()


@pytest.mark.parametrize("per", ["respondent", "task", "profile"])
def test_so_many_attributes_are_drawn_anew_for_each(draw, per):
    wave = draw(SOME, f'presence = [{{ count = 2, per = "{per}" }}]')
    marks = shows(wave)
    assert (marks.sum(axis=3) == 2).all()
    assert np.allclose(marks.mean(axis=(0, 1, 2)), 0.5, atol=0.06)
    assert (marks != marks[:, :1, :1]).any() == (per != "respondent")
    assert (marks != marks[:, :, :1]).any() == (per == "profile")
    assert departing(wave) == []


def test_attributes_are_shown_with_a_probability_and_never_none_of_them(draw):
    rules = """presence = [
      { attributes = ["a", "b"], probability = 0.7, per = "profile" },
      { attributes = ["c", "d"], probability = 0.4 },
    ]"""
    marks = shows(draw(SOME, rules))
    neither = 0.6**2  # c and d, shared by the profiles
    all_shown = 1 - neither * (1 - (1 - 0.3**2) ** 2)
    a_shown = 0.7 * (1 - neither * 0.3**2) / all_shown
    c_shown = 0.4 / all_shown
    assert marks.any(axis=3).all()
    expected = [a_shown, a_shown, c_shown, c_shown]
    assert np.allclose(marks.mean(axis=(0, 1, 2)), expected, atol=0.03)
    assert (marks[:, :, 0, 2:] == marks[:, :, 1, 2:]).all()


def test_sets_of_attributes_are_shown_together(draw):
    marks = shows(draw(SOME, 'presence = [{ attributes = [["a", "b"], ["c", "d"]], count = 1 }]'))
    assert (marks[..., 0] == marks[..., 1]).all()
    assert (marks[..., 0] != marks[..., 2]).all()
    assert (marks[..., 2] == marks[..., 3]).all()


def test_arms_show_their_attributes_to_their_people(draw):
    arms = {
        "a": 'presence = { column = "arm", arm = ["x", "y"] }',
        "b": 'presence = { column = "arm", arm = "z" }',
        "c": 'presence = "some"',
    }
    wave = draw(arms, "presence = [{ probability = 0.5 }]")
    marks = shows(wave)
    arm = wave.respondents["arm"].to_numpy()[:, None, None]
    assert (marks[..., 0] == (arm != "z")).all()
    assert (marks[..., 1] == (arm == "z")).all()
    assert marks[..., 3].all()
    assert departing(wave) == []


def test_an_arm_may_show_nothing_beside_the_rest(draw):
    wave = draw({"a": 'presence = { column = "arm", arm = "x" }'})
    assert departing(wave) == []


def test_what_a_profile_does_not_show_counts_for_nothing(draw):
    wave = draw(SOME, 'presence = [{ count = 1, per = "profile" }]', n=3000)
    level = wave.profiles[list(LEVELS)].astype(object).bfill(axis=1).iloc[:, 0].to_numpy()
    one, two = level.reshape(-1, 2).T
    won = wave.profiles["choice"].to_numpy().reshape(-1, 2)[:, 0]
    without = pd.Series(two).str[0].isin(["c", "d"]).to_numpy()  # levels that nobody minds
    for value, utility in {"a1": 0, "a2": 1.2, "b1": 0, "b2": 0.8, "b3": -0.6}.items():
        tasks = (one == value) & without
        error = 0.5 / np.sqrt(tasks.sum())
        assert abs(won[tasks].mean() - expit(utility)) < 4 * error


def test_effects_are_recovered(draw):
    frame = cj.amce(draw(SOME, "presence = [{ count = 1 }]", n=2000)).frame
    utility = {"a": [0, 1.2], "b": [0, 0.8, -0.6], "c": [0] * 4, "d": [0] * 3}
    for name, worth in utility.items():
        # One attribute a task, and profiles that differ: a level meets each other level as often.
        wins = expit(np.subtract.outer(worth, worth))
        means = (wins.sum(axis=1) - 0.5) / (len(worth) - 1)
        rows = frame[frame["attribute"] == name].iloc[1:]
        off = rows["estimate"].to_numpy() - (means - means[0])[1:]
        # Eight effects at once: chance is beyond this once in 2,000 waves.
        assert np.abs(off / rows["std_error"].to_numpy()).max() < 4


def test_a_repeated_task_lacks_the_same_attributes_with_the_profiles_swapped(draw):
    wave = draw(SOME, 'presence = [{ count = 2, per = "profile" }]')
    first, again = (
        frame.sort_values(["respondent", "profile"])[list(LEVELS)].astype(object).fillna("")
        for frame in (wave.profiles.query("task == '1'"), wave.repeats)
    )
    swapped = first.to_numpy().reshape(-1, 2, 4)[:, ::-1]
    assert (swapped == again.to_numpy().reshape(-1, 2, 4)).all()


UNEVEN = {"b": "probabilities = [0.6, 0.3, 0.1]", "c": "probabilities = [0.7, 0.1, 0.1, 0.1]"}
ACROSS = '[{ across = ["b", "c"] }]'


@pytest.mark.parametrize("profiles", ["AB", "ABC"])
@pytest.mark.parametrize("per", ["", "task", "profile"])
def test_levels_kept_apart_are_drawn_as_the_audit_expects(draw, profiles, per):
    extra, presence = UNEVEN, ""
    if per:
        extra = {name: f"{SOME[name]}\n{UNEVEN.get(name, '')}" for name in SOME}
        presence = f'presence = [{{ count = 3, per = "{per}" }}]'
    wave = draw(extra, presence, ACROSS, profiles, n=1200)
    tasks = wave.profiles.groupby(["respondent", "task"], observed=True)
    for name in ("b", "c"):
        assert (tasks[name].nunique() == tasks[name].count()).all()
    assert departing(wave) == []


JOINT = """[[joint]]
attributes = ["a", "b"]
cells = { a1 = { b1 = 0.3, b2 = 0.2 }, a2 = { b2 = 0.1, b3 = 0.4 } }"""


@pytest.mark.parametrize(
    "design",
    [
        '[{ never = { b = ["b1"], c = ["c1", "c2"] } }, { across = ["b"] }]',
        f"[]\n{JOINT}",
        f'[{{ across = ["b"] }}]\n{JOINT}',
    ],
    ids=["never", "joint", "joint and across"],
)
def test_tied_attributes_are_drawn_as_declared_where_both_are_shown(draw, design):
    presence = 'presence = [{ count = 3, per = "profile" }]'
    assert departing(draw(SOME, presence, design, n=1200)) == []


@pytest.mark.parametrize(
    ("presence", "fault"),
    [
        (
            "",
            r'presence: "a", which some profiles show, stands in 0 rules \(expected exactly one\)',
        ),
        ("presence = [{ count = 2 }, { count = 1 }]", '"a", which some profiles show, stands in 2'),
        ("presence = [{ count = 5 }]", r"presence\[0\]\.count: 5 of 4 cannot be shown"),
        ("presence = [{ count = 1, probability = 0.5 }]", "either `count` or `probability`"),
        ('presence = [{ attributes = ["e"], count = 1 }]', '"e" is not an attribute with presence'),
        ("presence = [{ probability = 1e-9 }]", "leaves some profiles without any attribute"),
    ],
)
def test_a_rule_that_does_not_fit_is_named(draw, presence, fault):
    with pytest.raises(SurveyError, match=fault):
        draw(SOME, presence)


def test_arms_without_a_column_or_without_attributes_are_named(draw):
    arm = 'presence = { column = "group", arm = "x" }'
    with pytest.raises(SurveyError, match=r'attributes\.a\.presence: .* no column "group"'):
        draw({"a": arm})
    with pytest.raises(SurveyError, match="leaves some profiles without any attribute"):
        draw(dict.fromkeys(LEVELS, arm.replace("group", "arm")))


def test_a_utility_of_no_attribute_or_level_is_named(draw, tmp_path):
    draw()
    path = tmp_path / "simulation.toml"
    path.write_text(path.read_text().replace("a2 = 1.2", "a9 = 1.2").replace("b = {", "bb = {"))
    with pytest.raises(SurveyError) as caught:
        simulate(cj.read_survey(tmp_path), read_recipe(tmp_path))
    assert [fault.what for fault in caught.value.faults] == [
        '"a9" is not a level of "a"',
        'there is no attribute "bb"',
    ]


def test_levels_that_restrictions_keep_from_differing_are_named(draw):
    both = '{ never = { a = ["a1", "a2"], b = ["b1", "b2"] } }'
    with pytest.raises(SurveyError, match="no task was drawn whose profiles differ in b"):
        draw(restrictions=f'[{both}, {{ across = ["b"] }}]')
