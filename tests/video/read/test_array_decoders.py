import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from video.media import draw_video, read_number

from curator_engine.errors import SettingsError
from curator_video.read.array_decoders import ArrayDecoder, check_backend
from curator_video.read.decode import PyavDecoder, open_decoder

needs_decord = pytest.mark.skipif(
    importlib.util.find_spec("decord") is None, reason="decord is optional"
)


def by(backend, path):
    return open_decoder(str(path), backend=backend)


@pytest.fixture
def numbered(tmp_path):
    return draw_video(tmp_path / "a.mp4", [(1, 60)], numbered=True)


@needs_decord
def test_decord_gives_the_same_frames(numbered):
    decoder = by("decord", numbered)
    found = [
        (f.number, f.key, round(f.time, 6), read_number(f.rgb((48, 27)))) for f in decoder.frames()
    ]
    again = [(f.number, f.key, round(f.time, 6), f.number) for f in by("pyav", numbered).frames()]
    assert isinstance(decoder, ArrayDecoder)
    assert found == again


@needs_decord
def test_decord_turns_pictures(tmp_path):
    path = draw_video(tmp_path / "a.mp4", [(1, 5)], numbered=True, rotation=90)
    assert [read_number(f.rgb()) for f in by("decord", path).at_numbers([4, 2])] == [4, 2]


@needs_decord
def test_decord_by_time(tmp_path):
    path = draw_video(tmp_path / "a.mp4", [(1, 4)], numbered=True, times=[0, 1, 1.2, 3])
    assert [read_number(f.rgb()) for f in by("decord", path).at_times([0.9, 1.1, 9])] == [0, 1, 3]


@needs_decord
def test_what_decord_cannot_read_is_read_by_pyav(shared_video):
    decoder = by("decord", shared_video / "tc_testsrc2_av1_10bit.mp4")
    assert isinstance(decoder, PyavDecoder)


@needs_decord
def test_where_decord_takes_another_stream_pyav_is_taken(tmp_path):
    path = draw_video(tmp_path / "a.mkv", [(1, 10)], numbered=True, small_stream=True)
    assert [read_number(f.rgb()) for f in by("decord", path).frames()] == list(range(10))


def test_a_package_that_is_not_there_is_one_line_with_the_way_out(numbered, monkeypatch):
    monkeypatch.setitem(sys.modules, "decord", None)
    with pytest.raises(SettingsError, match=re.escape("pip install 'curator-video[decord]'")):
        by("decord", numbered)


def test_a_missing_package_can_be_noticed_before_any_work(monkeypatch):
    check_backend("pyav")
    monkeypatch.setitem(sys.modules, "torchcodec.decoders", None)
    with pytest.raises(SettingsError, match="take the decoder pyav"):
        check_backend("torchcodec")


_PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
from curator_video.read.array_decoders import ArrayDecoder, check_backend
from curator_video.read.decode import open_decoder
from video.media import read_number
for path in sys.argv[2:]:
    decoder = open_decoder(path, backend="torchcodec")
    found = [(f.number, read_number(f.rgb((48, 27)))) for f in decoder.frames()]
    again = [read_number(f.rgb()) for f in decoder.at_numbers([7, 3])]
    print(isinstance(decoder, ArrayDecoder), found == [(n, n) for n in range(30)], again)
"""


@pytest.mark.slow
def test_torchcodec_gives_the_same_frames(tmp_path):
    if importlib.util.find_spec("torchcodec") is None:
        pytest.skip("torchcodec is optional")
    paths = [
        draw_video(tmp_path / "a.mp4", [(1, 30)], numbered=True),
        draw_video(tmp_path / "turned.mp4", [(1, 30)], numbered=True, rotation=270),
        draw_video(tmp_path / "ten.mp4", [(1, 30)], numbered=True, pixel_format="yuv420p10le"),
    ]
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(Path(__file__).parents[2]), *map(str, paths)],
        capture_output=True,
        env={**os.environ, "LD_LIBRARY_PATH": str(_ffmpeg_of_pyav(tmp_path / "libraries"))},
        check=False,
    )
    if b"cannot be loaded" in done.stderr:
        pytest.skip("torchcodec finds no FFmpeg")
    assert done.stdout.decode().splitlines() == ["True True [7, 3]"] * 3, done.stderr.decode()


def _ffmpeg_of_pyav(folder):
    """A folder with the libraries that PyAV brings, under the names that torchcodec looks for."""
    import av

    folder.mkdir()
    for library in Path(av.__file__).parents[1].joinpath("av.libs").glob("*.so*"):
        plain = re.sub(r"-[0-9a-f]{8}(\.so\.\d+).*", r"\1", library.name)
        for name in {plain, library.name}:
            folder.joinpath(name).symlink_to(library)
    return folder
