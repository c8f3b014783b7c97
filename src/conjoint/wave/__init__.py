"""Who answered what: respondents, the profiles they saw, and what they said of them."""

from conjoint.wave.answer import answer_in_words, answers_of, shares_of, split_survey
from conjoint.wave.calibration import Calibration
from conjoint.wave.exclusion import Excluded, Unused
from conjoint.wave.exposure import Opponents, cell_counts, count_shown
from conjoint.wave.group import TOTAL, Group, find_groups, nobody_in
from conjoint.wave.invariants import Place, check_parts, wrong_choices
from conjoint.wave.linearise import Linearised
from conjoint.wave.model import Wave
from conjoint.wave.recoded import Recoded
from conjoint.wave.tally import Tally

__all__ = [
    "TOTAL",
    "Calibration",
    "Excluded",
    "Group",
    "Linearised",
    "Opponents",
    "Place",
    "Recoded",
    "Tally",
    "Unused",
    "Wave",
    "answer_in_words",
    "answers_of",
    "cell_counts",
    "check_parts",
    "count_shown",
    "find_groups",
    "nobody_in",
    "shares_of",
    "split_survey",
    "wrong_choices",
]
