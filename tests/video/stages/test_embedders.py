"""Vectors of clips by Cosmos-Embed1."""

import pytest
from video.cosmos_toy import write_cosmos
from video.media import draw_frames
from video.tracks import video_task, write_track

from curator_engine.errors import InputError, SettingsError
from curator_video.stages.embedders import (
    VARIABLE,
    CosmosEmbed1EmbeddingStage,
    CosmosEmbed1FrameCreationStage,
)


def test_clips_are_embedded_by_the_model_below_the_folder(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, "1")
    write_cosmos(tmp_path / "nvidia/Cosmos-Embed1-224p")
    track = write_track(tmp_path / "track", draw_frames([(1, 24)], size=(64, 36)))
    task = CosmosEmbed1FrameCreationStage(model_dir=str(tmp_path), variant="224p").process(
        video_task(track, [(0, 24)])
    )
    stage = CosmosEmbed1EmbeddingStage(model_dir=str(tmp_path), variant="224p", device="cpu")
    stage.setup()
    [clip] = stage.process(task).data.clips
    assert (clip.errors, clip.embeddings["ce1"].shape) == ({}, (6,))


def test_the_model_s_own_code_does_not_run_unless_it_is_allowed(monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    with pytest.raises(InputError, match=f"{VARIABLE}=1"):
        CosmosEmbed1EmbeddingStage().setup()


@pytest.mark.parametrize("settings", [{"variant": "1p"}, {"texts_to_verify": ["a dog"]}])
def test_what_is_not_offered_is_refused(settings):
    with pytest.raises(SettingsError):
        CosmosEmbed1EmbeddingStage(**settings)
