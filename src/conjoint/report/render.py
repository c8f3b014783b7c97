"""Report sources (.qmd) set in the formats asked for: by Quarto where it is, else embedded."""

from __future__ import annotations

import datetime
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from conjoint.analysis.bundle import edition_of, files_of_bundle
from conjoint.errors import Fault, ReportError, RequestError
from conjoint.output import digest, unchanged, write_set
from conjoint.report.document import DOCUMENTS, document_of, kept, page_title, running_head
from conjoint.report.listing import claims_csv
from conjoint.report.segment import SegmentReport
from conjoint.report.show import formats_wanted
from conjoint.report.typeset.embedded import EMBEDDED, check_formats, render_embedded
from conjoint.report.typeset.external import find_quarto, render_quarto
from conjoint.report.typeset.notebook import execute
from conjoint.report.typeset.setting import EARLIEST, FORMATS, Look, extension
from conjoint.typing import Renderer

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
    "quarto_for",
    "render_report",
    "render_reports",
    "report_sources",
]

RENDER_STEPS = 12
"""About how many steps rendering a report names, for a progress bar."""

CLAIMS = "claims.csv"
"""The segment report's claims, beside it."""

DECISIVE = frozenset(
    [
        ".py",
        ".toml",
        ".js",
        ".css",
        ".html",
        ".qmd",
        ".lua",
        ".docx",
        ".pptx",
        ".typ",
        ".yml",
        ".yaml",
    ]
)
"""Endings of the files of sources and of this package."""

PROGRAMS = (
    "conjoint",
    "plotnine",
    "matplotlib",
    "pypandoc-binary",
    "typst",
    "python-docx",
    "python-pptx",
)
"""Packages that reports come out differently by."""

REPORTS = {document.asked: source for source, document in DOCUMENTS.items() if document.asked}
"""Reports of a survey by the names that people ask for."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """Rendered reports: the first file, what rendered it, all files, and those that were as they are already."""

    path: Path
    renderer: str
    files: tuple[Path, ...] = ()
    kept: tuple[Path, ...] = ()


def report_sources() -> Path:
    """Find the folder of report sources: inside the installed package, or in the checkout."""
    return extension().parents[1]


def known_reports() -> list[str]:
    """The reports that there are sources for."""
    return sorted(path.stem for path in report_sources().glob("*.qmd") if path.stem != "index")


def render_report(
    analysis: Analysis, to: str | PathLike[str], *, report: str = "segment_report", **options: Any
) -> Rendered:
    """Render one report of an analysis; `options` are those of `render_reports`."""
    return render_reports(analysis, to, reports=(report,), **options)


def render_reports(
    analysis: Analysis,
    to: str | PathLike[str],
    *,
    reports: Sequence[str] = ("segment_report",),
    formats: Sequence[ReportFormat] = ("html",),
    renderer: Renderer | None = None,
    fresh: bool = True,
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
        Names of sources in `report_sources`. The cells of each are run once, whatever the number of formats.
    formats
        Of ``html``, ``docx``, ``pptx``, ``pdf`` and ``md``.
    renderer
        ``quarto`` or ``embedded``; without it Quarto where it is found.
    fresh
        Whether everything is made again. Else files are left that an earlier run made of the same figures,
        sources and program, as long as nobody has touched any file of that run.
    progress
        Called with the name of each step as it begins.

    Raises
    ------
    ReportError
        There is no such report, format or renderer, `to` cannot be written or has a bundle's folder of
        somebody else's, or a cell of a report fails; the fault names the cell and its error.
        Nothing is written.
    """
    _check_names("report", reports, known_reports())
    _check_names("format", formats, FORMATS)
    _check_tables(analysis, reports)
    target = Path(to)
    beside = sorted({document_of(report).bundle for report in reports})
    for folder in beside:
        _check_target(target, folder)
    quarto = quarto_for(renderer)
    if quarto is None:
        check_formats(formats)
    with tempfile.TemporaryDirectory(prefix="conjoint-") as scratch:
        work = Path(scratch)
        bundle = analysis.write(work / "data")
        owner, edition = " ".join(beside), edition_of(bundle)
        asked = {f"{report}.{form}": (report, form) for report in reports for form in formats}
        way = _way(edition, quarto)
        recipes = {name: digest(f"{way} {name}".encode()) for name in asked}
        there = set() if fresh else unchanged(target, recipes, owner, edition)
        lacking = {
            report: [form for form in formats if f"{report}.{form}" not in there]
            for report in reports
        }
        with kept(str(bundle), analysis):
            made = _make(analysis, bundle, lacking, quarto, progress)
        if made:
            files = _gather(made, reports, work, dict.fromkeys(beside, bundle))
            earlier = {
                f"{name}/{file}": found
                for name in beside
                for file, found in files_of_bundle(target / name).items()
            }
            write_set(
                target, files, owner=owner, edition=edition, earlier=earlier, recipes=recipes,
                error=ReportError,
            )  # fmt: skip
    paths = [target / name for name in asked]
    paths += [target / CLAIMS] * ("segment_report" in reports)
    return Rendered(
        paths[0],
        f"Quarto ({quarto})" if quarto else EMBEDDED,
        tuple(paths),
        tuple(target / name for name in asked if name in there),
    )


