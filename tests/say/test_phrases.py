"""The file of sentences and what is asked of it: no key is missing, none is idle, and every place is filled."""

import ast
import re
from pathlib import Path

import pytest

from conjoint.say.phrase import PART, _texts, phrase, spoken

PACKAGE = Path(__file__).parents[2] / "src" / "conjoint"

FORMS = re.compile(r"\.(one|other)$")


def calls():
    """Each call of `phrase`: where it stands, the keys that it may ask for, and what it gives."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "phrase":
                where = f"{path.relative_to(PACKAGE)}:{node.lineno}"
                given = {own.arg for own in node.keywords if own.arg}
                counts = len(node.args) > 1 or "n" in given
                free = any(own.arg is None for own in node.keywords)
                yield where, list(keys_of(node.args[0])), given - {"n"}, counts, free


def keys_of(node):
    """Keys that an expression may be; the known beginning of one, with a star, where the rest is worked out."""
    if isinstance(node, ast.IfExp):
        yield from keys_of(node.body)
        yield from keys_of(node.orelse)
    elif isinstance(node, ast.Constant):
        yield node.value
    elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
        yield f"{node.values[0].value}*"


def test_every_sentence_asked_for_is_there_with_its_places():
    texts, wrong = _texts(), []
    for where, keys, given, counts, free in calls():
        for key in keys:
            if key.endswith("*"):
                wrong += [] if any(own.startswith(key[:-1]) for own in texts) else [(where, key)]
                continue
            forms = [f"{key}.one", f"{key}.other"] if counts else [key]
            if any(form not in texts for form in forms):
                wrong.append((where, key))
                continue
            places = {place for form in forms for place in PART.findall(texts[form])} - {"n"}
            if (places - given and not free) or given - places:
                wrong.append((where, key, places ^ given))
    assert wrong == []


def test_no_sentence_is_idle():
    """A key stands in full in some source, or behind a beginning that ends at a dot."""
    sources = [path.read_text("utf-8") for kind in ("*.py", "*.js") for path in PACKAGE.rglob(kind)]
    text = "\n".join(sources)
    said = set(re.findall(r"[\"'`]([a-z][\w.]+)[\"'`]", text))
    beginnings = {f"{own}." for own in re.findall(r"[\"'`]([a-z][\w.]*)\.(?:\{|\$\{)", text)}
    idle = []
    for key in _texts():
        bare = FORMS.sub("", key)
        names = {bare, bare.removeprefix("explorer.")}
        if not names & said and not any(n.startswith(b) for n in names for b in beginnings):
            idle.append(key)
    assert idle == []


def test_a_place_without_a_part_is_a_fault():
    with (
        spoken(lambda key, text: "{lost}" if key == "words.more.one" else text),
        pytest.raises(KeyError),
    ):
        phrase("words.more", 1)
    assert phrase("words.more", 1) == "1 more"
