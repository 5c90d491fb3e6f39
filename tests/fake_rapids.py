"""Stand-ins for RAPIDS' modules, by the signatures of 26.10: ranks are threads, device memory is Arrow.

They lose what the real ones lose: names of columns, time zones, the width of offsets; and chunks of
a partition come in no order. A driver stands in for CUDA's.
"""

import ctypes
import itertools
import random
import threading
from types import ModuleType, SimpleNamespace
from typing import Any, ClassVar

import mmh3
import numpy as np
import pyarrow as pa

REAL_CDLL = ctypes.CDLL


def _count_devices(count):
    count._obj.value = 1
    return 0


DRIVER = SimpleNamespace(cuInit=lambda flags: 0, cuDeviceGetCount=_count_devices)
"""libcuda.so.1 of a machine with one GPU."""


def cdll(name, *arguments, **options):
    """The library of this name; CUDA's is faked."""
    return DRIVER if name == "libcuda.so.1" else REAL_CDLL(name, *arguments, **options)


class Table:
    """pylibcudf's: columns without names."""

    def __init__(self, arrow):
        self.arrow = arrow

    @staticmethod
    def from_arrow(arrow_like, dtype=None, stream=None, mr=None):
        columns = [column.cast(_kept(column.type)) for column in arrow_like.columns]
        return Table(_nameless(columns))

    def to_arrow(self, metadata=None, stream=None):
        return self.arrow


def _nameless(columns):
    return pa.Table.from_arrays(columns, names=[""] * len(columns))


def _kept(kind):
    if pa.types.is_large_string(kind):
        return pa.string()
    return pa.timestamp(kind.unit) if pa.types.is_timestamp(kind) else kind


class Column:
    """pylibcudf's."""

    def __init__(self, arrow):
        self.arrow = arrow

    @staticmethod
    def from_arrow(obj, dtype=None, stream=None, mr=None):
        return Column(obj.cast(_kept(obj.type)))

    def to_arrow(self, metadata=None, stream=None):
        return self.arrow


def minhash(input, seed, a, b, width, stream=None, mr=None):
    """cuDF's, by its source: sums and products have 32 bits, so the prime takes nothing off."""
    if width < 2:
        raise ValueError("Parameter width should be an integer value of 2 or greater")
    if not 0 <= seed < 2**32 or a.arrow.type != pa.uint32() or b.arrow.type != pa.uint32():
        raise TypeError("seed, a and b must be uint32")
    if len(input.arrow) * len(a.arrow) >= 2**31:
        raise OverflowError("exceeds the column size limit")
    factors, summands = (x.arrow.to_numpy().astype(np.uint64) for x in (a, b))
    rows = []
    for text in input.arrow.to_pylist():
        count = max(1, len(text) - width + 1)
        windows = {text[i : i + width].encode() for i in range(count)}
        found = [max(1, mmh3.hash(window, seed, signed=False)) for window in windows]
        hashes = np.array(found, np.uint64)[:, None]
        values = (hashes * factors + summands) % 2**32 % (2**61 - 1)
        rows.append(values.min(axis=0) if text else np.zeros(len(factors)))
    flat = np.array(rows).reshape(-1).astype(np.uint32)
    offsets = [k * len(factors) for k in range(len(rows) + 1)]
    return Column(pa.ListArray.from_arrays(offsets, pa.array(flat)))


class DeviceArray:
    """cupy's, as far as it is handed around."""

    def __init__(self, numbers):
        self.numbers = numbers


class SGGraph:
    """pylibcugraph's."""

    def __init__(
        self,
        resource_handle,
        graph_properties,
        src_or_offset_array,
        dst_or_index_array,
        weight_array=None,
        store_transposed=False,
        renumber=False,
        do_expensive_check=False,
        edge_id_array=None,
        edge_type_array=None,
        edge_start_time_array=None,
        edge_end_time_array=None,
        input_array_format="COO",
        vertices_array=None,
        drop_self_loops=False,
        drop_multi_edges=False,
        symmetrize=False,
    ):
        pairs = list(
            zip(
                src_or_offset_array.numbers.tolist(),
                dst_or_index_array.numbers.tolist(),
                strict=True,
            )
        )
        if drop_self_loops:
            pairs = [(a, b) for a, b in pairs if a != b]
        if drop_multi_edges:
            pairs = sorted(set(pairs))
        if graph_properties.is_symmetric and set(pairs) != {(b, a) for a, b in pairs}:
            raise RuntimeError("the graph must be symmetric")
        if not graph_properties.is_multigraph and len(set(pairs)) != len(pairs):
            raise RuntimeError("the graph must have no multi-edges")
        if not renumber:
            raise RuntimeError("vertices must be the numbers from 0 on")
        self.pairs = pairs


def weakly_connected_components(
    resource_handle, graph, offsets, indices, weights, labels, do_expensive_check
):
    """Vertices and marks, both in no order that means something."""
    near: dict[int, set[int]] = {}
    for a, b in graph.pairs:
        near.setdefault(a, set()).add(b)
    marks: dict[int, int] = {}
    for number, start in enumerate(sorted(near, reverse=True)):
        waiting = [start]
        while waiting:
            vertex = waiting.pop()
            if vertex not in marks:
                marks[vertex] = 7919 * number % 104729
                waiting += near[vertex]
    vertices = list(marks)
    random.Random(0).shuffle(vertices)
    found = (vertices, [marks[vertex] for vertex in vertices])
    return tuple(DeviceArray(np.array(numbers, np.int64)) for numbers in found)


