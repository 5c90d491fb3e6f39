import numpy as np

from curator_audio.recordings.long_track import LongTrack


def test_a_span_is_the_same_in_memory_and_on_disk():
    samples = np.arange(40_000, dtype=np.float32)
    spans = []
    for most in (10.0, 1.0):
        track = LongTrack(most)
        for part in np.array_split(samples, 7):
            track.add(part)
        assert track.seconds == 2.5
        spans.append([track.span(0.5, 1.5), track.span(2.4, 9.0), track.span(3.0, 4.0)])
        track.close()
    for memory, disk in zip(*spans, strict=True):
        assert np.array_equal(memory, disk)
    assert np.array_equal(spans[0][0], samples[8_000:24_000])
