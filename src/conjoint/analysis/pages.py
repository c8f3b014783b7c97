"""What the pages of the audit, of reproduced figures and of compared waves are made from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.analysis.bundle import Analysis
from conjoint.analysis.provenance import provenance_of
from conjoint.audit.shown import items_without_ids, position_table, shown_table
from conjoint.reproduce import withhold
from conjoint.toplines.withheld import find_withheld
from conjoint.weight import rake
from conjoint.withhold.erase import erase, without_bases
from conjoint.withhold.outward import coarsened

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

    from conjoint.audit import Audit
    from conjoint.compare import Comparison
    from conjoint.reproduce import Reproduction
    from conjoint.wave import Wave

__all__ = ["audit_analysis", "comparison_analysis", "reproduction_analysis", "shown_of"]


def audit_analysis(
    wave: Wave, found: Audit, folder: str | PathLike[str], data: str | PathLike[str] | None = None
) -> Analysis:
    """What the audit's page is made from: its items, and the aggregates that its charts draw.

    Parameters
    ----------
    wave, found
        The wave as it was read, and its audit.
    folder, data
        Where it was read from.

    Returns
    -------
    Analysis
        Tables ``audit``, ``shown`` (levels against the design) and ``positions`` (choices by task
        and position). No respondent is in it.
    """
    tables = {
        "audit": items_without_ids(wave, found),
        "shown": shown_table(wave),
        "positions": position_table(wave),
    }
    tables = erase(tables, wave.survey, find_withheld(wave))
    return Analysis(
        wave.survey, tables, provenance_of(wave, wave, Path(folder), data, "check {} --page FOLDER")
    )


def reproduction_analysis(
    wave: Wave,
    made: Reproduction,
    folder: str | PathLike[str],
    data: str | PathLike[str] | None = None,
) -> Analysis:
    """What the page of reproduced figures is made from: a table of figures, and one of conventions.

    Parameters
    ----------
    wave, made
        The wave as it was read, and what came of making its published figures again.
    folder, data
        Where it was read from.

    Returns
    -------
    Analysis
        Tables ``reproduction`` and ``conventions`` (see :class:`conjoint.reproduce.Reproduction`).
        Figures that may not be shown are blank, their verdicts stay: see
        :func:`conjoint.reproduce.withhold`.
    """
    shown = withhold(made, wave)
    tables = {"reproduction": shown.frame, "conventions": shown.tables_frame}
    weighted = rake(wave) if wave.survey.targets is not None else wave
    told = provenance_of(wave, weighted, Path(folder), data, "reproduce {} --page FOLDER")
    return Analysis(wave.survey, tables, told)


def comparison_analysis(
    waves: Sequence[Wave],
    compared: Comparison,
    folders: Sequence[str | PathLike[str]],
    options: str = "",
) -> Analysis:
    """What the page of a comparison is made from: its frames, and what was asked in the last wave.

    Parameters
    ----------
    waves, compared
        The waves as they were compared, and what came of it.
    folders
        Where they were read from.
    options
        What was asked for on the command line, beside the folders.

    Returns
    -------
    Analysis
        Tables ``changes``, ``trend``, ``flags``, ``decomposition``, ``waves`` and ``comparison`` (one row:
        composition, family, confidence and how many tables were looked at); see
        :class:`conjoint.compare.Comparison`. No respondent is in it.
    """
    tables = {
        "changes": shown_of(waves, compared.frame),
        "trend": shown_of(waves, compared.trend),
        "flags": compared.flags,
        "decomposition": shown_of(waves, compared.decomposition),
        "waves": compared.waves,
        "comparison": pd.DataFrame(
            {
                "composition": [compared.composition],
                "family": [compared.family],
                "confidence": [compared.confidence],
                "tables": [compared.tables],
            }
        ),
    }
    paths = [Path(folder) for folder in folders]
    told = [
        provenance_of(wave, wave, path, None, "") for wave, path in zip(waves, paths, strict=True)
    ]
    names = [path.name if path.is_absolute() else path.as_posix() for path in paths]
    command = " ".join(["conjoint compare", *names, *options.split(), "--page FOLDER"])
    inputs = {
        f"{path.name}/{file}": digest
        for path, own in zip(paths, told, strict=True)
        for file, digest in own["inputs"].items()
    }
    return Analysis(
        waves[-1].survey,
        tables,
        told[-1]
        | {
            "survey": [own["survey"] for own in told],
            "synthetic": any(own["synthetic"] for own in told),
            "command": command,
            "inputs": inputs,
        },
    )


def shown_of(waves: Sequence[Wave], frame: pd.DataFrame) -> pd.DataFrame:
    """A frame of a comparison without bases of segments hidden in any wave, and with whole percentages where
    more digits would tell on a few people of any.
    """
    withheld = [find_withheld(wave) for wave in waves]
    rows = np.zeros(len(frame), dtype=bool)
    for own in withheld:
        rows |= own.coarse_both(frame) if "kind" in frame else own.coarse_toplines(frame)
    hidden = {name for own in withheld for name in own.segments}
    return without_bases(coarsened(frame, rows), hidden)
