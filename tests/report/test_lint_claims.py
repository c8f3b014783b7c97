"""Drafts, right and wrong, held against the survey that ships."""

import pytest

from conjoint.analysis import Analysis
from conjoint.report.lint import BAD, lint_claims
from conjoint.report.lint.context import Vocabulary
from conjoint.report.lint.draft import sentences
from conjoint.report.lint.mention import mentions
from conjoint.survey import Attribute, Level, Outcome, Survey


@pytest.fixture(scope="module")
def real(routes):
    """The survey that ships as if people had answered: its verdicts are not all the same."""
    from dataclasses import replace

    return replace(routes, survey=routes.survey.model_copy(update={"synthetic": False}))


def statuses(draft, analysis):
    found = lint_claims(draft, analysis)
    return dict(zip(found["said"], found["status"], strict=True))


@pytest.mark.parametrize(
    ("draft", "expected"),
    [
        (
            "62% of Labour voters support the deal (base 685; 58% to 66%).",
            {"62%": "found", "base 685": "found", "58% to 66%": "found"},
        ),
        (
            "48% of British adults support the deal, 34% oppose it and 19% don't know.",
            {"48%": "found", "34%": "found", "19%": "found"},
        ),
        (
            "Labour voters (62%) and right switchers (67%) both support the deal.",
            {"62%": "found", "67%": "caution"},
        ),
        (
            "Support for the deal is 62% among Labour voters, 67% among right switchers.",
            {"62%": "found", "67%": "caution"},
        ),
        ("Support for the deal stands at 48 per cent.", {"48 per cent": "found"}),
        (
            "Labour voters are 14 points more likely to support the deal than British adults.",
            {"14 points": "found"},
        ),
        (
            "Deals with “90% fewer” crossings are chosen 59% of the time and those with no reduction 41%.",
            {"59%": "found", "41%": "found"},
        ),
        (
            "A 90% reduction raises how often deals are chosen by 19 points.",
            {"90%": "level", "19 points": "found"},
        ),
        ("71% of the public would let asylum seekers work after six months.", {"71%": "found"}),
        ("About two thirds of progressive switchers support the deal.", {"two thirds": "found"}),
        ("Six in ten Labour voters support the deal.", {"Six in ten": "found"}),
        ("Just under half of British adults support the deal.", {"half": "found"}),
        ("One in three British adults oppose the deal.", {"One in three": "found"}),
        ("A majority of Labour voters support the deal.", {"A majority": "found"}),
        ("More than 60% of Labour voters support the deal.", {"60%": "found"}),
        (
            "Labour voters support the deal more than British adults do.",
            {"more than": "found"},
        ),
        ("We asked 2,369 people.", {"2,369 people": "found"}),
        (
            "Among progressive switchers, deals with a cap of 5,000 a year are chosen 42% of the time.",
            {"42%": "found"},
        ),
        (
            "Deals with 5,000 a year are chosen less often by progressive switchers than by British "
            "adults: a difference of 11 points.",
            {"11 points": "found"},
        ),
        (
            "Deals with a cap of 5,000 a year and a 90% reduction are supported 63% of the time.",
            {"90%": "level", "63%": "found"},
        ),
        (
            "Among right switchers, deals with “90% fewer” are 12 points above average.",
            {"12 points": "caution"},
        ),
        ("48% of women support the deal.", {"48%": "found"}),
        ("Fieldwork was on 11 to 12 May 2026.", {}),
    ],
)  # fmt: skip
def test_what_is_right_is_found(real, draft, expected):
    assert statuses(draft, real) == expected


