"""The topline report: figures of the tables, wording and bases of each, nothing that gives a base away."""

import html
import re

import pandas as pd
import pytest
from nasty_survey import HARM, ISLE, SOUTH, write_nasty
from tables_in import columns, tables_in

import conjoint as cj
from conftest import ROUTES, SMALL_TOML
from conjoint.errors import ReportError
from conjoint.report import ToplineReport, render_report
from conjoint.report.show import markdown
from conjoint.report.table_slides import topline_slides
from conjoint.table import Table
from conjoint.table.model import chunks
from conjoint.table.question import by_crossbreak

METHODS = (
    "opening", "statement", "reading", "answers", "experiment", "crossbreaks", "method", "contact",
    "colophon",
)  # fmt: skip


def everything(report):
    return [part for name in METHODS for part in getattr(report, name)()]


@pytest.fixture(scope="module")
def report(routes):
    return ToplineReport(routes)


@pytest.fixture(scope="module")
def tables(report, tmp_path_factory):
    return tables_in(everything(report), tmp_path_factory.mktemp("charts"))


@pytest.fixture(scope="module")
def nasty(tmp_path_factory):
    from conftest import SurveyFolder

    folder = SurveyFolder(tmp_path_factory.mktemp("nasty"), "", pd.DataFrame(), "")
    return ToplineReport(cj.run_analysis(write_nasty(folder)))


def test_answers_are_those_of_crosstab(tables):
    wave = cj.rake(cj.read_wave(ROUTES))
    made = cj.crosstab(wave, "deal", ["segments"])
    told = columns(tables["UK-Europe deal, by segments"])
    for at, column in enumerate(made.columns):
        head = column.label + (f" ({column.letter})" if column.letter else "")
        own = told[head]
        assert own["Unweighted base"].removesuffix(" !") == f"{made.unweighted[at]:,}"
        assert own["Weighted base"] == f"{made.weighted[at]:,.0f}"
        assert own["Effective base"] == f"{made.effective[at]:,.0f}"
        for place, row in enumerate(made.rows):
            marks = made.letters[place][at] + " " + made.against_total[place][at].replace("-", "−")
            wanted = f"{made.percent()[place, at]:.0f}% {marks.strip()}".strip()
            assert own[row.label] == wanted, (head, row.label)
    assert told["95% interval"]["Support"] == "45% to <50%"
    assert told["Right switchers (b)"]["Unweighted base"] == "97 !"


def test_every_question_stands_in_every_crossbreak(tables, routes):
    wave = cj.rake(cj.read_wave(ROUTES))
    made = cj.crosstab(wave, "vote_2016", ["region"])
    parts = [name for name in tables if name.startswith("Vote in 2016, by region")]
    assert parts == ["Vote in 2016, by region (1 of 2)", "Vote in 2016, by region (2 of 2)"]
    cells = {}
    for name in parts:
        cells |= columns(tables[name])
    for at, column in enumerate(made.columns[1:], 1):
        own = cells[f"{column.label} ({column.letter})"]
        for place, row in enumerate(made.rows):
            assert own[row.label].split("%")[0] == f"{made.percent()[place, at]:.0f}"
    breaks = 1 + len(routes.survey.crossbreaks)
    named = {name.split(" (")[0] for name in tables if ", by " in name}
    assert len([name for name in named if name.startswith("Work after")]) == breaks


def test_no_table_is_wider_than_a_page(tables):
    assert max(len(table[0]) for table in tables.values()) <= 9


def test_wide_crossbreaks_are_cut_evenly():
    assert [part.stop - part.start for part in chunks(13, 6)] == [5, 4, 4]
    assert chunks(0, 6) == [slice(0, 0)]


def test_long_labels_have_wider_columns(routes, report, tmp_path):
    assert (
        "Labour voters (a)"
        in tables_in(report.answers(), tmp_path)["UK-Europe deal, by segments"][0]
    )
    columns = routes.tables["question_columns"]
    longer = columns.assign(
        label=columns["label"] + " of a name that fills more than forty characters"
    )
    made = cj.Analysis(
        routes.survey, routes.tables | {"question_columns": longer}, routes.provenance
    )
    table = next(t for t in by_crossbreak(made, "deal") if t.crossbreak == "Age")
    found = tables_in(table.parts("x"), tmp_path)
    assert [len(each[0]) for each in found.values()] == [5, 5]


