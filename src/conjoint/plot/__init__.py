"""Charts of a bundle, drawn by plotnine; each carries its words and its data."""

from conjoint.plot.chart import Chart
from conjoint.plot.grid import grid_chart
from conjoint.plot.level import level_chart
from conjoint.plot.packages import best_chart
from conjoint.plot.pull import pull_chart
from conjoint.plot.several import several_chart
from conjoint.plot.share import share_chart
from conjoint.plot.support import support_lines, support_map
from conjoint.plot.weighting import weighting_chart, weights_chart

__all__ = [
    "Chart",
    "best_chart",
    "grid_chart",
    "level_chart",
    "pull_chart",
    "several_chart",
    "share_chart",
    "support_lines",
    "support_map",
    "weighting_chart",
    "weights_chart",
]
