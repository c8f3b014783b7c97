"""Waves drawn anew from a stated truth, fast: people, a topline, a scale and a forced choice."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

import conjoint as cj

VOTES = {"Left": 0.45, "Right": 0.35, "None": 0.20}
SUPPORT = {"Left": 0.60, "Right": 0.35, "None": 0.45}
"""Share of support by vote: the truth is 0.4825."""

TARGETS = {"vote": VOTES, "sex": {"F": 0.52, "M": 0.48}}
ANSWERS = ["Support", "Oppose", "Don't know"]


def asked(start: str = "2026-05-11", **changed: Any) -> cj.Survey:
    """What was asked; `changed` replaces parts of it."""
    content: dict[str, Any] = {
        "title": "Two waves",
        "fieldwork": {"start": start, "end": start},
        "mode": "Online",
        "population": "Adults",
        "attributes": {
            "price": {"label": "Price", "levels": ["low", "mid", "high"]},
            "colour": {"label": "Colour", "levels": ["red", "green"]},
        },
        "outcomes": {
            "choice": {
                "kind": "choice",
                "column": "c",
                "positive": "1",
                "negative": "0",
                "text": "?",
            }
        },
        "questions": {
            "deal": {
                "text": "Do you support the deal?",
                "answers": ANSWERS,
                "nets": {"Net": {"plus": ["Support"], "minus": ["Oppose"]}},
            },
            "warmth": {"kind": "scale", "text": "How warm?", "min": 0, "max": 10},
            "vote": {"text": "How did you vote?", "answers": list(VOTES), "topline": False},
        },
        "segments": {"left": {"label": "The left", "where": {"vote": "Left"}}},
    }
    for path, value in changed.items():
        part = content
        *front, last = path.split("__")
        for key in front:
            part = part[key]
        part[last] = value
    return cj.Survey.model_validate(content)


def draw(
    seed: int,
    n: int = 400,
    *,
    lift: float = 0.0,
    votes: dict[str, float] = VOTES,
    tasks: int = 2,
    survey: cj.Survey | None = None,
    prefix: str = "",
    lean: float = 0.0,
) -> cj.Wave:
    """A wave: `lift` raises everybody's support, `votes` are the mix, `lean` draws too many women."""
    rng = np.random.default_rng(seed)
    vote = rng.choice(list(votes), n, p=list(votes.values()))
    people = pd.DataFrame({"respondent": [f"{prefix or seed}-{place}" for place in range(n)]})
    people["vote"] = vote
    people["sex"] = np.where(rng.random(n) < 0.52 + lean, "F", "M")
    support = (
        np.array([SUPPORT[own] for own in vote]) + lift + 0.06 * (people["sex"] == "F") - 0.0312
    )
    u = rng.random(n)
    people["deal"] = np.where(u < support, ANSWERS[0], np.where(u < support + 0.3, *ANSWERS[1:]))
    warm = 3 + 3 * support + rng.normal(0, 2, n)
    people["warmth"] = np.clip(np.round(warm), 0, 10)
    survey = survey or asked("2026-05-11" if not prefix.startswith("b") else "2026-10-05")
    sizes = {name: len(own.levels) for name, own in survey.attributes.items()}
    shape = (n, tasks, 2)
    codes = {name: rng.integers(size, size=shape) for name, size in sizes.items()}
    worth = sum(
        np.linspace(0, 0.6, sizes[name])[own]
        + np.take_along_axis(rng.normal(0, 0.4, (n, 1, 1, sizes[name])), own[..., None], 3)[..., 0]
        for name, own in codes.items()
    ) + rng.gumbel(size=shape)  # fmt: skip
    rows = pd.DataFrame(
        {
            "respondent": np.repeat(people["respondent"].to_numpy(), tasks * 2),
            "task": np.tile(np.repeat([str(task + 1) for task in range(tasks)], 2), n),
            "profile": np.tile(["A", "B"], n * tasks),
        }
    )
    for name, own in codes.items():
        rows[name] = pd.Categorical.from_codes(own.ravel(), list(survey.attributes[name].values))
    rows["choice"] = (worth == worth.max(axis=2, keepdims=True)).ravel().astype(float)
    return cj.Wave.build(survey, people, rows)


def two(
    seed: int, n: int = 400, *, weighted: bool = True, **second: Any
) -> tuple[cj.Wave, cj.Wave]:
    """Two waves of one truth, unless `second` says otherwise of the second; weighted to TARGETS."""
    a, b = (
        draw(2 * seed, n, prefix=f"a{seed}"),
        draw(2 * seed + 1, prefix=f"b{seed}", **{"n": n} | second),
    )
    return (cj.rake(a, TARGETS), cj.rake(b, TARGETS)) if weighted else (a, b)
