"""A proposal as the text of survey.toml: every line with how sure it is, and what is to decide."""

from __future__ import annotations

import re
import textwrap
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from conjoint.propose.value import NO_ANSWER, NONE_OPTION
from conjoint.propose.words import NEGATIVE, POSITIVE
from conjoint.spelling import plain
from conjoint.survey import Thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conjoint.propose.model import Decision, Guess, Key, Proposal

__all__ = ["as_toml", "commented", "key_text", "value_text"]

WIDTH = 100
"""Lines are kept about this short; a longer remark goes above its line."""

LIMIT: int = Thresholds().suppress_below
FEW = f"fewer than {LIMIT}"
COUNT = re.compile(r"\d[\d,]*(?= profiles$|$)", re.ASCII)
QUOTED = re.compile(r'("(?:[^"\\\n]|\\.)*") (\()?(\d[\d,]*)\b(?:(?(2)\)|(?!\S*%)))', re.ASCII)
COUNTED = re.compile(
    r"(?<![\w.,])(\d[\d,]*)((?: other| more)? (?:people|persons?|respondents?|profiles?|answers?|ids?|rows?|times"
    r"|cells?|interviews?)\b)(?! of (?:most|each|a respondent|a person)\b)",
    re.ASCII,
)

LONGEST_OFFERED = 25

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
    "respondents": "People's columns, from a file of their own",
    "design": "What was shown, from a file of its own",
    "recode": "How texts are read",
    "attributes": "What varies between profiles",
    "restrictions": "Levels that never meet",
    "outcomes": "What is measured",
    "exclusions": "Who is left out",
    "questions": "What people were asked",
}
TABLES = ("data", "respondents", "design")
"""Sections that are one table."""


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


def discreet(text: str) -> str:
    """A remark without counts below the limit for bases, and without words that so few people gave.

    survey.toml is passed on and published; the terminal, which is not, tells both.

    >>> discreet('"left" (1) looks like "Left" (99)')
    'an answer of fewer than 50 looks like "Left" (99)'
    >>> discreet("1 profiles"), discreet("of 1,800 answers"), discreet('"-99" 3')
    ('fewer than 50 profiles', 'of 1,800 answers', '"-99" fewer than 50')
    >>> discreet("90 ids, 4 rows of most")  # a shape, of everybody
    '90 ids, 4 rows of most'
    """
    if COUNT.fullmatch(text):
        return text if _is_many(text) else FEW
    text = QUOTED.sub(_unquoted, text)
    return COUNTED.sub(lambda found: found[0] if _is_many(found[1]) else f"{FEW}{found[2]}", text)


def _is_many(count: str) -> bool:
    return int(count.replace(",", "")) >= LIMIT


def _unquoted(found: re.Match[str]) -> str:
    """A text with its count, as a remark may tell them."""
    if _is_many(found[3]):
        return found[0]
    if _is_verbatim(found[1]):
        return f"an answer of {FEW}"
    return f"{found[1]} {FEW}" if not found[2] else f"{found[1]} ({FEW})"


def rare_texts(proposal: Proposal) -> frozenset[str]:
    """Answers and other texts, as TOML writes them, that fewer people gave than the limit for bases."""
    rare = set()
    for guess in proposal.guesses.values():
        if isinstance(guess.value, list):
            for value, remark in zip(guess.value, guess.items, strict=False):
                count = COUNT.match(remark)
                if count and not _is_many(count[0]):
                    rare.add(value_text(value["value"] if isinstance(value, dict) else value))
    remarks = [guess.evidence for guess in proposal.guesses.values()]
    remarks += [decision.question for decision in proposal.decisions]
    for found in QUOTED.finditer("\n".join([*remarks, *proposal.notes])):
        if not _is_many(found[3]):
            rare.add(found[1])
    return frozenset(filter(_is_verbatim, rare))


def _is_verbatim(quoted: str) -> bool:
    """Whether a text may be somebody's own words: neither a number nor an answer that surveys offer."""
    text = plain(quoted.strip('"'))
    offered = (NO_ANSWER, NONE_OPTION, POSITIVE, NEGATIVE)
    known = len(text) <= LONGEST_OFFERED and any(words.fullmatch(text) for words in offered)
    return not known and any(sign.isalpha() for sign in text)


def _thin_tables(proposal: Proposal) -> frozenset[Key]:
    """Tables of which a remark holds a count below the limit: the other counts would tell it by subtraction."""
    told = [(key[:2], [guess.evidence, *guess.items]) for key, guess in proposal.guesses.items()]
    told += [(own.key[:2], [own.question]) for own in proposal.decisions]
    return frozenset(key for key, texts in told if any(FEW in discreet(text) for text in texts))


def _without_counts(text: str) -> str:
    """A remark of a table that holds a small count: it tells no other count."""
    if FEW in discreet(text):
        return QUOTED.sub(lambda found: found[1], discreet(text))
    return "" if COUNT.fullmatch(text) or QUOTED.search(text) or COUNTED.search(text) else text


def commented(text: str, indent: str = "") -> list[str]:
    """Remarks of no more than a line's length, without marks that would end them."""
    tidy = CONTROL.sub(" ", discreet(text))
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
    if section in TABLES:
        if any(key[0] == section for key in proposal.guesses):
            yield f"[{section}]"
            yield from _keys(proposal, (section,))
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
    thin = _thin_tables(proposal)
    for key in dict.fromkeys(leaves):
        if not table and key[0] in SECTIONS:
            continue
        if key in proposal.guesses:
            guess = proposal.guesses[key]
            if key[:2] in thin:
                items = tuple(map(_without_counts, guess.items))
                guess = replace(guess, evidence=_without_counts(guess.evidence), items=items)
            yield from _line(key[-1], guess)
        for decision in proposal.decisions:
            if decision.key == key:
                yield from _question(proposal, decision)


def _line(name: str, guess: Guess) -> Iterator[str]:
    """One key with its value, and what speaks for it."""
    evidence = discreet(guess.evidence)
    remark = CONTROL.sub(" ", f"{guess.sureness}: {evidence}" if evidence else guess.sureness)
    line = f"{key_text(name)} = {value_text(guess.value)}"
    if isinstance(guess.value, list) and guess.value and (guess.items or len(line) > WIDTH):
        yield from commented(remark)
        yield f"{key_text(name)} = ["
        for place, item in enumerate(guess.value):
            told = discreet(guess.items[place]) if place < len(guess.items) else ""
            said = f"  # {CONTROL.sub(' ', told)}" if told else ""
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
        evidence = option.evidence
        if decision.key[:2] in _thin_tables(proposal):
            evidence = "" if re.search(r"\d", evidence) else evidence
        why = f": {evidence}" if evidence else ""
        lines = list(_changes(proposal, decision, place))
        out = [".".join(map(key_text, key)) for key in option.drops if _stands(proposal, key)]
        taken = f"; take out {' and '.join(f'[{name}]' for name in out)}" if out else ""
        yield from commented(f"- {option.text}{why}{taken}" + (":" if lines else ""), "  ")
        if any(text in line for line in lines for text in rare_texts(proposal)):
            lines = [f"(Its line would quote an answer of {FEW}: decide it with --interactive.)"]
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
