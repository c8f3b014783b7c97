"""Where a survey's files lie: in its folder, or downloaded in the cache."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Literal, get_args
from urllib.parse import unquote, urlsplit

from conjoint.errors import DataError, Fault
from conjoint.output import inside
from conjoint.read.packed import PACKED as UNPACKED

if TYPE_CHECKING:
    from os import PathLike

    from conjoint.survey import Data, JoinedFile, Survey

__all__ = [
    "PARTS",
    "Part",
    "Source",
    "cache_folder",
    "data_path",
    "joined_paths",
    "kept_file",
    "sha256_of",
    "source_of",
]

Part = Literal["data", "respondents", "design"]
PARTS: tuple[Part, ...] = get_args(Part)
"""The tables of survey.toml that name a file each."""

CACHE = "CONJOINT_CACHE"
"""The environment variable that says where downloads are kept."""

PACKED = (".tgz", ".tar.gz", ".bz2", ".xz", ".tar", ".7z", ".rar")
"""Endings of archives that are not unpacked."""

LONGEST_NAME = 80

RESERVED = re.compile(r"(con|prn|aux|nul|(com|lpt)[0-9])(\.|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a survey's data are published, as survey.toml says it.

    Parameters
    ----------
    where
        The survey.toml, for faults.
    url
        The address, over http or https.
    sha256
        The hash of the file at that address, in small letters; empty where none is declared.
    name
        The file's name, safe in any folder. The reader goes by its ending.
    part
        The table of survey.toml that names it.
    """

    where: str
    url: str
    sha256: str
    name: str
    part: Part = "data"

    @property
    def packed(self) -> bool:
        """Whether the address is that of an archive, which is not unpacked."""
        return urlsplit(self.url).path.lower().endswith(PACKED)

    def path(self, sha256: str) -> Path:
        """Where the cache keeps a file of that hash."""
        return cache_folder() / sha256[:16] / self.name


def data_path(
    survey: Survey, folder: str | PathLike[str], data: str | PathLike[str] | None = None
) -> Path:
    """Find the file of responses: the one named, the one in the folder, or the one downloaded.

    A file that survey.toml declares a sha256 of is held against it every time.

    Raises
    ------
    DataError
        No file is named; the one declared is not downloaded yet; or it is another one than declared.
    """
    if data is not None:
        return Path(data)
    where = f"{Path(folder) / 'survey.toml'}"
    if survey.data is None or not (survey.data.file or survey.data.url):
        raise DataError(
            Fault(
                f"{where}, data.file",
                "names no file of responses",
                "the file, where it lies in the folder",
                "Give the file with --data FILE (in Python, data=).",
            )
        )
    return _located(survey, folder, "data", Path(folder) / survey.data.file)


def joined_paths(survey: Survey, folder: str | PathLike[str], data: Path) -> dict[Part, Path]:
    """Find the files that are joined to the responses, by their table in survey.toml.

    They lie in the folder, beside the responses at `data`, or in the cache of downloads.

    Raises
    ------
    DataError
        One is not there, lies elsewhere, or is another one than declared.
    """
    folder = Path(folder)
    paths: dict[Part, Path] = {}
    for key in PARTS[1:]:
        part = _part(survey, key)
        if part is None:
            continue
        path, where = folder, f"{folder / 'survey.toml'}, {key}.file"
        if part.file:
            path = _beside(folder, part.file, where)
            other = data.parent / part.file
            path = other if not path.is_file() and other.is_file() else path
        if not path.is_file() and not part.url:
            do = "Put it there, or beside the file of responses."
            raise DataError(Fault(where, f"there is no file {part.file}", "a file", do))
        paths[key] = _located(survey, folder, key, path)
    return paths


def _beside(folder: Path, name: str, where: str) -> Path:
    """A file of the folder by its name, there or not."""
    path = inside(folder, name)
    if path is None or not path.resolve().is_relative_to(folder.resolve()):
        what = f"{name[:60]!a} is no file of the survey folder"
        raise DataError(Fault(where, what, "a file in it", "Put it there."))
    return path


def _part(survey: Survey, key: Part) -> Data | JoinedFile | None:
    part: Data | JoinedFile | None = getattr(survey, key)
    return part


