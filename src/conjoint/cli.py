"""The command line: arguments, progress and exit codes; no statistics."""

from __future__ import annotations

import io
import sys
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, cast, get_args

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

import conjoint as cj
from conjoint.analysis import STEPS
from conjoint.errors import ConjointError, Fault, ReportError, RequestError, choices
from conjoint.folder import open_folder
from conjoint.typing import Distance, Variance
from conjoint.weight import target_warnings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd

    from conjoint.survey import Survey
    from conjoint.wave import Wave

__all__ = ["app", "main"]

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Conjoint polls, from a survey folder to a segment report.",
)
notes = Console(stderr=True, highlight=False)

Folder = Annotated[Path, typer.Argument(metavar="SURVEY", help="A folder with a survey.toml.")]
DataFile = Annotated[
    Path | None,
    typer.Option("--data", metavar="FILE", help="The responses, where they lie elsewhere."),
]
To = Annotated[
    Path | None,
    typer.Option("--to", metavar="FILE", help="Where to write; standard output without it."),
]

OF_LEVELS: dict[str, Callable[..., cj.Estimates]] = {
    "amce": cj.amce,
    "mm": cj.marginal_means,
    "choice": cj.choice_means,
    "preferences": cj.component_preferences,
    "reliability": cj.reliability,
}
"""Estimands that need a wave and nothing else."""

OF_PAIRS: dict[str, Callable[..., cj.Estimates]] = {
    "joint": cj.joint_means,
    "acie": cj.interactions,
    "amie": partial(cj.interactions, kind="amie"),
}
"""Estimands of two attributes."""

ESTIMANDS = (*OF_LEVELS, *OF_PAIRS, "toplines")


def main() -> NoReturn:
    """Run the command line; a refusal is told in words, without a traceback."""
    try:
        app(standalone_mode=True)
    except ConjointError as error:
        for fault in error.faults:
            notes.print(str(fault), markup=False, soft_wrap=True)
        count = len(error.faults)
        if count > 1:
            notes.print(f"{count} faults. Nothing was written.", style="bold")
        raise SystemExit(error.exit_code) from None
    except KeyboardInterrupt:
        notes.print("Stopped. Nothing was written.")
        raise SystemExit(130) from None
    except BrokenPipeError:
        sys.stderr.close()
        raise SystemExit(0) from None
    raise SystemExit(0)


@app.callback(invoke_without_command=True)
def _version(
    version: Annotated[bool, typer.Option("--version", help="Say the version and stop.")] = False,
) -> None:
    if version:
        typer.echo(f"conjoint {cj.__version__}")
        raise typer.Exit


@app.command()
def check(survey: Folder, data: DataFile = None) -> None:
    """Check a survey folder: every fault of its files at once, or what it holds.

    Example: conjoint check surveys/routes_for_returns_2026
    """
    wave = open_folder(survey, data)
    _say_synthetic(wave.survey)
    counts = wave.describe()
    typer.echo(f"{wave.survey.title}")
    typer.echo(
        f"{counts['respondents']:,} respondents, {counts['profiles']:,} profiles, "
        f"{counts['tasks']} tasks"
        + (", one task repeated" if counts["repeated_task"] else "")
        + f"; {len(wave.survey.attributes)} attributes; "
        f"outcomes {', '.join(wave.survey.outcomes)}"
    )
    if wave.survey.segments:
        limits = wave.survey.thresholds
        table = Table("Segment", "Base", "Reading", box=None, pad_edge=False)
        for row in cj.bases(wave, list(wave.survey.segments)).to_dict("records"):
            n = row["n_respondents"]
            reading = "fine"
            if n < limits.suppress_below:
                reading = f"under {limits.suppress_below}: no figure will be shown"
            elif n < limits.caution_below:
                reading = f"under {limits.caution_below}: with caution"
            table.add_row(wave.survey.segment_label(str(row["group"])), f"{n:,}", reading)
        Console(highlight=False).print(table)
    if wave.survey.targets is not None:
        cost = cj.efficiency(cj.rake(wave).weights)
        typer.echo(
            f"Targets can be met, at a weighting efficiency of {100 * cost.efficiency:.1f}%."
        )
        for note in target_warnings(wave):
            typer.echo(f"Look at {note}")
    typer.echo("No faults found.")


