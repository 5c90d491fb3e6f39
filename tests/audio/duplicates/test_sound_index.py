import numpy as np
import pytest
from audio.drawn_sounds import RATE, faster, voice

from curator_audio.duplicates.fingerprint import fingerprint, peaks_of
from curator_audio.duplicates.sound_index import SoundIndex


def _peaks(samples):
    return peaks_of(fingerprint(samples)["peaks"])


@pytest.fixture(scope="module")
def voices():
    return [voice(seed, 12.0) for seed in range(3)]


def test_a_part_is_found_with_its_place_and_speed(voices):
    index = SoundIndex()
    for item, samples in enumerate(voices):
        index.add(item, _peaks(samples))
    part = faster(voices[1][3 * RATE : 9 * RATE], 1.02)
    first = index.find(_peaks(part), most=4)[0]
    assert first.item == 1
    assert abs(first.offset - 3) < 0.03
    assert abs(first.speed - 1.02) < 0.003


def test_a_sample_of_the_keys_still_finds_it(voices):
    index = SoundIndex(every=8)
    for item, samples in enumerate(voices):
        index.add(item, _peaks(samples))
    assert [each.item for each in index.find(_peaks(voices[2]), most=1)] == [2]


def test_an_empty_index_and_a_silent_recording_find_nothing(voices):
    index = SoundIndex()
    assert index.find(_peaks(voices[0]), most=3) == []
    index.add(0, _peaks(voices[0]))
    assert index.find(_peaks(voices[0][:100]), most=3) == []


def test_what_full_chains_leave_out_is_counted(voices):
    index = SoundIndex(most=1)
    for item in range(4):
        index.add(item, _peaks(voices[0]))
    assert index.left_out > 0


def test_keys_that_few_have_are_looked_up_first(voices):
    index = SoundIndex(compared=4000)
    for item in range(40):
        index.add(item, _peaks(voices[0]))
    index.add(40, _peaks(voices[1]))
    both = np.concatenate([voices[0][: 8 * RATE], voices[1][: 8 * RATE]])
    assert index.find(_peaks(both), most=1)[0].item == 40


def test_a_bound_on_what_is_compared_still_finds_what_all_have(voices):
    index = SoundIndex(compared=2000)
    for item in range(40):
        index.add(item, _peaks(voices[0]))
    assert index.find(_peaks(voices[0]), most=1)[0].item in range(40)
