"""What was shown differently in two waves: outcomes, attributes, levels, and how they were drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conjoint.compare.asked import reworded
from conjoint.compare.flag import Flag
from conjoint.estimate.design import design_shares, find_components
from conjoint.say.number import percent
from conjoint.say.phrase import phrase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conjoint.survey import Attribute, Outcome, Survey
    from conjoint.typing import FloatArray
    from conjoint.wave import Wave

__all__ = ["design_flags"]

SAME = 1e-6
"""Design probabilities that differ by less, which is how they are rounded, are the same."""

KINDS = ("marginal mean", "amce")

PRESENCE = 0.02
"""A change in how often an attribute is shown from which figures want care."""


def _most_shown(wave: Wave) -> tuple[int, int]:
    """The most profiles that a task showed, and the most tasks that one person judged."""
    sizes = wave.profiles.groupby(["respondent", "task"], observed=True).size()
    return int(sizes.max()), int(sizes.groupby(level="respondent").size().max())


def design_flags(first: Wave, second: Wave) -> Iterator[Flag]:
    """Every way in which what was shown and judged differs between two waves."""
    one, two = first.survey, second.survey
    for name in one.outcomes.keys() & two.outcomes.keys():
        yield from _of_outcome(name, one.outcomes[name], two.outcomes[name])
    each = [_most_shown(wave) for wave in (first, second)]
    whole = tuple({"kind": kind} for kind in KINDS)
    if each[0][0] != each[1][0]:
        text = phrase("comparison.flag.profiles", first=each[0][0], second=each[1][0])
        yield Flag("design", "", "not compared", text, whole)
    if each[0][1] != each[1][1]:
        text = phrase("comparison.flag.tasks", first=each[0][1], second=each[1][1])
        yield Flag("design", "", "care", text, whole)
    changed: list[str] = []
    for name in dict.fromkeys([*one.attributes, *two.attributes]):
        if name in one.attributes and name in two.attributes:
            found = list(_of_attribute(name, one.attributes[name], two.attributes[name]))
            yield from found
            if any(flag.kind == "levels" and flag.bearing == "not compared" for flag in found):
                changed.append(name)
            was, now = (float(wave.shows(name).mean()) for wave in (first, second))
            if abs(now - was) > PRESENCE:
                text = phrase(
                    "comparison.flag.shown",
                    attribute=name,
                    first=percent(was),
                    second=percent(now),
                )
                yield Flag("design", name, "care", text, whole)
        else:
            which = "first" if name in one.attributes else "second"
            text = phrase(f"comparison.flag.attribute_{which}", attribute=name)
            yield Flag("attribute", name, "noted", text)
            changed.append(name)
    if not changed:
        moved = sorted(_moved(one, two))
        for names in moved:
            text = phrase("comparison.flag.drawn", attributes=_named(two, names))
            touched = tuple({"kind": kind, "attribute": name} for kind in KINDS for name in names)
            yield Flag("design", " * ".join(names), "not compared", text, touched)
        changed = [name for names in moved for name in names]
    yield from _of_others(one, two, changed)


def _of_outcome(name: str, one: Outcome, two: Outcome) -> Iterator[Flag]:
    touched = tuple({"kind": kind, "outcome": name} for kind in KINDS)
    label = two.label or one.label or name
    found = reworded(one.text, two.text, phrase("comparison.wording.outcome", outcome=label))
    if found is not None:
        yield Flag("wording", name, found[0], found[1], touched)  # type: ignore[arg-type]
    answers = [
        (o.kind, set(o.positive), set(o.negative), set(o.none), set(o.missing), o.min, o.max)
        for o in (one, two)
    ]
    if answers[0] != answers[1]:
        text = phrase("comparison.flag.count_otherwise", outcome=label)
        yield Flag("answers", name, "not compared", text, touched)


def _of_attribute(name: str, one: Attribute, two: Attribute) -> Iterator[Flag]:
    touched = tuple({"kind": kind, "attribute": name} for kind in KINDS)
    label = two.label or name
    for first, second, what in (
        (one.text, two.text, phrase("comparison.wording.explained", attribute=label)),
        (one.label, two.label, phrase("comparison.wording.called", attribute=name)),
    ):
        found = reworded(first, second, what)
        if found is not None:
            yield Flag("attribute", name, found[0], found[1], touched)  # type: ignore[arg-type]
    if set(one.values) != set(two.values):
        gone = ", ".join(f"“{value}”" for value in one.values if value not in two.values)
        new = ", ".join(f"“{value}”" for value in two.values if value not in one.values)
        key = "levels_gone_and_new" if gone and new else "levels_gone" if gone else "levels_new"
        said = {"gone": gone} if gone else {}
        said |= {"new": new} if new else {}
        text = phrase(f"comparison.flag.{key}", attribute=label, **said)
        yield Flag("levels", name, "not compared", text, touched)
        return
    shown = {level.value: level.shown for level in two.levels}
    for level in one.levels:
        found = reworded(
            level.shown, shown[level.value], phrase("comparison.wording.level", attribute=label)
        )
        if found is not None:
            yield Flag("levels", name, found[0], found[1], touched)  # type: ignore[arg-type]
    if one.values[one.baseline_index] != two.values[two.baseline_index]:
        text = phrase("comparison.flag.baseline", attribute=label)
        yield Flag("baseline", name, "noted", text)


def _moved(one: Survey, two: Survey) -> set[tuple[str, ...]]:
    """Attributes that the two designs draw otherwise: those drawn together stand together."""
    moved = set()
    for names in {*find_components(one), *find_components(two)}:
        mine, theirs = design_shares(one, names), _aligned(one, two, names)
        if np.abs(mine - theirs).max() > SAME:
            moved.add(names)
    return moved


def _aligned(one: Survey, two: Survey, names: tuple[str, ...]) -> FloatArray:
    """The second design's probabilities, levels in the order of the first's."""
    shares = design_shares(two, names)
    for axis, name in enumerate(names):
        values = two.attributes[name].values
        order = [values.index(value) for value in one.attributes[name].values]
        shares = np.take(shares, order, axis=axis)
    return shares


def _of_others(one: Survey, two: Survey, changed: list[str]) -> Iterator[Flag]:
    """What a changed attribute does to the figures of all others."""
    others = [name for name in two.attributes if name in one.attributes and name not in changed]
    if not changed or not others:
        return
    text = phrase("comparison.flag.means", attributes=_named(two, changed))
    yield Flag(
        "design", "", "not compared", text,
        tuple({"kind": "marginal mean", "attribute": name} for name in others),
    )  # fmt: skip
    text = phrase("comparison.flag.amces", attributes=_named(two, changed))
    yield Flag(
        "design", "", "care", text, tuple({"kind": "amce", "attribute": name} for name in others)
    )


def _named(survey: Survey, names: list[str] | tuple[str, ...]) -> str:
    return ", ".join(
        f"“{survey.attribute_label(name) if name in survey.attributes else name}”" for name in names
    )
