"""What is not shown of a wave: figures on too small a base, and those that would give them away.

A figure that is left out of one table can stand in another, or follow from it. So what is left out is
decided here once, for question tables, conjoint figures, weighting and comparisons of waves alike: bases,
questions, and means of levels each as one system of sums (see :mod:`conjoint.withhold.derive`).
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from conjoint.errors import EstimationError
from conjoint.estimate.identification import identification
from conjoint.toplines.answers import answered, items_of
from conjoint.toplines.banner import Banner, Column, make_banner
from conjoint.toplines.cells import find_cells
from conjoint.wave.group import SEGMENTS, find_groups, is_of_respondents
from conjoint.weight import margin_members
from conjoint.withhold.decision import Withheld
from conjoint.withhold.derive import suppressed_columns
from conjoint.withhold.detail import detail_shown
from conjoint.withhold.exchange import is_open

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator

    from conjoint.toplines.answers import Answered
    from conjoint.toplines.cells import Key, Merged
    from conjoint.typing import BoolArray, IntArray
    from conjoint.wave import Wave

BESIDES = "\0"
"""The heading of groups that stand in no crossbreak."""

__all__ = ["detail_of", "find_withheld", "hidden_segments"]


@lru_cache(maxsize=4)
def find_withheld(wave: Wave, by: str | tuple[str, ...] | None = None) -> Withheld:
    """Find what is not shown of the total, the segments and the crossbreaks of a wave.

    Bases: everybody, segments, crossbreaks and the margins of the weights are one system. A column hidden in
    it is hidden in every question. Questions: in each question, the same for those who were asked it, and
    the answers of people of one weight (see :func:`conjoint.withhold.detail.detail_shown`). Conjoint
    figures: no mean of a level or of two levels on a base under the limit is a sum of means shown, some of
    them taken off, over the levels of a group or over the groups of a level; levels of the grid are put together
    where cells of it would have to be left out (see :mod:`conjoint.toplines.cells`).

    Parameters
    ----------
    by
        Groups of people that are told besides, as for :func:`conjoint.amce`: one crossbreak more.
    """
    survey, limit = wave.survey, wave.survey.thresholds.suppress_below
    banner, further = _with_groups(wave, _banner(wave), by)
    if by is not None and not further:
        return find_withheld(wave)
    if not limit:
        nothing: frozenset[tuple[str, str, str]] = frozenset()
        return Withheld(frozenset(), nothing, nothing, nothing, frozenset(), frozenset())
    hidden, categories = _bases(wave, banner, limit)
    keys = [column.key for column in banner.columns]
    segments = _too_small(banner, hidden, {*survey.segments, *further})
    gone: list[tuple[Answered, str]] = []
    coarse: list[tuple[Answered, str]] = []
    made: dict[tuple[bytes, bytes], BoolArray] = {}

    def once_more(inside: BoolArray, before: BoolArray) -> BoolArray:
        """Hide what follows; the same people of several questions are looked at once."""
        key = inside.tobytes(), before.tobytes()
        if key not in made:
            small, joined = suppressed_columns(banner.members[inside], banner.blocks, limit, before)
            made[key] = small | joined
        return made[key].copy()

    for name, question in survey.questions.items():
        for item in items_of(question):
            found = answered(wave, name, item, points=True)
            own, rounded = _of_question(wave, found, banner, hidden, limit, once_more)
            gone += [(found, keys[place]) for place in np.flatnonzero(own)]
            coarse += [(found, keys[place]) for place in np.flatnonzero(rounded & ~own)]
    cells, merged = _means(wave, limit, segments, further)
    return Withheld(
        segments,
        frozenset((found.question, found.column, key) for found, key in gone),
        frozenset((found.question, found.item, key) for found, key in gone),
        frozenset(
            (found.question, own, key)
            for found, key in coarse
            for own in (found.column, found.item)
        ),
        cells,
        categories,
        _thin(wave, segments, limit, by),
        merged,
    )


def _means(
    wave: Wave, limit: int, hidden: frozenset[str], further: dict[str, BoolArray]
) -> tuple[frozenset[Key], Merged]:
    """Means that are not shown; what is decided without further groups is published, and holds with them."""
    if not further:
        return find_cells(wave, hidden)
    banner = _banner(wave)
    small = _too_small(banner, _bases(wave, banner, limit)[0], wave.survey.segments)
    return find_cells(wave, hidden, further, *find_cells(wave, small))


def _too_small(banner: Banner, hidden: BoolArray, names: Container[str]) -> frozenset[str]:
    """The groups that are hidden among those named."""
    keys = [column.key for column in banner.columns]
    return frozenset(key for key, gone in zip(keys, hidden, strict=True) if gone and key in names)


def _thin(
    wave: Wave, hidden: frozenset[str], limit: int, by: str | tuple[str, ...] | None
) -> frozenset[tuple[str, str, str, str]]:
    """Effects that fewer people carry than may be shown."""
    shown = [name for name in wave.survey.segments if name not in hidden]
    groups = [None, *([shown] if shown else []), *([by] if by is not None else [])]
    parts = [identification(wave, own) for own in groups]
    found = [part[part["n_carrying"] < np.minimum(limit, part["n_respondents"])] for part in parts]
    return frozenset(
        (str(row.outcome), str(row.attribute), str(row.level), str(row.group))
        for own in found
        for row in own.itertuples()
    )


def hidden_segments(wave: Wave) -> tuple[str, ...]:
    """Segments under the limit, and those from which they could be worked out."""
    gone = find_withheld(wave).segments
    return tuple(name for name in wave.survey.segments if name in gone)


def _banner(wave: Wave) -> Banner:
    try:
        return make_banner(wave)
    except EstimationError:  # nobody has an answer to a crossbreak: there are no tables of it
        return make_banner(wave, [SEGMENTS] if wave.survey.segments else [])


def _with_groups(
    wave: Wave, banner: Banner, by: str | tuple[str, ...] | None
) -> tuple[Banner, dict[str, BoolArray]]:
    """The banner with the groups of people that are told besides, and who they are."""
    if by is None or not is_of_respondents(wave, by):
        return banner, {}
    known = {column.key for column in banner.columns}
    groups = {own.key: own.respondents for own in find_groups(wave, by) if own.key not in known}
    if not groups:
        return banner, {}
    columns = [Column(key, key, BESIDES, "") for key in groups]
    members = np.concatenate([banner.members, np.stack(list(groups.values()), axis=1)], axis=1)
    return Banner((*banner.columns, *columns), members), groups


def _bases(wave: Wave, banner: Banner, limit: int) -> tuple[BoolArray, frozenset[tuple[str, str]]]:
    """Columns hidden whatever was asked, and categories of margins whose base is not told."""
    margins = list(margin_members(wave))
    members = [banner.members, *(own for _, _, own in margins)]
    sizes = [own.shape[1] for own in members]
    blocks = list(banner.blocks)
    for start, end in pairwise(np.cumsum(sizes)):
        blocks.append(np.arange(start, end, dtype=np.intp))
    gone = _hidden(np.concatenate(members, axis=1), blocks, limit)
    parts = np.split(gone, np.cumsum(sizes)[:-1])
    categories = [
        (name, category)
        for (name, names, _), own in zip(margins, parts[1:], strict=True)
        for category, hidden in zip(names, own, strict=True)
        if hidden
    ]
    return parts[0], frozenset(categories)


def _hidden(members: BoolArray, blocks: list[IntArray], limit: int) -> BoolArray:
    """Which columns are hidden; those of the same people are hidden together."""
    _, first, same = np.unique(members, axis=1, return_index=True, return_inverse=True)
    order = np.argsort(first, kind="stable")
    place = np.empty(len(first), dtype=np.intp)
    place[order] = np.arange(len(first))
    columns = place[same.ravel()]
    small, joined = suppressed_columns(
        members[:, first[order]], [np.unique(columns[block]) for block in blocks], limit
    )
    gone: BoolArray = (small | joined)[columns]
    return gone


def _of_question(
    wave: Wave,
    found: Answered,
    banner: Banner,
    hidden: BoolArray,
    limit: int,
    once_more: Callable[[BoolArray, BoolArray], BoolArray],
) -> tuple[BoolArray, BoolArray]:
    """Columns hidden in a question, and those shown as whole percentages."""
    if not found.asked.any():
        return hidden, np.zeros_like(hidden)
    gone = once_more(found.asked, hidden)
    # A mean may stand on fewer people than its question: those whose answers have a score.
    for base in _scored(found):
        gone |= once_more(base, gone)
    while True:
        detail = [
            "none" if gone[place] else detail_of(wave, found, members, limit)
            for place, members in enumerate(banner.members.T)
        ]
        told = np.array([own == "none" for own in detail])
        coarse = np.array([own == "coarse" for own in detail])
        if (told == gone).all() and not told[0]:
            told |= _pinning(wave, found, banner, told, coarse)
        if (told == gone).all() or told[0]:
            return told, coarse
        gone = once_more(found.asked, told) | told


def _pinning(
    wave: Wave, found: Answered, banner: Banner, gone: BoolArray, coarse: BoolArray
) -> BoolArray:
    """Columns without which the answers of hidden columns' people do not follow from all figures together.

    The smallest around these people, one after the other; those that need not have gone are shown again.
    """
    inside, limit = found.asked, wave.survey.thresholds.suppress_below
    own, weights = banner.members[inside], wave.weights[inside]
    given = (found.values()[inside][:, found.shares] > 0).astype(float)
    hidden, groups = gone.copy(), list(_few(own, gone, limit))
    if not groups:
        return np.zeros_like(gone)
    few, n, joined = np.stack(groups, axis=1), own.sum(axis=0), list[int]()

    def told(doubtful: BoolArray) -> BoolArray:
        """Of which of the doubtful groups some answer is told; what is open stays so when more is hidden."""
        parts = [own[:, block[~hidden[block]]] for block in banner.blocks]
        rests = [~part.any(axis=1) & (part.sum(axis=1).max(initial=0) < 2) for part in parts]
        around = np.stack([np.ones(len(own), dtype=bool), *rests], axis=1)
        found, shown = doubtful.copy(), ~hidden
        found[doubtful] = ~is_open(
            few[:, doubtful], own[:, shown], coarse[shown], weights, given, around
        )
        return found

    pinned = at_first = told(np.ones(len(groups), dtype=bool))
    while pinned.any():
        meets = own[few[:, pinned].any(axis=1)].any(axis=0) & ~hidden
        meets[0] = False
        if not meets.any():
            break
        joined.append(int(np.argmin(np.where(meets, n, len(own) + 1))))
        hidden[joined[-1]] = True
        pinned = told(pinned)
    for column in sorted(joined[:-1], key=lambda place: -n[place]):
        hidden[column] = False
        hidden[column] = bool(told(at_first).any())
    return hidden & ~gone


def _few(members: BoolArray, gone: BoolArray, limit: int) -> Iterator[BoolArray]:
    """Small groups that hidden columns are, or that are left of a column around a nested one; each once."""
    inside = members.astype(float)
    shared = inside.T @ inside
    n, seen = np.diagonal(shared), set[bytes]()
    for column in np.flatnonzero(gone & (n > 0) & (n < limit)):
        if members[:, column].tobytes() not in seen:
            seen.add(members[:, column].tobytes())
            yield members[:, column]
    nested = (shared == n[:, None]) & (gone[:, None] | gone) & (n[:, None] > 0)
    for inner, outer in np.argwhere(nested & (n - n[:, None] > 0) & (n - n[:, None] < limit)):
        rest = members[:, outer] & ~members[:, inner]
        if rest.tobytes() not in seen:
            seen.add(rest.tobytes())
            yield rest


def _scored(found: Answered) -> Iterator[BoolArray]:
    """Who is in the base of a mean, where not everybody is who was asked."""
    bases = found.bases() > 0
    for column in bases.T:
        if column.sum() < found.asked.sum() and column.any():
            yield column
            return


def detail_of(wave: Wave, found: Answered, members: BoolArray, limit: int) -> str:
    """In what detail a column of a question may be shown."""
    own = found.asked & members
    if not own.any():
        return "full"
    shares = found.shares
    given = (found.values()[own][:, shares] > 0).astype(float)
    return detail_shown(wave.weights[own], given, limit)
