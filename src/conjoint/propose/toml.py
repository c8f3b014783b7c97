"""A proposal as the text of survey.toml: every line with how sure it is, and what is to decide."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conjoint.propose.model import Decision, Guess, Key, Proposal

__all__ = ["as_toml", "commented", "key_text", "value_text"]

WIDTH = 100
"""Lines are kept about this short; a longer remark goes above its line."""

CONTROL = re.compile(r"[\x00-\x1f\x7f]")
ESCAPES = {
    '"': '\\"',
    "\\": "\\\\",
    "\b": "\\b",
    "\t": "\\t",
    "\n": "\\n",
    "\f": "\\f",
    "\r": "\\r",
}
HEAD = """\
Proposed from {name}. Behind each value stands how sure it is (sure, likely or guess) and why.
What is marked DECIDE is left to you; correct what is wrong. Then run `conjoint check` on this folder.
"""
SECTIONS = {
    "data": "Where the answers are",
    "recode": "How texts are read",
    "attributes": "What varies between profiles",
    "restrictions": "Levels that never meet",
    "outcomes": "What is measured",
    "exclusions": "Who is left out",
    "questions": "What people were asked",
}


def text_of(text: str) -> str:
    """A TOML string: any text, on one line."""
    body = re.sub(
        r'[\x00-\x1f\x7f"\\]',
        lambda found: ESCAPES.get(found.group(), f"\\u{ord(found.group()):04X}"),
        text,
    )
    return f'"{body}"'


def key_text(key: str) -> str:
    """A TOML key, in quotes where it needs them."""
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else text_of(key)


def value_text(value: Any) -> str:
    """A TOML value on one line."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case dict():
            inner = ", ".join(f"{key_text(str(k))} = {value_text(v)}" for k, v in value.items())
            return f"{{ {inner} }}"
        case list() | tuple():
            return "[" + ", ".join(map(value_text, value)) + "]"
        case _:
            return text_of(str(value))


def commented(text: str, indent: str = "") -> list[str]:
    """Remarks of no more than a line's length, without marks that would end them."""
    tidy = CONTROL.sub(" ", text)
    return [f"# {line}" for line in textwrap.wrap(
        tidy, WIDTH - 2, break_long_words=False, break_on_hyphens=False, subsequent_indent=indent
    )] or ["#"]  # fmt: skip


def as_toml(proposal: Proposal) -> str:
    """The text of survey.toml."""
    lines = commented(HEAD.format(name=proposal.path.name).replace("\n", " "))
    lines += ["", *_keys(proposal, ())]
    for section, title in SECTIONS.items():
        body = list(_section(proposal, section))
        if body:
            lines += ["", f"# --- {title} {'-' * (WIDTH - len(title) - 7)}", "", *body]
    if proposal.notes:
        lines += ["", f"# --- What else was seen {'-' * (WIDTH - 24)}", ""]
        for note in proposal.notes:
            lines += commented(note, "  ")
    return "\n".join(lines) + "\n"


def _section(proposal: Proposal, section: str) -> Iterator[str]:
    """All tables of one kind."""
    if section == "restrictions":
        yield from _restrictions(proposal)
        return
    if section == "data":
        yield "[data]"
        yield from _keys(proposal, ("data",))
        return
    whole = [d for d in proposal.decisions if d.key == (section,)]
    for decision in whole:
        yield from _question(proposal, decision)
    names = dict.fromkeys(
        key[1] for key in (*proposal.guesses, *(d.key for d in proposal.decisions))
        if key[0] == section and len(key) > 1
    )  # fmt: skip
    for place, name in enumerate(names):
        if place or whole:
            yield ""
        yield f"[{section}.{key_text(name)}]"
        yield from _keys(proposal, (section, name))


