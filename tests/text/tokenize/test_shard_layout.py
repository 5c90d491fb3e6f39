"""Which documents are in which file."""

from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator_text.tokenize.runs import KEYS
from curator_text.tokenize.shard_layout import in_order, shuffled


def runs_of(*runs, keys=None) -> Any:
    return [
        SimpleNamespace(
            table=pa.table(
                {"length": pa.array(each, pa.int64()), "key": pa.array(keys or each, pa.int64())}
            )
        )
        for each in runs
    ]


@given(st.lists(st.lists(st.integers(0, 9), max_size=6), max_size=4), st.integers(1, 12))
def test_files_are_as_full_as_they_get(lengths, most):
    shards = in_order(runs_of(*lengths), shard_tokens=most, first_shard=0, first_document=0)
    flat = [n for each in lengths for n in each]
    assert [each.low for each in shards] == [0, *[each.high for each in shards[:-1]]][: len(shards)]
    assert sum(each.high - each.low for each in shards) == len(flat)
    sums = [sum(flat[each.low : each.high]) for each in shards]
    assert all(n <= most or each.high - each.low == 1 for n, each in zip(sums, shards, strict=True))
    for shard, total in zip(shards[1:], sums, strict=False):
        assert total + flat[shard.low] > most


def test_files_that_are_added_are_numbered_on():
    (only,) = in_order(runs_of([1, 2]), shard_tokens=9, first_shard=3, first_document=40)
    assert (only.name, only.first_document, only.low, only.high) == ("part-00003", 40, 0, 2)


def test_a_shuffle_cuts_the_keys_and_leaves_out_files_without_documents():
    keys = [0, KEYS // 4 - 1, KEYS - 1]
    shards = shuffled(
        runs_of([4, 4, 4], keys=keys),
        shard_tokens=4,
        range_tokens=2,
        first_shard=1,
        first_document=10,
    )
    assert [each.name for each in shards] == ["part-00001", "part-00002"]
    assert [each.first_document for each in shards] == [10, 12]
    assert (shards[0].low, shards[-1].high, shards[0].ranges) == (0, KEYS, 2)


@pytest.mark.parametrize("layout", [in_order, shuffled])
def test_without_documents_there_are_no_files(layout):
    more = {"range_tokens": 1} if layout is shuffled else {}
    assert layout(runs_of([]), shard_tokens=1, first_shard=0, first_document=0, **more) == []
