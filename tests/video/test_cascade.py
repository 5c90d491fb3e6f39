import numpy as np
from video.media import Shot
from video.thumbs import FixedNetwork, draw_thumbs, flash

from curator_video.cascade import SHARE, cascade_cuts
from curator_video.changes import measure_changes


def doubtful() -> np.ndarray:
    """A change of light that stays, by which the numbers alone are not sure."""
    thumbs = draw_thumbs([Shot(seed=1, frames=120, speed=0)])
    thumbs[60:] = (thumbs[60:] * 0.96).astype(np.uint8)
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
