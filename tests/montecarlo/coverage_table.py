"""Rerun the Monte Carlo and rewrite docs/coverage.md: ``python coverage_table.py [draws]``."""

from __future__ import annotations

import datetime
import os
import sys
import time
from pathlib import Path

import numpy as np
from measure import SEED, Coverage, Rejection, measure
from studies import STUDIES, Band, Study

import conjoint as cj

PAGE = Path(__file__).parents[2] / "docs" / "coverage.md"
DRAWS = 2000

HEAD = """\
# Do the intervals cover?

Respondents are drawn afresh {draws:,} times from populations of which the truth is known, and every
interval is held against it. A 95% interval should hold the truth in 95 draws of 100, and a joint test
at 5% reject what is true in 5 of 100. `make coverage` does all of it again and rewrites this page;
`pytest -m slow tests/montecarlo` says whether the figures stay within their bands.

{draws:,} draws, seed {seed}, {cores} cores, {minutes:.0f} minutes, {date}; conjoint {version}, NumPy {numpy}.
With so many draws a true 95.0% comes out between {low:.1f}% and {high:.1f}% nineteen times in twenty.

**Drawn.** Forced choices between two profiles of three attributes (price, 3 levels; colour, 2; size, 5).
Each respondent has part-worths of their own, normal around a mean that moves with age, with standard
deviations of 1.0 to 1.5 on the logit scale; red and a low price are worth more together; standing
first is worth something; and chance adds a logistic error in each task. So answers of one person
hang together, effects differ between people, and AMCEs are averages over both.

**The truth** takes no estimator and no simulation. The share of a population that chooses one profile
over another is a logistic function averaged over a single normal number (Gauss-Hermite quadrature)
and over ages (a sum). Marginal means, AMCEs, interactions and the rest are sums of those shares over
pairs of profiles, as often as the design draws them (`tests/montecarlo/superpopulation.py`).

**Columns.** *Covered*: the share of draws whose interval held the truth, averaged over the figures of the
row, then the lowest and the highest of them. *Error / spread*: the root mean square of the
standard errors over the standard deviation of the estimates, lowest and highest: 1 is right. *Bias*: the
mean estimate less the truth in standard deviations of one estimate, the largest of the row.
*Rejected*: one share for each attribute that is tested (price, colour, size, or size alone).
*Band*: what the tests hold the row to, give or take the error of {draws:,} draws ({error:.1f} points; twice
that for a single figure among several); rows without one are there for contrast.
"""


def main() -> None:
    """Measure every study, and write the page."""
    draws = int(sys.argv[1]) if len(sys.argv) > 1 else DRAWS
    start, parts = time.monotonic(), []
    for study in STUDIES:
        parts.append(_section(study, measure(study, draws, os.cpu_count() or 1)))
        print(parts[-1], flush=True)  # noqa: T201
    error = 100 * np.sqrt(0.95 * 0.05 / draws)
    head = HEAD.format(
        draws=draws,
        seed=SEED,
        cores=os.cpu_count(),
        minutes=(time.monotonic() - start) / 60,
        date=datetime.datetime.now(tz=datetime.UTC).date(),
        version=cj.__version__,
        numpy=np.__version__,
        error=error,
        low=95 - 1.96 * error,
        high=95 + 1.96 * error,
    )
    PAGE.write_text("\n".join([head, *parts]), encoding="utf-8")


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
    return f"{100 * low:.0f} to {100 * high:.0f}" if low else f"{100 * high:.0f} or less"


if __name__ == "__main__":
    main()
