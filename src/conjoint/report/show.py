"""Puts Markdown and charts where a notebook cell stands; Quarto and the embedded renderer read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conjoint.plot import Chart

__all__ = ["show"]


def show(items: Iterable[str | Chart]) -> None:
    """Display each item in turn: text as Markdown, a chart as itself where it has a figure."""
    from IPython.display import Markdown, display  # only reports need it

    for item in items:
        if isinstance(item, str):
            if item:
                display(Markdown(item))
        elif not item.empty:
            display(item)
