"""``conjoint weight``: weights, and what they cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, cast, get_args

import typer
from rich.table import Table

import conjoint as cj
from conjoint.cli.shared import (
    DataFile,
    Folder,
    Raw,
    To,
    app,
    notes,
    refuse_risky,
    say_synthetic,
    terminal,
    write_csv,
)
from conjoint.errors import Fault, RequestError
from conjoint.folder import open_folder
from conjoint.output import write_file
from conjoint.read import data_path
from conjoint.read.file import READABLE
from conjoint.read.packed import PACKED, unpacked
from conjoint.read.spss import stored_as
from conjoint.say.number import base, between, counted, numeral, percent
from conjoint.typing import Distance
from conjoint.weight import people_without_answer, target_warnings
from conjoint.weight.file import weights_file

if TYPE_CHECKING:
    from pathlib import Path

    from conjoint.read.spss import Stored
    from conjoint.wave import Wave

__all__ = ["weight"]


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
    raw: Raw = False,
) -> None:
    """Weight a survey to its targets: the diagnostics, and with --to one weight a respondent.

    --to writes CSV, or for SPSS and Stata what its name ends in: .sav or .dta. There the ids have the
    name and type that they have in the data, so that the weights are joined to it by them.

    Example: conjoint weight surveys/routes_for_returns_2026 --trim-above 4 --to weights.csv
    """
    program = _program(to)
    if (lower is None) != (upper is None):
        missing = "--lower" if lower is None else "--upper"
        raise RequestError(Fault(missing, "is missing", "both bounds or neither"))
    bounds = None if lower is None or upper is None else (lower, upper)
    read = open_folder(survey, data)
    wave = cj.calibrate(read, distance=cast("Distance", distance), bounds=bounds)
    if trim_below is not None or trim_above is not None:
        wave = cj.trim(wave, lower=trim_below, upper=trim_above)
    weights = wave.respondents[["respondent"]].assign(weight=wave.weights)
    if to is not None and not raw and not program:
        refuse_risky(weights)
    say_synthetic(wave.survey)
    table = Table(
        "Margin", "Category", "Target", "Unweighted", "Weighted", box=None, pad_edge=False
    )
    for row in cj.weighting_table(wave).to_dict("records"):
        figures = (row[key] for key in ("target", "unweighted", "weighted"))
        shown = (numeral(x, 2) if row["unit"] == "mean" else percent(x, 1) for x in figures)
        table.add_row(row["margin"], row["category"], *shown)
    terminal(None).print(table)
    cost = cj.efficiency(wave.weights)
    typer.echo(
        f"Efficiency {percent(cost.efficiency, 1)}: {counted(cost.n, 'respondent')} are worth "
        f"{base(cost.effective)} (design effect {numeral(cost.design_effect, 2)}). "
        f"Weights from {between(numeral(cost.smallest, 2), numeral(cost.largest, 2))}."
    )
    made = wave.calibration
    if made is not None and made.limits is not None:
        typer.echo(
            f"Trimmed: {percent(made.trimmed, 1)} of the respondents are held at a limit. "
            f"Before, the design effect was {numeral(made.design_effect_before, 2)}."
        )
    for margin, n, share in people_without_answer(wave):
        typer.echo(
            f"{margin}: {counted(n, 'respondent')} without an answer {'keeps' if n == 1 else 'keep'} their {percent(share, 1)} of the weight; "
            "the figures above are of the others."
        )
    for note in target_warnings(read):
        typer.echo(f"Look at {note}")
    if to is not None and program:
        write_file(to, _for_program(wave, survey, data, program))
        notes.print(f"{to}: {counted(len(weights), 'row')}", soft_wrap=True)
    elif to is not None:
        write_csv(weights, to, raw=raw)


def _program(to: Path | None) -> Literal["", "sav", "dta"]:
    """The program whose file is to be written; none for CSV."""
    ending = "" if to is None else to.suffix.lower()
    match ending:
        case ".sav":
            return "sav"
        case ".dta":
            return "dta"
        case _ if ending in READABLE and ending not in (".csv", ".txt"):
            what, expected = f'weights are not written as "{ending}"', ".csv, .sav or .dta"
            raise RequestError(Fault("--to", what, expected, "Name another file."))
        case _:
            return ""


def _for_program(
    wave: Wave, survey: Path, data: Path | None, program: Literal["sav", "dta"]
) -> bytes:
    """The weights for SPSS or Stata, with ids as the file of responses has them."""
    name = wave.survey.data.respondent if wave.survey.data else "respondent"
    path = data_path(wave.survey, survey, data)
    stored = _stored(path, name)
    if stored is None:
        return weights_file(wave, program, name=name)
    same = (program == "dta") == stored.is_stata
    return weights_file(
        wave,
        program,
        name=name,
        kind=stored.kind,
        shown=stored.shown if same else "",
        width=stored.width,
        label=stored.label,
    )


def _stored(path: Path, name: str) -> Stored | None:
    """How the file of responses stores its ids, where it is one of SPSS or Stata, packed or not."""
    if path.suffix.lower() in PACKED:
        with unpacked(path, [ending for ending in READABLE if ending not in PACKED]) as (inner, _):
            return _stored(inner, name)
    return stored_as(path, name) if path.suffix.lower() in (".sav", ".zsav", ".dta") else None
