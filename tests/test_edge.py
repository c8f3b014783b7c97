"""The program's edge: whatever goes wrong out there is a line on standard error and an exit code."""

import os
import signal
import subprocess
import sys
import time

import pytest

import conjoint as cj
from conftest import ROOT
from conjoint.cli import guard
from conjoint.cli.guard import guarded
from conjoint.cli.shared import terminal
from conjoint.errors import Fault, InputError, RequestError
from conjoint.output import WRITTEN, given_date, write_file

ROUTES = ROOT / "surveys" / "routes_for_returns_2026_autumn"


def run(*arguments, env=None, **options):
    return subprocess.run(
        [sys.executable, "-m", "conjoint", *map(str, arguments)],
        stderr=subprocess.PIPE, cwd=ROOT, check=False, env=os.environ | (env or {}), **options,
    )  # fmt: skip


def ended(error, capsys, monkeypatch):
    """How the guard ends an error: the code and the line."""
    monkeypatch.delenv(guard.TRACEBACK, raising=False)
    WRITTEN.clear()
    with pytest.raises(SystemExit) as caught, guarded():
        raise error
    words = capsys.readouterr().err
    assert words.count("\n") == 1, words
    return caught.value.code, words


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (KeyboardInterrupt(), 130, "Stopped. Nothing was written."),
        (MemoryError(), 2, "Memory ran out."),
        (RecursionError(), 2, "nested too deeply"),
        (ImportError("x.so: cannot map"), 2, "A package cannot be loaded: x.so: cannot map."),
        (RuntimeError("can't start new thread"), 2, "The system gives no more threads"),
        (UnicodeEncodeError("cp1252", "\u0141", 0, 1, "no such character"), 2, "no such character"),
        (OSError(28, "No space left on device", "x.csv"), 2, "x.csv: No space left on device"),
        (ValueError("what\nnobody foresaw"), 2, "conjoint failed with ValueError: what nobody foresaw (test_edge.py, line"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)  # fmt: skip
def test_what_is_raised_is_one_line(error, code, words, capsys, monkeypatch):
    found = ended(error, capsys, monkeypatch)
    assert found[0] == code
    assert words in found[1]


def test_what_was_written_before_and_is_there_is_said(capsys, tmp_path):
    file = tmp_path / "a.csv"
    file.touch()
    WRITTEN[:] = [tmp_path / "scratch", file]
    with pytest.raises(SystemExit), guarded():
        raise KeyboardInterrupt
    assert f"Written before: {file}." in capsys.readouterr().err
    WRITTEN.clear()


def test_what_a_command_reads_it_does_not_write_over(folder):
    place = folder.write()
    (place / "link.csv").symlink_to("responses.csv")
    before = (place / "responses.csv").read_bytes()
    with guarded():
        cj.read_wave(place)
        for name in ("responses.csv", "link.csv", "targets.csv", "survey.toml"):
            with pytest.raises(RequestError, match="is a file that this command reads"):
                write_file(place / name, b"x")
        write_file(place / "other.csv", b"x")
    assert (place / "responses.csv").read_bytes() == before
    write_file(place / "responses.csv", b"x")  # another command may


def test_a_terminal_without_columns_is_not_believed(monkeypatch):
    monkeypatch.setenv("COLUMNS", "0")
    assert terminal(None).width == 80
    monkeypatch.setenv("COLUMNS", "30")
    assert terminal().width == terminal(40).width == 30


def test_many_faults_are_in_a_file_that_others_cannot_read(capsys):
    faults = [Fault(f"row {number}", "is wrong") for number in range(45)]
    with pytest.raises(SystemExit), guarded():
        raise InputError(*faults)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "row 0: is wrong."
    assert len(lines) == 22
    file = lines[20].removeprefix("and 25 more: all are in ")
    assert lines[21] == "45 faults. Nothing was written."
    with open(file, encoding="utf-8") as told:  # noqa: PTH123
        assert told.read().splitlines() == [str(fault) for fault in faults]
    assert os.stat(file).st_mode & 0o077 == 0  # noqa: PTH116
    os.unlink(file)  # noqa: PTH108


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")  # noqa: PTH110
def test_a_full_standard_output_is_said():
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        done = run("--help", stdout=full)
    assert done.returncode == 2
    assert b"No space left on device" in done.stderr
    assert done.stderr.count(b"\n") == 1


def test_a_pipe_that_is_closed_is_said():
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as pipe:
        done = run("estimate", ROUTES, "--what", "toplines", stdout=pipe)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == b"Standard output was closed before all was written."


@pytest.mark.skipif(os.name != "posix", reason="closes a descriptor in the child")
def test_a_standard_output_that_is_closed_is_said():
    """And an empty date is none."""
    env = {"SOURCE_DATE_EPOCH": " "}
    done = run("weight", ROUTES, env=env, preexec_fn=lambda: os.close(1))
    assert done.returncode == 2
    assert (
        done.stderr.splitlines()[-1] == b"Standard output cannot be written: Bad file descriptor."
    )


def test_a_console_of_another_encoding_gets_utf_8(tmp_path):
    folder = tmp_path / "[data]" / ":x: Łódź"
    done = run("check", folder, env={"PYTHONIOENCODING": "cp1252"}, stdout=subprocess.PIPE)
    assert done.returncode == 2
    assert str(folder) in done.stderr.decode("utf-8")


@pytest.mark.parametrize("given", ["abc", "-1", "0", "9" * 30, "１２", "1.5", "4354819200"])
def test_a_date_that_files_cannot_bear_is_said(given, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", given)
    with pytest.raises(InputError, match=r"SOURCE_DATE_EPOCH: .* is no date that files can bear"):
        given_date()


def test_a_wrong_quarto_is_said_before_any_work(monkeypatch):
    external = pytest.importorskip(
        "conjoint.report.typeset.external", reason="needs the report extra"
    )
    monkeypatch.setenv("QUARTO_PATH", "/no/such/quarto")
    with pytest.raises(external.ReportError, match="QUARTO_PATH: /no/such/quarto is no program"):
        external.find_quarto()


def test_ctrl_c_is_a_line_and_130(tmp_path):
    """While it works, and nothing is left behind."""
    child = subprocess.Popen(
        [sys.executable, "-m", "conjoint", "analyse", ROUTES, "--to", tmp_path / "b"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT,
    )  # fmt: skip
    seen = b""
    while b"Reading" not in seen and child.poll() is None:
        seen += child.stderr.read1()
    time.sleep(0.2)
    child.send_signal(signal.SIGINT)
    _, words = child.communicate(timeout=60)
    assert child.returncode == 130
    assert words.splitlines()[-1] == b"Stopped. Nothing was written."
    assert list(tmp_path.iterdir()) == []
