"""Which packages do best: for each group, and for the group that likes them least."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from conjoint.errors import EstimationError, Fault, RequestError, choices
from conjoint.estimate.design import check_always_shown, find_blocks
from conjoint.estimate.sample import specify
from conjoint.estimates import COUNTS, LABELS
from conjoint.say.number import numeral
from conjoint.say.prompt import at_prompt
from conjoint.scenario.band import root_of
from conjoint.scenario.coefficients import fit_coefficients
from conjoint.scenario.model import LOGIT
from conjoint.scenario.package import named, read_pairs

if TYPE_CHECKING:
    from conjoint.estimates import Estimates
    from conjoint.scenario.coefficients import Coefficients
    from conjoint.survey import Survey
    from conjoint.typing import BoolArray, FloatArray, IntArray, Variance
    from conjoint.wave import Wave

__all__ = ["LOWEST", "Ranking", "best"]

Limits: TypeAlias = Mapping[str, str | Sequence[str]]

LOWEST = "lowest of all groups"
"""The ranking by the group that likes a package least."""

MOST = 200_000
"""Packages that are ranked at most."""

UNSEEN = "some group never saw a combination that the model has as one of its own"
"""Why a group says nothing of a package."""

AT_ONCE = 100
"""Draws that are held against all packages at a time."""


@dataclass(frozen=True, eq=False, repr=False)
class Ranking:
    """Packages ranked.

    Parameters
    ----------
    figures
        Every group's support for every package that any ranking lists, with influence.
    frame
        One row a ranking and package: ``ranking`` (a group, or "lowest of all groups"), ``rank``, one
        column an attribute, the ``group`` that the figure is of, ``estimate, std_error, conf_low,
        conf_high``, ``probability_best``, ``n_respondents`` and the `model` (see :func:`support`). A group without a ranking has one row,
        with the reason in ``note``; it plays no part in the lowest of all groups.
    n_packages
        How many packages were ranked.
    warnings
        For people to read.
    """

    figures: Estimates
    frame: pd.DataFrame
    n_packages: int
    warnings: tuple[str, ...]

    def __repr__(self) -> str:
        return at_prompt(
            f"<Ranking: of {self.n_packages:,} packages>", self.frame, list(self.frame)
        )

    def _repr_html_(self) -> str:
        return str(self.frame.to_html(index=False, float_format=lambda value: numeral(value, 4)))


def best(
    wave: Wave,
    by: str | Sequence[str] | None = None,
    limits: Limits | None = None,
    top: int = 10,
    *,
    outcome: str | None = None,
    interactions: Sequence[str] | Sequence[Sequence[str]] = (),
    draws: int = 2000,
    seed: int = 1,
    variance: Variance = "linearised",
    confidence: float = 0.95,
) -> Ranking:
    """Rank whole packages by support: in each group, and by the lowest support among the groups.

    Estimand
        Support for each package that the design draws and the limits allow (see :func:`support`), and
        the smallest of the groups' supports; with the probability that no other package has more.
    Formula
        The share of draws from the normal distribution of all groups' coefficients, around the
        estimates and with their joint covariance (overlapping groups included), in which the package
        comes first. As a Bayesian would have it with a flat prior. A group whose linear model would leave the
        scale for some package has a logit, as :func:`support` has.
    Variance
        Of the fitted figure; of the lowest, that of the group which is lowest.
    Units
        0 to 1.
    Restricted designs
        Packages that the design never draws are left out. Those of which a group never saw a modelled
        combination are left out of its ranking, and of that of all groups.

    Parameters
    ----------
    wave, by, interactions, variance, confidence
        As for :func:`support`.
    limits
        By attribute the level, or the levels, that may be: ``{"cap": ["5000", "10000"], "partners":
        "France"}``; attributes left out are free.
    top
        How many packages each ranking lists.
    outcome
        One outcome; the survey's main one where None.
    draws, seed
        For the probability of being best.

    Returns
    -------
    Ranking
        The first of a ranking is chosen for having come out first, so that its figure is too high on
        average: look at `probability_best`, and at how many others are as good.

    Raises
    ------
    RequestError
        A limit names an unknown attribute or level, or nothing is left; or there are more than
        200,000 packages.
    EstimationError
        As for :func:`conjoint.amce`.

    Examples
    --------
    >>> # best(wave, "segments", limits={"cap": ["5000", "10000"]}).frame
    """
    if top < 1 or draws < 1:
        raise RequestError(Fault("top" if top < 1 else "draws", "is none", "1 or more"))
    survey = wave.survey
    check_always_shown(survey, "best")
    packages = _packages(survey, limits or {})
    name = wave.outcomes(outcome or survey.main_outcome)[0]
    specification = specify(wave, "best", by, variance, confidence)
    coefficients = fit_coefficients(wave, specification, name, read_pairs(survey, interactions))
    groups = range(len(coefficients.groups))
    told = np.array([coefficients.rows(group, packages)[1] for group in groups])
    left_out = int((~told.all(axis=0)).sum())
    packages, told = packages[told.any(axis=0)], told[:, told.any(axis=0)]
    if not len(packages):
        what = "no package is left of which every combination was shown"
        raise EstimationError(
            Fault(f'outcome "{name}"', what, "one", "Ask for fewer interactions.")
        )
    designs = [coefficients.rows(group, packages)[0] for group in groups]
    b = coefficients.estimates.values
    support = np.array(
        [
            coefficients.supports(group, X, b[coefficients.inside(group)])
            for group, X in enumerate(designs)
        ]
    )
    support[~told] = np.nan
    chances = _chances(coefficients, designs, told, draws, seed)
    rankings = {group: support[place] for place, group in enumerate(coefficients.groups)}
    if len(rankings) > 1:
        rankings[LOWEST] = support.min(axis=0)
    tops = {
        key: np.argsort(-values, kind="stable")[: min(top, int(np.isfinite(values).sum()))]
        for key, values in rankings.items()
    }
    listed = np.unique(np.concatenate(list(tops.values())))
    figures = _figures(coefficients, designs, packages, listed, told)
    frame = _frame(survey, coefficients, figures, packages, listed, tops, support, chances)
    return Ranking(figures, frame, len(packages), _warnings(left_out, coefficients))


def _packages(survey: Survey, limits: Limits) -> IntArray:
    """Every package that the design draws and the limits allow, a column an attribute."""
    allowed = _allowed(survey, limits)
    count = float(np.prod([len(own) for own in allowed.values()]))
    if count > MOST:
        raise RequestError(
            Fault(
                "limits",
                f"{numeral(count)} packages are left",
                f"{MOST:,} or fewer",
                "Fix some attributes, or allow fewer levels.",
            )
        )
    axes = np.meshgrid(*allowed.values(), indexing="ij")
    packages = np.stack([axis.ravel() for axis in axes], axis=1)
    order = {name: place for place, name in enumerate(survey.attributes)}
    drawn = np.ones(len(packages), dtype=bool)
    for block in find_blocks(survey):
        levels = tuple(packages[:, order[name]] for name in block.attributes)
        drawn &= block.probabilities[levels] > 0
    if not drawn.any():
        what = "the design draws none of the packages that they allow"
        raise RequestError(Fault("limits", what, "levels that may meet", "Allow more levels."))
    return np.asarray(packages[drawn], dtype=np.intp)


def _allowed(survey: Survey, limits: Limits) -> dict[str, IntArray]:
    faults = []
    allowed = {
        name: np.arange(len(attribute.levels)) for name, attribute in survey.attributes.items()
    }
    for name, own in limits.items():
        if name not in survey.attributes:
            what, known = f'there is no attribute "{name}"', tuple(survey.attributes)
            faults.append(Fault("limits", what, choices(known), "Correct the name."))
            continue
        values = survey.attributes[name].values
        wanted = [own] if isinstance(own, str) else list(own)
        faults += [
            Fault("limits", f'"{level}" is not a level of "{name}"', choices(values))
            for level in wanted
            if level not in values
        ]
        if not wanted:
            faults.append(Fault("limits", f'allows no level of "{name}"', choices(values)))
        allowed[name] = np.array([values.index(level) for level in wanted if level in values])
    if faults:
        raise RequestError(*faults)
    return {name: np.unique(own).astype(np.intp) for name, own in allowed.items()}


def _chances(
    coefficients: Coefficients,
    designs: Sequence[FloatArray],
    told: BoolArray,
    draws: int,
    seed: int,
) -> dict[str, FloatArray]:
    """In what share of draws each package comes first, by ranking; `told` of shape (groups, packages)."""
    never = np.where(told, 0.0, -np.inf)[:, :, None]
    rng = np.random.default_rng(seed)
    estimates = coefficients.estimates
    root = root_of(estimates.covariance)
    counts = {key: np.zeros(len(designs[0])) for key in (*coefficients.groups, LOWEST)}
    for start in range(0, draws, AT_ONCE):
        some = min(AT_ONCE, draws - start)
        b = estimates.values[:, None] + root @ rng.standard_normal((root.shape[1], some))
        lowest: FloatArray | None = None
        for group, key in enumerate(coefficients.groups):
            drawn = coefficients.supports(group, designs[group], b[coefficients.inside(group)])
            drawn = drawn + never[group]
            np.add.at(counts[key], drawn.argmax(axis=0), 1.0)
            lowest = drawn if lowest is None else np.minimum(lowest, drawn)
        if lowest is not None:
            np.add.at(counts[LOWEST], lowest.argmax(axis=0), 1.0)
    return {key: own / draws for key, own in counts.items()}


def _figures(
    coefficients: Coefficients,
    designs: Sequence[FloatArray],
    packages: IntArray,
    listed: IntArray,
    told: BoolArray,
) -> Estimates:
    """Each group's support for the packages that are listed."""
    estimates, labels, rows, values = coefficients.estimates, [], [], []
    survey = coefficients.models[0].sample.wave.survey
    for group, model in enumerate(coefficients.models):
        matrix = np.zeros((len(listed), len(estimates)))
        own, inside = designs[group][listed], coefficients.inside(group)
        matrix[:, inside] = coefficients.slopes(group, own)
        values.append(coefficients.supports(group, own, estimates.values[inside]))
        rows.append(matrix)
        first = estimates.labels.iloc[coefficients.places[group]]
        for package in packages[listed]:
            attribute, level = named(
                survey, dict(zip(survey.attributes, map(int, package), strict=True))
            )
            labels.append(
                {"outcome": model.sample.outcome, "estimand": "support", "baseline": ""}
                | {"group": model.sample.group, "attribute": attribute, "level": level}
                | {count: first[count] for count in COUNTS}
            )
    frame = pd.DataFrame(labels, columns=LABELS + COUNTS)
    matrix, known = np.concatenate(rows), told[:, listed].ravel()
    notes = ["" if has else UNSEEN for has in known]
    supports = np.where(known, np.concatenate(values), np.nan)
    figures = estimates.derive(supports, matrix, frame, "best", notes)
    curved = np.repeat([model.link == LOGIT for model in coefficients.models], len(listed))
    return figures.on_scale(curved, *coefficients.models[0].ends)


