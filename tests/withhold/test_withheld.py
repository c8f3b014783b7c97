"""Nothing left out follows from what tables, bundle and comparisons show, taken together."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import conjoint as cj
from conjoint.toplines import tables
from conjoint.toplines.withheld import find_withheld, hidden_segments
from conjoint.workbook import collect, tidy

sys.path[:0] = [str(Path(__file__).parents[1] / name) for name in ("compare", "workbook")]
from nasty import SEGMENTS, write_nasty  # noqa: E402
from two_waves import asked, draw  # noqa: E402

MAINLAND = """
[segments.mainland]
label = "Mainland"
where = { region = ["South", "North"] }
"""


def follows(known, wanted):
    """Whether an indicator is a sum of known ones, some taken off: by least squares."""
    if not known:
        return False
    matrix = np.array(known, dtype=float).T
    left = wanted - matrix @ np.linalg.lstsq(matrix, wanted.astype(float), rcond=None)[0]
    return bool((left**2).sum() < 1e-6 * wanted.sum())


def cells_of(wave, names):
    """Every mean of a level or of the grid's combinations: its key, and which profiles it is of."""
    survey, pair = wave.survey, wave.survey.report.grid
    for group in ("Total", *names):
        who = np.ones(wave.n_respondents, bool) if group == "Total" else wave.segment(group)
        inside = who[wave.respondent_index]
        for name, attribute in survey.attributes.items():
            for place, level in enumerate(attribute.values):
                yield (name, level, group), inside & (wave.codes(name) == place)
        for a, one in enumerate(survey.attributes[pair[0]].values):
            for b, two in enumerate(survey.attributes[pair[1]].values):
                both = (wave.codes(pair[0]) == a) & (wave.codes(pair[1]) == b)
                yield (" * ".join(pair), f"{one} * {two}", group), inside & both


def grid_wave(seed, n, **segments):
    survey = asked(
        segments=segments,
        report={"grid": ["price", "colour"]},
        thresholds={"suppress_below": 50, "caution_below": 100},
    )
    return draw(seed, n, survey=survey, tasks=1)


@pytest.mark.parametrize("seed", range(8))
def test_no_mean_on_a_small_base_follows_from_those_shown(seed):
    """All groups, levels and the grid at once; what is known of a group's profiles together, too."""
    rng = np.random.default_rng(seed)
    wave = grid_wave(
        seed,
        int(rng.integers(150, 420)),
        left={"where": {"vote": "Left"}},
        others={"where": {"vote": ["Right", "None"]}},
        women={"where": {"sex": "F"}},
    )
    found = find_withheld(wave)
    names = [name for name in wave.survey.segments if name not in found.segments]
    cells = dict(cells_of(wave, names))
    n = {key: len(set(wave.respondent_index[rows])) for key, rows in cells.items()}
    gone = {key for key in cells if ("choice", *key) in found.cells}
    small = {key for key in cells if 0 < n[key] < 50}
    assert small <= gone
    assert small, "the test looks at nothing"
    known = [rows for key, rows in cells.items() if key not in gone and rows.any()]
    known += [wave.segment(name)[wave.respondent_index] for name in names]
    known.append(np.ones(wave.n_profiles, dtype=bool))
    for key in small:
        assert not follows(known, cells[key]), key


def test_a_rectangle_of_the_grid_is_left_out_for_one_small_cell():
    """Each of the other three is in a row or column that would give it away; no more than these."""
    for seed in range(60):
        wave = grid_wave(seed, 185)
        small = [
            key for key, rows in cells_of(wave, [])
            if 0 < len(set(wave.respondent_index[rows])) < 50
        ]  # fmt: skip
        if len(small) == 1:
            break
    left_out = [cell for cell in find_withheld(wave).cells if cell[0] == "choice"]
    assert len(left_out) == 2 * 4
    assert {cell[1] for cell in left_out} == {"price * colour", "colour * price"}


def test_large_bases_are_all_shown():
    found = find_withheld(grid_wave(1, 2000, left={"where": {"vote": "Left"}}))
    assert not found.segments
    assert not found.answers
    assert not found.cells


