"""Time `conjoint report` and `conjoint analyse` now and at an earlier commit in turn.

    python benchmarks/reporting.py --against 2d8c9b5
    python benchmarks/reporting.py --against 2d8c9b5 --repeat 5

Reports are made from a bundle that the same commit wrote, by the embedded renderer. Seconds and processor
seconds, those of the processes that draw and of pandoc included, are the least of the runs. Prints a table in
Markdown.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
from reading import measured  # noqa: E402
from run import machine, say, source_at  # noqa: E402

SURVEY = HERE.parent / "surveys" / "routes_for_returns_2026"

COMMANDS = {
    "analyse": ["analyse"],
    "report: segment, HTML": ["report", "--to", "html"],
    "report: all, all formats": ["report", "--report", "all", "--to", "html,docx,pptx,pdf,md"],
}


def main() -> None:
    """Run each command of both in turn, and print the least of each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--against", metavar="COMMIT", required=True)
    parser.add_argument("--repeat", type=int, default=5, help="runs of each")
    arguments = parser.parse_args()
    say(f"{machine().split(';')[0]}\n")
    heads = ("seconds", f"at {arguments.against}", "now / then")
    say(
        f"| what | {' | '.join(heads)} | processor {' | '.join(heads)} |\n|---|---|---|---|---|---|---|"
    )
    with source_at(arguments.against) as source, tempfile.TemporaryDirectory() as place:
        sources = {"now": HERE.parent / "src", "then": source}
        for what, command in COMMANDS.items():
            runs: dict[str, list[tuple[float, float]]] = {when: [] for when in sources}
            for _ in range(arguments.repeat):
                for when, own in sources.items():
                    runs[when].append(timed(command, own, Path(place) / when))
            now, then = ([min(each) for each in zip(*own, strict=True)] for own in runs.values())
            cells = (f"{a:.1f} | {b:.1f} | {a / b:.2f}" for a, b in zip(now, then, strict=True))
            say(f"| {what} | {' | '.join(cells)} |")


def timed(command: list[str], source: Path, folder: Path) -> tuple[float, float]:
    """Seconds and processor seconds of a command of the package in `source`."""
    bundle = folder / "bundle"
    where = [str(bundle), "--output", str(folder / "report")]
    if command == ["analyse"]:
        where = [str(SURVEY), "--to", str(bundle)]
    whole = [sys.executable, "-m", "conjoint", *command, *where]
    seconds, processor, *_ = measured(whole, {"PYTHONPATH": str(source)})
    return seconds, processor


if __name__ == "__main__":
    main()
