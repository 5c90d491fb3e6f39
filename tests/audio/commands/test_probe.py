from audio.runs import write_recordings

from curator_audio.commands.probe import run
from curator_audio.settings import ProbeSettings
from curator_engine.commands.cli import Console


def test_files_and_what_is_amiss_are_told(tmp_path):
    folder = write_recordings(tmp_path)
    inputs = [str(folder), str(folder / "list.jsonl")]
    found = run(ProbeSettings(inputs=inputs), Console(quiet=True))
    assert found.exit_code == 3
    assert found.summary["recordings"] == 6
    assert found.summary["unusable"] == 1
    text = "\n".join(found.lines)
    assert "WAV PCM_16 at 44,100 Hz, 2 channels, 1.200 s" in text
    assert "list of 2 recordings, WAV PCM_16" in text
    assert "problem: no audio in a format that is known" in text
