"""A survey's public data: fetched from a local server that behaves well, badly, or not at all."""

import hashlib
import io
import os
import socket
import sys
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from zipfile import ZipFile

import pandas as pd
import pytest
from rich.console import Console

from conjoint import read_wave
from conjoint.cli import fetch as command
from conjoint.cli import run as cli
from conjoint.errors import DataError, RequestError
from conjoint.folder import open_folder
from conjoint.read import fetch
from conjoint.read.fetch import fetch_data
from conjoint.read.locate import source_of
from conjoint.survey import read_survey


class Handler(BaseHTTPRequestHandler):
    """Serves `server.files`; the first part of a path may say how to misbehave."""

    def do_GET(self):
        server = self.server
        server.asked.append(self.path)
        path = self.path.partition("?")[0]
        how, _, name = path.lstrip("/").partition("/")
        if how == "moved":
            return self.redirect(f"/{name}")
        if how == "circle":
            return self.redirect(path)
        if how == "elsewhere":
            return self.redirect("file:///etc/hostname")
        if how == "silent":
            server.release.wait(10)
            return None
        named = how in ("cut", "drip", "stall", "unsized")
        content = server.files.get(name if named else how)
        if content is None:
            return self.send_error(404)
        self.send_response(200)
        if how != "unsized":
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if how == "drip":
            return self.drip(content)
        if how in ("cut", "stall"):
            self.wfile.write(content[: len(content) // 2])
            self.wfile.flush()
            if how == "stall":
                server.release.wait(10)
            return None
        self.wfile.write(content)
        return None

    def drip(self, content):
        """Never silent for long, and never done."""
        for start in range(0, len(content), 2000):
            self.wfile.write(content[start : start + 2000])
            if self.server.release.wait(0.05):
                return

    def redirect(self, to):
        self.send_response(302)
        self.send_header("Location", to)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "*")
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads, server.block_on_close = True, False
        server.files, server.asked, server.release = {}, [], threading.Event()
        server.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.release.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def cache(tmp_path_factory, monkeypatch):
    path = tmp_path_factory.mktemp("downloads") / "cache"
    monkeypatch.setenv("CONJOINT_CACHE", str(path))
    return path


def files_in(cache):
    return [path for path in cache.rglob("*") if path.is_file()] if cache.exists() else []


def sha256(content):
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def published(folder, server, cache):
    """The small survey, its responses on the server alone."""
    folder.write()
    responses = folder.path / "responses.csv"
    server.files["small.csv"] = responses.read_bytes()
    responses.unlink()

    def declare(url=f"{server.url}/small.csv", digest=None, file="responses.csv"):
        digest = sha256(server.files["small.csv"]) if digest is None else digest
        lines = [f'file = "{file}"'] if file else []
        lines += [f"url = '{url}'"] if url else []
        lines += [f'sha256 = "{digest}"'] if digest else []
        toml = folder.toml.replace('file = "responses.csv"', "\n".join(lines))
        (folder.path / "survey.toml").write_text(toml, encoding="utf-8")
        return folder.path

    return declare


def the_fault(path, **options):
    with pytest.raises(DataError) as caught:
        fetch_data(path, **options)
    (fault,) = caught.value.faults
    return str(fault).removeprefix(f"{path}{os.sep}survey.toml, ")


class Counter:
    """A meter that keeps what it was told."""

    def __init__(self):
        self.total, self.seen = 0, []

    def update(self, n):
        self.seen.append(n)


def test_what_is_fetched_is_verified_kept_and_read(published, server, cache):
    path = published()
    fetched = fetch_data(path)
    content = server.files["small.csv"]
    assert fetched.path.read_bytes() == content
    assert (fetched.size, fetched.sha256) == (len(content), sha256(content))
    assert fetched.verified
    assert fetched.downloaded
    assert files_in(cache) == [fetched.path]
    assert fetched.path.name == "responses.csv"
    (path / "elsewhere.csv").write_bytes(content)
    wave, direct = read_wave(path), read_wave(path, path / "elsewhere.csv")
    pd.testing.assert_frame_equal(wave.profiles, direct.profiles)
    assert open_folder(path).n_respondents == 60


def test_a_second_time_the_cache_serves(published, server, cache):
    path = published()
    first, second = fetch_data(path), fetch_data(path)
    assert server.asked == ["/small.csv"]
    assert first.path == second.path
    assert not second.downloaded
    assert fetch_data(path, force=True).downloaded
    assert server.asked == ["/small.csv"] * 2
    assert files_in(cache) == [first.path]


def test_a_hash_in_capitals_is_the_same_hash(published, server):
    assert fetch_data(published(digest=sha256(server.files["small.csv"]).upper())).verified


@pytest.mark.parametrize("how", ["moved/small.csv", "moved/moved/small.csv", "unsized/small.csv"])
def test_redirects_and_unknown_lengths_are_no_matter(published, server, how):
    assert fetch_data(published(f"{server.url}/{how}")).size == len(server.files["small.csv"])


def test_the_meter_sees_all_bytes(published, server):
    meter = Counter()
    fetch_data(published(), meter=meter)
    size = len(server.files["small.csv"])
    assert meter.total == size
    assert sum(meter.seen) == size


def test_a_copy_can_be_had(published, server, tmp_path_factory):
    to = tmp_path_factory.mktemp("copies") / "mine.csv"
    assert fetch_data(published(), to=to).path == to
    assert to.read_bytes() == server.files["small.csv"]
    assert [path.name for path in to.parent.iterdir()] == ["mine.csv"]
    with pytest.raises(RequestError, match=r"--to: .*cannot be written"):
        fetch_data(published(), to=to / "below" / "a file")


@pytest.fixture
def published_people(published, folder, server):
    """The small survey, its respondents' party in a file of its own on the server."""
    responses = pd.read_csv(io.BytesIO(server.files["small.csv"]), dtype=str, keep_default_na=False)
    server.files["people.csv"] = responses[["id", "party"]].to_csv(index=False).encode()
    server.files["small.csv"] = responses.drop(columns="party").to_csv(index=False).encode()
    path = published()
    toml = (path / "survey.toml").read_text()
    digest = sha256(server.files["people.csv"])
    table = f"[respondents]\nkey = 'id'\nurl = '{server.url}/people.csv'\nsha256 = '{digest}'\n"
    (path / "survey.toml").write_text(toml + table)
    return path


def test_files_that_belong_to_the_data_are_fetched_too(
    published_people, cache, monkeypatch, capsys
):
    fetch_data(published_people)
    with pytest.raises(DataError, match=r"respondents\.url: the file of respondents lies neither"):
        read_wave(published_people)
    monkeypatch.setattr("sys.argv", ["conjoint", "fetch", str(published_people)])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code in (None, 0)
    printed = capsys.readouterr().out.split()
    assert [path.rpartition("/")[2] for path in printed] == ["responses.csv", "people.csv"]
    assert set(read_wave(published_people).respondents["party"].dropna()) == {
        "Left",
        "Right",
        "None",
    }


def test_a_joined_file_with_another_hash_is_refused(published_people, server):
    server.files["people.csv"] += b"more,Left\n"
    with pytest.raises(DataError, match=r"respondents.sha256: .* gives another file than declared"):
        fetch_data(published_people, part="respondents")
    (published_people / "survey.toml").write_text(
        (published_people / "survey.toml").read_text() + "file = 'people.csv'\n"
    )
    (published_people / "people.csv").write_bytes(server.files["people.csv"])
    fetch_data(published_people)
    with pytest.raises(DataError, match=r"is another file than survey\.toml declares"):
        read_wave(published_people)


# --- Hashes -------------------------------------------------------------------------------------


def test_a_wrong_hash_shows_both_and_keeps_nothing(published, server, cache):
    declared, found = "ab" * 32, sha256(server.files["small.csv"])
    said = the_fault(published(digest=declared))
    assert said.startswith("data.sha256: ")
    assert f"its sha256 is {found} (expected {declared}). Nothing was kept." in said
    assert files_in(cache) == []


def test_a_file_republished_does_not_replace_the_one_kept(published, server, cache):
    path = published()
    kept = fetch_data(path).path
    before = kept.read_bytes()
    server.files["small.csv"] += b"one more,row\n"
    assert "gives another file than declared" in the_fault(path, force=True)
    assert kept.read_bytes() == before
    assert files_in(cache) == [kept]
    assert not fetch_data(path).downloaded


def test_without_a_hash_the_line_to_add_is_said_and_then_suffices(published, server, cache):
    said = the_fault(published(digest=""))
    line = f'sha256 = "{sha256(server.files["small.csv"])}"'
    assert said.startswith("data.sha256: is missing")
    assert f"(expected {line})" in said
    with pytest.raises(DataError, match="Download it with: conjoint fetch"):
        read_wave(published(digest=""))
    assert read_wave(published()).n_respondents == 60
    assert server.asked == ["/small.csv"]


def test_without_a_hash_a_copy_can_be_looked_at(published, server, tmp_path_factory):
    to = tmp_path_factory.mktemp("copies") / "mine.csv"
    fetched = fetch_data(published(digest=""), to=to)
    assert not fetched.verified
    assert fetched.sha256 == sha256(to.read_bytes())


@pytest.mark.parametrize("digest", ["abc", "g" * 64, "ab" * 33])
def test_what_is_no_sha256_is_said(published, server, digest):
    said = the_fault(published(digest=digest))
    assert said == f"data.sha256: '{digest}' is no sha256 (expected 64 digits from 0 to f)."
    assert server.asked == []


def test_a_file_spoiled_in_the_cache_is_not_read(published, server):
    path = published()
    kept = fetch_data(path).path
    kept.write_bytes(kept.read_bytes().replace(b"low", b"mid", 1))
    with pytest.raises(DataError, match="Download it with: conjoint fetch"):
        read_wave(path)
    assert fetch_data(path).downloaded
    assert read_wave(path).n_respondents == 60


def test_a_file_in_the_folder_comes_first_but_has_to_be_the_one_declared(published, server):
    path = published()
    (path / "responses.csv").write_bytes(server.files["small.csv"])
    assert read_wave(path).n_respondents == 60
    other = server.files["small.csv"].replace(b"low", b"mid", 1)
    (path / "responses.csv").write_bytes(other)
    with pytest.raises(DataError) as caught:
        read_wave(path)
    (fault,) = caught.value.faults
    assert fault.where == str(path / "responses.csv")
    assert sha256(other) in fault.what
    assert fault.expected == sha256(server.files["small.csv"])
    assert read_wave(path, path / "responses.csv").n_respondents == 60  # named by hand
    assert server.asked == []


# --- What goes wrong on the way -------------------------------------------------------------------


def closed_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("cut/small.csv", "broke off before all"),
        ("stall/small.csv", "has not answered for 0.3 seconds"),
        ("silent/small.csv", "has not answered for 0.3 seconds"),
        ("nothing.csv", "answers 404 Not Found (expected the file). Correct the address"),
        ("circle/small.csv", "leads in a circle"),
        ("elsewhere/small.csv", "leads to no web address"),
    ],
)
def test_a_failed_download_is_one_fault_and_leaves_nothing(
    published, server, cache, monkeypatch, path, said
):
    monkeypatch.setattr(fetch, "TIMEOUT", 0.3)
    for digest in (None, ""):
        fault = the_fault(published(f"{server.url}/{path}", digest))
        assert fault.startswith(f"data.url: {said}" if said[0] == "'" else "data.url: ")
        assert said in fault
        assert f"{server.url}/{path}" in fault
    assert files_in(cache) == []
    assert [path for path in cache.iterdir() if path.name.startswith(".partial")] == []


