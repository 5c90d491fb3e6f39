import numpy as np
from video.media import Shot
from video.thumbs import draw_thumbs, flash

from curator_video.shots.likeness import UNLIKE, across, outlines, unlike, unlike_moved


def test_a_picture_with_more_light_in_other_colours_is_hardly_unlike():
    thumbs = draw_thumbs([(1, 2)])
    thumbs[1] = thumbs[1] * (0.5, 0.3, 0.6)
    old, new = outlines(thumbs)
    assert unlike(old[None], new[None])[0] < 0.2


def test_two_pictures_are_unlike_and_one_that_has_scrolled_is_not():
    page = np.random.default_rng(1).integers(0, 255, (60, 48, 1)).repeat(3, axis=2)
    thumbs = np.stack([page[:27], page[8:35], page[33:]]).astype(np.uint8)
    old, scrolled, other = outlines(thumbs)
    assert unlike_moved(old, scrolled) < 0.1 < 0.5 < unlike_moved(old, other)


def test_what_comes_back_within_some_frames_is_not_unlike():
    thumbs = draw_thumbs([(1, 30), (2, 30)])
    thumbs = flash(thumbs, 10, 3)
    thumbs[20:24] = 0
    low, dark, cut = across(thumbs, [10, 20, 30])
    assert max(low, dark) < UNLIKE < cut


def test_a_flat_picture_is_not_unlike_by_its_noise():
    random = np.random.default_rng(1)
    flat = random.integers(8, 11, (2, 27, 48, 3)).astype(np.uint8)
    assert across(flat, [1])[0] < UNLIKE


def test_a_shot_of_six_frames_is_unlike_though_the_first_comes_back():
    thumbs = draw_thumbs([Shot(seed=seed, frames=6, speed=0) for seed in (1, 2, 1)])
    assert across(thumbs, [6, 12]).min() > UNLIKE
