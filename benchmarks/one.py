"""Time one tool on one size in a process of its own; run.py starts it.

Prints a line of JSON: seconds of the first and second call of effects and of means, and the peak
resident memory while the second call of the effects ran, with what was held before it.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

sys.path.insert(0, str(Path(__file__).parent))
from data import OUTCOME, RESPONDENT, attributes, load

Calls = tuple["Callable[[], Any]", "Callable[[], Any]"]


def conjoint(frame: pd.DataFrame) -> Calls:
    """Estimate here, with the tidy frame of figures and intervals."""
    import conjoint as cj

    wave = cj.Wave.from_frame(
        frame, respondent=RESPONDENT, outcome=OUTCOME, attributes=attributes()
    )

    return lambda: cj.amce(wave).frame, lambda: cj.marginal_means(wave).frame


def statsmodels(frame: pd.DataFrame) -> Calls:
    """OLS on dummies, clustered."""
    import pandas as pd
    import statsmodels.api as sm

    groups, y = frame[RESPONDENT].to_numpy(), frame[OUTCOME].to_numpy(dtype=float)
    chosen = frame[attributes()]
    clustered = {"cov_type": "cluster", "cov_kwds": {"groups": groups}}

    def effects() -> Any:
        X = pd.get_dummies(chosen, drop_first=True, dtype=float)
        return sm.OLS(y, sm.add_constant(X)).fit(**clustered).summary2().tables[1]

    def means() -> Any:
        return [
            sm.OLS(y, pd.get_dummies(chosen[name], dtype=float)).fit(**clustered).bse
            for name in attributes()
        ]

    return effects, means


def pyfixest(frame: pd.DataFrame) -> Calls:
    """Estimate by feols, clustered."""
    import pyfixest as pf

    formula = f"{OUTCOME} ~ " + " + ".join(attributes())

    def effects() -> Any:
        return pf.feols(formula, frame, vcov={"CRV1": RESPONDENT}).tidy()

    def means() -> Any:
        return [
            pf.feols(f"{OUTCOME} ~ {name} - 1", frame, vcov={"CRV1": RESPONDENT}).tidy()
            for name in attributes()
        ]

    return effects, means


TOOLS = {"conjoint": conjoint, "statsmodels": statsmodels, "pyfixest": pyfixest}


def memory(key: str) -> float:
    """Resident memory in GB: `VmRSS` now, `VmHWM` at its highest since it was reset."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(key):
            return int(line.split()[1]) / 1e6
    raise KeyError(key)


def timed(call: Callable[[], Any]) -> float:
    """Seconds of one call, its result thrown away."""
    gc.collect()
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def main() -> None:
    """Read the tool and the size from the command line."""
    tool, times = sys.argv[1], int(sys.argv[2])
    frame, name = load(times)
    effects, means = TOOLS[tool](frame)
    rows = len(frame)
    if tool == "conjoint":
        del frame  # a wave holds the data; the others go back to the frame in each call
    first = timed(effects)
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")
    held = memory("VmRSS")
    second = timed(effects)
    peak = memory("VmHWM")
    means_first, means_second = timed(means), timed(means)
    print(  # noqa: T201
        json.dumps(
            {
                "tool": tool,
                "profiles": rows,
                "data": name,
                "first": first,
                "second": second,
                "peak": peak,
                "held": held,
                "means_first": means_first,
                "means_second": means_second,
            }
        )
    )


if __name__ == "__main__":
    main()
