"""Is anybody in the file twice?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.audit.item import Item
from conjoint.audit.pattern import number_rows, row_hashes
from conjoint.audit.quality import WORTH_A_LOOK
from conjoint.audit.task import arms_of
from conjoint.say.number import by_chance, percent_by_size
from conjoint.say.phrase import phrase

if TYPE_CHECKING:
    from conjoint.typing import IntArray, Verdict
    from conjoint.wave import Wave

__all__ = ["duplicated_ids", "duplicates"]

CHECK = "duplicates"

BLOCKS = 0.5
"""Share of respondents who saw just what somebody else saw from which a design has fixed versions."""

EXPECTED = 0.05
"""Pairs alike by chance above which a design is too small for equal answers to mean anything."""

TIMES_CHANCE = 10
"""How many times what chance gives makes equal answers to everything a fault: answers hang
together, so that a few times chance is nothing."""

FEWEST_PAIRS = 3


@dataclass(frozen=True, slots=True)
class Alike:
    """Respondents of whom something is the same.

    Parameters
    ----------
    key
        Each respondent's pattern, numbered from 0 on without a gap, of shape (respondents,).
    """

    key: IntArray

    @property
    def size(self) -> IntArray:
        """How many respondents share each respondent's pattern."""
        return np.asarray(np.bincount(self.key)[self.key])

    @property
    def pairs(self) -> float:
        """How many pairs of respondents are alike."""
        size = np.bincount(self.key).astype(float)
        return float((size * (size - 1) / 2).sum())

    @property
    def again(self) -> int:
        """How many respondents are alike to one before them."""
        return len(self.key) - int(self.key.max(initial=-1)) - 1


def duplicates(wave: Wave) -> list[Item]:
    """Hold respondents against each other: what they saw and said, who they are, and their ids."""
    shown, answers, people = _shown(wave), _answers(wave), _people(wave)
    n = wave.n_respondents
    versions = n > 1 and (shown.size > 1).mean() > BLOCKS
    everything = _joined(shown, answers)
    items = [_whole(wave, shown, everything, versions=bool(versions))]
    if not versions:
        items += _same_profiles(wave, shown, everything)
    items += _same_answers(people, answers, everything, n)
    items += _near_ids(wave)
    return items


def duplicated_ids(wave: Wave) -> list[list[str]]:
    """Groups of ids: whole response patterns that are equal, and ids that differ in case or space."""
    ids = wave.respondents["respondent"].astype(str).to_numpy(dtype=object)
    everything = _joined(_shown(wave), _answers(wave))
    keys = [everything.key, _plain_ids(wave).key]
    groups = []
    for key in keys:
        repeated = np.flatnonzero(np.bincount(key)[key] > 1)
        own = pd.Series(ids[repeated]).groupby(key[repeated], sort=False)
        groups += [list(members) for _, members in own]
    return groups


def _shown(wave: Wave) -> Alike:
    codes = [wave.codes(name).astype(np.int64) for name in wave.survey.attributes]
    return _patterns(wave, codes)


def _answers(wave: Wave) -> Alike:
    codes = [
        pd.factorize(wave.outcome(name), use_na_sentinel=True)[0].astype(np.int64)
        for name in wave.survey.outcomes
    ]
    return _patterns(wave, codes)


def _patterns(wave: Wave, codes: list[np.typing.NDArray[np.int64]]) -> Alike:
    """One number a respondent for all rows' codes, in the order of tasks and profiles."""
    profiles = wave.profiles
    place = [profiles[name].cat.codes.to_numpy() for name in ("task", "profile")]
    row = row_hashes([*place, *codes])
    # Sums do not depend on the order of rows, and each row's hash holds its task and profile.
    total = np.zeros(wave.n_respondents, dtype=np.uint64)
    np.add.at(total, wave.respondent_index, row)
    return Alike(pd.factorize(total)[0].astype(np.intp))


def _people(wave: Wave) -> Alike:
    """All that respondents said of themselves, the id left out."""
    columns = list(wave.respondent_columns)
    if not columns:
        return Alike(np.zeros(wave.n_respondents, dtype=np.intp))
    people = wave.respondents  # a copy each time
    return Alike(number_rows(pd.factorize(people[name])[0] for name in columns))


def _joined(first: Alike, second: Alike) -> Alike:
    pair = first.key.astype(np.int64) * (int(second.key.max(initial=0)) + 1) + second.key
    return Alike(pd.factorize(pair)[0].astype(np.intp))


