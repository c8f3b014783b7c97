"""Words and numbers for Markdown: whatever a survey says stays text."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

import pandas as pd

from conjoint.plot.theme import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "attribute",
    "code",
    "escape",
    "listed",
    "numbered",
    "percent_exact",
    "pipe_table",
    "plain",
    "sentence_case",
]

BLANK = re.compile(r"[^\S\u00a0]+")
"""Spaces and line breaks, but not what holds a word and its mark together."""

ISOLATE = "\u2066\u2069"
"""Around words that run leftward: figures after them stay after them."""

PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


def escape(text: object) -> str:
    r"""Write text so that Markdown, HTML, TeX and Quarto shortcodes in it stay text.

    >>> escape("<b>{{< include x >}}</b>")
    '\\<b\\>\\{\\{\\< include x \\>\\}\\}\\<\\/b\\>'
    """
    one_line = " ".join(BLANK.split(str(text))).strip(" ")
    safe = PUNCTUATION.sub(r"\\\1", printable(one_line).replace(r"\$", "$"))
    leftward = any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in safe)
    return f"{ISOLATE[0]}{safe}{ISOLATE[1]}" if leftward else safe


def code(text: object) -> str:
    r"""Write text as code of a line, which it cannot end, and in which Quarto finds no shortcode.

    >>> code("conjoint `x`\n\n{{< include y >}}")
    '`conjoint x { {< include y >} }`'
    """
    one_line = " ".join(BLANK.split(printable(str(text).replace("`", "")))).strip() or " "
    return f"`{one_line.replace('{{', '{ {').replace('}}', '} }').replace('|', '¦')}`"


def attribute(text: str) -> str:
    r"""Write text within the quotes of an attribute: nothing in it ends them, or is a shortcode.

    >>> attribute('"x" {{< env HOME >}}')
    'x env HOME'
    """
    kept = (" " if c in '"{}`<>' or not c.isprintable() else c for c in text.replace("\\", ""))
    return " ".join("".join(kept).split())


def plain(markdown: str) -> str:
    r"""Take Markdown's marks out of a sentence that `escape` had a part in.

    >>> plain(r"**62%** of \<b\> voters")
    '62% of <b> voters'
    """
    kept = re.sub(r"(?<!\\)\*\*", "", markdown)
    bare = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", kept).replace("\u00a0", " ")
    return re.sub(f"[{ISOLATE}]", "", bare)


def percent_exact(share: float) -> str:
    """A share in a table, with one decimal.

    >>> percent_exact(0.617), percent_exact(0.0003)
    ('61.7%', '<0.05%')
    """
    if 0 < share < 0.0005:
        return "<0.05%"
    return "–" if pd.isna(share) else f"{100 * share:.1f}%"


def sentence_case(text: str) -> str:
    """Capitalise the first letter and leave the others.

    >>> sentence_case("all of them are also Labour voters")
    'All of them are also Labour voters'
    """
    return text[:1].upper() + text[1:]


def listed(items: Iterable[str], word: str = "and") -> str:
    """Join items as a sentence does.

    >>> listed(["a", "b", "c"]), listed(["a", "b"], "or")
    ('a, b and c', 'a or b')
    """
    names = list(items)
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {word} {names[-1]}"


def numbered(number: int, parts: int) -> str:
    """Behind the name of one of several parts; nothing behind the only one.

    >>> numbered(2, 3), numbered(1, 1)
    (' (2 of 3)', '')
    """
    return f" ({number} of {parts})" if parts > 1 else ""


def pipe_table(
    name: str,
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    align: str,
    widths: Sequence[int] = (),
) -> str:
    """A Markdown table of cells that are already escaped, in a box that scrolls by keyboard too.

    Parameters
    ----------
    name
        What the table is, for screen readers.
    align
        One letter a column: l or r.
    widths
        Relative widths of the columns, for tables whose cells hold sentences.
    """
    dashes = ["-" * 3 * width for width in widths or [1] * len(align)]
    rule = "|".join(
        f":{dash}" if letter == "l" else f"{dash}:"
        for letter, dash in zip(align, dashes, strict=True)
    )
    lines = ["|".join(header), rule, *("|".join(row) for row in rows)]
    table = "\n".join(f"|{line}|" for line in lines)
    box = f'{{.scroll tabindex="0" role="region" aria-label="{attribute(name)}"}}'
    return f"::: {box}\n\n{table}\n\n:::"
