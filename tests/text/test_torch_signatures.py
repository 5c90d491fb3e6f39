"""Signatures by torch are those of the CPU's kernels, bit by bit; on its CPU device, and on a GPU."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from signature_toys import TEXTS, random_texts

from curator_engine.stages.device import has_gpu
from curator_text.minhash import signatures
from curator_text.torch_signatures import torch_signatures

pytest.importorskip("torch")

METHODS: list[Any] = ["fast", "curator"]
DEVICES = [
    "cpu",
    pytest.param(
        "cuda", marks=[pytest.mark.gpu, pytest.mark.skipif(not has_gpu(), reason="no GPU here")]
    ),
]


def both(texts, device="cpu", memory_bytes=1 << 28, **options):
    ours = torch_signatures(texts, device=device, memory_bytes=memory_bytes, **options)
    return ours, signatures(texts, **options)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("width", [1, 2, 5, 8, 13, 24, 64, 130])
def test_they_are_those_of_the_kernels(device, method, width):
    ours, theirs = both(
        pa.array(TEXTS), device, char_ngrams=width, num_hashes=9, seed=7, method=method
    )
    assert np.array_equal(ours, theirs)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("method", METHODS)
def test_those_of_many_documents_too(device, method):
    ours, theirs = both(random_texts(), device, method=method)
    assert np.array_equal(ours, theirs)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("memory_bytes", [1000, 50_000, 2_000_000])
def test_batches_and_documents_too_long_for_one_change_nothing(device, method, memory_bytes):
    ours, theirs = both(random_texts(100), device, memory_bytes, num_hashes=20, method=method)
    assert np.array_equal(ours, theirs)


@given(
    st.lists(st.text(max_size=60), min_size=1, max_size=5),
    st.integers(1, 30),
    st.sampled_from(METHODS),
)
def test_those_of_any_text_are_the_kernels(texts, width, method):
    ours, theirs = both(
        pa.array(texts, pa.string()), char_ngrams=width, num_hashes=5, method=method
    )
    assert np.array_equal(ours, theirs)


@pytest.mark.parametrize("method", METHODS)
def test_a_slice_and_chunks_give_those_of_their_rows(method):
    array = pa.array(TEXTS, pa.large_string())
    chunked = pa.chunked_array([array[:2], array[2:]])
    whole = signatures(array, method=method)
    assert np.array_equal(torch_signatures(array[1:4], method=method, device="cpu"), whole[1:4])
    assert np.array_equal(torch_signatures(chunked, method=method, device="cpu"), whole)


@pytest.mark.parametrize("method", METHODS)
def test_bytes_that_are_no_text_do_no_harm(method):
    bad = pa.array([b"\x80\x80", b"a" + b"\xbf" * 50, b"cut \xf0\x9f", b"text", b"\xff\xfe"]).view(
        pa.string()
    )
    ours, theirs = both(bad, num_hashes=5, method=method)
    assert np.array_equal(ours, theirs)


def test_no_texts_have_no_signatures():
    assert torch_signatures(pa.array([], pa.string()), device="cpu").shape == (0, 260)


def test_nulls_are_refused():
    with pytest.raises(ValueError, match="1 texts are null; drop them first"):
        torch_signatures(pa.array(["a", None]), device="cpu")


def test_a_width_below_one_is_refused():
    with pytest.raises(ValueError, match="must be at least 1"):
        torch_signatures(pa.array(["a"]), char_ngrams=0, device="cpu")


@pytest.mark.gpu
@pytest.mark.skipif(not has_gpu(), reason="no GPU here")
@pytest.mark.parametrize("method", METHODS)
def test_a_gpus_memory_is_not_exceeded(method):
    import torch

    torch.cuda.reset_peak_memory_stats()
    torch_signatures(random_texts(20_000), method=method, memory_bytes=64 << 20)
    assert torch.cuda.max_memory_allocated() < 64 << 20
