"""Pictures and pages inside a page, held back from pandoc, which takes seconds and much memory to copy them."""

from __future__ import annotations

import hashlib
import re
from html import escape, unescape

__all__ = ["held_back", "put_back"]

LONG = re.compile(r"(?<=data:image/png;base64,)[A-Za-z0-9+/=]{200,}|(?<=srcdoc=)'[^']{200,}'")
"""A picture as an attribute of HTML holds it, and the frame that holds a page."""

DIGEST = r"[0-9a-f]{64}"
"""What stands in its place: letters that pandoc takes for a picture of its own."""

MARK = re.compile(rf'(?<=base64,){DIGEST}|(?<=srcdoc=)"{DIGEST}"')


def held_back(text: str) -> tuple[str, dict[str, str]]:
    """A text with a mark in the place of each long value, and the values by their marks."""
    held: dict[str, str] = {}

    def mark(found: re.Match[str]) -> str:
        value = found.group()
        digest = hashlib.sha256(value.encode()).hexdigest()
        if value.startswith("'"):
            digest, value = (
                f'"{digest}"',
                f'"{escape(unescape(value[1:-1]))}"',
            )  # as pandoc writes it
        held[digest] = value
        return digest

    return LONG.sub(mark, text), held


def put_back(page: str, held: dict[str, str]) -> str:
    """The page with the values in the places of their marks."""
    return MARK.sub(lambda found: held.get(found.group(), found.group()), page)
