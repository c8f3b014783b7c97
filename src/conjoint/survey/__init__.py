"""What was asked: survey.toml as one checked, frozen object."""

from conjoint.survey.attribute import Arm, Attribute, Joint, Level, Restriction
from conjoint.survey.crossbreak import Crossbreak
from conjoint.survey.data import Auditing, Data, Exclusion, Repeat
from conjoint.survey.house import Fonts
from conjoint.survey.joined_file import DesignFile, JoinedFile, RespondentsFile
from conjoint.survey.model import (
    TOTAL,
    Fieldwork,
    Reporting,
    Segment,
    Survey,
    Thresholds,
    Weighting,
)
from conjoint.survey.published import PublishedFigure
from conjoint.survey.question import Item, Net, Outcome, Question
from conjoint.survey.read import TARGETS, load_survey, read_survey
from conjoint.survey.recode import Band, Recode
from conjoint.survey.rule import Condition, Rule
from conjoint.survey.target import INTERLOCK, Margin, Targets

__all__ = [
    "INTERLOCK",
    "TARGETS",
    "TOTAL",
    "Arm",
    "Attribute",
    "Auditing",
    "Band",
    "Condition",
    "Crossbreak",
    "Data",
    "DesignFile",
    "Exclusion",
    "Fieldwork",
    "Fonts",
    "Item",
    "JoinedFile",
    "Joint",
    "Level",
    "Margin",
    "Net",
    "Outcome",
    "PublishedFigure",
    "Question",
    "Recode",
    "Repeat",
    "Reporting",
    "RespondentsFile",
    "Restriction",
    "Rule",
    "Segment",
    "Survey",
    "Targets",
    "Thresholds",
    "Weighting",
    "load_survey",
    "read_survey",
]
