import numpy as np
import pytest
from tiny_models import DIMS, write_head, write_nsfw_head

from curator_engine.errors import InputError
from curator_engine.items.item import Item
from curator_engine.models.aesthetic import AestheticHead
from curator_engine.models.model_names import AESTHETIC_FILE
from curator_engine.vectors.matrix import unit_rows
from curator_image.models.nsfw_head import NsfwHead
from curator_image.models.weights import NSFW_FILE
from curator_image.scores.model_filters import ImageAestheticFilterStage, ImageNSFWFilterStage
from curator_image.task import ImageBatch, ImageObject

VECTORS = unit_rows(np.random.default_rng(0).normal(size=(6, DIMS)).astype(np.float32))


def batch():
    return ImageBatch(
        data=[ImageObject(image_id=str(i), embedding=each) for i, each in enumerate(VECTORS)]
    )


def filtered(stage, task=None):
    stage.setup()
    return stage.process(batch() if task is None else task)


def ids(task):
    return [image.image_id for image in task.data]


@pytest.fixture
def models(tmp_path):
    write_head(tmp_path / AESTHETIC_FILE)
    write_nsfw_head(tmp_path / NSFW_FILE)
    return str(tmp_path)


def test_pictures_with_the_score_of_the_threshold_are_liked(models):
    scores = AestheticHead(f"{models}/{AESTHETIC_FILE}").score(VECTORS)
    limit = float(np.sort(scores)[3])
    task = filtered(ImageAestheticFilterStage(model_dir=models, score_threshold=limit))
    assert ids(task) == [str(i) for i in range(6) if scores[i] >= limit]
    assert len(task.data) == 3
    assert task.data[0].aesthetic_score == pytest.approx(scores[int(task.data[0].image_id)])


def test_pictures_below_the_threshold_are_safe(models):
    scores = NsfwHead(f"{models}/{NSFW_FILE}").score(VECTORS)
    limit = float(np.sort(scores)[3])
    task = filtered(ImageNSFWFilterStage(model_dir=models, score_threshold=limit))
    assert ids(task) == [str(i) for i in range(6) if scores[i] < limit]
    assert all((image.nsfw_score or 0) < limit for image in task.data)


def test_both_thresholds_are_nemo_curator_s_unless_given():
    assert ImageAestheticFilterStage().score_threshold == 0.5
    assert ImageNSFWFilterStage().score_threshold == 0.5


def test_weights_may_be_given_by_themselves(models):
    stage = ImageNSFWFilterStage(weights_path=f"{models}/{NSFW_FILE}", score_threshold=2.0)
    assert len(filtered(stage).data) == 6


@pytest.mark.parametrize("stage", [ImageAestheticFilterStage, ImageNSFWFilterStage])
def test_scores_alone_drop_nothing(models, stage):
    task = filtered(stage(model_dir=models, score_threshold=-99, only_score=True))
    assert len(task.data) == 6
    assert all(getattr(image, stage.attribute) is not None for image in task.data)


def test_a_picture_that_could_not_be_read_goes_on_without_a_score(models):
    task = batch()
    task.data[2].embedding = None
    task.data[2].metadata["item"] = Item(uuid="2", drop_reason="damaged")
    done = filtered(ImageAestheticFilterStage(model_dir=models, score_threshold=-99), task)
    assert done.data[2].aesthetic_score is None
    assert len(done.data) == 6


def test_pictures_without_embeddings_are_an_input_error(models):
    task = ImageBatch(data=[ImageObject(image_path="a.jpg")])
    with pytest.raises(InputError, match=r"a\.jpg has no embedding .* ImageEmbeddingStage before"):
        filtered(ImageNSFWFilterStage(model_dir=models), task)


def test_an_empty_batch_is_one(models):
    assert filtered(ImageNSFWFilterStage(model_dir=models), ImageBatch()).data == []
