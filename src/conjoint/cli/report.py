"""``conjoint report``: a survey folder or its bundle as reports to read and send on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

import conjoint as cj
from conjoint.analysis import STEPS, read_bundle
from conjoint.cli.shared import (
    DataFile,
    Previous,
    Renderer,
    app,
    notes,
    of_bundle,
    progress,
    refuse_pair,
    say_synthetic,
)
from conjoint.errors import Fault, ReportError, RequestError
from conjoint.say.number import counted
from conjoint.typing import ReportFormat

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from conjoint.analysis import Analysis
    from conjoint.typing import Renderer as ReportRenderer

__all__ = ["report"]

FORMATS: tuple[ReportFormat, ...] = get_args(ReportFormat)
ALL = "all"


@app.command()
def report(
    survey: Annotated[
        Path,
        typer.Argument(
            metavar="SURVEY",
            help="A folder with a survey.toml, or a bundle that `conjoint analyse` wrote.",
        ),
    ],
    data: DataFile = None,
    names: Annotated[
        list[str] | None,
        typer.Option(
            "--report",
            metavar="segment|topline|appendix|all",
            help="Which; several by commas or by naming the option again. The segment report without it.",
        ),
    ] = None,
    to: Annotated[
        list[str] | None,
        typer.Option(
            "--to",
            metavar=f"{'|'.join(FORMATS)}|all",
            help="In what format; several as above. HTML without it. A name of none of these is a folder.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar="FOLDER", help="output/<survey> without it."),
    ] = None,
    renderer: Renderer = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Make again what has not changed, too.")
    ] = False,
    previous: Previous = None,
) -> None:
    """Make reports in every format a press office uses, with the aggregates and the charts.

    Example: conjoint report surveys/routes_for_returns_2026 --report segment --to html,docx,pptx
    """
    try:
        from conjoint.report import RENDER_STEPS, render_reports  # loads charts
        from conjoint.report.render import REPORTS, known_reports, quarto_for
    except ModuleNotFoundError as error:
        raise ReportError(
            Fault("report", f"{error.name} is not installed", do='pip install "conjoint[report]".')
        ) from error

    quarto_for(renderer)  # a wrong one is said before any work
    there = {name: stem for name, stem in REPORTS.items() if stem in known_reports()}
    chosen = _chosen_reports(names, there)
    formats, output = _chosen_formats(to, output)
    target = output or Path("output") / survey.resolve().name
    bundled = (survey / "survey.json").exists() and not (survey / "survey.toml").exists()
    steps = len(STEPS) * (not bundled) + (RENDER_STEPS + len(formats)) * len(chosen)
    with progress(steps) as step, of_bundle(survey if bundled else None):
        analysis = _analysis(survey, data, step, bundled=bundled)
        refuse_pair(previous, analysis.tables, analysis.provenance, analysis.survey)
        made = render_reports(
            analysis,
            target,
            reports=chosen,
            formats=formats,
            renderer=cast("ReportRenderer | None", renderer),
            fresh=fresh,
            progress=step,
        )
    say_synthetic(analysis.survey)
    for file in made.files:
        typer.echo(f"{file}")
    if len(made.kept) == len(chosen) * len(formats):
        notes.print("Nothing has changed since these were made: --fresh makes them again.")
        return
    if made.kept:
        notes.print(f"{counted(len(made.kept), 'file')} unchanged: --fresh makes all again.")
    notes.print(f"Rendered by {made.renderer}.")
    if "embedded" in made.renderer and renderer is None:
        notes.print("With the Quarto program on PATH, Quarto renders the same source.")


def _analysis(
    survey: Path, data: Path | None, step: Callable[[str], None], *, bundled: bool
) -> Analysis:
    if not bundled:
        return cj.run_analysis(survey, data, step)
    if data is not None:
        raise RequestError(Fault("--data", "does not fit a bundle, which has its figures"))
    return read_bundle(survey)


def _chosen_reports(names: Iterable[str] | None, there: Mapping[str, str]) -> list[str]:
    asked = _asked(names) or ["segment"]
    if ALL in asked:
        return list(there.values())
    for name in asked:
        if name not in there:
            raise RequestError(Fault("--report", f'there is no "{name}"', ", ".join([*there, ALL])))
    return [there[name] for name in asked]


def _chosen_formats(
    to: Iterable[str] | None, output: Path | None
) -> tuple[list[ReportFormat], Path | None]:
    """The formats, and the folder: --to may name that too, as long as it looks like one."""
    formats: list[ReportFormat] = []
    for name in _asked(to):
        known = next((known for known in FORMATS if known == name), None)
        if known:
            formats.append(known)
        elif name == ALL:
            formats += FORMATS
        elif output is None and _is_folder(name):
            output = Path(name)
        else:
            raise RequestError(
                Fault(
                    "--to",
                    f'there is no format "{name}"',
                    ", ".join([*FORMATS, ALL]),
                    f"For a folder: --output {name}.",
                )
            )
    return list(dict.fromkeys(formats)) or ["html"], output


def _asked(given: Iterable[str] | None) -> list[str]:
    """What was named, once each: by commas or by naming the option again."""
    names = [part.strip() for one in given or () for part in one.split(",")]
    return list(dict.fromkeys(name for name in names if name))


def _is_folder(name: str) -> bool:
    """Whether a name can only be meant as a folder: it has a path in it, or is there."""
    return len(Path(name).parts) > 1 or Path(name).exists() or name in (".", "..")
