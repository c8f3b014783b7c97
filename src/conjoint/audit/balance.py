"""Is what was shown independent of who saw it?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.audit.fixed import fixed_design
from conjoint.audit.item import Item
from conjoint.audit.judge import chance, holm, judge, same_means
from conjoint.say.number import percent
from conjoint.say.phrase import phrase
from conjoint.say.words import listed
from conjoint.survey.rule import as_text

if TYPE_CHECKING:
    from conjoint.typing import BoolArray, FloatArray, IntArray, Verdict
    from conjoint.wave import Wave

__all__ = ["Covariate", "Kinds", "balance", "covariates", "means_by_level"]

SMALL, LARGE = 0.05, 0.2
"""Departures of a level's mean from that of all profiles, in standard deviations of the covariate:
a look, and a stop. Of a share of one half, 2.5 and 10 points."""

RARE = 20
"""Respondents who have to give an answer for it to be told apart from the most frequent one."""

MANY_ANSWERS = 50
"""Different answers from which a column of text names people rather than groups of them."""

CHECK = "balance"


@dataclass(frozen=True, eq=False, slots=True)
class Covariate:
    """A respondent column as numbers: a number as it is, answers as ones and zeros.

    Parameters
    ----------
    name
        The column.
    answers
        What each number says; one empty text for a column of numbers.
    numbers
        Of shape (respondents who have an answer, answers). The most frequent answer stands last.
    known
        Who has an answer, of shape (respondents,).
    group
        Numbers those with an answer by what they answered, of shape (these,).
    """

    name: str
    answers: tuple[str, ...]
    numbers: FloatArray
    known: BoolArray
    group: IntArray

    @property
    def free(self) -> slice:
        """The numbers to test: the share of the last answer follows from the others."""
        return slice(max(1, len(self.answers) - 1))


def balance(wave: Wave) -> list[Item]:
    """Hold the levels shown against who the respondents are.

    Estimand
        Mean of a covariate over the profiles that show a level, for all levels of an attribute; for
        answers the share of each. Randomised levels have the same means.
    Variance
        Clustered by respondent, unweighted: whom a level is shown to has nothing to do with weights.

    Notes
    -----
    The covariates are those of ``[audit]`` in survey.toml, else the columns of questions and of
    weighting margins; of a wave made of a frame, its respondent columns. One joint test an attribute
    and covariate, Holm over all of them. cregg does the same with a covariate as the outcome of its
    `amce`, without a joint test. A column of the version that people saw is none of theirs.
    """
    names = covariates(wave)
    names = tuple(name for name in names if not _is_version(wave, name))
    coded = [own for own in (_coded(wave, name) for name in names) if own is not None]
    attributes = [name for name in wave.survey.attributes if _varies(wave, name)]
    if not coded or not attributes:
        text = phrase("audit.balance.no_column")
        do = "" if names else phrase("audit.balance.no_column_do")
        return [Item(CHECK, "", "fine", text, do)]
    patterns = {name: _patterns(wave, name) for name in attributes}
    tests = [
        _test(kinds_of(wave, name, own, patterns[name]), own)
        for own in coded
        for name in attributes
    ]
    adjusted = holm([p_value for p_value, *_ in tests])
    subjects = [(name, own.name) for own in coded for name in attributes]
    items = []
    for (name, covariate), (p_value, size, text), p in zip(subjects, tests, adjusted, strict=True):
        verdict = judge(p, size, SMALL, LARGE)
        if verdict != "fine":
            items.append(_item(name, covariate, verdict, p_value, size, text))
    return [*items, _rest(tests, len(items), [own.name for own in coded])]


def _is_version(wave: Wave, name: str) -> bool:
    """Whether a column says which version of a fixed design each respondent saw."""
    fixed = fixed_design(wave)
    if fixed is None or fixed.drawn or fixed.versions < 2 or wave.respondents[name].isna().any():
        return False
    return bool(wave.respondents[name].groupby(fixed.seen).nunique().max() == 1)


def _item(
    attribute: str, covariate: str, verdict: Verdict, p_value: float, size: float, text: str
) -> Item:
    return Item(
        CHECK,
        phrase("audit.balance.subject", attribute=attribute, column=covariate),
        verdict,
        phrase("audit.balance.departs", test=text, chance=chance(p_value)),
        phrase("audit.balance.do"),
        size,
        "sd",
        p_value,
        (attribute,),
    )


def _rest(tests: list[tuple[float, float, str]], found: int, names: list[str]) -> Item:
    known = [test for test in tests if not np.isnan(test[0])]
    made, columns = phrase("audit.count.tests", len(tests)), listed(names)
    if not known:
        text = phrase("audit.balance.untested", tests=made, columns=columns)
        return Item(CHECK, "", "fine", text)
    p_value, size, words = min(known)
    text = phrase(
        "audit.balance.tests",
        tests=made,
        columns=columns,
        departures=phrase("audit.count.departures", found),
        test=words,
        chance=chance(p_value),
    )
    if len(known) < len(tests):
        text += f" {phrase('audit.balance.few', count=len(tests) - len(known))}"
    return Item(CHECK, "", "fine", text, "", size, "sd", p_value)


def covariates(wave: Wave) -> tuple[str, ...]:
    """The respondent columns that randomisation is held against."""
    survey = wave.survey
    if survey.audit.covariates:
        return tuple(name for name in survey.audit.covariates if name in wave.respondent_columns)
    margins = survey.targets.margins if survey.targets else ()
    wanted = [column for margin in margins for column in margin.columns]
    wanted += [survey.question_column(name) for name in survey.questions]
    if survey.data is None and not wanted:
        wanted = list(wave.respondent_columns)
    return tuple(name for name in dict.fromkeys(wanted) if name in wave.respondent_columns)


def _varies(wave: Wave, name: str) -> bool:
    shown = wave.shown(name)
    saw = shown.sum(axis=0)
    if not saw.any():
        return False
    share = shown[:, saw > 0] / saw[saw > 0]
    # Where everybody saw each level as often as all others did, there is nothing to be out of balance.
    return bool((shown.sum(axis=1) > 0).sum() > 1 and np.ptp(share, axis=1).max() > 1e-12)


def _coded(wave: Wave, name: str) -> Covariate | None:
    """A column as numbers; None where it does not vary, or names people."""
    column = wave.respondents[name]
    known = column.notna().to_numpy(dtype=bool, copy=True)
    answered = column[known]
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        numbers = answered.to_numpy(dtype=float)
        known[known] = np.isfinite(numbers)
        numbers = numbers[np.isfinite(numbers)]
        varies = len(numbers) > RARE and np.ptp(numbers) > 0
        if not varies:
            return None
        return Covariate(name, ("",), numbers[:, None], known, pd.factorize(numbers)[0])
    codes, values = pd.factorize(answered)
    counts = np.bincount(codes, minlength=len(values))
    if len(values) < 2 or len(values) > MANY_ANSWERS:
        return None
    most = int(np.argmax(counts))
    kept = [int(cell) for cell in np.flatnonzero(counts >= RARE) if cell != most]
    if not kept:
        return None
    kept.append(most)
    numbers = (codes[:, None] == np.array(kept)).astype(float)
    return Covariate(name, tuple(as_text(values[place]) for place in kept), numbers, known, codes)


@dataclass(frozen=True, eq=False, slots=True)
class Kinds:
    """Respondents with an answer, those alike counted together.

    Parameters
    ----------
    attribute, levels
        The attribute, and its levels that they saw.
    shown
        How often they saw each, of shape (levels, kinds of respondents).
    numbers
        The covariate of each kind, (kinds, answers).
    count
        How many respondents there are of each kind, (kinds,).
    """

    attribute: str
    levels: list[str]
    shown: FloatArray
    numbers: FloatArray
    count: FloatArray


def _patterns(wave: Wave, attribute: str) -> tuple[IntArray, int]:
    """Number the respondents by how often they saw each level; and how many numbers there may be."""
    key = np.zeros(wave.n_respondents, dtype=np.int64)
    for counts in wave.shown(attribute):
        key = pd.factorize(key * (int(counts.max(initial=0)) + 1) + counts)[0].astype(np.int64)
    return key, int(key.max(initial=-1)) + 1


def kinds_of(
    wave: Wave, attribute: str, covariate: Covariate, patterns: tuple[IntArray, int]
) -> Kinds:
    """Count respondents alike together; `patterns` are those of the attribute."""
    pattern, size = patterns
    answers = int(covariate.group.max(initial=-1)) + 1
    kind = pattern[covariate.known] * answers + covariate.group
    if size * answers <= len(kind):
        size_of = np.bincount(kind)
        any_of = np.empty(len(size_of), dtype=np.intp)
        any_of[kind] = np.arange(len(kind))
        kinds = np.flatnonzero(size_of)
        first, count = any_of[kinds], size_of[kinds].astype(float)
    else:  # so many kinds that counting them would save nothing
        first, count = np.arange(len(kind)), np.ones(len(kind))
    shown = wave.shown(attribute)[:, np.flatnonzero(covariate.known)[first]].astype(float)
    some = np.flatnonzero(shown.any(axis=1))
    levels = [wave.survey.attributes[attribute].values[level] for level in some]
    return Kinds(attribute, levels, shown[some], covariate.numbers[first], count)


def means_by_level(kinds: Kinds) -> tuple[FloatArray, FloatArray]:
    """Means of a covariate over the profiles that show a level.

    Formula
        m_ac = sum over i of n_ic x_ia / n_c; psi_iac = n_ic (x_ia - m_ac) / n_c.

    Returns
    -------
    numpy.ndarray, numpy.ndarray
        Of shape (answers, levels); and the influence of one respondent of each kind, (kinds, answers,
        levels).
    """
    counts = kinds.shown * kinds.count
    n = counts.sum(axis=1)
    means = (counts @ kinds.numbers / n[:, None]).T
    share = (kinds.shown / n[:, None]).T
    return means, (kinds.numbers[:, :, None] - means) * share[:, None, :]


def _test(own: Kinds, covariate: Covariate) -> tuple[float, float, str]:
    """The joint test, and the departure that stands out most, in standard deviations and words."""
    counts = own.shown * own.count
    n = counts.sum(axis=1)
    means, influence = means_by_level(own)
    overall = (counts @ own.numbers).sum(axis=0) / n.sum()
    spread = np.sqrt(counts.sum(axis=0) @ (own.numbers - overall) ** 2 / n.sum())
    # Where an arm alone shows the attribute, what marks the arm does not vary.
    off = np.abs(means.T - overall) / np.where(spread > 0, spread, 1.0)
    level, answer = np.unravel_index(np.argmax(off * np.sqrt(n)[:, None]), off.shape)
    value, whole = means[answer, level], overall[answer]
    shown = phrase("audit.level", level=own.levels[level], attribute=own.attribute)
    if covariate.answers[answer]:
        text = phrase(
            "audit.balance.share",
            level=shown,
            share=percent(value, 1),
            answer=covariate.answers[answer],
            column=covariate.name,
            whole=percent(whole, 1),
        )
    else:
        text = phrase(
            "audit.balance.mean",
            level=shown,
            column=covariate.name,
            mean=f"{value:.4g}",
            whole=f"{whole:.4g}",
        )
    free = covariate.free
    moved = influence[:, free] * np.sqrt(own.count)[:, None, None]
    people = int(own.count[own.shown.any(axis=0)].sum())
    return same_means(means[free], moved, people), float(off[level, answer]), text
