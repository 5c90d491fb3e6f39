"""One chain in one worker: batches, iterators, retries, lineage."""

import weakref
from pathlib import Path

import pytest
from toys import Add, FailOn, Measure, Number, Sum, Triple

from curator_engine.errors import PipelineError, StageError, StorageError
from curator_engine.failures import FailurePolicy
from curator_engine.running.chain import fuse
from curator_engine.running.runner import Runner
from curator_engine.stage import ProcessingStage
from curator_engine.task import FileGroupTask


def run(stages, tasks, **policy):
    runner = Runner(fuse(list(stages), enabled=True, has_source=False)[0], FailurePolicy(**policy))
    runner.setup()
    outcome = runner.run(tasks)
    runner.teardown()
    return outcome


def numbers(*values):
    return [Number(data=v, task_id=str(v)) for v in values]


def test_ids_follow_from_positions():
    outcome = run([Triple(), Add()], numbers(4))
    assert [t.task_id for t in outcome.outputs] == ["4_0_0", "4_1_0", "4_2_0"]


def test_a_batch_gives_each_input_its_own_outputs():
    outcome = run([Triple().with_(batch_size=2)], numbers(1, 2))
    assert [t.task_id for t in outcome.outputs] == ["1_0", "1_1", "1_2", "2_0", "2_1", "2_2"]


def test_what_is_left_of_a_batch_belongs_to_the_tasks_that_it_comes_from():
    class Odd(Add):
        def process_batch(self, tasks):
            self.count_drops({"even": sum(task.data % 2 == 0 for task in tasks)})
            return [task for task in tasks if task.data % 2 for _ in range(task.data)]

    outcome = run([Odd().with_(batch_size=3)], numbers(1, 2, 3))
    assert [t.task_id for t in outcome.outputs] == ["1_0", "3_0", "3_1", "3_2"]
    assert outcome.tallies[0].dropped == {"even": 1}
    assert (outcome.tallies[0].tasks_passed, outcome.tallies[0].tasks_filtered) == (2, 1)


def test_a_batch_with_a_wrong_number_of_entries_names_the_stage():
    class Short(Add):
        def process_batch(self, tasks):
            return tasks[1:]

    with pytest.raises(StageError, match=r"short.process_batch returned 1 entries for 2 tasks"):
        run([Short().with_(batch_size=2)], numbers(1, 2))


def test_siblings_do_not_share_their_times():
    first, second, _ = run([Triple()], numbers(1)).outputs
    assert first._stage_perf is not second._stage_perf


def test_a_task_has_one_time_per_stage():
    outcome = run([Triple(), Add()], numbers(1))
    assert [p.stage_name for p in outcome.outputs[0]._stage_perf] == ["triple", "add"]


def test_metadata_reaches_a_task_that_a_stage_made_anew():
    task = Number(data=1, task_id="1", _metadata={"file": "f"})
    assert run([Add()], [task]).outputs[0]._metadata == {"file": "f"}


def test_a_stage_that_changes_its_input_and_fails_gets_it_unchanged_again():
    seen: list[int] = []

    class Spoil(Add):
        def process(self, task):
            seen.append(task.data)
            task.data += 1
            raise ValueError("after the change")

    run([Spoil()], numbers(5), on_error="skip", retries=2)
    assert seen == [5, 5, 5]


def test_an_iterator_is_taken_one_task_at_a_time():
    class Load:
        pass

    loads: weakref.WeakSet[Load] = weakref.WeakSet()
    alive: list[int] = []

    class Stream(Add):
        def process(self, task):
            for _ in range(5):
                alive.append(len(loads))
                load = Load()
                loads.add(load)
                yield Number(data=load)  # pyright: ignore[reportArgumentType] (any object will do)
                del load

    class Drop(Add):
        def process(self, task):
            return None

    run([Stream(), Drop()], numbers(1))
    assert alive == [0, 0, 0, 0, 0]


def test_a_retried_iterator_repeats_no_output(tmp):
    class Stumble(Add):
        def process(self, task):
            mark = Path(tmp) / "stumbled"
            for i in range(4):
                if i == 2 and not mark.exists():
                    mark.touch()
                    raise ConnectionError("lost")
                yield Number(data=i)

    outcome = run([Stumble()], numbers(1), retries=1)
    assert [t.data for t in outcome.outputs] == [0, 1, 2, 3]


def test_an_iterator_that_fails_for_good_fails_its_task():
    class Break(Add):
        def process(self, task):
            yield Number(data=1)
            raise ValueError("broken")

    outcome = run([Break()], numbers(1), on_error="skip")
    assert (len(outcome.outputs), outcome.failures[0].error) == (1, "ValueError: broken")


def test_a_failing_group_fails_as_a_whole():
    class Fails(Sum):
        def process_batch(self, tasks):
            raise ValueError("no")

    outcome = run([Fails()], numbers(1, 2, 3), on_error="skip")
    assert outcome.failures[0].task_ids == ("1", "2", "3")


def test_the_id_of_a_group_is_a_hash_of_its_inputs():
    first = run([Sum()], numbers(1, 2, 3)).outputs[0].task_id
    assert first == run([Sum()], numbers(1, 2, 3)).outputs[0].task_id
    assert first != run([Sum()], numbers(1, 2, 4)).outputs[0].task_id


def test_a_group_has_the_sources_of_all_its_inputs():
    tasks = numbers(1, 2)
    for task in tasks:
        task._sources = frozenset({task.task_id})
    assert run([Sum()], tasks).outputs[0]._sources == {"1", "2"}


