"""Where an analysis came from: hashes of its input, versions, counts, weighting, the command."""

from __future__ import annotations

import hashlib
import platform
from importlib import metadata
from typing import TYPE_CHECKING, Any

import numpy as np

from conjoint.read import data_path
from conjoint.weight import efficiency

if TYPE_CHECKING:
    from os import PathLike
    from pathlib import Path

    from conjoint.wave import Wave

__all__ = ["provenance_of"]

LIBRARIES = ("conjoint", "numpy", "pandas", "scipy", "statsmodels", "plotnine")


def provenance_of(
    raw: Wave, wave: Wave, folder: Path, given: str | PathLike[str] | None, command: str
) -> dict[str, Any]:
    """Tell where an analysis came from.

    Parameters
    ----------
    raw, wave
        The wave as it was read, and as it was weighted.
    folder, given
        The survey folder, and the responses where they lie elsewhere.
    command
        What makes the same again, with ``{}`` for the survey.
    """
    data = data_path(raw.survey, folder, given)
    cost = efficiency(wave.weights)
    calibration = wave.calibration
    return {
        "survey": folder.resolve().name,
        "synthetic": raw.survey.synthetic,
        "command": _command(command, folder, data),
        "inputs": {
            file.name: hashlib.sha256(file.read_bytes()).hexdigest()
            for file in (folder / "survey.toml", folder / "targets.csv", data)
            if file.exists()
        },
        "counts": raw.describe(),
        "weighting": {
            "weighted": bool(np.ptp(wave.weights) > 0),
            "margins": [margin.name for margin in calibration.targets.margins]
            if calibration
            else [],
            "efficiency": cost.efficiency,
            "effective": cost.effective,
            "design_effect": cost.design_effect,
            "smallest": cost.smallest,
            "largest": cost.largest,
            "distance": calibration.distance if calibration else "",
            "trimmed": calibration.trimmed if calibration else 0.0,
            "rounds": calibration.rounds if calibration else 0,
            "discrepancy": calibration.discrepancy if calibration else 0.0,
        },
        "versions": {"python": platform.python_version()} | _versions(),
    }


def _command(command: str, folder: Path, data: Path) -> str:
    """The command that makes a report again, without the paths of one machine."""
    shown = folder.name if folder.is_absolute() else folder.as_posix()
    elsewhere = "" if data.parent == folder else f" --data {data.name}"
    return f"conjoint {command.format(shown + elsewhere)}"


def _versions() -> dict[str, str]:
    installed = {}
    for name in LIBRARIES:
        try:
            installed[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return installed
