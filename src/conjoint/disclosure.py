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
from conjoint.say.number import base, base_text, percent
from conjoint.say.phrase import phrase
from conjoint.say.words import day, days, listed
from conjoint.weight import efficiency

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conjoint.survey import Question, Survey
    from conjoint.wave import Wave

__all__ = ["PLACES", "Disclosed", "disclosure", "place_heading"]

Place: TypeAlias = Literal["every report", "where practical", "the website"]

PLACES: tuple[Place, ...] = ("every report", "where practical", "the website")
"""Where the Council asks for an item."""

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


def place_heading(place: Place) -> str:
    """Where the Council asks for an item, as a heading."""
    return phrase(f"disclosure.place.{place.replace(' ', '_')}")


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
    yield _said(phrase("method.client"), place, survey.client, 'client = "..."')
    yield _said(phrase("method.pollster"), place, survey.pollster, 'pollster = "..."')
    yield _said(
        phrase("method.fieldwork"),
        place,
        days(survey.fieldwork),
        "fieldwork = { start = 2026-05-11, end = 2026-05-12 }",
    )
    yield _said(phrase("disclosure.mode"), place, survey.mode, 'mode = "Online"')
    universe = 'population = "All adults aged 18 and over"'
    yield _said(phrase("method.universe"), place, survey.population, universe)
    geography = 'geography = "Great Britain"'
    yield _said(phrase("disclosure.geography"), place, survey.geography, geography)
    yield Disclosed(
        phrase("disclosure.sample"), place, not survey.synthetic, _sample(wave), _synthetic(survey)
    )
    count = sum(question.topline for question in survey.questions.values())
    text = phrase(
        "disclosure.toplines_and_outcomes",
        questions=phrase("words.n_questions", count),
        outcomes=phrase("words.n_outcomes", len(survey.outcomes)),
    )
    yield Disclosed(phrase("disclosure.percentages"), place, True, text)


def _where_practical(survey: Survey) -> Iterator[Disclosed]:
    place: Place = "where practical"
    asked = {f"questions.{key}": q.text for key, q in survey.questions.items()}
    asked |= {f"outcomes.{key}": o.text for key, o in survey.outcomes.items()}
    without = [key for key, text in asked.items() if not text]
    text = phrase("disclosure.word_for_word", len(asked))
    if without:
        text = phrase("disclosure.not_said", names=_named(without))
    yield Disclosed(
        phrase("disclosure.wording"),
        place,
        not without,
        text,
        f'text = "..." under [{without[0]}]' if without else "",
    )
    website = 'website = "https://..."'
    yield _said(phrase("disclosure.address"), place, survey.website, website)


def _website(wave: Wave) -> Iterator[Disclosed]:
    survey = wave.survey
    place: Place = "the website"
    found = 'sample_source = "..."'
    yield _said(phrase("disclosure.sample_source"), place, survey.sample_source, found)
    yield Disclosed(phrase("disclosure.order"), place, True, phrase("disclosure.as_in_tables"))
    introduced = 'introduction = "..."'
    yield _said(phrase("disclosure.introductions"), place, survey.introduction, introduced)
    yield _answers(wave)
    yield _shown(survey)
    yield _left_out(wave)
    yield from _weighting(wave)
    yield Disclosed(
        phrase("disclosure.tables"),
        place,
        bool(survey.questions),
        phrase("disclosure.every_table" if survey.questions else "disclosure.no_table"),
        "" if survey.questions else "[questions.NAME]",
    )
    yield _said(phrase("topline.contact.name"), place, survey.contact, 'contact = "name, email"')
    published = phrase("disclosure.published")
    yield _said(published, place, day(survey.released), "released = 2026-05-20")


def _answers(wave: Wave) -> Disclosed:
    """Whether people without an opinion stand in the tables, or which share of whom was left out."""
    survey, shown, hidden = wave.survey, 0, []
    for name, question in survey.questions.items():
        left = [answer for answer in question.missing if _is_unsure(answer)]
        if left:
            share = _share_without(wave, name, question)
            label = question.label or name
            parts = {"answers": _named(left), "share": percent(share)}
            hidden.append(phrase("disclosure.without_answer", question=label, **parts))
        shown += any(_is_unsure(answer.shown) for answer in question.answers)
    text = phrase("disclosure.shown_in", shown)
    if not survey.questions:
        text = phrase("disclosure.no_question")
    if hidden:
        text = phrase("disclosure.left_out_in", text=text, questions="; ".join(hidden))
    return Disclosed(phrase("disclosure.unsure"), "the website", True, text)


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
        count = len(survey.attributes)
        text, do = phrase("disclosure.levels", attributes=count, levels=levels), ""
    else:
        parts = {"assumed": len(assumed), "levels": levels, "names": _named(assumed)}
        text, do = phrase("disclosure.assumed", **parts), phrase("disclosure.do_assumed")
    return Disclosed(phrase("disclosure.profiles"), "the website", not assumed, text, do)


def _left_out(wave: Wave) -> Disclosed:
    rules = [f"{rule.label or rule.key} ({base(rule.respondents)})" for rule in wave.excluded]
    text = phrase("disclosure.nobody")
    if rules:
        gone = base(wave.n_read - wave.n_respondents)
        parts = {"gone": gone, "read": base(wave.n_read), "rules": _named(rules)}
        text = phrase("disclosure.gone", **parts)
    return Disclosed(phrase("disclosure.left_out"), "the website", True, text)


def _weighting(wave: Wave) -> Iterator[Disclosed]:
    survey = wave.survey
    place: Place = "the website"
    told = survey.weighting.text if survey.weighting else ""
    name = phrase("method.weighting")
    if wave.calibration is None and np.ptp(wave.weights) == 0:
        yield Disclosed(name, place, True, told or phrase("disclosure.unweighted"))
        return
    if wave.calibration is None:
        do = phrase("disclosure.do_weights")
        text = told or phrase("disclosure.weights_given")
        yield Disclosed(name, place, bool(told), text, "" if told else do)
        return
    margins = wave.calibration.targets.margins
    cost = efficiency(wave.weights)
    names = listed(margin_label(survey, margin.name) for margin in margins)
    parts = {"efficiency": percent(cost.efficiency, 1), "base": base_text(cost.effective)}
    text = phrase("disclosure.margins", margins=names, **parts)
    yield Disclosed(name, place, True, f"{told}. {text}" if told else text)
    without = [margin.name for margin in margins if not margin.sources]
    sources = list(dict.fromkeys(source for margin in margins for source in margin.sources))
    yield Disclosed(
        phrase("disclosure.sources"),
        place,
        not without,
        phrase("disclosure.not_said", names=_named(without)) if without else "; ".join(sources),
        phrase("disclosure.do_sources") if without else "",
    )


def _said(name: str, place: Place, text: str, key: str) -> Disclosed:
    """An item that a key of survey.toml holds."""
    return Disclosed(
        name, place, bool(text), text or phrase("method.not_stated"), "" if text else key
    )


def _sample(wave: Wave) -> str:
    size = phrase("words.n_respondents", wave.n_respondents)
    return phrase("disclosure.drawn", sample=size) if wave.survey.synthetic else size


def _synthetic(survey: Survey) -> str:
    return phrase("disclosure.do_synthetic") if survey.synthetic else ""


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
