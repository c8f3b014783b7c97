"""Passages of the segment report: a table or a sentence or two each, as Markdown."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

from conjoint.say.label import condition_words
from conjoint.say.measure import measure_of
from conjoint.say.number import base, between, percent
from conjoint.say.phrase import phrase
from conjoint.say.words import escape, listed, sentence_case, spelled
from conjoint.scenario.explorer import PRESENCE
from conjoint.survey import INTERLOCK
from conjoint.table import Table, strong
from conjoint.wave import TOTAL

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from conjoint.analysis import Analysis
    from conjoint.survey import Survey

__all__ = [
    "assumed_note",
    "attributes_intro",
    "averages_intro",
    "definitions",
    "even_rule",
    "grid_intro",
    "grid_too_small",
    "tied",
    "who",
]


def definitions(analysis: Analysis) -> str | Table:
    """Each segment's rule, weighted share and base."""
    survey, bases = analysis.survey, analysis.tables["bases"]
    if not survey.segments:
        return phrase("segment.passage.no_segments")
    counts = {row["group"]: row for row in bases.to_dict("records")}
    rows = [
        (
            strong(survey.segment_label(group)),
            _rule(survey, group),
            percent(counts[group]["share"], 1),
            base(counts[group]["n_respondents"] or math.nan),  # 0 is one that is not told
        )
        for group in survey.segments
    ]
    header = (
        phrase("segment.passage.segment"),
        phrase("segment.passage.rule"),
        phrase("segment.passage.share"),
        phrase("column.base"),
    )
    name, widths = phrase("segment.method.segments"), (3, 6, 2, 1)
    return Table.of(name, header, rows, words=2, widths=widths, captioned=False)


def _rule(survey: Survey, group: str) -> str:
    """The segment's rule in words, from the conditions themselves."""
    labels = {survey.question_column(n): q.label or n for n, q in survey.questions.items()}
    alternatives = [
        listed([f"{labels.get(column, column)} {condition_words(c)}" for column, c in part.items()])
        for part in survey.segments[group].where.any_of
    ]
    return phrase("words.or_else").join(alternatives)


def who(analysis: Analysis, group: str) -> str:
    """Who a segment is: its rule, its weighted share, its base, and whom it overlaps."""
    survey, table = analysis.survey, analysis.tables["bases"]
    size = table[table["group"] == group].iloc[0]
    overlap = analysis.tables["overlap"]
    own = overlap[(overlap["group"] == group) & (overlap["share"] > 0)]
    shared = []
    for place, row in enumerate(own.to_dict("records")):
        also = escape(survey.group_noun(row["other"]))
        if row["share"] > 0.9999:
            shared.append(phrase("segment.who.also_all", who=also))
            continue
        shared.append(
            phrase(
                "segment.who.also" if place else "segment.who.also_first",
                share=percent(row["share"]),
                who=also,
            )
        )
    rule = escape(survey.segments[group].text or _rule(survey, group))
    if not size["n_respondents"]:
        return phrase("segment.who.too_few", rule=rule)
    text = phrase(
        "segment.who.they_are", size["n_respondents"],
        rule=rule, share=percent(size["share"]), everyone=escape(survey.report.everyone),
    )  # fmt: skip
    return text + (f" {sentence_case(listed(shared))}." if shared else "")


def averages_intro(*, ranked: bool) -> str:
    """In what order the attributes come, and what their averages are."""
    return phrase("segment.passage.averages_ranked" if ranked else "segment.passage.averages")


def attributes_intro(analysis: Analysis) -> str:
    """What an attribute and a level are, by the survey's own; and whether all stood in each profile."""
    survey = analysis.survey
    name, attribute = next(iter(survey.attributes.items()))
    count = len(survey.attributes)
    intro = phrase(
        "segment.passage.attributes", count,
        profiles=escape(survey.report.profiles), number=spelled(count),
        attribute=escape(survey.attribute_label(name)),
        level=escape(survey.level(name, attribute.values[0]).shown),
    )  # fmt: skip
    return " ".join(filter(None, (intro, _some_at_a_time(analysis))))


def _some_at_a_time(analysis: Analysis) -> str:
    """How many of the attributes a profile showed, where that is not all."""
    survey, table = analysis.survey, analysis.tables.get(PRESENCE)
    if table is None:
        return ""
    always = sum(attribute.is_always for attribute in survey.attributes.values())
    sizes = {always + len(_shown_in(text)) for text in table["attribute"]}
    profile = escape(survey.report.profile)
    if len(sizes) > 1:
        return phrase("segment.passage.not_all", profile=profile)
    return phrase("segment.passage.some_of_them", profile=profile, number=spelled(sizes.pop()))


