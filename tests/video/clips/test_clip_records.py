"""The JSON records, which NeMo Curator's readers know."""

import json

from curator_video.clips.clip_records import chunk_record, clip_record, video_record
from curator_video.clips.clip_table import clips_table
from curator_video.task import Clip, Encoded, Video, VideoMetadata, Window

FILE = Encoded(
    path="clips/u.mp4",
    width=320,
    height=180,
    framerate=24.0,
    num_frames=24,
    video_codec="h264",
    audio_codec="",
    num_bytes=1000,
    start=0.0,
)


def clip(uuid="u", **fields) -> Clip:
    return Clip(uuid=uuid, source_video="in/a.mp4", span=(0.0, 1.5), frames=(0, 36), **fields)


def video(*clips: Clip) -> Video:
    facts = VideoMetadata(
        width=640, height=360, framerate=24.0, duration=9.0, num_frames=216, audio_codec="aac"
    )
    return Video(path="in/a.mp4", metadata=facts, clips=list(clips), num_total_clips=len(clips))


def test_a_clip_has_the_fields_of_nemo_curator():
    one = clip(encoded=FILE, scores={"motion_global_mean": 0.1, "aesthetic": 4.0})
    one.windows = [
        Window(start_frame=0, end_frame=36, caption={"qwen": "a"}, enhanced_caption={"qwen": "A"})
    ]
    record = clip_record(video(one), one)
    expected = {
        "span_uuid": "u",
        "source_video": "in/a.mp4",
        "duration_span": [0.0, 1.5],
        "width_source": 640,
        "height_source": 360,
        "framerate_source": 24.0,
        "clip_location": "clips/u.mp4",
        "width": 320,
        "height": 180,
        "framerate": 24.0,
        "num_frames": 24,
        "video_codec": "h264",
        "num_bytes": 1000,
        "motion_score": {"global_mean": 0.1, "per_patch_min_256": None},
        "aesthetic_score": 4.0,
        "errors": [],
        "windows": [
            {
                "start_frame": 0,
                "end_frame": 36,
                "qwen_caption": "a",
                "qwen_enhanced_caption": "A",
            }
        ],
        "valid": True,
    }
    assert {name: record[name] for name in expected} == expected


def test_a_clip_without_captions_is_valid():
    assert clip_record(video(), clip())["valid"] is True


def test_a_dropped_clip_or_one_with_an_error_is_not_valid():
    dropped, failed = clip(), clip(errors={"caption": "timed out"})
    dropped.drop("motion", "still")
    assert [clip_record(video(), each)["valid"] for each in (dropped, failed)] == [False, False]
    assert clip_record(video(), failed)["errors"] == ["caption: timed out"]


def test_scores_that_were_not_computed_are_absent():
    record = clip_record(video(), clip())
    assert not {"motion_score", "aesthetic_score", "width"} & set(record)


def test_a_video_counts_its_frames_rather_than_believing_its_header():
    one = video()
    assert video_record(one)["num_frames"] == 216
    one.num_frames = 215
    record = video_record(one)
    assert (record["num_frames"], record["audio_format"], record["num_clip_chunks"]) == (
        215,
        "aac",
        1,
    )


def test_a_chunk_counts_what_was_dropped_where():
    still, dark, kept = clip("a"), clip("b"), clip("c", encoded=FILE, preview="p")
    still.drop("motion", "still")
    dark.drop("exposure", "dark")
    kept.windows = [Window(start_frame=0, end_frame=36, caption={"m": "text"})]
    record = chunk_record(video(still, dark, kept))
    expected = {
        "video": "in/a.mp4",
        "clip_chunk_index": 0,
        "num_clips_filtered_by_motion": 1,
        "num_clips_filtered_by_aesthetic": 0,
        "num_clips_filtered_by_exposure": 1,
        "num_clips_passed": 1,
        "num_clips_transcoded": 1,
        "num_clips_with_embeddings": 0,
        "num_clips_with_caption": 1,
        "num_clips_with_webp": 1,
        "total_clip_duration": 1.5,
        "max_clip_duration": 1.5,
        "clips": ["c"],
        "filtered_clips": ["a", "b"],
        "all_windows": {"c": {"0_36": "text"}},
        "all_windows_enhanced_caption": {},
    }
    assert record == expected


def test_no_record_or_table_holds_a_signature_and_captions_are_as_they_are():
    address = "https://host/a.mp4?X-Amz-Signature=SECRETSECRET"
    caption = "a sign says token=SESAMEOPEN"
    one = clip(errors={"read": f"403 at {address}"})
    one.source_video = address
    one.windows = [Window(start_frame=0, end_frame=36, caption={"m": caption})]
    whole = video(one)
    whole.path, whole.notes = address, {"sound": f"none in {address}"}
    records = [clip_record(whole, one), chunk_record(whole), video_record(whole)]
    shown = json.dumps([*records, clips_table(whole).to_pylist()])
    assert "SECRETSECRET" not in shown
    assert "https://host/a.mp4?X-Amz-Signature=***" in shown
    assert shown.count(caption) == 4
