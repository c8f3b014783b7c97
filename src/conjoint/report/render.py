"""Report sources (.qmd) set in the formats asked for: by Quarto where it is, else embedded."""

from __future__ import annotations

import datetime
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from conjoint.analysis.bundle import edition_of, files_of_bundle
from conjoint.errors import Fault, ReportError
from conjoint.output import write_set
from conjoint.report.document import DOCUMENTS, document_of, kept, page_title, running_head
from conjoint.report.listing import claims_csv
from conjoint.report.segment import SegmentReport
from conjoint.report.typeset.embedded import EMBEDDED, render_embedded
from conjoint.report.typeset.external import find_quarto, render_quarto
from conjoint.report.typeset.setting import EARLIEST, FORMATS, Look, extension

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from os import PathLike

    from conjoint.analysis import Analysis
    from conjoint.typing import ReportFormat

__all__ = [
    "RENDER_STEPS",
    "REPORTS",
    "Rendered",
    "known_reports",
    "render_report",
    "render_reports",
    "report_sources",
]

RENDER_STEPS = 12
"""About how many steps rendering a report names, for a progress bar."""

REPORTS = {document.asked: source for source, document in DOCUMENTS.items() if document.asked}
"""Reports of a survey by the names that people ask for."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """Rendered reports: the first file, what rendered it, and all files."""

    path: Path
    renderer: str
    files: tuple[Path, ...] = ()


def report_sources() -> Path:
    """Find the folder of report sources: inside the installed package, or in the checkout."""
    return extension().parents[1]


def known_reports() -> list[str]:
    """The reports that there are sources for."""
    return sorted(path.stem for path in report_sources().glob("*.qmd") if path.stem != "index")


def render_report(
    analysis: Analysis,
    to: str | PathLike[str],
    *,
    report: str = "segment_report",
    formats: Sequence[ReportFormat] = ("html",),
    progress: Callable[[str], None] = lambda _: None,
) -> Rendered:
    """Render one report of an analysis: see `render_reports`."""
    return render_reports(analysis, to, reports=(report,), formats=formats, progress=progress)


def render_reports(
    analysis: Analysis,
    to: str | PathLike[str],
    *,
    reports: Sequence[str] = ("segment_report",),
    formats: Sequence[ReportFormat] = ("html",),
    progress: Callable[[str], None] = lambda _: None,
) -> Rendered:
    """Render reports of an analysis into a folder.

    Parameters
    ----------
    analysis
        The bundle; nothing else is read.
    to
        A folder. Gets ``<report>.<format>``, the bundle beside it as ``data/`` (the audit's as
        ``audit_data/``) and the charts as ``figures/``, all at once; with the segment report its claims
        as ``claims.csv``. What an earlier run wrote there of other figures is taken away; files of other
        origin stay.
    reports
        Names of sources in `report_sources`. Each is run once, whatever the number of formats.
    formats
        Of ``html``, ``docx``, ``pptx``, ``pdf`` and ``md``.
    progress
        Called with the name of each step as it begins.

    Raises
    ------
    ReportError
        There is no such report or format, `to` cannot be written or has a bundle's folder of
        somebody else's, or a cell of a report fails; the fault names the cell and its error.
        Nothing is written.
    """
    _check_names("report", reports, known_reports())
    _check_names("format", formats, FORMATS)
    _check_tables(analysis, reports)
    target = Path(to)
    beside = {document_of(report).bundle for report in reports}
    for folder in beside:
        _check_target(target, folder)
    quarto, sources = find_quarto(), report_sources()
    with kept(), tempfile.TemporaryDirectory(prefix="conjoint-") as scratch:
        work = Path(scratch)
        bundle = analysis.write(work / "data")
        # A project's own files would send what is rendered elsewhere.
        for file in sources.iterdir():
            if file.is_file() and not file.name.startswith("_"):
                shutil.copy(file, work / file.name)
        shutil.copytree(extension().parent, work / "_extensions")
        made = []
        for report in reports:
            render = render_quarto if quarto else render_embedded
            look = _look(analysis, report)
            made += render(work / f"{report}.qmd", bundle, formats, look, progress)
        if "segment_report" in reports:
            claims = work / "claims.csv"
            claims.write_bytes(
                claims_csv(analysis.survey, SegmentReport.of_bundle(str(bundle)).said())
            )
            made.append(claims)
        figures = work / "figures" if set(reports) & set(REPORTS.values()) else None
        edition = edition_of(bundle)
        earlier = {
            f"{name}/{file}": found
            for name in beside
            for file, found in files_of_bundle(target / name).items()
        }
        files = write_set(
            target,
            _gather(made, figures, dict.fromkeys(sorted(beside), bundle)),
            owner=" ".join(sorted(beside)),
            edition=edition,
            earlier=earlier,
            error=ReportError,
        )[: len(made)]
    return Rendered(files[0], f"Quarto ({quarto})" if quarto else EMBEDDED, files)


def _check_names(what: str, asked: Sequence[str], known: Sequence[str]) -> None:
    unknown = [name for name in asked if name not in known]
    if unknown:
        raise ReportError(
            Fault(what, f'there is no "{unknown[0]}"', ", ".join(known), "Name one of them.")
        )


def _check_tables(analysis: Analysis, reports: Sequence[str]) -> None:
    """Refuse a bundle that another command wrote, or of which tables are missing."""
    for report in reports:
        missing = [name for name in document_of(report).tables if name not in analysis.tables]
        if missing:
            what = f"the bundle has no table {missing[0]}"
            do = "Write the bundle again: conjoint analyse."
            raise ReportError(Fault(report, what, "what an analysis of the survey holds", do))


def _look(analysis: Analysis, report: str) -> Look:
    """What the documents are dressed with: from the survey, so that they do not change of themselves."""
    survey = analysis.survey
    date = EARLIEST
    if survey.fieldwork:
        day = survey.fieldwork.end
        date = max(date, datetime.datetime(day.year, day.month, day.day, tzinfo=datetime.UTC))
    return Look(page_title(survey, report), running_head(survey), date)


def _gather(
    made: Sequence[Path], figures: Path | None, bundles: Mapping[str, Path]
) -> dict[str, bytes | Path]:
    """What was rendered, by its place in the folder; the reports first."""
    files: dict[str, bytes | Path] = {file.name: file for file in made}
    parts = {**bundles} | ({"figures": figures} if figures and figures.is_dir() else {})
    for name, part in parts.items():
        for file in sorted(path for path in part.rglob("*") if path.is_file()):
            files[f"{name}/{file.relative_to(part).as_posix()}"] = file
    return files


def _check_target(target: Path, beside: str) -> None:
    """Refuse a target before any work is done for it, or any file of it is lost."""
    data = target / beside
    if target.exists() and not target.is_dir():
        raise ReportError(Fault(str(target), "is a file", "a folder", "Name another."))
    if data.exists() and not (data / "provenance.json").exists():
        raise ReportError(
            Fault(
                str(data),
                "holds something other than a report's aggregates, which would be lost",
                "no such folder, or one that an earlier report wrote",
                "Name another folder.",
            )
        )
