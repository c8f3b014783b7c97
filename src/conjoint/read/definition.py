"""What a Triple-S file of definitions says: the variables, and where each stands in the file of data.

Read are the XML versions (1.1 to 3.0, but for hierarchies), and the one before
XML, 1.1 of 1998. The XML is read without any DTD: none is fetched, and no entity of a file's own is known.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field, replace
from html.entities import html5
from typing import TYPE_CHECKING, Literal, cast, get_args
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from conjoint.errors import DataError, Fault, choices
from conjoint.say.number import counted
from conjoint.source import read_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = ["Definition", "Variable", "is_code", "plain_code", "read_definition"]

Sort = Literal["single", "multiple", "quantity", "character", "logical", "date", "time"]

MOST_BYTES = 64 << 20
"""Definitions larger than this are none."""

MOST_DEPTH = 50
"""Elements within each other; the standard has seven."""

DECLARED = re.compile(r"<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"'][^>]*\?>")

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

XML = (b"<?xml", b"<!", b"<sss")

WORDS = re.compile(r'"((?:[^"]|"")*)"|<[^>]*>|([^\s"<>]+)')
"""A text in quotation marks, a comment, or a word of the version before XML."""

EXPORT_AGAIN = "Export it again, as Triple-S XML 2.0 if there is a choice."


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable.

    Parameters
    ----------
    name, label
        As the file calls it, and the question.
    sort
        What it holds.
    start, finish
        The first and last place of the record, from 1; of CSV files the number of the field.
    values
        Code to label, in the file's order.
    top
        The highest code of the range that it declares; nought without one.
    size
        Characters of a text.
    subfields, width
        Where several answers stand as codes side by side: how many, and how wide each is.
    literal
        Whether codes are texts.
    """

    name: str
    label: str
    sort: Sort
    start: int
    finish: int
    values: dict[str, str] = field(default_factory=dict)
    top: int = 0
    size: int = 0
    subfields: int = 0
    width: int = 0
    literal: bool = False

    @property
    def codes(self) -> list[int]:
        """The codes that have labels, where they are whole numbers."""
        return [int(code) for code in self.values if is_code(code)]

    @property
    def highest(self) -> int:
        """The highest code of a variable of whole numbers."""
        return max([self.top, *self.codes])


@dataclass(frozen=True, slots=True)
class Definition:
    """A survey's variables and its file of data.

    Parameters
    ----------
    variables
        In the file's order.
    href
        The file of data where it is named.
    csv
        Whether its records are comma-separated; else their fields are of fixed width.
    skip
        Records at its start that are none.
    encoding
        The encoding of the definitions themselves.
    """

    variables: tuple[Variable, ...]
    href: str = ""
    csv: bool = False
    skip: int = 0
    encoding: str = "utf-8"


def is_code(text: str) -> bool:
    """Whether a text is a whole number that is not too long to be a code."""
    return text.isascii() and text.isdecimal() and len(text) < 10


def plain_code(text: str, *, literal: bool = False) -> str:
    """A code without white space and, where it is a number, without the zeros before it.

    >>> plain_code(" 007"), plain_code("00"), plain_code("007 ", literal=True)
    ('7', '0', '007')
    """
    text = text.strip()
    if literal or not (text.isascii() and text.isdecimal()):
        return text
    return text.lstrip("0") or "0"


def read_definition(path: Path) -> Definition:
    """Read a file of definitions.

    Raises
    ------
    DataError
        It is none, is damaged, or describes a hierarchy of surveys.
    OSError
        It cannot be read.
    """
    content = read_file(path, MOST_BYTES)
    text, encoding = _decoded(path, content)
    found = _of_xml(path, text) if text.lstrip().startswith("<") else _of_words(path, text)
    if not found.variables:
        raise DataError(_fault(path, "defines no variable"))
    faults = [fault for variable in found.variables for fault in _misplaced(path, variable, found)]
    if faults:
        raise DataError(*faults[:10])
    return replace(found, encoding=encoding)


def _fault(
    path: Path, what: str, expected: str = "Triple-S definitions", do: str = EXPORT_AGAIN
) -> Fault:
    return Fault(str(path), what, expected, do)


def _decoded(path: Path, content: bytes) -> tuple[str, str]:
    """The text, in the encoding that it declares; without one UTF-8, and Latin-1 before XML."""
    codec = next((codec for mark, codec in MARKS if content.startswith(mark)), "")
    if not codec:
        found = DECLARED.match(content[:400].decode("latin-1").lstrip())
        is_xml = content.lstrip().startswith(XML)
        codec = found[1] if found else "utf-8" if is_xml else "cp1252"
        if codec.lower() in ("iso-8859-1", "latin-1"):
            codec = "cp1252"  # as browsers do: the places that Latin-1 leaves free hold marks
    try:
        codec = codecs.lookup(codec).name
        return content.decode(codec, "replace" if codec == "cp1252" else "strict"), codec
    except LookupError:
        what = f'declares an encoding that is not known, "{codec}"'
    except ValueError:
        what = f"holds bytes that are not {codec.upper()}, the encoding that it declares"
    raise DataError(_fault(path, what, "one encoding", "Export it again as UTF-8."))


