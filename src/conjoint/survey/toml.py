"""TOML that says every broken line it can find, not just the first."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any

from conjoint.errors import Fault
from conjoint.source import LARGEST_TABLE, read_file

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["read_toml"]

MOST_BROKEN_LINES = 20

LARGEST = 2**63
"""Whole numbers of TOML have 64 bits."""

DIGITS = re.compile(r"[0-9_]{4000}")


def read_toml(path: Path) -> tuple[dict[str, Any] | None, list[Fault]]:
    """Read a TOML file; leave broken lines out to look for further faults behind them.

    Returns
    -------
    dict or None, list of Fault
        The content, broken lines left out, and one fault a broken line. None where the
        file cannot be read at all.
    """
    try:
        text = read_file(path, LARGEST_TABLE).decode("utf-8-sig")
    except FileNotFoundError:
        fault = Fault(
            str(path),
            "there is no such file",
            "a survey folder with a survey.toml",
            "Give the folder's path.",
        )
        return None, [fault]
    except NotADirectoryError:
        fault = Fault(
            str(path.parent),
            "is a file",
            "a survey folder with a survey.toml",
            "Give the folder's path; `conjoint new` makes one for an export.",
        )
        return None, [fault]
    except (OSError, UnicodeDecodeError) as error:
        return None, [Fault(str(path), f"cannot be read: {error}", "a UTF-8 text file")]
    lines = text.replace("\r\n", "\n").split("\n")
    faults: list[Fault] = []
    left_out: set[int] = set()
    while len(faults) < MOST_BROKEN_LINES:
        try:
            content = tomllib.loads("\n".join(lines))
            odd = _odd_values(path, content)
            return (None, faults + odd) if odd else (content, faults)
        except RecursionError:
            expected = "tables within tables, a few deep"
            return None, [
                Fault(str(path), "is nested too deeply", expected, "Look at its brackets.")
            ]
        except tomllib.TOMLDecodeError as error:
            number, reason = _place(error, len(lines))
            if number in left_out:
                break
            faults.append(
                Fault(
                    f"{path}, line {number}",
                    f"is not TOML: {reason}: {lines[number - 1].strip()[:60]!r}",
                    'a table such as [outcomes.choice], or a key such as title = "text"',
                    "Correct the line (the rest was read without it).",
                )
            )
            left_out.add(number)
            lines[number - 1] = ""
        except ValueError:  # of a number with more digits than Python reads
            numbers = [at for at, line in enumerate(lines, start=1) if DIGITS.search(line)]
            where = f"{path}, line {numbers[0]}" if numbers else str(path)
            return None, [*faults, _large_number(where)]
    return None, faults


def _odd_values(path: Path, content: dict[str, Any]) -> list[Fault]:
    """Faults of whole numbers beyond those that TOML has, and of text that holds a zero."""
    faults: list[Fault] = []
    rest: list[tuple[str, Any]] = list(content.items())
    while rest:
        key, value = rest.pop()
        if "\0" in (value if isinstance(value, str) else key):
            what = "holds a sign that is no text (a zero)"
            faults.append(Fault(f"{path}, {key}", what, do="Take it out."))
        elif isinstance(value, dict):
            rest += [(f"{key}.{name}", own) for name, own in value.items()]
        elif isinstance(value, list):
            rest += [(key, own) for own in value]
        elif isinstance(value, int) and not -LARGEST <= value < LARGEST:
            faults.append(_large_number(f"{path}, {key}"))
    return faults


def _large_number(where: str) -> Fault:
    return Fault(where, "is a number too large to be read", "19 digits at most", "Correct it.")


def _place(error: tomllib.TOMLDecodeError, line_count: int) -> tuple[int, str]:
    """Line number and reason of a decoding error, from its message."""
    message = str(error)
    found = re.search(r"\(at line (\d+)", message)
    number = int(found.group(1)) if found else line_count
    reason = message.split(" (at ")[0]
    return min(max(number, 1), line_count), reason[:1].lower() + reason[1:]
