"""How the figures were made: the method box, the weighting table and the colophon."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conjoint.analysis.provenance import judged_in_words
from conjoint.audit import Audit
from conjoint.report.claim import Figure, obstacles, stop_reason
from conjoint.report.claims import within
from conjoint.report.passage import assumed_note
from conjoint.say.label import level_label, shown_rules
from conjoint.say.number import DASH, base, between, exact, numeral, percent, points
from conjoint.say.phrase import phrase
from conjoint.say.words import code, days, escape, listed, sentence_case, small_bases_quoted
from conjoint.survey import Fieldwork
from conjoint.table import Table, strong
from conjoint.wave import TOTAL
from conjoint.withhold.threshold import too_few

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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
    "never_together",
    "opening",
    "wording",
]


def opening(analysis: Analysis, title: str) -> Iterator[str]:
    """A report's title, who asked whom and when, the embargo, and the banner of a synthetic wave."""
    survey, made = analysis.survey, analysis.provenance
    house = survey.report
    facts = [
        phrase("method.for_client", client=escape(survey.client)) if survey.client else "",
        phrase("method.by", pollster=escape(survey.pollster)) if survey.pollster else "",
        escape(house.author),
        dates(survey.fieldwork) if survey.fieldwork else "",
        phrase("words.n_people", made["counts"]["respondents"]),
    ]
    yield from _dress(survey)
    yield f"# {escape(title.replace(survey.title, house.title or survey.title))} {{.unnumbered}}"
    if house.embargo:
        yield f"::: {{.embargo}}\n**{escape(house.embargo)}**\n:::"
    yield f"::: {{.facts}}\n{' · '.join(fact for fact in facts if fact)}\n:::"
    if survey.synthetic:
        banner = phrase("method.synthetic", note=escape(survey.synthetic_note))
        yield f"::: {{.banner}}\n{banner}\n:::"


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
        logo = phrase("method.logo", owner=owner)
        yield _in_html(f"![{logo}]({house.logo}){{.logo}}")


def _in_html(text: str) -> str:
    return f':::: {{.content-visible when-format="html"}}\n\n{text}\n\n::::'


def method_box(analysis: Analysis) -> Table:
    """The facts that the British Polling Council asks for, as a table of two columns."""
    survey, made = analysis.survey, analysis.provenance
    weights, counts, not_stated = made["weighting"], made["counts"], phrase("method.not_stated")
    conjoint = judged_in_words(survey, counts)
    if counts["repeated_task"]:
        conjoint = phrase("method.judged_and_repeated", judged=conjoint)
    rows = [
        (phrase("method.client"), survey.client or not_stated),
        (phrase("method.pollster"), survey.pollster or not_stated),
        (phrase("method.fieldwork"), dates(survey.fieldwork)),
        (phrase("method.mode"), survey.mode or not_stated),
        (phrase("method.universe"), survey.population or not_stated),
        (phrase("method.geography"), survey.geography or not_stated),
        (phrase("method.sample"), phrase("words.n_respondents", counts["respondents"])),
        (phrase("method.weighting"), _weighting(survey, weights)),
        (phrase("method.conjoint"), conjoint),
        (
            phrase("method.intervals"),
            phrase(
                "method.how_intervals_and_targets" if weights["margins"] else "method.how_intervals"
            ),
        ),
        (phrase("method.clearly"), phrase("method.what_clearly")),
        *_alike(survey),
        (phrase("method.margin_of_error"), _margin_of_error(analysis)),
        (phrase("method.bases"), small_bases_quoted(survey)),
    ]
    if recoded := made.get("recoded"):  # a bundle of an older version does not say
        cells = listed([f"{key} ({base(count)})" for key, count in recoded.items()])
        rows.append((phrase("method.recoded"), phrase("method.recoded_cells", cells=cells)))
    if "audit" in analysis.tables:
        line = audit_line(Audit.of_frame(analysis.tables["audit"]))
        rows.append((phrase("method.audit"), line))
    if survey.source:
        rows.append((phrase("method.source"), survey.source))
    facts = [(strong(name), value) for name, value in rows]
    name = phrase("method.how_made.heading")
    return Table.of(name, ("", ""), facts, words=2, widths=(1, 3), captioned=False)


def _alike(survey: Survey) -> list[tuple[str, str]]:
    """What "alike" means, where the survey says what difference would matter."""
    if survey.smallest_effect is None:
        return []
    return [(phrase("method.alike"), phrase("method.what_alike", within=within(survey)))]


def audit_line(audit: Audit) -> str:
    """The audit in one line: how much there is to stop for, and whom rules left out."""
    rules = [item for item in audit.of("exclusions") if item.subject]
    if not rules:
        return phrase("method.nobody_left_out", audit=audit.summary)
    left = listed([f"{item.subject} ({base(item.value)})" for item in rules])
    return phrase("method.left_out", audit=audit.summary, rules=left)


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
        reasons[stop_reason(analysis.audit.stops_for())] = [phrase("method.all_answers")]
    for name in survey.attributes if outcome else ():
        nothing = float("nan")
        figure = Figure("marginal mean", TOTAL, outcome, name, "", "", nothing, nothing, nothing, 0)
        label = phrase("words.quoted", text=escape(survey.attribute_label(name)))
        reasons.setdefault(obstacles(analysis, [figure]), []).append(label)
    for why, what in reasons.items():
        if why:
            reason = escape(sentence_case("; ".join(why)))
            yield phrase("method.forbidden", what=listed(what), reason=reason)