@pytest.mark.parametrize(
    ("draft", "said", "status", "told"),
    [
        ("67% of Labour voters support the deal.", "67%", "another figure", "right switchers"),
        ("34% of British adults support the deal.", "34%", "another figure", "“Oppose”"),
        ("71% of British adults support the deal.", "71%", "another figure", "Work after six months"),
        ("62% support the deal.", "62%", "another figure", "Labour voters"),
        ("47% of British adults support the deal.", "47%", "wrongly rounded", "rounds to 48"),
        ("66% of right switchers support the deal.", "66%", "wrongly rounded", "rounds to 67"),
        ("55% of progressive switchers support the deal.", "55%", "unsupported", ""),
        ("Three quarters of Labour voters support the deal.", "Three quarters", "unsupported", ""),
        ("Only 1 in 10 British adults oppose the deal.", "1 in 10", "unsupported", ""),
        ("More than 65% of Labour voters support the deal.", "65%", "unsupported", ""),
        ("A majority of British adults support the deal.", "A majority", "unsupported", "48%"),
        ("Most voters prefer a 90% reduction.", "Most voters", "wording", "marginal mean"),
        (
            "59% of British adults prefer deals with “90% fewer”.",
            "59%", "wording", "not a share of people",
        ),
        (
            "Right switchers support the deal more than Labour voters.",
            "more than", "wording", "covers zero",
        ),
        (
            "Right switchers are most supportive of the deal.",
            "most supportive", "wording", "every other segment",
        ),
        (
            "62% of Labour voters support the deal because of small boats.",
            "because of", "wording", "a cause",
        ),
        (
            "22 points more Labour voters than British adults support the deal.",
            "22 points", "unsupported", "",
        ),
        (
            "British adults are 14 points more likely than Labour voters to support the deal.",
            "14 points", "unsupported", "other way",
        ),
        (
            "Right switchers are 5 points more likely than Labour voters to support the deal.",
            "5 points", "wording", "covers zero",
        ),
        (
            "73% of right switchers would let asylum seekers work after six months, more than British "
            "adults (71%).",
            "more than", "wording", "covers zero",
        ),
        (
            "Deals with the Calais Group are chosen more often than those with France alone.",
            "more often than", "wording", "covers zero",
        ),
        ("62% of Labour voters support the deal (base 700).", "base 700", "unsupported", "685"),
        ("62% of Labour voters (40% to 80%) support the deal.", "40% to 80%", "unsupported", ""),
        ("Deals with “90% fewer” are supported 20% of the time.", "20%", "unsupported", ""),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told(real, draft, said, status, told):
    found = lint_claims(draft, real)
    own = found[found["said"] == said]
    assert status in set(own["status"]), found[["said", "status", "note"]].to_string()
    assert status in BAD
    row = own[own["status"] == status].iloc[0]
    assert told in f"{row['note']} {row['figure']}"


def test_what_cannot_be_told_is_said(real):
    found = lint_claims("The figure is 62%.\n\n| Labour voters | 62% |\n", real)
    assert list(found["status"]) == ["ambiguous", "not read"]
    assert "does not say what it is of" in found["note"].iloc[0]


def test_a_suppressed_figure_is_not_found(real):
    from dataclasses import replace

    table = real.tables["toplines"].copy()
    own = table["group"] == "right_switchers"
    table.loc[own, ["estimate", "conf_low", "conf_high"]] = float("nan")
    table.loc[own, "reading"] = "suppressed"
    questions = real.tables["questions"]
    hidden = replace(
        real,
        tables=real.tables
        | {"toplines": table, "questions": questions[questions["group"] != "right_switchers"]},
    )
    found = lint_claims("67% of right switchers support the deal.", hidden)
    assert list(found["status"]) == ["small base"]


def test_each_finding_has_its_figure_base_and_verdict(routes):
    row = lint_claims("62% of Labour voters support the deal.", routes).iloc[0]
    assert row["estimate"] == pytest.approx(0.62, abs=1e-4)
    assert row["conf_low"] < 0.62 < row["conf_high"]
    assert (row["n_respondents"], row["line"]) == (685, 1)
    assert row["verdict"] == "do not quote (synthetic wave)"


def test_the_reports_own_claims_pass(real):
    """What the report says of its figures is right by the same rules."""
    from conjoint.report import SegmentReport

    claims = SegmentReport(real).claims()
    own = claims[claims["kind"].isin(["headline", "level", "departure", "wins", "loses"])]
    found = lint_claims("\n\n".join(own["text"]), real)
    assert len(found) > 100
    wrong = found[found["status"].isin(BAD)]
    assert wrong[["sentence", "said", "status", "note"]].to_dict("records") == []


def test_sentences_know_their_lines_and_lose_their_marks():
    draft = (
        "---\ntitle: 62%\n---\n# 48% support\n\nOne **62%** [link](http://x.y/99%).\nTwo is 3.5 here. "
        "Three\nruns on.\n\n- an item of 10%\n- another\n\n```\n99%\n```\n| a | 5% |\n"
    )
    found = [(s.line, s.text, s.is_table) for s in sentences(draft)]
    assert found == [
        (4, "48% support", False),
        (6, "One 62% link.", False),
        (7, "Two is 3.5 here.", False),
        (7, "Three runs on.", False),
        (10, "an item of 10%", False),
        (11, "another", False),
        (16, "| a | 5% |", True),
    ]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("62% and 3.5 per cent", [("percent", 62, 0), ("percent", 3.5, 1)]),
        ("14 points, 5 percentage points, 3pp", [("points", 14, 0), ("points", 5, 0), ("points", 3, 0)]),
        ("two-thirds, a quarter, half", [("fraction", 200 / 3, 0), ("fraction", 25, 0), ("fraction", 50, 0)]),
        ("6 in 10, three out of five", [("fraction", 60, 0), ("fraction", 60, 0)]),
        ("58% to 66%, 45–50%, (14 to 18)", [("range", 58, 0), ("range", 45, 0), ("range", 14, 0)]),
        ("n = 685, a base of 97, 2,369 people", [("base", 685, 0), ("base", 97, 0), ("base", 2369, 0)]),
        ("±2.3 points", [("margin", 2.3, 1)]),
        ("on 11 May 2026, for 40,000 a year", []),
    ],
)  # fmt: skip
def test_numbers_are_read_as_what_they_are(text, kinds):
    assert [(m.kind, m.value, m.decimals) for m in mentions(text, [])] == [
        (kind, pytest.approx(value), decimals) for kind, value, decimals in kinds
    ]


def test_a_level_of_several_attributes_is_that_of_the_attribute_beside_it():
    """“Good” of quality and “Good” of service: each figure is held against its own."""
    levels = (Level(value="Good"), Level(value="Fair"))
    survey = Survey(
        title="Shared",
        attributes={name: Attribute(levels=levels) for name in ("quality", "service")},
        outcomes={"chosen": Outcome(kind="choice", column="chosen")},
    )
    context = Vocabulary.of(Analysis(survey, {}, {})).read(
        "Profiles with “Good” (service) are chosen 60% of the time, those with “Good” (quality) 65%."
    )
    levels = [n.key for n in context.named if n.kind == "level"]
    assert levels == [("service", "Good"), ("quality", "Good")]
    unsaid = Vocabulary.of(Analysis(survey, {}, {})).read(
        "Profiles with “Good” are chosen 60% of the time."
    )
    assert len(unsaid.keys("level")) == 2


def test_marks_before_numbers_are_read():
    """As the reports write shares near nought and all, and ends of intervals beside one half."""
    found = mentions("<0.5% and >99.5% (base 120; 45% to <50%)", [])
    assert [(own.kind, own.relation, own.value, own.upper) for own in found] == [
        ("percent", "under", 0.5, 0.5),
        ("percent", "over", 99.5, 99.5),
        ("base", "equal", 120, 120),
        ("range", "equal", 45, 50),
    ]
