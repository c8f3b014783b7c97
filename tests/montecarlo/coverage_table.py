"""Rerun the Monte Carlo and rewrite docs/coverage.md.

``python coverage_table.py --draws 2000 --only "A poll of 500" "The shipped wave"``; all sections where
none is named. Those that are not measured again stay as they are.
"""

from __future__ import annotations

import argparse
import datetime
import os
import re
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import bounded
import heavy
import numpy as np
import thin
from measure import SEED, Coverage, Rejection, measure
from studies import STUDIES, Band, Study

import conjoint as cj

if TYPE_CHECKING:
    from collections.abc import Callable

PAGE = Path(__file__).parents[2] / "docs" / "coverage.md"
DRAWS = 2000

HEAD = """\
# Do the intervals cover?

Respondents are drawn afresh {draws:,} times from populations of which the truth is known, and every
interval is held against it. A 95% interval should hold the truth in 95 draws of 100, and a joint test
at 5% reject what is true in 5 of 100. `make coverage` does all of it again and rewrites this page;
`pytest -m slow tests/montecarlo` says whether the figures stay within their bands.

{measured}
With so many draws a true 95.0% comes out between {low:.1f}% and {high:.1f}% nineteen times in twenty.

**Drawn.** Forced choices between two profiles of three attributes (price, 3 levels; colour, 2; size, 5).
Each respondent has part-worths of their own, normal around a mean that moves with age, with standard
deviations of 1.0 to 1.5 on the logit scale; red and a low price are worth more together; standing
first is worth something; and chance adds a logistic error in each task. So answers of one person
hang together, effects differ between people, and AMCEs are averages over both.

**The truth** takes no estimator and no simulation. The share of a population that chooses one profile
over another is a logistic function averaged over a single normal number (Gauss-Hermite quadrature)
and over ages (a sum). Marginal means, AMCEs, interactions and the rest are sums of those shares over
pairs of profiles, as often as the design draws them (`tests/montecarlo/superpopulation.py`). Where
tasks do not show every attribute there can be too many profiles to list. What one profile is worth more
than another is then a sum over attributes, of which one that is not shown is worth nothing; its
characteristic function is a product over attributes and an average over what is shown; and one integral
makes a share of that (`tests/montecarlo/partial_profiles.py`).

**Columns.** *Covered*: the share of draws whose interval held the truth, averaged over the figures of the
row, then the lowest and the highest of them. *Error / spread*: the root mean square of the
standard errors over the standard deviation of the estimates, lowest and highest: 1 is right. *Bias*: the
mean estimate less the truth in standard deviations of one estimate, the largest of the row.
*Rejected*: one share for each attribute that is tested (price, colour, size and party, or those named).
*Band*: what the tests hold the row to, give or take the error of {draws:,} draws ({error:.1f} points; twice
that for a single figure among several); rows without one are there for contrast.
"""


def main() -> None:
    """Measure the sections asked for, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=DRAWS)
    parser.add_argument("--only", nargs="+", choices=list(SECTIONS), default=list(SECTIONS))
    options = parser.parse_args()
    start, workers = time.monotonic(), os.cpu_count() or 1
    before = _sections_of(PAGE.read_text("utf-8"))
    parts = {}
    for name, section in SECTIONS.items():
        if name in options.only:
            parts[name] = section(options.draws, workers)
            print(parts[name], flush=True)  # noqa: T201
        elif name in before:
            parts[name] = before[name]
    measured = _measured(options.draws, workers, time.monotonic() - start)
    if len(options.only) < len(SECTIONS):
        (measured,) = re.findall(r"^.* draws, seed .*$", PAGE.read_text("utf-8"), re.M)
    error = 100 * np.sqrt(0.95 * 0.05 / options.draws)
    head = HEAD.format(
        draws=options.draws,
        measured=measured,
        error=error,
        low=95 - 1.96 * error,
        high=95 + 1.96 * error,
    )
    PAGE.write_text("\n".join([head, *parts.values()]), encoding="utf-8")


def _measured(draws: int, workers: int, seconds: float) -> str:
    """What was done, by what and when."""
    date = datetime.datetime.now(tz=datetime.UTC).date()
    return (
        f"{draws:,} draws, seed {SEED}, {workers} cores, {seconds / 60:.0f} minutes, {date}; "
        f"conjoint {cj.__version__}, NumPy {np.__version__}."
    )


def _sections_of(page: str) -> dict[str, str]:
    """A page's sections by their headings, each ending in one line break."""
    parts = re.split(r"^(?=## )", page, flags=re.M)[1:]
    return {part[3 : part.index("\n")]: part.rstrip("\n") + "\n" for part in parts}


