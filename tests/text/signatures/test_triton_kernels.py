"""What Triton programs compute is what the CPU's kernels do, bit by bit.

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

from curator_engine.device import has_gpu
from curator_text.signatures.minhash import signatures
from curator_text.signatures.triton_signatures import has_triton, triton_signatures

pytest.importorskip("torch")
needs_gpu = pytest.mark.skipif(not has_gpu(), reason="no GPU here")
pytestmark = pytest.mark.skipif(not has_triton(), reason="no Triton here")

METHODS: list[Any] = ["fast", "curator"]
WIDTHS = [1, 24, 130]
SAME = ["x" * 300, "ab" * 100, "日本" * 60, "y"]
"""Few different windows: bins stay empty for many rounds."""


def cases() -> dict[str, tuple[list[Any], dict[str, Any]]]:
    found: dict[str, tuple[list[Any], dict[str, Any]]] = {}
    for method in METHODS:
        common = {"num_hashes": 9, "seed": 7, "method": method}
        for width in WIDTHS:
            found[f"{method} {width}"] = (TEXTS, {**common, "char_ngrams": width})
        found[f"{method} repeated"] = (SAME, {**common, "num_hashes": 20})
        found[f"{method} one bin"] = (TEXTS[2:], {**common, "num_hashes": 1})
        found[f"{method} ascii"] = (["plain words, and more of them " * 9, "a", ""], common)
        found[f"{method} many"] = (random_texts(4).to_pylist(), {**common, "num_hashes": 40})
    return found


_RUN = """if True:
    import pickle, sys, pyarrow as pa
    from curator_text.signatures.triton_signatures import triton_signatures
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
