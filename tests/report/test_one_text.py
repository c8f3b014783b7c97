"""A figure that stands in several outputs has one text in all of them, and a claim one verdict.

Of the shipped wave, and of a survey of long and hostile labels.
"""

import html
import io
import re
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal

import pandas as pd
import pytest
from stress import write_stress
from tables_in import tables_in, words_in

import conjoint as cj
from conftest import ROUTES
from conjoint.disclosure import disclosure
from conjoint.plot import Chart, grid_chart, level_chart, share_chart
from conjoint.report import SegmentReport, ToplineReport
from conjoint.report.claim import Claim
from conjoint.report.claims import group_claim, headline_questions
from conjoint.report.lint.facts import facts_of
from conjoint.report.listing import claims_csv
from conjoint.report.moves import grid_claim
from conjoint.report.show import parts_of
from conjoint.say.label import group_label, level_label, levels_label
from conjoint.say.words import plain
from conjoint.spreadsheet import restored
from conjoint.survey import INTERLOCK, TOTAL
from conjoint.table.figures import DEPARTURES, KINDS, Figures
from conjoint.table.pairs import Pairs
from conjoint.workbook import csv_bytes, page_bytes, workbook_bytes
from conjoint.workbook.book import Asked, Book

openpyxl = pytest.importorskip("openpyxl")
pytest.importorskip("xlsxwriter")


def shown(cell):
    """What a spreadsheet shows of a cell: its number rounded by its own number format."""
    if not isinstance(cell.value, int | float):
        return str(cell.value or "")
    value = Decimal(repr(cell.value))
    sections = cell.number_format.split(";")
    for section in sections[:-1]:
        condition = re.match(r"\[([<>=]+)([\d.]+)\]", section)
        if condition is None:
            break
        sign, edge = condition[1], Decimal(condition[2])
        if {"=": value == edge, "<": value < edge, ">=": value >= edge}[sign]:
            return written(abs(value), section[condition.end() :])
    else:
        return written(value, sections[-1])
    place = 0 if value > 0 else 1 if value < 0 else 2
    return written(abs(value), sections[place])


