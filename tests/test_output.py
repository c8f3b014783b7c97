"""Writing: a file or a set is whole, old or new, at every moment and however a run ends."""

import errno
import json
import os
import signal
import sys
import threading
import warnings
from pathlib import Path

import pytest

from conjoint import output
from conjoint.errors import RequestError
from conjoint.output import complete, inside, write_file, write_set

OLD = {"a.csv": b"old a" * 1000, "sub/b.csv": b"old b", "stale.csv": b"old only"}
NEW = {"a.csv": b"new a" * 2000, "sub/b.csv": b"new b", "c/d.csv": b"new only"}
MINE = {"notes.txt": b"mine", "sub/mine.txt": b"mine too"}


def tree(folder):
    """Every file that is not hidden, by path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(".conjoint")
        and not any(part.startswith(".conjoint-") for part in path.relative_to(folder).parts)
    }  # fmt: skip


def hidden(folder):
    return [path.name for path in folder.rglob(".conjoint-*")]


@pytest.fixture
def place(tmp_path):
    """A folder with an old set, and files of somebody's own."""
    folder = tmp_path / "out"
    write_set(folder, OLD, owner="t", edition="1")
    for name, content in MINE.items():
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture(params=["exchanged", "moved by a journal"])
def way(request, monkeypatch):
    """Both ways in which a set is swapped."""
    if request.param != "exchanged":
        monkeypatch.setattr(output, "_exchange", lambda *_: False)
    elif sys.platform != "linux":
        pytest.skip("no exchange of folders here")
    return request.param


def test_a_second_run_takes_away_what_is_stale_and_no_more(place, way):
    written = write_set(place, NEW, owner="t", edition="2")
    assert tree(place) == NEW | MINE
    assert written == tuple(place / name for name in NEW)
    assert hidden(place.parent) == []


def test_another_part_of_one_edition_stays(place):
    write_set(place, {"c.csv": b"c"}, owner="t", edition="1")
    write_set(place, {"d.csv": b"d"}, owner="another", edition="9")
    assert tree(place) == OLD | MINE | {"c.csv": b"c", "d.csv": b"d"}


def test_a_stale_file_that_somebody_changed_is_theirs(place):
    (place / "stale.csv").write_bytes(b"corrected by hand")
    write_set(place, NEW, owner="t", edition="2")
    assert (place / "stale.csv").read_bytes() == b"corrected by hand"


def test_nobodys_file_is_replaced(place):
    with pytest.raises(RequestError, match=r"notes\.txt: is already there, and no earlier run"):
        write_set(place, {**NEW, "notes.txt": b"x"}, owner="t", edition="2")
    assert tree(place) == OLD | MINE


def test_where_a_disk_knows_no_case_a_name_in_another_case_is_ours(place, way):
    """Two names of one file, as such a disk has them."""
    (place / "STALE.csv").hardlink_to(place / "stale.csv")
    write_set(place, {"STALE.csv": b"new"}, owner="t", edition="2")
    assert (place / "STALE.csv").read_bytes() == b"new"
    (place / "Notes.txt").hardlink_to(place / "notes.txt")
    with pytest.raises(RequestError, match=r"Notes\.txt: is already there"):
        write_set(place, {"Notes.txt": b"x"}, owner="t", edition="3")


def test_links_are_kept_and_followed(place, tmp_path, way):
    (place / "link").symlink_to("notes.txt")
    (tmp_path / "name").symlink_to(place)
    write_set(tmp_path / "name", NEW, owner="t", edition="2")
    assert (tmp_path / "name").is_symlink()
    assert (place / "link").readlink() == Path("notes.txt")
    assert tree(place) == NEW | MINE | {"link": b"mine"}


def test_the_working_folder_is_not_taken_from_under_anybody(place, monkeypatch):
    monkeypatch.chdir(place)
    write_set(Path(), NEW, owner="t", edition="2")
    assert tree(Path()) == NEW | MINE == tree(place)


def broken(number, at):
    """What fails with an error when it is called so often."""
    calls = iter(range(10_000))
    real = output._put

    def put(content, path):
        if next(calls) == at:
            path.write_bytes(b"half")
            raise OSError(number, os.strerror(number))
        real(content, path)

    return put


