"""From PDF files to rows of texts, tables and pictures."""

import json
from typing import Any

import pytest
from interleaved_toys import pdf_with_picture, picture
from tiny_page_model import write_page_model

from curator_engine.errors import InputError
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_engine.resources import Resources
from curator_text.interleaved.batch_tables import table_of
from curator_text.interleaved.documents import InterleavedBatch, from_rows
from curator_text.interleaved.pdf_reader import (
    NemotronParsePDFReader,
    NemotronParsePostprocessStage,
)

PICTURE = "<x_0><y_0.1><x_1><y_0.9><class_Picture>"
TABLE = "<x_0><y_0.2>|a|b|<x_1><y_0.3><class_Table>"
TEXT = "<x_0><y_0.85>End.<x_1><y_0.9><class_Text>"


def rows_of(model, *outputs, data=None):
    rows = [
        {
            "sample_id": "a",
            "position": place,
            "modality": "page_image",
            "text_content": output,
            "binary_content": picture() if data is None else data,
            "url": "u",
            "pdf_name": "a.pdf",
        }
        for place, output in enumerate(outputs)
    ]
    about = {"model_path": model, "proc_size": [64, 64]}
    task = InterleavedBatch(data=table_of(rows[::-1]), dataset_name="d", _metadata=about)
    return NemotronParsePostprocessStage().process(task)


def test_rows_are_of_pages_in_their_order():
    batch = rows_of("v1.2", TABLE, PICTURE + TEXT)
    kinds = batch.data.column("modality").to_pylist()
    assert kinds == ["metadata", "table", "image", "text"]
    assert batch.data.column("page_number").to_pylist() == [None, 0, 1, 1]
    (document,) = from_rows(batch.data.to_pylist())
    assert [part.kind for part in document.parts] == ["text", "image", "text"]
    assert document.parts[0].text == "|a|b|"


def test_pictures_are_put_where_they_belong_for_the_first_version():
    kinds = {
        model: rows_of(model, PICTURE + TABLE).data.column("modality").to_pylist()[1:]
        for model in ("nvidia/NVIDIA-Nemotron-Parse-v1.1", "nvidia/NVIDIA-Nemotron-Parse-v1.2")
    }
    assert [*kinds.values()] == [["table", "image"], ["image", "table"]]
    assert rows_of("v1.2", TABLE, data=b"none").data.num_rows == 1


def test_a_pipeline_reads_pdf_files_by_a_model(tmp_path):
    (tmp_path / "a.pdf").write_bytes(pdf_with_picture(picture(kind="JPEG"), 200, 160))
    rows = [{"file_name": "a.pdf", "url": "u"}, {"file_name": "none.pdf"}]
    (tmp_path / "list.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    reader = NemotronParsePDFReader(
        manifest_path=str(tmp_path / "list.jsonl"),
        pdf_dir=str(tmp_path),
        model_path=write_page_model(tmp_path / "model"),
        backend="hf",
        dpi=36,
    )
    one = Resources(cpus=1.0)
    stages: list[Any] = [stage.with_(resources=one) for stage in reader.decompose()]
    stages[2].task_prompt = "<s>"
    pipeline = Pipeline("p", stages=stages)
    (task,) = pipeline.run(LocalExecutor())
    kinds = task.data.column("modality").to_pylist()
    assert kinds[0] == "metadata"
    assert json.loads(task.data.column("text_content")[0].as_py()) == {
        "url": "u",
        "pdf_name": "a.pdf",
        "num_pages": 1,
    }
    with pytest.raises(InputError, match="give manifest_path"):
        NemotronParsePDFReader().decompose()