def test_what_is_too_large_is_not_brought_to_its_end(published, server, cache, monkeypatch):
    """Whether the server announces how much there is, or goes on without a word."""
    server.files["large.csv"] = b"x" * 1_000_000
    monkeypatch.setattr(fetch, "MOST_BYTES", 300_000)
    for how in ("", "unsized/"):
        meter = Counter()
        said = the_fault(published(f"{server.url}/{how}large.csv"), meter=meter)
        assert "large.csv gives more than 0.0003 GB" in said
        assert "--data FILE" in said
        assert sum(meter.seen) <= 300_000
    assert files_in(cache) == []


@pytest.mark.parametrize("alarm", [True, False])
def test_a_download_that_drips_ends(published, server, cache, monkeypatch, alarm):
    """The server is never silent for long; without an alarm the clock is looked at with each piece."""
    server.files["large.csv"] = b"x" * 300_000
    monkeypatch.setattr(fetch, "MOST_SECONDS", 0.3)
    monkeypatch.setattr(fetch, "CHUNK", 1000)
    if not alarm:
        monkeypatch.setattr(fetch.threading, "main_thread", lambda: None)
    said = the_fault(published(f"{server.url}/drip/large.csv"))
    assert "has not given the whole file in 0.3 seconds" in said
    assert files_in(cache) == []


