"""The stage that asks a model about pages."""

import io
from typing import Any

import pytest
from interleaved_toys import picture
from PIL import Image
from tiny_page_model import SIDE, write_page_model

from curator_engine.errors import ResourceError, SettingsError, StageError
from curator_text.interleaved.batch_tables import table_of
from curator_text.interleaved.documents import InterleavedBatch
from curator_text.interleaved.page_inference import NemotronParseInferenceStage, build_task_prompt


def batch(*pages):
    rows = [
        {
            "sample_id": "a",
            "position": place,
            "modality": "page_image",
            "text_content": "",
            "binary_content": data,
            "pdf_name": "a.pdf",
        }
        for place, data in enumerate(pages)
    ]
    return InterleavedBatch(data=table_of(rows), dataset_name="d")


def test_what_is_asked():
    base = "</s><s><predict_bbox><predict_classes><output_markdown>"
    assert build_task_prompt() == f"{base}<predict_no_text_in_pic>"
    assert build_task_prompt(text_in_pic=True) == f"{base}<predict_text_in_pic>"
    assert NemotronParseInferenceStage(task_prompt="own").task_prompt == "own"


def test_pages_get_what_the_model_says(tmp_path):
    stage = NemotronParseInferenceStage(
        model_path=write_page_model(tmp_path), backend="hf", task_prompt="<s>"
    )
    stage.setup()
    out = stage.process(batch(picture(seed=1), b"none", picture(seed=2)))
    texts = out.data.column("text_content").to_pylist()
    first, second = stage._model.read([opened(1), opened(2)])
    assert texts == [first, "", second]
    assert out._metadata["proc_size"] == [SIDE, SIDE]
    (rejected,) = stage.take_notes()[2]
    assert (rejected.file, rejected.line) == ("a.pdf", 2)
    assert stage.process(batch(b"none")) is None
    stage._model.read = lambda images: [None for _ in images]
    assert stage.process(batch(picture())).data.column("text_content").to_pylist() == [""]
    assert stage.take_notes()[2][-1].reason == "the model failed at the page"
    stage.teardown()
    with pytest.raises(StageError, match="not been set up"):
        stage.process(batch(picture()))


def opened(seed):
    return Image.open(io.BytesIO(picture(seed=seed))).convert("RGB")


def test_what_cannot_be_done_is_said(tmp_path):
    with pytest.raises(ResourceError, match="needs vllm"):
        NemotronParseInferenceStage(model_path=str(tmp_path)).setup()
    unknown: Any = "onnx"
    with pytest.raises(SettingsError, match="backend='onnx' is not known"):
        NemotronParseInferenceStage(backend=unknown)
    with pytest.raises(SettingsError, match="inference_batch_size=0 is below 1"):
        NemotronParseInferenceStage(inference_batch_size=0)
