import numpy as np
import pytest
from speech_models import write_whisper

from curator_audio.models.whisper import Whisper
from curator_engine.errors import InputError

# numpy's of what transformers does where the clips of a batch differ in length.
pytestmark = pytest.mark.filterwarnings("ignore:__array_wrap__:DeprecationWarning")


def noise(seconds, seed=0):
    return np.random.default_rng(seed).normal(0, 0.1, int(seconds * 16000)).astype(np.float32)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_whisper(tmp_path_factory.mktemp("whisper"))


@pytest.fixture(scope="module")
def whisper(folder):
    return Whisper(folder, device="cpu", language="de", batch=2)


def test_the_text_is_what_transformers_writes(whisper, folder):
    import torch
    from transformers import WhisperForConditionalGeneration, WhisperProcessor

    clip = noise(3.0)
    model = WhisperForConditionalGeneration.from_pretrained(folder)
    processor = WhisperProcessor.from_pretrained(folder)
    features = processor(clip, sampling_rate=16000, return_tensors="pt", return_attention_mask=True)
    with torch.inference_mode():
        ids = model.generate(**features, language="de", task="transcribe", return_timestamps=True)
    (text,) = processor.batch_decode(ids, skip_special_tokens=True)
    (heard,) = whisper.transcribe([clip])
    assert heard.text == " ".join(text.split())
    assert heard.text
    assert heard.language == "de"


def test_words_have_times_inside_the_clip_and_say_how_sure_they_are(whisper):
    (heard,) = whisper.transcribe([noise(3.0)])
    assert " ".join(word.text for word in heard.words) == heard.text
    times = [time for word in heard.words for time in (word.start_s, word.end_s)]
    assert times == sorted(times)
    assert 0 <= times[0] <= times[-1] <= 3.0
    assert all(0 < (word.confidence or 0) <= 1 for word in heard.words)
    assert 0 < (heard.confidence or 0) <= 1


def test_clips_are_heard_alike_alone_and_together(whisper):
    clips = [noise(3.0), noise(0.0), noise(2.0, 1), noise(0.01, 2)]
    together = whisper.transcribe(clips)
    assert together[0].text == whisper.transcribe(clips[:1])[0].text
    assert together[2].text == whisper.transcribe([clips[2]])[0].text
    assert (together[1].text, together[1].words) == ("", ())


def test_a_long_clip_is_heard_in_pieces(whisper):
    (heard,) = whisper.transcribe([noise(6.0)])
    assert heard.words[-1].end_s == 6.0
    assert len(heard.text) > len(whisper.transcribe([noise(3.0)])[0].text)


def test_a_language_that_the_model_lacks_is_an_input_error(folder):
    with pytest.raises(InputError, match="does not know the language 'fr'; it knows de, en, zh"):
        Whisper(folder, device="cpu", language="fr")


def test_a_folder_without_a_model_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match="cannot be loaded"):
        Whisper(str(tmp_path))
