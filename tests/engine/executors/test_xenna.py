"""XennaExecutor: its options; what all executors share is in test_executors.py."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from stopped_runs import wait_for
from toys import Add, FailOn, Number, Numbers

from curator_engine.errors import ResourceError, SettingsError, StageError
from curator_engine.executors.xenna import XennaExecutor
from curator_engine.failures import FailurePolicy
from curator_engine.on_ray.driver_rpc import Hotline
from curator_engine.on_ray.segments import ChainJob
from curator_engine.pipeline import Pipeline
from curator_engine.resources import Resources
from curator_engine.running.calculator import Node
from curator_engine.running.chain import Chain


class Slow(Add):
    def process(self, task):
        import time

        time.sleep(0.2)
        return Number(data=task.data + 1)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"execution_mode": "serving"}, "execution_mode='serving' is not streaming or batch"),
        (
            {"cpu_allocation_percentage": 95},
            r"cpu_allocation_percentage=95 is not a ratio in \(0, 1\]",
        ),
        ({"autoscale_interval_s": 0}, "autoscale_interval_s=0 is not above 0"),
        ({"logging_interval": -1}, "logging_interval=-1 is not above 0"),
        ({"max_workers_per_stage": 0}, "max_workers_per_stage=0 is below 1"),
        ({"monitoring_verbosity_level": "info"}, "monitoring_verbosity_level has no effect"),
        ({"executor_verbosity_level": 1}, "leave it out, or set logging_interval="),
        ({"excution_mode": "batch"}, "no option 'excution_mode'; did you mean 'execution_mode'"),
    ],
)
def test_a_wrong_option_is_named(config, message):
    with pytest.raises(SettingsError, match=message):
        XennaExecutor(config)


def test_the_head_cannot_be_left_out():
    with pytest.raises(ValueError, match="ignore_head_node"):
        XennaExecutor(ignore_head_node=True)


def test_options_of_the_installed_version_are_taken():
    XennaExecutor({"slots_per_actor": 3, "max_queued_lower_bound": 2})


def test_gigabytes_of_gpu_memory_are_asked_for_as_a_share_of_a_gpu():
    need = Resources(cpus=1, gpu_memory_gb=40)
    job = ChainJob(
        chain=Chain(index=0, stages=(Add().with_(resources=need),)),
        policy=FailurePolicy(),
        hotline=Hotline(address=("127.0.0.1", 1), token=b""),
        ends_segment=True,
        deliver=True,
    )
    asked = XennaExecutor()._spec(job, None, gpus=0.5).stage.required_resources
    assert (asked.cpus, asked.gpus) == (1, 0.5)


def placed(gigabytes):
    nodes = [
        Node(node_id="small", cpus=8, gpus=1, gpu_memory_gb=16),
        Node(node_id="large", cpus=8, gpus=1, gpu_memory_gb=80),
    ]
    need = Resources(cpus=1, gpu_memory_gb=gigabytes)
    chain = Chain(index=0, stages=(Add().with_(resources=need),))
    return XennaExecutor()._place(chain, nodes)


def test_on_mixed_gpus_a_worker_takes_the_share_of_the_smallest():
    assert set(placed(8).gpus.values()) == {0.5}


def test_gpus_that_are_too_small_are_refused():
    with pytest.raises(ResourceError, match="node small has GPUs of 16 GB, and Cosmos-Xenna"):
        placed(40)


@pytest.mark.ray
def test_an_unknown_key_of_a_stage_is_named(ray_cluster):
    stage = Add().with_(xenna_stage_spec={"num_worker_per_node": 1})
    with pytest.raises(
        SettingsError, match=r"add: xenna_stage_spec\(\) has the unknown key 'num_wo"
    ):
        Pipeline("p", stages=[Numbers(count=1), stage]).run(
            XennaExecutor({"cpu_allocation_percentage": 1.0})
        )


class Together(Add):
    """None works before so many workers have been given work."""

    def __init__(self, folder, size):
        self.folder, self.size = Path(folder), size

    def process(self, task):
        (self.folder / str(os.getpid())).touch()
        wait_for(lambda: len(list(self.folder.iterdir())) >= self.size, 300)
        return task


@pytest.mark.ray
@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "workers"),
    [
        ({}, {2, 3, 4}),
        ({"max_workers_per_stage": 1}, {1}),
        ({"cpu_allocation_percentage": 0.5}, {2}),
    ],
    ids=["all", "a cap", "a share of the CPUs"],
)
def test_what_bounds_the_workers_of_a_stage(options, workers, ray_cluster, tmp):
    stage = Together(tmp, min(workers)).with_(name="together")
    _, report = run([Numbers(count=8 if workers == {1} else 40), stage], **options)
    assert report.stage("together").workers in workers


@pytest.mark.ray
def test_a_share_below_one_cpu_is_refused_before_any_work(ray_cluster):
    with pytest.raises(ResourceError, match=r"0\.4 of 2 CPUs is less than one"):
        Pipeline("p", stages=[Numbers(), Add()]).run(
            XennaExecutor({"cpu_allocation_percentage": 0.4})
        )


@pytest.mark.ray
def test_a_worker_that_fits_on_no_node_is_refused(ray_cluster):
    stage = Add().with_(resources=Resources(cpus=3))
    with pytest.raises(ResourceError, match="a worker needs 3 CPUs; the largest of 2 nodes has 2"):
        Pipeline("p", stages=[Numbers(), stage]).run(
            XennaExecutor({"cpu_allocation_percentage": 1.0})
        )


def events(folder):
    lines = Path(folder, "events.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["stage"] for line in lines]


def run(stages, run_dir=None, **config):
    pipeline = Pipeline("p", stages=stages)
    tasks = pipeline.run(
        XennaExecutor({"cpu_allocation_percentage": 1.0, **config}), run_dir=run_dir
    )
    return tasks, pipeline.last_run


@pytest.mark.ray
@pytest.mark.slow
@pytest.mark.parametrize("mode", ["batch", "streaming"])
def test_in_batch_mode_a_stage_waits_for_the_one_before(mode, ray_cluster, tmp):
    class Before(Add):
        def process(self, task):
            if mode == "streaming" and task.data >= 6:
                # These end when the next stage has begun with the others.
                wait_for(Path(tmp, "begun").exists, 300)
            return task

    class After(Add):
        def process(self, task):
            Path(tmp, "begun").touch()
            return task

    after = After().with_(xenna_stage_spec={"slots_per_actor": 1})
    run([Numbers(count=12), Before(), after], run_dir=tmp, execution_mode=mode)
    order = [stage for stage in events(tmp) if stage in ("before", "after")]
    waits = order == ["before"] * 12 + ["after"] * 12
    assert waits == (mode == "batch")


@pytest.mark.ray
@pytest.mark.slow
@pytest.mark.parametrize(("interval", "says"), [(0.3, True), (3600, False)])
def test_a_line_on_progress_comes_at_the_interval(interval, says, ray_cluster, capsys):
    run([Numbers(count=8), Slow()], logging_interval=interval)
    assert ("p: " in capsys.readouterr().err) == says


@pytest.mark.ray
@pytest.mark.slow
def test_failures_are_ignored_only_when_asked(ray_cluster):
    stages = [Numbers(), FailOn()]
    with pytest.raises(StageError, match="7 is poison"):
        run(stages, ignore_failures=False)
    tasks, report = run(stages, ignore_failures=True)
    assert (len(tasks), report.failed) == (19, 1)


SCALING = """
import json, sys, time
from pathlib import Path

