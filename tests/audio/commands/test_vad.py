from audio.runs import ALONE, LENIENT, audio, write_recordings
from audio.sounds import mute_video

from curator_audio.cli import JOBS
from curator_engine.commands.cli import run_app


def test_recordings_without_speech_are_said_and_can_be_filtered(tmp_path, capsys):
    folder, out = write_recordings(tmp_path / "in"), tmp_path / "out"
    for name in "abc":
        (folder / f"{name}.mp4").write_bytes(mute_video())
    words = ["vad", f"{folder}", "-o", f"{out}", *LENIENT, *ALONE]
    assert run_app("curator-audio", JOBS, version="1", argv=words) == 3
    said = capsys.readouterr().out
    assert (
        "4 recordings of 4.7 s, 1 unreadable, 3 without speech, and 3 videos without sound" in said
    )
    assert "1 row in quarantine" in said
    assert "0 stretches of speech, 0.0 s (0%)" in said
    assert audio(*words, "--resume") == 3
    assert audio("filter", out, "--where", "snr > 1", "--apply") == 0
    assert audio("report", out) == 0