def _whole(wave: Wave, shown: Alike, everything: Alike, *, versions: bool) -> Item:
    """Equal in all that was shown and all that was answered."""
    n = wave.n_respondents
    subject, count = phrase("audit.duplicates.patterns"), everything.again
    if versions:
        seen = phrase("audit.count.versions", len(set(shown.key)))
        return Item(CHECK, subject, "fine", phrase("audit.duplicates.versions", versions=seen))
    if _by_chance(wave) > EXPECTED:
        return Item(CHECK, subject, "fine", phrase("audit.duplicates.few_combinations"))
    if not count:
        text = phrase("audit.duplicates.none")
        return Item(CHECK, subject, "fine", text, "", 0, "respondents")
    text = phrase(
        "audit.duplicates.copies",
        respondents=phrase("audit.count.respondents", count),
        share=percent_by_size(count / n),
        involved=phrase("audit.count.respondents", int((everything.size > 1).sum())),
    )
    do = phrase("audit.duplicates.copies_do")
    verdict: Verdict = "stop" if count / n >= WORTH_A_LOOK else "look"
    return Item(CHECK, subject, verdict, text, do, count, "respondents")


def _by_chance(wave: Wave) -> float:
    """How many pairs of respondents would see the same by chance, levels drawn one by one.

    People of other arms never do.
    """
    arms, pairs = arms_of(wave), 0.0
    for arm in np.unique(arms):
        people = int((arms == arm).sum())
        inside = arms[wave.respondent_index] == arm
        same = 0.0  # logarithm of the chance that two profiles are alike
        for name in wave.survey.attributes:
            share = np.bincount(wave.codes(name)[inside]) / max(1, inside.sum())
            same += float(np.log((share**2).sum())) if inside.any() else 0.0
        pairs += people * (people - 1) / 2 * float(np.exp(same * inside.sum() / people))
    return pairs


def _same_profiles(wave: Wave, shown: Alike, everything: Alike) -> list[Item]:
    """The same profiles with other answers: the random numbers repeat, unless there are few."""
    count, n = shown.again - everything.again, wave.n_respondents
    if count / n < WORTH_A_LOOK or _by_chance(wave) > WORTH_A_LOOK * n:
        return []
    text = phrase(
        "audit.duplicates.repeated",
        respondents=phrase("audit.count.respondents", count),
        share=percent_by_size(count / n),
    )
    do, subject = phrase("audit.duplicates.profiles_do"), phrase("audit.duplicates.profiles")
    return [Item(CHECK, subject, "look", text, do, count, "respondents")]


def _same_answers(people: Alike, answers: Alike, everything: Alike, n: int) -> list[Item]:
    """Equal in all that is known of them and in all answers, whatever they were shown."""
    both = _joined(people, answers)
    # Copies of everything are told already: one of each is kept.
    first = np.unique(everything.key, return_index=True)[1]
    kept = Alike(pd.factorize(both.key[first])[0].astype(np.intp))
    m = len(first)
    if m < 2:
        return []
    chance = people.pairs * answers.pairs / (n * (n - 1) / 2)
    pairs, subject = kept.pairs, phrase("audit.duplicates.answers")
    said = by_chance(chance)
    if pairs < max(FEWEST_PAIRS, TIMES_CHANCE * chance):
        text = phrase("audit.duplicates.answers_by_chance", int(pairs), chance=said)
        return [Item(CHECK, subject, "fine", text, "", pairs, "pairs")]
    text = phrase("audit.duplicates.answers_alike", int(pairs), chance=said)
    do = phrase("audit.duplicates.answers_do")
    return [Item(CHECK, subject, "look", text, do, pairs, "pairs")]


def _plain_ids(wave: Wave) -> Alike:
    """Ids without what a hand that copies them changes: case and space."""
    ids = [str(who) for who in wave.respondents["respondent"]]
    # All at once; a sign that ids do not hold stands between them.
    plain = "".join("\0".join(ids).split()).casefold().split("\0")
    if len(plain) != len(ids):
        plain = ["".join(who.split()).casefold() for who in ids]
    return Alike(pd.factorize(np.array(plain, dtype=object))[0].astype(np.intp))


def _near_ids(wave: Wave) -> list[Item]:
    count, subject = _plain_ids(wave).again, phrase("audit.duplicates.ids")
    if not count:
        text = phrase("audit.duplicates.no_ids")
        return [Item(CHECK, subject, "fine", text, "", 0, "respondents")]
    text, do = phrase("audit.duplicates.ids_alike", count), phrase("audit.duplicates.ids_do")
    return [Item(CHECK, subject, "look", text, do, count, "respondents")]
