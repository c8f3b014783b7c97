"""Words of column names and answers that speak for an outcome, a weight or an id."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from conjoint.spelling import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "NEGATIVE",
    "POSITIVE",
    "REPEATED",
    "all_outcome",
    "asks_to_choose",
    "captions",
    "names_outcome",
    "piped",
    "plain_set",
    "slug",
    "without_numbers",
    "wording",
    "words_of",
]

OUTCOME = frozenset({"choice", "choices", "chosen", "choose", "chose", "chooses", "select", "selected",
    "selection", "prefer", "preferred", "preference", "pref", "support", "supported", "rate", "rating",
    "ratings", "rated", "vote", "voted", "like", "likely", "likelihood", "approve", "approval", "accept",
    "acceptable", "pick", "picked", "win", "winner", "favour", "favor", "outcome", "eval",
    "evaluation", "dv", "y", "answer", "resp", "response", "buy", "purchase", "willing", "agree",
    "fair", "trust", "choicenum", "decision", "slider", "thermo", "thermometer", "wahl", "gewaehlt",
    "gewählt", "bewertung", "choix", "eleccion"})  # fmt: skip

POSITIVE = re.compile(
    r"(yes|y|true|ja|oui|s[ií]|support|supports|agree|approve|accept|acceptable|for|in favou?r|favou?r|would"
    r"|chosen|selected|checked|likely|good|prefer(red)?"
    r"|(strongly|tend to|somewhat|fairly|very|definitely|probably|mostly|slightly) "
    r"(support|agree|approve|accept|favou?r|likely|would|yes|good|prefer).*"
    r"|would (support|accept|vote|buy|choose).*)"
)
NEGATIVE = re.compile(
    r"(no|n|false|nein|non|nee|oppose|opposes|disagree|disapprove|reject|unacceptable|against|would not"
    r"|not chosen|not selected|unchecked|unlikely|bad"
    r"|(strongly|tend to|somewhat|fairly|very|definitely|probably|mostly|slightly) "
    r"(oppose|disagree|disapprove|reject|against|unlikely|would not|not|no|bad).*"
    r"|(would not|wouldn't|not) .*)"
)
REPEATED = re.compile(r"rep|flip|dup|retest|again|swap|second", re.IGNORECASE)

WORD = re.compile(r"[A-ZÄÖÜ]?[a-zà-öø-ÿ]+|[A-ZÄÖÜ]+(?![a-z])|\d+")


def words_of(name: str) -> list[str]:
    """The words of a name, in small letters: CamelCase and under_scores are taken apart."""
    return [word.lower() for word in WORD.findall(name)]


ASKS = re.compile(
    r"\b(choos\w*|chose|prefer\w*|choice|pick|select|vote for|rather (have|see|live|work|buy)|support more"
    r"|which (of|one|would|do|package|profile|candidate|plan|option|policy|person|deal|product)\w*)\b",
    re.IGNORECASE,
)


def asks_to_choose(wording: str) -> bool:
    """Whether a wording asks which of several profiles is chosen."""
    return ASKS.search(wording.replace("Selected Choice", "")) is not None


def without_numbers(wording: str) -> str:
    """A wording without numbers and piped text, in which alone those of several tasks differ."""
    return re.sub(r"\d+|\$\{[^}]*\}", "#", wording)


def names_outcome(pattern: str) -> bool:
    """Whether a pattern's own words speak of an outcome."""
    bare = re.sub(r"\{\w+\}", " ", pattern)
    return any(
        word in OUTCOME or word.startswith(("choos", "prefer", "support", "rating"))
        for word in words_of(bare)
    )


def all_outcome(pattern: str) -> bool:
    """Whether a pattern's own words speak of an outcome, and of nothing else."""
    words = [word for word in words_of(re.sub(r"\{\w+\}", " ", pattern)) if len(word) > 1]
    return bool(words) and all(word.isdecimal() or names_outcome(word) for word in words)


