"""Finds the census sample: where the user says, in the cache, or at its publisher."""

from __future__ import annotations

import hashlib
import os
import tempfile
import urllib.error
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING

from trialscope.demo.errors import UnsupportedFileError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

FILE_NAME = "adult.data"
URL = "https://archive.ics.uci.edu/ml/machine-learning-databases/adult/adult.data"
CHECKSUMS = frozenset(
    {
        "5b00264637dbfec36bdeaab5676b0b309ff9eb788d63554ca0a249491c86603d",
        # The same rows without the empty last line.
        "df25a4e32ed6f1bd4b3910d21a7bd661a09061eced7cb45555a519d9667cc87b",
    }
)
MAX_BYTES = 16 << 20
"""Four times the published file: whatever is longer is something else."""
TIMEOUT_SECS = 10.0
CHUNK_BYTES = 1 << 16


class DownloadError(Exception):
    """The publisher's file could not be had; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Located:
    """Where the census sample is.

    Attributes
    ----------
    path : Path or None
        The verified file, or None if there is none and the synthetic sample has to do.
    origin : str
        ``"file"``, ``"cache"``, ``"download"`` or ``"synthetic"``.
    reason : str
        Why there is no file; empty otherwise.
    """

    path: Path | None
    origin: str
    reason: str = ""


def cache_folder(environ: Mapping[str, str]) -> Path:
    """The folder downloaded data is kept in: ``$XDG_CACHE_HOME/trialscope``, else ``~/.cache/trialscope``."""
    base = environ.get("XDG_CACHE_HOME", "")
    # The standard says to ignore a relative path here.
    root = Path(base) if base.startswith("/") else Path.home() / ".cache"
    return root / "trialscope"


def checksum(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def locate(
    data: Path | None,
    *,
    environ: Mapping[str, str] | None = None,
    url: str = URL,
    checksums: frozenset[str] = CHECKSUMS,
    progress: Callable[[int, int], None] | None = None,
) -> Located:
    """Finds or downloads the census sample.

    Parameters
    ----------
    data : Path, optional
        A file, or a folder that holds ``adult.data``; else the environment variable ``TRIALSCOPE_DATA_DIR``,
        else the cache, else a download into the cache.
    environ : mapping of str to str, optional
        Environment to look into; the process's own by default.
    url : str
        Where to download from.
    checksums : frozenset of str
        SHA-256 digests of the files that are accepted.
    progress : callable, optional
        Called with bytes received and bytes expected (0 if unknown).

    Returns
    -------
    Located
        Without a path if nothing was given, nothing is cached, and the download failed.

    Raises
    ------
    UsageError
        If the place given holds no file.
    UnsupportedFileError
        If the file given is not the published one.
    """
    environ = os.environ if environ is None else environ
    named = str(data) if data is not None else environ.get("TRIALSCOPE_DATA_DIR", "")
    if named:
        source = "--data" if data is not None else "TRIALSCOPE_DATA_DIR"
        return Located(path=_given(Path(named).expanduser(), source, checksums), origin="file")
    cached = cache_folder(environ) / FILE_NAME
    if cached.is_file() and checksum(cached) in checksums:
        return Located(path=cached, origin="cache")
    try:
        download(url, cached, checksums=checksums, progress=progress)
    except DownloadError as error:
        return Located(path=None, origin="synthetic", reason=str(error))
    return Located(path=cached, origin="download")


def _given(place: Path, source: str, checksums: frozenset[str]) -> Path:
    candidates = [place, place / FILE_NAME, place / "adult" / FILE_NAME]
    path = next((candidate for candidate in candidates if candidate.is_file()), None)
    if path is None:
        raise UsageError(
            f"{source} names no census file: {place}",
            hint=f"give the file {FILE_NAME} or a folder that holds it, or leave {source} out to download it",
        )
    found = checksum(path)
    if found not in checksums:
        raise UnsupportedFileError(
            f"not the published census file (sha256 {found[:12]}…): {path}",
            hint=f"leave {source} out to download the right one from {URL}",
        )
    return path


def download(
    url: str,
    target: Path,
    *,
    checksums: frozenset[str] = CHECKSUMS,
    progress: Callable[[int, int], None] | None = None,
    timeout_secs: float = TIMEOUT_SECS,
) -> None:
    """Downloads `url` to `target`, which appears whole and verified or not at all.

    Raises
    ------
    DownloadError
        If the publisher cannot be reached, the file is not the published one, or it cannot be stored.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as part:
            try:
                _receive(url, Path(part.name), progress=progress, timeout_secs=timeout_secs)
                found = checksum(Path(part.name))
                if found not in checksums:
                    raise DownloadError(f"what {url} sent is not the published file (sha256 {found[:12]}…)")
                Path(part.name).replace(target)
            finally:
                Path(part.name).unlink(missing_ok=True)
    except (OSError, HTTPException, urllib.error.URLError) as error:
        reason = getattr(error, "reason", None) or error
        raise DownloadError(f"{reason} ({url})") from error


def _receive(url: str, part: Path, *, progress: Callable[[int, int], None] | None, timeout_secs: float) -> None:
    request = urllib.request.Request(url, headers={"User-Agent": "trialscope-demo"})  # noqa: S310 - https constant
    with urllib.request.urlopen(request, timeout=timeout_secs) as response, part.open("wb") as file:  # noqa: S310
        expected = int(response.headers.get("Content-Length") or 0)
        received = 0
        while chunk := response.read(CHUNK_BYTES):
            received += len(chunk)
            if received > MAX_BYTES:
                raise DownloadError(f"what {url} sends is longer than the published file")
            file.write(chunk)
            if progress is not None:
                progress(received, expected)
        if received < expected:
            raise DownloadError(f"the connection to {url} ended after {received} of {expected} bytes")
