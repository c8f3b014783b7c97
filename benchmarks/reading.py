"""Time reading and checking a file of 100,000 respondents x 60 columns, against pandas in one run.

    python benchmarks/reading.py
    python benchmarks/reading.py --respondents 10000
    python benchmarks/reading.py --against 2d8c9b5   # this package at a commit, in turn with it now

The file is made once: five tasks of two profiles with four attributes, a repeated task, weights,
durations and a dozen questions. Each row of the table is a process of its own: its seconds are
those of the work alone or, for the command, of the whole process. Processor seconds and the peak of
memory are those of the process, with what it takes to load packages: on a machine that others use,
seconds say how busy it is, and processor seconds say more.
The pollster by hand uses pandas alone: reads, brings profiles to rows, and says who was chosen;
nothing is checked. Prints a table in Markdown.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
from run import machine, say, source_at  # noqa: E402

ATTRIBUTES = {
    "price": ["5000", "10000", "20000", "40000"],
    "returns": ["None", "Serious crime only", "All refused"],
    "reduction": ["10%", "25%", "50%", "75%", "90%"],
    "control": ["Shared", "National"],
}
QUESTIONS = {
    "region": ["North", "Midlands", "East", "London", "South", "Wales", "Scotland"],
    "age_group": ["18-24", "25-34", "35-49", "50-64", "65+"],
    "sex": ["Female", "Male"],
    "vote": ["Conservative", "Labour", "Liberal Democrat", "Reform UK", "Green", "None"],
    "education": ["None", "School", "Degree"],
    "tenure": ["Owned", "Mortgage", "Rented"],
    "direction": ["Right", "Wrong", "Unsure"],
}
TASKS, PROFILES = ("1", "2", "3", "4", "5"), ("A", "B")

TOML = """\
title = "A large poll"

[data]
file = "responses.csv"
layout = "wide"
respondent = "id"
tasks = 5
profiles = ["A", "B"]
attribute = "t{task}_{profile}_{attribute}"
weight = "weight"
duration = "seconds"
repeat = { task = "6", of = "1", attributes = "same" }

[outcomes.choice]
kind = "choice"
column = "t{task}_choice"
chosen = { A = "Deal A", B = "Deal B" }

[segments.leavers]
where = { vote = ["Conservative", "Reform UK"] }

[segments.young]
where = { age_group = "18-24" }

[questions.warmth]
kind = "scale"
min = 0
max = 10

"""


def write(folder: Path, n: int) -> int:
    """Make the survey folder; returns how many columns the responses have."""
    rng = np.random.default_rng(2026)
    frame: dict[str, Any] = {"id": [f"R_{place:07d}" for place in range(n)]}
    frame["weight"] = np.round(rng.uniform(0.3, 3, n), 4)
    frame["seconds"] = np.round(rng.lognormal(6.3, 0.4, n)).astype(int)
    for name, answers in QUESTIONS.items():
        frame[name] = rng.choice(answers, n)
    frame["warmth"] = rng.integers(0, 11, n)
    for place in range(3):
        frame[f"comment_{place}"] = [f"answer {number}" for number in rng.integers(0, 5000, n)]
    for task in TASKS:
        worth = {who: rng.gumbel(size=n) for who in PROFILES}
        for who in PROFILES:
            for name, levels in ATTRIBUTES.items():
                code = rng.integers(0, len(levels), n)
                worth[who] += 0.2 * code
                frame[f"t{task}_{who}_{name}"] = np.array(levels)[code]
        frame[f"t{task}_choice"] = np.where(worth["A"] > worth["B"], "Deal A", "Deal B")
    swapped = rng.random(n) < 0.2
    first = np.array(frame["t1_choice"]) == "Deal A"
    frame["t6_choice"] = np.where(first == swapped, "Deal A", "Deal B")
    pd.DataFrame(frame).to_csv(folder / "responses.csv", index=False)
    parts = [f"[attributes.{name}]\nlevels = {levels}" for name, levels in ATTRIBUTES.items()]
    parts += [f"[questions.{name}]\nanswers = {levels}" for name, levels in QUESTIONS.items()]
    (folder / "survey.toml").write_text(TOML + "\n\n".join(parts) + "\n", encoding="utf-8")
    return len(frame)


def write_long(folder: Path, n: int) -> int:
    """Make the same survey with one row a profile; returns how many columns the responses have."""
    rows = by_hand(folder, n).astype(dict.fromkeys(ATTRIBUTES, object)).fillna("None")
    wide = rows.drop(columns=["shown", "choice"]).sort_values(["id", "task", "profile"])
    toml = (folder / "survey.toml").read_text(encoding="utf-8")
    start, end = toml.index("tasks = 5"), toml.index("[segments.leavers]")
    data = """\
