"""Signatures by cuDF are those of the CPU's kernels; with a stand-in, and where a GPU is."""

import sys

import fake_rapids
import numpy as np
import pyarrow as pa
import pytest
from signature_toys import TEXTS, random_texts

from curator_engine import rapids
from curator_engine.device import has_gpu
from curator_text.signatures.minhash import signatures
from curator_text.signatures.rapids_signatures import rapids_signatures

HAS_CUDF = has_gpu() and not rapids.missing(rapids.Part.SIGNATURES)


@pytest.fixture(
    params=[
        "stand-in",
        pytest.param(
            "cuDF",
            marks=[pytest.mark.gpu, pytest.mark.skipif(not HAS_CUDF, reason="no GPU with cuDF")],
        ),
    ]
)
def cudf(request, monkeypatch):
    """A stand-in for pylibcudf, then the real one."""
    if request.param == "stand-in":
        for module in fake_rapids.MODULES:
            monkeypatch.setitem(sys.modules, module.__name__, module)


@pytest.mark.parametrize("width", [1, 2, 5, 13, 24])
def test_they_are_those_of_the_kernels(cudf, width):
    array = pa.array(TEXTS)
    ours = rapids_signatures(array, char_ngrams=width, num_hashes=9, seed=7)
    theirs = signatures(array, char_ngrams=width, num_hashes=9, seed=7, method="curator")
    assert np.array_equal(ours, theirs)


@pytest.mark.parametrize("batch_bytes", [1, 5000, 1 << 20])
def test_batches_change_nothing(cudf, batch_bytes):
    array = random_texts(40)
    ours = rapids_signatures(array, num_hashes=20, batch_bytes=batch_bytes)
    assert np.array_equal(ours, signatures(array, num_hashes=20, method="curator"))


def test_a_slice_and_chunks_give_those_of_their_rows(cudf):
    array = pa.array(TEXTS, pa.large_string())
    whole = signatures(array, method="curator")
    assert np.array_equal(rapids_signatures(array[1:4]), whole[1:4])
    assert np.array_equal(rapids_signatures(pa.chunked_array([array[:2], array[2:]])), whole)


def test_no_texts_have_no_signatures(cudf):
    assert rapids_signatures(pa.array([], pa.string())).shape == (0, 260)


def test_nulls_are_refused(cudf):
    with pytest.raises(ValueError, match="1 texts are null; drop them first"):
        rapids_signatures(pa.array(["a", None]))


def test_cudf_is_there_if_it_can_be_imported(monkeypatch):
    for module in fake_rapids.MODULES:
        monkeypatch.setitem(sys.modules, module.__name__, module)
    assert not rapids.missing(rapids.Part.SIGNATURES)
    monkeypatch.setitem(sys.modules, "pylibcudf.nvtext.minhash", None)
    assert rapids.missing(rapids.Part.SIGNATURES)
