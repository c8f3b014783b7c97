"""Column names as patterns: which places of a name could be a task, a profile or an attribute."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from itertools import permutations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from conjoint.propose.column import Column

__all__ = [
    "Family",
    "Lattice",
    "common",
    "families",
    "hint",
    "in_order",
    "lattices",
    "narrowed",
    "ordinal",
]

MOST_PLACES, FEWER_PLACES, MANY = 7, 4, 2000
"""A name's last places that vary are looked at; fewer where there are many columns."""

MOST_TASKS = 60
MOST_PLACED = 20
"""Profiles of a task, or positions of attributes."""

Shape = tuple[tuple[str, ...], tuple[str, ...]]
"""The order of a pattern's places, and the literal pieces around them."""

ORDINALS = (
    ("first", "second", "third", "fourth", "fifth"),
    ("one", "two", "three", "four", "five"),
    ("left", "right"),
    ("left", "middle", "right"),
    ("l", "r"),
    ("links", "rechts"),
    ("gauche", "droite"),
    ("izquierda", "derecha"),
    ("sinistra", "destra"),
    ("erste", "zweite", "dritte"),
    ("top", "bottom"),
    ("alpha", "beta", "gamma", "delta"),
    ("i", "ii", "iii", "iv"),
)
"""Words for the first, second and next of several profiles."""

WORDS = sorted({word for words in ORDINALS for word in words if len(word) > 2}, key=len)[::-1]
PLACE = re.compile(
    r"\d+"
    rf"|(?<![^\W\d_])(?:{'|'.join(WORDS)})(?![^\W\d_])"  # a word for a place, on its own
    r"|(?<=[a-z])(?:Left|Right|First|Second|Third|Top|Bottom)(?![a-z])"
    r"|(?<![^\W\d_])[^\W\d_](?![^\W\d_])"  # a letter on its own
    r"|(?<=[a-z])[A-H](?![^\W\d_])",  # ProfileA
    re.IGNORECASE | re.ASCII,
)
MARKS = re.compile(r"[\s_\-.:/|]*")
GLUED = re.compile(r"(?<=[a-z])[a-h](?=\d+$)|(?<=\d)[A-H](?=[a-z]{2})")
"""The letter of pricea1, priceb1; and of t1Aprice, t1Bprice, where a platform allows no other marks."""
CAMEL = re.compile(r"(?<=[a-z])(?:[A-H]|Left|Right|First|Second|Third|Top|Bottom)(?![a-z])")

