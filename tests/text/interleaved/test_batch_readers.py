"""NeMo Curator's readers of documents of texts and pictures."""

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from interleaved_toys import frames, mint, picture
from PIL import Image

from curator_engine.errors import SettingsError
from curator_engine.task import EmptyTask, FileGroupTask
from curator_text.interleaved.batch_readers import (
    BaseInterleavedReader,
    InterleavedParquetReader,
    InterleavedParquetReaderStage,
    InterleavedWebdatasetReader,
    InterleavedWebdatasetReaderStage,
)
from curator_text.interleaved.batch_tables import table_of

LISTS = {"texts": ["One.", None, None], "images": [None, "a", "b"]}


def read(stage, *paths):
    found = list(stage.process(FileGroupTask(data=[str(path) for path in paths])))
    stage.teardown()
    return found, stage.take_notes()[2]


def test_a_tar_becomes_rows_with_bytes_and_fields(tmp_path):
    facts = {**LISTS, "url": "u", "p_hash": ["x", "y"], "weight": [1, 2, 3]}
    path = mint(
        tmp_path / "a.tar",
        ("a", facts, {"a.png": picture(), "b.png": picture(seed=1)}),
        ("b", {"texts": 1}, {}),
    )
    stage = InterleavedWebdatasetReaderStage(
        fields=("url",), per_image_fields=("p_hash",), per_text_fields=("weight",)
    )
    (batch,), (rejected,) = read(stage, path)
    rows = [row for row in batch.data.to_pylist() if row["position"] >= 0]
    assert [row["modality"] for row in rows] == ["text", "image", "image"]
    assert [row["binary_content"] for row in rows] == [None, picture(), picture(seed=1)]
    assert [row["p_hash"] for row in rows] == [None, "x", "y"]
    assert [row["weight"] for row in rows] == [1, None, None]
    assert {row["url"] for row in rows} == {"u"}
    assert batch._metadata["source_files"] == [str(path)]
    assert rejected.reason == "it has no lists texts and images"


def test_a_tar_may_be_laid_out_otherwise(tmp_path):
    facts = {"t": [None, None], "i": ["p1", "p2"], "pdf": "a.tiff", "key": "id-1"}
    path = mint(tmp_path / "a.tar", ("a", facts, {"tiff": frames(2), "other.tiff": b"x"}))
    stage = InterleavedWebdatasetReaderStage(
        sample_id_field="key", texts_field="t", images_field="i", image_member_field="pdf"
    )
    (batch,), _ = read(stage, path)
    rows = [row for row in batch.data.to_pylist() if row["position"] >= 0]
    assert {row["sample_id"] for row in rows} == {"id-1"}
    levels = [Image.open(io.BytesIO(row["binary_content"])).getpixel((0, 0)) for row in rows]
    assert levels == [0, 40]


def test_parquet_comes_in_batches_of_whole_documents(tmp_path):
    rows = [
        {
            "sample_id": name,
            "position": at,
            "modality": "text",
            "text_content": "four",
            "n": 1,
            "m": 2,
        }
        for name in "abc"
        for at in range(2)
    ]
    pq.write_table(table_of(rows), tmp_path / "a.parquet")
    pq.write_table(pa.table({"sample_id": ["a"]}), tmp_path / "b.parquet")
    stage = InterleavedParquetReaderStage(fields=("n",), max_batch_bytes=16)
    found, (rejected,) = read(stage, tmp_path / "a.parquet", tmp_path / "b.parquet")
    assert [batch.num_items for batch in found] == [4, 2]
    assert "n" in found[0].data.column_names
    assert "m" not in found[0].data.column_names
    assert "has no column modality, position" in rejected.reason


@pytest.mark.parametrize(
    ("kind", "ending"),
    [(InterleavedWebdatasetReader, "tar"), (InterleavedParquetReader, "parquet")],
)
def test_a_reader_lists_its_files_and_hands_its_settings_on(tmp_path, kind, ending):
    (tmp_path / f"a.{ending}").write_bytes(b"")
    (tmp_path / "a.txt").write_bytes(b"")
    listing, reader = kind(file_paths=str(tmp_path), fields=("url",), max_batch_bytes=7).decompose()
    (task,) = listing.process(EmptyTask())
    assert task.data == [str(tmp_path / f"a.{ending}")]
    assert (listing.name, reader.fields, reader.max_batch_bytes) == (
        "file_partitioning",
        ("url",),
        7,
    )


def test_names_of_rows_cannot_be_fields():
    with pytest.raises(SettingsError, match="position"):
        InterleavedWebdatasetReaderStage(fields=("position",))
    with pytest.raises(NotImplementedError, match="read_file"):
        list(BaseInterleavedReader().process(FileGroupTask(data=["a"])))
