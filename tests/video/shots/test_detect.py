import pytest
from video.media import Shot
from video.thumbs import FixedNetwork, draw_thumbs

from curator_engine.errors import SettingsError
from curator_video.shots.detect import THRESHOLDS, find_cuts


@pytest.fixture(scope="module")
def thumbs():
    return draw_thumbs([Shot(seed=seed, frames=40, speed=0) for seed in (1, 2, 3)])


@pytest.mark.parametrize("detector", ["auto", "content", "adaptive", "transnetv2"])
def test_every_detector_names_the_first_frame_of_the_new_shot(thumbs, detector):
    network = FixedNetwork(len(thumbs), [39, 79])
    cuts = find_cuts(thumbs, detector=detector, network=network)
    assert [cut.frame for cut in cuts] == [40, 80]


def test_fixed_finds_no_cuts(thumbs):
    assert find_cuts(thumbs, detector="fixed") == []


def test_fade_finds_gradual_changes_only(thumbs):
    assert find_cuts(thumbs, detector="fade") == []
    shots = [Shot(seed=1, frames=50, fade_out=9), Shot(seed=2, frames=50, fade_in=9)]
    assert [cut.kind for cut in find_cuts(draw_thumbs(shots), detector="fade")] == ["fade"]


def test_a_threshold_takes_the_place_of_the_detectors_own(thumbs):
    assert find_cuts(thumbs, detector="content", threshold=250) == []


def test_transnetv2_without_the_network_is_an_error(thumbs):
    with pytest.raises(SettingsError, match="take auto"):
        find_cuts(thumbs, detector="transnetv2")


def test_fixed_with_a_threshold_is_an_error(thumbs):
    with pytest.raises(SettingsError, match="no threshold"):
        find_cuts(thumbs, detector="fixed", threshold=1)


@pytest.mark.parametrize("detector", THRESHOLDS)
@pytest.mark.parametrize("frames", [0, 1, 3])
def test_a_video_of_few_frames_has_no_cuts(thumbs, detector, frames):
    network = FixedNetwork(len(thumbs), [])
    assert find_cuts(thumbs[:frames], detector=detector, network=network) == []
