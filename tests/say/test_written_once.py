"""No module but `say/` writes a percentage, points, an interval or a base."""

import ast
import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "src" / "conjoint"

EXCEPT = {
    "survey/": "stands below say/, and writes what files hold into faults",
    "scenario/trade.py": "labels of rows, which are keys",
    "withhold/outward.py": "rounds numbers, and writes none",
    "propose/margins.py": "writes a CSV file",
    "read/workbook.py": "reads what a cell shows",
    "report/show.py": "the width of a picture in CSS",
}
"""Modules that may, and why."""

WRITTEN = re.compile(r"\{[^{}]*:[^{}]*\.\d+[f%]\}|%\.\d+f")
"""Numbers in `str.format` and after `%`."""

CELL = re.compile(r"(?<![\w.])0(\.0+)?%(;|$)|#,##0")
"""Number formats of spreadsheets."""

BASE = re.compile(r"\b[Bb]ase $")

WORDS = frozenset(
    ("amount", "bare_percent", "bare_points", "base", "exact", "numeral", "p_value", "percent",
     "percent_by_size", "points", "bare", "change", "say", "size")
)  # fmt: skip
"""What of `say/` writes a number, as functions and as methods of a measure."""


def is_number(value):
    """Whether what stands in an f-string is a number that is written there."""
    if value.format_spec is not None:
        return True
    call = value.value
    if not isinstance(call, ast.Call):
        return False
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    return name in WORDS


def text_of(part):
    return part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else ""


def spec_of(value):
    return "".join(map(text_of, value.format_spec.values)) if value.format_spec else ""


def faults(tree):
    """Lines that write a number themselves, with what is wrong."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FormattedValue) and spec_of(node)[-1:] in ("f", "e", "%"):
            yield node.lineno, "rounds a number"
        elif isinstance(node, ast.JoinedStr):
            yield from joined(node)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if CELL.search(node.value) or ("\n" not in node.value and WRITTEN.search(node.value)):
                yield node.lineno, "holds a number format"
        elif isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name == "replace" and node.args and text_of(node.args[-1]) == "\u2212":
                yield node.lineno, "makes a minus sign"
            if name in ("round", "rint", "format") and any(map(is_percentage, node.args)):
                yield node.lineno, "rounds a percentage"


def joined(node):
    """Percentages, bases and intervals that an f-string puts together."""
    parts = [None, *node.values, None]
    for before, value, after in zip(parts, parts[1:], parts[2:], strict=False):
        if isinstance(value, ast.FormattedValue):
            if text_of(after).startswith("%"):
                yield node.lineno, "writes a percentage"
            if BASE.search(text_of(before)):
                yield node.lineno, "writes a base"
        elif (
            isinstance(before, ast.FormattedValue)
            and isinstance(after, ast.FormattedValue)
            and text_of(value) in (" to ", "\u2013", "\u00a0to\u00a0")
            and (is_number(before) or is_number(after))
        ):
            yield node.lineno, "writes an interval"


def is_percentage(node):
    return isinstance(node, ast.BinOp) and any(
        isinstance(side, ast.Constant) and side.value == 100 for side in (node.left, node.right)
    )


MODULES = sorted(
    path for path in PACKAGE.rglob("*.py") if path.relative_to(PACKAGE).parts[0] != "say"
)


def found(path):
    return sorted(set(faults(ast.parse(path.read_text(encoding="utf-8")))))


def test_no_other_module_writes_numbers():
    wrong = [
        f"{name}:{line} {what}"
        for path in MODULES
        for name in [path.relative_to(PACKAGE).as_posix()]
        if not name.startswith(tuple(EXCEPT))
        for line, what in found(path)
    ]
    assert not wrong, "use conjoint.say:\n" + "\n".join(wrong)


def test_every_exception_is_needed():
    needed = {path.relative_to(PACKAGE).as_posix() for path in MODULES if found(path)}
    assert [own for own in EXCEPT if not any(name.startswith(own) for name in needed)] == []


@pytest.mark.parametrize(
    "line",
    [
        'f"{100 * share:.1f}"',
        'f"{share:.0%}"',
        'f"{x}%"',
        'f"{low:g} to {high:g}"',
        'f"{say(low)} to {high}"',
        'f"(base {n:,})"',
        'text.replace("-", "\u2212")',
        'round(100 * share)',
        '"{:.1f}".format(x)',
        '"%.1f" % x',
        'styles.add("0.0%")',
    ],
)  # fmt: skip
def test_the_check_sees_each_way_to_write_a_number(line):
    assert list(faults(ast.parse(line)))
