import pytest
from image.drawn_pictures import picture, samples, write_tar

from curator_engine.errors import DamagedFileError
from curator_image.read.images import read_images
from curator_image.read.tar_samples import extension_of, key_of, tar_samples


def read(tmp_path, members):
    return list(tar_samples(str(write_tar(tmp_path / "a.tar", members))))


@pytest.mark.parametrize(
    ("name", "key", "extension"),
    [
        ("a.jpg", "a", "jpg"),
        ("d.1/a.seg.PNG", "d.1/a", "seg.png"),
        ("a", "a", ""),
    ],
)
def test_keys_end_at_the_first_dot(name, key, extension):
    assert (key_of(name), extension_of(name)) == (key, extension)


def test_all_members_of_a_key_are_one_sample(tmp_path):
    names = ["a.txt", "a.seg.png", "a.jpg", "a.npy", "b.jpg"]
    first, second = read(tmp_path, [(name, picture()) for name in names])
    assert [each.name for each in first.members] == names[:4]
    assert (first.picture.name, second.picture.name) == ("a.jpg", "b.jpg")


def test_a_picture_of_an_unknown_ending_is_known_by_its_bytes(tmp_path):
    [found] = read(tmp_path, [("a.txt", b"text"), ("a.bin", picture(kind="WEBP"))])
    assert found.picture.name == "a.bin"


def test_a_drawing_is_taken_if_there_is_no_picture(tmp_path):
    [found] = read(tmp_path, [("a.svg", b"<svg/>"), ("a.txt", b"text")])
    assert found.picture.name == "a.svg"


def test_a_key_that_is_given_twice_is_two_samples_with_places_of_their_own(tmp_path):
    path = write_tar(tmp_path / "a.tar", [("a.jpg", picture(1)), ("a.jpg", picture(2))])
    found = list(read_images(str(path)))
    assert [each.place for each in found] == [f"{path}/a.jpg", f"{path}/a.jpg#2"]
    assert [each.data for each in found] == [picture(1), picture(2)]


def test_a_caption_in_the_facts_counts_if_there_is_no_text(tmp_path):
    [found] = read(tmp_path, [("a.jpg", picture()), ("a.json", b'{"caption": " a boat "}')])
    assert found.caption == "a boat"


@pytest.mark.parametrize("facts", [b"no json", b"[1]", b"\xff\xfe", b"[" * 100_000])
def test_facts_that_are_none_are_empty(tmp_path, facts):
    [found] = read(tmp_path, [("a.jpg", picture()), ("a.json", facts)])
    assert found.facts == {}


def test_the_last_whole_sample_of_a_damaged_tar_is_given(tmp_path):
    path = write_tar(tmp_path / "a.tar", samples(2))
    members = path.read_bytes().rstrip(b"\0")
    path.write_bytes(members + bytes(-len(members) % 512) + b"x" * 512)
    found = tar_samples(str(path))
    assert [next(found).key, next(found).key] == ["0000", "0001"]
    with pytest.raises(DamagedFileError):
        next(found)


def test_members_without_end_of_one_key_are_samples_of_a_thousand(tmp_path):
    members = [("a.jpg", picture()), *((f"a.{i}", b"") for i in range(2500))]
    assert [len(each.members) for each in read(tmp_path, members)] == [1000, 1000, 501]