def _located(survey: Survey, folder: str | PathLike[str], key: Part, beside: Path) -> Path:
    """The file at `beside`, or the one downloaded; held against the hash declared."""
    part = _part(survey, key)
    if part is None or (not part.url and not part.sha256):
        return beside
    source = source_of(survey, folder, key)
    if part.file and (beside.is_file() or not source.url):
        _hold_against(beside, source)
        return beside
    kept = kept_file(source)
    if kept is None:
        what = "data lie" if key == "data" else f"file of {key} lies"
        raise DataError(
            Fault(
                f"{source.where}, {key}.url",
                f"the {what} neither in the folder nor in the cache of downloads",
                f"the file that {source.url} gives",
                f'Download it with: conjoint fetch "{folder}"',
            )
        )
    return kept


def source_of(survey: Survey, folder: str | PathLike[str], key: Part = "data") -> Source:
    """Read off where a file is published; `key` is its table in survey.toml.

    Raises
    ------
    DataError
        The address is none that data are fetched from, or the hash is no sha256.
    """
    where, data = f"{Path(folder) / 'survey.toml'}", _part(survey, key)
    url, digest = (data.url.strip(), data.sha256.strip().lower()) if data else ("", "")
    faults = []
    if url and not _is_address(url):
        faults.append(
            Fault(
                f"{where}, {key}.url",
                f"{url!a} is no address that data are fetched from",
                "an address that starts with https:// or http://, without spaces or a password",
                "Correct it.",
            )
        )
    if digest and not re.fullmatch(r"[0-9a-f]{64}", digest):
        faults.append(
            Fault(f"{where}, {key}.sha256", f"{digest!a} is no sha256", "64 digits from 0 to f")
        )
    if faults:
        raise DataError(*faults)
    named = data.file if data else ""
    return Source(where, url, digest, _safe_name(named or unquote(urlsplit(url).path)), key)


def kept_file(source: Source) -> Path | None:
    """The file in the cache, where it is there and still has the hash declared."""
    if not source.sha256:
        return None
    path = source.path(source.sha256)
    return path if path.is_file() and sha256_of(path) == source.sha256 else None


def cache_folder() -> Path:
    """Where downloads are kept: the folder that CONJOINT_CACHE names, or the user's cache."""
    if os.environ.get(CACHE):
        return Path(os.environ[CACHE]).expanduser()
    import pooch

    return Path(pooch.os_cache("conjoint"))


def sha256_of(path: Path) -> str:
    """The sha256 of a file, as 64 hexadecimal digits.

    Raises
    ------
    DataError
        The file cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DataError(
            Fault(str(path), f"cannot be read: {error.strerror}", "a file that may be read")
        ) from error


def _hold_against(path: Path, source: Source) -> None:
    """Refuse a file in the folder that is another one than survey.toml declares.

    Where that is an archive, and the file is none, it is what was unpacked from it.
    """
    ending = PurePosixPath(urlsplit(source.url).path.lower()).suffix
    archive = source.packed or ending in UNPACKED
    if not source.sha256 or (archive and path.suffix.lower() != ending) or not path.is_file():
        return
    found = sha256_of(path)
    if found != source.sha256:
        raise DataError(
            Fault(
                str(path),
                f"is another file than survey.toml declares: its sha256 is {found}",
                source.sha256,
                f"Take the file away to use the published one, or correct {source.part}.sha256.",
            )
        )


def _is_address(url: str) -> bool:
    if not url.isprintable() or not url.isascii() or " " in url:
        return False
    try:
        parts = urlsplit(url)
        return (
            parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
        )
    except ValueError:
        return False


def _safe_name(path: str) -> str:
    """The last part of a path, as a name that means a file in its own folder everywhere."""
    name = re.sub(r"[^\w.-]", "_", re.split(r"[/\\]", path)[-1], flags=re.ASCII).lstrip(".")
    stem, dot, ending = name.rpartition(".")
    if len(name) > LONGEST_NAME:
        name = stem[: LONGEST_NAME - 16] + dot + ending[:15]
    # Windows takes these names for devices, whatever their ending.
    return f"_{name}" if RESERVED.match(name) else name or "data"
