"""NeMo Curator's pipeline that makes conversations about text in pictures, by its names; the text is read offline.

Here the reader of text is ours, and the model that judges is a server on the loopback address.
"""

import json
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from chat_server import chat_server, said, text_in
from PIL import Image, ImageDraw, ImageFont

from curator_engine.executors.local import LocalExecutor

_NAMES = {
    "models.omni.base": "NVInferenceClient",
    "pipeline": "Pipeline",
    "stages.synthetic.omni.io": "HFDatasetImageReaderStage JsonlSampleWriterStage merge_output_shards",
    "stages.synthetic.omni.base": "ModelProcessingStage SkipSample",
    "stages.synthetic.omni.ocr_conversationalize": "OCRConversationData",
    "stages.synthetic.omni.ocr_nemotron_v2": "OCRNemotronV2Stage",
    "stages.synthetic.omni.ocr_scoring_qa": "OCRScoringQAStage",
    "stages.synthetic.omni.utils.conversation": "ImageMedia",
    "tasks.ocr": "OCRData",
}
"""By the modules that a script imports them from."""
nemo: Any = SimpleNamespace(
    **{
        name: getattr(import_module(f"nemo_curator.{path}"), name)
        for path, names in _NAMES.items()
        for name in names.split()
    }
)


@pytest.fixture(scope="module")
def signs(tmp_path_factory):
    """A folder of two signs and a picture without text."""
    folder = tmp_path_factory.mktemp("omni") / "signs"
    folder.mkdir()
    for number, text in enumerate(("Open daily", "Mind the gap", "")):
        image = Image.new("RGB", (240, 60), "white")
        ImageDraw.Draw(image).text((10, 15), text, "black", ImageFont.load_default(20))
        image.save(folder / f"{number}.png")
    return folder


def run(signs, output, *stages):
    """The records of a pipeline from the folder to lines of JSON."""
    from curator_image.synthetic.read_text import OCRRapidStage

    pictures = output.with_name("pictures")
    pipeline = nemo.Pipeline(name="ocr")
    pipeline.add_stage(
        nemo.HFDatasetImageReaderStage(
            dataset_name=str(signs), image_dir=pictures, split="train", task_type=nemo.OCRData
        )
    )
    for stage in (OCRRapidStage(), *stages):
        pipeline.add_stage(stage)
    pipeline.add_stage(
        nemo.JsonlSampleWriterStage(
            output_path=str(output), valid_only=True, image_parent=str(pictures)
        )
    )
    pipeline.run(LocalExecutor())
    path = nemo.merge_output_shards(output)
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_folder_becomes_conversations_offline(signs, tmp_path):
    pytest.importorskip("rapidocr")
    from curator_image.synthetic.dense_qa import OCRDenseQAStage

    records = run(signs, tmp_path / "qa.jsonl", OCRDenseQAStage())
    assert [each["image_path"] for each in records] == ["000000.jpg", "000001.jpg", "000002.jpg"]
    found = [[piece["text_content"] for piece in each["ocr_dense"]] for each in records]
    assert found == [["Open", "daily"], ["Mind", "the", "gap"], []]
    talks = [nemo.OCRConversationData.from_dict(each).conversation for each in records]
    assert [talk and len(talk.conversation) for talk in talks] == [4, 6, None]
    assert talks[0].conversation[0].fragments[0] == nemo.ImageMedia(value="000000.jpg")


def test_a_model_behind_a_server_judges_the_text(signs, tmp_path, monkeypatch):
    pytest.importorskip("rapidocr")
    monkeypatch.setenv("no_proxy", "127.0.0.1")

    def judge(body):
        fits = {"idx": 0, "bbox_match": 10, "text_errors": 0}
        wrong = {"idx": 1, "bbox_match": 2, "text_errors": 0}
        if "Mind" in text_in(body):
            return said("I cannot say.")
        return said(json.dumps({"ocr_mode": "word", "text": [fits, wrong], "missing_text": []}))

    with chat_server(judge) as server:
        client = nemo.NVInferenceClient(base_url=server.url)
        stage = nemo.OCRScoringQAStage(model_id="judge", min_bbox_match=5, client=client)
        records = run(signs, tmp_path / "scored.jsonl", stage)
    assert [each["image_path"] for each in records] == ["000000.jpg", "000002.jpg"]
    assert [piece["valid"] for piece in records[0]["ocr_dense"]] == [True, False]
    talk = json.dumps(records[0]["conversation"])
    assert "Open" in talk
    assert "daily" not in talk
    assert len(server.questions) == 2
