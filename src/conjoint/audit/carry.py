"""Does what the task before showed change the answers now?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.audit.fixed import fixed_design
from conjoint.audit.grid import grid_of
from conjoint.audit.item import Item
from conjoint.audit.judge import chance, holm, judge, together
from conjoint.audit.mean import in_words, range_of, standing_out
from conjoint.errors import EstimationError, Fault
from conjoint.estimate.design import NOT_SHOWN
from conjoint.estimate.figures import intercept, linear_figures, regress
from conjoint.estimate.groups import estimate_each
from conjoint.estimate.linear import Term, gram_of, tally_of
from conjoint.estimate.rank import find_basis, renumber
from conjoint.estimate.sample import specify
from conjoint.say.phrase import phrase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.audit.grid import Grid
    from conjoint.estimate.figures import Cells
    from conjoint.estimate.groups import Figures
    from conjoint.estimate.sample import Sample
    from conjoint.estimates import Estimates
    from conjoint.typing import BoolArray, IntArray, Integers
    from conjoint.wave import Tally, Wave

__all__ = ["carry_over"]

EFFECT = 0.02
"""Points by which the task before moves an answer before it is worth a look."""

THIN = 30
"""Profiles that a level needs to be told apart from others."""

CHECK = "carry_over"


@dataclass(frozen=True, eq=False, slots=True)
class Before:
    """What each profile's task before showed, and what it stands against.

    Parameters
    ----------
    among
        Which profiles have a task before, of shape (profiles,).
    level
        By attribute, the level of the profile that stood in the same place, (profiles,).
    again
        By attribute, whether any profile of the task before showed the level, (profiles,).
    opponents
        For each other place of the task, the row of the profile there; of shape (profiles,).
    """

    among: BoolArray
    level: dict[str, Integers]
    again: dict[str, BoolArray]
    opponents: tuple[IntArray, ...]


def carry_over(wave: Wave) -> list[Item]:
    """See whether answers depend on what the task before showed, one item an outcome.

    Estimand
        For each level, how much more often its profiles win where the task before showed the level
        too; and for each level that the profile in the same place of the task before had, how the
        profile there does now. Both beside the effects of the profile's own levels and of those it
        stands against, because a design that draws without replacement ties these to the task before.
    Variance
        Clustered by respondent. One joint test of all that an outcome has, Holm over outcomes.

    Notes
    -----
    Hainmueller, Hopkins & Yamamoto 2014 assume that there is no carry-over, and test it by task; this
    test looks for the two ways in which a task can work on the next one. Tasks are taken to have stood
    in the order of their names.
    """
    grid = grid_of(wave)
    if grid is None:
        return [Item(CHECK, "", "fine", phrase("audit.unaligned"))]
    if len(grid.tasks) < 2:
        return [Item(CHECK, "", "fine", phrase("audit.one_task"))]
    fixed = fixed_design(wave)
    if fixed is not None and fixed.is_small and not fixed.shuffled:
        text = phrase("audit.carry_over.mixed_up", design=fixed.text)
        return [Item(CHECK, "", "fine", text)]
    before = _before(wave, grid)
    if not before.among.any():
        return [Item(CHECK, "", "fine", phrase("audit.carry_over.no_pair"))]
    outcomes = list(wave.survey.outcomes)
    figures = [_moved(wave, outcome, before) for outcome in outcomes]
    tests = [float("nan") if isinstance(own, str) else together(own) for own in figures]
    return [_item(wave, *each) for each in zip(outcomes, figures, tests, holm(tests), strict=True)]


def _before(wave: Wave, grid: Grid) -> Before:
    both = grid.shown[:, 1:] & grid.shown[:, :-1]
    now, then = grid.row[:, 1:][both], grid.row[:, :-1][both]
    among = np.zeros(wave.n_profiles, dtype=bool)
    among[now] = True
    level: dict[str, Integers] = {}
    again: dict[str, BoolArray] = {}
    for name in wave.survey.attributes:
        code = wave.codes(name)
        earlier, own = code[then], code[now]
        level[name] = np.zeros_like(code)
        level[name][now] = earlier
        again[name] = np.zeros_like(among)
        same = own == earlier[:, :1]
        for place in range(1, earlier.shape[1]):
            same |= own == earlier[:, place : place + 1]
        again[name][now] = same & wave.shows(name)[now]
    opponents = []
    for shift in range(1, len(grid.profiles)):
        other = np.zeros(wave.n_profiles, dtype=np.intp)
        other[now] = np.roll(now, shift, axis=1)
        opponents.append(other)
    return Before(among, level, again, tuple(opponents))


def _moved(wave: Wave, outcome: str, before: Before) -> Estimates | str:
    """What the task before adds to the outcome, with zeros for levels held against; or why not."""
    specification = specify(wave, "carry-over", None, "linearised", 0.95)
    try:
        return estimate_each(
            wave, lambda sample: _coefficients(sample, before), specification, outcome
        )
    except EstimationError as error:
        return error.faults[0].what


def _coefficients(sample: Sample, before: Before) -> Figures:
    rest = sample.only(before.among[sample.rows])
    model = Model(rest)
    for name, attribute in sample.wave.survey.attributes.items():
        code, values, states = sample.wave.codes(name), attribute.values, attribute.states
        model.add("", [code[rest.rows]], values, states)
        model.add("", [code[other[rest.rows]] for other in before.opponents], values, states)
        model.add(f"{name} before", [before.level[name][rest.rows]], values, states)
        seen = _again(code[rest.rows], before.again[name][rest.rows], len(values))
        model.add(f"{name} again", [seen], ("", *values), len(values) + 1)
    return model.figures()


def _again(code: Integers, again: BoolArray, size: int) -> Integers:
    """0 where the task before did not show the level, else its number from 1, in as few bytes."""
    seen = code.astype(np.min_scalar_type(-size - 1))
    seen += 1
    seen[~again] = 0
    return seen


class Model:
    """A regression on factors, each against the first of its cells that has profiles enough."""

    def __init__(self, sample: Sample) -> None:
        self.sample = sample
        self.terms = [intercept(len(sample.y))]
        self.cells: Cells = [("", "")]
        self.said: list[tuple[str, str, int]] = []

    def add(self, name: str, codes: Sequence[Integers], values: Sequence[str], states: int) -> None:
        """Add a factor, or several that share their coefficients; one without a name is not said.

        Nor is a state beyond the values: an attribute that is not shown.
        """
        if not codes:
            return
        counts = sum(np.bincount(code, minlength=states) for code in codes)
        enough = np.flatnonzero(counts >= THIN)
        columns = np.full(states, -1, dtype=np.intp)
        columns[enough[1:]] = len(self.cells) + np.arange(len(enough[1:]))
        self.terms += [Term(code, columns) for code in codes]
        if name:
            levels = enough[enough < len(values)]
            self.said += [(name, values[int(cell)], int(columns[cell])) for cell in levels]
        self.cells += [(name, (*values, NOT_SHOWN)[int(cell)]) for cell in enough[1:]]

    def figures(self) -> Figures:
        """The coefficients of the factors that are said, zeros for those held against.

        Raises
        ------
        EstimationError
            No level was shown often enough, or the factors go together.
        """
        if not any(column >= 0 for *_, column in self.said):
            raise EstimationError(Fault(self.sample.where, f"no two levels with {THIN} profiles"))
        matrix = np.zeros((len(self.said), len(self.cells)))
        for row, (_, _, column) in enumerate(self.said):
            if column >= 0:
                matrix[row, column] = 1.0
        labels = pd.DataFrame(
            {
                "attribute": [name for name, *_ in self.said],
                "level": [level for _, level, _ in self.said],
                "baseline": "",
                "estimand": "carry-over",
                "n_profiles": len(self.sample.y),
                "n_respondents": len(np.unique(self.sample.respondent)),
            }
        )
        survey, terms, cells = self.sample.wave.survey, self.terms, self.cells
        tally: Tally | None = None
        if survey.distinct or not all(part.is_always for part in survey.attributes.values()):
            tally = tally_of(terms, self.sample.respondent, self.sample.n_respondents)
            basis = find_basis(gram_of(terms, self.sample.w, tally))
            matrix, identified = basis.express(matrix)
            matrix, labels = matrix[identified], labels[identified].reset_index(drop=True)
            terms, cells = renumber(terms, basis), [cells[column] for column in basis.kept]
        regression = regress(self.sample, terms, cells, tally)
        return linear_figures(self.sample, regression, matrix, labels, cells)


def _item(
    wave: Wave, outcome: str, figures: Estimates | str, p_value: float, adjusted: float
) -> Item:
    if isinstance(figures, str):
        return Item(CHECK, outcome, "fine", phrase("audit.carry_over.untested", reason=figures))
    differences = _as_differences(figures)
    scale = range_of(wave.survey, outcome)
    worst, size = standing_out(differences)
    verdict = judge(adjusted, size / scale, EFFECT)
    attribute, level = differences.labels[["attribute", "level"]].iloc[worst]
    name, when = str(attribute).rsplit(" ", 1)
    fine = verdict == "fine"
    text = phrase(
        "audit.carry_over.independent" if fine else "audit.carry_over.depends",
        chance=chance(p_value),
        most=phrase(
            "audit.carry_over.again" if when == "again" else "audit.carry_over.before",
            level=phrase("audit.level", level=level, attribute=name),
        ),
        size=in_words(differences, worst, scale),
    )
    do = "" if fine else phrase("audit.carry_over.do")
    return Item(CHECK, outcome, verdict, text, do, size / scale, "points", p_value)


def _as_differences(figures: Estimates) -> Estimates:
    """Means by the level before as differences from their average; differences as they are."""
    labels = figures.labels
    matrix = np.eye(len(figures))
    before = np.array([str(name).endswith(" before") for name in labels["attribute"]])
    family = pd.factorize(labels["attribute"])[0]
    same = (family[:, None] == family) & before
    matrix -= same / np.maximum(same.sum(axis=1, keepdims=True), 1)
    return figures.contrast(matrix, labels, "carry-over")
