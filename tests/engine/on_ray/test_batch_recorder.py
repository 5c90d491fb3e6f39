"""The recorder's verdicts: what is run, run alone, left out."""

import pytest

from curator_engine.on_ray.batch_recorder import BatchKey, ChainRules, Recorder
from curator_engine.on_ray.ray_worker import dump_bytes

BATCH = BatchKey(chain=0, ids=("a", "b"))
TASK = BatchKey(chain=0, ids=("a",))


def recorder(retries=0, can_split=True):
    notes = []
    rules = [ChainRules(retries=retries, can_split=can_split)]
    return Recorder(rules=rules, tell=notes.append), notes


def kinds(notes):
    return [note.kind for note in notes]


def test_a_batch_is_run_when_it_is_begun_first():
    actor, notes = recorder()
    assert (actor.begin(BATCH), kinds(notes)) == ("go", ["begun"])


def test_a_batch_that_killed_a_worker_is_run_task_by_task():
    actor, _ = recorder()
    assert [actor.begin(BATCH), actor.begin(BATCH)] == ["go", "alone"]


def test_a_batch_that_cannot_be_split_is_lost_as_a_whole():
    actor, notes = recorder(can_split=False)
    assert [actor.begin(BATCH), actor.begin(BATCH)] == ["go", "skip"]
    assert kinds(notes) == ["begun", "died", "lost"]


@pytest.mark.parametrize("retries", [0, 1, 2])
def test_a_task_may_kill_one_worker_more_than_it_has_retries(retries):
    actor, _ = recorder(retries=retries)
    verdicts = [actor.begin(TASK) for _ in range(retries + 2)]
    assert verdicts == ["go"] * (retries + 1) + ["skip"]


def test_a_finished_batch_may_be_run_again_and_is_told_once():
    actor, notes = recorder()
    for _ in range(2):
        assert actor.begin(TASK) == "go"
        actor.done(TASK, b"reply")
    assert kinds(notes).count("done") == 1


def test_nothing_begins_after_a_failure():
    actor, _ = recorder()
    actor.failed(dump_bytes(ValueError("no")))
    assert actor.begin(TASK) == "stop"


def test_why_a_worker_ended_itself_is_in_the_note():
    actor, notes = recorder(can_split=False)
    actor.begin(TASK)
    actor.overdue(TASK, "timed out after 1 s")
    actor.begin(TASK)
    assert notes[-1].reason == "timed out after 1 s"


def test_workers_are_present_from_setup_to_teardown():
    actor, _ = recorder()
    actor.entered("w")
    assert actor.present() == 1
    actor.left("w")
    assert actor.present() == 0
