import sys
from types import SimpleNamespace

import numpy as np
import pytest
from image_drawings import photo, rgb_of
from PIL import ImageDraw, ImageFont

from curator_engine.errors import ResourceError
from curator_image.scores.text_area import ScoreTextArea
from curator_image.task import ImageBatch, ImageObject

pytest.importorskip("rapidocr")


def test_the_area_of_text_is_measured_and_a_photo_has_none():
    written = photo().resize((256, 256))
    ImageDraw.Draw(written).text(
        (10, 100), "Sample caption", "white", ImageFont.load_default(24), stroke_fill="black"
    )
    plain = photo().resize((256, 256))
    task = ImageBatch(data=[ImageObject(image_data=rgb_of(each)) for each in (written, plain)])
    stage = ScoreTextArea()
    stage.setup()
    areas = [image.metadata["text_area"] for image in stage.process(task).data]
    assert 0.03 < areas[0] < 0.15
    assert areas[1] == 0


@pytest.mark.parametrize(("high", "area"), [(20, 0.2), (80, 0)])
def test_a_scene_that_the_detector_takes_for_one_line_is_none(high, area):
    box = np.array([[[0, 0], [99, 0], [99, high - 1], [0, high - 1]]], np.float32)
    stage = ScoreTextArea()
    stage._detector = lambda *_, **__: SimpleNamespace(boxes=box)
    task = ImageBatch(data=[ImageObject(image_data=np.zeros((100, 100, 3), np.uint8))])
    assert stage.process(task).data[0].metadata["text_area"] == area


def test_a_missing_package_is_named_with_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "rapidocr", None)
    with pytest.raises(ResourceError, match="--text-area needs the extra 'text' of curator-image"):
        ScoreTextArea().setup()
