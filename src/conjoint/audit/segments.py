"""Whom the figures stand on: segments, exclusions, weights, targets, and what the reader had to decide."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from conjoint.audit.item import Item
from conjoint.errors import ConjointError
from conjoint.say.number import counted, numeral, percent, percent_by_size
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
        text = f"{label}: {counted(n, 'respondent')}"
        verdict: Verdict = "fine"
        do, reading = "", reading_of(n, limits)
        if reading == "suppressed":
            verdict, text = "look", f"{text}, under {limits.suppress_below}: no figure is shown."
            do = "Widen the segment, or leave it out of the report."
        elif reading == "caution":
            verdict, text = "look", f"{text}, under {limits.caution_below}: with caution."
            do = "Name the base beside every figure of theirs."
        else:
            text += "."
        items.append(Item("segment_bases", label, verdict, text, do, n, "respondents"))
    return items or [Item("segment_bases", "", "fine", "No segments are declared.")]


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
        text = (
            f"{counted(both, 'respondent is', 'respondents are')} in both {here} and {there}: "
            f"{percent_by_size(both / members[first].sum())} of {here}, "
            f"{percent_by_size(both / members[second].sum())} of {there}."
        )
        same = bool((members[first] == members[second]).all())
        do = "They are the same people: leave one out, or correct its rule." if same else ""
        verdict: Verdict = "look" if same else "fine"
        items.append(
            Item("segment_overlap", f"{here} and {there}", verdict, text, do, both, "respondents")
        )
    if items:
        return items
    text = (
        "Nobody is in two segments."
        if len(members) > 1
        else "Fewer than two segments are declared."
    )
    return [Item("segment_overlap", "", "fine", text)]


def exclusions(wave: Wave) -> list[Item]:
    """Count whom each rule of survey.toml left out, and all rules together."""
    if not wave.excluded:
        return [Item("exclusions", "", "fine", "No rule of survey.toml leaves anybody out.")]
    items = []
    for rule in wave.excluded:
        share = rule.respondents / max(wave.n_read, 1)
        words = f" ({rule.text})" if rule.text else ""
        text = (
            f"{rule.label or rule.key}{words}: {counted(rule.respondents, 'respondent')} left out "
            f"({percent_by_size(share)}), {rule.alone:,} of them by this rule alone."
        )
        many = share > MANY
        do = "Estimate without the rule too, and say whether figures hold." if many else ""
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
        text = (
            f"All rules together: {gone:,} of {wave.n_read:,} left out ({percent_by_size(share)})."
        )
        do = "Say so in the method box, and estimate without the rules too." if many else ""
        verdict: Verdict = "look" if many else "fine"
        items.append(Item("exclusions", "", verdict, text, do, gone, "respondents"))
    return items


def reader_notes(wave: Wave) -> list[Item]:
    """Pass on what the reader had to decide."""
    if not wave.notes:
        return [Item("reader_notes", "", "fine", "The file left nothing to decide.")]
    do = "Check that it was read as it was meant."
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
        return f"{percent(self.largest, 1)}, {numeral(self.times, 1)} times the average"


def given_weights(wave: Wave) -> list[Item]:
    """See whether weights that came with the data let one respondent, or a few, speak for everybody."""
    check = "given_weights"
    if wave.calibration is not None or not np.ptp(wave.weights):
        text = "Weights were made to targets." if wave.calibration else "All weights are equal."
        return [Item(check, "", "fine", text)]
    weighing = _Concentration.of(wave.weights)
    text = (
        f"By their weights, {counted(weighing.n, 'respondent')} are worth {weighing.worth_in_words} (efficiency "
        f"{percent(weighing.effective / weighing.n)}). The largest weight of one of them is {weighing.share_in_words}."
    )
    do = {
        "fine": "",
        "look": "Trim the weights, and name the effective base beside the base.",
        "stop": "Find out how the weights were made and whether they are read rightly; correct or trim "
        "them, because the figures are those of a few people.",
    }[weighing.verdict]
    return [Item(check, "", weighing.verdict, text, do, weighing.largest, "share")]


def profiles_by_person(wave: Wave) -> list[Item]:
    """See whether one respondent, or a few, judged a large part of all profiles."""
    check = "profiles_by_person"
    answered = np.zeros(wave.n_profiles, dtype=bool)
    for outcome in wave.survey.outcomes:
        answered |= ~np.isnan(wave.outcome(outcome))
    if not answered.any():
        return [Item(check, "", "fine", "Nobody judged a profile.")]
    profiles = np.bincount(wave.respondent_index[answered], minlength=wave.n_respondents)
    judging = _Concentration.of(profiles.astype(float))
    text = (
        f"{counted(judging.n, 'respondent')} judged {counted(int(profiles.sum()), 'profile')}; by the "
        f"profiles of each they are worth {judging.worth_in_words}. The largest share of one of them is "
        f"{judging.share_in_words}."
    )
    do = {
        "fine": "",
        "look": "Estimate with as many tasks of each, or weights that make up for it, and see whether "
        "figures hold.",
        "stop": "Find out whether several people have one id, or rows are copies; leave out what is not "
        "one interview, because the figures are those of a few people.",
    }[judging.verdict]
    return [Item(check, "", judging.verdict, text, do, judging.largest, "share")]


def targets(wave: Wave) -> list[Item]:
    """Say what weighting to the survey's targets would cost, and which targets deserve a look."""
    if wave.survey.targets is None:
        return [Item("targets", "", "fine", "No weighting targets are declared.")]
    try:
        cost = efficiency(rake(wave).weights)
    except ConjointError as error:
        text = "; ".join(str(fault) for fault in error.faults)
        return [Item("targets", "", "stop", text, "Correct the targets, or merge categories.")]
    low = cost.efficiency < EFFICIENT
    text = (
        f"Targets can be met, at a weighting efficiency of {percent(cost.efficiency, 1)}: "
        f"{cost.n:,} respondents are worth {numeral(cost.effective)}."
    )
    do = "Trim the weights, or merge categories, and say the efficiency beside the base."
    items = [
        Item(
            "targets",
            "",
            "look" if low else "fine",
            text,
            do if low else "",
            cost.efficiency,
            "share",
        )
    ]
    for note in target_warnings(wave):
        expected = f" (expected {note.expected})" if note.expected else ""
        where = note.where.split(", ", 1)[-1]
        items.append(
            Item("targets", where, "look", f"{sentence_case(note.what)}{expected}.", note.do)
        )
    return items
