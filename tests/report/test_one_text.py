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
from tables_in import columns, tables_in, words_in

import conjoint as cj
from conftest import ROUTES
from conjoint.disclosure import disclosure
from conjoint.plot import Chart, grid_chart, level_chart, share_chart
from conjoint.report import SegmentReport, ToplineReport
from conjoint.report.claim import Claim
from conjoint.report.claims import group_claim, headline_questions
from conjoint.report.departed import departure_tables
from conjoint.report.estimated import Estimated, grid_tables
from conjoint.report.lint.facts import facts_of
from conjoint.report.listing import claims_csv
from conjoint.report.moves import grid_claim
from conjoint.report.show import parts_of
from conjoint.say.label import group_label, level_label, levels_label
from conjoint.say.words import plain
from conjoint.spreadsheet import restored
from conjoint.survey import INTERLOCK, TOTAL
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


def sheet_rows(sheet, first, count):
    """Rows of a sheet as it shows them, from one on; marks behind their figures."""
    heads = [cell.value for cell in sheet[row_of(sheet, "Weighted percentages")] if cell.value]
    for row in range(first, first + count):
        texts = []
        for head, cell in zip(heads, sheet[row], strict=False):
            if head.endswith(": marks"):
                texts[-1] = f"{texts[-1]} {shown(cell)}".strip()
            else:
                texts.append(shown(cell))
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


def test_each_row_of_a_question_has_one_text(analysis, book, workbook, topline_report):
    """In topline report, workbook and page, letters and marks with it; figures as in claims, chart and tables.csv."""
    texts, page = Texts(), page_bytes(book).decode()
    add_headlines(texts, analysis)
    add_csv(texts, book)
    for asked in book.questions:
        sheet = next(own for own in workbook if own.title.startswith(f"{asked.number} "))
        first = row_of(sheet, "Weighted percentages") + 1
        on_page = page_tables(page, f"q{asked.number}")
        for table, own in zip(asked.tables, on_page, strict=True):
            first += bool(table.item)
            rows = report_rows(topline_report, table.title)
            assert len(rows) == 3 + len(table.rows)
            assert rows == own
            assert rows == list(sheet_rows(sheet, first, len(rows)))
            add_table(texts, table, rows)
            first += len(rows)
    assert texts.differing() == {}
    counts = texts.outputs(2)
    assert min(counts["table"], counts["tables.csv"]) >= 10
    assert counts["chart"] >= 5


def add_level(texts, key, outputs):
    """A marginal mean of one level and group, in everything but the topline report and the appendix."""
    chart, figures, page = outputs
    number = re.fullmatch(r"(\S+) \((.*); base (.*)\)", chart)
    if number:
        texts.add("chart", key, number[1])
        texts.add("chart", (*key, "interval"), number[2])
        texts.add("chart", (*key, "base"), number[3])
    if figures[0]:
        texts.add("workbook", (*key, "fine"), figures[0])
        texts.add("workbook", (*key, "fine interval"), bare(f"{figures[1]} to {figures[2]}"))
        texts.add("workbook", (*key, "base"), figures[3])
    number = re.fullmatch(r"(\S+%) (.*); base (\S+)(?: !)?", page)
    if number:
        texts.add("page", (*key, "fine"), number[1])
        texts.add("page", (*key, "fine interval"), number[2])
        texts.add("page", (*key, "base"), number[3])


def add_tables(texts, key, label, group, press, appendix):
    """The same in the tables of the topline report and the appendix."""
    told = press.get(group, {}).get(label)
    if told and told != "*":
        texts.add("topline report", key, told.removesuffix(" !"))
    if group == "All":
        texts.add("topline report", (*key, "interval"), press["95% interval"][label])
        texts.add("topline report", (*key, "base"), press["Base"][label])
        texts.add("appendix", (*key, "fine"), f"{appendix['Per cent'][label]}%")
        texts.add("appendix", (*key, "fine interval"), appendix["95% interval"][label])
        texts.add("appendix", (*key, "base"), appendix["People"][label])


