"""Sheets that say how: the cover, the design, the weighting, the audit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conjoint.analysis.provenance import judged_in_words
from conjoint.say.label import group_label, shown_rules
from conjoint.say.number import bare_points, between, numeral
from conjoint.say.phrase import phrase
from conjoint.table import Cell, Table, strong
from conjoint.table.design import FINE, FINE_MEAN, levels_table, targets_table
from conjoint.table.number import figure, people
from conjoint.table.sheet import Sheet
from conjoint.workbook.words import how_to_read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conjoint.survey import Survey
    from conjoint.table.model import Tone
    from conjoint.table.style import Styles
    from conjoint.workbook.book import Book

__all__ = ["audit_sheet", "cover_facts", "cover_sheet", "design_sheet", "weighting_sheet"]

HEADINGS = {"every report": "poll", "where practical": "wording", "the website": "method"}
"""The headings of what the Council asks for, by where it wants it."""


def cover_sheet(styles: Styles, book: Book) -> None:
    """What was asked of whom, by whom, and how to read the tables."""
    survey, name = book.survey, phrase("workbook.cover.name")
    rows: list[tuple[str | Cell, ...]] = []
    for heading, facts in cover_facts(book):
        rows += [(heading,), *((strong(fact), cell) for fact, cell in facts)]
    table = Table.of(name, ("", ""), rows, words=2, widths=(3.1, 11.7))
    sheet = Sheet(styles, name, survey.title, survey, [table])
    if survey.synthetic and survey.synthetic_note:
        sheet.paragraph(survey.synthetic_note, "text red")
    sheet.table(table)


def cover_facts(book: Book) -> Iterator[tuple[str, list[tuple[str, Cell]]]]:
    """What is said of the poll and its tables: under each heading, names and texts."""
    for place, name in HEADINGS.items():
        own = [(item.name, Cell(item.text)) for item in book.disclosed if item.place == place]
        yield phrase(f"workbook.cover.{name}"), own
    yield phrase("workbook.cover.weighting"), list(weighting_facts(book))
    for name, facts in (("how_to_read", how_to_read(book)), ("made_with", software(book))):
        yield phrase(f"workbook.cover.{name}"), [(fact, Cell(text)) for fact, text in facts]


def weighting_facts(book: Book) -> Iterator[tuple[str, Cell]]:
    """Efficiency, effective base and margins of error."""
    weights = book.provenance["weighting"]
    if weights["weighted"]:
        efficiency, effect = float(weights["efficiency"]), float(weights["design_effect"])
        yield phrase("workbook.fact.efficiency"), figure(FINE, efficiency)
        yield phrase("workbook.fact.effective"), people(float(weights["effective"]))
        yield phrase("workbook.fact.design_effect"), figure(FINE_MEAN, effect)
        ends = between(numeral(weights["smallest"], 2), numeral(weights["largest"], 2))
        told = phrase("workbook.fact.weights_text", range=ends)
        yield phrase("workbook.fact.weights"), Cell(told)
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
        yield phrase("workbook.fact.margin"), Cell(text)


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


def design_sheet(styles: Styles, book: Book) -> None:
    """Attributes, levels, how often they were meant to show and did, and what never meets."""
    survey, counts = book.survey, book.provenance["counts"]
    table = levels_table(survey, book.figures["shown"])
    title = phrase("workbook.design.title")
    sheet = Sheet(styles, phrase("workbook.design.name"), title, survey, [table])
    again = "tasks_and_repeat" if counts["repeated_task"] else "tasks"
    sheet.paragraph(phrase(f"workbook.design.{again}", tasks=judged_in_words(survey, counts)))
    sheet.table(table)
    sheet.row += 1
    for text in (*_attributes(survey), *_rules(survey), *_outcomes(survey)):
        sheet.paragraph(text)
    if survey.introduction:
        sheet.paragraph(phrase("workbook.design.introduction", text=survey.introduction))
    if survey.has_assumed_levels:
        sheet.notes([phrase("workbook.assumed")])


def _attributes(survey: Survey) -> Iterator[str]:
    """Attributes in words."""
    for name, attribute in survey.attributes.items():
        if attribute.text:
            label = survey.attribute_label(name)
            yield phrase("workbook.design.attribute", attribute=label, text=attribute.text)


def _outcomes(survey: Survey) -> Iterator[str]:
    for name, outcome in survey.outcomes.items():
        yield phrase(
            "workbook.design.outcome",
            outcome=outcome.label or name,
            kind=outcome.kind,
            text=outcome.text or phrase("workbook.design.no_wording"),
        )


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


def weighting_sheet(styles: Styles, book: Book) -> None:
    """Targets against the sample, before and after weighting."""
    survey, frame, name = book.survey, book.figures["weighting"], phrase("workbook.weighting.name")
    sources = dict.fromkeys(str(text) for text in frame["source"].dropna() if text)
    told = [phrase("workbook.weighting.source", source=source) for source in sources]
    table = targets_table(survey, frame)
    sheet = Sheet(styles, name, name, survey, [table], portrait=True)
    weighting = next(item for item in book.disclosed if item.name == phrase("method.weighting"))
    sheet.paragraph(f"{weighting.text.rstrip('.')}.")
    if frame.empty:
        sheet.paragraph(phrase("workbook.weighting.given"))
        return
    sheet.table(replace(table, notes=(*table.notes, *told)))


def audit_sheet(styles: Styles, book: Book) -> None:
    """What the audit looked at, what it saw, and what to do."""
    name, columns = phrase("workbook.audit.name"), ["verdict", "title", "subject", "text", "do"]
    rows: list[tuple[str | Cell, ...]] = []
    for row in book.figures["audit"][columns].fillna("").to_dict("records"):
        verdict = Cell(phrase(f"audit.verdict.{row['verdict']}"), tone=TONES[row["verdict"]])
        rows.append((verdict, *(str(row[key]) for key in columns[1:])))
    heads = [phrase(f"workbook.head.{key}") for key in ("verdict", "check", "of", "seen", "do")]
    table = Table.of(name, heads, rows, words=5, widths=(1, 3.3, 2.9, 7.8, 4.7))
    sheet = Sheet(styles, name, name, book.survey, [table])
    sheet.paragraph(phrase("workbook.audit.intro"))
    sheet.table(table)


TONES: dict[str, Tone] = {"fine": "", "look": "look", "stop": "stop"}
"""How verdicts are set."""
