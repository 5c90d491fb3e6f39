import pytest

from curator_audio.task import AudioTask
from curator_audio.transcripts.module_segments import PrepareModuleSegmentsStage
from curator_engine.errors import SettingsError


def entry(text, *, seconds=1.0, turns=((0, 100, "a"),), pause_after="", **more):
    words, at = [], 0.0
    for word in text.split():
        words.append({"word": word, "start": at, "end": at + seconds})
        at += seconds + (9.0 if word == pause_after else 0.0)
    segments = [{"start": a, "end": b, "speaker": who, **more} for a, b, who in turns]
    data = {"audio_filepath": "a.wav", "duration": 100.0, "segments": segments, "alignment": words}
    return AudioTask(data=data)


def texts(task, module="tts", **options):
    stage = PrepareModuleSegmentsStage(module=module, min_duration=3.0, max_duration=6.0, **options)
    return [each["text"] for each in stage.process(task).data["segments"]]


def test_short_sentences_are_joined_and_long_ones_cut():
    assert texts(entry("one. two. three. four five six. seven")) == [
        "one. two. three. four five six.",
        "seven",
    ]
    assert texts(entry("a b c d e f g h.")) == ["a b c d e f", "g h."]


def test_segments_for_voices_have_one_speaker_and_no_long_pause():
    assert texts(entry("a b c d", turns=((0, 2, "x"), (2, 100, "y")))) == ["a b", "c d"]
    assert texts(entry("a b c d", pause_after="c", seconds=1.2)) == ["a b c", "d"]


def test_segments_for_recognisers_may_have_several():
    found = PrepareModuleSegmentsStage(module="asr", min_duration=3.0, max_duration=6.0).process(
        entry("a b c d. ", turns=((0, 2, "x"), (2, 100, "y")))
    )
    assert [each["speaker"] for each in found.data["segments"]] == ["x,y"]


def test_what_has_no_end_of_a_sentence_may_be_left_out():
    assert texts(entry("a b c"), punctuation_split_only=True) == []


def test_a_share_of_the_time_is_cut_by_length():
    whole = "a b c. d e f. g h i. j k l."
    assert texts(entry(whole), full_utterance_ratio=0.5) == ["a b c.", "d e f.", "g h i. j k l."]


def test_metrics_of_segments_go_to_their_words():
    task = entry("a b c.", metrics={"bandwidth": 8000})
    (found,) = PrepareModuleSegmentsStage(min_duration=1.0).process(task).data["segments"]
    assert found["metrics"]["bandwidth"] == [8000] * 3


@pytest.mark.parametrize("options", [{"module": "x"}, {"min_duration": 9.0, "max_duration": 3.0}])
def test_settings_out_of_range_are_refused(options):
    with pytest.raises(SettingsError):
        PrepareModuleSegmentsStage(**options)