def test_marginal_means_have_one_text(analysis, book, workbook, topline_report, tmp_path):
    """In charts and the topline report in whole numbers; in the appendix, workbook and page with one decimal."""
    survey, outcome, texts = analysis.survey, analysis.survey.main_outcome, Texts()
    means = analysis.tables["marginal_means"]
    fine = tables_in(list(Estimated(analysis, outcome, effects=False).everybody("x")), tmp_path)
    appendix, press = columns(one(fine)), {}
    for name, table in topline_report.items():
        if "marginal means" in name:
            press |= {head: press.get(head, {}) | cells for head, cells in columns(table).items()}
    sheet = workbook["Marginal means"]
    groups = [cell.value for cell in sheet[head_row(sheet)] if cell.value]
    # Outcomes stand one under another.
    place_on_page = list(dict.fromkeys(means["outcome"])).index(outcome)
    on_page = defaultdict(list)
    for name, *cells in page_tables(page_bytes(book).decode(), "marginal_means")[0]:
        on_page[name].append(cells)
    title = survey.outcomes[outcome].label or outcome
    for attribute, own in survey.attributes.items():
        chart = level_chart(survey, means, attribute, outcome).data.set_index("Level")
        band = row_of(sheet, f"{title}: {survey.attribute_label(attribute)}")
        for value in own.values:
            label = level_label(survey, attribute, value)
            place = row_of(sheet, label, band)
            for at, group in enumerate(groups):
                key = (attribute, value, group)
                cells = [shown(sheet.cell(place, 2 + 5 * at + step)) for step in range(4)]
                outputs = chart.loc[label, group], cells, on_page[label][place_on_page][at]
                add_level(texts, key, outputs)
                add_tables(texts, key, spaced(label), group, press, appendix)
    assert texts.differing() == {}
    counts = texts.outputs(2)
    for name in ("chart", "topline report", "workbook", "page", "appendix"):
        assert counts[name] > 20, name


def test_cells_of_the_grid_have_one_text(analysis, book, workbook, tmp_path, request):
    """Charts and claims in whole numbers; the appendix, the workbook and its page with one decimal."""
    survey, texts = analysis.survey, Texts()
    across, down = survey.report.grid
    sheet = workbook["Grid"]
    heads = [level_label(survey, across, value) for value in survey.attributes[across].values]
    appendix, band = {}, ""
    for row in one(tables_in(list(grid_tables(analysis, "x")), tmp_path))[1:]:
        band = row[0] if not row[1] else band
        appendix[band, row[0]] = row[1:]
    page = page_grids(page_bytes(book).decode(), survey)
    facts = {fact.key: fact for fact in facts_of(analysis) if fact.kind == "pair"}
    joint, seen = analysis.tables["joint_means"], set()
    for group in (TOTAL, *survey.segments):
        start = row_of(sheet, group_label(survey, group))
        own = joint[joint["group"] == group]
        columns = list(dict.fromkeys(own["across"]))
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
            place, at = row_of(sheet, names[1], start), columns.index(cell["across"])
            cells = [shown(sheet.cell(place, 2 + 5 * at + step)) for step in range(4)]
            row = chart[(chart.iloc[:, 0] == names[0]) & (chart.iloc[:, 1] == names[1])].iloc[0]
            if not cells[0]:
                assert row["Share"] == "not shown"
                assert pd.isna(cell["estimate"])
                continue
            seen.add(len(cell["across"].split(INTERLOCK)) * len(cell["down"].split(INTERLOCK)))
            texts.add("workbook", (*key, "fine"), cells[0])
            texts.add("workbook", (*key, "fine interval"), bare(f"{cells[1]} to {cells[2]}"))
            texts.add("workbook", (*key, "base"), cells[3])
            number = re.fullmatch(
                r"(\S+%) (.*); base (\S+)(?: !)?", page[group, *map(spaced, names)]
            )
            texts.add("page", (*key, "fine"), number[1])
            texts.add("page", (*key, "fine interval"), number[2])
            texts.add("page", (*key, "base"), number[3])
            texts.add("chart", (*key, "base"), row["Base"])
            texts.add("chart", key, row["Share"])
            texts.add("chart", (*key, "interval"), f"{row['From']} to {row['To']}")
            pair = spaced(" with ".join(f"“{name}”" for name in names))
            told = re.search(rf"(\S+%)[^(%]*\({re.escape(pair)}; base (\S+); (.*?)\)", claim)
            if told:
                texts.add("claim", key, told[1])
                texts.add("claim", (*key, "base"), told[2])
                texts.add("claim", (*key, "interval"), told[3])
            held = [
                (name, level)
                for name, side in ((across, "across"), (down, "down"))
                for level in cell[side].split(INTERLOCK)
            ]
            fact = facts["pair", survey.grid_outcome, (group,), tuple(held), ""]
            assert fact.figure.estimate == cell["estimate"]
            assert "; base" in fact.words(survey)
            if group == TOTAL:
                share, ends, base = appendix[spaced(names[0]), spaced(names[1])]
                texts.add("appendix", (*key, "fine"), f"{share}%")
                texts.add("appendix", (*key, "fine interval"), ends)
                texts.add("appendix", (*key, "base"), base)
    if "shipped" in request.node.name:
        assert seen == {1, 2}
        assert texts.outputs(2)["claim"] >= 2 * len(survey.segments)
    assert texts.differing() == {}
    assert texts.outputs(2)["appendix"] >= 3 * len(heads)


