import io
import tarfile

import pytest

from curator_engine.errors import DamagedFileError
from curator_engine.files.tar_samples import (
    TarSample,
    ending_of,
    extension_of,
    facts_of,
    key_of,
    read_samples,
    text_of,
)


def tar_of(path, names):
    with tarfile.open(path, "w") as tar:
        for name in names:
            tar.addfile(tarfile.TarInfo(name), io.BytesIO())
    return str(path)


def members_of(path):
    return [[each.name for each in sample.members] for sample in read_samples(TarSample, path)]


@pytest.mark.parametrize(
    ("name", "key", "extension", "ending"),
    [
        ("a.jpg", "a", "jpg", ("", "jpg")),
        ("d.1/a.seg.PNG", "d.1/a", "seg.png", ("seg", "png")),
        ("a", "a", "", ("", "")),
    ],
)
def test_keys_end_at_the_first_dot(name, key, extension, ending):
    assert (key_of(name), extension_of(name), ending_of(name)) == (key, extension, ending)


def test_members_of_one_key_that_stand_together_are_a_sample(tmp_path):
    path = tar_of(tmp_path / "a.tar", ["a.txt", "a.seg.png", "a.jpg", "b.jpg", "a.npy"])
    assert members_of(path) == [["a.txt", "a.seg.png", "a.jpg"], ["b.jpg"], ["a.npy"]]


def test_a_second_member_of_a_name_begins_another_sample(tmp_path):
    path = tar_of(tmp_path / "a.tar", ["a.jpg", "a.jpg"])
    assert [sample.number for sample in read_samples(TarSample, path)] == [1, 2]


def test_members_without_end_of_one_key_are_samples_of_a_thousand(tmp_path):
    path = tar_of(tmp_path / "a.tar", [f"a.{i}" for i in range(2501)])
    assert [len(names) for names in members_of(path)] == [1000, 1000, 501]


def test_the_last_whole_sample_of_a_damaged_tar_is_given(tmp_path):
    path = tmp_path / "a.tar"
    tar_of(path, ["a.jpg", "b.jpg"])
    path.write_bytes(path.read_bytes().rstrip(b"\0").ljust(1024, b"\0") + b"x" * 512)
    found = read_samples(TarSample, str(path))
    assert [next(found).key, next(found).key] == ["a", "b"]
    with pytest.raises(DamagedFileError):
        next(found)


@pytest.mark.parametrize("data", [b"no json", b"[1]", b"\xff\xfe", b"[" * 100_000])
def test_facts_that_are_none_are_empty(data):
    assert facts_of(data) == {}


def test_texts_have_no_mark_and_no_white_space_around_them():
    assert text_of(b"\xef\xbb\xbf hello\n") == "hello"
