import pytest
from drawn_pictures import fingerprints, scene
from PIL import ImageOps

from curator_image.duplicates.kept_pictures import KeptPictures, Prints


@pytest.fixture(scope="module")
def prints():
    pictures = {"a": scene(1), "b": scene(2), "mirrored a": ImageOps.mirror(scene(1))}
    return Prints(fingerprints(pictures))


def test_the_size_is_that_of_the_grey_picture(prints):
    assert prints.size(0) == (256.0, 192.0)
    assert prints.levels(0)[0].shape == (192, 256)


def test_only_pictures_that_stay_are_matched(prints):
    kept = KeptPictures(threshold=0.9, min_overlap=0.5)
    assert list(kept.match_all(prints, [0, 1, 2])) == []
    kept.keep(prints, 0)
    ((row, found),) = kept.match_all(prints, [1, 2])
    assert (row, found["kept_id"]) == (2, "a")


def test_pictures_that_cannot_overlap_enough_are_not_laid_over_each_other():
    wide = scene(3, (640, 240))
    parts = {"left": wide.crop((0, 0, 320, 240)), "right": wide.crop((120, 0, 440, 240))}
    prints = Prints(fingerprints(parts))
    kept = KeptPictures(threshold=0.9, min_overlap=0.5)
    kept.keep(prints, 0)
    assert kept.match(prints, 1) is None
