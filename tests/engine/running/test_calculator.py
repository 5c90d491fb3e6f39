"""Placement: what fits where, checked on drawn clusters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator_engine.errors import ResourceError
from curator_engine.resources import Resources
from curator_engine.running.calculator import (
    Node,
    capacity,
    describe,
    fit_together,
    gpu_share,
    place,
)

NODES = st.lists(
    st.builds(
        Node,
        node_id=st.uuids().map(str),
        cpus=st.integers(0, 16).map(float),
        gpus=st.integers(0, 4),
        gpu_memory_gb=st.sampled_from([16.0, 80.0]),
        is_head=st.just(False),
    ),
    min_size=1,
    max_size=5,
)
NEEDS = st.one_of(
    st.builds(Resources, cpus=st.sampled_from([0.1, 0.25, 0.3, 1.0, 2.0, 3.5])),
    st.builds(Resources, cpus=st.just(1.0), gpus=st.sampled_from([0.1, 0.3, 0.5, 1.0, 2.0])),
    st.builds(Resources, cpus=st.just(0.0), gpu_memory_gb=st.sampled_from([0.5, 10.0, 40.0])),
    st.builds(Resources, cpus=st.just(1.0), entire_gpu=st.just(True)),
)


def count(nodes, need, **options):
    try:
        return place(nodes, need, **options).count
    except ResourceError:
        return 0


@given(NODES, NEEDS)
def test_no_node_holds_more_than_it_has(nodes, need):
    try:
        placement = place(nodes, need)
    except ResourceError:
        return
    for node in nodes:
        workers = placement.workers.get(node.node_id, 0)
        assert workers * need.cpus <= node.cpus + 1e-6
        assert workers * gpu_share(need, node) <= node.gpus * 1000 if workers else True


@given(NODES, NEEDS)
def test_a_fraction_of_a_gpu_lies_on_one_gpu(nodes, need):
    for node in nodes:
        share = gpu_share(need, node)
        if 0 < share <= 1000:
            held = capacity(need, node, cpus=10**6, gpus=node.gpus * 1000)
            assert held <= node.gpus * (1000 // share)


@given(NODES, NEEDS, st.integers(0, 8))
def test_a_further_node_never_costs_a_worker(nodes, need, cpus):
    more = [*nodes, Node(node_id="more", cpus=cpus, gpus=1, gpu_memory_gb=16.0)]
    assert count(more, need) >= count(nodes, need)


@given(NODES, NEEDS, st.floats(0, 8))
def test_what_is_reserved_stays_free(nodes, need, reserved):
    workers = count(nodes, need, reserved_cpus=reserved)
    total = sum(node.cpus for node in nodes)
    assert workers * need.cpus <= max(0.0, total - reserved) + 1e-3 or not need.cpus


@given(NODES, NEEDS, st.integers(1, 5))
def test_a_number_of_workers_is_honoured_where_it_fits(nodes, need, wanted):
    fits = count(nodes, need)
    assert count(nodes, need, num_workers=wanted) == min(fits, wanted)


@given(NODES, NEEDS, st.integers(1, 5))
def test_there_are_no_more_workers_than_tasks(nodes, need, tasks):
    assert count(nodes, need, num_tasks=tasks) <= tasks


def test_memory_of_a_gpu_is_rounded_up_and_never_to_zero():
    node = Node(node_id="a", cpus=8, gpus=1, gpu_memory_gb=80.0)
    assert gpu_share(Resources(gpu_memory_gb=0.001), node) == 1
    assert gpu_share(Resources(gpu_memory_gb=10), node) == 125


def test_memory_is_measured_on_each_nodes_own_gpus():
    nodes = [
        Node(node_id="small", cpus=8, gpus=1, gpu_memory_gb=16.0),
        Node(node_id="large", cpus=8, gpus=1, gpu_memory_gb=80.0),
    ]
    placement = place(nodes, Resources(cpus=0, gpu_memory_gb=20))
    assert (placement.workers, placement.gpus) == ({"large": 4}, {"large": 0.25})


def test_the_head_is_left_out():
    nodes = [Node(node_id="head", cpus=8, is_head=True), Node(node_id="other", cpus=2)]
    assert place(nodes, Resources(cpus=1), ignore_head_node=True).workers == {"other": 2}


def test_a_cluster_that_is_only_a_head_is_refused():
    with pytest.raises(ResourceError, match="leaves no node"):
        place([Node(node_id="h", cpus=8, is_head=True)], Resources(), ignore_head_node=True)


def test_what_fits_on_no_node_is_refused_even_if_all_nodes_together_have_it():
    nodes = [Node(node_id="a", cpus=2), Node(node_id="b", cpus=2)]
    with pytest.raises(ResourceError, match=r"needs 3 CPUs; the largest of 2 nodes has 2 CPUs"):
        place(nodes, Resources(cpus=3))


def test_reserved_cpus_come_off_the_head_first():
    nodes = [Node(node_id="other", cpus=2), Node(node_id="head", cpus=2, is_head=True)]
    assert place(nodes, Resources(cpus=1), reserved_cpus=2).workers == {"other": 2}


def test_slots_alternate_between_nodes():
    nodes = [Node(node_id="a", cpus=2), Node(node_id="b", cpus=1)]
    assert place(nodes, Resources(cpus=1)).slots() == ["a", "b", "a"]


def test_what_limits_the_number_is_said():
    nodes = [Node(node_id="a", cpus=4)]
    assert place(nodes, Resources(cpus=1), num_tasks=2).limit == "2 tasks"
    assert place(nodes, Resources(cpus=1), num_workers=3).limit == "num_workers=3"
    assert place(nodes, Resources(cpus=1)).limit == "resources"
    assert place(nodes, Resources(cpus=1), num_tasks=1).limit == "1 task"
    asked = place(nodes, Resources(cpus=1), num_workers=4, asked_by="pool_size")
    assert asked.limit == "pool_size=4"


def test_more_workers_than_fit_are_limited_by_resources():
    assert place([Node(node_id="a", cpus=4)], Resources(), num_workers=5).limit == "resources"


def test_a_need_is_described_in_words():
    assert describe(Resources(cpus=0.5, gpus=2)) == "0.5 CPUs and 2 GPUs"
    assert describe(Resources(entire_gpu=True)) == "1 CPUs and 1 GPUs"
    assert describe(Resources(gpu_memory_gb=10)) == "1 CPUs and 10 GB of GPU memory"


def test_stages_that_run_at_once_must_fit_at_once():
    nodes = [Node(node_id="a", cpus=2)]
    assert fit_together(nodes, [Resources(cpus=1), Resources(cpus=1)])
    assert not fit_together(nodes, [Resources(cpus=1), Resources(cpus=2)])


def test_gpus_of_unknown_memory_are_named():
    node = Node(node_id="a", cpus=8, gpus=1)
    with pytest.raises(ResourceError, match="GPU memory of node a is not known"):
        gpu_share(Resources(gpu_memory_gb=1), node)