def written(value, section):
    literal = re.fullmatch(r'"([^"]*)"', section)
    if literal:
        return literal[1]
    digits = re.search(r"[#,0.]+%?", section)
    percent, places = digits[0].endswith("%"), len(digits[0].rstrip("%").partition(".")[2])
    number = (value * (100 if percent else 1)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    lead, tail = section[: digits.start()].replace('"', ""), section[digits.end() :]
    return f"{lead}{number:,}{'%' if percent else ''}{tail}"


def test_a_cell_is_read_as_a_spreadsheet_shows_it():
    sheet = openpyxl.Workbook().active
    for value, form, text in (
        (0.485, '[=0]0%;[<0.005]"<0.5%";0%', "49%"),
        (0.004, '[=0]0%;[<0.005]"<0.5%";0%', "<0.5%"),
        (0.9996, '[=1]0%;[>=0.995]">99.5%";0%', ">99.5%"),
        (-5.25, '+0.0;"−"0.0;0.0', "−5.3"),
        (1234, "#,##0", "1,234"),
    ):
        sheet["A1"].value, sheet["A1"].number_format = value, form
        assert shown(sheet["A1"]) == text


@pytest.fixture(scope="module", params=["shipped", "stress"])
def survey_made(request, tmp_path_factory):
    """A weighted wave and its analysis."""
    if request.param == "shipped":
        return cj.rake(cj.read_wave(ROUTES)), request.getfixturevalue("routes")
    folder = tmp_path_factory.mktemp("stress")
    write_stress(folder, segments=4, attributes=4, people=420)
    return cj.read_wave(folder), cj.run_analysis(folder)


@pytest.fixture(scope="module")
def analysis(survey_made):
    return survey_made[1]


@pytest.fixture(scope="module")
def book(survey_made):
    """What the workbook, the page and tables.csv are made of: the bundle's figures and the question tables."""
    wave, analysis = survey_made
    survey, made = analysis.survey, defaultdict(list)
    for table in cj.tables(wave, ["segments"], questions=asked_of(survey)):
        made[table.question].append(table.outward())
    asked = tuple(
        Asked(key, survey.questions[key].label or key, number, tuple(own))
        for number, (key, own) in enumerate(made.items(), 1)
    )
    names = (
        "amce",
        "marginal_means",
        "departures",
        "joint_means",
        "weighting",
        "bases",
        "shown",
        "audit",
    )
    figures = {
        name: analysis.tables[name]
        for name in (*names, "weighting_summary")
        if name in analysis.tables
    }
    return Book(
        survey, asked, figures, (), tuple(disclosure(wave)), analysis.provenance, 0, "design", None
    )


@pytest.fixture(scope="module")
def workbook(book):
    return openpyxl.load_workbook(io.BytesIO(workbook_bytes(book)))


@pytest.fixture(scope="module")
def page(book):
    return page_bytes(book).decode()


@pytest.fixture(scope="module")
def topline_report(analysis, tmp_path_factory):
    report = ToplineReport(analysis)
    parts = [*report.answers(), *report.crossbreaks(), *report.experiment()]
    return tables_in(parts, tmp_path_factory.mktemp("charts"))


def asked_of(survey):
    """Questions with a headline, and one grid."""
    grids = [name for name, question in survey.questions.items() if question.kind == "grid"]
    return [
        name for name, q in survey.questions.items() if q.headline and q.kind != "grid"
    ] + grids[:1]


class Texts:
    """Texts by figure and output."""

    def __init__(self):
        self.found = defaultdict(dict)

    def add(self, output, key, text):
        text = text.replace("\u00a0", " ").strip()
        assert self.found[key].setdefault(output, text) == text, (output, key)

    def differing(self):
        return {key: own for key, own in self.found.items() if len(set(own.values())) > 1}

    def outputs(self, least):
        """Outputs of the figures that stand in several, with how many these are."""
        counts = defaultdict(int)
        for own in self.found.values():
            if len(own) >= least:
                for output in own:
                    counts[output] += 1
        return dict(counts)


def add_headlines(texts, analysis):
    """Headline shares in claims, in claims.csv and in the chart."""
    survey, claims = analysis.survey, SegmentReport(analysis).claims()["text"]
    for name in headline_questions(analysis):
        answer = survey.questions[name].headline
        chart = share_chart(survey, analysis.tables["toplines"], name).data.set_index("Group")
        for group in (TOTAL, *survey.segments):
            key, own = (name, answer, group), chart.loc[group_label(survey, group)]
            texts.add("chart", key, own["Share"])
            texts.add("chart", (*key, "base"), own["Base"])
            texts.add("chart", (*key, "interval"), f"{own['From']} to {own['To']}")
            claim = plain(group_claim(analysis, name, group).text)
            number = re.match(r"([<>]?[\d.]+%) of .* \(base ([\d,]+); (.*?)\)", claim)
            if number:
                texts.add("claim", key, number[1])
                texts.add("claim", (*key, "base"), number[2])
                texts.add("claim", (*key, "interval"), number[3])
                same = claims[claims.str.startswith(number[0])]
                assert len(same)


def report_rows(report, title):
    """A question's rows in the topline report, by segments, its interval left out."""
    parts = [rows for name, rows in report.items() if name.startswith(f"{title}, by segments")]
    made = [[*cells[:2], *cells[3:]] for cells in parts[0]]
    for other in parts[1:]:
        made = [[*own, *cells[3:]] for own, cells in zip(made, other, strict=True)]
    return made[1:]


def sheet_rows(sheet, head):
    """Rows of a sheet under the heads of which the first is `head`: texts as it shows them, by head, marks behind."""
    heads = []
    for row in sheet.iter_rows():
        if row[0].value == head:
            heads = [cell.value for cell in row if cell.value]
        elif not any(cell.value for cell in row):
            heads = []
        elif heads:
            texts = {}
            for name, cell in zip(heads, row, strict=False):
                beside = name.removesuffix(": marks")
                texts[beside] = f"{texts.get(beside, '')} {shown(cell)}".strip()
            yield texts


def add_table(texts, table, rows):
    """One question table, or an item of a grid."""
    bases, answers = rows[:3], rows[3:]
    for at, column in enumerate(table.columns, 1):
        for row, cells in zip(table.rows, answers, strict=True):
            key = (table.question, *filter(None, [table.item]), row.key, column.key)
            texts.add("table", key, cells[at].split(" ")[0])
        base = (table.question, *filter(None, [table.item]), column.key, "base")
        texts.add("table", base, bases[0][at].removesuffix(" !"))


def add_csv(texts, book):
    """Answers in tables.csv, where `percent` is as printed."""
    frame = pd.read_csv(io.BytesIO(csv_bytes(book)), keep_default_na=False, dtype=str)
    for row in frame[(frame["kind"] == "answer") & ~frame["percent"].isin(["", "0.0"])].to_dict(
        "records"
    ):
        key = (row["question"], *filter(None, [row["item"]]), row["row"], row["column"])
        texts.add("tables.csv", key, f"{float(row['percent']):g}%")


def test_each_row_of_a_question_has_one_text(analysis, book, workbook, page, topline_report):
    """In topline report, workbook and page, letters and marks with it; figures as in claims, chart and tables.csv."""
    texts = Texts()
    add_headlines(texts, analysis)
    add_csv(texts, book)
    for asked in book.questions:
        sheet = next(own for own in workbook if own.title.startswith(f"{asked.number} "))
        in_sheet = [list(own.values()) for own in sheet_rows(sheet, "Weighted percentages")]
        on_page = page_tables(page, f"q{asked.number}")
        for table, own in zip(asked.tables, on_page, strict=True):
            in_sheet = in_sheet[bool(table.item) :]
            rows = report_rows(topline_report, table.title)
            assert len(rows) == 3 + len(table.rows)
            assert rows == own
            assert rows == in_sheet[: len(rows)]
            add_table(texts, table, rows)
            in_sheet = in_sheet[len(rows) :]
    assert texts.differing() == {}
    counts = texts.outputs(2)
    assert min(counts["table"], counts["tables.csv"]) >= 10
    assert counts["chart"] >= 5


def sheet_figures(sheet, head="Level"):
    """By band, row and column of the tables: figure, interval, and base with its mark, as the sheet shows them."""
    found, band = {}, ""
    for cells in sheet_rows(sheet, head):
        label, *figures = cells.values()
        if not any(figures):
            band = label
            continue
        parts = defaultdict(list)
        for name, text in list(cells.items())[1:]:
            column, part = name.rsplit(": ", 1)
            parts[column] += [text] if part != "p" else []
        for column, (figure, low, high, base) in parts.items():
            ends = f"{low} to {high}" if low not in ("", figure) else ""
            found[band, label, column] = (figure, ends, base if base != figure else "")
    return {tuple(map(spaced, key)): own for key, own in found.items()}


def page_figures(page, section):
    """The same on the page."""
    found = {}
    for table in tables_on(page, section):
        heads = re.findall(r'<th scope="col"[^>]*>(.*?)</th>', table)
        band = ""
        for row in re.findall(r"<tr.*?</tr>", table, re.DOTALL):
            over = re.search(r'<th scope="rowgroup"[^>]*>(.*?)</th>', row)
            band = html.unescape(over[1]) if over else band
            for label, *cells in page_rows(row):
                for head, cell in zip(heads[-len(cells) :], cells, strict=True):
                    told = re.fullmatch(r"(\S+)(?: (?:(.* to .*); )?base (.*))?", spaced(cell))
                    key = (band, label, html.unescape(head))
                    found[tuple(map(spaced, key))] = tuple(part or "" for part in told.groups())
    return found


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.frame)
def test_each_figure_of_the_conjoint_has_one_text(analysis, workbook, page, kind, tmp_path):
    """In workbook, page and appendix with one decimal; in the topline report in whole numbers as in charts."""
    survey, outcome = analysis.survey, analysis.survey.main_outcome
    sheet = sheet_figures(workbook[kind.name])
    assert sheet == page_figures(page, kind.frame)
    groups = {key[2] for key in sheet}
    assert len(groups) >= len(survey.segments)
    title, made = survey.outcomes[outcome].label or outcome, Figures(survey, analysis.tables, kind)
    looked = 0
    everybody = (
        {} if kind is DEPARTURES else by_label(tables_in(made.everybody(outcome, "x"), tmp_path))
    )
    beside = by_label(tables_in(made.segments(outcome, "y"), tmp_path))
    for (band, label), row in everybody.items():
        figure, *_, ends, people = (
            row[head] for head in (next(iter(row)), "95% interval", "People")
        )
        own = sheet[f"{title}: {band}", label, "All"]
        assert (figure, ends, people) == (own if own[2] else (own[0],) * 3)
        looked += 1
    for (band, label), row in beside.items():
        for group, text in row.items():
            figure, _, base = sheet[f"{title}: {band}", label, group]
            assert text.split(" ")[0] == figure
            assert ("!" in text) == ("!" in base and text != figure)
            looked += 1
    assert looked > 30


