"""Which sources are finished, and which of them together."""

from toys import Number

from curator_engine.running.lineage import Lineage


def task(task_id, *sources):
    made = Number(data=0, task_id=task_id)
    made._sources = frozenset(sources or [task_id])
    return made


def lineage(*sources, done=()):
    made = Lineage()
    made.admit([task(source) for source in sources], done=done)
    return made


def test_a_source_is_finished_when_no_descendant_is_left():
    account = lineage("a", "b")
    children = [task("a_0", "a"), task("a_1", "a")]
    assert account.settle([task("a")], children) == ([], [])
    assert account.settle(children[:1], []) == ([], [])
    assert account.settle(children[1:], []) == (["a"], [["a"]])


def test_a_failed_source_is_finished_but_not_for_good():
    account = lineage("a")
    account.fail(["a"])
    assert account.settle([task("a")], []) == (["a"], [])


def test_mixed_sources_are_final_together():
    account = lineage("a", "b")
    left = task("b_1", "b")
    account.settle([task("b")], [task("b_0", "b"), left])
    group = [task("a"), task("b_0", "b")]
    account.mix(group)
    assert account.settle(group, []) == (["a"], [])
    assert account.settle([left], []) == (["b"], [["a", "b"]])


def test_sources_that_are_mixed_step_by_step_are_final_together():
    account = lineage("a", "b", "c")
    late = [task(f"{name}_1", name) for name in "abc"]
    for name in "abc":
        account.settle([task(name)], [task(f"{name}_0", name), task(f"{name}_1", name)])
    for pair in ("ab", "bc"):
        account.mix([task(f"{name}_0", name) for name in pair])
    account.settle([task(f"{name}_0", name) for name in "abc"], [])
    assert account.settle(late[:2], []) == (["a", "b"], [])
    finished, [kin] = account.settle(late[2:], [])
    assert (finished, kin) == (["c"], ["a", "b", "c"])


def test_a_failure_keeps_all_that_was_mixed_with_it_from_being_final():
    account = lineage("a", "b")
    account.mix([task("a"), task("b")])
    account.fail(["b"])
    assert account.settle([task("a"), task("b")], []) == (["a", "b"], [])


def test_a_task_of_several_sources_keeps_each_alive():
    account = lineage("a", "b")
    shared = task("g", "a", "b")
    assert account.settle([task("a"), task("b")], [shared]) == ([], [])
    assert account.settle([shared], [])[0] == ["a", "b"]


def test_sources_that_are_done_already_are_in_the_order_only():
    account = lineage("a", "b", done={"a"})
    assert account.order == {"a": 0, "b": 1}
    assert account.settle([task("b")], []) == (["b"], [["b"]])
