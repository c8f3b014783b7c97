"""``conjoint estimate``: figures as a tidy table."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, cast, get_args

import numpy as np
import typer
from rich.text import Text

import conjoint as cj
from conjoint.cli.shared import (
    DataFile,
    Folder,
    Previous,
    Raw,
    To,
    app,
    groups_by,
    notes,
    refuse_release,
    refuse_risky,
    say_synthetic,
    weighted,
    write_csv,
)
from conjoint.errors import Fault, RequestError, choices
from conjoint.folder import open_folder
from conjoint.toplines.cells import grid_means
from conjoint.toplines.withheld import find_withheld
from conjoint.typing import IntervalMethod, Variance
from conjoint.withhold.erase import without_bases, without_untold
from conjoint.withhold.mark import (
    blank,
    marked_by_base,
    not_carried,
    without_not_carried,
    without_withheld,
)
from conjoint.withhold.outward import outward
from conjoint.withhold.threshold import too_few

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

KEYS = ["outcome", "attribute", "group"]

TESTED_JOINTLY = ["statistic", "df_num", "df_denom", "p_value"]

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
    every: Annotated[
        bool,
        typer.Option(
            "--all",
            help="Every figure in full, including those on small bases: for people entitled to see them.",
        ),
    ] = False,
    to: To = None,
    raw: Raw = False,
    previous: Previous = None,
) -> None:
    """Estimate, and write one tidy CSV row a figure.

    Weighted to the survey's targets where it has some. A figure that cannot be estimated is empty, with
    the reason in `note`, and below the table. Figures on small bases, and those that would give them away, are
    empty and read "suppressed"; the others are rounded as in every file that may be published. Levels of the
    survey's grid are put together as in its reports, where a group is too small for each pair of them.

    Example: conjoint estimate surveys/routes_for_returns_2026 --what mm --by segments --to mm.csv
    """
    _check(what, pair, outcome, interval)
    if smallest is not None and (test or null is not None):
        what_else = "--test" if test else "--null"
        raise RequestError(Fault("--smallest", f"does not go with {what_else}", "one of them"))
    options: dict[str, Any] = {"variance": variance, "confidence": confidence}
    wave = weighted(open_folder(survey, data), unweighted=unweighted)
    refuse_release(previous, wave, survey, data)
    say_synthetic(wave.survey)
    groups = groups_by(wave, by)
    if what == "toplines":
        figures = cj.toplines(wave, groups, **options)
    elif what == "joint" and pair == wave.survey.report.grid and not every:
        merged = find_withheld(wave, tuple(groups) if isinstance(groups, list) else groups).merged
        figures = grid_means(wave, groups, merged, outcome=outcome, **options)
    elif pair is not None:
        figures = OF_PAIRS[what](wave, pair, by=groups, outcome=outcome, **options)
    else:
        figures = OF_LEVELS[what](wave, by=groups, outcome=outcome, **options)
    figures = figures.with_interval(cast("IntervalMethod", interval))
    if smallest is not None:
        frame = cj.equivalent(figures, smallest)
    else:
        frame = cj.omnibus(figures) if test else _tested(figures, wave, what, null)
    if not every:
        frame = _shown(wave, frame, figures, what, groups, test=test)
    if not raw:
        refuse_risky(frame.drop(columns="note", errors="ignore"))
    write_csv(frame, to, raw=raw)
    reasons = figures.reasons
    if test:
        noted = frame[frame["note"] != ""]
        reasons = [
            f'outcome "{row.outcome}", {row.attribute}: {row.note}.' for row in noted.itertuples()
        ]
    for reason in reasons:
        notes.print(Text(reason), soft_wrap=True)


def _check(what: str, pair: tuple[str, str] | None, outcome: str | None, interval: str) -> None:
    """Refuse what does not go together before any work."""
    if what not in ESTIMANDS:
        raise RequestError(Fault("--what", f'there is no "{what}"', choices(ESTIMANDS)))
    if what == "toplines" and outcome is not None:
        raise RequestError(Fault("--outcome", "toplines have questions, not outcomes"))
    if (what in OF_PAIRS) != (pair is not None):
        wanted = "two attributes, such as --pair cap reduction" if what in OF_PAIRS else "none"
        raise RequestError(Fault("--pair", f'does not fit "{what}"', wanted))
    if interval not in get_args(IntervalMethod):
        known = choices(get_args(IntervalMethod))
        raise RequestError(Fault("--interval", f'there is no "{interval}"', known))


def _shown(
    wave: cj.Wave,
    frame: pd.DataFrame,
    figures: cj.Estimates,
    what: str,
    by: str | list[str] | None,
    *,
    test: bool,
) -> pd.DataFrame:
    """The figures that may be published, rounded; the others blank."""
    withheld = find_withheld(wave, tuple(by) if isinstance(by, list) else by)
    thin = not_carried(figures.labels, figures.n_carrying, wave.survey)
    if test:
        gone = too_few(frame["n_respondents"], wave.survey.thresholds)
        few = figures.labels.loc[thin, ["outcome", "attribute", "level", "group"]]
        told = withheld.cells | withheld.thin | set(few.itertuples(index=False, name=None))
        names = [name for name in KEYS if name in frame]
        if "group" in names:
            gone |= frame["group"].isin(withheld.segments).to_numpy()
        else:  # of several groups at once
            gone |= bool(withheld.segments)
        hidden = {(own[0], own[1], own[3])[: len(names)] for own in told}
        keys = frame[names].itertuples(index=False, name=None)
        gone |= np.array([key in hidden for key in keys], dtype=bool)
        numbers = [name for name in TESTED_JOINTLY if name in frame]
        frame = blank(frame, gone, numbers).assign(reading=np.where(gone, "suppressed", "safe"))
    else:
        frame = without_withheld(what, marked_by_base(wave.survey, frame), withheld)
        frame = without_not_carried(frame, thin, wave.survey)
    return without_untold(outward(what, without_bases(frame, withheld.segments)))


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