def test_what_a_killed_download_left_is_taken_away(published, cache):
    for name, age in (("old", 9000), ("new", 60)):
        left = cache / f".partial-{name}"
        left.mkdir(parents=True)
        (left / "file").write_bytes(b"half")
        os.utime(left, (time.time() - age,) * 2)
    fetch_data(published())
    assert sorted(path.name for path in cache.glob(".partial-*")) == [".partial-new"]


def test_no_network_is_one_fault(published, cache, server):
    address = f"http://127.0.0.1:{closed_port()}/small.csv"
    assert the_fault(published(address)).startswith(f"data.url: {address} cannot be reached")
    nobody = "http://nobody.invalid/small.csv"
    assert the_fault(published(nobody)).startswith(f"data.url: {nobody} cannot be reached")
    assert files_in(cache) == []


def test_a_server_that_speaks_no_http_is_one_fault(published):
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer():
            connection, _ = listener.accept()
            with connection:
                connection.recv(1024)
                connection.sendall(b"\x00\x01 nonsense\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        said = the_fault(published(f"http://127.0.0.1:{listener.getsockname()[1]}/small.csv"))
        thread.join()
    assert "cannot be reached" in said


@pytest.mark.parametrize("start", [b"<!DOCTYPE html>", b"\n <html lang='en'>"])
def test_a_page_that_asks_to_log_in_is_no_data(published, server, cache, start):
    server.files["login.csv"] = start + b"<body>Log in</body>"
    for digest in (None, ""):
        said = the_fault(published(f"{server.url}/login.csv", digest))
        assert "login.csv gives a web page (expected the file itself)" in said
    assert files_in(cache) == []


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "ftp://example.org/x.csv", "/etc/passwd", "example.org/x.csv",
        "https://", "https://me:secret@example.org/x.csv", "https://example.org/a b.csv",
        "https://[example.org/x.csv", "doi:10.7910/DVN/THJYQR",
    ],
)  # fmt: skip
def test_other_addresses_are_refused_unasked(published, url, cache):
    said = the_fault(published(url))
    assert said.startswith(f"data.url: '{url}' is no address that data are fetched from")
    assert files_in(cache) == []


