import sys

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


def test_a_missing_package_is_named_with_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "rapidocr", None)
    with pytest.raises(ResourceError, match="--text-area needs the extra 'text' of curator-image"):
        ScoreTextArea().setup()
