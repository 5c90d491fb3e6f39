import numpy as np
import pytest
from video.media import Shot
from video.thumbs import FixedNetwork, draw_thumbs, flash, push, wipe

from curator_video.shots.cascade import SHARE, cascade_cuts
from curator_video.shots.changes import measure_changes
from curator_video.shots.find_shots import shots_between


def doubtful() -> np.ndarray:
    """A part of the picture that becomes another, by which the numbers alone are not sure."""
    thumbs = draw_thumbs([Shot(seed=1, frames=120, speed=0)])
    other = draw_thumbs([Shot(seed=2, frames=1)])[0]
    thumbs[60:] = (thumbs[60:] * 0.55 + other * 0.45).astype(np.uint8)
    return thumbs


def found(thumbs, network=None):
    return cascade_cuts(measure_changes(thumbs), thumbs, network=network)


def test_clear_cuts_fades_and_dissolves_are_found_without_the_network():
    shots = [
        (1, 60),
        (2, 40),
        Shot(seed=3, frames=80, dissolve=16, fade_out=10, speed=0.5),
        Shot(seed=4, frames=60, fade_in=10, speed=0.5),
    ]
    cuts = found(draw_thumbs(shots))
    assert [cut.kind for cut in cuts] == ["hard", "dissolve", "fade"]
    assert [abs(cut.frame - at) <= 10 for cut, at in zip(cuts, (60, 108, 180), strict=True)]


def test_the_network_is_not_asked_where_all_is_clear():
    shots = [Shot(seed=seed, frames=60, speed=0) for seed in (1, 2)]
    thumbs = flash(draw_thumbs(shots), 30, 2)
    network = FixedNetwork(len(thumbs), [])
    assert [cut.frame for cut in found(thumbs, network)] == [60]
    assert network.spans == []


def test_the_network_decides_in_doubtful_places():
    thumbs = doubtful()
    yes, no = FixedNetwork(len(thumbs), [59]), FixedNetwork(len(thumbs), [])
    assert [cut.frame for cut in found(thumbs, yes)] == [60]
    assert found(thumbs, no) == []
    assert yes.spans == no.spans != []


def test_the_network_looks_at_no_more_than_its_share():
    thumbs = np.concatenate([doubtful()[50:70], doubtful()[69:49:-1]] * 20)
    network = FixedNetwork(len(thumbs), [])
    found(thumbs, network)
    looked = sum(end - start + 50 for start, end in network.spans)
    assert 0 < looked <= SHARE * 2 * len(thumbs)


def test_scores_are_probabilities():
    thumbs = draw_thumbs([(seed, 30) for seed in range(6)])
    assert all(0 < cut.score <= 1 for cut in found(thumbs))


def moving(seeds, frames=40, speed=0.5):
    return draw_thumbs([Shot(seed=seed, frames=frames, speed=speed) for seed in seeds])


def kept(cuts, frames):
    """Frames that lie in a shot."""
    return sum(shot.end - shot.start for shot in shots_between(cuts, frames))


def test_a_night_is_kept():
    thumbs = np.concatenate([moving([1]), moving([2], frames=288), moving([3])])
    noise = np.random.default_rng(1).normal(0, 1, (288, 27, 48, 1))
    thumbs[40:328] = (thumbs[40:328] * 0.04 + 6 + noise).clip(0, 255)
    cuts = found(thumbs)
    assert [cut.frame for cut in cuts] == [40, 328]
    assert kept(cuts, len(thumbs)) == len(thumbs)


def test_a_slide_is_kept():
    slide = np.full((240, 27, 48, 3), 240, np.uint8)
    slide[:, 12:14, 20:28] = 225
    thumbs = np.concatenate([moving([1]), slide, moving([2])])
    cuts = found(thumbs)
    assert len(cuts) == 2
    assert kept(cuts, len(thumbs)) == len(thumbs)


def test_a_concert_is_one_shot():
    thumbs = moving([1], frames=240)
    random = np.random.default_rng(1)
    light = random.choice([0.02, 0.4, 1.0, 1.3], (60, 3)).repeat(4, axis=0)
    light[random.random(240) < 0.1] = 0
    thumbs = (thumbs * light[:, None, None]).clip(0, 255).astype(np.uint8)
    assert kept(found(thumbs), 240) >= 200


def test_three_dark_frames_are_no_change():
    thumbs = moving([1], frames=80)
    thumbs[30:33] = 0
    assert found(thumbs) == []


@pytest.mark.parametrize("frames", [1, 2, 4])
def test_a_flash_is_no_cut(frames):
    assert found(flash(moving([1], frames=80), 30, frames)) == []


def test_a_strobe_is_no_cut():
    thumbs = moving([1], frames=120)
    thumbs[np.arange(120) // 3 % 2 == 1] //= 12
    assert found(thumbs) == []


@pytest.mark.parametrize("lit", [1, 2])
def test_a_cut_soon_after_the_light_went_on_is_found(lit):
    thumbs = moving([1, 2])
    thumbs[40 - lit - 4 : 40 - lit] //= 12
    assert [cut.frame for cut in found(thumbs)] == [40]


def test_coloured_light_is_no_cut():
    thumbs = moving([1], frames=96)
    colours = np.random.default_rng(1).uniform(0.2, 1.2, (24, 3)).repeat(4, axis=0)
    assert found((thumbs * colours[:, None, None]).clip(0, 255).astype(np.uint8)) == []


def test_shots_of_six_frames_are_found():
    thumbs = moving(range(12), frames=6)
    assert [cut.frame for cut in found(thumbs)] == list(range(6, 72, 6))


def test_a_wipe_is_a_change():
    [cut] = found(wipe(moving([1, 2]), 32, 16))
    assert cut.kind == "wipe"
    assert 32 <= cut.frame <= 48


def test_a_push_is_a_change():
    [cut] = found(push(moving([1, 2]), 32, 16))
    assert 32 <= cut.frame <= 48


def test_scrolling_is_no_cut():
    page = np.concatenate(moving(range(20), frames=1), axis=0)
    at = np.cumsum(np.repeat([0, 1, 5, 8, 2, 0], 15))
    assert found(np.stack([page[y : y + 27] for y in at])) == []


def test_shaking_is_no_cut():
    wide = np.concatenate(moving([1, 2], frames=1), axis=1)
    at = np.random.default_rng(1).integers(0, 10, 60)
    assert found(np.stack([wide[:, x : x + 48] for x in at])) == []


def test_dark_shots_with_noise_are_told_apart():
    thumbs = moving([1, 2, 3]) * 0.15 + np.random.default_rng(1).normal(8, 2, (120, 27, 48, 1))
    assert [cut.frame for cut in found(thumbs.clip(0, 255).astype(np.uint8))] == [40, 80]
