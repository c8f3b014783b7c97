"""How often is each attribute shown, with which others, in which arm?"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.audit.item import Item
from conjoint.say.number import base, between, percent
from conjoint.say.phrase import phrase
from conjoint.say.words import listed
from conjoint.survey import Arm

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conjoint.typing import BoolArray
    from conjoint.wave import Wave

__all__ = ["presence"]

CHECK = "presence"

FEW = 8
"""Attributes whose shares are listed; of more the least and the largest."""


def presence(wave: Wave) -> list[Item]:
    """Say how often each attribute is shown, and with which others; by arm, and within tasks.

    Notes
    -----
    How often an attribute is shown is the design's to decide, so that only an attribute that no
    profile shows is a ``stop``. Tasks in which one profile shows an attribute and another does not are
    counted: they are what a presence effect can be estimated from.
    """
    sometimes = [
        name for name, attribute in wave.survey.attributes.items() if not attribute.is_always
    ]
    if not sometimes:
        return [Item(CHECK, "", "fine", phrase("audit.presence.all_shown"))]
    shows = {name: wave.shows(name) for name in sometimes}
    return [
        _frequencies(shows, len(wave.survey.attributes) - len(sometimes)),
        *_arms(wave),
        *_apart(shows),
        *_mixed(wave, shows),
    ]


def _frequencies(shows: dict[str, BoolArray], always: int) -> Item:
    shares = {name: float(rows.mean()) for name, rows in shows.items()}
    never = [name for name, share in shares.items() if not share]
    if never:
        subject, concerned = listed(never), tuple(never)
        text = phrase("audit.presence.never", attributes=subject)
        do = phrase("audit.presence.never_do")
        return Item(CHECK, subject, "stop", text, do, 0.0, "share", attributes=concerned)
    number = always + np.sum(list(shows.values()), axis=0)
    low, high = int(number.min()), int(number.max())
    showing = f"{low}" if low == high else between(str(low), str(high))
    if len(shares) <= FEW:
        said = (
            phrase("audit.presence.share", attribute=name, share=percent(share, 1))
            for name, share in shares.items()
        )
        text = phrase("audit.presence.shares", shares=listed(said, most=FEW), number=showing)
    else:
        least, most = min(shares, key=shares.__getitem__), max(shares, key=shares.__getitem__)
        text = phrase(
            "audit.presence.many",
            count=len(shares),
            least=least,
            least_share=percent(shares[least], 1),
            most=most,
            most_share=percent(shares[most], 1),
            number=showing,
        )
    return Item(CHECK, "", "fine", text, "", min(shares.values()), "share")


def _arms(wave: Wave) -> Iterator[Item]:
    """Who is in which arm, and what it shows."""
    attributes = wave.survey.attributes
    for column in wave.survey.arm_columns:
        people = wave.respondents[column].astype(str).value_counts()
        parts = []
        for arm, count in people.items():
            names = [
                name
                for name, attribute in attributes.items()
                if isinstance(attribute.presence, Arm)
                and attribute.presence.column == column
                and arm in attribute.presence.arm
            ]
            parts.append(
                phrase(
                    "audit.presence.arm",
                    arm=arm,
                    respondents=phrase("audit.count.respondents", int(count)),
                    attributes=listed(names) or phrase("audit.presence.none"),
                )
            )
        text = phrase("audit.presence.arms", column=column, arms="; ".join(parts))
        yield Item(CHECK, column, "fine", text, "", float(people.min()), "respondents")


def _apart(shows: dict[str, BoolArray]) -> Iterator[Item]:
    """Attributes that no profile shows together: nothing joint can be said of them."""
    names = list(shows)
    marks = np.stack([shows[name] for name in names], axis=1).astype(np.float32)
    together = marks.T @ marks
    pairs = [
        phrase("audit.presence.pair", first=names[a], second=names[b])
        for a, b in combinations(range(len(names)), 2)
        if not together[a, b] and together[a, a] and together[b, b]
    ]
    if pairs:
        text = phrase("audit.presence.apart", len(pairs), pairs=listed(pairs, most=4))
        subject = phrase("audit.presence.together")
        yield Item(CHECK, subject, "fine", text, "", float(len(pairs)), "pairs")


def _mixed(wave: Wave, shows: dict[str, BoolArray]) -> Iterator[Item]:
    """Tasks in which some profiles show an attribute and others do not."""
    task, tasks = pd.factorize(wave.profiles["task"])
    number = pd.factorize(wave.respondent_index * len(tasks) + task)[0]
    size = np.bincount(number)
    mixed = {}
    for name, rows in shows.items():
        showing = np.bincount(number, rows)
        mixed[name] = int(((showing > 0) & (showing < size)).sum())
    some = {name: count for name, count in mixed.items() if count}
    if not some:
        text = phrase("audit.presence.same")
    else:
        said = (
            phrase("audit.presence.share", attribute=name, share=base(count))
            for name, count in some.items()
        )
        counts = listed(said, most=FEW)
        text = phrase("audit.presence.mixed", tasks=base(len(size)), counts=counts)
    yield Item(
        CHECK, phrase("audit.presence.tasks"), "fine", text, "", float(max(mixed.values())), "tasks"
    )
