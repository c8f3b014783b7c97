"""Files that belong to an export: how respondents' columns, and the profiles shown, go with the answers."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import permutations
from typing import TYPE_CHECKING, Any

import numpy as np

from conjoint.errors import DataError, Fault, choices
from conjoint.propose.column import look
from conjoint.propose.draft import Draft, quoted
from conjoint.propose.evidence import agreement, distinctness, pooled
from conjoint.propose.long import GROUPS, respondents_of
from conjoint.propose.model import Guess, Option
from conjoint.propose.pattern import HINTS, families, in_order, lattices, narrowed, ordinal
from conjoint.propose.words import names_id, slug, words_of
from conjoint.read.design_file import join_design
from conjoint.read.join import join_respondents, match_texts
from conjoint.survey import (
    Attribute,
    Data,
    DesignFile,
    Level,
    Outcome,
    RespondentsFile,
    Survey,
)
from conjoint.survey.data import JOINED

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from conjoint.propose.column import Column
    from conjoint.propose.model import Key, Proposal
    from conjoint.read.responses import Responses

__all__ = ["Together", "put_together"]

MOST_KEYS = 8
"""Columns of a design that may say which profile a row holds."""

MOST_SIDES = 10

MOST_OPTIONS = 4

ANY = (Level(value="-"), Level(value="+"))
"""Levels of attributes of which nothing is known yet."""

MADE = re.compile(r"\d+ columns such as [^;]*:profile [^;]*")
"""What evidence says of columns that are made of a design file."""

MOST_KNOWN = 0.9
"""The share of the answers' versions that a design has to have."""

UNPROPOSED = "Columns for which nothing is proposed: "

LEAST = 0.5
"""The share of ids that a file of respondents has to have, where it is not about some of them."""

FEWEST = 5
"""People whom a file about some of them has to have."""

VERSIONS = GROUPS | {"questionnaire", "form", "booklet", "vers", "versions", "list", "bloc", "q"}
"""Words of columns that hold the version of a design."""


