"""The order of batches."""

from typing import Any

from toys import Add, AddToAll, Number, Sum

from curator_engine.executors.schedule import Schedule
from curator_engine.running.chain import fuse


def make(*stages):
    chains = fuse(list(stages), enabled=False, has_source=False)
    return chains, Schedule(chains)


def numbers(*ids) -> list[Any]:
    return [Number(data=0, task_id=i) for i in ids]


def ids(batch):
    return None if batch is None else [t.task_id for t in batch[1]]


def take(schedule):
    batch = schedule.take()
    assert batch is not None
    return batch


def test_the_deepest_chain_comes_first():
    _, schedule = make(Add(), Add())
    schedule.add(0, numbers("a"))
    schedule.add(1, numbers("b"))
    assert ids(schedule.take()) == ["b"]


def test_a_batch_waits_until_it_is_full_or_nothing_can_come():
    chains, schedule = make(Add(), Add().with_(batch_size=2))
    schedule.add(0, numbers("a"))
    schedule.add(1, numbers("b"))
    chain, _ = take(schedule)
    assert (chain, schedule.take()) == (chains[0], None)
    schedule.done(chain)
    assert ids(schedule.take()) == ["b"]


def test_groups_are_cut_from_sorted_ids():
    _, schedule = make(Sum())
    schedule.add(0, numbers("0_10", "0_9", "0_2", "0_1"))
    assert ids(schedule.take()) == ["0_1", "0_2", "0_9"]


def test_a_batch_to_be_tried_again_comes_first_and_stays_together():
    _, schedule = make(Sum())
    schedule.add(0, numbers("a", "b", "c", "d"))
    chain, tasks = take(schedule)
    schedule.done(chain)
    schedule.again(chain, tasks)
    assert ids(schedule.take()) == ["a", "b", "c"]


def test_it_is_finished_when_nothing_waits_or_runs():
    _, schedule = make(Add())
    schedule.add(0, numbers("a"))
    chain, _ = take(schedule)
    assert not schedule.finished
    schedule.done(chain)
    assert schedule.finished


def test_groups_wait_until_nothing_more_can_come():
    _, schedule = make(Add(), Sum())
    schedule.add(0, numbers("a"))
    schedule.add(1, numbers("b", "c", "d"))
    chain, _ = take(schedule)
    assert schedule.take() is None
    schedule.done(chain)
    assert ids(schedule.take()) == ["b", "c", "d"]


def test_groups_wait_for_a_batch_that_is_tried_again():
    chains, schedule = make(Add(), Sum())
    schedule.add(1, numbers("b", "c", "d"))
    schedule.again(chains[0], numbers("a"))
    assert ids(schedule.take()) == ["a"]
    assert schedule.take() is None


def test_a_full_batch_goes_before_all_tasks_are_there():
    _, schedule = make(Add(), Add().with_(batch_size=2))
    schedule.add(0, numbers("a", "b"))
    schedule.add(1, numbers("c", "d"))
    assert ids(schedule.take()) == ["c", "d"]


def test_a_batch_of_all_tasks_waits_for_the_last():
    _, schedule = make(Add(), AddToAll())
    schedule.add(0, numbers("a"))
    schedule.add(1, numbers("b", "c"))
    chain, _ = take(schedule)
    assert schedule.take() is None
    schedule.done(chain)
    assert ids(schedule.take()) == ["b", "c"]
