import numpy as np
import pytest
from speech_models import write_ctc

from curator_audio.models.asr_adapters import NeMoASRAdapter, QwenASRAdapter, RecogniserAdapter
from curator_engine.errors import InputError, ResourceError

NOISE = np.random.default_rng(0).normal(0, 0.1, 16000).astype(np.float32)


def test_every_recogniser_is_an_adapter(tmp_path):
    adapter = RecogniserAdapter(write_ctc(tmp_path / "ctc"))
    adapter.download_weights_on_node()
    adapter.load_model(num_gpus=0)
    first, second = adapter.transcribe_batch([{"waveform": NOISE}, {"waveform": NOISE[:0]}])
    assert first.text
    assert [word["text"] for word in first.extras["words"]] == first.text.split()
    assert (second.text, second.skipped, second.extras["words"]) == ("", False, [])
    adapter.unload_model()


def test_a_model_that_is_not_there_is_an_input_error():
    with pytest.raises(InputError, match="neither 'draft'"):
        RecogniserAdapter("not there")


@pytest.mark.parametrize(
    ("adapter", "package"), [(NeMoASRAdapter(), "nemo_toolkit"), (QwenASRAdapter(), "qwen-asr")]
)
def test_what_is_not_in_our_lock_says_what_it_needs(adapter, package):
    with pytest.raises(ResourceError, match=f"needs {package}"):
        adapter.load_model(num_gpus=1)
