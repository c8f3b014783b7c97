"""A report source (.qmd) set as one self-contained file: by Quarto where it is, else embedded."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from conjoint.errors import Fault, ReportError
from conjoint.report.embedded import render_embedded
from conjoint.report.external import find_quarto, render_quarto

if TYPE_CHECKING:
    from collections.abc import Callable
    from os import PathLike

    from conjoint.analysis import Analysis

__all__ = ["RENDER_STEPS", "Rendered", "render_report", "report_sources"]

RENDER_STEPS = 12
"""About how many steps rendering names, for a progress bar."""

BUNDLES = {
    "audit_report": "audit_data",
    "reproduction_report": "reproduction_data",
    "compare_report": "compare_data",
}
"""Where beside its page a report's bundle is written; ``data`` for those not named."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A rendered report: where it is, and what rendered it."""

    path: Path
    renderer: str


def report_sources() -> Path:
    """Find the folder of report sources: inside the installed package, or in the checkout."""
    installed = Path(__file__).parent / "sources"
    return installed if installed.is_dir() else Path(__file__).parents[3] / "reports"


def render_report(
    analysis: Analysis,
    to: str | PathLike[str],
    *,
    report: str = "segment_report",
    progress: Callable[[str], None] = lambda _: None,
) -> Rendered:
    """Render a report of an analysis into a folder.

    Parameters
    ----------
    analysis
        The bundle; nothing else is read.
    to
        A folder. Gets ``<report>.html`` and the bundle beside it, as ``data/`` (the audit's as
        ``audit_data/``), both at the end and whole.
    report
        The name of a source in `report_sources`.
    progress
        Called with the name of each step as it begins.

    Raises
    ------
    ReportError
        There is no such report, `to` cannot be written or has a bundle's folder of somebody else's,
        or a cell of the report fails; the fault names the cell and its error. Nothing is written.
    """
    sources = report_sources()
    source = sources / f"{report}.qmd"
    if not source.exists():
        known = ", ".join(sorted(path.stem for path in sources.glob("*.qmd")))
        raise ReportError(Fault("report", f'there is no "{report}"', known, "Name one of them."))
    target, beside = Path(to), BUNDLES.get(report, "data")
    _check_target(target, beside)
    with tempfile.TemporaryDirectory(prefix="conjoint-") as scratch:
        work = Path(scratch)
        bundle = analysis.write(work / "data")
        for file in sources.iterdir():
            if file.is_file():
                shutil.copy(file, work / file.name)
        quarto = find_quarto()
        if quarto is not None:
            page = render_quarto(work / source.name, bundle, progress)
            renderer = f"Quarto ({quarto})"
        else:
            title = f"{analysis.survey.title}: {report.replace('_', ' ')}"
            page = render_embedded(work / source.name, bundle, title, progress)
            renderer = "the embedded renderer (nbclient and pandoc)"
        final = target / page.name
        try:
            target.mkdir(parents=True, exist_ok=True)
            _replace(bundle, target / beside)
            partial = final.with_name(final.name + ".partial")
            shutil.copy(page, partial)
            partial.replace(final)
        except OSError as error:
            raise ReportError(
                Fault(str(target), f"cannot be written: {error.strerror}", "a folder of your own")
            ) from error
    return Rendered(final, renderer)


def _check_target(target: Path, beside: str) -> None:
    """Refuse a target before any work is done for it, or any file of it is lost."""
    data = target / beside
    if target.exists() and not target.is_dir():
        raise ReportError(Fault(str(target), "is a file", "a folder", "Name another with --to."))
    if data.exists() and not (data / "provenance.json").exists():
        raise ReportError(
            Fault(
                str(data),
                "holds something other than a report's aggregates, which would be lost",
                "no such folder, or one that an earlier report wrote",
                "Name another folder with --to.",
            )
        )


def _replace(folder: Path, target: Path) -> None:
    """Put a folder where an older one may be, without a moment of half of each."""
    fresh = target.with_name(target.name + ".partial")
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(folder, fresh)
    if target.exists():
        shutil.rmtree(target)
    fresh.rename(target)
