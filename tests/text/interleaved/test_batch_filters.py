"""NeMo Curator's filters of documents of texts and pictures."""

import io

import pytest
from interleaved_toys import flat, picture
from PIL import Image
from tiny_models import write_clip

from curator_engine.errors import SettingsError
from curator_text.interleaved.batch_filters import (
    InterleavedBlurFilterStage,
    InterleavedCLIPScoreFilterStage,
    InterleavedImageToTextRatioFilterStage,
    InterleavedQRCodeFilterStage,
)
from curator_text.interleaved.batch_tables import table_of
from curator_text.interleaved.documents import InterleavedBatch


def qr_code():
    zxing = pytest.importorskip("zxingcpp")
    made = zxing.create_barcode("https://a.example", zxing.BarcodeFormat.QRCode)
    file = io.BytesIO()
    Image.fromarray(zxing.write_barcode_to_image(made, scale=8)).save(file, "PNG")
    return file.getvalue()


def pictures(*files, sample="a"):
    return [
        {"sample_id": sample, "position": at, "modality": "image", "binary_content": data}
        for at, data in enumerate(files)
    ]


def left(stage, rows):
    found = stage.process(InterleavedBatch(data=table_of(rows)))
    stage.teardown()
    return [] if found is None else found.data.column("binary_content").to_pylist()


def test_blurred_pictures_go():
    assert left(InterleavedBlurFilterStage(), pictures(picture(), flat())) == [picture()]


def test_qr_codes_go():
    code = qr_code()
    assert left(InterleavedQRCodeFilterStage(), pictures(flat(), code)) == [flat()]


@pytest.mark.parametrize(("ratios", "left"), [((0.0, 0.5), 3), ((0.6, 9.0), 1), ((0.0, 9.0), 4)])
def test_documents_of_too_many_pictures_for_their_words_go(ratios, left):
    text = {"sample_id": "a", "position": 1, "modality": "text", "text_content": "two words"}
    more = {**text, "position": 2, "text_content": None}
    rows = [*pictures(b"x"), text, more, *pictures(b"y", sample="b")]
    stage = InterleavedImageToTextRatioFilterStage(min_ratio=ratios[0], max_ratio=ratios[1])
    assert stage.process(InterleavedBatch(data=table_of(rows))).num_items == left


def test_the_score_of_clip_needs_a_model():
    with pytest.raises(SettingsError, match="model_dir"):
        InterleavedCLIPScoreFilterStage().setup()


def test_pictures_that_fit_no_text_go(tmp_path):
    text = {"sample_id": "a", "position": 2, "modality": "text", "text_content": "one"}
    rows = [*pictures(picture(), b"none"), text, *pictures(picture(), sample="without a text")]
    model = write_clip(tmp_path / "clip")
    for least, stays in ((-1.0, [picture(), None]), (1.1, [None])):
        stage = InterleavedCLIPScoreFilterStage(model_dir=model, min_score=least)
        stage.setup()
        assert left(stage, rows) == stays
