"""Counts for Prometheus while a run lasts."""

import os
import socket
import urllib.error
import urllib.request
from contextlib import suppress

import pytest
from toys import Add, Even, Number, Numbers

from curator_engine.errors import SettingsError
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_engine.task import Task


class Scrape(Add):
    """What the endpoint says at each task."""

    def __init__(self, port):
        self.port = port

    def process(self, task):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=60) as answer:
            return Task(data=answer.read().decode())


@pytest.fixture
def port():
    """A free one, below those that the system hands out: no other process is given it."""
    start = 20_000 + os.getpid() % 10_000
    for number in range(start, start + 1000):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", number))
            return number
    pytest.fail("a thousand ports are taken")


def run(port):
    stages = [Numbers(count=4), Even(), Scrape(port).with_(batch_size=2)]
    return Pipeline("p", stages=stages).run(LocalExecutor({"metrics_port": port}))


def test_the_counts_are_those_of_the_moment(port):
    text = run(port)[0].data
    assert 'curator_stage_tasks_in_total{pipeline="p",stage="even"} 3.0' in text
    assert 'curator_run_sources{pipeline="p"} 4.0' in text


def test_nothing_listens_after_the_run(port):
    run(port)
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=2)


def test_a_port_that_is_taken_is_named():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=f"metrics_port={number} cannot be used"):
            run(number)


def test_without_a_port_nothing_is_served():
    assert LocalExecutor().metrics_port is None
    assert [t.data for t in Pipeline("p", stages=[Numbers(count=1)]).run(LocalExecutor())] == [0]
    assert Number(data=0).num_items == 1
