"""Question tables in the bundle: the figures of the tables, and nothing that gives a small base away."""

import numpy as np
import pandas as pd
import pytest

import conjoint as cj
from conftest import ROUTES, SMALL_TOML, small_responses
from conjoint.analysis.questions import AGAINST_TOTAL, disclosure_table, question_tables
from conjoint.toplines.banner import make_banner

GRID = """
[questions.trust]
kind = "grid"
items = { police = "trust_1", courts = { label = "The courts", column = "trust_2" } }
answers = ["Yes", "No", "Don't know"]
scores = { Yes = 1, No = 0 }
nets = { Known = ["Yes", "No"], Lead = { plus = "Yes", minus = "No" } }

[questions.party]"""


@pytest.fixture(scope="module")
def wave():
    return cj.rake(cj.read_wave(ROUTES))


def island(folder, isle=31, rest=(119, 150)):
    """A region of few, crossed with the questions, a grid among them."""
    n = isle + sum(rest)
    rng = np.random.default_rng(9)
    frame = small_responses(n)
    frame["region"] = np.repeat(["Isle", "South", "North"], [isle, *rest])
    for column in ("trust_1", "trust_2"):
        frame[column] = rng.choice(["Yes", "No", "Don't know"], n)
    folder.responses = frame.astype(object)
    folder.replace(
        'title = "Small survey"', 'title = "Small survey"\ncrossbreaks = ["sex", "region"]'
    )
    folder.replace("[questions.party]", GRID.strip())
    return folder


def test_figures_and_bases_are_those_of_the_tables(wave, routes):
    made = question_tables(wave)
    questions, columns = made["questions"], made["question_columns"]
    for table in cj.tables(wave):
        own = questions[
            (questions["question"] == table.question) & (questions["item"] == table.item)
        ]
        frame = table.outward().frame
        for name in ("estimate", "std_error", "conf_low", "conf_high"):
            np.testing.assert_array_equal(own[name], frame[name])
        assert list(own["letters"]) == list(frame["letters"])
        assert list(own["against_total"]) == [
            AGAINST_TOTAL[mark] for mark in frame["against_total"]
        ]
        heads = columns[columns["question"] == table.question]
        shown = [reading != "suppressed" for reading in table.reading]
        assert list(heads["reading"]) == list(table.reading)
        assert list(heads.loc[shown, "n_respondents"]) == list(table.unweighted[shown])
        effective = heads.loc[shown, "effective_base"]
        np.testing.assert_array_equal(effective, np.rint(table.effective[shown]))
        assert list(heads["letter"]) == [column.letter for column in table.columns]
    for name in made:
        pd.testing.assert_frame_equal(made[name], routes.tables[name])


def test_small_columns_have_neither_figures_nor_bases(folder):
    made = question_tables(cj.rake(cj.read_wave(island(folder).write())))
    columns, questions = made["question_columns"], made["questions"]
    gone = columns[columns["group"].isin(["region: Isle", "region: South"])]
    assert len(gone) == 2 * 4
    assert set(gone["reading"]) == {"suppressed"}
    assert gone[["n_respondents", "weighted_base", "effective_base"]].isna().all(axis=None)
    rows = questions[questions["group"].isin(["region: Isle", "region: South"])]
    assert (
        rows[["estimate", "std_error", "conf_low", "conf_high", "n_respondents"]]
        .isna()
        .all(axis=None)
    )
    assert (rows[["letters", "against_total"]] == "").all(axis=None)
    assert questions.loc[questions["group"] == "region: North", "estimate"].notna().all()


@pytest.mark.parametrize("seed", range(4))
def test_no_hidden_column_follows_from_those_shown(folder, seed):
    """Who stands in a column under the limit is no sum of who stands in those shown."""
    rng = np.random.default_rng(seed)
    folder = island(folder, isle=int(rng.integers(20, 50)), rest=(90, int(rng.integers(60, 150))))
    folder.responses["sex"] = rng.choice(["Female", "Male"], len(folder.responses), p=[0.85, 0.15])
    wave = cj.read_wave(folder.write())
    banner, made = make_banner(wave), question_tables(wave)["question_columns"]
    own = made[made["question"] == "party"].set_index("group")["reading"]
    members = banner.members.astype(float)
    shown = members[:, [own[column.key] != "suppressed" for column in banner.columns]]
    small = 0
    for column, inside in zip(banner.columns, members.T, strict=True):
        if inside.sum() < 50:
            small += 1
            left = inside - shown @ np.linalg.lstsq(shown, inside, rcond=None)[0]
            assert np.abs(left).max() > 0.01, column.key
    assert small


def test_a_mean_on_few_scores_is_left_out(folder):
    folder = island(folder)
    folder.responses.loc[40:, "trust_1"] = "Don't know"
    made = question_tables(cj.read_wave(folder.write()))["questions"]
    mean = made[(made["item"] == "police") & (made["kind"] == "mean")]
    assert mean["estimate"].isna().all()
    assert set(mean["reading"]) == {"suppressed"}


def test_items_of_a_grid_and_nets_have_rows_of_their_own(folder):
    wave = cj.read_wave(island(folder).write())
    made = question_tables(wave)["questions"]
    own = made[(made["question"] == "trust") & (made["group"] == "Total")]
    assert list(dict.fromkeys(own["item"])) == ["police", "courts"]
    kinds = own[own["item"] == "courts"].set_index("row")["kind"]
    assert kinds.to_dict() == {
        "Yes": "answer", "No": "answer", "Don't know": "answer",
        "Known": "net", "Lead": "net", "mean": "mean",
    }  # fmt: skip


def test_without_questions_there_are_no_tables(folder):
    toml = SMALL_TOML[: SMALL_TOML.index("[questions.party]")]
    folder.toml = toml
    assert question_tables(cj.read_wave(folder.write())) == {}


def test_a_crossbreak_that_nobody_answered_leaves_the_segments(folder):
    folder.responses["nobody"] = ""
    folder.replace('title = "Small survey"', 'title = "Small survey"\ncrossbreaks = ["nobody"]')
    made = question_tables(cj.read_wave(folder.write()))["question_columns"]
    assert set(made["crossbreak"]) == {"", "Segments"}


def test_what_has_to_be_published_is_listed(wave):
    made = disclosure_table(wave).set_index("name")
    assert made.loc["Client", "text"] == "The Future Governance Forum"
    assert not made.loc["Contact", "present"]
    assert set(made["place"]) == {"every report", "where practical", "the website"}
