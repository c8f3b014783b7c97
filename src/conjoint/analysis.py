"""One call: survey folder to a bundle of aggregates.

The bundle is the privacy line. Reports and charts are made from it alone, and it holds no
respondent: figures whose base is under the survey's limit are taken out before it is written.
"""

from __future__ import annotations

import hashlib
import json
import platform
from dataclasses import dataclass, replace
from importlib import metadata
from math import comb
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from conjoint.audit import audit
from conjoint.audit.shown import items_without_ids, position_table, shown_table
from conjoint.errors import Fault, InputError
from conjoint.estimate import amce, joint_means, marginal_means
from conjoint.estimates import adjusted, stack
from conjoint.folder import open_folder
from conjoint.headlines import CHECKS, compared_with, headline_checks, headline_differences
from conjoint.read import data_path
from conjoint.survey import Survey
from conjoint.toplines import bases, toplines
from conjoint.toplines.question import sums_of_answers
from conjoint.wave import TOTAL
from conjoint.weight import efficiency, rake, weighting_summary, weighting_table
from conjoint.weight.histogram import weight_histogram

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from os import PathLike

    from conjoint.audit import Audit
    from conjoint.compare import Comparison
    from conjoint.estimates import Estimates
    from conjoint.reproduce import Reproduction
    from conjoint.typing import BoolArray
    from conjoint.wave import Wave

__all__ = [
    "STEPS",
    "Analysis",
    "audit_analysis",
    "comparison_analysis",
    "read_bundle",
    "reproduction_analysis",
    "run_analysis",
]

STEPS = (
    "Reading and checking the survey folder",
    "Auditing the answers",
    "Weighting to the targets",
    "Toplines",
    "Marginal means",
    "AMCEs",
    "Grid",
)
"""The steps of an analysis, as a progress bar names them."""

FIGURES = ["estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high"]
REPRODUCED = ["computed", "rounded", "std_error", "difference", "in_errors"]
TEXTS = (
    "wave",
    "first",
    "second",
    "item",
    "cell",
    "hold",
    "margins",
    "group",
    "level",
    "baseline",
    "high",
    "low",
    "category",
    "subject",
    "task",
    "profile",
    "answer",
    "where",
    "missing",
)
"""Columns of words that may look like numbers."""

LIBRARIES = ("conjoint", "numpy", "pandas", "scipy", "statsmodels", "plotnine")


@dataclass(frozen=True, eq=False)
class Analysis:
    """Everything a report is made from: aggregates, what was asked, and where it came from.

    Parameters
    ----------
    survey
        What was asked, without targets and published figures.
    tables
        Tidy frames by name: ``toplines``, ``topline_differences``, ``headline_checks``, ``bases``,
        ``overlap``, ``marginal_means``, ``amce``, ``spread``, ``departures``, ``joint_means``,
        ``weighting``, ``weighting_summary``, ``weight_histogram``, ``audit`` (see
        :class:`conjoint.audit.Audit`). Estimates have the usual columns
        and `reading`: safe, caution or suppressed (figures blank) by the survey's limits for bases.
        The columns of ``headline_checks`` are told at
        :func:`conjoint.headlines.headline_checks`.
    provenance
        Versions, hashes of the input, counts, weighting efficiency, and the command.
    """

    survey: Survey
    tables: dict[str, pd.DataFrame]
    provenance: dict[str, Any]

    def write(self, folder: str | PathLike[str]) -> Path:
        """Write the bundle: one CSV a table, survey.json and provenance.json."""
        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        for name, table in self.tables.items():
            table.to_csv(target / f"{name}.csv", index=False, lineterminator="\n")
        (target / "survey.json").write_text(
            self.survey.model_dump_json(indent=1, exclude={"targets", "published"}), "utf-8"
        )
        (target / "provenance.json").write_text(
            json.dumps(self.provenance, indent=1, ensure_ascii=False), "utf-8"
        )
        return target


def read_bundle(folder: str | PathLike[str]) -> Analysis:
    """Read a bundle that :meth:`Analysis.write` wrote.

    Raises
    ------
    InputError
        The folder holds no bundle.
    """
    path = Path(folder)
    if not (path / "survey.json").exists():
        raise InputError(
            Fault(str(path), "is no bundle", "a folder with survey.json", "Run the analysis first.")
        )
    survey = Survey.model_validate_json((path / "survey.json").read_text("utf-8"))
    text = dict.fromkeys(TEXTS, str)
    tables = {
        file.stem: pd.read_csv(file, keep_default_na=False, na_values=[""], dtype=text)
        for file in sorted(path.glob("*.csv"))
    }
    return Analysis(survey, tables, json.loads((path / "provenance.json").read_text("utf-8")))


