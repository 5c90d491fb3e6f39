"""Interlaced and telecined videos are found by looking, and made whole."""

from typing import Any, cast

import numpy as np
import pytest
from video.drawn_clips import cut, video_task
from video.media import Shot, draw_frames
from video.patches import telecine, weave, write_pictures

from curator_video.read.analyse import AnalyseVideo
from curator_video.read.interlace import LOOK_EVERY, Deinterlace, Looks, is_combed, one_field
from curator_video.read.track import open_track

av: Any = pytest.importorskip("av")


@pytest.fixture(scope="module")
def film():
    return list(draw_frames([Shot(seed=1, frames=96, speed=4)], size=(256, 192)))


@pytest.fixture(scope="module", params=["interlaced", "telecined"])
def odd(request, film, tmp_path_factory):
    """What it is, its pictures, and a file of them that does not say so."""
    pictures = weave(film) if request.param == "interlaced" else telecine(film)
    path = tmp_path_factory.mktemp("odd") / "a.mp4"
    return request.param, pictures, write_pictures(path, pictures)


def grey(picture):
    return np.ascontiguousarray(picture.mean(axis=2).astype(np.uint8))


def combed(path):
    """How many of a file's frames are combed, and how many there are."""
    with av.open(str(path)) as file:
        found = [is_combed(each.to_ndarray(format="gray")) for each in file.decode(video=0)]
    return sum(found), len(found)


def test_pictures_of_two_times_are_told_from_whole_ones(film):
    assert sum(is_combed(grey(each)) for each in film) == 0
    woven = weave(film)
    assert sum(is_combed(grey(each)) for each in woven) > 0.9 * len(woven)
    assert not any(is_combed(one_field(grey(each))) for each in woven)


def test_real_videos_are_not_taken_for_interlaced(shared_video):
    for path in shared_video.glob("lhotse*"):
        assert combed(path)[0] == 0


def test_a_film_on_television_is_told_by_its_pattern():
    pattern = [(number, number % 5 in (2, 3)) for number in range(0, 600, LOOK_EVERY)]
    assert Looks(frames=pattern).scan() == "telecined"
    assert Looks(frames=[(number, True) for number, _ in pattern]).scan() == "interlaced"


def test_a_few_combed_frames_count_only_if_the_stream_says_so():
    few = [(number, number < 3) for number in range(60)]
    assert Looks(frames=few).scan() == ""
    assert Looks(frames=few, said=60).scan() == "interlaced"


def test_clips_of_an_interlaced_video_are_whole_and_have_all_frames(odd, tmp_path):
    _, pictures, path = odd
    span = (3, len(pictures) - 2)
    task = video_task(path, span)
    assert open_track(task.data.track).scan
    assert "deinterlaced" in task.data.notes["interlaced"]
    (file,) = cut(task, tmp_path)
    assert combed(file.path) == (0, span[1] - span[0])


def test_fields_can_be_kept(odd, tmp_path):
    path = odd[2]
    (file,) = cut(video_task(path, (0, 40)), tmp_path, deinterlace="off")
    assert combed(file.path)[0] >= 12


def test_rows_of_two_times_do_not_count_as_sharp(odd, film, tmp_path):
    path, whole = odd[2], write_pictures(tmp_path / "whole.mp4", film)
    sharpness = {}
    for name, source, deinterlace in (
        ("kept", path, "off"),
        ("made whole", path, "auto"),
        ("whole", whole, "auto"),
    ):
        task = video_task(source)
        stage = AnalyseVideo(
            scratch=str(tmp_path / name), deinterlace=cast("Deinterlace", deinterlace)
        )
        stage.setup()
        track = open_track(stage.process(task).data.track)
        sharpness[name] = float(track.measures["sharpness"].max())
    assert sharpness["kept"] > 10 * sharpness["whole"]
    assert sharpness["made whole"] < 3 * sharpness["whole"]
