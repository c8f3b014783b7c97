"""Writing, for every command: a file, or a set of files in a folder, whole or not at all.

What is written is staged beside its place and swapped in at once, under a lock for each target. A set of
files is staged as a folder, together with links to whatever else the folder holds, and the two folders are
exchanged in one step. Where a system cannot do that (or the folder is the working directory, or a disk of
its own) the files are moved in one by one by a journal, which the next run completes if this one is killed.

A manifest in the folder lists what was written, so that a later run takes away its own stale files and
never anybody else's.
"""

from __future__ import annotations

import ctypes
import errno
import hashlib
import json
import os
import secrets
import shutil
import stat
import sys
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from conjoint.errors import Fault, RequestError
from conjoint.source import is_input

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from os import PathLike

    from conjoint.errors import ConjointError

__all__ = [
    "WRITTEN",
    "complete",
    "digest",
    "given_date",
    "inside",
    "unchanged",
    "write_file",
    "write_set",
]

MANIFEST = ".conjoint.json"
JOURNAL = ".conjoint-journal.json"
HIDDEN = ".conjoint-"
"""How the names of staged files, locks and the journal begin."""

PATIENCE = 60.0
"""Seconds to wait for another run that writes to the same place."""

MOST_LINKED = 5000
"""Files of other origin that are carried over into a staged folder."""

LARGEST_RECORD = 50_000_000
"""Bytes of a manifest or journal that is read."""

DATES = range(315_532_800, 4_354_819_200)
"""Seconds from 1 January 1980 to the end of 2107, which zip files and so office documents can hold."""

ADVICE = {
    errno.ENOSPC: "Free some space there, or name another place.",
    errno.EDQUOT: "Free some space there, or name another place.",
    errno.ENOENT: "Make its folder first, or name another place.",
}
"""What to do about that which keeps a file from being written."""

OUT = ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")
"""Names of standard output."""

WRITTEN: list[Path] = []
"""What this run has written, for the words of an interruption."""


def digest(content: bytes | Path) -> str:
    """The sha256 of bytes or of a file, as 64 hexadecimal digits."""
    if isinstance(content, bytes):
        return hashlib.sha256(content).hexdigest()
    with content.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def given_date() -> int | None:
    """The date that files are to bear, from SOURCE_DATE_EPOCH, in seconds since 1970; None without one.

    Raises
    ------
    RequestError
        It is no number, or one that not every format can hold: documents know dates from 1980 to 2107.
    """
    given = os.environ.get("SOURCE_DATE_EPOCH", "").strip()
    if not given:
        return None
    if given.isascii() and given.isdecimal() and len(given) < 12 and int(given) in DATES:
        return int(given)
    what = f"{given[:40]!a} is no date that files can bear"
    expected = f"seconds since 1970, {DATES.start} to {DATES.stop - 1}"
    raise RequestError(
        Fault("SOURCE_DATE_EPOCH", what, expected, "Correct the environment variable.")
    )


def inside(folder: Path, name: object) -> Path | None:
    """The path of a file within a folder; None where the name leads, or might lead, out of it."""
    if not isinstance(name, str) or not name or "\0" in name or "\\" in name or ":" in name:
        return None
    parts = PurePosixPath(name)
    if parts.is_absolute() or ".." in parts.parts:
        return None
    path = folder.joinpath(*parts.parts)
    above = [folder.joinpath(*parts.parts[:depth]) for depth in range(1, len(parts.parts))]
    return None if any(step.is_symlink() for step in above) else path


def write_file(
    target: str | PathLike[str],
    content: bytes | Path,
    *,
    where: str = "--to",
    error: type[ConjointError] = RequestError,
) -> Path:
    """Write a file: at every moment the old one is there, or the new one, whole.

    Parameters
    ----------
    target
        A link is followed. A pipe or a device is written to as it stands.
    content
        All of it, or a file to copy.
    where, error
        Of the fault, where it cannot be written.

    Raises
    ------
    ConjointError
        The file cannot be written, or is one that the command reads; nothing has changed.
    """
    target = Path(target)
    with _refused(target, where, error, "a file in a folder that exists"):
        if _is_stream(target):
            _pour(content, target)
            return target
        final = Path(os.path.realpath(target))
        if final.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if is_input(final):
            what = f"{target} is a file that this command reads"
            raise error(Fault(where, what, "a file of its own", "Name another."))
        if final.exists() and not os.access(final, os.W_OK):
            raise PermissionError(errno.EACCES, "it is marked as not to be written")
        with _locked(final):
            staged = _staging(final)
            try:
                _put(content, staged)
                if final.exists():
                    shutil.copymode(final, staged)
                WRITTEN.append(target)
                staged.replace(final)
            except BaseException:
                if target in WRITTEN:
                    WRITTEN.remove(target)
                raise
            finally:
                with suppress(OSError):
                    staged.unlink(missing_ok=True)
    return target