def slug(text: str, otherwise: str = "") -> str:
    """A key for survey.toml: letters, digits and underscores."""
    tidy = re.sub(r"\W+", "_", plain(text), flags=re.UNICODE).strip("_")
    tidy = "_".join(tidy.split("_")[:6])[:48].strip("_")
    if not tidy or tidy.isdecimal():
        return f"{otherwise}_{tidy}".strip("_") if otherwise else tidy
    return tidy


def plain_set(texts: Iterable[str]) -> set[str]:
    """Texts in plain spelling, without marks at their ends."""
    return {plain(text).strip(" .!()") for text in texts}


PIPED = re.compile(r"\$\{e://Field/([^}$]{1,300})\}|\[Field-([^\][]{1,300})\]")
MARKUP = re.compile(
    r"<(script|style)\b.*?(</\1\s*>|$)|<!--.*?(-->|$)|</?[a-z][^<>]*>|\$\{[^}$]{1,300}\}|\[(Field|QID\d+)-[^\][]{1,300}\]",
    re.IGNORECASE | re.DOTALL,
)


def wording(text: str) -> str:
    """The words of a question: tags, scripts and piped fields are taken out, entities are read.

    >>> wording("<b>Which</b> of these&nbsp;two, ${e://Field/name}?")
    'Which of these two, ?'
    """
    bare = MARKUP.sub(" ", html.unescape(MARKUP.sub(" ", text)))
    bare = re.sub(r"[\x00-\x1f\x7f\u200b\ufeff]", " ", bare)
    return re.sub(r"(?<=\w) (?=[,.?!:;](\s|$))", "", " ".join(bare.split()))


def piped(text: str) -> tuple[str, ...]:
    """The embedded data that a question's wording shows, each once."""
    return tuple(dict.fromkeys((one or other).strip() for one, other in PIPED.findall(text)))


def captions(text: str) -> dict[str, str]:
    """What stands right before each piped field, as the name of a table's row does.

    >>> captions("<td>Price: </td><td>${e://Field/p1}</td><td>${e://Field/p2}</td>")
    {'p1': 'Price'}
    """
    found: dict[str, str] = {}
    end = 0
    for field in PIPED.finditer(text):
        cells = re.split(r"<[^<>]*>|[\r\n\t]|\s{3,}", html.unescape(text[end : field.start()]))
        words = [" ".join(cell.split()).strip(" :-–") for cell in cells]
        last = next((own for own in reversed(words) if own), "")
        if last and len(last) <= 80:
            found.setdefault((field[1] or field[2]).strip(), last)
        end = field.end()
    return found


ID = re.compile(
    r"(response|respondent|resp|participant|case|person|subject|user|panel(ist)?|worker|record|interview"
    r"|survey|r|p|psid?|session|serial|member|voter)?[\W_]*(id|uuid|guid|number|no|serial|key)"
    r"|(participant|respondent|person|access)[\W_]*code|uuid|record|respid|respondent|respno|serial|responseid|caseid|participant|subject|case|rid|pid|sys_respnum",
    re.IGNORECASE,
)
WEIGHT = re.compile(
    r"(.*[\W_])?(w|wt|wts|wgt|weight|weights|weighting|pweight|ipw|nwt)([\W_\d].*)?|weight.*|.*weight",
    re.IGNORECASE,
)
DURATION = re.compile(
    r".*(duration|seconds|qtime|elapsed|interview_?length|length_?of_?interview|time_?taken"
    r"|total_?time|interview_?time|time_?total|time_?to_?complete|completion_?time).*|loi|duration.*",
    re.IGNORECASE,
)
LOGISTICS = re.compile(
    r"start_?date|end_?date|recorded_?date|date|status|ip_?address|progress|finished|recipient.*"
    r"|external.*|location_?lat.*|location_?lon.*|distribution_?channel|user_?language|browser.*"
    r"|user_?agent|device.*|session.*|referer|url.*|start_?time|end_?time|timestamp|markers|list",
    re.IGNORECASE,
)
"""Columns that platforms add: no question was asked for them."""


def names_id(name: str) -> bool:
    """Whether a column's name says that it holds ids of respondents."""
    return ID.fullmatch(name.strip()) is not None
