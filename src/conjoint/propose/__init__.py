"""A survey.toml proposed for an export: what each line rests on, and what a person must decide."""

from conjoint.propose.compose import propose
from conjoint.propose.model import Decision, Guess, Option, Proposal
from conjoint.propose.toml import as_toml
from conjoint.propose.write import check_folder, write_survey

__all__ = [
    "Decision",
    "Guess",
    "Option",
    "Proposal",
    "as_toml",
    "check_folder",
    "propose",
    "write_survey",
]
