"""Captions of clips: windows, failures that cost one clip, and a run on worker processes."""

import json
from typing import Any

import pytest
from chat_server import chat_server, complaint, said, text_in
from language_models import write_llava
from video.media import draw_frames, draw_video
from video.runs import split
from video.tracks import video_task, write_track

from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_engine.task import Task
from curator_video.captions.caption_clips import CaptionClips
from curator_video.captions.windows import Sampling
from curator_video.task import Encoded


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture(scope="module")
def track(tmp_path_factory):
    frames = draw_frames([(1, 60), (2, 60)], size=(64, 36))
    return write_track(tmp_path_factory.mktemp("track"), frames)


def caption(task, model, **options):
    chosen: dict[str, Any] = {"backoff_s": 0.01, "device": "cpu", **options}
    stage = CaptionClips(model=model, **chosen)
    stage.setup()
    done = stage.process(task)
    stage.teardown()
    return done.data.clips


def pictures(body):
    return len(body["messages"][0]["content"]) - 1


def test_each_window_has_a_caption_under_the_models_name(track):
    task = video_task(track, [(0, 60), (60, 120)])
    with chat_server(lambda body: said(f"{pictures(body)} pictures")) as server:
        clips = caption(task, server.url, window_size=24, remainder_threshold=24)
    windows = [(w.start_frame, w.end_frame, w.caption) for w in clips[0].windows]
    assert windows == [
        (0, 24, {"tiny-vl": "2 pictures"}),
        (24, 60, {"tiny-vl": "3 pictures"}),
    ]
    assert [clip.errors for clip in clips] == [{}, {}]


def test_the_prompt_is_the_variants_or_the_users(track):
    with chat_server(lambda body: said("x")) as server:
        caption(video_task(track, [(0, 60)]), server.url, prompt_variant="av")
        caption(video_task(track, [(0, 60)]), server.url, prompt="How many cars?")
    first, second = (text_in(body) for body in server.questions)
    assert "camera on a vehicle" in first
    assert second.endswith("How many cars?")


def test_dropped_clips_are_not_described(track):
    task = video_task(track, [(0, 60), (60, 120)])
    task.data.clips[0].drop("motion", "still")
    with chat_server(lambda body: said("x")) as server:
        clips = caption(task, server.url)
    assert len(server.questions) == 1
    assert clips[0].windows == []


def test_a_failure_costs_its_clip_only(track):
    task = video_task(track, [(0, 24), (24, 72), (72, 120)])

    def answer(body):
        return complaint(400, "not this one") if pictures(body) == 2 else said("x")

    # The first clip has two pictures, the others four.
    with chat_server(answer) as server:
        clips = caption(task, server.url)
    assert [clip.errors for clip in clips] == [
        {"caption": f"{server.url} answered 400: not this one"},
        {},
        {},
    ]
    assert [bool(clip.windows[0].caption) for clip in clips] == [False, True, True]


def test_an_endpoint_that_refuses_everything_is_not_asked_to_the_end(track):
    task = video_task(track, [(n, n + 12) for n in range(0, 120, 12)])
    with chat_server(lambda body: complaint(401, "wrong key")) as server:
        clips = caption(task, server.url, batch=2)
    assert len(server.questions) == 2
    assert {clip.errors["caption"] for clip in clips} == {f"{server.url} answered 401: wrong key"}


def test_a_second_attempt_forgets_the_first(track):
    task = video_task(track, [(0, 60)])
    with chat_server(lambda body: complaint(400)) as server:
        (clip,) = caption(task, server.url)
    assert "caption" in clip.errors
    with chat_server(lambda body: said("x")) as server:
        (clip,) = caption(task, server.url)
    assert (clip.errors, len(clip.windows)) == ({}, 1)


def test_a_clip_whose_file_is_gone_says_so(track):
    task = video_task(track, [(0, 60)])
    task.data.clips[0].encoded = Encoded(
        path="gone.mp4",
        width=64,
        height=36,
        framerate=24.0,
        num_frames=60,
        video_codec="h264",
        audio_codec="",
        num_bytes=0,
        start=0.0,
    )
    with chat_server(lambda body: said("x")) as server:
        (clip,) = caption(task, server.url, sampling=Sampling(side=512))
    assert clip.errors["caption"].startswith("no pictures: ")


def test_a_model_in_a_folder_describes_clips(track, tmp_path):
    folder = write_llava(tmp_path / "tiny-llava")
    clips = caption(video_task(track, [(0, 60), (60, 120)]), str(folder), max_tokens=4)
    assert all(clip.windows[0].caption["tiny-llava"] for clip in clips)
    assert not any(clip.errors for clip in clips)


def test_worker_processes_describe_the_same(track):
    tasks: list[Task[Any]] = [video_task(track, [(0, 60)]), video_task(track, [(60, 120), (0, 24)])]
    with chat_server(lambda body: said(f"{pictures(body)} pictures")) as server:
        done = Pipeline("captions", stages=[CaptionClips(model=server.url)]).run(
            executor=LocalExecutor({"workers": 2}), initial_tasks=tasks
        )
    texts = [clip.windows[0].caption["tiny-vl"] for task in done for clip in task.data.clips]
    assert texts == ["5 pictures", "5 pictures", "2 pictures"]


def test_the_command_describes_and_rewrites(tmp_path):
    (tmp_path / "in").mkdir()
    draw_video(tmp_path / "in" / "a.mp4", [(1, 48)], size=(64, 36))

    def answer(body):
        seen = isinstance(body["messages"][0]["content"], list)
        return said("a dog run" if seen else text_in(body).rpartition("\n")[2].title())

    with chat_server(answer) as server:
        split(tmp_path / "in", tmp_path / "out", caption=server.url, enhance=server.url)
    (meta,) = (tmp_path / "out" / "metas" / "v0").glob("*.json")
    (window,) = json.loads(meta.read_text())["windows"]
    assert window["tiny-vl_caption"] == "a dog run"
    assert window["tiny-vl_enhanced_caption"] == "A Dog Run"
