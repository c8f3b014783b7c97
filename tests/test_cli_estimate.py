"""What `conjoint estimate` tests figures against, and whose figures `--by` asks for."""

import io
import sys

import pandas as pd
import pytest

import conjoint as cj
from conjoint.cli import main


@pytest.fixture
def estimate(monkeypatch, capsys, folder):
    """Run it on the small survey; give back the exit code, the table and what went to stderr."""

    def run(*arguments):
        command = ["conjoint", "estimate", str(folder.write()), "--unweighted", *arguments]
        monkeypatch.setattr(sys, "argv", command)
        with pytest.raises(SystemExit) as end:
            main()
        printed = capsys.readouterr()
        table = pd.read_csv(io.StringIO(printed.out)) if printed.out else None
        return end.value.code, table, printed.err

    return run


def test_means_of_a_forced_choice_are_tested_against_an_even_one(estimate, folder):
    _, table, _ = estimate("--what", "mm", "--all")
    means = cj.marginal_means(cj.read_wave(folder.path))
    for outcome, null in (("choice", 0.5), ("support", 0.0)):
        expected = means.with_null(null).frame.query("outcome == @outcome")["p_value"]
        own = table[table["outcome"] == outcome]["p_value"]
        assert own.to_numpy() == pytest.approx(expected.to_numpy())
    _, zero, _ = estimate("--what", "mm", "--null", "0", "--all")
    assert zero["p_value"].to_numpy() == pytest.approx(means.frame["p_value"].to_numpy())
    assert zero["p_value"].max() < table["p_value"].max()


def test_a_name_of_a_segment_and_a_column_has_to_say_which(estimate, folder):
    folder.replace("[segments.left]", "[segments.party]")
    code, _, err = estimate("--by", "party")
    assert code == 2
    assert '"party" is a segment and a respondent column (expected "segment:party" or' in err
    assert set(estimate("--by", "segment:party")[1]["group"]) == {"party"}
    assert len(set(estimate("--by", "column:party")[1]["group"])) == 3


def test_effects_are_told_alike_at_a_size(estimate, folder):
    _, table, _ = estimate("--what", "amce", "--smallest", "0.4", "--all")
    effects = cj.amce(cj.read_wave(folder.path))
    expected = cj.equivalent(effects, 0.4)
    assert table["equivalent"].to_list() == expected["equivalent"].to_list()
    assert table["p_equivalent"].to_numpy() == pytest.approx(
        expected["p_equivalent"].to_numpy(), nan_ok=True
    )
    _, hidden, _ = estimate("--what", "amce", "--by", "party", "--smallest", "0.4")
    assert hidden[["equivalent", "p_equivalent"]].isna().all(axis=None)
    code, _, err = estimate("--what", "mm", "--smallest", "0.4")
    assert code == 2
    assert '"marginal mean" is compared with nothing' in err
    code, _, err = estimate("--smallest", "0.4", "--test")
    assert code == 2
    assert "does not go with --test" in err


def test_figures_on_small_bases_are_hidden_unless_all_are_asked_for(estimate, folder):
    """Twenty people a party are under the limit of fifty; sixty are not."""
    _, every, _ = estimate("--what", "mm", "--by", "party", "--all")
    _, shown, _ = estimate("--what", "mm", "--by", "party")
    _, total, _ = estimate("--what", "mm")
    assert every["estimate"].notna().all()
    assert set(shown["reading"]) == {"suppressed"}
    assert shown[["estimate", "std_error", "conf_low", "n_respondents"]].isna().all(axis=None)
    assert list(shown["level"]) == list(every["level"])
    assert set(total["reading"]) == {"caution"}
    assert (total["estimate"] == total["estimate"].round(4)).all()


def test_joint_tests_of_small_groups_are_hidden(estimate, folder):
    _, shown, _ = estimate("--by", "party", "--test")
    assert shown["p_value"].isna().all()
    _, every, _ = estimate("--by", "party", "--test", "--all")
    assert every["p_value"].notna().all()


def test_the_grid_of_a_small_group_has_its_levels_put_together(estimate, folder):
    numbered = ", ".join(
        f'{{ value = "{level}", number = {place} }}'
        for place, level in enumerate(("low", "mid", "high"))
    )
    folder.replace('["low", "mid", "high"]', f"[{numbered}]")
    folder.toml += '\n[report]\ngrid = ["price", "colour"]\ngrid_outcome = "choice"\n'
    folder.toml += "\n[thresholds]\nsuppress_below = 8\ncaution_below = 100\n"
    asked = ("--what", "joint", "--pair", "price", "colour", "--outcome", "choice", "--by", "left")
    _, table, _ = estimate(*asked)
    assert (table["reading"] != "suppressed").all()
    assert (table["n_respondents"] >= 8).all()
    assert table["level"].str.count(r" \* ").max() == 2
    _, every, _ = estimate(*asked, "--all")
    assert len(every) == 6 > len(table)
    _, turned, _ = estimate("--what", "joint", "--pair", "colour", "price", *asked[5:])
    assert turned["estimate"].isna().any()
