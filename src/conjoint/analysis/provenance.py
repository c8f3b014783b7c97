"""Where an analysis came from: hashes of its input, versions, counts, weighting, the command."""

from __future__ import annotations

import datetime
import hashlib
import platform
import tomllib
from importlib import metadata
from typing import TYPE_CHECKING, Any

import numpy as np

from conjoint.output import given_date
from conjoint.read import data_path
from conjoint.read.file import companions
from conjoint.read.locate import joined_paths
from conjoint.say.number import base, between
from conjoint.say.phrase import phrase
from conjoint.survey.table import find_table
from conjoint.weight import efficiency, people_without_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from os import PathLike
    from pathlib import Path

    from conjoint.survey import Survey
    from conjoint.wave import Wave

__all__ = ["judged_in_words", "provenance_of"]

FILES = ("survey.toml", "simulation.toml")
TABLES = ("targets", "published")
"""What a survey folder may hold beside the responses."""

LIBRARIES = (
    "conjoint",
    "numpy",
    "pandas",
    "scipy",
    "statsmodels",
    "linearmodels",
    "plotnine",
    "quarto",
)


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

    Returns
    -------
    dict
        The same for the same input. Its time, ``inputs_changed``, is therefore not that of the
        analysis: it is the environment's SOURCE_DATE_EPOCH or, without it, when an input file was
        last changed, in UTC. ``seed`` is the one that a synthetic wave was drawn with.
    """
    data = data_path(raw.survey, folder, given)
    others = [*joined_paths(raw.survey, folder, data).values()]
    tables = [find_table(folder, name) for name in TABLES]
    files = [folder / FILES[0], *tables, folder / FILES[1], *others, data]
    files += [path for own in (data, *others) for path in companions(own)]
    inputs = [file for file in dict.fromkeys(files) if file.is_file()]
    cost = efficiency(wave.weights)
    calibration = wave.calibration
    return {
        "survey": folder.resolve().name,
        "synthetic": raw.survey.synthetic,
        "command": _command(command, folder, data),
        "inputs": {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in inputs},
        "inputs_changed": _newest(inputs),
        "seed": _seed(folder / FILES[-1]),
        "counts": raw.describe(),
        "recoded": _recoded(raw),
        "unused": _unused(raw),
        "weighting": {
            "weighted": bool(np.ptp(wave.weights) > 0),
            "margins": [margin.name for margin in calibration.targets.margins]
            if calibration
            else [],
            "unknown": [
                {"margin": margin, "respondents": n, "share": share}
                for margin, n, share in people_without_answer(wave)
            ],
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


def _recoded(wave: Wave) -> dict[str, int]:
    """How many cells each recode of survey.toml changed."""
    counts: dict[str, int] = {}
    for made in wave.recoded:
        counts[made.key] = counts.get(made.key, 0) + made.cells
    return counts


def _unused(wave: Wave) -> dict[str, int]:
    """How many respondents, rows, columns and so on no figure uses."""
    counts: dict[str, int] = {}
    for entry in wave.unused:
        counts[entry.kind] = counts.get(entry.kind, 0) + entry.count
    return counts


def judged_in_words(
    survey: Survey,
    counts: Mapping[str, Any],
    write: Callable[[str], str] = str,
    *,
    past: bool = False,
) -> str:
    """Say how many profiles were judged, by how many people, in how many tasks a person.

    Outcomes that were not judged alike are named one by one. A bundle of an older version counts what
    was shown alone.

    Parameters
    ----------
    counts
        Of the provenance.
    write
        How the survey's texts are written, such as escaped.
    past
        Whether it is a sentence, "were judged".
    """
    things = write(survey.report.profiles)
    if "judged" not in counts:
        n, tasks = base(counts["profiles"]), counts["tasks"]
        return phrase("method.judged.shown", profiles=n, things=things, tasks=tasks)
    sentences = {name: _judged(own, counts, things, past) for name, own in counts["judged"].items()}
    if len(set(sentences.values())) == 1:
        return sentences[survey.main_outcome]
    return "; ".join(
        phrase(
            "method.judged.each",
            outcome=write(survey.outcomes[name].label or name),
            judged=text,
        )
        for name, text in sentences.items()
    )


def _judged(judged: Mapping[str, Any], counts: Mapping[str, Any], things: str, past: bool) -> str:
    least, most = judged["tasks"]
    span = phrase("method.judged.tasks", tasks=between(str(least), str(most)))
    parts = {
        "judged": base(judged["profiles"]),
        "profiles": things,
        "people": base(judged["respondents"]),
        "tasks": phrase("words.n_tasks", most) if least == most else span,
    }
    absent = counts["respondents"] - judged["respondents"]
    if not absent:
        return phrase("method.judged.were_by" if past else "method.judged.by", **parts)
    return phrase(
        "method.judged.were_by_most" if past else "method.judged.by_most",
        absent=base(absent), respondents=base(counts["respondents"]), **parts,
    )  # fmt: skip


def _newest(inputs: Sequence[Path]) -> str:
    """When the newest input was changed, or what the environment gives as the time."""
    given = given_date()
    seconds = max(int(f.stat().st_mtime) for f in inputs) if given is None else given
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).isoformat()


def _seed(recipe: Path) -> int | None:
    """The seed of the recipe that a synthetic wave was drawn by."""
    if not recipe.is_file():
        return None
    try:
        seed = tomllib.loads(recipe.read_text("utf-8")).get("seed")
    except ValueError:  # no TOML, or no text: it is not what the analysis is about
        return None
    return seed if isinstance(seed, int) else None


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