def test_effects_and_differences_of_a_mean_that_is_left_out_go_with_it():
    wave = grid_wave(3, 150, left={"where": {"vote": "Left"}})
    found = find_withheld(wave)
    outcome, attribute, level, group = next(c for c in sorted(found.cells) if "*" not in c[1])
    row = {"outcome": outcome, "attribute": attribute, "group": group, "level": level}
    frame = pd.DataFrame(
        [
            row,
            row | {"level": "else", "baseline": level},
            row | {"level": "else", "high": level},
            row | {"level": "else", "low": level},
            row | {"group": "else", "reference": group},
            row | {"level": "else"},
            row | {"group": "else"},
        ]
    ).fillna("")
    assert found.of_levels(frame).tolist() == [True] * 5 + [False] * 2


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = write_nasty(tmp_path_factory.mktemp("withheld") / "poll")
    toml = path / "survey.toml"
    toml.write_text(toml.read_text("utf-8").replace(SEGMENTS, SEGMENTS + MAINLAND), "utf-8")
    return path


@pytest.fixture(scope="module")
def bundle(folder):
    return cj.run_analysis(folder).tables


def test_the_bundle_does_not_show_what_the_tables_leave_out(folder, bundle):
    """The mainland is everybody but the isle: 31 people whose figures nobody may work out."""
    wave = cj.rake(cj.read_wave(folder))
    assert hidden_segments(wave) == ("isle", "mainland")
    for name in ("toplines", "marginal_means", "amce", "joint_means", "departures", "spread"):
        own = bundle[name][bundle[name]["group"].isin(["isle", "mainland"])]
        assert not own.empty, name
        assert set(own["reading"]) == {"suppressed"}, name
        assert own["estimate"].isna().all(), name
        if name != "departures":
            total = bundle[name].loc[bundle[name]["group"] == "Total", "estimate"]
            assert total.notna().any(), name


def test_files_taken_together_give_no_column_away(folder, bundle):
    """What any file shows of a question is put together; no small column follows from it."""
    wave = cj.rake(cj.read_wave(folder))
    shown = tidy(collect(folder)).query("reading != 'suppressed'")
    toplines = bundle["toplines"].query("reading != 'suppressed'")
    for table in tables(wave, suppress=False):
        groups = dict(_groups(wave))
        seen = set(
            shown[(shown["question"] == table.question) & (shown["item"] == table.item)]["column"]
        )
        if not table.item:
            seen |= set(toplines[toplines["outcome"] == table.question]["group"])
        base = wave.respondents[_column(wave, table)].notna().to_numpy()
        known = [groups[key] & base for key in seen]
        for column, n in zip(table.columns, table.unweighted, strict=True):
            if 0 < n < 50:
                assert column.key not in seen
                assert not follows(known, groups[column.key] & base), (table.question, column.key)


def _groups(wave):
    yield "Total", np.ones(wave.n_respondents, dtype=bool)
    for name in wave.survey.segments:
        yield name, wave.segment(name)
    for heading, column in (("sex", "sex"), ("=Region", "region")):
        cells = wave.respondents[column].astype(str)
        for value in cells.unique():
            yield f"{heading}: {value}", (cells == value).to_numpy()


def _column(wave, table):
    question = wave.survey.questions[table.question]
    stored = question.stored(table.question)
    return stored.get(table.item) or next(iter(stored.values()))


def test_a_question_that_a_segment_was_not_asked_has_blank_rows(bundle):
    rare = bundle["toplines"].query("outcome == 'rare' and group == 'mainland'")
    assert len(rare) == 2
    assert set(rare["n_respondents"]) == {0}
    assert rare["estimate"].isna().all()
    assert set(rare["reading"]) == {"suppressed"}


def test_a_comparison_leaves_out_what_the_tables_leave_out():
    from conjoint.compare import compare

    survey = asked(
        segments={
            "left": {"where": {"vote": ["Left", "Right"]}},
            "none": {"where": {"vote": "None"}},
        },
        thresholds={"suppress_below": 50, "caution_below": 100},
    )
    large, small = draw(1, 900, survey=survey, prefix="a"), draw(2, 180, survey=survey, prefix="b")
    assert small.segment("none").sum() < 50 < small.segment("left").sum()
    made = compare(large, small, by="segments", hold=())
    frame = made.frame[made.frame["group"] != "Total"]
    assert frame["estimate_second"].isna().all()
    assert frame["change"].isna().all()
    assert frame["estimate_first"].notna().any()
    last = made.trend[
        (made.trend["wave"] == made.waves["wave"].iloc[1]) & (made.trend["group"] != "Total")
    ]
    assert last["estimate"].isna().all()
    assert made.frame.loc[made.frame["group"] == "Total", "change"].notna().any()
