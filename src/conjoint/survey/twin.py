"""Two spellings of one answer in a column that figures hang on: people would be left out of a group unseen."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from conjoint.errors import Fault
from conjoint.spelling import twins

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    import pandas as pd

    from conjoint.survey.model import Survey

__all__ = ["twin_faults"]

MOST = 12
"""Pairs of a column that are named."""


def twin_faults(survey: Survey, respondents: pd.DataFrame, where: str) -> list[Fault]:
    """Name texts that differ in case, blanks, Unicode form or signs nobody sees alone, column by column.

    Looked at is every column that a rule, a target or a crossbreak uses, whether its answers are declared
    or not. Texts that one rule, or the targets of one margin, name both are meant.

    Parameters
    ----------
    survey, respondents
        What was asked, and one row a respondent.
    where
        The survey.toml, for faults.
    """
    faults: dict[tuple[str, str, str], Fault] = {}
    for key, column, named, only in _uses(survey):
        if column not in respondents.columns or column in survey.id_columns:
            continue
        values = respondents[column].dropna()
        counts = Counter(value for value in values if isinstance(value, str))
        pairs = [pair for pair in twins([*counts, *named]) if not {*pair} <= {*named}]
        for first, second in [pair for pair in pairs if not only or {*pair} & {*named}][:MOST]:
            told = " and ".join(f'"{text}" ({_people(counts[text])})' for text in (first, second))
            faults.setdefault(
                (column, first, second),
                Fault(
                    f"{where}, {key}",
                    f'the column "{column}" has {told}, which are one text in two spellings',
                    "one spelling",
                    f"Correct the cells, or read both alike: aliases or tidy = true in [recode.{column}].",
                ),
            )
    return list(faults.values())


def _uses(survey: Survey) -> Iterator[tuple[str, str, Collection[str], bool]]:
    """Each use of a column: its key, the column, the texts named, and whether only those matter."""
    rules = {f"segments.{name}.where": own.where for name, own in survey.segments.items()}
    rules |= {
        f"exclusions.{n}.where": own.where for n, own in survey.exclusions.items() if own.where
    }
    rules |= {
        f"questions.{n}.filter": own.filter for n, own in survey.questions.items() if own.filter
    }
    for key, rule in rules.items():
        named: dict[str, list[str]] = {}
        for column, condition in rule.conditions():
            named.setdefault(column, []).extend(condition.values)
        for column, texts in named.items():
            yield key, column, texts, True
    for margin in survey.targets.margins if survey.targets else ():
        for place, column in enumerate(margin.columns):
            texts = list(dict.fromkeys(category[place] for category in margin.shares))
            yield f"targets of {margin.name}", column, texts, False
    for crossbreak in survey.crossbreaks:
        texts = [text for group in crossbreak.groups.values() for text in group.values]
        yield "crossbreaks", crossbreak.column, texts, bool(crossbreak.groups)


def _people(count: int) -> str:
    return f"{count:,} {'person' if count == 1 else 'people'}" if count else "as declared"
