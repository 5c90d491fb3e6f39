"""Signatures by Triton programs are those of the CPU's kernels, bit by bit.

Without a GPU they run in Triton's interpreter, which must be chosen before Triton is imported: in a
process of its own, once for all cases.
"""

import os
import pickle
import subprocess
import sys
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from signature_toys import TEXTS, random_texts

from curator_engine.stages.device import has_gpu
from curator_text.minhash import signatures
from curator_text.triton_signatures import has_triton, triton_signatures

pytest.importorskip("torch")
needs_gpu = pytest.mark.skipif(not has_gpu(), reason="no GPU here")
pytestmark = pytest.mark.skipif(not has_triton(), reason="no Triton here")

METHODS: list[Any] = ["fast", "curator"]
WIDTHS = [1, 2, 5, 8, 24, 64, 130]
SAME = ["x" * 700, "ab" * 300, "日本" * 200, "y"]
"""Few different windows: bins stay empty for many rounds."""


def cases() -> dict[str, tuple[list[str], dict[str, Any]]]:
    found: dict[str, tuple[list[str], dict[str, Any]]] = {}
    for method in METHODS:
        common = {"num_hashes": 9, "seed": 7, "method": method}
        for width in WIDTHS:
            found[f"{method} {width}"] = (TEXTS, {**common, "char_ngrams": width})
        found[f"{method} repeated"] = (SAME, {**common, "num_hashes": 40})
        found[f"{method} one bin"] = (TEXTS, {**common, "num_hashes": 1})
        found[f"{method} ascii"] = (["plain words, and more of them " * 9, "a", ""], common)
        found[f"{method} many"] = (random_texts(20).to_pylist(), {**common, "num_hashes": 40})
    return found


_RUN = """if True:
    import pickle, sys, pyarrow as pa
    from curator_text.triton_signatures import triton_signatures
    cases = pickle.load(sys.stdin.buffer)
    found = {
        name: triton_signatures(pa.array(texts), **options, device="cpu", block=64)
        for name, (texts, options) in cases.items()
    }
    sys.stdout.buffer.write(pickle.dumps(found))
"""


@pytest.fixture(scope="module")
def interpreted():
    """The signatures of all cases."""
    done = subprocess.run(
        [sys.executable, "-c", _RUN],
        input=pickle.dumps(cases()),
        env=os.environ | {"TRITON_INTERPRET": "1"},
        capture_output=True,
        check=True,
    )
    return pickle.loads(done.stdout)


@pytest.mark.skipif(has_gpu(), reason="there is a GPU, which takes the same cases")
@pytest.mark.parametrize("name", list(cases()))
def test_they_are_those_of_the_kernels(interpreted, name):
    texts, options = cases()[name]
    assert np.array_equal(interpreted[name], signatures(pa.array(texts), **options))


@pytest.mark.gpu
@needs_gpu
@pytest.mark.parametrize("name", list(cases()))
def test_on_a_gpu_too(name):
    texts, options = cases()[name]
    expected = signatures(pa.array(texts), **options)
    assert np.array_equal(triton_signatures(pa.array(texts), **options), expected)


@pytest.mark.gpu
@needs_gpu
@pytest.mark.parametrize("method", METHODS)
def test_on_a_gpu_those_of_long_and_many_documents_too(method):
    texts = pa.concat_arrays(
        [random_texts(3000), pa.array(["word " * 200_000, "ünder " * 50_000, "z" * 300_000])]
    )
    found = triton_signatures(texts, method=method)
    assert np.array_equal(found, signatures(texts, method=method))


@pytest.mark.gpu
@needs_gpu
@pytest.mark.parametrize("memory_bytes", [1000, 100_000, 2_000_000])
def test_batches_and_documents_too_long_for_one_change_nothing(memory_bytes):
    texts = random_texts(100)
    found = triton_signatures(texts, memory_bytes=memory_bytes, num_hashes=20)
    assert np.array_equal(found, signatures(texts, num_hashes=20))


@pytest.mark.parametrize("options", [{"char_ngrams": 0}, {"num_hashes": 0}])
def test_parameters_below_one_are_an_error(options):
    with pytest.raises(ValueError, match="must be at least 1"):
        triton_signatures(pa.array(["a"]), **options)


def test_texts_that_are_no_utf8_get_theirs_from_the_cpu():
    bad = pa.array([b"\xff\xfe some bytes that are no text", b"plain"]).view(pa.string())
    found = triton_signatures(bad, char_ngrams=5, num_hashes=8, device="cpu")
    assert np.array_equal(found, signatures(bad, char_ngrams=5, num_hashes=8))
