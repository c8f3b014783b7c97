"""``conjoint new``: a survey folder proposed for an export."""

from __future__ import annotations

import select
import sys
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import ValidationError
from rich.table import Table
from rich.text import Text

from conjoint.cli.shared import app, notes, terminal
from conjoint.errors import Fault, RequestError, choices
from conjoint.propose import (
    Guess,
    check_folder,
    propose,
    propose_targets,
    put_together,
    write_survey,
)
from conjoint.propose.toml import value_text
from conjoint.read.file import check_library, companions, read_responses
from conjoint.read.join import read_joined
from conjoint.read.questionnaire import read_questionnaire, with_questionnaire
from conjoint.say.number import counted
from conjoint.survey import TARGETS, Data

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conjoint.propose import Decision, Proposal, ProposedTargets
    from conjoint.read.responses import Responses

__all__ = ["new"]

QUIET = 2.0
"""Seconds before anything says that work is under way."""

READING = ("encoding", "delimiter", "decimal", "sheet", "member", "object", "values")
"""Keys of [data] that say how a file is read."""


Export = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        help="What the survey platform exported or an archive published: CSV, Excel, OpenDocument, SPSS, "
        "Stata, R, Parquet or Triple-S, also as .gz or .zip.",
    ),
]
NewFolder = Annotated[Path, typer.Argument(metavar="FOLDER", help="The survey folder to make.")]


@app.command()
def new(
    file: Export,
    folder: NewFolder,
    interactive: Annotated[
        bool, typer.Option("--interactive", help="Ask what a person has to decide.")
    ] = False,
    no_copy: Annotated[
        bool,
        typer.Option(
            "--no-copy",
            help="Leave all files where they lie: name FILE with --data; others are found beside it.",
        ),
    ] = False,
    respondents: Annotated[
        Path | None,
        typer.Option(
            "--respondents",
            metavar="FILE",
            help="A file with one row per respondent (background, weights), joined by id.",
        ),
    ] = None,
    design: Annotated[
        Path | None,
        typer.Option(
            "--design",
            metavar="FILE",
            help="A file of the profiles shown, joined by the version each respondent saw.",
        ),
    ] = None,
    targets: Annotated[
        Path | None,
        typer.Option(
            "--targets",
            metavar="TABLE",
            help="Also write targets.csv, from a statistics office's table of the population "
            "(CSV or Excel).",
        ),
    ] = None,
    joint: Annotated[
        bool,
        typer.Option(
            "--joint", help="Of that table take the cells of all columns, not the margins."
        ),
    ] = False,
    reading: Annotated[
        list[str] | None,
        typer.Option(
            "--read",
            metavar="KEY=VALUE",
            help=f"How the file is read: {', '.join(READING)}; of the other files as "
            "respondents.KEY, design.KEY.",
        ),
    ] = None,
    questionnaire: Annotated[
        Path | None,
        typer.Option(
            "--questionnaire",
            metavar="QSF",
            help="The Qualtrics survey file (.qsf): wordings, answers and codes.",
        ),
    ] = None,
) -> None:
    """Look at an export, and write a commented survey.toml for it.

    Every line says how sure it is, and why. What only a person can decide, such as what the codes
    of a choice mean, is marked DECIDE; `conjoint check` stops until what it needs is decided.
    Nothing is overwritten.

    Example: conjoint new export.csv surveys/spring_wave --interactive
    """
    joined = [path for path in (respondents, design) if path is not None]
    for path in (file, *joined):
        if not path.exists():
            what, expected = "there is no such file", "what the survey platform exported"
            raise RequestError(Fault(str(path), what, expected, "Give its path."))
        check_library(path)
    _check_names(file, joined)
    given = _reading(reading or [])
    for own in (None,) if no_copy else (file, *joined):
        check_folder(folder, own)
    data = _data(given)
    with _busy(f"Reading {file.name}"):
        responses = read_responses(file, data)
        if questionnaire is not None:
            responses = with_questionnaire(responses, read_questionnaire(questionnaire))
        parts = {"respondents": respondents, "design": design}
        others = [
            None if path is None else read_joined(path, _data(given, part))
            for part, path in parts.items()
        ]
        together = put_together(responses, *others)
    responses = together.responses
    population = None if targets is None else _population(targets, responses, folder, joint=joint)
    with _busy(f"Looking at {len(responses.cells.columns):,} columns"):
        proposal = propose(responses, data.decimal if "decimal" in given else "")
    proposal = together.complete(proposal)
    proposal = replace(proposal, guesses=_after_file(proposal, given))
    if interactive:
        proposal = _ask(proposal)
    beside: dict[str, bytes | Path] = {
        own.name: own
        for path in ([] if no_copy else joined)
        for own in (path, *companions(path))
        if not (folder / own.name).exists()
    }
    if population is not None:
        beside[TARGETS] = population.csv.encode("utf-8")
    target = write_survey(proposal, folder, copy=not no_copy, beside=beside)
    terminal(None).print(_table(proposal))
    if no_copy:
        _say_beside(file, joined)
    for note in (*proposal.notes, *(population.notes if population else ())):
        notes.print(note)
    _say_decisions(proposal)
    needs = " --data FILE" if no_copy else ""
    typer.echo(f"{target} is written. Next: conjoint check {folder}{needs}")