HINTS = {
    "task": ("t", "task", "tasks", "round", "r", "q", "question", "set", "choiceset", "contest",
        "scenario", "screen", "cj", "conjoint", "trial", "game", "pair", "choice", "block", "loop", "vignette",
        "aufgabe", "runde", "tarea", "ronda", "tache", "tâche", "taak", "ronde", "zadanie", "compito"),
    "profile": ("p", "profile", "prof", "opt", "option", "alt", "alternative", "concept", "con",
        "candidate", "cand", "package", "plan", "person", "policy", "deal", "card", "c", "side"),
    "attribute": ("a", "att", "attr", "attribute", "feature", "feat", "f", "var", "dim", "row"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Family:
    """Columns of one pattern: by (task, profile), or by task alone with the profile "".

    `tasks` and `profiles` are their names in order; a pattern that names no profile has none. Every
    task has all profiles: those that lack some are named in `short`.
    `parts` are the pattern's literal pieces around its places, `order` says which place comes first.
    """

    order: tuple[str, ...]
    parts: tuple[str, ...]
    cells: Mapping[tuple[str, str], Column]
    tasks: tuple[str, ...]
    profiles: tuple[str, ...]
    short: tuple[str, ...] = ()

    @property
    def pattern(self) -> str:
        """As survey.toml writes it: ``t{task}_{profile}_cap``."""
        return join(self.order, self.parts)


@dataclass(frozen=True, slots=True)
class Lattice:
    """Families that differ in one piece of their pattern, which may name the attribute.

    `pattern` has ``{attribute}`` in that place; `families` are by the attribute's text. `lacking` are
    patterns of the same form that lack some tasks or profiles.
    """

    pattern: str
    families: Mapping[str, Family]
    lacking: tuple[str, ...] = ()


def join(order: tuple[str, ...], parts: tuple[str, ...]) -> str:
    """Literal pieces with the places between them."""
    pieces = [parts[0]]
    for name, part in zip(order, parts[1:], strict=True):
        pieces += [f"{{{name}}}", part]
    return "".join(pieces)


def in_order(names: Iterable[str]) -> tuple[str, ...]:
    """Names by number, by the order of words such as left and right, or by alphabet."""
    each = sorted(set(names))
    if all(name.isdecimal() for name in each):
        return tuple(sorted(each, key=lambda name: (int(name), name)))
    ranks = [ordinal(name, each) for name in each]
    if all(rank is not None for rank in ranks):
        return tuple(name for _, name in sorted(zip(ranks, each, strict=True)))
    return tuple(sorted(each, key=lambda name: (not name[:1].isdecimal(), _first(name), name)))


def _first(name: str) -> int:
    found = re.match(r"\d{1,9}", name)
    return int(found.group()) if found else 0


def ordinal(name: str, among: Iterable[str] = ()) -> int | None:
    """Which place a name stands for: "A", "1" and "left" the first, counted from 0."""
    low = name.lower()
    if low.isdecimal() and low.isascii() and len(low) < 4:
        return int(low) - 1
    if len(low) == 1 and "a" <= low <= "h":
        return ord(low) - ord("a")
    others = {other.lower() for other in among} | {low}
    for words in ORDINALS:
        if others <= set(words):
            return words.index(low)
    return next((words.index(low) for words in ORDINALS if low in words), None)


def places(name: str) -> list[tuple[int, int]]:
    """Where a name holds a number, a letter on its own, or a word such as left: starts and ends."""
    found = {match.span() for match in PLACE.finditer(name) if _stands(name, *match.span())}
    found |= {match.span() for rule in (CAMEL, GLUED) for match in rule.finditer(name)}
    return sorted(found)


def _stands(name: str, start: int, end: int) -> bool:
    """A letter right after small letters is a place only where it is a capital."""
    before = name[start - 1] if start else ""
    text = name[start:end]
    return text.isdecimal() or not (before.isalpha() and before.isascii() and text.islower())


def _is_prefix(name: str, span: tuple[int, int]) -> bool:
    """Whether a place is a letter right before a number, and not after one."""
    start, end = span
    before, after = name[start - 1 : start], name[end : end + 1]
    return name[start:end].isalpha() and after.isdecimal() and not before.isdecimal()


def families(columns: Iterable[Column], longest: int = 3) -> tuple[list[Family], list[Family]]:
    """Every pattern that several columns share: with a task and a profile, and with a task alone.

    A task's name is no longer than `longest`.
    """
    pairs: dict[Shape, dict[tuple[str, str], Column]] = defaultdict(dict)
    singles: dict[Shape, dict[tuple[str, str], Column]] = defaultdict(dict)
    columns = list(columns)
    most = MOST_PLACES if len(columns) < MANY else FEWER_PLACES
    for column in columns:
        name = column.name
        if "{" in name:
            continue
        spans = places(name)
        if len(spans) > most:
            # t of t1 says what the number is; where there is much to look at it is no place.
            spans = [span for span in spans if not _is_prefix(name, span)][-most:]
        for start, end in spans:
            if end - start <= longest:
                around = (name[:start], name[end:])
                singles[("task",), around][name[start:end], ""] = column
        for task, profile in permutations(spans, 2):
            if _may_be(name[slice(*task)], 3) and _may_be_profile(name[slice(*profile)]):
                order, parts = _cut(name, task, profile)
                pairs[order, parts][name[slice(*task)], name[slice(*profile)]] = column
    return _made(pairs), _made(singles)


def _made(found: Mapping[Shape, dict[tuple[str, str], Column]]) -> list[Family]:
    """Families of a size that a conjoint may have."""
    made = []
    for (order, parts), cells in found.items():
        profiles = {profile for _, profile in cells}
        if len(order) > 1 and not 2 <= len(profiles) <= MOST_PLACED:
            continue
        tasks = {task for task, _ in cells}
        if len(tasks) > MOST_TASKS:
            continue
        short = {
            task for task in tasks if not all((task, profile) in cells for profile in profiles)
        }
        if short:
            cells = {place: column for place, column in cells.items() if place[0] not in short}
        if tasks > short and any(column.filled for column in cells.values()):
            names = in_order(profiles - {""})
            made.append(
                Family(order, parts, cells, in_order(tasks - short), names, in_order(short))
            )
    return made


def _may_be(text: str, digits: int) -> bool:
    return (text.isdecimal() and len(text) <= digits) or len(text) == 1


def _may_be_profile(text: str) -> bool:
    return not text.isdecimal() or (len(text) <= 2 and int(text) <= 12)


def _cut(
    name: str, task: tuple[int, int], profile: tuple[int, int]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    first, second = sorted((task, profile))
    order: tuple[str, ...] = ("task", "profile") if task < profile else ("profile", "task")
    return order, (name[: first[0]], name[first[1] : second[0]], name[second[1] :])


def lattices(found: Iterable[Family]) -> list[Lattice]:
    """Families gathered where their patterns differ in one literal piece.

    A lattice keeps the tasks and profiles that most of its families have; the families that lack
    some of them are left out.
    """
    groups: dict[tuple[tuple[str, ...], tuple[str, ...]], dict[str, Family]] = defaultdict(dict)
    for family in found:
        for place, part in enumerate(family.parts):
            rest = (*family.parts[:place], "\0", *family.parts[place + 1 :])
            groups[family.order, rest][part] = family
    made = (_lattice(order, rest, group) for (order, rest), group in groups.items())
    return [lattice for lattice in made if lattice is not None]


def narrowed(lattice: Lattice, names: Iterable[str]) -> Lattice:
    """The same with some of its families, its pattern as short as they allow."""
    kept = [lattice.families[name] for name in names]
    for place in range(len(kept[0].parts)):
        rest = (*kept[0].parts[:place], "\0", *kept[0].parts[place + 1 :])
        if all((*f.parts[:place], "\0", *f.parts[place + 1 :]) == rest for f in kept):
            made = _lattice(kept[0].order, rest, {f.parts[place]: f for f in kept})
            if made is not None and (len(kept) > 1 or place == _place(lattice)):
                return made
    return Lattice(lattice.pattern, {name: lattice.families[name] for name in names})


def _place(lattice: Lattice) -> int:
    """Which literal piece of the pattern names the attribute."""
    before = lattice.pattern.split("{attribute}")[0]
    return before.count("{task}") + before.count("{profile}")


def _modal(group: Mapping[str, Family]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The tasks and profiles that most families have in full."""
    grids = Counter((family.tasks, family.profiles) for family in group.values())
    return max(grids, key=lambda grid: (grids[grid], len(grid[0]) * max(1, len(grid[1]))))


def _of_tasks(family: Family, tasks: tuple[str, ...]) -> Family:
    """A family with some of its tasks."""
    if family.tasks == tasks:
        return family
    keep = set(tasks)
    cells = {place: column for place, column in family.cells.items() if place[0] in keep}
    more = in_order({*family.short, *family.tasks} - keep)
    return replace(family, cells=cells, tasks=tasks, short=more)


def _lattice(
    order: tuple[str, ...], rest: tuple[str, ...], group: Mapping[str, Family]
) -> Lattice | None:
    # A piece of marks alone names no attribute: K-1-3 beside K-1-2-3.
    every = {part: f for part, f in group.items() if not MARKS.fullmatch(part)}
    if not every:
        return None
    tasks, profiles = _modal(every)
    group = {
        part: _of_tasks(family, tasks)
        for part, family in every.items()
        if family.profiles == profiles and set(tasks) <= set(family.tasks)
    }
    head, tail = _shared(list(group))
    named = {part[head : len(part) - tail]: family for part, family in group.items()}
    if not all(named):
        return None
    part = next(iter(group))
    middle = part[:head] + "{attribute}" + (part[len(part) - tail :] if tail else "")
    pattern = join(order, rest).replace("\0", middle)
    lacking = [
        f.pattern
        for part, f in every.items()
        # One that has no task of these is another thing: covariate1 beside feature1a1.
        if part not in group and len(f.cells) > 1 and {*f.tasks, *f.short} & set(tasks)
    ]
    return Lattice(pattern, named, tuple(lacking))


def _shared(parts: list[str]) -> tuple[int, int]:
    """How much of the start and of the end all pieces share, cut where a word ends.

    A piece on its own gives up what stands before its last mark and after its first.
    """
    if len(parts) == 1:
        marks = re.compile(r"[\W_]")
        start = marks.match(parts[0])
        end = marks.search(parts[0][-1:])
        return (1 if start else 0), (1 if end and len(parts[0]) > 1 else 0)
    head = common(parts)
    shortest = min(map(len, parts))
    tail = common([part[::-1] for part in parts])
    tail = min(tail, shortest - head)
    sample = parts[0]
    # "feature" of feature1 and feature2, or the shared start of cap and cost, belong to the name.
    while head and (sample[head - 1].isalnum() or any(len(part) == head for part in parts)):
        head -= 1
    while tail and (
        sample[len(sample) - tail].isalnum() or any(len(p) == head + tail for p in parts)
    ):
        tail -= 1
    return head, tail


def common(texts: list[str]) -> int:
    """How many first letters all texts share."""
    first, last = min(texts), max(texts)
    return next(
        (place for place, pair in enumerate(zip(first, last, strict=False)) if pair[0] != pair[1]),
        min(len(first), len(last)),
    )


def hint(kind: str, family: Family) -> bool:
    """Whether the words right before a place say what it is: ``task`` before {task}."""
    place = family.order.index(kind)
    before = family.parts[place]
    found = re.search(r"([A-Za-z]+)[\W_]*$", before)
    return found is not None and found.group(1).lower() in HINTS[kind]
