"""Estimates: figures that carry their influence, and all that follows from it.

The sandwich, the interval and the test are written here, once, for every estimator.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import special

from conjoint.errors import EstimationError, Fault, RequestError, choices
from conjoint.estimates.basis import Basis
from conjoint.estimates.designs import Designs
from conjoint.estimates.influence import combined, cross_product, matrix_of, squares_of
from conjoint.estimates.interval import ROUNDING
from conjoint.estimates.welch import Welch
from conjoint.output import write_file
from conjoint.say.number import numeral
from conjoint.say.prompt import at_prompt
from conjoint.spreadsheet import csv_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from os import PathLike

    from conjoint.estimates.carrying import Carrying
    from conjoint.estimates.freedom import Freedom
    from conjoint.estimates.influence import Influence
    from conjoint.estimates.specification import Specification
    from conjoint.typing import BoolArray, FloatArray, IntArray, IntervalMethod

__all__ = ["COLUMNS", "COUNTS", "LABELS", "Estimates"]

SHOWN = ("outcome", "group", "attribute", "level", "estimate", "std_error", "p_value", "conf_low", "conf_high",
         "n_respondents", "note")  # fmt: skip
"""Columns of the frame that stand at a prompt."""

COLUMNS = [
    "outcome", "estimand", "group", "attribute", "level", "baseline",
    "estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high",
    "n_profiles", "n_respondents", "n_effective",
]  # fmt: skip
"""The columns of every tidy frame, in order."""

NOISE = 1e-13
"""Standard errors this small beside their figure are zeros that rounding has touched."""

ENOUGH = 0.5
"""The part of a figure's base that has to carry it for all of the base to count as carrying it."""

JOINER = "; "
"""Between the reasons of a figure that has several."""
LABELS = ["outcome", "estimand", "group", "attribute", "level", "baseline"]
COUNTS = ["n_profiles", "n_respondents"]
QUANTITY = ["outcome", "estimand", "attribute", "level"]
"""What two groups' figures have alike where they are of one quantity."""


