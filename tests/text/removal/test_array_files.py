"""Files of arrays and tables."""

import numpy as np
import pyarrow as pa

from curator_text.removal.array_files import (
    load_array,
    load_arrays,
    load_table,
    mapped_array,
    save_array,
    save_arrays,
    save_table,
)


def test_an_array_is_read_as_it_was_written(tmp):
    array = np.arange(12, dtype=np.uint16).reshape(3, 4)
    save_array(f"{tmp}/x.npy", array)
    assert np.array_equal(load_array(f"{tmp}/x.npy"), array)
    assert np.array_equal(mapped_array(f"{tmp}/x.npy"), array)


def test_arrays_are_read_by_name(tmp):
    save_arrays(f"{tmp}/x.npz", {"a": np.arange(2), "b": np.zeros(0)})
    assert {name: len(a) for name, a in load_arrays(f"{tmp}/x.npz").items()} == {"a": 2, "b": 0}


def test_a_table_is_read_as_it_was_written(tmp):
    table = pa.table({"a": [1, 2]})
    save_table(f"{tmp}/x.arrow", table)
    assert load_table(f"{tmp}/x.arrow").equals(table)
