"""The encoding of a text file: declared, marked, UTF-8, or guessed and said so."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

from conjoint.errors import DataError, Fault

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["find_encoding"]

CHUNK = 1 << 20

MARKS = (  # UTF-32's begins as UTF-16's does
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

GUESSES = [
    *(f"cp{page}" for page in (1252, 1250, 1251, 1253, 1254, 1255, 1256, 1257, 1258)),
    *("cp932", "gb18030", "big5", "cp949", "mac_roman", "cp850", "koi8_r"),
]
"""Encodings in which survey platforms and spreadsheets write."""

WORD = "A-Za-zÀ-ÖØ-öø-ÿŒœŠšŽž"

FOREIGN = re.compile(
    "[À-ÖØ-öø-ÿ]{3}"  # three accented letters in a row
    rf"|[{WORD}][^{WORD}\x00-\x7f\s’·\xad–—…][{WORD}]"  # a symbol amid letters
    "|[ÐðÞþŸ]"
)
"""What Windows' Western encoding shows where the file was written in another one."""


def find_encoding(path: Path, declared: str) -> tuple[str, list[str]]:
    """Find the codec that reads the whole file.

    Parameters
    ----------
    path
        The file.
    declared
        The encoding that survey.toml names; empty where it names none.

    Returns
    -------
    str, list of str
        The codec, and a note where it was guessed.

    Raises
    ------
    DataError
        The encoding named is none, or is not the file's; or none could be found.
    """
    with path.open("rb") as file:
        head = file.read(4096)
    mark = next((codec for mark, codec in MARKS if head.startswith(mark)), "")
    if declared or mark:
        codec = _agree(path, declared, mark)
        return _checked(path, codec), []
    wide = _unmarked(head)
    if wide:
        return _checked(path, wide), [_note(path, wide)]
    broken = _first_break(path, "utf-8")
    if broken is None:
        return "utf-8", []
    codec = _guess(path, broken)
    return _checked(path, codec), [_note(path, codec)]


def _agree(path: Path, declared: str, mark: str) -> str:
    """The codec declared, or the one whose mark the file bears."""
    if not declared:
        return mark
    try:
        name = codecs.lookup(declared).name
        "".encode(name)
    except LookupError:
        raise DataError(
            Fault(
                "survey.toml, data.encoding",
                f'"{declared}" is not an encoding of text',
                "such as utf-8, utf-16 or cp1252",
                "Correct it, or leave it out.",
            )
        ) from None
    family = mark.removesuffix("-sig")
    if not mark:
        return name
    if name.startswith(family):
        return mark
    raise DataError(
        Fault(
            str(path),
            f"begins with the mark of {family.upper()}, and survey.toml says {declared}",
            "one encoding",
            "Leave data.encoding out.",
        )
    )


def _unmarked(head: bytes) -> str:
    """UTF-16 without a mark: every other byte of plain text is zero."""
    pairs = len(head) // 2
    even, odd = head[0 : 2 * pairs : 2].count(0), head[1 : 2 * pairs : 2].count(0)
    if pairs and odd > 0.4 * pairs and even < 0.05 * pairs:
        return "utf-16-le"
    if pairs and even > 0.4 * pairs and odd < 0.05 * pairs:
        return "utf-16-be"
    return ""


def _first_break(path: Path, codec: str) -> int | None:
    """The line with the first bytes that the codec cannot read."""
    decoder = codecs.getincrementaldecoder(codec)()
    line = 1
    with path.open("rb") as file:
        while True:
            chunk = file.read(CHUNK)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                return line + bytes(error.object[: error.start]).count(b"\n")
            if not chunk:
                return None
            line += text.count("\n")


def _checked(path: Path, codec: str) -> str:
    line = _first_break(path, codec)
    if line is None:
        return codec
    raise DataError(
        Fault(
            f"{path}, line {line}",
            f"holds bytes that are not {codec.upper()}",
            "one encoding throughout",
            "Export the file again as UTF-8, or name its encoding as data.encoding in survey.toml.",
        )
    )


def _guess(path: Path, broken: int) -> str:
    """Guess the encoding from the lines that are not plain ASCII."""
    lines = _sample(path)
    if sum(map(_is_utf8, lines)) > len(lines) / 2:
        raise DataError(
            Fault(
                f"{path}, line {broken}",
                "holds bytes that are not UTF-8, as other lines are",
                "one encoding throughout",
                "Mend the line, or export the file again as UTF-8.",
            )
        )
    sample = b"".join(lines)
    if _western(sample):
        return "cp1252"
    from charset_normalizer import from_bytes

    best = from_bytes(sample, cp_isolation=GUESSES).best()
    if best is None:
        raise DataError(
            Fault(
                f"{path}, line {broken}",
                "holds bytes that are not UTF-8, and no other encoding fits",
                "a text file",
                "Export the file again as UTF-8, or name its encoding as data.encoding in survey.toml.",
            )
        )
    return best.encoding


def _sample(path: Path, most: int = 1 << 17) -> list[bytes]:
    """Lines with more than plain ASCII, from the start of the file."""
    found: list[bytes] = []
    size = 0
    with path.open("rb") as file:
        while lines := file.readlines(CHUNK):
            more = [line for line in lines if not line.isascii()]
            found += more
            size += sum(map(len, more))
            if size > most:
                break
    return found


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _western(sample: bytes) -> bool:
    """Whether Windows' Western encoding reads the sample as words."""
    try:
        return FOREIGN.search(sample.decode("cp1252")) is None
    except UnicodeDecodeError:
        return False


def _note(path: Path, codec: str) -> str:
    return (
        f"{path.name}: the encoding is not said anywhere and was taken to be {codec}. "
        f'If accented letters look wrong, name it as data.encoding (now "{codec}") in survey.toml.'
    )
