import sys

import numpy as np
import pytest
from image_drawings import photo, rgb_of
from PIL import Image

from curator_engine.errors import ResourceError
from curator_image.scores.codes import CountCodes
from curator_image.task import ImageBatch, ImageObject

zxingcpp = pytest.importorskip("zxingcpp")


def with_code(kind):
    code = zxingcpp.create_barcode("590123412345", kind)
    picture = photo().copy()
    picture.paste(Image.fromarray(np.array(code.to_image(scale=3))).convert("RGB"), (40, 40))
    return picture


def test_codes_are_counted():
    kinds = (zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.EAN13)
    pictures = [photo(), *(with_code(kind) for kind in kinds)]
    stage = CountCodes()
    stage.setup()
    task = ImageBatch(data=[ImageObject(image_data=rgb_of(each)) for each in pictures])
    assert [image.metadata["codes"] for image in stage.process(task).data] == [0, 1, 1]


def test_a_missing_package_is_named_with_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "zxingcpp", None)
    with pytest.raises(ResourceError, match="--codes needs the extra 'codes' of curator-image"):
        CountCodes().setup()
