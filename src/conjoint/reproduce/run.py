"""Published figures made again."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from conjoint.estimate.design import tied_attributes
from conjoint.estimates import MINUS
from conjoint.reproduce.combine import Table
from conjoint.reproduce.made import Made, group_name
from conjoint.reproduce.model import Reproduced, Reproduction, TableFound, either
from conjoint.reproduce.package import PACKAGES, packages_for
from conjoint.reproduce.question import reproduce_questions
from conjoint.reproduce.rounding import rounded
from conjoint.reproduce.search import find_values
from conjoint.reproduce.uncertainty import find_uncertainty
from conjoint.reproduce.wanted import MissingError, find_wanted
from conjoint.say.phrase import phrase

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from conjoint.estimates import Estimates
    from conjoint.reproduce.search import Found
    from conjoint.reproduce.uncertainty import Uncertainty
    from conjoint.reproduce.wanted import Wanted
    from conjoint.survey import PublishedFigure, Repeat
    from conjoint.typing import BoolArray, Reproducing
    from conjoint.wave import Wave

__all__ = ["STEPS", "reproduce"]

STEPS = 4
"""About how many steps reproducing names, for a progress bar."""


def reproduce(
    wave: Wave,
    published: Sequence[PublishedFigure] | None = None,
    *,
    repeat: Repeat | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Reproduction:
    """Make published figures again, and say of each whether it holds and by which conventions.

    A figure is *reproduced* if it is the same with the published decimals; halves may have been rounded
    to even or away from zero. Otherwise it is *within sampling error* if the published value is inside
    the 95% interval of the computed one: not the same figure, although another sample could have
    given it. Else it *differs*.

    Questions are weighted as reports weight them, to the survey's targets. Where that does not give the
    figure, others are tried (no weights, the weights as they came, don't know left out of the base), and
    named if they give it; the verdict stays.

    Conjoint figures are made in several ways in the literature, none of which is the right one. So the
    figures of one estimand and outcome are held, as a table, against every convention of a closed list:
    weights, ties, all attributes in one regression or each alone, what tied attributes are averaged
    over, correction for reliability; then baselines, signs and units, where nothing else gives all
    values. The verdict is by the convention that gives most of them, the default first among equals.
    Published standard errors and intervals are then held against the variances in use. Everything that
    cannot be told apart by the decimals published is named.

    Parameters
    ----------
    wave
        As read or weighted. One that is not weighted is raked to its survey's targets, if it has some.
    published
        The figures; the survey's (published.csv) where None.
    repeat
        What the repeated task repeats, where survey.toml does not say.
    progress
        Called with the name of each step as it begins.

    Returns
    -------
    Reproduction
        One row a published figure, and one row a table of conjoint figures.

    Raises
    ------
    TargetError
        No weights can meet the survey's targets.

    References
    ----------
    Checked by figures that cregg 0.4.0, cjoint 2.1.1 and projoint 1.1.3 make of published data: they
    are told apart as far as their decimals go.

    Examples
    --------
    >>> import pandas as pd
    >>> from conjoint.survey import PublishedFigure
    >>> from conjoint.wave import Wave
    >>> frame = pd.DataFrame({
    ...     "id": [1, 1, 2, 2], "price": ["high", "low", "low", "high"], "bought": [0, 1, 1, 0]})
    >>> wave = Wave.from_frame(frame, respondent="id", outcome="bought", attributes=["price"])
    >>> said = PublishedFigure("", "Total", "", 100, 0, "p. 3", "marginal_mean", "bought", "price", "low")
    >>> reproduce(wave, [said]).frame[["value", "computed", "verdict"]].to_dict("list")
    {'value': [100], 'computed': [100.0], 'verdict': ['reproduced']}
    """
    figures = wave.survey.published if published is None else tuple(published)
    made = Made(wave, repeat)
    results: dict[int, Reproduced] = {}
    questions: list[Wanted] = []
    conjoint: list[Wanted] = []
    for place, figure in enumerate(figures):
        try:
            wanted = find_wanted(wave, place, figure)
        except MissingError as error:
            results[place] = _absent(figure, str(error))
            continue
        (questions if figure.question else conjoint).append(wanted)
    if questions:
        progress("Questions")
        results |= reproduce_questions(made, questions)
    tables = []
    for table in _tables(conjoint):
        progress(f"{table.estimand.replace('_', ' ')} of {table.outcome}")
        own, told = _reproduce_table(made, table)
        results |= own
        tables.append(told)
    return Reproduction(tuple(results[place] for place in range(len(figures))), tuple(tables))


def _absent(figure: PublishedFigure, missing: str) -> Reproduced:
    return Reproduced(
        figure.estimand or "", figure.question, figure.outcome, figure.group, figure.answer,
        figure.attribute, figure.level, figure.baseline, figure.value, figure.decimals,
        figure.unit or ("percent" if figure.question else ""), missing=missing, where=figure.where,
    )  # fmt: skip


def _tables(wanted: Sequence[Wanted]) -> list[Table]:
    """Figures of one estimand and outcome; by place where one figure is published in several."""
    sets: dict[tuple[str, str], list[Wanted]] = defaultdict(list)
    for each in wanted:
        sets[each.figure.estimand or "", each.figure.outcome].append(each)
    tables = []
    for own in sets.values():
        keys = [(w.groups, w.attributes, w.levels, w.baselines) for w in own]
        several = len(set(keys)) < len(keys)
        for where in dict.fromkeys(w.figure.where if several else "" for w in own):
            inside = tuple(w for w in own if not several or w.figure.where == where)
            estimand, outcome = inside[0].figure.estimand, inside[0].figure.outcome
            if estimand is not None:
                tables.append(Table(estimand, outcome, where, inside))
    return tables


def _reproduce_table(made: Made, table: Table) -> tuple[dict[int, Reproduced], TableFound]:
    tried, best = find_values(made, table)
    ways, n_errors = find_uncertainty(made, table, best)
    if ways:
        kept = [found for found in best if any(found is own for own, *_ in ways)]
        best = kept or best
    chosen = best[0] if best else tried[0]
    tied = tied_attributes(made.wave.survey)
    packages: list[str] = []
    pairs: list[tuple[Found, Uncertainty | None]] = [(found, way) for found, way, _ in ways]
    pairs = pairs or [(found, None) for found in best]
    for found, way in pairs:
        # Errors that no convention gives rule out every package.
        if way is not None or not n_errors:
            packages += packages_for(table.estimand, found.convention, way, tied)
    told = TableFound(
        table.estimand, table.outcome, table.where, int(chosen.combined.known.sum()),
        int(chosen.same.sum()), n_errors, int(ways[0][2].sum()) if ways else 0,
        tuple(dict.fromkeys(found.name for found in best)),
        tuple(dict.fromkeys(way.name for _, way, _ in ways)),
        tuple(name for name in PACKAGES if name in packages),
    )  # fmt: skip
    results = _rows(table, chosen, best, tried, ways)
    return results, told


def _rows(
    table: Table,
    chosen: Found,
    best: Sequence[Found],
    tried: Sequence[Found],
    ways: list[tuple[Found, Uncertainty, BoolArray]],
) -> dict[int, Reproduced]:
    spread = _spread(chosen)
    people = chosen.combined.n_respondents()
    values = chosen.values
    results = {}
    for row, wanted in enumerate(table.wanted):
        figure = wanted.figure
        blank = Reproduced(
            table.estimand, "", table.outcome, MINUS.join(map(group_name, wanted.groups)), "",
            wanted.attribute, wanted.level, chosen.combined.baselines[row] or wanted.baseline,
            figure.value, figure.decimals, _unit(figure, chosen, row), where=figure.where,
        )  # fmt: skip
        missing = chosen.combined.missing[row]
        if missing:
            results[wanted.place] = replace(blank, missing=missing)
            continue
        value, same = float(values[row]), bool(chosen.same[row])
        scale = float(abs(chosen.scale[row]))
        error, low, high = (scale * part for part in spread[row])
        reach = (high - low) / 2
        inside = abs(figure.value - value) <= reach
        verdict: Reproducing = "within sampling error" if inside else "differs"
        results[wanted.place] = replace(
            blank,
            computed=value,
            rounded=_rounded(value, figure),
            std_error=error,
            difference=figure.value - value,
            in_errors=(figure.value - value) / error if error > 0 else np.nan,
            n_respondents=people[row],
            verdict="reproduced" if same else verdict,
            conventions=_conventions(row, best if same else tried),
            uncertainty=_uncertainty(row, figure, ways),
            note=_note(wanted, chosen, row),
        )
    return results


def _rounded(value: float, figure: PublishedFigure) -> float:
    return rounded(value, figure.value, figure.decimals)


def _spread(chosen: Found) -> list[tuple[float, float, float]]:
    """Standard error and 95% interval of each figure, NaN where there is none."""
    figures: Estimates | None = chosen.combined.figures()
    found = [(np.nan, np.nan, np.nan)] * len(chosen.combined.missing)
    if figures is None:
        return found
    frame = figures.frame
    for row, place in enumerate(np.flatnonzero(chosen.combined.known)):
        own = frame.iloc[row]
        found[place] = (float(own["std_error"]), float(own["conf_low"]), float(own["conf_high"]))
    return found


def _unit(figure: PublishedFigure, chosen: Found, row: int) -> str:
    if abs(chosen.scale[row]) == 100:
        return figure.unit if figure.unit in ("points", "percent") else "points"
    return "share"


def _conventions(row: int, found: Sequence[Found]) -> str:
    return either(dict.fromkeys(own.name for own in found if own.same[row]))


def _uncertainty(
    row: int,
    figure: PublishedFigure,
    ways: list[tuple[Found, Uncertainty, BoolArray]],
) -> str:
    if not figure.has_error:
        return ""
    names = dict.fromkeys(way.name for _, way, same in ways if same[row])
    return either(names) or phrase("reproduction.uncertainty.not_found")


def _note(wanted: Wanted, chosen: Found, row: int) -> str:
    if not wanted.baselines and wanted.attribute in chosen.against:
        return phrase("reproduction.note.baseline", baseline=chosen.combined.baselines[row])
    return ""
