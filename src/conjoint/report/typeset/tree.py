"""Pandoc's document tree, as JSON: how it is walked and what its nodes are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = [
    "Node",
    "attribute",
    "attributes_of",
    "div",
    "each",
    "has_class",
    "para",
    "plain",
    "raw",
    "text_of",
    "typst_string",
    "walk",
    "words",
]

Node = dict[str, Any]
"""A block or an inline: its type in `t`, its contents in `c`."""

ATTRIBUTES = {"Div": 0, "Span": 0, "Figure": 0, "Table": 0, "Image": 0, "Link": 0, "Code": 0}
ATTRIBUTES |= {"CodeBlock": 0, "Header": 1}
"""Where in a node's contents its identifier, classes and attributes stand."""


def walk(tree: Any, change: Callable[[Node], list[Node] | None]) -> Any:
    """A tree in which `change` has replaced nodes; where it gives None, its children are walked."""
    if isinstance(tree, list):
        made: list[Any] = []
        for item in tree:
            found = change(item) if isinstance(item, dict) and "t" in item else None
            made += [walk(item, change)] if found is None else found
        return made
    if isinstance(tree, dict):
        return {key: walk(value, change) for key, value in tree.items()}
    return tree


def each(tree: Any) -> Iterator[Node]:
    """Every node, parents before children."""
    if isinstance(tree, list):
        for item in tree:
            yield from each(item)
    elif isinstance(tree, dict):
        if "t" in tree:
            yield tree
        for value in tree.values():
            yield from each(value)


def attributes_of(node: Node) -> list[Any]:
    """Identifier, classes and pairs of a node; empty ones where it has none."""
    place = ATTRIBUTES.get(node["t"])
    return ["", [], []] if place is None else list(node["c"][place])


def has_class(node: Node, *names: str) -> bool:
    """Whether a node has one of the classes."""
    return not set(names).isdisjoint(attributes_of(node)[1])


def attribute(node: Node, name: str) -> str:
    """The value of a node's attribute, empty without it."""
    return str(dict(attributes_of(node)[2]).get(name, ""))


def text_of(tree: Any) -> str:
    """The words of a tree."""
    said = {"Space": " ", "SoftBreak": " ", "LineBreak": " "}
    parts = [
        node["c"] if node["t"] == "Str" else said.get(node["t"], "")
        for node in each(tree)
        if node["t"] in {"Str", *said}
    ]
    return "".join(parts)


def typst_string(text: str) -> str:
    r"""Text as a string of Typst.

    >>> print(typst_string('a "b"'))
    "a \"b\""
    """
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def words(text: str) -> list[Node]:
    """Text as inlines."""
    made: list[Node] = []
    for place, word in enumerate(text.split(" ")):
        made += [{"t": "Space"}] * bool(place)
        made += [{"t": "Str", "c": word}] * bool(word)
    return made


def para(inlines: Sequence[Node]) -> Node:
    """A paragraph."""
    return {"t": "Para", "c": list(inlines)}


def plain(inlines: Sequence[Node]) -> Node:
    """Text that is no paragraph of its own."""
    return {"t": "Plain", "c": list(inlines)}


def div(blocks: Sequence[Node], classes: Sequence[str] = (), name: str = "", **pairs: str) -> Node:
    """A division; underscores in the names of attributes stand for hyphens."""
    values = [[key.replace("_", "-"), value] for key, value in pairs.items()]
    return {"t": "Div", "c": [[name, list(classes), values], list(blocks)]}


def raw(medium: str, text: str, *, inline: bool = False) -> Node:
    """Markup of one format, as it stands."""
    return {"t": "RawInline" if inline else "RawBlock", "c": [medium, text]}
