"""A survey.toml proposed for an export: what each line rests on, and what a person must decide."""

from conjoint.propose.compose import propose
from conjoint.propose.joined import Together, put_together
from conjoint.propose.margins import ProposedTargets, propose_targets
from conjoint.propose.model import Decision, Guess, Option, Proposal
from conjoint.propose.toml import as_toml
from conjoint.propose.write import check_folder, write_survey

__all__ = [
    "Decision",
    "Guess",
    "Option",
    "Proposal",
    "ProposedTargets",
    "Together",
    "as_toml",
    "check_folder",
    "propose",
    "propose_targets",
    "put_together",
    "write_survey",
]
