"""The command `curator-text generate`: what is said before the first question, and a kill in the middle."""

import signal
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from chat_server import Reply, chat_server, echoed, question_in
from stopped_runs import wait_for
from text_toys import command, rows_of, write_jsonl

COMMAND = str(Path(sys.executable).parent / "curator-text")
OWN = "output_field: out\nprompt: '{text}'\nmax_tokens: 50\n"
COUNT, AT_ONCE = 40, 4


@pytest.fixture
def words(tmp_path, monkeypatch):
    """The command over a few documents, without the endpoint."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    rows = [{"id": f"d{n}", "text": f"document {n} of some words"} for n in range(COUNT)]
    write_jsonl(tmp_path / "in/a.jsonl", rows)
    (tmp_path / "own.yaml").write_text(OWN, encoding="utf-8")
    recipe = ["--recipe", tmp_path / "own.yaml", "--concurrency", AT_ONCE]
    return ["generate", tmp_path / "in", "-o", tmp_path / "out", *recipe]


def test_what_it_may_cost_is_said_and_nothing_is_asked(words):
    prices = ["--usd-in", 1, "--usd-out", 10, "--budget-usd", 2, "--budget-tokens", 9000]
    with chat_server(echoed) as server:
        code, out, _ = command(*words, "--endpoint", server.url, *prices, "--dry-run")
    assert code == 0
    assert (
        "about 40 questions of 270 tokens, with answers of up to 2,000 tokens: up to $0.02" in out
    )
    assert "budget: 9,000 tokens and $2.00" in out
    assert server.questions == []


def test_a_server_that_is_not_there_is_said_before_any_work(words, tmp_path):
    code, _, err = command(*words, "--endpoint", "http://127.0.0.1:9/v1")
    assert code == 2
    assert "cannot be reached" in err
    assert not (tmp_path / "out").exists()


def test_a_killed_run_pays_for_nothing_twice_but_what_was_under_way(words, tmp_path):
    is_killed = threading.Event()

    def answer(body: dict[str, Any]) -> Reply:
        if len(server.questions) > COUNT // 2:
            is_killed.wait(120)
        return echoed(body)

    with chat_server(answer, models=("tiny",)) as server:
        line = [COMMAND, *map(str, words), "--endpoint", server.url, "-q"]
        child = subprocess.Popen(line)
        assert wait_for(lambda: len(server.questions) > COUNT // 2)
        child.kill()
        assert child.wait() == -signal.SIGKILL
        is_killed.set()
        code, _, _ = command(*words, "--endpoint", server.url, "--resume")
    assert code == 0
    asked = Counter(question_in(body) for body in server.questions)
    assert len(asked) == COUNT
    assert sum(asked.values()) <= COUNT + AT_ONCE
    assert [row["out"] for row in rows_of(tmp_path / "out")] == [
        f"about document {n} of some words" for n in range(COUNT)
    ]
