"""How a report is made again: software, hashes of the input, the seed, the command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjoint.say.phrase import phrase
from conjoint.say.words import code
from conjoint.table import Cell, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conjoint.analysis import Analysis

__all__ = ["made_again"]


def made_again(analysis: Analysis, report: str) -> Iterator[str | Table]:
    """Tables of versions and hashes, and the command; `report` is the report's name in it."""
    made = analysis.provenance
    yield Table.of(
        phrase("method.again.software"),
        (phrase("method.again.package"), phrase("method.again.version")),
        [*made["versions"].items()],
        words=2,
        widths=(1, 1),
        label="tbl-software",
    )
    yield Table.of(
        phrase("method.again.inputs"),
        (phrase("method.again.file"), "SHA-256"),
        [(name, Cell(digest, tone="code")) for name, digest in made["inputs"].items()],
        words=2,
        widths=(1, 4),
        label="tbl-inputs",
    )
    seed = made.get("seed")
    if analysis.survey.synthetic:
        known = phrase("method.again.synthetic", seed=seed)
        yield phrase("method.again.synthetic_unknown") if seed is None else known
    yield phrase("method.again.no_random_numbers")
    yield phrase("method.again.command", command=code(_command(str(made["command"]), report)))


def _command(command: str, report: str) -> str:
    return f"{command} --report {report}" if command.startswith("conjoint report") else command
