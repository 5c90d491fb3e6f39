"""Which ids of groups go: all but the smallest of each."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc


def removal_ids(table: pa.Table, group_field: str, id_field: str) -> tuple[pa.Table, int]:
    """All ids of each group but its smallest, sorted; and the number of groups."""
    first = table.group_by(group_field).aggregate([(id_field, "min")])
    stay: Any = first.column(f"{id_field}_min").combine_chunks()
    going: Any = pc.is_in(table.column(id_field), value_set=stay)
    return table.select([id_field]).filter(pc.invert(going)).sort_by(id_field), first.num_rows
