"""Answers of a batch are those that the model gives for each text alone, whatever the size of a batch and the order."""

from typing import Any

import numpy as np
import pytest
from tiny_classifiers import LABELS, LONGEST, TEXTS

from curator_engine.errors import InputError
from curator_text.models.text_classifier import TextClassifier, TextTokenizer

HEADS: dict[str, Any] = {"labels": "labels", "prompt": "prompt", "score": "score", "other": "auto"}


def opened(classifiers, name):
    tokenizer = TextTokenizer(classifiers[name])
    return tokenizer, TextClassifier(classifiers[name], head=HEADS[name], pad=tokenizer.pad)


def alone(classifiers, name, text):
    """The numbers of one text by transformers itself, nothing filled up."""
    import torch
    from safetensors.torch import load_file
    from transformers import (
        AutoConfig,
        AutoModel,
        AutoModelForSequenceClassification,
        AutoTokenizer,
    )

    folder = classifiers[name]
    given = AutoTokenizer.from_pretrained(folder)(text, truncation=True, return_tensors="pt")
    given.pop("token_type_ids", None)
    with torch.no_grad():
        if name in ("score", "other"):
            model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
            logits = model(**given).logits[0]
            return logits if name == "score" else torch.softmax(logits, -1)
        weights = load_file(f"{folder}/model.safetensors")
        stem = "model." if name == "labels" else "backbone."
        encoder = AutoModel.from_config(AutoConfig.from_pretrained(f"{folder}/base")).eval()
        own = {k.removeprefix(stem): v for k, v in weights.items() if k.startswith(stem)}
        encoder.load_state_dict(own)
        states = encoder(**given).last_hidden_state[0]
        if name == "labels":
            return torch.softmax(states[0] @ weights["fc.weight"].T + weights["fc.bias"], -1)
        mean, heads = states.mean(0), sorted(k for k in weights if k.endswith("fc.weight"))
        parts = [mean @ weights[k].T + weights[k.replace("weight", "bias")] for k in heads]
        return torch.cat(parts)


@pytest.mark.parametrize("name", HEADS)
def test_a_batch_answers_as_single_texts_do(classifiers, name):
    tokenizer, model = opened(classifiers, name)
    expected = np.stack([alone(classifiers, name, text).numpy() for text in TEXTS])
    for order, size in ((slice(None), 1), (slice(None, None, -1), 4), (slice(None), 100)):
        ids, _ = tokenizer.tokens(TEXTS[order])
        found = model.outputs(ids, batch_size=size)
        assert np.allclose(found, expected[order], atol=1e-5)


def test_labels_are_those_of_the_configuration(classifiers):
    tokenizer, model = opened(classifiers, "labels")
    found = model.predict(tokenizer.tokens(TEXTS)[0])
    best = [LABELS[int(np.argmax(each))] for each in found["probs"]]
    assert found["label"] == best
    assert len(set(best)) > 1


def test_a_score_is_cut_to_its_range_and_has_a_label(classifiers):
    model = opened(classifiers, "score")[1]
    outputs = np.array([[-1.0], [2.4], [2.5], [3.6], [9.0]], np.float32)
    found = model.columns(outputs)
    assert found["float"][0] == 0
    assert found["float"][-1] == 5
    assert found["int"] == [0, 2, 2, 4, 5]
    assert [each[0] for each in found["label"]] == ["l", "l", "h", "h", "h"]


def test_a_classifier_of_transformers_is_known_by_its_configuration(classifiers):
    _, other = opened(classifiers, "other")
    assert (other.head, len(other.labels)) == ("labels", 3)
    assert TextClassifier(classifiers["score"], head="auto").head == "score"


def test_texts_that_are_cut_are_counted(classifiers):
    tokenizer = TextTokenizer(classifiers["labels"], max_chars=20)
    ids, cut = tokenizer.tokens(["the river", "the river " * 9, "a"])
    assert cut == 1
    assert len(ids[1]) == len(tokenizer.tokens(["the river the river "])[0][0])
    short = TextTokenizer(classifiers["labels"], max_seq_length=4)
    assert short.tokens(["the river of proof", "a a", "a\ud800"])[1] == 1


def test_no_more_tokens_are_looked_at_than_the_model_takes(classifiers):
    tokenizer = TextTokenizer(classifiers["score"], max_seq_length=512)
    assert len(tokenizer.tokens(["river " * 50])[0][0]) == LONGEST


def test_no_texts_have_no_answers(classifiers):
    for name in HEADS:
        found = opened(classifiers, name)[1].predict([])
        assert not any(found.values())


def test_no_model_is_refused(tmp_path):
    with pytest.raises(InputError, match="no such model"):
        TextClassifier(str(tmp_path), head="labels")
