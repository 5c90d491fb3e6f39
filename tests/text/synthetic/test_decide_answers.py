"""Counts of answers."""

from curator_engine.task import FileGroupTask
from curator_text.synthetic.decide_answers import added_up


def test_counts_of_all_tasks_are_added_up_the_most_first():
    counts = [
        {"questions": 2, "tokens_in": 5, "end stop": 1, "end length": 1, "reason no use": 1},
        {"questions": 1, "tokens_out": 4, "end length": 1, "reason no use": 2, "reason a": 9},
    ]
    tasks = [FileGroupTask(data=[], _metadata={"counts": each}) for each in counts]
    assert added_up(tasks) == {
        "questions": 3,
        "tokens_in": 5,
        "tokens_out": 4,
        "ends": {"length": 2, "stop": 1},
        "reasons": {"a": 9, "no use": 3},
    }