def _study(study: Study, draws: int, workers: int) -> str:
    return _section(study, measure(study, draws, workers))


def _section(study: Study, measured: list[Coverage | Rejection]) -> str:
    coverage = [own for own in measured if isinstance(own, Coverage)]
    rejection = [own for own in measured if isinstance(own, Rejection)]
    lines = [f"## {study.name}", "", f"{study.text} {study.tasks} tasks each.", ""]
    if coverage:
        lines += ["| | figures | covered, % | error / spread | bias | band, % |"]
        lines += ["|---|--:|--:|--:|--:|--:|"]
        lines += [_covered(own, study.bands.get(own.name)) for own in coverage]
    if rejection:
        lines += ["| | tests | rejected at 5%, % | band, % |", "|---|--:|--:|--:|"]
        lines += [_rejected(own, study.bands.get(own.name)) for own in rejection]
    return "\n".join([*lines, ""])


RARE = """\
## Rare answers and small bases: intervals

Shares of 1, 2, 5 and 20% among so many people, {draws:,} draws of 2 to 6 answers each; weights equal, lognormal
with a design effect of 1.5, or informative (a quarter of the people weighs three times what others do, and gives
the answer twice as often). *Covered* by each method, and its mean width in widths of Wilson's interval on the effective
base. The tests hold `score`, the default, to 93 to 99.5% and a width of at most 1.15. `logit` and `beta` (Korn-Graubard) are
svyciprop's and take their spread from the answers alone, which from few of them is chance: they cover too seldom where weights are
unequal or go with the answer, and are wider or cover nearly always where they are equal. `wald` is the estimate give or take
standard errors.

| weights | people | share, % | score | logit | beta | wald | width: score | logit | beta |
|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|
"""

FALSE = """\
## Letters where nothing differs

Two columns of a table whose people answer alike, {draws:,} draws. In what share of tests, in %, a difference is found: between
the columns, and of the first with the total, at 95% (lower-case letter, one sign) and 99% (upper-case, two signs). *Expected* are the
answers expected in the first column: under five, on the effective base, there is no test. The tests hold the default to at
most 6 and 1.5%, and where ten or more are expected to at least 3.5 and 0.5%. *Wald* is the test on each column's own variance.

| weights | people | share, % | expected | 95% | 99% | total, 95% | 99% | Wald, 95% | 99% |
|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|
"""

TRUE = """\
## Letters where something differs

The same with a true difference, {draws:,} draws: how often it is found, in %. A small column has little power for rare answers,
whatever the test; what Wald's finds there, it also finds where there is nothing (above).

| weights | people | shares, % | 95% | 99% | Wald, 95% | 99% |
|---|--:|--:|--:|--:|--:|--:|
"""


HEAVY = """\
## Heavily raked and trimmed weights

1,000 people and 3 tasks, {draws:,} draws. Being drawn hangs on four margins (age 6 categories, sex 2, region 11, vote 6), and so does what people
say; the wave is raked to all four. Trimmed: at 0.5 and 3, 0.35 and 7, 0.25 and 20 times the mean, and either raked again within them or once, which misses the
targets. *Design effect*: the mean of Kish's. The truth is the mean of the estimates of all draws, so that bias, which trimming and raking both leave, does not
count. "As R's survey" (`wave.at_start()`) fits the margins with the starting weights, as R's calibrate and rake do and the Python package svy; "as given" is `wave.fixed()`. At a design effect
of 4 the heaviest weight is some 25 times the mean. Again by `python tests/montecarlo/coverage_table.py --draws 2000 --only "Heavily raked and trimmed weights"`.

| weights | design effect | figures | covered, % | error / spread | band, % |
|---|--:|---|--:|--:|--:|
"""