def test_a_stage_may_have_a_policy_of_its_own():
    stage = FailOn().with_(failure_policy=FailurePolicy(on_error="skip"))
    assert [f.task_id for f in run([stage], numbers(6, 7, 8)).failures] == ["7"]


def test_an_iterator_that_gives_none_is_an_error_as_a_list_is():
    class Gap(Add):
        def process(self, task):
            yield task
            yield None
            yield task

    class Listed(Gap):
        def process(self, task):
            return list(super().process(task))

    for stage in (Gap(), Listed()):
        with pytest.raises(PipelineError, match="returned NoneType for task 1; return a Task"):
            run([stage], numbers(1), on_error="skip")


def test_a_full_disk_is_no_failure_of_a_task():
    class Full(Add):
        def process(self, task):
            raise OSError(28, "No space left on device", "/out/part")

    with pytest.raises(StorageError, match="while writing /out/part; free space"):
        run([Full()], numbers(1), on_error="quarantine")


def test_a_setup_that_fails_tears_down_what_was_set_up():
    calls: list[str] = []

    class First(Add):
        def teardown(self):
            calls.append("teardown")

    class Second(Add):
        def setup(self, worker_metadata=None):
            raise OSError("no model")

    with pytest.raises(StageError, match="setup of second failed: OSError: no model"):
        run([First(), Second()], numbers(1))
    assert calls == ["teardown"]


def test_a_failing_teardown_is_reported_after_all_had_their_turn():
    calls: list[str] = []

    class First(Add):
        def teardown(self):
            calls.append("first")

    class Second(Add):
        def teardown(self):
            raise ValueError("stuck")

    with pytest.raises(StageError, match="teardown failed: ValueError: stuck"):
        run([First(), Second()], numbers(1))
    assert calls == ["first"]


def test_what_a_failed_attempt_of_an_iterator_counted_does_not_count():
    attempts: list[int] = []

    class Count(Add):
        def process(self, task):
            attempts.append(1)
            self.count_drops({"short": 1})
            if len(attempts) == 1:
                raise ConnectionError("lost")
            yield Number(data=1)

    assert run([Count()], numbers(1), retries=1).tallies[0].dropped == {"short": 1}


def test_what_an_iterator_that_failed_for_good_counted_does_not_count_for_the_next_task():
    class Count(Add):
        def process(self, task):
            self.count_drops({"short": 1})
            if task.data == 1:
                raise ValueError("broken")
            yield task

    assert run([Count()], numbers(1, 2), on_error="skip").tallies[0].dropped == {"short": 1}


def test_an_output_that_is_no_task_names_the_stage():
    class Bare(Add):
        def process(self, task):
            return task.data

    with pytest.raises(PipelineError, match="bare returned int for task 1; return a Task"):
        run([Bare()], numbers(1))


def test_a_batch_that_raises_names_its_first_and_last_task():
    stage = FailOn(poison=2).with_(batch_size=3)
    with pytest.raises(
        StageError, match="fail_on failed on a batch of 3 tasks, 1 to 3: ValueError"
    ):
        run([stage], numbers(1, 2, 3))


def test_a_failing_batch_is_halved_until_the_bad_tasks_are_alone():
    class Fail(Add):
        def process_batch(self, tasks):
            if any(task.data in (3, 60) for task in tasks):
                raise ValueError("bad")
            return tasks

    outcome = run([Fail().with_(batch_size=100)], numbers(*range(100)), on_error="skip")
    assert [f.task_id for f in outcome.failures] == ["3", "60"]
    assert [t.task_id for t in outcome.outputs] == [
        f"{i}_0" for i in range(100) if i not in (3, 60)
    ]


def test_only_the_bad_task_of_a_batch_is_tried_again():
    stage = FailOn(poison=2).with_(batch_size=4)
    outcome = run([stage], numbers(1, 2, 3, 4), on_error="skip", retries=2)
    # The whole batch twice more; then, once it is alone, the bad task twice more.
    assert (outcome.tallies[0].retried, outcome.failures[0].attempts) == (4 * 2 + 2, 3)


def test_a_task_without_what_the_stage_needs_fails_with_its_name():
    class Needs(Add):
        def inputs(self):
            return ["clips"], []

    failure = run([Needs()], numbers(1), on_error="skip").failures[0]
    assert failure.error == "PipelineError: needs cannot use task 1: Number has no clips."


def test_a_failure_names_the_files_of_its_task():
    class Fail(ProcessingStage[FileGroupTask, FileGroupTask]):
        def process(self, task):
            raise ValueError("unreadable")

    with pytest.raises(StageError, match=r"fail failed on task 0 \(a\.txt\): ValueError"):
        run([Fail()], [FileGroupTask(data=["a.txt"], task_id="0")])


def test_metrics_of_several_calls_are_summed():
    assert run([Triple(), Measure()], numbers(4)).tallies[1].metrics == {"size": 40 + 41 + 42}


def test_the_time_of_a_batch_is_shared_out_by_items():
    outputs = run([Add().with_(batch_size=2)], numbers(1, 2)).outputs
    assert outputs[0]._stage_perf[0].process_time == outputs[1]._stage_perf[0].process_time


def test_a_metric_is_on_the_task_and_in_the_tally():
    class Measured(Add):
        def process(self, task):
            self.log_metric("size", 2)
            return task

    outcome = run([Measured()], numbers(1))
    assert outcome.tallies[0].metrics == {"size": 2.0}
    assert outcome.outputs[0]._stage_perf[0].to_dict()["custom.size"] == 2.0
