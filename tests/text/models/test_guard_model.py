"""A guard answers each text as the model does alone, whatever the size of a batch and the order."""

from pathlib import Path

import numpy as np
import pytest
from tiny_classifiers import TEXTS

from curator_engine.errors import InputError
from curator_text.models.guard_model import AegisModel, GuardModel, InstructionDataGuardNet
from curator_text.models.lora import merge_adapter
from curator_text.models.text_classifier import TextTokenizer


@pytest.fixture(scope="module")
def alone(guards):
    """The model by transformers itself, with its adapter."""
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(f"{guards['aegis']}/base").eval()
    merge_adapter(model, Path(guards["aegis"]))
    return model


def orders(ids):
    for order, size in ((slice(None, None, -1), 3), (slice(None), 100)):
        yield order, size, ids[order]


def test_answers_are_those_of_single_texts(guards, alone):
    import torch

    base = f"{guards['aegis']}/base"
    tokenizer = TextTokenizer(base)
    guard = GuardModel(base, adapter=guards["aegis"], device="cpu")
    ids = tokenizer.tokens(["win now", "", "a", "unknown words here"])[0]
    expected = []
    for each in ids:
        with torch.no_grad():
            given = torch.tensor([each])
            mask = torch.ones_like(given)
            said = alone.generate(given, attention_mask=mask, max_new_tokens=100, do_sample=False)
        expected.append(guard._tokenizer.decode(said[0, len(each) :], skip_special_tokens=True))
    assert len(set(expected)) > 1
    for order, size, mine in orders(ids):
        assert guard.answers(mine, batch_size=size) == expected[order]
    assert guard.answers([]) == []


def test_scores_are_those_of_the_last_states(guards, alone):
    import torch
    from safetensors.torch import load_file

    folder = guards["poison"]
    tokenizer = TextTokenizer(f"{folder}/base")
    guard = GuardModel(f"{folder}/base", adapter=f"{folder}/adapter", head=folder, device="cpu")
    ids, weights = tokenizer.tokens(TEXTS)[0], load_file(f"{folder}/model.safetensors")
    expected = []
    for each in ids:
        with torch.no_grad():
            found = alone(torch.tensor([each]), output_hidden_states=True).hidden_states[-1][0, -1]
        found = found / found.norm()
        for name in ("input_layer", "hidden_layer_0", "hidden_layer_1"):
            found = (weights[f"{name}.weight"] @ found + weights[f"{name}.bias"]).clamp(min=0)
        found = weights["hidden_layer_2.weight"] @ found + weights["hidden_layer_2.bias"]
        expected.append(float(torch.sigmoid(found)))
    assert max(expected) - min(expected) > 0.1
    for order, size, mine in orders(ids):
        assert np.allclose(guard.poisoned(mine, batch_size=size), expected[order], atol=1e-4)


def test_a_head_of_another_model_is_refused(guards, tmp_path):
    (tmp_path / "config.json").write_text('{"input_dim": 8}', "utf-8")
    (tmp_path / "model.safetensors").write_bytes(b"no weights")
    folder = guards["aegis"]
    with pytest.raises(InputError, match="no head for states of 16"):
        GuardModel(f"{folder}/base", adapter=folder, head=str(tmp_path), device="cpu")


def test_the_network_alone_gives_tokens_or_scores(guards):
    import torch

    base, batch = f"{guards['aegis']}/base", {"input_ids": torch.tensor([[2, 4, 3]])}
    batch["attention_mask"] = torch.ones_like(batch["input_ids"])
    said = AegisModel(base, guards["aegis"], torch.float32).eval()(batch)
    assert said[0, :3].tolist() == [2, 4, 3]
    judge = AegisModel(base, guards["aegis"], torch.float32, add_instruction_data_guard=True)
    judge.instruction_data_guard_net = InstructionDataGuardNet.from_pretrained(guards["poison"])
    assert 0 <= judge.eval()(batch).item() <= 1
    assert judge.device.type == "cpu"
