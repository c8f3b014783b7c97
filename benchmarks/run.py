"""Time this package against its peers in one run: effects and marginal means, clustered.

    python -m pip install -e ".[benchmark]"
    python benchmarks/run.py                # 13,960 profiles, 10 and 100 times as many
    python benchmarks/run.py --times 1 10   # a quick look
    python benchmarks/run.py --against 2d8c9b5   # this package at a commit, in turn with it now

Each tool and size runs in a process of its own. R's survey takes part where Rscript and the package
are. Prints a table in Markdown with this package as the measure.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
from data import load  # noqa: E402

HEADER = "| profiles | tool | AMCE, first call | AMCE, second call | peak memory | marginal means, first | second |"
RULE = "|---|---|---|---|---|---|---|"


def main() -> None:
    """Run everything that is installed, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, nargs="+", default=[1, 10, 100])
    parser.add_argument("--against", metavar="COMMIT", help="an earlier commit, in place of peers")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each; the median is shown")
    arguments = parser.parse_args()
    if arguments.against:
        against_commit(arguments.against, arguments.times, arguments.repeat)
        return
    tools = ["conjoint", "statsmodels"]
    tools += ["pyfixest"] if importlib.util.find_spec("pyfixest") else []
    tools += ["survey::svyglm"] if has_survey() else []
    say(f"{machine()}\n")
    say(f"{HEADER}\n{RULE}")
    for times in arguments.times:
        own: dict[str, Any] = {}
        for tool in tools:
            repeat = arguments.repeat if times < 100 or tool == "conjoint" else 1
            runs = [run(tool, times) for _ in range(repeat)]
            result = {key: middle([each[key] for each in runs]) for key in runs[0]}
            own = own or result
            say(row(result, own))


def against_commit(commit: str, sizes: list[int], repeat: int) -> None:
    """Time this package now and at an earlier commit in turn, and print the medians."""
    say(f"{machine()}\n\n{HEADER}\n{RULE}")
    with source_at(commit) as source:
        for times in sizes:
            turns = [
                (run("conjoint", times), run("conjoint", times, source)) for _ in range(repeat)
            ]
            now, then = ({key: middle([own[key] for own in runs]) for key in runs[0]}
                         for runs in zip(*turns, strict=True))  # fmt: skip
            say(row(then | {"tool": f"conjoint, {commit}"}, now))
            say(row(now, now))


@contextmanager
def source_at(commit: str) -> Iterator[Path]:
    """The package's source as it stood at a commit."""
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "then.tar"
        git = ["git", "-C", str(HERE.parent), "archive", "--output", str(archive)]
        git += [commit, "src", "reports"]
        subprocess.run(git, check=True)  # noqa: S603
        shutil.unpack_archive(archive, folder, filter="data")
        yield Path(folder) / "src"


def run(tool: str, times: int, source: Path | None = None) -> dict[str, Any]:
    """One process of one tool; of this package as it stands in `source`."""
    if tool != "survey::svyglm":
        own = {"PYTHONPATH": str(source or HERE.parent / "src")}
        return result_of([sys.executable, str(HERE / "one.py"), tool, str(times)], own)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.csv"
        load(times)[0].to_csv(path, index=False)
        return result_of(["Rscript", str(HERE / "svyglm.R"), str(path)])


def result_of(command: list[str], environment: dict[str, str] | None = None) -> dict[str, Any]:
    """The line of JSON that a process prints last."""
    own = os.environ | (environment or {})
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=own)  # noqa: S603
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
    result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


def has_survey() -> bool:
    """Whether R's survey can be asked."""
    if not shutil.which("Rscript"):
        return False
    command = ["Rscript", "-e", "quit(status = !requireNamespace('survey', quietly = TRUE))"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603


def middle(values: list[Any]) -> Any:
    """The median of numbers, the first of anything else."""
    if isinstance(values[0], str):
        return values[0]
    return sorted(values)[len(values) // 2]


def row(result: dict[str, Any], own: dict[str, Any]) -> str:
    """One tool as a row of the table, with how many times this package it is."""

    def against(key: str, unit: str, digits: int) -> str:
        value = f"{result[key]:.{digits}f} {unit}"
        ratio = result[key] / own[key]
        return value if result is own else f"{value} ({ratio:.3g}x)"

    cells = [
        f"{result['profiles']:,}", result["tool"], against("first", "s", 3),
        against("second", "s", 3), against("peak", "GB", 2),
        against("means_first", "s", 3), against("means_second", "s", 3),
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


def machine() -> str:
    """What the figures were measured on."""
    model = "unknown processor"
    info = Path("/proc/cpuinfo")
    if info.exists():
        named = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        model = named[0].split(":")[1].strip() if named else model
    return (
        f"{model}, {os.cpu_count()} cores, {platform.system()}, "
        f"Python {platform.python_version()}; {load(1)[1]}"
    )


def say(line: str) -> None:
    """Print at once, so that a long run can be watched."""
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
