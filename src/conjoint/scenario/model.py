"""The model behind a scenario: one regression, and packages as weights on its cells."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations, product
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.errors import EstimationError, Fault, RequestError
from conjoint.estimate.additive import find_baselines, fit_blocks
from conjoint.estimate.design import against, block_for, find_blocks
from conjoint.estimate.figures import join, linear_figures
from conjoint.estimate.pairs import share_of, whole_tasks
from conjoint.estimate.target import target_block
from conjoint.say.number import between, exact
from conjoint.scenario.bounded import Drawn, mean_logistic
from conjoint.scenario.package import in_words, never_together, parted, profiles_like
from conjoint.survey import INTERLOCK
from conjoint.wave import shares_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.estimate.additive import BlockFit
    from conjoint.estimate.design import Block
    from conjoint.estimate.groups import Figures
    from conjoint.estimate.pairs import Pairs
    from conjoint.estimate.sample import Sample
    from conjoint.estimate.target import Shares
    from conjoint.scenario.package import Package, Pair
    from conjoint.survey import Survey
    from conjoint.typing import BoolArray, FloatArray

__all__ = [
    "EVEN",
    "LINEAR",
    "LOGIT",
    "SHOWN",
    "Model",
    "answers_with",
    "beside_shown",
    "bounded",
    "departures",
    "fit_model",
    "shown_shares",
    "undecided",
    "unmodelled",
]

EVEN = 0.5
"""What a package gets against itself."""

SHOWN = "shown"
"""The estimand of the raw mean of the profiles that showed a package."""


LINEAR, LOGIT = "linear", "logit"
"""The models that make a figure."""

OUTSIDE = 1e-9
"""How far a prediction has to be beyond the scale; less is rounding."""


@dataclass(frozen=True, eq=False, slots=True)
class Model:
    """A regression on blocks of attributes, with how often each cell counts when it is averaged over.

    Parameters
    ----------
    sample
        The rows of the regression: profiles, or tasks (their first profiles) head to head.
    fit
        The regression.
    drawn
        For each of its blocks how often each cell is drawn, shaped as the block.
    stated
        Shares of attributes to average over, where they are not those of the design.
    tasks
        Whether the rows are tasks, so that a figure is one package less another.
    link
        `LINEAR`, or `LOGIT`: the coefficients are then of log odds, of the place between the ends of the scale.
    """

    sample: Sample
    fit: BlockFit
    drawn: tuple[FloatArray, ...]
    tasks: bool
    stated: tuple[Shares, ...] = ()
    link: str = LINEAR

    @property
    def ends(self) -> tuple[float, float]:
        """The ends of the outcome's scale."""
        return self.sample.wave.survey.outcomes[self.sample.outcome].ends

    @property
    def _drawn_cells(self) -> Drawn:
        return Drawn(self.sample, self.fit, self.drawn, self.stated)

    def worth(self, coefficients: FloatArray) -> FloatArray:
        """What each cell adds to a prediction, of shape (all cells,); what goes with others adds nothing."""
        fit = self.fit
        full = coefficients
        if fit.basis is not None:
            full = np.zeros(len(fit.basis.kept) + len(fit.basis.left))
            full[fit.basis.kept] = coefficients
        return np.where(fit.columns >= 0, full[fit.columns], 0.0)

    def extremes(self, coefficients: FloatArray) -> tuple[float, float]:
        """The lowest and highest prediction of a linear model for any package that the design draws.

        Head to head, for the worst against the best and the reverse.
        """
        spans = self._drawn_cells.spans(self.worth(coefficients))
        low, high = (
            float(choose(ends))
            for choose, ends in zip((min, max), zip(*spans, strict=True), strict=True)
        )
        if not self.tasks:
            return float(coefficients[0]) + low, float(coefficients[0]) + high
        basis = self.fit.basis
        if basis is not None and len(basis.left):  # only what is shown alike can be told
            reach = max(float(top - bottom) for bottom, top in spans)
        else:
            reach = high - low
        return EVEN - reach, EVEN + reach

    def weights(self, package: Package) -> FloatArray:
        """A package as weights on all cells: what it leaves out is averaged over; (all cells,).

        Combinations that the design draws and the group never saw are left out of the average. What is
        not always shown is averaged over as it stands in profiles that show, and lack, all that the
        package says: with its levels, and not shown.

        Raises
        ------
        RequestError
            What is to be averaged over never meets the package.
        EstimationError
            No profile of the group showed a combination that the package needs.
        """
        survey, parts = self.sample.wave.survey, []
        together = profiles_like(self.sample.wave, package)
        if not together.any():
            raise RequestError(never_together(survey, package))
        if not together[self.sample.rows].any():
            raise EstimationError(never_together(survey, package, self.sample.where))
        bounds = zip(self.fit.starts[:-1], self.fit.starts[1:], strict=True)
        for block, drawn, (start, stop) in zip(self.fit.blocks, self.drawn, bounds, strict=True):
            place = tuple(
                slice(level, level + 1) if (level := package.get(name)) is not None else slice(None)
                for name in block.attributes
            )
            if not all(survey.attributes[name].is_always for name in block.attributes):
                drawn = self._drawn_beside(block, package)
            inside = np.zeros(block.shape)
            inside[place] = drawn[place]
            if not inside.any():
                raise RequestError(self._never_meets(block))
            seen = np.where(self.fit.observed[start:stop].reshape(block.shape), inside, 0.0)
            if not seen.any():
                raise EstimationError(self._never_shown(block, package))
            parts.append((seen / seen.sum()).ravel())
        return np.concatenate(parts)

    def _drawn_beside(self, block: Block, package: Package) -> FloatArray:
        """How often a block's cells are drawn in profiles that show and lack what a package does."""
        wave = self.sample.wave
        shown, absent = parted(wave.survey, package)
        beside = block_for(wave.survey, block.attributes, wave, shown, absent)
        return target_block(self.sample, "", beside, self.stated).probabilities

    def figures(self, packages: Sequence[Package], opponent: Package | None) -> Figures:
        """Support for packages, or the share of each over an opponent; without labels of their own.

        Raises
        ------
        EstimationError
            No profile of the group showed a combination that the opponent needs.
        """
        weights = np.zeros((len(packages), int(self.fit.starts[-1])))
        faults: list[Fault | None] = [None] * len(packages)
        for place, package in enumerate(packages):
            try:
                weights[place] = self.weights(package)
            except EstimationError as error:
                faults[place] = error.faults[0]
        if opponent is not None:
            weights = weights - self.weights(opponent)
        constant = 0.0 if self.tasks else 1.0
        rows, told = self.fit.express(weights, constant, tuple(faults))
        people = len(np.unique(self.sample.respondent))
        labels = pd.DataFrame(
            {"n_profiles": len(self.sample.y), "n_respondents": people}, index=range(len(rows))
        )
        values = None
        if self.link == LOGIT:
            values, rows = self._curved(packages, opponent, told)
        figures = linear_figures(
            self.sample, self.fit.regression, rows, labels, self.fit.cells, told
        )
        if values is None:
            values = (EVEN if self.tasks else 0.0) + figures.values
        # A package against itself is even by definition, and its interval has no width.
        return replace(
            figures,
            values=values,
            fixed=np.zeros(len(rows), dtype=bool),
            rarer=np.full(len(rows), np.inf),
        )

    def _curved(
        self, packages: Sequence[Package], opponent: Package | None, faults: Sequence[Fault | None]
    ) -> tuple[FloatArray, FloatArray]:
        """Figures of a logit and their derivatives by its coefficients; NaN and zeros for faults."""
        fit, b = self.fit, self.fit.regression.coefficients
        (low, high), worth, kept = self.ends, self.worth(b), fit.columns >= 0
        values, rows = np.full(len(packages), np.nan), np.zeros((len(packages), len(b)))
        for place, package in enumerate(packages):
            if faults[place] is not None:
                continue
            if package == opponent:
                values[place] = EVEN
                continue
            mean, by_intercept, by_cell = mean_logistic(
                worth, float(b[0]), self._drawn_cells.mixture(package, opponent), even=self.tasks
            )
            row = np.zeros(1 + max(int(fit.columns.max()), 0))
            row[0] = by_intercept
            np.add.at(row, fit.columns[kept], by_cell[kept])
            values[place] = low + (high - low) * mean
            rows[place] = (high - low) * (row if fit.basis is None else row[fit.basis.kept])
        return values, rows

    def _never_meets(self, block: Block) -> Fault:
        return Fault(
            "average",
            f"what it says of {INTERLOCK.join(block.attributes)} never goes with the package",
            "levels that the design draws with it",
            "State other shares, or average over the design.",
        )

    def _never_shown(self, block: Block, package: Package) -> Fault:
        own = {name: level for name, level in package.items() if name in block.attributes}
        alone = len(block.attributes) == 1
        return Fault(
            self.sample.where,
            f"no profile showed {in_words(self.sample.wave.survey, own)}"
            + ("" if alone else ", which the model has as a combination of its own"),
            "a combination that was shown",
            "Leave the interaction out, choose another level, or widen the group.",
        )


