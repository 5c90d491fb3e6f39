"""A process that is watched, with one that does what it is told."""

import signal

import pytest

from curator_engine.errors import StageError
from curator_text.read.watched_process import NoAnswerError, WatchedProcess


@pytest.fixture(scope="module")
def process():
    """Answers with what it gets; `wait` waits, `die` ends it."""
    with WatchedProcess(module="obedient_process", timeout_s=300) as made:
        yield made


def test_an_answer_has_facts_and_data_of_any_size(process):
    big = bytes(1 << 20)
    assert process.ask({"a": "ü"}, big) == ({"a": "ü"}, big)
    assert process.ask({}) == ({}, b"")


def test_what_takes_too_long_costs_itself(process):
    process.timeout_s = 0.2
    with pytest.raises(NoAnswerError, match="took too long"):
        process.ask({"wait": 1000})
    process.timeout_s = 300
    assert process.ask({"n": 1})[0] == {"n": 1}


@pytest.mark.parametrize(
    ("how", "reason"),
    [({"die": 3}, "exit code 3"), ({"kill": signal.SIGSEGV}, "SIGSEGV"), ({"kill": 40}, "40")],
)
def test_what_kills_the_process_costs_itself(process, how, reason):
    with pytest.raises(NoAnswerError, match=rf"the reader died \(.*{reason}\)"):
        process.ask(how)
    assert process.ask({"n": 1})[0] == {"n": 1}


def test_an_endless_answer_costs_itself(process, monkeypatch):
    monkeypatch.setattr("curator_text.read.watched_process._MOST_ANSWER_BYTES", 1000)
    monkeypatch.setattr("curator_text.read.watched_process._END_SECONDS", 0.01)
    with pytest.raises(NoAnswerError, match="too large"):
        process.ask({}, bytes(2 << 20))


def test_nothing_that_the_process_prints_comes_between(process):
    assert process.ask({"print": "hello"})[0] == {"print": "hello"}


def test_a_module_that_does_not_begin_is_an_error():
    with (
        WatchedProcess(module="no_such_module", reader="the tester") as process,
        pytest.raises(StageError, match="for the tester"),
    ):
        process.ask({})
