"""Every executor gives the same clips, table and metas as `curator-video split` in one process."""

import pytest
from video.commands import files
from video.media import draw_video
from video.runs import settings

from curator_engine.executors.local import LocalExecutor
from curator_video.pipelines.split import SplitWorkflow

SIZE = (160, 90)


def split_on(executor, source, out):
    """All that a run writes, by path, and what it counts."""
    found = SplitWorkflow(settings=settings(source, out)).run(executor).metadata
    counts = ("full_decodes", "frames_decoded", "quarantined", "processed_seconds")
    return files(out), {name: found[name] for name in counts}


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """Three videos, one of them with sound, and a file that is none."""
    folder = tmp_path_factory.mktemp("source")
    draw_video(folder / "a.mp4", [(1, 48), (2, 48)], size=SIZE, audio=True)
    draw_video(folder / "b.mp4", [(3, 48)], size=SIZE)
    draw_video(folder / "c.webm", [(4, 36), (5, 60)], size=SIZE, codec="libvpx")
    (folder / "text.mp4").write_text("no video", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def expected(source, tmp_path_factory):
    """What one process gives."""
    return split_on(LocalExecutor(POLICY), source, tmp_path_factory.mktemp("one") / "out")


POLICY = {"on_error": "quarantine"}


def test_the_reference_has_clips_of_each_video(expected):
    found, counts = expected
    assert sum(name.startswith("clips/") for name in found) == 5
    assert (counts["full_decodes"], counts["quarantined"]) == (3, 1)


def assert_same(found, expected):
    assert found[1] == expected[1]
    assert found[0].keys() == expected[0].keys()
    assert [name for name, data in expected[0].items() if found[0][name] != data] == []


def test_local_executors_give_the_same(make_executor, source, expected, tmp_path):
    assert_same(split_on(make_executor(**POLICY), source, tmp_path / "out"), expected)


def test_executors_on_ray_give_the_same(make_ray_executor, source, expected, tmp_path):
    assert_same(split_on(make_ray_executor(**POLICY), source, tmp_path / "out"), expected)
