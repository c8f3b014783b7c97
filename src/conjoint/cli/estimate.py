"""``conjoint estimate``: figures as a tidy table."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, cast, get_args

import typer
from rich.text import Text

import conjoint as cj
from conjoint.cli.shared import (
    DataFile,
    Folder,
    To,
    app,
    groups_by,
    notes,
    say_synthetic,
    weighted,
    write_csv,
)
from conjoint.errors import Fault, RequestError, choices
from conjoint.folder import open_folder
from conjoint.typing import IntervalMethod, Variance

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

__all__ = ["estimate"]

OF_LEVELS: dict[str, Callable[..., cj.Estimates]] = {
    "amce": cj.amce,
    "mm": cj.marginal_means,
    "choice": cj.choice_means,
    "preferences": cj.component_preferences,
    "presence": cj.presence_effects,
    "reliability": cj.reliability,
}
"""Estimands that need a wave and nothing else."""

OF_PAIRS: dict[str, Callable[..., cj.Estimates]] = {
    "joint": cj.joint_means,
    "acie": cj.interactions,
    "amie": partial(cj.interactions, kind="amie"),
}
"""Estimands of two attributes."""

TESTED = ["statistic", "p_value"]
"""Columns that hang on what figures are tested against."""

ESTIMANDS = (*OF_LEVELS, *OF_PAIRS, "toplines")


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
        typer.Option(
            help='"segments", a segment, a respondent column, an attribute or "task". Where a '
            'segment and a column share a name: "segment:NAME" or "column:NAME".'
        ),
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
    interval: Annotated[
        str, typer.Option(help=f"Intervals of shares: {', '.join(get_args(IntervalMethod))}.")
    ] = "score",
    null: Annotated[
        float | None,
        typer.Option(
            help="What figures are tested against. Without it 0; means of a forced choice against an "
            "even choice, one half of two profiles."
        ),
    ] = None,
    test: Annotated[
        bool,
        typer.Option("--test", help="Joint tests instead of figures, one row an attribute."),
    ] = False,
    smallest: Annotated[
        float | None,
        typer.Option(
            help="The smallest effect that would matter, 0.03 for three points: adds whether effects are "
            "smaller (equivalent, p_equivalent)."
        ),
    ] = None,
    unweighted: Annotated[
        bool, typer.Option("--unweighted", help="Leave the targets out.")
    ] = False,
    to: To = None,
) -> None:
    """Estimate, and write one tidy CSV row a figure.

    Weighted to the survey's targets where it has some. A figure that cannot be estimated is empty, with
    the reason in the last column, and below the table.

    Example: conjoint estimate surveys/routes_for_returns_2026 --what mm --by segments --to mm.csv
    """
    _check_fit(what, pair, outcome)
    if smallest is not None and (test or null is not None):
        what_else = "--test" if test else "--null"
        raise RequestError(Fault("--smallest", f"does not go with {what_else}", "one of them"))
    options: dict[str, Any] = {"variance": variance, "confidence": confidence}
    wave = weighted(open_folder(survey, data), unweighted=unweighted)
    say_synthetic(wave.survey)
    groups = groups_by(wave, by)
    if what == "toplines":
        figures = cj.toplines(wave, groups, **options)
    elif pair is not None:
        figures = OF_PAIRS[what](wave, pair, by=groups, outcome=outcome, **options)
    else:
        figures = OF_LEVELS[what](wave, by=groups, outcome=outcome, **options)
    if interval not in get_args(IntervalMethod):
        known = choices(get_args(IntervalMethod))
        raise RequestError(Fault("--interval", f'there is no "{interval}"', known))
    figures = figures.with_interval(cast("IntervalMethod", interval))
    if smallest is not None:
        frame = cj.equivalent(figures, smallest)
    else:
        frame = cj.omnibus(figures) if test else _tested(figures, wave, what, null)
    write_csv(frame, to)
    reasons = figures.reasons
    if test:
        noted = frame[frame["note"] != ""]
        reasons = [
            f'outcome "{row.outcome}", {row.attribute}: {row.note}.' for row in noted.itertuples()
        ]
    for reason in reasons:
        notes.print(Text(reason), soft_wrap=True)


def _check_fit(what: str, pair: tuple[str, str] | None, outcome: str | None) -> None:
    """Refuse an estimand that there is not, or without what it needs."""
    if what not in ESTIMANDS:
        raise RequestError(Fault("--what", f'there is no "{what}"', choices(ESTIMANDS)))
    if what == "toplines" and outcome is not None:
        raise RequestError(Fault("--outcome", "toplines have questions, not outcomes"))
    if (what in OF_PAIRS) != (pair is not None):
        wanted = "two attributes, such as --pair cap reduction" if what in OF_PAIRS else "none"
        raise RequestError(Fault("--pair", f'does not fit "{what}"', wanted))


def _tested(figures: cj.Estimates, wave: cj.Wave, what: str, null: float | None) -> pd.DataFrame:
    """The figures as a frame, tested against `null`, means of an even choice against that without it."""
    if null is not None:
        return figures.with_null(null).frame
    frame = figures.frame
    for outcome in wave.survey.outcomes if what == "mm" else ():
        even = wave.survey.even_choice(outcome)
        rows = (frame["outcome"] == outcome).to_numpy()
        if even is not None and rows.any():
            frame.loc[rows, TESTED] = figures.with_null(even).frame.loc[rows, TESTED]
    return frame