def split_and_pack(table, splits, stream, br, reservation=None):
    """Packed parts of a table by partition."""
    if not table.arrow.num_rows:
        raise ValueError("the table cannot be empty")
    cuts = [0, *splits, table.arrow.num_rows]
    return {i: table.arrow.slice(a, b - a) for i, (a, b) in enumerate(itertools.pairwise(cuts))}


def unpack_and_concat(partitions, stream, br, reservation=None):
    """The table of packed parts, whose types must be the same."""
    return Table(pa.concat_tables(partitions))


class Options:
    """rapidsmpf's settings."""

    last: ClassVar[dict[str, str]] = {}

    def __init__(self, options_as_strings=None):
        self.strings = dict(options_as_strings or {})

    def insert_if_absent(self, options_as_strings):
        self.strings = {**options_as_strings, **self.strings}
        Options.last = self.strings
        return 0


class Line:
    """A communicator: threads that have the same address."""

    meetings: ClassVar[dict[bytes, "Meeting"]] = {}

    def __init__(self, meeting):
        self.meeting, self.rank = meeting, meeting.join()


class Meeting:
    """What the ranks of one communicator share."""

    def __init__(self, size):
        self.size, self.joined, self.finished = size, 0, 0
        self.chunks: dict[int, list[pa.Table]] = {}
        self.change = threading.Condition()

    def join(self):
        with self.change:
            self.joined += 1
            self.change.notify_all()
            # The ranks are not those of the workers.
            return 0 if self.joined == 1 else self.size + 1 - self.joined

    def wait_for(self, test):
        with self.change:
            assert self.change.wait_for(test, timeout=120)


def new_ucxx(nranks, ucx_worker, root_ucxx_address, options, progress_thread):
    """A rank of a communicator over UCXX."""
    address = root_ucxx_address or b"address %d" % len(Line.meetings)
    return Line(Line.meetings.setdefault(address, Meeting(nranks)))


def root_address(comm):
    return next(a for a, meeting in Line.meetings.items() if meeting is comm.meeting)


def barrier(comm):
    comm.meeting.wait_for(lambda: comm.meeting.joined == comm.meeting.size)


class Shuffler:
    """rapidsmpf's: partitions go to the ranks in turn."""

    def __init__(self, comm, op_id, total_num_partitions, br):
        self.comm, self.total = comm, total_num_partitions

    def insert_chunks(self, chunks):
        with self.comm.meeting.change:
            for partition, chunk in chunks.items():
                self.comm.meeting.chunks.setdefault(partition, []).append(chunk)

    def insert_finished(self):
        with self.comm.meeting.change:
            self.comm.meeting.finished += 1
            self.comm.meeting.change.notify_all()

    def wait(self):
        self.comm.meeting.wait_for(lambda: self.comm.meeting.finished == self.comm.meeting.size)

    def extract(self, pid):
        chunks = self.comm.meeting.chunks.pop(pid, [])
        random.Random(pid).shuffle(chunks)
        return chunks

    def local_partitions(self):
        return [p for p in range(self.total) if p % self.comm.meeting.size == self.comm.rank][::-1]

    def shutdown(self):
        assert not [p for p in self.local_partitions() if p in self.comm.meeting.chunks]


def _module(name: str, **content: Any) -> ModuleType:
    module = ModuleType(name)
    vars(module).update(content)
    return module


MODULES = [
    _module("pylibcudf", Table=Table, Column=Column),
    _module("pylibcudf.nvtext.minhash", minhash=minhash),
    _module("cupy", asarray=DeviceArray, asnumpy=lambda array: array.numbers),
    _module(
        "pylibcugraph",
        ResourceHandle=object,
        GraphProperties=lambda is_symmetric=False, is_multigraph=False: SimpleNamespace(
            is_symmetric=is_symmetric, is_multigraph=is_multigraph
        ),
        SGGraph=SGGraph,
        weakly_connected_components=weakly_connected_components,
    ),
    _module(
        "cudf_streaming.partition_utils",
        split_and_pack=split_and_pack,
        unpack_and_concat=unpack_and_concat,
    ),
    _module(
        "rapidsmpf.config",
        Options=Options,
        get_environment_variables=lambda: {"spill_device_limit": "70%"},
    ),
    _module(
        "rapidsmpf.memory.buffer_resource",
        BufferResource=SimpleNamespace(
            from_options=lambda mr, options: SimpleNamespace(device_mr=mr)
        ),
    ),
    _module(
        "rapidsmpf.memory.spill",
        unspill_partitions=lambda partitions, *, br, allow_overbooking: partitions,
    ),
    _module("rapidsmpf.progress_thread", ProgressThread=object),
    _module(
        "rapidsmpf.communicator.single",
        new_communicator=lambda options, progress_thread: Line(Meeting(1)),
    ),
    _module(
        "rapidsmpf.communicator.ucxx",
        new_communicator=new_ucxx,
        get_root_ucxx_address=root_address,
        barrier=barrier,
    ),
    _module("rapidsmpf.shuffler", Shuffler=Shuffler),
    _module("rmm.mr", get_current_device_resource=lambda: None),
    _module("rmm.pylibrmm.stream", DEFAULT_STREAM=None),
    _module(
        "ucxx._lib.libucxx", UCXAddress=SimpleNamespace(create_from_buffer=lambda buffer: buffer)
    ),
]
