"""Time what is done with partial profiles: 60 attributes of three levels, six of them in each profile.

    python benchmarks/partial.py            # 200,000 profiles of 10,000 people
    python benchmarks/partial.py --people 1000

Each operation runs in a process of its own, whose highest memory, data included, stands beside its
seconds. Prints a table in Markdown.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
from one import memory  # noqa: E402
from run import machine, result_of, say  # noqa: E402

import conjoint as cj  # noqa: E402
from conjoint.audit import audit  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

NAMES, LEVELS, SHOWN, TASKS = [f"a{place:02d}" for place in range(60)], 3, 6, 10

OPERATIONS: dict[str, Callable[[cj.Wave], Any]] = {
    "amce": cj.amce,
    "amce, CR2": lambda wave: cj.amce(wave, variance="CR2").frame,
    "marginal_means": cj.marginal_means,
    "presence_effects": cj.presence_effects,
    "joint_means of two": lambda wave: cj.joint_means(wave, NAMES[:2]),
    "interactions of two": lambda wave: cj.interactions(wave, NAMES[:2]),
    "omnibus": lambda wave: cj.omnibus(cj.amce(wave)),
    "support": lambda wave: cj.support(wave, {NAMES[0]: "level 1", NAMES[1]: "level 2"}).frame,
    "part_worths": cj.part_worths,
    "part_worths, conditional": lambda wave: cj.part_worths(wave, model="conditional_logit"),
    "amce, respondents absorbed": lambda wave: cj.amce(wave, absorb="respondent").frame,
    "audit, whole": audit,
}


def wave_of(people: int) -> cj.Wave:
    """Forced choices between two profiles, each of which shows some attributes drawn by chance."""
    rng = np.random.default_rng(60)
    rows = people * TASKS * 2
    shown = np.zeros((rows, len(NAMES)), dtype=bool)
    drawn = rng.random((rows, len(NAMES))).argpartition(SHOWN, axis=1)[:, :SHOWN]
    np.put_along_axis(shown, drawn, values=True, axis=1)
    liking = rng.gumbel(size=rows)
    frame = pd.DataFrame(
        {
            "id": np.repeat(np.arange(people), TASKS * 2),
            "task": np.tile(np.repeat(np.arange(TASKS), 2), people),
            "profile": np.tile([0, 1], people * TASKS),
        }
    )
    for place, name in enumerate(NAMES):
        codes = rng.integers(LEVELS, size=rows)
        liking += 0.1 * codes * shown[:, place]
        codes[~shown[:, place]] = -1
        frame[name] = pd.Categorical.from_codes(codes, [f"level {n + 1}" for n in range(LEVELS)])
    first = liking[::2] > liking[1::2]
    frame["chosen"] = np.column_stack([first, ~first]).ravel().astype(float)
    return cj.Wave.from_frame(
        frame, respondent="id", outcome="chosen", attributes=NAMES, task="task", profile="profile",
        presence=dict.fromkeys(NAMES, "some"),
    )  # fmt: skip


def measure(operation: str, people: int) -> dict[str, float]:
    """Seconds of the first call, and the highest memory from then on, data included."""
    wave = wave_of(people)
    Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")
    start = time.perf_counter()
    OPERATIONS[operation](wave)
    return {"seconds": time.perf_counter() - start, "peak": memory("VmHWM")}


def main() -> None:
    """Run each operation in a process of its own, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        say(json.dumps(measure(arguments.one, arguments.people)))
        return
    profiles = arguments.people * TASKS * 2
    say(
        f"{machine().split(';')[0]}; {profiles:,} profiles, {SHOWN} of {len(NAMES)} attributes in each\n"
    )
    say("| operation | seconds | peak memory |\n|---|---|---|")
    for operation in OPERATIONS:
        command = [sys.executable, __file__, "--people", str(arguments.people), "--one", operation]
        found = result_of(command)
        say(f"| {operation} | {found['seconds']:.2f} | {found['peak']:.2f} GB |")


if __name__ == "__main__":
    main()
