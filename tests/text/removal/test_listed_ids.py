"""Lists of ids, and what is on them."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from text_toys import write_jsonl

from curator_engine.errors import CuratorError
from curator_text.removal.listed_ids import ListedIds, read_listed_ids


def test_listed_ids_are_found_and_others_are_not(tmp):
    path = write_jsonl(f"{tmp}/ids.jsonl", [{"id": str(i)} for i in range(0, 1000, 2)])
    places = read_listed_ids([path], "id").find(pa.array([str(i) for i in range(1000)]))
    assert ((places >= 0) == (np.arange(1000) % 2 == 0)).all()
    assert len(set(places[places >= 0].tolist())) == 500


def test_ids_that_share_half_of_a_hash_are_told_apart(tmp):
    path = write_jsonl(f"{tmp}/ids.jsonl", [{"id": "a"}])
    one = read_listed_ids([path], "id")
    more = ListedIds(
        high=np.repeat(one.high, 3), low=np.array([0, one.low[0], 2**64 - 1], np.uint64)
    )
    assert more.find(pa.array(["a", "b"])).tolist() == [1, -1]


def test_a_list_may_be_several_files_and_name_an_id_twice(tmp):
    write_jsonl(f"{tmp}/l/a.jsonl", [{"id": 5}, {"id": None}, {"id": 6}])
    pq.write_table(pa.table({"id": [5, 7]}), f"{tmp}/l/b.parquet")
    listed = read_listed_ids([f"{tmp}/l"], "id")
    assert len(listed.high) == 3
    assert (listed.find(pa.array(["5", "6", "7"])) >= 0).all()


def test_an_empty_list_finds_nothing(tmp):
    path = write_jsonl(f"{tmp}/ids.jsonl", [{"id": None}])
    assert read_listed_ids([path], "id").find(pa.array(["a"])).tolist() == [-1]


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("x.jsonl", b'{"id":"a"}\n{half\n', "the line at byte 11 is not valid JSON"),
        ("x.jsonl", b'{"name":"a"}\n', "the duplicate id field 'id' is in none of the 1 files"),
        ("x.jsonl.gz", b"this is no gzip at all", "x.jsonl.gz is damaged"),
        ("x.parquet", b"no parquet", "not readable as Parquet"),
    ],
)
def test_a_list_that_cannot_be_read_to_its_end_is_an_error(tmp_path, name, data, message):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(CuratorError, match=message):
        read_listed_ids([str(tmp_path / name)], "id")
