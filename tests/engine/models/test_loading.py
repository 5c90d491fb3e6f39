"""Loading models, and pictures as they want them."""

import numpy as np
import pytest
from tiny_models import write_own_code

from curator_engine.errors import InputError, ResourceError
from curator_engine.models.loading import (
    load_from,
    load_network,
    normalized,
    one_thread,
    place_of,
    squared,
)

CODE = """
from transformers import PreTrainedConfig
class TinyConfig(PreTrainedConfig):
    model_type = "tiny-own-code"
"""


def auto_config():
    from transformers import AutoConfig

    return AutoConfig


@pytest.fixture
def folder(tmp_path):
    return write_own_code(
        tmp_path / "own", CODE, "TinyConfig", {"AutoConfig": "modelling.TinyConfig"}
    )


def test_code_in_the_folder_does_not_run_unless_it_may(folder):
    with pytest.raises(InputError, match="own Python code; read it"):
        load_from(auto_config(), folder)


def test_code_in_the_folder_runs_if_it_may(folder):
    found = load_from(auto_config(), folder, trust_remote_code=True)
    assert type(found).__name__ == "TinyConfig"


@pytest.mark.parametrize("name", ["nowhere", "./a/b", "a/b/c", ""])
def test_a_name_that_is_neither_folder_nor_id_is_an_input_error(name):
    with pytest.raises(InputError, match="neither a folder nor a hub id"):
        load_from(auto_config(), name)


@pytest.mark.parametrize("kind", ["bert", "t5", "deberta-v2", "mpnet"])
def test_a_folder_without_files_of_a_tokenizer_is_an_input_error(tmp_path, kind):
    from transformers import AutoTokenizer

    (tmp_path / "config.json").write_text(f'{{"model_type": "{kind}"}}')
    with pytest.raises(InputError, match=r"no files of its tokenizer|cannot be loaded"):
        load_from(AutoTokenizer, str(tmp_path))


def test_the_cpu_is_a_place():
    assert place_of("cpu") == "cpu"


def test_a_gpu_that_is_not_there_is_an_error(monkeypatch):
    monkeypatch.setattr("curator_engine.device.has_gpu", lambda: False)
    with pytest.raises(ResourceError, match="no GPU"):
        place_of("gpu")


def test_cropping_keeps_the_middle():
    picture = np.zeros((1, 10, 30, 3), np.uint8)
    picture[:, :, 10:20] = 200
    assert squared(picture, 8, crop=True).min() > 100
    assert squared(picture, 8, crop=False).min() == 0


def test_pictures_become_tensors_of_channels_first():
    found = normalized(np.full((2, 4, 6, 3), 255, np.uint8), [0.5, 0.5, 0.0], [0.5, 0.25, 1.0])
    assert found.shape == (2, 3, 4, 6)
    assert found[0, :, 0, 0].tolist() == [1, 2, 1]


def test_one_thread_is_for_what_stands_inside():
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(2)
    with one_thread():
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == 2
    torch.set_num_threads(before)


def test_a_network_whose_files_lack_weights_is_refused(tmp_path):
    from transformers import BertConfig, BertForMaskedLM, BertModel

    small = BertConfig(
        hidden_size=4, num_hidden_layers=1, num_attention_heads=1, intermediate_size=4, vocab_size=9
    )
    BertModel(small).save_pretrained(tmp_path)
    with pytest.raises(InputError, match=r"lacks weights of BertForMaskedLM \(\d+, such as cls"):
        load_network(BertForMaskedLM, str(tmp_path))
    assert load_network(BertModel, str(tmp_path)).config.hidden_size == 4
