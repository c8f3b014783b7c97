"""How each figure is defined: its estimand in a line, and where the definition comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjoint.report.crosstab import figure_table
from conjoint.say.words import escape, small_bases_quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conjoint.analysis import Analysis

__all__ = ["defined"]

HHY = "Hainmueller, Hopkins and Yamamoto 2014, doi:10.1093/pan/mpt024"

DEFINITIONS = (
    (
        "Weighted share",
        "The share of the population (of a group) that gives an answer, don't know counted: "
        "sum of w y over sum of w.",
        "Binder 1983, doi:10.2307/1402588, for its variance",
    ),
    (
        "Marginal mean",
        "The mean outcome of the profiles that show a level, whatever else they show: in a choice, the "
        "share of times that they are chosen.",
        "Leeper, Hobolt and Tilley 2020, doi:10.1017/pan.2019.30",
    ),
    (
        "AMCE",
        "The change in the mean outcome when a profile's attribute goes from its baseline to a level, "
        "averaged over the other attributes as the design draws them; where attributes are restricted, over "
        "the combinations allowed with both levels. An average: it does not say what most people prefer.",
        HHY,
    ),
    (
        "Standard errors",
        "Clustered by respondent. Linearised: residuals as they are, times G/(G − 1), G respondents; what "
        "the weighting margins explain is taken out (each person counts in that as much as the weight can move); where weights were moved far, what is left "
        "is adjusted for leverage, and t has fewer degrees of freedom than G − 1, by how unequal the weights are. CR1: times (N − 1)/(N − K) as well. CR2: residuals "
        "adjusted for leverage, t with the degrees of freedom of Bell and McCaffrey. CR3: the jackknife.",
        "Binder 1983; Bell and McCaffrey 2002; Deville and Särndal 1992, doi:10.1080/01621459.1992.10475217; Valliant 2002",
    ),
    (
        "Unweighted",
        "The same figure with every weight equal.",
        "",
    ),
    (
        "Absorbed",
        "The effect with each respondent's own average taken out: everybody is held against themselves.",
        "Frisch and Waugh 1933, doi:10.2307/1907330",
    ),
    (
        "Logit",
        "The average marginal effect of a logit on the same levels: the change in the predicted share.",
        HHY,
    ),
    (
        "Reliability (IRR) and tau",
        "IRR: the share of people who choose the same profile when a task is repeated. tau: the chance "
        "that a choice comes out as the opposite, (1 − √(2 IRR − 1))/2.",
        "Clayton, Horiuchi, Kaufman, King and Komisarchik, Correcting Measurement Error Bias in Conjoint "
        "Survey Experiments",
    ),
    (
        "Corrected",
        "The figure had nobody erred: (mean − tau)/(1 − 2 tau) for shares, AMCE/(1 − 2 tau) for effects; "
        "its interval knows that tau is estimated.",
        "Clayton and others, as above",
    ),
    (
        "Omnibus test",
        "Whether any level of an attribute differs from the others, and whether the pattern of its levels "
        "differs between segments: a cluster-robust Wald test, F with a small-sample correction.",
        "Pustejovsky and Tipton 2018, doi:10.1080/07350015.2016.1247004",
    ),
    (
        "Holm, Benjamini-Hochberg",
        "p-values that allow for all effects of a group: against even one false finding, and for the share of "
        "false ones among the findings.",
        "Liu and Shiraito 2023, doi:10.1017/pan.2022.30",
    ),
    (
        "Effective base",
        "What the sample is worth after weighting: (sum of w)² over sum of w². Efficiency: that over the "
        "number of people.",
        "Kish 1965, Survey Sampling",
    ),
)
"""Name, estimand, source."""


def defined(analysis: Analysis) -> Iterator[str]:
    """A table of the figures that the appendix holds."""
    rows = [
        (f"**{escape(name)}**", escape(what), escape(source)) for name, what, source in DEFINITIONS
    ]
    yield figure_table(
        "How each figure is defined",
        ("Figure", "What it is", "Source"),
        rows,
        label="tbl-definitions",
        widths=(2, 6, 4),
        left=3,
    )
    yield f"Intervals are at 95%. {small_bases_quoted(analysis.survey)}."