def _frame(
    survey: Survey,
    coefficients: Coefficients,
    figures: Estimates,
    packages: IntArray,
    listed: IntArray,
    tops: Mapping[str, IntArray],
    support: FloatArray,
    chances: Mapping[str, FloatArray],
) -> pd.DataFrame:
    tidy = figures.frame
    rows = []
    for key, order in tops.items():
        for rank, package in enumerate(order, start=1):
            lowest = key == LOWEST
            group = int(support[:, package].argmin()) if lowest else coefficients.groups.index(key)
            own = tidy.iloc[group * len(listed) + int(np.searchsorted(listed, package))]
            levels = {
                name: attribute.values[packages[package, place]]
                for place, (name, attribute) in enumerate(survey.attributes.items())
            }
            rows.append(
                {"ranking": key, "rank": rank}
                | levels
                | {"group": coefficients.groups[group]}
                | {name: own[name] for name in ("estimate", "std_error", "conf_low", "conf_high")}
                | {"probability_best": chances[key][package]}
                | {"n_respondents": own["n_respondents"], "note": ""}
                | {"model": coefficients.models[group].link}
            )
    for sample, note in coefficients.missing:
        row: dict[str, Any] = {"ranking": sample.group, "rank": 1}
        row |= dict.fromkeys(survey.attributes, "") | {"group": sample.group}
        rows.append(row | {"n_respondents": sample.base()[1], "note": note, "model": ""})
    return pd.DataFrame(rows)


def _warnings(left_out: int, coefficients: Coefficients) -> tuple[str, ...]:
    lacking = [f"{sample.group} has no ranking: {note}." for sample, note in coefficients.missing]
    if left_out:
        lacking.append(f"{left_out:,} package(s) are left out: {UNSEEN}.")
    return tuple(lacking)
