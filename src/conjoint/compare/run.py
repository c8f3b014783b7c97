"""Compare waves: the figures of each, what keeps them from being compared, and their changes."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, get_args

import numpy as np
import pandas as pd

from conjoint.compare.change import changes_of, trend_of, with_verdicts
from conjoint.compare.composition import hold_composition
from conjoint.compare.differ import find_flags
from conjoint.compare.flag import Flag, check_despite, flags_frame
from conjoint.compare.model import PARTS, Comparison
from conjoint.compare.part import decompositions, variables_to_hold
from conjoint.compare.sampled import check_people, targets_of
from conjoint.compare.table import Asked, groups_of, tables_of
from conjoint.errors import Fault, RequestError, choices
from conjoint.say.phrase import phrase
from conjoint.say.words import day
from conjoint.survey import Thresholds
from conjoint.toplines.withheld import find_withheld
from conjoint.typing import Composition, Family, FigureKind
from conjoint.wave import TOTAL
from conjoint.weight import efficiency

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.typing import FlagKind
    from conjoint.wave import Wave

__all__ = ["compare"]


def compare(
    first: Wave,
    second: Wave,
    *more: Wave,
    by: str | Sequence[str] | None = None,
    what: Sequence[FigureKind] = ("topline", "marginal mean", "amce"),
    composition: Composition = "as weighted",
    hold: str | Sequence[str] | None = None,
    names: Sequence[str] | None = None,
    panel: bool | None = None,
    despite: Sequence[FlagKind] = (),
    family: Family = "comparison",
    confidence: float = 0.95,
) -> Comparison:
    """Put waves side by side, and say what changed between them.

    Estimand
        For every topline (answers, nets, means), marginal mean and AMCE: the second wave's figure less
        the first's, for every two waves that follow each other, and for the last and the first.
    Formula
        Toplines are also taken apart by the cells of a variable (Kitagawa 1955): with p the cells' shares
        and v the means within them::

            change = sum (p_b - p_a) (v_a + v_b) / 2  +  sum (p_a + p_b) / 2 (v_b - v_a)
                          mix                                  view
    Variance
        Independent samples: the sum of the two figures' variances, each with what its own weights and
        targets do to it (see :func:`conjoint.estimates.independent`, degrees of freedom by Welch and
        Satterthwaite). With ``panel=True`` the answers of people in both waves are paired. Parts of a
        decomposition by the delta method on the same influence.
    Units
        Those of the figure: shares and their changes on 0 to 1.
    Restricted designs
        As for :func:`conjoint.amce`. Where what was drawn changed, marginal means of all attributes are
        flagged, because they average over it.

    Parameters
    ----------
    first, second, *more
        Waves in the order of their fieldwork, weighted or not.
    by
        ``"segments"``, or some of them by name; the total comes first in any case.
    what
        Which figures.
    composition
        ``"as weighted"``: each wave with the weights that it has. ``"same targets"``: every wave raked,
        from its design weights, to the targets of the last one that has some, as far as the columns and
        categories of all waves allow.
    hold
        What changes are taken apart by: a respondent column such as ``"vote_2024"``, columns interlocked
        as in ``"age_group * sex"``, or several for one decomposition each. Where None: the margins to
        which the waves are not weighted alike, and background questions that are no margin.
    names
        Of the waves; their months of fieldwork where None.
    panel
        True: the same people were asked again, and are known by their ids. False: the samples are
        independent, whatever the ids. None: independent, and refused where most ids are in both.
    despite
        Kinds of flags in spite of which figures are compared.
    family
        Figures that share an adjustment (Holm): all of the ``"comparison"``, so that of comparisons
        without a change one in twenty, at most, shows any; or those of a ``"table"`` (a question, or an
        estimand and outcome, in a group), so that of tables without a change one in twenty does, and of
        comparisons of many tables most.
    confidence
        Of intervals and verdicts.

    Returns
    -------
    Comparison
        Tidy frames of changes, trend, flags and decomposition.

    Raises
    ------
    RequestError
        An unknown option, segment or column; most respondents are in two waves and `panel` is None.
    TargetError
        The waves cannot be weighted to the same targets.

    References
    ----------
    Kitagawa 1955, doi:10.1080/01621459.1955.10501299; Leeper, Hobolt & Tilley 2020,
    doi:10.1017/pan.2019.30. Checked against sums of variances, an independent bootstrap and draws from
    one truth (docs/compare.md).

    Examples
    --------
    >>> # cj.compare(cj.rake(may), cj.rake(october), by="segments").frame
    """
    waves = [first, second, *more]
    _check_options(waves, what, composition, family, names, confidence)
    check_despite(despite)
    check_people(waves, panel=panel)
    called = tuple(names) if names is not None else _names(waves)
    flags: list[tuple[str, str, Flag]] = []
    if composition == "same targets":
        waves, left = hold_composition(waves)
        for margin in left:
            text = phrase("comparison.flag.target_left_out", margin=margin.name)
            flags.append((called[0], called[-1], Flag("targets", margin.name, "care", text)))
    segments = _segments(waves, by)
    asked = _asked(waves, what, segments, confidence)
    made = [tables_of(wave, asked) for wave in waves]
    limits, withheld = _limits(waves), [find_withheld(wave) for wave in waves]
    held = variables_to_hold(waves, hold)
    changes, parts = [], []
    for a, b in _pairs(len(waves)):
        two, ends = (waves[a], waves[b]), {"first": called[a], "second": called[b]}
        found = find_flags(*two, segments, (made[a][1], made[b][1]), panel=panel, despite=despite)
        flags += [(called[a], called[b], flag) for flag in found]
        own = changes_of(
            two, (made[a][0], made[b][0]), found, limits, (withheld[a], withheld[b]),
            panel=bool(panel), confidence=confidence,
        )  # fmt: skip
        changes.append(own.assign(**ends))
        parts.append(
            decompositions(
                two, own, held, limits.suppress_below, panel=bool(panel), confidence=confidence
            ).assign(**ends)
        )
    frame, tables = with_verdicts(pd.concat(changes, ignore_index=True), family, confidence)
    trend = [
        trend_of(wave, tables_made, name, limits, own)
        for wave, (tables_made, _), name, own in zip(waves, made, called, withheld, strict=True)
    ]
    return Comparison(
        _about(waves, called),
        frame,
        pd.concat(trend, ignore_index=True),
        flags_frame(flags),
        pd.concat(parts, ignore_index=True).reindex(columns=PARTS),
        composition,
        family,
        confidence,
        tables,
    )


def _pairs(count: int) -> list[tuple[int, int]]:
    """Waves that follow each other; then the first and the last."""
    return list(pairwise(range(count))) + [(0, count - 1)] * (count > 2)


def _limits(waves: Sequence[Wave]) -> Thresholds:
    """The strictest limits for small bases."""
    own = [wave.survey.thresholds for wave in waves]
    return Thresholds(
        suppress_below=max(t.suppress_below for t in own),
        caution_below=max(t.caution_below for t in own),
    )


def _check_options(
    waves: Sequence[Wave],
    what: Sequence[str],
    composition: str,
    family: str,
    names: Sequence[str] | None,
    confidence: float,
) -> None:
    faults = []
    for name, value, known in (
        *(("what", kind, get_args(FigureKind)) for kind in what),
        ("composition", composition, get_args(Composition)),
        ("family", family, get_args(Family)),
    ):
        if value not in known:
            faults.append(
                Fault(name, f'there is no "{value}"', choices(known), "Name one of them.")
            )
    if names is not None and (len(set(names)) < len(waves) or len(names) != len(waves)):
        faults.append(Fault("names", f"{list(names)}", f"{len(waves)} different names"))
    if not 0 < confidence < 1:
        faults.append(Fault("confidence", f"{confidence} is no probability", "0.95, for example"))
    if faults:
        raise RequestError(*faults)


def _names(waves: Sequence[Wave]) -> tuple[str, ...]:
    """The months of fieldwork, or its first days; else numbers."""
    dates = [wave.survey.fieldwork.start for wave in waves if wave.survey.fieldwork]
    if len(dates) == len(waves):
        days = [day(date) for date in dates]
        months = [text.partition(" ")[2] for text in days]
        for found in (months, days):
            if len(set(found)) == len(waves):
                return tuple(found)
    return tuple(phrase("comparison.wave", number=place + 1) for place in range(len(waves)))


def _segments(waves: Sequence[Wave], by: str | Sequence[str] | None) -> tuple[str, ...]:
    """The segments asked for, which every wave has to declare."""
    shared = [
        name for name in waves[-1].survey.segments if all(name in w.survey.segments for w in waves)
    ]
    if by is None:
        return ()
    if by == "segments":
        return tuple(shared)
    wanted = (by,) if isinstance(by, str) else tuple(by)
    unknown = [name for name in wanted if name not in shared]
    if unknown:
        raise RequestError(
            *(
                Fault(
                    "by", f'not every wave has a segment "{name}"', choices(["segments", *shared])
                )
                for name in unknown
            )
        )
    return wanted


def _asked(
    waves: Sequence[Wave], what: Sequence[FigureKind], segments: tuple[str, ...], confidence: float
) -> Asked:
    """What all waves have, as the last one writes it; `tables_of` passes over what one lacks."""
    last = waves[-1].survey
    outcomes = [name for name in last.outcomes if all(name in w.survey.outcomes for w in waves)]
    questions = dict.fromkeys(
        name
        for wave in reversed(waves)
        for name, question in wave.survey.questions.items()
        if question.topline
    )
    baselines = {
        name: attribute.values[attribute.baseline_index]
        for name, attribute in last.attributes.items()
        if all(
            name in w.survey.attributes
            and attribute.values[attribute.baseline_index] in w.survey.attributes[name].values
            for w in waves
        )
    }
    there = [name for name in segments if min(groups_of(wave, [name])[name] for wave in waves) >= 2]
    return Asked(
        tuple(what), tuple(questions), tuple(outcomes), (TOTAL, *there), baselines, confidence
    )


def _about(waves: Sequence[Wave], called: tuple[str, ...]) -> pd.DataFrame:
    rows = []
    for wave, name in zip(waves, called, strict=True):
        survey, targets = wave.survey, targets_of(wave)
        days = survey.fieldwork
        cost = efficiency(wave.weights)
        rows.append(
            {
                "wave": name,
                "title": survey.title,
                "pollster": survey.pollster,
                "mode": survey.mode,
                "population": survey.population,
                "start": days.start.isoformat() if days else "",
                "end": days.end.isoformat() if days else "",
                "n_respondents": wave.n_respondents,
                "effective": cost.effective,
                "design_effect": cost.design_effect,
                "synthetic": survey.synthetic,
                "weighted": bool(np.ptp(wave.weights) > 0),
                "margins": "; ".join(margin.name for margin in targets.margins) if targets else "",
            }
        )
    return pd.DataFrame(rows)