def write_set(
    folder: str | PathLike[str],
    files: Mapping[str, bytes | Path],
    *,
    owner: str = "",
    edition: str = "",
    earlier: Mapping[str, str] | None = None,
    recipes: Mapping[str, str] | None = None,
    where: str = "",
    error: type[ConjointError] = RequestError,
) -> tuple[Path, ...]:
    """Write a set of files into a folder: at every moment the old set is there, or the new one, whole.

    Parameters
    ----------
    folder
        Made where it is not there. What else it holds stays.
    files
        Bytes, or a file to copy, by path within the folder (with ``/``).
    owner
        Who writes, for the manifest; without it there is none.
    edition
        What the files were made from. Files of the same owner and another edition are stale: they are
        taken away, unless somebody changed them.
    earlier
        Further files that an earlier run wrote, with their sha256 or ``""``: those that are not written
        again are taken away.
    recipes
        What decides some of the files, for :func:`unchanged`.
    where, error
        Of the fault, where they cannot be written.

    Raises
    ------
    ConjointError
        The set cannot be written, or would replace a file that no earlier run wrote; nothing has changed.
    """
    target = Path(folder)
    where = where or str(target)
    with _refused(target, where, error, "a folder of your own"):
        final = Path(os.path.realpath(target))
        made = _make_parents(final.parent)
        try:
            with _locked(final):
                _complete(final)
                plan = _Plan(final, files, owner, edition, dict(earlier or {}), dict(recipes or {}))
                _check_foreign(target, plan, where, error)
                _swap(plan, target)
        except BaseException:
            for path in reversed(made):
                with suppress(OSError):
                    path.rmdir()
            raise
    return tuple(target.joinpath(*PurePosixPath(name).parts) for name in files)


def unchanged(
    folder: str | PathLike[str], recipes: Mapping[str, str], owner: str, edition: str
) -> set[str]:
    """Which files of a folder an earlier run made in just the way that another run would make them.

    None, where a file of the same owner and edition is missing or was changed by somebody: then the set is
    not whole.

    Parameters
    ----------
    folder
        That the files are in.
    recipes
        What decides each file, by its path within the folder.
    owner, edition
        As for :func:`write_set`.
    """
    target = Path(os.path.realpath(folder))
    complete(target)
    records = _read_manifest(target)
    for name, record in records.items():
        path = target / name
        if record.get("by") == owner and (
            record.get("of") != edition
            or not path.is_file()
            or digest(path) != record.get("sha256")
        ):
            return set()
    return {
        name for name, recipe in recipes.items() if records.get(name, {}).get("recipe") == recipe
    }


def complete(folder: str | PathLike[str]) -> None:
    """Complete what an earlier run, killed amid its moves, left undone in a folder."""
    final = Path(os.path.realpath(folder))
    if (final / JOURNAL).is_file():
        with suppress(OSError), _locked(final):
            _complete(final)


class _Plan:
    """What a set changes in its folder."""

    def __init__(
        self,
        folder: Path,
        files: Mapping[str, bytes | Path],
        owner: str,
        edition: str,
        earlier: dict[str, str],
        recipes: dict[str, str],
    ) -> None:
        self.folder = folder
        self.files = dict(files)
        records = _read_manifest(folder)
        self.trusted = not records and bool(earlier)
        known = {name: str(record.get("sha256", "")) for name, record in records.items()}
        stale = {
            name
            for name, record in records.items()
            if owner and record.get("by") == owner and record.get("of") != edition
        } | {*earlier}
        self.known = {**known, **earlier}
        self.stale = [
            name
            for name in stale - {*files} - _alike(folder, stale, files)
            if (path := inside(folder, name)) is not None
            and path.is_file()
            and self.known[name] in ("", digest(path))
        ]
        if owner:
            entries = {
                name: record
                for name, record in records.items()
                if name not in stale and (folder / name).is_file()
            }
            for name, content in files.items():
                entries[name] = {"by": owner, "of": edition, "sha256": digest(content)}
                if name in recipes:
                    entries[name]["recipe"] = recipes[name]
            text = json.dumps({"files": entries}, indent=1, sort_keys=True, ensure_ascii=False)
            self.files[MANIFEST] = text.encode("utf-8", "backslashreplace")


