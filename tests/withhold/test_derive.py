"""Small bases: what is not shown cannot be worked out from what is."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from scipy.optimize import linprog

import conjoint as cj
from conftest import ROUTES
from conjoint.survey import Crossbreak, Question, Segment, Thresholds
from conjoint.toplines import crosstab
from conjoint.toplines.banner import make_banner
from conjoint.withhold.derive import suppressed_columns


def people(simulated, as_wave, sizes, seed=1, **more):
    """Respondents of regions of given sizes, with a question of three answers and odd weights."""
    n = sum(sizes.values())
    rng = np.random.default_rng(seed)
    frame = simulated(seed, n=n, tasks=1)
    columns = {
        "region": np.repeat(list(sizes), list(sizes.values())),
        "vote": rng.choice(["Left", "Right", "None"], n),
        "sex": rng.choice(["F", "M"], n),
    } | {name: make(rng, n) for name, make in more.items()}
    for name, values in columns.items():
        frame[name] = np.repeat(np.asarray(values), 2)
    wave = as_wave(frame, segments=list(columns))
    questions = {"vote": Question(answers=("Left", "Right", "None"))}
    return replace(wave, survey=wave.survey.model_copy(update={"questions": questions}))


def hidden(table):
    return {c.key for c, r in zip(table.columns, table.reading, strict=True) if r == "suppressed"}


def recovered(wave, table, members):
    """What an attacker gets: for each suppressed column and answer the interval of its count.

    Known are the weighted bases of all columns, the weighted counts of those shown, that counts are
    not negative, and how the columns are made up of parts that nobody sees.
    """
    atoms, place = np.unique(members, axis=0, return_inverse=True)
    place = place.ravel()
    answers = [row.key for row in table.rows]
    size = np.bincount(place, wave.weights, len(atoms))
    found = {}
    unknown = len(atoms) * len(answers)
    index = np.arange(unknown).reshape(len(answers), len(atoms))
    left, right = [], []
    for atom in range(len(atoms)):  # answers of a part sum to its weight
        row = np.zeros(unknown)
        row[index[:, atom]] = 1
        left.append(row)
        right.append(size[atom])
    for c in range(len(table.columns)):
        for r in range(len(answers)):
            if np.isnan(table.values[r, c]):
                continue
            row = np.zeros(unknown)
            row[index[r, atoms[:, c]]] = 1
            left.append(row)
            right.append(table.values[r, c] * wave.weights[members[:, c]].sum())
    for c, reading in enumerate(table.reading):
        if reading != "suppressed":
            continue
        for r in range(len(answers)):
            goal = np.zeros(unknown)
            goal[index[r, atoms[:, c]]] = 1
            ends = [
                linprog(sign * goal, A_eq=np.array(left), b_eq=right, bounds=(0, None)).fun
                for sign in (1, -1)
            ]
            base = wave.weights[members[:, c]].sum()
            found[table.columns[c].key, answers[r]] = (ends[0] / base, -ends[1] / base)
    return found


def memberships(wave, crossbreaks):
    return make_banner(wave, crossbreaks).members


def test_figures_of_small_bases_are_blank_and_their_neighbour_goes_with_them(simulated, as_wave):
    wave = people(simulated, as_wave, {"A": 30, "B": 60, "C": 200, "D": 300})
    table = crosstab(wave, "vote", ["region", "sex"])
    assert hidden(table) == {"region: A", "region: B"}
    assert table.joined[1:5] == (False, True, False, False)
    for name in ("values", "std_error", "conf_low", "conf_high", "counts", "weighted_counts"):
        assert np.isnan(getattr(table, name)[:, 1:3]).all()
        assert not np.isnan(getattr(table, name)[:, [0, 3, 4]]).any()
    assert table.unweighted[1:3].tolist() == [30, 60]  # bases are told
    shown = table.tests[["group", "reference"]].to_numpy().ravel()
    assert not set(shown) & hidden(table)
    assert {text for row in table.letters for text in row[1:3]} == {""}
    assert not any("a" in text.lower() for row in table.letters for text in row[1:5])
    assert table.wide().iloc[3:, 1].tolist() == ["*"] * 3


def test_bases_under_a_hundred_carry_a_caution(simulated, as_wave):
    wave = people(simulated, as_wave, {"A": 99, "B": 100, "C": 300})
    table = crosstab(wave, "vote", ["region"])
    assert table.reading == ("safe", "caution", "safe", "safe")


def test_the_survey_sets_the_limits(simulated, as_wave):
    wave = people(simulated, as_wave, {"A": 30, "B": 60, "C": 300})
    limits = Thresholds(caution_below=0, suppress_below=0)
    wave = replace(wave, survey=wave.survey.model_copy(update={"thresholds": limits}))
    assert crosstab(wave, "vote", ["region"]).reading == ("safe",) * 4


def test_nothing_is_left_out_when_asked(simulated, as_wave):
    wave = people(simulated, as_wave, {"A": 30, "B": 60, "C": 300})
    table = crosstab(wave, "vote", ["region"], suppress=False)
    assert not np.isnan(table.values).any()
    assert table.reading == ("safe", "caution", "caution", "safe")


def test_columns_left_out_stand_together_on_a_base_that_may_be_shown(simulated, as_wave):
    wave = people(simulated, as_wave, {"A": 10, "B": 20, "C": 60, "D": 300})
    assert hidden(crosstab(wave, "vote", ["region"])) == {"region: A", "region: B", "region: C"}
    wave = people(simulated, as_wave, {"A": 30, "B": 40, "C": 60, "D": 300})
    assert hidden(crosstab(wave, "vote", ["region"])) == {"region: A", "region: B"}


def test_a_column_that_need_not_be_left_out_is_shown(simulated, as_wave):
    """A would join E, but A is told by another crossbreak; so C joins, and A may as well be shown."""
    wave = people(simulated, as_wave, {"A": 75, "B": 80, "C": 115, "D": 142, "E": 12})
    wide = Crossbreak.model_validate(
        {"column": "region", "label": "Wide", "groups": {"AB": ["A", "B"], "CDE": [*"CDE"]}}
    )
    assert hidden(crosstab(wave, "vote", ["region", wide])) == {"region: C", "region: E"}


def test_a_crossbreak_that_leaves_people_out_gives_nothing_away(simulated, as_wave):
    wave = people(simulated, as_wave, {"A": 30, "B": 60, "C": 300})
    groups = Crossbreak.model_validate({"column": "region", "groups": {"A": "A", "B": "B"}})
    assert hidden(crosstab(wave, "vote", [groups])) == {"region: A"}


def test_the_rest_of_the_total_is_not_shown_either(simulated, as_wave):
    """Nobody but the total tells: everyone less those elsewhere."""
    wave = people(simulated, as_wave, {"A": 30, "B": 60, "C": 300})
    alone = Crossbreak(column="region", label="Alone", groups={"A": "A"})
    rest = Crossbreak.model_validate(
        {"column": "region", "label": "Rest", "groups": {"All but A": ["B", "C"]}}
    )
    assert hidden(crosstab(wave, "vote", [alone])) == {"Alone: A"}
    table = crosstab(wave, "vote", [alone, rest])
    assert hidden(table) == {"Alone: A", "Rest: All but A"}
    assert table.joined == (False, False, True)


def test_two_crossbreaks_together_give_nothing_away(simulated, as_wave):
    """A is B's and C's complement in one, and C stands alone in another."""
    wave = people(simulated, as_wave, {"A": 30, "B": 60, "C": 300})
    merged = Crossbreak.model_validate(
        {"column": "region", "label": "Merged", "groups": {"A": "A", "B or C": ["B", "C"]}}
    )
    table = crosstab(wave, "vote", ["region", merged])
    assert {"region: A", "region: B", "Merged: A", "Merged: B or C"} <= hidden(table)
    assert "region: C" not in hidden(table)


def test_segments_that_overlap_are_left_alone(simulated, as_wave):
    wave = people(simulated, as_wave, {"A": 30, "B": 60, "C": 300})
    segments = {
        "few": Segment.model_validate({"where": {"region": "A"}}),
        "more": Segment.model_validate({"where": {"region": ["A", "B"]}}),
    }
    wave = replace(wave, survey=wave.survey.model_copy(update={"segments": segments}))
    assert hidden(crosstab(wave, "vote", ["segments"])) == {"few"}


def test_a_difference_of_segments_gives_nothing_away(simulated, as_wave):
    """few = more less others: others, the smaller, goes."""
    wave = people(simulated, as_wave, {"A": 30, "B": 60, "C": 300})
    rules = {"few": "A", "others": "B", "more": ["A", "B"]}
    segments = {k: Segment.model_validate({"where": {"region": v}}) for k, v in rules.items()}
    wave = replace(wave, survey=wave.survey.model_copy(update={"segments": segments}))
    assert hidden(crosstab(wave, "vote", ["segments"])) == {"few", "others"}


def test_a_small_total_shows_nothing(simulated, as_wave):
    wave = people(simulated, as_wave, {"A": 20, "B": 25})
    table = crosstab(wave, "vote", ["region"])
    assert hidden(table) == {"Total", "region: A", "region: B"}
    assert np.isnan(table.values).all()
    assert table.tests.empty


def test_the_base_is_that_of_the_question(simulated, as_wave):
    """Those who were not asked do not make a column large enough."""
    wave = people(simulated, as_wave, {"A": 80, "B": 300, "C": 300})
    left = wave.survey.questions["vote"].model_copy(
        update={"filter": Segment.model_validate({"where": {"sex": "F"}}).where}
    )
    survey = wave.survey.model_copy(update={"questions": {"vote": left}})
    table = crosstab(replace(wave, survey=survey), "vote", ["region"])
    assert table.unweighted[1] < 50
    assert table.reading[1] == "suppressed"
    assert sum(table.joined) == 1


@pytest.mark.parametrize("seed", range(6))
def test_nobody_can_work_out_what_is_not_shown(simulated, as_wave, seed):
    """Linear programming finds the ends between which each figure left out must lie."""
    rng = np.random.default_rng(seed)
    sizes = {key: int(size) for key, size in zip("ABCDE", rng.integers(8, 150, 5), strict=True)}
    sizes["C"] = int(rng.integers(8, 49))
    wave = people(simulated, as_wave, sizes, seed=seed, age=lambda r, n: r.choice([*"xyz"], n))
    merged = Crossbreak.model_validate(
        {"column": "region", "label": "Wide", "groups": {"AB": ["A", "B"], "CDE": [*"CDE"]}}
    )
    crossbreaks = ["region", merged, "sex", "age"]
    table = crosstab(wave, "vote", crossbreaks)
    small = {c.key for c, n in zip(table.columns, table.unweighted, strict=True) if n < 50}
    assert small <= hidden(table)
    ends = recovered(wave, table, memberships(wave, crossbreaks))
    for (column, answer), (low, high) in ends.items():
        assert column not in small or high - low > 0.1, (column, answer, low, high)


def test_the_attacker_finds_what_primary_suppression_alone_leaves(simulated, as_wave):
    """The test above can fail: without the columns that join, the figure is known to the last digit."""
    wave = people(simulated, as_wave, {"A": 30, "B": 60, "C": 200})
    table = crosstab(wave, "vote", ["region"])
    every = crosstab(wave, "vote", ["region"], suppress=False)
    values = every.values.copy()
    values[:, 1] = np.nan
    reading = ("safe", "suppressed", "safe", "safe")
    careless = replace(table, values=values, reading=reading)
    ends = recovered(wave, careless, memberships(wave, ["region"]))
    for r, row in enumerate(table.rows):
        low, high = ends["region: A", row.key]
        assert (low, high) == pytest.approx([every.values[r, 1]] * 2, abs=1e-7)


def test_empty_columns_hide_nothing():
    members = np.tile([True, False, True], (300, 1))
    small, joined = suppressed_columns(members, [np.array([1, 2])], 50)
    assert not small.any()
    assert not joined.any()


def hidden_of(columns, limit=50, blocks=()):
    members = np.stack([np.ones(len(columns[0]), bool), *columns], axis=1)
    small, joined = suppressed_columns(members, list(blocks), limit)
    return np.flatnonzero(small | joined).tolist()


def test_all_but_three_give_the_three_away():
    nearly = np.arange(400) >= 3
    assert hidden_of([nearly]) == [1]
    assert hidden_of([np.arange(400) >= 60]) == []


def test_of_nested_columns_that_hardly_differ_the_inner_one_goes():
    assert hidden_of([np.arange(400) < 120, np.arange(400) < 118]) == [2]
    assert hidden_of([np.arange(400) < 120, np.arange(400) < 60]) == []


def test_columns_of_two_crossbreaks_that_hardly_differ_together():
    """Two regions are one county but for five people."""
    place = np.arange(500)
    north, middle, south = place < 150, (place >= 150) & (place < 300), place >= 300
    county = place < 305
    gone = hidden_of(
        [north, middle, south, county, ~county], blocks=[np.array([1, 2, 3]), np.array([4, 5])]
    )
    assert gone
    shown = [
        own
        for number, own in enumerate([north, middle, south, county, ~county], 1)
        if number not in gone
    ]
    for signs in product((-1, 0, 1), repeat=1 + len(shown)):
        about = (
            np.abs(sum(sign * own for sign, own in zip(signs, [np.ones(500), *shown], strict=True)))
            > 0
        )
        assert not 0 < about.sum() < 50


@pytest.mark.parametrize("seed", range(12))
def test_no_sum_of_columns_shown_is_about_a_few_people(seed):
    """Every combination of columns, each added, taken off or left out, is tried."""
    rng = np.random.default_rng(seed)
    n, limit = 90, 12
    columns = [np.ones(n, bool)]
    for _ in range(6):
        own = rng.random(n) < rng.uniform(0.15, 0.9)
        if rng.random() < 0.5:  # hardly different from one that is there
            own = columns[-1] ^ (rng.random(n) < 0.06)
        columns.append(own)
    members = np.stack(columns, axis=1)
    small, joined = suppressed_columns(members, [], limit)
    kept = members[:, ~(small | joined)].astype(int)
    signs = np.array(list(product((-1, 0, 1), repeat=kept.shape[1])))
    about = (kept @ signs.T != 0).sum(axis=0)
    assert not ((about > 0) & (about < limit)).any()
    if joined.any():  # and it was necessary
        again = members[:, ~small].astype(int)
        signs = np.array(list(product((-1, 0, 1), repeat=again.shape[1])))
        about = (again @ signs.T != 0).sum(axis=0)
        few = (about > 0) & (about < limit)
        assert few.any() or small.any()


def test_the_survey_that_ships_hides_nothing(simulated):
    wave = cj.rake(cj.read_wave(ROUTES))
    table = crosstab(wave, "deal", ["segments", "sex", "age_group"])
    assert set(table.reading) == {"safe", "caution"}
    assert table.reading[2] == "caution"  # 97 right switchers
