"""``conjoint scenario``: support for a package of levels, as a table."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import pandas as pd
import typer
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from conjoint.cli.shared import (
    DataFile,
    Folder,
    Previous,
    app,
    groups_by,
    notes,
    refuse_release,
    say_synthetic,
    terminal,
    weighted,
    write_csv,
)
from conjoint.errors import Fault, RequestError
from conjoint.folder import open_folder
from conjoint.say.label import group_label, is_share
from conjoint.say.measure import SHARE, Measure, measure_of
from conjoint.say.number import base, between, exact, p_value, percent_exactly
from conjoint.say.words import ABSENT, SUPPRESSED, base_notes, sentence_case
from conjoint.scenario import support
from conjoint.scenario.model import LINEAR, LOGIT
from conjoint.scenario.scene import TESTED_AT
from conjoint.survey import INTERLOCK
from conjoint.toplines.withheld import find_withheld
from conjoint.wave import answer_in_words, shares_of
from conjoint.withhold.erase import without_bases, without_untold
from conjoint.withhold.mark import not_carried, reason_of_thin
from conjoint.withhold.outward import outward
from conjoint.withhold.threshold import reading_of, too_few

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from conjoint.scenario import Scene
    from conjoint.survey import Survey
    from conjoint.wave import Wave

__all__ = ["scenario"]

CsvFile = Annotated[
    Path | None, typer.Option("--to", metavar="FILE.csv", help="Also write it as CSV.")
]

HIDDEN = ["estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high", "additivity_p"]
SHOWN = ["shown_estimate", "shown_low", "shown_high", "gap_p"]
"""Figures of a group that are blank where its base is small."""

SHOWN_TO = ["shown_profiles", "shown_respondents"]
"""How much of what a group saw was the package."""

LEAST = 2
"""People who have to have seen a package for it to have a raw mean."""


OPTIONS = {"package": "--set", "against": "--versus", "interactions": "--interact", "by": "--by"}
"""What an argument of `support` is called here."""


@app.command()
def scenario(
    survey: Folder,
    levels: Annotated[
        list[str],
        typer.Option(
            "--set",
            metavar="ATTRIBUTE=LEVEL",
            help="A level; once for each attribute. ATTRIBUTE= with nothing behind: not shown.",
        ),
    ],
    data: DataFile = None,
    versus: Annotated[
        list[str] | None,
        typer.Option(
            "--versus", metavar="ATTRIBUTE=LEVEL", help="Head to head: what the opponent has else."
        ),
    ] = None,
    status_quo: Annotated[
        bool,
        typer.Option("--status-quo", help="Over the status quo, where people could choose it."),
    ] = False,
    by: Annotated[
        str | None, typer.Option(help='"segments", a segment or a respondent column.')
    ] = None,
    outcome: Annotated[str | None, typer.Option(help="One outcome; all without it.")] = None,
    interact: Annotated[
        list[str] | None,
        typer.Option("--interact", metavar="A,B", help="Let two attributes interact in the model."),
    ] = None,
    confidence: Annotated[float, typer.Option(help="Coverage of the intervals.")] = 0.95,
    unweighted: Annotated[
        bool, typer.Option("--unweighted", help="Leave the targets out.")
    ] = False,
    to: CsvFile = None,
    previous: Previous = None,
) -> None:
    """Say how many would support a package, all else averaged over what was shown.

    Of an outcome such as support, oppose or don't know, how many give each answer. Weighted to the
    survey's targets where it has some. An attribute that is not always shown counts as it stood beside
    the levels set, shown or not, unless it is set itself.

    Example: conjoint scenario surveys/routes_for_returns_2026 --set cap=20000 --set reduction=90%
    --versus cap=40000 --by segments
    """
    if to is not None and to.suffix != ".csv":
        raise RequestError(Fault("--to", f'"{to.name}" has no known ending', ".csv"))
    if versus and status_quo:
        raise RequestError(Fault("--status-quo", "given together with --versus", "one of the two"))
    package = _levels("--set", levels)
    opponent = _levels("--versus", versus) if versus else None
    if opponent is not None and (package | opponent) == package:
        raise RequestError(
            Fault(
                "--versus",
                "the opponent is the package itself",
                "a level that differs from --set",
                "Name what the other package has else; against itself it is one half.",
            )
        )
    wave = weighted(open_folder(survey, data), unweighted=unweighted)
    refuse_release(previous, wave, survey, data)
    options: dict[str, Any] = {
        "outcome": outcome,
        "interactions": [pair.split(",") for pair in interact or ()],
        "against": "status quo" if status_quo else opponent,
        "confidence": confidence,
    }
    parts = [_support(wave, package, None, **options)]
    if by is not None:
        parts.append(_support(wave, package, groups_by(wave, by), **options))
    groups = groups_by(wave, by)
    frame = _withheld(
        wave, pd.concat([_frame(wave, part) for part in parts], ignore_index=True), groups, package
    )
    _print(wave.by_answer().survey, frame, package, opponent, confidence)
    for warning in _said(frame, parts):
        notes.print(Text(warning), soft_wrap=True)
    if to is not None:
        write_csv(_without_counts(outward("scenario", frame)), to)
    say_synthetic(wave.survey)


def _support(
    wave: Wave, package: Mapping[str, str | None], by: str | list[str] | None, **options: Any
) -> Scene:
    try:
        return support(wave, package, by, **options)
    except RequestError as error:
        named = [
            replace(fault, where=OPTIONS.get(fault.where, fault.where)) for fault in error.faults
        ]
        raise RequestError(*named) from error


def _levels(option: str, given: Sequence[str]) -> dict[str, str | None]:
    """Levels by attribute; None where nothing stands behind the sign: it is not shown."""
    levels: dict[str, str | None] = {}
    faults = []
    for text in given:
        name, sign, level = (part.strip() for part in text.partition("="))
        if not (sign and name):
            faults.append(Fault(option, f'"{text}" is no level', "ATTRIBUTE=LEVEL, as cap=20000"))
        elif name in levels:
            faults.append(Fault(option, f'"{name}" stands twice', "each attribute once"))
        levels[name] = level or None
    if faults:
        raise RequestError(*faults)
    return levels


def _frame(wave: Wave, scene: Scene) -> pd.DataFrame:
    """A scene's frame; the base is that of the group, whatever share of it answered."""
    limits, frame = wave.survey.thresholds, scene.frame
    reading = reading_of(frame["n_respondents"], limits, frame["n_effective"])
    shown = frame["shown_respondents"]
    frame.loc[(shown > 0) & too_few(shown, limits), SHOWN] = float("nan")
    thin = not_carried(scene.figures.labels, scene.figures.n_carrying, wave.survey)
    return frame.assign(reading=reading, thin=thin)