ENDS = """\
## Predictions near the ends of the scale

{people} people judge 8 profiles each, {draws:,} draws. The log odds of saying yes add up over three attributes, so that 18 packages lie between {lowest:.1f}% and
{highest:.1f}%; one row leaves colour out, one size and colour. A linear model of the same cells predicts below 0% and above 100%; where it does for any package, all of the outcome are
predicted by the logit ([scenarios.md](scenarios.md#within-the-scale)). *Beyond*: how many of the estimates leave 0 to 100%. Again by
`python tests/montecarlo/coverage_table.py --draws 2000 --only "Predictions near the ends of the scale"`.

| package | truth, % | model | covered, % | error / spread | beyond, % | band, % |
|---|--:|---|--:|--:|--:|--:|
"""

SHIPPED = """\
## The shipped wave

Its question tables by segments and crossbreaks have {answers:,} answers with an interval (`conjoint tables`): how many have a lower end below 0%, and how
many have no width at all. The two that have none by score are answers that the weighting targets fix.

| interval | below 0% | without width |
|---|--:|--:|
| wald | {wald} |
| score | {score} |

How many people have to be left out for a share to cross one half (`cj.fragility(wave, cj.toplines, by="segments", threshold=0.5)`): to first order, by adding up
their influence, and with the others weighted to the targets again. The test drops them and rakes: the share crosses at that number, and not at one fewer.

| group | base | first order | weighted again |
|---|--:|--:|--:|
"""


def _shipped() -> str:
    wave = cj.rake(cj.read_wave(PAGE.parents[1] / "surveys" / "routes_for_returns_2026"))
    counts: dict[str, object] = {}
    for interval in ("wald", "score"):
        tables = cj.tables(wave, interval=interval)
        rows = [(table, place) for table in tables for place, row in enumerate(table.rows) if row.kind == "answer"]  # fmt: skip
        low = np.concatenate([table.conf_low[place] for table, place in rows])
        high = np.concatenate([table.conf_high[place] for table, place in rows])
        there = ~np.isnan(low)
        counts |= {interval: f"{(low < 0).sum()} | {(low == high)[there].sum()}"}
        counts["answers"] = int(there.sum())
    shares = cj.toplines(wave, "segments", question="deal").select(level="Support")
    frame = cj.fragility(
        wave, cj.toplines, "segments", question="deal", only={"level": "Support"}, threshold=0.5
    )
    lines = []
    for place, row in enumerate(frame.itertuples()):
        gap = shares.values[place] - 0.5
        pulls = np.sort(shares.influence[:, place] * np.sign(gap))[::-1]
        first = int(np.searchsorted(np.cumsum(pulls), abs(gap), side="right")) + 1
        lines.append(f"| {row.group} | {row.n_respondents:,} | {first} | {row.respondents:.0f} |")
    return SHIPPED.format(**counts) + "\n".join([*lines, ""])


def _rare(draws: int, workers: int) -> str:
    lines = []
    for weights in thin.WEIGHTS:
        for n in thin.BASES:
            for own in thin.coverage(n, weights, draws, workers):
                covered = " | ".join(f"{100 * own.covered[name]:.1f}" for name in thin.METHODS)
                width = " | ".join(f"{own.width[name]:.2f}" for name in thin.METHODS[:3])
                lines.append(f"| {weights} | {n:,} | {100 * own.share:.0f} | {covered} | {width} |")
    return RARE.format(draws=draws) + "\n".join([*lines, ""])


def _letters(draws: int, workers: int) -> str:
    lines = []
    for weights in thin.WEIGHTS:
        for sizes in thin.COLUMNS:
            score, wald = _by_method(thin.letters(sizes, weights, draws, workers))
            for own, other in zip(score, wald, strict=True):
                shares = " | ".join(f"{100 * x:.1f}" for x in (*own.pair, *own.total, *other.pair))
                expected = f"{sizes[0] * own.share:.1f}"
                lines.append(f"| {weights} | {sizes[0]} v {sizes[1]:,} | {100 * own.share:.0f} | {expected} | {shares} |")  # fmt: skip
    return FALSE.format(draws=draws) + "\n".join([*lines, ""])


