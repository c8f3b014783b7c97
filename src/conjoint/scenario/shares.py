"""How several packages would share the choices between them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, get_args

import numpy as np
import pandas as pd

from conjoint.errors import Fault, RequestError, choices
from conjoint.estimate.additive import find_baselines, fit_blocks
from conjoint.estimate.design import find_blocks
from conjoint.estimate.figures import linear_figures
from conjoint.estimate.groups import estimate_outcomes
from conjoint.estimate.sample import forced_choices, specify
from conjoint.estimates import COUNTS, LABELS
from conjoint.say.number import numeral
from conjoint.say.prompt import at_prompt
from conjoint.scenario.band import root_of
from conjoint.scenario.package import (
    in_words,
    named,
    never_together,
    profiles_like,
    read_package,
)
from conjoint.typing import Sharing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conjoint.estimate.additive import BlockFit
    from conjoint.estimate.groups import Figures
    from conjoint.estimate.sample import Sample
    from conjoint.estimates import Estimates
    from conjoint.scenario.package import Package
    from conjoint.typing import FloatArray
    from conjoint.wave import Wave

__all__ = ["Shares", "shares"]


@dataclass(frozen=True, eq=False, repr=False)
class Shares:
    """Shares of several packages.

    Parameters
    ----------
    figures
        Logit shares, one row an outcome, group and package.
    frame
        The figures' tidy frame, with ``rank``, and ``probability_first``: how sure it is that the group
        likes the package best, from draws of the joint covariance. With ``rule="first choice"`` the
        column ``share`` gives all to the package with the highest figure.
    """

    figures: Estimates
    frame: pd.DataFrame

    def __repr__(self) -> str:
        return at_prompt(f"<Shares: {len(self.frame)} rows>", self.frame, list(self.frame))

    def _repr_html_(self) -> str:
        return str(self.frame.to_html(index=False, float_format=lambda value: numeral(value, 4)))


def shares(
    wave: Wave,
    packages: Sequence[Mapping[str, str | None]],
    by: str | Sequence[str] | None = None,
    rule: Sharing = "logit",
    *,
    outcome: str | None = None,
    draws: int = 2000,
    seed: int = 1,
    confidence: float = 0.95,
) -> Shares:
    """Shares of choices among several packages, if all were on offer at once.

    Estimand
        ``"logit"``: the share choosing each package, by a conditional logit of the choices made.
        ``"first choice"``: the whole group goes to the package with the highest index, which is no
        share of people: one model a group knows no individuals. Take it with `probability_first`.
    Formula
        share_j = exp(x_j'b) / sum over k of exp(x_k'b), b the part-worths (McFadden 1974). Two packages
        that are alike take from all others in proportion (independence of irrelevant alternatives).
        Fitted to choices between the two or more of a task, and stretched to the number given here.
    Variance
        Delta method, from the clustered covariance of b; ``"linearised"``.
    Units
        0 to 1; an outcome's and group's shares sum to one.
    Restricted designs
        Tied attributes have coefficients of their joint cells: packages name all of them, or none.

    Parameters
    ----------
    wave, by, confidence
        As for :func:`conjoint.amce`; groups have to hold whole tasks.
    packages
        Two or more, all naming the same attributes; those left out are the same in all, and have no
        bearing on the shares. None says that the package does not show an attribute.
    rule
        See above.
    outcome
        One forced choice; all where None.
    draws, seed
        For `probability_first`.

    Returns
    -------
    Shares

    Raises
    ------
    RequestError
        Fewer than two packages, two that are the same, or packages that name different attributes; an
        unknown attribute, level or rule; no outcome that is a forced choice.
    EstimationError
        No share can be estimated. Groups without any, for the reasons of :func:`conjoint.part_worths`,
        are NaN, and `note` says why.

    References
    ----------
    McFadden 1974. Checked against ``part_worths(wave, model="conditional_logit")``.

    Examples
    --------
    >>> # shares(wave, [{"cap": "5000"}, {"cap": "20000"}, {"cap": "40000"}]).frame
    """
    from conjoint.estimate.conditional import fit_conditional  # statsmodels takes a while to import

    if rule not in get_args(Sharing):
        raise RequestError(Fault("rule", f'there is no "{rule}"', choices(get_args(Sharing))))
    chosen = _read(wave, packages)
    blocks = find_blocks(wave.survey)
    baselines = find_baselines(wave, None)
    specification = specify(wave, "shares", by, "linearised", confidence, rule=rule)

    def estimator(sample: Sample) -> Figures:
        fit = fit_conditional(sample, fit_blocks(sample, blocks, baselines))
        weights = np.array([_index(fit, package) for package in chosen])
        attribute, level = zip(*(named(wave.survey, own) for own in chosen), strict=True)
        labels = pd.DataFrame(
            {
                "estimand": "index",
                "attribute": attribute,
                "level": level,
                "baseline": "",
                "n_profiles": len(sample.y),
                "n_respondents": len(np.unique(sample.respondent)),
            }
        )
        rows = fit.figures(weights - weights[0])
        figures = linear_figures(sample, fit.regression, rows, labels, fit.cells)
        return replace(figures, freedom=None)

    names = forced_choices(wave, outcome)
    indices = estimate_outcomes(wave, estimator, specification, names)
    figures, first = _shared(indices, len(chosen), draws, seed)
    frame = figures.frame
    ranked = frame.groupby(["outcome", "group"], sort=False)["estimate"]
    rank = ranked.rank(ascending=False, method="first")
    frame["rank"] = rank.astype("Int64" if rank.hasnans else int)
    frame["probability_first"] = first
    if rule == "first choice":
        frame["share"] = (rank == 1).astype(float).mask(rank.isna())
    return Shares(figures, frame)


def _read(wave: Wave, packages: Sequence[Mapping[str, str | None]]) -> list[Package]:
    survey = wave.survey
    if len(packages) < 2:
        raise RequestError(Fault("packages", f"{len(packages)} of them", "two or more"))
    chosen = [
        read_package(survey, package, f"packages[{place}]")
        for place, package in enumerate(packages)
    ]
    faults = []
    for place, package in enumerate(chosen):
        if package.keys() != chosen[0].keys():
            what = f"names {choices(package)}"
            faults.append(
                Fault(
                    f"packages[{place}]", what, f"as the first: {choices(chosen[0])}", "Name all."
                )
            )
        elif not profiles_like(wave, package).any():
            faults.append(never_together(survey, package, f"packages[{place}]"))
        elif package in chosen[:place]:
            what = f"{in_words(survey, package)} stands twice"
            faults.append(
                Fault(f"packages[{place}]", what, "different packages", "Change a level.")
            )
    for block in find_blocks(survey):
        some = [name for name in block.attributes if name in chosen[0]]
        if some and len(some) < len(block.attributes):
            what = f"{choices(some)} go(es) together with attributes that are not named"
            faults.append(
                Fault("packages", what, f"all of {choices(block.attributes)}", "Name them all.")
            )
    if faults:
        raise RequestError(*faults)
    return chosen


def _index(fit: BlockFit, package: Package) -> FloatArray:
    """A package as weights on all cells; blocks of which it names nothing are left out."""
    weights = np.zeros(int(fit.starts[-1]))
    for block, start in zip(fit.blocks, fit.starts[:-1], strict=True):
        if block.attributes[0] in package:
            levels = tuple(package[name] for name in block.attributes)
            weights[start + int(np.ravel_multi_index(levels, block.shape))] = 1.0
    return weights


def _shared(
    indices: Estimates, several: int, draws: int, seed: int
) -> tuple[Estimates, FloatArray]:
    """Shares of the packages of each family, and how often each comes first in draws."""
    values, jacobian = np.empty(len(indices)), np.zeros((len(indices), len(indices)))
    root = root_of(indices.covariance)
    noise = np.random.default_rng(seed).standard_normal((root.shape[1], draws))
    drawn = indices.values[:, None] + root @ noise
    first = np.empty(len(indices))
    for start in range(0, len(indices), several):
        own = slice(start, start + several)
        v = indices.values[own]
        s = np.exp(v - v.max())
        s /= s.sum()
        values[own] = s
        jacobian[own, own] = np.diag(s) - np.outer(s, s)
        if np.isnan(v).any():
            first[own] = np.nan
            continue
        first[own] = np.bincount(drawn[own].argmax(axis=0), minlength=several) / draws
    labels = indices.labels[LABELS + COUNTS].assign(estimand="logit share")
    figures = indices.derive(values, jacobian, labels, "shares")
    return figures.on_scale(np.ones(len(figures), dtype=bool), 0.0, 1.0), first
