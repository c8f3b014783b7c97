"""What each report consists of: its parts in order, listed once. Page, slides and claims.csv follow the list."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import wraps
from typing import TYPE_CHECKING, ClassVar, Literal, Self, cast

from conjoint.analysis import Analysis, read_bundle
from conjoint.errors import Fault, ReportError
from conjoint.plot.theme import use_font
from conjoint.report.claim import Claim
from conjoint.report.show import parts_of
from conjoint.say.phrase import phrase
from conjoint.say.words import escape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from conjoint.report.show import Part
    from conjoint.survey import Survey

__all__ = [
    "DOCUMENTS",
    "Document",
    "Report",
    "Section",
    "document_of",
    "kept",
    "page_title",
    "running_head",
]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a report.

    Parameters
    ----------
    name
        The method of the report that makes it, which a cell of its source shows.
    claims
        What its claims are filed under in ``claims.csv``; empty where it makes none.
    page
        The method that makes the page of one segment, where the part has one a segment.
    slides
        Whether its charts are slides, too: ``charts``, or ``headed`` under the names of their headings.
    """

    name: str
    claims: str = ""
    page: str = ""
    slides: Literal["", "charts", "headed"] = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A report's parts and what it is made from.

    Parameters
    ----------
    sections
        In order.
    tables
        Of the bundle, without which it cannot be made.
    asked
        By what name people ask for it; empty where a command of its own makes it.
    bundle
        The folder beside the page that its bundle is written to.
    """

    sections: tuple[Section, ...]
    tables: tuple[str, ...]
    asked: str = ""
    bundle: str = "data"


def _sections(names: str) -> tuple[Section, ...]:
    return tuple(map(Section, names.split()))


MAIN_TABLES = ("amce", "audit", "bases", "marginal_means", "pulls", "spread")

DOCUMENTS = {
    "segment_report": Document(
        (
            Section("opening"),
            Section("headlines", "one look", slides="charts"),
            Section("movers", "what moves support", slides="headed"),
            Section("agreement", "where segments part"),
            Section("grid", "grid", slides="charts"),
            Section("trade_off", "trade-off"),
            Section("explorer"),
            Section("segment_pages", "segment: {}", page="segment_page", slides="charts"),
            Section("toplines", "toplines"),
            Section("method"),
            Section("colophon"),
            Section("appendix"),
            Section("slides"),
        ),
        MAIN_TABLES,
        "segment",
    ),
    "topline_report": Document(
        _sections(
            "opening statement reading answers experiment crossbreaks method contact colophon slides"
        ),
        MAIN_TABLES,
        "topline",
    ),
    "technical_appendix": Document(
        _sections(
            "opening figures design audit weighting estimates robustness reliability multiplicity omnibus "
            "reproduction slides"
        ),
        MAIN_TABLES,
        "appendix",
    ),
    "audit_report": Document(
        _sections("opening verdict sections colophon"), ("audit",), bundle="audit_data"
    ),
    "compare_report": Document(
        (
            Section("opening"),
            Section("verdict", "what changed"),
            *_sections("flags trend tables decomposition method colophon"),
        ),
        ("changes",),
        bundle="compare_data",
    ),
    "reproduction_report": Document(
        (
            Section("opening"),
            Section("verdict", "published figures"),
            *_sections("figures conventions method colophon"),
        ),
        ("reproduction",),
        bundle="reproduction_data",
    ),
}
"""Reports by the names of their sources."""


def document_of(source: str) -> Document:
    """What a report consists of; of a source that is not one of these nothing is known."""
    return DOCUMENTS.get(source, Document((), ()))


def page_title(survey: Survey, source: str) -> str:
    """Title of the window and of the file: the survey's, and which report it is."""
    title = survey.report.title or survey.title
    return phrase(f"document.{source}", title=title) if source in DOCUMENTS else title


def running_head(survey: Survey) -> str:
    """Text at the head of every page: the embargo, the title, and that a synthetic wave is no finding."""
    synthetic = phrase("charts.synthetic") if survey.synthetic else ""
    marks = (survey.report.embargo, survey.report.title or survey.title, synthetic)
    return " · ".join(mark for mark in marks if mark)


_KEPT: ContextVar[tuple[str, Analysis, dict[type[Report], Report]] | None] = ContextVar(
    "kept", default=None
)


@contextmanager
def kept(folder: str, analysis: Analysis) -> Iterator[None]:
    """Within this the bundle in a folder is an analysis that is known, and need not be read."""
    token = _KEPT.set((folder, analysis, {}))
    try:
        yield
    finally:
        _KEPT.reset(token)


def _made_once(section: Callable[..., Iterable[Part]]) -> Callable[..., Iterator[Part]]:
    """A section's method that keeps what it made: slides and claims.csv are made of the page's parts."""

    @wraps(section)
    def parts(self: Report, *given: str) -> Iterator[Part]:
        key = (section.__name__, *given)
        if key not in self.remembered:
            self.remembered[key] = tuple(section(self, *given))
        return iter(self.remembered[key])

    return parts


@dataclass(frozen=True, eq=False)
class Report:
    """A report of a bundle: Markdown, charts and claims for each of its sections, each made once."""

    analysis: Analysis
    remembered: dict[tuple[str, ...], tuple[Part, ...]] = field(default_factory=dict, repr=False)
    document: ClassVar[Document]

    def __init_subclass__(cls) -> None:
        for section in cls.document.sections:
            for name in filter(None, (section.name, section.page)):
                setattr(cls, name, _made_once(getattr(cls, name)))

    @classmethod
    def of_bundle(cls, folder: str) -> Self:
        """Read the bundle a report is made from.

        Raises
        ------
        ReportError
            No bundle is named.
        """
        if not folder:
            raise ReportError(
                Fault(
                    "bundle",
                    "is not named",
                    "a folder that `conjoint report` wrote",
                    "Pass -P bundle:PATH.",
                )
            )
        known = _KEPT.get()
        if known is None or known[0] != folder:
            known = (folder, read_bundle(folder), {})
        _, analysis, reports = known
        use_font(analysis.survey.report.fonts.charts)
        return cast("Self", reports.setdefault(cls, cls(analysis)))

    @property
    def segments(self) -> tuple[str, ...]:
        """The segments, in the survey's order."""
        return tuple(self.analysis.survey.segments)

    def properties(self) -> str:
        """Page title and running head as a division without content, whose attributes the filters read."""
        source = next(name for name, own in DOCUMENTS.items() if own is self.document)
        survey = self.analysis.survey
        title, running = escape(page_title(survey, source)), escape(running_head(survey))
        return f'::: {{.document-properties pagetitle="{title}" running="{running}"}}\n:::'

    def said(self) -> Iterator[tuple[str, Claim]]:
        """Every claim with what its section files it under, in order; of pages of segments with whose it is."""
        for section in self.document.sections:
            if section.page:
                for group in self.segments:
                    page = getattr(self, section.page)(group)
                    yield from (
                        (section.claims.format(group), own) for own in parts_of(page, Claim)
                    )
            elif section.claims:
                yield from (
                    (section.claims, own) for own in parts_of(getattr(self, section.name)(), Claim)
                )