def _check_foreign(target: Path, plan: _Plan, where: str, error: type[ConjointError]) -> None:
    """Refuse to replace a file that no earlier run wrote."""
    if target.exists() and not target.is_dir():
        raise error(Fault(where, f"{target} is a file", "a folder", "Name another."))
    known = plan.known.keys() | _alike(plan.folder, plan.files, plan.known)
    foreign = [
        name
        for name in plan.files
        if name not in known and name != MANIFEST and os.path.lexists(plan.folder / name)
    ]
    if foreign and not plan.trusted:
        more = f" (and {len(foreign) - 1} more)" if len(foreign) > 1 else ""
        raise error(
            Fault(
                str(target / foreign[0]),
                f"is already there, and no earlier run wrote it{more}",
                "nothing that would be lost",
                "Move it away, or name another folder.",
            )
        )


def _alike(folder: Path, names: Collection[str], others: Collection[str]) -> set[str]:
    """Those names that are, in another case, others' files: where a disk knows no case, they are one."""
    folded = {other.casefold(): folder / other for other in others}
    return {
        name
        for name in names
        if (other := folded.get(name.casefold())) is not None
        and os.path.lexists(folder / name)
        and os.path.lexists(other)
        and os.path.samestat(os.lstat(folder / name), os.lstat(other))
    }


# --- Swapping -----------------------------------------------------------------------------------


def _swap(plan: _Plan, target: Path) -> None:
    """Stage the set, and put it in place."""
    folder = plan.folder
    if not folder.exists():
        staged = _staging(folder)
        try:
            _stage(plan, staged)
            WRITTEN.append(target)
            staged.rename(folder)
        finally:
            shutil.rmtree(staged, ignore_errors=True)
        return
    if _is_exchangeable(folder):
        staged = _staging(folder)
        try:
            _stage(plan, staged)
            if _carry_over(plan, staged):
                WRITTEN.append(target)
                if _exchange(staged, folder):
                    _rescue(plan, staged)
                    return
                WRITTEN.remove(target)
        finally:
            shutil.rmtree(staged, ignore_errors=True)
    _move_in(plan, target)


def _stage(plan: _Plan, staged: Path) -> None:
    staged.mkdir()
    for name, content in plan.files.items():
        path = staged / name
        path.parent.mkdir(parents=True, exist_ok=True)
        _put(content, path)


def _carry_over(plan: _Plan, staged: Path) -> bool:
    """Link what else the folder holds into the staged one; False where that cannot be done."""
    replaced = {*plan.files, *plan.stale}
    count = 0
    try:
        for name, path in _entries(plan.folder):
            if path.is_dir() and not path.is_symlink():
                if not _is_emptied(plan, name):
                    (staged / name).mkdir(parents=True, exist_ok=True)
                continue
            if name in replaced:
                continue
            count += 1
            if count > MOST_LINKED:
                return False
            (staged / name).parent.mkdir(parents=True, exist_ok=True)
            if path.is_symlink():
                (staged / name).symlink_to(path.readlink())
            else:
                (staged / name).hardlink_to(path)
        for name, path in _entries(plan.folder):
            if path.is_dir() and not path.is_symlink() and (staged / name).is_dir():
                shutil.copymode(path, staged / name)
        shutil.copymode(plan.folder, staged)
    except OSError:
        return False
    return True


def _is_emptied(plan: _Plan, name: str) -> bool:
    """Whether a subfolder held nothing but stale files."""
    held = [path for path in (plan.folder / name).rglob("*") if not path.is_dir()]
    stale = {plan.folder / each for each in plan.stale}
    return bool(held) and {*held} <= stale