@dataclass(frozen=True, eq=False, slots=True)
class Together:
    """An export with the files that belong to it, and what survey.toml says of them.

    Parameters
    ----------
    responses
        The export with the columns of the other files.
    draft
        The guesses and decisions about them.
    pattern
        What the columns of attributes are called that come from a design file; empty without.
    version
        The column of the answers that holds the design's version, or their pattern; empty without.
    """

    responses: Responses
    draft: Draft
    pattern: str = ""
    version: str = ""

    def complete(self, proposal: Proposal) -> Proposal:
        """Complete a proposal that was made of the joined columns: add how the files go together."""
        if self.pattern:
            proposal = self._named(proposal)
        guesses = dict(proposal.guesses)
        if self.pattern:
            guesses = {key: _of_design(guess) for key, guess in guesses.items()}
            pattern = guesses.pop(("data", "attribute"), Guess(self.pattern, "sure")).value
            guesses |= self._columns(guesses, pattern)
        # A version is what was shown, and nothing that people were asked.
        version = re.compile(re.sub(r"\\{\w+\\}", ".+", re.escape(self.version)))
        asked = {
            key[1]
            for key, guess in guesses.items()
            if key[0] == "questions"
            and (
                version.fullmatch(key[1])
                or (key[-1] == "column" and version.fullmatch(str(guess.value)))
            )
        }
        guesses = {k: g for k, g in guesses.items() if k[0] != "questions" or k[1] not in asked}
        of_data = {key: own for key, own in self.draft.guesses.items() if key[0] == "data"}
        others = {key: own for key, own in self.draft.guesses.items() if key[0] != "data"}
        own = {key: guess for key, guess in guesses.items() if key[0] == "data"} | of_data
        before = {key: guess for key, guess in guesses.items() if key[0] == "title"}
        decisions = [
            decision
            for decision in proposal.decisions
            if not (self.pattern and decision.key == ("data", "attribute"))
            and not (decision.key[0] == "questions" and decision.key[1] in asked)
        ]
        return replace(
            proposal,
            guesses={**before, **own, **others, **guesses},
            decisions=(*self.draft.decisions, *decisions),
            notes=(*self.draft.notes, *self._notes(proposal.notes)),
        )

    def _named(self, proposal: Proposal) -> Proposal:
        """Call the only attribute as its column; of one, nothing tells what of ``price:task 1`` is its name."""
        guesses = proposal.guesses
        names = list({key[1]: None for key in guesses if key[0] == "attributes"})
        pattern = guesses.get(("data", "attribute"), Guess(self.pattern, "sure")).value
        if len(names) != 1:
            return proposal
        found = self._columns(guesses, pattern).get(("attributes", names[0], "column"))
        if found is None:
            return proposal
        column = found.value
        own = (
            column
            if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", column)
            else slug(column, "attribute")
        )

        def renamed(key: Key) -> Key:
            return (key[0], own, *key[2:]) if key[:2] == ("attributes", names[0]) else key

        known = {
            renamed(key): guess
            for key, guess in guesses.items()
            if key[2:] not in (("label",), ("column",)) or key[0] != "attributes"
        }
        if own != column:
            known["attributes", own, "label"] = known["attributes", own, "column"] = found
        known["data", "attribute"] = Guess(self.pattern, "sure")
        decisions = (
            replace(
                decision,
                key=renamed(decision.key),
                options=tuple(
                    replace(
                        option,
                        sets=tuple((renamed(key), value) for key, value in option.sets),
                        adds=tuple((renamed(key), value) for key, value in option.adds),
                        drops=tuple(map(renamed, option.drops)),
                    )
                    for option in decision.options
                ),
            )
            for decision in proposal.decisions
        )
        return replace(proposal, guesses=known, decisions=tuple(decisions))

    def _notes(self, notes: Sequence[str]) -> Iterator[str]:
        """Notes, but for one that nothing is proposed for the version."""
        for note in notes:
            left = re.sub(
                rf", {re.escape(quoted(self.version))}|{re.escape(quoted(self.version))}(, )?",
                "",
                note,
            )
            if not note.startswith(UNPROPOSED) or not self.version:
                yield note
            elif '"' in left:
                yield left

    def _columns(self, guesses: Mapping[Key, Guess], pattern: str) -> dict[Key, Guess]:
        """The design's column of each attribute, where `pattern` names it in part."""
        ending = self.pattern.removeprefix("{attribute}")
        found: dict[Key, Guess] = {}
        for name in {key[1]: None for key in guesses if key[0] == "attributes"}:
            key = ("attributes", name, "column")
            part = guesses[key].value if key in guesses else name
            whole = pattern.replace("{attribute}", part).removesuffix(ending)
            if whole != part:
                found[key] = Guess(whole, "sure", "the design's column")
        return found


def _of_design(guess: Guess) -> Guess:
    """A guess whose evidence does not speak of columns that no file has."""
    said = MADE.sub("as the design file has them", guess.evidence)
    return replace(guess, evidence=said)


def put_together(
    responses: Responses,
    respondents: Responses | None = None,
    design: Responses | None = None,
) -> Together:
    """See how files go together, and join them.

    Parameters
    ----------
    responses
        The answers.
    respondents
        A file of one row a respondent: background, weights.
    design
        A file of the profiles that each version shows.

    Raises
    ------
    DataError
        No columns of the files go together.
    """
    draft = Draft(responses.path)
    pattern = version = ""
    if respondents is not None:
        responses = _with_respondents(draft, responses, respondents)
    if design is not None:
        responses, pattern, version = _with_design(draft, responses, design)
    return Together(responses, draft, pattern, version)


# --- Respondents ----------------------------------------------------------------------------------


