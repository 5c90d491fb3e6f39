"""The steps of NeMo Curator's video tutorial, by its names and keywords: split, score, embed, describe, write."""

import json
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow.parquet as pq
import pytest
from chat_server import chat_server, said
from video.cosmos_toy import write_cosmos
from video.media import draw_video

from curator_engine.executors.local import LocalExecutor

_NAMES = {
    "backends.xenna": "XennaExecutor",
    "pipeline": "Pipeline",
    "stages.deduplication.semantic": "SemanticDeduplicationWorkflow",
    "stages.video.caption.caption_enhancement": "CaptionEnhancementStage",
    "stages.video.caption.caption_generation": "CaptionGenerationStage",
    "stages.video.caption.caption_preparation": "CaptionPreparationStage",
    "stages.video.clipping.clip_extraction_stages": "ClipTranscodingStage FixedStrideExtractorStage",
    "stages.video.clipping.clip_frame_extraction": "ClipFrameExtractionStage",
    "stages.video.embedding.cosmos_embed1": "CosmosEmbed1EmbeddingStage CosmosEmbed1FrameCreationStage",
    "stages.video.filtering.motion_filter": "MotionFilterStage MotionVectorDecodeStage",
    "stages.video.io.clip_writer": "ClipWriterStage",
    "stages.video.io.video_reader": "VideoReader",
    "stages.video.preview.preview": "PreviewStage",
    "utils.decoder_utils": "FrameExtractionPolicy FramePurpose",
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
def output(tmp_path_factory):
    """What the pipeline wrote of a video of three seconds, of which the last repeats the first."""
    folder = tmp_path_factory.mktemp("tutorial")
    (folder / "in").mkdir()
    draw_video(folder / "in/a.mp4", [(1, 24), (2, 24), (1, 24)], size=(96, 54))
    write_cosmos(folder / "models/nvidia/Cosmos-Embed1-224p")
    with pytest.MonkeyPatch.context() as environment, chat_server(lambda _: said("seen")) as server:
        environment.setenv("no_proxy", "127.0.0.1")
        environment.setenv("CURATOR_SCRATCH", str(folder / "scratch"))
        environment.setenv("CURATOR_TRUST_REMOTE_CODE", "1")
        tutorial(folder, server.url).run(LocalExecutor())
    return folder / "out"


def tutorial(folder: Path, endpoint: str) -> Any:
    models = str(folder / "models")
    pipeline = nemo.Pipeline(name="video_splitting", description="Split videos into clips")
    pipeline.add_stage(nemo.VideoReader(input_video_path=str(folder / "in"), video_limit=None))
    pipeline.add_stage(
        nemo.FixedStrideExtractorStage(
            clip_len_s=1.0, clip_stride_s=1.0, min_clip_length_s=0.5, limit_clips=0
        )
    )
    pipeline.add_stage(
        nemo.ClipTranscodingStage(num_cpus_per_worker=6.0, encoder="libx264", num_clips_per_chunk=2)
    )
    pipeline.add_stage(nemo.MotionVectorDecodeStage(target_fps=2.0, target_duration_ratio=0.5))
    pipeline.add_stage(nemo.MotionFilterStage(score_only=True, num_gpus_per_worker=0.5))
    pipeline.add_stage(
        nemo.ClipFrameExtractionStage(
            extraction_policies=(nemo.FrameExtractionPolicy.sequence,),
            extract_purposes=[nemo.FramePurpose.EMBEDDINGS],
            target_res=(-1, -1),
        )
    )
    pipeline.add_stage(nemo.CosmosEmbed1FrameCreationStage(model_dir=models, variant="224p"))
    pipeline.add_stage(
        nemo.CosmosEmbed1EmbeddingStage(model_dir=models, variant="224p", gpu_memory_gb=20.0)
    )
    pipeline.add_stage(nemo.CaptionPreparationStage(model_variant="qwen", sampling_fps=2.0))
    pipeline.add_stage(nemo.PreviewStage(target_fps=1, target_height=54))
    pipeline.add_stage(nemo.CaptionGenerationStage(model_dir=endpoint, model_variant="qwen"))
    pipeline.add_stage(nemo.CaptionEnhancementStage(model_dir=endpoint, model_variant="qwen"))
    pipeline.add_stage(
        nemo.ClipWriterStage(
            output_path=str(folder / "out"),
            input_path=str(folder / "in"),
            upload_clips=True,
            dry_run=False,
            generate_embeddings=True,
            generate_previews=True,
            generate_captions=True,
            embedding_algorithm="cosmos-embed1-224p",
            caption_models=["qwen"],
            enhanced_caption_models=["qwen_lm"],
        )
    )
    return pipeline


def test_clips_with_records_previews_and_vectors_are_written(output):
    records = [json.loads(f.read_text(encoding="utf-8")) for f in (output / "metas/v0").iterdir()]
    assert len(records) == 3
    for record in records:
        uuid = record["span_uuid"]
        assert (output / record["clip_location"]).is_file()
        assert (output / f"previews/{uuid}/0_24.webp").is_file()
        assert record["errors"] == []
        assert "global_mean" in record["motion_score"]
        [window] = record["windows"]
        assert (window["qwen_caption"], window["qwen_lm_enhanced_caption"]) == ("seen", "seen")
    assert [f.name for f in (output / "processed_videos").iterdir()] == ["a.mp4.json"]
    chunks = sorted(f.name for f in (output / "processed_clip_chunks").iterdir())
    assert chunks == ["a.mp4_0.json", "a.mp4_1.json"]
    vectors = pq.read_table(output / "ce1_embd_parquet")
    assert set(vectors["id"].to_pylist()) == {each["span_uuid"] for each in records}


def test_what_lay_between_the_stages_is_gone(output):
    scratch = output.parent / "scratch"
    left = [f for name in ("tracks", "clips", "previews") for f in (scratch / name).rglob("*.*")]
    assert left == []


def test_clips_that_are_alike_are_found_by_their_vectors(output, tmp_path):
    workflow = nemo.SemanticDeduplicationWorkflow(
        input_path=str(output / "ce1_embd_parquet"),
        output_path=str(tmp_path / "dedup"),
        n_clusters=1,
        id_field="id",
        embedding_field="embedding",
        eps=0.001,
    )
    found = workflow.run(LocalExecutor())
    assert found.metadata["num_duplicates"] >= 1


@pytest.mark.ray
@pytest.mark.long
@pytest.mark.usefixtures("ray_cluster")
def test_the_same_files_are_written_on_xenna(tmp_path, monkeypatch):
    (tmp_path / "in").mkdir()
    for name in ("a", "b"):
        draw_video(tmp_path / f"in/{name}.mp4", [(1, 24), (2, 24)], size=(96, 54))
    monkeypatch.setenv("CURATOR_SCRATCH", str(tmp_path / "scratch"))

    def files(name, executor):
        stages = [
            nemo.VideoReader(str(tmp_path / "in")),
            nemo.FixedStrideExtractorStage(1.0, 1.0, 0.5, 0),
            nemo.ClipTranscodingStage(encoder="libx264", num_clips_per_chunk=1),
            nemo.MotionVectorDecodeStage(),
            nemo.MotionFilterStage(),
            nemo.ClipWriterStage(str(tmp_path / name), str(tmp_path / "in"), upload_clips=True),
        ]
        nemo.Pipeline("steps", stages=stages).run(executor)
        made = (
            f for f in (tmp_path / name).rglob("*") if f.is_file() and ".curator" not in f.parts
        )
        return {str(f.relative_to(tmp_path / name)): f.read_bytes() for f in made}

    expected = files("here", LocalExecutor())
    assert len([name for name in expected if "clips/" in name]) == 4
    assert files("there", nemo.XennaExecutor()) == expected
