"""Captions that a second model rewrites."""

from typing import Any

import pytest
from chat_server import chat_server, complaint, said, text_in
from language_models import write_llama

from curator_video.captions.enhance_captions import EnhanceCaptions
from curator_video.task import Clip, Video, VideoTask, Window


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")


def task_with(*captions: dict[str, str]) -> VideoTask:
    clips = [
        Clip(
            uuid=f"clip-{i}",
            source_video="a.mp4",
            span=(i, i + 1),
            frames=(24 * i, 24 * i + 24),
            windows=[Window(start_frame=0, end_frame=24, caption=caption)],
        )
        for i, caption in enumerate(captions)
    ]
    return VideoTask(data=Video(path="a.mp4", clips=clips))


def enhance(task, model, **options):
    chosen: dict[str, Any] = {"backoff_s": 0.01, "device": "cpu", **options}
    stage = EnhanceCaptions(model=model, **chosen)
    stage.setup()
    return stage.process(task).data.clips


def test_a_caption_is_rewritten_and_stays():
    with chat_server(lambda body: said("A dog runs.")) as server:
        (clip,) = enhance(task_with({"vl": "there is dog run"}), server.url)
    (window,) = clip.windows
    assert window.caption == {"vl": "there is dog run"}
    assert window.enhanced_caption == {"vl": "A dog runs."}
    assert text_in(server.questions[0]).endswith("\n\nthere is dog run")


def test_captions_of_several_models_are_rewritten_each():
    with chat_server(lambda body: said(text_in(body)[-1].upper())) as server:
        (clip,) = enhance(task_with({"x": "a", "y": "b"}), server.url)
    assert clip.windows[0].enhanced_caption == {"x": "A", "y": "B"}


def test_a_clip_without_a_caption_is_left_out():
    with chat_server(lambda body: said("x")) as server:
        clips = enhance(task_with({}, {"vl": "a"}), server.url)
    assert len(server.questions) == 1
    assert [clip.errors for clip in clips] == [{}, {}]


def test_a_failure_costs_its_clip_only():
    def answer(body):
        return complaint(400, "no") if text_in(body).endswith("bad") else said("fine")

    with chat_server(answer) as server:
        bad, good = enhance(task_with({"vl": "bad"}, {"vl": "good"}), server.url)
    assert bad.errors == {"enhance": f"{server.url} answered 400: no"}
    assert bad.windows[0].caption == {"vl": "bad"}
    assert good.windows[0].enhanced_caption == {"vl": "fine"}


def test_an_endpoint_that_refuses_everything_is_not_asked_to_the_end():
    task = task_with(*({"vl": str(n)} for n in range(6)))
    with chat_server(lambda body: complaint(403, "no")) as server:
        clips = enhance(task, server.url, batch=2)
    assert len(server.questions) == 2
    assert all("enhance" in clip.errors for clip in clips)


def test_a_text_model_in_a_folder_rewrites(tmp_path):
    folder = write_llama(tmp_path / "tiny-llama")
    (clip,) = enhance(task_with({"vl": "a dog"}), str(folder), max_tokens=4)
    assert clip.windows[0].enhanced_caption["vl"]
