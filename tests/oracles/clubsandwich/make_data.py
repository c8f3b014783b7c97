"""Draw data.csv: a few simulated respondents, for figures.R."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

HERE = Path(__file__).parent


def draw(simulate) -> pd.DataFrame:
    """Draw 30 respondents of unequally many tasks, of ages in two overlapping groups."""
    n = 30
    frame = simulate(20260513, n=n)
    frame["age"] = np.repeat(np.random.default_rng(13).integers(18, 80, n), 6)
    frame = frame[(frame["id"] % 4 != 1) | (frame["task"] < 2)].reset_index(drop=True)
    # Single tasks without a choice, and whole respondents without a rating.
    frame.loc[(frame["id"] % 7 == 3) & (frame["task"] == 1), "chosen"] = np.nan
    frame.loc[frame["id"] % 9 == 4, "rating"] = np.nan
    return frame


if __name__ == "__main__":
    sys.path.insert(0, str(HERE.parent.parent))
    from conftest import simulate

    draw(simulate).to_csv(HERE / "data.csv", index=False)
