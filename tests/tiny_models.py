"""Models of a few numbers with random weights, saved as real ones are."""

import importlib
import json
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

SIDE, DIMS = 32, 16

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_WORDS = ["<|startoftext|>", "<|endoftext|>", *_LETTERS, *(f"{each}</w>" for each in _LETTERS)]


def write_clip(folder: Path) -> str:
    """A CLIP model with a tokenizer that knows letters, without merges."""
    import torch
    from transformers import CLIPConfig, CLIPModel, CLIPTokenizer

    torch.manual_seed(0)
    small = {
        "hidden_size": 16,
        "intermediate_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
    }
    words = {"vocab_size": len(_WORDS), "max_position_embeddings": 24, "eos_token_id": 1}
    words |= {"bos_token_id": 0, "pad_token_id": 1}
    config = CLIPConfig(
        text_config={**small, **words},
        vision_config={**small, "image_size": SIDE, "patch_size": 8},
        projection_dim=DIMS,
    )
    CLIPModel(config).save_pretrained(folder)
    tokenizer = CLIPTokenizer(vocab={word: i for i, word in enumerate(_WORDS)}, merges=[])
    tokenizer.save_pretrained(folder)
    facts = {"image_mean": [0.5, 0.5, 0.5], "image_std": [0.25, 0.25, 0.25]}
    (folder / "preprocessor_config.json").write_text(json.dumps(facts))
    return str(folder)


def write_head(path: Path, *, dims=DIMS, layers=(8, 1), bias=5.0) -> str:
    """A head of linear layers; the last has this bias."""
    import torch
    from safetensors.torch import save_file

    torch.manual_seed(1)
    state = {}
    for number, size in enumerate(layers):
        state[f"layers.{2 * number}.weight"] = torch.randn(size, dims) / 4
        state[f"layers.{2 * number}.bias"] = torch.zeros(size)
        dims = size
    state[f"layers.{2 * len(layers) - 2}.bias"] += bias
    if path.suffix == ".safetensors":
        save_file(state, path)
    else:
        torch.save(state, path)
    return str(path)


def write_nsfw_head(path: Path, *, dims=DIMS, layers=(8, 12, 6, 1), mean=0.0) -> str:
    """An NSFW head of LAION's form: it normalises by this mean and a variance of 4."""
    import torch

    torch.manual_seed(2)
    state = {"norm.mean": torch.full((dims,), mean), "norm.variance": torch.full((dims,), 4.0)}
    for number, size in enumerate(layers, start=1):
        state[f"linear_{number}.weight"] = torch.randn(size, dims)
        state[f"linear_{number}.bias"] = torch.randn(size)
        dims = size
    torch.save(state, path)
    return str(path)


def write_own_code(folder: Path, code: str, config: str, auto: dict[str, str]) -> str:
    """A model whose folder brings its Python code: `code` defines its configuration class `config`."""
    _keep_code_out_of_home()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "modelling.py").write_text(code)
    (folder / "config.json").write_text(
        json.dumps({"model_type": "tiny-own-code", "auto_map": auto, "architectures": [config]})
    )
    (folder / "preprocessor_config.json").write_text(json.dumps({"auto_map": auto}))
    return str(folder)


@cache
def _keep_code_out_of_home() -> None:
    """Let transformers copy the code of models to a folder of this test run."""
    cache_of: Any = importlib.import_module("transformers.dynamic_module_utils")
    cache_of.HF_MODULES_CACHE = tempfile.mkdtemp(prefix="curator-test-models-")
