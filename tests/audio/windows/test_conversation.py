import pytest

from curator_audio.windows.conversation import (
    WindowLimits,
    cut_segment,
    grow_window,
    speaker_seconds,
)


def segment(start, end, speaker="a", bandwidth=8000, **more):
    facts = {"start": start, "end": end, "metrics": {"bandwidth": bandwidth}, **more}
    return facts | ({"speaker": speaker} if speaker else {})


LIMITS = WindowLimits(target_s=20.0)


def spans(grown):
    return [(each["start"], each["end"]) for each in grown.segments]


def test_a_window_grows_until_it_would_be_too_long():
    ten = [segment(i * 7, i * 7 + 7) for i in range(10)]
    whole = [(14, 21), (21, 28), (28, 35)]
    grown = grow_window(ten, 2, LIMITS)
    assert (spans(grown), grown.end_s, grown.stopped_at) == ([*whole, (35, 35)], 35, 5)
    kept_whole = grow_window(ten, 2, WindowLimits(target_s=20.0, truncation=False))
    assert (spans(kept_whole), kept_whole.is_cut) == (whole, False)


def test_a_window_stops_at_poor_sound():
    grown = grow_window([segment(0, 5), segment(5, 10, bandwidth=4000)], 0, LIMITS)
    assert (grown.end_s, grown.stopped_at, grown.is_cut) == (5, 1, False)


@pytest.mark.parametrize("speaker", ["no-speaker", "c"])
def test_a_window_stops_at_nobody_and_at_one_speaker_too_many(speaker):
    speech = [segment(0, 5), segment(5, 9, "b"), segment(9, 12, speaker), segment(12, 15)]
    grown = grow_window(speech, 0, WindowLimits(target_s=20.0, max_speakers=2))
    assert (grown.end_s, grown.stopped_at) == (9, 2)


def test_a_segment_is_cut_after_the_last_word_that_ends_in_time():
    words = [{"word": "one", "start": 20, "end": 21}, {"word": "two", "start": 21, "end": 23}]
    speech = [segment(0, 19), segment(20, 30, "b", words=words, text="one two ...")]
    grown = grow_window(speech, 0, LIMITS)
    assert grown.is_cut
    assert (grown.segments[1]["text"], grown.end_s) == ("one", 21)
    assert speech[1]["end"] == 30
    assert cut_segment(speech[1], 20.5)["end"] == 20


def test_seconds_of_each_speaker():
    speech = [segment(0, 5), segment(5, 6, "b"), segment(6, 8), segment(8, 9, "")]
    assert speaker_seconds(speech) == {"a": 7, "b": 1}
