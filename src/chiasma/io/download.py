"""A dataset's verified file: from a mirror directory, or by a download that resumes, retries and checks its sum.

A download grows in a hidden file beside its place, named after the wanted sum, and takes its name when it is whole and
right; a later run goes on where an earlier one was cut off.

A file whose sum the dataset table does not know cannot be verified: its sum is recorded beside it at the first download,
with a warning, and binds every later one.
"""

from __future__ import annotations

import csv
import http.client
import os
import re
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, TypeVar

from chiasma.core.atomic import writing
from chiasma.core.errors import FetchError
from chiasma.core.log import log, progress
from chiasma.core.provenance import file_sha256

PIECE = 1 << 20  # bytes read at a time; progress counts them
AGAIN = {408, 425, 429, 500, 502, 503, 504}  # HTTP states that may pass
LOCKED = {401, 403}  # HTTP states of a server that wants a key
AGENT = "chiasma"


class Wanted(Protocol):
    """The facts of a file, as a row of ``resources/datasets.tsv`` states them."""

    name: str
    file: str
    url: str
    bytes: int | None  # None and None: nobody has seen the file yet
    sha256: str | None
    processing: str


Known = TypeVar("Known", bound=Wanted)  # a dataclass with the facts of `Wanted`
Result = TypeVar("Result")


@dataclass(frozen=True)
class Patience:
    """How long a download keeps trying.

    Attributes
    ----------
    attempts : tries in a row that bring no new byte, after which it gives up
    first_wait_s, longest_wait_s : the wait doubles from the one to the other
    timeout_s : silence of the server that counts as a failure
    """

    attempts: int = 6
    first_wait_s: float = 1.0
    longest_wait_s: float = 60.0
    timeout_s: float = 60.0

    def wait_s(self, failures: int) -> float:
        """Return the seconds to wait after this many failures in a row, counted from 1."""
        return min(self.first_wait_s * 2 ** (failures - 1), self.longest_wait_s)


class _Interrupted(Exception):
    """A try that failed in a way that may pass."""


def obtain(dataset: Wanted, path: str | Path, mirror: str | Path | None = None) -> None:
    """Put the dataset's file, its SHA-256 verified, at ``path``.

    A right file already there is kept and a wrong one set aside. The mirror is asked first, then the url. A sum that the
    dataset does not state is the one recorded beside ``path``, or else is recorded there now.

    Raises
    ------
    FetchError
        When no mirror holds the file and its url serves other bytes, cannot be reached, or gives the wrong sum.
    """
    path = Path(path)
    dataset = as_recorded(dataset, path)
    if not _is_there(dataset, path):
        _bring(dataset, path, mirror)
    if dataset.sha256 is None:
        record(dataset, path)


def _is_there(dataset: Wanted, path: Path) -> bool:
    """Return whether the file stands in its place; one with the wrong sum is set aside."""
    if not path.exists():
        return False
    if dataset.sha256 in (None, file_sha256(path)):
        log.info("%s: %s is there%s", dataset.name, path, " and right" if dataset.sha256 else "")
        return True
    log.warning("%s: %s has the wrong SHA-256; set aside as %s", dataset.name, path, quarantine(path))
    return False


def _bring(dataset: Wanted, path: Path, mirror: str | Path | None) -> None:
    """Put the file in its place from the mirror, or else from its url."""
    found = find_in_mirror(mirror, dataset) if mirror is not None else None
    if found is None:
        check_downloadable(dataset, mirror)
        download(dataset, path)
        return
    log.info("%s: taken from %s", dataset.name, found)
    with writing(path) as part:
        shutil.copyfile(found, part)


def record_path(path: Path) -> Path:
    """Return where the sum of a file that the dataset table does not know is recorded, as ``sha256sum --check`` reads it."""
    return path.with_name(f"{path.name}.sha256")


def as_recorded(dataset: Known, path: Path) -> Known:
    """Return the dataset with the sum recorded beside ``path``, when it states none and one is there."""
    if dataset.sha256 is not None or not record_path(path).is_file():
        return dataset
    words = record_path(path).read_text(encoding="utf-8").split()
    if not words or not re.fullmatch("[0-9a-f]{64}", words[0]):
        raise FetchError(f"{record_path(path)}: expected a SHA-256 and a file name; delete it, and fetch again")
    return replace(dataset, sha256=words[0])


