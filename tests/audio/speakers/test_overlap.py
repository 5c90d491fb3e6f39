import numpy as np

from curator_audio.speakers.overlap import overlap_spans


def test_spans_that_are_long_and_likely_enough():
    chances = np.array([0.9, 0.9, 0.1, 0.6, 0.2, 0.5, 0.5, 0.5], np.float32)
    assert overlap_spans(chances, frame_s=0.5, least_s=1.0, start_s=10.0) == [(10, 11), (12.5, 14)]
    assert overlap_spans(chances[:0], frame_s=0.5) == []
