"""The file of a linear model: what is saved is loaded, and what is no model is refused."""

import json

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator_engine.errors import InputError
from curator_text.models.linear_model import LinearModel, is_linear_model, quantised


def a_model(bits=8, **more):
    weights = np.arange(1 << bits, dtype=np.int16) - 100
    return LinearModel(weights=weights, exponent=-5, bias=0.25, **more)


DATA = a_model(about={"auc": 0.9}).to_bytes()
TEXTS = pa.array(["some words here", "", "Other WORDS, and more", "文字"])


def test_scores_are_the_same_after_save_and_load(tmp_path):
    model = a_model(slope=1.5, offset=-0.1, order=3, most=7, about={"auc": 0.9})
    model.save(f"{tmp_path}/model.safetensors")
    loaded = LinearModel.load(str(tmp_path))
    assert loaded.scores(TEXTS).tobytes() == model.scores(TEXTS).tobytes()
    assert loaded.key == model.key
    assert loaded.about == {"auc": 0.9}


def test_case_does_not_count():
    scores = a_model().scores(pa.array(["ÉCOLE Normal", "école normal"]))
    assert scores[0] == scores[1]


def test_a_text_without_a_word_has_the_value_of_none():
    assert a_model().values(pa.array(["", " \n"])).tolist() == [0, 0]


def test_the_key_changes_with_what_a_score_depends_on():
    assert len({a_model().key, a_model(offset=0.1).key, a_model(order=1).key}) == 3


def test_other_programs_read_the_file(tmp_path):
    from safetensors.numpy import load_file

    (tmp_path / "m.safetensors").write_bytes(DATA)
    assert load_file(tmp_path / "m.safetensors")["weights"].tolist() == a_model().weights.tolist()


@given(st.integers(0, len(DATA) - 1), st.binary(min_size=1, max_size=4), st.booleans())
def test_whatever_is_in_a_file_is_a_model_or_refused(at, put, cut):
    data = DATA[:at] + put + (b"" if cut else DATA[at + len(put) :])
    try:
        model = LinearModel.of_bytes(data, "it")
    except InputError:
        return
    assert len(model.scores(TEXTS)) == len(TEXTS)


def changed(**facts):
    size = int.from_bytes(DATA[:8], "little")
    header = json.loads(DATA[8 : 8 + size])
    known = json.loads(header["__metadata__"]["model"])
    header["__metadata__"] |= {"model": json.dumps(known | facts)}
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + DATA[8 + size :]


@pytest.mark.parametrize(
    "facts",
    [
        {"order": 10**9},
        {"order": True},
        {"most": -1},
        {"exponent": 5000},
        {"bias": float("nan")},
        {"slope": "1"},
        {"offset": 1e300},
        {"about": 3},
    ],
)
def test_numbers_out_of_range_are_refused(facts):
    with pytest.raises(InputError, match="is no model"):
        LinearModel.of_bytes(changed(**facts), "it")


@pytest.mark.parametrize("data", [b"", b"\x80\x04pickle", b"\xff" * 100, b"[" * 100_000])
def test_other_files_are_refused(tmp_path, data):
    path = tmp_path / "model.safetensors"
    path.write_bytes(len(data).to_bytes(8, "little") + data if data.startswith(b"[") else data)
    assert not is_linear_model(str(path))
    with pytest.raises(InputError, match="is no model"):
        LinearModel.load(str(path))


def test_a_file_of_a_later_version_says_so():
    with pytest.raises(InputError, match="version '2'; this program reads 1"):
        LinearModel.of_bytes(DATA.replace(b'"version": "1"', b'"version": "2"'), "it")


def test_a_model_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match="no model at"):
        LinearModel.load(f"{tmp_path}/nowhere")


def test_weights_are_rounded_to_the_finest_whole_numbers():
    numbers, exponent = quantised(np.array([0.0, 1.0, -3.5]))
    assert np.abs(numbers).max() > np.iinfo(np.int16).max // 2
    assert np.allclose(np.ldexp(numbers.astype(float), exponent), [0, 1, -3.5])
    assert quantised(np.zeros(4))[0].tolist() == [0, 0, 0, 0]
