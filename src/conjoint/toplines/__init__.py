"""Question tables: weighted percentages with their bases and intervals."""

from conjoint.toplines.question import bases, toplines

__all__ = ["bases", "toplines"]