@pytest.mark.parametrize("at", range(4))
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EIO])
def test_a_full_disk_leaves_the_old_set_and_nothing_else(place, monkeypatch, way, number, at):
    monkeypatch.setattr(output, "_put", broken(number, at))
    with pytest.raises(RequestError, match=os.strerror(number)):
        write_set(place, NEW, owner="t", edition="2")
    assert tree(place) == OLD | MINE
    assert hidden(place.parent) == []


def test_a_failed_new_folder_leaves_none(tmp_path, monkeypatch):
    monkeypatch.setattr(output, "_put", broken(errno.ENOSPC, 1))
    with pytest.raises(RequestError):
        write_set(tmp_path / "x" / "y", NEW)
    assert list(tmp_path.iterdir()) == []


def test_two_writers_leave_one_set(place, way):
    sets = [{f"{name}.csv": str(who).encode() * 1000 for name in "abcdef"} for who in range(6)]
    faults = []

    def write(who):
        try:
            write_set(place, sets[who], owner="t", edition=str(who))
        except RequestError as error:  # pragma: no cover
            faults.append(error)

    writers = [threading.Thread(target=write, args=(who,)) for who in range(6)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert faults == []
    found = tree(place)
    assert {name: found[name] for name in MINE} == MINE
    assert any(all(found.get(name) == content for name, content in own.items()) for own in sets)


def test_a_writer_waits_no_longer_than_it_has_patience(place, monkeypatch):
    monkeypatch.setattr(output, "PATIENCE", 0.1)
    with output._locked(place), pytest.raises(RequestError, match="another run is writing there"):
        write_set(place, NEW, owner="t", edition="2")
    assert tree(place) == OLD | MINE


def test_a_lock_of_a_dead_process_holds_nobody_up(place):
    child = os.fork() if threading.active_count() == 1 else pytest.skip("threads are running")
    if not child:
        with output._locked(place):
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    assert hidden(place.parent)
    write_set(place, NEW, owner="t", edition="2")
    assert hidden(place.parent) == []


@pytest.mark.parametrize(
    "name", ["../x", "/etc/passwd", "a/../../b", "C:\\x", "a\\b", "", None, 3, "a\0b"]
)
def test_names_that_lead_out_of_a_folder_are_none(tmp_path, name):
    assert inside(tmp_path, name) is None


def test_records_from_a_stranger_touch_nothing_outside(place, tmp_path):
    victim = tmp_path / "victim.txt"
    victim.write_bytes(b"x")
    sums = output.digest(victim)
    entries = {
        "../victim.txt": {"by": "t", "of": "1", "sha256": sums},
        "sub": 3,
        "link/victim.txt": {},
    }
    (place / "link").symlink_to(tmp_path)
    (place / ".conjoint.json").write_text(json.dumps({"files": entries}))
    journal = {
        "staged": ".conjoint-x",
        "move": ["../../victim.txt"],
        "remove": ["../victim.txt", "link/victim.txt"],
    }
    (place / ".conjoint-journal.json").write_text(json.dumps(journal))
    complete(place)
    write_set(place, {"new.csv": b"n"}, owner="t", edition="2")
    assert victim.read_bytes() == b"x"
    for staged in ("..", "../out", ".conjoint-x/../..", 3, ""):
        (place / ".conjoint-journal.json").write_text(json.dumps(journal | {"staged": staged}))
        complete(place)
        assert not (place / ".conjoint-journal.json").exists()
    assert victim.exists()
    assert place.is_dir()


# --- One file ---------------------------------------------------------------------------------


def test_a_file_keeps_its_mode_and_its_links(tmp_path):
    file = tmp_path / "x.csv"
    file.write_bytes(b"old")
    file.chmod(0o640)
    (tmp_path / "link").symlink_to("x.csv")
    write_file(tmp_path / "link", b"new")
    assert file.read_bytes() == b"new"
    assert (tmp_path / "link").is_symlink()
    assert file.stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "x.csv"]


def test_a_device_is_written_to_and_not_replaced(capfdbinary):
    write_file(os.devnull, b"x")
    assert Path(os.devnull).is_char_device()


