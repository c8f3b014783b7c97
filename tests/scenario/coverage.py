"""Draw waves, estimate scenarios, and count how often intervals hold the truth.

``python tests/scenario/coverage.py [draws]`` prints the table of docs/scenarios.md.
"""

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor

import numpy as np
from preferences import (
    EFFECTS,
    GROUPS,
    LEVELS,
    SHARES,
    as_wave,
    averaged_marginal_means,
    draw_wave,
    true_support,
)

import conjoint as cj
from conjoint.scenario import grid, support, trade_off

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
    found["support, additive model: interacting"] = [true_support("interacting", PACKAGE)]
    for kind in ("additive", "interacting"):
        found[f"average of marginal means: {kind}"] = [true_support(kind, PACKAGE)]
    found["trade-off, delta"] = found["trade-off, Fieller"] = [cap_bought()]
    found["grid, all 12 at once"] = [0.0]
    return found


def cap_bought():
    """How much more of a cap a reduction of 50 instead of 0 buys, by straight lines."""
    slopes = {
        name: np.polyfit([float(level) for level in LEVELS[name]], EFFECTS[name], 1)[0]
        for name in PAIR
    }
    return float(-50 * slopes["reduction"] / slopes["cap"])


def estimate(number):
    """One draw's figures: value, standard error and the ends of the interval; and p-values."""
    wave = as_wave(draw_wave(np.random.default_rng([SEED, number])))
    rows, tests = {}, {}
    for kind, pairs in (("additive", ()), ("interacting", PAIR)):
        options = {"outcome": kind, "interactions": pairs}
        scene = support(wave, PACKAGE, **options)
        rows[f"support, two attributes: {kind}"] = taken(scene.figures)
        rows[f"support, whole package: {kind}"] = taken(support(wave, WHOLE, **options).figures)
        rows[f"support by group: {kind}"] = taken(
            support(wave, PACKAGE, "group", **options).figures
        )
        stated = support(wave, PACKAGE, average=FRANCE, **options)
        rows[f"support, stated partners: {kind}"] = taken(stated.figures)
        faced = support(wave, PACKAGE, against=OPPONENT, **options)
        rows[f"head to head: {kind}"] = taken(faced.figures)
        plain = support(wave, PACKAGE, outcome=kind)
        tests[f"additivity: {kind}"] = plain.additivity["p_value"].iloc[0]
        means = cj.marginal_means(wave, outcome=kind)
        ends = [{"attribute": name, "level": level} for name, level in PACKAGE.items()]
        averaged = cj.contrast(means, ends, weights=[0.5, 0.5])
        rows[f"average of marginal means: {kind}"] = taken(averaged)
        if kind == "interacting":
            rows["support, additive model: interacting"] = taken(plain.figures)
    rows |= traded(wave)
    rows["grid, all 12 at once"] = banded(wave)
    return rows, tests


def estimate_some(number):
    """The same of a few figures, and of fewer people: for every run of the tests."""
    wave = as_wave(draw_wave(np.random.default_rng([SEED, number]), n=150, tasks=6))
    rows = {}
    for kind, pairs in (("additive", ()), ("interacting", PAIR)):
        scene = support(wave, PACKAGE, outcome=kind, interactions=pairs)
        rows[f"support, two attributes: {kind}"] = taken(scene.figures)
    means = cj.marginal_means(wave, outcome="additive")
    ends = [{"attribute": name, "level": level} for name, level in PACKAGE.items()]
    averaged = cj.contrast(means, ends, weights=[0.5, 0.5])
    rows["average of marginal means: additive"] = taken(averaged)
    return rows, {}


def taken(estimates):
    """Value, standard error, and the interval's ends, (4, k)."""
    return estimates.frame[["estimate", "std_error", "conf_low", "conf_high"]].to_numpy().T


def traded(wave):
    """The cap that a reduction of 50 buys; where it is not estimable there is nothing to count."""
    row = trade_off(wave, "cap", "reduction", outcome="additive", curve="straight").frame.iloc[0]
    error = (row["delta_high"] - row["delta_low"]) / 3.92
    delta = [row["estimate"], error, row["delta_low"], row["delta_high"]]
    fieller = [row["estimate"], error, row["fieller_low"], row["fieller_high"]]
    return {"trade-off, delta": np.array([delta]).T, "trade-off, Fieller": np.array([fieller]).T}


def banded(wave):
    """Whether the band holds every combination: a figure of zero that is in or out."""
    frame = grid(wave, *PAIR, outcome="additive", draws=4000).frame
    levels = [level.split(" * ") for level in frame["level"]]
    truth = np.array(
        [true_support("additive", dict(zip(PAIR, own, strict=True))) for own in levels]
    )
    inside = ((frame["band_low"] <= truth) & (truth <= frame["band_high"])).all()
    return np.array([[0.0], [1.0], [-1.0 if inside else 1.0], [1.0 if inside else 2.0]])


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
        inside = (values[:, 2] <= truth) & (truth <= values[:, 3])
        spread = values[:, 0].std(axis=0, ddof=1)
        bias = values[:, 0].mean(axis=0) - truth
        with np.errstate(divide="ignore", invalid="ignore"):
            found[name] = {
                "draws": len(values),
                "covered": inside.mean(axis=0),
                "bias": bias,
                "relative": bias / spread,
                "ratio": np.sqrt((values[:, 1] ** 2).mean(axis=0)) / spread,
            }
    tests = {name: np.mean([own[name] < 0.05 for _, own in made]) for name in made[0][1]}
    return found, tests


def main():
    """Print the table."""
    draws = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    found, tests = measure(draws, workers=2)
    print("| | covered, % | bias, points | error / spread | draws |\n|---|--:|--:|--:|--:|")  # noqa: T201
    for name, own in found.items():
        covered = " and ".join(f"{100 * value:.1f}" for value in own["covered"])
        bias = " and ".join(f"{100 * value:.2f}" for value in own["bias"])
        ratio = " and ".join(f"{value:.2f}" for value in own["ratio"])
        print(f"| {name} | {covered} | {bias} | {ratio} | {own['draws']:,} |")  # noqa: T201
    for name, share in tests.items():
        print(f"| {name}, rejected at 5% | {100 * share:.1f} | | | {draws:,} |")  # noqa: T201
    print(averaged_marginal_means("additive", PACKAGE), true_support("additive", PACKAGE))  # noqa: T201


if __name__ == "__main__":
    main()
