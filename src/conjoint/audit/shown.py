"""What of the audit leaves the house: items without ids, and the aggregates that its charts draw."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.audit.grid import grid_of
from conjoint.audit.person import unweighted
from conjoint.audit.share import level_shares
from conjoint.errors import EstimationError
from conjoint.estimate.design import design_shares
from conjoint.estimate.figures import means_of
from conjoint.estimate.groups import estimate_each
from conjoint.estimate.sample import specify
from conjoint.estimates import stack
from conjoint.say.phrase import phrase
from conjoint.survey.rule import WORD

if TYPE_CHECKING:
    from conjoint.audit.model import Audit
    from conjoint.estimate.groups import Figures
    from conjoint.estimate.sample import Sample
    from conjoint.wave import Wave

__all__ = ["items_without_ids", "position_table", "shown_table"]

SHOWN = ["attribute", "level", "estimate", "conf_low", "conf_high", "designed"]
PLACED = ["outcome", "task", "profile", "estimate", "conf_low", "conf_high", "n_respondents"]


def items_without_ids(wave: Wave, found: Audit) -> pd.DataFrame:
    """The audit's items, notes that name a respondent left out: the reader's may."""
    frame = found.frame
    ids = set(wave.respondents["respondent"].astype(str))
    said = phrase("audit.reader_notes.withheld")
    texts = [
        said if check == "reader_notes" and ids.intersection(WORD.findall(text)) else text
        for check, text in zip(frame["check"], frame["text"], strict=True)
    ]
    return frame.assign(text=texts)


def shown_table(wave: Wave) -> pd.DataFrame:
    """What share of profiles shows each level, with 95% intervals, beside what the design declares."""
    names = [name for name in wave.survey.attributes if wave.shows(name).any()]
    frame = stack([level_shares(wave, name) for name in names]).frame
    designed = np.concatenate([design_shares(wave.survey, [name], wave) for name in names])
    return frame.assign(designed=designed)[SHOWN]


def position_table(wave: Wave) -> pd.DataFrame:
    """How often each position was chosen in each task, with 95% intervals; choices alone.

    Empty where tasks or profiles have other names for each person.
    """
    plain, frames = unweighted(wave), [pd.DataFrame(columns=PLACED)]
    if grid_of(wave) is None:
        return frames[0]
    task, profile = (wave.profiles[name].cat for name in ("task", "profile"))
    P = len(profile.categories)
    code = task.codes.to_numpy(dtype=np.intp) * P + profile.codes.to_numpy(dtype=np.intp)
    cells = [(str(a), str(b)) for a in task.categories for b in profile.categories]

    def place(sample: Sample) -> Figures:
        figures = means_of(sample, [code[sample.rows]], [len(cells)], [cells])
        return replace(figures, labels=figures.labels.assign(estimand="mean"))

    for name, outcome in wave.survey.outcomes.items():
        if outcome.kind == "choice":
            specification = specify(plain, "position", None, "linearised", 0.95)
            try:
                found = estimate_each(plain, place, specification, name).frame
            except EstimationError:
                continue
            frames.append(found.rename(columns={"attribute": "task", "level": "profile"})[PLACED])
    return pd.concat([frame for frame in frames if len(frame)] or frames, ignore_index=True)
