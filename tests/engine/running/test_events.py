"""The lines of events.jsonl."""

import json
from pathlib import Path

from curator_engine.resources import WorkerPlace
from curator_engine.running.events import EventLog


def write(folder, outcome="done"):
    log = EventLog(folder)
    log.add("read", WorkerPlace(pid=7), tasks=2, items=20, seconds=0.5, outcome=outcome)
    log.close()


def test_an_event_is_a_line_of_json(tmp):
    write(tmp)
    event = json.loads(Path(tmp, "events.jsonl").read_text(encoding="utf-8"))
    del event["time"]
    assert event == {
        "stage": "read",
        "pid": 7,
        "node": "local",
        "actor": "",
        "tasks": 2,
        "items": 20,
        "seconds": 0.5,
        "outcome": "done",
    }


def test_a_second_run_adds_to_the_file(tmp):
    write(tmp)
    write(tmp, outcome="failed")
    lines = Path(tmp, "events.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["outcome"] for line in lines] == ["done", "failed"]


def test_lines_are_there_while_the_run_goes_on(tmp):
    log = EventLog(tmp)
    log.add("read", WorkerPlace(pid=1), tasks=1, items=1, seconds=0.0, outcome="done")
    assert len(Path(tmp, "events.jsonl").read_text(encoding="utf-8").splitlines()) == 1
    log.close()


def test_without_a_folder_nothing_is_written(tmp, monkeypatch):
    monkeypatch.chdir(tmp)
    log = EventLog(None)
    log.add("read", WorkerPlace(pid=1), tasks=1, items=1, seconds=0.0, outcome="done")
    log.close()
    assert list(Path(tmp).iterdir()) == []