def fit_model(
    sample: Sample,
    interacting: Sequence[Pair],
    stated: Sequence[Shares] = (),
    pairs: Pairs | None = None,
) -> Model:
    """Regress a sample's outcome on the cells of all blocks of attributes.

    Parameters
    ----------
    interacting
        Pairs of attributes that are modelled by their joint cells.
    stated
        Shares of attributes to average over, where they are not those of the design.
    pairs
        Who stood against whom, for a regression of choices on differences within tasks.
    """
    survey = sample.wave.survey
    blocks = find_blocks(survey, interacting)
    opponent = None
    if pairs is not None:
        sample = whole_tasks(sample, pairs)
        opponent = pairs.opponent[sample.place]
    fit = fit_blocks(sample, blocks, find_baselines(sample.wave, None), opponent)
    drawn = tuple(target_block(sample, "", block, stated).probabilities for block in blocks)
    return Model(sample, fit, drawn, tasks=pairs is not None, stated=tuple(stated))


def bounded(model: Model) -> Model:
    """Give back a linear model, or a logit on the same cells where any package would leave the scale.

    The model is of an outcome in a group, whatever is asked of it. Of an answer that counts 0 it is a logit, too,
    where another answer to the same question would leave the scale: they share what is left.

    Raises
    ------
    EstimationError
        A logit is needed and cannot be fitted.
    """
    sample, (low, high) = model.sample, model.ends
    reach = OUTSIDE * (high - low)
    if sample.y.min() < low - reach or sample.y.max() > high + reach:
        return model  # no scale is declared
    regression = model.fit.regression
    coefficients = [regression.coefficients]
    first, *rest = answers_with(sample.wave.survey, sample.outcome)
    if sample.outcome in rest:
        for name in (first, *rest):
            y = sample.wave.outcome(name)[sample.rows]
            totals = regression.tally.totals(y, sample.w)
            coefficients.append(regression.inverse @ (regression.pattern.T @ totals))
    spans = [model.extremes(b) for b in coefficients]
    if all(low - reach <= bottom and top <= high + reach for bottom, top in spans):
        return model
    from conjoint.estimate.binary import fit_fractional  # statsmodels takes a while to import

    try:
        scaled = replace(sample, y=np.clip((sample.y - low) / (high - low), 0.0, 1.0))
        return replace(model, fit=fit_fractional(scaled, model.fit), link=LOGIT)
    except EstimationError as error:
        what = (
            f"beyond what this model can say: the linear model leaves {between(exact(low), exact(high))} for some "
            f"packages, and no logit can be fitted ({error.reasons})"
        )
        do = "Merge levels, or widen the group."
        raise EstimationError(Fault(sample.where, what, "answers of both kinds", do)) from error


