"""Waves drawn from preferences of which the truth is known, additive and interacting.

The chance of choosing the first of two profiles is 1/2 + m(first) - m(second), where a person's m is
the population's and a lean of their own. So the truth needs no estimator: support for a package
over a random opponent is 1/2 + m(package) - mean of m, head to head it is 1/2 + m(one) - m(other).
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
from scipy import stats

import conjoint as cj
from conjoint.survey import Attribute, Level

LEVELS = {
    "cap": ("5000", "10000", "20000", "40000"),
    "reduction": ("0", "50", "90"),
    "partners": ("France", "Europe"),
}
SHARES = {"cap": (0.25,) * 4, "reduction": (0.5, 0.3, 0.2), "partners": (0.5, 0.5)}
"""How often the design draws each level."""

EFFECTS = {
    "cap": np.array([0.06, 0.04, 0.0, -0.08]),
    "reduction": np.array([-0.06, 0.02, 0.07]),
    "partners": np.array([0.0, 0.03]),
}
TOGETHER = 0.07 * np.array([[1, 0, -1], [0.5, 0, -0.5], [-0.5, 0, 0.5], [-1, 0, 1.0]])
"""What a cap and a reduction are worth together, beyond what each is worth."""

GROUPS = {"north": 1.0, "south": 0.4}
"""How strongly a group feels, as a part of `EFFECTS`."""

SHAPE = tuple(len(levels) for levels in LEVELS.values())
NAMES = tuple(LEVELS)


def utilities(kind: str, group: str | None = None, strengths=GROUPS) -> np.ndarray:
    """m of every profile, one axis an attribute; of everybody where there is no group."""
    strength = strengths[group] if group else np.mean(list(strengths.values()))
    m = np.zeros(SHAPE)
    for axis, name in enumerate(NAMES):
        along = [-1 if place == axis else 1 for place in range(len(SHAPE))]
        m = m + EFFECTS[name].reshape(along)
    if kind == "interacting":
        m = m + TOGETHER[:, :, None]
    return strength * m


def drawn() -> np.ndarray:
    """How often the design draws every profile."""
    return np.einsum("i,j,k->ijk", *(np.array(SHARES[name]) for name in NAMES))


def place(package):
    """Where a package's profiles are among all."""
    return tuple(
        LEVELS[name].index(package[name]) if name in package else slice(None) for name in NAMES
    )


def mean_of(values, package, average=None):
    """Mean over what a package leaves out, as often as it is drawn, or as stated."""
    weight = drawn() if average is None else np.einsum("i,j,k->ijk", *average)
    own = weight[place(package)]
    return float((values[place(package)] * own).sum() / own.sum())


def true_support(kind, package, group=None, average=None, strengths=GROUPS):
    """Support over a random opponent."""
    m = utilities(kind, group, strengths)
    return 0.5 + mean_of(m, package, average) - float((m * drawn()).sum())


def averaged_marginal_means(kind, package):
    """What averaging the marginal means of a package's levels comes to, chance apart."""
    return float(np.mean([true_support(kind, {name: level}) for name, level in package.items()]))


def over_none(kind, package, group):
    """The share taking a package rather than none: 1/2 + m, whatever else is on offer."""
    return 0.5 + mean_of(utilities(kind, group), package)


def draw_profiles(rng, n, tasks, strengths):
    """Levels of each attribute, (attributes, n, tasks, 2), groups, and the columns that say both."""
    code = np.stack(
        [rng.choice(len(SHARES[name]), (n, tasks, 2), p=SHARES[name]) for name in NAMES]
    )
    group = rng.permutation(n) % len(strengths)
    columns = {
        "id": np.repeat(np.arange(n), tasks * 2),
        "task": np.tile(np.repeat(range(tasks), 2), n),
    }
    columns["group"] = np.array(list(strengths))[np.repeat(group, tasks * 2)]
    for name, levels in zip(NAMES, code, strict=True):
        columns[name] = pd.Categorical.from_codes(levels.ravel(), LEVELS[name])
    return code, group, columns


def draw_wave(rng, n=400, tasks=8, strengths=GROUPS):
    """People of groups, evenly; one forced choice from each kind of preference."""
    code, group, columns = draw_profiles(rng, n, tasks, strengths)
    # A person's own likings, around zero in each group.
    own = [rng.uniform(-0.03, 0.03, (n, size)) for size in SHAPE]
    person = np.arange(n)[:, None, None]
    lean = sum(likings[person, levels] for likings, levels in zip(own, code, strict=True))
    chance = rng.uniform(size=(n, tasks))
    for kind in ("additive", "interacting"):
        each = np.stack([utilities(kind, name, strengths) for name in strengths])
        m = each[(group[:, None, None], *code)] + lean
        share = 0.5 + m[:, :, 0] - m[:, :, 1]
        assert share.min() >= 0
        assert share.max() <= 1
        first = chance < share
        columns[kind] = np.stack([first, ~first], axis=2).ravel().astype(float)
    return pd.DataFrame(columns)


def draw_free_wave(rng, n=400, tasks=8):
    """The same people, who may choose none: of a profile or none the share is 1/2 + m, in every task.

    The chances are in proportion to a = m' / (1 - m') and to 1 for none, m' = 1/2 + m, so that the
    other profile on offer does not matter. What a person's answers have in common is in the draws.
    """
    code, group, columns = draw_profiles(rng, n, tasks, GROUPS)
    common, own = rng.standard_normal((n, 1)), rng.standard_normal((n, tasks))
    chance = stats.norm.cdf(np.sqrt(0.3) * common + np.sqrt(0.7) * own)
    for kind in ("additive", "interacting"):
        each = 0.5 + np.stack([utilities(kind, name) for name in GROUPS])
        share = each[(group[:, None, None], *code)]
        a = share / (1 - share)
        ends = np.cumsum(a, axis=2) / (1 + a.sum(axis=2, keepdims=True))
        first = chance < ends[:, :, 0]
        second = ~first & (chance < ends[:, :, 1])
        columns[kind] = np.stack([first, second], axis=2).ravel().astype(float)
    return pd.DataFrame(columns)


def as_free_wave(frame):
    """A wave of them, its outcomes with the answer that chooses none."""
    wave = as_wave(frame)
    outcomes = {
        name: outcome.model_copy(update={"none": ("neither",)})
        for name, outcome in wave.survey.outcomes.items()
    }
    survey = wave.survey.model_copy(update={"outcomes": outcomes})
    return cj.Wave.build(survey, wave.respondents, wave.profiles, wave.weights)


def as_wave(frame, **options):
    """A wave of them, with the numbers of the levels and the design's shares."""
    wave = cj.Wave.from_frame(
        frame,
        respondent="id",
        task="task",
        outcome=["additive", "interacting"],
        attributes=list(NAMES),
        segments=["group"],
        **options,
    )
    return with_design(wave)


def with_design(wave):
    """The same wave, its survey saying what the levels are worth and how often they are drawn."""
    attributes = {
        name: Attribute(
            levels=tuple(
                Level(value=value, number=None if name == "partners" else float(value))
                for value in values
            ),
            probabilities=SHARES[name],
        )
        for name, values in LEVELS.items()
    }
    survey = wave.survey.model_copy(update={"attributes": attributes})
    return cj.Wave.build(
        survey,
        wave.respondents,
        wave.profiles,
        wave.weights,
    )


def every(*names):
    """Every combination of levels of some attributes."""
    return [
        dict(zip(names, levels, strict=True))
        for levels in product(*(LEVELS[name] for name in names))
    ]
