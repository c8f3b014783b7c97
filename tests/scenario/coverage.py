"""Draw waves, estimate scenarios, and count how often intervals hold the truth.

``python tests/scenario/coverage.py [draws] [workers]`` prints the table of docs/scenarios.md. 2,000 draws
take some half an hour on one core.
"""

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace

import numpy as np
from preferences import (
    EFFECTS,
    GROUPS,
    LEVELS,
    SHARES,
    as_free_wave,
    as_wave,
    draw_free_wave,
    draw_wave,
    every,
    over_none,
    true_support,
)

import conjoint as cj
from conjoint.estimate.groups import estimate_each
from conjoint.estimate.pairs import estimate_pairs
from conjoint.estimate.sample import specify
from conjoint.estimate.target import read_target
from conjoint.scenario import importance, shrink, simultaneous, support, trade_off
from conjoint.scenario.model import fit_model, undecided
from conjoint.scenario.package import named, read_package, read_pairs
from conjoint.scenario.scene import STATUS_QUO

SEED = 70_007
PACKAGE = {"cap": "5000", "reduction": "90"}
WHOLE = {"cap": "40000", "reduction": "90", "partners": "Europe"}
OPPONENT = {"cap": "40000"}
PAIR = ("cap", "reduction")
FRANCE = {"partners": {"France": 0.9, "Europe": 0.1}}


def truths():
    """The truth of every figure, by row of the table."""
    found = {}
    for kind in ("additive", "interacting"):
        found[f"support, two attributes: {kind}"] = [true_support(kind, PACKAGE)]
        found[f"support, whole package: {kind}"] = [true_support(kind, WHOLE)]
        found[f"support by group: {kind}"] = [true_support(kind, PACKAGE, name) for name in GROUPS]
        stated = (SHARES["cap"], SHARES["reduction"], (0.9, 0.1))
        found[f"support, stated partners: {kind}"] = [true_support(kind, PACKAGE, None, stated)]
        other = PACKAGE | OPPONENT
        found[f"head to head: {kind}"] = [
            0.5 + true_support(kind, PACKAGE) - true_support(kind, other)
        ]
        found[f"over the status quo, by group: {kind}"] = [
            over_none(kind, PACKAGE, name) for name in GROUPS
        ]
    found["support, additive model: interacting"] = [true_support("interacting", PACKAGE)]
    for kind in ("additive", "interacting"):
        found[f"average of marginal means: {kind}"] = [true_support(kind, PACKAGE)]
    found["trade-off, straight: delta"] = found["trade-off, straight: Fieller"] = [cap_bought()]
    found["trade-off, pieces: delta"] = found["trade-off, pieces: Fieller"] = [reduction_kept()]
    ranges = np.array([np.ptp(EFFECTS[name]) for name in LEVELS])
    found["importance, share of ranges"] = list(ranges / ranges.sum())
    variances = np.array([variance_of(name) for name in LEVELS])
    found["importance, share of variances"] = list(variances / variances.sum())
    # Of these the truth is taken off in each draw.
    found["grid, all 12 at once: additive"] = found["grid, all 12 at once: interacting"] = [0.0]
    found["four groups drawn anew: raw"] = found["four groups drawn anew: shrunken"] = [0.0]
    return found


def variance_of(name):
    """What an attribute's levels do to the variance of m, as the design draws them."""
    mean = np.average(EFFECTS[name], weights=SHARES[name])
    return float(np.average((EFFECTS[name] - mean) ** 2, weights=SHARES[name]))


def reduction_kept():
    """The reduction that makes up for a cap of 20,000 instead of 5,000, from none."""
    wanted = EFFECTS["reduction"][0] + EFFECTS["cap"][0] - EFFECTS["cap"][2]
    return float(np.interp(wanted, EFFECTS["reduction"], [0.0, 50.0, 90.0]))


def cap_bought():
    """How much more of a cap a reduction of 50 instead of 0 buys, by straight lines."""
    slopes = {
        name: np.polyfit([float(level) for level in LEVELS[name]], EFFECTS[name], 1)[0]
        for name in PAIR
    }
    return float(-50 * slopes["reduction"] / slopes["cap"])


