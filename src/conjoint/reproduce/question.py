"""Published toplines made again."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from conjoint.errors import ConjointError
from conjoint.reproduce.made import group_name
from conjoint.reproduce.model import Reproduced, either
from conjoint.reproduce.rounding import is_same, rounded
from conjoint.say.phrase import phrase
from conjoint.survey import INTERLOCK
from conjoint.toplines import toplines
from conjoint.toplines.answers import MEAN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.estimates import Estimates
    from conjoint.reproduce.convention import Weights
    from conjoint.reproduce.made import Key, Made
    from conjoint.reproduce.wanted import Wanted
    from conjoint.survey import Question
    from conjoint.typing import IntervalMethod, Reproducing

__all__ = ["reproduce_questions"]

UNDECIDED = frozenset(
    {
        "dk", "don't know", "dont know", "do not know", "not sure", "unsure", "undecided", "no opinion",
        "prefer not to say", "rather not say", "refused", "no answer", "would rather not say",
    }
)  # fmt: skip
"""Answers that some leave out of the base, in small letters."""


def reproduce_questions(made: Made, wanted: Sequence[Wanted]) -> dict[int, Reproduced]:
    """Each figure by its place: by the weights that reports use, other conventions only named."""
    shares = _Shares(made)
    found = {each.place: _reproduce(shares, each) for each in wanted}
    for places, note in _sums(wanted, found, made):
        for place in places:
            found[place] = _noted(found[place], note)
    return found


class _Shares:
    """Toplines by weights, question and group, made once."""

    def __init__(self, made: Made) -> None:
        self.made = made
        self._estimates: dict[tuple[Weights, str, Key], Estimates | str] = {}

    def of(self, weights: Weights, question: str, key: Key) -> Estimates | str:
        """The answers of a group; why there are none where there are none."""
        own = (weights, question, key)
        if own not in self._estimates:
            self._estimates[own] = self._make(*own)
        return self._estimates[own]

    def _make(self, weights: Weights, question: str, key: Key) -> Estimates | str:
        column, group = key
        by = column or (None if group == "Total" else (group,))
        wave = self.made.weighted(weights)
        if column in ("task", "profile"):
            return phrase("reproduction.missing.no_group", group=group_name(key))
        try:
            return toplines(wave, by, question=question).select(group=group)
        except ConjointError as error:
            return f"{error.faults[0].where}: {error.faults[0].what}"


def _reproduce(shares: _Shares, wanted: Wanted) -> Reproduced:
    figure, survey = wanted.figure, shares.made.wave.survey
    question = survey.questions[figure.question]
    answer = f"{wanted.item}{INTERLOCK}{figure.answer}" if wanted.item else figure.answer
    blank = Reproduced(
        "", figure.question, "", group_name(wanted.groups[0]), answer, "", "", "",
        figure.value, figure.decimals, _unit(wanted), where=figure.where,
    )  # fmt: skip
    key, weights = wanted.groups[0], shares.made.weights
    told = shares.of(weights[0], figure.question, key)
    if isinstance(told, str):
        return replace(blank, missing=told)
    row = _row(told, question, wanted)
    if row is None:
        missing = phrase("reproduction.missing.no_answer", answer=figure.answer)
        return replace(blank, missing=missing)
    scale = 1.0 if _unit(wanted) in ("share", "") else 100.0
    frame = told.frame.iloc[row]
    value, error = float(frame["estimate"]) * scale, float(frame["std_error"]) * scale
    inside = frame["conf_low"] * scale <= figure.value <= frame["conf_high"] * scale
    same = _is_same(value, wanted)
    others = [] if same else _others(shares, wanted, question, scale)
    verdict: Reproducing = "within sampling error" if inside else "differs"
    return replace(
        blank,
        computed=value,
        rounded=rounded(value, figure.value, figure.decimals),
        std_error=error,
        difference=figure.value - value,
        in_errors=(figure.value - value) / error if error > 0 else np.nan,
        n_respondents=int(frame["n_respondents"]),
        verdict="reproduced" if same else verdict,
        conventions=_weighted(weights[0]) if same else either(others),
        uncertainty=_uncertainty(told, row, wanted, scale),
    )


def _weighted(weights: Weights) -> str:
    return phrase(f"reproduction.convention.weights_{weights}")


INTERVALS: tuple[IntervalMethod, ...] = ("wald", "score", "logit", "beta")
"""Ways to make the interval of a share."""


def _is_same(value: float, wanted: Wanted) -> bool:
    figure = wanted.figure
    return bool(
        is_same(np.array([value]), np.array([figure.value]), np.array([figure.decimals]))[0]
    )


def _unit(wanted: Wanted) -> str:
    if wanted.figure.answer == MEAN:
        return ""
    return wanted.figure.unit or "percent"


def _row(shares: Estimates, question: Question, wanted: Wanted) -> int | None:
    """The row of the answer; of a grid, that of the item's column."""
    labels = shares.labels
    own = labels["level"] == wanted.figure.answer
    if wanted.item:
        own &= labels["attribute"] == question.stored(wanted.figure.question)[wanted.item]
    rows = np.flatnonzero(own)
    return int(rows[0]) if len(rows) else None


