"""Counts and shares as sentences say them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["by_chance", "counted", "listed", "percent", "points", "sentence_case"]


def percent(share: float) -> str:
    """A share, with the decimals that its size needs.

    >>> percent(0.617), percent(0.034), percent(0.0004), percent(0)
    ('62%', '3.4%', '0.04%', '0%')
    """
    decimals = 0 if share == 0 or abs(share) >= 0.1 else 1 if abs(share) >= 0.0095 else 2
    return f"{100 * share:.{decimals}f}%".replace("-", "−")


def points(difference: float) -> str:
    """A difference of shares, in percentage points.

    >>> points(-0.052), points(0.31)
    ('−5.2 points', '31.0 points')
    """
    return f"{100 * difference:.1f} points".replace("-", "−")


def counted(number: int, one: str, several: str = "") -> str:
    """A number with its noun.

    >>> counted(1, "respondent"), counted(2000, "respondent"), counted(0, "person", "people")
    ('1 respondent', '2,000 respondents', '0 people')
    """
    return f"{number:,} {one if number == 1 else several or one + 's'}"


def sentence_case(text: str) -> str:
    """Capitalise the first letter and leave the others.

    >>> sentence_case("only 3 respondents in SNP")
    'Only 3 respondents in SNP'
    """
    return text[:1].upper() + text[1:]


def by_chance(expected: float) -> str:
    """How many of something chance gives.

    >>> by_chance(3.26), by_chance(0.002)
    ('about 3.3', 'hardly any')
    """
    return f"about {expected:,.1f}" if expected >= 0.05 else "hardly any"


def listed(names: Iterable[str], most: int = 6) -> str:
    """Names as a sentence lists them, the tail counted when it is long.

    >>> listed(["a", "b", "c"]), listed("abcd", 2), listed([])
    ('a, b and c', 'a, b and 2 more', '')
    """
    own = list(names)
    if len(own) > most:
        own = [*own[:most], f"{len(own) - most} more"]
    return "".join(own) if len(own) < 2 else f"{', '.join(own[:-1])} and {own[-1]}"
