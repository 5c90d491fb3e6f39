"""What the app offers under NeMo Curator's names."""

import tomllib
from importlib import import_module
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from curator_engine.entry_points import NAMES_GROUP
from curator_video.nemo_names import OFFERS

PROJECT = Path(__file__).parents[2] / "apps/video/pyproject.toml"
HOMES = {(name, home) for names in OFFERS.values() for name, home in names.items()}


def test_the_package_declares_its_names():
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    [(name, value)] = project["entry-points"][NAMES_GROUP].items()
    assert EntryPoint(name=name, value=value, group=NAMES_GROUP).load() is OFFERS


@pytest.mark.parametrize(("name", "home"), sorted(HOMES))
def test_each_name_is_called_the_same_here(name, home):
    module, ours = home
    assert ours == name
    assert getattr(import_module(module), ours).__name__ == name


def test_the_stages_take_their_arguments_by_position():
    shots: Any = import_module("curator_video.stages.clip_spans")
    stage = shots.FixedStrideExtractorStage(8.0, 4.0, 1.0, 5)
    assert (stage.clip_len_s, stage.clip_stride_s, stage.min_clip_length_s) == (8.0, 4.0, 1.0)
    assert stage.limit_clips == 5


@pytest.mark.parametrize(
    ("name", "given", "names"),
    [
        ("VideoReader", ("in", 2), "input_video_path video_limit"),
        ("ClipTranscodingStage", (6.0, "auto", 2), "num_cpus_per_worker encoder encoder_threads"),
        (
            "MotionFilterStage",
            (True, 0.1, 0.2),
            "score_only global_mean_threshold per_patch_min_256_threshold",
        ),
        (
            "ClipAestheticFilterStage",
            ("models", 3.5, "mean"),
            "model_dir score_threshold reduction",
        ),
        ("CosmosEmbed1EmbeddingStage", ("models", "224p"), "model_dir variant"),
        (
            "CaptionPreparationStage",
            ("qwen", "av", "What?"),
            "model_variant prompt_variant prompt_text",
        ),
        (
            "CaptionGenerationStage",
            ("models", "qwen", 8),
            "model_dir model_variant caption_batch_size",
        ),
        ("PreviewStage", (2.0, 120), "target_fps target_height"),
        (
            "ClipWriterStage",
            ("out", "in", False, True),
            "output_path input_path upload_clips dry_run",
        ),
    ],
)
def test_arguments_by_position_arrive_where_they_belong(name, given, names):
    homes: dict[str, Any] = {ours: import_module(module) for _, (module, ours) in HOMES}
    stage = getattr(homes[name], name)(*given)
    for value, attribute in zip(given, names.split(), strict=True):
        assert getattr(stage, attribute) == value
