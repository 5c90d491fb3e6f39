"""`curator-video split` from end to end: on a bare machine, with one decode, stopped, and without room."""

import json
import os
import re
import signal
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import psutil
import pytest
from stopped_runs import gate_at, is_running, wait_for
from video.media import Shot, draw_video
from video.processes import (
    QUICK,
    bare_machine,
    count_frames,
    files,
    parts,
    run,
    start,
)
from video.runs import split

from curator_video.clips.clip_table import CLIPS

SIZE = (160, 90)


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """Two videos: two shots with sound, and one with a fade."""
    folder = tmp_path_factory.mktemp("source")
    draw_video(folder / "a.mp4", [(1, 48), (2, 60)], size=SIZE, audio=True)
    draw_video(folder / "b.mp4", [Shot(seed=3, frames=60, fade_out=12), (4, 48)], size=SIZE)
    return folder


@pytest.fixture(scope="module")
def bare(source, tmp_path_factory):
    """A run with default options without torch, transformers and ffmpeg: its folder and words."""
    folder = tmp_path_factory.mktemp("bare")
    env = bare_machine(folder / "machine")
    code, out, err = run("split", source, "-o", folder / "out", env=env)
    assert code == 0, err
    return folder / "out", out, err


def test_a_bare_machine_gives_clips_that_play(bare):
    rows = CLIPS.read(str(bare[0])).to_pylist()
    assert len(rows) == 4
    for row in rows:
        assert count_frames(bare[0] / row["path"]) == row["end_frame"] - row["start_frame"]


def test_a_bare_machine_keeps_the_sound(bare):
    sounds = {row["audio_codec"] for row in CLIPS.read(str(bare[0])).to_pylist()}
    assert sounds == {"aac", ""} or sounds == {"aac", None}


def test_a_bare_machine_gives_metas_previews_and_a_report(bare):
    out = bare[0]
    for row in CLIPS.read(str(out)).to_pylist():
        assert json.loads((out / f"metas/v0/{row['uuid']}.json").read_text())["valid"]
        assert count_pictures(out / row["preview"]) >= 1
    assert "</html>" in (out / "report.html").read_text(encoding="utf-8")


def count_pictures(path):
    from PIL import Image

    with Image.open(path) as picture:
        return getattr(picture, "n_frames", 1)


def test_seconds_and_the_multiple_of_real_time_are_said(bare):
    assert re.search(r"^\d+\.\d s, \d+\.\dx real time$", bare[1], re.MULTILINE)


def test_a_missing_network_is_said_once(bare):
    assert bare[2].count("without TransNetV2, because torch is not installed") == 1


class CountedPacket:
    """A packet that counts the frames that it is decoded to."""

    def __init__(self, packet, count):
        self.packet, self.count = packet, count

    def __getattr__(self, name):
        return getattr(self.packet, name)

    def decode(self):
        frames = self.packet.decode()
        self.count(len(frames))
        return frames


class CountedFile:
    """A file of PyAV that counts the frames that are decoded from it."""

    def __init__(self, file, count):
        self.file, self.count = file, count

    def __getattr__(self, name):
        return getattr(self.file, name)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()

    def demux(self, *streams):
        for packet in self.file.demux(*streams):
            # Sound may be copied, which takes PyAV's own packets.
            is_video = packet.stream.type == "video"
            yield CountedPacket(packet, self.count) if is_video else packet


@pytest.fixture
def decoded(monkeypatch):
    """Frames that PyAV has decoded, by file."""
    import av

    counts: Counter[str] = Counter()
    really_open: Any = av.open

    def counted_open(path, mode="r", **options):
        file = really_open(path, mode, **options)
        if mode != "r":
            return file
        return CountedFile(file, lambda frames: counts.update({Path(path).name: frames}))

    monkeypatch.setattr(av, "open", counted_open)
    return counts


def metrics(out):
    """What the stages have counted."""
    steps = json.loads((out / "run.json").read_text(encoding="utf-8"))["steps"]
    return {key: n for stage in steps["split"]["stages"] for key, n in stage["metrics"].items()}


def test_shots_scores_and_fingerprints_take_one_decode_of_each_video(source, tmp_path, decoded):
    split(source, tmp_path / "out", detector="auto", embed="fingerprint")
    table = CLIPS.read(str(tmp_path / "out"))
    assert (table.num_rows, table.column("sharpness").null_count) == (4, 0)
    assert list((tmp_path / "out/fingerprint_embd_parquet").iterdir())
    # A look whether there is a picture, and one beyond the last clip's end, take a frame or two.
    encoded = metrics(tmp_path / "out")["transcode_frames_decoded"]
    assert 0 <= sum(decoded.values()) - encoded - 2 * 108 <= 2 * 2


def test_a_run_tells_how_often_it_has_decoded(bare):
    facts = json.loads((bare[0] / "run.json").read_text(encoding="utf-8"))["facts"]
    assert (facts["full_decodes"], facts["frames_decoded"]) == (2, 216)


def test_copied_clips_need_no_second_decode(source, tmp_path):
    code, _, err = run("split", source, "-o", tmp_path / "out", *QUICK, "--encoder", "copy")
    assert code == 0, err
    counted = metrics(tmp_path / "out")
    assert (counted["full_decodes"], counted["transcode_frames_decoded"]) == (2, 0)


@pytest.fixture
def small_disk(tmp_path, request):
    """A file system of some kilobytes."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", request.param, "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a tmpfs")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.mark.parametrize("small_disk", ["size=64k", "size=400k"], indirect=True)
def test_a_full_disk_is_one_line(small_disk, source):
    code, _, err = run("split", source, "-o", small_disk / "out", *QUICK, "-q")
    assert (code, len(err.splitlines())) == (1, 1), err
    assert "disk full while writing" in err
    assert "run again with --resume" in err


@pytest.mark.parametrize("small_disk", ["ro"], indirect=True)
def test_an_output_that_cannot_be_written_is_one_line(small_disk, source):
    code, _, err = run("split", source, "-o", small_disk / "out", *QUICK, "-q")
    assert (code, len(err.splitlines())) in ((1, 1), (2, 1)), err
    assert str(small_disk / "out") in err


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_an_interrupted_run_ends_with_130_and_goes_on_to_the_same_files(tmp_path, workers):
    (tmp_path / "in").mkdir()
    for k in range(6):
        draw_video(tmp_path / f"in/{k}.mp4", [(2 * k + 1, 40), (2 * k + 2, 40)], size=SIZE)
    words = ["split", tmp_path / "in", *QUICK[:-1], workers, "-q"]
    gate = gate_at(tmp_path / "gate", "*/.cache/parts/*", after=1)
    with start(*words, "-o", tmp_path / "out", env=gate.env) as process:
        assert wait_for(lambda: parts(tmp_path / "out") >= 1)
        family = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGINT)
        gate.open()
        _, err = process.communicate(timeout=300)
    assert (process.returncode, len(err.splitlines())) == (130, 1), err
    assert b"run again with --resume" in err
    assert not [each for each in family if is_running(each.pid)]
    assert run(*words, "-o", tmp_path / "out", "--resume")[0] == 0
    assert run(*words, "-o", tmp_path / "whole")[0] == 0
    assert files(tmp_path / "out") == files(tmp_path / "whole")