# --- XML ------------------------------------------------------------------------------------------


def _of_xml(path: Path, text: str) -> Definition:
    root = _tree(path, text)
    if root.tag != "sss":
        raise DataError(_fault(path, "is XML, but not a Triple-S survey"))
    if next(root.iter("hierarchy"), None) is not None:
        levels = [level.get("href") for level in root.iter("level") if level.get("href")]
        what = "describes a hierarchy of surveys, whose people stand in a file of their own"
        expected = "the definitions of one level" + (f": {choices(levels, 6)}" if levels else "")
        raise DataError(_fault(path, what, expected, "Give the level of the respondents."))
    records = list(root.iter("record"))
    if len(records) != 1:
        what = f"has {len(records)} sets of records"
        raise DataError(_fault(path, what, "one (<record>)"))
    record = records[0]
    languages = root.get("languages", "").split()
    return Definition(
        tuple(_variable(path, own, languages) for own in record.iter("variable")),
        record.get("href", ""),
        record.get("format", "fixed") == "csv",
        _whole(path, "skip", record.get("skip", "0")),
    )


def _tree(path: Path, text: str) -> Element:
    """The elements of a file. Entities that it declares are refused, those of HTML are known."""
    builder = TreeBuilder()
    depth = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MOST_DEPTH:
            raise DataError(_fault(path, "has elements nested too deeply"))
        builder.start(tag, attributes)

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(tag)

    def declared(name: str, *_: object) -> None:
        raise DataError(_fault(path, f'declares an entity of its own, "{name[:40]}"'))

    def skipped(name: str, parameter: bool) -> None:
        if parameter:
            return
        if f"{name};" not in html5:
            raise DataError(_fault(path, f'holds an entity that is not known, "&{name[:40]};"'))
        builder.data(html5[f"{name};"])

    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.UseForeignDTD(True)  # else an entity of HTML would end the reading
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = builder.data
    parser.EntityDeclHandler, parser.SkippedEntityHandler = declared, skipped
    try:
        parser.Parse(text.encode("utf-8"), True)
        return builder.close()
    except expat.ExpatError as error:
        words = expat.ErrorString(error.code)
        fault = Fault(
            f"{path}, line {error.lineno}", f"is not XML: {words}", "Triple-S XML", EXPORT_AGAIN
        )
        raise DataError(fault) from error


def _variable(path: Path, own: Element, languages: Sequence[str]) -> Variable:
    name = " ".join((own.findtext("name") or own.get("ident") or "").split())
    where = f"variable {name}"
    position, spread, size = own.find("position"), own.find("spread"), own.findtext("size")
    if position is None:
        raise DataError(_fault(path, f"gives no position of {where}"))
    start = _whole(path, where, position.get("start", ""))
    label, values = own.find("label"), own.find("values")
    labels: dict[str, str] = {}
    top = 0
    literal = own.get("format") == "literal"
    if values is not None:
        for value in values.findall("value"):
            labels[plain_code(value.get("code", ""), literal=literal)] = _text(value, languages)
        ends = values.find("range")
        top = _top("" if ends is None else ends.get("to", ""))
    return Variable(
        name,
        "" if label is None else _text(label, languages),
        _sort(path, where, own.get("type", "")),
        start,
        _whole(path, where, position.get("finish") or str(start)),
        labels,
        top,
        _whole(path, where, size or "0"),
        0 if spread is None else _whole(path, where, spread.get("subfields", "")),
        0 if spread is None else _whole(path, where, spread.get("width") or "0"),
        literal,
    )


def _text(element: Element, languages: Sequence[str]) -> str:
    """A text on one line; where it is for certain languages or uses alone, the first of them."""
    parts = [element.text or ""]
    others: dict[str, str] = {}
    for child in element:
        if child.tag == "text":
            language = child.get(
                "{http://www.w3.org/XML/1998/namespace}lang", child.get("xml:lang", "")
            )
            others.setdefault(language, " ".join(" ".join(child.itertext()).split()))
        else:
            parts.append(f" {''.join(child.itertext())}")
        parts.append(child.tail or "")
    plain = " ".join("".join(parts).split())
    first = next((others[language] for language in languages if others.get(language)), "")
    return plain or first or next((text for text in others.values() if text), "")


def _top(text: str) -> int:
    text = text.strip()
    return int(text) if is_code(text) else 0


