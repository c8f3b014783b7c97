"""Do answers depend on where and when a profile stood?"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conjoint.audit.item import Item
    from conjoint.wave import Wave

__all__ = ["attribute_position", "carry_over", "fatigue", "profile_position"]


def profile_position(wave: Wave) -> list[Item]:
    """Not looked at yet."""
    return []


def attribute_position(wave: Wave) -> list[Item]:
    """Not looked at yet."""
    return []


def carry_over(wave: Wave) -> list[Item]:
    """Not looked at yet."""
    return []


def fatigue(wave: Wave) -> list[Item]:
    """Not looked at yet."""
    return []