def sheet_figures(survey, sheet, outcome, per_group, first):
    """By attribute, level and group: the figure, its ends and its base, as the sheet shows them."""
    groups = [cell.value for cell in sheet[head_row(sheet, first)] if cell.value]
    title, found = survey.outcomes[outcome].label or outcome, {}
    for attribute, own in survey.attributes.items():
        band = row_of(sheet, f"{title}: {survey.attribute_label(attribute)}")
        for value in own.values:
            label = level_label(survey, attribute, value)
            place = next(
                at
                for at in range(band, sheet.max_row + 1)
                if str(sheet.cell(at, 1).value).removesuffix(" (baseline)") == label
            )
            for at, group in enumerate(groups):
                cells = [sheet.cell(place, 2 + per_group * at + step) for step in range(4)]
                found[attribute, value, group] = [shown(cell) for cell in cells]
    return found


def by_label(tables):
    """Cells of tables with bands, by band, label of the row and head of the column."""
    found = {}
    for header, *rows in tables.values():
        band = ""
        for row in rows:
            if not any(row[1:]):
                band = row[0]
            for head, cell in zip(header[1:], row[1:], strict=True):
                found[band, row[0], head] = cell
    return found


def test_effects_have_one_text(analysis, workbook, tmp_path):
    """In the report's chart in whole numbers; in the appendix and the workbook with one decimal."""
    survey, outcome, texts = analysis.survey, analysis.survey.main_outcome, Texts()
    table = analysis.tables["amce"]
    sheet = sheet_figures(survey, workbook["AMCE"], outcome, 5, "All")
    made = Estimated(analysis, outcome, effects=True)
    whole = by_label(tables_in(list(made.everybody("x")), tmp_path))
    beside = by_label(tables_in(list(made.segments("y")), tmp_path))
    for attribute, own in survey.attributes.items():
        chart = level_chart(survey, table, attribute, outcome).data.set_index("Level")
        band = spaced(survey.attribute_label(attribute))
        for value in own.values:
            label = level_label(survey, attribute, value)
            for group in chart.columns:
                key, cells = (attribute, value, group), sheet[attribute, value, group]
                number = re.fullmatch(r"(\S+) \((.*); base (.*)\)", chart.loc[label, group])
                if number is None or not cells[0]:
                    continue
                texts.add("chart", (*key, "base"), number[3])
                texts.add("workbook", (*key, "base"), cells[3])
                texts.add("workbook", (*key, "fine"), cells[0])
                texts.add("workbook", (*key, "fine interval"), f"{cells[1]} to {cells[2]}")
                if group == "All":
                    row = {head: whole[band, spaced(label), head] for head in ("Points", "People")}
                    texts.add("appendix", (*key, "fine"), row["Points"])
                    texts.add("appendix", (*key, "base"), row["People"])
                    ends = whole[band, spaced(label), "95% interval"]
                    texts.add("appendix", (*key, "fine interval"), ends)
                elif (band, spaced(label), spaced(group)) in beside:
                    cell = beside[band, spaced(label), spaced(group)]
                    texts.add("appendix", (*key, "fine"), cell.split(" ")[0])
    assert texts.differing() == {}
    assert min(texts.outputs(2).values()) > 10


