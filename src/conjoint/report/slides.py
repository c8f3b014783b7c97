"""The segment report as a presentation: the poll in one look, then a finding and its chart a slide."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from conjoint.analysis.provenance import judged_in_words
from conjoint.plot import Chart
from conjoint.report.claim import mark
from conjoint.report.method import dates
from conjoint.report.show import Only, slide
from conjoint.say.number import base
from conjoint.say.phrase import phrase
from conjoint.say.words import escape

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from conjoint.analysis import Analysis
    from conjoint.report.segment import SegmentReport

HEADING = re.compile(r"(#{2,4}) (.+?)(?: \{.*\})?$", re.MULTILINE)

__all__ = ["charts_as_slides", "how_made", "segment_slides"]


def segment_slides(report: SegmentReport) -> Iterator[Only]:
    """Slides of a segment report, for presentations alone.

    The claims of one look, every chart that says a finding in its title, and how the poll was made.
    """
    analysis = report.analysis
    said = [f"- {claim.text} *{mark(claim.judgement)}*" for claim in report.one_look()]
    yield slide(phrase("segment.slides.one_look"), "\n".join(said))
    for section in report.document.sections:
        if section.slides:
            parts = getattr(report, section.name)()
            yield from charts_as_slides(parts, headed=section.slides == "headed")
    yield slide(phrase("method.how_made.heading"), how_made(analysis))


def charts_as_slides(parts: Iterable[object], *, headed: bool = False) -> Iterator[Only]:
    """A slide for each chart among a report's parts.

    Parameters
    ----------
    parts
        As a report's method yields them; what is no chart only gives the headings.
    headed
        Whether the heading over a chart stands in the slide's title too, before its finding.
    """
    section = above = ""
    for part in parts:
        if isinstance(part, str):
            found = HEADING.match(part)
            if found and found.group(1) == "##":
                section, above = found.group(2), ""
            elif found:
                above = found.group(2)
        elif isinstance(part, Chart) and not part.empty:
            title = escape(part.title)
            if headed or not title:
                title = ": ".join(text for text in (section, above, title) if text)
            yield slide(title, part, small=escape(part.measure), notes=escape(part.alt))


def how_made(analysis: Analysis) -> str:
    """Who asked whom, when and how, in a few lines."""
    survey, weights = analysis.survey, analysis.provenance["weighting"]
    people = phrase("words.n_people", analysis.provenance["counts"]["respondents"])
    when = phrase("method.how_made.when", people=people, days=dates(survey.fieldwork))
    facts = [
        phrase("method.for_client", client=escape(survey.client)) if survey.client else "",
        phrase("method.how_made.by", pollster=escape(survey.pollster)) if survey.pollster else "",
        when if survey.fieldwork else people,
        escape(". ".join(text for text in (survey.mode, survey.population) if text)),
        phrase("method.how_made.worth", effective=base(weights["effective"]))
        if weights["weighted"]
        else phrase("method.how_made.unweighted"),
        judged_in_words(survey, analysis.provenance["counts"], escape),
        phrase("method.how_made.intervals"),
        escape(survey.synthetic_note) if survey.synthetic else "",
    ]
    return "\n".join(f"- {fact}" for fact in facts if fact)
