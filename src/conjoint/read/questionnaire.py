"""The questionnaire behind an export: wordings, answers in order and codes, of Qualtrics' .qsf files."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from html import unescape
from typing import TYPE_CHECKING, Any

from conjoint.errors import DataError, Fault
from conjoint.source import read_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from conjoint.read.responses import Responses

__all__ = ["Asked", "read_questionnaire", "with_questionnaire"]

MOST_BYTES = 64 << 20
"""A questionnaire larger than this is none."""

LONGEST = 2000
"""Letters of a wording or an answer that are read; more is no wording."""

HIDDEN = re.compile(r"<(script|style)\b.*?</\1\s*>|<!--.*?-->", re.DOTALL | re.IGNORECASE)
TAG = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)


FIELD = re.compile(r"\$\{e://Field/([^}$]{1,300})\}")


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of a questionnaire.

    Parameters
    ----------
    text
        Its wording.
    answers
        By the code under which an export holds each answer, its wording, in the order shown.
    items
        By the end of the column's name, what the column is about: a row of a grid, or an answer that
        may be ticked.
    several
        Whether any number of answers may be given.
    fields
        The embedded data that it shows, or that were shown on the same page before it.
    """

    text: str
    answers: Mapping[str, str] = field(default_factory=dict)
    items: Mapping[str, str] = field(default_factory=dict)
    several: bool = False
    fields: tuple[str, ...] = ()


