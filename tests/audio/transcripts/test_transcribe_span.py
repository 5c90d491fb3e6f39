import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path

import numpy as np
import pytest
import soundfile
from chat_server import chat_server, complaint
from speech_models import write_ctc

from curator_audio.models.transcript import Transcript, Word
from curator_audio.transcripts.transcribe_span import (
    TranscribeSpan,
    TranscriptionError,
    segments_of,
)
from curator_engine.errors import DamagedFileError, InputError
from curator_engine.task import Task


@pytest.fixture
def recording(tmp_path):
    noise = np.random.default_rng(0).normal(0, 0.1, 48000)
    soundfile.write(tmp_path / "a.wav", noise, 16000)
    return str(tmp_path / "a.wav")


def heard(stage, *spans):
    stage.setup()
    tasks = [Task(data={"path": path, "start": a, "end": b}) for path, a, b in spans]
    found = [task.data for task in stage.process_batch(tasks)]
    stage.teardown()
    return found


def test_spans_get_text_and_segments(tmp_path, recording):
    stage = TranscribeSpan(model=write_ctc(tmp_path / "ctc"), device="cpu")
    first, second = heard(stage, (recording, 0.0, 1.0), (recording, 1.0, 3.0))
    assert first["text"]
    assert first["text"] != second["text"]
    assert " ".join(each["text"] for each in second["segments"]) == second["text"]
    assert 0 <= second["segments"][0]["start"] <= second["segments"][-1]["end"] <= 2.0
    assert (first["path"], first["language"]) == (recording, "")


def test_a_span_without_sound_fails(tmp_path):
    stage = TranscribeSpan(model=write_ctc(tmp_path / "ctc"), device="cpu")
    (tmp_path / "b.wav").write_bytes(b"no sound")
    with pytest.raises(DamagedFileError):
        heard(stage, (str(tmp_path / "b.wav"), 0.0, 1.0))


def test_what_an_endpoint_refuses_fails(recording):
    with (
        chat_server(lambda _: complaint(400, "no")) as server,
        pytest.raises(TranscriptionError, match="answered 400"),
    ):
        heard(TranscribeSpan(model=server.url), (recording, 0.0, 1.0))


def test_a_model_that_is_not_there_is_known_before_any_work():
    with pytest.raises(InputError, match="neither 'draft'"):
        TranscribeSpan(model="not there")


def word(text, start, end):
    return Word(text=text, start_s=start, end_s=end)


def test_segments_end_at_pauses_and_where_they_get_long():
    words = (word("a", 0.0, 0.5), word("b", 0.8, 1.0), word("c", 2.0, 9.0), word("d", 9.1, 12.5))
    found = segments_of(Transcript(text="a b c d", words=words), 12.0)
    assert found == [
        {"start": 0.0, "end": 1.0, "text": "a b"},
        {"start": 2.0, "end": 9.0, "text": "c"},
        {"start": 9.1, "end": 12.0, "text": "d"},
    ]


def test_without_words_there_is_one_segment_or_none():
    assert segments_of(Transcript(text="so"), 2.0) == [{"start": 0.0, "end": 2.0, "text": "so"}]
    assert segments_of(Transcript(text=""), 2.0) == []


def test_the_app_offers_it_to_others():
    project = tomllib.loads((Path(__file__).parents[3] / "apps/audio/pyproject.toml").read_text())
    offer = project["project"]["entry-points"]["curator.stages"]["transcribe"]
    assert EntryPoint("transcribe", offer, "curator.stages").load() is TranscribeSpan
