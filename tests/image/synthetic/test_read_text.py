import sys
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from curator_engine.errors import ResourceError, SettingsError
from curator_image.synthetic.ocr_data import OCRData
from curator_image.synthetic.read_text import OCRRapidStage, TextRecogniser
from curator_image.task import ImageSampleTask


@pytest.fixture(scope="module")
def sign(tmp_path_factory):
    """A picture of two lines: 240 x 100 pixels."""
    path = tmp_path_factory.mktemp("sign") / "sign.png"
    image = Image.new("RGB", (240, 100), "white")
    for place, text in (((10, 15), "Hello brave World"), ((10, 60), "Second line 42")):
        ImageDraw.Draw(image).text(place, text, "black", ImageFont.load_default(20))
    image.save(path)
    return path


def read(stage, path):
    stage.setup()
    done = stage.process(ImageSampleTask(data=OCRData(image_path=path))).data
    stage.teardown()
    return done


@pytest.mark.parametrize(
    ("level", "texts"),
    [
        ("word", ["Hello", "brave", "World", "Second", "line", "42"]),
        ("line", ["Hello brave World", "Second line 42"]),
    ],
)
def test_text_is_read_with_its_places(sign, level, texts):
    pytest.importorskip("rapidocr")
    done = read(OCRRapidStage(merge_level=level), sign)
    assert done.ocr_dense is not None
    assert [piece.text_content for piece in done.ocr_dense] == texts
    left, top, right, bottom = done.ocr_dense[0].bbox_2d
    # It is drawn from (10, 15) on, about 20 pixels high.
    assert 25 <= left <= 65
    assert 110 <= top <= 210
    assert top < bottom < 450
    assert left < right
    assert done.ocr_is_word_level == (level == "word")


def test_a_picture_without_text_has_none_and_one_that_cannot_be_read_its_reason(tmp_path):
    class Blind(TextRecogniser):
        def pieces_in(self, rgb):
            return []

    Image.new("RGB", (32, 32)).save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"no picture")
    assert read(Blind(), tmp_path / "a.png").ocr_dense == []
    failed = read(Blind(), tmp_path / "b.png")
    assert (failed.is_valid, failed.ocr_dense) == (False, None)
    assert failed.error.startswith("blind: no picture")
    task = ImageSampleTask(data=failed)
    assert Blind().process(task) is task


def test_a_missing_package_and_another_level_are_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "rapidocr", None)
    with pytest.raises(ResourceError, match="OCRRapidStage needs the extra 'text'"):
        OCRRapidStage().setup()
    level: Any = "page"
    with pytest.raises(SettingsError, match="use word or line"):
        OCRRapidStage(merge_level=level)