def _with_respondents(draft: Draft, responses: Responses, other: Responses) -> Responses:
    """The answers with the columns of a file of respondents, by the ids that both hold."""
    ids = _ids(look(responses))
    keys = [c for c in look(other) if c.filled and c.distinct == c.filled >= 0.9 * c.rows]
    if not keys:
        what = "no column has a value of its own in each row"
        raise DataError(
            Fault(
                other.top, what, "a file of one row a respondent", "Take out rows that stand twice."
            )
        )
    found = sorted(
        ((_match(column, key), column, key) for column in ids for key in keys),
        key=lambda pair: -pair[0],
    )
    if not found or found[0][0] < LEAST:
        what = f"none of its columns holds the ids of {responses.path.name}"
        do = "Write [respondents] in survey.toml by hand: docs/survey_toml.md says how."
        names = choices([column.name for column in ids], 4)
        raise DataError(Fault(other.top, what, f"those of {names}", do))
    best, column, key = found[0]
    texts, known = set(column.answers), set(key.answers)
    alike, way = match_texts(texts, known)
    matched = len({*map(alike, texts)} & {*map(alike, known)})
    draft.say(("respondents", "file"), other.path.name, "sure")
    said = f"{matched:,} of {column.distinct:,} ids of {column.name} are in it"
    said += f", {way}" if way else ""
    pairs = [(key, column), *((own, mine) for score, mine, own in found[1:] if score > best - 0.5)]
    rival = any(own is not key and mine is column and score >= 1 for score, mine, own in found)
    doubtful = rival or matched < LEAST * column.distinct
    draft.say(("respondents", "key"), key.name, "likely" if doubtful else "sure", said)
    if key.name not in responses.cells:
        draft.say(("data", "respondent"), column.name, "sure", f"its ids are those of {key.name}")
    _ask_pair(
        draft,
        pairs,
        (
            ("respondents", "key"),
            f"Which column of {other.path.name} holds the ids of respondents?",
        ),
        (("data", "respondent"), f"Which column of {responses.path.name} holds those ids?"),
    )
    lacking = column.distinct - matched
    if lacking:
        where = ("respondents", "unmatched")
        draft.ask(
            where,
            f"What becomes of {lacking:,} respondents of {responses.path.name} who have no row in "
            f"{other.path.name}?",
            Option("they stay, and its cells are empty for them", "", ((where, "keep"),)),
            Option("they are left out, and counted", "", ((where, "drop"),)),
            default=None,
        )
    part = RespondentsFile(file=other.path.name, key=key.name, unmatched="keep")
    data = Data(layout="long", respondent=column.name)
    return join_respondents(responses, other, part, data, ())


def _ask_pair(
    draft: Draft,
    pairs: Sequence[tuple[Column, Column | _Held]],
    theirs: tuple[Key, str],
    mine: tuple[Key, str],
) -> None:
    """Ask which column of another file, or which of the answers', is meant where several fit as well.

    Nothing is taken without an answer: rows would go to other people. The first pair is the best.
    """
    first = pairs[0]
    for place, (key, question) in enumerate((theirs, mine)):
        others = [own[place] for own in pairs if own[1 - place] is first[1 - place]]
        names = list(dict.fromkeys(column.name for column in others))
        if len(names) > 1:
            draft.guesses.pop(key, None)
            options = (Option(name, "", ((key, name),)) for name in names[:MOST_OPTIONS])
            draft.ask(key, question, *options, default=None)
            return


def _ids(columns: Sequence[Column]) -> list[Column]:
    """Columns that may hold the ids of respondents: one row each, or several."""
    single = [c for c in columns if c.is_unique and (not c.is_numeric or c.is_whole)]
    named = [c for c in columns if names_id(c.name) and c.filled >= 0.9 * c.rows]
    several = [column for _, column in respondents_of([c for c in columns if c.filled])]
    return list(dict.fromkeys([*single, *named, *several]))


