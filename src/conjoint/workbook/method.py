"""Sheets that say how: the cover, the contents, the design, the weighting, the audit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conjoint.analysis.provenance import judged_in_words
from conjoint.say.label import group_label, level_label, margin_label, shown_rules
from conjoint.say.number import bare_points, base, between, numeral, percent
from conjoint.say.phrase import phrase
from conjoint.say.words import SUPPRESSED, base_notes
from conjoint.workbook.sheet import CONTENTS, LINE, Sheet
from conjoint.workbook.words import how_to_read

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from xlsxwriter.workbook import Workbook

    from conjoint.say.cell import CellKind
    from conjoint.survey import Survey
    from conjoint.workbook.book import Book
    from conjoint.workbook.style import Styles

__all__ = [
    "HEADINGS",
    "Entry",
    "audit_sheet",
    "contents_sheet",
    "cover_sheet",
    "design_sheet",
    "software",
    "weighting_facts",
    "weighting_sheet",
    "write_contents",
]

COVER_WIDTHS = (28.0, 105.0)
"""Of names, and of what is said."""

HEADINGS = {
    "every report": "The poll",
    "where practical": "Wording and tables",
    "the website": "Method",
}
"""What the Council asks for, by where it wants it."""

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
    sheet = Sheet(workbook, styles, "Cover", survey.title, survey, COVER_WIDTHS)
    if survey.synthetic and survey.synthetic_note:
        sheet.paragraph(survey.synthetic_note, "red_wrapped")
    for place, heading in HEADINGS.items():
        items = [item for item in book.disclosed if item.place == place]
        _facts(sheet, heading, [(item.name, item.text) for item in items])
    facts = list(weighting_facts(book))
    _facts(sheet, "Weighting and precision", facts, weighting_figures(book))
    _facts(sheet, "How to read the tables", list(how_to_read(book)))
    _facts(sheet, "Made with", list(software(book)))


def _facts(
    sheet: Sheet,
    heading: str,
    rows: Sequence[tuple[str, str]],
    figures: Mapping[str, tuple[float, CellKind, int]] | None = None,
) -> None:
    """Names and texts; a fact that is one figure as the number that it is, with a format."""
    sheet.next()
    sheet.text(0, heading, "heading")
    sheet.fill(1, 1, "heading")
    sheet.next()
    for name, text in rows:
        sheet.text(0, name, "bold")
        if name in (figures or {}):
            sheet.number(1, *(figures or {})[name], style="fact")
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
        "Weighting efficiency": (efficiency, "share", 1),
        "Effective base": (effective, "count", 0),
        "Design effect": (effect, "mean", 2),
    }


def weighting_facts(book: Book) -> Iterator[tuple[str, str]]:
    """Efficiency, effective base and margins of error."""
    weights = book.provenance["weighting"]
    if weights["weighted"]:
        yield "Weighting efficiency", percent(weights["efficiency"], 1)
        yield "Effective base", base(weights["effective"])
        yield "Design effect", numeral(weights["design_effect"], 2)
        ends = between(numeral(weights["smallest"], 2), numeral(weights["largest"], 2))
        yield "Weights", f"{ends}, mean 1"
    said = [
        f"{group_label(book.survey, str(row['group']))} ±{bare_points(row['margin_of_error'])}"
        for row in book.figures["bases"].to_dict("records")
        if row["margin_of_error"] == row["margin_of_error"]  # not missing
    ]
    if said:
        yield (
            "Margin of error",
            f"Points, 95%, for a share of 50%, by the effective base: {'; '.join(said)}",
        )


def software(book: Book) -> Iterator[tuple[str, str]]:
    """Versions, the command, and hashes of the input."""
    made = book.provenance
    yield "Software", ", ".join(f"{name} {version}" for name, version in made["versions"].items())
    yield "Command", str(made["command"])
    for name, digest in made["inputs"].items():
        yield name, f"SHA-256 {digest}"
    if book.survey.source:
        yield "Source", book.survey.source


def contents_sheet(workbook: Workbook, styles: Styles, survey: Survey) -> Sheet:
    """The sheet that :func:`write_contents` fills."""
    return Sheet(workbook, styles, CONTENTS, CONTENTS, survey, CONTENTS_WIDTHS)


def write_contents(sheet: Sheet, entries: Sequence[Entry]) -> None:
    """Every sheet, and every table of a grid, with a link."""
    top = sheet.row
    for column, head in enumerate(("Sheet", "What it holds", "Base")):
        sheet.text(column, head, "subhead" if column == 2 else "subhead_left")
    sheet.next()
    sheet.freeze(1)
    sheet.repeat(top, 1)
    for entry in entries:
        sheet.link(
            0, entry.sheet, entry.label, entry.row, "link within" if entry.within else "link"
        )
        sheet.text(1, entry.text)
        sheet.number(2, entry.base, "count", blank="plain")
        sheet.height(LINE * sheet.lines(entry.text, CONTENTS_WIDTHS[1]) + 2)
        sheet.next()


def design_sheet(workbook: Workbook, styles: Styles, book: Book) -> None:
    """Attributes, levels, how often they were meant to show and did, and what never meets."""
    survey, counts = book.survey, book.provenance["counts"]
    widths = (64.0, 20.0, 14.0, 14.0, 14.0)
    sheet = Sheet(workbook, styles, "Design", "Design of the conjoint", survey, widths)
    tasks = judged_in_words(survey, counts)
    if counts["repeated_task"]:
        tasks += "; one more task repeats another, to measure reliability, and no figure uses it"
    sheet.paragraph(f"{tasks}.")
    top = sheet.row
    heads = ("Attributes and levels", "Stored as", "Number", "Designed", "Shown")
    for column, head in enumerate(heads):
        sheet.text(column, head, "subhead" if column > 1 else "subhead_left")
    sheet.next()
    sheet.freeze(1)
    sheet.repeat(top, 1)
    rows = book.figures["shown"].to_dict("records")
    shown = {(row["attribute"], str(row["level"])): row for row in rows}
    for name, attribute in survey.attributes.items():
        label = survey.attribute_label(name) + " †" * attribute.assumed
        sheet.across(0, 4, f"{label}: {attribute.text}" if attribute.text else label, "band")
        sheet.next()
        for place, level in enumerate(attribute.levels):
            text = level_label(survey, name, level.value)
            text += " (baseline)" * (place == attribute.baseline_index)
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
        sheet.paragraph(f"{outcome.label or name} ({outcome.kind}): {outcome.text or 'no wording'}")
    if survey.introduction:
        sheet.paragraph(f"Introduction: {survey.introduction}")
    if survey.has_assumed_levels:
        sheet.notes(
            ["† Assumed by the authors of these tables; not confirmed by what is published."]
        )


def _rules(survey: Survey) -> Iterator[str]:
    """What never meets, and what is drawn together."""
    for pair in survey.forbidden:
        sides = []
        for name, values in pair.never.items():
            levels = ", ".join(survey.level(name, value).shown for value in values)
            sides.append(f"{levels} ({survey.attribute_label(name)})")
        yield f"Never together: {' with '.join(sides)}."
    for joint in survey.joint:
        names = ", ".join(survey.attribute_label(name) for name in joint.attributes)
        yield f"Drawn together: {names}, from {len(joint.probabilities)} combinations."
    rules = list(shown_rules(survey))
    yield from rules
    if not survey.forbidden and not survey.joint and not rules:
        yield "Attributes were drawn apart from each other; every combination could be shown."


def weighting_sheet(workbook: Workbook, styles: Styles, book: Book) -> None:
    """Targets against the sample, before and after weighting."""
    survey, frame = book.survey, book.figures["weighting"]
    widths = (44.0, 12.0, 14.0, 14.0, 14.0, 3.0)
    sheet = Sheet(workbook, styles, "Weighting", "Weighting", survey, widths, portrait=True)
    weighting = next(item for item in book.disclosed if item.name == phrase("method.weighting"))
    sheet.paragraph(f"{weighting.text.rstrip('.')}.")
    if frame.empty:
        sheet.paragraph("These weights were not made here; what they meet is not known.")
        return
    top = sheet.row
    for column, head in enumerate(("", "Target", "Unweighted", "Weighted", "People", "")):
        sheet.text(column, head, "subhead" if column else "subhead_left")
    sheet.next()
    sheet.freeze(1)
    sheet.repeat(top, 1)
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
            sheet.notes([f"Source: {source}"])
    if (frame["reading"] == "suppressed").any():
        sheet.next()
        sheet.notes(base_notes(["suppressed"], survey.thresholds))


def audit_sheet(workbook: Workbook, styles: Styles, book: Book) -> None:
    """What the audit looked at, what it saw, and what to do."""
    widths = (9.0, 30.0, 26.0, 70.0, 42.0)
    sheet = Sheet(workbook, styles, "Audit", "Audit", book.survey, widths)
    sheet.paragraph(
        "Checks of the design and of the answers. Look: a person should. Stop: nothing should be "
        "published before it is explained."
    )
    top = sheet.row
    for column, head in enumerate(("Verdict", "Check", "Of", "What was seen", "What to do")):
        sheet.text(column, head, "subhead_left")
    sheet.next()
    sheet.freeze(1)
    sheet.repeat(top, 1)
    for row in book.figures["audit"].to_dict("records"):
        texts = [str(row[name]) if row[name] == row[name] else ""
                 for name in ("title", "subject", "text", "do")]  # fmt: skip
        sheet.text(0, row["verdict"], str(row["verdict"]))
        for column, text in enumerate(texts, 1):
            sheet.text(column, text)
        lines = [sheet.lines(text, width) for text, width in zip(texts, widths[1:], strict=True)]
        sheet.height(LINE * max(lines) + 2)
        sheet.next()