def test_means_in_whole_numbers_have_one_text(analysis, topline_report):
    """Charts and the press's table, intervals and bases with them."""
    survey, outcome = analysis.survey, analysis.survey.main_outcome
    press, looked = defaultdict(dict), 0
    for name, table in topline_report.items():
        if "marginal means" in name:
            for key, cells in by_label({name: table}).items():
                press[key] |= cells
    for attribute, own in survey.attributes.items():
        chart = level_chart(survey, analysis.tables["marginal_means"], attribute, outcome).data
        for value in own.values:
            label, band = level_label(survey, attribute, value), survey.attribute_label(attribute)
            row = press[spaced(band), spaced(label)]
            for group, text in chart.set_index("Level").loc[label].items():
                number = re.fullmatch(r"(\S+) \((.*); base (.*)\)", text)
                if number:
                    assert row[spaced(group)].removesuffix(" !") == number[1]
                    looked += 1
                if number and group == "All":
                    assert (row["95% interval"], row["Base"]) == (number[2], number[3])
    assert looked > 20


def test_cells_of_the_grid_have_one_text(analysis, workbook, page, tmp_path, request):
    """Charts and claims in whole numbers; the appendix, the workbook and its page with one decimal."""
    survey, texts = analysis.survey, Texts()
    across, down = survey.report.grid
    sheet = sheet_figures(workbook["Grid"], survey.attribute_label(down))
    assert sheet == page_figures(page, "joint_means")
    appendix = by_label(tables_in(Pairs(survey, analysis.tables).everybody("x"), tmp_path))
    facts = {fact.key: fact for fact in facts_of(analysis) if fact.kind == "pair"}
    joint, seen = analysis.tables["joint_means"], set()
    for group in (TOTAL, *survey.segments):
        own = joint[joint["group"] == group]
        chart = grid_chart(survey, joint, group).data
        claim = ""
        if own["estimate"].notna().any():
            claim = spaced(plain(grid_claim(analysis, group).text))
        for cell in own.to_dict("records"):
            names = [
                levels_label(survey, name, cell[side])
                for name, side in ((across, "across"), (down, "down"))
            ]
            key = (group, cell["across"], cell["down"])
            _, _, people = told = sheet[
                tuple(map(spaced, (group_label(survey, group), names[1], names[0])))
            ]
            row = chart[(chart.iloc[:, 0] == names[0]) & (chart.iloc[:, 1] == names[1])].iloc[0]
            if not people:
                assert row["Share"] == "not shown"
                assert pd.isna(cell["estimate"])
                continue
            seen.add(len(cell["across"].split(INTERLOCK)) * len(cell["down"].split(INTERLOCK)))
            texts.add("workbook", (*key, "base"), people.removesuffix(" !"))
            texts.add("chart", (*key, "base"), row["Base"])
            texts.add("chart", key, row["Share"])
            texts.add("chart", (*key, "interval"), f"{row['From']} to {row['To']}")
            pair = spaced(" with ".join(f"“{name}”" for name in names))
            said = re.search(rf"(\S+%)[^(%]*\({re.escape(pair)}; base (\S+); (.*?)\)", claim)
            if said:
                texts.add("claim", key, said[1])
                texts.add("claim", (*key, "base"), said[2])
                texts.add("claim", (*key, "interval"), said[3])
            held = [
                (name, level)
                for name, side in ((across, "across"), (down, "down"))
                for level in cell[side].split(INTERLOCK)
            ]
            fact = facts["pair", survey.grid_outcome, (group,), tuple(held), ""]
            assert fact.figure.estimate == cell["estimate"]
            assert "; base" in fact.words(survey)
            if group == TOTAL:
                assert tuple(appendix[spaced(names[0]), spaced(names[1])].values()) == told
    if "shipped" in request.node.name:
        assert seen == {1, 2}
        assert texts.outputs(2)["claim"] >= 2 * len(survey.segments)
    assert texts.differing() == {}
    assert texts.outputs(2)["chart"] >= len(appendix) > 5