task = "task"
profile = "profile"
weight = "weight"
duration = "seconds"

[outcomes.chosen]
kind = "choice"
column = "chosen"
positive = ["1"]
negative = ["0"]

"""
    toml = (toml[:start] + data + toml[end:]).replace('layout = "wide"', 'layout = "long"')
    (folder / "long").mkdir()
    (folder / "long" / "survey.toml").write_text(toml, encoding="utf-8")
    wide.to_csv(folder / "long" / "responses.csv", index=False)
    return len(wide.columns)


def read_and_audit(folder: Path) -> None:
    """Read into a wave, and audit it: what `conjoint check` does before it prints."""
    from conjoint.audit import audit
    from conjoint.folder import open_folder

    audit(open_folder(folder))


def read(folder: Path) -> None:
    """Read into a wave, every cell checked."""
    import conjoint as cj

    cj.read_wave(folder)


def pandas_read(folder: Path, rows: int | None = None) -> pd.DataFrame:
    """Read the file into a frame, nothing else."""
    return pd.read_csv(folder / "responses.csv", nrows=rows)


def by_hand(folder: Path, rows: int | None = None) -> pd.DataFrame:
    """Read, profiles to rows by wide_to_long, and who was chosen: nothing is checked."""
    frame = pandas_read(folder, rows)
    columns = {
        f"t{task}_{who}_{name}": f"{name}|{task}{who}"
        for task in TASKS
        for who in PROFILES
        for name in ATTRIBUTES
    }
    kept = ["id", "weight", "seconds", *QUESTIONS, "warmth"]
    wide = frame[[*kept, *columns]].rename(columns=columns)
    long = pd.wide_to_long(wide, list(ATTRIBUTES), "id", "shown", sep="|", suffix=".+")
    long = long.reset_index()
    long["task"], long["profile"] = long["shown"].str[0], long["shown"].str[1]
    answers = frame.melt("id", [f"t{task}_choice" for task in TASKS], "task", "choice")
    answers["task"] = answers["task"].str[1]
    long = long.merge(answers, on=["id", "task"])
    long["chosen"] = (long["choice"] == "Deal " + long["profile"]).astype(int)
    for name, levels in ATTRIBUTES.items():
        long[name] = pd.Categorical(long[name].astype(str), levels)
    return long


TOOLS: dict[str, Callable[[Path], Any]] = {
    "conjoint: read and audit": read_and_audit,
    "conjoint: read_wave": read,
    "pandas.read_csv alone": pandas_read,
    "pandas, wide_to_long by hand": by_hand,
}


WHOLE = "conjoint check, the whole command"


def one(tool: str, folder: Path) -> None:
    """Time one tool, and print its seconds."""
    began = time.perf_counter()
    TOOLS[tool](folder)
    print(json.dumps(time.perf_counter() - began))  # noqa: T201


def measured(
    command: list[str], environment: dict[str, str] | None = None
) -> tuple[float, float, float, str]:
    """Seconds, processor seconds and peak memory in GB of a process, and what it printed."""
    began = time.perf_counter()
    with tempfile.TemporaryFile("w+") as out:
        own = os.environ | (environment or {})
        process = subprocess.Popen(command, stdout=out, stderr=out, env=own)  # noqa: S603
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - began
        out.seek(0)
        said = out.read()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}:\n{said}")
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1e6, said


def main() -> None:
    """Make the file, run everything, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--respondents", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=3, help="runs of each")
    parser.add_argument("--against", metavar="COMMIT", help="an earlier commit, in place of pandas")
    parser.add_argument("--one", choices=TOOLS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        one(arguments.one, arguments.folder)
        return
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        columns = write(folder, arguments.respondents)
        size = (folder / "responses.csv").stat().st_size / 1e6
        where = machine().split(";")[0]
        say(f"{where}; {arguments.respondents:,} respondents x {columns} columns, {size:.0f} MB\n")
        if arguments.against:
            against(folder, arguments.against, arguments.repeat)
            return
        say(
            "| what | seconds | against pandas | processor seconds | against pandas | peak memory |"
        )
        say("|---|---|---|---|---|---|")
        table(folder, arguments.repeat)


def against(folder: Path, commit: str, repeat: int) -> None:
    """Three operations now and at a commit in turn, on a wide file and a long one, at their least."""
    n = sum(1 for _ in (folder / "responses.csv").open(encoding="utf-8")) - 1
    write_long(folder, n // 5)
    say(f"| what | file | seconds | at {commit} | processor seconds | at {commit} | then / now |")
    say("|---|---|---|---|---|---|---|")
    with source_at(commit) as source:
        for what, path in product(
            ("conjoint new", "conjoint check", "read_wave"), (folder, folder / "long")
        ):
            turns = [
                [operation(what, path, src) for src in (HERE.parent / "src", source)]
                for _ in range(repeat)
            ]
            # What others do on a machine only ever adds: the least of several runs says most.
            now, then = ([min(own) for own in zip(*runs, strict=True)]
                         for runs in zip(*turns, strict=True))  # fmt: skip
            cells = f"{now[0]:.2f} | {then[0]:.2f} | {now[1]:.2f} | {then[1]:.2f} | {then[1] / now[1]:.2f}"
            say(f"| {what} | {'long' if path.name == 'long' else 'wide'} | {cells} |")


def operation(what: str, path: Path, source: Path) -> tuple[float, float]:
    """Seconds and processor seconds of one process of the package in `source`."""
    with tempfile.TemporaryDirectory() as place:
        command = [sys.executable, "-m", "conjoint", "check", str(path)]
        if what == "conjoint new":
            command[3:] = ["new", str(path / "responses.csv"), f"{place}/new", "--no-copy"]
        elif what == "read_wave":
            command = [sys.executable, "-c", f"import conjoint; conjoint.read_wave({str(path)!r})"]
        seconds, processor, *_ = measured(command, {"PYTHONPATH": str(source)})
    return seconds, processor


def table(folder: Path, repeat: int) -> None:
    """One row a tool: medians. Runs take turns, so that a busy minute does not fall on one tool."""
    commands = {
        tool: [sys.executable, __file__, "--one", tool, "--folder", str(folder)] for tool in TOOLS
    }
    commands[WHOLE] = [sys.executable, "-m", "conjoint", "check", str(folder)]
    runs: dict[str, list[tuple[float, ...]]] = {tool: [] for tool in commands}
    for _ in range(repeat):
        for tool, command in commands.items():
            seconds, processor, peak, said = measured(command)
            if tool != WHOLE:
                seconds = json.loads(said.splitlines()[-1])
            runs[tool].append((seconds, processor, peak))
    middle = {
        tool: [statistics.median(each) for each in zip(*found, strict=True)]
        for tool, found in runs.items()
    }
    measure, whole, _ = middle["pandas, wide_to_long by hand"]
    for tool, (seconds, processor, peak) in middle.items():
        cells = (
            f"{seconds:.2f}",
            f"{seconds / measure:.2g}x",
            f"{processor:.1f}",
            f"{processor / whole:.2g}x",
            f"{peak:.2f} GB",
        )
        say(f"| {tool} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
