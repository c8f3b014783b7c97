"""A survey's public data downloaded, held against the hash declared, and kept."""

from __future__ import annotations

import shutil
import signal
import tempfile
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, time
from typing import TYPE_CHECKING, Protocol

from conjoint.errors import DataError, Fault
from conjoint.output import write_file
from conjoint.read.locate import PARTS, Part, Source, cache_folder, kept_file, sha256_of, source_of
from conjoint.read.tables import read_survey

if TYPE_CHECKING:
    from collections.abc import Iterator
    from os import PathLike

__all__ = ["Fetched", "Meter", "fetch_data", "published_parts"]

TIMEOUT = 30.0
"""Seconds that a server may stay silent."""

CHUNK = 1 << 16

PARTIAL = ".partial-"
"""How folders in the cache begin that hold a download under way."""

MOST_BYTES = 2_000_000_000
"""Of a file that is fetched."""

MOST_SECONDS = 3600
"""For a whole download, however alive the server keeps itself."""


class Meter(Protocol):
    """What shows how far a download is: `total` bytes (0 where unknown), and how many came."""

    total: int

    def update(self, n: int) -> None:
        """Count bytes that came."""


class Silent:
    """A meter that shows nothing."""

    total = 0

    def update(self, n: int) -> None:
        """Count nothing."""


class _OverdueError(Exception):
    """A download takes too long; no TimeoutError, which libraries take for a server's silence."""


class _Limited:
    """A meter that ends a download that grows too large or takes too long, whatever the server announces."""

    def __init__(self, meter: Meter, source: Source) -> None:
        self._meter, self._source, self._count = meter, source, 0
        self._until = monotonic() + MOST_SECONDS

    @property
    def total(self) -> int:
        return self._meter.total

    @total.setter
    def total(self, count: int) -> None:
        self._check(count)
        self._meter.total = count

    def update(self, n: int) -> None:
        self._count += n
        self._check(self._count)
        if monotonic() > self._until:  # for systems and threads without an alarm
            raise _OverdueError
        self._meter.update(n)

    def _check(self, count: int) -> None:
        if count > MOST_BYTES:
            what = f"{self._source.url} gives more than {MOST_BYTES / 1e9:g} GB"
            do = "Download it by other means, and give it with --data FILE."
            raise DataError(
                Fault(
                    f"{self._source.where}, {self._source.part}.url",
                    what,
                    "a file of responses",
                    do,
                )
            )


