"""Sheets that say how: the cover, the contents, the design, the weighting, the audit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conjoint.analysis.provenance import judged_in_words
from conjoint.say.label import group_label, level_label, margin_label, shown_rules
from conjoint.say.number import bare_points, base, between, numeral, percent
from conjoint.say.phrase import phrase
from conjoint.say.words import SUPPRESSED, base_notes
from conjoint.workbook.sheet import LINE, Sheet
from conjoint.workbook.words import how_to_read

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from xlsxwriter.workbook import Workbook

    from conjoint.say.cell import CellKind
    from conjoint.survey import Survey
    from conjoint.workbook.book import Book
    from conjoint.workbook.style import Styles

__all__ = [
    "Entry",
    "audit_sheet",
    "contents_sheet",
    "cover_facts",
    "cover_sheet",
    "design_sheet",
    "weighting_sheet",
    "write_contents",
]

COVER_WIDTHS = (28.0, 105.0)
"""Of names, and of what is said."""

HEADINGS = {"every report": "poll", "where practical": "wording", "the website": "method"}
"""The headings of what the Council asks for, by where it wants it."""

CONTENTS_WIDTHS = (34.0, 88.0, 12.0)
"""Of links, what is there, and bases."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the contents: a sheet, or a table within one."""

    sheet: str
    row: int
    label: str
    text: str
    base: float | None = None
    within: bool = False


def cover_sheet(workbook: Workbook, styles: Styles, book: Book) -> None:
    """What was asked of whom, by whom, and how to read the tables."""
    survey = book.survey
    sheet = Sheet(
        workbook, styles, phrase("workbook.cover.name"), survey.title, survey, COVER_WIDTHS
    )
    if survey.synthetic and survey.synthetic_note:
        sheet.paragraph(survey.synthetic_note, "red_wrapped")
    figures = weighting_figures(book)
    for heading, rows in cover_facts(book):
        _facts(sheet, heading, rows, figures)


def cover_facts(book: Book) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """What is said of the poll and its tables: under each heading, names and texts."""
    for place, name in HEADINGS.items():
        own = [(item.name, item.text) for item in book.disclosed if item.place == place]
        yield phrase(f"workbook.cover.{name}"), own
    yield phrase("workbook.cover.weighting"), list(weighting_facts(book))
    yield phrase("workbook.cover.how_to_read"), list(how_to_read(book))
    yield phrase("workbook.cover.made_with"), list(software(book))


def _facts(
    sheet: Sheet,
    heading: str,
    rows: Sequence[tuple[str, str]],
    figures: Mapping[str, tuple[float, CellKind, int]],
) -> None:
    """Names and texts; a fact that is one figure as the number that it is, with a format."""
    sheet.next()
    sheet.text(0, heading, "heading")
    sheet.fill(1, 1, "heading")
    sheet.next()
    for name, text in rows:
        sheet.text(0, name, "bold")
        if name in figures:
            sheet.number(1, *figures[name], style="fact")
        else:
            sheet.text(1, text)
        sheet.height(LINE * max(sheet.lines(text, COVER_WIDTHS[1]), 1) + 2)
        sheet.next()


def weighting_figures(book: Book) -> dict[str, tuple[float, CellKind, int]]:
    """Those of the facts that are one figure: the number and its format."""
    weights = book.provenance["weighting"]
    if not weights["weighted"]:
        return {}
    efficiency, effective, effect = (
        float(weights[key]) for key in ("efficiency", "effective", "design_effect")
    )
    return {
        phrase("workbook.fact.efficiency"): (efficiency, "share", 1),
        phrase("workbook.fact.effective"): (effective, "count", 0),
        phrase("workbook.fact.design_effect"): (effect, "mean", 2),
    }


def weighting_facts(book: Book) -> Iterator[tuple[str, str]]:
    """Efficiency, effective base and margins of error."""
    weights = book.provenance["weighting"]
    if weights["weighted"]:
        yield phrase("workbook.fact.efficiency"), percent(weights["efficiency"], 1)
        yield phrase("workbook.fact.effective"), base(weights["effective"])
        yield phrase("workbook.fact.design_effect"), numeral(weights["design_effect"], 2)
        ends = between(numeral(weights["smallest"], 2), numeral(weights["largest"], 2))
        yield phrase("workbook.fact.weights"), phrase("workbook.fact.weights_text", range=ends)
    said = [
        phrase(
            "workbook.fact.margin_of",
            group=group_label(book.survey, str(row["group"])),
            points=bare_points(row["margin_of_error"]),
        )
        for row in book.figures["bases"].to_dict("records")
        if row["margin_of_error"] == row["margin_of_error"]  # not missing
    ]
    if said:
        text = phrase("workbook.fact.margin_text", margins="; ".join(said))
        yield phrase("workbook.fact.margin"), text


