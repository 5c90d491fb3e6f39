"""What a stage notes: once, by task, with its time."""

from toys import Add, Number

from curator_engine.failures import Rejection


def test_a_rejection_knows_the_task_of_a_batch_that_it_was_met_in():
    class Reject(Add):
        def process(self, task):
            self.reject(Rejection(file="f", reason="bad"))
            return task

    stage = Reject()
    stage.process_batch([Number(data=0, task_id="a"), Number(data=0, task_id="b")])
    assert [rejection.task_id for rejection in stage.take_notes()[2]] == ["a", "b"]


def test_notes_are_taken_once():
    stage = Add()
    stage.count_drops({"short": 1})
    stage.take_notes()
    assert stage.take_notes() == ({}, {}, [])


def test_the_time_of_a_block_is_a_metric():
    stage = Add()
    with stage._time_metric("load_s"):
        pass
    assert stage.take_notes()[0]["load_s"] >= 0
