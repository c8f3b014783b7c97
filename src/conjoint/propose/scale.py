"""Words that have an order: none, low, medium, high; not at all, somewhat, very."""

from __future__ import annotations

import re
from functools import cache

from conjoint.spelling import plain

__all__ = ["scale_order"]

SCALES = (
    ("none|no|never|nothing|not at all|without", "very low|minimal|very small",
     "low|little|few|small|minor|slight|limited", "medium|moderate|mid|some|middle|average",
     "high|much|many|large|major|big", "very high|very large|a great deal|a lot|extreme|full"),
    ("never", "rarely|seldom|once", "sometimes|occasionally|some of the time",
     "often|frequently|most of the time|usually|many times", "very often|almost always", "always"),
    ("not at all", "not very|slightly|a little|not much", "somewhat|moderately|a fair amount",
     "fairly|quite", "very|a lot|a great deal", "extremely|completely"),
    ("strongly disagree", "disagree|tend to disagree|somewhat disagree|slightly disagree",
     "neither|neutral|neither agree nor disagree", "agree|tend to agree|somewhat agree|slightly agree",
     "strongly agree"),
    ("strongly oppose", "oppose|tend to oppose|somewhat oppose",
     "neither|neutral|neither support nor oppose", "support|tend to support|somewhat support",
     "strongly support"),
    ("very unlikely", "unlikely|fairly unlikely|somewhat unlikely", "neither|neutral",
     "likely|fairly likely|somewhat likely", "very likely"),
    ("very poor|terrible", "poor|bad", "fair|average|ok|adequate", "good", "very good",
     "excellent|outstanding"),
    ("far left|very left", "left", "centre left|center left|centre-left|center-left",
     "centre|center", "centre right|center right|centre-right|center-right", "right",
     "far right|very right"),
    ("extremely liberal|very liberal", "liberal", "slightly liberal",
     "moderate|moderate; middle of the road", "slightly conservative", "conservative",
     "extremely conservative|very conservative"),
    ("much worse", "worse", "same|no change|about the same|unchanged", "better", "much better"),
    ("less|fewer|decrease|decreases|lower|reduce", "same|no change|unchanged|keep",
     "more|increase|increases|higher|raise"),
    ("no formal|no qualifications|no education", "primary|elementary|4th grade", "8th grade|middle school",
     "high school|secondary|gcse", "some college|two-year college|vocational|associate|a level",
     "college degree|college|bachelor|bachelor's|university|degree",
     "graduate degree|graduate|postgraduate|master|master's", "phd|doctorate"),
    ("bottom", "middle", "top"),
    ("short", "medium", "long"),
    ("basic|cheap|budget", "standard|regular", "premium|expensive|luxury"),
    ("daily", "weekly", "fortnightly", "monthly", "quarterly", "yearly|annually|annual"),
    ("strong democrat", "not very strong democrat|weak democrat", "independent",
     "not very strong republican|weak republican", "strong republican"),
)  # fmt: skip
"""From least to most; the words of one place are apart by a bar."""


def _ranks(scale: tuple[str, ...]) -> list[tuple[str, int]]:
    """Each phrase with its place, the longest first."""
    pairs = [(word, place) for place, words in enumerate(scale) for word in words.split("|")]
    return sorted(pairs, key=lambda pair: -len(pair[0]))


RANKED = tuple(_ranks(scale) for scale in SCALES)


@cache
def _whole(word: str) -> re.Pattern[str]:
    """The word, or phrase, as a whole: compiled when a text first holds it, as there are many."""
    return re.compile(rf"(?<!\w){re.escape(word)}(?!\w)")


def scale_order(texts: list[str]) -> list[int] | None:
    """The places of texts in the order of their words; none where no scale knows them all."""
    tidy = [plain(text) for text in texts]
    for ranked in RANKED:
        exact = dict(ranked)
        ranks = []
        for text in tidy:
            rank = exact.get(text)
            if rank is None:
                found = (p for word, p in ranked if word in text and _whole(word).search(text))
                rank = next(found, None)
            if rank is None:
                break
            ranks.append(rank)
        if len(ranks) == len(texts) > 1 and len(set(ranks)) == len(ranks):
            return sorted(range(len(texts)), key=ranks.__getitem__)
    return None
