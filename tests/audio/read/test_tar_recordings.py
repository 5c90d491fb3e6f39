import io
import tarfile

import pytest

from curator_audio.read.tar_recordings import tar_recordings
from curator_engine.errors import DamagedFileError


def tar_of(path, members):
    with tarfile.open(path, "w") as tar:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return path


MEMBERS = [
    ("d/1.flac", b"fLaC1"),
    ("d/1.json", b'{"speaker": "a", "text": "facts"}'),
    ("d/1.txt", b"hello\n"),
    ("2.bin", b"RIFF\0\0\0\0WAVE"),
    ("3.jpg", b"\xff\xd8\xff"),
    ("4.wav", b""),
]


def test_recordings_have_what_stands_beside_them(tmp_path):
    from collections import Counter

    tally = Counter()
    path = tar_of(tmp_path / "a.tar", MEMBERS)
    first, second, empty = tar_recordings(str(path), tally=tally)
    assert (first.name, first.text, first.fields["speaker"]) == ("d/1.flac", "hello", "a")
    assert (second.name, second.text) == ("2.bin", "")
    assert empty.problem == "it is empty"
    assert tally["samples without a recording"] == 1


def test_what_is_whole_in_a_cut_tar_comes_first(tmp_path):
    path = tar_of(tmp_path / "a.tar", [*MEMBERS[:1], ("2.wav", bytes(4000))])
    path.write_bytes(path.read_bytes()[:3000])
    found = []
    with pytest.raises(DamagedFileError):
        for each in tar_recordings(str(path)):
            found.append(each.name)
    assert found == ["d/1.flac"]