def test_without_an_address_there_is_nothing_to_fetch(published):
    assert the_fault(published(url="", digest="")).startswith("data.url: is missing")


def test_an_archive_is_not_unpacked(published, server, tmp_path_factory):
    server.files["small.tar.gz"] = b"\x1f\x8b and so on"
    path = published(f"{server.url}/small.tar.gz", sha256(server.files["small.tar.gz"]))
    said = the_fault(path)
    assert "is an archive, which is not unpacked" in said
    assert "--to FILE" in said
    to = tmp_path_factory.mktemp("copies") / "small.tar.gz"
    assert fetch_data(path, to=to).verified
    assert to.read_bytes() == server.files["small.tar.gz"]
    (path / "responses.csv").write_bytes(server.files["small.csv"])
    assert read_wave(path).n_respondents == 60  # the hash is the archive's


def test_a_zip_of_one_file_is_read_from_the_cache_and_beside_it(published, server, cache):
    packed = io.BytesIO()
    with ZipFile(packed, "w") as archive:
        archive.writestr("small.csv", server.files["small.csv"])
    server.files["small.zip"] = packed.getvalue()
    path = published(f"{server.url}/small.zip", sha256(server.files["small.zip"]))
    assert fetch_data(path).verified
    assert read_wave(path).n_respondents == 60
    (path / "responses.csv").write_bytes(server.files["small.csv"])
    assert read_wave(path).n_respondents == 60  # the hash is the archive's


