"""What runs in Ray's processes."""

import subprocess
import sys

import pyarrow as pa
import pytest
from toys import Number

from curator_engine.on_ray.ray_worker import (
    Parcel,
    dump_bytes,
    load_bytes,
    stand_in,
    unpack,
    watchdog,
)
from curator_engine.task import FileGroupTask, TableTask


def test_a_reference_stands_for_itself():
    task = FileGroupTask(data=["a"])
    assert stand_in(task) is task


def test_a_parcel_has_the_tasks_identity_and_size_but_not_its_data():
    task = TableTask(data=pa.table({"n": [1, 2, 3]}), task_id="0_1", dataset_name="d")
    task._sources = frozenset({"0_1"})
    parcel = stand_in(task)
    assert isinstance(parcel, Parcel)
    assert (parcel.task_id, parcel.num_items, parcel._sources) == ("0_1", 3, {"0_1"})
    assert parcel.data is None


@pytest.mark.ray
def test_parcels_are_unpacked_in_their_places(ray_cluster):
    import ray

    tasks = [Number(data=1), FileGroupTask(data=["a"]), Number(data=2)]
    parcels = [stand_in(task, ray.put(task)) for task in tasks]
    assert [task.data for task in unpack(parcels)] == [1, ["a"], 2]


def test_what_is_dumped_is_loaded():
    assert load_bytes(dump_bytes({"a": 1})) == {"a": 1}


def test_the_watchdog_lets_a_quick_block_pass():
    with watchdog(5.0, lambda: None):
        pass


def test_the_watchdog_ends_the_process_after_its_last_words():
    code = (
        "import time\n"
        "from curator_engine.on_ray.ray_worker import watchdog\n"
        "with watchdog(0.2, lambda: print('too long', flush=True)):\n"
        "    time.sleep(30)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (1, b"too long\n")
