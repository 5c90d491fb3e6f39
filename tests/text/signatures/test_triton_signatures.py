"""Signatures on a GPU: batches, and what is left to the CPU; what is computed is test_triton_kernels.py's."""

import numpy as np
import pyarrow as pa
import pytest
from signature_toys import random_texts

from curator_engine.device import has_gpu
from curator_text.signatures.minhash import signatures
from curator_text.signatures.triton_signatures import has_triton, triton_signatures

pytest.importorskip("torch")
needs_gpu = pytest.mark.skipif(not has_gpu(), reason="no GPU here")
pytestmark = pytest.mark.skipif(not has_triton(), reason="no Triton here")


@pytest.mark.gpu
@needs_gpu
@pytest.mark.parametrize("memory_bytes", [1000, 100_000, 2_000_000])
def test_batches_and_documents_too_long_for_one_change_nothing(memory_bytes):
    texts = random_texts(100)
    found = triton_signatures(texts, memory_bytes=memory_bytes, num_hashes=20)
    assert np.array_equal(found, signatures(texts, num_hashes=20))


def test_a_document_too_long_for_the_memory_is_the_cpus():
    texts = pa.array(["a document that is longer than the memory for it " * 20, ""])
    found = triton_signatures(texts, memory_bytes=1000, device="cpu", num_hashes=20)
    assert np.array_equal(found, signatures(texts, num_hashes=20))


@pytest.mark.parametrize("options", [{"char_ngrams": 0}, {"num_hashes": 0}])
def test_parameters_below_one_are_an_error(options):
    with pytest.raises(ValueError, match="must be at least 1"):
        triton_signatures(pa.array(["a"]), **options)


def test_texts_that_are_no_utf8_get_theirs_from_the_cpu():
    bad = pa.array([b"\xff\xfe some bytes that are no text", b"plain"]).view(pa.string())
    found = triton_signatures(bad, char_ngrams=5, num_hashes=8, device="cpu")
    assert np.array_equal(found, signatures(bad, char_ngrams=5, num_hashes=8))
