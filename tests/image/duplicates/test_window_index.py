import numpy as np
from drawn_pictures import fingerprints, scene
from PIL import ImageOps

from curator_image.duplicates.fingerprint import WINDOW
from curator_image.duplicates.window_index import WindowIndex


def _windows(picture):
    return np.frombuffer(fingerprints({"a": picture}).column("windows")[0].as_py(), WINDOW)


def test_a_mirrored_picture_is_found_with_its_orientation():
    index = WindowIndex()
    index.add(0, _windows(scene(1)))
    index.add(1, _windows(scene(2)))
    windows = _windows(ImageOps.mirror(scene(2)))
    best = next(index.find(windows))
    assert index.first(windows) == best.picture
    assert (best.picture, best.transform.turn) == (1, 1)


def test_a_table_that_grows_forgets_nothing():
    index = WindowIndex()
    every = [_windows(scene(seed)) for seed in range(60)]
    for number, windows in enumerate(every):
        index.add(number, windows)
    assert [next(index.find(windows)).picture for windows in every] == list(range(60))


def test_a_full_bucket_takes_no_more_and_counts_it():
    index = WindowIndex(most=2)
    windows = _windows(scene(1))
    for number in range(3):
        index.add(number, windows)
    assert index.left_out >= len(windows)
    assert {each.picture for each in index.find(windows)} == {0, 1}


def test_nothing_is_found_in_an_empty_index():
    assert list(WindowIndex().find(_windows(scene(1)))) == []
    assert WindowIndex().first(_windows(scene(1))) is None
