"""Populations whose tasks do not show every attribute, and what is true of them.

As in `superpopulation`, a respondent values each level by normal part-worths whose mean may move with age,
and decides by a logit; an attribute that is not shown is worth nothing. Of forty attributes there are
too many profiles to list. But what one profile is worth more than another is a sum over attributes, so
that its characteristic function is a product over them, and one integral makes a share of that.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd
from superpopulation import AGES, SEGMENTS, in_group, scaled

import conjoint as cj
from conjoint.survey import Outcome, Segment, Survey

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NODES, FURTHEST = 64, 9.0
"""Of the Gauss-Legendre rule, and where it ends: twice as many change no share by more than 1e-9."""

PRESENT, ABSENT = "shown", "not shown"


class Showing(Protocol):
    """Which profiles show which attributes."""

    @property
    def presence(self) -> dict[str, Any]:
        """What a survey declares of the attributes that are not always shown."""

    def draw(self, rng: np.random.Generator, n: int, tasks: int) -> tuple[np.ndarray, np.ndarray]:
        """Whether each attribute is shown, (n, tasks, 2, attributes), and each respondent's arm."""

    def average(self, factors: np.ndarray) -> np.ndarray:
        """Average over what is shown a product over attributes.

        `factors` has the shape (attributes, 2, 2, ...): one for each attribute, where the first profile
        shows it or not and the second does or not.
        """


@dataclass(frozen=True)
class Patterns:
    """A few ways in which the two profiles of a task can show attributes.

    `share` says how often each is drawn, for a respondent where they are arms and else for a task;
    `shows`, of shape (patterns, 2, attributes), which profile shows what.
    """

    names: tuple[str, ...]
    share: np.ndarray
    shows: np.ndarray
    arms: tuple[str, ...] = ()

    @property
    def presence(self) -> dict[str, Any]:
        """By attribute, its arms or that it is shown in some profiles."""
        always = self.shows.all(axis=(0, 1))
        return {
            name: self._arms_of(place) if self.arms else "some"
            for place, name in enumerate(self.names)
            if not always[place]
        }

    def _arms_of(self, place: int) -> dict[str, Any]:
        arms = [arm for arm, shows in zip(self.arms, self.shows[:, 0, place], strict=True) if shows]
        return {"column": "arm", "arm": arms}

    def draw(self, rng: np.random.Generator, n: int, tasks: int) -> tuple[np.ndarray, np.ndarray]:
        """Draw a pattern for each respondent or task."""
        size = (n, 1) if self.arms else (n, tasks)
        pattern = np.broadcast_to(rng.choice(len(self.share), size, p=self.share), (n, tasks))
        return self.shows[pattern], np.array(self.arms or ("",))[pattern[:, 0] * bool(self.arms)]

    def average(self, factors: np.ndarray) -> np.ndarray:
        """Add up the patterns, each as often as it is drawn."""
        place = np.arange(len(self.names))
        absent = (~self.shows).astype(int)
        products = [factors[place, first, second].prod(axis=0) for first, second in absent]
        return np.tensordot(self.share, np.array(products), 1)


@dataclass(frozen=True)
class FixedNumber:
    """Every profile shows the same number of attributes, any with the same chance."""

    names: tuple[str, ...]
    number: int

    @property
    def presence(self) -> dict[str, Any]:
        """Each in some profiles."""
        return dict.fromkeys(self.names, "some")

    def draw(self, rng: np.random.Generator, n: int, tasks: int) -> tuple[np.ndarray, np.ndarray]:
        """Draw the attributes of each profile."""
        order = rng.random((n, tasks, 2, len(self.names)), dtype=np.float32)
        return order < np.partition(order, self.number, axis=-1)[..., [self.number]], np.full(n, "")

    def average(self, factors: np.ndarray) -> np.ndarray:
        """Add up all choices of attributes, as the coefficient of a product of polynomials.

        Its two variables count the attributes that either profile shows.
        """
        k = self.number
        product = np.zeros((k + 1, k + 1, *factors.shape[3:]), complex)
        product[0, 0] = 1.0
        for (both, first), (second, neither) in factors:
            longer = neither * product
            longer[1:] += first * product[:-1]
            longer[:, 1:] += second * product[:, :-1]
            longer[1:, 1:] += both * product[:-1, :-1]
            product = longer
        return np.asarray(product[k, k])


