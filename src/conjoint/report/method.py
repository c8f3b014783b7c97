"""How the figures were made: the method box, the weighting table and the colophon."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conjoint.analysis.provenance import judged_in_words
from conjoint.audit import Audit
from conjoint.report.claim import Figure, obstacles, stop_reason
from conjoint.report.claims import within
from conjoint.report.crosstab import pipe_table
from conjoint.report.passage import assumed_note
from conjoint.say.label import level_label
from conjoint.say.number import DASH, base, between, counted, exact, numeral, percent, points
from conjoint.say.phrase import phrase
from conjoint.say.words import code, days, escape, listed, sentence_case, small_bases_quoted
from conjoint.survey import Fieldwork
from conjoint.wave import TOTAL
from conjoint.withhold.threshold import too_few

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from conjoint.analysis import Analysis
    from conjoint.survey import Outcome, Question, Survey

__all__ = [
    "audit_line",
    "colophon",
    "dates",
    "dates_between",
    "design",
    "forbidden",
    "method_box",
    "opening",
    "wording",
]

NOT_STATED = "Not stated"


def opening(analysis: Analysis, title: str) -> Iterator[str]:
    """A report's title, who asked whom and when, the embargo, and the banner of a synthetic wave."""
    survey, made = analysis.survey, analysis.provenance
    house = survey.report
    facts = [
        f"For {escape(survey.client)}" if survey.client else "",
        f"by {escape(survey.pollster)}" if survey.pollster else "",
        escape(house.author),
        dates(survey.fieldwork) if survey.fieldwork else "",
        counted(made["counts"]["respondents"], "person", "people"),
    ]
    yield from _dress(survey)
    yield f"# {escape(title.replace(survey.title, house.title or survey.title))} {{.unnumbered}}"
    if house.embargo:
        yield f"::: {{.embargo}}\n**{escape(house.embargo)}**\n:::"
    yield f"::: {{.facts}}\n{' · '.join(fact for fact in facts if fact)}\n:::"
    if survey.synthetic:
        yield (
            f"::: {{.banner}}\n**Synthetic wave.** {escape(survey.synthetic_note)} "
            "**Nothing in this report may be quoted as a finding.**\n:::"
        )


def _dress(survey: Survey) -> Iterator[str]:
    """The survey's colours, fonts and logo: patterns have let through nothing but such."""
    house = survey.report
    set_here = {
        "--accent": house.accent,
        "--font-text": f'"{house.fonts.text}"' if house.fonts.text else "",
    }
    css = " ".join(f"{name}: {value};" for name, value in set_here.items() if value)
    if house.embargo:
        line = "".join(f"\\{ord(letter):06x}" for letter in house.embargo)
        css += f' }} @page {{ @top-center {{ content: "{line}"; font: 700 9pt sans-serif; }}'
    if css:
        yield _in_html(f"```{{=html}}\n<style>:root {{ {css} }}</style>\n```")
    if house.logo:
        owner = escape(survey.client or survey.pollster or survey.title)
        yield _in_html(f"![Logo: {owner}]({house.logo}){{.logo}}")


def _in_html(text: str) -> str:
    return f':::: {{.content-visible when-format="html"}}\n\n{text}\n\n::::'


