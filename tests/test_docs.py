"""What README shows works as it stands there."""

import re

import pytest

from conftest import ROOT
from conjoint.survey import (
    Attribute,
    Band,
    Data,
    DesignFile,
    Fieldwork,
    Fonts,
    Joint,
    Level,
    Outcome,
    Question,
    Recode,
    Repeat,
    Reporting,
    RespondentsFile,
    Segment,
    Survey,
    Thresholds,
    Weighting,
)

README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_python_in_readme_runs(block, monkeypatch):
    monkeypatch.chdir(ROOT)
    names = {}
    exec(BLOCKS[0], names)  # noqa: S102  # later blocks use its imports
    if block != BLOCKS[0]:
        exec(block, names)  # noqa: S102
    assert names["means"].frame["estimate"].notna().all()


def test_readme_has_python_to_run():
    assert len(BLOCKS) >= 2


def test_files_that_the_documents_name_exist():
    for name in ("README.md", "ARCHITECTURE.md", "docs/survey_toml.md"):
        text = (ROOT / name).read_text("utf-8")
        for target in re.findall(r"\]\(((?!http)[^)#]+)\)", text):
            assert ((ROOT / name).parent / target).exists(), (name, target)


def keys(model):
    return {name for name in model.model_fields if name not in ("targets", "published")}


@pytest.mark.parametrize(
    "part",
    [Survey, Data, Attribute, Level, Outcome, Question, Segment, Repeat, Fieldwork, Weighting,
     Thresholds, Reporting, Fonts, Joint, Recode, Band, RespondentsFile, DesignFile],
    ids=lambda part: part.__name__,
)  # fmt: skip
def test_every_key_of_survey_toml_is_documented(part):
    text = (ROOT / "docs" / "survey_toml.md").read_text("utf-8")
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    code = " ".join(re.findall(r"`([^`]+)`", prose))
    tables = {"data", "attributes", "restrictions", "outcomes", "segments", "questions"}
    unsaid = [name for name in keys(part) - tables if not re.search(rf"(?<!\w){name}(?!\w)", code)]
    assert unsaid == []