def _keys(proposal: Proposal, table: Key) -> Iterator[str]:
    """The keys of one table, each followed by what is to decide about it."""
    leaves = [
        key for key in (*proposal.guesses, *(d.key for d in proposal.decisions))
        if key[:-1] == table and len(key) > len(table)
    ]  # fmt: skip
    for key in dict.fromkeys(leaves):
        if not table and key[0] in SECTIONS:
            continue
        if key in proposal.guesses:
            yield from _line(key[-1], proposal.guesses[key])
        for decision in proposal.decisions:
            if decision.key == key:
                yield from _question(proposal, decision)


def _line(name: str, guess: Guess) -> Iterator[str]:
    """One key with its value, and what speaks for it."""
    remark = CONTROL.sub(
        " ", f"{guess.sureness}: {guess.evidence}" if guess.evidence else guess.sureness
    )
    line = f"{key_text(name)} = {value_text(guess.value)}"
    if isinstance(guess.value, list) and guess.value and (guess.items or len(line) > WIDTH):
        yield from commented(remark)
        yield f"{key_text(name)} = ["
        for place, item in enumerate(guess.value):
            said = f"  # {CONTROL.sub(' ', guess.items[place])}" if place < len(guess.items) else ""
            yield f"  {value_text(item)},{said}"
        yield "]"
    elif len(line) + len(remark) + 4 <= WIDTH:
        yield f"{line}  # {remark}"
    else:
        yield from commented(remark)
        yield line


def _question(proposal: Proposal, decision: Decision) -> Iterator[str]:
    """What is to decide, and the lines that would decide it."""
    if decision.kind == "order":
        yield from commented("Move the lines into the order in which the levels are to stand.")
        return
    if not decision.waits:
        yield from commented(
            "Effects are measured against the first level, unless another is named:"
        )
        yield from (f"# {line}" for line in _changes(proposal, decision, len(decision.options) - 1))
        return
    stop = " `conjoint check` stops until this is decided." if decision.stops else ""
    yield from commented(f"DECIDE: {decision.question}{stop}", "  ")
    for place, option in enumerate(decision.options):
        why = f": {option.evidence}" if option.evidence else ""
        lines = list(_changes(proposal, decision, place))
        out = [".".join(map(key_text, key)) for key in option.drops if _stands(proposal, key)]
        taken = f"; take out {' and '.join(f'[{name}]' for name in out)}" if out else ""
        yield from commented(f"- {option.text}{why}{taken}" + (":" if lines else ""), "  ")
        yield from (f"# {line}" for line in lines)


def _stands(proposal: Proposal, start: Key) -> bool:
    """Whether anything stands under a key."""
    return any(key[: len(start)] == start for key in proposal.guesses)


def _changes(proposal: Proposal, decision: Decision, place: int) -> Iterator[str]:
    """The lines that differ once a decision is taken."""
    decided = proposal.decide(decision, place)
    table = decision.key[:-1]
    for key, guess in decided.guesses.items():
        old = proposal.guesses.get(key)
        if old is not None and old.value == guess.value:
            continue
        if len(key) > 2 and key[:-1] != table:
            table = key[:-1]
            yield f"[{'.'.join(map(key_text, table))}]"
        if key == ("restrictions",):
            new = guess.value[len(old.value) if old else 0 :]
            for table in new:
                yield from _restriction(table)
        else:
            yield f"{key_text(key[-1])} = {value_text(guess.value)}"


def _restrictions(proposal: Proposal) -> Iterator[str]:
    declared = proposal.guesses.get(("restrictions",))
    for place, table in enumerate(declared.value if declared else ()):
        if declared and place < len(declared.items):
            yield from commented(f"{declared.sureness}: {declared.items[place]}")
        yield from _restriction(table)
        yield ""
    for decision in proposal.decisions:
        if decision.key == ("restrictions",):
            yield from _question(proposal, decision)
            yield ""


def _restriction(table: dict[str, Any]) -> Iterator[str]:
    yield "[[restrictions]]"
    for name, levels in table["never"].items():
        yield f"never.{key_text(name)} = {value_text(levels)}"
