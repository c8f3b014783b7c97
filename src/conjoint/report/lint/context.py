"""What a sentence is about: groups, questions, answers, levels and attributes that it names."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from conjoint.report.lint.draft import words
from conjoint.report.lint.facts import CROSSBREAK
from conjoint.say.label import levels_in, levels_label
from conjoint.wave import TOTAL

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from conjoint.analysis import Analysis
    from conjoint.survey import Question, Survey

__all__ = ["Context", "Named", "Vocabulary", "blanked"]

EVERYBODY = (
    "everybody", "everyone", "the public", "all adults", "adults", "overall", "all respondents",
    "as a whole", "the country", "nationally", "all voters", "the whole sample",
)  # fmt: skip
ALIASES = {"female": ("women",), "male": ("men",)}
IDLE = frozenset([
    "a", "an", "and", "any", "are", "as", "at", "be", "by", "for", "from", "has", "have", "in",
    "is", "it", "its", "of", "on", "or", "that", "the", "their", "them", "they", "this", "to",
    "was", "were", "will", "with", "would", "who", "whom", "you", "your", "after", "before",
    "once", "than", "how", "do", "does", "not", "if", "letting", "let",
])  # fmt: skip
ENDINGS = ("ations", "ation", "ition", "ers", "ing", "ed", "es", "er", "s", "e")
BREAKS = re.compile(
    r",(?!\d)|[;:–—()]|\.(?!\d)|\b(?:and|but|while|whereas|against|versus|compared|than)\b"
)
NEAR = 60
CHOSEN = re.compile(r"\b(?:cho(?:se|sen|ose|oses|ice)|prefer(?:red|s)?|pick(?:ed|s)?)\b", re.I)
SUPPORTED = re.compile(r"\bsupported\b", re.I)
ALL = re.compile(r"(?<!\w)(?:All|Total)(?=:| [<>]?\d|\.$|$)")
"""Everybody, as charts and tables name them; elsewhere the word has another meaning."""
WINDOW = 4
"""Words around a number among which an attribute has to be named for it to be a level."""


@dataclass(frozen=True, slots=True)
class Named:
    """Something that a sentence names: a group, an answer or a level, and where."""

    kind: str
    key: tuple[str, ...]
    start: int
    end: int


@dataclass(frozen=True)
class Vocabulary:
    """The names that a survey's drafts use, longest first."""

    survey: Survey
    groups: tuple[str, ...] = ()
    terms: tuple[tuple[str, tuple[str, ...], re.Pattern[str]], ...] = field(default=())

    @classmethod
    def of(cls, analysis: Analysis) -> Vocabulary:
        """Collect the names of a bundle's survey, with the groups of its crossbreaks."""
        survey, table = analysis.survey, analysis.tables.get("questions")
        groups = tuple(survey.segments)
        if table is not None and "group" in table:
            groups = tuple(dict.fromkeys([*groups, *map(str, table["group"])]))
        claims = [
            ("question", (name,), own.claim) for name, own in survey.questions.items()
            if own.topline and any(group and survey.segment_label(group) in own.claim for group in survey.segments)
        ]  # fmt: skip
        found = [*claims, *_terms(survey, [g for g in groups if g != TOTAL]), *_merged(analysis)]
        found.sort(key=lambda term: -len(term[2]))
        bare = [(kind, key, words(text)) for kind, key, text in found if words(text) != text]
        terms = tuple(
            (kind, key, _pattern(text)) for kind, key, text in [*found, *bare] if text.strip()
        )
        return cls(survey, groups, (*terms, ("group", (TOTAL,), ALL)))

    def read(self, sentence: str) -> Context:
        """Find what a sentence names; a name within a longer one counts once."""
        named: list[Named] = []
        answers: list[Named] = []  # or the poll's client, by a group's name
        taken: list[tuple[int, int]] = []
        for kind, key, pattern in self.terms:
            for match in pattern.finditer(sentence):
                span = match.span()
                same = [n for n in named if (n.start, n.end) == span]
                if same and same[0].kind == kind:
                    named.append(Named(kind, key, *span))
                elif same and same[0].kind == "group" and kind in ("answer", "poll"):
                    answers.append(Named(kind, key, *span))
                elif not any(span[0] < end and start < span[1] for start, end in taken):
                    named.append(Named(kind, key, *span))
                    taken.append(span)
        named = _of_nearest_attribute(named) + self._numbers(sentence, taken)
        in_order = tuple(sorted(named, key=lambda n: n.start))
        places = {n.start for n in answers}
        kept = [n for n in named if n.kind != "group" or n.start not in places]
        others = tuple(sorted([*kept, *answers], key=lambda n: n.start)) if answers else ()
        return Context(self.survey, sentence, in_order, otherwise=others)

    def _numbers(self, sentence: str, taken: list[tuple[int, int]]) -> list[Named]:
        """Numbers that name a level: one of its attribute's, with the attribute's words around it."""
        found = []
        for match in re.finditer(r"(?<![\d.,])\d[\d,]*(?:\.\d+)?(?:\s?%|\s?per cent)?", sentence):
            if any(match.start() < end and start < match.end() for start, end in taken):
                continue
            value = float(re.sub(r"[^\d.]", "", match[0]).rstrip("."))
            after = stems(" ".join(sentence[match.end() :].split()[:WINDOW]))
            before = stems(" ".join(sentence[: match.start()].split()[-WINDOW:]))
            for name, attribute in self.survey.attributes.items():
                label = stems(self.survey.attribute_label(name))
                for level in attribute.levels:
                    near = (before | after) & (label | (stems(level.shown) - {match[0]}))
                    written = "." not in match[0] or "." in level.shown  # 25.0% is no “25%”
                    if level.number == value and near and written:
                        found.append(Named("level", (name, level.value), *match.span()))
        return found