def method_box(analysis: Analysis) -> str:
    """The facts that the British Polling Council asks for, as a table of two columns."""
    survey, made = analysis.survey, analysis.provenance
    weights = made["weighting"]
    rows = [
        ("Client", escape(survey.client) or NOT_STATED),
        ("Pollster", escape(survey.pollster) or NOT_STATED),
        ("Fieldwork", dates(survey.fieldwork)),
        ("Mode", escape(survey.mode) or NOT_STATED),
        ("Universe", escape(survey.population) or NOT_STATED),
        ("Geography", escape(survey.geography) or NOT_STATED),
        ("Sample", counted(made["counts"]["respondents"], "respondent")),
        ("Weighting", _weighting(survey, weights)),
        (
            "Conjoint",
            judged_in_words(survey, made["counts"], escape)
            + (", with one task repeated to measure reliability" * made["counts"]["repeated_task"]),
        ),
        (
            "Intervals",
            "95%, clustered by respondent; of shares, score intervals on the effective base, which stay within 0 "
            "and 100%. Where the highest level is held against the lowest, the "
            "interval allows for the choice among all pairs of levels (Bonferroni)."
            + " They allow for weights having been made to meet the targets: what the margins fix does "
            "not vary." * bool(weights["margins"]),
        ),
        (
            "“Clearly”",
            "Beyond chance at 5%, with an interval that leaves out zero. Allowed for (Holm’s method) are the pairs "
            "of segments on one question, the levels of one segment, or the attributes on which segments are "
            "tested against each other: each such family by itself, not all figures of the report together. A "
            "segment’s answer to one question against everybody’s is taken by itself.",
        ),
        *_alike(survey),
        ("Margin of error", _margin_of_error(analysis)),
        (
            "Small bases",
            small_bases_quoted(survey),
        ),
    ]
    if recoded := made.get("recoded"):  # a bundle of an older version does not say
        cells = listed([f"{escape(key)} ({base(count)})" for key, count in recoded.items()])
        rows.append(("Recoded", f"Cells read as something else than they hold, by recode: {cells}"))
    if "audit" in analysis.tables:
        rows.append(("Audit", audit_line(Audit.of_frame(analysis.tables["audit"]))))
    if survey.source:
        rows.append(("Source", escape(survey.source)))
    return pipe_table(
        "How the poll was made",
        ("", ""),
        [(f"**{name}**", value) for name, value in rows],
        "ll",
        (1, 3),
    )


def _alike(survey: Survey) -> list[tuple[str, str]]:
    """What "alike" means, where the survey says what difference would matter."""
    if survey.smallest_effect is None:
        return []
    text = (
        f"The difference is under {within(survey)}, by two one-sided tests at 5%: its 90% interval lies between "
        f"−{within(survey)} and +{within(survey)}. For several levels or segments, every pair passes the tests."
    )
    return [("“Alike”", text)]


def audit_line(audit: Audit) -> str:
    """The audit in one line: how much there is to stop for, and whom rules left out."""
    rules = [item for item in audit.of("exclusions") if item.subject]
    if not rules:
        return f"{audit.summary} Nobody was left out by a rule"
    left = listed([f"{escape(item.subject)} ({base(item.value)})" for item in rules])
    return f"{audit.summary} Left out by rule: {left}"


def forbidden(analysis: Analysis, outcome: str = "") -> Iterator[str]:
    """Say which figures of everybody may not be quoted, whatever their base, and why.

    Parameters
    ----------
    outcome
        Of the conjoint; empty for answers to questions.
    """
    survey = analysis.survey
    reasons: dict[tuple[str, ...], list[str]] = {}
    if not outcome:
        reasons[stop_reason(analysis.audit.stops_for())] = ["All answers"]
    for name in survey.attributes if outcome else ():
        nothing = float("nan")
        figure = Figure("marginal mean", TOTAL, outcome, name, "", "", nothing, nothing, nothing, 0)
        label = f"“{escape(survey.attribute_label(name))}”"
        reasons.setdefault(obstacles(analysis, [figure]), []).append(label)
    for why, what in reasons.items():
        if why:
            yield f"**{listed(what)}: not to be quoted before it is explained.** {_sentence(why)}."


def _sentence(reasons: Sequence[str]) -> str:
    return escape(sentence_case("; ".join(reasons)))


def wording(analysis: Analysis) -> str:
    """Every question as it was asked."""
    survey = analysis.survey
    asked = [
        (
            question.label or name,
            question.text,
            "; ".join(escape(a.shown) for a in question.answers),
        )
        for name, question in survey.questions.items()
        if question.answers
    ]
    asked += [
        (question.label or name, question.text, scale(question))
        for name, question in survey.questions.items()
        if not question.answers
    ]
    asked += [(o.label or name, o.text, _judged(survey, o)) for name, o in survey.outcomes.items()]
    rows = [(escape(label), escape(text), answers) for label, text, answers in asked]
    return pipe_table("The wording", ("Question", "Wording", "Answers"), rows, "lll", (2, 4, 3))


def scale(asked: Question | Outcome) -> str:
    """The ends of a scale."""
    return between(*(exact(float(end or 0)) for end in (asked.min, asked.max)))


def weights_between(weights: Mapping[str, Any]) -> str:
    """The smallest and the largest weight, of the bundle's or the provenance's measures."""
    return between(*(numeral(weights[end], 2) for end in ("smallest", "largest")))


