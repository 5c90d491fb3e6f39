"""A video of an hour takes no more memory than others; one of ten minutes is the same after kills."""

import time
from fractions import Fraction

import psutil
import pytest
from stopped_runs import gate_at, is_running, wait_for
from video.media import draw_video
from video.processes import differences, run, start

FRAMES, FPS = 720, 12
WORDS = ("--encoder", "copy", "--workers", "2", "-q")


@pytest.fixture(scope="module")
def minute(tmp_path_factory):
    """A minute of drawn shots."""
    shots = [(seed, 48 + 24 * (seed % 3)) for seed in range(10)] + [(10, 24)]
    path = tmp_path_factory.mktemp("minute") / "minute.mp4"
    return draw_video(path, shots, fps=FPS, options={"bf": "0"})


def repeat(source, target, *, times):
    """Write a video of several times the length of another, from its packets."""
    import av

    with av.open(str(source)) as file, av.open(str(target), "w") as longer:
        stream = longer.add_stream_from_template(file.streams.video[0])
        length = round(Fraction(FRAMES, FPS) / file.streams.video[0].time_base)
        for turn in range(times):
            file.seek(0)
            for packet in file.demux(video=0):
                if packet.dts is not None:
                    packet.pts = packet.dts = packet.dts + turn * length
                    packet.stream = stream
                    longer.mux(packet)


def proportional_bytes(pid):
    """Resident bytes of a process and its children, shared pages counted once."""
    total = 0
    try:
        family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    for process in family:
        try:
            total += process.memory_full_info().pss
        except psutil.Error:
            continue
    return total


@pytest.mark.long
def test_an_hour_takes_less_than_a_gigabyte_and_a_half(minute, tmp_path):
    (tmp_path / "in").mkdir()
    repeat(minute, tmp_path / "in/hour.mp4", times=60)
    peak = 0
    with start("split", tmp_path / "in", "-o", tmp_path / "out", *WORDS) as process:
        while process.poll() is None:
            peak = max(peak, proportional_bytes(process.pid))
            # To add up the pages takes as long as many frames.
            time.sleep(0.5)
        assert process.returncode == 0, process.stderr.read()
    assert 100_000_000 < peak < 1_500_000_000


@pytest.mark.long
def test_a_video_whose_run_is_killed_again_and_again_gives_what_an_unbroken_one_gives(
    minute, tmp_path
):
    (tmp_path / "in").mkdir()
    repeat(minute, tmp_path / "in/video.mp4", times=10)
    # The default detector's network would be loaded by each of a dozen workers.
    quick = (*WORDS, "--detector", "content")
    code, _, err = run("split", tmp_path / "in", "-o", tmp_path / "unbroken", *quick)
    assert code == 0, err
    out = tmp_path / "broken"
    words = ("split", tmp_path / "in", "-o", out, *quick)
    scratch = out / ".cache"
    stops = [
        # In the midst of decoding: times are written at its end only.
        lambda: list(scratch.glob("scratch/tracks/*.tmp/keys.npy")),
        lambda: list(scratch.glob("scratch/tracks/*/track.json")),
        lambda: list(scratch.glob("scratch/clips/*/*.mp4")),
        lambda: len(list(scratch.glob("parts/*.parquet"))) >= 3,
    ]
    for number, reached in enumerate(stops):
        # There are more chunks than these, for which it waits.
        gate = gate_at(tmp_path / f"gate-{number}", "*/.cache/parts/*", after=3)
        with start(*words, *(["--resume"] if number else []), env=gate.env) as process:
            family = psutil.Process(process.pid)
            assert wait_for(lambda r=reached, p=process: r() or p.poll() is not None, 600)
            assert process.poll() is None
            children = family.children(recursive=True)
            process.kill()
            process.communicate()
            assert wait_for(lambda c=children: not any(is_running(each.pid) for each in c))
    code, _, err = run(*words, "--resume")
    assert code == 0, err
    assert differences(out, tmp_path / "unbroken") == {}
