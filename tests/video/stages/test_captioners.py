"""Captions of windows, and previews."""

from pathlib import Path

import pytest
from chat_server import chat_server, said, text_in
from video.media import draw_frames
from video.tracks import video_task, write_track

from curator_engine.errors import SettingsError
from curator_video.stages.captioners import (
    CaptionEnhancementStage,
    CaptionGenerationStage,
    CaptionPreparationStage,
    PreviewStage,
)


@pytest.fixture
def prepared(tmp_path, monkeypatch):
    """A clip of two windows that is to be asked about."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    track = write_track(tmp_path / "track", draw_frames([(1, 48)], size=(64, 36)))
    stage = CaptionPreparationStage(
        prompt_text="What is it?", window_size=24, remainder_threshold=8, sampling_fps=1.0
    )
    return stage.process(video_task(track, [(0, 48)]))


def test_captions_are_filed_under_the_variant_and_then_rewritten(prepared):
    with chat_server(lambda body: said(f"re: {text_in(body)[-11:]}")) as server:
        stage = CaptionGenerationStage(
            model_dir=server.url, model_variant="qwen", caption_batch_size=2
        )
        stage.setup()
        task = stage.process(prepared)
        second = CaptionEnhancementStage(model_dir=server.url, prompt_text="Shorter.")
        second.setup()
        task = second.process(task)
    asked = server.questions[0]["messages"][0]["content"]
    assert len(asked) == 2
    windows = task.data.clips[0].windows
    assert [window.caption for window in windows] == [{"qwen": "re: What is it?"}] * 2
    assert [list(window.enhanced_caption) for window in windows] == [["qwen_lm"]] * 2


def test_each_window_has_a_preview(prepared):
    stage = PreviewStage(target_fps=1.0, target_height=36)
    [clip] = stage.process(prepared).data.clips
    folder = Path(stage.output, "previews", clip.uuid)
    assert {file.name for file in folder.iterdir()} == {"0_24.webp", "24_48.webp"}


def test_what_is_not_offered_is_refused():
    with pytest.raises(SettingsError, match="generate_stage2_caption"):
        CaptionGenerationStage(generate_stage2_caption=True)
    with pytest.raises(SettingsError, match="nemotron"):
        CaptionPreparationStage(model_variant="nemotron")
