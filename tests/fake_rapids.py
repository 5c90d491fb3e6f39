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

import pyarrow as pa

REAL_CDLL = ctypes.CDLL


def _count_devices(count):
    count._obj.value = 1
    return 0


DRIVER = SimpleNamespace(cuInit=lambda flags: 0, cuDeviceGetCount=_count_devices)
"""libcuda.so.1 of a machine with one GPU."""


def cdll(name, *arguments):
    """The library of this name; CUDA's is faked."""
    return DRIVER if name == "libcuda.so.1" else REAL_CDLL(name, *arguments)


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
            assert self.change.wait_for(test, timeout=20)


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
    _module("pylibcudf", Table=Table),
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