def _judged(survey: Survey, outcome: Outcome) -> str:
    """How profiles could be answered."""
    if outcome.kind == "rating" and outcome.min is not None and outcome.max is not None:
        return scale(outcome)
    if outcome.kind == "choice":
        answers = [*outcome.choosing, *outcome.none] if outcome.chosen else []
        return "; ".join(map(escape, answers)) or f"One of the {escape(survey.report.profiles)}"
    return "; ".join(map(escape, [*outcome.positive, *outcome.negative])) or DASH


def design(analysis: Analysis) -> str:
    """What varied between profiles, with assumed levels marked."""
    survey = analysis.survey
    rows = []
    for name, attribute in survey.attributes.items():
        levels = [escape(level_label(survey, name, value)) for value in attribute.values]
        label = escape(survey.attribute_label(name)) + (" †" if attribute.assumed else "")
        rows.append((f"**{label}**", escape(attribute.text), "; ".join(levels)))
    parts = [pipe_table("The design", ("Attribute", "In words", "Levels"), rows, "lll", (3, 4, 5))]
    parts.append(assumed_note(survey))
    parts += [f"Never together: {_pair(survey, pair.never)}." for pair in survey.forbidden]
    parts += survey.rules_in_words(escape)
    return "\n\n".join(part for part in parts if part)


def _pair(survey: Survey, never: dict[str, tuple[str, ...]]) -> str:
    sides = []
    for name, values in never.items():
        levels = listed([f"“{escape(survey.level(name, value).shown)}”" for value in values])
        sides.append(f"{levels} ({escape(survey.attribute_label(name))})")
    return " with ".join(sides)


def colophon(analysis: Analysis) -> str:
    """Software, inputs and the command that makes the report again."""
    made = analysis.provenance
    versions = ", ".join(f"{name} {version}" for name, version in made["versions"].items())
    inputs = "\n".join(
        f"- {escape(name)}: {code(digest)}" for name, digest in made["inputs"].items()
    )
    return (
        f"Made with {escape(versions)}.\n\nInputs, by SHA-256:\n\n{inputs}\n\n"
        f"To make this report again: {code(made['command'])}"
    )


def dates(fieldwork: Fieldwork | None) -> str:
    """The days of fieldwork, such as 11 to 12 May 2026; that they are not stated, where they are not."""
    return days(fieldwork) or NOT_STATED


def dates_between(start: str, end: str) -> str:
    """The days of fieldwork, given as 2026-05-11; empty texts where nobody says."""
    if not (start and end):
        return NOT_STATED
    return dates(Fieldwork.model_validate({"start": start, "end": end}))


def _margin_of_error(analysis: Analysis) -> str:
    """The most that a share can be off by chance, for everybody and each segment that is shown."""
    survey, bases = analysis.survey, analysis.tables["bases"]
    shown = bases[
        ~too_few(bases["n_respondents"], survey.thresholds) & bases["margin_of_error"].notna()
    ]
    if shown.empty:
        return NOT_STATED
    said = [
        f"±{points(row['margin_of_error'])} for "
        + escape("everybody" if row["group"] == TOTAL else survey.group_noun(row["group"]))
        for row in shown.to_dict("records")
    ]
    return f"{listed(said)}: 95%, for a share of 50%, where it is largest, by the effective base"


def _weighting(survey: Survey, weights: dict[str, Any]) -> str:
    if not weights["weighted"]:
        return "None"
    text = (
        escape(survey.weighting.text) if survey.weighting and survey.weighting.text else "Weighted"
    )
    trimmed = weights["trimmed"]
    return (
        f"{text}. Efficiency {percent(weights['efficiency'])}: the sample is worth "
        f"{base(weights['effective'])} respondents (design effect {numeral(weights['design_effect'], 2)}). "
        f"Weights run from {weights_between(weights)}, their mean being 1"
        + (f"; {percent(trimmed)} of them are held at a limit" if trimmed else "; none was trimmed")
        + "".join(map(_without_answer, weights.get("unknown", ())))
    )


def _without_answer(unknown: dict[str, Any]) -> str:
    """People without an answer in a margin, who keep their share of the sample."""
    n, margin = unknown["respondents"], escape(unknown["margin"])
    return phrase("method.without_answer", n, margin=margin, share=percent(unknown["share"], 1))