def read_questionnaire(path: Path) -> dict[str, Asked]:
    """Read the questions of a Qualtrics survey file, by the tag under which their columns are exported.

    The file is read as data: tags of its texts are left out, and nothing in it is run.

    Raises
    ------
    DataError
        The file cannot be read, is too large, or is no such survey.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise DataError(_broken(path, f"is larger than {MOST_BYTES >> 20} MB"))
        content = json.loads(read_file(path).decode("utf-8-sig"))
    except OSError as error:
        raise DataError(_broken(path, f"cannot be read: {error.strerror or error}")) from error
    except (ValueError, RecursionError) as error:
        raise DataError(_broken(path, "is no JSON, or is cut short")) from error
    elements = content.get("SurveyElements") if isinstance(content, dict) else None
    if not isinstance(elements, list):
        raise DataError(_broken(path, "holds no SurveyElements"))
    found = {}
    for element in elements:
        payload = element.get("Payload") if isinstance(element, dict) else None
        if isinstance(payload, dict) and element.get("Element") == "SQ":
            tag = _text(payload.get("DataExportTag"))
            if tag:
                found[tag] = _asked(payload)
    shown = _shown(elements)
    found = {tag: replace(own, fields=shown.get(tag, ())) for tag, own in found.items()}
    if not found:
        raise DataError(_broken(path, "holds no question (an element SQ with a DataExportTag)"))
    return found


def _shown(elements: list[Any]) -> dict[str, tuple[str, ...]]:
    """By tag, the embedded data that a question shows, or else what the page has shown before it."""
    payloads = [
        (own.get("Element"), own.get("Payload")) for own in elements if isinstance(own, dict)
    ]
    raw = {
        _text(own.get("QuestionID")): own
        for kind, own in payloads
        if kind == "SQ" and isinstance(own, dict)
    }
    found: dict[str, tuple[str, ...]] = {}
    pages = [_items(own) for kind, own in payloads if kind == "BL"]
    for block in (block for own in pages for block in own):
        before: tuple[str, ...] = ()
        for element in _items(block.get("BlockElements")):
            question = raw.get(_text(element.get("QuestionID")))
            if _text(element.get("Type")) != "Question":
                before = ()  # a new page
            elif question is not None:
                text = question.get("QuestionText")
                own = FIELD.findall(text[: 10 * LONGEST]) if isinstance(text, str) else []
                before = tuple(dict.fromkeys(own)) or before
                found[_text(question.get("DataExportTag"))] = before
    return found


def _items(value: object) -> list[dict[str, Any]]:
    """The tables of a list, or of a table of tables."""
    own = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [item for item in own if isinstance(item, dict)]


def _broken(path: Path, what: str) -> Fault:
    return Fault(
        str(path),
        what,
        "a Qualtrics survey file (.qsf)",
        "Export it again under Tools, Import/Export, Export survey; or leave --questionnaire out.",
    )


def _text(value: object) -> str:
    """A text without tags, entities decoded, on one line."""
    text = value if isinstance(value, str) else str(value) if isinstance(value, int) else ""
    text = FIELD.sub(" ", text[: 10 * LONGEST])
    text = unescape(TAG.sub(" ", HIDDEN.sub(" ", text[: 10 * LONGEST])))
    return " ".join(text.split())[:LONGEST]


def _asked(payload: Mapping[str, Any]) -> Asked:
    kind, selector = payload.get("QuestionType"), str(payload.get("Selector", ""))
    text = _text(payload.get("QuestionText"))
    choices = _in_order(payload.get("Choices"), payload.get("ChoiceOrder"))
    if kind == "Matrix":
        points = _in_order(payload.get("Answers"), payload.get("AnswerOrder"))
        return Asked(text, _coded(points, payload.get("RecodeValues")), _tagged(choices, payload))
    if kind == "MC" and selector.startswith("MA"):
        return Asked(text, _coded(choices, payload.get("RecodeValues")), several=True)
    if kind == "MC":
        return Asked(text, _coded(choices, payload.get("RecodeValues")))
    return Asked(text, {}, _tagged(choices, payload))


def _in_order(choices: object, order: object) -> dict[str, str]:
    """Answers by their numbers, in the order shown."""
    if isinstance(choices, list):
        choices = {str(place): choice for place, choice in enumerate(choices, start=1)}
    if not isinstance(choices, dict):
        return {}
    listed = [str(number) for number in order] if isinstance(order, list) else []
    numbers = dict.fromkeys([n for n in listed if n in choices] + list(choices))
    shown = {n: choices[n].get("Display") for n in numbers if isinstance(choices[n], dict)}
    return {number: _text(display) for number, display in shown.items() if _text(display)}


def _coded(choices: Mapping[str, str], recoded: object) -> dict[str, str]:
    codes = recoded if isinstance(recoded, dict) else {}
    return {_text(codes.get(number)) or number: shown for number, shown in choices.items()}


def _tagged(choices: Mapping[str, str], payload: Mapping[str, Any]) -> dict[str, str]:
    """What columns are about, by the end of their names."""
    tags = payload.get("ChoiceDataExportTags")
    named = tags if isinstance(tags, dict) else {}
    return {_text(named.get(number)) or f"_{number}": shown for number, shown in choices.items()}


def with_questionnaire(responses: Responses, asked: Mapping[str, Asked]) -> Responses:
    """The same responses, with the wordings and the order of answers of their questionnaire.

    Cells stay as they are: where they hold codes, the order is that of the codes' answers.
    """
    labels, answers = dict(responses.labels), dict(responses.answers)
    texts = dict(responses.texts)
    for column, question, item in _columns(responses, asked):
        labels[column] = f"{question.text} - {item}" if item else question.text
        labels[column] += "".join(f" ${{e://Field/{field}}}" for field in question.fields)
        if not question.answers or question.several:
            continue
        held = {str(text) for text in responses.cells[column].cat.categories}
        codes, shown = tuple(question.answers), tuple(question.answers.values())
        if held <= set(codes):
            answers[column], texts[column] = codes, dict(question.answers)
        elif held & set(shown):
            answers[column] = tuple(dict.fromkeys(shown))
    return replace(responses, labels=labels, answers=answers, texts=texts)


def _columns(responses: Responses, asked: Mapping[str, Asked]) -> Iterator[tuple[str, Asked, str]]:
    """Each column that belongs to a question, with what it is about."""
    owners = {tag: (question, "") for tag, question in asked.items()}
    for tag, question in asked.items():
        for end, item in question.items.items():
            owners[f"{tag}{end}" if end.startswith("_") else end] = (question, item)
        if question.several:
            owners |= {f"{tag}_{code}": (question, text) for code, text in question.answers.items()}
    for name in map(str, responses.cells.columns):
        if name in owners:
            yield name, *owners[name]
