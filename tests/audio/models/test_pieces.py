import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from curator_audio.models.pieces import pieces_of
from curator_audio.models.transcript import RATE


def noise(seconds):
    return np.random.default_rng(0).normal(size=int(seconds * RATE)).astype(np.float32)


def test_a_long_clip_is_cut_where_it_is_quiet():
    clip = noise(10.0)
    clip[int(3.1 * RATE) : int(3.4 * RATE)] = 0
    (first, _), (second, rest) = pieces_of(clip, longest_s=4.0)[:2]
    assert first == 0
    assert 3.1 * RATE < second < 3.4 * RATE
    assert len(rest) <= 4 * RATE


def test_a_short_clip_stays_whole_and_an_empty_one_has_no_pieces():
    clip = noise(4.0)
    ((start, piece),) = pieces_of(clip, longest_s=4.0)
    assert (start, len(piece)) == (0, len(clip))
    assert pieces_of(clip[:0]) == []


@given(st.integers(1, 20 * RATE), st.floats(1.0, 5.0))
@settings(max_examples=20)
def test_no_sample_is_lost_or_heard_twice(size, longest):
    clip = np.arange(size, dtype=np.float32)
    pieces = pieces_of(clip, longest_s=longest)
    assert np.array_equal(np.concatenate([piece for _, piece in pieces]), clip)
    assert [int(piece[0]) for _, piece in pieces] == [start for start, _ in pieces]
    assert max(len(piece) for _, piece in pieces) <= longest * RATE