def _match(column: Column, key: Column) -> float:
    """How well a column of another file fits the ids of the answers; the names count, too."""
    texts, known = set(column.answers), set(key.answers)
    alike, _ = match_texts(texts, known)
    both = len({*map(alike, texts)} & {*map(alike, known)})
    share = both / len(texts)
    if share < LEAST:
        # A file about some of the people: most of its ids are theirs, or the columns' names agree.
        named = names_id(key.name) and names_id(column.name)
        if both < FEWEST or not (both >= LEAST * len(known) or column.name == key.name or named):
            return share
        share = LEAST
    return (
        share + (column.name == key.name) + 0.5 * names_id(key.name) + 0.2 * names_id(column.name)
    )


# --- Designs --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Held:
    """What of the answers holds a design's versions: a column, or a pattern of columns.

    `tasks` and `profiles` are those that the pattern names; `count` is how many versions there are.
    """

    name: str
    count: int
    tasks: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, slots=True)
class _Form:
    """How a design file may be read: its columns that say what a row holds.

    `pattern` names the columns of profiles that stand side by side; `tasks` and `profiles` are the names
    it gives; `version` comes with what of the answers holds it.
    """

    version: Column | None
    answered: _Held | None
    task: Column | None
    profile: Column | None
    pattern: str
    tasks: tuple[str, ...]
    profiles: tuple[str, ...]
    attributes: tuple[str, ...]
    score: float


def _with_design(
    draft: Draft, responses: Responses, other: Responses
) -> tuple[Responses, str, str]:
    """The answers with the profiles of a design file, their pattern, and the column of versions."""
    answers = [c for c in look(responses) if c.filled]
    forms = sorted(_forms(look(other), answers), key=lambda form: -form.score)
    if not forms:
        what = "its columns do not say which version, task and profile a row shows"
        do = "Write [design] in survey.toml by hand: docs/survey_toml.md says how."
        expected = (
            f"columns of versions as {responses.path.name} holds them, of tasks and of profiles"
        )
        raise DataError(Fault(other.top, what, expected, do))
    best = forms[0]
    layout, task, profile, respondent = _layout(answers, best)
    _say(draft, other, best)
    pairs = [
        (form.version, form.answered)
        for form in forms
        if form.version is not None
        and form.answered is not None
        and form.score > best.score - 2
        and (form.task, form.profile) == (best.task, best.profile)
    ]
    if pairs:
        _ask_pair(
            draft,
            pairs,
            (("design", "version"), f"Which column of {other.path.name} holds the versions?"),
            (("data", "version"), "Which column of the answers holds the version that was seen?"),
        )
    tasks, called_tasks = _called(best.tasks)
    profiles, called_profiles = _called(best.profiles)
    by_column = {c.name: c for c in answers}
    if task and _repeats(by_column[task], best.tasks):
        called_tasks = {}
    if profile and _repeats(by_column[profile], best.profiles):
        called_profiles = {}
    by_name = layout == "wide"
    if called_tasks:
        draft.say(("design", "tasks"), called_tasks, "likely", "what it calls the tasks")
    if called_profiles:
        draft.say(("design", "profiles"), called_profiles, "likely", "what it calls the profiles")
    part = DesignFile(
        file=other.path.name,
        version=best.version.name if best.version else "",
        task=(best.task.name,) if best.task else (),
        profile=best.profile.name if best.profile else "",
        attribute=best.pattern,
        tasks=called_tasks,
        profiles=called_profiles,
    )
    version = best.answered.name if best.answered else ""
    data = Data(
        layout=layout,
        respondent=respondent,
        attribute=JOINED.get(layout, ""),
        tasks=tasks if by_name else (),
        profiles=profiles if layout != "long" else (),
        task=(task,) if task else (),
        profile=profile,
        version=version,
    )
    survey = Survey(
        title="-",
        data=data,
        design=part,
        attributes={name: Attribute(levels=ANY) for name in best.attributes},
        outcomes={"-": Outcome(kind="rating", column="-", min=0, max=1)},
    )
    return join_design(responses, other, survey, ()), data.attribute, data.version