@dataclass(frozen=True, eq=False)
class Partial:
    """Everybody who could be drawn.

    Parameters
    ----------
    showing
        Which profiles show which attributes.
    mean, slope, spread
        By attribute: the part-worths' mean at the middle age, one a level; how far it moves to the oldest;
        their standard deviation among people of one age.
    first
        What standing first is worth in a choice.
    supported
        What a profile without attributes would be worth to those who judge each profile; None where
        nobody does.
    chance
        As for :class:`superpopulation.Superpopulation`.
    """

    showing: Showing
    mean: Mapping[str, tuple[float, ...]]
    spread: Mapping[str, float]
    slope: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    first: float = 0.0
    supported: float | None = None
    chance: Any = None

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The attributes."""
        return tuple(self.mean)

    @cached_property
    def sizes(self) -> np.ndarray:
        """How many levels each attribute has."""
        return np.array([len(means) for means in self.mean.values()])

    def levels(self, name: str) -> list[str]:
        """The levels of an attribute."""
        return [f"{name} {place}" for place in range(len(self.mean[name]))]

    @cached_property
    def survey(self) -> Survey:
        """The survey that everybody answers."""
        presence = self.showing.presence
        kinds = ["choice"] if self.supported is None else ["choice", "support"]
        return Survey.model_validate(
            {
                "title": "Drawn at random",
                "attributes": {
                    name: {"levels": self.levels(name), "presence": presence.get(name, "always")}
                    for name in self.names
                },
                "outcomes": {
                    kind: Outcome(kind=kind, column=kind, positive="1", negative="0")
                    for kind in kinds
                },
                "segments": {name: Segment(where=where) for name, where in SEGMENTS.items()},
            }
        )

    def draw(self, rng: np.random.Generator, n: int, tasks: int) -> cj.Wave:
        """A wave of `n` respondents."""
        chance = np.ones(len(AGES)) if self.chance is None else self.chance(scaled(AGES))
        age = rng.choice(AGES, n, p=chance / chance.sum())
        shows, arm = self.showing.draw(rng, n, tasks)
        codes = (rng.random(shows.shape, dtype=np.float32) * self.sizes).astype(np.int8)
        worth = self._worth(rng, age, shows, codes)
        gap = worth[..., 0] - worth[..., 1] + self.first + rng.logistic(size=(n, tasks))
        answers = {"choice": np.stack([gap > 0, gap <= 0], axis=-1)}
        if self.supported is not None:
            answers["support"] = self.supported + worth + rng.logistic(size=worth.shape) > 0
        respondents = pd.DataFrame(
            {
                "respondent": np.arange(n),
                "age": age,
                "sex": rng.choice(["female", "male"], n),
                "arm": arm,
            }
        )
        weights = None if self.chance is None else 1 / self.chance(scaled(age))
        return cj.Wave.build(self.survey, respondents, self._rows(shows, codes, answers), weights)

    def _worth(
        self, rng: np.random.Generator, age: np.ndarray, shows: np.ndarray, codes: np.ndarray
    ) -> np.ndarray:
        """What each respondent finds each profile worth, (n, tasks, 2)."""
        n, starts = len(age), np.cumsum(self.sizes) - self.sizes
        part_worths = self._means(age)
        part_worths += np.repeat(self._spreads, self.sizes) * rng.normal(size=part_worths.shape)
        # The last column is what an attribute is worth that is not shown.
        part_worths = np.column_stack([part_worths, np.zeros(n)])
        cell = np.where(shows, codes + starts, part_worths.shape[1] - 1)
        cell += (np.arange(n) * part_worths.shape[1])[:, None, None, None]
        return part_worths.ravel()[cell].sum(axis=-1)

    def _rows(
        self, shows: np.ndarray, codes: np.ndarray, answers: Mapping[str, np.ndarray]
    ) -> pd.DataFrame:
        n, tasks = shows.shape[:2]
        columns = np.where(shows, codes, np.int8(-1)).reshape(-1, len(self.names)).T.copy()
        task = np.tile(np.repeat(np.arange(tasks), 2), n)
        frame = {
            "respondent": np.repeat(np.arange(n), 2 * tasks),
            "task": pd.Categorical.from_codes(task, [str(place) for place in range(tasks)]),
            "profile": pd.Categorical.from_codes(np.tile([0, 1], n * tasks), ["A", "B"]),
        }
        for name, column in zip(self.names, columns, strict=True):
            frame[name] = pd.Categorical.from_codes(column, self.levels(name))
        return pd.DataFrame(
            frame | {name: answer.ravel() * 1.0 for name, answer in answers.items()}
        )

    def _means(self, age: np.ndarray) -> np.ndarray:
        """Part-worths' means, one row an age, one column a level."""
        slope = [self.slope.get(name, (0.0,) * len(means)) for name, means in self.mean.items()]
        return np.concatenate([*self.mean.values()]) + scaled(age)[:, None] * np.concatenate(slope)

    @cached_property
    def _spreads(self) -> np.ndarray:
        return np.array([self.spread[name] for name in self.names])

    def truth(self, who: str) -> PartialTruth:
        """What is true of a group: of all, of a segment, or of an arm."""
        return PartialTruth(self, who)


