"""One call from folder to bundle: aggregates only, small bases taken out, all of it read back."""

import json

import numpy as np
import pandas as pd
import pytest

import conjoint as cj
from conftest import ROOT, ROUTES
from conjoint.analysis import STEPS
from conjoint.analysis.provenance import judged_in_words
from conjoint.analysis.spread import spread
from conjoint.errors import InputError
from conjoint.robust.headlines import CHECKS
from conjoint.withhold.mark import EFFECT, FIGURES, marked_by_base


@pytest.fixture
def small(folder):
    folder.toml += "\n[thresholds]\nsuppress_below = 10\n"
    return cj.run_analysis(folder.write())


def test_the_steps_are_named_in_order(folder):
    named = []
    cj.run_analysis(folder.write(), progress=named.append)
    assert named == list(STEPS)


def test_figures_are_those_of_the_raked_wave(routes):
    wave = cj.rake(cj.read_wave(ROUTES))
    direct = cj.marginal_means(wave, by="segments", outcome="choice").frame
    table = routes.tables["marginal_means"]
    bundled = table[(table["outcome"] == "choice") & (table["group"] != "Total")]
    pd.testing.assert_series_equal(
        bundled["estimate"].reset_index(drop=True),
        direct["estimate"],
        check_names=False,
        rtol=0,
        atol=1e-4,
    )


def test_small_bases_are_blank_and_marked(routes):
    joint = routes.tables["joint_means"]
    right = joint[joint["group"] == "right_switchers"]
    # Levels are put together until each cell may be shown.
    assert right["across"].unique().tolist() == ["5000 * 10000", "20000 * 40000"]
    assert right["down"].unique().tolist() == ["None", "25%", "50%", "75%", "90%"]
    assert (right["level"] == right["across"] + " * " + right["down"]).all()
    assert right["n_respondents"].between(50, 99).all()
    assert (right["reading"] == "caution").all()
    assert right["estimate"].notna().all()
    total = joint[joint["group"] == "Total"]
    assert (total["reading"] == "safe").all()
    assert total["estimate"].notna().all()


def test_a_base_between_the_limits_is_a_caution(routes):
    toplines = routes.tables["toplines"]
    right = toplines[toplines["group"] == "right_switchers"]
    assert right["n_respondents"].between(50, 99).all()
    assert (right["reading"] == "caution").all()
    assert right["estimate"].notna().all()


def test_the_limits_are_the_surveys_own(folder):
    folder.toml += "\n[thresholds]\ncaution_below = 30\nsuppress_below = 20\n"
    analysis = cj.run_analysis(folder.write())
    toplines = analysis.tables["toplines"].query("group == 'left'")
    n = toplines["n_respondents"].iloc[0]
    expected = "suppressed" if n < 20 else "caution" if n < 30 else "safe"
    assert set(toplines["reading"]) == {expected}


def test_every_pair_of_groups_is_compared_both_ways(routes):
    table = routes.tables["topline_differences"].query("outcome == 'deal'")
    assert len(table) == 4 * 3
    there = table.query("group == 'right_switchers' and reference == 'labour_voters'").iloc[0]
    back = table.query("group == 'labour_voters' and reference == 'right_switchers'").iloc[0]
    assert there["estimate"] == pytest.approx(-back["estimate"])
    assert there["std_error"] == pytest.approx(back["std_error"])


def test_a_part_is_compared_with_the_whole_it_belongs_to(routes):
    """The covariance of a segment with the total is not zero, so variances do not just add up."""
    toplines = routes.tables["toplines"].query("outcome == 'deal' and level == 'Support'")
    errors = toplines.set_index("group")["std_error"]
    row = routes.tables["topline_differences"].query(
        "outcome == 'deal' and group == 'labour_voters' and reference == 'Total'"
    )
    apart = np.hypot(errors["labour_voters"], errors["Total"])
    assert row["std_error"].iloc[0] < 0.95 * apart


def test_spread_is_highest_minus_lowest(routes):
    means = routes.tables["marginal_means"]
    for row in routes.tables["spread"].to_dict("records"):
        own = means[
            (means["outcome"] == row["outcome"])
            & (means["group"] == row["group"])
            & (means["attribute"] == row["attribute"])
        ].set_index("level")["estimate"]
        assert row["high"] == own.idxmax()
        assert row["low"] == own.idxmin()
        assert row["estimate"] == pytest.approx(own.max() - own.min(), abs=3e-4)