def _forms(columns: Sequence[Column], answers: Sequence[Column]) -> Iterator[_Form]:
    """Every reading of a design's columns under which each row shows something else."""
    usable = [c for c in columns if c.distinct > 1]
    keys = [c for c in usable if c.filled == c.rows][:MOST_KEYS]
    apart: dict[frozenset[Column], bool] = {}
    holding = {column: list(_answered(column, answers)) for column in (None, *keys)}
    by_name = {column.name.casefold(): column for column in answers}
    paired = {c for c, held in holding.items() if any(own and own.tasks for own, _ in held)}
    for side in (*_sides([c for c in columns if c.filled]), None):
        held = [] if side is None else side.columns
        free = [c for c in keys if c.name not in held]
        for size in range(4 if side is None else 3):
            for own in permutations(free, size):
                named = frozenset(own)
                if named not in apart:
                    apart[named] = _is_key(own, columns[0].rows)
                # A column that a key does not need says nothing.
                spare = any(apart.get(named - {column}) for column in own)
                if apart[named] and not spare:
                    for form in _roles(own, side, usable, by_name, len(columns), paired):
                        yield from _with_answers(form, holding[form.version])


def _with_answers(form: _Form, holding: Sequence[tuple[_Held | None, float]]) -> Iterator[_Form]:
    """A reading of a design with each thing of the answers that may hold its versions.

    Tasks and profiles that the design does not have are those that the answers' columns name.
    """
    for held, more in holding:
        tasks, profiles = (held.tasks, held.profiles) if held is not None else ((), ())
        if bool(profiles) == bool(form.profiles) or (tasks and len(form.tasks) > 1):
            continue
        yield replace(
            form,
            answered=held,
            tasks=tasks or form.tasks,
            profiles=profiles or form.profiles,
            score=form.score + more,
        )


@dataclass(frozen=True, slots=True)
class _Side:
    """Columns of profiles, or of tasks and profiles, side by side."""

    pattern: str
    tasks: tuple[str, ...]
    profiles: tuple[str, ...]
    attributes: tuple[str, ...]
    columns: frozenset[str]
    order: float


def _sides(columns: Sequence[Column]) -> Iterator[_Side]:
    """Patterns of columns that hold the same levels whatever the profile."""
    pairs, singles = families(columns, longest=8)
    for found, several in ((pairs, True), (singles, False)):
        for lattice in lattices(found):
            named = {
                name: family
                for name, family in lattice.families.items()
                if agreement(list(family.cells.values())) >= 0.6
                and len(pooled(list(family.cells.values()))) > 1
            }
            if not named or not all(re.match(r"\w", name) for name in named):
                continue
            kept = narrowed(lattice, list(named))
            family = next(iter(kept.families.values()))
            profiles = family.profiles if several else family.tasks
            if not 2 <= len(profiles) <= MOST_SIDES:
                continue
            pattern = kept.pattern if several else kept.pattern.replace("{task}", "{profile}")
            held = [c.name for own in kept.families.values() for c in own.cells.values()]
            tasks = family.tasks if several else ()
            if several and len(tasks) < 2:
                continue
            # Attributes hold different levels; there are more tasks than profiles, and they come first.
            order = distinctness([pooled(list(f.cells.values())) for f in kept.families.values()])
            order += 0.5 * (len(profiles) < len(tasks)) + 0.2 * (family.order[0] == "task")
            yield _Side(pattern, tasks, profiles, tuple(kept.families), frozenset(held), order)


