"""The one door to RAPIDS. Nothing behind it has run on a GPU by us: there was no machine with both.

Whatever imports a package of RAPIDS does so by `load`, which says in one line that it was chosen.
What has run on a GPU (torch, Triton) needs no door; docs/gpu.md has the list of both.
"""

import importlib
import logging
from enum import Enum
from functools import cache
from typing import Any

_logger = logging.getLogger(__name__)


class Part(Enum):
    """What is written for RAPIDS."""

    SIGNATURES = "signatures by cuDF"
    COMPONENTS = "connected components by cuGraph"
    KMEANS = "k-means by cuML"
    RANKS = "ranks that talk through RAFT and NCCL"
    SHUFFLE = "a shuffle by rapidsmpf"


_NEEDS = {
    Part.SIGNATURES: ("pylibcudf", "pylibcudf.nvtext.minhash"),
    Part.COMPONENTS: ("cupy", "pylibcugraph"),
    Part.KMEANS: ("cupy", "cuml.cluster.kmeans_mg"),
    Part.RANKS: (
        "pylibraft.common.handle",
        "raft_dask.common.comms_utils",
        "raft_dask.common.nccl",
    ),
    Part.SHUFFLE: ("pylibcudf", "cudf_streaming.partition_utils", "rapidsmpf.shuffler", "rmm.mr"),
}
"""The modules without which a part cannot run."""


def missing(part: Part) -> str:
    """Why a part cannot run here, as Python says it; empty if its packages can be imported."""
    try:
        for name in _NEEDS[part]:
            importlib.import_module(name)
    except (ImportError, OSError) as error:
        return str(error)
    return ""


def load(part: Part, module: str) -> Any:
    """A module of RAPIDS, for a part that is used now.

    Raises:
        ImportError: It is not installed.
    """
    announce(part)
    return importlib.import_module(module)


@cache
def announce(part: Part) -> None:
    """Say that a part was chosen, once per process."""
    _logger.warning(
        "never run on a GPU by us: %s. Compare a result with device='cpu' before you rely on it.",
        part.value,
    )
