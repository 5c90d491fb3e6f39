"""Documents of texts and pictures under NeMo Curator's names, as its first tutorial curates them."""

from importlib import import_module
from typing import Any

import pyarrow.parquet as pq
import pytest
from interleaved_toys import mint, picture

import curator_engine.compat
from curator_engine.executors.local import LocalExecutor

assert curator_engine.compat.INSTALLED
Pipeline: Any = import_module("nemo_curator.pipeline").Pipeline
io: Any = import_module("nemo_curator.stages.interleaved.io")
stages: Any = import_module("nemo_curator.stages.interleaved.stages")
filters: Any = import_module("nemo_curator.stages.interleaved.filter")


class ShortTexts(stages.BaseInterleavedFilterStage):
    """A filter of one's own: drops texts that are short."""

    name = "short_texts"

    def content_keep_mask(self, task, df):
        return (df["modality"] != "text") | (df["text_content"].fillna("").str.len() >= 4)


@pytest.mark.parametrize(
    "writer", ["InterleavedParquetWriterStage", "InterleavedWebdatasetWriterStage"]
)
def test_a_pipeline_reads_filters_and_writes(tmp_path, writer):
    lists = {"texts": ["Long enough.", None, "no"], "images": [None, "a", None]}
    mint(
        tmp_path / "in/a.tar",
        ("a", lists, {"a.png": picture()}),
        ("b", {"texts": ["no", None], "images": [None, "b"]}, {"b.png": picture(20, 200)}),
    )
    pipeline = Pipeline(name="interleaved_pipeline", description="Tars to rows, filtered.")
    pipeline.add_stage(io.InterleavedWebdatasetReader(file_paths=str(tmp_path / "in")))
    pipeline.add_stage(
        stages.InterleavedAspectRatioFilterStage(min_aspect_ratio=1.0, max_aspect_ratio=2.0)
    )
    pipeline.add_stage(ShortTexts())
    pipeline.add_stage(filters.InterleavedImageToTextRatioFilterStage(max_ratio=1.0))
    pipeline.add_stage(
        getattr(io, writer)(path=str(tmp_path / "out"), materialize_on_write=True, mode="overwrite")
    )
    (task,) = pipeline.run(LocalExecutor())
    if writer == "InterleavedParquetWriterStage":
        rows = pq.read_table(task.data[0]).to_pylist()
        assert [(row["sample_id"], row["position"]) for row in rows] == [("a", 0), ("a", 1)]
        assert rows[1]["binary_content"] == picture()
    else:
        (batch,) = Pipeline(
            name="again", stages=[io.InterleavedWebdatasetReader(file_paths=task.data)]
        ).run(LocalExecutor())
        assert batch.count(modality="image") == 1
