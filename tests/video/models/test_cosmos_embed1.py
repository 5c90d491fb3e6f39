"""Cosmos-Embed1 through transformers, with a stand-in of its interface that brings its own code.

The stand-in has the methods, shapes and names of the published model, and no network.
"""

import numpy as np
import pytest
from tiny_models import write_own_code

from curator_engine.errors import InputError
from curator_video.models.cosmos_embed1 import CosmosEmbed1

CODE = """
from types import SimpleNamespace
import torch
from transformers import BatchFeature, PreTrainedConfig, PreTrainedModel, ProcessorMixin

class TinyConfig(PreTrainedConfig):
    model_type = "tiny-own-code"

class TinyModel(PreTrainedModel):
    config_class = TinyConfig
    def __init__(self, config):
        super().__init__(config)
        self.scale = torch.nn.Parameter(torch.ones(1))
        self.post_init()
    def get_video_embeddings(self, videos):
        batch, frames, channels, height, width = videos.shape
        assert (frames, channels) == (8, 3)
        return SimpleNamespace(visual_proj=self.scale * videos.mean(dim=(3, 4)).flatten(1)[:, :6])
    def get_text_embeddings(self, input_ids):
        return SimpleNamespace(text_proj=self.scale * input_ids.float())

class TinyProcessor(ProcessorMixin):
    attributes = []
    def __init__(self): pass
    @classmethod
    def from_pretrained(cls, name, **options): return cls()
    def __call__(self, videos=None, text=None):
        if videos is not None:
            return BatchFeature({"videos": torch.as_tensor(videos).float()})
        return BatchFeature({"input_ids": torch.tensor([[len(each)] * 6 for each in text])})
"""
AUTO = {
    "AutoConfig": "modelling.TinyConfig",
    "AutoModel": "modelling.TinyModel",
    "AutoProcessor": "modelling.TinyProcessor",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    import torch
    from safetensors.torch import save_file

    path = tmp_path_factory.mktemp("models") / "cosmos"
    name = write_own_code(path, CODE, "TinyModel", AUTO)
    save_file({"scale": torch.ones(1)}, path / "model.safetensors", metadata={"format": "pt"})
    return name


@pytest.fixture(scope="module")
def model(folder):
    return CosmosEmbed1(folder, device="cpu", trust_remote_code=True)


def clip(seed):
    return np.random.default_rng(seed).integers(0, 256, (8, 18, 32, 3), np.uint8)


def test_clips_become_vectors_of_length_one_in_order(model):
    clips = [clip(seed) for seed in range(11)]
    vectors = model.embed(clips)
    assert vectors.shape == (11, 6)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(11))
    means = clips[9].mean(axis=(1, 2)).ravel()[:6]
    assert vectors[9] == pytest.approx(means / np.linalg.norm(means), abs=1e-5)


def test_texts_become_vectors_of_length_one(model):
    vectors = model.embed_texts(["a cat", "rain"])
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1])


def test_its_code_does_not_run_unless_it_may(folder):
    with pytest.raises(InputError, match="--trust-remote-code"):
        CosmosEmbed1(folder, device="cpu")
