"""Transcripts of clips, by a package that the test installs in the audio app's place."""

import textwrap

import cloudpickle
import fsspec
import pytest
from offers import install

from curator_engine.errors import ResourceError
from curator_engine.resources import Resources
from curator_video.captions.transcribe import TranscribeClips
from curator_video.task import Clip, Video, VideoMetadata, VideoTask

STAGE = textwrap.dedent(
    """
    from dataclasses import dataclass, field

    from curator_engine.resources import Resources
    from curator_engine.stage import ProcessingStage
    from curator_engine.task import Task


    @dataclass(kw_only=True)
    class Transcribe(ProcessingStage[Task, Task]):
        language: str = "en"
        resources: Resources = Resources(cpus=2.0)
        ready: bool = field(default=False, init=False)

        def setup(self, worker_metadata=None):
            self.ready = True

        def teardown(self):
            self.ready = False

        def process(self, task):
            assert self.ready
            path, start, end = task.data["path"], task.data["start"], task.data["end"]
            if start >= 20:
                raise OSError("no sound\\nthere")
            segment = {"start": 0.0, "end": end - start, "text": path}
            text = 7 if start >= 10 else f"{path} {start} {end}"
            facts = {"text": text, "language": self.language, "segments": [segment]}
            return Task(data={**task.data, **facts})
    """
)


@pytest.fixture
def _audio_app(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    install(tmp_path, "toy_audio", offers={"toy-transcribe": "toy_audio:Transcribe"}, source=STAGE)


def task_with(*spans, audio="aac", start_time=0.0) -> VideoTask:
    clips = [
        Clip(uuid=f"clip-{i}", source_video="a.mp4", span=span, frames=(0, 24))
        for i, span in enumerate(spans)
    ]
    facts = VideoMetadata(audio_codec=audio, start_time=start_time)
    return VideoTask(data=Video(path="a.mp4", metadata=facts, clips=clips))


def transcribe(task, **options):
    stage = TranscribeClips(options=options, offer="toy-transcribe")
    stage.setup()
    clips = stage.process(task).data.clips
    stage.teardown()
    return clips


def test_without_the_audio_app_there_is_a_hint_before_any_work():
    with pytest.raises(ResourceError, match="offers the stage 'not-there'; install curator-audio"):
        TranscribeClips(offer="not-there")


@pytest.mark.usefixtures("_audio_app")
def test_a_clip_gets_what_is_said_in_its_span():
    (clip,) = transcribe(task_with((1.5, 4.0)), language="de")
    assert clip.transcript == {
        "text": "a.mp4 1.5 4.0",
        "language": "de",
        "segments": [{"start": 0.0, "end": 2.5, "text": "a.mp4"}],
    }


@pytest.mark.usefixtures("_audio_app")
def test_a_span_is_told_in_the_time_stamps_of_the_file():
    (clip,) = transcribe(task_with((1.0, 2.0), start_time=0.25))
    assert clip.transcript["text"] == "a.mp4 1.25 2.25"


@pytest.mark.usefixtures("_audio_app")
def test_a_span_that_fails_costs_its_clip_only():
    bad, odd, good = transcribe(task_with((20.0, 21.0), (10.0, 11.0), (1.0, 2.0)))
    assert bad.errors == {"transcribe": "OSError: no sound there"}
    assert odd.errors == {"transcribe": "TranscriptError: the audio app's stage gave no text"}
    assert (good.errors, good.transcript["text"]) == ({}, "a.mp4 1.0 2.0")


@pytest.mark.usefixtures("_audio_app")
def test_without_sound_nobody_is_asked():
    (clip,) = transcribe(task_with((20.0, 21.0), audio=""))
    assert (clip.errors, clip.transcript) == ({}, {})


@pytest.mark.usefixtures("_audio_app")
def test_dropped_clips_are_left_out():
    task = task_with((20.0, 21.0))
    task.data.clips[0].drop("motion", "still")
    assert transcribe(task)[0].errors == {}


def test_the_audio_app_is_asked_for_by_the_name_that_it_has():
    assert TranscribeClips.offer == "transcribe"


@pytest.mark.usefixtures("_audio_app")
def test_the_stage_asks_for_what_the_audio_apps_stage_needs():
    stage = cloudpickle.loads(cloudpickle.dumps(TranscribeClips(offer="toy-transcribe")))
    assert stage.resources == Resources(cpus=2.0)


@pytest.mark.usefixtures("_audio_app")
def test_a_remote_video_is_heard_from_its_copy(tmp_path):
    task = task_with((0.0, 4.0))
    task.data.path = "memory:///heard/a.mp4"
    task.data.local_path = str(tmp_path / "copy.mp4")
    fsspec.filesystem("memory").pipe("/heard/a.mp4", b"sound")
    clips = transcribe(task)
    assert clips[0].transcript["text"] == f"{tmp_path}/copy.mp4 0.0 4.0"
    assert (tmp_path / "copy.mp4").read_bytes() == b"sound"
