"""Is what was shown independent of who saw it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conjoint.audit.item import Item
    from conjoint.wave import Wave

__all__ = ["balance"]


def balance(wave: Wave) -> list[Item]:
    """Not looked at yet."""
    return []
