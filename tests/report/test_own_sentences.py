"""Every sentence that the project generates passes its own check of drafts; with a false number it does not."""

import re
from dataclasses import replace

import pytest
from stress import write_stress

import conjoint as cj
from conftest import ROOT, ROUTES
from conjoint.analysis import comparison_analysis
from conjoint.compare import compare
from conjoint.plot import Chart
from conjoint.report import AppendixReport, SegmentReport, ToplineReport
from conjoint.report.claim import Claim, mark
from conjoint.report.comparison import ComparisonReport
from conjoint.report.lint import BAD, lint_claims
from conjoint.report.show import Joined, Only, markdown, parts_of
from conjoint.say.words import escape
from conjoint.survey import TOTAL
from conjoint.table.figures import KINDS, Figures
from conjoint.table.pairs import Pairs
from conjoint.table.question import items
from conjoint.workbook.book import Asked, Book
from conjoint.workbook.words import how_to_read

AUTUMN = ROOT / "surveys" / "routes_for_returns_2026_autumn"


@pytest.fixture(scope="module")
def real(routes):
    """The survey that ships as if people had answered."""
    return replace(routes, survey=routes.survey.model_copy(update={"synthetic": False}))


@pytest.fixture(scope="module")
def stress(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stress")
    return cj.run_analysis(write_stress(folder, segments=4, attributes=4, people=420))


def texts_of(parts):
    """What readers read or hear of parts, as Markdown: a chart's words, and its alt text."""
    for part in parts:
        if isinstance(part, Chart):
            yield from (escape(text) for text in (part.title, part.measure, part.alt) if text)
        elif isinstance(part, Only):
            yield from texts_of(part.parts)
        elif isinstance(part, Joined) or part:
            yield markdown([part])


def page_of(report, without=("explorer",)):
    """All sections of a report but its questions' own wordings."""
    names = [section.name for section in report.document.sections if section.name not in without]
    return "\n\n".join(text for name in names for text in texts_of(getattr(report, name)()))


def claims_of(analysis):
    """The rows of claims.csv, each with its verdict behind it."""
    report = SegmentReport(analysis)
    sections = (section.name for section in report.document.sections if section.name != "explorer")
    claims = [own for name in sections for own in parts_of(getattr(report, name)(), Claim)]
    return "\n\n".join(f"{own.text} {mark(own.judgement)}" for own in claims)


def notes_of(wave, analysis):
    """What the workbook says beside its tables."""
    survey = analysis.survey
    tables = [own.outward() for own in cj.tables(wave, ["segments"])]
    asked = tuple(
        Asked(key, survey.questions[key].label or key, number, tuple(t for t in tables if t.question == key))
        for number, key in enumerate(dict.fromkeys(table.question for table in tables), 1)
    )  # fmt: skip
    names = ("amce", "marginal_means", "departures", "joint_means")
    figures = {name: analysis.tables[name] for name in names}
    book = Book(survey, asked, figures, (), (), analysis.provenance, 0, "design", None)
    said = [f"{title}. {text}" for title, text in how_to_read(book)]
    made = (item for own in asked for item in items(survey, book.frames, own.key))
    said += [text for item in made for text in item.table().notes]
    groups = [TOTAL, *survey.segments]
    made = [Figures(survey, figures, kind).sheet(groups) for kind in KINDS]
    made += Pairs(survey, figures).sheet(groups)
    said += [text for table in made for text in table.notes]
    return "\n\n".join(map(escape, said))


def faults(draft, analysis):
    found = lint_claims(draft, analysis)
    wrong = found[found["status"].isin(BAD)]
    return wrong[["sentence", "said", "status", "note"]].to_dict("records"), len(found)


@pytest.mark.parametrize("report", [SegmentReport, ToplineReport, AppendixReport])
@pytest.mark.parametrize("which", ["real", "routes", "stress"])
def test_reports_pass(request, which, report):
    analysis = request.getfixturevalue(which)
    wrong, read = faults(page_of(report(analysis)), analysis)
    assert wrong == []
    assert read > 80


@pytest.mark.parametrize("which", ["real", "stress"])
def test_claims_pass(request, which):
    analysis = request.getfixturevalue(which)
    wrong, read = faults(claims_of(analysis), analysis)
    assert wrong == []
    assert read > 50


def test_the_workbooks_notes_pass(real):
    wrong, _ = faults(notes_of(cj.rake(cj.read_wave(ROUTES)), real), real)
    assert wrong == []


def test_the_comparison_passes_against_its_second_wave():
    folders = [ROUTES, AUTUMN]
    waves = [cj.rake(cj.read_wave(folder)) for folder in folders]
    bundle = comparison_analysis(waves, compare(*waves, by="segments"), folders, "--by segments")
    wrong, read = faults(page_of(ComparisonReport(bundle)), cj.run_analysis(AUTUMN))
    assert wrong == []
    assert read > 80


TWINS = [
    # as the reports write it, and with another number, group, level or direction
    ("Dot chart of the share, with 95% intervals.", "95%", "90%"),
    ("Lower-case at 95%, upper-case at 99%.", "99%", "97%"),
    ("95 samples in 100 would come within it.", "95 samples", "90 samples"),
    ("In total, effects from 2.9 points on are found with 80% power; the least certain is that of \"50%\" "
     "of reduction.", "80%", "95%"),
    ("In total, effects from 2.9 points on are found with 80% power; the least certain is that of \"50%\" "
     "of reduction.", "2.9 points", "1.9 points"),
    ("So answers may sum to 99% or 101%: 48%, 34% and 19% make 101%.", "make 101%", "make 103%"),
    ("Figures sum to 101% because each is rounded (Total).", "101%", "131%"),
    ("Histogram of 2,369 weights around their mean of 1, 65% of them in bins below it.", "65%", "56%"),
    ("Weighted: worth 1,834 people", "1,834", "1,843"),
    ("Did not vote (Vote in 2024), 27% of the sample against a target of 40%.", "27%", "22%"),
    ("Labour voters are 21% of British adults: 685 people in the sample.", "21%", "25%"),
    ("Labour voters are 21% of British adults: 685 people in the sample.", "685", "658"),
    ("Labour voters are 21% of British adults.", "Labour voters", "Right switchers"),
    ("# Labour voters\n\nThey are 21% of British adults, weighted.", "# Labour voters", "# Right switchers"),
    ("# Labour voters\n\n14% of them are also right switchers.", "14%", "20%"),
    ("# Labour voters\n\n14% of them are also right switchers.", "right", "progressive"),
    ("48% of British adults support the deal. It would be over half without 26 people or fewer, those "
     "who pull it down most (1.1% of the base).", "26 people", "36 people"),
    ("48% of British adults support the deal. It would be over half without 26 people or fewer, those "
     "who pull it down most (1.1% of the base).", "1.1%", "2.1%"),
    ("48% of British adults support the deal. It would be over half without 26 people or fewer.",
     "over half", "under half"),
    ("48% of British adults support the deal. It would be over half if the target for “Labour” (Vote in "
     "2024) were more than 12.5 points higher than its 21%.", "21%", "31%"),
    ("Deals are supported 52% to 76% of the time among Labour voters", "52% to 76%", "50% to 76%"),
    ("Deals are supported 52% to 76% of the time among Labour voters", "among Labour voters", ""),
    ("# Labour voters\n\nIn this sample, deals are supported from 52% of the time (“20,000 a year” with "
     "“No reduction”; base 282; 46% to 58%).", "base 282", "base 382"),
    ("Grid of Deal supported, Labour voters. Highest: 20,000 a year with 90% fewer at 76%.", "76%", "67%"),
    ("Among the segments, the share who support the deal is highest for right switchers: 67%. It is not "
     "clearly above that of progressive switchers or Labour voters.", "progressive switchers or ", ""),
    ("Among the segments, the share who support the deal is highest for right switchers. It is not "
     "clearly above that of progressive switchers or Labour voters.", "for right", "for progressive"),
    ("With Labour voters, “90% fewer” does clearly better than average and “No reduction” clearly worse.",
     "better than average and “No reduction” clearly worse", "worse than average"),
    ("With Labour voters, “90% fewer” does clearly better than average.", "90% fewer", "50% fewer"),
    ("“90% fewer” instead of “No reduction” more than makes up for “40,000 a year” instead of “5,000 a "
     "year”: with both, deals are supported more often than with neither, by 10 points (7 to 13).",
     "10 points", "15 points"),
    ("“90% fewer” instead of “No reduction” more than makes up for “40,000 a year” instead of “5,000 a "
     "year”: with both, deals are supported more often than with neither, by 10 points (7 to 13).",
     "7 to 13", "8 to 12"),
    ("Support for the deal: All 48% (45% to <50%); Labour voters 62% (58% to 66%).", "62%", "67%"),
    ("48% of British adults support the deal in May 2026.", "48%", "55%"),
    ("Furthest off is 25% of reduction: shown in 20.5% of profiles, designed 20.0%.", "20.5%", "25.0%"),
]  # fmt: skip


@pytest.mark.parametrize(("draft", "right", "wrong"), TWINS)
def test_each_kind_is_caught_with_another_figure(real, draft, right, wrong):
    assert right in draft
    assert faults(draft, real)[0] == []
    assert faults(draft.replace(right, wrong), real)[0] != []


@pytest.mark.parametrize(
    "draft",
    [
        # a release
        "**Labour voters back deal by two to one.** Seven in ten British adults support the deal.",
        "A new poll finds that 62% of British adults support the deal, with 34% against.",
        "Right switchers, at 67%, are clearly ahead of Labour voters in supporting the deal.",
        # a thread
        "1/ Labour voters LOVE the deal. 72% of them support the deal!",
        "2/ And right switchers? 48% of right switchers support the deal.",
        "3/ A majority of British adults support the deal.",
        # a newspaper
        "# Labour voters\n\nAmong them, support for the deal stands at 58 per cent.",
        "Deals with a cap of 5,000 a year were chosen 59% of the time, because voters want control.",
        # a briefing
        "## Progressive switchers\n\nThey are 7% of British adults, and 67% of them support the deal.",
        "Support for the deal among Labour voters would be under half without 30 people or fewer.",
        "The headline is significant at 99%: 84% of Labour voters support the deal (95% interval 80% to 88%).",
        "With right switchers, “5,000 a year” does clearly better than average.",
    ],
)  # fmt: skip
def test_faulty_drafts_are_still_caught(real, draft):
    assert faults(draft, real)[0] != []


def test_what_a_draft_calls_not_to_be_quoted_has_to_be_marked(real):
    """A figure on too small an effective base passes only where the draft says so, behind it or next."""
    draft = "Grid of Deal supported, Progressive switchers. Highest: 40,000 a year with 90% fewer at 84%"
    assert [row["status"] for row in faults(f"{draft}.", real)[0]] == ["small base"]
    assert faults(f"{draft} (effective base too small: not to be quoted).", real)[0] == []
    assert faults(f"{draft}. Do not quote: effective base under 50.", real)[0] == []


def test_a_heading_lends_its_group_to_what_names_none(real):
    found = lint_claims(
        "# Labour voters\n\n62% support the deal.\n\n48% of British adults support the deal.", real
    )
    assert list(found["status"]) == ["found", "found"]
    found = lint_claims("# Right switchers\n\n62% support the deal.", real)
    assert list(found["status"]) == ["another figure"]


def test_names_with_marks_of_markdown_are_names(stress):
    label = stress.survey.segment_label("p0")
    assert re.search("<", label)
    table = stress.tables["toplines"]
    own = table[(table["group"] == "p0") & (table["level"] == "For")].iloc[0]
    base = f"base {own['n_respondents']:,}"
    found = lint_claims(
        f"{own['estimate']:.1%} of {escape(label)} say For on deal ({base}).", stress
    )
    assert set(found["status"]) <= {"found", "caution"}