def _entries(folder: Path) -> Iterator[tuple[str, Path]]:
    """Everything in a folder and its subfolders, by path within it; no link is followed."""
    for root, folders, files in os.walk(folder):
        here = Path(root)
        if here == folder:
            folders[:] = [name for name in folders if not name.startswith(HIDDEN)]
            files = [name for name in files if not name.startswith(HIDDEN)]
        for name in (*folders, *files):
            path = here / name
            yield path.relative_to(folder).as_posix(), path


def _rescue(plan: _Plan, old: Path) -> None:
    """Bring over what somebody put into the old folder while the new one was staged."""
    known = {*plan.known, *plan.files}
    for name, path in list(_entries(old)):
        late = plan.folder / name
        if name not in known and not path.is_dir() and not os.path.lexists(late):
            with suppress(OSError):
                late.parent.mkdir(parents=True, exist_ok=True)
                path.rename(late)


def _is_exchangeable(folder: Path) -> bool:
    """Whether a folder may be exchanged for another: nobody stands in it, and it is no disk."""
    try:
        here = Path.cwd().resolve()
    except OSError:
        return False
    return not (here.is_relative_to(folder) or folder.is_mount()) and os.access(
        folder.parent, os.W_OK
    )


def _exchange(first: Path, second: Path) -> bool:
    """Exchange two folders in one step, where the system and the disk can."""
    try:
        library: Any = ctypes.CDLL(None, use_errno=True)
        paths = os.fsencode(first), os.fsencode(second)
        if sys.platform == "darwin":
            return bool(library.renamex_np(*paths, 2) == 0)  # RENAME_SWAP
        here = -100  # AT_FDCWD
        return bool(library.renameat2(here, paths[0], here, paths[1], 2) == 0)  # RENAME_EXCHANGE
    except (OSError, AttributeError, TypeError):
        return False


def _move_in(plan: _Plan, target: Path) -> None:
    """Stage the set within the folder, and move its files in by a journal."""
    folder = plan.folder
    _sweep(folder, folder)
    staged = folder / _name(folder)
    try:
        _stage(plan, staged)
        journal = {"staged": staged.name, "move": [*plan.files], "remove": plan.stale}
        written = staged.with_name(f"{staged.name}.journal")
        _check_free(plan)
        _put(json.dumps(journal).encode("utf-8", "backslashreplace"), written)
        WRITTEN.append(target)
        written.replace(folder / JOURNAL)
    except BaseException:
        shutil.rmtree(staged, ignore_errors=True)
        with suppress(OSError):
            staged.with_name(f"{staged.name}.journal").unlink(missing_ok=True)
        raise
    _complete(folder)


def _check_free(plan: _Plan) -> None:
    """See that no file is held by a program that lets nobody replace it, as happens on Windows."""
    for name in (*plan.files, *plan.stale):
        path = plan.folder / name
        if path.is_file() and not path.is_symlink():
            path.replace(path)


def _complete(folder: Path) -> None:
    """Do what a journal says. It may come from a stranger: nothing outside the folder is touched."""
    journal = _read_record(folder / JOURNAL)
    if not (folder / JOURNAL).is_file():
        return
    name = journal.get("staged")
    staged = folder / str(name)
    if (
        isinstance(name, str)
        and name.startswith(HIDDEN)
        and inside(staged, name)
        and "/" not in name
    ):
        for each in _names(journal.get("move")):
            source, final = inside(staged, each), inside(folder, each)
            if source is not None and final is not None and source.is_file():
                final.parent.mkdir(parents=True, exist_ok=True)
                source.replace(final)
        for each in _names(journal.get("remove")):
            path = inside(folder, each)
            if path is not None and path.is_file():
                path.unlink()
        (folder / JOURNAL).unlink()
        if not staged.is_symlink():
            shutil.rmtree(staged, ignore_errors=True)
    else:
        (folder / JOURNAL).unlink()


# --- Records, names and locks -------------------------------------------------------------------


def _read_manifest(folder: Path) -> dict[str, dict[str, Any]]:
    """What earlier runs wrote, by path; names that lead out of the folder are left out."""
    files = _read_record(folder / MANIFEST).get("files")
    if not isinstance(files, dict):
        return {}
    return {
        name: record
        for name, record in files.items()
        if isinstance(record, dict) and inside(folder, name) is not None
    }


