"""Weights that are not a classifier's are refused; those of real encoders fit the known shapes."""

import json
import shutil
from pathlib import Path

import pytest
from tiny_classifiers import write_label_model

from curator_engine.errors import InputError
from curator_text.models.classifier_files import KNOWN_ENCODERS
from curator_text.models.classifier_networks import label_network, prompt_network


def changed(classifiers, folder, **config):
    shutil.copytree(classifiers["labels"], folder, dirs_exist_ok=True)
    path = Path(folder) / "config.json"
    known = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({k: v for k, v in {**known, **config}.items() if v}), "utf-8")
    return Path(folder)


def test_more_labels_than_weights_are_refused(classifiers, tmp_path):
    names = {str(i): f"label {i}" for i in range(5)}
    with pytest.raises(InputError, match="does not hold the weights"):
        label_network(changed(classifiers, tmp_path, id2label=names))


def test_another_kind_of_classifier_is_refused(classifiers, tmp_path):
    with pytest.raises(InputError, match="is not a model of this classifier"):
        prompt_network(changed(classifiers, tmp_path, target_sizes={"task_type": 2}))
    with pytest.raises(InputError, match="names no base_model"):
        label_network(changed(classifiers, tmp_path, base_model=None))


def test_a_file_that_is_no_safetensors_is_refused(tmp_path):
    folder = Path(write_label_model(tmp_path))
    (folder / "model.safetensors").write_bytes(b"\xff" * 100)
    with pytest.raises(InputError, match="does not hold the weights"):
        label_network(folder)


def test_the_known_encoder_has_the_parameters_of_deberta_v3():
    import torch
    from transformers import AutoConfig, AutoModel

    config = dict(KNOWN_ENCODERS["microsoft/deberta-v3-base"])
    with torch.device("meta"):
        made = AutoModel.from_config(AutoConfig.for_model(config.pop("model_type"), **config))
    shapes = {name: tuple(value.shape) for name, value in made.state_dict().items()}
    assert shapes["embeddings.word_embeddings.weight"] == (128100, 768)
    assert shapes["encoder.rel_embeddings.weight"] == (512, 768)
    assert "encoder.LayerNorm.weight" in shapes
    assert "embeddings.position_embeddings.weight" not in shapes
    assert not any("pos_key_proj" in name for name in shapes)
