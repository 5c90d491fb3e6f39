"""The table of clips, its parts and their order."""

import json

import pyarrow.parquet as pq
import pytest

from curator_engine.errors import InputError, StorageError
from curator_engine.stages.table_files import write_table
from curator_video.clips.clip_table import CLIPS, clips_table, first_caption
from curator_video.score_table import SCORE_COLUMNS
from curator_video.task import Clip, Encoded, Video, VideoMetadata, Window

FILE = Encoded(
    path="clips/a.mp4",
    width=320,
    height=180,
    framerate=24.0,
    num_frames=24,
    video_codec="h264",
    audio_codec="aac",
    num_bytes=1000,
    start=0.5,
)


def clip(uuid: str, start: float = 0.0, **fields) -> Clip:
    frames = (round(start * 24), round(start * 24) + 24)
    return Clip(
        uuid=uuid, source_video="in/a.mp4", span=(start, start + 1.0), frames=frames, **fields
    )


def table_of(*clips: Clip, chunk: int = 0):
    facts = VideoMetadata(width=640, height=360, framerate=24.0, duration=9.0)
    video = Video(
        path="in/a.mp4",
        relative_path="a.mp4",
        metadata=facts,
        clips=list(clips),
        clip_chunk_index=chunk,
    )
    return clips_table(video)


def test_a_row_says_all_of_a_clip():
    one = clip("u", encoded=FILE, scores={"sharpness": 3.0}, preview="previews/u/0_24.webp")
    one.transcript = {"text": "hello", "language": "en", "segments": []}
    one.errors = {"caption": "timed out"}
    (row,) = table_of(one).to_pylist()
    expected = {
        "uuid": "u",
        "source_video": "in/a.mp4",
        "video": "a.mp4",
        "start": 0.0,
        "end": 1.0,
        "start_frame": 0,
        "end_frame": 24,
        "width_source": 640,
        "duration_source": 9.0,
        "keep": True,
        "drop_reason": "",
        "sharpness": 3.0,
        "aesthetic": None,
        "path": "clips/a.mp4",
        "num_bytes": 1000,
        "encoded_start": 0.5,
        "preview": "previews/u/0_24.webp",
        "transcript": "hello",
        "language": "en",
        "errors": ["caption: timed out"],
    }
    assert {name: row[name] for name in expected} == expected


def test_a_dropped_clip_has_a_row_with_stage_and_reason():
    one = clip("u")
    one.drop("motion", "0.0001 < 0.001")
    (row,) = table_of(one).to_pylist()
    assert (row["keep"], row["drop_stage"], row["drop_reason"]) == (
        False,
        "motion",
        "0.0001 < 0.001",
    )
    assert row["path"] is None


def test_captions_are_kept_whole_and_the_first_is_a_column():
    windows = [
        Window(start_frame=0, end_frame=12, caption={"m": ""}),
        Window(start_frame=12, end_frame=24, caption={"m": "b"}, enhanced_caption={"n": "B"}),
    ]
    one = clip("u", windows=windows)
    (row,) = table_of(one).to_pylist()
    assert row["caption"] == first_caption(one) == "B"
    assert [each["caption"] for each in json.loads(row["windows"])] == [{"m": ""}, {"m": "b"}]


def test_an_unknown_score_has_a_column_and_cannot_hide_another():
    table = table_of(clip("u", scores={"shot_score": 0.5, "path": 1.0}))
    assert CLIPS.score_names(table) == [*SCORE_COLUMNS, "shot_score"]
    assert table.column("path").to_pylist() == [None]


def test_a_video_without_clips_gives_an_empty_table_of_the_same_kind():
    table = table_of()
    assert (table.num_rows, table.schema) == (0, CLIPS.schema())


def test_parts_are_joined_by_source_and_start_whatever_their_names(tmp_path):
    late = table_of(clip("c", 5.0, scores={"extra": 1.0}), chunk=1)
    early = table_of(clip("a", 0.0), clip("b", 2.0))
    write_table(str(tmp_path / "parts/0.parquet"), late)
    write_table(str(tmp_path / "parts/1.parquet"), early)
    table = CLIPS.join_parts(str(tmp_path / "parts"), str(tmp_path / "out"))
    assert table.column("uuid").to_pylist() == ["a", "b", "c"]
    assert table.column("extra").to_pylist() == [None, None, 1.0]
    assert CLIPS.read(str(tmp_path / "out")).equals(table)


def test_a_clip_in_two_parts_is_taken_once():
    table = CLIPS.sorted([table_of(clip("a")), table_of(clip("a"))])
    assert table.num_rows == 1


def test_no_parts_give_a_table_without_rows(tmp_path):
    CLIPS.join_parts(str(tmp_path / "parts"), str(tmp_path))
    assert pq.read_schema(tmp_path / "clips.parquet") == CLIPS.schema()


def test_a_folder_without_a_table_is_named(tmp_path):
    with pytest.raises(InputError, match=r"holds no clips.parquet; give the folder of a finished"):
        CLIPS.read(str(tmp_path))


def test_a_broken_table_is_one_line(tmp_path):
    (tmp_path / "clips.parquet").write_bytes(b"no parquet at all")
    with pytest.raises(StorageError, match=r"clips.parquet is no Parquet file"):
        CLIPS.read(str(tmp_path))


def test_a_changed_table_replaces_the_old_one(tmp_path):
    CLIPS.write(str(tmp_path), table_of(clip("a"), clip("b", 2.0)))
    CLIPS.write(str(tmp_path), CLIPS.read(str(tmp_path)).slice(1))
    assert CLIPS.read(str(tmp_path)).column("uuid").to_pylist() == ["b"]
