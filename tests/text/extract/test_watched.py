"""Extraction in a process that is watched."""

import os
import signal
import threading
import time
from pathlib import Path

import pytest
from web_pages import LONG, html

from curator_text.extract.page_texts import Page, Wanted
from curator_text.extract.watched import WatchedExtractor

GOOD = Page(kind="html", data=html(LONG).encode(), url="http://a.example/")
SLOW = Page(kind="html", data=b"<div>" * 3_000_000)
"""Takes minutes: its elements stand in each other."""


@pytest.fixture
def extractor():
    with WatchedExtractor(wanted=Wanted(extractor="resiliparse"), timeout_s=5) as made:
        yield made


def children():
    return [
        int(pid)
        for task in Path("/proc/self/task").iterdir()
        for pid in (task / "children").read_text().split()
    ]


def test_one_process_serves_all_pages_and_is_gone_at_the_end():
    before = set(children())
    with WatchedExtractor(wanted=Wanted(extractor="resiliparse")) as extractor:
        found = [extractor.extract(GOOD) for _ in range(3)]
        big = extractor.extract(Page(kind="text", data=b"word " * 400_000))
        assert extractor.process.starts == 1
    assert {each.text for each in found} == {found[0].text}
    assert found[0].links == ("http://a.example/", "http://a.example/about")
    assert len(big.text) == 5 * 400_000 - 1
    assert set(children()) == before


def test_a_page_that_takes_too_long_costs_itself(extractor):
    assert extractor.extract(GOOD).text
    extractor.process.timeout_s = 0.2
    assert extractor.extract(SLOW).reason == "took too long"
    extractor.process.timeout_s = 30
    assert extractor.extract(GOOD).text
    assert extractor.process.starts == 2


def test_a_page_that_kills_the_process_costs_itself(extractor):
    before = set(children())
    assert extractor.extract(GOOD).text
    (child,) = set(children()) - before
    threading.Timer(0.1, os.kill, (child, signal.SIGSEGV)).start()
    found = extractor.extract(SLOW)
    assert found.reason == "the extractor died (SIGSEGV)"
    assert extractor.extract(GOOD).text


def test_a_process_that_died_between_pages_is_begun_again(extractor):
    before = set(children())
    extractor.extract(GOOD)
    (child,) = set(children()) - before
    os.kill(child, signal.SIGKILL)
    time.sleep(0.05)
    assert extractor.extract(GOOD).text
