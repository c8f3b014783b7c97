"""The ledger: every reference case is tested by name, or left out with a reason."""

import json
import re
import tomllib
from pathlib import Path

import pytest

TESTS = Path(__file__).parent.parent
LEFT_OUT = TESTS / "oracles" / "left_out.toml"


@pytest.fixture(scope="module")
def cases(oracle):
    return set(json.loads((oracle / "golden" / "cases.json").read_text())["cases"])


@pytest.fixture(scope="module")
def tested(cases):
    """The cases that some test module names, as whole words."""
    words = set()
    for path in TESTS.rglob("test_*.py"):
        words |= set(re.findall(r"\w+", path.read_text(encoding="utf-8")))
    return cases & words


@pytest.fixture(scope="module")
def left_out():
    """Case by case, the reason why none can be compared."""
    groups = tomllib.loads(LEFT_OUT.read_text(encoding="utf-8"))["left_out"]
    names = [name for group in groups for name in group["cases"]]
    assert len(names) == len(set(names))
    return {name: group["reason"] for group in groups for name in group["cases"]}


def test_every_case_is_tested_or_left_out(cases, tested, left_out):
    assert not sorted(cases - tested - set(left_out))


def test_no_case_is_both(tested, left_out):
    assert not sorted(tested & set(left_out))


def test_only_cases_there_are_left_out(cases, left_out):
    assert not sorted(set(left_out) - cases)


def test_every_reason_says_something(left_out):
    assert not [name for name, reason in left_out.items() if len(reason.split()) < 5]
