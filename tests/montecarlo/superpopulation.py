"""A population without end, from which respondents are drawn, and what is true of it.

A respondent values each level by normal part-worths whose mean may move with age, and chooses of two
profiles by a logit. The share choosing one profile over another is then an average of a logistic
over one normal number and over ages: quadrature and a sum give it, no estimator takes part.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import special

import conjoint as cj
from conjoint.survey import Outcome, Repeat, Restriction, Segment, Survey

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LEVELS = {
    "price": ("low", "mid", "high"),
    "colour": ("red", "green"),
    "size": ("XS", "S", "M", "L", "XL"),
}
PROFILES = list(product(*LEVELS.values()))
AGES = np.arange(18, 80)
PARTIES = ("Left", "Right", "Other")
SEGMENTS: dict[str, dict[str, Any]] = {
    "younger": {"age": {"max": 55}},
    "older": {"age": {"min": 40}},
    "women": {"sex": "female"},
}
NODES = 60
"""Of the Gauss-Hermite rule; twice as many change no share by more than 1e-9."""

REPEAT = Repeat(task="again", of="0", flipped=True)


@dataclass(frozen=True, eq=False)
class Superpopulation:
    """Everybody who could be drawn.

    Parameters
    ----------
    mean, slope, spread
        By attribute: the part-worths' mean at the middle age, how far it moves to the oldest, and
        their standard deviation among people of one age.
    together
        What a low price is worth more in red than otherwise.
    first
        What standing first is worth.
    error
        The chance that an answer comes out as the opposite of what it should be.
    never
        A restriction: levels of two attributes that never meet.
    chance
        By age from -1 to 1, how likely such a person is to be drawn, up to a constant; a respondent's
        weight is its inverse.
    parties
        The parties' shares; or how many of a wave's respondents each has.
    """

    mean: Mapping[str, tuple[float, ...]]
    spread: Mapping[str, float]
    slope: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    together: float = 0.0
    first: float = 0.0
    error: float = 0.0
    never: Mapping[str, tuple[str, ...]] | None = None
    chance: Callable[[Any], Any] | None = None
    parties: tuple[float, ...] = (0.25, 0.45, 0.3)

    @cached_property
    def survey(self) -> Survey:
        """The survey that everybody answers."""
        return Survey.model_validate(
            {
                "title": "Drawn at random",
                "attributes": {name: {"levels": levels} for name, levels in LEVELS.items()},
                "outcomes": {
                    "chosen": Outcome(kind="choice", column="chosen", positive="1", negative="0")
                },
                "segments": {name: Segment(where=where) for name, where in SEGMENTS.items()},
                "restrictions": [Restriction(never=self.never)] if self.never else [],
            }
        )

    @cached_property
    def shown(self) -> np.ndarray:
        """How often each profile is drawn, of shape (30,)."""
        allowed = [
            not self.never or not all(shows(profile, *one) for one in self.never.items())
            for profile in PROFILES
        ]
        return np.array(allowed) / sum(allowed)

    def truth(self, who: str) -> Truth:
        """What is true of a group."""
        return Truth(self, who)

    def draw(self, rng: np.random.Generator, n: int, tasks: int = 5) -> cj.Wave:
        """A wave of `n` respondents; the first task again, profiles swapped, where people err."""
        age = self._ages(rng, n)
        seen, meant = self.answers(rng, age, tasks)
        answer = meant ^ (rng.random((n, tasks)) < self.error)
        weights = None if self.chance is None else 1 / self.chance(scaled(age))
        repeats = None
        if self.error:
            again = meant[:, :1] ^ (rng.random((n, 1)) < self.error)
            repeats = _long(seen[:, :1, ::-1], ~again, [REPEAT.task])
        counted = sum(self.parties) > 1
        party = np.repeat(PARTIES, self.parties) if counted else rng.choice(PARTIES, n, p=self.parties)  # fmt: skip
        respondents = pd.DataFrame(
            {
                "respondent": np.arange(n),
                "age": age,
                "sex": rng.choice(["female", "male"], n),
                "party": pd.Categorical(party, PARTIES),
            }
        )
        profiles = _long(seen, answer, [str(task) for task in range(tasks)])
        return cj.Wave.build(self.survey, respondents, profiles, weights, repeats)

    def answers(
        self, rng: np.random.Generator, age: np.ndarray, tasks: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Profiles seen, (n, tasks, 2), and whether the first is meant to be chosen, (n, tasks)."""
        n = len(age)
        seen = np.searchsorted(np.cumsum(self.shown)[:-1], rng.random((n, tasks, 2)), side="right")
        worth = np.take_along_axis(self._worths(rng, age), seen.reshape(n, -1), axis=1)
        worth = worth.reshape(seen.shape)
        noise = rng.logistic(size=(n, tasks))
        return seen, worth[:, :, 0] - worth[:, :, 1] + self.first + noise > 0

    def preferred(self, who: str = "Total") -> np.ndarray:
        """The share of a group choosing each profile over each other, by lot first, (30, 30)."""
        return self._preferred[in_group(who)].mean(axis=0)

    @cached_property
    def _preferred(self) -> np.ndarray:
        """By age, of shape (ages, 30, 30)."""
        difference = ONE_HOT[:, None, :] - ONE_HOT[None, :, :]
        gap = difference @ self._means(AGES).T + (self._extra[:, None] - self._extra)[..., None]
        spread = np.sqrt(difference**2 @ self._spreads**2)
        nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
        share = np.zeros(gap.shape)
        for node, weight in zip(nodes, weights / weights.sum(), strict=True):
            moved = gap + node * spread[..., None]
            # First half of the time, second half of the time.
            share += weight * (
                special.expit(moved + self.first) + special.expit(moved - self.first)
            )
        return np.moveaxis(share / 2, -1, 0)

    def _ages(self, rng: np.random.Generator, n: int) -> np.ndarray:
        chance = np.ones(len(AGES)) if self.chance is None else self.chance(scaled(AGES))
        return rng.choice(AGES, n, p=chance / chance.sum())

    def _worths(self, rng: np.random.Generator, age: np.ndarray) -> np.ndarray:
        """What each respondent finds each profile worth, of shape (respondents, 30)."""
        part_worths = self._means(age) + self._spreads * rng.normal(
            size=(len(age), ONE_HOT.shape[1])
        )
        return part_worths @ ONE_HOT.T + self._extra

    def _means(self, age: np.ndarray) -> np.ndarray:
        return _flat(self.mean) + scaled(age)[:, None] * _flat(self.slope)

    @cached_property
    def _spreads(self) -> np.ndarray:
        return np.concatenate(
            [np.full(len(levels), self.spread[name]) for name, levels in LEVELS.items()]
        )

    @cached_property
    def _extra(self) -> np.ndarray:
        both = [shows(one, "price", ["low"]) and shows(one, "colour", ["red"]) for one in PROFILES]
        return self.together * np.array(both)