@pytest.mark.skipif(os.name != "posix", reason="has no named pipes")
def test_a_pipe_is_written_to_and_one_that_nobody_reads_is_said(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(RequestError, match="cannot be written: No such device"):
        write_file(tmp_path / "pipe", b"x")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    write_file(tmp_path / "pipe", b"x" * 999)
    assert os.read(reader, 2000) == b"x" * 999
    os.close(reader)


@pytest.mark.parametrize(
    ("name", "words"), [("no/x.csv", "No such file or directory"), ("", "Is a directory")]
)
def test_what_cannot_be_a_file_is_refused(tmp_path, name, words):
    with pytest.raises(RequestError, match=words):
        write_file(tmp_path / name, b"x")


# --- Killed at any moment -----------------------------------------------------------------------

MOMENTS = 50


def moments(action, folder, count=MOMENTS):
    """Run an action in child processes that are killed at its file system operations, evenly spread.

    Yields after each kill; the action's operations are counted first, in a child that lives.
    """
    total = child(action, folder, None)
    assert total > 3
    for moment in sorted({round(place * (total - 1) / (count - 1)) for place in range(count)}):
        yield moment, child(action, folder, moment)


def child(action, folder, moment):
    """Fork, run, and be killed before the operation of that number; gives back how many there were."""
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forks beside threads
        process = os.fork()
    if process == 0:  # pragma: no cover  # it never comes back
        try:
            seen = [0]
            root = os.fsencode(folder.parent)

            def hook(event, arguments):
                names = (
                    "open",
                    "os.rename",
                    "os.mkdir",
                    "os.remove",
                    "os.rmdir",
                    "os.link",
                    "os.symlink",
                    "os.chmod",
                    "ctypes.dlsym",
                )
                if event in names and (event == "ctypes.dlsym" or any(
                    root in os.fsencode(a) for a in arguments if isinstance(a, (str, bytes, os.PathLike))
                )):  # fmt: skip
                    if seen[0] == moment:
                        os.kill(os.getpid(), signal.SIGKILL)
                    seen[0] += 1

            sys.addaudithook(hook)
            action()
            os.write(writer, str(seen[0]).encode())
        finally:
            os._exit(0)
    os.close(writer)
    os.waitpid(process, 0)
    counted = os.read(reader, 20)
    os.close(reader)
    return int(counted or -1)


@pytest.mark.skipif(sys.platform != "linux", reason="folders are exchanged in one step on Linux")
def test_a_set_is_old_or_new_whenever_its_writer_is_killed(place):
    """Seen from outside, without another run that would mend anything."""
    whole = [OLD | MINE, NEW | MINE]
    seen = set()
    for moment, _ in moments(lambda: write_set(place, NEW, owner="t", edition="2"), place):
        found = tree(place)
        assert found in whole, moment
        seen.add(whole.index(found))
        write_set(place, OLD, owner="t", edition="1")
    assert seen == {0, 1}
    assert tree(place) == OLD | MINE
    assert hidden(place.parent) == []


def test_a_journal_is_completed_by_the_next_run(place, monkeypatch):
    monkeypatch.setattr(output, "_exchange", lambda *_: False)
    whole = [OLD | MINE, NEW | MINE]
    for moment, _ in moments(lambda: write_set(place, NEW, owner="t", edition="2"), place):
        complete(place)
        assert tree(place) in whole, moment
        write_set(place, OLD, owner="t", edition="1")
        assert tree(place) == OLD | MINE, moment
    assert hidden(place.parent) == []


def test_a_new_folder_is_there_whole_or_not_at_all(tmp_path):
    folder = tmp_path / "a" / "out"
    for moment, _ in moments(lambda: write_set(folder, NEW), folder.parent):
        assert not folder.exists() or tree(folder) == NEW, moment
        if folder.exists():
            write_set(folder, {}, earlier=dict.fromkeys(NEW, ""))
            folder.rmdir()


def test_a_file_is_old_or_new_whenever_its_writer_is_killed(tmp_path):
    file = tmp_path / "x.csv"
    for moment, _ in moments(lambda: write_file(file, b"new" * 9999), tmp_path / "x"):
        assert not file.exists() or file.read_bytes() in (b"old" * 9999, b"new" * 9999), moment
        write_file(file, b"old" * 9999)
    assert [path.name for path in tmp_path.iterdir()] == ["x.csv"]
