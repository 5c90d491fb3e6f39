"""Cosmos-Embed1 through transformers, with a stand-in of its interface that brings its own code.

The stand-in has the methods, shapes and names of the published model, and no network.
"""

import numpy as np
import pytest
from video.cosmos_toy import write_cosmos

from curator_engine.errors import InputError
from curator_video.models.cosmos_embed1 import CosmosEmbed1


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_cosmos(tmp_path_factory.mktemp("models") / "cosmos")


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
