"""Waves drawn from preferences of which the truth is known, additive and interacting.

The chance of choosing the first of two profiles is 1/2 + m(first) - m(second), where a person's m is
the population's and a lean of their own. So the truth needs no estimator: support for a package
over a random opponent is 1/2 + m(package) - mean of m, head to head it is 1/2 + m(one) - m(other).
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd

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


def utilities(kind: str, group: str | None = None) -> np.ndarray:
    """m of every profile, one axis an attribute; of everybody where there is no group."""
    strength = GROUPS[group] if group else np.mean(list(GROUPS.values()))
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


def true_support(kind, package, group=None, average=None):
    """Support over a random opponent."""
    m = utilities(kind, group)
    return 0.5 + mean_of(m, package, average) - float((m * drawn()).sum())


def averaged_marginal_means(kind, package):
    """What averaging the marginal means of a package's levels comes to, chance apart."""
    return float(np.mean([true_support(kind, {name: level}) for name, level in package.items()]))


def draw_wave(rng, n=400, tasks=8):
    """People of two groups, evenly; one forced choice from each kind of preference."""
    code = np.stack(
        [rng.choice(len(SHARES[name]), (n, tasks, 2), p=SHARES[name]) for name in NAMES]
    )
    group = rng.permutation(n) % len(GROUPS)
    # A person's own likings, around zero in each group.
    own = [rng.uniform(-0.03, 0.03, (n, size)) for size in SHAPE]
    person = np.arange(n)[:, None, None]
    lean = sum(likings[person, levels] for likings, levels in zip(own, code, strict=True))
    columns = {
        "id": np.repeat(np.arange(n), tasks * 2),
        "task": np.tile(np.repeat(range(tasks), 2), n),
    }
    columns["group"] = np.array(list(GROUPS))[np.repeat(group, tasks * 2)]
    for name, levels in zip(NAMES, code, strict=True):
        columns[name] = pd.Categorical.from_codes(levels.ravel(), LEVELS[name])
    chance = rng.uniform(size=(n, tasks))
    for kind in ("additive", "interacting"):
        each = np.stack([utilities(kind, name) for name in GROUPS])
        m = each[(group[:, None, None], *code)] + lean
        share = 0.5 + m[:, :, 0] - m[:, :, 1]
        assert share.min() >= 0
        assert share.max() <= 1
        first = chance < share
        columns[kind] = np.stack([first, ~first], axis=2).ravel().astype(float)
    return pd.DataFrame(columns)


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