def _of_nearest_attribute(names: list[Named]) -> list[Named]:
    """Of levels that several attributes share, those of the attribute that is named nearest."""
    attributes = [n for n in names if n.kind == "attribute"]
    kept_names = []
    for level in names:
        shared = {n.key[0] for n in names if n.kind == "level" and n.start == level.start}
        near = [a for a in attributes if a.key[0] in shared]
        if level.kind == "level" and len(shared) > 1 and near:
            nearest = min(
                near, key=lambda a: min(abs(a.start - level.end), abs(level.start - a.end))
            )
            if level.key[0] != nearest.key[0]:
                continue
        kept_names.append(level)
    return kept_names


@dataclass(frozen=True)
class Context:
    """What one sentence names."""

    survey: Survey
    sentence: str
    named: tuple[Named, ...]
    after: Context | None = None
    otherwise: tuple[Named, ...] = ()

    def carried(self, earlier: Context) -> Context:
        """The same with the group, and for want of its own the question, of a sentence before it."""
        given = [Named("group", (group,), -1, -1) for group in earlier.groups[:1]]
        given += [Named("subject", (name,), -1, -1) for name in earlier.questions]
        if not self.questions and not self.is_conjoint:
            given += [Named("question", (name,), -1, -1) for name in earlier.questions]
        return replace(self, named=(*given, *self.named))

    @cached_property
    def unnamed(self) -> str:
        """The sentence without its names: words in them compare nothing."""
        return blanked(self.sentence, self.masked)

    @cached_property
    def masked(self) -> list[tuple[int, int]]:
        """Spans of names: digits in them are no figures."""
        return [(n.start, n.end) for n in self.named if n.kind != "question"]

    def keys(self, kind: str) -> list[tuple[str, ...]]:
        """What it names of a kind, each once."""
        return self._keys.get(kind, [])

    @cached_property
    def _keys(self) -> dict[str, list[tuple[str, ...]]]:
        kinds = dict.fromkeys(n.kind for n in self.named)
        return {k: list(dict.fromkeys(n.key for n in self.named if n.kind == k)) for k in kinds}

    @cached_property
    def groups(self) -> list[str]:
        """Groups, in order."""
        return [key[0] for key in self.keys("group")]

    @cached_property
    def questions(self) -> list[str]:
        """Questions that the sentence is about, by the words of their claims and labels."""
        said = stems(self.sentence)
        scores = {
            name: _overlap(said, question, name)
            for name, question in self.survey.questions.items()
            if question.topline
        }
        best = max(scores.values(), default=0.0)
        named = [key[0] for key in self.keys("question")]
        return list(dict.fromkeys([*named, *(n for n, s in scores.items() if s == best >= 0.5)]))

    @cached_property
    def is_conjoint(self) -> bool:
        """Whether it speaks of levels or attributes."""
        return bool(self.keys("level") or self.keys("attribute"))

    @cached_property
    def outcome_kind(self) -> str:
        """The kind of outcome its verb speaks of: choice, support, or either."""
        text = self.sentence
        return "choice" if CHOSEN.search(text) else "support" if SUPPORTED.search(text) else ""

    def local(self, kind: str, start: int, end: int) -> list[Named]:
        """The names of a kind that belong to the number at a place, the nearest alone.

        Behind it within its clause, as in "62% of Labour voters"; else before it within its clause;
        else before it anywhere; else behind it anywhere.
        """
        place = (kind, start, end)
        if place not in self._local:
            self._local[place] = self._nearest(*place)
        return self._local[place]

    @cached_property
    def _local(self) -> dict[tuple[str, int, int], list[Named]]:
        return {}

    def _nearest(self, kind: str, start: int, end: int) -> list[Named]:
        own = [n for n in self.named if n.kind == kind]
        low, high = self._clause(start, end)
        after = [n for n in own if end <= n.start < min(high, end + NEAR)]
        before = [n for n in own if low <= n.start and n.end <= start]
        earlier = [n for n in own if n.end <= start]
        for found, first in ((after, True), (before, False), (earlier, False), (own, True)):
            if found:
                near = min(n.start for n in found) if first else max(n.start for n in found)
                return [n for n in found if n.start == near]
        return []

    def _clause(self, start: int, end: int) -> tuple[int, int]:
        breaks = list(BREAKS.finditer(self.unnamed))
        before = [m.end() for m in breaks if m.end() <= start]
        after = [m.start() for m in breaks if m.start() >= end]
        inside = self.sentence[max(before, default=0) : start].strip() == "" and bool(
            re.search(r"\($", self.sentence[:start].rstrip())
        )
        if inside:  # a figure in brackets belongs to what stands before them
            before = before[:-1]
        return max(before, default=0), min(after, default=len(self.sentence))