def answers_with(survey: Survey, outcome: str) -> tuple[str, ...]:
    """The outcomes that share all answers with one, the question's own first; that one alone where none do."""
    if survey.outcomes[outcome].kind != "support":
        return (outcome,)
    families = (shares_of(survey, name) for name in survey.outcomes)
    return next((own for own in families if len(own) > 1 and outcome in own), (outcome,))


def undecided(sample: Sample) -> Sample:
    """The rows of profiles that were chosen, or of tasks in which none was."""
    wave = sample.wave
    task, names = pd.factorize(wave.profiles["task"])
    key = (wave.respondent_index * len(names) + task)[sample.rows]
    chosen = np.bincount(key, sample.y)
    return sample.only((sample.y == 1) | (chosen[key] == 0))


def shows(sample: Sample, package: Package) -> BoolArray:
    """Which of the wave's profiles show a package, of shape (profiles,)."""
    shown = np.ones(sample.wave.n_profiles, dtype=bool)
    for name, level in package.items():
        shown &= sample.wave.codes(name) == level
    return shown


def shown_shares(
    sample: Sample,
    packages: Sequence[Package],
    names: Sequence[tuple[str, str]],
    opponent: Package | None = None,
    pairs: Pairs | None = None,
) -> list[Figures | None]:
    """Raw means of the profiles that showed each package; None where fewer than two people saw it."""
    found: list[Figures | None] = []
    rows = sample.place
    for package, name in zip(packages, names, strict=True):
        mine = shows(sample, package)[rows]
        if opponent is not None and pairs is not None:
            if package == opponent:
                found.append(None)
                continue
            mine &= shows(sample, opponent)[pairs.opponent[rows]]
        own = sample.only(mine)
        several = len(np.unique(own.respondent)) >= 2
        found.append(share_of(own, name) if several else None)
    return found


