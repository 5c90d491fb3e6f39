"""Documents of texts and pictures, as lists and as rows."""

import json

import pyarrow as pa
import pytest

from curator_text.interleaved.documents import (
    INTERLEAVED_SCHEMA,
    RESERVED_COLUMNS,
    InterleavedBatch,
    from_lists,
    from_rows,
    rows_of,
    to_lists,
)

ROW = {
    "texts": ["One.", None, "Two."],
    "images": [None, "http://a.example/1.jpg", None],
    "metadata": json.dumps([None, {"alt": "a"}, None]),
    "url": "http://a.example",
}


def test_lists_give_parts_in_their_order_and_come_back():
    document = from_lists("a", ROW)
    assert [part.kind for part in document.parts] == ["text", "image", "text"]
    assert document.parts[1].about == {"alt": "a"}
    assert to_lists(document) == {**ROW, "metadata": [None, {"alt": "a"}, None]}


def test_what_is_said_of_a_picture_goes_with_it():
    document = from_lists("a", ROW)
    del document.parts[0]
    assert to_lists(document)["metadata"] == [{"alt": "a"}, None]


def test_rows_come_back_with_bytes_once_for_each_file():
    document = from_lists("a", {"texts": [None, "x", None], "images": ["f", None, "f"], "n": 1})
    data = b"two pictures"
    for frame, part in enumerate(each for each in document.parts if each.kind == "image"):
        part.data, part.frame = data, frame
    table = pa.Table.from_pylist(list(rows_of(document, "a.tar")), INTERLEAVED_SCHEMA)
    assert table.column("position").to_pylist() == [-1, 0, 1, 2]
    assert table.column("binary_content").to_pylist() == [None, data, None, None]
    (again,) = from_rows(table.to_pylist())
    assert again == document


def test_a_batch_has_the_schema_of_its_rows():
    assert InterleavedBatch().data.schema == INTERLEAVED_SCHEMA
    assert {"sample_id", "binary_content"} < RESERVED_COLUMNS
    required = {field.name for field in INTERLEAVED_SCHEMA if not field.nullable}
    assert required == InterleavedBatch.REQUIRED_COLUMNS


@pytest.mark.parametrize(
    "row",
    [{}, {"texts": "x", "images": []}, {"texts": [1], "images": []}, {"texts": [], "images": [1]}],
)
def test_lists_that_hold_something_else_are_refused(row):
    with pytest.raises(ValueError, match=r"no lists|holds a"):
        from_lists("a", row)


@pytest.mark.parametrize(
    "row", [{"sample_id": None}, {"sample_id": "a", "position": 0, "modality": "sound"}]
)
def test_rows_of_no_known_kind_are_refused(row):
    with pytest.raises(ValueError, match="a row"):
        list(from_rows([row]))


def test_where_bytes_are_is_told_and_read_again():
    ref = InterleavedBatch.build_source_ref("a.tar", "b.jpg", 512, 9)
    assert InterleavedBatch.parse_source_ref(ref) == {
        "path": "a.tar",
        "member": "b.jpg",
        "byte_offset": 512,
        "byte_size": 9,
        "frame_index": None,
    }
    assert set(InterleavedBatch.parse_source_ref(None).values()) == {None}


def test_rows_of_a_kind_are_counted():
    rows = list(rows_of(from_lists("a", ROW)))
    batch = InterleavedBatch(data=pa.Table.from_pylist(rows, INTERLEAVED_SCHEMA))
    assert (batch.count(), batch.count("image"), batch.count(modality="text")) == (4, 1, 2)
