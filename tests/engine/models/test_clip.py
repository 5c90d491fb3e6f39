"""CLIP by a tiny model with random weights, through the real code."""

import json
from pathlib import Path

import numpy as np
import pytest
from tiny_models import DIMS, write_clip

from curator_engine.device import has_gpu
from curator_engine.errors import InputError
from curator_engine.models.clip import Clip


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> str:
    return write_clip(tmp_path_factory.mktemp("models") / "clip")


@pytest.fixture(scope="module")
def model(folder) -> Clip:
    return Clip(folder, device="cpu")


def frames(seed, count=3, size=(36, 64)):
    return np.random.default_rng(seed).integers(0, 256, (count, *size, 3), np.uint8)


def lengths(vectors):
    return np.linalg.norm(vectors, axis=1).tolist()


def test_a_clip_is_a_vector_of_length_one(model):
    vectors = model.embed([frames(1), frames(2, count=5)])
    assert (vectors.shape, vectors.dtype) == ((2, DIMS), np.float32)
    assert lengths(vectors) == pytest.approx([1, 1])


def test_a_clip_is_the_mean_of_its_frames(model):
    mean = model.embed_frames(frames(1)).mean(axis=0)
    assert model.embed([frames(1)])[0] == pytest.approx(mean / np.linalg.norm(mean), abs=1e-6)


def test_the_other_clips_in_a_batch_do_not_matter(model):
    alone = model.embed([frames(2)])[0]
    assert model.embed([frames(1), frames(2), frames(3)])[1] == pytest.approx(alone, abs=1e-5)


def test_texts_are_in_the_same_space(model):
    vectors = model.embed_texts(["a cat", "a dog in a very long sentence that is cut at its end"])
    assert vectors.shape == (2, DIMS)
    assert lengths(vectors) == pytest.approx([1, 1])
    assert vectors[0] == pytest.approx(model.embed_texts(["a cat"])[0], abs=1e-5)


def test_pictures_are_prepared_as_transformers_does(folder, model):
    from transformers import CLIPImageProcessorPil

    from curator_engine.models.loading import normalized, squared

    facts = json.loads((Path(folder) / "preprocessor_config.json").read_text())
    theirs = CLIPImageProcessorPil(
        size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}, **facts
    )(images=list(frames(4, size=(128, 128))), return_tensors="np")["pixel_values"]
    ours = normalized(
        squared(frames(4, size=(128, 128)), 32, crop=True), facts["image_mean"], facts["image_std"]
    )
    assert np.abs(np.asarray(theirs) - ours.numpy()).max() < 0.05


def test_no_clips_are_no_vectors(model):
    assert model.embed([]).shape == (0, DIMS)


def test_a_folder_without_a_model_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match="cannot be loaded"):
        Clip(str(tmp_path), device="cpu")


def test_a_name_that_is_neither_is_an_input_error():
    with pytest.raises(InputError, match="neither a folder nor a hub id"):
        Clip("./nowhere", device="cpu")


def test_facts_that_are_no_json_are_an_input_error(tmp_path):
    folder = write_clip(tmp_path / "clip")
    (Path(folder) / "preprocessor_config.json").write_text("{")
    with pytest.raises(InputError, match="no JSON"):
        Clip(folder, device="cpu")


@pytest.mark.gpu
@pytest.mark.skipif(not has_gpu(), reason="no GPU here")
def test_a_gpu_agrees_with_the_cpu(folder, model):
    there = Clip(folder, device="gpu").embed([frames(1)])
    assert there == pytest.approx(model.embed([frames(1)]), abs=0.02)