def _roles(
    own: Sequence[Column],
    side: _Side | None,
    columns: Sequence[Column],
    answers: Mapping[str, Column],
    count: int,
    paired: Collection[Column | None],
) -> Iterator[_Form]:
    """Readings of some columns, in their order, as version, task and profile.

    `answers` are the answers' columns by name, `count` is how many the design has. `paired` are columns that
    the answers have for each task: they are versions, whatever their names say.
    """
    roles = ["version", "task", "profile"]
    if side is not None:
        roles = ["version"] if side.tasks else ["version", "task"]
    rows = columns[0].rows
    for named in _assigned(roles, own):
        version, task, profile = (named.get(role) for role in ("version", "task", "profile"))
        if side is None and profile is None and (version is None or task is not None):
            continue
        words = [
            _word(role, column.name)
            for role, column in named.items()
            if role != "version" or column not in paired
        ]
        if min(words, default=0.0) < 0:
            continue
        if profile is not None and not 2 <= profile.distinct <= MOST_SIDES:
            continue
        even = float(np.prod([c.distinct for c in own]) == rows)
        score = 2.0 * even + sum(words)
        score += sum(
            3.0
            for role, c in named.items()
            if role != "version"
            and c.name.casefold() in answers
            and _repeats(answers[c.name.casefold()], list(c.answers))
        )
        score += sum(c.place < len(own) + (side is None) for c in own) / max(1, len(own))
        attributes = (
            side.attributes
            if side
            else tuple(c.name for c in columns if c not in own and not _numbers_rows(c))
        )
        if not attributes:
            continue
        if side is not None:
            score += 2.0 * len(side.columns) / count + side.order
        tasks = side.tasks if side and side.tasks else in_order(task.answers) if task else ("1",)
        profiles = side.profiles if side else in_order(profile.answers) if profile else ()
        yield _Form(
            version,
            None,
            task,
            profile,
            side.pattern if side else "",
            tasks,
            profiles,
            attributes,
            score,
        )


def _numbers_rows(column: Column) -> bool:
    """Whether a column counts the rows of a design."""
    return column.is_unique and column.is_whole and column.rows > MOST_SIDES


def _assigned(roles: Sequence[str], own: Sequence[Column]) -> Iterator[dict[str, Column]]:
    """Columns by role, in the order of both; a role may be nobody's."""
    for chosen in permutations(roles, len(own)):
        if list(chosen) == [role for role in roles if role in chosen]:
            yield dict(zip(chosen, own, strict=True))


def _is_key(own: Sequence[Column], rows: int) -> bool:
    """Whether no two rows are alike in some columns."""
    codes = np.zeros(rows, dtype=np.int64)
    for column in own:
        codes = codes * (len(column.categories) + 1) + column.codes
    return len(np.unique(codes)) == rows


def _word(role: str, name: str) -> float:
    """What a column's name says for its role, and against it."""
    words = words_of(name)
    said = {
        "version": any(word in VERSIONS for word in words) or names_id(name),
        "task": any(word in HINTS["task"] for word in words if len(word) > 1),
        "profile": any(word in HINTS["profile"] for word in words if len(word) > 1),
    }
    if said[role]:
        return 3.0
    return -2.0 if any(said.values()) else 0.0


def _answered(
    version: Column | None, answers: Sequence[Column]
) -> Iterator[tuple[_Held | None, float]]:
    """What of the answers may hold a design's versions, and what speaks for each."""
    if version is None:
        yield None, 0.0
        return
    known = set(version.answers)

    def share(columns: Sequence[Column]) -> float:
        texts = {text for column in columns for text in column.answers}
        if not 1 <= len(texts) <= len(known) or columns[0].filled < 0.5 * columns[0].rows:
            return 0.0
        alike, _ = match_texts(texts, known)
        return len({*map(alike, texts)} & {*map(alike, known)}) / len(texts)

    for column in answers:
        found = share([column])
        if found >= MOST_KNOWN:
            same = column.name.casefold() == version.name.casefold()
            words = any(word in VERSIONS for word in words_of(column.name))
            points = 3.0 * same + 2.0 * words + column.distinct / len(known) + found
            yield _Held(column.name, column.distinct), points
    # A card, or a set of cards, for each task: card_1A, set_1.
    named = set(words_of(version.name))
    for family in (own for group in families(answers) for own in group):
        cells = list(family.cells.values())
        spoken = named & set(words_of(" ".join(family.parts)))
        if spoken and len(family.tasks) > 1 and share(cells) >= MOST_KNOWN:
            count = len(pooled(cells))
            held = _Held(family.pattern, count, family.tasks, family.profiles)
            # As a rule there are more tasks than profiles: A and B are no tasks of card_1A.
            usual = 2.5 * (len(family.profiles) < len(family.tasks))
            yield held, 3.0 + usual + count / len(known) + share(cells)


