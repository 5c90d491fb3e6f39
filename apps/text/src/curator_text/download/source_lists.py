"""The files that sources publish: crawls and news of Common Crawl, dumps of Wikipedia, papers of arXiv.

Each source has a base address, which may be a mirror, or a server of a test.
"""

import json
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from xml.parsers import expat

from curator_engine.errors import InputError

type Get = Callable[[str], bytes]
"""Fetches a list.

Raises:
    InputError: It cannot be had.
"""

COMMON_CRAWL = "https://data.commoncrawl.org"
WIKIPEDIA = "https://dumps.wikimedia.org"
ARXIV = "s3://arxiv"
"""Its readers pay for what they read (requester pays), so it needs an account of AWS."""
_MOST_LIST_BYTES = 256 << 20


@dataclass(frozen=True, kw_only=True)
class SourceFile:
    """A file that a source publishes."""

    url: str
    num_bytes: int | None = None
    """As the source says."""
    checksum: str = ""
    """As sha1:DIGITS or md5:DIGITS; empty if the source gives none."""


def crawl_files(get: Get, *, base: str, snapshot: str, kind: str = "warc") -> list[SourceFile]:
    """Files of a crawl, such as CC-MAIN-2024-10; `kind` is warc or wet.

    Raises:
        InputError: There is no such crawl.
    """
    if not re.fullmatch(r"CC-MAIN-\d{4}(-\d\d(-\d\d)?)?", snapshot):
        raise InputError(f"{snapshot!r} is no crawl; write it as CC-MAIN-2024-10.")
    return _paths(get, base, f"crawl-data/{snapshot}/{kind}.paths.gz")


def news_files(get: Get, *, base: str, month: str) -> list[SourceFile]:
    """Files of the news of a month, such as 2024-05.

    Raises:
        InputError: There are none.
    """
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month):
        raise InputError(f"{month!r} is no month; write it as 2024-05.")
    return _paths(get, base, f"crawl-data/CC-NEWS/{month.replace('-', '/')}/warc.paths.gz")


def _paths(get: Get, base: str, place: str) -> list[SourceFile]:
    lines = _unpacked(get(f"{base}/{place}"), place).decode("utf-8", "replace").splitlines()
    return [SourceFile(url=f"{base}/{line.strip()}") for line in lines if line.strip()]


def _unpacked(data: bytes, place: str) -> bytes:
    if not data.startswith(b"\x1f\x8b"):
        return data
    try:
        found = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(data, _MOST_LIST_BYTES)
    except zlib.error as error:
        raise InputError(f"{place} cannot be unpacked ({error}).") from error
    return found


def dump_files(get: Get, *, base: str, language: str, date: str = "latest") -> list[SourceFile]:
    """Files with the articles of a Wikipedia.

    Args:
        get: Fetches lists.
        base: Where dumps are.
        language: As in the name of its site, such as en or simple.
        date: Of the dump, such as 20240501; the newest one that is complete unless given.

    Raises:
        InputError: There is no such dump.
    """
    if not re.fullmatch(r"[a-z][a-z0-9-]*", language):
        raise InputError(f"{language!r} is no language of Wikipedia; write it as en.")
    wiki = f"{base}/{language.replace('-', '_')}wiki"
    if date != "latest":
        return _of_dump(get, base, f"{wiki}/{date}") or _none(f"{wiki}/{date}")
    page = get(f"{wiki}/").decode("utf-8", "replace")
    dates = sorted(set(re.findall(r'href="(\d{8})/"', page)), reverse=True)
    for each in dates:
        if found := _of_dump(get, base, f"{wiki}/{each}"):
            return found
    return _none(wiki)


def _none(place: str) -> list[SourceFile]:
    raise InputError(
        f"{place} has no dump of articles that is complete; choose another --dump-date."
    )


def _of_dump(get: Get, base: str, place: str) -> list[SourceFile]:
    """The files of a dump; none if it is not complete yet."""
    try:
        status: Any = json.loads(get(f"{place}/dumpstatus.json"))
        job = status["jobs"]["articlesmultistreamdump"]
        files = job["files"].items() if job["status"] == "done" else ()
    except (ValueError, KeyError, TypeError, AttributeError):
        return []
    found = [
        SourceFile(
            url=f"{base}{about['url']}",
            num_bytes=about.get("size"),
            checksum=f"sha1:{about['sha1']}" if about.get("sha1") else "",
        )
        for name, about in files
        # Beside each lies an index of it.
        if ".xml" in name and "index" not in name
    ]
    return sorted(found, key=lambda each: _by_number(each.url))


def _by_number(text: str) -> list[Any]:
    return [int(each) if each.isdigit() else each for each in re.split(r"(\d+)", text)]


def paper_files(get: Get, *, base: str) -> list[SourceFile]:
    """The tars of sources of papers that arXiv's manifest names.

    Raises:
        InputError: The manifest is none.
    """
    found: list[SourceFile] = []
    facts: dict[str, str] = {}
    at: list[str] = []

    def start(name: str, _: dict[str, str]) -> None:
        at[:] = [name]

    def end(name: str) -> None:
        at.clear()
        if name == "file" and facts.get("filename"):
            size = facts.get("size", "").strip()
            found.append(
                SourceFile(
                    url=f"{base}/{facts['filename'].strip()}",
                    num_bytes=int(size) if size.isdecimal() else None,
                    checksum=f"md5:{facts['md5sum'].strip()}" if facts.get("md5sum") else "",
                )
            )
            facts.clear()

    def text(data: str) -> None:
        if at:
            facts[at[0]] = facts.get(at[0], "") + data

    parser: Any = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _refuse
    place = f"{base}/src/arXiv_src_manifest.xml"
    try:
        parser.Parse(get(place), True)
    except (expat.ExpatError, ValueError) as error:
        raise InputError(f"{place} is no manifest ({error}).") from error
    return found


def _refuse(*declared: object) -> None:
    raise ValueError("XML with a document type")
