import numpy as np
import pytest
from speech_models import write_whisper

from curator_audio.models.faster_whisper import FasterWhisper, open_draft
from curator_engine.errors import InputError


def noise(seconds, seed=0):
    return np.random.default_rng(seed).normal(0, 0.1, int(seconds * 16000)).astype(np.float32)


@pytest.fixture(scope="module")
def converted(tmp_path_factory):
    """A tiny Whisper as CTranslate2 has it."""
    from ctranslate2.converters import TransformersConverter

    folder = tmp_path_factory.mktemp("whisper")
    original = write_whisper(folder / "original", heard_s=30)
    converter = TransformersConverter(original, copy_files=["tokenizer.json"])
    return converter.convert(str(folder / "converted"))


def test_a_converted_model_writes_words_with_times(converted):
    recogniser = FasterWhisper(converted, device="cpu", language="en", threads=1)
    heard, silence = recogniser.transcribe([noise(2.0), noise(0.0)])
    assert heard.text
    assert (heard.language, silence.text) == ("en", "")
    assert [word.text for word in heard.words] == heard.text.split()
    assert 0 <= heard.words[0].start_s <= heard.words[-1].end_s <= 2.0
    assert 0 < (heard.confidence or 0) <= 1


def test_a_folder_without_a_model_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match="cannot be loaded"):
        FasterWhisper(str(tmp_path), device="cpu")


@pytest.fixture(scope="module")
def draft():
    return open_draft(threads=1)


@pytest.fixture(scope="module")
def clip(speech_folder):
    from curator_audio.read.decode import read_span

    return read_span(str(speech_folder / "jfk.flac"), 0.0, 3.5)


def test_the_draft_writes_down_a_known_speech(draft, clip):
    (heard,) = draft.transcribe([clip])
    assert "my fellow americans" in heard.text.lower()
    assert heard.words[-1].end_s <= 3.5


def test_a_known_text_is_put_to_the_sound(draft, clip):
    plain = draft.align(clip, "And so my fellow Americans")
    marked = draft.align(clip, "And so, my fellow Americans:")
    assert [word.text for word in plain] == ["And", "so", "my", "fellow", "Americans"]
    assert [word.text for word in marked] == ["And", "so,", "my", "fellow", "Americans:"]
    for words in (plain, marked):
        fellow = words[3]
        assert 1.2 < fellow.start_s < 1.7 < fellow.end_s < 2.0
        assert words[-1].end_s < 2.6


@pytest.mark.parametrize("text", ["", "and so on " * 200])
def test_a_text_that_cannot_be_said_there_is_an_input_error(draft, clip, text):
    with pytest.raises(InputError, match="cannot be put to the sound"):
        draft.align(clip, text)
