"""What README shows works as it stands there."""

import re

import pytest

from conftest import ROOT

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
    for name in ("README.md", "ARCHITECTURE.md"):
        text = (ROOT / name).read_text("utf-8")
        for target in re.findall(r"\]\(((?!http)[^)#]+)\)", text):
            assert (ROOT / target).exists(), (name, target)
