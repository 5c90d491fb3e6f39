"""Extraction in a process that is watched."""

import os
import signal
from threading import Thread

import psutil
import pytest
from stopped_runs import wait_for
from web_pages import LONG, html

from curator_text.extract.page_texts import Page, Wanted
from curator_text.extract.watched import WatchedExtractor

GOOD = Page(kind="html", data=html(LONG).encode(), url="http://a.example/")
SLOW = Page(kind="html", data=b"<div>" * 3_000_000)
"""Takes minutes: its elements stand in each other."""


@pytest.fixture
def extractor():
    with WatchedExtractor(wanted=Wanted(extractor="resiliparse"), timeout_s=60) as made:
        yield made


def is_child(pid):
    return pid in [each.pid for each in psutil.Process().children()]


def test_one_process_serves_all_pages_and_is_gone_at_the_end():
    with WatchedExtractor(wanted=Wanted(extractor="resiliparse")) as extractor:
        found = [extractor.extract(GOOD) for _ in range(3)]
        big = extractor.extract(Page(kind="text", data=b"word " * 400_000))
        pid = extractor.process._process.pid
        assert (extractor.process.starts, is_child(pid)) == (1, True)
    assert {each.text for each in found} == {found[0].text}
    assert found[0].links == ("http://a.example/", "http://a.example/about")
    assert len(big.text) == 5 * 400_000 - 1
    assert not is_child(pid)


def test_a_page_that_takes_too_long_costs_itself(extractor):
    assert extractor.extract(GOOD).text
    extractor.process.timeout_s = 0.2
    assert extractor.extract(SLOW).reason == "took too long"
    extractor.process.timeout_s = 60
    assert extractor.extract(GOOD).text
    assert extractor.process.starts == 2


def test_a_page_that_kills_the_process_costs_itself(extractor):
    assert extractor.extract(GOOD).text
    child = psutil.Process(extractor.process._process.pid)
    before = sum(child.cpu_times()[:2])

    def kill_at_work():
        # It does nothing until it has the page.
        wait_for(lambda: sum(child.cpu_times()[:2]) > before)
        child.send_signal(signal.SIGSEGV)

    killer = Thread(target=kill_at_work)
    killer.start()
    found = extractor.extract(SLOW)
    killer.join()
    assert found.reason == "the extractor died (SIGSEGV)"
    assert extractor.extract(GOOD).text


def test_a_process_that_died_between_pages_is_begun_again(extractor):
    extractor.extract(GOOD)
    child = extractor.process._process.pid
    os.kill(child, signal.SIGKILL)
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    assert extractor.extract(GOOD).text
