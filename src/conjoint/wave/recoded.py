"""What the survey's recodes did to a file before a wave was made of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Recoded"]


@dataclass(frozen=True, slots=True)
class Recoded:
    """Cells that a recode of survey.toml reads as something else than they hold.

    Parameters
    ----------
    key
        The recode's name in survey.toml; ``"data.tidy"`` for the whole file.
    kind
        Which part of it: ``missing``, ``alias``, ``label``, ``band``, ``empty`` or ``tidy``.
    to
        What the cells are read as; empty for a missing answer, and for texts made tidy.
    texts
        What the cells hold, each text once; none for empty cells.
    cells
        How many cells there are.
    """

    key: str
    kind: Literal["missing", "alias", "label", "band", "empty", "tidy"]
    to: str
    texts: tuple[str, ...]
    cells: int
