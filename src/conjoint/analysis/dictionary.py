"""What stands in a bundle, told to whoever opens its folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from conjoint.survey import Survey

__all__ = ["COLUMNS", "KEYS", "MIXED", "TABLES", "WORDS", "dictionary"]

TABLES = {
    "amce": "Average marginal component effects, for everybody and each segment",
    "audit": "Is this wave fit to analyse? One row a thing looked at",
    "bases": "Everybody and each segment: base and weighted share",
    "changes": "Figures of two waves side by side, and their change",
    "comparison": "How waves were compared",
    "conventions": "Conventions under which published figures appear",
    "decomposition": "A change taken apart: of mix and of view",
    "departures": "Each segment's marginal means less everybody's",
    "disclosure": "What the British Polling Council asks to be published, and whether it is there",
    "explorer_across": "Covariance between the models of a question's answers, where they are logits",
    "explorer_additivity": "Do a pair of attributes interact beyond the model?",
    "explorer_cells": "How a package's levels are weighted in a model",
    "explorer_coefficients": "Coefficients of the models of support",
    "explorer_covariance": "Covariance of those coefficients",
    "explorer_models": "The models of support for packages, by outcome and group",
    "explorer_shown": "Pairs of levels, and whether anybody was shown them together",
    "explorer_trade_offs": "What a step of one attribute buys of another",
    "flags": "What differs between waves",
    "headline_checks": "How little would turn a headline",
    "joint_means": "Marginal means of two attributes' pairs of levels, put together where a group is small",
    "marginal_means": "Marginal means, for everybody and each segment",
    "multiplicity": "P-values of effects, allowing for all effects of a group",
    "omnibus": "Tests of whole attributes, within groups and between segments",
    "overlap": "How many of one segment are in another",
    "positions": "Choices by task and position",
    "question_columns": "Columns of the question tables: labels, letters, bases",
    "questions": "Every question by the total, the segments and the crossbreaks",
    "reliability": "How often people choose alike when a task is repeated",
    "reproduction": "Published figures, made again",
    "robustness": "The main outcome's figures made in other ways",
    "shown": "How often each level was shown, against the design",
    "pulls": "Each level's marginal mean less the average of its attribute's levels",
    "spread": "Each attribute's highest marginal mean less its lowest",
    "topline_differences": "Headline answers of a segment less another's or everybody's",
    "toplines": "Weighted answers to the questions, for everybody and each segment",
    "trade_off": "What a step of one attribute buys of another, for everybody and each segment",
    "trend": "Figures by wave",
    "waves": "The waves that were compared",
    "weight_histogram": "How many respondents have weights of which size",
    "weighting": "Margins before and after weighting, and their targets",
    "weighting_summary": "What weighting costs",
}
"""Tables by name."""

WORDS = frozenset(
    [
        "across",
        "against_total",
        "answer",
        "attribute",
        "attributes",
        "baseline",
        "bearing",
        "category",
        "cell",
        "check",
        "column",
        "columns",
        "composition",
        "conventions",
        "crossbreak",
        "date",
        "decided",
        "do",
        "down",
        "end",
        "error",
        "estimand",
        "family",
        "figure",
        "first",
        "give",
        "group",
        "high",
        "hold",
        "hypothesis",
        "item",
        "kind",
        "label",
        "letter",
        "letters",
        "level",
        "low",
        "margin",
        "margins",
        "measure",
        "method",
        "missing",
        "mode",
        "model",
        "name",
        "note",
        "other",
        "outcome",
        "outcomes",
        "part",
        "place",
        "pollster",
        "population",
        "profile",
        "question",
        "reading",
        "reference",
        "row",
        "second",
        "shown",
        "source",
        "start",
        "status",
        "subject",
        "take",
        "task",
        "text",
        "title",
        "uncertainty",
        "unit",
        "variance",
        "verdict",
        "wave",
        "where",
        "words",
    ]
)
"""Columns of words, which may look like numbers. Every other one holds numbers."""

MIXED = frozenset({"column", "end", "other", "place", "shown", "start"})
"""Columns that hold words in one table and numbers in another."""

KEYS = {
    "amce": "outcome group attribute level baseline estimate n_respondents",
    "audit": "check subject verdict value text do",
    "bases": "group n_respondents",
    "explorer_coefficients": "outcome measure group column estimate",
    "explorer_covariance": "outcome measure group column other covariance",
    "joint_means": "outcome group attribute level estimate n_respondents",
    "marginal_means": "outcome group attribute level estimate n_respondents",
    "questions": "question item row label kind crossbreak group estimate",
    "toplines": "group attribute level estimate n_respondents",
    "weighting": "margin category target unweighted weighted",
}
"""Columns without which a table is none; an empty table may lack them."""

COLUMNS = {
    "outcome": "question or outcome, by its name in survey.toml",
    "estimand": "what the estimate is of",
    "group": "total, or a segment's name",
    "reference": "what the group is held against",
    "attribute": "attribute, or the column a question is stored in",
    "level": "level or answer, as stored",
    "across": 'of a pair: the levels of the first attribute that the row holds, joined by " * "; several where '
    "too few people saw each pair",
    "down": "the same of the second attribute",
    "baseline": "the level that an effect is against",
    "estimate": "the figure: a share from 0 to 1, or in the units of a rating or scale",
    "std_error": "its standard error, clustered by respondent; weights and targets allowed for",
    "statistic": "estimate over standard error",
    "p_value": "two-sided, by t, of no difference from zero",
    "p_holm": "p_value, adjusted by Holm for the figures looked at together",
    "conf_low": "lower end of the interval",
    "conf_high": "upper end of the interval",
    "p_equivalent": "p-value of two one-sided tests against the survey's smallest effect; under 0.05: alike",
    "moves": "standard deviation of an attribute's level means, what chance makes of it taken out",
    "quoted": "the test that reports go by: CR2's where a group tested has under 150 people",
    "percent": "the figure as printed: a whole percentage, a mean to one decimal",
    "effect": "the same contrast of AMCEs: what is left of it with all else equal",
    "effect_low": "lower end of its interval, at 95%",
    "effect_high": "upper end of its interval, at 95%",
    "n_profiles": "profiles that the figure rests on",
    "n_respondents": "people that the figure rests on",
    "n_effective": "the number of people, drawn simply, that their weights leave: (sum w)² / sum w²",
    "weighted_base": "the sum of their weights, scaled to average one in the whole sample",
    "effective_base": "the size of an unweighted sample that would be as exact",
    "degrees": "degrees of freedom of the interval and the test",
    "threshold": "what a headline is compared with",
    "respondents": "so many people, or fewer, are enough to leave out for the figure to cross the threshold, weighted again",
    "respondent_share": "those people's share of n_respondents",
    "margin": "what a target is of: a column, or several",
    "category": "the category that a target is of",
    "target": "its share of the population, from 0 to 1; or the population's mean",
    "shift": "change of that target that takes the figure across the threshold, weighted again",
    "model": "linear, or logit where a linear model would leave the scale for some package",
    "letters": "columns of its crossbreak that the figure is above: a at 95%, A at 99%",
    "against_total": "above or below the total, at 95% or 99%",
    "note": "why there is no figure",
    "attributes": "of an item of the audit: whose figures it concerns; empty: those of all",
    "outcomes": "of an item of the audit: whose figures it concerns; empty: those of all",
    "reading": "safe; caution: a small base, or effective base; suppressed: too small a base, figures blank; "
    "not available: see the note",
}
"""Columns that many tables share."""


def dictionary(survey: Survey, tables: Mapping[str, pd.DataFrame]) -> str:
    """Tell in Markdown what each file of a bundle holds."""
    synthetic = (
        "**Synthetic wave: no person gave these answers. Not for quotation.**\n\n"
        if survey.synthetic
        else ""
    )
    names = sorted(tables)
    listed = "\n".join(
        f"| {name} | {TABLES.get(name, 'See the columns')} | {len(tables[name]):,} |"
        for name in names
    )
    present = {str(column) for table in tables.values() for column in table.columns}
    columns = "\n".join(f"| {name} | {told} |" for name, told in COLUMNS.items() if name in present)
    return (
        f"# Aggregates\n\n{synthetic}"
        "Made by `conjoint analyse` or `conjoint report`, and enough for `conjoint report` to make every\n"
        "report from. No row is a respondent, and figures on too small a base are blank. survey.json says what\n"
        "was asked, provenance.json what this was made from: hashes of the input, versions, the command.\n\n"
        f"| table | what it holds | rows |\n|---|---|--:|\n{listed}\n\n"
        f"| column | meaning |\n|---|---|\n{columns}\n"
    )
