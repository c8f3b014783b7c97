"""Redraw a synthetic wave: ``python -m conjoint.plan surveys/routes_for_returns_2026``."""

from __future__ import annotations

import sys
from pathlib import Path

from conjoint.errors import ConjointError
from conjoint.output import write_file
from conjoint.plan.recipe import read_recipe
from conjoint.plan.simulate import simulate
from conjoint.read.tables import read_survey
from conjoint.spreadsheet import csv_text


def main() -> int:
    """Write the responses of a survey folder from its simulation.toml."""
    if len(sys.argv) != 2:
        sys.stderr.write("usage: python -m conjoint.plan SURVEY_FOLDER\n")
        return 2
    folder = Path(sys.argv[1])
    try:
        survey = read_survey(folder)
        frame = simulate(survey, read_recipe(folder))
    except ConjointError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    if survey.data is None or not survey.synthetic:
        sys.stderr.write(
            f"{folder}: the survey does not say synthetic = true; nothing is written.\n"
        )
        return 2
    path = folder / survey.data.file
    try:
        write_file(path, csv_text(frame, raw=True).encode(), where=str(path))
    except ConjointError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    sys.stdout.write(f"{path}: {len(frame):,} synthetic respondents\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
