import numpy as np
import pytest
from audio.speech import recording

from curator_audio.models.silero import SileroVad
from curator_audio.segments.speech_spans import Span, SpeechRule, speech_spans
from curator_engine.errors import SettingsError

EXACT = SpeechRule(min_silence_s=0.1, pad_s=0)
SILERO = SpeechRule(min_silence_s=0.1, pad_s=0.03)


def found(*runs, rule=EXACT):
    """Spans, in windows of 32 ms, of runs of (probability, windows)."""
    probabilities = np.concatenate([np.full(count, value, np.float32) for value, count in runs])
    spans = speech_spans(probabilities, len(probabilities) * 0.032, rule=rule)
    return [(round(each.start_s / 0.032, 3), round(each.end_s / 0.032, 3)) for each in spans]


def test_speech_begins_at_the_threshold_and_goes_on_a_little_below():
    assert found((0.1, 10), (0.5, 10), (0.4, 10), (0.3, 10)) == [(10, 30)]
    assert found((0.49, 40)) == []


def test_short_speech_is_none_and_short_pauses_do_not_end_it():
    assert found((0, 10), (1, 7), (0, 10)) == []
    assert found((0, 10), (1, 10), (0, 3), (1, 10), (0, 5), (1, 10)) == [(10, 33), (38, 48)]


def test_speech_at_the_end_lasts_to_the_end():
    assert found((0, 10), (1, 20)) == [(10, 30)]
    assert found((1, 10), (0, 2)) == [(0, 12)]
    spans = speech_spans(np.ones(20, np.float32), 0.61, rule=EXACT)
    assert spans == [Span(0, 0.61)]


def test_speech_is_padded_by_half_of_the_pause_at_most():
    rule = SpeechRule(min_silence_s=0.1, pad_s=0.32)
    assert found((1, 10), (0, 8), (1, 10), (0, 40), rule=rule) == [(0, 14), (14, 38)]
    assert found((0, 4), (1, 10), (0, 4), rule=rule) == [(0, 18)]
    assert found((0, 4), rule=rule) == []


@pytest.mark.parametrize(
    ("name", "spans"),
    [
        ("2412-153948-0001.flac", [0.546, 3.07, 3.266, 6.75, 7.17, 10.302]),
        ("nonspeech_sorohanro_-_solo-trumpet-06.ogg", []),
    ],
)
def test_speech_is_found_where_the_package_finds_it(name, spans):
    # What silero-vad 6.2.3 says.
    samples = recording(name)
    probabilities = SileroVad().probabilities(samples)
    found = speech_spans(probabilities, len(samples) / 16_000, rule=SILERO)
    assert [value for span in found for value in span] == pytest.approx(spans)


@pytest.mark.parametrize(
    "wrong", [{"threshold": 1.0}, {"threshold": float("nan")}, {"pad_s": -1}, {"min_speech_s": -1}]
)
def test_values_out_of_range_are_refused(wrong):
    with pytest.raises(SettingsError):
        SpeechRule(**wrong)