def test_wording_base_and_rounding_are_said(report):
    text = markdown(report.answers())
    assert "“How did you vote in the EU referendum of 2016\\?”" in text
    assert "Base: all respondents. A number from 0 to 10. Not counted: “Don\\'t know”." in text
    assert "Figures sum to 101\\% because each is rounded \\(Total\\)\\." in text
    assert "The weights were made to meet the total's figure\\, so it has no interval" in text
    assert "48%, 34% and 19% make 101%" in markdown(report.reading())


def test_margins_of_error_are_by_the_effective_base(tables, routes):
    told = columns(tables["Margins of error in points, at 95%, by the share"])
    bases = routes.tables["bases"].set_index("group")["effective_base"]
    for group, label in (("Total", "All"), ("right_switchers", "Right switchers")):
        for share, head in ((0.5, "50%"), (0.1, "10% or 90%")):
            reach = 100 * 1.959964 * (share * (1 - share) / bases[group]) ** 0.5
            assert told[head][label] == f"±{reach:.1f}"


def test_the_councils_list_is_whole(report, tables, routes):
    said = [
        row[0]
        for name in tables
        if name.startswith(("The poll:", "The method:"))
        for row in tables[name]
    ]
    assert [text for text in said if text] == list(routes.tables["disclosure"]["name"])
    assert "Not stated" in markdown(report.method())


def test_means_of_the_experiment_are_those_of_the_estimator(tables):
    wave = cj.rake(cj.read_wave(ROUTES))
    told = columns(tables["Deal preferred: marginal means"])
    for row in cj.marginal_means(wave, outcome="choice").frame.to_dict("records"):
        if row["attribute"] == "reduction" and row["level"] != "None":
            label = next(name for name in told["Level"] if name.startswith(row["level"]))
            assert told["All"][label] == f"{100 * row['estimate']:.0f}%"


def test_the_synthetic_wave_says_so(report):
    assert "Synthetic wave" in markdown(report.opening())
    assert "drawn by a computer" in markdown(report.statement())


def test_small_columns_and_those_that_give_them_away_are_stars(nasty, tmp_path):
    found = tables_in(nasty.crossbreaks(), tmp_path)
    name = next(key for key in found if key.startswith("Policy") and ", by region" in key)
    told = columns(found[name])
    heads = {head.split(" (")[0]: cells for head, cells in told.items()}
    for region in ("Isle", "South"):
        assert set(heads[region].values()) == {"*"}
    assert heads["North"]["Unweighted base"] == "150"
    text = markdown([*nasty.answers(), *nasty.crossbreaks(), *nasty.reading(), *nasty.experiment()])
    assert not re.search(rf"\|({ISLE}|{SOUTH})( \\!)?\|", text)
    isle = next(key for key in tables_in(nasty.answers(), tmp_path) if key.endswith("by segments"))
    cells = columns(tables_in(nasty.answers(), tmp_path)[isle])
    head = next(head for head in cells if head.startswith("Isle people"))
    assert set(cells[head].values()) == {"*"}


def as_html(parts, folder):
    pypandoc = pytest.importorskip("pypandoc", reason="needs the report extra")
    return pypandoc.convert_text(
        markdown(parts, folder), "html5", format="markdown-auto_identifiers+gfm_auto_identifiers"
    )


def test_what_a_survey_says_is_text(nasty, tmp_path):
    page = as_html(everything(nasty), tmp_path)
    assert "<script" not in page
    assert '<span class="math' not in page
    assert "root:" not in page
    words = " ".join(html.unescape(re.sub(r"<[^>]+>", "", page)).split())
    assert words.count("<script>alert(1)</script>") > 20
    for harm in HARM:
        assert harm in words.replace("’", "'").replace("‘", "'"), harm
    assert "sourceCode" not in page
    # What would be run by Quarto stands in no source line as it is written.
    source = markdown(everything(nasty), tmp_path)
    assert "{{<" not in source
    assert "```{" not in source