def quarto_for(renderer: str | None) -> str | None:
    """Find the Quarto program that a renderer is; None for the embedded one.

    Raises
    ------
    RequestError
        There is no such renderer.
    ReportError
        Quarto is asked for and is not there; QUARTO_PATH names no program.
    """
    known = get_args(Renderer)
    if renderer not in (None, *known):
        what = f'there is no "{renderer}"'
        raise RequestError(Fault("renderer", what, ", ".join(known), "Name one of them."))
    quarto = None if renderer == "embedded" else find_quarto()
    if renderer == "quarto" and quarto is None:
        what = "the Quarto program is not on PATH, and QUARTO_PATH does not name it"
        do = "Install it from quarto.org, or use the embedded renderer."
        raise ReportError(Fault("renderer", what, do=do))
    return quarto


def _way(edition: str, quarto: str | None) -> str:
    """What decides how a report comes out: the figures, the sources, this program and those that it calls."""
    from importlib.metadata import PackageNotFoundError, version

    folders = {report_sources(), Path(__file__).parents[1]}
    files = sorted(
        path
        for folder in folders
        for path in folder.rglob("*")
        if path.suffix in DECISIVE and path.is_file()
    )
    versions = []
    for name in PROGRAMS:
        try:
            versions.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            versions.append(name)
    program = f"{quarto} {Path(quarto).stat().st_mtime_ns}" if quarto else ""
    environment = [os.environ.get("SOURCE_DATE_EPOCH", ""), program]
    parts = [edition, *environment, *versions, *(digest(path) for path in files)]
    return digest("\n".join(parts).encode())


def _make(
    analysis: Analysis,
    bundle: Path,
    lacking: Mapping[str, Sequence[ReportFormat]],
    quarto: str | None,
    progress: Callable[[str], None],
) -> list[Path]:
    """Make each report in the formats that are lacking, beside the bundle; the segment report with its claims."""
    work, made = bundle.parent, list[Path]()
    if any(lacking.values()):
        _copy_sources(work)
    for report, formats in lacking.items():
        if formats:
            source, look = work / f"{report}.qmd", _look(analysis, report)
            made += _render(source, bundle, formats, look, quarto, progress)
    if "segment_report" in lacking and made:
        made.append(_claims(analysis, bundle, work))
    return made


def _copy_sources(work: Path) -> None:
    """Copy the sources with their extension; a project's own files would send what is rendered elsewhere."""
    for file in report_sources().iterdir():
        if file.is_file() and not file.name.startswith("_"):
            shutil.copy(file, work / file.name)
    shutil.copytree(extension().parent, work / "_extensions")


def _render(
    source: Path,
    bundle: Path,
    formats: Sequence[ReportFormat],
    look: Look,
    quarto: str | None,
    progress: Callable[[str], None],
) -> list[Path]:
    """Run a source's cells once, and have what they wrote set in every format."""
    with formats_wanted(formats):
        text = execute(source, bundle, progress)
    render = render_quarto if quarto else render_embedded
    return render(text, source, formats, look, progress)


def _claims(analysis: Analysis, bundle: Path, work: Path) -> Path:
    said = SegmentReport.of_bundle(str(bundle)).said()
    (work / CLAIMS).write_bytes(claims_csv(analysis.survey, said))
    return work / CLAIMS


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
    made: Sequence[Path], reports: Sequence[str], work: Path, bundles: Mapping[str, Path]
) -> dict[str, bytes | Path]:
    """What was rendered, by its place in the folder; the reports first."""
    files: dict[str, bytes | Path] = {file.name: file for file in made}
    parts = dict(bundles)
    if set(reports) & set(REPORTS.values()) and (work / "figures").is_dir():
        parts["figures"] = work / "figures"
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