def test_differences_from_everybody_have_one_text(analysis, workbook, tmp_path):
    """In the appendix and the workbook with one decimal; claims say the same row in whole points."""
    survey, outcome, texts = analysis.survey, analysis.survey.main_outcome, Texts()
    first = survey.segment_label(next(iter(survey.segments)))
    sheet = sheet_figures(survey, workbook["Segments against total"], outcome, 6, first)
    parts = [part for part in departure_tables(analysis, outcome, "x") if isinstance(part, str)]
    beside = by_label(tables_in(parts, tmp_path))
    for (attribute, value, group), cells in sheet.items():
        band = spaced(survey.attribute_label(attribute))
        label = spaced(level_label(survey, attribute, value))
        if cells[0] and (band, label, spaced(group)) in beside:
            key = (attribute, value, group)
            texts.add("workbook", key, cells[0])
            texts.add("appendix", key, beside[band, label, spaced(group)].split(" ")[0])
    assert texts.differing() == {}
    assert min(texts.outputs(2).values()) > 10


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


def one(tables):
    ((_, table),) = tables.items()
    return table


def bare(interval):
    return interval.replace("%", "")


def row_of(sheet, text, first=1):
    return next(at for at in range(first, sheet.max_row + 1) if sheet.cell(at, 1).value == text)


def head_row(sheet, name="All"):
    return next(at for at in range(1, 12) if name in [cell.value for cell in sheet[at]])


def spaced(text):
    """A label as `tables_in` reads it."""
    return text.replace("\u00a0", " ").strip()


def page_tables(page, section):
    """Tables of a section of the page: rows of a label and cells, what stands beneath a figure behind a blank."""
    start = page.index(f'<section id="{section}"')
    whole = page[start : page.index("</section>", start)]
    return [list(page_rows(table)) for table in re.findall(r"<table.*?</table>", whole, re.DOTALL)]


def page_grids(page, survey):
    """Cells of the page's grids by group and the names of their levels."""
    start = page.index('<section id="joint_means"')
    whole, found = page[start : page.index("</section>", start)], {}
    groups = {group_label(survey, group): group for group in (TOTAL, *survey.segments)}
    for table in re.findall(r"<table.*?</table>", whole, re.DOTALL):
        heads = [
            html.unescape(own)
            for own in re.findall(r'<th[^>]*id="grid\d*-c\d+"[^>]*>(.*?)</th>', table)
        ]
        group = ""
        for row in re.findall(r"<tr.*?</tr>", table, re.DOTALL):
            band = re.search(r'<th[^>]*class="gt_group_heading"[^>]*>(.*?)</th>', row)
            group = groups[html.unescape(band[1])] if band else group
            for label, *cells in page_rows(row):
                named = zip(heads, cells, strict=True)
                found |= {(group, spaced(head), spaced(label)): cell for head, cell in named}
    return found


def page_rows(table):
    for row in re.findall(r"<tr[^>]*>\s*<th scope=\"row\".*?</tr>", table, re.DOTALL):
        label = re.search(r"<th[^>]*>(.*?)</th>", row, re.DOTALL)[1]
        cells = re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)
        texts = [re.sub(r"<[^>]*>", "", cell.replace("<small>", " ")) for cell in cells]
        yield [html.unescape(text).strip() for text in (label, *texts)]