def wording(analysis: Analysis) -> Table:
    """Every question as it was asked."""
    survey = analysis.survey
    asked = [
        (question.label or name, question.text, "; ".join(a.shown for a in question.answers))
        for name, question in survey.questions.items()
        if question.answers
    ]
    asked += [
        (question.label or name, question.text, scale(question))
        for name, question in survey.questions.items()
        if not question.answers
    ]
    asked += [(o.label or name, o.text, _judged(survey, o)) for name, o in survey.outcomes.items()]
    name = phrase("segment.method.wording")
    heads = [phrase(f"method.{head}") for head in ("question", "as_put", "answers")]
    return Table.of(name, heads, asked, words=3, widths=(2, 4, 3), captioned=False)


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
        return "; ".join(answers) or phrase("method.one_of", profiles=survey.report.profiles)
    return "; ".join([*outcome.positive, *outcome.negative]) or DASH


def design(analysis: Analysis) -> Iterator[str | Table]:
    """What varied between profiles, with assumed levels marked."""
    survey = analysis.survey
    rows = []
    for name, attribute in survey.attributes.items():
        levels = [level_label(survey, name, value) for value in attribute.values]
        label = survey.attribute_label(name) + " †" * attribute.assumed
        rows.append((strong(label), attribute.text, "; ".join(levels)))
    name = phrase("segment.method.design")
    heads = (phrase("column.attribute"), phrase("method.in_words"), phrase("method.levels"))
    yield Table.of(name, heads, rows, words=3, widths=(3, 4, 5), captioned=False)
    yield assumed_note(survey)
    yield from never_together(survey)
    yield from shown_rules(survey, escape)


def never_together(survey: Survey) -> Iterator[str]:
    """What no profile shows at once: a sentence a restriction."""
    for pair in survey.forbidden:
        sides = []
        for name, values in pair.never.items():
            levels = [
                phrase("words.quoted", text=escape(survey.level(name, v).shown)) for v in values
            ]
            sides.append(f"{listed(levels)} ({escape(survey.attribute_label(name))})")
        first, second = sides
        yield phrase("method.never_together", pair=phrase("words.pair", first=first, second=second))


def colophon(analysis: Analysis) -> str:
    """Software, inputs and the command that makes the report again."""
    made = analysis.provenance
    versions = ", ".join(f"{name} {version}" for name, version in made["versions"].items())
    inputs = "\n".join(
        f"- {escape(name)}: {code(digest)}" for name, digest in made["inputs"].items()
    )
    parts = (
        phrase("method.made_with", versions=escape(versions)),
        phrase("method.inputs"),
        inputs,
        phrase("method.command", command=code(made["command"])),
    )
    return "\n\n".join(parts)


def dates(fieldwork: Fieldwork | None) -> str:
    """The days of fieldwork, such as 11 to 12 May 2026; that they are not stated, where they are not."""
    return days(fieldwork) or phrase("method.not_stated")


def dates_between(start: str, end: str) -> str:
    """The days of fieldwork, given as 2026-05-11; empty texts where nobody says."""
    if not (start and end):
        return phrase("method.not_stated")
    return dates(Fieldwork.model_validate({"start": start, "end": end}))


def _margin_of_error(analysis: Analysis) -> str:
    """The most that a share can be off by chance, for everybody and each segment that is shown."""
    survey, bases = analysis.survey, analysis.tables["bases"]
    shown = bases[
        ~too_few(bases["n_respondents"], survey.thresholds) & bases["margin_of_error"].notna()
    ]
    if shown.empty:
        return phrase("method.not_stated")
    said = [
        phrase(
            "method.margin_for",
            margin=points(row["margin_of_error"]),
            who=phrase("words.everybody")
            if row["group"] == TOTAL
            else survey.group_noun(row["group"]),
        )
        for row in shown.to_dict("records")
    ]
    return phrase("method.margins", margins=listed(said))


def _weighting(survey: Survey, weights: dict[str, Any]) -> str:
    if not weights["weighted"]:
        return phrase("method.weights.none")
    text = survey.weighting.text if survey.weighting else ""
    parts = {
        "text": text or phrase("method.weights.weighted"),
        "efficiency": percent(weights["efficiency"], 1),
        "effective": base(weights["effective"]),
        "design_effect": numeral(weights["design_effect"], 2),
        "weights": weights_between(weights),
    }
    trimmed = percent(weights["trimmed"])
    said = phrase("method.weights.trimmed", trimmed=trimmed, **parts)
    if not weights["trimmed"]:
        said = phrase("method.weights.untrimmed", **parts)
    return ". ".join([said, *map(_without_answer, weights.get("unknown", ()))])


def _without_answer(unknown: dict[str, Any]) -> str:
    """People without an answer in a margin, who keep their share of the sample."""
    n, margin = unknown["respondents"], unknown["margin"]
    return phrase("method.without_answer", n, margin=margin, share=percent(unknown["share"], 1))
