"""Levels of the grid are put together as finely as may be, and what is shown then tells of nobody."""

import sys
from itertools import combinations, product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import conjoint as cj
from conjoint.errors import RequestError
from conjoint.toplines.cells import grid_means
from conjoint.toplines.withheld import find_withheld
from conjoint.withhold.merge import finest, partitions_of

sys.path[:0] = [str(Path(__file__).parents[1] / "compare")]
from two_waves import TARGETS, asked, draw  # noqa: E402

PAIR = ("price", "size")
LIMIT = 50


def levels(*numbers):
    return [{"value": f"v{number}", "number": number} for number in numbers]


PRICE, SIZE = levels(10, 20, 30), levels(0, 1, 2, 3)


def survey_of(price=PRICE, size=SIZE, limit=LIMIT, **changed):
    attributes = {
        "price": {"levels": price},
        "size": {"levels": size},
        "colour": {"levels": ["red", "green"]},
    }
    return asked(
        attributes=attributes,
        report={"grid": list(PAIR)},
        thresholds={"suppress_below": limit, "caution_below": max(limit, 100)},
        **changed,
    )


LEFT = {"left": {"where": {"vote": "Left"}}}
APART = LEFT | {"others": {"where": {"vote": ["Right", "None"]}}}


class Attack:
    """An attacker who knows every profile and who is in which group: sums over profiles, by least squares."""

    def __init__(self, wave):
        self.wave = wave
        self.person = wave.respondent_index
        self.groups = {"Total": np.ones(wave.n_respondents, bool)}
        self.groups |= {name: wave.segment(name) for name in wave.survey.segments}
        self.values = [wave.survey.attributes[name].values for name in PAIR]

    def shows(self, name, some):
        values = self.wave.survey.attributes[name].values
        return np.isin(self.wave.codes(name), [values.index(level) for level in some])

    def cell(self, across, down):
        return self.shows(PAIR[0], across) & self.shows(PAIR[1], down)

    def people(self, rows, who=None):
        inside = rows if who is None else rows & who[self.person]
        return len(set(self.person[inside]))

    def of_group(self, group, rows):
        return (rows & self.groups[group][self.person]).astype(float)

    def known_levels(self, cells):
        """Means of all levels that are shown, and what is known of all profiles of a group."""
        for group in self.groups:
            yield self.of_group(group, np.ones(len(self.person), bool))
            for name, attribute in self.wave.survey.attributes.items():
                for level in attribute.values:
                    if ("choice", name, level, group) not in cells:
                        yield self.of_group(group, self.shows(name, [level]))

    def wanted(self):
        """Few people: those who saw some neighbouring levels, of a group or of one of two groups alone."""
        runs = [[own[a:b] for a, b in combinations(range(len(own) + 1), 2)] for own in self.values]
        names = list(self.groups)
        for across, down in product(*runs):
            rows = self.cell(across, down)
            for one, other in [*((name, None) for name in names), *combinations(names, 2)]:
                who = self.groups[one] if other is None else self.groups[one] ^ self.groups[other]
                if 0 < self.people(rows, who) < LIMIT:
                    minus = 0 if other is None else self.of_group(other, rows)
                    yield self.of_group(one, rows) - minus

    def follow(self, known, wanted):
        """Which sums are combinations of those known."""
        matrix = np.array(known).T
        left = wanted.T - matrix @ np.linalg.lstsq(matrix, wanted.T, rcond=None)[0]
        return (left**2).sum(axis=0) < 1e-7 * (wanted**2).sum(axis=1)

    def tells_across(self, rows, known):
        """Whether groups' sums over a cell, added and taken off, are about few people."""
        names = [name for name in self.groups
                 if self.follow(known, self.of_group(name, rows)[None])[0]]  # fmt: skip
        members = np.array([self.groups[name] for name in names]).astype(int)
        return any(
            0 < self.people(rows, np.array(signs) @ members != 0) < LIMIT
            for signs in product((-1, 0, 1), repeat=len(names))
        )


def partitions(values):
    """Every way to put levels into runs of neighbours."""
    for cuts in product((False, True), repeat=len(values) - 1):
        runs = [[values[0]]]
        for level, cut in zip(values[1:], cuts, strict=True):
            if cut:
                runs.append([level])
            else:
                runs[-1].append(level)
        yield tuple(map(tuple, runs))


def best_by_force(attack, group, known, wanted):
    """Cells and smallest base of the best table of a group, by looking at every one."""
    wanted = wanted[~attack.follow(known, wanted)] if len(wanted) else wanted
    found = []
    for across, down in product(*map(partitions, attack.values)):
        cells = [attack.cell(*cell) for cell in product(across, down)]
        bases = [attack.people(rows, attack.groups[group]) for rows in cells]
        bases = [base for base in bases if base]
        if len(bases) > 1 and min(bases) >= LIMIT:
            found.append((len(bases), min(bases), (across, down), cells))
    for count, least, table, cells in sorted(found, key=lambda own: own[:2], reverse=True):
        more = [*known, *(attack.of_group(group, rows) for rows in cells)]
        if len(wanted) and attack.follow(more, wanted).any():
            continue
        if any(attack.tells_across(rows, more) for rows in cells):
            continue
        return count, least, table, more
    return None