def _read_record(path: Path) -> dict[str, Any]:
    try:
        if not path.is_file() or path.is_symlink() or path.stat().st_size > LARGEST_RECORD:
            return {}
        record = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}


def _names(listed: object) -> Collection[str]:
    return [name for name in listed if isinstance(name, str)] if isinstance(listed, list) else []


def _mark(target: Path) -> str:
    """A short name for a target: its own may be as long as a name can be."""
    return hashlib.sha256(os.fsencode(target.name)).hexdigest()[:12]


def _name(target: Path) -> str:
    return f"{HIDDEN}{_mark(target)}-{secrets.token_hex(4)}"


def _staging(target: Path) -> Path:
    """A new name beside a target."""
    _sweep(target.parent, target)
    return target.with_name(_name(target))


def _sweep(folder: Path, target: Path) -> None:
    """Take away what killed runs left in a folder of what they staged for a target."""
    for left in folder.glob(f"{HIDDEN}{_mark(target)}-*"):
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left, ignore_errors=True)
        else:
            with suppress(OSError):
                left.unlink()


def _put(content: bytes | Path, path: Path) -> None:
    if isinstance(content, Path):
        shutil.copyfile(content, path)
    else:
        with path.open("xb") as file:
            file.write(content)


def _is_stream(target: Path) -> bool:
    """Whether a target is a pipe or a device, or a name for one of this process's own streams."""
    if target.is_absolute() and target.parts[1:2] in (("dev",), ("proc",)) and os.name == "posix":
        return not target.is_dir()
    return target.exists() and not (
        stat.S_ISREG(target.stat().st_mode) or stat.S_ISDIR(target.stat().st_mode)
    )


def _pour(content: bytes | Path, target: Path) -> None:
    """Write to a pipe or a device."""
    if isinstance(content, Path):
        content = content.read_bytes()
    if str(target) in OUT:  # opened again, a file behind it would be written from its start
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.flush()
        return
    # A pipe that nobody reads would be waited for without end.
    handle = os.open(
        target, os.O_WRONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    )
    with os.fdopen(handle, "wb") as stream:
        if hasattr(os, "set_blocking"):
            os.set_blocking(handle, True)
        stream.write(content)


def _make_parents(folder: Path) -> list[Path]:
    """Make a folder and those above it; gives back those that were not there."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()][::-1]
    folder.mkdir(parents=True, exist_ok=True)
    return missing


@contextmanager
def _refused(target: Path, where: str, error: type[ConjointError], expected: str) -> Iterator[None]:
    """Say as a fault what keeps a target from being written."""
    try:
        yield
    except (OSError, ValueError) as reason:
        words = getattr(reason, "strerror", None) or str(reason)
        subject = "" if where == str(target) else f"{target} "
        do = ADVICE.get(getattr(reason, "errno", None) or 0, "Name another place.")
        raise error(Fault(where, f"{subject}cannot be written: {words}", expected, do)) from reason


@contextmanager
def _locked(target: Path) -> Iterator[None]:
    """Hold the lock of a target; it ends with the process that holds it, however that ends."""
    path = target.parent / f"{HIDDEN}{_mark(target)}.lock"
    until = monotonic() + PATIENCE
    while (handle := _take(path)) is None:
        if monotonic() > until:
            raise TimeoutError(
                errno.EBUSY, "another run is writing there; try again when it is done"
            )
        sleep(0.05)
    try:
        yield
    finally:
        if handle >= 0:
            if sys.platform == "win32":  # where nobody can take away what is open
                os.close(handle)
            with suppress(OSError):
                path.unlink()
            if sys.platform != "win32":
                os.close(handle)


def _take(path: Path) -> int | None:
    """Take a lock: None where somebody else has it, -1 where no lock can be had there."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ENOSPC):
            raise
        return -1
    try:
        if sys.platform == "win32":
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Whoever had it may have taken the file away since it was opened.
        if path.exists() and os.path.samestat(os.fstat(handle), path.stat()):
            return handle
    except OSError as error:
        if error.errno in (errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP):
            return handle
    os.close(handle)
    return None
