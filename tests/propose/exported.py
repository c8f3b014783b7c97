"""Files as survey platforms export them: one simulated conjoint under many names of columns."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.read.responses import Responses

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from conjoint.propose import Proposal

DESIGN = {
    "price": ["£5,000", "£10,000", "£20,000", "£40,000"],
    "cut": ["None", "25%", "50%"],
    "partner": ["France", "Germany", "Spain", "Italy", "Poland"],
}


def shown_to(
    people: int = 300,
    tasks: Sequence[str] = tuple("12345"),
    profiles: Sequence[str] = ("A", "B"),
    design: Mapping[str, Sequence[str]] = DESIGN,
    seed: int = 1,
) -> tuple[dict[tuple[str, str, str], np.ndarray], dict[str, np.ndarray]]:
    """Levels by (task, profile, attribute), and by task the place of the profile chosen."""
    rng = np.random.default_rng(seed)
    shown, chosen = {}, {}
    for task in tasks:
        liking = []
        for profile in profiles:
            worth = rng.gumbel(size=people)
            for attribute, levels in design.items():
                drawn = rng.integers(len(levels), size=people)
                shown[task, profile, attribute] = np.array(levels, dtype=object)[drawn]
                worth = worth + 0.5 * drawn / len(levels)
            liking.append(worth)
        chosen[task] = np.argmax(liking, axis=0)
    return shown, chosen


def wide(
    name: Callable[[str, str, str], str],
    choice: Callable[[str], str] | None = None,
    answers: Sequence[str] = ("Deal A", "Deal B"),
    **given: object,
) -> pd.DataFrame:
    """One row a respondent; `name` of (task, profile, attribute) and `choice` of task name columns."""
    shown, chosen = shown_to(**given)  # type: ignore[arg-type]
    people = len(next(iter(chosen.values())))
    rng = np.random.default_rng(99)
    columns: dict[str, object] = {"respondent_id": [f"R{i + 1000}" for i in range(people)]}
    columns["gender"] = rng.choice(["Female", "Male"], people)
    columns["trust"] = rng.choice([*map(str, range(11)), "Don't know"], people)
    for (task, profile, attribute), levels in shown.items():
        columns[name(task, profile, attribute)] = levels
    if choice is not None:
        for task, place in chosen.items():
            columns[choice(task)] = np.array(answers, dtype=object)[place]
    return pd.DataFrame(columns, dtype=object)


def long(people: int = 200, profiles: Sequence[str] = ("1", "2"), **given: object) -> pd.DataFrame:
    """One row a profile, with respondent, task, profile, attributes, chosen, and the respondent's age."""
    shown, chosen = shown_to(people, profiles=profiles, **given)  # type: ignore[arg-type]
    age = np.random.default_rng(7).choice(["18-34", "35-54", "55+"], people)
    rows = []
    attributes = list(dict.fromkeys(attribute for _, _, attribute in shown))
    for person in range(people):
        for task in chosen:
            for place, profile in enumerate(profiles):
                row = {"id": f"P{person}", "task": task, "profile": profile, "age": age[person]}
                row |= {a: shown[task, profile, a][person] for a in attributes}
                row["chosen"] = str(int(chosen[task][person] == place))
                rows.append(row)
    return pd.DataFrame(rows, dtype=object)


def responses(frame: pd.DataFrame, path: Path = Path("export.csv"), **given: object) -> Responses:
    """A frame of text as the readers give it; an empty text is an empty cell."""
    cells = pd.DataFrame(
        {name: pd.Categorical(frame[name].where(frame[name] != "", None)) for name in frame}
    )
    return Responses(path, cells, np.arange(2, len(cells) + 2), **given)  # type: ignore[arg-type]


def coded(names: Sequence[str], rows: int = 40) -> Responses:
    """Many columns of the answers 1, 2 and 3, drawn by chance."""
    codes = np.random.default_rng(0).integers(3, size=(len(names), rows)).astype(np.int8)
    kind = pd.CategoricalDtype(pd.Index(["1", "2", "3"], dtype=object))
    cells = pd.DataFrame(
        {n: pd.Categorical.from_codes(c, dtype=kind) for n, c in zip(names, codes, strict=True)}
    )
    return Responses(Path("export.csv"), cells, np.arange(2, rows + 2))


def settled(proposal: Proposal, answers: Mapping[str, int] | None = None) -> Proposal:
    """The proposal with every decision that stops the check taken, the first way unless told."""
    answers = answers or {}
    for decision in proposal.decisions:
        key = ".".join(decision.key)
        if decision.options and (decision.stops or key in answers):
            proposal = proposal.decide(decision, answers.get(key, 0))
    return proposal
