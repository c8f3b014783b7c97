"""The main outcome's figures made in other ways: variances, models, weights, errors of choice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from conjoint.errors import ConjointError
from conjoint.estimate import amce, corrected, marginal_means, reliability
from conjoint.estimate.agreement import choices_between_two, find_agreement
from conjoint.robust.families import multiplicity_table, omnibus_table
from conjoint.say.phrase import phrase
from conjoint.wave import TOTAL
from conjoint.withhold.derive import suppressed_columns
from conjoint.withhold.mark import (
    FIGURES,
    NOT_AVAILABLE,
    marked_by_base,
    without_thin,
    without_withheld,
)

if TYPE_CHECKING:
    from conjoint.estimates import Estimates
    from conjoint.typing import FigureKind, Variance
    from conjoint.wave import Wave
    from conjoint.withhold.decision import Withheld

__all__ = ["METHODS", "robustness_tables"]

METHODS = (
    "linearised", "CR1", "CR2", "CR3", "unweighted", "absorbed", "logit", "corrected",
)  # fmt: skip
"""The ways a figure is made; the first is that of every other table."""

KEPT = ("linearised", "CR2")
"""Methods whose estimates other tables are made from."""

COLUMNS = [
    "outcome", "figure", "method", "estimand", "group", "attribute", "level", "baseline",
    *FIGURES, "degrees", "n_profiles", "n_respondents", "reading", "note",
]  # fmt: skip

RATES = [
    "outcome", "estimand", "group", *FIGURES, "degrees", "n_respondents", "reading", "note",
]  # fmt: skip

Estimator: TypeAlias = Callable[..., "Estimates"]

FIGURE_KINDS: dict[FigureKind, Estimator] = {"amce": amce, "marginal mean": marginal_means}


def robustness_tables(wave: Wave, withheld: Withheld) -> dict[str, pd.DataFrame]:
    """Make the main outcome's AMCEs and marginal means anew, for the total and each segment.

    Parameters
    ----------
    wave
        Weighted to the survey's targets where it has some.
    withheld
        What is not shown of it.

    Returns
    -------
    dict of str to pandas.DataFrame
        ``robustness``: ``outcome, figure`` (amce or marginal mean), ``method`` (of `METHODS`), the
        usual columns, ``degrees`` (of freedom), ``reading`` and ``note``. The methods: standard errors
        linearised, CR1, CR2 (with the degrees of freedom of Bell and McCaffrey) and CR3; with every weight
        equal; with respondents' averages absorbed; average marginal effects of a logit; corrected for
        errors of choice. `statistic` and `p_value` are those of effects, against zero.

        ``reliability``: irr and tau (see :func:`conjoint.reliability`) by group.

        ``multiplicity``: the p-values of all AMCEs of a group as one family, ``p_value, p_holm,
        p_benjamini_hochberg``.

        ``omnibus``: does an attribute matter in a group, and do the segments differ? (see
        :func:`conjoint.omnibus`), by ``variance``.

        What cannot be made has one row, its reading "not available" and a note why; so have single
        figures. What is withheld is
        blank, in all methods alike; so is what is corrected by a reliability that is not shown.
    """
    made = _Robust(wave, withheld, wave.survey.main_outcome)
    rates = made.rates()
    is_shown = rates["reading"].isin(["safe", "caution"]) & (rates["estimand"] == "tau")
    shown = {str(group) for group in rates.loc[is_shown, "group"]}
    frames = [
        made.row(figure, method, group, shown)
        for figure in FIGURE_KINDS
        for group in made.groups
        for method in METHODS
    ]
    frames += [made.absent(figure, "", name, phrase("reason.hidden"), "suppressed") for figure in FIGURE_KINDS
               for name in made.hidden]  # fmt: skip
    robustness = pd.concat(frames, ignore_index=True)[COLUMNS]
    return {
        "robustness": robustness,
        "reliability": rates,
        "multiplicity": multiplicity_table(robustness),
        "omnibus": omnibus_table(wave, withheld, made.outcome, made.groups, made.known),
    }


@dataclass(frozen=True, eq=False)
class _Robust:
    """One outcome of a wave; `known` keeps the estimates that several tables need."""

    wave: Wave
    withheld: Withheld
    outcome: str
    known: dict[tuple[str, str, str], Estimates] = field(default_factory=dict)

    @property
    def hidden(self) -> list[str]:
        return [name for name in self.wave.survey.segments if name in self.withheld.segments]

    @property
    def groups(self) -> list[str]:
        own = [name for name in self.wave.survey.segments if name not in self.withheld.segments]
        return [TOTAL, *own]

    def absent(
        self, figure: str, method: str, group: str, note: str, reading: str = NOT_AVAILABLE
    ) -> pd.DataFrame:
        """One row that says why there are no figures."""
        told = {"outcome": self.outcome, "figure": figure, "method": method, "group": group}
        told |= {"estimand": figure, "attribute": "", "level": "", "baseline": ""}
        row = told | {"n_profiles": 0, "n_respondents": 0, "reading": reading, "note": note}
        numbers = dict.fromkeys([*FIGURES, "degrees"], np.nan)
        return pd.DataFrame([row | numbers])

    def row(self, figure: FigureKind, method: str, group: str, reliable: set[str]) -> pd.DataFrame:
        """All levels' figures of one method, or why there are none."""
        reason = self._reason(figure, method)
        if not reason and method == "corrected" and group not in reliable:
            reason = phrase("reason.reliability_unknown")
        if reason:
            return self.absent(figure, method, group, reason)
        try:
            made = self._estimates(figure, method, group)
        except ConjointError as error:
            return self.absent(figure, method, group, error.reasons)
        if method in KEPT:
            self.known[figure, method, group] = made
        frame = made.frame.assign(figure=figure, method=method, degrees=made.degrees)
        if figure != "amce":
            frame = frame.assign(statistic=np.nan, p_value=np.nan)
        marked = marked_by_base(self.wave.survey, frame)
        marked = without_withheld("robustness", marked, self.withheld)
        if "note" in marked:
            marked = without_thin("robustness", marked, self.withheld, self.wave.survey)
        return marked.assign(degrees=marked["degrees"].where(marked["std_error"].notna()))

    def _reason(self, figure: str, method: str) -> str:
        """Why a method does not go with the survey; empty where it does."""
        if figure != "amce" and method in ("absorbed", "logit"):
            return phrase("reason.no_model")
        if method == "unweighted" and not np.ptp(self.wave.weights) > 0:
            return phrase("reason.not_weighted")
        kind = self.wave.survey.outcomes[self.outcome].kind
        if method == "logit" and kind == "rating":
            return phrase("reason.rating_no_logit")
        if method == "corrected":
            return self._unreliable()
        return ""

    def _unreliable(self) -> str:
        """Why nothing can be corrected for errors of choice."""
        if self.wave.survey.outcomes[self.outcome].kind != "choice":
            return phrase("reason.no_choice")
        if self.wave.repeats is None:
            return phrase("reason.no_repeat")
        try:
            choices_between_two(self.wave, self.outcome)
        except ConjointError as error:
            return error.reasons
        return ""

    def _estimates(self, figure: FigureKind, method: str, group: str) -> Estimates:
        by = None if group == TOTAL else [group]
        estimator, outcome = FIGURE_KINDS[figure], self.outcome
        if method == "unweighted":
            equal = self.wave.with_weights(np.where(self.wave.weights > 0, 1.0, 0.0))
            return estimator(equal, by, outcome=outcome)
        if method == "absorbed":
            return amce(self.wave, by, outcome=outcome, absorb="respondent")
        if method == "logit":
            return amce(self.wave, by, outcome=outcome, model="logit")
        if method == "corrected":
            return corrected(self.known[figure, "linearised", group], self.known["", "rate", group])
        variance: dict[str, Variance] = {"CR1": "CR1", "CR2": "CR2", "CR3": "CR3"}
        return estimator(
            self.wave, by, outcome=outcome, variance=variance.get(method, "linearised")
        )

    def rates(self) -> pd.DataFrame:
        """How reliably each group chooses, or why nobody can say."""
        reason = self._unreliable()
        if reason:
            return pd.DataFrame([self._rate(TOTAL, reason)])[RATES]
        try:
            few = self._answered_too_seldom()
        except ConjointError as error:
            return pd.DataFrame([self._rate(TOTAL, error.reasons)])[RATES]
        told = [name for name in self.groups if name not in few]
        parts = [
            pd.DataFrame([self._rate(name, phrase("reason.hidden"), "suppressed")]) for name in few
        ]
        for groups in (
            [name for name in told if name == TOTAL],
            [name for name in told if name != TOTAL],
        ):
            if not groups:
                continue
            try:
                made = reliability(
                    self.wave, None if groups == [TOTAL] else groups, outcome=self.outcome
                )
            except ConjointError as error:
                reason = error.reasons
                parts += [pd.DataFrame([self._rate(group, reason)]) for group in groups]
                continue
            for group in groups:
                self.known["", "rate", group] = made.select(group=group)
            parts.append(marked_by_base(self.wave.survey, made.frame.assign(degrees=made.degrees)))
        parts += [
            pd.DataFrame([self._rate(name, phrase("reason.hidden"), "suppressed")])
            for name in self.hidden
        ]
        return pd.concat(parts, ignore_index=True)[RATES]

    def _rate(self, group: str, note: str, reading: str = NOT_AVAILABLE) -> dict[str, object]:
        told = {"outcome": self.outcome, "estimand": "irr", "group": group, "n_respondents": 0}
        numbers = dict.fromkeys([*FIGURES, "degrees"], np.nan)
        return told | numbers | {"reading": reading, "note": note}

    def _answered_too_seldom(self) -> set[str]:
        """Groups of whom too few answered both times, and those that would give them away."""
        agree = find_agreement(self.wave, self.outcome, None)
        both = ~np.isnan(agree) & (self.wave.weights > 0)
        names = self.groups
        members = [np.ones(both.sum()), *(self.wave.segment(name)[both] for name in names[1:])]
        inside = np.stack(members, axis=1).astype(float)
        block = np.arange(1, len(names), dtype=np.intp)
        limit = self.wave.survey.thresholds.suppress_below
        small, joined = suppressed_columns(inside, [block], limit)
        empty = inside.sum(axis=0) == 0
        return {name for name, gone in zip(names, small | joined | empty, strict=True) if gone}
