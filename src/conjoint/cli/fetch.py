"""``conjoint fetch``: a survey's public data, downloaded and verified."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from conjoint.cli.shared import Folder, To, app, notes
from conjoint.errors import Fault, RequestError, choices
from conjoint.read.fetch import Fetched, fetch_data, published_parts
from conjoint.read.locate import Part  # noqa: TC001  # typer reads annotations when it runs

__all__ = ["fetch"]


@app.command()
def fetch(
    survey: Folder,
    to: To = None,
    force: Annotated[
        bool, typer.Option("--force", help="Download again what is in the cache.")
    ] = False,
    part: Annotated[
        Part | None,
        typer.Option(
            "--part", help="Only the file of this table of survey.toml; to say which with --to."
        ),
    ] = None,
) -> None:
    """Download a survey's public data, and hold them against the sha256 in survey.toml.

    They are kept in the user's cache, or the folder that CONJOINT_CACHE names, where every command
    finds them: the file of [data], and those of [respondents] and [design] that have an address.
    Their paths are printed; --to writes a copy of one instead.

    Example: conjoint fetch surveys/a_published_one --to responses.csv
    """
    parts = published_parts(survey) if part is None else (part,)
    if to is not None and len(parts) > 1:
        what, expected = (
            f"names one file, but {len(parts)} are published",
            f"--part {choices(parts)}",
        )
        raise RequestError(Fault("--to", what, expected, "Say which of them."))
    for own in parts:
        with Bar() as bar:
            fetched = fetch_data(survey, to=to, force=force, meter=bar, part=own)
        _say(fetched, own)


def _say(fetched: Fetched, part: str) -> None:
    size = f"{fetched.size:,} bytes"
    if not fetched.downloaded:
        notes.print(f"In the cache already: {size}, sha256 as declared. --force downloads again.")
    elif fetched.verified:
        notes.print(f"Downloaded: {size}, sha256 as declared.")
    else:
        notes.print(f"Downloaded: {size}. Nothing vouches for them: survey.toml declares no hash.")
        notes.print(f"Once the file is the right one, add this line under [{part}]:")
        notes.print(f'sha256 = "{fetched.sha256}"', soft_wrap=True)
    typer.echo(str(fetched.path))


class Bar:
    """A bar on the terminal for a download; a line where there is no terminal."""

    def __init__(self) -> None:
        self._bar = Progress(
            TextColumn("Downloading"),
            BarColumn(bar_width=24),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=notes,
            transient=True,
        )
        self._task = self._bar.add_task("", total=None, visible=False)
        self._total = 0

    def __enter__(self) -> Bar:
        if notes.is_terminal:
            self._bar.start()
        return self

    def __exit__(self, *error: object) -> None:
        if notes.is_terminal:
            self._bar.stop()

    @property
    def total(self) -> int:
        """How many bytes are to come; 0 where the server does not say."""
        return self._total

    @total.setter
    def total(self, count: int) -> None:
        self._total = count
        self._bar.update(self._task, total=count or None, visible=True)
        if not notes.is_terminal:
            notes.print(f"Downloading {count:,} bytes" if count else "Downloading")

    def update(self, n: int) -> None:
        """Count bytes that came."""
        self._bar.advance(self._task, n)