def software(book: Book) -> Iterator[tuple[str, str]]:
    """Versions, the command, and hashes of the input."""
    made = book.provenance
    versions = (
        phrase("workbook.fact.software_of", name=name, version=version)
        for name, version in made["versions"].items()
    )
    yield phrase("workbook.fact.software"), ", ".join(versions)
    yield phrase("workbook.fact.command"), str(made["command"])
    for name, digest in made["inputs"].items():
        yield name, phrase("workbook.fact.digest", digest=digest)
    if book.survey.source:
        yield phrase("workbook.fact.source"), book.survey.source


def contents_sheet(workbook: Workbook, styles: Styles, survey: Survey) -> Sheet:
    """The sheet that :func:`write_contents` fills."""
    name = phrase("workbook.contents")
    return Sheet(workbook, styles, name, name, survey, CONTENTS_WIDTHS)


def write_contents(sheet: Sheet, entries: Sequence[Entry]) -> None:
    """Every sheet, and every table of a grid, with a link."""
    _heads(sheet, ("sheet", "holds", "base"), left=2)
    for entry in entries:
        sheet.link(
            0, entry.sheet, entry.label, entry.row, "link within" if entry.within else "link"
        )
        sheet.text(1, entry.text)
        sheet.number(2, entry.base, "count", blank="plain")
        sheet.height(LINE * sheet.lines(entry.text, CONTENTS_WIDTHS[1]) + 2)
        sheet.next()


def _heads(sheet: Sheet, names: Sequence[str], left: int) -> None:
    """The heads of columns, which stay in view and are printed on each page; so many stand left."""
    top = sheet.row
    for column, name in enumerate(names):
        head = phrase(f"workbook.head.{name}") if name else ""
        sheet.text(column, head, "subhead_left" if column < left else "subhead")
    sheet.next()
    sheet.freeze(1)
    sheet.repeat(top, 1)


def design_sheet(workbook: Workbook, styles: Styles, book: Book) -> None:
    """Attributes, levels, how often they were meant to show and did, and what never meets."""
    survey, counts = book.survey, book.provenance["counts"]
    widths = (64.0, 20.0, 14.0, 14.0, 14.0)
    sheet = Sheet(
        workbook,
        styles,
        phrase("workbook.design.name"),
        phrase("workbook.design.title"),
        survey,
        widths,
    )
    tasks = judged_in_words(survey, counts)
    again = counts["repeated_task"]
    said = phrase(
        "workbook.design.tasks_and_repeat" if again else "workbook.design.tasks", tasks=tasks
    )
    sheet.paragraph(said)
    _heads(sheet, ("levels", "stored", "number", "designed", "shown"), left=2)
    rows = book.figures["shown"].to_dict("records")
    shown = {(row["attribute"], str(row["level"])): row for row in rows}
    for name, attribute in survey.attributes.items():
        label = survey.attribute_label(name) + " †" * attribute.assumed
        if attribute.text:
            label = phrase("workbook.design.attribute", attribute=label, text=attribute.text)
        sheet.across(0, 4, label, "band")
        sheet.next()
        for place, level in enumerate(attribute.levels):
            text = level_label(survey, name, level.value)
            if place == attribute.baseline_index:
                text = phrase("workbook.baseline", level=text)
            sheet.text(0, text, "label")
            sheet.text(1, level.value)
            whole = level.number is None or float(level.number).is_integer()
            sheet.number(2, level.number, "count" if whole else "mean", 2, blank="plain")
            row = shown[name, level.value]
            sheet.number(3, float(row["designed"]), "share", 1)
            sheet.number(4, float(row["estimate"]), "share", 1)
            sheet.height(LINE * sheet.lines(text, widths[0]) + 1)
            sheet.next()
    sheet.next()
    for text in _rules(survey):
        sheet.paragraph(text)
    for name, outcome in survey.outcomes.items():
        text = phrase(
            "workbook.design.outcome",
            outcome=outcome.label or name,
            kind=outcome.kind,
            text=outcome.text or phrase("workbook.design.no_wording"),
        )
        sheet.paragraph(text)
    if survey.introduction:
        sheet.paragraph(phrase("workbook.design.introduction", text=survey.introduction))
    if survey.has_assumed_levels:
        sheet.notes([phrase("workbook.assumed")])


