"""Plans: flat copies of stages, and what is wrong with them."""

from toys import Add, AddTwice, Numbers

from curator_engine.failures import FailurePolicy
from curator_engine.plan import flatten, make_plan


def test_flat_stages_are_copies():
    stage = Add()
    assert flatten([stage])[0] is not stage


def test_composites_are_taken_apart():
    assert [stage.name for stage in flatten([Numbers(), AddTwice()])] == [
        "numbers",
        "first",
        "second",
    ]


def test_a_batch_size_below_one_is_a_problem():
    plan = make_plan("p", [Add().with_(batch_size=0)], has_source=False)
    assert str(plan.problems[0]) == "add: batch_size=0 is below 1. Use 1 or more, or None for all."


def test_a_plan_prints_its_problems():
    plan = make_plan("p", [Add().with_(batch_size=0)], has_source=False)
    assert (
        str(plan).splitlines()[-1]
        == "  problem: add: batch_size=0 is below 1. Use 1 or more, or None for all."
    )


def test_a_plan_prints_batches_of_all_tasks():
    assert "batch all tasks" in str(
        make_plan("p", [Add().with_(batch_size=None)], has_source=False)
    )


def test_a_budget_of_a_stage_is_a_problem():
    stage = Add().with_(failure_policy=FailurePolicy(max_failures=1))
    assert "set max_failures=" in str(make_plan("p", [stage], has_source=False).problems[0])
