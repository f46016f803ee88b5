"""Downloads against a real server on loopback that misbehaves, and mirrors."""

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from chiasma.core.errors import FetchError
from chiasma.io.download import Patience, download, find_in_mirror, obtain, record_path
from chiasma.schema.samples import Dataset

BODY = bytes(range(256)) * 400
PATIENCE = Patience(attempts=3, first_wait_s=1, longest_wait_s=3, timeout_s=10)


class Server(ThreadingHTTPServer):
    """Answers by the words of ``plan`` in turn, the last one for ever; ``asked`` holds each request's Range header."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.plan, self.asked = ["whole"], []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/data/some%20file.bin"


class Handler(BaseHTTPRequestHandler):
    """``whole``, ``cut`` (half of what was asked), ``empty``, ``deaf`` (to Range), ``wrong``, ``long``, ``sizeless``, a status."""

    def log_message(self, *words: object) -> None:
        pass

    def do_GET(self) -> None:
        asked = self.headers.get("Range")
        self.server.asked.append(asked)
        word = self.server.plan.pop(0) if len(self.server.plan) > 1 else self.server.plan[0]
        if word.isdigit():
            self.send_error(int(word))
            return
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and word != "deaf" else 0
        body = {"wrong": BODY[::-1], "long": BODY + b"more"}.get(word, BODY)[start:]
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(BODY) - 1}/{len(BODY)}")
        if word != "sizeless":
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: {"cut": len(body) // 2, "empty": 0}.get(word, len(body))])


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with Server() as found:
        thread = threading.Thread(target=found.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield found
        found.shutdown()
        thread.join()


def dataset(url: str, body: bytes = BODY, processing: str = "verbatim") -> Dataset:
    sha256 = hashlib.sha256(body).hexdigest()
    return Dataset("thing", "1", "thing.bin", url, len(body), sha256, "MIT", "nobody", processing)


def unseen(url: str, size: int | None = None) -> Dataset:
    return Dataset("thing", "1", "thing.bin", url, size, None, "MIT", "nobody", "verbatim")


def run(server: Server, path: Path, *plan: str) -> list[float]:
    """Download by ``plan`` and return the waits asked for."""
    server.plan, waits = list(plan), []
    download(dataset(server.url), path, PATIENCE, waits.append)
    return waits


def others(path: Path) -> list[str]:
    return sorted(found.name for found in path.parent.iterdir() if found != path)


def test_a_file_arrives_whole_and_leaves_nothing_beside_it(server, tmp_path):
    path = tmp_path / "new folder" / "thing.bin"
    assert run(server, path, "whole") == []
    assert path.read_bytes() == BODY
    assert others(path) == []


def test_a_cut_connection_is_taken_up_where_it_broke(server, tmp_path):
    path = tmp_path / "thing.bin"
    assert run(server, path, "cut", "cut", "whole") == [1, 1]  # new bytes came each time: the wait does not grow
    assert path.read_bytes() == BODY
    half = len(BODY) // 2
    assert server.asked == [None, f"bytes={half}-", f"bytes={half + half // 2}-"]


def test_a_later_run_goes_on_from_what_an_earlier_one_left(server, tmp_path):
    path = tmp_path / "thing.bin"
    with pytest.raises(FetchError, match="3 tries without a new byte"):
        run(server, path, "cut", "503")
    assert not path.exists()
    server.asked.clear()
    run(server, path, "whole")
    assert server.asked == [f"bytes={len(BODY) // 2}-"]
    assert path.read_bytes() == BODY


def test_a_server_that_ignores_range_starts_the_file_over(server, tmp_path):
    path = tmp_path / "thing.bin"
    run(server, path, "cut", "deaf")
    assert path.read_bytes() == BODY


def test_waits_double_to_their_bound_while_nothing_comes(server, tmp_path):
    server.plan, waits = ["503"], []
    with pytest.raises(FetchError, match="503"):
        download(dataset(server.url), tmp_path / "thing.bin", Patience(5, 1, 3, 10), waits.append)
    assert waits == [1, 2, 3, 3]
    assert len(server.asked) == 5


def test_a_busy_server_is_asked_again(server, tmp_path):
    assert run(server, tmp_path / "thing.bin", "503", "429", "whole") == [1, 2]


def test_an_empty_answer_counts_as_a_failure(server, tmp_path):
    with pytest.raises(FetchError, match=f"broken off after 0 of {len(BODY)} bytes"):
        run(server, tmp_path / "thing.bin", "empty")


def test_a_missing_file_is_an_error_at_once(server, tmp_path):
    with pytest.raises(FetchError, match="404") as caught:
        run(server, tmp_path / "thing.bin", "404", "whole")
    assert len(server.asked) == 1
    assert server.url in str(caught.value) and "mirror" in str(caught.value)


def test_an_unreachable_server_is_tried_and_named(tmp_path, server):
    server.server_close()
    waits = []
    with pytest.raises(FetchError, match="Run again"):
        download(dataset(server.url), tmp_path / "thing.bin", PATIENCE, waits.append)
    assert waits == [1, 2]


@pytest.mark.parametrize("word", ["wrong", "long"])
def test_wrong_bytes_are_set_aside_and_never_take_the_name(server, tmp_path, word):
    path = tmp_path / "thing.bin"
    with pytest.raises(FetchError, match=r"expected 102400 bytes.*set aside as .*thing\.bin\.quarantine-") as caught:
        run(server, path, word)
    assert not path.exists()
    (aside,) = others(path)
    assert aside.startswith("thing.bin.quarantine-") and aside in str(caught.value)


def test_after_wrong_bytes_the_next_run_starts_afresh(server, tmp_path):
    path = tmp_path / "thing.bin"
    with pytest.raises(FetchError):
        run(server, path, "wrong")
    server.asked.clear()
    run(server, path, "whole")
    assert server.asked == [None]
    assert path.read_bytes() == BODY


@pytest.mark.parametrize("size", [None, len(BODY)])
def test_a_sum_nobody_knows_is_recorded_at_the_first_download_and_said_aloud(server, tmp_path, caplog, size):
    path = tmp_path / "thing.bin"
    obtain(unseen(server.url, size), path)
    assert path.read_bytes() == BODY
    assert others(path) == ["thing.bin.sha256"]
    assert (tmp_path / "thing.bin.sha256").read_text() == f"{hashlib.sha256(BODY).hexdigest()}  thing.bin\n"
    (said,) = [line.getMessage() for line in caplog.records if line.levelname == "WARNING"]
    assert "COULD NOT BE VERIFIED" in said
    assert f"102400 bytes and SHA-256 {hashlib.sha256(BODY).hexdigest()}" in said


def test_a_recorded_sum_binds_the_next_download(server, tmp_path, caplog):
    path = tmp_path / "thing.bin"
    obtain(unseen(server.url), path)
    path.unlink()
    caplog.clear()
    obtain(unseen(server.url), path)
    assert path.read_bytes() == BODY
    assert "VERIFIED" not in caplog.text, "it now could be"
    path.write_bytes(b"changed by hand")
    server.plan = ["wrong"]
    with pytest.raises(FetchError, match="the source has changed"):
        obtain(unseen(server.url), path)
    assert not path.exists()


def test_an_unreadable_record_is_an_error(tmp_path):
    (tmp_path / "thing.bin.sha256").write_text("no sum\n")
    with pytest.raises(FetchError, match=r"thing.bin.sha256: expected a SHA-256"):
        obtain(unseen("http://127.0.0.1:9/x"), tmp_path / "thing.bin")


def test_an_unknown_size_is_asked_for_and_a_cut_connection_still_told(server, tmp_path):
    path, waits = tmp_path / "thing.bin", []
    server.plan = ["503", "whole", "cut", "whole"]
    download(unseen(server.url), path, PATIENCE, waits.append)
    assert path.read_bytes() == BODY
    assert waits == [1, 1]
    assert server.asked[-1] == f"bytes={len(BODY) // 2}-"


def test_a_server_that_states_no_size_is_not_believed(server, tmp_path):
    server.plan = ["sizeless"]
    with pytest.raises(FetchError, match="does not say how many bytes"):
        download(unseen(server.url), tmp_path / "thing.bin", PATIENCE)


@pytest.mark.parametrize("size", [None, len(BODY)])
def test_without_a_sum_a_mirror_is_searched_by_name(tmp_path, size):
    mirror = make_mirror(tmp_path / "mirror", other=BODY)
    assert find_in_mirror(mirror, unseen("", size)) is None
    make_mirror(mirror, **{"thing.bin": BODY})
    assert find_in_mirror(mirror, unseen("", size)) == mirror / "deep" / "thing.bin"
    assert find_in_mirror(mirror, unseen("", 5)) is None


@pytest.mark.parametrize("word", ["401", "403"])
def test_a_server_that_wants_a_key_is_named_as_such(server, tmp_path, word):
    with pytest.raises(FetchError, match=f"{word}.*may want an account.*--mirror DIR"):
        run(server, tmp_path / "thing.bin", word)
    assert len(server.asked) == 1


def test_only_http_is_spoken(tmp_path):
    with pytest.raises(FetchError, match="not http"):
        download(dataset("file:///etc/hostname"), tmp_path / "thing.bin")


def test_a_right_file_is_left_alone(server, tmp_path):
    path = tmp_path / "thing.bin"
    path.write_bytes(BODY)
    obtain(dataset(server.url), path)
    assert server.asked == []


def test_a_wrong_file_in_the_place_is_set_aside_and_replaced(server, tmp_path):
    path = tmp_path / "thing.bin"
    path.write_bytes(b"old")
    obtain(dataset(server.url), path)
    assert path.read_bytes() == BODY
    (aside,) = others(path)
    assert (tmp_path / aside).read_bytes() == b"old"


def make_mirror(folder: Path, **files: bytes) -> Path:
    for name, body in files.items():
        (folder / "deep" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "deep" / name).write_bytes(body)
    return folder


def test_a_mirror_is_searched_by_sum_whatever_the_name(server, tmp_path):
    mirror = make_mirror(tmp_path / "mirror", other=BODY, same_size=BODY[::-1])
    path = tmp_path / "out" / "thing.bin"
    obtain(dataset(server.url, processing="made by hand"), path, mirror)
    assert path.read_bytes() == BODY
    assert server.asked == []


def test_a_manifest_points_to_the_file_but_its_bytes_decide(tmp_path):
    mirror = make_mirror(tmp_path / "mirror", right=BODY, changed=BODY[::-1])
    sha256 = hashlib.sha256(BODY).hexdigest()
    (mirror / "MANIFEST.tsv").write_text(
        f"path\tsha256\ndeep/changed\t{sha256}\ndeep/gone\t{sha256}\n", encoding="utf-8"
    )
    assert find_in_mirror(mirror, dataset("")) == mirror / "deep" / "right"
    assert find_in_mirror(mirror, dataset("", b"something else")) is None


def test_the_copy_is_the_users_own(tmp_path):
    mirror = make_mirror(tmp_path / "mirror", thing=BODY)
    path = tmp_path / "thing.bin"
    obtain(dataset(""), path, mirror)
    path.write_bytes(b"changed")
    assert (mirror / "deep" / "thing").read_bytes() == BODY


def test_a_derived_file_cannot_be_downloaded_and_the_error_says_how_to_get_it(server, tmp_path):
    derived = dataset(server.url, processing="derived: lifted over")
    with pytest.raises(FetchError, match=r"derived: lifted over.*--mirror DIR"):
        obtain(derived, tmp_path / "thing.bin")
    empty = make_mirror(tmp_path / "mirror", other=b"x")
    with pytest.raises(FetchError, match="holds no file with that sum"):
        obtain(derived, tmp_path / "thing.bin", empty)
    assert server.asked == []


def test_a_derived_file_that_nobody_has_summed_is_asked_for_by_its_name(server, tmp_path):
    """Its url is where it was made from: what that serves never takes the file's name."""
    made = replace(unseen(server.url), processing="derived: by hand")
    empty = make_mirror(tmp_path / "mirror", other=b"x")
    with pytest.raises(
        FetchError, match=r"no file with that name.*--mirror DIR, a directory that holds it by that name"
    ):
        obtain(made, tmp_path / "thing.bin", empty)
    assert server.asked == []
    obtain(made, tmp_path / "thing.bin", make_mirror(tmp_path / "full", **{"thing.bin": BODY}))
    assert (tmp_path / "thing.bin").read_bytes() == BODY
    assert record_path(tmp_path / "thing.bin").is_file()


def test_a_file_no_mirror_holds_is_downloaded_when_it_can_be(server, tmp_path):
    obtain(dataset(server.url), tmp_path / "thing.bin", make_mirror(tmp_path / "mirror", other=b"x"))
    assert len(server.asked) == 1


def test_a_mirror_that_is_no_directory_is_an_error(tmp_path):
    with pytest.raises(FetchError, match="not a directory"):
        obtain(dataset(""), tmp_path / "thing.bin", tmp_path / "nowhere")
