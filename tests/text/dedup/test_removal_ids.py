"""All ids of a group go but the smallest."""

import pyarrow as pa

from curator_text.dedup.removal_ids import removal_ids


def test_the_smallest_of_each_group_stays():
    table = pa.table({"group": [1, 0, 1, 2, 1], "id": [9, 4, 3, 5, 7]})
    gone, groups = removal_ids(table, "group", "id")
    assert (gone.to_pydict(), groups) == ({"id": [7, 9]}, 3)
    assert removal_ids(table.slice(0, 0), "group", "id")[0].num_rows == 0