def _layout(answers: Sequence[Column], form: _Form) -> tuple[Any, str, str, str]:
    """How the answers lie: layout, and the columns of tasks, of profiles and of respondents."""
    by_column = form.answered is None or not form.answered.tasks
    unique = [c for c in answers if c.is_unique and (not c.is_numeric or c.is_whole)]
    several = [column for _, column in respondents_of(answers)]
    tasks = [c for c in answers if len(form.tasks) > 1 and _names(c, form.tasks)]
    for respondent in several if by_column else ():
        free = [c for c in answers if c is not respondent]
        for task in sorted((c for c in tasks if c in free), key=lambda c: not _same(c, form.task)):
            if _is_key((respondent, task), task.rows):
                return "tasks", task.name, "", respondent.name
            for profile in free:
                fits = _names(profile, form.profiles) and profile is not task
                if fits and _is_key((respondent, task, profile), task.rows):
                    return "long", task.name, profile.name, respondent.name
    named = next((c for c in unique if names_id(c.name)), unique[0] if unique else answers[0])
    return "wide", "", "", named.name


def _repeats(column: Column, texts: Sequence[str]) -> bool:
    """Whether a column of the answers holds the names of a design's tasks or profiles."""
    own = set(column.answers)
    alike, _ = match_texts(own, set(texts))
    return len(own) > 1 and {*map(alike, own)} <= {*map(alike, texts)}


def _names(column: Column, texts: Sequence[str]) -> bool:
    """The same, or those names without what all of them begin with."""
    return _repeats(column, texts) or _repeats(column, _called(texts)[0])


def _same(column: Column, other: Column | None) -> bool:
    return other is not None and column.name.casefold() == other.name.casefold()


def _called(names: Sequence[str]) -> tuple[tuple[str, ...], dict[str, str]]:
    """Names that columns may have, and what the design calls them where that is something else."""
    ends = [re.fullmatch(r"(.*?)([0-9]+|(?<![A-Za-z])[A-Za-z])", name) for name in names]
    if all(len(name) <= 3 or ordinal(name, names) is not None for name in names):
        return tuple(names), {}
    if all(ends) and len({found[1] for found in ends if found}) == 1:
        short = tuple(found[2] for found in ends if found)
    else:
        short = tuple(str(place + 1) for place in range(len(names)))
    return short, dict(zip(short, names, strict=True))


def _say(draft: Draft, other: Responses, form: _Form) -> None:
    """What survey.toml says of the design."""
    draft.say(("design", "file"), other.path.name, "sure")
    if form.version is not None and form.answered is not None:
        said = f"{form.version.distinct:,} versions, of which {form.answered.name} of the answers holds {form.answered.count:,}"
        draft.say(("design", "version"), form.version.name, "likely", said)
        if form.answered.name != form.version.name:
            draft.say(
                ("data", "version"), form.answered.name, "likely", "holds the design's versions"
            )
    if form.task is not None:
        said = f"{form.task.distinct} tasks a version"
        draft.say(("design", "task"), form.task.name, "likely", said)
    if form.profile is not None:
        said = f"every task has {choices(map(quoted, form.profiles), 4)} once"
        draft.say(("design", "profile"), form.profile.name, "likely", said)
    if form.pattern:
        draft.say(("design", "attribute"), form.pattern, "likely", "profiles stand side by side")
