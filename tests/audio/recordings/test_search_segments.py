import numpy as np
import pytest
from audio.drawn_sounds import RATE, fingerprints, tune, voice
from audio.speech_rows import talk

from curator_audio.recordings.search_segments import with_sound, with_words


def test_a_sound_is_found_with_its_place_in_the_recording():
    table = talk()
    first = table.column("uuid")[0].as_py()
    prints = fingerprints({first: np.concatenate([tune(1), voice(2)]), "of no row": voice(2)})
    sound = fingerprints({"": voice(2)[RATE : 4 * RATE]})
    [found] = with_sound(table, prints, sound, threshold=0.9, min_overlap=0.5, top=3)
    assert found["uuid"] == first
    begins = table.column("start_s")[0].as_py() + len(tune(1)) / RATE + 1
    assert found["at_s"] == pytest.approx(begins, abs=0.02)


def test_a_run_without_segments_has_no_sound():
    none = fingerprints({"a": voice(2)}).slice(0, 0)
    sound = fingerprints({"": voice(2)})
    assert with_sound(talk(), none, sound, threshold=0.9, min_overlap=0.5, top=3) == []


def test_words_are_found_in_what_was_heard_and_in_what_came_along():
    found = with_words(talk(), "to all", top=5)
    assert (found[0]["similarity"], found[0]["at_s"]) == (1.0, 3.0)
    assert with_words(talk(), "nobody said", top=5) == []
