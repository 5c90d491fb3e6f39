"""One run of `curator-video split` over files of all codecs, odd ones, and ones that are no videos."""

import json
import shutil

import pytest
from video.media import cut_off, draw_video, fast_start, read_number
from video.processes import count_frames, run

from curator_video.clips.clip_table import CLIPS

WHOLE = ("--detector", "fixed", "--clip-len", "1..10")
"""Clips of ten seconds, so that a short video is one clip."""
CODECS = (
    ("mpeg4.avi", "mpeg4", "yuv420p"),
    ("vp9.webm", "libvpx-vp9", "yuv420p"),
    ("hevc.mkv", "libx265", "yuv420p10le"),
    ("av1.mp4", "libsvtav1", "yuv420p"),
    ("mjpeg.mov", "mjpeg", "yuvj420p"),
)
REFUSED = {
    "text.mp4": "is not a video that can be read",
    "empty.mp4": "is empty",
    "no_index.mp4": "has no index",
    "sound.mp4": "has no video stream (only audio)",
    "no_frames.avi": "holds no picture",
}
UNEVEN = [0.0, *(1 + 0.1 * k for k in range(20)), *(3.5 + 0.02 * k for k in range(27))]
"""When the frames of the file with a varying frame rate are shown, in seconds."""


def draw_good(folder):
    """Videos that are read to the end, each with a shot of 48 frames; real ones where they are."""
    for name, codec, pixels in CODECS:
        draw_video(folder / name, [(1, 48)], size=(160, 90), codec=codec, pixel_format=pixels)
    draw_video(folder / "uneven.mp4", [(2, 48)], size=(160, 90), times=UNEVEN, numbered=True)
    draw_video(folder / "turned.mp4", [(3, 48)], size=(90, 160), rotation=90, numbered=True)


def draw_bad(folder, spare):
    """Files that are refused, and `short.mp4`, which ends early."""
    (folder / "text.mp4").write_text("not a video", encoding="utf-8")
    (folder / "empty.mp4").touch()
    whole = draw_video(spare / "a.mp4", [(4, 96)], size=(160, 90))
    shutil.move(cut_off(whole, 0.5), folder / "no_index.mp4")
    shutil.move(cut_off(fast_start(whole), 0.7), folder / "short.mp4")
    draw_video(folder / "sound.mp4", [(1, 12)], video=False, audio=True)
    path = draw_video(folder / "no_frames.avi", [(1, 24)], codec="mjpeg", pixel_format="yuvj420p")
    size = bytes.fromhex("ffc0001108") + (180).to_bytes(2) + (320).to_bytes(2)
    path.write_bytes(path.read_bytes().replace(size, size[:5] + bytes.fromhex("ffdcffdc")))


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """A run over the good files alone."""
    folder = tmp_path_factory.mktemp("good")
    (folder / "in").mkdir()
    draw_good(folder / "in")
    assert run("split", folder / "in", "-o", folder / "out", *WHOLE, "--workers", "1")[0] == 0
    return folder


@pytest.fixture(scope="module")
def mixed(good, tmp_path_factory):
    """A run over the same files and those that are refused: its folder, exit code and words."""
    spare = tmp_path_factory.mktemp("spare")
    draw_bad(good / "in", spare)
    code, out, err = run("split", good / "in", "-o", good / "mixed", *WHOLE, "--workers", "1")
    return good / "mixed", code, out, err


def rows_by_video(out):
    rows = {}
    for row in CLIPS.read(str(out)).to_pylist():
        rows.setdefault(row["video"], []).append(row)
    return rows


def refusals(out):
    lines = [
        json.loads(line)
        for path in (out / "quarantine").rglob("*.jsonl")
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    return {line["file"].rpartition("/")[2]: line["reason"] for line in lines}


def test_something_in_quarantine_is_exit_code_3_and_is_said(mixed):
    _, code, out, err = mixed
    assert code == 3
    assert f"{len(REFUSED)} in quarantine" in out
    assert f"\n  and {len(REFUSED) - 3} more reasons" in out
    assert "Traceback" not in out + err


def test_each_file_that_is_no_video_has_its_reason(mixed):
    found = refusals(mixed[0])
    assert found.keys() == REFUSED.keys()
    assert all(REFUSED[name] in reason for name, reason in found.items()), found


def test_a_file_that_ends_early_gives_what_is_there_and_says_so(mixed):
    out = mixed[0]
    rows = rows_by_video(out)["short.mp4"]
    assert 24 <= sum(row["num_frames"] for row in rows) < 96
    assert all(count_frames(out / row["path"]) == row["num_frames"] for row in rows)
    assert json.loads((out / "processed_videos/short.mp4.json").read_text())["errors"]


def test_the_other_files_are_not_affected(good, mixed):
    before, after = (rows_by_video(out) for out in (good / "out", mixed[0]))
    assert {name: after[name] for name in before} == before
    for row in (row for rows in before.values() for row in rows):
        assert (good / "out" / row["path"]).read_bytes() == (mixed[0] / row["path"]).read_bytes()


@pytest.mark.parametrize("name", [name for name, _, _ in CODECS])
def test_a_video_of_each_codec_gives_its_frames(good, name):
    rows = rows_by_video(good / "out")[name]
    assert sum(count_frames(good / "out" / row["path"]) for row in rows) == 48


def shown(path):
    """Number and time of each frame as a player shows it, and the shape of the first."""
    import av

    with av.open(str(path)) as file:
        pictures = [(frame.to_ndarray(format="rgb24"), frame.time) for frame in file.decode(0)]
    return [(read_number(picture), time) for picture, time in pictures], pictures[0][0].shape


def test_a_varying_frame_rate_keeps_its_times(good):
    (row,) = rows_by_video(good / "out")["uneven.mp4"]
    frames, _ = shown(good / "out" / row["path"])
    assert [number for number, _ in frames] == list(range(48))
    assert [time for _, time in frames] == pytest.approx(UNEVEN, abs=0.002)


def test_a_turned_video_is_upright(good):
    (row,) = rows_by_video(good / "out")["turned.mp4"]
    frames, shape = shown(good / "out" / row["path"])
    assert (shape, row["width"], row["height"]) == ((160, 90, 3), 90, 160)
    assert [number for number, _ in frames] == list(range(48))


def test_real_files_of_all_codecs_are_split(shared_video, tmp_path):
    names = sorted(path.name for path in shared_video.glob("tc_*"))
    words = [shared_video / name for name in names]
    code, _, err = run("split", *words, "-o", tmp_path / "out", *WHOLE, "--workers", "2")
    rows = rows_by_video(tmp_path / "out")
    assert (code, sorted(rows)) == (0, names), err
    for row in (row for each in rows.values() for row in each):
        assert count_frames(tmp_path / "out" / row["path"]) == row["num_frames"]