def run_analysis(
    folder: str | PathLike[str],
    data: str | PathLike[str] | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Analysis:
    """Check, weight and estimate a survey folder.

    Parameters
    ----------
    folder, data
        As for :func:`conjoint.read_wave`.
    progress
        Called with the name of each step as it begins; the names are in `STEPS`.

    Returns
    -------
    Analysis
        Weighted to the survey's targets where it has some. Groups are the total and every segment;
        a segment whose base is too small to show is not estimated, and its figures are blank.

    Raises
    ------
    ConjointError
        Every fault of the folder at once, or the figure that cannot be had.
    """
    progress(STEPS[0])
    raw = open_folder(folder, data)
    progress(STEPS[1])
    audited = items_without_ids(raw, audit(raw))
    progress(STEPS[2])
    wave = rake(raw) if raw.survey.targets is not None else raw
    made = _analyse(wave, progress)
    return replace(
        made,
        tables=made.tables | {"audit": audited},
        provenance=_provenance(raw, wave, Path(folder), data, "report {}"),
    )


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
    return Analysis(
        wave.survey, tables, _provenance(wave, wave, Path(folder), data, "check {} --page FOLDER")
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
        Figures of too small a base are blank, their verdicts stay.
    """
    least = wave.survey.thresholds.suppress_below
    figures = made.frame
    small = (figures["n_respondents"] < least).to_numpy()
    figures = _blank(figures, small, REPRODUCED)
    tables = {"reproduction": figures, "conventions": made.tables_frame}
    weighted = rake(wave) if wave.survey.targets is not None else wave
    told = _provenance(wave, weighted, Path(folder), data, "reproduce {} --page FOLDER")
    published = Path(folder) / "published.csv"
    if published.exists():
        told["inputs"][published.name] = hashlib.sha256(published.read_bytes()).hexdigest()
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
        "changes": compared.frame,
        "trend": compared.trend,
        "flags": compared.flags,
        "decomposition": compared.decomposition,
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
        _provenance(wave, wave, path, None, "") for wave, path in zip(waves, paths, strict=True)
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


def _analyse(wave: Wave, progress: Callable[[str], None]) -> Analysis:
    survey = wave.survey
    small = _too_small(wave)
    segments = [name for name in survey.segments if name not in small] or None
    tables: dict[str, pd.DataFrame] = {"bases": bases(wave, list(survey.segments) or None)}
    tables["overlap"] = _overlap(wave)
    progress(STEPS[3])
    if any(question.topline for question in survey.questions.values()):
        shares = toplines(wave, segments)
        tables["toplines"] = _with_bases(wave, shares)
        tables["topline_differences"] = headline_differences(survey, shares)
        tables["headline_checks"] = headline_checks(wave, segments)
    progress(STEPS[4])
    means = _total_and(wave, marginal_means, segments)
    tables["marginal_means"] = means.frame
    tables["spread"] = _spread(means)
    if segments:
        tables["departures"] = _departures(means)
    progress(STEPS[5])
    tables["amce"] = _total_and(wave, amce, segments).frame
    progress(STEPS[6])
    if survey.report.grid:
        tables["joint_means"] = _total_and(
            wave,
            lambda w, by: joint_means(w, survey.report.grid, by, outcome=survey.grid_outcome),
            segments,
        ).frame
    tables["weighting"] = weighting_table(wave)
    tables["weighting_summary"] = weighting_summary(wave)
    tables["weight_histogram"] = weight_histogram(wave.weights)
    read = {name: _add_small(_read(survey, table), small) for name, table in tables.items()}
    return Analysis(survey, read, {})


def _too_small(wave: Wave) -> dict[str, int]:
    """Segments that no figure is shown of, with their bases: there is nothing to estimate."""
    least = max(2, wave.survey.thresholds.suppress_below)
    counts = {name: int(wave.segment(name).sum()) for name in wave.survey.segments}
    return {name: n for name, n in counts.items() if n < least}


def _add_small(table: pd.DataFrame, small: dict[str, int]) -> pd.DataFrame:
    """Give segments that were not estimated their rows, blank and marked as the others are."""
    if "reading" not in table or "reference" in table or not small:
        return table
    total = table[table["group"] == TOTAL]
    blank = total.assign(n_profiles=0, reading="suppressed")
    everyone = np.ones(len(blank), dtype=bool)
    blank = _blank(blank, everyone, [*FIGURES, *CHECKS, "weighted_base", "effective_base"])
    parts = [blank.assign(group=name, n_respondents=n) for name, n in small.items()]
    return pd.concat([table, *parts], ignore_index=True)


def _total_and(
    wave: Wave,
    estimator: Callable[[Wave, Sequence[str] | None], Estimates],
    segments: Sequence[str] | None,
) -> Estimates:
    """The total's figures and the segments', side by side."""
    total = estimator(wave, None)
    return stack([total, estimator(wave, segments)]) if segments else total


def _read(survey: Survey, table: pd.DataFrame) -> pd.DataFrame:
    """Mark each figure by its base, and take out those whose base is too small to show."""
    if not set(FIGURES) <= set(table.columns):
        return table
    limits, base = survey.thresholds, table["n_respondents"]
    suppressed = base < limits.suppress_below
    marked = table.assign(
        reading=np.select(
            [suppressed, base < limits.caution_below], ["suppressed", "caution"], "safe"
        )
    )
    return _blank(marked, suppressed.to_numpy(), [*FIGURES, *CHECKS])


def _blank(table: pd.DataFrame, rows: BoolArray, columns: Sequence[str]) -> pd.DataFrame:
    """Take figures out of rows, and the words that go with them."""
    words = {"margin", "category"}
    present = [name for name in columns if name in table]
    return table.assign(
        **{name: table[name].mask(rows, "" if name in words else np.nan) for name in present}
    )


def _with_bases(wave: Wave, shares: Estimates) -> pd.DataFrame:
    """Toplines with the weighted and effective base of those who answered each question."""
    scaled = wave.weights / wave.weights.mean()
    weighted, effective = [], []
    for outcome, group in (
        shares.labels[["outcome", "group"]].drop_duplicates().itertuples(index=False)
    ):
        members = np.ones(wave.n_respondents, dtype=bool) if group == TOTAL else wave.segment(group)
        _, base = sums_of_answers(wave, outcome, members)
        for own in base.T:
            cost = efficiency(scaled * own)
            weighted.append(float((scaled * own).sum()))
            effective.append(cost.effective)
    return shares.frame.assign(weighted_base=weighted, effective_base=effective)


def _spread(means: Estimates) -> pd.DataFrame:
    """For each attribute, its highest level's mean minus its lowest's: how much it moves.

    The two levels are picked by their figures, so intervals and p-values allow for every pair of
    the attribute's levels (Bonferroni); taken at face value, chance alone would set a five-level
    attribute "clearly" apart in some three samples of ten.
    """
    parts = []
    for attribute in dict.fromkeys(means.labels["attribute"]):
        own = means.select(attribute=attribute)
        pairs = max(1, comb(own.labels["level"].nunique(), 2))
        wide = own.with_confidence(1 - (1 - own.specification.confidence) / pairs)
        frame = _highest_against_lowest(wide).frame
        parts.append(frame.assign(p_value=(frame["p_value"] * pairs).clip(upper=1)))
    spread = pd.concat(parts, ignore_index=True)
    return spread.rename(columns={"level": "high", "baseline": "low"})


def _highest_against_lowest(means: Estimates) -> Estimates:
    """One attribute's highest mean minus its lowest, for each outcome and group."""
    labels = means.labels
    rows, pairs = [], []
    for _, own in labels.groupby(["outcome", "group"], sort=False, observed=True):
        values = means.values[own.index]
        high, low = own.index[int(np.argmax(values))], own.index[int(np.argmin(values))]
        pairs.append((high, low))
        both = own.loc[[high, low]]
        rows.append(
            labels.loc[high].to_dict()
            | {"estimand": "marginal mean difference", "baseline": labels["level"].loc[low]}
            | {count: int(both[count].min()) for count in ("n_profiles", "n_respondents")}
        )
    matrix = np.zeros((len(pairs), len(means)))
    for row, (high, low) in enumerate(pairs):
        matrix[row, high] += 1
        matrix[row, low] -= 1
    return means.contrast(matrix, pd.DataFrame(rows), "spread")


def _departures(means: Estimates) -> pd.DataFrame:
    """Each segment's marginal means against the total's, with p-values adjusted by Holm."""
    frame = compared_with(means, TOTAL)
    families = frame.groupby(["outcome", "group"], sort=False)["p_value"]
    return frame.assign(p_holm=families.transform(adjusted))


def _overlap(wave: Wave) -> pd.DataFrame:
    """How many respondents of one segment are in another."""
    members = {name: wave.segment(name) for name in wave.survey.segments}
    rows = [
        {
            "group": first,
            "other": second,
            "n_respondents": int((members[first] & members[second]).sum()),
            "share": float(
                wave.weights[members[first] & members[second]].sum()
                / wave.weights[members[first]].sum()
            ),
        }
        for first in members
        for second in members
        if first != second
    ]
    return pd.DataFrame(rows, columns=["group", "other", "n_respondents", "share"])


def _provenance(
    raw: Wave, wave: Wave, folder: Path, given: str | PathLike[str] | None, command: str
) -> dict[str, Any]:
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
