"""What wins a segment and what loses it, where that costs others, and where segments part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from conjoint.estimates import adjusted
from conjoint.report.claim import OMNIBUS, Claim, Figure, claim, figure_of, judge
from conjoint.report.claims import ALPHA, alike, gap, mean_row, smallest_reading, within
from conjoint.say.label import level_phrase, levels_phrase
from conjoint.say.measure import measure_of
from conjoint.say.number import base_text, p_value
from conjoint.say.phrase import phrase
from conjoint.say.words import escape, listed
from conjoint.wave import TOTAL

if TYPE_CHECKING:
    from conjoint.analysis import Analysis
    from conjoint.say.measure import Measure

__all__ = [
    "agreement",
    "divides",
    "grid_claim",
    "is_pulled",
    "pull_title",
    "pulled",
    "wins_or_loses",
]

AVERAGE = "attribute average"
"""What the figure of a level's pull is against."""

MOST = 2
"""Sentences of a kind on a segment's page, which is to be one; its chart has more."""


def pulled(analysis: Analysis, group: str) -> pd.DataFrame:
    """A group's pulls on the main outcome that can be shown, the furthest from zero first."""
    table = analysis.tables.get("pulls")
    if table is None:
        return pd.DataFrame(columns=["estimate", "p_holm", "attribute", "level"])
    own = table[
        (table["outcome"] == analysis.survey.main_outcome)
        & (table["group"] == group)
        & table["estimate"].notna()
    ]
    return own.reindex(own["estimate"].abs().sort_values(ascending=False, kind="stable").index)


def is_pulled(analysis: Analysis, group: str) -> bool:
    """Whether the base is large enough to say what pulls a group."""
    return not pulled(analysis, group).empty


def wins_or_loses(analysis: Analysis, group: str, *, wins: bool) -> list[Claim]:
    """Say which levels do clearly better (or worse) with a group than their attribute on average.

    Clear is what Holm's adjustment over all levels of the group leaves.
    """
    survey = analysis.survey
    measure = measure_of(survey, survey.main_outcome)
    own = pulled(analysis, group)
    own = own[_clear(own) & ((own["estimate"] > 0) == wins)]
    who = escape(survey.group_noun(group))
    claims: list[Claim] = []
    for row in own.to_dict("records"):
        mean = mean_row(analysis, group, row["attribute"], row["level"])
        if pd.isna(mean["estimate"]) or len(claims) == MOST:
            continue
        claims.append(
            claim(
                analysis,
                "claim.wins" if wins else "claim.loses",
                smallest_reading([row, mean]),
                [figure_of(survey, row, reference=AVERAGE), figure_of(survey, mean)],
                profiles=escape(survey.report.profiles),
                level=level_phrase(survey, row["attribute"], row["level"], escape),
                mean=measure.mean(mean["estimate"]),
                who=who,
                size=gap(measure, row),
            )
        )
    return claims


def pull_title(analysis: Analysis, group: str) -> str:
    """The finding of a group's chart: the levels clearly furthest above and below average."""
    survey = analysis.survey
    own = pulled(analysis, group)
    clear = own[_clear(own)].to_dict("records")
    rows = [row for row in clear if _may_be_quoted(analysis, row)]
    if clear and not rows:
        return ""
    best, worst = (
        [
            level_phrase(survey, r["attribute"], r["level"])
            for r in rows
            if (r["estimate"] > 0) == up
        ]
        for up in (True, False)
    )
    who = survey.group_noun(group)
    if best and worst:
        return phrase("segment.pull.both", who=who, best=best[0], worst=worst[0])
    if best:
        return phrase("segment.pull.best", who=who, level=best[0])
    if worst:
        return phrase("segment.pull.worst", who=who, level=worst[0])
    return phrase("segment.pull.none", who=who)


def _may_be_quoted(analysis: Analysis, row: dict[Any, Any]) -> bool:
    """Whether a level's distance from its attribute's average may be, had people given the answers."""
    figure = figure_of(analysis.survey, row, reference=AVERAGE)
    return judge(analysis, str(row["reading"]), [figure]).otherwise != "do not quote"


def divides(analysis: Analysis, group: str) -> list[Claim]:
    """Say which levels clearly pull a group one way, and everybody or another segment the other.

    Both pulls have to be clear after Holm's adjustment over all levels of their group.
    """
    survey = analysis.survey
    measure = measure_of(survey, survey.main_outcome)
    own = pulled(analysis, group)
    own = own[_clear(own)]
    others = {
        other: found[_clear(found)].set_index(["attribute", "level"])
        for other in (TOTAL, *survey.segments)
        if other != group and len(found := pulled(analysis, other))
    }
    claims = []
    for row in own.to_dict("records"):
        key, wins = (row["attribute"], row["level"]), row["estimate"] > 0
        against = [
            {**found.loc[key].to_dict(), "attribute": key[0], "level": key[1]}
            for found in others.values()
            if key in found.index and (found.loc[key, "estimate"] > 0) != wins
        ]
        if against:
            claims.append(_divide(analysis, measure, row, against[:MOST]))
    return claims[:MOST]