import ray
from toys import Add, Number, Numbers

from curator_engine.executors.xenna import XennaExecutor
from curator_engine.pipeline import Pipeline


class Slow(Add):
    def process(self, task):
        time.sleep(0.25)
        return Number(data=task.data)


ray.init(address="local", num_cpus=5, include_dashboard=False, log_to_driver=False)
for cap, fixed, count in ((None, None, 120), (None, 1, 16), (2, None, 120)):
    stages = [Add().with_(batch_size=2), Slow(), Add().with_(name="last", batch_size=2)]
    stages = [Numbers(count=count), *(stage.with_(num_workers=fixed) for stage in stages)]
    pipeline = Pipeline("p", stages=stages)
    config = {"cpu_allocation_percentage": 1.0, "autoscale_interval_s": 2}
    pipeline.run(XennaExecutor({**config, "max_workers_per_stage": cap}))
    print("workers", pipeline.last_run.stage("slow").workers)
"""


@pytest.mark.long
@pytest.mark.ray
def test_a_slow_stage_gets_more_workers_unless_they_are_capped():
    env = {k: v for k, v in os.environ.items() if k != "RAY_ADDRESS"}
    env |= {"PYTHONPATH": str(Path(__file__).parents[2]), "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0"}
    done = subprocess.run(
        [sys.executable, "-c", SCALING], capture_output=True, check=False, timeout=900, env=env
    )
    said = [int(line.split()[1]) for line in done.stdout.decode().splitlines() if "workers" in line]
    assert len(said) == 3, done.stderr.decode()[-2000:]
    assert said[0] > 1
    assert said[1:] == [1, 2]


ONE_CPU = """
import ray
from toys import Add, Numbers
from curator_engine.executors.xenna import XennaExecutor
from curator_engine.pipeline import Pipeline
ray.init("local", num_cpus=1, include_dashboard=False, log_to_driver=False, logging_level=40)
tasks = Pipeline("p", stages=[Numbers(count=3), Add()]).run(XennaExecutor())
print([task.data for task in tasks])
"""


@pytest.mark.slow
@pytest.mark.long
def test_one_cpu_is_enough_for_the_default():
    env = {k: v for k, v in os.environ.items() if not k.startswith("RAY_")}
    env["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parents[2]), env.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-c", ONE_CPU], capture_output=True, check=False, env=env, timeout=600
    )
    assert done.stdout.decode().splitlines()[-1:] == ["[1, 2, 3]"], done.stderr.decode()[-800:]
