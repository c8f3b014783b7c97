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
from conjoint.report.crosstab import pipe_table
from conjoint.report.document import DOCUMENTS, Report
from conjoint.say.words import escape

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conjoint.audit import Item
    from conjoint.typing import Verdict

__all__ = ["AuditReport"]

Part = str | Chart

BADGES: dict[Verdict, str] = {
    "stop": "[stop]{.verdict .suppressed}",
    "look": "[look]{.verdict .caution}",
    "fine": "[fine]{.verdict .safe}",
}

CHARTS = {"The design": "shown", "The order": "positions"}
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
        yield from method.opening(self.analysis, f"Audit of “{self.analysis.survey.title}”")

    def verdict(self) -> Iterator[Part]:
        """How much there is to stop for and to look at, and what each is."""
        yield f"**{self.audit.summary}** {MEANING[self.audit.verdict]}"
        for verdict in ("stop", "look"):
            items = self.audit.having(verdict)
            if items:
                yield f"### {HEADINGS[verdict]}"
                yield "\n\n".join(_told(item) for item in items)

    def sections(self, heading: str = "##") -> Iterator[Part]:
        """What every check saw, a table a section, each under a heading of this level."""
        for section, checks in SECTIONS.items():
            rows = [row for name in checks for row in _rows(name, self.audit.of(name))]
            if not rows:
                continue
            yield f"{heading} {escape(section)}"
            yield from self._chart(section)
            yield pipe_table(
                f"Checks of {section[:1].lower()}{section[1:]}",
                ("What was seen", "Verdict"),
                rows,
                "ll",
                (9, 1),
            )

    def colophon(self) -> Iterator[Part]:
        """Software, inputs, and the command that makes the page again."""
        yield method.colophon(self.analysis)

    def _chart(self, section: str) -> Iterator[Part]:
        survey, table = self.analysis.survey, self.analysis.tables.get(CHARTS.get(section, ""))
        if table is None or table.empty:
            return
        if section == "The design":
            yield shown_chart(survey, table).titled(
                "How far each level is from the share that the design gives it",
                "Share of all profiles less the share designed, in points, with 95% interval; beside "
                "it, the share shown.",
            )
        else:
            even = even_share(survey, table) is not None
            rule = "; the rule is where no place has an advantage" if even else ""
            yield position_chart(survey, table).titled(
                "How often each place was chosen, from task to task",
                f"Share of choices with 95% interval{rule}.",
            )


MEANING: dict[Verdict, str] = {
    "stop": "Nothing should be published before every stop is explained.",
    "look": "A person should read these before any figure is used.",
    "fine": "No check found anything that stands in the way of analysis.",
}

HEADINGS: dict[Verdict, str] = {"stop": "To stop for", "look": "To look at"}


def _told(item: Item) -> str:
    """An item as a paragraph: its title, what was seen, and what to do."""
    do = f"\\\n*What to do:* {escape(item.do)}" if item.do else ""
    return f"**{escape(_title(item))}.** {BADGES[item.verdict]}\\\n{escape(item.text)}{do}"


def _title(item: Item) -> str:
    title = title_of(item.check)
    return f"{title}: {item.subject}" if item.subject else title


def _rows(check: str, items: Sequence[Item]) -> Iterator[tuple[str, str]]:
    """A check's rows: its title before its sentence, or above them where there are several."""
    title = f"**{escape(title_of(check))}**"
    if len(items) > 1:
        yield title, ""
    for item in items:
        yield (f"{title}: " if len(items) == 1 else "") + _seen(item), BADGES[item.verdict]


def _seen(item: Item) -> str:
    """What was seen, its subject before it where the sentence does not begin with it."""
    text = escape(item.text)
    if not item.subject or item.text.casefold().startswith(item.subject.casefold()):
        return text
    return f"*{escape(item.subject)}*: {text}"