def test_nets_means_grids_and_several_answers(nasty, tmp_path):
    found = tables_in(nasty.answers(), tmp_path)
    grid = next(table for name, table in found.items() if name.endswith("trust: everybody"))
    assert [row[0].split(" ")[0] for row in grid[1:]] == ["Police", "courts"]
    policy = next(t for n, t in found.items() if n.startswith("Policy") and n.endswith("segments"))
    labels = [row[0].split(" ")[0] for row in policy[1:]]
    assert labels[-3:] == ["Either", "Lead", "Mean"]
    lead, mean = (columns(policy)["Total"][key] for key in ("Lead", "Mean"))
    assert re.fullmatch(r"[+−]\d+|0", lead.split(" ")[0])
    assert re.fullmatch(r"\d\.\d", mean.split(" ")[0])
    text = markdown(nasty.answers())
    assert "More than one answer could be given" in text


def test_without_questions_segments_or_targets(folder):
    folder.toml = SMALL_TOML[: SMALL_TOML.index("[questions.party]")]
    report = ToplineReport(cj.run_analysis(folder.write()))
    text = markdown(everything(report))
    assert "The survey has no questions beside those of the experiment." in text
    assert "## Crossbreaks" not in text
    assert "Letters" not in markdown(report.reading())
    assert "nan" not in text
    assert list(topline_slides(report))


def test_an_old_bundle_says_what_to_do(routes):
    old = {name: table for name, table in routes.tables.items() if name != "questions"}
    report = ToplineReport(cj.Analysis(routes.survey, old, routes.provenance))
    with pytest.raises(ReportError, match=r"has no table \"questions\".*Analyse the survey again"):
        list(report.answers())


def test_slides_have_one_question_each_and_fit(report):
    slides = [slide.parts for slide in topline_slides(report)]
    titles = [parts[0] for parts in slides]
    assert titles[0] == "## UK\\-Europe deal"
    assert titles[1].startswith("## “Would you support or oppose letting asylum seekers work")
    assert titles[-1] == "## How the poll was made"
    for parts in slides[:-1]:
        table = next(part for part in parts if isinstance(part, Table))
        assert len(table.rows) <= 10
        assert len(table.columns) <= 6


def test_a_crossbreak_alone_stands_with_the_answers(folder):
    folder.toml = re.sub(r"\[segments\.(left|warm)\].*?(?=\n\[)", "", folder.toml, flags=re.DOTALL)
    folder.replace('title = "Small survey"', 'title = "Small survey"\ncrossbreaks = ["sex"]')
    report = ToplineReport(cj.run_analysis(folder.write()))
    assert "party, by sex" in markdown(report.answers())
    assert list(report.crossbreaks()) == []
    first = next(by_crossbreak(report.analysis, "party"))
    assert first.crossbreak == "sex"


@pytest.fixture(scope="module")
def page(routes, tmp_path_factory):
    pytest.importorskip("pypandoc", reason="needs the report extra")
    target = tmp_path_factory.mktemp("topline")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("conjoint.report.render.find_quarto", lambda: None)
        return render_report(routes, target, report="topline_report").path


def test_the_page_is_one_file_with_header_cells_and_no_markup(page):
    text = page.read_text("utf-8")
    assert page.stat().st_size < 2_000_000
    links = re.findall(r'(?:src|href|srcset)="([^"]{1,80})', text)
    assert [link for link in links if not link.startswith(("data:", "#"))] == []
    body = text[text.index("<body") :]
    assert body.count("<table") > 60
    assert body.count('<th scope="col"') + body.count("<th ") > 300
    words = html.unescape(re.sub(r"<style.*?</style>|<[^>]+>", " ", body, flags=re.DOTALL))
    for markup in ("{#", ":::", "**", "\\", "|", "{.letters}", "#|"):
        assert markup not in words, markup
    assert not re.search(r"\b(nan|NaN|None)\b", words)
    assert re.search(r"Table\s\d+: UK-Europe deal, by segments", words)
    assert words.count("48%") > 5
