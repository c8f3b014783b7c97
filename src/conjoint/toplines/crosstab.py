"""Tables of questions by crossbreaks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, get_args

import numpy as np

from conjoint.errors import Fault, RequestError, choices
from conjoint.estimate.sample import specify
from conjoint.toplines.answers import answered, items_of
from conjoint.toplines.banner import make_banner
from conjoint.toplines.compare import (
    by_design,
    by_effective_bases,
    letters_of,
    with_adjustment,
)
from conjoint.toplines.influence import figures_of
from conjoint.toplines.table import Table
from conjoint.toplines.tally import spread_of, sums_of, tally, weigh
from conjoint.toplines.withheld import detail_of, find_withheld
from conjoint.typing import Adjustment, ColumnTest
from conjoint.withhold.derive import suppressed_columns
from conjoint.withhold.threshold import reading_of, too_few

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.estimates import Specification
    from conjoint.survey import Question
    from conjoint.toplines.answers import Answered
    from conjoint.toplines.banner import Banner, Crossbreaks
    from conjoint.toplines.compare import Comparisons
    from conjoint.toplines.tally import Sums, Weighed
    from conjoint.typing import BoolArray, FloatArray, IntArray, IntervalMethod, Reading
    from conjoint.wave import Wave
    from conjoint.withhold.decision import Withheld

__all__ = ["crosstab", "tables"]


@dataclass(frozen=True, eq=False, slots=True)
class _Frame:
    """What all tables of a wave share."""

    wave: Wave
    banner: Banner
    weighed: Weighed
    specification: Specification
    test: ColumnTest
    adjustment: Adjustment | None
    suppress: bool
    withheld: Withheld | None


def crosstab(
    wave: Wave,
    question: str,
    crossbreaks: Crossbreaks | None = None,
    *,
    item: str = "",
    test: ColumnTest = "design",
    adjustment: Adjustment | None = None,
    confidence: float = 0.95,
    interval: IntervalMethod = "score",
    suppress: bool = True,
) -> Table:
    """Cross a question with the columns of a banner: percentages, nets, means, bases, significance.

    Estimand
        The share of the column's population that gives an answer (or one of a net, or the difference of
        two such shares), don't know counted; the mean of a scale or of scores.
    Formula
        sum of w y / sum of w over who stands in the column, was asked, and has an answer.
    Variance
        Linearised; weights made to meet targets are known to be. Two columns are compared by the
        contrast of their figures, t with the degrees of freedom of the whole design (respondents less
        one; fewer where weights were moved far to meet targets): people who stand in both columns, as
        everybody does in the total, are counted as such.
    Units
        Shares on 0 to 1; means in the question's units.

    Parameters
    ----------
    wave
        Weighted or not.
    question, item
        A question, and an item of it where it is a grid.
    crossbreaks
        What the columns are: ``"segments"``, respondent columns, :class:`conjoint.survey.Crossbreak` or
        tables like those of survey.toml; where None, the survey's segments and crossbreaks.
    test
        ``"design"`` as above; ``"effective base"`` as table software does, see
        :func:`conjoint.toplines.compare.by_effective_bases`.
    adjustment
        Allow for the number of tests of a row within a crossbreak; None leaves p-values as they are.
    confidence
        Coverage of the intervals.
    suppress
        Leave out columns whose base is under ``thresholds.suppress_below`` of the survey, and
        those from which they could be worked out; False to calculate with.
    interval
        Method of the intervals of shares, which stay within 0 and 1 (means of a rating within its scale):
        ``"score"``, ``"logit"`` or ``"beta"``; ``"wald"`` as other packages have it. See
        :meth:`conjoint.Estimates.with_interval`.

    Returns
    -------
    Table
        The total comes first, then each crossbreak's columns, with letters of their own.

    Raises
    ------
    RequestError
        There is no such question, item, crossbreak or option.
    EstimationError
        Nobody has an answer to a crossbreak.

    References
    ----------
    Binder 1983 and Deville & Sarndal 1992 for the variance. Percentages, errors and column tests are
    checked against R's survey (svymean, svyby, svyttest).

    Examples
    --------
    >>> # cj.crosstab(cj.rake(wave), "deal", ["segments", "sex"]).wide()
    """
    frame = _frame(wave, crossbreaks, test, adjustment, confidence, interval, suppress=suppress)
    return _table(frame, answered(wave, question, item, points=True))


def tables(
    wave: Wave,
    crossbreaks: Crossbreaks | None = None,
    *,
    questions: Sequence[str] | None = None,
    test: ColumnTest = "design",
    adjustment: Adjustment | None = None,
    confidence: float = 0.95,
    interval: IntervalMethod = "score",
    suppress: bool = True,
) -> list[Table]:
    """Cross every question with the columns of a banner, a grid item by item.

    Parameters
    ----------
    wave, crossbreaks, test, adjustment, confidence, interval, suppress
        As for :func:`conjoint.crosstab`.
    questions
        Those wanted; all of the survey where None, toplines or not.

    Returns
    -------
    list of Table
        In the order of survey.toml.

    Raises
    ------
    RequestError
        As for :func:`conjoint.crosstab`, or the survey has no questions.

    Examples
    --------
    >>> # [table.frame for table in cj.tables(cj.rake(wave))]
    """
    names = list(wave.survey.questions) if questions is None else list(questions)
    if not names:
        raise RequestError(Fault("questions", "the survey has none", "[questions] in survey.toml"))
    frame = _frame(wave, crossbreaks, test, adjustment, confidence, interval, suppress=suppress)
    return [
        _table(frame, answered(wave, name, item, points=True))
        for name in names
        for item in (
            items_of(wave.survey.questions[name]) if name in wave.survey.questions else ("",)
        )
    ]


def _frame(
    wave: Wave,
    crossbreaks: Crossbreaks | None,
    test: ColumnTest,
    adjustment: Adjustment | None,
    confidence: float,
    interval: IntervalMethod,
    *,
    suppress: bool,
) -> _Frame:
    for name, given, known in (
        ("test", test, get_args(ColumnTest)),
        ("adjustment", adjustment, (None, *get_args(Adjustment))),
    ):
        if given not in known:
            raise RequestError(Fault(name, f'there is no "{given}"', choices(known), "Name one."))
    banner = make_banner(wave, crossbreaks)
    # What the survey itself publishes is decided for all of it together.
    whole = crossbreaks is None and suppress
    specification = replace(
        specify(wave, "crosstab", None, "linearised", confidence), interval=interval
    )
    weighed = weigh(wave.weights, banner.members, wave.margins)
    withheld = find_withheld(wave) if whole else None
    return _Frame(wave, banner, weighed, specification, test, adjustment, suppress, withheld)


def _table(frame: _Frame, found: Answered) -> Table:
    banner, scale = frame.banner, float(frame.wave.weights.mean())
    tallied = tally(frame.weighed, found.parts)
    sums = sums_of(tallied, found.first, found.base)
    spread = spread_of(frame.weighed, tallied, (found.first, found.second, found.base), sums)
    errors, tests = by_design(found, banner, frame.weighed, sums, spread, frame.specification)
    if frame.test == "effective base":
        tests = by_effective_bases(found, tests, sums, spread)
    # Every kind of question has its whole base in the first row.
    n, inverse = np.rint(sums.n[0]).astype(np.intp), np.diagonal(spread.overlap[0])
    effective = np.divide(1.0, inverse, out=np.zeros_like(inverse), where=inverse > 0)
    reading, joined, coarse = _reading(frame, found, n, effective)
    shown = np.array([each != "suppressed" for each in reading])
    kept = shown & _large_enough(frame, sums.n)
    tests = with_adjustment(tests, banner, kept, frame.adjustment)
    letters, marks = letters_of(tests, banner)
    question = frame.wave.survey.questions[found.question]
    return Table(
        question=found.question,
        item=found.item,
        title=_title(question, found),
        text=question.text,
        base=question.base,
        several=question.kind == "multiple",
        rows=found.rows,
        columns=banner.columns,
        **_cells(found, sums, errors, kept, scale),
        unweighted=n,
        weighted=sums.total[0] / scale,
        effective=effective,
        row_bases=np.rint(sums.n).astype(np.intp),
        reading=reading,
        joined=joined,
        coarse=coarse,
        comparisons=_blank(tests, kept),
        letters=letters,
        against_total=marks,
        test=frame.test,
        adjustment=frame.adjustment,
        _estimate=lambda: figures_of(frame.wave, found, banner.groups(), frame.specification),
    )


def _title(question: Question, found: Answered) -> str:
    title = question.label or found.question
    return f"{title}: {question.items[found.item].label or found.item}" if found.item else title


def _reading(
    frame: _Frame, found: Answered, n: IntArray, effective: FloatArray
) -> tuple[tuple[Reading, ...], tuple[bool, ...], tuple[bool, ...]]:
    """How each column may be read, whether it is left out for another's sake, or is whole percentages alone.

    What is left out depends on people and their weights; what is read with caution on what the weights leave.
    """
    limits = frame.wave.survey.thresholds
    hidden, coarse = np.zeros(len(n), dtype=bool), np.zeros(len(n), dtype=bool)
    if frame.withheld is not None:
        keys = [(found.question, found.item, column.key) for column in frame.banner.columns]
        hidden = np.array([key in frame.withheld.items for key in keys], dtype=bool)
        coarse = np.array([key in frame.withheld.coarse for key in keys], dtype=bool)
    elif frame.suppress and limits.suppress_below:
        members = frame.banner.members
        details = [detail_of(frame.wave, found, own, limits.suppress_below) for own in members.T]
        small, joined = suppressed_columns(
            members[found.asked],
            frame.banner.blocks,
            limits.suppress_below,
            np.array([detail == "none" for detail in details]),
        )
        hidden = small | joined
        coarse = np.array([detail == "coarse" for detail in details])
    few = too_few(n, limits)
    if few.any() and frame.suppress:
        hidden |= n == 0
    reading: tuple[Reading, ...] = tuple(reading_of(n, limits, effective, hidden=hidden))
    joined = hidden & ~few
    return reading, tuple(map(bool, joined)), tuple(map(bool, coarse & ~hidden))


def _large_enough(frame: _Frame, n: FloatArray) -> BoolArray:
    """Whether a row's own base may be shown: that of a mean is smaller where not all answers have scores."""
    return ~too_few(np.rint(n), frame.wave.survey.thresholds) | (not frame.suppress)


def _cells(
    found: Answered, sums: Sums, errors: FloatArray, kept: BoolArray, scale: float
) -> dict[str, FloatArray]:
    """The figures, those that are not shown left out."""
    counted = np.array([row.kind != "mean" for row in found.rows]) & (found.first >= 0).all(axis=1)
    # A row's values are below zero where a net takes off: it counts nobody.
    counted &= (found.second == found.first).all(axis=1)
    figures = {
        "values": sums.values,
        "std_error": errors[0],
        "conf_low": errors[1],
        "conf_high": errors[2],
        "counts": np.where(counted[:, None], sums.counts, np.nan),
        "weighted_counts": np.where(counted[:, None], sums.weights / scale, np.nan),
    }
    return {name: np.where(kept, figure, np.nan) for name, figure in figures.items()}


def _blank(tests: Comparisons, shown: BoolArray) -> Comparisons:
    """The tests without those that a figure which is not shown takes part in."""
    kept = shown[:, tests.pairs].all(axis=2)
    names = ("difference", "std_error", "statistic", "p_value", "p_adjusted")
    return replace(tests, **{name: np.where(kept, getattr(tests, name), np.nan) for name in names})