def shape(attack, group, table):
    """How many cells a table has, and its smallest base."""
    bases = [attack.people(attack.cell(*cell), attack.groups[group]) for cell in product(*table)]
    return len([base for base in bases if base]), min(base for base in bases if base)


@pytest.mark.parametrize(
    "seed", [0, 1, 2, 5, 9, 27]
)  # 5, 9, 27: the table with most cells would tell
def test_the_finest_table_is_found_that_tells_nothing(seed):
    """One group after another, against every pair of partitions and an attack on what is shown so far."""
    rng = np.random.default_rng(seed)
    segments = [LEFT, APART][seed % 2]
    wave = draw(seed, int(rng.integers(300, 520)), survey=survey_of(segments=segments), tasks=1)
    found, attack = find_withheld(wave), Attack(wave)
    fine = {group: [attack.people(attack.cell([a], [b]), attack.groups[group])
            for a, b in product(*attack.values)] for group in attack.groups}  # fmt: skip
    small = [group for group, bases in fine.items() if min(base for base in bases if base) < LIMIT]
    assert small, "the test looks at nothing"
    assert set(small) <= {*found.merged, *found.segments, "Total"}
    known = list(attack.known_levels(found.cells))
    doubtful = [*small, *(group for group in found.merged if group not in small)]
    for group in attack.groups:
        if group not in doubtful:
            known += [attack.of_group(group, attack.cell([a], [b]))
                      for a, b in product(*attack.values)]  # fmt: skip
    wanted = np.array(list(attack.wanted()))
    for group in doubtful:
        best = best_by_force(attack, group, known, wanted)
        if best is None:
            assert group not in found.merged
            continue
        assert shape(attack, group, found.merged[group]) == best[:2]
        left = wanted[~attack.follow(known, wanted)]
        cells = product(*found.merged[group])
        known += [attack.of_group(group, attack.cell(*cell)) for cell in cells]
        assert not len(left) or not attack.follow(known, left).any()


def test_of_a_merged_group_pairs_of_levels_are_withheld_and_its_table_is_shown():
    wave = draw(2, 400, survey=survey_of(segments=LEFT), tasks=1)
    found = find_withheld(wave)
    across, down = found.merged["left"]
    frame = grid_means(wave, ["left"], found.merged).frame.assign(reading="safe")
    assert frame["level"].tolist() == [
        " * ".join([*one, *other]) for one, other in product(across, down)
    ]
    assert (frame["n_respondents"] >= LIMIT).all()
    assert not found.of_levels(frame).any()
    fine = cj.joint_means(wave, PAIR, "segments").frame
    single = {" * ".join(cell) for cell in fine["level"]} & set(frame["level"])
    assert found.of_levels(fine[~fine["level"].isin(single)])[: len(fine) - len(single)].all()
    turned = cj.joint_means(wave, PAIR[::-1], "segments").frame
    assert found.of_levels(turned).sum() == len(turned) - len(single)


@pytest.mark.parametrize(
    ("price", "size", "across", "down"),
    [
        (["a", "b", "c"], SIZE, 3, None),  # no numbers: stays as it is
        (["a", "b", "c"], ["x", "y", "z", "w"], None, None),
        (levels(30, 20, 10), levels(0, 3, 1, 2), None, None),
    ],
)
def test_only_levels_with_an_order_are_put_together(price, size, across, down):
    survey = survey_of(price, size, segments=LEFT)
    found = find_withheld(draw(2, 400, survey=survey, tasks=1))
    if across is None and price[0] == "a":
        assert not found.merged
        assert found.cells
        return
    own = found.merged["left"]
    assert across is None or len(own[0]) == across
    for name, runs in zip(PAIR, own, strict=True):
        numbers = [[survey.level(name, level).number for level in run] for run in runs]
        joined = [number for run in numbers for number in run]
        if None not in joined:
            assert joined == sorted(joined, reverse=name == "price")


def test_where_nothing_is_hidden_nothing_is_put_together():
    assert not find_withheld(draw(1, 3000, survey=survey_of(segments=LEFT), tasks=3)).merged
    assert not find_withheld(draw(1, 60, survey=survey_of(limit=0), tasks=1)).merged


def test_a_limit_of_two_people_and_people_who_do_not_count():
    """People of no weight are in no base; of the others one alone in a cell is too few."""
    survey = survey_of(limit=2, segments=LEFT)
    whole = draw(4, 90, survey=survey, tasks=1)
    weights = np.where(np.arange(90) < 30, 1.0, 0.0)
    wave = whole.with_weights(weights)
    found = find_withheld(wave)
    for group, table in found.merged.items():
        attack = Attack(wave)
        counted = attack.groups[group] & (weights > 0)
        for cell in product(*table):
            assert attack.people(attack.cell(*cell), counted) != 1


