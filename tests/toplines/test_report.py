"""Questions of every kind in the bundle and in the report's tables."""

import pytest
from kinds import with_kinds

import conjoint as cj
from conftest import SMALL_TARGETS, SMALL_TOML, SurveyFolder, small_responses
from conjoint.table.question import by_group


@pytest.fixture(scope="module")
def analysis(tmp_path_factory):
    path = tmp_path_factory.mktemp("kinds")
    folder = SurveyFolder(path, SMALL_TOML, small_responses(), SMALL_TARGETS)
    return cj.run_analysis(with_kinds(folder).write())


def test_the_bundle_holds_every_kind_with_the_bases_of_each_row(analysis):
    table = analysis.tables["toplines"]
    assert set(table["estimand"]) == {"share", "net", "mean"}
    policy = table[(table["outcome"] == "policy") & (table["group"] == "Total")].set_index("level")
    assert policy.loc["mean", "weighted_base"] < policy.loc["Oppose", "weighted_base"] == 400
    asked = table[(table["outcome"] == "reason") & (table["group"] == "Total")]
    assert (asked["weighted_base"] < 200).all()
    assert (asked["effective_base"] <= asked["n_respondents"]).all()


@pytest.mark.parametrize("name", ["policy", "issues", "media", "trust", "reason", "warmth"])
def test_the_report_has_a_table_of_it(analysis, name):
    question = analysis.survey.questions[name]
    tables = list(by_group(analysis.survey, analysis.tables["toplines"], name))
    assert len(tables) == max(1, len(question.items))
    for table in tables:
        heads = [column.head for column in table.columns]
        assert {answer.shown for answer in question.answers} <= set(heads)
        assert ("Mean" in heads) == bool(question.scores or question.kind == "scale")
        assert all(len(row.cells) == len(heads) for row in table.rows)


def test_a_net_can_be_the_headline(analysis):
    checks = analysis.tables["headline_checks"]
    assert checks[["outcome", "level"]].drop_duplicates().to_numpy().tolist() == [
        ["policy", "Support"]
    ]
    assert (checks["estimate"] > 0.4).all()
    assert set(analysis.tables["topline_differences"]["level"]) == {"Support"}
