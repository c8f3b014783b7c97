"""What voters would accept: support for packages, trade-offs, and packages ranked."""

from conjoint.scenario.band import simultaneous
from conjoint.scenario.best import Ranking, best
from conjoint.scenario.grid import Grid, grid
from conjoint.scenario.importance import importance
from conjoint.scenario.scene import Scene
from conjoint.scenario.shares import Shares, shares
from conjoint.scenario.shrink import Shrunken, shrink
from conjoint.scenario.support import support
from conjoint.scenario.trade import TradeOff, trade_off

__all__ = [
    "Grid",
    "Ranking",
    "Scene",
    "Shares",
    "Shrunken",
    "TradeOff",
    "best",
    "grid",
    "importance",
    "shares",
    "shrink",
    "simultaneous",
    "support",
    "trade_off",
]