def _withheld(
    wave: Wave,
    frame: pd.DataFrame,
    by: str | list[str] | None,
    package: Mapping[str, str | None],
) -> pd.DataFrame:
    """Blank the figures of groups that are too small, and raw means of a pair of levels that is not shown."""
    withheld = find_withheld(wave, tuple(by) if isinstance(by, list) else by)
    answers = wave.by_answer().survey
    pair = {name: level for name, level in package.items() if level is not None}
    grid = wave.survey.report.grid
    if grid and set(pair) == set(grid):
        key = INTERLOCK.join(grid), INTERLOCK.join(pair[name] for name in grid)
        # The other answers to a question tell its own.
        cells = {(outcome, group) for outcome, *cell, group in withheld.cells if (*cell,) == key}
        gone = [
            any(name in (own, *shares_of(answers, own)) and group == of for own, of in cells)
            for name, group in zip(frame["outcome"], frame["group"], strict=True)
        ]
        frame.loc[gone, SHOWN] = float("nan")
    frame.loc[frame["group"].isin(withheld.segments), "reading"] = "suppressed"
    thin = {(outcome, group) for outcome, _, _, group in withheld.thin}
    keys = zip(frame["outcome"], frame["group"], strict=True)
    carried = pd.Series([key not in thin for key in keys], index=frame.index, dtype=bool)
    carried &= ~frame.pop("thin")
    frame.loc[~carried, "reading"] = "suppressed"
    hidden = frame["reading"] == "suppressed"
    frame.loc[hidden, HIDDEN + SHOWN] = float("nan")
    frame.loc[hidden, "note"] = ""
    frame.loc[~carried, "note"] = reason_of_thin(wave.survey)
    return without_bases(frame, withheld.segments).assign(synthetic=wave.survey.synthetic)


