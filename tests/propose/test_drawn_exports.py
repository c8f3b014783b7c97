"""Exports drawn at random: never a wrong figure, and nearly always the right one."""

from __future__ import annotations

import tempfile
from itertools import islice, product
from pathlib import Path
from statistics import median

import numpy as np
import pytest
from drawn_export import exports, write
from hypothesis import HealthCheck, given, settings

import conjoint as cj
from conjoint.errors import ConjointError
from conjoint.propose import propose, write_survey
from conjoint.read.file import read_responses
from conjoint.survey import Data

READ = Data(layout="long", respondent="")
MOST_WAYS = 64


def true_means(drawn):
    """By the levels of an attribute, the share chosen of the profiles with each."""
    rows = drawn.rows.dropna(subset="chosen")
    found = [rows.groupby(name)["chosen"].mean() for name in drawn.attributes]
    return sorted(sorted(zip(m.index, m.round(9), strict=True)) for m in found)


def means_of(folder):
    """The same of a folder, by the outcome that reports stand on; None where it is refused."""
    try:
        wave = cj.read_wave(folder)
        outcome = wave.survey.main_outcome
        frame = cj.marginal_means(wave, outcome=outcome).frame
    except ConjointError:
        return None
    named = frame.dropna(subset="estimate").groupby("attribute", sort=False)
    return sorted(sorted(zip(m["level"], m["estimate"].round(9), strict=True)) for _, m in named)


def same(means, truth):
    """Whether all figures are those that were drawn."""
    if means is None or [len(m) for m in means] != [len(m) for m in truth]:
        return False
    return all(
        a[0].strip() == b[0] and np.isclose(a[1], b[1], atol=1e-8)
        for ours, theirs in zip(means, truth, strict=True)
        for a, b in zip(ours, theirs, strict=True)
    )


def ways(proposal):
    """The proposal with its stopping decisions taken in every way there is, up to a limit."""
    stops = [d for d in proposal.decisions if d.stops and d.options]
    for picks in islice(product(*(range(len(d.options)) for d in stops)), MOST_WAYS):
        decided = proposal
        for decision, pick in zip(stops, picks, strict=True):
            decided = decided.decide(decision, pick)
        yield decided


def outcome_of(export):
    """What becomes of an export: wrong (unaided), right (unaided or decided), and open decisions."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        drawn = write(export, folder / "export.csv")
        truth = true_means(drawn)
        try:
            proposal = propose(read_responses(folder / "export.csv", READ))
        except ConjointError as error:
            return {"wrong": False, "right": False, "open": None, "why": str(error)[:300]}
        stops = [d for d in proposal.decisions if d.stops]
        write_survey(proposal, folder / "unaided")
        unaided = means_of(folder / "unaided")
        found = {"wrong": unaided is not None and not same(unaided, truth), "open": len(stops)}
        found["right"] = same(unaided, truth)
        for number, decided in enumerate(ways(proposal) if stops and not found["right"] else ()):
            write_survey(decided, folder / f"way{number}")
            if same(means_of(folder / f"way{number}"), truth):
                found["right"] = True
                break
        return found


def run(draws, strategy):
    """What becomes of so many exports."""
    told = []

    @settings(max_examples=draws, suppress_health_check=list(HealthCheck), deadline=None)
    @given(export=strategy)
    def collect(export):
        told.append((export, outcome_of(export)))

    collect()
    return told


def check(told):
    wrong = [export for export, found in told if found["wrong"]]
    assert not wrong, wrong[:3]
    lost = [(export, found) for export, found in told if not found["right"]]
    assert len(lost) <= 0.1 * len(told), lost[:5]
    assert median(found["open"] for _, found in told if found["open"] is not None) <= 3


def test_drawn_exports_come_right():
    check(run(60, exports()))


@pytest.mark.slow
def test_many_drawn_exports_come_right():
    check(run(1_000, exports()))