def _others(shares: _Shares, wanted: Wanted, question: Question, scale: float) -> list[str]:
    """Other conventions under which the figure appears."""
    found = []
    for without in (False, True):
        for weights in shares.made.weights:
            told = shares.of(weights, wanted.figure.question, wanted.groups[0])
            if isinstance(told, str) or (weights == shares.made.weights[0] and not without):
                continue
            row = _row(told, question, wanted)
            value = np.nan if row is None else told.values[row]
            if without:
                value = value / (1 - _undecided(told, question, wanted))
            if _is_same(value * scale, wanted):
                said = _weighted(weights)
                if without:
                    said = phrase("reproduction.convention.without_undecided", convention=said)
                found.append(said)
    return found


def _undecided(shares: Estimates, question: Question, wanted: Wanted) -> float:
    """The share that could be left out of the base; NaN where there is none, or it is asked for."""
    left = [a.value for a in question.answers if {a.value.lower(), a.shown.lower()} & UNDECIDED]
    figure = wanted.figure.answer
    net = question.nets.get(figure)
    if figure in left or figure == MEAN or (net is not None and {*net.answers} & {*left}):
        return np.nan
    own = shares.labels["level"].isin(left).to_numpy(copy=True)
    if wanted.item:
        own &= shares.labels["attribute"] == question.stored(wanted.figure.question)[wanted.item]
    return float(shares.values[own].sum()) if own.any() and question.kind != "multiple" else np.nan


def _uncertainty(told: Estimates, row: int, wanted: Wanted, scale: float) -> str:
    """Whether a published standard error or 95% interval is that of the figure."""
    figure = wanted.figure
    if not figure.has_error:
        return ""
    names = ("std_error", "conf_low", "conf_high")
    published = {name: x for name in names if (x := getattr(figure, name)) is not None}
    decimals = np.array([figure.decimals_of_error])
    for method in INTERVALS:
        frame = told.with_interval(method).frame.iloc[row]
        if all(
            is_same(np.array([frame[name] * scale]), np.array([x]), decimals)[0]
            for name, x in published.items()
        ):
            return phrase(f"reproduction.uncertainty.{method}")
    return phrase("reproduction.uncertainty.not_found")


def _sums(
    wanted: Sequence[Wanted], found: dict[int, Reproduced], made: Made
) -> list[tuple[list[int], str]]:
    """Sets of answers that do not sum to 100 as published: what rounding does, or more than it can."""
    sets: dict[tuple[str, str, Key, str], list[Wanted]] = defaultdict(list)
    for each in wanted:
        sets[each.figure.question, each.item, each.groups[0], _unit(each)].append(each)
    notes = []
    for (name, _, key, unit), group in sets.items():
        question = made.wave.survey.questions[name]
        own = {each.figure.answer: each for each in group if each.figure.answer in question.values}
        if question.kind not in ("single", "grid") or set(own) != set(question.values):
            continue
        whole = 1.0 if unit == "share" else 100.0
        figures = [each.figure for each in own.values()]
        total = round(sum(figure.value for figure in figures), max(f.decimals for f in figures))
        most = sum(0.5 * 10.0**-figure.decimals for figure in figures)
        if total == whole:
            continue
        places = [each.place for each in own.values()]
        if any(found[place].verdict == "cannot be computed" for place in places):
            continue
        sign = "%" if whole == 100 else ""
        said = {
            "question": name,
            "group": group_name(key),
            "count": len(figures),
            "total": f"{total:g}{sign}",
        }
        if all(found[place].verdict == "reproduced" for place in places):
            notes.append((places, phrase("reproduction.note.sum_rounded", **said)))
        elif abs(total - whole) > most + 1e-9:
            notes.append((places, phrase("reproduction.note.sum_off", **said)))
    return notes


def _noted(figure: Reproduced, note: str) -> Reproduced:
    return replace(figure, note=f"{figure.note} {note}".strip())