def _divide(
    analysis: Analysis, measure: Measure, row: dict[Any, Any], against: list[dict[Any, Any]]
) -> Claim:
    survey = analysis.survey
    good = row["estimate"] > 0
    rows = [row, *against]
    others = [
        phrase(
            "claim.divided.worse" if good else "claim.divided.better",
            who=escape(_whole(analysis, found["group"])),
            size=gap(measure, found),
        )
        for found in against
    ]
    return claim(
        analysis,
        "claim.divide.better" if good else "claim.divide.worse",
        smallest_reading(rows),
        [figure_of(survey, found, reference=AVERAGE) for found in rows],
        profiles=escape(survey.report.profiles),
        level=level_phrase(survey, row["attribute"], row["level"], escape),
        who=escape(survey.group_noun(row["group"])),
        size=gap(measure, row),
        others="; ".join(others),
    )


def _whole(analysis: Analysis, group: str) -> str:
    noun = analysis.survey.group_noun(group)
    return phrase("words.as_a_whole", who=noun) if group == TOTAL else noun


def _clear(table: pd.DataFrame) -> pd.Series[bool]:
    if table.empty:
        return pd.Series(dtype=bool)
    beyond = (table["conf_low"] > 0) | (table["conf_high"] < 0)
    return (table["p_holm"] < ALPHA) & beyond


def agreement(analysis: Analysis) -> list[Claim]:
    """Say on which attributes the segments part, by a joint test of all their levels (omnibus).

    The tests of all attributes are adjusted together (Holm). Nothing is called alike but what a test of
    equivalence shows to be: that no difference can be told is no proof that there is none.
    """
    survey, table = analysis.survey, analysis.tables.get("omnibus")
    if table is None or "hypothesis" not in table:
        return []
    own = table[
        (table["outcome"] == survey.main_outcome)
        & table["hypothesis"].isin(("same in all segments", "same in all groups"))
        & table["attribute"].isin(list(survey.attributes))
        & table["p_value"].notna()
    ]
    same = {row["attribute"] for row in own.to_dict("records") if alike(row)}
    if "quoted" in own:  # a bundle of an older version does not say
        own = own[own["quoted"].astype(bool)]
    own = own.drop_duplicates("attribute")
    if own.empty:
        return []
    own = own.assign(p_holm=adjusted(own["p_value"].reset_index(drop=True)).to_numpy())
    parted = own[own["p_holm"] < ALPHA].sort_values("p_value", kind="stable")
    others = own[own["p_holm"] >= ALPHA].to_dict("records")
    claims = [
        claim(
            analysis,
            "claim.agreement.parted",
            str(row["reading"]),
            [_tested(survey.main_outcome, row)],
            attribute=_label(analysis, row["attribute"]),
            chance=_chance(row["p_holm"], len(own)),
            base=base_text(row["n_respondents"]),
        )
        for row in parted.to_dict("records")
    ]
    for key, rows in (
        ("claim.agreement.alike", [row for row in others if row["attribute"] in same]),
        ("claim.agreement.not_clear", [row for row in others if row["attribute"] not in same]),
    ):
        if rows:
            claims.append(
                claim(
                    analysis,
                    key,
                    smallest_reading(rows),
                    [_tested(survey.main_outcome, row) for row in rows],
                    attributes=listed([_label(analysis, row["attribute"]) for row in rows]),
                    within=within(survey),
                )
            )
    return claims


def _label(analysis: Analysis, attribute: str) -> str:
    return phrase("words.quoted", text=escape(analysis.survey.attribute_label(attribute)))


def _chance(p: float, tests: int) -> str:
    """The p-value of a test, and what it allows for: adjusted, it is no share of polls that look so."""
    size = p_value(p, "p")
    return size if tests == 1 else phrase("claim.agreement.allowed_for", p=size, tests=str(tests))


def _tested(outcome: str, row: dict[Any, Any]) -> Figure:
    nothing = float("nan")
    return Figure(
        OMNIBUS, "", outcome, str(row["attribute"]), "", "", float(row["p_value"]), nothing,
        nothing, int(row["n_respondents"]),
    )  # fmt: skip


def grid_claim(analysis: Analysis, group: str) -> Claim:
    """Say the lowest and the highest cell of a group's grid."""
    survey, joint = analysis.survey, analysis.tables["joint_means"]
    own, measure = joint[joint["group"] == group], measure_of(survey, survey.grid_outcome)
    best = own.dropna(subset=["estimate"]).sort_values("estimate", kind="stable").to_dict("records")
    low, high = best[0], best[-1]

    def pair(row: dict[Any, Any]) -> str:
        names = zip(survey.report.grid, (row["across"], row["down"]), strict=True)
        first, second = (levels_phrase(survey, a, v, escape) for a, v in names)
        return phrase("words.pair", first=first, second=second)

    parts: dict[str, str] = {}
    for name, row in (("lowest", low), ("highest", high)):
        parts |= {
            name: measure.say(row["estimate"]),
            f"{name}_cell": pair(row),
            f"{name}_base": base_text(row["n_respondents"]),
            f"{name}_interval": measure.interval(row["conf_low"], row["conf_high"]),
        }
    figures = [figure_of(survey, row) for row in (low, high)]
    group = figures[0].group
    who = "" if group == TOTAL else escape(survey.group_noun(group))
    return claim(
        analysis,
        "claim.grid",
        smallest_reading([low, high]),
        figures,
        among=who and phrase("words.among_lead", who=who),
        profiles=escape(survey.report.profiles),
        verb=measure.verb,
        ending=measure.ending,
        **parts,
    )
