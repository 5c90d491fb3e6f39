"""Large files: to disk, and on from where they were cut off."""

import re

import pytest
from web_server import serving

from curator_engine.files.fetch import FetchRules
from curator_engine.files.fetch_file import fetch_patiently, fetch_to

DATA = bytes(range(256)) * 400
RULES = FetchRules(allow_private=True)
TAG = {"ETag": '"one"'}


def part(start):
    rest = DATA[start:]
    return (206, {**TAG, "Content-Range": f"bytes {start}-{len(DATA) - 1}/{len(DATA)}"}, rest)


def cut(at):
    """An answer that promises all and ends early."""
    return (200, {**TAG, "Content-Length": str(len(DATA))}, DATA[:at])


def test_a_file_is_written_and_leaves_nothing_beside_it(tmp_path):
    with serving({"/a": (200, TAG, DATA)}) as site:
        found = fetch_to(f"{site.url}/a", tmp_path / "a", RULES)
    assert (found.reason, found.data) == ("", b"")
    assert (tmp_path / "a").read_bytes() == DATA
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize(
    "second",
    [part(1000), (200, TAG, DATA), (200, {"ETag": '"two"'}, DATA)],
    ids=["the rest", "all again", "another version"],
)
def test_a_file_that_was_cut_off_is_gone_on_with(tmp_path, second):
    with serving({"/a": [cut(1000), second]}) as site:
        first = fetch_to(f"{site.url}/a", tmp_path / "a", RULES)
        assert (first.reason, first.may_come) == ("cut off", True)
        assert not fetch_to(f"{site.url}/a", tmp_path / "a", RULES).reason
    assert (tmp_path / "a").read_bytes() == DATA


def test_a_file_that_is_there_already_is_whole(tmp_path):
    (tmp_path / "a").write_bytes(DATA)
    (tmp_path / "a.mark").write_text('"one"', encoding="utf-8")
    with serving({"/a": (416, {"Content-Range": f"bytes */{len(DATA)}"}, b"")}) as site:
        assert not fetch_to(f"{site.url}/a", tmp_path / "a", RULES).reason
    assert (tmp_path / "a").read_bytes() == DATA


def test_a_part_that_no_version_stands_for_is_begun_again(tmp_path):
    (tmp_path / "a").write_bytes(b"x" * 5000)
    (tmp_path / "a.mark").write_text('"one"', encoding="utf-8")
    with serving({"/a": [(416, {"Content-Range": "bytes */10"}, b""), (200, TAG, DATA)]}) as site:
        assert fetch_to(f"{site.url}/a", tmp_path / "a", RULES).may_come
        assert not fetch_to(f"{site.url}/a", tmp_path / "a", RULES).reason
    assert (tmp_path / "a").read_bytes() == DATA


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((404, {}, b""), "status 404"),
        ((200, {"X-Robots-Tag": "noai"}, DATA), "opted out: X-Robots-Tag noai"),
        ((200, {}, b""), "empty"),
    ],
)
def test_what_is_not_to_be_had_is_said(tmp_path, answer, reason):
    with serving({"/a": answer}) as site:
        assert re.match(reason, fetch_to(f"{site.url}/a", tmp_path / "a", RULES).reason)


def test_a_limit_on_size_counts_what_was_there(tmp_path):
    rules = FetchRules(allow_private=True, max_bytes=len(DATA) - 1)
    with serving({"/a": [cut(1000), part(1000)]}) as site:
        fetch_to(f"{site.url}/a", tmp_path / "a", FetchRules(allow_private=True))
        assert fetch_to(f"{site.url}/a", tmp_path / "a", rules).reason == "larger than the limit"


def test_a_file_that_may_come_is_asked_for_again(tmp_path):
    rules = FetchRules(allow_private=True, backoff_s=0.01)
    with serving(
        {"/a": [(503, {}, b"later"), cut(1000), part(1000)], "/b": (404, {}, b"")}
    ) as site:
        assert fetch_patiently(f"{site.url}/a", tmp_path / "a", rules).reason == ""
        assert fetch_patiently(f"{site.url}/b", tmp_path / "b", rules).status == 404
        assert (site.asked["/a"], site.asked["/b"]) == (3, 1)
    assert (tmp_path / "a").read_bytes() == DATA
