"""Flags: what keeps figures of two waves from being compared, and what a reader has to know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

import numpy as np
import pandas as pd

from conjoint.errors import Fault, RequestError, choices
from conjoint.typing import Bearing, FlagKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conjoint.typing import BoolArray

__all__ = ["COLUMNS", "Flag", "check_despite", "flags_frame"]

COLUMNS = ["first", "second", "kind", "subject", "bearing", "text"]
"""The columns of a comparison's flags."""


@dataclass(frozen=True, slots=True)
class Flag:
    """One thing in which two waves differ.

    Parameters
    ----------
    kind
        What differs.
    subject
        The question, outcome, attribute or segment it is about; empty for the whole wave.
    bearing
        ``"not compared"``: the figures it touches are shown side by side, and no change is worked out.
        ``"care"``: changes are worked out, and may be due to this. ``"noted"``: no figure is touched.
    text
        A sentence that says what differs.
    touched
        Which figures: each a set of labels that a figure has to have; an empty one is every figure.
    """

    kind: FlagKind
    subject: str
    bearing: Bearing
    text: str
    touched: tuple[Mapping[str, str], ...] = ()

    def touches(self, labels: pd.DataFrame) -> BoolArray:
        """Which rows of a frame of figures are touched."""
        hit = np.zeros(len(labels), dtype=bool)
        for wanted in self.touched:
            own = np.ones(len(labels), dtype=bool)
            for name, value in wanted.items():
                own &= (labels[name] == value).to_numpy(dtype=bool)
            hit |= own
        return hit


def check_despite(despite: Sequence[str]) -> None:
    """Refuse kinds of flags that there are none of."""
    unknown = [kind for kind in despite if kind not in get_args(FlagKind)]
    if unknown:
        raise RequestError(
            *(Fault("despite", f'there is no "{kind}"', choices(get_args(FlagKind), 20))
              for kind in unknown)
        )  # fmt: skip


def flags_frame(flags: Sequence[tuple[str, str, Flag]]) -> pd.DataFrame:
    """One row a flag and pair of waves, those that keep figures from being compared first."""
    order = get_args(Bearing)
    rows = [
        (first, second, flag.kind, flag.subject, flag.bearing, flag.text)
        for first, second, flag in sorted(flags, key=lambda own: order.index(own[2].bearing))
    ]
    return pd.DataFrame(rows, columns=COLUMNS)
