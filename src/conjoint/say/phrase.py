"""Sentences by key: `phrases.en.toml` holds every one that a report can say, and another language is another file."""

from __future__ import annotations

import re
import tomllib
from contextlib import contextmanager
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["phrase", "phrases_under", "spoken"]

PART = re.compile(r"\{(\w+)\}")
"""A place that a sentence leaves for a name or a figure."""

_TEXTS: dict[str, str] = {}
"""By dotted key; read when the first sentence is wanted."""


def phrase(key: str, n: float | None = None, /, **parts: object) -> str:
    """Write the sentence of a key.

    Parameters
    ----------
    key
        Where it stands in the file, such as ``"headline.of_all"``.
    n
        A count, where the sentence has a form for one (``key.one``) and a form for any other number
        (``key.other``); it is written where these say ``{n}``.
    parts
        What stands in its places, as text that is already escaped for the medium.

    Raises
    ------
    KeyError
        There is no such sentence, or a place of it is given nothing.

    Examples
    --------
    >>> phrase("words.more", 2), phrase("words.more", 1)
    ('2 more', '1 more')
    """
    if n is not None:
        key, parts = f"{key}.{'one' if n == 1 else 'other'}", {**parts, "n": f"{n:,.0f}"}
    return PART.sub(lambda place: str(parts[place[1]]), _texts()[key])


def phrases_under(section: str) -> dict[str, str]:
    """The sentences of a section by what is left of their keys: what a script is given."""
    start = f"{section}."
    return {
        key.removeprefix(start): text for key, text in _texts().items() if key.startswith(start)
    }


@contextmanager
def spoken(change: Callable[[str, str], str]) -> Iterator[None]:
    """Let every sentence be what `change` makes of its key and text, for as long as the context lasts."""
    before = dict(_texts())
    _TEXTS.update({key: change(key, text) for key, text in before.items()})
    try:
        yield
    finally:
        _TEXTS.update(before)


def _texts() -> dict[str, str]:
    if not _TEXTS:
        text = (files("conjoint.say") / "phrases.en.toml").read_text("utf-8")
        _TEXTS.update(_flat(tomllib.loads(text)))
    return _TEXTS


def _flat(table: dict[str, Any], start: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{start}{key}.")
        else:
            yield f"{start}{key}", value
