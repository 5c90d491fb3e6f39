"""XennaExecutor: its options; what all executors share is in test_executors.py."""

import pytest
from toys import Add, Number, Numbers

from curator_engine.errors import ResourceError, SettingsError
from curator_engine.executors.xenna import XennaExecutor
from curator_engine.pipeline import Pipeline
from curator_engine.resources import Resources


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


@pytest.mark.ray
def test_an_unknown_key_of_a_stage_is_named(ray_cluster):
    stage = Add().with_(xenna_stage_spec={"num_worker_per_node": 1})
    with pytest.raises(
        SettingsError, match=r"add: xenna_stage_spec\(\) has the unknown key 'num_wo"
    ):
        Pipeline("p", stages=[Numbers(count=1), stage]).run(
            XennaExecutor({"cpu_allocation_percentage": 1.0})
        )


@pytest.mark.ray
@pytest.mark.slow
@pytest.mark.parametrize(("cap", "workers"), [(1, {1}), (None, {2, 3, 4})])
def test_a_cap_bounds_the_workers_of_a_stage(cap, workers, ray_cluster):
    config = {"cpu_allocation_percentage": 1.0, "max_workers_per_stage": cap}
    pipeline = Pipeline("p", stages=[Numbers(count=40), Slow()])
    pipeline.run(XennaExecutor(config))
    assert pipeline.last_run.stage("slow").workers in workers


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