def test_what_moves_people_does_not_grow_with_the_number_of_levels():
    """No level matters: a range of ten levels is twice that of three, what is left of either without chance is not."""
    rng, rows, found = np.random.default_rng(2), 6000, []
    for _ in range(12):
        first = rng.integers(0, 2, rows // 2)
        levels = {
            "few": rng.choice(list("abc"), rows),
            "many": rng.choice(list("abcdefghij"), rows),
        }
        frame = pd.DataFrame(
            {
                "id": np.repeat(np.arange(rows // 10), 10),
                "task": np.tile(np.repeat(np.arange(5), 2), rows // 10),
                "chosen": np.stack([first, 1 - first], axis=1).ravel(),
                **levels,
            }
        )
        wave = cj.Wave.from_frame(
            frame, respondent="id", outcome="chosen", attributes=list(levels), task="task"
        )
        found.append(spread(wave.survey, cj.marginal_means(wave)).set_index("attribute"))
    ranges, moves = (pd.DataFrame([own[name] for own in found]) for name in ("estimate", "moves"))
    assert ranges["many"].mean() > 1.5 * ranges["few"].mean()
    assert moves.to_numpy().min() == 0
    assert moves["many"].mean() < ranges["many"].mean() / 5
    assert 0.3 < (moves == 0).to_numpy().mean() < 0.8


def test_a_declared_smallest_effect_is_tested_throughout_a_bundle(folder):
    folder.toml = "smallest_effect = 0.4\n" + folder.toml
    folder.toml += "\n[thresholds]\ncaution_below = 0\nsuppress_below = 0\n"
    analysis = cj.run_analysis(folder.write())
    wave, tables = cj.rake(cj.read_wave(folder.path)), analysis.tables
    expected = cj.equivalent(cj.amce(wave), 0.4)["p_equivalent"]
    told = tables["amce"].query("group == 'Total'")["p_equivalent"]
    np.testing.assert_allclose(told, expected, rtol=0.05)  # two digits are published
    means = cj.marginal_means(wave, list(wave.survey.segments), outcome="choice")
    name = next(iter(wave.survey.attributes))
    groups = list(wave.survey.segments)
    pairs = [
        cj.equivalent(cj.differences(means.select(attribute=name, group=[a, b]), a), 0.4)
        for place, a in enumerate(groups)
        for b in groups[place + 1 :]
    ]
    largest = max(pair["p_equivalent"].max() for pair in pairs)
    row = tables["omnibus"].query("group == '' and attribute == @name and variance == 'linearised'")
    assert row["p_equivalent"].item() == pytest.approx(largest, rel=0.05)
    for table in ("departures", "spread"):
        assert tables[table]["p_equivalent"].between(0, 1).any()


def test_chance_alone_seldom_sets_levels_apart():
    """Highest against lowest is picked from the data: at face value, 29% of these would be clear."""
    rng, clear = np.random.default_rng(1), []
    people, tasks = 150, 5
    rows = people * tasks * 2
    for _ in range(200):
        first = rng.integers(0, 2, people * tasks)
        frame = pd.DataFrame(
            {
                "id": np.repeat(np.arange(people), tasks * 2),
                "task": np.tile(np.repeat(np.arange(tasks), 2), people),
                "colour": rng.choice(list("vwxyz"), rows),
                "chosen": np.column_stack([first, 1 - first]).ravel(),
            }
        )
        wave = cj.Wave.from_frame(
            frame, respondent="id", outcome="chosen", attributes=["colour"], task="task"
        )
        clear.append((spread(wave.survey, cj.marginal_means(wave))["conf_low"] > 0).all())
    assert np.mean(clear) < 0.08


def test_headlines_are_put_to_the_test(routes):
    raw = cj.read_wave(ROUTES)
    wave = cj.rake(raw)
    table = routes.tables["headline_checks"]
    assert table[["outcome", "level"]].drop_duplicates().to_numpy().tolist() == [
        ["deal", "Support"],
        ["work", "Support"],
    ]
    assert len(table) == 2 * 4
    own = table.query("outcome == 'deal' and group == 'labour_voters'").iloc[0]

    def direct(of):
        shares = cj.toplines(of, "segments", question="deal").frame
        return shares.query("group == 'labour_voters' and level == 'Support'").iloc[0]

    assert own["estimate"] == pytest.approx(direct(wave)["estimate"], abs=1e-4)
    assert own["unweighted"] == pytest.approx(direct(raw)["estimate"], abs=1e-4)
    assert own["difference"] == pytest.approx(own["estimate"] - own["unweighted"], abs=3e-4)
    assert own["std_error_fixed"] == pytest.approx(direct(wave.fixed())["std_error"], abs=1e-4)
    assert own["conf_low_fixed"] == pytest.approx(direct(wave.fixed())["conf_low"], abs=2.1e-4)
    total = table[table["group"] == "Total"]
    assert (total["std_error"] < total["std_error_fixed"]).all()
    flips = cj.fragility(wave, cj.toplines, "segments", threshold=0.5).query("level == 'Support'")
    assert table["respondents"].tolist() == pytest.approx(
        flips["respondents"].tolist(), nan_ok=True, abs=1e-4
    )
    assert table["shift"].tolist() == pytest.approx(flips["shift"].tolist(), nan_ok=True, abs=1e-4)


def test_headlines_of_small_segments_are_blank(folder):
    folder.replace(
        'answers = ["Left", "Right", "None"]',
        'answers = ["Left", "Right", "None"]\nheadline = "Left"',
    )
    folder.responses["party"] = ["Left"] * 4 + ["Right", "None"] * 28
    folder.toml += "\n[thresholds]\nsuppress_below = 40\n"
    table = cj.run_analysis(folder.write()).tables["headline_checks"].set_index("group")
    assert table.loc["Total", CHECKS[2:5]].notna().all()
    for name in ("left", "warm"):
        row = table.loc[name]
        assert row["reading"] == "suppressed"
        assert row[[c for c in [*FIGURES, *CHECKS] if c not in {"margin", "category"}]].isna().all()
        assert (row["margin"], row["category"]) == ("", "")


def test_what_weighting_cost_is_in_the_bundle(routes):
    wave = cj.rake(cj.read_wave(ROUTES))
    measures = routes.tables["weighting_summary"].set_index("measure")["value"]
    assert measures["design_effect"] == pytest.approx(
        cj.efficiency(wave.weights).design_effect, abs=1e-4
    )
    assert {"effective", "efficiency", "smallest", "largest", "trimmed"} <= set(measures.index)
    bins = routes.tables["weight_histogram"]
    assert bins["n_respondents"].sum() == 2369
    assert bins["n_respondents"].min() >= 5
    assert routes.provenance["weighting"]["distance"] == "raking"
    assert routes.provenance["weighting"]["trimmed"] == 0


def test_pairs_of_segments_are_adjusted_together(routes):
    table = routes.tables["topline_differences"].query("outcome == 'deal'")
    with_total = (table[["group", "reference"]] == "Total").any(axis=1)
    assert table.loc[with_total, "p_holm"].isna().all()
    pairs = table[~with_total]
    smallest = pairs["p_value"].min()
    assert pairs["p_holm"].min() == pytest.approx(min(1, 3 * smallest), abs=2e-4)  # three pairs
    there = pairs.set_index(["group", "reference"])["p_holm"]
    assert there["right_switchers", "labour_voters"] == there["labour_voters", "right_switchers"]


def test_holm_never_lowers_a_p_value(routes):
    table = routes.tables["departures"].dropna(subset=["p_value"])
    assert (table["p_holm"] >= table["p_value"] - 1e-15).all()
    assert (table["p_holm"] > table["p_value"]).any()


def test_the_bundle_reads_back(routes, tmp_path):
    again = cj.read_bundle(routes.write(tmp_path))
    assert again.provenance == json.loads(json.dumps(routes.provenance))
    assert again.survey.segments == routes.survey.segments
    assert set(again.tables) == set(routes.tables)
    for name, table in routes.tables.items():
        read = again.tables[name]
        assert list(read.columns) == list(table.columns)
        for column in read.columns:
            if table[column].dtype.kind == "f":
                assert np.allclose(read[column], table[column], rtol=1e-14, equal_nan=True)
            else:
                assert list(read[column].fillna("")) == list(table[column].fillna("")), column


def test_the_same_input_gives_the_same_bytes(folder, tmp_path):
    path = folder.write()
    first, second = (cj.run_analysis(path).write(tmp_path / name) for name in ("one", "two"))
    for file in first.iterdir():
        assert file.read_bytes() == (second / file.name).read_bytes(), file.name


def test_no_respondent_is_in_the_bundle(routes, tmp_path):
    ids = set(pd.read_csv(ROUTES / "responses.csv", usecols=["respondent_id"])["respondent_id"])
    for file in routes.write(tmp_path).iterdir():
        text = file.read_text()
        assert not [who for who in ids if who in text], file.name
        assert (
            file.suffix in (".json", ".md") or text.count("\n") < 2369
        )  # none has a row a respondent


def test_provenance_names_inputs_and_versions(routes):
    made = routes.provenance
    assert {"survey.toml", "targets.csv", "responses.csv"} < set(made["inputs"])
    assert all(len(digest) == 64 for digest in made["inputs"].values())
    assert made["synthetic"] is True
    assert {"python", "conjoint", "pandas", "statsmodels"} <= set(made["versions"])
    assert made["weighting"]["efficiency"] == pytest.approx(0.774, abs=0.001)


def test_a_survey_without_questions_segments_or_targets(oracle):
    analysis = cj.run_analysis(
        ROOT / "surveys" / "immigration_2014", data=oracle / "data" / "immigration.csv"
    )
    assert "toplines" not in analysis.tables
    assert "departures" not in analysis.tables
    assert analysis.tables["weighting"].empty
    assert set(analysis.tables["amce"]["group"]) == {"Total"}


def test_a_folder_that_is_no_bundle_is_refused(tmp_path):
    with pytest.raises(InputError, match="is no bundle"):
        cj.read_bundle(tmp_path)


def test_small_survey_has_a_reading_on_every_figure(small):
    for name in ("toplines", "marginal_means", "amce", "spread", "departures"):
        assert set(small.tables[name]["reading"]) <= {"safe", "caution", "suppressed"}


def test_a_segment_too_small_to_show_is_not_estimated_but_has_its_rows(folder):
    """Four people see too few levels for effects; the report is made all the same."""
    folder.responses["party"] = ["Left"] * 4 + ["Right", "None"] * 28
    folder.toml += "\n[thresholds]\nsuppress_below = 10\n"
    analysis = cj.run_analysis(folder.write())
    for name in ("toplines", "marginal_means", "amce", "spread"):
        table = analysis.tables[name]
        own = table[table["group"] == "left"]
        total = table[table["group"] == "Total"]
        assert len(own) == len(total), name
        assert set(own["reading"]) == {"suppressed"}
        assert set(own["n_respondents"]) == {0}  # how many they are is not told either
        assert own[FIGURES].isna().all(axis=None)
    assert not analysis.tables["departures"]["group"].eq("left").any()


def test_a_caution_looks_at_people_and_at_the_effective_base(routes):
    people, effective = [200, 200, 80, 30, 200], [150.0, 80.0, 80.0, 300.0, 2.0]
    table = pd.DataFrame({"n_respondents": people, "n_effective": effective}).assign(
        **dict.fromkeys(FIGURES, 0.5)
    )
    marked = marked_by_base(routes.survey, table)
    assert list(marked["reading"]) == ["safe", "caution", "caution", "suppressed", "caution"]
    assert list(marked["estimate"].isna()) == [False, False, False, True, False]
    alone = marked_by_base(routes.survey, table.drop(columns="n_effective"))
    assert list(alone["reading"]) == ["safe", "safe", "caution", "suppressed", "safe"]


def test_effects_are_blank_where_their_contrast_is(routes):
    for name in ("spread", "pulls"):
        table = routes.tables[name]
        hidden = table["reading"] == "suppressed"
        assert table.loc[hidden, EFFECT].isna().all(axis=None)
        assert table.loc[~hidden, EFFECT].notna().all(axis=None)


@pytest.mark.parametrize(
    ("judged", "words"),
    [
        (
            {"choice": (720, 90, 4, 4), "support": (720, 90, 4, 4)},
            "720 deals judged by 90 people in 4 tasks a person (30 of 120 judged none)",
        ),
        (
            {"choice": (960, 120, 1, 100)},
            "960 deals judged by 120 people in 1 to 100 tasks a person",
        ),
        ({"choice": (240, 120, 1, 1)}, "240 deals judged by 120 people in 1 task a person"),
        (
            {"choice": (720, 90, 4, 4), "support": (960, 120, 4, 4)},
            "“Deal preferred”: 720 deals judged by 90 people in 4 tasks a person (30 of 120 judged none); “Deal "
            "supported”: 960 deals judged by 120 people in 4 tasks a person",
        ),
    ],
)
def test_what_was_judged_is_said_with_who_judged_it(routes, judged, words):
    counts = {
        "respondents": 120,
        "judged": {
            name: {"profiles": profiles, "respondents": people, "tasks": [least, most]}
            for name, (profiles, people, least, most) in judged.items()
        },
    }
    assert judged_in_words(routes.survey, counts) == words


def test_an_older_bundle_says_what_was_shown(routes):
    counts = {"respondents": 120, "profiles": 960, "tasks": 4}
    assert judged_in_words(routes.survey, counts) == "960 deals shown in 4 tasks a person"
