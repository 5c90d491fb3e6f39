"""Which stages share a worker."""

import pytest
from toys import Add, Numbers, Sum

from curator_engine.failures import FailurePolicy
from curator_engine.resources import Resources
from curator_engine.running.chain import fuse


def names(stages, *, enabled=True, has_source=False):
    return [chain.name for chain in fuse(stages, enabled=enabled, has_source=has_source)]


def test_small_stages_share_a_worker():
    assert names([Add(), Add()]) == ["add + add"]


def test_a_source_is_alone():
    assert names([Numbers(), Add(), Add()], has_source=True) == ["numbers", "add + add"]


def test_a_fan_out_ends_a_chain():
    class Spread(Add):
        fan_out = True

    assert names([Spread(), Add()]) == ["spread", "add"]


def test_fusion_can_be_turned_off():
    assert names([Add(), Add()], enabled=False) == ["add", "add"]


@pytest.mark.parametrize(
    "settings",
    [
        {"resources": Resources(cpus=0.5)},
        {"resources": Resources(gpus=0.5)},
        {"runtime_env": {"pip": []}},
        {"num_workers": 2},
        {"batch_size": 4},
        {"failure_policy": FailurePolicy()},
        {"ray_stage_spec": {"x": 1}},
        {"xenna_stage_spec": {"x": 1}},
    ],
    ids=lambda settings: next(iter(settings)),
)
def test_stages_that_differ_are_not_fused(settings):
    assert names([Add(), Add().with_(**settings)]) == ["add", "add"]


def test_a_stage_that_mixes_its_inputs_is_alone():
    assert names([Add(), Sum(), Add()]) == ["add", "sum", "add"]
