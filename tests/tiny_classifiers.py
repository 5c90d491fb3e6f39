"""Tiny classifiers of each architecture with random weights, saved as the real ones are."""

import json
from pathlib import Path
from typing import Any

from name_models import write_tokenizer

WORDS = ["the", "river", "casino", "proof", "of", "a", "is", "and", "win", "##s", "now", "."]
LABELS = ["Low", "Medium", "High"]
TEXTS = [
    "the proof of a river",
    "win now",
    "",
    "casino casino and the river is a river of proof and proof and proof and proof",
    "a",
    "unknown words here",
]
LONGEST = 12
_VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS]
_TARGETS = {
    "task_type": 4,
    "creativity_scope": 3,
    "reasoning": 2,
    "contextual_knowledge": 2,
    "number_of_few_shots": 6,
    "domain_knowledge": 4,
    "no_label_reason": 1,
    "constraint_ct": 2,
}


def _deberta() -> dict[str, Any]:
    return {
        "model_type": "deberta-v2",
        "vocab_size": len(_VOCABULARY),
        "hidden_size": 16,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 24,
        "max_position_embeddings": 32,
        "type_vocab_size": 0,
        "relative_attention": True,
        "position_buckets": 8,
        "max_relative_positions": -1,
        "norm_rel_ebd": "layer_norm",
        "share_att_key": True,
        "pos_att_type": ["p2c", "c2p"],
        "position_biased_input": False,
        "layer_norm_eps": 1e-7,
        "initializer_range": 0.6,
    }


def _save(folder: Path, network: Any, config: dict[str, Any]) -> str:
    from safetensors.torch import save_model

    (folder / "base").mkdir(parents=True, exist_ok=True)
    (folder / "base/config.json").write_text(json.dumps(_deberta()), "utf-8")
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    save_model(network, str(folder / "model.safetensors"))
    write_tokenizer(folder, _VOCABULARY, LONGEST)
    return str(folder)


def write_label_model(folder: Path) -> str:
    """As NVIDIA's classifiers of domains, quality and content: DeBERTa v3 and a layer on the first token."""
    import torch

    from curator_text.models.classifier_networks import Deberta

    torch.manual_seed(0)
    names = {str(i): name for i, name in enumerate(LABELS)}
    config = {"base_model": "base", "fc_dropout": 0.2, "id2label": names}
    network = Deberta({**config, "base_model": _deberta()})
    with torch.no_grad():
        network.fc.weight.mul_(8)
    return _save(folder, network, config)


def write_prompt_model(folder: Path) -> str:
    """As NVIDIA's classifier of prompts: DeBERTa v3 and eight layers on the mean of its states."""
    import torch

    from curator_text.models.classifier_networks import CustomDeberta

    torch.manual_seed(1)
    others = [name for name in _TARGETS if name != "task_type"]
    config = {
        "base_model": "base",
        "target_sizes": _TARGETS,
        "task_type_map": {"0": "Chat", "1": "Code", "2": "Open QA", "3": "Other"},
        "weights_map": {name: list(range(_TARGETS[name])) for name in others},
        "divisor_map": {name: max(1, _TARGETS[name] - 1) for name in others},
    }
    network = CustomDeberta({**config, "base_model": _deberta()})
    return _save(folder, network, config)


def write_sequence_model(folder: Path, *, labels: int = 1) -> str:
    """As FineWeb-Edu's classifier and FineMath's: BERT with one output; or one with labels."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    torch.manual_seed(2)
    config = BertConfig(
        vocab_size=len(_VOCABULARY),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=24,
        max_position_embeddings=32,
        initializer_range=0.6,
    )
    config.num_labels = labels
    model: Any = BertForSequenceClassification(config)
    with torch.no_grad():
        model.classifier.bias.fill_(2.5)
    model.save_pretrained(folder)
    write_tokenizer(folder, _VOCABULARY, LONGEST)
    return str(folder)
