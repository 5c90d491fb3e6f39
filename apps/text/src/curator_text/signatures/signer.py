"""Which code signs documents: the CPU's kernels, Triton programs, or cuDF; all give the same numbers."""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from curator_engine import rapids
from curator_engine.device import Device, choose_device, torch_has_gpu
from curator_engine.errors import ResourceError
from curator_text.read.columns import StringArray
from curator_text.signatures.minhash import Method, signatures
from curator_text.signatures.rapids_signatures import rapids_signatures
from curator_text.signatures.triton_signatures import has_triton, triton_signatures

type Signer = Literal["cpu", "triton", "cudf"]


def signer_for(device: Device, method: Method) -> Signer:
    """What signs here: Triton, or cuDF for its own method where only that is installed.

    Raises:
        ResourceError: A GPU is asked for, and there is none, or nothing that can use it.
    """
    if choose_device(device) == "cpu":
        return "cpu"
    if torch_has_gpu() and has_triton():
        return "triton"
    if method == "curator" and not rapids.missing(rapids.Part.SIGNATURES):
        rapids.announce(rapids.Part.SIGNATURES)
        return "cudf"
    if device == "gpu":
        raise ResourceError(
            "signing on the GPU needs torch with CUDA and the Triton that comes with it, or pylibcudf "
            "for method=curator; install one, or use device='cpu'."
        )
    return "cpu"


def sign_texts(
    texts: StringArray,
    *,
    char_ngrams: int,
    num_hashes: int,
    seed: int,
    method: Method,
    device: Device,
) -> NDArray[np.uint32]:
    """MinHash signatures, shape (documents, num_hashes); see `minhash.signatures`.

    Raises:
        ResourceError: A GPU is asked for, and there is none, or nothing that can use it.
    """
    options: dict[str, Any] = {"char_ngrams": char_ngrams, "num_hashes": num_hashes, "seed": seed}
    signer = signer_for(device, method)
    if signer == "cudf":
        return rapids_signatures(texts, **options)
    if signer == "triton":
        return triton_signatures(texts, **options, method=method)
    return signatures(texts, **options, method=method)
