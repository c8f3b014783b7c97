"""What the British Polling Council asks to be published of a poll, and what of it is there.

Its Rules of Disclosure (britishpollingcouncil.org/rules-of-disclosure) name what every report of a poll
says, what it says where practical, and what the pollster's website holds within two working days.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
import pandas as pd

from conjoint.say.label import margin_label
from conjoint.say.number import base_text, counted, percent
from conjoint.say.words import day, days, listed
from conjoint.weight import efficiency

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conjoint.survey import Question, Survey
    from conjoint.wave import Wave

__all__ = ["PLACES", "Disclosed", "disclosure"]

Place: TypeAlias = Literal["every report", "where practical", "the website"]

PLACES: dict[Place, str] = {
    "every report": "Every report of the findings says",
    "where practical": "Where practical, it also says",
    "the website": "The pollster's website holds, within two working days",
}
"""Where the Council asks for an item, as a heading."""

UNSURE = ("don't know", "dont know", "don’t know", "not sure", "unsure", "prefer not", "refused")
"""Answers that are no opinion begin or read like these."""

MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Disclosed:
    """One thing that is asked for.

    Parameters
    ----------
    name
        What it is: ``Client``.
    place
        Where the Council wants it.
    present
        Whether the survey says it.
    text
        What it says, or what is missing of it.
    do
        Where to say it; empty where nothing is missing.
    """

    name: str
    place: Place
    present: bool
    text: str
    do: str = ""


def disclosure(wave: Wave) -> tuple[Disclosed, ...]:
    """List what the British Polling Council asks to be published of a poll.

    Parameters
    ----------
    wave
        Weighted to its survey's targets, where it has some.

    Returns
    -------
    tuple of Disclosed
        In the order of the Council's rules. An item that is present says what will be published;
        one that is missing says where in survey.toml it belongs. Whether what is said is true, and
        enough, is the pollster's to judge.

    Examples
    --------
    >>> import pandas as pd, conjoint as cj
    >>> frame = pd.DataFrame({
    ...     "id": [1, 1, 2, 2], "price": ["high", "low", "low", "high"], "bought": [0, 1, 1, 0]})
    >>> wave = cj.Wave.from_frame(frame, respondent="id", outcome="bought", attributes=["price"])
    >>> [item.name for item in disclosure(wave) if not item.present][:3]
    ['Client', 'Pollster', 'Fieldwork']
    """
    survey = wave.survey
    return (
        *_every_report(wave),
        *_where_practical(survey),
        *_website(wave),
    )


def _every_report(wave: Wave) -> Iterator[Disclosed]:
    survey = wave.survey
    place: Place = "every report"
    yield _said("Client", place, survey.client, 'client = "..."')
    yield _said("Pollster", place, survey.pollster, 'pollster = "..."')
    yield _said(
        "Fieldwork",
        place,
        days(survey.fieldwork),
        "fieldwork = { start = 2026-05-11, end = 2026-05-12 }",
    )
    yield _said("Method of interview", place, survey.mode, 'mode = "Online"')
    yield _said("Universe", place, survey.population, 'population = "All adults aged 18 and over"')
    yield _said("Geographic coverage", place, survey.geography, 'geography = "Great Britain"')
    yield Disclosed("Sample size", place, not survey.synthetic, _sample(wave), _synthetic(survey))
    count = sum(question.topline for question in survey.questions.values())
    outcomes = len(survey.outcomes)
    yield Disclosed(
        "Percentages relied upon",
        place,
        True,
        f"{counted(count, 'question')} marked as toplines, and {counted(outcomes, 'outcome')} of "
        "the conjoint, in the full tables",
    )


def _where_practical(survey: Survey) -> Iterator[Disclosed]:
    place: Place = "where practical"
    asked = {f"questions.{key}": q.text for key, q in survey.questions.items()}
    asked |= {f"outcomes.{key}": o.text for key, o in survey.outcomes.items()}
    without = [key for key, text in asked.items() if not text]
    text = f"{counted(len(asked), 'question')}, word for word"
    if without:
        text = f"Not said of {_named(without)}"
    yield Disclosed(
        "Question wording",
        place,
        not without,
        text,
        f'text = "..." under [{without[0]}]' if without else "",
    )
    yield _said("Address of the full tables", place, survey.website, 'website = "https://..."')


def _website(wave: Wave) -> Iterator[Disclosed]:
    survey = wave.survey
    place: Place = "the website"
    yield _said("How the sample was found", place, survey.sample_source, 'sample_source = "..."')
    yield Disclosed(
        "Order of the questions",
        place,
        True,
        "As the full tables have them, which is the order of survey.toml",
    )
    yield _said("Introductions", place, survey.introduction, 'introduction = "..."')
    yield _answers(wave)
    yield _shown(survey)
    yield _left_out(wave)
    yield from _weighting(wave)
    yield Disclosed(
        "Full tables with both bases",
        place,
        bool(survey.questions),
        "Every question by its crossbreaks, with unweighted, weighted and effective bases"
        if survey.questions
        else "No question has a table",
        "" if survey.questions else "[questions.NAME]",
    )
    yield _said("Contact", place, survey.contact, 'contact = "name, email"')
    released = day(survey.released) if survey.released else ""
    yield _said("Day of first publication", place, released, "released = 2026-05-20")


def _answers(wave: Wave) -> Disclosed:
    """Whether people without an opinion stand in the tables, or which share of whom was left out."""
    survey, shown, hidden = wave.survey, 0, []
    for name, question in survey.questions.items():
        left = [answer for answer in question.missing if _is_unsure(answer)]
        if left:
            share = _share_without(wave, name, question)
            label = question.label or name
            hidden.append(f"{label} ({_named(left)}; {percent(share)} gave no answer that counts)")
        shown += any(_is_unsure(answer.shown) for answer in question.answers)
    text = f"Shown as answers in {counted(shown, 'question')}"
    if not survey.questions:
        text = "No question beside those of the conjoint"
    if hidden:
        text += f"; left out of the base in {'; '.join(hidden)}"
    return Disclosed("Don't know and refused", "the website", True, text)


def _shown(survey: Survey) -> Disclosed:
    """Whether what profiles showed is known: part of the wording in a conjoint."""
    assumed = [
        f"{survey.attribute_label(name)}: {level.shown}"
        for name, attribute in survey.attributes.items()
        for level in attribute.levels
        if level.assumed or attribute.assumed
    ]
    levels = sum(len(attribute.levels) for attribute in survey.attributes.values())
    if not assumed:
        text, do = f"{len(survey.attributes)} attributes with {levels} levels", ""
    else:
        text = f"{len(assumed)} of {levels} levels are assumed: {_named(assumed)}"
        do = "the levels as they were shown, without `assumed`"
    return Disclosed("What profiles showed", "the website", not assumed, text, do)


def _left_out(wave: Wave) -> Disclosed:
    rules = [f"{rule.label or rule.key} ({rule.respondents:,})" for rule in wave.excluded]
    gone = wave.n_read - wave.n_respondents
    text = f"{gone:,} of {wave.n_read:,}: {_named(rules)}" if rules else "Nobody, by any rule"
    return Disclosed("Interviews left out", "the website", True, text)


def _weighting(wave: Wave) -> Iterator[Disclosed]:
    survey = wave.survey
    place: Place = "the website"
    told = survey.weighting.text if survey.weighting else ""
    if wave.calibration is None and np.ptp(wave.weights) == 0:
        yield Disclosed("Weighting", place, True, told or "The figures are not weighted")
        return
    if wave.calibration is None:
        do = 'weighting.text = "what the weights were made to meet, and from which source"'
        text = told or "The weights came with the data, and nothing says what they meet"
        yield Disclosed("Weighting", place, bool(told), text, "" if told else do)
        return
    margins = wave.calibration.targets.margins
    cost = efficiency(wave.weights)
    names = listed(margin_label(survey, margin.name) for margin in margins)
    yield Disclosed(
        "Weighting",
        place,
        True,
        f"{told + '. ' if told else ''}Margins: {names}. Efficiency {percent(cost.efficiency, 1)}, "
        f"effective {base_text(cost.effective)}",
    )
    without = [margin.name for margin in margins if not margin.sources]
    sources = list(dict.fromkeys(source for margin in margins for source in margin.sources))
    yield Disclosed(
        "Sources of the targets",
        place,
        not without,
        f"Not said of {_named(without)}" if without else "; ".join(sources),
        "and targets.csv: its columns source and year" if without else "",
    )


def _said(name: str, place: Place, text: str, key: str) -> Disclosed:
    """An item that a key of survey.toml holds."""
    return Disclosed(name, place, bool(text), text or "Not stated", "" if text else key)


def _sample(wave: Wave) -> str:
    size = counted(wave.n_respondents, "respondent")
    return f"{size}, drawn by a computer: nobody was asked" if wave.survey.synthetic else size


def _synthetic(survey: Survey) -> str:
    return "the real answers, and synthetic = false" if survey.synthetic else ""


def _share_without(wave: Wave, name: str, question: Question) -> float:
    """Of those who were asked, the weighted share without an answer that counts."""
    asked = np.ones(wave.n_respondents, dtype=bool)
    if question.filter is not None:
        asked = question.filter.members(wave.respondents)
    cells = wave.respondents[list(question.stored(name).values())]
    none = pd.isna(cells).all(axis=1).to_numpy()
    total = wave.weights[asked].sum()
    return float(wave.weights[asked & none].sum() / total) if total else 0.0


def _is_unsure(answer: str) -> bool:
    return answer.strip().lower().startswith(UNSURE)


def _named(names: list[str]) -> str:
    return listed(names, most=MOST_NAMED)
