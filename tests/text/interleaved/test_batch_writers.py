"""NeMo Curator's writers of documents of texts and pictures."""

import json

import pyarrow.parquet as pq
import pytest
from interleaved_toys import picture

from curator_engine.errors import InputError
from curator_text.interleaved.batch_tables import table_of
from curator_text.interleaved.batch_writers import (
    InterleavedParquetWriterStage,
    InterleavedWebdatasetWriterStage,
)
from curator_text.interleaved.documents import InterleavedBatch
from curator_text.interleaved.read_documents import documents_of


def no_pdf(data, id):
    raise ValueError(id)


def batch(folder, *, lost=True):
    (folder / "p.png").write_bytes(picture())
    ref = json.dumps({"path": str(folder / "p.png")})
    none = json.dumps({"path": str(folder / "none.png")})
    rows = [
        {"sample_id": "a", "position": 0, "modality": "text", "text_content": "One."},
        {"sample_id": "a", "position": 1, "modality": "image", "source_ref": ref},
        {"sample_id": "b", "position": 0, "modality": "text", "text_content": "Two."},
        *([{"sample_id": "b", "position": 1, "modality": "image", "source_ref": none}] * lost),
    ]
    return InterleavedBatch(data=table_of(rows))


def test_bytes_that_rows_refer_to_are_written(tmp_path):
    stage = InterleavedParquetWriterStage(
        path=str(tmp_path / "out"), write_kwargs={"row_group_size": 2}
    )
    (path,) = stage.process(batch(tmp_path, lost=False)).data
    table = pq.read_table(path)
    assert table.column("binary_content").to_pylist() == [None, picture(), None]
    assert pq.ParquetFile(path).num_row_groups == 2


@pytest.mark.parametrize(("how", "rows"), [("warn", 4), ("drop_row", 3), ("drop_sample", 2)])
def test_bytes_that_cannot_be_had_are_dealt_with_as_wished(tmp_path, how, rows):
    stage = InterleavedParquetWriterStage(path=str(tmp_path / "out"), on_materialize_error=how)
    (path,) = stage.process(batch(tmp_path)).data
    assert pq.read_metadata(path).num_rows == rows
    assert sum(stage.take_notes()[1].values()) == 4 - rows


def test_bytes_that_cannot_be_had_are_an_error_unless_wished(tmp_path):
    stage = InterleavedParquetWriterStage(path=str(tmp_path / "out"))
    with pytest.raises(InputError, match="1 pictures cannot be had"):
        stage.process(batch(tmp_path))
    stage = InterleavedParquetWriterStage(path=str(tmp_path / "b"), materialize_on_write=False)
    assert stage.process(batch(tmp_path))


def test_a_tar_has_the_documents(tmp_path):
    stage = InterleavedWebdatasetWriterStage(path=str(tmp_path / "out"))
    (path,) = stage.process(batch(tmp_path, lost=False)).data
    found = [each.document for each in documents_of(path, "a", no_pdf)]
    assert [each.id for each in found] == ["a", "b"]
    assert found[0].parts[1].data == picture()
