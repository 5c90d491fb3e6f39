"""Chunks of clips."""

import pytest

from curator_engine.errors import SettingsError
from curator_video.clips.chunk import ChunkClips
from curator_video.task import Clip, Video, VideoTask


def task_with(count: int) -> VideoTask:
    clips = [
        Clip(uuid=str(i), source_video="a.mp4", span=(i, i + 1), frames=(i, i + 1))
        for i in range(count)
    ]
    return VideoTask(data=Video(path="a.mp4", clips=clips), dataset_name="d")


def test_chunks_have_all_clips_in_order():
    chunks = ChunkClips(num_clips_per_chunk=3).process(task_with(8))
    assert [[clip.uuid for clip in chunk.data.clips] for chunk in chunks] == [
        ["0", "1", "2"],
        ["3", "4", "5"],
        ["6", "7"],
    ]


def test_a_chunk_knows_its_place():
    chunks = ChunkClips(num_clips_per_chunk=3).process(task_with(8))
    places = [
        (c.data.clip_chunk_index, c.data.num_clip_chunks, c.data.num_total_clips) for c in chunks
    ]
    assert places == [(0, 3, 8), (1, 3, 8), (2, 3, 8)]


def test_a_video_without_clips_is_one_chunk():
    (chunk,) = ChunkClips().process(task_with(0))
    assert chunk.data.clips == []
    assert (chunk.data.num_clip_chunks, chunk.data.num_total_clips) == (1, 0)


def test_the_task_itself_stays_as_it_was():
    task = task_with(5)
    ChunkClips(num_clips_per_chunk=2).process(task)
    assert len(task.data.clips) == 5


def test_a_chunk_of_nothing_is_refused():
    with pytest.raises(SettingsError, match="at least 1"):
        ChunkClips(num_clips_per_chunk=0)
