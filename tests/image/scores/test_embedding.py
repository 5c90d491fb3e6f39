import sys
from typing import Any

import pytest
from image_drawings import photo, rgb_of
from tiny_models import DIMS, write_clip

from curator_engine.device import has_gpu
from curator_engine.errors import InputError, ResourceError, SettingsError
from curator_engine.models.clip import Clip
from curator_image.scores.embedding import ImageEmbeddingStage
from curator_image.task import ImageBatch, ImageObject


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> str:
    return write_clip(tmp_path_factory.mktemp("models") / "clip")


def batch():
    pictures = [photo(), photo(seed=1).resize((60, 40)), photo(seed=2).resize((33, 90))]
    return ImageBatch(
        data=[
            ImageObject(image_id=str(i), image_data=rgb_of(each)) for i, each in enumerate(pictures)
        ]
    )


def embedded(task, **settings):
    stage = ImageEmbeddingStage(device="cpu", **settings)
    stage.setup()
    return stage.process(task)


def vectors_of(task):
    return [image.embedding for image in task.data if image.embedding is not None]


@pytest.mark.parametrize("size", [1, 2, 32])
def test_a_vector_is_clip_s_whatever_the_size_of_batches(folder, size):
    task = embedded(batch(), model_dir=folder, model_inference_batch_size=size)
    model = Clip(folder, device="cpu")
    for image in task.data:
        assert image.image_data is not None
        expected = model.embed([image.image_data[None]])[0]
        assert expected.shape == (DIMS,)
        assert image.embedding == pytest.approx(expected, abs=1e-5)


def test_pixels_are_let_go_where_that_is_asked_for(folder):
    assert embedded(batch(), model_dir=folder).data[0].image_data is not None
    task = embedded(batch(), model_dir=folder, remove_image_data=True)
    assert [image.image_data for image in task.data] == [None] * 3


def test_a_picture_without_pixels_has_no_vector_and_stays(folder):
    task = batch()
    task.data[1].image_data = None
    assert [image.embedding is None for image in embedded(task, model_dir=folder).data] == [
        False,
        True,
        False,
    ]


def test_arguments_by_position_are_nemo_curator_s():
    cls: Any = ImageEmbeddingStage
    stage = cls("folder", 0.5, 8, True, True)
    assert (stage.model_dir, stage.model_inference_batch_size) == ("folder", 8)
    assert (stage.num_gpus_per_worker, stage.remove_image_data) == (0.5, True)


def test_a_model_that_is_not_there_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match="neither a folder nor a hub id"):
        ImageEmbeddingStage(model_dir=str(tmp_path / "none"), device="cpu").setup()


def test_a_package_that_is_missing_is_named_with_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "curator_engine.models.clip", None)
    with pytest.raises(ResourceError, match="the extra 'models' of curator-image"):
        ImageEmbeddingStage(device="cpu").setup()


def test_no_picture_at_a_time_is_refused():
    with pytest.raises(SettingsError, match="model_inference_batch_size=0"):
        ImageEmbeddingStage(model_inference_batch_size=0)


@pytest.mark.gpu
@pytest.mark.skipif(not has_gpu(), reason="no GPU here")
def test_a_gpu_agrees_with_the_cpu(folder):
    here = embedded(batch(), model_dir=folder)
    stage = ImageEmbeddingStage(device="gpu", model_dir=folder)
    stage.setup()
    pairs = zip(vectors_of(here), vectors_of(stage.process(batch())), strict=True)
    assert all(left @ right > 0.999 for left, right in pairs)