def _say_beside(file: Path, joined: list[Path]) -> None:
    """Say where files that are not copied have to lie."""
    apart = [path for path in joined if path.resolve().parent != file.resolve().parent]
    if apart:
        verb = "lies" if len(apart) == 1 else "lie"
        notes.print(
            f"{choices(map(str, apart))} {verb} apart from {file.name}: put what is not copied into the "
            "survey folder, or beside the file that --data names."
        )


def _population(table: Path, responses: Responses, folder: Path, *, joint: bool) -> ProposedTargets:
    """The targets that a table gives; nothing that is there is overwritten."""
    if (folder / TARGETS).exists():
        what, do = "is already there", "Nothing is overwritten: move it away."
        raise RequestError(Fault(str(folder / TARGETS), what, "a folder without one", do))
    return propose_targets(table, responses, joint=joint)


def _check_names(file: Path, joined: list[Path]) -> None:
    """See that files of one folder have different names."""
    names = {file.name: file}
    for path in joined:
        other = names.setdefault(path.name, path)
        if other is not path and not (other.exists() and other.samefile(path)):
            what = f"has the name of another file ({other})"
            raise RequestError(Fault(str(path), what, "a name of its own", "Rename one of them."))


def _reading(pairs: list[str]) -> dict[str, str]:
    given = {}
    for pair in pairs:
        key, mark, value = pair.partition("=")
        if key.removeprefix("respondents.").removeprefix("design.") not in READING or not mark:
            raise RequestError(
                Fault("--read", f'"{pair}" is not understood', f"KEY=VALUE of {choices(READING)}")
            )
        given[key] = value
    return given


def _data(given: dict[str, str], part: str = "") -> Data:
    """How the export is read, or a file that belongs to it; where what stands is not known yet."""
    own = {"decimal": given.get("decimal", ".")} if part else {}
    for name, value in given.items():
        of, _, key = name.rpartition(".")
        own |= {key: value} if of == part else {}
    try:
        return Data.model_validate({"layout": "long", "respondent": "", **own})
    except ValidationError as error:
        faults = [
            Fault(f"--read {'.'.join(filter(None, [part, *map(str, found['loc'])]))}", found["msg"])
            for found in error.errors()
        ]
        raise RequestError(*faults) from error


def _after_file(proposal: Proposal, given: dict[str, str]) -> dict[tuple[str, ...], Guess]:
    """The guesses, with what was given right after each file's name."""
    guesses: dict[tuple[str, ...], Guess] = {}
    for key, guess in proposal.guesses.items():
        guesses[key] = guess
        for name, value in given.items() if key[-1] == "file" else ():
            part, _, own = name.rpartition(".")
            if (part or "data") == key[0]:
                guesses[key[0], own] = Guess(value, "sure", "given")
    return guesses


@contextmanager
def _busy(words: str) -> Iterator[None]:
    """Say what is under way, once it takes long."""
    status = notes.status(Text(words))

    def begin() -> None:
        if notes.is_terminal:
            status.start()
        else:
            notes.print(words)

    timer = Timer(QUIET, begin)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        status.stop()


