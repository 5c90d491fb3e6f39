"""Plans cut into segments that run at the same time."""

from toys import Add, AddToAll, Even, Numbers, Sum, Triple

from curator_engine.on_ray.segments import most_batches, segments
from curator_engine.resources import Resources
from curator_engine.running.calculator import Node
from curator_engine.running.chain import fuse


def names(stages, cpus, *, has_source=True):
    chains = fuse(list(stages), enabled=False, has_source=has_source)
    nodes = [Node(node_id="a", cpus=cpus)]
    return [[chain.name for chain in row] for row in segments(chains, nodes)]


def test_the_source_is_a_segment_of_its_own():
    assert names([Numbers(), Add(), Even()], 4) == [["numbers"], ["add", "even"]]


def test_a_stage_that_mixes_its_inputs_begins_a_segment():
    rows = names([Add(), Sum(), Triple()], 4, has_source=False)
    assert rows == [["add"], ["sum", "triple"]]


def test_stages_that_do_not_fit_at_once_run_one_after_the_other():
    assert names([Add(), Even(), Triple()], 2, has_source=False) == [["add", "even"], ["triple"]]


def test_small_stages_run_at_once_on_a_small_machine():
    small = Resources(cpus=0.25)
    stages = [s.with_(resources=small) for s in (Add(), Even(), Triple())]
    assert len(names(stages, 1, has_source=False)) == 1


def batches(*stages, num_items):
    return most_batches(fuse(list(stages), enabled=False, has_source=False), num_items)


def test_a_chain_gets_no_more_batches_than_there_are_tasks():
    assert batches(Add(), Even().with_(batch_size=3), AddToAll(), num_items=7) == [7, 3, 1]


def test_after_a_stage_that_mixes_its_inputs_their_number_is_unknown():
    assert batches(Sum(), Triple(), num_items=2)[0] == 2
    assert min(batches(Sum(), Triple(), num_items=2)[1:]) > 1 << 40
