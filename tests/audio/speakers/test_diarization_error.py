import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from curator_audio.speakers.diarization_error import (
    DiarizationError,
    diarization_error,
    most_shared,
)
from curator_audio.speakers.turns import Turn


def turns(*spans):
    return [Turn(start_s=start, end_s=end, speaker=name) for start, end, name in spans]


TRUTH = turns((0, 10, "a"), (10, 20, "b"))


def error(*spans, collar_s=0.0, truth=TRUTH):
    return diarization_error(truth, turns(*spans), collar_s=collar_s)


def test_names_do_not_matter():
    assert error((0, 10, "x"), (10, 20, "y")).rate == 0.0


@pytest.mark.parametrize(
    ("spans", "missed", "false", "confused"),
    [
        ([(0, 10, "x")], 10, 0, 0),
        ([(0, 10, "x"), (10, 25, "y")], 0, 5, 0),
        ([(0, 12, "x"), (12, 20, "y")], 0, 0, 2),
        ([(0, 20, "x")], 0, 0, 10),
        ([(0, 10, "x"), (5, 20, "y")], 0, 5, 0),
        ([], 20, 0, 0),
    ],
)
def test_seconds_of_each_kind_of_error(spans, missed, false, confused):
    expected = DiarizationError(speech_s=20, missed_s=missed, false_s=false, confused_s=confused)
    assert error(*spans) == expected
    assert error(*spans).rate == (missed + false + confused) / 20


def test_times_at_the_boundaries_are_not_counted():
    found = error((0.1, 10.2, "x"), (10.2, 20.2, "y"), collar_s=0.25)
    assert (found.rate, found.speech_s) == (0.0, 19.0)


def test_where_two_speak_both_count():
    both = turns((0, 10, "a"), (0, 10, "b"))
    found = error((0, 10, "x"), truth=both)
    assert (found.speech_s, found.missed_s, found.rate) == (20, 10, 0.5)


def test_nothing_is_right_where_nobody_speaks():
    assert error(truth=[]).rate == 0.0
    assert error((0, 1, "x"), truth=[]).rate == 1.0


@pytest.mark.parametrize("shape", [(1, 1), (3, 3), (2, 5), (6, 4), (8, 8), (0, 3)])
def test_speakers_are_matched_at_best(shape):
    shared = np.random.default_rng(sum(shape)).integers(0, 9, shape).astype(float)
    assert most_shared(shared) == shared[linear_sum_assignment(-shared)].sum()
