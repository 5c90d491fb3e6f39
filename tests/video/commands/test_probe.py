import json

import pytest
from video.media import draw_video

from curator_engine.commands.cli import Console, run_app
from curator_engine.commands.settings import Job
from curator_engine.errors import InputError
from curator_video.commands.probe import run
from curator_video.settings import ProbeSettings

JOB = Job(
    name="probe",
    settings=ProbeSettings,
    run="curator_video.commands.probe:run",
    help="Look at videos.",
    example="curator-video probe a.mp4",
)


def probe(*paths):
    return run(ProbeSettings(list(map(str, paths))), Console())


def test_streams_rate_and_key_frames_are_told(tmp_path):
    lines = probe(draw_video(tmp_path / "a.mp4", [(1, 48)], audio=True)).lines
    assert "  stream 0: video h264 yuv420p" in "\n".join(lines)
    assert any("stream 1: audio aac 48000 Hz, 2 channels" in line for line in lines)
    assert any("frames: 48, 24.000 per second" in line for line in lines)
    assert any("key frames: 2, at most 1.000 s apart" in line for line in lines)


def test_the_stream_that_is_taken_is_marked(tmp_path):
    lines = probe(draw_video(tmp_path / "a.mkv", [(1, 5)], small_stream=True)).lines
    streams = [line for line in lines if line.startswith("  stream")]
    assert [line.endswith("(taken)") for line in streams] == [False, True]


def test_a_varying_rate_and_a_turn_are_told(tmp_path):
    path = draw_video(
        tmp_path / "a.mp4", [(1, 5)], times=[0, 0.1, 0.7, 0.8, 2.0], rotation=90, size=(180, 320)
    )
    text = "\n".join(probe(path).lines)
    assert "varies" in text
    assert "turned by 90 degrees to 180x320" in text


def test_problems_are_told(tmp_path):
    path = draw_video(tmp_path / "a.webm", [(1, 96)], codec="libvpx")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert any(line.startswith("  problem: the header says") for line in probe(path).lines)


def test_a_file_that_is_no_video_is_said_to_be_none_and_the_next_is_told(tmp_path):
    (tmp_path / "a.mp4").write_text("text", encoding="utf-8")
    result = probe(tmp_path / "a.mp4", draw_video(tmp_path / "b.mp4", [(1, 5)]))
    assert "  is not a video that can be read" in result.lines[1]
    assert (result.summary["unreadable"], result.exit_code) == (1, 3)


def test_a_missing_file_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        probe(tmp_path / "a.mp4")


def test_json(tmp_path, capsys):
    path = draw_video(tmp_path / "a.mp4", [(1, 48)])
    assert run_app("curator-video", [JOB], version="1", argv=["probe", str(path), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["files"][0]
    assert (found["path"], found["metadata"]["num_frames"], found["key_frames"]) == (
        str(path),
        48,
        2,
    )
