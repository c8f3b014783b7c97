"""Rules that no claim may break, whatever the wave: held against many drawn and spoilt ones."""

import re
from dataclasses import replace

import numpy as np
import pytest

import conjoint as cj
from conftest import SMALL_TARGETS, SMALL_TOML, SurveyFolder, small_responses
from conjoint.report import SegmentReport
from conjoint.say.phrase import spoken
from conjoint.say.words import plain

MAJORITY = re.compile(r"\b(most|majorit\w+|minorit\w+|half of|because|causes?|thanks to)\b", re.I)
COMPARED = re.compile(
    r"\b(more|less) than\b|\b(more|less) often\b|(?<!not )\bclearly above\b|\bapart\b|\bhigher by\b|\blower by\b"
    r"|\b(above|below) the average\b|\b(better|worse) with\b"
)
HEADLINES = """
[questions.deal]
answers = ["For", "Against", "Do not know"]
headline = "For"
claim = "are for the deal"

[thresholds]
caution_below = 60
suppress_below = 20

[report]
grid = ["price", "colour"]
"""


@pytest.fixture(scope="module")
def waves(tmp_path_factory):
    """Analyses of small waves drawn from nothing, of several sizes."""
    made = []
    for seed, n in enumerate((45, 300)):
        folder = SurveyFolder(
            tmp_path_factory.mktemp("wave"),
            SMALL_TOML + HEADLINES,
            small_responses(n, seed + 10),
            SMALL_TARGETS,
        )
        folder.responses["deal"] = np.random.default_rng(seed).choice(
            ["For", "Against", "Do not know"], n, p=[0.5, 0.3, 0.2]
        )
        made.append(cj.run_analysis(folder.write()))
    return made


def broken(analysis):
    """What a wave's claims break, in words."""
    found = []
    limits = analysis.survey.thresholds
    for section, claim in SegmentReport(analysis).said():
        text, verdict = plain(claim.text), claim.judgement.verdict
        shown = [figure for figure in claim.figures if not np.isnan(figure.estimate)]
        rules = {
            "majority or cause": MAJORITY.search(text),
            "compared, and not clear": says_more(text) and not all_clear(claim),
            # What is hidden leaves no base behind.
            "no base": claim.kind != "agreement"
            and claim.reading != "suppressed"
            and not re.search(r"base [\d,]+", text),
            "figure of a small base": any(f.base < limits.suppress_below for f in shown),
            "number where nothing may be shown": claim.reading == "suppressed"
            and re.search(r"\d", re.sub(r"\(base [\d,]+\)", "", text)),
            "small base, no caution": verdict == "safe to quote"
            and any(f.base < limits.caution_below for f in claim.figures),
            "mean said as people": any(f.estimand != "share" for f in claim.figures[:1])
            and re.search(r"\d% of (?!the time)", text),
            "share said as choices": claim.kind in ("headline", "leader") and "of the time" in text,
            "a figure that it does not have": claim.kind != "agreement" and strangers(text, shown),
        }
        found += [f"{section}: {rule}: {text}" for rule, broke in rules.items() if broke]
    return found


def says_more(text):
    return bool(COMPARED.search(text)) and "not clearly different," not in text


def all_clear(claim):
    """Every difference that the sentence says to be one."""
    differences = [figure for figure in claim.figures if figure.is_difference]
    if claim.kind == "trade-off":  # what is gained, what is lost, and of which the sentence speaks
        differences = differences[:1]
    return bool(differences) and all(figure.is_clear for figure in differences)


def strangers(text, figures):
    """Percentages that are none of the claim's figures, rounded."""
    text = text.split(" The rest:")[0]  # the headline's other answers
    known = {f"{100 * v:.0f}" for f in figures for v in (f.estimate, f.low, f.high)}
    known |= {own.lstrip("-") for own in known}
    words = re.sub(r"“[^”]*”", "", text)
    # Not the 5 of "<0.5%".
    return [n for n in re.findall(r"(?<![\d.])(\d+)%", words) if n not in known]


@pytest.mark.parametrize("place", range(2))
def test_no_claim_of_a_drawn_wave_breaks_a_rule(waves, place):
    assert sum(1 for _ in SegmentReport(waves[place]).said()) >= 8
    assert broken(waves[place]) == []


def spoilt(analysis, seed, widen, shift):
    """The analysis with other figures, intervals, bases and p-values, blank where bases are small."""
    rng = np.random.default_rng(seed)
    limits = analysis.survey.thresholds
    tables = dict(analysis.tables)
    names = ("toplines", "topline_differences", "marginal_means", "spread", "departures", "pulls")
    for name in (*names, "joint_means"):
        table = tables[name].copy()
        half = widen * (table["conf_high"] - table["conf_low"]) / 2
        moved = table["estimate"] + shift * rng.normal(0, 0.05, len(table))
        if name in ("toplines", "marginal_means", "joint_means"):
            moved = moved.clip(0.02, 0.98)
        table["estimate"] = moved.abs() if name == "spread" else moved
        table["conf_low"], table["conf_high"] = table["estimate"] - half, table["estimate"] + half
        if name in ("toplines", "marginal_means", "joint_means"):
            table[["conf_low", "conf_high"]] = table[["conf_low", "conf_high"]].clip(0, 1)
        if "p_holm" in table:
            table["p_holm"] = rng.uniform(0, 0.1, len(table))
        table["n_respondents"] = (table["n_respondents"] * rng.uniform(0.1, 1, len(table))).astype(int)  # fmt: skip
        base = table["n_respondents"]
        readings = ["suppressed", "caution"]
        table["reading"] = np.select(
            [base < limits.suppress_below, base < limits.caution_below], readings, "safe"
        )
        hidden = table["reading"] == "suppressed"
        table.loc[hidden, ["estimate", "conf_low", "conf_high"]] = np.nan
        tables[name] = table
    return replace(analysis, tables=tables)


@pytest.mark.parametrize("widen", [0.2, 1.0, 4.0])
@pytest.mark.parametrize("shift", [0.0, 1.0, 3.0])
def test_no_claim_of_spoilt_figures_breaks_a_rule(routes, widen, shift):
    seed = int(100 * widen + 7 * shift)
    assert broken(spoilt(routes, seed, widen, shift)) == []


def test_the_rules_can_be_broken(routes):
    """The checker itself: a sentence that says more than its figures is caught."""
    more = " That is a majority, 3 points more than before."
    with spoken(lambda key, text: text.replace("{share}", "49%") + more * ("headline.a" in key)):
        faults = [fault for fault in broken(routes) if fault.startswith("one look")]
    rules = {fault.split(": ")[1] for fault in faults}
    assert rules == {
        "majority or cause", "compared, and not clear", "a figure that it does not have"
    }  # fmt: skip
