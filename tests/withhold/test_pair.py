"""Two releases of one poll: what they give away together, and nothing else, is refused."""

import sys

import pandas as pd
import pytest

from conjoint.cli import main
from conjoint.withhold.pair import compare_releases


def release(total=400, left=150, hidden=(), estimate=0.4):
    """Bases and figures as a bundle has them."""
    groups = pd.DataFrame(
        {"group": ["Total", "left", "right"], "n_respondents": [total, left, 200]}
    )
    groups["n_respondents"] = groups["n_respondents"].mask(groups["group"].isin(hidden), 0)
    columns = groups.assign(question="deal", item="")
    figures = columns.assign(row="Support", estimate=[estimate, 0.5, 0.6])
    return {"bases": groups, "question_columns": columns, "questions": figures}


def told(before, now, *, same_answers=False):
    return [str(fault) for fault in compare_releases(before, now, 50, same_answers=same_answers)]


def test_the_same_release_again_tells_nothing():
    assert told(release(), release()) == []
    assert told(release(hidden=["left"]), release(hidden=["left"])) == []


def test_one_interview_more_is_told_by_the_pair():
    faults = told(release(), release(total=401))
    assert len(faults) == 2
    assert faults[0] == (
        "bases, Total: has a base of 401, and had one of 400: together they tell of 1 (expected the same base, "
        "or one that differs by 50 or more). Keep to the release that is out, or wait until enough interviews "
        "have come in."
    )
    assert faults[1].startswith("question_columns, deal, Total: has a base of 401")


def test_many_more_interviews_tell_of_many():
    assert told(release(), release(total=520, left=200)) == []


@pytest.mark.parametrize(("before", "now"), [((), ("left",)), (("left",), ())])
def test_what_is_hidden_in_one_release_alone(before, now):
    faults = told(release(hidden=before), release(hidden=now), same_answers=True)
    assert {fault.split(":")[0] for fault in faults} == {
        "bases, left",
        "question_columns, deal, left",
    }


def test_an_interview_exchanged_for_another_leaves_the_base_as_it_was():
    faults = told(release(), release(estimate=0.4031))
    assert [fault.split(":")[0] for fault in faults] == ["questions, Total"]
    assert told(release(), release(estimate=0.4031), same_answers=True) == []
    assert told(release(), release(estimate=0.40015)) == []  # rounding


def test_a_late_interview_is_refused_on_the_command_line(folder, tmp_path, monkeypatch, capsys):
    def run(*arguments, command="analyse"):
        monkeypatch.setattr(sys, "argv", ["conjoint", command, str(folder.write()), *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        return end.value.code, capsys.readouterr().err.replace("\n", " ")

    first = str(tmp_path / "first")
    assert run("--to", first)[0] == 0
    folder.responses = folder.responses.iloc[:-1]
    code, err = run("--to", str(tmp_path / "third"), "--previous", first)
    assert code == 2
    assert "bases, Total: has a base of 59, and had one of 60" in err
    assert not (tmp_path / "third").exists()
    page = tmp_path / "explorer.html"
    others = {
        "explore": ("--to", str(page)),
        "estimate": ("--what", "mm"),
        "scenario": ("--set", "price=low"),
        "compare": (str(folder.write()),),
        "check": ("--page", str(tmp_path / "audit")),
    }
    for command, arguments in others.items():
        code, err = run(*arguments, "--previous", first, command=command)
        assert code == 2, command
        assert "bases, Total: has a base of 59, and had one of 60" in err
    assert not page.exists()
    assert not (tmp_path / "audit").exists()
