from audio.runs import audio

from curator_audio.commands.transcribe import Transcribe
from curator_audio.settings import TranscribeSettings
from curator_engine.commands.cli import Console

FACTS = {
    "total_time": 2.0,
    "recordings": 2,
    "recordings_s": 20.0,
    "unreadable": 0,
    "without_sound": 0,
    "without_speech": 0,
    "kept": 3,
    "quarantined": 0,
    "recogniser": "ear",
    "words": 40,
    "languages": {"en": 2},
    "with_signs": 1,
    "without_transcript": 1,
    "compared": 1,
    "reference_words": 10,
    "wer": 0.1,
    "cer": 0.05,
}


def test_what_was_heard_is_said():
    job = Transcribe(settings=TranscribeSettings(inputs=["in"], output="out"), console=Console())
    found = job.result(FACTS)
    assert found.lines[:2] == [
        "2 recordings of 20.0 s",
        "40 words in 3 segments by ear, a draft: for a first look",
    ]
    assert any("word errors 10.0%, character errors 5.0% of 1 recording" in x for x in found.lines)
    assert any(line.startswith("1 segments show signs") for line in found.lines)
    assert any(line.startswith("1 segments have no transcript") for line in found.lines)
    assert found.summary["wer"] == 0.1


def test_a_model_that_is_none_is_told_before_any_work(finished_segments, tmp_path):
    words = ("transcribe", finished_segments, "-o", tmp_path / "out", "--model", "no model")
    assert audio(*words) == 2
    assert not (tmp_path / "out").exists()
