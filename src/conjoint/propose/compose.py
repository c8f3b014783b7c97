"""Look at an export, and propose what survey.toml says of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

import numpy as np

from conjoint.errors import DataError, Fault
from conjoint.propose.column import decimal_comma, look
from conjoint.propose.design import find_wide
from conjoint.propose.draft import Draft, quoted
from conjoint.propose.from_long import propose_long
from conjoint.propose.from_tasks import find_tasks, propose_tasks
from conjoint.propose.from_wide import propose_wide
from conjoint.propose.long import find_long
from conjoint.propose.model import Guess
from conjoint.propose.value import MARKERS
from conjoint.propose.words import names_outcome
from conjoint.read.qualtrics import service_columns, test_rows
from conjoint.say.number import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.propose.column import Column
    from conjoint.propose.long import Long
    from conjoint.propose.model import Proposal
    from conjoint.read.responses import Responses

__all__ = ["propose"]


def propose(responses: Responses, decimal: Literal["", ".", ","] = "") -> Proposal:
    """Propose a survey.toml for a file of responses.

    Nothing is decided that the file cannot say: which of two readings of a choice is meant,
    whether weights are to start from, which spelling is right are left to a person, as the
    proposal's `decisions`.

    Parameters
    ----------
    responses
        The file, as :func:`conjoint.read.read_responses` reads it.
    decimal
        What marks decimals in its cells of text; found out without.

    Returns
    -------
    Proposal
        Each value with how sure it is and why; write it with :func:`write_survey`.

    Raises
    ------
    DataError
        No columns look like a conjoint: tasks and profiles with attributes that vary.

    Examples
    --------
    >>> from pathlib import Path
    >>> from conjoint.read.file import read_responses
    >>> from conjoint.survey import Data
    >>> file = Path("surveys/routes_for_returns_2026/responses.csv")
    >>> proposal = propose(read_responses(file, Data(layout="long", respondent="")))
    >>> proposal.guesses["data", "attribute"].value
    't{task}_{profile}_{attribute}'
    """
    commas = decimal_comma(responses) if not decimal else None
    service = service_columns(responses)
    every = look(responses, comma=decimal == "," or commas is not None)
    draft = Draft(responses.path)
    columns = [own.as_labelled_scale() for own in every if own.name not in service]
    columns = _emptied(draft, columns)
    title = responses.path.stem.replace("_", " ").strip() or "Survey"
    draft.say(("title",), title, "guess", "the file's name: write the survey's own")
    draft.say(("data", "file"), responses.path.name, "sure")
    if commas is not None:
        said = f"{commas[0]} holds numbers such as {quoted(commas[1])}"
        draft.say(("data", "decimal"), ",", "likely", said)
    wide = find_wide(columns)
    answered = wide is not None and bool(wide.choices or wide.outcomes)
    told = answered and wide is not None and bool(wide.profiles)
    long = None if told else find_long(columns)
    tasks = None if told or _is_chosen(long) else find_tasks(columns)
    if tasks is not None and long is not None and long.chosen:
        # Levels of a fixed design may fall as if one row of several were chosen.
        held = all(column.name in tasks.columns for column in long.chosen)
        tasks = tasks if held and (tasks.choices or tasks.outcomes) else None
    if tasks is not None:
        propose_tasks(draft, tasks, columns)
    elif wide is not None and (long is None or answered):
        propose_wide(draft, wide, columns)
    elif long is not None:
        propose_long(draft, long)
    else:
        raise DataError(_nothing(responses, columns))
    _say_labelled(draft, columns)
    _leave_out_tests(draft, responses)
    for name, (label, members) in responses.sets.items():
        shown = f" ({quoted(label)})" if label else ""
        draft.notes.append(
            f"{name}{shown} is one question of several answers: {', '.join(members)}."
        )
    draft.notes.extend(responses.notes)
    return draft.done()


def _is_chosen(long: Long | None) -> bool:
    """Whether one row of each task is chosen, by a column whose name says it."""
    return long is not None and any(names_outcome(column.name) for column in long.chosen)


def _emptied(draft: Draft, columns: list[Column]) -> list[Column]:
    """Columns without the texts that a program wrote for an empty cell: NA among numbers."""
    found: dict[str, str] = {}
    for column in columns:
        for text in MARKERS.intersection(column.categories) - found.keys():
            rest = column.numbers[(column.counts > 0) & (column.categories != text)]
            if len(rest) > 1 and not np.isnan(rest).any():
                found[text] = column.name
    if not found:
        return columns
    marks = sorted(found)
    some = " and ".join(f"{quoted(text)} in {found[text]}" for text in marks)
    key = ("data", "missing")
    draft.say(key, marks, "likely", f"stands for an empty cell: all else is numbers, as by {some}")
    return [column.without(marks) for column in columns]


def _say_labelled(draft: Draft, columns: Sequence[Column]) -> None:
    """Say of which attributes, outcomes and questions labels are read as the numbers in them."""
    names = [column.name for column in columns if column.labelled]
    patterns = {
        key[:2]: draft.guesses.get((*key[:2], "column"), Guess(key[1], "sure")).value
        for key in list(draft.guesses)
        if names and key[0] in ("attributes", "outcomes", "questions") and len(key) > 2
    }
    data = draft.guesses.get(("data", "attribute"))
    for (part, name), own in patterns.items():
        if part == "attributes" and data is not None:
            own = str(data.value).replace("{attribute}", own)
        form = re.compile(re.sub(r"\\\{\w+\\\}", ".+", re.escape(own)))
        if any(map(form.fullmatch, names)):
            why = "labels stand at its ends: each is read as its number"
            draft.say(("recode", name, "labelled"), True, "likely", why)


def _leave_out_tests(draft: Draft, responses: Responses) -> None:
    """Leave out previews and tests, which are no interviews."""
    found = list(test_rows(responses))
    rules = [{column: texts} for column, texts, _ in found]
    if rules:
        said = "; ".join(f"{rows:,} rows by {column}" for column, _, rows in found)
        draft.say(("exclusions", "tests", "label"), "Previews and tests", "sure")
        value = rules if len(rules) > 1 else rules[0]
        draft.say(("exclusions", "tests", "where"), value, "likely", said)


def _nothing(responses: Responses, columns: Sequence[Column]) -> Fault:
    count = len(columns)
    return Fault(
        str(responses.path),
        f"no conjoint was found in its {counted(count, 'column')}",
        "one row a respondent with columns such as t1_A_price for each task, profile and attribute, "
        "one row a task with columns such as price_A, or one row a profile with columns of the "
        "respondent, the task and the attributes",
        "Where another file holds what was shown, name it with --design FILE; else write survey.toml by "
        "hand: docs/survey_toml.md says how.",
    )