def _table(proposal: Proposal) -> Table:
    """What is proposed, how sure it is, and why."""
    table = Table(box=None, pad_edge=False)
    for title in ("Key", "Proposed", "Sure?", "Because"):
        table.add_column(title, overflow="fold")
    questions = {key[1] for key in proposal.guesses if key[0] == "questions"}
    shade = {"sure": "", "likely": "yellow", "guess": "bold yellow"}
    for key, guess in proposal.guesses.items():
        if key[0] == "questions":
            continue
        value = guess.value
        if key[-1] == "levels":
            value = [level["value"] if isinstance(level, dict) else level for level in value]
        shown = value_text(value)
        shown = shown if len(shown) <= 60 else shown[:57] + "..."
        table.add_row(
            Text(".".join(key)),
            Text(shown),
            Text(guess.sureness, shade[guess.sureness]),
            Text(guess.evidence),
        )
    if questions:
        count = counted(len(questions), "question")
        table.add_row("questions", count, "", Text("see survey.toml"))
    return table


def _say_decisions(proposal: Proposal) -> None:
    """What is left to a person: in full what stops the check, the rest counted."""
    stops = [decision for decision in proposal.decisions if decision.stops]
    others = sum(decision.waits for decision in proposal.decisions) - len(stops)
    for decision in stops:
        notes.print(f"DECIDE {'.'.join(decision.key)}: {decision.question}")
        for option in decision.options:
            why = f" ({option.evidence})" if option.evidence else ""
            notes.print(f"  - {option.text}{why}")
    if stops:
        count = len(stops)
        notes.print(
            f"conjoint check stops until {'this is' if count == 1 else f'these {count} are'} decided.",
            style="bold",
        )
    if others:
        notes.print(
            f"{counted(others, 'more line')} marked DECIDE "
            f"{'have' if others > 1 else 'has'} a default that will do until you say otherwise."
        )


# --- Asking -----------------------------------------------------------------------------------


def _ask(proposal: Proposal) -> Proposal:
    """Ask for every decision in turn; without anybody to answer, they stay as they are."""
    if not _somebody_answers():
        notes.print("Nobody is there to answer: what is to decide stays marked in survey.toml.")
        return proposal
    decisions = [decision for decision in proposal.decisions if decision.options]
    for place, decision in enumerate(decisions):
        notes.print(f"\n{place + 1} of {len(decisions)}. {decision.question}")
        for number, option in enumerate(decision.options, start=1):
            why = f" ({option.evidence})" if option.evidence else ""
            notes.print(f"  {number}. {option.text}{why}")
        try:
            answer = _answer(decision)
        except typer.Abort:
            if sys.stdin is not None and sys.stdin.isatty():
                raise KeyboardInterrupt from None
            notes.print("\nThe answers end here: what is left stays marked in survey.toml.")
            return proposal
        if answer is not None:
            proposal = proposal.decide(decision, answer)
    return proposal


def _somebody_answers() -> bool:
    """Whether answers can be read: a terminal, or a file or pipe that holds some."""
    if sys.stdin is None or sys.stdin.closed:
        return False
    if sys.stdin.isatty():
        return True
    try:
        ready, _, _ = select.select([sys.stdin.fileno()], [], [], 1.0)
    except (OSError, ValueError):  # no such place to wait on: tests, other systems
        return True
    return bool(ready)


def _answer(decision: Decision) -> int | list[int] | None:
    """One answer that fits; none where the question is left for later."""
    count = len(decision.options)
    if decision.kind == "order":
        words, default = "The numbers in order (Enter: as they stand)", "as they stand"
    elif decision.stops:
        words, default = f"1 to {count} (Enter: leave it open)", "open"
    else:
        words, default = f"1 to {count}", str((decision.default or 0) + 1)
    while True:
        said = typer.prompt(words, default=default, err=True, show_default=not decision.stops)
        text = str(said).strip()
        if text == default and decision.kind == "order":
            return list(range(count))
        if text == default and decision.stops:
            return None
        numbers = [int(part) - 1 for part in text.replace(",", " ").split() if part.isdecimal()]
        if decision.kind == "order" and sorted(numbers) == list(range(count)):
            return numbers
        if decision.kind == "option" and len(numbers) == 1 and 0 <= numbers[0] < count:
            return numbers[0]
        wanted = f"every number from 1 to {count} once" if decision.kind == "order" else words
        notes.print(f"That is no answer: {wanted}.")
