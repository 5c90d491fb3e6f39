from audio.runs import audio

from curator_audio.commands.diarize import Diarize
from curator_audio.settings import DiarizeSettings
from curator_engine.commands.cli import Console

FACTS = {
    "total_time": 2.0,
    "recordings": 2,
    "recordings_s": 20.0,
    "unreadable": 0,
    "without_sound": 0,
    "without_speech": 0,
    "kept_s": 12.0,
    "quarantined": 0,
    "speakers": {"1": 1, "3": 1},
    "compared": 1,
    "error_rate": 0.05,
    "errors": {"speech_s": 10.0, "missed_s": 0.5, "false_s": 0.0, "confused_s": 0.0},
}


def said(facts):
    settings = DiarizeSettings(inputs=["in"], output="out", rttm="truth")
    return Diarize(settings=settings, console=Console()).result(facts).lines


def test_speakers_and_errors_are_said():
    lines = said(FACTS)
    assert lines[1] == "12.0 s of speech; recordings by speakers: 1 speaker in 1, 3 speakers in 1"
    assert lines[2].startswith("diarisation error rate 5.0% of 1 recording (10.0 s of speech")
    assert "no recording has the name" in said({**FACTS, "compared": 0})[2]


def test_a_truth_that_is_none_is_told_before_any_work(finished_segments, tmp_path):
    words = ("diarize", finished_segments, "-o", tmp_path / "out", "--rttm", tmp_path)
    assert audio(*words) == 2
    assert not (tmp_path / "out").exists()