def by_label(tables):
    """Cells of tables with bands, by band and label of the row, by head of the column."""
    found = defaultdict(dict)
    for header, *rows in tables.values():
        band = ""
        for row in rows:
            if not any(row[1:]):
                band = row[0]
            else:
                found[band, row[0]] |= dict(zip(header[1:], row[1:], strict=True))
    return found


def test_what_pulls_a_segment_has_one_text(analysis):
    """On a segment's page: what a sentence says of a level, the chart above it says, too."""
    survey, report, said = analysis.survey, SegmentReport(analysis), 0
    for group in survey.segments:
        parts = list(report.segment_page(group))
        charts = [part for part in parts if isinstance(part, Chart) and "Attribute" in part.data]
        for claim in parts_of(parts, Claim):
            if claim.kind not in ("wins", "loses"):
                continue
            figure = claim.figures[0]
            chart = charts[0].data
            row = chart[
                (chart["Attribute"] == survey.attribute_label(figure.attribute))
                & (chart["Level"] == level_label(survey, figure.attribute, figure.level))
            ].iloc[0]
            number = re.fullmatch(r"(\S+) \((.*); base (.*)\)", row[group_label(survey, group)])
            size = re.search(r"(\S+) points? \((.*); base (.*)\)", claim.parts["size"])
            assert (number[1].lstrip("+−"), number[3]) == (size[1], size[3])
            said += 1