def in_group(who: str) -> np.ndarray:
    """Which of the ages belong to a segment; all of any other group."""
    rule = SEGMENTS.get(who, {}).get("age", {})
    return (rule.get("min", 0) <= AGES) & (rule.get("max", 100) >= AGES)


def shows(profile: tuple[str, ...], attribute: str, levels: Any) -> bool:
    """Whether a profile shows one of some levels."""
    return profile[list(LEVELS).index(attribute)] in levels


def _long(seen: np.ndarray, first: np.ndarray, tasks: list[str]) -> pd.DataFrame:
    """Profiles seen, (n, tasks, 2), and whether the first was chosen, as rows."""
    n = len(seen)
    codes = np.unravel_index(seen.ravel(), [len(levels) for levels in LEVELS.values()])
    frame = {
        "respondent": np.repeat(np.arange(n), 2 * len(tasks)),
        "task": pd.Categorical.from_codes(np.tile(np.repeat(np.arange(len(tasks)), 2), n), tasks),
        "profile": pd.Categorical.from_codes(np.tile([0, 1], n * len(tasks)), ["A", "B"]),
    }
    for code, (name, levels) in zip(codes, LEVELS.items(), strict=True):
        frame[name] = pd.Categorical.from_codes(code, list(levels))
    frame["chosen"] = np.stack([first, ~first], axis=-1).ravel().astype(float)
    return pd.DataFrame(frame)