@contextmanager
def _within(seconds: float) -> Iterator[None]:
    """End what takes longer, where the system has an alarm; it has one for the main thread alone."""

    def ring(*_: object) -> None:
        raise _OverdueError

    alarm = getattr(signal, "setitimer", None)
    if alarm is None or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGALRM, ring)
    alarm(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        alarm(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file of data that is there, with its hash.

    Parameters
    ----------
    path
        Where it lies.
    url
        Where it came from.
    sha256
        Its hash.
    verified
        Whether survey.toml declares that hash.
    downloaded
        Whether it came just now; otherwise it was in the cache.
    """

    path: Path
    url: str
    sha256: str
    verified: bool
    downloaded: bool

    @property
    def size(self) -> int:
        """Bytes."""
        return self.path.stat().st_size


def published_parts(folder: str | PathLike[str]) -> tuple[Part, ...]:
    """The tables of a folder's survey.toml that give an address of their file; ``data`` where none does."""
    survey = read_survey(folder)
    return tuple(part for part in PARTS if source_of(survey, folder, part).url) or PARTS[:1]


def fetch_data(
    folder: str | PathLike[str],
    *,
    to: str | PathLike[str] | None = None,
    force: bool = False,
    meter: Meter | None = None,
    part: Part = "data",
) -> Fetched:
    """Download a survey's public data by `data.url`, held against `data.sha256`.

    What came counts once its hash is the one declared, and is then kept in the user's cache (or the
    folder that the environment variable CONJOINT_CACHE names), where every reader finds it. Where
    no hash is declared, the file is refused with the line to add to survey.toml; once the line is
    there, it is found in the cache. Archives are not unpacked: they come with `to` alone.

    Parameters
    ----------
    folder
        A folder with a survey.toml.
    to
        Where to put a copy. What comes without a hash declared may be looked at there.
    force
        Download again what is in the cache.
    meter
        Shows how far the download is.
    part
        Which file: that of ``[data]``, or of ``[respondents]`` or ``[design]``, which have such keys too.

    Returns
    -------
    Fetched
        The file's path (of the copy, where one was asked for), hash and origin.

    Raises
    ------
    SurveyError
        survey.toml cannot be read.
    DataError
        There is no address, or it gives no file; the hash is another one, or none is declared.
    RequestError
        The copy cannot be written.
    """
    source = source_of(read_survey(folder), folder, part)
    _check_address(source, copied=to is not None)
    kept = None if force else kept_file(source)
    downloaded = kept is None
    if kept is None:
        kept = _download(source, meter or Silent())
    found = source.sha256 or sha256_of(kept)
    if to is not None:
        _copy(kept, Path(to))
    elif not source.sha256:
        raise DataError(
            Fault(
                f"{source.where}, {source.part}.sha256",
                f"is missing, and a file that nothing vouches for is not read; {source.url} gives "
                f"one of {kept.stat().st_size:,} bytes",
                f'sha256 = "{found}"',
                f"Look at the file (--to FILE writes it), then add this line under [{source.part}].",
            )
        )
    return Fetched(Path(to) if to else kept, source.url, found, bool(source.sha256), downloaded)


def _check_address(source: Source, *, copied: bool) -> None:
    if not source.url:
        raise DataError(
            Fault(
                f"{source.where}, {source.part}.url",
                "is missing, so there is nothing to fetch",
                "the address of the published file",
                f"Add url and sha256 under [{source.part}].",
            )
        )
    if source.packed and not copied:
        raise DataError(
            Fault(
                f"{source.where}, {source.part}.url",
                f"{source.url} is an archive, which is not unpacked",
                "the address of the file of responses itself",
                "Write it to a place with --to FILE, and unpack it into the folder.",
            )
        )


def _download(source: Source, meter: Meter) -> Path:
    """Bring the file into the cache; it shows there once it is whole and has the right hash."""
    with _in_cache(), tempfile.TemporaryDirectory(prefix=PARTIAL, dir=_made()) as place:
        partial = Path(place) / "file"
        _transfer(source, partial, meter)
        found = sha256_of(partial)
        _check_hash(source, partial, found)
        path = source.path(found)
        path.parent.mkdir(parents=True, exist_ok=True)
        return partial.replace(path)


def _transfer(source: Source, partial: Path, meter: Meter) -> None:
    import requests

    # A server that packs what it sends would leave its length unknown, and a cut end unseen.
    plain = {"Accept-Encoding": "identity"}
    limited = _Limited(meter, source)
    try:
        with (
            _within(MOST_SECONDS),
            requests.get(source.url, headers=plain, stream=True, timeout=TIMEOUT) as answer,
            partial.open("wb") as file,
        ):
            answer.raise_for_status()
            limited.total = int(answer.headers.get("content-length", 0))
            for chunk in answer.iter_content(CHUNK):
                limited.update(len(chunk))
                file.write(chunk)
    except _OverdueError as error:
        what = f"{source.url} has not given the whole file in {MOST_SECONDS:,} seconds"
        do = "Download it by other means, and give it with --data FILE."
        raise DataError(
            Fault(f"{source.where}, {source.part}.url", what, "the file", do)
        ) from error
    except (requests.RequestException, ValueError) as error:
        raise DataError(_said(source, error, meter.total)) from error
    if partial.stat().st_size < meter.total:
        raise DataError(_cut(source, meter.total))


def _said(source: Source, error: Exception, total: int) -> Fault:
    """What a failed download comes down to, in words."""
    import requests

    again = "Try again later, or give the file with --data FILE."
    where, url = f"{source.where}, {source.part}.url", source.url
    match error:
        case requests.HTTPError(response=answer) if answer is not None:
            what = f"{url} answers {answer.status_code} {answer.reason}".rstrip()
            return Fault(where, what, "the file", "Correct the address, or try again later.")
        case requests.TooManyRedirects():
            return Fault(where, f"{url} leads in a circle", "the file", "Correct the address.")
        case requests.exceptions.InvalidSchema():
            return Fault(where, f"{url} leads to no web address", "the file", "Correct it.")
        case _ if isinstance(error, requests.Timeout) or "timed out" in str(error):
            return Fault(where, f"{url} has not answered for {TIMEOUT:g} seconds", do=again)
        case requests.exceptions.SSLError():
            return Fault(where, f"{url} cannot prove that it is the one it says", do=again)
        case _ if total or isinstance(error, requests.exceptions.ChunkedEncodingError):
            return _cut(source, total)
        case requests.ConnectionError():
            return Fault(where, f"{url} cannot be reached", "a connection to it", again)
        case _:
            return Fault(where, f"{url} answers with something that cannot be read", do=again)


def _cut(source: Source, total: int) -> Fault:
    whole = f"all {total:,} bytes" if total else "the whole file"
    what = f"the connection to {source.url} broke off before {whole} came"
    return Fault(f"{source.where}, {source.part}.url", what, "the whole file", "Try again.")


def _check_hash(source: Source, partial: Path, found: str) -> None:
    if found == source.sha256:
        return
    with partial.open("rb") as file:
        start = file.read(512).lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html")):
        raise DataError(
            Fault(
                f"{source.where}, {source.part}.url",
                f"{source.url} gives a web page",
                "the file itself",
                "Look whether it asks to log in or to agree to terms; download it there.",
            )
        )
    if source.sha256:
        raise DataError(
            Fault(
                f"{source.where}, {source.part}.sha256",
                f"{source.url} gives another file than declared: its sha256 is {found}",
                source.sha256,
                "Nothing was kept. Ask who published it what has changed.",
            )
        )


def _copy(kept: Path, to: Path) -> None:
    write_file(to, kept)


def _made() -> Path:
    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob(f"{PARTIAL}*"):  # by runs that were killed
        if left.stat().st_mtime < time() - 2 * MOST_SECONDS:
            shutil.rmtree(left, ignore_errors=True)
    return folder


@contextmanager
def _in_cache() -> Iterator[None]:
    """Say what keeps the cache from being written: no space, no rights, a file in its place."""
    try:
        yield
    except OSError as error:
        raise DataError(
            Fault(
                str(cache_folder()),
                f"cannot be written: {error.strerror}",
                "a folder for downloads, with space",
                "Name another in the environment variable CONJOINT_CACHE.",
            )
        ) from error
