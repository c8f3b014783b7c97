"""Targets: how often profiles of interest have their levels, and what that asks of a design."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from conjoint.errors import EstimationError, Fault, RequestError, choices
from conjoint.estimate.design import cells_of, design_shares, find_components
from conjoint.survey import INTERLOCK
from conjoint.survey.rule import as_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conjoint.estimate.design import Block
    from conjoint.estimate.sample import Sample
    from conjoint.survey import Survey
    from conjoint.typing import FloatArray, Randomised

__all__ = [
    "Shares",
    "check_overlap",
    "drawn_shares",
    "note_target",
    "profile_weight",
    "read_target",
    "target_block",
    "target_ratio",
]

SUMS_TO_ONE = 1e-6
"""How far shares, written with a few decimals, may sum from one."""


@dataclass(frozen=True, eq=False, slots=True)
class Shares:
    """Shares of the levels of one attribute, or of the combinations of several.

    `table` has one axis an attribute, and sums to one.
    """

    attributes: tuple[str, ...]
    table: FloatArray

    def without(self, name: str) -> Shares:
        """The shares of the other attributes, this one summed over."""
        if name not in self.attributes:
            return self
        axis = self.attributes.index(name)
        others = tuple(other for other in self.attributes if other != name)
        return Shares(others, np.asarray(self.table.sum(axis=axis)))


def read_target(survey: Survey, target: Mapping[Any, Mapping[Any, Any]]) -> tuple[Shares, ...]:
    """Turn a target as it is written into shares, in the order given.

    Parameters
    ----------
    target
        ``{"gender": {"Female": 0.5, "Male": 0.5}, ("party", "race"): {("Dem", "White"): 0.3, ...}}``;
        joint shares may also be nested. Levels left out have a share of zero.

    Raises
    ------
    RequestError
        Names every fault: an unknown attribute or level, an attribute twice, a share that is no
        number of zero or more, shares that do not sum to one, tied attributes given apart.
    """
    faults: list[Fault] = []
    parts: list[Shares] = []
    seen: set[str] = set()
    for key, given in target.items():
        names = (key,) if isinstance(key, str) else tuple(key)
        found = list(_key_faults(survey, names, seen))
        seen |= set(names)
        if not found:
            part, found = _read_part(survey, names, given)
            parts.append(part)
        faults += found
    faults += _tied_faults(survey, parts)
    if not target:
        faults.append(
            Fault("target", "names no attribute", "one or more of " + choices(survey.attributes))
        )
    if faults:
        raise RequestError(*faults)
    return tuple(replace(part, table=part.table / part.table.sum()) for part in parts)


def check_overlap(sample: Sample, target: Sequence[Shares]) -> None:
    """What the target holds, the profiles have to show.

    Raises
    ------
    EstimationError
        Names each level, or combination, with a share of the target that no profile shows.
    """
    faults = []
    for part in target:
        codes, shape = cells_of(sample.wave, part.attributes)
        shown = np.bincount(codes[sample.rows], minlength=part.table.size) > 0
        for cell in np.flatnonzero((part.table.ravel() > 0) & ~shown):
            level = _words(sample.wave.survey, part.attributes, np.unravel_index(cell, shape))
            faults.append(
                Fault(
                    sample.where,
                    f"the target has {part.table.ravel()[cell]:.4g} of {level}, which no profile shows",
                    "shares above zero only where profiles are shown",
                    "Set the share to zero, or leave the attribute out of the target.",
                )
            )
    if faults:
        raise EstimationError(*faults)


def drawn_shares(sample: Sample, names: Sequence[str], *, observed: bool) -> FloatArray:
    """How often combinations of attributes are drawn: by the design, or as the sample shows them."""
    if not observed:
        return design_shares(sample.wave.survey, names, sample.wave)
    codes, shape = cells_of(sample.wave, names)
    sums = np.bincount(codes[sample.rows], weights=sample.w, minlength=int(np.prod(shape)))
    return np.asarray(sums / sums.sum()).reshape(shape)


def target_ratio(
    sample: Sample, name: str, target: Sequence[Shares], randomised: Randomised
) -> FloatArray:
    """Target over randomised probability of what is drawn apart from the attribute, (N,)."""
    (component,) = (part for part in find_components(sample.wave.survey) if name in part)
    ratio = np.ones(len(sample.y))
    for part in target:
        rest = part.without(name)
        if rest.attributes and not {*rest.attributes} <= {*component}:
            shares = drawn_shares(sample, rest.attributes, observed=randomised == "observed")
            codes = cells_of(sample.wave, rest.attributes)[0][sample.rows]
            ratio *= _over(rest.table, shares).ravel()[codes]
    return ratio


def profile_weight(
    sample: Sample, name: str, ratio: FloatArray, randomised: Randomised, cap: float | None
) -> FloatArray:
    """What a profile counts: target over randomised probability of it, as factorEx has it; (N,)."""
    own = drawn_shares(sample, (name,), observed=randomised == "observed")
    weight = ratio / own[sample.codes(name)]
    return weight if cap is None else np.minimum(weight, cap)


def target_block(
    sample: Sample,
    name: str,
    block: Block,
    target: Sequence[Shares],
    randomised: Randomised = "declared",
) -> Block:
    """A block that holds an attribute, its others drawn as the target would have them drawn."""
    if randomised == "observed":
        shares = drawn_shares(sample, block.attributes, observed=True)
        block = replace(block, probabilities=shares)
    for part in target:
        rest = part
        for other in part.attributes:
            if other == name or other not in block.attributes:
                rest = rest.without(other)
        if rest.attributes:
            inside = [own for own in block.attributes if own in rest.attributes]
            axes = tuple(
                axis for axis, own in enumerate(block.attributes) if own not in rest.attributes
            )
            shares = block.probabilities.sum(axis=axes, keepdims=True)
            table = rest.table.transpose([rest.attributes.index(own) for own in inside])
            ratio = _over(table.reshape(shares.shape), shares)
            block = replace(block, probabilities=block.probabilities * ratio)
    return block


def note_target(target: Sequence[Shares]) -> dict[str, str]:
    """What a specification says of a target: whose shares it gives."""
    return {"target": ", ".join(INTERLOCK.join(part.attributes) for part in target)}


def _over(target: FloatArray, shares: FloatArray) -> FloatArray:
    """Their ratio; zero where the design never draws it, which `check_overlap` has looked at."""
    return np.asarray(np.where(shares > 0, target / np.where(shares > 0, shares, 1.0), 0.0))


def _key_faults(survey: Survey, names: tuple[str, ...], seen: set[str]) -> Iterator[Fault]:
    if not names or len(set(names)) < len(names):
        yield Fault("target", f"{names} is no combination", "different attributes", "Correct it.")
    for name in dict.fromkeys(names):
        if name not in survey.attributes:
            what, known = f'there is no attribute "{name}"', choices(survey.attributes)
            yield Fault("target", what, known, "Correct the name.")
        elif not survey.attributes[name].is_always:
            what = f'"{name}" is not shown in every profile'
            expected = "attributes that are always shown: shares of all profiles"
            yield Fault("target", what, expected, "Leave it out: it is averaged as it was drawn.")
        elif name in seen:
            what = f'"{name}" stands in two parts of the target'
            yield Fault("target", what, "each attribute once", "Give its shares once.")


def _read_part(
    survey: Survey, names: tuple[str, ...], given: Mapping[Any, Any]
) -> tuple[Shares, list[Fault]]:
    where = f"target, {INTERLOCK.join(names)}"
    values = [survey.attributes[name].values for name in names]
    table = np.zeros([len(own) for own in values])
    faults = []
    for cell, share in _unfold(given, len(names)):
        levels = tuple(as_text(level) for level in cell)
        if len(levels) != len(names):
            what = f'"{INTERLOCK.join(levels)}" names {len(levels)} level(s)'
            faults.append(Fault(where, what, f"one of each of {choices(names)}", "Correct it."))
            continue
        unknown = [
            Fault(where, f'"{level}" is not a level of "{name}"', choices(known), "Correct it.")
            for name, level, known in zip(names, levels, values, strict=True)
            if level not in known
        ]
        number = isinstance(share, (int, float, np.integer, np.floating))
        if not number or isinstance(share, bool) or not 0 <= share < np.inf:
            what = f'the share of "{INTERLOCK.join(levels)}" is {share!r}'
            faults.append(Fault(where, what, "a number of zero or more", "Correct it."))
        elif not unknown:
            place = (known.index(level) for level, known in zip(levels, values, strict=True))
            table[tuple(place)] = share
        faults += unknown
    if not faults and abs(table.sum() - 1) > SUMS_TO_ONE:
        what = f"the shares sum to {table.sum():.6g}"
        faults.append(Fault(where, what, "shares that sum to 1", "Correct them."))
    return Shares(names, table), faults


def _unfold(
    given: Any, depth: int, above: tuple[Any, ...] = ()
) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Each combination of levels with its share, nested or keyed by tuples."""
    if not isinstance(given, Mapping):
        yield above, given
        return
    for level, inside in given.items():
        own = (*above, *(level if isinstance(level, tuple) else (level,)))
        if len(own) < depth:
            yield from _unfold(inside, depth, own)
        else:
            yield own, inside


def _tied_faults(survey: Survey, parts: Sequence[Shares]) -> Iterator[Fault]:
    """Attributes that the design ties have to be given together, and with no others."""
    for component in find_components(survey):
        touching = [part for part in parts if {*part.attributes} & {*component}]
        apart = len(touching) > 1
        if len(component) > 1 and (
            apart or any(not {*part.attributes} <= {*component} for part in touching)
        ):
            named = [name for part in touching for name in part.attributes]
            yield Fault(
                "target",
                f"{choices(component)} are drawn together, and the target gives "
                + (f"{choices(named)} apart" if apart else f"{choices(named)} together"),
                "one joint distribution of attributes that are drawn together, and of no others",
                f'Give their shares as one part: {{("{component[0]}", "{component[1]}"): ...}}.',
            )


def _words(survey: Survey, names: Sequence[str], place: Sequence[Any]) -> str:
    values = [survey.attributes[name].values[at] for name, at in zip(names, place, strict=True)]
    return " with ".join(f'"{value}" of {name}' for name, value in zip(names, values, strict=True))
