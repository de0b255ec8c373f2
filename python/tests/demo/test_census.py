"""Where the census sample is looked for, and what is accepted as it."""

from __future__ import annotations

import hashlib
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest

from trialscope.demo.census import DownloadError, Located, download, locate
from trialscope.demo.errors import UnsupportedFileError, UsageError

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

CONTENT = b"39, Private\n" * 20_000
ACCEPTED = frozenset({hashlib.sha256(CONTENT).hexdigest()})
NOWHERE = "http://127.0.0.1:9/adult.data"
"""The discard port, on which nothing listens."""


class Publisher(BaseHTTPRequestHandler):
    """Serves the content, or a failure that the path names."""

    def do_GET(self) -> None:
        """Answers by path."""
        if self.path == "/missing":
            self.send_error(404)
            return
        body = b"<html>log in to the hotel network</html>" if self.path == "/portal" else CONTENT
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if self.path == "/torn" else body)

    def log_message(self, *_: object) -> None:  # type: ignore[override]
        """Stays silent."""


@pytest.fixture(autouse=True)
def _without_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keeps a proxy of this machine out of the way to the publisher of these tests."""
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture
def publisher() -> Generator[str]:
    """Address of a publisher on this machine."""
    server = HTTPServer(("127.0.0.1", 0), Publisher)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_download_goes_to_the_cache_and_is_found_there(publisher: str, tmp_path: Path) -> None:
    environ = {"XDG_CACHE_HOME": str(tmp_path)}
    seen: list[tuple[int, int]] = []
    first = locate(None, environ=environ, url=publisher, checksums=ACCEPTED, progress=lambda *now: seen.append(now))
    cached = tmp_path / "trialscope" / "adult.data"
    assert first == Located(path=cached, origin="download")
    assert cached.read_bytes() == CONTENT
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert seen == sorted(seen)
    second = locate(None, environ=environ, url=NOWHERE, checksums=ACCEPTED)
    assert second == Located(path=cached, origin="cache")


def test_damaged_cache_is_downloaded_again(publisher: str, tmp_path: Path) -> None:
    cached = tmp_path / "trialscope" / "adult.data"
    cached.parent.mkdir()
    cached.write_bytes(CONTENT[:-1])
    found = locate(None, environ={"XDG_CACHE_HOME": str(tmp_path)}, url=publisher, checksums=ACCEPTED)
    assert found.origin == "download"
    assert cached.read_bytes() == CONTENT


def test_offline_says_why_and_leaves_nothing_behind(tmp_path: Path) -> None:
    found = locate(None, environ={"XDG_CACHE_HOME": str(tmp_path)}, url=NOWHERE, checksums=ACCEPTED)
    assert found.path is None
    assert found.origin == "synthetic"
    assert "refused" in found.reason
    assert NOWHERE in found.reason
    assert list((tmp_path / "trialscope").iterdir()) == []


@pytest.mark.parametrize(
    ("page", "message"),
    [
        ("portal", "not the published file"),
        ("missing", "Not Found"),
        ("torn", "ended after 120000 of 240000"),
    ],
)
def test_a_wrong_answer_is_refused(publisher: str, tmp_path: Path, page: str, message: str) -> None:
    with pytest.raises(DownloadError, match=message):
        download(f"{publisher}/{page}", tmp_path / "adult.data", checksums=ACCEPTED)
    assert list(tmp_path.iterdir()) == []


def test_unwritable_cache_is_a_reason_not_a_crash(tmp_path: Path) -> None:
    (tmp_path / "trialscope").write_text("a file where the folder should be")
    found = locate(None, environ={"XDG_CACHE_HOME": str(tmp_path)}, url=NOWHERE, checksums=ACCEPTED)
    assert found.origin == "synthetic"
    assert found.reason


@pytest.mark.parametrize("inside", ["adult.data", "adult/adult.data"])
def test_a_folder_may_be_named(tmp_path: Path, inside: str) -> None:
    file = tmp_path / inside
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(CONTENT)
    by_option = locate(tmp_path, environ={}, checksums=ACCEPTED)
    by_environment = locate(None, environ={"TRIALSCOPE_DATA_DIR": str(tmp_path)}, checksums=ACCEPTED)
    assert by_option == by_environment == Located(path=file, origin="file")


def test_the_option_wins_over_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "mine.data"
    file.write_bytes(CONTENT)
    found = locate(file, environ={"TRIALSCOPE_DATA_DIR": "/nonexistent"}, checksums=ACCEPTED)
    assert found.path == file


def test_a_place_without_the_file_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="TRIALSCOPE_DATA_DIR names no census file"):
        locate(None, environ={"TRIALSCOPE_DATA_DIR": str(tmp_path)})


def test_another_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "adult.data"
    file.write_bytes(CONTENT)
    with pytest.raises(UnsupportedFileError, match="not the published census file"):
        locate(file, environ={})


def test_the_published_file_is_accepted(adult_file: Path, tmp_path: Path) -> None:
    assert locate(adult_file, environ={}).path == adult_file
    with_last_newline = tmp_path / "adult.data"
    with_last_newline.write_bytes(adult_file.read_bytes() + b"\n")
    assert locate(with_last_newline, environ={}).path == with_last_newline
