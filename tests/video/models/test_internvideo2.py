"""InternVideo2 through transformers, with a stand-in of its interface that brings its own code.

The stand-in has the methods and shapes of the published model, and no network.
"""

import numpy as np
import pytest
from tiny_models import write_own_code

from curator_engine.errors import InputError
from curator_video.models.internvideo2 import InternVideo2

CODE = """
import torch
from transformers import PreTrainedConfig, PreTrainedModel

class TinyConfig(PreTrainedConfig):
    model_type = "tiny-own-code"

class TinyModel(PreTrainedModel):
    config_class = TinyConfig
    def __init__(self, config):
        super().__init__(config)
        self.scale = torch.nn.Parameter(torch.ones(1))
        self.post_init()
    def get_vid_feat(self, frames):
        batch, count, channels, height, width = frames.shape
        assert (count, channels, height, width) == (4, 3, 224, 224)
        return self.scale * frames.mean(dim=(3, 4)).flatten(1)
    def get_txt_feat(self, text):
        return self.scale * torch.full((1, 12), float(len(text)))
"""
AUTO = {"AutoConfig": "modelling.TinyConfig", "AutoModel": "modelling.TinyModel"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    import torch
    from safetensors.torch import save_file

    path = tmp_path_factory.mktemp("models") / "internvideo"
    name = write_own_code(path, CODE, "TinyModel", AUTO)
    save_file({"scale": torch.ones(1)}, path / "model.safetensors", metadata={"format": "pt"})
    return name


@pytest.fixture(scope="module")
def model(folder):
    return InternVideo2(folder, device="cpu", trust_remote_code=True)


def clip(seed):
    return np.random.default_rng(seed).integers(0, 256, (4, 18, 32, 3), np.uint8)


def test_clips_become_vectors_of_length_one_in_order(model):
    vectors = model.embed([clip(seed) for seed in range(9)])
    assert vectors.shape == (9, 12)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(9))
    assert vectors[8] == pytest.approx(model.embed([clip(8)])[0], abs=1e-5)


def test_colours_are_in_the_order_red_green_blue(model):
    red = np.zeros((4, 18, 32, 3), np.uint8)
    red[..., 0] = 255
    assert model.embed([red])[0].reshape(4, 3).argmax(axis=1).tolist() == [0] * 4


def test_it_says_how_many_frames_it_looks_at(model):
    assert model.num_frames == 4


def test_texts_become_vectors_of_length_one(model):
    assert np.linalg.norm(model.embed_texts(["a cat", "rain"]), axis=1) == pytest.approx([1, 1])


def test_its_code_does_not_run_unless_it_may(folder):
    with pytest.raises(InputError, match="--trust-remote-code"):
        InternVideo2(folder, device="cpu")
