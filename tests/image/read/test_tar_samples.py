from image.drawn_pictures import picture, write_tar

from curator_image.read.images import read_images
from curator_image.read.tar_samples import tar_samples


def read(tmp_path, members):
    return list(tar_samples(str(write_tar(tmp_path / "a.tar", members))))


def test_the_picture_is_the_one_without_a_second_ending(tmp_path):
    names = ["a.txt", "a.seg.png", "a.jpg", "a.npy", "b.jpg"]
    first, second = read(tmp_path, [(name, picture()) for name in names])
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
