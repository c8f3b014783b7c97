"""Proposal: what survey.toml could say of an export, how sure that is, and what is to decide."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from conjoint.errors import Fault, RequestError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from conjoint.typing import Sureness

__all__ = ["Decision", "Guess", "Key", "Option", "Proposal"]

Key = tuple[str, ...]
"""Where a value stands in survey.toml: ``("data", "layout")``."""


@dataclass(frozen=True, slots=True)
class Guess:
    """One value of survey.toml.

    Parameters
    ----------
    value
        As TOML would hold it.
    sureness
        ``sure``: nothing in the file speaks for another reading; ``likely``: another reading is
        possible; ``guess``: the file says too little.
    evidence
        What in the file speaks for it, in words.
    items
        For lists, a remark on each item.
    """

    value: Any
    sureness: Sureness
    evidence: str = ""
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Option:
    """One way to decide: what it says, what it sets, and what it adds to lists that are there.

    `drops` are the first parts of keys that it takes out, such as a whole attribute.
    """

    text: str
    evidence: str = ""
    sets: tuple[tuple[Key, Any], ...] = ()
    adds: tuple[tuple[Key, Any], ...] = ()
    drops: tuple[Key, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person has to decide.

    Parameters
    ----------
    key
        Where in survey.toml it stands.
    question
        The question, as a sentence.
    options
        The ways to decide; for an order, its items as they stand.
    default
        The option taken without an answer; none where the survey cannot be read before.
    kind
        ``option``: one of them; ``order``: all of them, in an order.
    """

    key: Key
    question: str
    options: tuple[Option, ...]
    default: int | None = 0
    kind: Literal["option", "order"] = "option"

    @property
    def waits(self) -> bool:
        """Whether it is marked DECIDE: one level is a baseline as good as another, and so is an order."""
        return self.stops or (self.key[-1] != "baseline" and self.kind != "order")

    @property
    def stops(self) -> bool:
        """Whether `conjoint check` stops until this is decided."""
        return self.default is None


@dataclass(frozen=True, slots=True)
class Proposal:
    """What survey.toml could say of a file of responses.

    Parameters
    ----------
    path
        The file of responses.
    guesses
        The values, by key, in the order in which they are written.
    decisions
        What is left to a person.
    notes
        What else was seen, each a sentence.
    """

    path: Path
    guesses: Mapping[Key, Guess]
    decisions: tuple[Decision, ...] = ()
    notes: tuple[str, ...] = field(default=())

    def content(self) -> dict[str, Any]:
        """The survey as nested tables, as reading the TOML gives them."""
        content: dict[str, Any] = {}
        for key, guess in self.guesses.items():
            table = content
            for part in key[:-1]:
                table = table.setdefault(part, {})
            table[key[-1]] = guess.value
        return content

    def decide(self, decision: Decision, answer: int | Sequence[int]) -> Proposal:
        """Take a decision: the proposal with what it sets, and without the question.

        Parameters
        ----------
        decision
            One of `decisions`.
        answer
            The option's place; for an order, the places of all items as they shall stand.

        Raises
        ------
        RequestError
            The answer is not one of the options.
        """
        rest = tuple(other for other in self.decisions if other is not decision)
        guesses = dict(self.guesses)
        if decision.kind == "order":
            guesses[decision.key] = _reordered(guesses[decision.key], decision, answer)
            return replace(self, guesses=guesses, decisions=rest)
        if not isinstance(answer, int) or not 0 <= answer < len(decision.options):
            raise _no_option(decision, answer)
        chosen = decision.options[answer]
        for start in chosen.drops:
            guesses = {key: own for key, own in guesses.items() if key[: len(start)] != start}
            rest = tuple(own for own in rest if own.key[: len(start)] != start)
        for key, value in chosen.sets:
            guesses[key] = Guess(value, "sure", "decided")
        for key, item in chosen.adds:
            old = guesses.get(key, Guess([], "sure"))
            guesses[key] = replace(old, value=[*old.value, item], items=(*old.items, "decided"))
        return replace(self, guesses=guesses, decisions=rest)


def _reordered(guess: Guess, decision: Decision, answer: int | Sequence[int]) -> Guess:
    places = [answer] if isinstance(answer, int) else list(answer)
    count = len(decision.options)
    if sorted(places) != list(range(count)):
        raise _no_option(decision, answer)
    # Levels that another decision has added stand behind.
    rest = list(range(count, len(guess.value)))
    items = guess.items and tuple(guess.items[place] for place in places + rest)
    value = [guess.value[place] for place in places + rest]
    return replace(guess, value=value, sureness="sure", evidence="decided", items=items)


def _no_option(decision: Decision, answer: object) -> RequestError:
    every = " each once" if decision.kind == "order" else ""
    return RequestError(
        Fault(
            ".".join(decision.key),
            f"{answer} is not an answer",
            f"0 to {len(decision.options) - 1}{every}",
            "Give the option's place.",
        )
    )
