"""Draw data.csv: a few simulated respondents, for figures.R."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

HERE = Path(__file__).parent


def draw(simulate) -> pd.DataFrame:
    """Draw 40 respondents of unequally many tasks, who differ in how kindly they rate."""
    frame = simulate(20260514, n=40, tasks=4)
    frame = frame[(frame["id"] % 4 != 1) | (frame["task"] < 2)].reset_index(drop=True)
    frame["rating"] += frame["id"] % 5
    return frame


if __name__ == "__main__":
    sys.path.insert(0, str(HERE.parent.parent))
    from conftest import simulate

    draw(simulate).to_csv(HERE / "data.csv", index=False)
