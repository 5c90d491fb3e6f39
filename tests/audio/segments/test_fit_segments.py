from itertools import pairwise

import numpy as np
import pytest

from curator_audio.segments.fit_segments import SegmentRule, fit_segments
from curator_audio.segments.speech_spans import Span
from curator_engine.errors import SettingsError

LOUD = np.ones(20_000)


def test_neighbours_are_joined_as_long_as_they_fit():
    spans = [Span(0, 4), Span(4.5, 9), Span(9.2, 12), Span(13, 14)]
    rule = SegmentRule(max_s=10)
    assert fit_segments(spans, LOUD, rule=rule) == [Span(0, 9), Span(9.2, 12), Span(13, 14)]
    assert fit_segments([], LOUD) == []


def test_what_is_too_long_is_cut_at_the_quietest_place():
    energies = LOUD.copy()
    energies[700:710], energies[1500:1510] = 0.2, 0.1
    energies[300:310] = 0
    found = fit_segments([Span(0, 20)], energies, rule=SegmentRule(min_s=2, max_s=10))
    assert found == [Span(0, 7.05), Span(7.05, 15.05), Span(15.05, 20)]


def test_no_part_is_too_long_or_too_short():
    random = np.random.default_rng(0)
    for length in (10.01, 11, 19.9, 47, 100):
        energies = random.uniform(size=round(length * 100))
        found = fit_segments([Span(0, length)], energies, rule=SegmentRule(min_s=2, max_s=10))
        assert (found[0].start_s, found[-1].end_s) == (0, length)
        assert all(a.end_s == b.start_s for a, b in pairwise(found))
        assert all(2 <= part.seconds <= 10 for part in found)


def test_without_levels_a_cut_is_as_late_as_can_be():
    rule = SegmentRule(min_s=2, max_s=10)
    assert fit_segments([Span(0, 11)], np.zeros(0), rule=rule) == [Span(0, 9), Span(9, 11)]


@pytest.mark.parametrize("wrong", [{"min_s": 0}, {"min_s": 6, "max_s": 10}, {"max_pause_s": -1}])
def test_values_out_of_range_are_refused(wrong):
    with pytest.raises(SettingsError):
        SegmentRule(**wrong)
