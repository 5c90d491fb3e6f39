"""Weights that are not a classifier's are refused; those of real encoders fit the known shapes."""

import json
import shutil
from pathlib import Path

import pytest
from tiny_classifiers import write_label_model

from curator_engine.errors import InputError
from curator_text.models.classifier_files import KNOWN_ENCODERS
from curator_text.models.classifier_networks import (
    CustomDeberta,
    Deberta,
    MeanPooling,
    MulticlassHead,
)


def changed(classifiers, folder, **config):
    shutil.copytree(classifiers["labels"], folder, dirs_exist_ok=True)
    path = Path(folder) / "config.json"
    known = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({k: v for k, v in {**known, **config}.items() if v}), "utf-8")
    return str(folder)


def test_more_labels_than_weights_are_refused(classifiers, tmp_path):
    names = {str(i): f"label {i}" for i in range(5)}
    with pytest.raises(InputError, match="does not hold the weights"):
        Deberta.from_pretrained(changed(classifiers, tmp_path, id2label=names))


def test_another_kind_of_classifier_is_refused(classifiers, tmp_path):
    with pytest.raises(InputError, match="is not a model of this classifier"):
        CustomDeberta.from_pretrained(changed(classifiers, tmp_path, target_sizes={"task_type": 2}))
    with pytest.raises(InputError, match="names no base_model"):
        Deberta.from_pretrained(changed(classifiers, tmp_path, base_model=None))


def test_a_file_that_is_no_safetensors_is_refused(tmp_path):
    folder = write_label_model(tmp_path)
    Path(folder, "model.safetensors").write_bytes(b"\xff" * 100)
    with pytest.raises(InputError, match="does not hold the weights"):
        Deberta.from_pretrained(folder)


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


def test_networks_have_the_names_of_public_weights_and_take_batches(classifiers):
    import torch

    batch = {
        "input_ids": torch.tensor([[2, 4, 3, 0]]),
        "attention_mask": torch.tensor([[1, 1, 1, 0]]),
    }
    labels = Deberta.from_pretrained(classifiers["labels"]).eval()
    assert {"model.embeddings.word_embeddings.weight", "fc.weight", "fc.bias"} <= {
        *labels.state_dict()
    }
    assert labels(batch).sum().item() == pytest.approx(1, abs=1e-5)
    assert labels.device.type == "cpu"
    prompts = CustomDeberta.from_pretrained(classifiers["prompt"]).eval()
    assert {"backbone.embeddings.word_embeddings.weight", "head_7.fc.bias"} <= {
        *prompts.state_dict()
    }
    assert [len(each) for each in prompts(batch).values()] == [1] * 11


def test_the_base_of_a_configuration_may_be_a_folder(classifiers):
    config = {"base_model": f"{classifiers['labels']}/base", "id2label": {"0": "a", "1": "b"}}
    assert Deberta(config).fc.out_features == 2
    with pytest.raises(InputError, match="names no base_model"):
        Deberta({"id2label": {"0": "a"}})


def test_padding_does_not_count_in_a_mean():
    import torch

    states = torch.tensor([[[1.0], [3.0], [9.0]]])
    assert MeanPooling()(states, torch.tensor([[1, 1, 0]])).tolist() == [[2.0]]
    assert MulticlassHead(1, 3)(states).shape == (1, 3, 3)
