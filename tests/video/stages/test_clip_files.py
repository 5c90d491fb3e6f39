"""Files of clips, and whether there are pictures of them."""

from pathlib import Path

import numpy as np
import pytest
from video.media import draw_frames, draw_video
from video.tracks import video_task, write_track

from curator_engine.errors import SettingsError
from curator_video.stages.clip_files import ClipFrameExtractionStage, ClipTranscodingStage
from curator_video.stages.clip_spans import FixedStrideExtractorStage
from curator_video.stages.frame_choice import FrameExtractionPolicy
from curator_video.task import Video, VideoTask


def test_clips_become_files_and_chunks(tmp_path):
    path = draw_video(tmp_path / "a.mp4", [(1, 72)], size=(64, 36))
    cut = FixedStrideExtractorStage(
        clip_len_s=1.0, clip_stride_s=1.0, min_clip_length_s=1.0
    ).process(VideoTask(data=Video(path=str(path))))
    assert cut is not None
    stage = ClipTranscodingStage(encoder="auto", num_clips_per_chunk=2)
    stage.setup()
    first, second = stage.process(cut)
    assert [len(each.data.clips) for each in (first, second)] == [2, 1]
    files = [clip.encoded.path for clip in first.data.clips if clip.encoded]
    assert all(Path(file).is_file() for file in files)
    assert len(files) == 2
    assert stage.take_notes()[0]["clips_transcoded"] == 3


def test_the_source_s_bit_rate_is_refused():
    with pytest.raises(SettingsError, match="use_input_bit_rate"):
        ClipTranscodingStage(use_input_bit_rate=True)


def test_a_clip_without_pictures_has_an_error(tmp_path):
    track = write_track(tmp_path / "track", draw_frames([(1, 24)], size=(64, 36)))
    task = ClipFrameExtractionStage().process(video_task(track, [(0, 24)]))
    assert task.data.clips[0].errors == {}
    np.save(tmp_path / "track/still_frames.npy", np.zeros(0, np.int64))
    task = ClipFrameExtractionStage().process(video_task(track, [(0, 24)]))
    assert list(task.data.clips[0].errors) == ["clip_frame_extraction"]


def test_stages_look_at_a_sequence_of_frames():
    with pytest.raises(SettingsError, match="sequence"):
        ClipFrameExtractionStage(extraction_policies=(FrameExtractionPolicy.first,))