@app.command()
def estimate(
    survey: Folder,
    data: DataFile = None,
    what: Annotated[
        str,
        typer.Option(help=f"{', '.join(ESTIMANDS)}. See docs/estimators.md.", metavar="ESTIMAND"),
    ] = "amce",
    by: Annotated[
        str | None,
        typer.Option(help='"segments", a segment, a respondent column, an attribute or "task".'),
    ] = None,
    pair: Annotated[
        tuple[str, str] | None,
        typer.Option(help=f"Two attributes, for {', '.join(OF_PAIRS)}.", metavar="A B"),
    ] = None,
    outcome: Annotated[str | None, typer.Option(help="One outcome; all without it.")] = None,
    variance: Annotated[
        str, typer.Option(help=f"Standard errors: {', '.join(get_args(Variance))}.")
    ] = "linearised",
    confidence: Annotated[float, typer.Option(help="Coverage of the intervals.")] = 0.95,
    test: Annotated[
        bool,
        typer.Option("--test", help="Joint tests instead of figures, one row an attribute."),
    ] = False,
    unweighted: Annotated[
        bool, typer.Option("--unweighted", help="Leave the targets out.")
    ] = False,
    to: To = None,
) -> None:
    """Estimate, and write one tidy CSV row a figure.

    Weighted to the survey's targets where it has some.

    Example: conjoint estimate surveys/routes_for_returns_2026 --what mm --by segments --to mm.csv
    """
    if what not in ESTIMANDS:
        raise RequestError(Fault("--what", f'there is no "{what}"', choices(ESTIMANDS)))
    if what == "toplines" and outcome is not None:
        raise RequestError(Fault("--outcome", "toplines have questions, not outcomes"))
    if (what in OF_PAIRS) != (pair is not None):
        wanted = "two attributes, such as --pair cap reduction" if what in OF_PAIRS else "none"
        raise RequestError(Fault("--pair", f'does not fit "{what}"', wanted))
    options: dict[str, Any] = {"variance": variance, "confidence": confidence}
    wave = _weighted(open_folder(survey, data), unweighted=unweighted)
    _say_synthetic(wave.survey)
    if what == "toplines":
        figures = cj.toplines(wave, by, **options)
    elif pair is not None:
        figures = OF_PAIRS[what](wave, pair, by=by, outcome=outcome, **options)
    else:
        figures = OF_LEVELS[what](wave, by=by, outcome=outcome, **options)
    _write_csv(cj.omnibus(figures) if test else figures.frame, to)


