"""How small an effect can the wave show?"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conjoint.audit.item import Item
    from conjoint.wave import Wave

__all__ = ["minimum_detectable"]


def minimum_detectable(wave: Wave) -> list[Item]:
    """Not looked at yet."""
    return []