def scaled(age: np.ndarray) -> np.ndarray:
    """Ages from -1 to 1."""
    return (age - AGES.mean()) / np.ptp(AGES) * 2


def _one_hot() -> np.ndarray:
    columns = [(name, level) for name, levels in LEVELS.items() for level in levels]
    return np.array(
        [[shows(one, name, [level]) for name, level in columns] for one in PROFILES], float
    )


def _flat(parts: Mapping[str, tuple[float, ...]]) -> np.ndarray:
    return np.concatenate([parts.get(name, (0.0,) * len(own)) for name, own in LEVELS.items()])


ONE_HOT = _one_hot()


class Truth:
    """What is true of a superpopulation's group, for every figure that the package estimates.

    Shares are sums over pairs of profiles, each as often as the design draws it.
    """

    def __init__(self, population: Superpopulation, who: str = "Total") -> None:
        self._preferred = population.preferred(who)
        self._shown = population.shown
        self._never = population.never or {}

    def share(self, levels: Mapping[str, str], against: Mapping[str, str] | None = None) -> float:
        """How often profiles with some levels are chosen, over profiles with others."""
        own = self._shown * self._with(levels)
        other = self._shown * self._with(against or {})
        return float(own @ self._preferred @ other / (own.sum() * other.sum()))

    def of(self, row: Any) -> float:
        """The truth of a row of a tidy frame."""
        names, levels = row.attribute.split(" * "), row.level.split(" * ")
        estimand = row.estimand.removeprefix("corrected ")
        if estimand in ("marginal mean", "joint mean"):
            return self.share(dict(zip(names, levels, strict=True)))
        if estimand == "amce":
            return self._effect(row.attribute, row.level, row.baseline)
        if estimand == "acie":
            return self._interaction(names, levels, row.baseline.split(" * "))
        if estimand == "choice-level mean":
            own, other = row.level.split(" over ")
            return self.share({row.attribute: own}, {row.attribute: other})
        if estimand == "average component preference":
            others = [level for level in LEVELS[row.attribute] if level != row.level]
            shares = [self.share({row.attribute: row.level}, {row.attribute: o}) for o in others]
            return float(np.mean(shares)) - 0.5
        raise LookupError(estimand)

    def _with(self, levels: Mapping[str, str]) -> np.ndarray:
        hits = [
            all(shows(one, name, [level]) for name, level in levels.items()) for one in PROFILES
        ]
        return np.array(hits)

    def _effect(self, attribute: str, level: str, baseline: str) -> float:
        tied = [name for name in self._never if name != attribute]
        if attribute not in self._never:
            return self.share({attribute: level}) - self.share({attribute: baseline})
        total, drawn = 0.0, 0.0
        for other in LEVELS[tied[0]]:
            often = [self._often({attribute: one, tied[0]: other}) for one in (level, baseline)]
            if min(often) > 0:
                means = [self.share({attribute: one, tied[0]: other}) for one in (level, baseline)]
                total += often[0] * (means[0] - means[1])
                drawn += often[0]
        return total / drawn

    def _often(self, levels: Mapping[str, str]) -> float:
        return float(self._shown[self._with(levels)].sum())

    def _interaction(self, names: list[str], levels: list[str], baselines: list[str]) -> float:
        def share(first: str, second: str) -> float:
            return self.share({names[0]: first, names[1]: second})

        (one, two), (base_one, base_two) = levels, baselines
        return (
            share(one, two)
            - share(base_one, two)
            - share(one, base_two)
            + share(base_one, base_two)
        )
