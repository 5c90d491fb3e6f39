"""A model that reads pages says of each what it says of it alone, whatever stands beside it."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from tiny_page_model import SIDE, write_page_model

from curator_engine.errors import InputError, ResourceError
from curator_text.models.page_model import HfPageModel, VllmPageModel, processor_size


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_page_model(tmp_path_factory.mktemp("page_model"))


@pytest.fixture(scope="module")
def pages():
    levels = np.random.default_rng(0).integers(0, 255, (3, 40, 30, 3), np.uint8)
    return [Image.fromarray(each) for each in levels]


def test_pages_are_read_in_batches_of_any_size(folder, pages):
    found = [HfPageModel(folder, prompt="<s>", batch_size=size).read(pages) for size in (1, 2, 3)]
    assert found[0] == found[1] == found[2]
    assert len(set(found[0])) > 1
    model = HfPageModel(folder, prompt="<s>")
    assert model.proc_size == (SIDE, SIDE)
    assert model.read([]) == []


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_pages_are_read_on_a_gpu(folder, pages):
    model = HfPageModel(folder, prompt="<s>", batch_size=2)
    assert model.place == "cuda"
    assert None not in model.read(pages)


def test_a_page_at_which_the_model_fails_fails_alone(folder, pages, monkeypatch):
    model: Any = HfPageModel(folder, prompt="<s>", batch_size=3)
    answers = model.read(pages)
    processor = model._processor

    class Narrow:
        def __call__(self, *, images, **options):
            if any(image.width < 5 for image in images):
                raise ValueError("too narrow")
            return processor(images=images, **options)

        def batch_decode(self, *given, **options):
            return processor.batch_decode(*given, **options)

    monkeypatch.setattr(model, "_processor", Narrow())
    found = model.read([pages[0], Image.new("RGB", (1, 9)), pages[2]])
    assert found == [answers[0], None, answers[2]]


def test_the_size_of_pictures_is_the_processors():
    own = SimpleNamespace(image_processor=SimpleNamespace(final_size=[2048, 1664]))
    assert processor_size(own) == (2048, 1664)
    square = SimpleNamespace(image_processor=SimpleNamespace(size={"shortest_edge": 224}))
    assert processor_size(square) == (224, 224)


def test_what_cannot_be_loaded_is_said(tmp_path):
    with pytest.raises(InputError, match="cannot be loaded"):
        HfPageModel(str(tmp_path), prompt="")
    (tmp_path / "config.json").write_text(
        '{"model_type": "own", "auto_map": {"AutoConfig": "own.Config"}}', encoding="utf-8"
    )
    with pytest.raises(InputError, match="let it run with CURATOR_TRUST_REMOTE_CODE=1"):
        HfPageModel(str(tmp_path), prompt="")
    with pytest.raises(ResourceError, match="backend='vllm' needs vllm"):
        VllmPageModel(str(tmp_path), prompt="", engine={})
