import io

import numpy as np
import pytest
from audio.sounds import av_file, sound_file, tone

from curator_audio.read.decode import open_audio
from curator_audio.read.mpeg_frames import frame_size, frames_broken

SOUND = tone(3.0)


def mp3() -> bytes:
    return av_file(SOUND, rate=16_000, container="mp3", codec="libmp3lame")


def with_holes(whole: bytes) -> bytes:
    broken = bytearray(whole)
    for at in range(2000, len(broken) - 2000, 2500):
        broken[at : at + 150] = bytes([0x55] * 150)
    return bytes(broken)


@pytest.mark.parametrize("whole", [mp3(), sound_file(SOUND, format="MP3"), sound_file(SOUND)])
def test_a_whole_file_is_whole(whole: bytes) -> None:
    assert not frames_broken(io.BytesIO(whole))
    assert not frames_broken(io.BytesIO(whole + b"TAG" + bytes(20)))


def test_holes_and_a_lost_end_are_found() -> None:
    assert frames_broken(io.BytesIO(with_holes(mp3())))
    assert frames_broken(io.BytesIO(mp3()[:-3000]))


def test_damage_is_passed_over_in_silence(capfd: pytest.CaptureFixture[str]) -> None:
    recording = open_audio(with_holes(mp3()))
    assert 2.0 < recording.seconds < 3.0
    assert any(note.startswith("is cut") for note in recording.notes)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("header", "size"),
    [
        ("fffb9064", 417),  # 128 kbit/s at 44.1 kHz, layer 3
        ("fffb9264", 418),  # the same, padded
        ("fff34864", 144),  # version 2, 32 kbit/s at 16 kHz
        ("ffff1004", 32),  # layer 1, 32 kbit/s at 44.1 kHz
        ("fff15080", 0),  # ADTS
        ("52494646", 0),
    ],
)
def test_the_size_of_a_frame(header: str, size: int) -> None:
    assert frame_size(bytes.fromhex(header)) == size


def test_the_samples_are_those_of_the_whole_file() -> None:
    assert np.isclose(open_audio(mp3()[:-3000]).seconds, 1.9, atol=0.8)
