"""How bases are read, and that no module beside `withhold/` holds one against a threshold."""

import ast
from pathlib import Path

import numpy as np
import pytest

from conjoint.survey import Thresholds
from conjoint.withhold.threshold import reading_of, too_few

PACKAGE = Path(__file__).parents[2] / "src" / "conjoint"

LIMITS = ("suppress_below", "caution_below")

EXCEPT = {
    "withhold/": "is where it is decided",
    "plot/grid.py": "says of a cell without a figure whether its own base is the reason",
}
"""Modules that may, and why."""


def holds_limit(node):
    return any(getattr(own, "attr", "") in LIMITS for own in ast.walk(node))


def functions(tree):
    return [own for own in ast.walk(tree) if isinstance(own, ast.FunctionDef)]


def limits_given(tree):
    """Parameters that a module gives a threshold to, by function."""
    known = {
        own.name: [arg.arg for arg in own.args.posonlyargs + own.args.args]
        for own in functions(tree)
    }
    given = {name: set() for name in known}
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in known:
            name = call.func.id
            given[name] |= {
                arg
                for arg, value in zip(known[name], call.args, strict=False)
                if holds_limit(value)
            }
            given[name] |= {own.arg for own in call.keywords if holds_limit(own.value)}
    return given


def held(tree):
    """Lines that compare something with a threshold, under whatever name."""
    given = limits_given(tree)
    scopes = [(tree, set())] + [(own, given[own.name]) for own in functions(tree)]
    for scope, names in scopes:
        names = set(names)
        for own in ast.walk(scope):
            if isinstance(own, ast.Assign) and holds_limit(own.value) and scope is not tree:
                targets = (
                    [own.targets[0]]
                    if isinstance(own.targets[0], ast.Name)
                    else own.targets[0].elts
                )
                values = (
                    [own.value]
                    if len(targets) == 1
                    else getattr(own.value, "elts", [own.value] * len(targets))
                )
                names |= {
                    target.id
                    for target, value in zip(targets, values, strict=True)
                    if isinstance(target, ast.Name)
                    and holds_limit(value)
                    and not isinstance(value, ast.Call)
                }
        for own in ast.walk(scope):
            if isinstance(own, ast.Compare):
                for side in (own.left, *own.comparators):
                    if holds_limit(side) or getattr(side, "id", "") in names:
                        yield own.lineno


MODULES = {
    path.relative_to(PACKAGE).as_posix(): set(held(ast.parse(path.read_text("utf-8"))))
    for path in sorted(PACKAGE.rglob("*.py"))
}


def test_no_other_module_holds_a_base_against_a_threshold():
    wrong = [
        f"{name}:{line}"
        for name, lines in MODULES.items()
        for line in sorted(lines)
        if not name.startswith(tuple(EXCEPT))
    ]
    assert not wrong, "use conjoint.withhold.threshold:\n" + "\n".join(wrong)


def test_every_exception_is_needed():
    needed = [name for name, lines in MODULES.items() if lines]
    assert [own for own in EXCEPT if not any(name.startswith(own) for name in needed)] == []


@pytest.mark.parametrize(
    "line",
    [
        "def f(n, t): return n < t.suppress_below",
        "def f(n, t):\n limit = t.caution_below\n return n >= limit",
        "def f(n, t):\n low, limit = 1, t.caution_below\n return n >= limit",
        "def f(n, t): return g(n, t.suppress_below)\ndef g(n, least): return n < least",
        "def f(n, t): return g(n, least=t.suppress_below)\ndef g(n, least): return least > n",
    ],
)
def test_the_check_sees_each_way_to_compare(line):
    assert list(held(ast.parse(line)))


def test_people_decide_what_is_hidden_and_both_bases_what_asks_for_caution():
    limits = Thresholds(suppress_below=50, caution_below=100)
    people = np.array([0, 49, 50, 99, 100, 100, 100])
    effective = np.array([0.0, 49.0, 45.0, 99.0, 99.9, 100.0, np.nan])
    read = ["suppressed", "suppressed", "caution", "caution", "caution", "safe", "safe"]
    assert reading_of(people, limits, effective).tolist() == read
    assert [reading_of(*own) for own in zip(people, [limits] * 7, effective, strict=True)] == read
    assert too_few(people, limits).tolist() == [own == "suppressed" for own in read]
    assert (reading_of(40, limits, hidden=False), reading_of(400, limits, hidden=True)) == (
        "caution", "suppressed",
    )  # fmt: skip