def blanked(sentence: str, masked: list[tuple[int, int]]) -> str:
    """A sentence with spans taken out; places stay."""
    letters = list(sentence)
    for start, end in masked:
        letters[start:end] = "\x00" * (end - start)
    return "".join(letters)


Term = tuple[str, tuple[str, ...], str]


def _terms(survey: Survey, groups: Iterable[str]) -> Iterator[Term]:
    """Kind, key and text of every name."""
    for group in dict.fromkeys([*survey.segments, *groups]):
        for text in dict.fromkeys(_forms(survey, group)):
            yield "group", (group,), text
    for text in dict.fromkeys([survey.report.everyone, *EVERYBODY]):
        yield "group", (TOTAL,), text
    for text in (survey.title, survey.client, survey.source, survey.report.author):
        yield "poll", (), text or ""
    for name, attribute in survey.attributes.items():
        yield "attribute", (name,), survey.attribute_label(name)
        for level in attribute.levels:
            yield "level", (name, level.value), level.shown
    for name, question in survey.questions.items():
        if question.topline:
            yield from _answers(name, question)


def _merged(analysis: Analysis) -> Iterator[Term]:
    """Levels of the grid that are put together: their common name is one of each."""
    survey, table = analysis.survey, analysis.tables.get("joint_means")
    for name, side in zip(survey.report.grid, ("across", "down"), strict=False):
        for text in [] if table is None else dict.fromkeys(map(str, table[side])):
            levels = levels_in(survey, name, text)
            if len(levels) > 1:
                label = levels_label(survey, name, levels).removesuffix("\u00a0†")
                yield from (("level", (name, level), label) for level in levels)


def _forms(survey: Survey, group: str) -> list[str]:
    """How drafts call a group; one of a crossbreak by its own name, where no answer has that name."""
    if group in survey.segments or CROSSBREAK not in group:
        return [group.replace("_", " "), survey.segment_label(group), survey.group_noun(group)]
    name = group.split(CROSSBREAK, 1)[1]
    answers = {
        question.shown(value).casefold()
        for question in survey.questions.values()
        if question.topline
        for value in question.figures
    }
    if name.casefold() in answers:
        return []
    return [name, re.sub(r"(?<=\d)-(?=\d)", " to ", name), *ALIASES.get(name.casefold(), ())]


def _answers(name: str, question: Question) -> Iterator[Term]:
    if question.label:
        yield "question", (name,), question.label
    for value in question.figures:
        for text in dict.fromkeys([question.shown(value), value]):
            if text.casefold() not in ("none", "other"):
                yield "answer", (name, value), text


def _pattern(text: str) -> re.Pattern[str]:
    """A name as drafts write it: any case, any quote, verbs and plurals with their endings."""
    parts = [re.escape(word) for word in text.replace("’", "'").split()]
    flexible = r"[\s-]+".join(parts).replace("'", "['’]")
    ending = r"(?:s|ed|es|ing|d|r|rs)?" if text[-1:].isalpha() and len(text) > 3 else ""
    ending = r"(?:s|-year-olds?)?" if text[-1:].isdigit() else ending
    return re.compile(rf"(?<![\w]){flexible}{ending}(?!\w)", re.IGNORECASE)


def stems(text: str) -> set[str]:
    """The words of a text that say something, without their endings."""
    said = re.findall(r"[\w%]+", text.casefold().replace("’", "'"))
    return {_stem(word) for word in said if word not in IDLE}


def _stem(word: str) -> str:
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


def _overlap(said: set[str], question: Question, name: str) -> float:
    """How much of a question's claim, or of its label, a sentence says."""
    parts = [question.claim, question.label or name.replace("_", " ")]
    scores = [len(said & own) / len(own) for text in parts if (own := stems(text))]
    return max(scores, default=0.0)
