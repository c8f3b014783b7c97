"""The audit's page: one verdict, what to do about it, then what every check saw."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from conjoint.audit import SECTIONS, Audit
from conjoint.audit.model import title_of
from conjoint.plot import Chart
from conjoint.plot.audit import even_share, position_chart, shown_chart
from conjoint.report import method
from conjoint.report.claim import badge
from conjoint.report.document import DOCUMENTS, Report
from conjoint.say.phrase import phrase
from conjoint.say.words import escape
from conjoint.table import Cell, Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conjoint.audit import Item
    from conjoint.typing import Verdict

__all__ = ["AuditReport"]

Part = str | Chart | Table

LOOKS: dict[Verdict, str] = {"stop": "suppressed", "look": "caution", "fine": "safe"}

CHARTS = {"design": "shown", "order": "positions"}
"""The aggregate that a section's chart draws."""


@dataclass(frozen=True, eq=False)
class AuditReport(Report):
    """Everything the audit's page says, as Markdown and charts for each of its sections."""

    document = DOCUMENTS["audit_report"]

    @cached_property
    def audit(self) -> Audit:
        """The items."""
        return Audit.of_frame(self.analysis.tables["audit"])

    def opening(self) -> Iterator[Part]:
        """Title, whose poll it is, and the banner of a synthetic wave."""
        yield self.properties()
        title = phrase("audit.page.title", survey=self.analysis.survey.title)
        yield from method.opening(self.analysis, title)

    def verdict(self) -> Iterator[Part]:
        """How much there is to stop for and to look at, and what each is."""
        yield f"**{self.audit.summary}** {phrase(f'audit.page.{self.audit.verdict}')}"
        for verdict in ("stop", "look"):
            items = self.audit.having(verdict)
            if items:
                yield f"### {phrase(f'audit.page.{verdict}s')}"
                yield "\n\n".join(_told(item) for item in items)

    def sections(self, heading: str = "##") -> Iterator[Part]:
        """What every check saw, a table a section, each under a heading of this level."""
        for section, checks in SECTIONS.items():
            rows = [row for name in checks for row in _rows(name, self.audit.of(name))]
            if not rows:
                continue
            title = phrase(f"audit.section.{section}")
            yield f"{heading} {escape(title)}"
            yield from self._chart(section)
            yield Table.of(
                phrase("audit.page.table", section=f"{title[:1].lower()}{title[1:]}"),
                (phrase("audit.page.seen"), phrase("audit.page.verdict")),
                rows,
                words=2,
                widths=(9, 1),
                captioned=False,
            )

    def colophon(self) -> Iterator[Part]:
        """Software, inputs, and the command that makes the page again."""
        yield method.colophon(self.analysis)

    def _chart(self, section: str) -> Iterator[Part]:
        survey, table = self.analysis.survey, self.analysis.tables.get(CHARTS.get(section, ""))
        if table is None or table.empty:
            return
        if section == "design":
            chart, measure = shown_chart(survey, table), phrase("audit.page.shown_measure")
            yield chart.titled(phrase("audit.page.shown"), measure)
            return
        even = even_share(survey, table) is not None
        yield position_chart(survey, table).titled(
            phrase("audit.page.positions"),
            phrase("audit.page.positions_measure_even" if even else "audit.page.positions_measure"),
        )


def _badge(verdict: Verdict) -> str:
    return badge(phrase(f"audit.verdict.{verdict}"), LOOKS[verdict])


def _told(item: Item) -> str:
    """An item as a paragraph: its title, what was seen, and what to do."""
    title = escape(_title(item))
    lines = [phrase("audit.page.item", title=title, verdict=_badge(item.verdict))]
    lines.append(escape(item.text))
    if item.do:
        lines.append(phrase("audit.page.do", do=escape(item.do)))
    return "\\\n".join(lines)


def _title(item: Item) -> str:
    title = title_of(item.check)
    if not item.subject:
        return title
    return phrase("audit.page.titled", title=title, subject=item.subject)


def _rows(check: str, items: Sequence[Item]) -> Iterator[tuple[Cell, ...]]:
    """A check's rows: its title before its sentence, or above them where there are several."""
    title = f"**{escape(title_of(check))}**"
    if len(items) > 1:
        yield (Cell(title_of(check)),)
    for item in items:
        seen = (f"{title}: " if len(items) == 1 else "") + _seen(item)
        yield Cell(seen, tone="markup"), Cell(_badge(item.verdict), tone="markup")


def _seen(item: Item) -> str:
    """What was seen, its subject before it where the sentence does not begin with it."""
    text = escape(item.text)
    if not item.subject or item.text.casefold().startswith(item.subject.casefold()):
        return text
    return phrase("audit.page.seen_of", subject=escape(item.subject), text=text)