@dataclass(frozen=True, eq=False, repr=False)
class Estimates:
    """Figures with their influence: how far each respondent moved each of them.

    Parameters
    ----------
    labels
        One row a figure: ``outcome, estimand, group, attribute, level, baseline, n_profiles,
        n_respondents``.
    values
        The figures, of shape (k,). Proportions on 0 to 1.
    moved
        The influence, or what it can be made from when it is asked for.
    designs
        The respondents who make up the design that each figure stands in: the members of its group, answer
        or no answer. What compares groups stands in the design of those groups together.
    fixed
        Of shape (k,): figures that are so by definition (an AMCE's baseline), not estimated.
    freedom
        The degrees of freedom that the variance brings with it; None for those of the designs.
    scaled
        Of shape (k,): whether f (below) is in the influence already, as it is in what compares groups that
        share nobody: each brings its own. None where it is in that of no figure.
    welch
        The degrees of freedom of such figures; None where there is none.
    basis
        The scale and the people behind the figures; None where nothing is known of them.
    notes
        One a figure: why it cannot be estimated, empty where it can. Such a figure is NaN, has no
        standard error, and is moved by nobody, so that its covariances are zero. Whatever is made of
        it cannot be estimated either, for the same reason.
    carrying
        The people whose answers the figures hang on; None where that is everybody in their bases.

    Notes
    -----
    Covariance of figures j and k, clustered by respondent::

        V[j, k] = sum_i psi[i, j] psi[i, k] * sqrt(f[j] f[k])

    where f is, with G the figure's design,

    ==============  ===========  ================================================================
    ``variance``    f            influence psi
    ==============  ===========  ================================================================
    linearised      G / (G - 1)  of the residuals (Binder 1983; R's survey and cregg)
    CR1             G / (G - 1)  times sqrt((N - 1) / (N - K)), K coefficients (Stata; cjoint)
    CR2             1            residuals adjusted by (I - H)^(-1/2) (Bell & McCaffrey 2002)
    CR3             (G - 1) / G  residuals adjusted by (I - H)^(-1): the jackknife, exactly
    ==============  ===========  ================================================================

    Intervals and tests use t with G - 1 degrees of freedom, fewer where weights were moved far to meet
    targets (:meth:`conjoint.Wave.degrees`); CR2 brings its own (Bell & McCaffrey).
    Under CR2 and CR3 the influence columns need not sum to zero.

    Intervals of shares, and of means of a rating, stay within their scale: by default they are score
    intervals on the effective base that the variance implies, and the test of the difference of two shares
    takes its variance under the null (see :mod:`conjoint.estimates.interval`). Its interval holds the
    differences that the test does not reject; where too few answers are expected for a test, `p_value` is
    missing and the interval holds zero. `std_error` is the linearised one throughout.
    """

    labels: pd.DataFrame
    values: FloatArray
    moved: FloatArray | Influence
    designs: Designs
    fixed: BoolArray
    specification: Specification
    freedom: Freedom | None = None
    scaled: BoolArray | None = None
    welch: Welch | None = None
    basis: Basis | None = None
    notes: tuple[str, ...] = ()
    carrying: Carrying | None = None

    def __post_init__(self) -> None:
        k = len(self.labels)
        object.__setattr__(self, "notes", self.notes or ("",) * k)
        if len(self.notes) != k:
            raise ValueError(f"{k} labels with {len(self.notes)} notes")
        shapes = (
            self.values.shape,
            self.designs.place.shape,
            self.fixed.shape,
            self.moved.shape[1:],
        )
        if any(shape != (k,) for shape in shapes):
            raise ValueError(f"{k} labels with parts of shapes {shapes}")
        for array in (self.values, self.moved, self.fixed):
            if isinstance(array, np.ndarray):
                array.setflags(write=False)

    def __len__(self) -> int:
        return len(self.values)

    def __repr__(self) -> str:
        specification = self.specification
        by = "" if specification.by is None else f" by {specification.by}"
        head = f"<Estimates: {len(self)} {specification.estimator}{by}>"
        return at_prompt(head, self.frame, SHOWN)

    def _repr_html_(self) -> str:
        return str(self.frame.to_html(index=False, float_format=lambda value: numeral(value, 4)))

    @cached_property
    def influence(self) -> FloatArray:
        """How far each respondent moved each figure, of shape (respondents, k).

        A column sums to zero, and is zero for a respondent who does not belong to the figure's group.
        """
        influence = matrix_of(self.moved)
        influence.setflags(write=False)
        return influence

    @property
    def estimable(self) -> BoolArray:
        """Which figures there are, of shape (k,); `notes` says why there is none."""
        return ~np.isnan(self.values)

    @property
    def covariance(self) -> FloatArray:
        """Covariance of all figures, of shape (k, k), clustered by respondent; zero if not estimable."""
        factor = np.sqrt(self.inflation)
        return np.asarray(cross_product(self.influence) * np.outer(factor, factor))

    @cached_property
    def n_carrying(self) -> IntArray:
        """How many people carry each figure, of shape (k,): see :class:`conjoint.estimate.carriers.Carriers`.

        Where at least half of the base does, it is the base.
        """
        base = self.labels["n_respondents"].to_numpy(dtype=np.intp)
        if self.carrying is None:
            return base
        people = self.carrying.people()
        enough = (people >= ENOUGH * base) | self.fixed | ~self.estimable
        return np.where(enough, base, np.rint(np.where(enough, 0.0, people))).astype(np.intp)

    @cached_property
    def std_errors(self) -> FloatArray:
        """Standard errors, of shape (k,); NaN where the figure is fixed, or cannot be estimated."""
        errors = np.sqrt(squares_of(self.moved) * self.inflation)
        return np.where(self.fixed | ~self.estimable, np.nan, errors)

    @property
    def inflation(self) -> FloatArray:
        """The factor f of each figure, of shape (k,)."""
        # What is fixed or cannot be estimated has no spread to inflate.
        moving = self.estimable & ~self.fixed
        design = np.where(moving, self.design, np.maximum(self.design, 2))
        if (design < 2).any():
            raise EstimationError(
                Fault("estimates", "fewer than two respondents", "two or more: one has no spread")
            )
        factor = design / (design - 1.0)
        variance = self.specification.variance
        if variance == "CR2":
            return np.ones_like(factor)
        factor = 1 / factor if variance == "CR3" else factor
        return np.where(self.baked, 1.0, factor)

    @property
    def baked(self) -> BoolArray:
        """`scaled`, also where it is that of no figure; of shape (k,)."""
        return np.zeros(len(self), dtype=bool) if self.scaled is None else self.scaled

    @cached_property
    def degrees(self) -> FloatArray:
        """Degrees of freedom of each figure's interval and test, of shape (k,)."""
        degrees, compared = self.designs.degrees, self.footing.compared
        leverage = self.specification.variance == "CR2"
        if self.welch is not None:
            rows = np.flatnonzero(leverage | self.baked)
            degrees[rows] = np.fmin(
                degrees[rows], self.welch.combine(np.eye(len(self))[rows]).degrees()
            )
        elif self.freedom is not None and leverage:
            return self.freedom.degrees()
        if self.specification.interval == "wald" or not compared.exist.any():
            return degrees
        return np.asarray(np.where(compared.exist, np.fmin(degrees, compared.degrees()), degrees))

    @property
    def design(self) -> IntArray:
        """How many respondents make up the design that each figure stands in, of shape (k,)."""
        return self.designs.sizes

    @property
    def members(self) -> BoolArray:
        """Who belongs to any of the figures' groups, answer or no answer; of shape (respondents,).

        A group without a figure takes no part in comparisons of the others.
        """
        some = self.estimable & ~self.fixed
        return self.designs.union(some if some.any() else None)

    def by_design(self) -> list[IntArray]:
        """The figures of each design."""
        return [np.flatnonzero(self.designs.place == own) for own in np.unique(self.designs.place)]

    def in_one_design(self) -> Estimates:
        """Give back the figures as parts of one design, of all their groups together.

        So has one regression of all groups, with interactions, its figures: those of R's svyglm, and of
        cregg's amce_diffs. Figures that compare designs stay as they are.
        """
        if self.welch is not None:
            return self
        design = Designs.of(self.members, len(self))
        return replace(self, designs=replace(design, portion=self.designs.portion))

    @property
    def frame(self) -> pd.DataFrame:
        """One tidy row a figure, with the columns that every estimator gives. A copy each time."""
        return self._frame.copy(deep=False)

    @cached_property
    def _frame(self) -> pd.DataFrame:
        errors, statistic = self.std_errors, self.statistics
        low, high = self.ends(errors)
        columns = {
            **{name: self.labels[name].array.copy() for name in LABELS + COUNTS},
            "estimate": self.values.copy(),
            "std_error": errors.copy(),
            "statistic": statistic,
            "p_value": self.p_values_of(statistic),
            "conf_low": low,
            "conf_high": high,
            "n_effective": self.footing.effective.copy(),
            "note": pd.array(self.notes, dtype="str"),
        }
        # Columns are the frame's own by now: to copy them into blocks would take longer than the figures.
        return pd.DataFrame({name: columns[name] for name in [*COLUMNS, "note"]}, copy=False)

    @cached_property
    def footing(self) -> Basis:
        """The figures' `basis`, one that knows nothing where there is none, or no figure."""
        k = len(self)
        if self.basis is None:
            return Basis.of(k)
        if self.estimable.all():
            return self.basis
        return self.basis.carried(self.estimable, np.arange(k), np.full(k, np.nan))

    @property
    def statistics(self) -> FloatArray:
        """The statistic of each figure's test against the null, of shape (k,); NaN where there is none."""
        return self.tested(self.std_errors)

    @property
    def p_values(self) -> FloatArray:
        """Two-sided p-value of each figure's test against the null, of shape (k,)."""
        return self.p_values_of(self.statistics)

    def p_values_of(self, statistics: FloatArray) -> FloatArray:
        """Two-sided p-values of statistics, of shape (k,)."""
        return np.asarray(2 * special.stdtr(self.degrees, -np.abs(statistics)))

    def tested(self, errors: FloatArray, null: FloatArray | None = None) -> FloatArray:
        """Statistics with standard errors made in any way, of shape (k,); against the null where None."""
        null = np.full(len(self), self.specification.null) if null is None else null
        method = self.specification.interval
        with np.errstate(divide="ignore", invalid="ignore"):
            distance = self.values - null
            wald = np.where(errors > NOISE * np.abs(self.values), distance / errors, np.nan)
        return (
            wald
            if method == "wald"
            else self.footing.tested(self.values, errors, wald, null, method)
        )

    def ends(
        self, errors: FloatArray, quantile: FloatArray | None = None
    ) -> tuple[FloatArray, FloatArray]:
        """Both ends of intervals, with standard errors made in any way; each of shape (k,).

        Parameters
        ----------
        quantile
            How many of them an interval reaches; that of the t distribution where None.
        """
        if quantile is None:
            upper = (1 + self.specification.confidence) / 2
            quantile = np.asarray(special.stdtrit(self.degrees, upper), dtype=np.float64)
        if self.specification.interval == "wald":
            return self.values - quantile * errors, self.values + quantile * errors
        tail = special.stdtr(self.degrees, -quantile)
        return self.footing.ends(self.values, errors, quantile, tail, self.specification.interval)

    def to_csv(self, path: str | PathLike[str]) -> None:
        """Write the tidy frame as CSV."""
        write_file(path, csv_text(self.frame).encode(), where=str(path))

    def select(self, **keys: str | Sequence[str]) -> Estimates:
        """Keep the rows whose label columns hold the given values.

        >>> # estimates.select(group="Total", attribute=["cap", "reduction"])
        """
        keep = np.ones(len(self), dtype=bool)
        for name, wanted in keys.items():
            if name not in LABELS:
                raise RequestError(Fault("select", f'there is no "{name}"', choices(LABELS)))
            values = [wanted] if isinstance(wanted, str) else list(wanted)
            known = self.labels[name].unique()
            for value in values:
                if value not in known:
                    raise RequestError(Fault(f"select {name}", f'no "{value}"', choices(known)))
            keep &= self.labels[name].isin(values).to_numpy()
        return self._take(np.flatnonzero(keep))

    @property
    def reasons(self) -> list[str]:
        """One sentence for each reason that figures of a group and outcome cannot be estimated."""
        labels = self.labels
        of = list(zip(labels["outcome"], labels["group"], strict=True))
        lacking: dict[tuple[str, str, str], list[str]] = {}
        for row, note in enumerate(self.notes):
            if note:
                what = f"{labels['attribute'].iloc[row]} {labels['level'].iloc[row]}".strip()
                lacking.setdefault((*of[row], note), []).append(what)
        return [
            f'{group}, outcome "{outcome}": no figure'
            + ("" if len(what) == of.count((outcome, group)) else f" of {choices(what)}")
            + f": {note}."
            for (outcome, group, note), what in lacking.items()
        ]

    def without_missing(self) -> Estimates:
        """Keep the figures that can be estimated."""
        return self if self.estimable.all() else self._take(np.flatnonzero(self.estimable))

    def contrast(
        self, matrix: FloatArray, labels: pd.DataFrame, estimator: str = "contrast"
    ) -> Estimates:
        """Linear combinations of the figures: estimates again, with their true covariance.

        Parameters
        ----------
        matrix
            Of shape (m, k): one row a new figure, one column a figure here.
        labels
            The new figures' labels and counts, m rows.
        """
        values = matrix @ np.where(self.estimable, self.values, 0.0)
        return self.derive(values, matrix, labels, estimator)

    def derive(
        self,
        values: FloatArray,
        jacobian: FloatArray,
        labels: pd.DataFrame,
        estimator: str,
        notes: Sequence[str] = (),
    ) -> Estimates:
        """Smooth functions of the figures by the delta method: estimates again.

        Parameters
        ----------
        values
            The new figures, of shape (m,); NaN where there is none. Those made of a figure that cannot
            be estimated become NaN here.
        jacobian
            Of shape (m, k): how much each new figure moves with each figure here.
        labels
            The new figures' labels and counts, m rows.
        notes
            Why a figure is NaN that is made of figures that are not, one a figure; empty for none.
        """
        involved = jacobian != 0
        notes = self._notes_of(involved, notes)
        lost = np.isnan(values) | (involved & ~self.estimable).any(axis=1)
        if lost.any():
            values = np.where(lost, np.nan, values)
            jacobian = np.where(lost[:, None], 0.0, jacobian)
        labels = labels.reset_index(drop=True)[LABELS + COUNTS]
        # A combination of estimated figures is estimated; one of fixed figures alone is fixed.
        estimated = involved[:, ~self.fixed].any(axis=1)
        designs, scaled = self.designs.derived(involved)
        scaled |= (involved & self.baked).any(axis=1)
        weights = jacobian
        if scaled.any():
            weights = np.where(scaled[:, None], jacobian * np.sqrt(self.inflation), jacobian)
        welch = self.welch
        if welch is not None or (scaled.any() and self.specification.variance != "CR2"):
            welch = Welch.of(self).combine(jacobian)
        return Estimates(
            labels,
            values,
            combined(self.influence, weights),
            designs,
            ~estimated,
            replace(self.specification, estimator=estimator, null=0.0),
            None if self.freedom is None else self.freedom.combine(jacobian),
            scaled if scaled.any() else None,
            welch,
            self._derived_basis(values, jacobian, involved),
            notes,
            None if self.carrying is None else self.carrying.combine(jacobian),
        )

    def _notes_of(self, involved: BoolArray, notes: Sequence[str]) -> tuple[str, ...]:
        """The notes of new figures, with those of the figures that they are made of; (m, k) to m."""
        own = list(notes) or [""] * len(involved)
        for row, place in np.argwhere(involved & ~self.estimable):
            if self.notes[place] not in own[row].split(JOINER):
                own[row] = JOINER.join(filter(None, (own[row], self.notes[place])))
        return tuple(own)

    def _derived_basis(
        self, values: FloatArray, jacobian: FloatArray, involved: BoolArray
    ) -> Basis | None:
        """The smallest base of the figures involved; and of differences of two shares, the shares."""
        basis = self.basis
        if basis is None:
            return None
        effective = np.where(involved, basis.effective, np.inf).min(axis=1, initial=np.inf)
        effective = np.where(np.isinf(effective), np.nan, effective)
        same = (involved.sum(axis=1) == 1) & (jacobian.max(axis=1, initial=0) == 1)
        same &= values == self.values[jacobian.argmax(axis=1)]
        derived = basis.carried(same, jacobian.argmax(axis=1), effective)
        if not basis.share.any():
            return derived
        plain = (involved.sum(axis=1) == 2) & (jacobian.max(axis=1) == 1) & (jacobian.min(axis=1) == -1)  # fmt: skip
        pairs = np.stack([jacobian.argmax(axis=1), jacobian.argmin(axis=1)], axis=1)
        gaps = self.values[pairs[:, 0]] - self.values[pairs[:, 1]]
        rows = np.flatnonzero(plain & np.isclose(values, gaps, rtol=0, atol=ROUNDING))
        if not len(rows):
            return derived
        keys = pd.factorize(pd.MultiIndex.from_frame(self.labels[QUANTITY]))[0]
        alike = keys[pairs[rows, 0]] == keys[pairs[rows, 1]]
        compared = basis.difference(pairs[rows], self.values, same=alike)
        return derived.with_compared(rows, compared)

    def relevel(self, baselines: Mapping[str, str]) -> Estimates:
        """Give back effects against other baselines: ``relevel({"Education": "High School"})``.

        Raises
        ------
        RequestError
            The figures have no baselines, an attribute or level is unknown, or the attribute is tied
            by a restriction or a joint distribution: there the effects against another baseline
            average over other combinations, so they have to be estimated anew
            (``amce(..., baselines=...)``).
        """
        labels = self.labels
        if self.specification.estimator != "amce":
            raise RequestError(
                Fault("relevel", f"{self.specification.estimator} has no baselines", "AMCEs")
            )
        matrix = np.eye(len(self))
        baseline = labels["baseline"].to_numpy(dtype=object, copy=True)
        for attribute, level in baselines.items():
            if attribute in self.specification.tied:
                raise RequestError(
                    Fault(
                        "relevel",
                        f'"{attribute}" is tied by a restriction or a joint distribution',
                        do=f'Use amce(..., baselines={{"{attribute}": "{level}"}}).',
                    )
                )
            known = labels.loc[labels["attribute"] == attribute, "level"]
            if level not in set(known):
                expected = known if len(known) else labels["attribute"]
                raise RequestError(
                    Fault(
                        "relevel",
                        f'there is no level "{level}" of "{attribute}"',
                        choices(expected.unique()),
                    )
                )
            chosen = (labels["attribute"] == attribute).to_numpy()
            keys = labels[["outcome", "group"]].apply(tuple, axis=1)
            place = {keys[row]: row for row in np.flatnonzero(chosen & (labels["level"] == level))}
            for row in np.flatnonzero(chosen):
                matrix[row, place[keys[row]]] -= 1.0
            baseline[chosen] = level
        releveled = self.contrast(matrix, labels.assign(baseline=baseline), "amce")
        return replace(releveled, specification=self.specification, designs=self.designs)

    def with_confidence(self, confidence: float) -> Estimates:
        """Give back the figures with intervals of another coverage."""
        return replace(self, specification=replace(self.specification, confidence=confidence))

    def with_null(self, null: float) -> Estimates:
        """Give back the figures with `statistic` and `p_value` testing against another value.

        ``marginal_means(wave).with_null(0.5)`` tests a forced choice's means against one half.
        """
        return replace(self, specification=replace(self.specification, null=null))

    def with_interval(self, interval: IntervalMethod) -> Estimates:
        """Give back the figures with intervals of shares, and tests of their differences, by another method.

        ``"score"`` (the default), ``"logit"`` or ``"beta"``, which are R's svyciprop of these names, or
        ``"wald"``, the estimate give or take standard errors, as packages for conjoint data have it.
        """
        return replace(self, specification=replace(self.specification, interval=interval))

    def on_scale(self, rows: BoolArray, low: float, high: float) -> Estimates:
        """Give back the figures, of which some are means that cannot leave a scale, and so their intervals.

        Parameters
        ----------
        rows
            Which of them, of shape (k,).
        low, high
            The ends of the scale.
        """
        if self.basis is None or not rows.any():
            return self
        basis = replace(
            self.basis,
            low=np.where(rows, low, self.basis.low),
            high=np.where(rows, high, self.basis.high),
        )
        return replace(self, basis=basis)

    @property
    def joint_design(self) -> int:
        """How many respondents belong to any group of these figures."""
        return int(self.members.sum())

    def _take(self, rows: IntArray) -> Estimates:
        return replace(
            self,
            labels=self.labels.iloc[rows].reset_index(drop=True),
            values=self.values[rows],
            moved=self.influence[:, rows],
            designs=self.designs.take(rows),
            fixed=self.fixed[rows],
            scaled=None if self.scaled is None else self.scaled[rows],
            welch=None if self.welch is None else self.welch.combine(np.eye(len(self))[rows]),
            freedom=None if self.freedom is None else self.freedom.combine(np.eye(len(self))[rows]),
            basis=None if self.basis is None else self.basis.take(rows),
            notes=tuple(self.notes[row] for row in rows),
            carrying=None if self.carrying is None else self.carrying.take(rows),
        )