def _whole(path: Path, where: str, text: str) -> int:
    text = text.strip()
    if is_code(text):
        return int(text)
    raise DataError(_fault(path, f'"{text[:40]}" of {where} is not a whole number'))


def _sort(path: Path, where: str, text: str) -> Sort:
    if text.lower() in get_args(Sort):
        return cast("Sort", text.lower())
    expected = choices(get_args(Sort), 7)
    raise DataError(_fault(path, f'{where} is of the type "{text[:40]}"', expected))


# --- Before XML ---------------------------------------------------------------------------------


def _of_words(path: Path, text: str) -> Definition:
    """The definitions of version 1.1 of 1998: keywords, numbers, and texts in quotation marks."""
    words = [(m[2] or "", m[1]) for m in WORDS.finditer(text) if m[1] is not None or m[2]]
    keys = [word.upper() for word, _ in words]
    if keys[:1] != ["SSS"]:
        raise DataError(_fault(path, "is not a file of Triple-S definitions"))
    starts = [at for at, key in enumerate(keys) if key == "VARIABLE" and keys[at - 1] != "END"]
    ends = [at for at, key in enumerate(keys) if key == "VARIABLE" and keys[at - 1] == "END"]
    if len(starts) != len(ends):
        raise DataError(_fault(path, "has a VARIABLE without END VARIABLE"))
    return Definition(
        tuple(_stated(path, words[at + 1 : end - 1]) for at, end in zip(starts, ends, strict=True))
    )


def _stated(path: Path, words: list[tuple[str, str | None]]) -> Variable:
    """One variable of its statements."""
    name = words[0][0] if words else ""
    own: dict[str, str] = {}
    values: dict[str, str] = {}
    top = 0
    stream = iter(words[1:])
    for word, _ in stream:
        match word.upper():
            case "NAME" | "LABEL":
                own[word.upper()] = _quoted(next(stream, ("", ""))[1])
            case "TYPE" | "SIZE" | "POSITION" | "SPREAD":
                own[word.upper()] = next(stream, ("", None))[0]
            case "TO":
                own["FINISH"] = next(stream, ("", None))[0]
            case "OF":
                own["WIDTH"] = next(stream, ("", None))[0]
            case "VALUES":
                values, top = _stated_values(path, stream)
    name = own.get("NAME") or name
    where = f"variable {name}"
    if "POSITION" not in own:
        what = f"gives no POSITION of {where}, as version 1.0 of the standard does not"
        raise DataError(_fault(path, what, "Triple-S 1.1 or later"))
    start = _whole(path, where, own["POSITION"])
    return Variable(
        name,
        own.get("LABEL", ""),
        _sort(path, where, own.get("TYPE", "")),
        start,
        _whole(path, where, own.get("FINISH", str(start))),
        values,
        top,
        _whole(path, where, own.get("SIZE", "0")),
        _whole(path, where, own.get("SPREAD", "0")),
        _whole(path, where, own.get("WIDTH", "0")),
    )


def _stated_values(
    path: Path, stream: Iterator[tuple[str, str | None]]
) -> tuple[dict[str, str], int]:
    """The codes and labels up to END VALUES, and the end of the range."""
    values: dict[str, str] = {}
    top, code = 0, ""
    for word, text in stream:
        if text is not None:
            if not code:
                raise DataError(_fault(path, f'gives no code to "{text[:40]}"'))
            values[plain_code(code)], code = _quoted(text), ""
        elif word.upper() == "TO":
            top, code = _top(next(stream, ("", None))[0]), ""
        elif word.upper() == "END":
            next(stream, None)
            break
        elif word.upper() not in ("WITH", "SPECIAL"):
            code = word
    return values, top


def _quoted(text: str | None) -> str:
    return " ".join((text or "").replace('""', '"').replace("{NL}", " ").split())


# --- What does not fit ----------------------------------------------------------------------------


def _misplaced(path: Path, variable: Variable, found: Definition) -> Iterator[Fault]:
    """Places that cannot hold what the variable holds."""
    room = variable.finish - variable.start + 1
    where = f"{path}, variable {variable.name}"
    if variable.start < 1 or room < 1:
        yield Fault(
            where, f"stands from {variable.start} to {variable.finish}", "a place from 1 on"
        )
        return
    if found.csv:
        if variable.subfields and not variable.width:
            yield Fault(
                where, "does not say how wide its subfields are", 'width="..."', EXPORT_AGAIN
            )
        return
    needed = 0
    if variable.sort == "multiple":
        width = variable.width or 1
        needed = variable.subfields * width if variable.subfields else variable.highest
    elif variable.sort == "single" and variable.values:
        needed = max(map(len, variable.values))
    if needed > room:
        what = f"has {counted(room, 'place')} of each record"
        yield Fault(where, what, f"{needed} for what it holds", EXPORT_AGAIN)