def _without_counts(frame: pd.DataFrame) -> pd.DataFrame:
    """Leave out how many people hidden groups have, and how many of them saw the package."""
    hidden = frame["reading"] == "suppressed"
    counts = {name: frame[name].astype("Int64").mask(hidden) for name in SHOWN_TO}
    return without_untold(frame.assign(**counts))


def _said(frame: pd.DataFrame, parts: Sequence[Scene]) -> list[str]:
    """Warnings, but of groups that are not shown."""
    hidden = set(frame.loc[frame["reading"] == "suppressed", "group"])
    warnings = [warning for part in parts for warning in part.warnings]
    return [
        warning
        for warning in dict.fromkeys(warnings)
        if not any(warning.startswith((f"{group}:", f"{group},")) for group in hidden)
    ]


def _print(
    survey: Survey,
    frame: pd.DataFrame,
    package: Mapping[str, str | None],
    opponent: Mapping[str, str | None] | None,
    confidence: float,
) -> None:
    console = terminal()
    console.print(Text(survey.title))
    console.print(Text(_words(survey, package), "bold"))
    if opponent is not None:
        console.print(Text(f"against the same with {_words(survey, opponent)}"))
    sometimes = any(
        not own.is_always for name, own in survey.attributes.items() if name not in package
    )
    stood = ", those not always shown as they stood beside these" if sometimes else ""
    console.print(Text(f"All other attributes averaged over the design{stood}."), soft_wrap=True)
    printed: set[str] = set()
    for outcome in dict.fromkeys(frame["outcome"]):
        if outcome in printed:
            continue
        told = shares_of(survey, outcome)
        printed |= {*told}
        own = survey.outcomes[outcome]
        console.print(Text(f"\n{own.label or outcome}", "bold"))
        console.print(_table(survey, frame, told, confidence))
        for line in (*_marks(survey, frame, told), _made_by(survey, frame, told)):
            console.print(Text(line))
        for line in _gaps(survey, frame, told):
            console.print(Text(line))


def _marks(survey: Survey, frame: pd.DataFrame, told: Sequence[str]) -> Iterator[str]:
    """Why figures of a table are not shown. Which of two groups is too small would tell of its base."""
    hidden = frame[frame["outcome"].isin(told) & (frame["reading"] == "suppressed")]
    thin = hidden["note"] != ""
    if not thin.all():
        yield from base_notes(["suppressed"], survey.thresholds)
    if thin.any():
        yield f"{ABSENT} {sentence_case(reason_of_thin(survey))}."


def _made_by(survey: Survey, frame: pd.DataFrame, told: Sequence[str]) -> str:
    """Which model made the figures of a table."""
    there = frame[frame["outcome"].isin(told) & frame["estimate"].notna()]
    curved = there[there["model"] == LOGIT]
    if curved.empty:
        return f"Model: {LINEAR}." if len(there) else ""
    low, high = survey.outcomes[told[0]].ends
    scale = "0 to 100%" if is_share(survey, told[0]) else between(exact(low), exact(high))
    why = f"a linear one would leave {scale} for some packages"
    if len(curved) == len(there):
        return f"Model: {LOGIT}; {why}."
    which = []
    for group, own in curved.groupby("group", sort=False):
        answers = [answer_in_words(survey.outcomes[name]) for name in own["outcome"].unique()]
        name = group_label(survey, str(group))
        which.append(f"{name} ({', '.join(answers)})" if len(told) > 1 else name)
    return f"Model: {LOGIT} for {', '.join(which)}: {why}. Otherwise {LINEAR}."