def test_a_cache_that_cannot_be_written_is_said(published, cache):
    cache.parent.mkdir(exist_ok=True)
    cache.write_text("a file in its place")
    with pytest.raises(DataError) as caught:
        fetch_data(published())
    (fault,) = caught.value.faults
    assert fault.where == str(cache)
    assert "CONJOINT_CACHE" in fault.do


def test_a_full_disk_is_said(published, cache, monkeypatch):
    def full(*arguments, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(fetch, "_transfer", full)
    with pytest.raises(DataError, match="cannot be written: No space left on device"):
        fetch_data(published())
    assert files_in(cache) == []


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("data.csv?key=1", "data.csv"),
        ("a/../../../../.bashrc", "bashrc"),
        ("%2e%2e%2f%2e%2e%2fevil.csv", "evil.csv"),
        ("..%5c..%5cevil.csv", "evil.csv"),
        ("%00;rm.csv", "__rm.csv"),
        ("..", "data"),
        ("", "data"),
        ("con.csv", "_con.csv"),
        ("AUX", "_AUX"),
        ("console.csv", "console.csv"),
        ("n" * 300 + ".csv", "n" * 64 + ".csv"),
        ("n" * 300, "n" * 15),
    ],
)
def test_a_name_never_leaves_the_cache(published, cache, path, name):
    survey = read_survey(published(f"https://example.org/{path}", file=""))
    source = source_of(survey, "anywhere")
    assert source.name == name
    kept = source.path("ab" * 32)
    assert kept == cache / "abababababababab" / name
    assert kept.resolve().is_relative_to(cache.resolve())


def test_the_file_that_survey_toml_names_gives_the_ending(published, server):
    server.files["12345"] = server.files["small.csv"]
    path = published(f"{server.url}/12345", file="sub folder/responses.csv")
    assert fetch_data(path).path.name == "responses.csv"
    assert read_wave(path).n_respondents == 60


# --- R's format, and the command line ---------------------------------------------------------------


def test_a_file_of_r_comes_in(published, server, folder):
    pyreadr = pytest.importorskip("pyreadr")
    pytest.importorskip("conjoint.read.rdata", reason="waits for the reader")
    local = folder.path / "made.rda"
    pyreadr.write_rdata(str(local), folder.responses.astype(str), df_name="small")
    server.files["small.rda"] = local.read_bytes()
    local.unlink()
    path = published(f"{server.url}/small.rda", sha256(server.files["small.rda"]), file="")
    fetch_data(path)
    wave = read_wave(path)
    (path / "again.csv").write_bytes(server.files["small.csv"])
    pd.testing.assert_frame_equal(wave.profiles, read_wave(path, path / "again.csv").profiles)