def modelled(wave, packages, by=None, *, outcome, interactions=(), stated=(), against=None):
    """The figures of `support` alone, of several packages at once; `tests` see that they are the same."""
    survey = wave.survey
    chosen = [read_package(survey, package) for package in packages]
    pairs = read_pairs(survey, interactions)
    opponent = read_package(survey, packages[0] | against) if isinstance(against, dict) else None
    shares = read_target(survey, stated) if stated else ()
    names = [named(survey, own) for own in chosen]

    def figures(sample, tasks=None):
        rows = undecided(sample) if against == STATUS_QUO else sample
        made = fit_model(rows, pairs, shares, tasks).figures(chosen, opponent)
        labels = made.labels.assign(estimand="support", baseline="")
        labels["attribute"], labels["level"] = zip(*names, strict=True)
        return replace(made, labels=labels)

    specification = specify(wave, "support", by, "linearised", 0.95)
    run = estimate_each if opponent is None else estimate_pairs
    return run(wave, figures, specification, outcome)


def estimate(number):
    """One draw's figures: value, standard error and the ends of the interval; and p-values."""
    wave = as_wave(draw_wave(np.random.default_rng([SEED, number])))
    rows, tests = {}, {}
    for kind, pairs in (("additive", ()), ("interacting", PAIR)):
        options = {"outcome": kind, "interactions": pairs}
        made = modelled(wave, [*every(*PAIR), WHOLE], **options)
        ends = taken(made)
        place = every(*PAIR).index(PACKAGE)
        rows[f"support, two attributes: {kind}"] = ends[:, [place]]
        rows[f"support, whole package: {kind}"] = ends[:, [-1]]
        rows[f"grid, all 12 at once: {kind}"] = banded(
            made.select(attribute=" * ".join(PAIR)), kind
        )
        rows[f"support by group: {kind}"] = taken(modelled(wave, [PACKAGE], "group", **options))
        stated = modelled(wave, [PACKAGE], stated=FRANCE, **options)
        rows[f"support, stated partners: {kind}"] = taken(stated)
        faced = modelled(wave, [PACKAGE], against=OPPONENT, **options)
        rows[f"head to head: {kind}"] = taken(faced)
        plain = support(wave, PACKAGE, outcome=kind)
        tests[f"additivity: {kind}"] = plain.additivity["p_value"].iloc[0]
        means = cj.marginal_means(wave, outcome=kind)
        ends = [{"attribute": name, "level": level} for name, level in PACKAGE.items()]
        averaged = cj.contrast(means, ends, weights=[0.5, 0.5])
        rows[f"average of marginal means: {kind}"] = taken(averaged)
        if kind == "interacting":
            rows["support, additive model: interacting"] = taken(plain.figures)
    rows |= traded(wave) | weighed(wave) | chosen_or_none(number) | regrouped(number)
    return rows, tests


def estimate_some(number):
    """The same of a few figures, and of fewer people: for every run of the tests."""
    wave = as_wave(draw_wave(np.random.default_rng([SEED, number]), n=150, tasks=6))
    rows = {}
    for kind, pairs in (("additive", ()), ("interacting", PAIR)):
        made = modelled(wave, [PACKAGE], outcome=kind, interactions=pairs)
        rows[f"support, two attributes: {kind}"] = taken(made)
    means = cj.marginal_means(wave, outcome="additive")
    ends = [{"attribute": name, "level": level} for name, level in PACKAGE.items()]
    averaged = cj.contrast(means, ends, weights=[0.5, 0.5])
    rows["average of marginal means: additive"] = taken(averaged)
    return rows, {}


def taken(estimates):
    """Value, standard error, and the interval's ends, (4, k)."""
    return estimates.frame[["estimate", "std_error", "conf_low", "conf_high"]].to_numpy().T


def traded(wave):
    """What a reduction buys, and what keeps support; NaN where that is not estimable."""
    straight = trade_off(wave, *PAIR, outcome="additive", curve="straight").frame
    pieces = trade_off(wave, *PAIR, outcome="additive", factor=4).frame
    found = {
        "straight": straight.query("question == 'buys'").iloc[0],
        "pieces": pieces.query("question == 'keeps' and take_from == 0").iloc[0],
    }
    rows = {}
    for name, row in found.items():
        error = (row["delta_high"] - row["delta_low"]) / 3.92
        for kind, low, high in (
            ("delta", "delta_low", "delta_high"),
            ("Fieller", "fieller_low", "fieller_high"),
        ):
            ends = [row["estimate"], error, row[low], row[high]]
            rows[f"trade-off, {name}: {kind}"] = np.array([ends], dtype=float).T
    return rows


def weighed(wave):
    """How much each attribute matters."""
    figures = importance(wave, outcome="additive")
    return {
        f"importance, share of {name}s": taken(figures.select(estimand=f"{name} share"))
        for name in ("range", "variance")
    }