def departures(model: Model, pairs: Sequence[Pair]) -> Figures | None:
    """Interactions of pairs with their zeros, for a joint test that there are none.

    Not to be shown is a state as the levels are: an attribute interacts where it changes what others
    are worth by being shown. Interactions of which a cell was never shown are left out; None where none is left. Those that
    cannot be told for another reason are NaN.
    """
    survey = model.sample.wave.survey
    baselines = find_baselines(model.sample.wave, None)
    weights, labels = [], []
    for pair in pairs:
        sizes = [survey.attributes[name].states for name in pair]
        rows = []
        for levels in product(*(range(size) for size in sizes)):
            if any(level == baselines[name] for name, level in zip(pair, levels, strict=True)):
                continue
            change = {
                name: against(level, baselines[name], size)
                for name, level, size in zip(pair, levels, sizes, strict=True)
            }
            row = model.fit.average(change, dict(zip(pair, levels, strict=True)))
            if row is not None:
                rows.append(row)
        if rows:
            weights += [np.zeros_like(rows[0]), *rows]
            labels += [(INTERLOCK.join(pair), str(place)) for place in range(len(rows) + 1)]
    if not weights:
        return None
    frame = pd.DataFrame(labels, columns=["attribute", "level"]).assign(
        estimand="departure", baseline="", n_profiles=len(model.sample.y), n_respondents=0
    )
    matrix, faults = model.fit.express(np.array(weights))
    return linear_figures(
        model.sample, model.fit.regression, matrix, frame, model.fit.cells, faults
    )


def unmodelled(blocks: Sequence[Block], names: Sequence[str]) -> tuple[Pair, ...]:
    """Pairs of some attributes that no block holds together."""
    return tuple(
        pair
        for pair in combinations(names, 2)
        if not any({*pair} <= {*block.attributes} for block in blocks)
    )


def beside_shown(
    model: Figures, shown: Sequence[Figures | None], labels: pd.DataFrame, estimand: str
) -> Figures:
    """A model's figures with the raw means behind them, labelled alike."""
    own = replace(model, labels=model.labels.assign(estimand=estimand))
    for name in labels:
        own.labels[name] = labels[name].to_numpy()
    parts = [own]
    for row, part in enumerate(shown):
        if part is not None:
            said = part.labels.assign(estimand=SHOWN)
            for name in labels:
                said[name] = labels[name].iloc[row]
            parts.append(replace(part, labels=said))
    return join(parts)
