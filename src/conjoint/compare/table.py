"""The figures of one wave, a table at a time: what is compared with the same table of another."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from conjoint.errors import EstimationError
from conjoint.estimate import amce, marginal_means
from conjoint.estimate.sample import specify
from conjoint.toplines.answers import answered, items_of
from conjoint.toplines.influence import figures_of
from conjoint.wave import TOTAL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from conjoint.estimates import Estimates
    from conjoint.typing import FigureKind
    from conjoint.wave import Wave

__all__ = ["Asked", "Refused", "TableKey", "groups_of", "tables_of"]


class TableKey(NamedTuple):
    """A table: a question (or an item of it) or an estimand and outcome, in a group."""

    kind: str
    outcome: str
    item: str
    group: str


class Refused(NamedTuple):
    """What the data of a wave cannot give, and why: a table, or one figure of it."""

    key: TableKey
    why: str
    attribute: str = ""
    level: str = ""


class Asked(NamedTuple):
    """What is to be estimated of every wave alike."""

    what: tuple[FigureKind, ...]
    questions: tuple[str, ...]
    outcomes: tuple[str, ...]
    groups: tuple[str, ...]
    baselines: Mapping[str, str]
    confidence: float


def groups_of(wave: Wave, groups: Sequence[str]) -> dict[str, int]:
    """How many respondents each group has."""
    return {
        name: wave.n_respondents if name == TOTAL else int(wave.segment(name).sum())
        for name in groups
    }


def tables_of(wave: Wave, asked: Asked) -> tuple[dict[TableKey, Estimates], list[Refused]]:
    """Estimate all tables of a wave.

    Returns
    -------
    tables, refused
        The figures; and why the data cannot give others.
    """
    tables: dict[TableKey, Estimates] = {}
    refused: list[Refused] = []
    for key, make in _recipes(wave, asked):
        try:
            made = make()
        except EstimationError as error:
            refused.append(Refused(key, str(error.faults[0].what)))
            continue
        tables[key] = made.without_missing()
        names = zip(made.labels["attribute"], made.labels["level"], made.notes, strict=True)
        refused += [Refused(key, note, *level) for *level, note in names if note]
    return tables, refused


def _recipes(wave: Wave, asked: Asked) -> Iterable[tuple[TableKey, Callable[[], Estimates]]]:
    survey = wave.survey
    specification = specify(wave, "topline", None, "linearised", asked.confidence)
    members = {group.key: group.respondents for group in wave.groups(None)}
    members |= {name: wave.segment(name) for name in asked.groups if name != TOTAL}
    for question in asked.questions:
        if question not in survey.questions or "topline" not in asked.what:
            continue
        for item in items_of(survey.questions[question]):
            found = answered(wave, question, item)
            for group in asked.groups:
                own_group = [(group, members[group])]
                make = partial(figures_of, wave, found, own_group, specification)
                yield TableKey("topline", question, item, group), make
    for outcome in asked.outcomes:
        for group in asked.groups:
            by = None if group == TOTAL else (group,)
            own: dict[str, Any] = {"outcome": outcome, "confidence": asked.confidence}
            if "marginal mean" in asked.what:
                make = partial(marginal_means, wave, by, **own)
                yield TableKey("marginal mean", outcome, "", group), make
            if "amce" in asked.what:
                make = partial(amce, wave, by, baselines=asked.baselines, **own)
                yield TableKey("amce", outcome, "", group), make