def _gaps(survey: Survey, frame: pd.DataFrame, told: Sequence[str]) -> Iterator[str]:
    """Where a model disagrees with the raw mean of the profiles that showed the package."""
    measure = _measure(survey, told[0])
    apart = frame[frame["outcome"].isin(told) & (frame["gap_p"] < TESTED_AT)]
    for row in apart.to_dict("records"):
        name = group_label(survey, str(row["group"]))
        if len(told) > 1:
            name = f"{name}, {answer_in_words(survey.outcomes[row['outcome']])}"
        yield (
            f"{name}: the {row['model']} model gives {measure.say(row['estimate'])}, the profiles shown "
            f"{measure.say(row['shown_estimate'])} (test of no gap: {p_value(row['gap_p'], 'p')})."
        )


def _table(survey: Survey, frame: pd.DataFrame, told: Sequence[str], confidence: float) -> Table:
    """A row a group; where there are several answers, one below it for each."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in (
        "Group",
        "%" if is_share(survey, told[0]) else "Mean",
        f"{percent_exactly(confidence)} interval",
        "Base",
        "Adds up?",
        "As shown",
    ):
        table.add_column(heading, justify="left" if heading == "Group" else "right")
    table.add_column("")
    # A value of a respondent column may be called as everybody is.
    keys = list(zip(frame["group"], frame.groupby(["outcome", "group"]).cumcount(), strict=True))
    for key in dict.fromkeys(keys):
        own = frame[[other == key for other in keys]].set_index("outcome").to_dict("index")
        for cells in _rows(survey, {outcome: own[outcome] for outcome in told}):
            table.add_row(*cells)
    return table


def _rows(survey: Survey, told: Mapping[str, Mapping[Any, Any]]) -> Iterator[list[Any]]:
    """A group's rows of the table, from what is told of it by outcome."""
    first = next(iter(told.values()))
    group, reading = str(first["group"]), first["reading"]
    people = base(first["n_respondents"]) if first["n_respondents"] else ""
    name = Text(group_label(survey, group))
    flag = "caution" if reading == "caution" else ""
    if reading == "suppressed":
        yield [name, "", "not shown", people, "", "", ABSENT if first["note"] else SUPPRESSED]
    elif len(told) == 1:
        share, held, *rest = _figures(first, _measure(survey, next(iter(told))))
        yield [name, share, held, people, *rest, flag]
    else:
        yield [name, "", "", people, "", "", flag]
        for outcome, row in told.items():
            share, held, *rest = _figures(row)
            answer = Text(answer_in_words(survey.outcomes[outcome]))
            yield [Padding(answer, (0, 0, 0, 2)), share, held, "", *rest, ""]


FINE = replace(SHARE, decimals=1)


def _measure(survey: Survey, outcome: str) -> Measure:
    """How figures are written: with one decimal."""
    return replace(measure_of(survey, outcome), decimals=1)


def _figures(row: Mapping[Any, Any], measure: Measure = FINE) -> list[str]:
    """What a row says but for its base: figure, interval, test, and what was shown."""
    if pd.isna(row["estimate"]):
        return ["", "not available", "", ""]
    p = row["additivity_p"]
    return [
        measure.bare(row["estimate"]),
        measure.bare_interval(row["conf_low"], row["conf_high"]),
        "" if pd.isna(p) else p_value(p, "p"),
        _raw(row, measure),
    ]


def _raw(row: Mapping[Any, Any], measure: Measure) -> str:
    """The raw mean of the profiles that showed the package, and how many people saw them."""
    if row["extrapolated"]:
        return f"under {LEAST}"
    if pd.isna(row["shown_estimate"]):
        return ""
    return f"{measure.bare(row['shown_estimate'])} ({base(row['shown_respondents'])})"


def _words(survey: Survey, package: Mapping[str, str | None]) -> str:
    """A package with its labels, where it knows them."""
    return "; ".join(
        f"{survey.attribute_label(name)}: "
        + ("not shown" if level is None else survey.level(name, level).shown)
        for name, level in package.items()
    )
