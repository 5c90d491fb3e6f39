"""Fetch a large file to disk, and go on with one of which a part is there."""

import http.client
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from curator_engine.files.fetch import (
    Fetched,
    FetchRules,
    NotFetchedError,
    Watch,
    checked_size,
    content_type_of,
    fetch,
    pieces_of,
    refused,
)

MARK_ENDING = ".mark"
"""Of the file beside a part that says of which version of the file it is."""


def fetch_to(url: str, path: Path, rules: FetchRules, watch: Watch | None = None) -> Fetched:
    """Fetch a file to disk; of one of which a part is there, only the rest is asked for.

    A part is gone on with where the server says by ETag or Last-Modified that it is of the same version.

    Args:
        url: Of http or https.
        path: Where to write. What lies there belongs to an earlier attempt.
        rules: The limits.
        watch: Is told of the connection.

    Returns:
        What became of it; its `data` is empty.

    Example:
        >>> fetch_to("https://example.org/large.tar", Path("large.tar"), FetchRules()).reason
        ''
    """
    mark = path.with_name(path.name + MARK_ENDING)
    known = mark.read_text(encoding="utf-8") if mark.exists() and path.exists() else ""
    begun = path.stat().st_size if known else 0
    headers = {"Range": f"bytes={begun}-", "If-Range": known} if begun else {}
    sink = _Sink(path=path, mark=mark, begun=begun)
    found = fetch(url, rules, watch, read=sink.read, headers=headers)
    if not found.reason:
        with suppress(FileNotFoundError):
            mark.unlink()
    return found


def fetch_patiently(url: str, path: Path, rules: FetchRules) -> Fetched:
    """`fetch_to`, with `rules.retries` further attempts where the file may come later; each goes on with the part.

    Example:
        >>> fetch_patiently("https://example.org/large.tar", Path("large.tar"), FetchRules()).reason
        ''
    """
    found = fetch_to(url, path, rules)
    for _ in range(rules.retries):
        if not found.may_come:
            break
        time.sleep(found.wait_s or rules.backoff_s)
        found = fetch_to(url, path, rules)
    return found


@dataclass(kw_only=True)
class _Sink:
    """Where an answer is written."""

    path: Path
    mark: Path
    begun: int

    def read(self, response: http.client.HTTPResponse, rules: FetchRules, watch: Watch) -> Fetched:
        """Write an answer, from where it begins."""
        if response.status == 416 and _total(response) == self.begun:
            return Fetched(url="", status=206, content_type=content_type_of(response))
        if response.status == 416:
            self.mark.unlink(missing_ok=True)
            raise NotFetchedError("another version than before", may_come=True, status=416)
        if response.status not in (200, 206):
            return refused(response, rules)
        size = checked_size(response, rules)
        had = _start(response) if response.status == 206 else 0
        if had > self.begun:
            self.mark.unlink(missing_ok=True)
            raise NotFetchedError("another part than was asked for", may_come=True, status=206)
        if not had:
            self.mark.write_text(_version(response), encoding="utf-8")
        with self.path.open("r+b" if had else "wb") as file:
            file.seek(had)
            file.truncate()
            for piece in pieces_of(response, size, rules, watch, had=had):
                file.write(piece)
        return Fetched(url="", status=response.status, content_type=content_type_of(response))


def _version(response: http.client.HTTPResponse) -> str:
    """What tells this version of the file from others; a weak tag does not."""
    tag = response.headers.get("ETag", "")
    return response.headers.get("Last-Modified", "") if tag.startswith("W/") or not tag else tag


def _start(response: http.client.HTTPResponse) -> int:
    first = response.headers.get("Content-Range", "").removeprefix("bytes ").partition("-")[0]
    return int(first) if first.isdecimal() else 0


def _total(response: http.client.HTTPResponse) -> int:
    total = response.headers.get("Content-Range", "").rpartition("/")[2]
    return int(total) if total.isdecimal() else -1