def _power(draws: int, workers: int) -> str:
    lines = []
    for weights in thin.WEIGHTS[:2]:
        for sizes in thin.COLUMNS:
            score, wald = _by_method(thin.letters(sizes, weights, draws // 2, workers, apart=True))
            for own, other in zip(score, wald, strict=True):
                shares = " | ".join(f"{100 * x:.0f}" for x in (*own.pair, *other.pair))
                pair = f"{100 * thin.EFFECTS[own.share]:.0f} v {100 * own.share:.0f}"
                lines.append(f"| {weights} | {sizes[0]} v {sizes[1]:,} | {pair} | {shares} |")
    return TRUE.format(draws=draws // 2) + "\n".join([*lines, ""])


def _heavy(draws: int, workers: int) -> str:
    lines = []
    for design_effect in heavy.STRENGTH:
        for own in heavy.coverage(design_effect, draws, workers):
            covered, ratio = 100 * own.covered, own.ratio
            shares = [f"{covered.mean():.1f}"]
            if len(covered) > 1:
                shares.append(f"({covered.min():.1f} to {covered.max():.1f})")
            spread = " to ".join(dict.fromkeys(f"{end:.2f}" for end in (ratio.min(), ratio.max())))
            lines.append(f"| {own.weights} | {own.design_effect:.1f} | {own.figures} | {' '.join(shares)} | {spread} | {_band(own.band)} |")  # fmt: skip
    return HEAVY.format(draws=draws) + "\n".join([*lines, ""])


def _ends(draws: int, workers: int) -> str:
    lines = [
        f"| {own.package} | {100 * own.truth:.1f} | {own.model} | {100 * own.covered:.1f} | "
        f"{own.ratio:.2f} | {100 * own.beyond:.0f} | {_band(own.band)} |"
        for own in bounded.coverage(draws, workers)
    ]
    ends = [100 * bounded.truth_of(bounded.PACKAGES[at]) for at in (0, -1)]
    head = ENDS.format(people=bounded.PEOPLE, draws=draws, lowest=ends[0], highest=ends[1])
    return head + "\n".join([*lines, ""])


def _by_method(found: list[thin.Letters]) -> tuple[list[thin.Letters], list[thin.Letters]]:
    return tuple([own for own in found if own.method == method] for method in ("score", "wald"))


def _covered(own: Coverage, band: Band | None) -> str:
    covered = 100 * own.covered
    shares = f"{covered.mean():.1f}"
    if len(covered) > 1:
        shares += f" ({covered.min():.1f} to {covered.max():.1f})"
    ratio = " to ".join(dict.fromkeys(f"{end:.2f}" for end in (own.ratio.min(), own.ratio.max())))
    bias = f"{np.abs(own.bias).max():.2f}"
    return f"| {own.name} | {len(covered)} | {shares} | {ratio} | {bias} | {_band(band)} |"


def _rejected(own: Rejection, band: Band | None) -> str:
    shares = ", ".join(f"{100 * share:.1f}" for share in own.rejected)
    return f"| {own.name} | {len(own.rejected)} | {shares} | {_band(band)} |"


def _band(band: Band | None) -> str:
    if band is None:
        return ""
    low, high = band
    if high == 1:
        return f"{100 * low:.0f} or more"
    return f"{100 * low:g} to {100 * high:g}" if low else f"{100 * high:.0f} or less"


SECTIONS: dict[str, Callable[[int, int], str]] = {
    **{study.name: partial(_study, study) for study in STUDIES},
    "Rare answers and small bases: intervals": lambda draws, workers: _rare(draws // 2, workers),
    "Letters where nothing differs": lambda draws, workers: _letters(draws // 2, workers),
    "Letters where something differs": lambda draws, workers: _power(draws // 2, workers),
    "Heavily raked and trimmed weights": _heavy,
    "Predictions near the ends of the scale": _ends,
    "The shipped wave": lambda *_: _shipped(),
}


if __name__ == "__main__":
    main()
