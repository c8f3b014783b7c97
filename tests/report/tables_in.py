"""Tables of a report's Markdown, read back as cells by caption."""

from __future__ import annotations

import re

from conjoint.report.claim import Claim
from conjoint.report.show import Joined, markdown
from conjoint.table import Table

BOX = re.compile(r"^::: \{\.scroll.*?\n(.*?)\n:::$", re.MULTILINE | re.DOTALL)


def words_in(parts):
    """What parts say beside charts and what stands in some formats alone, as Markdown."""
    return markdown(part for part in parts if isinstance(part, str | Claim | Joined | Table))


def plain(cell):
    """A cell as it is read: without escapes, marks of stress and spans."""
    cell = re.sub(r"\[([^\]]*)\]\{\.letters\}", r"\1", cell)
    cell = re.sub(r"[\u2066\u2069]", "", cell)
    return re.sub(r"\\(.)|[*]{1,2}", r"\1", cell).replace("\u00a0", " ").strip()


def tables_in(parts, folder):
    """Each table of some parts, by its caption: the header and the rows."""
    found = {}
    for box in BOX.findall(markdown(parts, folder)):
        lines = [line for line in box.splitlines() if line.startswith("|")]
        caption = next((line[2:] for line in box.splitlines() if line.startswith(": ")), "")
        cells = [[plain(cell) for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
        name = plain(re.sub(r" \{#[\w-]+\}$", "", caption))
        assert not name or name not in found, name
        if name:
            found[name] = cells[:1] + cells[2:]
    return found


def columns(table):
    """A table's cells by head of the column and label of the row."""
    header, *rows = table
    return {head: {row[0]: row[at] for row in rows} for at, head in enumerate(header)}
