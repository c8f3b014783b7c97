"""Is what was shown what the design declares? Levels, pairs of levels, restrictions, tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conjoint.audit.item import Item
    from conjoint.wave import Wave

__all__ = ["forbidden_pairs", "identical_profiles", "joint_frequencies", "level_frequencies"]


def level_frequencies(wave: Wave) -> list[Item]:
    """Not looked at yet."""
    return []


def joint_frequencies(wave: Wave) -> list[Item]:
    """Not looked at yet."""
    return []


def forbidden_pairs(wave: Wave) -> list[Item]:
    """Not looked at yet."""
    return []


def identical_profiles(wave: Wave) -> list[Item]:
    """Not looked at yet."""
    return []