def shown_only(analysis: Analysis, *attributes: str) -> str:
    """How often attributes were shown, and to whom, where that is not always: a sentence a rule."""
    survey, table = analysis.survey, analysis.tables.get(PRESENCE)
    if table is None:
        return ""
    whole, counts = int(table["n_profiles"].sum()), _times_shown(table)
    rules: dict[str, list[str]] = {}
    for name in attributes:
        if not survey.attributes[name].is_always:
            rules.setdefault(_to_whom(survey, name), []).append(name)
    texts, profiles = [], escape(survey.report.profiles)
    for to, names in rules.items():
        times = _range_of([counts[name] for name in names], whole)
        parts = {"times": times, "profiles": profiles, "to": to}
        if len(attributes) == 1:
            texts.append(phrase("segment.passage.shown_alone", **parts))
        elif len(names) == len(survey.attributes):
            texts.append(phrase("segment.passage.shown_each", **parts))
        else:
            labels = [
                phrase("words.quoted", text=escape(survey.attribute_label(own))) for own in names
            ]
            one = len(labels) == 1
            texts.append(
                phrase(
                    "segment.passage.shown_one" if one else "segment.passage.shown_each_of",
                    attributes=listed(labels),
                    **parts,
                )
            )
    if texts and len(attributes) > 1:
        texts.append(phrase("segment.passage.of_those"))
    return " ".join(texts)


def _times_shown(table: pd.DataFrame) -> Counter[str]:
    """How many profiles showed each attribute that is not always shown."""
    counts: Counter[str] = Counter()
    for text, count in zip(table["attribute"], table["n_profiles"], strict=True):
        counts.update(dict.fromkeys(_shown_in(text), int(count)))
    return counts


def _range_of(counts: Sequence[int], whole: int) -> str:
    """The least and the most of some counts, with their shares of a whole."""
    least, most = min(counts), max(counts)
    if least == most:
        times, share = base(least), percent(least / whole)
    else:
        times = between(base(least), base(most))
        share = between(percent(least / whole), percent(most / whole))
    return phrase("segment.passage.times", times=times, share=share, all=base(whole))


def _to_whom(survey: Survey, attribute: str) -> str:
    """The people that an attribute was shown to, where it was to those of an arm."""
    arm = survey.attributes[attribute].presence
    if isinstance(arm, str):
        return ""
    answers = phrase("words.or").join(
        phrase("words.quoted", text=escape(answer)) for answer in arm.arm
    )
    return phrase("segment.passage.to_whom", answers=answers, column=escape(arm.column))


def _shown_in(text: object) -> list[str]:
    return [name for name in str(text).split(INTERLOCK) if name] if isinstance(text, str) else []


def assumed_note(survey: Survey) -> str:
    """Explain the dagger, where the survey has one."""
    if not survey.has_assumed_levels:
        return ""
    return phrase("segment.passage.assumed")


def even_rule(survey: Survey, outcome: str) -> str:
    """What the rule in the charts of a forced choice's means is, or why there is none."""
    even = survey.even_choice(outcome)
    if even is not None:
        return phrase("segment.passage.even_rule", even=percent(even))
    if survey.is_forced(outcome):
        return phrase("segment.passage.no_rule")
    return ""


def grid_intro(survey: Survey) -> str:
    """What a cell of the grid is."""
    outcome, measure = survey.outcomes[survey.grid_outcome], measure_of(survey, survey.grid_outcome)
    return phrase(
        "segment.passage.grid_how_often" if measure.unit else "segment.passage.grid_how",
        profiles=escape(survey.report.profiles),
        verb=measure.verb,
        outcome=escape(outcome.text or outcome.label or survey.grid_outcome),
        profile=escape(survey.report.profile),
    )


def grid_too_small(survey: Survey, own: pd.DataFrame, group: str) -> str:
    """Say why a group has no grid, `own` being its rows."""
    low, high = own["n_respondents"].min(), own["n_respondents"].max()
    notes = [note for note in own["note"].dropna().unique() if note] if "note" in own else []
    if notes:
        return phrase("segment.passage.grid_not_available", notes=escape("; ".join(notes)))
    return phrase(
        "segment.passage.grid_too_small",
        who=phrase("words.people") if group == TOTAL else escape(survey.group_noun(group)),
        seen=between(base(low), base(high)) if low < high else base(low),
        limit=survey.thresholds.suppress_below,
    )


def tied(survey: Survey, attribute: str) -> list[str]:
    """Attributes that a restriction ties to this one, as shown."""
    others = [
        other
        for restriction in survey.forbidden
        if attribute in restriction.never
        for other in restriction.never
        if other != attribute
    ]
    return [escape(survey.attribute_label(other)) for other in dict.fromkeys(others)]
