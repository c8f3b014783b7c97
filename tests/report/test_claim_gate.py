"""What forbids to quote a claim: stops of the audit, effects that go the other way, few who weigh all."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import conjoint as cj
from conjoint.analysis.spread import opposed
from conjoint.audit import Audit, Item
from conjoint.plot import Chart
from conjoint.report import method
from conjoint.report.claim import Figure, judge, mark
from conjoint.report.claims import group_claim, level_claim
from conjoint.report.lint import BAD, lint_claims
from conjoint.report.segment import SegmentReport
from conjoint.report.topline import ToplineReport
from conjoint.say.words import plain

TOML = """
title = "Together"
[data]
file = "responses.csv"
layout = "long"
respondent = "id"
task = "task"
profile = "profile"
respondent_columns = ["party"]
[attributes.price]
levels = ["5", "10", "20"]
[attributes.quality]
levels = ["plain", "fine"]
[attributes.colour]
levels = ["red", "green"]
[outcomes.chosen]
kind = "choice"
column = "chosen"
positive = "1"
negative = "0"
[segments.left]
where = { party = "left" }
[segments.right]
where = { party = "right" }
[thresholds]
caution_below = 40
suppress_below = 20
[[restrictions]]
never = { price = "20", quality = "plain" }
"""


def together(n=160, tasks=8):
    """Choices as a long file: a high price never comes with plain quality; the right alone minds prices."""
    rng = np.random.default_rng(4)
    rows = n * tasks * 2
    allowed = np.array([("5", 0), ("5", 1), ("10", 0), ("10", 1), ("20", 1)], dtype=object)
    price, fine = allowed[rng.integers(5, size=rows)].T
    fine = fine.astype(bool)
    right = np.repeat(np.arange(n) % 2 == 1, tasks * 2)
    worth = 4.0 * fine - 0.8 * (price == "20") * right + 0.3 * (price == "20") * ~right
    liking = (worth + rng.gumbel(size=rows)).reshape(-1, 2)
    first = liking[:, 0] > liking[:, 1]
    return pd.DataFrame(
        {
            "id": np.repeat(np.arange(n), tasks * 2),
            "task": np.tile(np.repeat(np.arange(tasks), 2), n),
            "profile": np.tile(["A", "B"], n * tasks),
            "party": np.where(right, "right", "left"),
            "price": price,
            "quality": np.where(fine, "fine", "plain"),
            "colour": rng.choice(["red", "green"], rows),
            "chosen": np.column_stack([first, ~first]).ravel().astype(int),
        }
    )


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    """A wave whose declared restriction makes price and quality go together, so that no check stops."""
    folder = tmp_path_factory.mktemp("mixed")
    (folder / "survey.toml").write_text(TOML, "utf-8")
    together().to_csv(folder / "responses.csv", index=False)
    return cj.run_analysis(folder)


@pytest.fixture(scope="module")
def real(routes):
    """The survey that ships as if people had answered."""
    return replace(routes, survey=routes.survey.model_copy(update={"synthetic": False}))


def stopped(analysis, check="joint_frequencies", **concerned):
    """The analysis with one stop in its audit."""
    item = Item(check, "", "stop", "Something is wrong.", **concerned)
    return replace(analysis, tables=analysis.tables | {"audit": Audit((item,)).frame})


def verdict(analysis, claim):
    return claim.judgement.verdict


# --- Effects --------------------------------------------------------------------------------


def test_the_bundle_has_the_effect_of_the_highest_level_against_the_lowest(mixed):
    table = mixed.tables["spread"].set_index(["group", "attribute"])
    effects = mixed.tables["amce"].set_index(["group", "attribute", "level"])["estimate"]
    for (group, attribute), row in table.iterrows():
        ends = (effects[group, attribute, row[end]] for end in ("high", "low"))
        high, low = ends
        assert row["effect"] == pytest.approx(high - low, abs=1e-12)
        assert row["effect_low"] < row["effect"] < row["effect_high"]


def test_the_effect_of_a_pull_is_the_amce_less_its_attributes_average(mixed):
    own = mixed.tables["amce"].query("group == 'Total' and attribute == 'price'")
    pulls = mixed.tables["pulls"].query("group == 'Total' and attribute == 'price'")
    assert pulls["effect"].tolist() == pytest.approx(
        (own["estimate"] - own["estimate"].mean()).tolist(), abs=1e-4
    )


def test_a_claim_that_the_effect_turns_round_is_not_quoted(mixed):
    claim = level_claim(mixed, "price", "right")
    found = claim.judgement
    row = mixed.tables["spread"].set_index(["group", "attribute"]).loc["right", "price"]
    assert row["estimate"] > 0 > row["effect_high"]
    assert found.verdict == "do not quote"
    ends = f"−{-100 * row['effect_low']:.0f} to −{-100 * row['effect_high']:.0f}"
    assert found.reasons == (
        f"with all else equal, “20” (price) against “{row['low']}” among right goes the other way: "
        f"−{-100 * row['effect']:.0f} points ({ends})",
    )


def test_what_the_effect_bears_out_may_be_quoted(mixed):
    assert verdict(mixed, level_claim(mixed, "quality", "Total")) == "safe to quote"
    assert verdict(mixed, level_claim(mixed, "price", "left")) == "safe to quote"


@pytest.mark.parametrize(
    ("estimate", "std_error", "effect", "reach", "turned"),
    [
        (0.25, 0.02, -0.29, 0.08, True),
        (0.01, 0.02, -0.29, 0.08, True),
        (0.25, 0.02, -0.01, 0.08, True),
        (0.01, 0.02, -0.01, 0.08, False),
        (0.25, 0.02, 0.01, 0.08, False),
        (0.25, 0.02, np.nan, np.nan, False),
        (np.nan, np.nan, -0.29, 0.08, False),
    ],
)  # fmt: skip
def test_signs_are_opposed_where_one_of_the_two_is_clear(
    estimate, std_error, effect, reach, turned
):
    ends = {"effect": effect, "effect_low": effect - reach, "effect_high": effect + reach}
    table = pd.DataFrame([{"estimate": estimate, "std_error": std_error} | ends])
    assert len(opposed(table)) == turned


def test_a_bundle_without_effects_is_judged_by_the_rest(mixed):
    names = ["effect", "effect_low", "effect_high"]
    older = {n: mixed.tables[n].drop(columns=names) for n in ("spread", "pulls")}
    without = replace(mixed, tables=mixed.tables | older)
    assert verdict(without, level_claim(without, "price", "right")) == "safe to quote"


def test_every_claim_on_it_is_forbidden_wherever_it_is_made(mixed):
    claims = SegmentReport(mixed).claims()
    own = claims[(claims["attribute"] == "price") & (claims["group"] == "right")]
    assert len(own) > 1
    assert (own["verdict"] == "do not quote").all()
    assert not (claims["verdict"] == "do not quote").all()


def test_a_draft_that_states_it_is_told_the_same(mixed):
    row = mixed.tables["spread"].set_index(["group", "attribute"]).loc["right", "price"]
    size = f"{100 * row['estimate']:.0f} points"
    draft = (
        f"Among right, profiles with price 20 are chosen {size} more often than those with price {row['low']}. "
        f"Profiles with price 20 are chosen more often than those with price {row['low']}."
    )
    found = lint_claims(draft, mixed)
    assert found["status"].tolist() == ["do not quote", "do not quote"]
    assert "do not quote" in BAD
    assert found["note"].str.startswith("with all else equal, “20” (price) against").all()


# --- Stops ----------------------------------------------------------------------------------


def test_a_stop_on_an_attribute_forbids_its_claims_alone(real):
    wrong = stopped(real, attributes=("cap", "partners"))
    found = level_claim(wrong, "cap", "Total").judgement
    assert found.verdict == "do not quote"
    assert found.reasons == ("the audit says stop (how often pairs of levels were shown)",)
    assert verdict(wrong, level_claim(wrong, "reduction", "Total")) == "safe to quote"
    claims = SegmentReport(wrong).claims()
    touched = (
        claims["attribute"]
        .str.split(" * ", regex=False)
        .map(lambda names: bool({"cap", "partners"} & set(names)))
    )
    assert (claims.loc[touched, "verdict"] == "do not quote").all()
    before = SegmentReport(real).claims()
    assert claims[~touched & (claims["kind"] != "agreement")].equals(
        before[~touched & (before["kind"] != "agreement")]
    )


def test_a_stop_on_an_outcome_forbids_its_claims_alone(real):
    wrong = stopped(real, "choice_reading", outcomes=("support",))
    claims = SegmentReport(wrong).claims()
    of_support = claims["outcome"] == "support"
    assert of_support.any()
    assert (claims.loc[of_support, "verdict"] == "do not quote").all()
    assert (claims.loc[~of_support, "verdict"] != "do not quote").all()


@pytest.mark.parametrize(
    ("check", "conjoint", "toplines"),
    [
        ("identical_profiles", True, False),
        ("overwritten_tasks", True, False),
        ("profiles_by_person", True, False),
        ("duplicates", True, True),
        ("given_weights", True, True),
    ],
)
def test_a_stop_on_the_whole_wave_forbids_what_rests_on_it(real, check, conjoint, toplines):
    wrong = stopped(real, check)
    claims = {
        level_claim(wrong, "cap", "Total"): conjoint,
        group_claim(wrong, "deal", "Total"): toplines,
    }
    for claim, forbidden in claims.items():
        assert (verdict(wrong, claim) == "do not quote") == forbidden


def test_the_audit_of_an_older_bundle_stops_every_conjoint_claim(real):
    item = Item("joint_frequencies", "a * b", "stop", "Something is wrong.", attributes=("cap",))
    older = Audit((item,)).frame.drop(columns=["attributes", "outcomes"])
    wrong = replace(real, tables=real.tables | {"audit": older})
    assert verdict(wrong, level_claim(wrong, "partners", "Total")) == "do not quote"
    assert verdict(wrong, group_claim(wrong, "deal", "Total")) == "safe to quote"


def test_what_an_item_concerns_reads_back(real, tmp_path):
    wrong = stopped(real, attributes=("cap", "partners"), outcomes=("choice",))
    again = cj.read_bundle(wrong.write(tmp_path / "bundle"))
    (item,) = again.audit.items
    assert (item.attributes, item.outcomes) == (("cap", "partners"), ("choice",))


def test_titles_and_slides_say_no_finding_that_may_not_be_quoted(real):
    wrong = stopped(real, "identical_profiles")
    titles = [part.title for part in SegmentReport(wrong).movers() if isinstance(part, Chart)]
    assert titles == [""] * len(wrong.survey.attributes)
    text = "\n".join(
        piece
        for part in SegmentReport(wrong).slides()
        for piece in part.parts
        if isinstance(piece, str)
    )
    assert "The poll in one look" in text
    assert " above “" not in text
    assert "does clearly" not in text


def test_the_topline_report_says_what_may_not_be_quoted(real):
    wrong = stopped(real, "level_frequencies", attributes=("cap",))
    said = [part for part in ToplineReport(wrong).experiment() if "not to be quoted" in str(part)]
    assert [plain(part) for part in said] == [
        "“Cap on managed arrivals”: not to be quoted before it is explained. The audit says stop (how often each "
        "level was shown)."
    ]
    assert list(method.forbidden(wrong)) == []
    assert len(list(method.forbidden(stopped(real, "duplicates")))) == 1


def test_a_synthetic_wave_says_what_would_forbid_it_in_a_real_one(routes):
    wrong = stopped(routes, "identical_profiles")
    found = level_claim(wrong, "cap", "Total").judgement
    assert found.otherwise == "do not quote"
    assert mark(level_claim(wrong, "cap", "Total").judgement).startswith(
        "[Do not quote: the audit says stop"
    )


# --- Bases and intervals --------------------------------------------------------------------


def share(base=500, effective=float("nan"), low=0.47, high=0.53):
    return Figure("share", "Total", "deal", "", "Support", "", 0.5, low, high, base, 1.0, effective)


@pytest.mark.parametrize(
    ("reading", "figure", "verdict", "reasons"),
    [
        ("safe", share(), "safe to quote", ()),
        ("safe", share(effective=300), "safe to quote", ()),
        ("caution", share(effective=80), "with caution", ("effective base under 100",)),
        ("safe", share(effective=80), "with caution", ("effective base under 100",)),
        ("caution", share(90, 300), "with caution", ("base under 100",)),
        ("caution", share(90, 80), "with caution", ("base under 100",)),
        ("caution", share(191, 1.01), "do not quote", ("effective base under 50",)),
        ("suppressed", share(31, 20), "do not quote", ("base under 50",)),
        ("safe", share(low=0.5, high=0.5), "with caution", ("interval without width",)),
        ("safe", share(low=np.nan, high=np.nan), "with caution", ("interval without width",)),
    ],
)
def test_a_verdict_weighs_the_effective_base_and_the_width(real, reading, figure, verdict, reasons):
    found = judge(real, reading, (figure,))
    assert (found.verdict, found.reasons) == (verdict, reasons)


def test_the_effective_base_comes_from_the_bundle(real):
    table = real.tables["toplines"].assign(n_effective=40.0)
    uneven = replace(real, tables=real.tables | {"toplines": table})
    found = group_claim(uneven, "deal", "Total").judgement
    assert found.reasons == ("effective base under 50",)
