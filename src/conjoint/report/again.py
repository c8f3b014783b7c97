"""How a report is made again: software, hashes of the input, the seed, the command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjoint.report.crosstab import figure_table
from conjoint.say.words import code, escape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conjoint.analysis import Analysis

__all__ = ["made_again"]


def made_again(analysis: Analysis, report: str) -> Iterator[str]:
    """Tables of versions and hashes, and the command; `report` is the report's name in it."""
    made = analysis.provenance
    rows = [(escape(name), escape(version)) for name, version in made["versions"].items()]
    yield figure_table(
        "Software", ("Package", "Version"), rows, label="tbl-software", widths=(1, 1), left=2
    )
    hashes = [(escape(name), code(digest)) for name, digest in made["inputs"].items()]
    yield figure_table(
        "Inputs", ("File", "SHA-256"), hashes, label="tbl-inputs", widths=(1, 4), left=2
    )
    seed = made.get("seed")
    if analysis.survey.synthetic:
        drawn = f"with the seed {seed}" if seed is not None else "with a seed that is not known"
        yield f"The wave is synthetic: a computer drew the answers, {drawn}."
    yield "No figure of this report uses random numbers: the same input gives the same figures."
    yield f"To make it again: {code(_command(str(made['command']), report))}"


def _command(command: str, report: str) -> str:
    return f"{command} --report {report}" if command.startswith("conjoint report") else command