def test_a_group_too_small_for_any_table_stays_blank():
    survey = survey_of(segments={"few": {"where": {"vote": "None"}}})
    found = find_withheld(draw(5, 270, survey=survey, tasks=1))
    assert "few" not in found.segments
    assert "few" not in found.merged
    assert ("choice", "price * size", "v10 * v0", "few") in found.cells


def test_pairs_that_are_never_shown_count_for_nothing():
    """A restriction leaves cells that nobody saw: they keep no level apart, nor together."""
    rng = np.random.default_rng(3)
    n = 400
    frame = pd.DataFrame({"id": np.arange(n), "chosen": rng.integers(0, 2, n)})
    frame["price"], frame["size"] = rng.integers(0, 3, n), rng.integers(0, 4, n)
    frame = frame[~((frame["price"] == 0) & (frame["size"] == 0))]
    base = cj.Wave.from_frame(
        frame, respondent="id", outcome="chosen", attributes=["price", "size"],
        restrictions=[{"price": [0], "size": [0]}],
    )  # fmt: skip
    content = base.survey.model_dump(exclude_unset=True)
    for name in PAIR:
        for level in content["attributes"][name]["levels"]:
            level["number"] = float(level["value"])
    content["report"] = {"grid": list(PAIR)}
    content["thresholds"] = {"suppress_below": 40, "caution_below": 100}
    wave = cj.Wave.build(cj.Survey.model_validate(content), base.respondents, profiles_of(base))
    own = find_withheld(wave).merged["Total"]
    frame = grid_means(wave, None, {"Total": own}).frame
    assert (frame["n_respondents"] >= 40).all()
    assert len(frame) < 11


def profiles_of(wave):
    """The rows that a wave can be built from again."""
    rows = wave.profiles[["respondent", "task", "profile"]].copy()
    for name, attribute in wave.survey.attributes.items():
        rows[name] = pd.Categorical.from_codes(wave.codes(name), list(attribute.values))
    for outcome in wave.survey.outcomes:
        rows[outcome] = wave.outcome(outcome)
    return rows


@pytest.mark.parametrize("variance", ["linearised", "CR2"])
def test_merged_means_are_those_of_recoded_levels(variance):
    """Raked to targets: the mean, its error and its interval are those of a wave that never had two levels."""
    wave = draw(7, 300, survey=survey_of(segments=LEFT))
    merge = {"size": [["v1", "v2"]], "price": [["v10", "v20"], ["v30"]]}
    survey = survey_of(levels(10, 30), levels(0, 1, 3), segments=LEFT)
    rows = profiles_of(wave)
    for name, old, new in (("size", "v2", "v1"), ("price", "v20", "v10")):
        texts = rows[name].astype(str).replace({old: new})
        rows[name] = pd.Categorical(texts, list(survey.attributes[name].values))
    recoded = cj.Wave.build(survey, wave.respondents, rows)
    options = {"by": ["left"], "variance": variance}
    found = cj.joint_means(cj.rake(wave, TARGETS), PAIR, merge=merge, **options).frame
    direct = cj.joint_means(cj.rake(recoded, TARGETS), PAIR, **options).frame
    assert found["level"].tolist()[1] == "v10 * v20 * v1 * v2"
    numbers = list(found.select_dtypes("number"))
    np.testing.assert_allclose(found[numbers], direct[numbers], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("merge", "words"),
    [
        ({"colour": [["red", "green"]]}, "is not combined"),
        ({"size": [["v0", "v9"]]}, 'there is no "v9"'),
        ({"size": [["v0", "v1"], ["v1", "v2"]]}, '"v1" stands twice'),
    ],
)
def test_levels_that_cannot_be_put_together(merge, words):
    wave = draw(7, 60, survey=survey_of())
    with pytest.raises(RequestError, match=words):
        cj.joint_means(wave, PAIR, merge=merge)


def test_of_many_levels_neighbours_that_few_saw_are_put_together_first():
    """Not every one of 2^15 partitions is looked at."""
    seen = [100.0] * 16
    seen[3] = seen[4] = 1.0
    found = partitions_of(tuple(range(16)), seen)
    assert len(found) == 2**9
    assert all(any({3, 4} <= set(run) for run in runs) for runs in found)


def test_most_cells_win_then_the_largest_of_the_smallest_bases():
    """Three levels by one: runs (0) (1) (2) (0 1) (1 2), of which either pair does."""
    base = np.array([[30], [25], [60], [52], [70]])
    across = [np.array(own) for own in ([0, 1, 2], [3, 2], [0, 4])]
    assert list(finest(base, across, [np.array([0])], 50)) == [(1, 0)]
    assert list(finest(base, across, [np.array([0])], 28)) == [(1, 0), (2, 0)]
