"""Weights, toplines and effects are those of svy, whose core is in Rust, on the same answers."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import conjoint as cj

svy = pytest.importorskip("svy", reason="needs the test extra")
pl = pytest.importorskip("polars", reason="needs the test extra")

ROUTES = Path(__file__).parent.parent.parent / "surveys" / "routes_for_returns_2026"
SWITCHED = (
    (svy.col("vote_2024") == "Labour")
    & svy.col("vote_now").is_in(["Reform UK", "Conservative"])
    & (svy.col("open_to_labour") >= 5)
)
WARM = svy.col("warmth") >= 5


@dataclass
class Both:
    """A wave that both weighted; svy has one sample of respondents and one of profiles."""

    wave: cj.Wave
    people: Any
    profiles: Any
    question: str
    segment: str
    members: Any
    within: float

    def groups(self):
        yield "Total", None, 1.0
        n, m = self.wave.n_respondents, self.wave.segment(self.segment).sum()
        # A group's figure stands in the design of its members, that of svy in the design of all.
        yield self.segment, self.members, np.sqrt(n / (n - 1) * (m - 1) / m)


def margins_of(folder):
    targets = pd.read_csv(folder / "targets.csv")
    sizes = targets["count"] if "count" in targets else targets["share"]
    return {
        name: dict(zip(targets["category"][rows], sizes[rows] / sizes[rows].sum(), strict=True))
        for name, rows in targets.groupby("margin", sort=False).groups.items()
    }


def weighted(frame, margins, distance):
    """The frame's rows, clustered by respondent and weighted to the margins by svy."""
    cells = {name: pl.concat_str(name.split(" * "), separator=" * ") for name in margins}
    rows = pl.from_pandas(frame).with_columns(**cells)
    sample = svy.Sample(rows, svy.Design(psu="respondent", wgt="start"))
    whole = frame["start"].sum()
    totals = {
        name: {category: share * whole for category, share in shares.items()}
        for name, shares in margins.items()
    }
    if distance == "raking":
        return sample.weighting.rake(controls=totals, wgt_name="weight", tol=1e-12, max_iter=1000)
    controls = {}
    for name, categories in totals.items():
        # All margins have one sum, so each but the first leaves out a category.
        spare = next(iter(categories)) if controls else None
        counted = {key: total for key, total in categories.items() if key != spare}
        controls[svy.Cat(name, ref=spare)] = counted
    return sample.weighting.calibrate(controls=controls, wgt_name="weight")


def weigh(folder, distance, *, start=None, **about):
    wave = cj.read_wave(folder)
    if start is not None:
        wave = wave.with_weights(start)
    margins = margins_of(folder)
    people = wave.respondents.assign(start=wave.weights)
    profiles = wave.profiles.merge(people, on="respondent")
    return Both(
        cj.calibrate(wave, distance=distance).at_start(),
        weighted(people, margins, distance),
        weighted(profiles, margins, distance),
        **about,
    )


@pytest.fixture(scope="module")
def shipped():
    """Raked to interlocking margins; svy finds raked errors by ten sweeps, which is a little early."""
    about = {"question": "deal", "segment": "right_switchers", "members": SWITCHED}
    return weigh(ROUTES, "raking", within=1e-8, **about)


@pytest.fixture(params=["shipped", "drawn, raked", "drawn, linear from unequal weights"])
def both(request, folder, shipped):
    if request.param == "shipped":
        return shipped
    drawn = {"question": "party", "segment": "warm", "members": WARM, "within": 1e-11}
    if request.param == "drawn, raked":
        return weigh(folder.write(), "raking", **drawn)
    start = np.random.default_rng(8).uniform(0.3, 3, len(folder.responses))
    return weigh(folder.write(), "linear", start=start, **drawn)


def agree(mine, estimates, errors, scale, within):
    assert len(mine) == len(estimates) > 1
    np.testing.assert_allclose(mine["estimate"], estimates, rtol=0, atol=1e-12)
    assert (mine["std_error"] > 0).all()
    np.testing.assert_allclose(mine["std_error"] * scale, errors, rtol=within)


def test_weights(both):
    theirs = both.people.data["weight"].to_numpy()
    assert np.ptp(both.wave.weights) > 0.1
    np.testing.assert_allclose(both.wave.weights, theirs / theirs.mean(), rtol=1e-11)


def test_toplines(both):
    made = cj.toplines(both.wave, by="segments", question=both.question)
    for group, members, scale in both.groups():
        mine = made.select(group=group).frame
        answers = both.people.estimation.prop(both.question, where=members)
        theirs = answers.to_polars().to_pandas().set_index(both.question).loc[mine["level"]]
        agree(mine, theirs["est"], theirs["se"], scale, both.within)


def test_marginal_means(both):
    made = cj.marginal_means(both.wave, outcome="choice").frame
    for attribute, mine in made.groupby("attribute", sort=False):
        means = both.profiles.estimation.mean("choice", by=attribute)
        theirs = means.to_polars().to_pandas().set_index(attribute).loc[mine["level"]]
        agree(mine, theirs["est"], theirs["se"], 1.0, both.within)


def test_effects(both):
    attributes = both.wave.survey.attributes.items()
    terms = [svy.Cat(name, ref=each.values[each.baseline_index]) for name, each in attributes]
    for group, members, scale in both.groups():
        by = None if members is None else "segments"
        effects = cj.amce(both.wave, by=by, outcome="choice").select(group=group)
        mine = effects.frame[~effects.fixed]
        fit = both.profiles.glm.fit(y="choice", x=terms, where=members).to_polars().to_pandas()
        theirs = fit.set_index("term").loc[mine["attribute"] + "_" + mine["level"]]
        agree(mine, theirs["estimate"], theirs["std_err"], scale, both.within)
