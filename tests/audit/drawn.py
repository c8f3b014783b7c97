"""Long frames drawn anew, clean or with one fault of design or order, for the audit's checks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

import conjoint as cj

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from conjoint.audit.item import Item

SIZES = {"price": 3, "colour": 2, "size": 4, "brand": 3}
Codes = dict[str, Any]


def draw(
    seed: int,
    n: int = 2000,
    tasks: int = 5,
    profiles: int = 2,
    shown: Callable[[np.random.Generator, Codes], None] | None = None,
    liking: Callable[[Codes], Any] | None = None,
) -> pd.DataFrame:
    """A forced choice with support, real effects, people who differ, and four covariates.

    `shown` may alter the codes, arrays of shape (n, tasks, profiles) under each attribute's name (and
    covariates, of shape (n,)); `liking` adds to what makes a profile win.
    """
    rng = np.random.default_rng(seed)
    shape = (n, tasks, profiles)
    codes: Codes = {name: rng.integers(size, size=shape) for name, size in SIZES.items()}
    codes |= {
        "sex": rng.integers(2, size=n),
        "party": rng.choice(5, size=n, p=[0.35, 0.3, 0.2, 0.1, 0.05]),
        "age": rng.integers(18, 90, size=n),
    }
    if shown is not None:
        shown(rng, codes)
    utility = rng.gumbel(size=shape)
    for name, size in SIZES.items():
        worth = np.linspace(0, 0.7, size) + rng.normal(0, 0.3, (n, size))
        utility += np.take_along_axis(worth[:, None, None, :], codes[name][..., None], 3)[..., 0]
    if liking is not None:
        utility += liking(codes)
    frame = pd.DataFrame(
        {
            "id": np.repeat(np.arange(n), tasks * profiles),
            "task": np.tile(np.repeat(np.arange(1, tasks + 1), profiles), n),
            "profile": np.tile([*"ABCDE"[:profiles]], n * tasks),
        }
    )
    for name, size in SIZES.items():
        levels = [f"{name} {place}" for place in range(size)]
        frame[name] = pd.Categorical.from_codes(codes[name].ravel(), levels)
    frame["chosen"] = (utility == utility.max(axis=2, keepdims=True)).ravel().astype(float)
    frame["support"] = (utility.ravel() + rng.logistic(size=len(frame)) > 1).astype(float)
    frame["rating"] = np.clip(np.round(4 + utility.ravel()), 0, 10)
    for name in ("sex", "party"):
        frame[name] = np.char.add(f"{name} ", codes[name].astype(str))[frame["id"]]
    frame["age"] = codes["age"][frame["id"]]
    return frame


def wave_of(frame: pd.DataFrame, **changed: Any) -> cj.Wave:
    """A wave of such a frame, keywords as for `Wave.from_frame`."""
    given: dict[str, Any] = {
        "respondent": "id",
        "outcome": ["chosen", "support"],
        "attributes": list(SIZES),
        "task": "task",
        "profile": "profile",
        "segments": ["sex", "party", "age"],
    }
    return cj.Wave.from_frame(frame, **(given | changed))


def verdicts(items: Sequence[Item]) -> dict[str, str]:
    """What is not fine, by subject."""
    return {item.subject: item.verdict for item in items if item.verdict != "fine"}


def only(items: Sequence[Item], verdict: str) -> Item:
    """The one item with a verdict."""
    found = [item for item in items if item.verdict == verdict]
    assert len(found) == 1, found
    return found[0]