def test_a_claim_has_one_text_and_one_verdict(analysis, tmp_path):
    """On the page, in claims.csv and on slides; and a figure has one verdict in every sentence that it leads."""
    report = SegmentReport(analysis)
    frame = pd.read_csv(
        io.BytesIO(claims_csv(analysis.survey, report.said())), keep_default_na=False
    )
    claims = [claim for _, claim in report.said()]
    assert list(frame["text"].map(restored)) == [plain(claim.text) for claim in claims]
    assert list(frame["verdict"]) == [claim.judgement.verdict for claim in claims]
    verdicts = defaultdict(set)
    for claim in claims:
        if len(claim.figures) == 1:
            verdicts[claim.figures[0]].add(claim.judgement)
    assert all(len(own) == 1 for own in verdicts.values())
    page = words_in(part for _, part in sections_of(report))
    lines = [
        line
        for part in report.slides()
        for piece in part.parts
        if isinstance(piece, str)
        for line in piece.splitlines()
        if "{.verdict" in line
    ]
    assert lines
    for line in lines:
        text, verdict = re.fullmatch(r"- (.*) \*(\[.*)\*", line).groups()
        assert f"{text} {verdict}" in page
        assert plain(text) in {plain(claim.text) for claim in claims}


def sections_of(report):
    """The parts of the sections that make claims, each with the section's name."""
    for section in report.document.sections:
        if section.claims:
            for part in getattr(report, section.name)():
                yield section.name, part


def spaced(text):
    """A label as `tables_in` reads it."""
    return text.replace("\u00a0", " ").strip()


def tables_on(page, section):
    start = page.index(f'<section id="{section}"')
    return re.findall(
        r"<table.*?</table>", page[start : page.index("</section>", start)], re.DOTALL
    )


def page_tables(page, section):
    """Tables of a section of the page: rows of a label and cells, what stands beneath a figure behind a blank."""
    return [list(page_rows(table)) for table in tables_on(page, section)]


def page_rows(table):
    for row in re.findall(r"<tr[^>]*>\s*<th scope=\"row\".*?</tr>", table, re.DOTALL):
        label = re.search(r"<th[^>]*>(.*?)</th>", row, re.DOTALL)[1]
        cells = re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)
        texts = [re.sub(r"<[^>]*>", "", cell.replace("<small>", " ")) for cell in cells]
        yield [html.unescape(text).strip() for text in (label, *texts)]
