"""How small an effect can the wave show?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from conjoint.audit.item import Item
from conjoint.errors import EstimationError
from conjoint.estimate import amce
from conjoint.say.number import percent, points
from conjoint.say.phrase import phrase

if TYPE_CHECKING:
    from conjoint.estimates import Estimates
    from conjoint.wave import Wave

__all__ = ["minimum_detectable"]

POWER, LEVEL = 0.8, 0.05
"""The usual terms: an effect of that size is found four times in five, at 5% from both sides."""

TOO_LARGE = 0.1
"""Effects of ten points are large in this field: what cannot show smaller ones shows few."""

CHECK = "minimum_detectable"


def minimum_detectable(wave: Wave) -> list[Item]:
    """Say the smallest AMCE that would be found with 80% power, in total and by segment.

    Estimand
        (t(0.975) + t(0.80)) x standard error of the main outcome's AMCEs, for the level with the
        largest one. A rating's effects count in parts of its range.
    Variance
        That of the estimates, weights and clusters included.

    Notes
    -----
    Beside it stands what planning would have promised, Schuessler & Freitag's closed form:
    2.80 sqrt(2 x 0.25 x levels / profiles), about 6.4 points for 400 respondents x 6 tasks x 2
    profiles and 5 levels. Weighting and few tasks a person make the real one larger.

    References
    ----------
    Schuessler & Freitag 2020, Power analysis for conjoint experiments (SocArXiv 9yuhp).
    """
    items = [_item(wave, None)]
    return items + [_item(wave, name) for name in wave.survey.segments]


def _item(wave: Wave, segment: str | None) -> Item:
    survey = wave.survey
    label = survey.segment_label(segment) if segment else ""
    who = label or phrase("audit.minimum_detectable.in_total")
    try:
        effects = amce(wave, (segment,) if segment else None, outcome=survey.main_outcome)
    except EstimationError as error:
        reason = error.faults[0].what
        text = phrase("audit.minimum_detectable.cannot", who=who, reason=reason)
        do = error.faults[0].do or phrase("audit.minimum_detectable.cannot_do")
        return Item(CHECK, label, "look", text, do)
    return _say(wave, effects, label, who)


def _say(wave: Wave, effects: Estimates, label: str, who: str) -> Item:
    outcome = wave.survey.outcomes[wave.survey.main_outcome]
    rating = outcome.kind == "rating"
    reach = special.stdtrit(effects.degrees, 1 - LEVEL / 2)
    reach = reach + special.stdtrit(effects.degrees, POWER)
    smallest = reach * effects.std_errors
    if rating:
        smallest /= (outcome.max or 1.0) - (outcome.min or 0.0)
    worst = int(np.nanargmax(smallest))
    row, size = effects.labels.iloc[worst], float(smallest[worst])
    said = {
        "who": who,
        "size": points(size),
        "power": percent(POWER),
        "level": phrase("audit.level", level=row["level"], attribute=row["attribute"]),
    }
    if rating:
        text = phrase("audit.minimum_detectable.rating", **said)
    else:
        same = effects.labels["attribute"] == row["attribute"]
        profiles = int(effects.labels.loc[same, "n_profiles"].sum())
        planned = (special.ndtri(1 - LEVEL / 2) + special.ndtri(POWER)) * np.sqrt(
            2 * 0.25 * int(same.sum()) / max(profiles, 1)
        )
        text = phrase("audit.minimum_detectable.share", **said, planned=points(float(planned)))
    if lacking := [reason for reason in dict.fromkeys(effects.notes) if reason]:
        text = phrase("audit.minimum_detectable.lacking", smallest=text, reasons="; ".join(lacking))
        do = phrase("audit.minimum_detectable.lacking_do")
        return Item(CHECK, label, "look", text, do, size, "points")
    text = phrase("audit.minimum_detectable.smallest", smallest=text)
    if size <= TOO_LARGE:
        return Item(CHECK, label, "fine", text, "", size, "points")
    do = phrase("audit.minimum_detectable.large_do")
    return Item(CHECK, label, "look", text, do, size, "points")
