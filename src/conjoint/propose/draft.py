"""A proposal as it is being drawn up."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from conjoint.propose.model import Decision, Guess, Key, Option, Proposal

if TYPE_CHECKING:
    from pathlib import Path

    from conjoint.typing import Sureness

__all__ = ["Draft", "quoted"]


def quoted(text: str, most: int = 60) -> str:
    """A text within a sentence."""
    shown = text if len(text) <= most else text[: most - 1] + "…"
    return f'"{shown}"'


@dataclass(slots=True)
class Draft:
    """Guesses, decisions and notes, gathered."""

    path: Path
    guesses: dict[Key, Guess] = field(default_factory=dict)
    decisions: list[Decision] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def say(
        self,
        key: Key,
        value: Any,
        sureness: Sureness,
        evidence: str = "",
        items: tuple[str, ...] = (),
    ) -> None:
        """Give a key its value."""
        self.guesses[key] = Guess(value, sureness, evidence, items)

    def ask(self, key: Key, question: str, *options: Option, default: int | None = 0) -> None:
        """Leave something to a person; without a default, the survey cannot be read before."""
        self.decisions.append(Decision(key, question, options, default))

    def ask_order(self, key: Key, question: str, texts: tuple[str, ...]) -> None:
        """Leave the order of a list to a person."""
        options = tuple(Option(text) for text in texts)
        self.decisions.append(Decision(key, question, options, 0, "order"))

    def free(self, kind: str, name: str) -> str:
        """A name that no other table of attributes or outcomes has."""
        taken = {
            key[1] for key in self.guesses if key[0] in ("attributes", "outcomes") and len(key) > 1
        }
        taken |= {key[1] for key in self.guesses if key[0] == kind and len(key) > 1}
        if kind == "questions":
            taken = {key[1] for key in self.guesses if key[0] == kind and len(key) > 1}
        taken |= {"respondent", "task", "profile"} if kind != "questions" else set()
        if name not in taken:
            return name
        if name in ("respondent", "task", "profile"):
            name = f"{name}_{kind.removesuffix('s')}"
        count = 2
        while (unique := name if count == 2 and name not in taken else f"{name}_{count}") in taken:
            count += 1
        return unique

    def done(self) -> Proposal:
        """The proposal, guesses in the order of survey.toml."""
        tables = (
            "title",
            "data",
            "recode",
            "attributes",
            "restrictions",
            "outcomes",
            "exclusions",
            "questions",
        )
        rank = {name: place for place, name in enumerate(tables)}
        order = sorted(self.guesses, key=lambda key: rank.get(key[0], len(rank)))
        guesses = {key: self.guesses[key] for key in order}
        return Proposal(self.path, guesses, tuple(self.decisions), tuple(self.notes))
