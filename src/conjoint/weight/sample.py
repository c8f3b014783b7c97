"""A wave weighted to the survey's targets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.errors import Fault, TargetError, choices
from conjoint.survey import INTERLOCK, Targets
from conjoint.survey.rule import as_text
from conjoint.wave import Calibration
from conjoint.weight.rake import Raked, RakeError, rake_weights

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conjoint.survey import Margin
    from conjoint.typing import FloatArray, IntArray
    from conjoint.wave import Wave

__all__ = ["check_targets", "margin_codes", "rake", "rake_respondents"]


def rake(wave: Wave, targets: Targets | Mapping[str, Mapping[str, float]] | None = None) -> Wave:
    """Weight a wave to population targets by raking.

    Parameters
    ----------
    wave
        Its present weights are where the raking starts (ones, or the design weights of the file).
    targets
        The margins; the survey's own where None. A mapping of margin to category to share (or
        count) will do, such as ``{"sex": {"Female": 0.51, "Male": 0.49}}``.

    Returns
    -------
    Wave
        With weights that meet every margin to 1e-10 and sum to the number of respondents.

    Raises
    ------
    TargetError
        Names every margin column that is not there, category without a target, target without
        respondents, and respondent without a category; or the margins that cannot be met together.

    References
    ----------
    Deming & Stephan 1940; Deville & Sarndal 1992.

    Examples
    --------
    >>> # weighted = cj.rake(cj.read_wave("surveys/routes_for_returns_2026"))
    """
    if targets is None:
        targets = wave.survey.targets
    elif not isinstance(targets, Targets):
        targets = Targets.from_shares(targets)
    if targets is None or not targets.margins:
        raise TargetError(
            Fault("targets", "there are none", "a targets.csv, named in [weighting]", "Add one.")
        )
    respondents = wave.respondents
    faults = check_targets(respondents, targets)
    if faults:
        raise TargetError(*faults)
    try:
        raked = rake_respondents(respondents, targets, wave.weights)
    except RakeError as error:
        raise TargetError(_unmet(targets, error)) from error
    calibration = Calibration(targets, wave.weights, raked.rounds, raked.discrepancy)
    return wave.with_weights(raked.weights, calibration)


def rake_respondents(respondents: pd.DataFrame, targets: Targets, start: FloatArray) -> Raked:
    """Rake respondents who fit the targets; raises RakeError where no weights meet them."""
    codes = [margin_codes(respondents, margin) for margin in targets.margins]
    shares = [np.array(list(margin.shares.values())) for margin in targets.margins]
    return rake_weights(codes, shares, start)


def check_targets(respondents: pd.DataFrame, targets: Targets) -> list[Fault]:
    """Hold targets against respondents: every fault that would keep the raking from working."""
    faults: list[Fault] = []
    for margin in targets.margins:
        where = f'{targets.where}, margin "{margin.name}"'
        absent = [name for name in margin.columns if name not in respondents.columns]
        if absent:
            faults.append(
                Fault(
                    where,
                    f"there is no respondent column {choices(absent)}",
                    choices(respondents.columns),
                    "Correct the margin's name.",
                )
            )
            continue
        faults += _check_margin(respondents, margin, where)
    return faults


def _check_margin(respondents: pd.DataFrame, margin: Margin, where: str) -> list[Fault]:
    categories = _categories(respondents, margin)
    counts = categories.value_counts()
    wanted = {INTERLOCK.join(category): share for category, share in margin.shares.items()}
    faults = [
        Fault(
            where,
            f'nobody is in the category "{category}" (target {100 * share:.3g}%)',
            f"one of {choices(sorted(counts.index))}",
            "Correct its spelling, or merge it with another category.",
        )
        for category, share in wanted.items()
        if share > 0 and category not in counts.index
    ]
    faults += [
        Fault(
            where,
            f'{counts[category]} respondents are in "{category}", which has no target'
            + (" above zero" if category in wanted else ""),
            choices(wanted),
            "Add the target, or recode the respondents.",
        )
        for category in counts.index
        if not wanted.get(category)
    ]
    unknown = int(categories.isna().sum())
    if unknown:
        faults.append(
            Fault(
                where,
                f"{unknown} respondents have no answer",
                "a category for everybody",
                "Give them one (such as Unknown) with a target, or leave the margin out.",
            )
        )
    return faults


def _categories(respondents: pd.DataFrame, margin: Margin) -> pd.Series[str]:
    """Each respondent's category as targets.csv writes it; missing where any part is."""
    parts = [
        respondents[name].astype(object).map(as_text, na_action="ignore") for name in margin.columns
    ]
    joined = parts[0]
    for part in parts[1:]:
        joined = joined.str.cat(part, sep=INTERLOCK)
    return joined


def margin_codes(respondents: pd.DataFrame, margin: Margin) -> IntArray:
    """Each respondent's place among the margin's categories, -1 where it has none."""
    index = pd.Index([INTERLOCK.join(category) for category in margin.shares], dtype=object)
    return np.asarray(index.get_indexer(pd.Index(_categories(respondents, margin), dtype=object)))


def _unmet(targets: Targets, error: RakeError) -> Fault:
    margin = targets.margins[error.margin]
    names = [INTERLOCK.join(category) for category in margin.shares]
    worst = int(np.argmax(np.abs(error.discrepancy)))
    return Fault(
        f'{targets.where}, margin "{margin.name}"',
        f'cannot be met together with the others: "{names[worst]}" ends '
        f"{100 * error.discrepancy[worst]:+.2g} points from its target",
        "margins that some weights meet",
        "Look for categories that are nearly empty or that contradict another margin; merge them.",
    )


def shares_of(codes: IntArray, size: int, weights: FloatArray) -> FloatArray:
    """Weighted share of each category, of shape (size,)."""
    return np.asarray(np.bincount(codes, weights=weights, minlength=size) / weights.sum())