def _rules(survey: Survey) -> Iterator[str]:
    """What never meets, and what is drawn together."""
    for pair in survey.forbidden:
        sides = []
        for name, values in pair.never.items():
            levels = ", ".join(survey.level(name, value).shown for value in values)
            label = survey.attribute_label(name)
            sides.append(phrase("workbook.design.never_side", levels=levels, attribute=label))
        first, *others = sides
        for other in others:
            first = phrase("workbook.design.never_with", first=first, second=other)
        yield phrase("workbook.design.never", levels=first)
    for joint in survey.joint:
        names = ", ".join(survey.attribute_label(name) for name in joint.attributes)
        count = len(joint.probabilities)
        yield phrase("workbook.design.joint", attributes=names, count=count)
    rules = list(shown_rules(survey))
    yield from rules
    if not survey.forbidden and not survey.joint and not rules:
        yield phrase("workbook.design.apart")


def weighting_sheet(workbook: Workbook, styles: Styles, book: Book) -> None:
    """Targets against the sample, before and after weighting."""
    survey, frame = book.survey, book.figures["weighting"]
    widths = (44.0, 12.0, 14.0, 14.0, 14.0, 3.0)
    name = phrase("workbook.weighting.name")
    sheet = Sheet(workbook, styles, name, name, survey, widths, portrait=True)
    weighting = next(item for item in book.disclosed if item.name == phrase("method.weighting"))
    sheet.paragraph(f"{weighting.text.rstrip('.')}.")
    if frame.empty:
        sheet.paragraph(phrase("workbook.weighting.given"))
        return
    _heads(sheet, ("", "target", "unweighted", "weighted", "people", ""), left=1)
    for margin, own in frame.groupby("margin", sort=False):
        sheet.across(0, 5, margin_label(survey, str(margin)), "band")
        sheet.next()
        for row in own.to_dict("records"):
            kind: CellKind = "mean" if row["unit"] == "mean" else "share"
            decimals = 2 if kind == "mean" else 1
            sheet.text(0, ", ".join(str(row["category"]).split(" * ")), "label")
            for column, name in enumerate(("target", "unweighted", "weighted"), 1):
                sheet.number(column, float(row[name]), kind, decimals)
            sheet.number(4, float(row["n"]), "count")
            sheet.text(5, SUPPRESSED if row["reading"] == "suppressed" else "", "mark")
            sheet.next()
        source = next((str(text) for text in own["source"] if text == text and text), "")
        if source:
            sheet.notes([phrase("workbook.weighting.source", source=source)])
    if (frame["reading"] == "suppressed").any():
        sheet.next()
        sheet.notes(base_notes(["suppressed"], survey.thresholds))


def audit_sheet(workbook: Workbook, styles: Styles, book: Book) -> None:
    """What the audit looked at, what it saw, and what to do."""
    widths = (9.0, 30.0, 26.0, 70.0, 42.0)
    name = phrase("workbook.audit.name")
    sheet = Sheet(workbook, styles, name, name, book.survey, widths)
    sheet.paragraph(phrase("workbook.audit.intro"))
    _heads(sheet, ("verdict", "check", "of", "seen", "do"), left=5)
    for row in book.figures["audit"].to_dict("records"):
        texts = [str(row[name]) if row[name] == row[name] else ""
                 for name in ("title", "subject", "text", "do")]  # fmt: skip
        verdict = str(row["verdict"])
        sheet.text(0, phrase(f"audit.verdict.{verdict}"), verdict)
        for column, text in enumerate(texts, 1):
            sheet.text(column, text)
        lines = [sheet.lines(text, width) for text, width in zip(texts, widths[1:], strict=True)]
        sheet.height(LINE * max(lines) + 2)
        sheet.next()
