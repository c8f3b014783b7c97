"""Reports: sentences, tables and charts from a bundle, set by Quarto or by the embedded renderer."""

from conjoint.report.appendix import AppendixReport
from conjoint.report.audit import AuditReport
from conjoint.report.comparison import ComparisonReport
from conjoint.report.render import RENDER_STEPS, Rendered, render_report, render_reports
from conjoint.report.reproduction import ReproductionReport
from conjoint.report.segment import SegmentReport
from conjoint.report.show import show
from conjoint.report.topline import ToplineReport

__all__ = [
    "RENDER_STEPS",
    "AppendixReport",
    "AuditReport",
    "ComparisonReport",
    "Rendered",
    "ReproductionReport",
    "SegmentReport",
    "ToplineReport",
    "render_report",
    "render_reports",
    "show",
]
