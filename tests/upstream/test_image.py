"""The steps of NeMo Curator's image tutorial, by its names and keywords: read tars, embed, filter, write, drop duplicates."""

import tarfile
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from image.drawn_pictures import samples, write_tar
from tiny_models import write_clip, write_head, write_nsfw_head

from curator_engine.executors.local import LocalExecutor

_NAMES = {
    "pipeline": "Pipeline",
    "stages.file_partitioning": "FilePartitioningStage",
    "stages.image.deduplication.removal": "ImageDuplicatesRemovalStage",
    "stages.image.embedders.clip_embedder": "ImageEmbeddingStage",
    "stages.image.filters.aesthetic_filter": "ImageAestheticFilterStage",
    "stages.image.filters.nsfw_filter": "ImageNSFWFilterStage",
    "stages.image.io.convert": "ConvertImageBatchToDocumentBatchStage",
    "stages.image.io.image_reader": "ImageReaderStage",
    "stages.image.io.image_writer": "ImageWriterStage",
    "stages.text.io.writer": "ParquetWriter",
}
"""By the modules that a script imports them from."""
nemo: Any = SimpleNamespace(
    **{
        name: getattr(import_module(f"nemo_curator.{path}"), name)
        for path, names in _NAMES.items()
        for name in names.split()
    }
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two tars of four pictures, and the models in one folder, as the tutorial has them."""
    place = tmp_path_factory.mktemp("tutorial")
    (place / "in").mkdir()
    for name in ("0.tar", "1.tar"):
        write_tar(place / "in" / name, samples(4))
    models = place / "models"
    write_clip(models / "openai/clip-vit-large-patch14")
    (models / "ttj/sac-logos-ava1-l14-linearMSE").mkdir(parents=True)
    write_head(models / "ttj/sac-logos-ava1-l14-linearMSE/model.safetensors")
    write_nsfw_head(models / "clip_autokeras_binary_nsfw.pth")
    return place


def begun(folder, name):
    """A pipeline that has read the pictures."""
    pipeline = nemo.Pipeline(name=name, description="Curate images")
    pipeline.add_stage(
        nemo.FilePartitioningStage(
            file_paths=str(folder / "in"), files_per_partition=1, file_extensions=[".tar"]
        )
    )
    pipeline.add_stage(
        nemo.ImageReaderStage(
            dali_batch_size=3, verbose=True, num_threads=16, num_gpus_per_worker=0.25
        )
    )
    return pipeline


def embedding(folder):
    models = str(folder / "models")
    how = {"model_dir": models, "num_gpus_per_worker": 0.25, "model_inference_batch_size": 32}
    return nemo.ImageEmbeddingStage(**how, remove_image_data=False, verbose=True), how


def written(folder):
    """The names of the pictures in the tars of a folder."""
    names: list[str] = []
    for path in sorted(folder.glob("*.tar")):
        with tarfile.open(path) as tar:
            names += [name for name in tar.getnames() if name.endswith(".jpg")]
    return names


def test_pictures_are_embedded_filtered_and_written(folder):
    pipeline = begun(folder, "image_curation")
    stage, how = embedding(folder)
    pipeline.add_stage(stage)
    pipeline.add_stage(nemo.ImageAestheticFilterStage(**how, score_threshold=-1e9))
    pipeline.add_stage(nemo.ImageNSFWFilterStage(**how, score_threshold=1e9))
    pipeline.add_stage(
        nemo.ImageWriterStage(
            output_dir=str(folder / "out"),
            images_per_tar=1000,
            remove_image_data=True,
            verbose=True,
            deterministic_name=True,
        )
    )
    assert "image_nsfw_filter" in pipeline.describe()
    pipeline.run(LocalExecutor())
    assert len(written(folder / "out")) == 8
    rows = [row for p in (folder / "out").glob("*.parquet") for row in pq.read_table(p).to_pylist()]
    assert len(rows) == 8


def test_embeddings_become_tables_and_listed_duplicates_go(folder):
    pipeline = begun(folder, "image_embeddings")
    pipeline.add_stage(embedding(folder)[0])
    pipeline.add_stage(nemo.ConvertImageBatchToDocumentBatchStage(fields=["image_id", "embedding"]))
    pipeline.add_stage(nemo.ParquetWriter(path=str(folder / "embeddings")))
    pipeline.run(LocalExecutor())
    ids = [
        each
        for path in sorted((folder / "embeddings").rglob("*.parquet"))
        for each in pq.read_table(path).column("image_id").to_pylist()
    ]
    assert len(set(ids)) == 8
    (folder / "removal").mkdir()
    pq.write_table(pa.table({"id": ids[:3]}), folder / "removal/0.parquet")
    pipeline = begun(folder, "image_deduplication")
    pipeline.add_stage(
        nemo.ImageDuplicatesRemovalStage(
            removal_parquets_dir=str(folder / "removal"), duplicate_id_field="id", verbose=True
        )
    )
    pipeline.add_stage(nemo.ImageWriterStage(output_dir=str(folder / "unique")))
    pipeline.run(LocalExecutor())
    assert len(written(folder / "unique")) == 5
