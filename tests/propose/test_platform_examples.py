"""docs/new_survey.md: each platform's example runs, says what stands there, and gives the right figures."""

import re

import pytest
from platforms import DESIGN, PLATFORMS

import conjoint as cj
from conftest import ROOT
from conjoint.propose import as_toml, propose, write_survey
from conjoint.read.file import read_responses
from conjoint.survey import Data

TEXT = (ROOT / "docs" / "new_survey.md").read_text("utf-8")
EXAMPLES = TEXT[TEXT.index("## Worked examples") : TEXT.index("## What it does not do")]
SECTIONS = dict(re.findall(r"^### (.+?)\n(.*?)(?=^### |\Z)", EXAMPLES, re.DOTALL | re.MULTILINE))


def blocks(section, language):
    return [own.splitlines() for own in re.findall(rf"```{language}\n(.*?)```", section, re.DOTALL)]


def uncommented(text, lines):
    """The text of survey.toml with some of its lines taken out of comments."""
    for line in lines:
        assert f"\n# {line}\n" in text, line
        text = text.replace(f"\n# {line}\n", f"\n{line}\n", 1)
    return text


def test_every_platform_has_an_example():
    assert list(SECTIONS) == list(PLATFORMS)


@pytest.mark.parametrize("name", PLATFORMS)
def test_a_platform_s_example_is_right(name, tmp_path):
    path, shown = PLATFORMS[name](tmp_path)
    responses = read_responses(path, Data(layout="long", respondent=""))
    (rows,) = blocks(SECTIONS[name], "text")
    if path.suffix == ".csv":
        assert path.read_text("utf-8").splitlines()[: len(rows)] == rows
    else:
        cells = responses.cells.head(len(rows) - 1).astype(str).to_numpy().tolist()
        assert [own.split(", ") for own in rows] == [list(responses.cells), *cells]
    assert f"conjoint new {path.name} " in SECTIONS[name]
    proposal = propose(responses)
    says, *decided = blocks(SECTIONS[name], "toml")
    assert set(says) <= set(as_toml(proposal).splitlines())
    file = write_survey(proposal, tmp_path / "survey")
    file.write_text(
        uncommented(file.read_text("utf-8"), [line for own in decided for line in own]), "utf-8"
    )
    wave = cj.read_wave(tmp_path / "survey")
    means = cj.marginal_means(wave, outcome=wave.survey.main_outcome).frame
    for attribute in DESIGN:
        found = means[means["attribute"] == attribute].set_index("level")["estimate"]
        sums = shown.assign(chosen=shown["chosen"] * shown["weight"]).groupby(attribute)
        theirs = sums["chosen"].sum() / sums["weight"].sum()
        assert found[theirs.index].to_numpy() == pytest.approx(theirs.to_numpy())
