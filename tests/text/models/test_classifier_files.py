"""Where the files of a classifier are."""

import json

import pytest

from curator_engine.errors import InputError
from curator_text.models.classifier_files import (
    KNOWN_ENCODERS,
    encoder_config,
    folder_of,
    read_config,
    weights_of,
)


def test_a_folder_is_taken_as_it_is(tmp_path):
    assert folder_of(str(tmp_path)) == tmp_path


def test_what_cannot_be_fetched_says_what_to_fetch_and_what_works_without(monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(InputError) as caught:
        folder_of("nvidia/no-such-classifier")
    message = str(caught.value)
    assert "hf download nvidia/no-such-classifier --local-dir FOLDER" in message
    assert "curator-text train" in message


def test_the_encoder_is_inside_or_known(tmp_path):
    (tmp_path / "base").mkdir()
    (tmp_path / "base/config.json").write_text('{"model_type": "bert"}', "utf-8")
    assert encoder_config(tmp_path, "base") == {"model_type": "bert"}
    known = encoder_config(tmp_path, "microsoft/mdeberta-v3-base")
    assert known["vocab_size"] == 251000
    assert set(known) == set(KNOWN_ENCODERS["microsoft/deberta-v3-base"])


@pytest.mark.parametrize("text", [None, "{", "[1]"])
def test_a_folder_without_a_configuration_is_no_model(tmp_path, text):
    if text is not None:
        (tmp_path / "config.json").write_text(text, "utf-8")
    with pytest.raises(InputError, match="is no such model"):
        read_config(tmp_path)


def test_weights_as_pickles_are_not_read(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({}), "utf-8")
    (tmp_path / "pytorch_model.bin").write_bytes(b"x")
    with pytest.raises(InputError, match="save the model as safetensors"):
        weights_of(tmp_path)
