"""Levels of an attribute and answers of a question: their order, numbers and spellings."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

from conjoint.propose.scale import scale_order
from conjoint.propose.value import is_no_answer, is_zero_word, numbers_in, words_around
from conjoint.spelling import plain, same_spelling, without_markup

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conjoint.typing import Sureness

__all__ = ["Ordered", "Variant", "put_in_order", "variants"]

FEW = 0.02
"""A spelling so much rarer than another that looks like it, is taken for a slip."""

ALIKE = 0.85
"""How much of two texts has to agree for the rarer to look like a slip of the other."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """Texts in an order, their numbers where they are quantities, and why."""

    texts: tuple[str, ...]
    numbers: tuple[float | None, ...]
    sureness: Sureness
    evidence: str

    @property
    def levels(self) -> list[Any]:
        """As survey.toml writes them: a text, or a table of value and number."""
        return [
            _written(text, number) for text, number in zip(self.texts, self.numbers, strict=True)
        ]

    @property
    def labelled(self) -> list[Any]:
        """The same for answers of a question, which are no quantities."""
        return [_written(text, None) for text in self.texts]


@dataclass(frozen=True, slots=True)
class Variant:
    """A text that looks like another one of the same column, and how often both occur."""

    text: str
    count: int
    usual: str
    usual_count: int


def _written(text: str, number: float | None) -> Any:
    """A level as survey.toml writes it; one with tags of HTML gets a label without them."""
    label = without_markup(text)
    table: dict[str, Any] = {"value": text}
    table |= {"label": label} if label and label != text else {}
    table |= {"number": _whole(number)} if number is not None else {}
    return table if len(table) > 1 else text


def _whole(number: float) -> float | int:
    return int(number) if number == round(number) and abs(number) < 1e15 else number


def put_in_order(counts: Mapping[str, int], declared: Sequence[str] = ()) -> Ordered:
    """Order texts as the file declares them, by number, by words that have an order, or by alphabet."""
    texts = list(counts)
    if _are_codes(texts):
        if declared and set(texts) <= set(declared):
            order = [text for text in dict.fromkeys(declared) if text in counts]
            said = "the order in which they were shown; bare codes are no quantities"
            return Ordered(tuple(order), (None,) * len(order), "sure", said)
        order = sorted(texts, key=int)
        said = f"bare codes from {order[0]} on: in their order, and no quantities"
        return Ordered(tuple(order), (None,) * len(order), "likely", said)
    quantities = _by_number(texts)
    if declared and set(texts) <= set(declared):
        order = [text for text in dict.fromkeys(declared) if text in counts]
        numbers = dict(zip(quantities.texts, quantities.numbers, strict=True)) if quantities else {}
        given = tuple(numbers.get(text) for text in order)
        return Ordered(tuple(order), given, "sure", "the order in which the file declares them")
    if quantities is not None:
        return quantities
    apart = [text for text in texts if is_no_answer(text)]
    told = [text for text in texts if text not in apart]
    places = scale_order(told)
    if places is not None:
        order = [told[place] for place in places] + apart
        evidence = "ordered by their words, from least to most"
        return Ordered(tuple(order), (None,) * len(order), "likely", evidence)
    order = [*sorted(told, key=lambda text: (plain(text), text)), *apart]
    evidence = "nothing orders them: by alphabet"
    return Ordered(tuple(order), (None,) * len(order), "guess", evidence)


def _are_codes(texts: list[str]) -> bool:
    """Whether texts are 1, 2, 3 and so on, or 0 and 1."""
    each = set(texts)
    return each in ({"0", "1"}, {str(place + 1) for place in range(len(texts))})


def _by_number(texts: list[str]) -> Ordered | None:
    """Texts ordered by their numbers; none where these do not order them."""
    dotted = words_around(texts)
    read = {text: numbers_in(text, dotted=dotted) for text in texts}
    without = [text for text, (numbers, _) in read.items() if not numbers]
    if len(without) > 1 or len(without) == len(texts) or not all(map(is_zero_word, without)):
        return None
    varying = _varying({text: numbers for text, (numbers, _) in read.items() if numbers})
    words = {words for text, (_, words) in read.items() if text not in without}
    one_each = all(len(numbers) == 1 for numbers in varying.values())
    if (one_each and len(set(words)) == 1) or (one_each and not _signs(words)):
        quantities = {text: numbers[0] for text, numbers in varying.items()}
        quantities |= dict.fromkeys(without, 0.0)
        if len(set(quantities.values())) < len(texts):
            return None
        order = sorted(texts, key=quantities.__getitem__)
        said = "ordered by the number in each"
        sureness: Sureness = "sure" if len(words) == 1 and not without else "likely"
        if without:
            said += f'; "{without[0]}" taken for 0'
        if dotted:
            said, sureness = said + "; a dot is taken for one between thousands", "guess"
        return Ordered(tuple(order), tuple(quantities[text] for text in order), sureness, said)
    keys = {text: _range_key(text, varying.get(text, [])) for text in texts}
    if len(set(keys.values())) < len(texts):
        return None
    order = sorted(texts, key=keys.__getitem__)
    return Ordered(
        tuple(order), (None,) * len(order), "likely", "ordered by the first number in each"
    )


def _varying(numbers: Mapping[str, list[float]]) -> dict[str, list[float]]:
    """Numbers without those that stand in every text at the same place, such as "out of 10"."""
    lengths = {len(found) for found in numbers.values()}
    if len(lengths) != 1 or len(numbers) < 2:
        return dict(numbers)
    across = list(zip(*numbers.values(), strict=True))
    keep = [place for place, found in enumerate(across) if len(set(found)) > 1]
    return {text: [found[place] for place in keep] for text, found in numbers.items()}


def _signs(words: set[str]) -> bool:
    """Whether some texts are open ranges, or directions: they order, and are no quantities."""
    return (
        any(
            sign in text
            for text in words
            for sign in (
                "<",
                ">",
                "+",
                "less",
                "more",
                "under",
                "over",
                "or older",
                "fewer",
                "below",
            )
        )
        and len(words) > 1
    )


def _range_key(text: str, numbers: list[float]) -> tuple[float, ...]:
    lowered = plain(text)
    below = lowered.startswith(("<", "under", "less than", "up to", "below", "fewer than"))
    above = ">" in lowered or "+" in lowered or "or more" in lowered or "over" in lowered
    if not numbers:
        return (float("-inf"),)
    return (numbers[0], -1.0 if below else 1.0 if above else 0.0, *numbers[1:])


def variants(counts: Mapping[str, int]) -> list[Variant]:
    """Texts that look like another spelling of a more frequent one."""
    groups: dict[str, list[str]] = defaultdict(list)
    for text in counts:
        groups[same_spelling(text)].append(text)
    found: list[Variant] = []
    usual: list[str] = []
    for group in groups.values():
        first, *others = sorted(group, key=lambda text: (-counts[text], text))
        usual.append(first)
        found += [Variant(text, counts[text], first, counts[first]) for text in others]
    for text in usual:
        near = max(
            (other for other in usual if _slip(text, other, counts)),
            key=counts.__getitem__,
            default=None,
        )
        if near is not None:
            found.append(Variant(text, counts[text], near, counts[near]))
    return found


def _slip(text: str, other: str, counts: Mapping[str, int]) -> bool:
    if counts[text] > FEW * counts[other] or min(len(text), len(other)) < 5:
        return False
    if numbers_in(text)[0] != numbers_in(other)[0]:
        return False
    return SequenceMatcher(None, plain(text), plain(other)).ratio() >= ALIKE
