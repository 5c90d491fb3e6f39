"""Nemotron OCR by a stand-in for its package, which is not on the index."""

import sys
from types import ModuleType
from typing import Any

import pytest
from huggingface_hub import constants
from PIL import Image

from curator_engine.errors import InputError, ResourceError, SettingsError
from curator_image.synthetic.nemotron_ocr import OCRNemotronV2Stage
from curator_image.synthetic.ocr_data import OCRData
from curator_image.task import ImageSampleTask


class StandIn:
    """Finds one word, and says what it was given."""

    def __init__(self, *, model_dir):
        self.model_dir = model_dir

    def __call__(self, path, *, merge_level):
        with Image.open(path) as image:
            size = image.size
        edges = {"left": 0.1, "right": 0.5, "lower": 0.2, "upper": 0.3}
        return [{**edges, "text": f"{merge_level} {size} {self.model_dir}"}]


@pytest.fixture
def package(monkeypatch):
    names = ("nemotron_ocr", "nemotron_ocr.inference", "nemotron_ocr.inference.pipeline_v2")
    for name in names:
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setattr(sys.modules[names[-1]], "NemotronOCRV2", StandIn, raising=False)


def test_pieces_are_thousandths_from_the_top(package, tmp_path):
    Image.new("RGB", (40, 30)).save(tmp_path / "a.png")
    stage = OCRNemotronV2Stage(model_dir=tmp_path, merge_level="sentence")
    stage.setup_on_node()
    stage.setup()
    found = stage.process(ImageSampleTask(data=OCRData(image_path=tmp_path / "a.png")))
    (piece,) = found.data.ocr_dense or []
    assert piece.bbox_2d == [100, 200, 500, 300]
    assert piece.text_content == f"sentence (40, 30) {tmp_path}"
    stage.teardown()


def test_what_it_lacks_is_said(monkeypatch):
    with pytest.raises(ResourceError, match=r"package nemotron-ocr .* or read by OCRRapidStage"):
        OCRNemotronV2Stage(model_dir="models").setup()
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(InputError, match="'nvidia/nemotron-ocr-v2' cannot be fetched"):
        OCRNemotronV2Stage().setup_on_node()
    level: Any = "line"
    with pytest.raises(SettingsError, match="use word, sentence, paragraph"):
        OCRNemotronV2Stage(merge_level=level)