def record(dataset: Wanted, path: Path) -> None:
    """Record the sum of a file that could not be verified, and say so."""
    sha256 = file_sha256(path)
    with writing(record_path(path)) as part:
        part.write_text(f"{sha256}  {path.name}\n", encoding="utf-8")
    log.warning(
        "%s: COULD NOT BE VERIFIED, the dataset table knows no SHA-256 of it. %s has %d bytes and SHA-256 %s, recorded in %s "
        "and held to from now on; compare it with what the source states, and write both into the table",
        dataset.name, path, path.stat().st_size, sha256, record_path(path),
    )  # fmt: skip


def check_downloadable(dataset: Wanted, mirror: str | Path | None) -> None:
    """Raise FetchError when the dataset's url does not serve its very bytes."""
    if dataset.processing == "verbatim":
        return
    told_by, known_by = ("name", "by that name") if dataset.sha256 is None else ("sum", f"(SHA-256 {dataset.sha256})")
    where = (
        "give --mirror DIR"
        if mirror is None
        else f"{mirror} holds no file with that {told_by}; give another --mirror DIR"
    )
    raise FetchError(
        f"dataset '{dataset.name}': {dataset.file} was made from {dataset.url} ({dataset.processing}), so it cannot be "
        f"downloaded; {where}, a directory that holds it {known_by}, or name a local file in the sample sheet"
    )


def find_in_mirror(mirror: str | Path, dataset: Wanted) -> Path | None:
    """Return a file under ``mirror`` with the dataset's SHA-256, or None.

    A ``MANIFEST.tsv`` there (columns path and sha256) is asked first; then every file of the right size is hashed,
    files of the right name first. Without a SHA-256 the name decides, with the size where that is known.
    """
    mirror = Path(mirror)
    if not mirror.is_dir():
        raise FetchError(f"mirror '{mirror}' is not a directory")
    if dataset.sha256 is None:
        return next((path for path in _same_size(mirror, dataset) if path.name == dataset.file), None)
    for path in (*_listed(mirror, dataset), *_same_size(mirror, dataset)):
        if path.is_file() and file_sha256(path) == dataset.sha256:
            return path
    return None


def _listed(mirror: Path, dataset: Wanted) -> list[Path]:
    manifest = mirror / "MANIFEST.tsv"
    if not manifest.is_file():
        return []
    with open(manifest, newline="", encoding="utf-8") as handle:
        rows = csv.DictReader(handle, delimiter="\t")
        return [mirror / row["path"] for row in rows if row.get("sha256") == dataset.sha256 and row.get("path")]


def _same_size(mirror: Path, dataset: Wanted) -> Iterator[Path]:
    paths = (Path(folder) / name for folder, _, names in os.walk(mirror) for name in names)
    alike = (
        (lambda path: path.name == dataset.file)
        if dataset.bytes is None
        else (lambda path: path.stat().st_size == dataset.bytes)
    )
    found = [path for path in paths if path.is_file() and alike(path)]
    yield from sorted(found, key=lambda path: (path.name != dataset.file, path))


def quarantine(path: Path, name: str | None = None) -> Path:
    """Rename a file with the wrong sum to ``{name}.quarantine-{start of its SHA-256}`` and return its new path."""
    aside = path.with_name(f"{name or path.name}.quarantine-{file_sha256(path)[:12]}")
    os.replace(path, aside)
    return aside


def download(
    dataset: Known, path: Path, patience: Patience | None = None, sleep: Callable[[float], None] = time.sleep
) -> None:
    """Download the dataset's url to ``path``, resuming what an earlier run left; of an unknown size what the server says.

    Raises
    ------
    FetchError
        At once when the server refuses (404 and the like); after ``patience`` when it cannot be reached or keeps
        breaking off; when the bytes have the wrong sum, which are then set aside beside ``path``.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    patience = patience or Patience()
    if dataset.bytes is None:
        size = _persist(dataset, lambda: _served_bytes(dataset, patience.timeout_s), lambda: 0, patience, sleep)
        dataset = replace(dataset, bytes=size)
    part = path.with_name(f".{path.name}.partial-{(dataset.sha256 or 'unverified')[:12]}")
    _complete(dataset, part, patience, sleep)
    if part.stat().st_size != dataset.bytes or dataset.sha256 not in (None, file_sha256(part)):
        size, found = part.stat().st_size, file_sha256(part)
        aside = quarantine(part, path.name)
        raise FetchError(
            f"dataset '{dataset.name}': {dataset.url} gave {size} bytes with SHA-256 {found}; expected {dataset.bytes} "
            f"bytes with {dataset.sha256}. They are set aside as {aside}. Run again; if the sum is wrong again, the "
            "source has changed, and the file must come from a mirror"
        )
    os.replace(part, path)


def _complete(dataset: Wanted, part: Path, patience: Patience, sleep: Callable[[float], None]) -> None:
    """Grow ``part`` to the dataset's size; tries that bring new bytes do not count as failures."""
    if _size(part) < dataset.bytes:
        _persist(dataset, lambda: _read_on(dataset, part, patience.timeout_s), lambda: _size(part), patience, sleep)