def banded(figures, kind):
    """Whether the band holds every combination: a figure of zero that is in or out."""
    frame = simultaneous(figures, draws=4000)
    truth = np.array([true_support(kind, own) for own in every(*PAIR)])
    inside = ((frame["band_low"] <= truth) & (truth <= frame["band_high"])).all()
    return np.array([[0.0], [1.0], [-1.0 if inside else 1.0], [1.0 if inside else 2.0]])


def chosen_or_none(number):
    """The share taking a package rather than none, by group, of people who may choose none."""
    wave = as_free_wave(draw_free_wave(np.random.default_rng([SEED + 1, number])))
    rows = {}
    for kind, pairs in (("additive", ()), ("interacting", PAIR)):
        options = {"outcome": kind, "interactions": pairs, "against": STATUS_QUO}
        figures = modelled(wave, [PACKAGE], "group", **options)
        rows[f"over the status quo, by group: {kind}"] = taken(figures)
    return rows


def regrouped(number):
    """Four groups of 100 whose preferences are drawn too, raw and shrunken, less the truth."""
    rng = np.random.default_rng([SEED + 2, number])
    strengths = dict(zip("abcd", rng.uniform(0.2, 1.0, 4), strict=True))
    wave = as_wave(draw_wave(rng, strengths=strengths))
    groups = modelled(wave, [PACKAGE], "group", outcome="additive")
    made = shrink(groups, modelled(wave, [PACKAGE], outcome="additive")).frame
    own = made["group"]
    truth = [true_support("additive", PACKAGE, name, strengths=strengths) for name in own]
    off = np.array([[1], [0], [1], [1]]) * np.array(truth)
    shrunken = ["shrunken", "shrunken_error", "shrunken_low", "shrunken_high"]
    return {
        "four groups drawn anew: raw": taken(groups) - off,
        "four groups drawn anew: shrunken": made[shrunken].to_numpy().T - off,
    }


def measure(draws, workers=1, estimate=estimate):
    """By row: covered, bias in standard deviations and in points, error over spread; and rejections."""
    if workers == 1:
        made = [estimate(number) for number in range(draws)]
    else:
        with ProcessPoolExecutor(workers) as pool:
            made = list(pool.map(estimate, range(draws), chunksize=10))
    found = {}
    for name, truth in truths().items():
        if name not in made[0][0]:
            continue
        values = np.array([rows[name] for rows, _ in made])
        values = values[np.isfinite(values[:, 0]).all(axis=1)]
        if name.startswith("four groups"):  # which of the four is which says nothing
            values = values.transpose(1, 0, 2).reshape(4, -1).T[:, :, None]
        inside = (values[:, 2] <= truth) & (truth <= values[:, 3])
        spread = values[:, 0].std(axis=0, ddof=1)
        bias = values[:, 0].mean(axis=0) - truth
        with np.errstate(divide="ignore", invalid="ignore"):
            found[name] = {
                "draws": len(values),
                "covered": inside.mean(axis=0),
                "bias": bias,
                "spread": spread,
                "relative": bias / spread,
                "ratio": np.sqrt((values[:, 1] ** 2).mean(axis=0)) / spread,
            }
    tests = {name: np.mean([own[name] < 0.05 for _, own in made]) for name in made[0][1]}
    return found, tests


def main():
    """Print the table."""
    draws = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    found, tests = measure(draws, int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    print("| | covered, % | bias | spread | error / spread | draws |")  # noqa: T201
    print("|---|--:|--:|--:|--:|--:|")  # noqa: T201
    for name, own in found.items():
        by = 1 if name.startswith("trade-off") else 100  # in the attribute's units, or in points
        columns = [
            listed(100 * own["covered"], 1),
            listed(by * own["bias"], 2 if by == 100 else 1),
            listed(by * own["spread"], 2 if by == 100 else 1),
            listed(own["ratio"], 2),
            f"{own['draws']:,}",
        ]
        if name.startswith("grid"):
            columns[1:4] = [""] * 3
        print(f"| {name} | {' | '.join(columns)} |")  # noqa: T201
    for name, share in tests.items():
        print(f"| {name}, rejected at 5% | {100 * share:.1f} | | | | {draws:,} |")  # noqa: T201


def listed(values, places):
    """Numbers of one row."""
    return ", ".join(f"{value:,.{places}f}" for value in values)


if __name__ == "__main__":
    main()
