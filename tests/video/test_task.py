"""Clips: ids that follow from path and span, and drops that keep their first reason."""

from curator_video.task import Clip, Video, VideoMetadata, VideoTask, clip_uuid


def clip():
    return Clip(uuid="u", source_video="a.mp4", span=(1.0, 3.5), frames=(24, 84))


def test_the_id_of_a_clip_follows_from_path_and_span():
    assert clip_uuid("a.mp4", (1.0, 3.5)) == clip_uuid("a.mp4", (1.0000001, 3.5))
    assert clip_uuid("a.mp4", (1.0, 3.5)) != clip_uuid("a.mp4", (1.00001, 3.5))
    assert clip_uuid("a.mp4", (1.0, 3.5)) != clip_uuid("b.mp4", (1.0, 3.5))


def test_the_first_reason_for_a_drop_stays():
    each = clip()
    each.drop("motion", "still")
    each.drop("sharpness", "blurred")
    assert (each.drop_stage, each.drop_reason) == ("motion", "still")


def test_a_clip_lasts_from_start_to_end():
    assert clip().duration == 2.5


def test_a_video_counts_its_clips():
    video = Video(path="a.mp4", clips=[clip(), clip()])
    assert VideoTask(data=video).num_items == 2


def test_weight_is_in_units_of_five_minutes():
    video = Video(path="a.mp4", metadata=VideoMetadata(duration=600.0))
    assert VideoTask(data=video).weight == 2


def test_ten_bits_are_seen_in_the_pixel_format():
    assert VideoMetadata(pixel_format="yuv420p10le").is_10_bit_color
    assert not VideoMetadata(pixel_format="yuv420p").is_10_bit_color