class PartialTruth:
    """What is true of a group, for every figure that the package estimates.

    A condition says by attribute which level a profile has, or that it is shown, or not shown.
    """

    def __init__(self, population: Partial, who: str) -> None:
        self._population = population
        self._showing = population.showing
        arms = getattr(self._showing, "arms", ())
        if who in arms:
            place = [arms.index(who)]
            self._showing = Patterns(self._showing.names, np.ones(1), self._showing.shows[place])
        self._ages = AGES[in_group(who)]
        node, weight = np.polynomial.legendre.leggauss(NODES)
        # At nought the integral's function is a probability, by which shares are divided.
        self._u = np.append(0.0, (node + 1) * FURTHEST / 2)
        self._weight = weight * FURTHEST / 2
        self._factors, self._share = cache(self._factors_of), cache(self._share_of)

    def share(
        self, outcome: str, first: Mapping[str, str], second: Mapping[str, str] | None = None
    ) -> float:
        """How often profiles of a kind are chosen over those of another kind, or are supported.

        Formula
            P(X + L > 0) = 1/2 + 1/pi integral over u > 0 of Im(phi(u)) psi(u) / u, with phi the
            characteristic function of X and psi(u) = pi u / sinh(pi u) that of a logistic L (Gil-Pelaez).
        """
        conditions = ((name, first.get(name), (second or {}).get(name)) for name in self._population.names)  # fmt: skip
        return self._share(outcome == "support", tuple(conditions))

    def _share_of(
        self, judged: bool, conditions: Sequence[tuple[str, str | None, str | None]]
    ) -> float:
        factors = np.array([self._factors(*condition, judged) for condition in conditions])
        phi = self._showing.average(factors).mean(axis=0)
        often, phi, u = phi[0].real, phi[1:], self._u[1:]
        if judged:
            phi = phi * np.exp(1j * u * self._population.supported)
        else:  # first half of the time, second half of the time
            phi = phi * np.cos(u * self._population.first)
        return float(0.5 + self._weight @ (phi.imag / np.sinh(np.pi * u)) / often)

    def _factors_of(
        self, name: str, first: str | None, second: str | None, judged: bool
    ) -> np.ndarray:
        """An attribute's part of the characteristic function, (2, 2, ages, nodes).

        Where both show it, where the first or second does alone, and where neither does; levels with
        the probabilities of the design, zero where the conditions do not hold.
        """
        population, place = self._population, self._population.names.index(name)
        start = int(population.sizes[:place].sum())
        mean = population._means(self._ages)[:, start : start + population.sizes[place]]
        wave = np.exp(1j * self._u * mean[..., None])
        damp = np.exp(-(self._u**2) * population.spread[name] ** 2 / 2)
        likely, opposite = (self._chances(name, condition) for condition in (first, second))
        if judged:  # what the second profile shows is not looked at
            back, damped = np.ones_like(wave), damp
        else:
            back, damped = wave.conj(), damp**2
        both = np.einsum("l,m,alu,amu->au", likely, opposite, wave, back) * damped
        if not judged:  # the same level twice: worth the same
            same = likely * opposite
            both += same.sum() - np.einsum("l,alu,alu->au", same, wave, back) * damped
        alone = np.einsum("l,alu->au", likely, wave) * damp
        against = np.einsum("l,alu->au", opposite, back) * (1.0 if judged else damp)
        neither = np.ones_like(both)
        absent = [float(condition in (None, ABSENT)) for condition in (first, second)]
        return np.array(
            [[both, alone * absent[1]], [against * absent[0], neither * absent[0] * absent[1]]]
        )

    def _chances(self, name: str, condition: str | None) -> np.ndarray:
        levels = self._population.levels(name)
        if condition in (None, PRESENT):
            return np.full(len(levels), 1 / len(levels))
        return np.array([level == condition for level in levels]) / len(levels)

    def of(self, row: Any) -> float:
        """The truth of a row of a tidy frame."""
        names, levels = row.attribute.split(" * "), row.level.split(" * ")
        if row.estimand in ("marginal mean", "joint mean"):
            return self.share(row.outcome, dict(zip(names, levels, strict=True)))
        if row.estimand == "presence effect":
            return self._presence(row.outcome, row.attribute)
        if row.estimand in ("amce", "acie"):
            return self._effect(row.outcome, names, levels, row.baseline.split(" * "))
        if row.estimand == "choice-level mean":
            level, opponent = row.level.split(" over ")
            return self.share(row.outcome, {row.attribute: level}, {row.attribute: opponent})
        if row.estimand == "average component preference":
            shares = [
                self.share(row.outcome, {row.attribute: row.level}, {row.attribute: opponent})
                for opponent in self._population.levels(row.attribute)
                if opponent != row.level
            ]
            return float(np.mean(shares)) - 0.5
        raise LookupError(row.estimand)

    def _effect(
        self, outcome: str, names: Sequence[str], levels: Sequence[str], baselines: Sequence[str]
    ) -> float:
        """Difference of shares, or difference of differences."""
        (*before, name), (*fixed, level), (*base, baseline) = names, levels, baselines
        if before:
            return self._inner(outcome, {before[0]: fixed[0]}, name, level, baseline) - self._inner(
                outcome, {before[0]: base[0]}, name, level, baseline
            )
        return self._inner(outcome, {}, name, level, baseline)

    def _inner(
        self, outcome: str, beside: Mapping[str, str], name: str, level: str, baseline: str
    ) -> float:
        ends = [self.share(outcome, {**beside, name: value}) for value in (level, baseline)]
        return ends[0] - ends[1]

    def _presence(self, outcome: str, name: str) -> float:
        if outcome == "support":
            return self.share(outcome, {name: PRESENT}) - self.share(outcome, {name: ABSENT})
        return 2 * self.share(outcome, {name: PRESENT}, {name: ABSENT}) - 1
