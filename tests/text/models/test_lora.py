"""A model with a merged adapter computes what the two matrices beside each layer would."""

import json
import shutil
from pathlib import Path

import pytest
from tiny_guards import ALPHA, RANK

from curator_engine.errors import InputError
from curator_text.models.lora import merge_adapter


def model_of(folder):
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(f"{folder}/base").eval()


@pytest.fixture
def adapter(guards, tmp_path):
    """A copy of the adapter that may be changed."""
    return Path(shutil.copytree(guards["aegis"], tmp_path / "a"))


def changed(folder, **values):
    path = folder / "adapter_config.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | values), "utf-8")


def test_merged_weights_answer_as_the_matrices_beside_them(guards):
    import torch
    from safetensors.torch import load_file

    folder = guards["aegis"]
    plain, merged = model_of(folder), model_of(folder)
    merge_adapter(merged, Path(folder))
    weights = load_file(f"{folder}/adapter_model.safetensors")
    for key in [key for key in weights if "lora_A" in key]:
        a, b = weights[key], weights[key.replace("lora_A", "lora_B")]
        layer = plain.get_submodule(key.removeprefix("base_model.model.").partition(".lora_")[0])
        layer.register_forward_hook(
            lambda _, given, out, a=a, b=b: out + ALPHA / RANK * (given[0] @ a.T @ b.T)
        )
    ids = torch.tensor([[2, 5, 6, 9]])
    with torch.no_grad():
        assert torch.allclose(merged(ids).logits, plain(ids).logits, atol=1e-4)
        assert not torch.allclose(merged(ids).logits, model_of(folder)(ids).logits, atol=1e-2)


@pytest.mark.parametrize("values", [{"use_dora": True}, {"peft_type": "IA3"}, {"r": 0}])
def test_adapters_of_other_kinds_are_refused(adapter, values):
    changed(adapter, **values)
    with pytest.raises(InputError, match="no plain LoRA adapter"):
        merge_adapter(model_of(adapter), adapter)


def test_the_scale_by_the_root_of_the_rank(adapter):
    import torch

    once, twice = model_of(adapter), model_of(adapter)
    merge_adapter(once, adapter)
    changed(adapter, use_rslora=True, lora_alpha=ALPHA / RANK**0.5)
    merge_adapter(twice, adapter)
    for one, other in zip(once.parameters(), twice.parameters(), strict=True):
        assert torch.allclose(one, other, atol=1e-5)


@pytest.mark.parametrize(
    ("name", "shape", "message"),
    [
        ("model.layers.7.self_attn.q_proj", (2, 16), "which the model lacks"),
        ("model.layers.0.self_attn.q_proj", (2, 8), "does not fit the model"),
    ],
)
def test_an_adapter_of_another_model_is_refused(adapter, name, shape, message):
    import torch
    from safetensors.torch import save_file

    stem = f"base_model.model.{name}.lora_"
    weights = {f"{stem}A.weight": torch.ones(shape), f"{stem}B.weight": torch.ones(16, 2)}
    save_file(weights, adapter / "adapter_model.safetensors")
    with pytest.raises(InputError, match=message):
        merge_adapter(model_of(adapter), adapter)


def test_what_is_no_pair_is_refused(adapter):
    import torch
    from safetensors.torch import save_file

    save_file({"lm_head.weight": torch.ones(2, 2)}, adapter / "adapter_model.safetensors")
    with pytest.raises(InputError, match="no pair of an adapter"):
        merge_adapter(model_of(adapter), adapter)
    (adapter / "adapter_model.safetensors").write_bytes(b"no weights")
    with pytest.raises(InputError, match="cannot be read"):
        merge_adapter(model_of(adapter), adapter)