def _persist(
    dataset: Wanted,
    attempt: Callable[[], Result],
    grown: Callable[[], int],
    patience: Patience,
    sleep: Callable[[float], None],
) -> Result:
    """Return what ``attempt`` returns once it is not interrupted; tries after which ``grown`` is larger are no failures."""
    failures = 0
    while True:
        before = grown()
        try:
            return attempt()
        except _Interrupted as error:
            failures = 1 if grown() > before else failures + 1
            if failures >= patience.attempts:
                raise FetchError(
                    f"dataset '{dataset.name}': gave up on {dataset.url} after {failures} tries without a new byte: "
                    f"{error}. Run again to go on from there, or give --mirror DIR"
                ) from error
            wait_s = patience.wait_s(failures)
            log.warning("%s: %s; next try in %g s", dataset.name, error, wait_s)
            sleep(wait_s)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _read_on(dataset: Wanted, part: Path, timeout_s: float) -> None:
    """Ask for the bytes that ``part`` lacks and add them; a server that sends the whole file instead starts it over."""
    start = _size(part)
    try:
        with _open(dataset, start, timeout_s) as response:
            resumed = response.status == 206 and _first_byte(response) == start
            if response.status == 206 and not resumed:
                raise _Interrupted(f"the server sent another range than asked: {response.headers.get('Content-Range')}")
            _store(dataset, response, part, start if resumed else 0)
    except (OSError, http.client.HTTPException) as error:
        raise _Interrupted(f"{type(error).__name__}: {error}") from error
    if _size(part) < dataset.bytes:
        raise _Interrupted(f"broken off after {_size(part)} of {dataset.bytes} bytes")


def _served_bytes(dataset: Wanted, timeout_s: float) -> int:
    """Return the size that the server states; FetchError when it states none."""
    try:
        with _open(dataset, 0, timeout_s) as response:
            stated = response.headers.get("Content-Length", "")
    except (OSError, http.client.HTTPException) as error:
        raise _Interrupted(f"{type(error).__name__}: {error}") from error
    if not stated.isdigit():
        raise FetchError(
            f"dataset '{dataset.name}': {dataset.url} does not say how many bytes it serves, so a broken download could not "
            "be told from a whole one; write the size into the dataset table, or give --mirror DIR"
        )
    return int(stated)


def _open(dataset: Wanted, start: int, timeout_s: float) -> http.client.HTTPResponse:
    """Return the response to a request for the bytes from ``start`` on; FetchError when the server refuses for good."""
    if not dataset.url.startswith(("http://", "https://")):
        raise FetchError(f"dataset '{dataset.name}': url '{dataset.url}' is not http or https")
    headers = {"User-Agent": AGENT, "Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
    try:
        return urllib.request.urlopen(urllib.request.Request(dataset.url, headers=headers), timeout=timeout_s)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code in AGAIN:
            raise _Interrupted(f"the server answered {error.code} {error.reason}") from error
        advice = (
            "it may want an account: download the file by hand with yours, and give --mirror DIR"
            if error.code in LOCKED
            else "the file may have moved: correct its url in the dataset table, or give --mirror DIR"
        )
        raise FetchError(
            f"dataset '{dataset.name}': {dataset.url} answered {error.code} {error.reason}; {advice}"
        ) from error


def _first_byte(response: http.client.HTTPResponse) -> int | None:
    """Return N of ``Content-Range: bytes N-M/size``, or None."""
    words = response.headers.get("Content-Range", "").removeprefix("bytes ").split("-")
    return int(words[0]) if words[0].isdigit() else None


def _store(dataset: Wanted, response: http.client.HTTPResponse, part: Path, start: int) -> None:
    """Write the body behind the first ``start`` bytes of ``part``, and no more than one byte beyond the wanted size."""
    pieces = iter(lambda: response.read(PIECE), b"")
    with open(part, "r+b" if start else "wb") as handle:
        handle.seek(start)
        for piece in progress(pieces, f"{dataset.name} (MiB)", -(-(dataset.bytes - start) // PIECE)):
            handle.write(piece[: dataset.bytes + 1 - handle.tell()])
            if handle.tell() > dataset.bytes:
                return
