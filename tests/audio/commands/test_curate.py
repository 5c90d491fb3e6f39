import json

from audio.runs import LENIENT, audio, write_recordings

from curator_audio.cli import JOBS
from curator_engine.commands.cli import run_app


def test_the_command_says_what_became_of_the_recordings(tmp_path, capsys):
    folder = write_recordings(tmp_path / "in")
    words = [
        "curate",
        f"{folder}",
        "-o",
        f"{tmp_path}/out",
        "--cut",
        "whole",
        *LENIENT,
        "--workers",
        "1",
    ]
    assert run_app("curator-audio", JOBS, version="1", argv=words) == 3
    said = capsys.readouterr().out
    assert "4 recordings of 4.7 s, 1 unreadable" in said
    assert "3 segments: 3 kept (4.7 s), 0 dropped" in said
    assert "x real time" in said


def test_a_second_run_refuses_the_folder(finished_segments):
    source = json.loads((finished_segments / "run.json").read_text(encoding="utf-8"))["settings"]
    assert audio("curate", *source["inputs"], "-o", finished_segments) == 2
