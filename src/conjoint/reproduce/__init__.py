"""Published figures made again: reproduced or not, and by which conventions."""

from conjoint.reproduce.model import VERDICTS, Reproduced, Reproduction, TableFound
from conjoint.reproduce.run import STEPS, reproduce
from conjoint.reproduce.withhold import withhold

__all__ = ["STEPS", "VERDICTS", "Reproduced", "Reproduction", "TableFound", "reproduce", "withhold"]