@app.command()
def weight(
    survey: Folder,
    data: DataFile = None,
    distance: Annotated[
        str, typer.Option(help=f"What is kept small: {', '.join(get_args(Distance))}.")
    ] = "raking",
    lower: Annotated[
        float | None, typer.Option(help="Smallest weight over starting weight; needs --upper.")
    ] = None,
    upper: Annotated[
        float | None, typer.Option(help="Largest weight over starting weight; needs --lower.")
    ] = None,
    trim_below: Annotated[
        float | None, typer.Option(help="Raise smaller weights to this; their mean is 1.")
    ] = None,
    trim_above: Annotated[
        float | None, typer.Option(help="Cut larger weights to this, and meet the targets again.")
    ] = None,
    to: To = None,
) -> None:
    """Weight a survey to its targets: the diagnostics, and with --to one weight a respondent.

    Example: conjoint weight surveys/routes_for_returns_2026 --trim-above 4 --to weights.csv
    """
    if (lower is None) != (upper is None):
        missing = "--lower" if lower is None else "--upper"
        raise RequestError(Fault(missing, "is missing", "both bounds or neither"))
    bounds = None if lower is None or upper is None else (lower, upper)
    raw = open_folder(survey, data)
    wave = cj.calibrate(raw, distance=cast("Distance", distance), bounds=bounds)
    if trim_below is not None or trim_above is not None:
        wave = cj.trim(wave, lower=trim_below, upper=trim_above)
    _say_synthetic(wave.survey)
    table = Table(
        "Margin", "Category", "Target", "Unweighted", "Weighted", box=None, pad_edge=False
    )
    for row in cj.weighting_table(wave).to_dict("records"):
        figures = (row[key] for key in ("target", "unweighted", "weighted"))
        shown = (f"{x:,.2f}" if row["unit"] == "mean" else f"{100 * x:.1f}%" for x in figures)
        table.add_row(row["margin"], row["category"], *shown)
    Console(highlight=False).print(table)
    cost = cj.efficiency(wave.weights)
    typer.echo(
        f"Efficiency {100 * cost.efficiency:.1f}%: {cost.n:,} respondents are worth "
        f"{cost.effective:,.0f} (design effect {cost.design_effect:.2f}). "
        f"Weights from {cost.smallest:.2f} to {cost.largest:.2f}."
    )
    made = wave.calibration
    if made is not None and made.limits is not None:
        typer.echo(
            f"Trimmed: {100 * made.trimmed:.1f}% of the respondents are held at a limit. "
            f"Before, the design effect was {made.design_effect_before:.2f}."
        )
    for note in target_warnings(raw):
        typer.echo(f"Look at {note}")
    if to is not None:
        _write_csv(wave.respondents[["respondent"]].assign(weight=wave.weights), to)


@app.command()
def report(
    survey: Folder,
    data: DataFile = None,
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="FOLDER", help="Where to write; output/<survey> without it."),
    ] = None,
) -> None:
    """Make the segment report: one HTML file, and the aggregates it is made from.

    Example: conjoint report surveys/routes_for_returns_2026
    """
    try:
        from conjoint.report import RENDER_STEPS, render_report  # loads charts
    except ImportError as error:
        raise ReportError(
            Fault("report", f"{error.name} is not installed", do='pip install "conjoint[report]".')
        ) from error

    target = to or Path("output") / survey.resolve().name
    with _progress(len(STEPS) + RENDER_STEPS) as step:
        analysis = cj.run_analysis(survey, data, step)
        rendered = render_report(analysis, target, progress=step)
    _say_synthetic(analysis.survey)
    typer.echo(f"{rendered.path}")
    notes.print(f"Rendered by {rendered.renderer}.")
    if "embedded" in rendered.renderer:
        notes.print("With the Quarto program on PATH, Quarto renders the same source.")


def _weighted(wave: Wave, *, unweighted: bool) -> Wave:
    return wave if unweighted or wave.survey.targets is None else cj.rake(wave)


def _say_synthetic(survey: Survey) -> None:
    if survey.synthetic:
        notes.print(
            "Synthetic wave: no person gave these answers. Not for quotation.", style="bold"
        )


def _write_csv(frame: pd.DataFrame, to: Path | None) -> None:
    """Write a frame to standard output, or whole to a file."""
    if to is None:
        buffer = io.StringIO()
        frame.to_csv(buffer, index=False, lineterminator="\n")
        typer.echo(buffer.getvalue(), nl=False)
        return
    partial = to.with_name(to.name + ".partial")
    try:
        frame.to_csv(partial, index=False, lineterminator="\n")
        partial.replace(to)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise RequestError(
            Fault(
                "--to",
                f"{to} cannot be written: {error.strerror}",
                "a file in a folder that exists",
            )
        ) from error
    notes.print(f"{to}: {len(frame):,} rows")


@contextmanager
def _progress(steps: int) -> Iterator[Callable[[str], None]]:
    """A bar that names the step at work; quiet lines where there is no terminal."""
    bar = Progress(
        SpinnerColumn(),
        BarColumn(bar_width=24),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        console=notes,
        transient=True,
    )
    with bar:
        task = bar.add_task("Starting", total=steps)

        def step(name: str) -> None:
            bar.update(task, description=name, advance=1)
            if not notes.is_terminal:
                notes.print(name)

        yield step


if __name__ == "__main__":
    main()
