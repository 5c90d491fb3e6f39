"""Connected components, on a GPU by cuGraph; the same labels as `lsh.components` gives on the CPU.

Written against pylibcugraph 26.10. It has not run on a GPU yet: `curator_engine.rapids` says so.
"""

from collections.abc import Iterable

import numpy as np

from curator_engine import rapids
from curator_engine.device import Device, choose_device
from curator_text.fuzzy.lsh import components
from curator_text.fuzzy.pair_files import Numbers


def on_gpu(device: Device) -> bool:
    """Whether a GPU joins pairs here: where cuGraph is not installed, the CPU does, whatever is asked.

    Raises:
        ResourceError: A GPU is asked for and there is none.
    """
    if choose_device(device) == "cpu" or rapids.missing(rapids.Part.COMPONENTS):
        return False
    rapids.announce(rapids.Part.COMPONENTS)
    return True


def join_components(
    edges: Iterable[tuple[Numbers, Numbers]], *, count: int, device: Device
) -> Numbers:
    """The smallest index that each of `count` documents is connected to, shape (count,).

    Args:
        edges: Indices of pairs, in any number of parts; the CPU has one in memory at a time.
        count: Documents.
        device: Where.

    Raises:
        ResourceError: A GPU is asked for and there is none.
    """
    if not on_gpu(device):
        return components(edges, count=count)
    none = np.empty(0, np.int64)
    left, right = (np.concatenate(each) for each in zip((none, none), *edges, strict=True))
    return gpu_components(left, right, count=count)


def gpu_components(left: Numbers, right: Numbers, *, count: int) -> Numbers:
    """The smallest index that each of `count` documents is connected to, shape (count,).

    Memory on the GPU: 32 bytes per pair, and what cuGraph makes of them.
    """
    labels = np.arange(count, dtype=np.int64)
    if not len(left):
        return labels
    cupy = rapids.load(rapids.Part.COMPONENTS, "cupy")
    graphs = rapids.load(rapids.Part.COMPONENTS, "pylibcugraph")
    handle = graphs.ResourceHandle()
    # An undirected graph is one with both directions of each pair.
    graph = graphs.SGGraph(
        handle,
        graphs.GraphProperties(is_symmetric=True, is_multigraph=False),
        cupy.asarray(np.concatenate((left, right))),
        cupy.asarray(np.concatenate((right, left))),
        renumber=True,
        drop_self_loops=True,
        drop_multi_edges=True,
    )
    found = graphs.weakly_connected_components(handle, graph, None, None, None, None, False)
    vertices, marks = (cupy.asnumpy(array) for array in found)
    # Marks are any numbers, and vertices come in any order; documents without a pair do not come.
    order = np.argsort(vertices)
    vertices, marks = vertices[order], marks[order]
    _, first, group = np.unique(marks, return_index=True, return_inverse=True)
    labels[vertices] = vertices[first][group]
    return labels
