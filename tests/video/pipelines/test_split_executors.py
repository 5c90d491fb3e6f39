"""Every executor gives the same clips, table and metas as `curator-video split` in one process."""

import json
import shutil

import pytest
from video import remux
from video.media import cut_off, draw_video, fast_start
from video.processes import files
from video.runs import settings

from curator_engine.executors.local import LocalExecutor
from curator_video.pipelines.split import SplitWorkflow

SIZE = (160, 90)


def split_on(executor, source, out):
    """All that a run writes, by path, what it refuses and why, and what it counts."""
    found = SplitWorkflow(settings=settings(source, out, clip_len="0.5..4")).run(executor).metadata
    counts = ("full_decodes", "frames_decoded", "quarantined", "processed_seconds")
    facts = {name: found[name] for name in counts}
    summary = {name: n for name, n in found["summary"].items() if "time" not in name}
    return files(out), {**facts, **summary, "refused": sorted(refusals(out))}


def refusals(out):
    for path in (out / "quarantine").rglob("*.jsonl"):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            yield row["file"], row["reason"]


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """Three videos, one of them with sound, odd ones, and files that are none."""
    folder = tmp_path_factory.mktemp("source")
    draw_video(folder / "a.mp4", [(1, 48), (2, 48)], size=SIZE, audio=True)
    draw_video(folder / "b.mp4", [(3, 48)], size=SIZE)
    draw_video(folder / "c.webm", [(4, 36), (5, 60)], size=SIZE, codec="libvpx")
    (folder / "text.mp4").write_text("no video", encoding="utf-8")
    (folder / "empty.mp4").touch()
    draw_odd(folder, tmp_path_factory.mktemp("spare"))
    return folder


def draw_odd(folder, spare):
    """Videos whose stamps or headers are wrong or change, that end early, or begin without a key frame."""
    remux.joined(folder, second=0)
    remux.pts_as_dts(folder)
    remux.edit_list(folder)
    remux.two_headers(folder)
    whole = draw_video(spare / "short.mp4", [(6, 96)], size=SIZE)
    shutil.move(cut_off(fast_start(whole), 0.6), folder / "short.mp4")
    data = draw_video(spare / "headless.ts", [(7, 96)], gop=48, size=SIZE).read_bytes()
    (folder / "headless.ts").write_bytes(data[188 * 20 :])


@pytest.fixture(scope="module")
def expected(source, tmp_path_factory):
    """What one process gives."""
    return split_on(LocalExecutor(POLICY), source, tmp_path_factory.mktemp("one") / "out")


POLICY = {"on_error": "quarantine"}


def test_the_reference_has_clips_of_each_video(expected):
    found, counts = expected
    assert sum(name.startswith("clips/") for name in found) >= 7
    assert (counts["full_decodes"], counts["quarantined"]) == (9, 2)
    assert [reason.split()[0] for _, reason in counts["refused"]] == ["is", "is"]
    assert counts["total_frames_input"] > counts["total_frames_kept"] > 300


def assert_same(found, expected):
    assert found[1] == expected[1]
    assert found[0].keys() == expected[0].keys()
    assert [name for name, data in expected[0].items() if found[0][name] != data] == []


def test_local_executors_give_the_same(make_executor, source, expected, tmp_path):
    assert_same(split_on(make_executor(**POLICY), source, tmp_path / "out"), expected)


def test_executors_on_ray_give_the_same(ray_executor_of_app, source, expected, tmp_path):
    assert_same(split_on(ray_executor_of_app(**POLICY), source, tmp_path / "out"), expected)
