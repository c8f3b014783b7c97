"""How the figures were made: the method box, the weighting table and the colophon."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from conjoint.plot.level import shown_level
from conjoint.plot.measure import SHARE
from conjoint.report.passage import assumed_note
from conjoint.report.text import escape, listed, percent_exact, pipe_table, sentence_case
from conjoint.survey import INTERLOCK

if TYPE_CHECKING:
    import datetime

    from conjoint.analysis import Analysis
    from conjoint.survey import Fieldwork, Survey

__all__ = ["colophon", "dates", "design", "method_box", "weighting", "wording"]

NOT_STATED = "Not stated"


def method_box(analysis: Analysis) -> str:
    """The facts that the British Polling Council asks for, as a table of two columns."""
    survey, made = analysis.survey, analysis.provenance
    weights = made["weighting"]
    rows = [
        ("Client", escape(survey.client) or NOT_STATED),
        ("Pollster", escape(survey.pollster) or NOT_STATED),
        ("Fieldwork", dates(survey.fieldwork)),
        ("Mode", escape(survey.mode) or NOT_STATED),
        ("Universe", escape(survey.population) or NOT_STATED),
        ("Geography", escape(survey.geography) or NOT_STATED),
        ("Sample", f"{made['counts']['respondents']:,} respondents"),
        ("Weighting", _weighting(survey, weights)),
        (
            "Conjoint",
            f"{made['counts']['profiles']:,} {escape(survey.report.profiles)} judged in "
            f"{made['counts']['tasks']} tasks a person"
            + (", with one task repeated to measure reliability" * made["counts"]["repeated_task"]),
        ),
        (
            "Intervals",
            "95%, clustered by respondent. Where the highest level is held against the lowest, the "
            "interval allows for the choice among all pairs of levels (Bonferroni)."
            + " They know that weights were made to meet the targets: what the margins fix does not vary."
            * bool(weights["margins"]),
        ),
        (
            "Small bases",
            f"Counted in people. Under {survey.thresholds.caution_below}: caution. Under "
            f"{survey.thresholds.suppress_below}: no figure is shown",
        ),
    ]
    if survey.source:
        rows.append(("Source", escape(survey.source)))
    return pipe_table(
        "How the poll was made",
        ("", ""),
        [(f"**{name}**", value) for name, value in rows],
        "ll",
        (1, 3),
    )


def wording(analysis: Analysis) -> str:
    """Every question as it was asked."""
    survey = analysis.survey
    asked = [
        (question.label or name, question.text, listed([escape(a.shown) for a in question.answers]))
        for name, question in survey.questions.items()
        if question.answers
    ]
    asked += [
        (question.label or name, question.text, f"{question.min:g} to {question.max:g}")
        for name, question in survey.questions.items()
        if not question.answers
    ]
    asked += [(o.label or name, o.text, "") for name, o in survey.outcomes.items()]
    rows = [(escape(label), escape(text), answers) for label, text, answers in asked]
    return pipe_table("The wording", ("Question", "Wording", "Answers"), rows, "lll", (2, 4, 3))


def design(analysis: Analysis) -> str:
    """What varied between profiles, with assumed levels marked."""
    survey = analysis.survey
    rows = []
    for name, attribute in survey.attributes.items():
        levels = [escape(shown_level(survey, name, value)) for value in attribute.values]
        label = escape(survey.attribute_label(name)) + (" †" if attribute.assumed else "")
        rows.append((f"**{label}**", escape(attribute.text), "; ".join(levels)))
    parts = [pipe_table("The design", ("Attribute", "In words", "Levels"), rows, "lll", (3, 4, 5))]
    parts.append(assumed_note(survey))
    parts += [f"Never together: {_pair(survey, pair.never)}." for pair in survey.restrictions]
    return "\n\n".join(part for part in parts if part)


def _pair(survey: Survey, never: dict[str, tuple[str, ...]]) -> str:
    sides = []
    for name, values in never.items():
        levels = listed([f"“{escape(survey.level(name, value).shown)}”" for value in values])
        sides.append(f"{levels} ({escape(survey.attribute_label(name))})")
    return " with ".join(sides)


def weighting(analysis: Analysis) -> str:
    """Targets against the sample before and after weighting."""
    table = analysis.tables["weighting"]
    if table.empty:
        return "The figures are not weighted to targets."
    survey = analysis.survey
    names = {survey.question_column(key): q.label for key, q in survey.questions.items() if q.label}
    rows, last = [], ""
    for row in table.to_dict("records"):
        margin = " by ".join(names.get(part, part) for part in row["margin"].split(INTERLOCK))
        category = escape(", ".join(row["category"].split(INTERLOCK)))
        rows.append(
            (
                f"**{escape(sentence_case(margin.replace('_', ' ')))}**" if margin != last else "",
                category,
                percent_exact(row["target"]),
                percent_exact(row["unweighted"]),
                percent_exact(row["weighted"]),
                f"{row['n']:,}",
            )
        )
        last = margin
    sources = sorted({str(s) for s in table["source"].dropna() if s})
    note = f"\n\nTargets: {escape('; '.join(sources))}." if sources else ""
    header = ("Margin", "Category", "Target", "Unweighted", "Weighted", "People")
    return pipe_table("Targets and sample", header, rows, "llrrrr") + note


def colophon(analysis: Analysis) -> str:
    """Software, inputs and the command that makes the report again."""
    made = analysis.provenance
    versions = ", ".join(f"{name} {version}" for name, version in made["versions"].items())
    inputs = "\n".join(f"- {escape(name)}: `{digest}`" for name, digest in made["inputs"].items())
    return (
        f"Made with {escape(versions)}.\n\nInputs, by SHA-256:\n\n{inputs}\n\n"
        f"To make this report again: `{made['command'].replace('`', '')}`"
    )


def dates(fieldwork: Fieldwork | None) -> str:
    """Say the days of fieldwork, such as 11 to 12 May 2026."""
    if fieldwork is None:
        return NOT_STATED
    start, end = fieldwork.start, fieldwork.end
    if start == end:
        return _day(start)
    if (start.year, start.month) == (end.year, end.month):
        return f"{start.day} to {_day(end)}"
    return f"{_day(start)} to {_day(end)}"


def _day(date: datetime.date) -> str:
    return f"{date.day} {pd.Timestamp(date).month_name()} {date.year}"


def _weighting(survey: Survey, weights: dict[str, float]) -> str:
    if not weights["weighted"]:
        return "None"
    text = (
        escape(survey.weighting.text) if survey.weighting and survey.weighting.text else "Weighted"
    )
    return (
        f"{text}. Efficiency {SHARE.say(weights['efficiency'])}: the sample is worth "
        f"{weights['effective']:,.0f} respondents. Weights run from {weights['smallest']:.2f} to "
        f"{weights['largest']:.2f}"
    )
