import math

import pytest

from curator_audio.read.audio_error import AudioError
from curator_audio.read.entry_span import entry_span, segment_entry


@pytest.mark.parametrize(
    ("times", "span"),
    [
        ({}, (0, math.inf)),
        ({"duration": 3}, (0, math.inf)),
        ({"offset": 1.5}, (1.5, math.inf)),
        ({"offset": "1.5", "duration": 3}, (1.5, 4.5)),
        ({"start_ms": 500, "end_ms": 2500, "offset": 9, "duration": 9}, (0.5, 2.5)),
    ],
)
def test_an_entry_says_which_part_it_means(times, span):
    assert entry_span({"audio_filepath": "a.wav", **times}) == ("a.wav", *span)


@pytest.mark.parametrize("entry", [{}, {"audio_filepath": ""}])
def test_an_entry_without_a_path_is_refused(entry):
    with pytest.raises(AudioError, match="an entry: has no 'audio_filepath'"):
        entry_span(entry)


@pytest.mark.parametrize("offset", ["x", None, -1, math.nan])
def test_a_time_that_is_none_is_refused(offset):
    with pytest.raises(AudioError, match="is no time"):
        entry_span({"audio_filepath": "a.wav", "offset": offset})


def test_a_segment_is_an_entry_of_its_own():
    entry = {"audio_filepath": "a.wav", "text": "so"}

    def span(segment):
        return entry_span(segment_entry(entry, segment, audio_filepath_key="audio_filepath"))

    assert span({"start": 1.5, "end": 3.0}) == ("a.wav", 1.5, 3.0)
    assert span({"start_ms": 500, "end_ms": 900, "start": 9, "end": 10}) == ("a.wav", 0.5, 0.9)
    assert span({"audio_filepath": "b.wav", "offset": 1.0}) == ("b.wav", 1.0, math.inf)
