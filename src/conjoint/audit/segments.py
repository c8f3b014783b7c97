"""Whom the figures stand on: segments, exclusions, weights, targets, and what the reader had to decide."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from conjoint.audit.item import Item
from conjoint.errors import ConjointError
from conjoint.say.number import base, numeral, percent, percent_by_size
from conjoint.say.phrase import phrase
from conjoint.say.words import sentence_case
from conjoint.weight import efficiency, rake, target_warnings
from conjoint.withhold.threshold import reading_of

if TYPE_CHECKING:
    from conjoint.typing import FloatArray, Verdict
    from conjoint.wave import Wave

__all__ = [
    "exclusions",
    "given_weights",
    "profiles_by_person",
    "reader_notes",
    "segment_bases",
    "segment_overlap",
    "targets",
]

MANY = 0.1
"""Share of respondents left out from which a reader should hear why: results may hang on the rule."""

EFFICIENT = 0.7
"""Weighting efficiency under which the sample is far from its population: of ten interviews, three
or more are lost to weighting."""

WASTED = 0.1
"""Efficiency that no sampling plan has: nine interviews of ten lost. More likely weights are misread."""

NOTABLE, DOMINANT = 0.01, 0.05
"""Share of everything that one respondent holds from which it deserves a look, and stops: a share of
everybody moves by as many points with what this one person answers."""

ABOVE, FAR_ABOVE = 5, 10
"""How many times the average that share has to be besides: in a small sample everybody holds some."""


def segment_bases(wave: Wave) -> list[Item]:
    """Hold each segment's base against the survey's limits, in people."""
    limits = wave.survey.thresholds
    items = []
    for name in wave.survey.segments:
        n, label = int(wave.segment(name).sum()), wave.survey.segment_label(name)
        reading = reading_of(n, limits)
        limit = limits.suppress_below if reading == "suppressed" else limits.caution_below
        said = {"segment": label, "respondents": phrase("audit.count.respondents", n)}
        verdict: Verdict = "fine"
        if reading == "safe":
            text, do = phrase("audit.segment_bases.safe", **said), ""
        else:
            text = phrase(f"audit.segment_bases.{reading}", **said, limit=limit)
            verdict, do = "look", phrase(f"audit.segment_bases.{reading}_do")
        items.append(Item("segment_bases", label, verdict, text, do, n, "respondents"))
    return items or [Item("segment_bases", "", "fine", phrase("audit.segment_bases.none"))]


def segment_overlap(wave: Wave) -> list[Item]:
    """Say who is in two segments."""
    survey = wave.survey
    members = {name: wave.segment(name) for name in survey.segments}
    items = []
    for first, second in combinations(members, 2):
        both = int((members[first] & members[second]).sum())
        if not both:
            continue
        here, there = survey.segment_label(first), survey.segment_label(second)
        text = phrase(
            "audit.segment_overlap.both",
            both,
            first=here,
            second=there,
            of_first=percent_by_size(both / members[first].sum()),
            of_second=percent_by_size(both / members[second].sum()),
        )
        same = bool((members[first] == members[second]).all())
        do = phrase("audit.segment_overlap.same_do") if same else ""
        verdict: Verdict = "look" if same else "fine"
        subject = phrase("audit.segment_overlap.subject", first=here, second=there)
        items.append(Item("segment_overlap", subject, verdict, text, do, both, "respondents"))
    if items:
        return items
    several = len(members) > 1
    text = phrase("audit.segment_overlap.nobody" if several else "audit.segment_overlap.single")
    return [Item("segment_overlap", "", "fine", text)]


def exclusions(wave: Wave) -> list[Item]:
    """Count whom each rule of survey.toml left out, and all rules together."""
    if not wave.excluded:
        return [Item("exclusions", "", "fine", phrase("audit.exclusions.none"))]
    items = []
    for rule in wave.excluded:
        share = rule.respondents / max(wave.n_read, 1)
        name = rule.label or rule.key
        if rule.text:
            name = phrase("audit.exclusions.rule_and_text", rule=name, text=rule.text)
        text = phrase(
            "audit.exclusions.rule",
            rule=name,
            respondents=phrase("audit.count.respondents", rule.respondents),
            share=percent_by_size(share),
            alone=base(rule.alone),
        )
        many = share > MANY
        do = phrase("audit.exclusions.do") if many else ""
        items.append(
            Item(
                "exclusions",
                rule.label or rule.key,
                "look" if many else "fine",
                text,
                do,
                rule.respondents,
                "respondents",
            )
        )
    gone = wave.n_read - wave.n_respondents
    share = gone / max(wave.n_read, 1)
    if len(items) > 1:
        many = share > MANY
        text = phrase(
            "audit.exclusions.all",
            gone=base(gone),
            read=base(wave.n_read),
            share=percent_by_size(share),
        )
        do = phrase("audit.exclusions.all_do") if many else ""
        verdict: Verdict = "look" if many else "fine"
        items.append(Item("exclusions", "", verdict, text, do, gone, "respondents"))
    return items


def reader_notes(wave: Wave) -> list[Item]:
    """Pass on what the reader had to decide."""
    if not wave.notes:
        return [Item("reader_notes", "", "fine", phrase("audit.reader_notes.none"))]
    do = phrase("audit.reader_notes.do")
    return [Item("reader_notes", "", "look", note, do) for note in wave.notes]


@dataclass(frozen=True, slots=True)
class _Concentration:
    """How unevenly something is spread over respondents; `n` of them hold any.

    `largest` is the share of one, `times` how many times the average that is, and `effective` how many
    equal respondents would be worth as much: (sum x)^2 / sum x^2.
    """

    n: int
    largest: float
    times: float
    effective: float

    @classmethod
    def of(cls, amounts: FloatArray) -> _Concentration:
        some = amounts[amounts > 0]
        largest = float(some.max() / some.sum())
        return cls(len(some), largest, largest * len(some), efficiency(some).effective)

    @property
    def verdict(self) -> Verdict:
        share = self.effective / self.n
        if share < WASTED or (self.largest >= DOMINANT and self.times >= FAR_ABOVE):
            return "stop"
        uneven = share < EFFICIENT or (self.largest >= NOTABLE and self.times >= ABOVE)
        return "look" if uneven else "fine"

    @property
    def worth_in_words(self) -> str:
        """The effective number, in words."""
        return numeral(self.effective, 0 if self.effective >= 10 else 1)

    @property
    def share_in_words(self) -> str:
        """The largest share, in words."""
        return phrase(
            "audit.profiles_by_person.largest",
            share=percent(self.largest, 1),
            times=numeral(self.times, 1),
        )


def given_weights(wave: Wave) -> list[Item]:
    """See whether weights that came with the data let one respondent, or a few, speak for everybody."""
    check = "given_weights"
    if wave.calibration is not None or not np.ptp(wave.weights):
        text = phrase(
            "audit.given_weights.made" if wave.calibration else "audit.given_weights.equal"
        )
        return [Item(check, "", "fine", text)]
    weighing = _Concentration.of(wave.weights)
    verdict = weighing.verdict
    text = phrase(
        "audit.given_weights.worth",
        respondents=phrase("audit.count.respondents", weighing.n),
        effective=weighing.worth_in_words,
        efficiency=percent(weighing.effective / weighing.n, 1),
        largest=weighing.share_in_words,
    )
    do = "" if verdict == "fine" else phrase(f"audit.given_weights.{verdict}_do")
    return [Item(check, "", verdict, text, do, weighing.largest, "share")]


def profiles_by_person(wave: Wave) -> list[Item]:
    """See whether one respondent, or a few, judged a large part of all profiles."""
    check = "profiles_by_person"
    answered = np.zeros(wave.n_profiles, dtype=bool)
    for outcome in wave.survey.outcomes:
        answered |= ~np.isnan(wave.outcome(outcome))
    if not answered.any():
        return [Item(check, "", "fine", phrase("audit.profiles_by_person.nobody"))]
    profiles = np.bincount(wave.respondent_index[answered], minlength=wave.n_respondents)
    judging = _Concentration.of(profiles.astype(float))
    verdict = judging.verdict
    text = phrase(
        "audit.profiles_by_person.worth",
        respondents=phrase("audit.count.respondents", judging.n),
        profiles=phrase("audit.count.profiles", int(profiles.sum())),
        effective=judging.worth_in_words,
        largest=judging.share_in_words,
    )
    do = "" if verdict == "fine" else phrase(f"audit.profiles_by_person.{verdict}_do")
    return [Item(check, "", verdict, text, do, judging.largest, "share")]


def targets(wave: Wave) -> list[Item]:
    """Say what weighting to the survey's targets would cost, and which targets deserve a look."""
    if wave.survey.targets is None:
        return [Item("targets", "", "fine", phrase("audit.targets.none"))]
    try:
        cost = efficiency(rake(wave).weights)
    except ConjointError as error:
        text = "; ".join(str(fault) for fault in error.faults)
        return [Item("targets", "", "stop", text, phrase("audit.targets.fail_do"))]
    low = cost.efficiency < EFFICIENT
    text = phrase(
        "audit.targets.met",
        efficiency=percent(cost.efficiency, 1),
        respondents=base(cost.n),
        effective=numeral(cost.effective),
    )
    do = phrase("audit.targets.low_do") if low else ""
    items = [
        Item("targets", "", "look" if low else "fine", text, do, cost.efficiency, "share"),
    ]
    for note in target_warnings(wave):
        what, where = sentence_case(note.what), note.where.split(", ", 1)[-1]
        if note.expected:
            text = phrase("audit.targets.note_and_expected", note=what, expected=note.expected)
        else:
            text = phrase("audit.targets.note", note=what)
        items.append(Item("targets", where, "look", text, note.do))
    return items