@contextmanager
def arguments(monkeypatch, *given):
    with monkeypatch.context() as patch:
        patch.setattr(sys, "argv", ["conjoint", *map(str, given)])
        yield


def run(monkeypatch, capsys, *given):
    with arguments(monkeypatch, *given), pytest.raises(SystemExit) as ended:
        cli.main()
    said = capsys.readouterr()
    return ended.value.code, said.out, said.err


@pytest.fixture
def quiet(monkeypatch):
    """Notes on a standard error that is no terminal, looked up when they are written."""
    monkeypatch.setattr(command, "notes", Console(stderr=True, highlight=False, width=400))


def test_the_command_fetches_and_says_where(published, server, cache, monkeypatch, capsys, quiet):
    path, size = published(), f"{len(server.files['small.csv']):,} bytes"
    code, out, err = run(monkeypatch, capsys, "fetch", path)
    assert (code, out) == (0, f"{files_in(cache)[0]}\n")
    assert err.splitlines() == [f"Downloading {size}", f"Downloaded: {size}, sha256 as declared."]
    code, out, err = run(monkeypatch, capsys, "fetch", path)
    assert (code, out) == (0, f"{files_in(cache)[0]}\n")
    assert err.startswith(f"In the cache already: {size}, sha256 as declared.")
    code, _, err = run(monkeypatch, capsys, "fetch", path, "--force")
    assert (code, err.splitlines()[-1]) == (0, f"Downloaded: {size}, sha256 as declared.")


def test_the_command_ends_with_2_where_there_is_no_data(
    published, server, cache, monkeypatch, capsys, quiet
):
    for declared in (
        {"digest": "ab" * 32}, {"url": f"{server.url}/nothing"},
        {"url": f"{server.url}/cut/small.csv"}, {"url": f"http://127.0.0.1:{closed_port()}/"},
        {"url": "file:///etc/passwd"}, {"url": "", "digest": ""},
        {"digest": ""},
    ):  # fmt: skip
        path = published(**declared)
        code, out, err = run(monkeypatch, capsys, "fetch", path)
        assert (code, out) == (2, ""), declared
        assert f"{path / 'survey.toml'}, data." in err
        assert "Traceback" not in err
        assert len(err.splitlines()) <= 2


def test_the_command_writes_a_copy_that_nothing_vouches_for(
    published, server, monkeypatch, capsys, quiet, tmp_path_factory
):
    to = tmp_path_factory.mktemp("copies") / "mine.csv"
    code, out, err = run(monkeypatch, capsys, "fetch", published(digest=""), "--to", to)
    assert (code, out) == (0, f"{to}\n")
    assert "Nothing vouches for them" in err
    assert f'sha256 = "{sha256(to.read_bytes())}"' in err.splitlines()


def test_other_commands_find_what_was_fetched(published, monkeypatch, capsys, quiet):
    path = published()
    code, _, err = run(monkeypatch, capsys, "check", path)
    assert code == 2
    assert f'Download it with: conjoint fetch "{path}"' in err
    assert run(monkeypatch, capsys, "fetch", path)[0] == 0
    code, out, _ = run(monkeypatch, capsys, "check", path)
    assert code == 0
    assert "60 respondents" in out


def test_the_bar_moves_on_a_terminal(published, server, monkeypatch, capsys):
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=120)
    monkeypatch.setattr(command, "notes", console)
    server.files["small.csv"] *= 20
    code, _, _ = run(monkeypatch, capsys, "fetch", published())
    assert code == 0
    shown = screen.getvalue()
    assert "100" in shown or "kB" in shown
    assert "Downloading" in shown


def test_help_has_an_example(monkeypatch, capsys):
    code, out, _ = run(monkeypatch, capsys, "fetch", "--help")
    assert code == 0
    assert "Example: conjoint fetch" in " ".join(out.split())
