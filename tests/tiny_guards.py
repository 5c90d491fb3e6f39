"""A tiny Llama with random weights, an adapter and a head for it, saved as the real ones are."""

import json
import shutil
from pathlib import Path
from typing import Any

from name_models import write_tokenizer
from tiny_classifiers import WORDS

RANK, ALPHA = 2, 6
_VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS, "safe", "unsafe", "o3"]
_LONGEST, _SIZE = 4096, 16


def _write_base(folder: Path) -> None:
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(3)
    config = LlamaConfig(
        vocab_size=len(_VOCABULARY),
        hidden_size=_SIZE,
        intermediate_size=24,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=_LONGEST,
        initializer_range=0.6,
        bos_token_id=2,
        eos_token_id=3,
        pad_token_id=0,
    )
    made: Any = LlamaForCausalLM(config)
    with torch.no_grad():
        # Most answers end after a few words.
        made.lm_head.weight[3].mul_(6)
    made.save_pretrained(folder)
    write_tokenizer(folder, _VOCABULARY, _LONGEST)


def _write_adapter(folder: Path) -> None:
    import torch
    from safetensors.torch import save_file

    folder.mkdir()
    draw = torch.Generator().manual_seed(4)
    weights = dict[str, torch.Tensor]()
    for layer in range(2):
        for name in ("q_proj", "v_proj"):
            stem = f"base_model.model.model.layers.{layer}.self_attn.{name}.lora_"
            weights[f"{stem}A.weight"] = torch.randn(RANK, _SIZE, generator=draw)
            weights[f"{stem}B.weight"] = torch.randn(_SIZE, RANK, generator=draw)
    save_file(weights, folder / "adapter_model.safetensors")
    config = {"peft_type": "LORA", "r": RANK, "lora_alpha": ALPHA, "fan_in_fan_out": False}
    (folder / "adapter_config.json").write_text(json.dumps(config), "utf-8")


def write_guards(folder: Path) -> dict[str, str]:
    """Folders of `aegis`, an adapter with its base, and `poison`, a head with both."""
    import torch
    from safetensors.torch import save_model

    from curator_text.models.guard_model import InstructionDataGuardNet

    aegis, poison = folder / "aegis", folder / "poison"
    folder.mkdir()
    _write_adapter(aegis)
    _write_base(aegis / "base")
    shutil.copytree(aegis, poison / "adapter", ignore=shutil.ignore_patterns("base"))
    shutil.copytree(aegis / "base", poison / "base")
    torch.manual_seed(5)
    head = InstructionDataGuardNet(_SIZE)
    with torch.no_grad():
        for each in (head.input_layer, head.hidden_layer_0, head.hidden_layer_1):
            each.weight.mul_(4)
        head.hidden_layer_2.weight.mul_(10)
        head.hidden_layer_2.bias.fill_(-1.2)
    save_model(head, str(poison / "model.safetensors"))
    (poison / "config.json").write_text(json.dumps({"input_dim": _SIZE, "dropout": 0.7}), "utf-8")
    return {"aegis": str(aegis), "poison": str(poison)}
