"""How rows change workers on GPUs: rapidsmpf over UCXX, packed by cudf-streaming.

The partition of a row is `partition.py`'s and the files are `shuffle.py`'s, so that they are the
same, byte for byte, as without a GPU. Written against rapidsmpf and cudf-streaming 26.10. It has not run
on a GPU yet: `curator_engine.rapids` says so.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from curator_engine import rapids
from curator_engine.communicator import Communicator
from curator_engine.device import has_gpu
from curator_engine.errors import PipelineError
from curator_engine.stages.file_exchange import Span

_NUMBER = ".shuffle"
"""Column with the number of a row's task, by which the rows of a partition are put in order."""


def missing_package() -> str:
    """Which package is missing here, and what to install; empty if none is."""
    why = rapids.missing(rapids.Part.SHUFFLE)
    return why and f"{why}; install rapidsmpf-cu13 and cudf-streaming-cu13, or -cu12 for CUDA 12"


def why_not() -> str:
    """What is missing here for an exchange on GPUs; empty if nothing is."""
    return missing_package() if has_gpu() else "there is no GPU here"


class GpuExchange:
    """An exchange from GPU to GPU.

    Args:
        communicator: How the workers find each other; all of them make this call.
        partitions: Of all workers.
        first: Tasks that the workers before this one insert.
        spill_above: Share of the GPU's memory beyond which rows wait in host memory; None for what
            RAPIDSMPF_SPILL_DEVICE_LIMIT says, or else 0.8.
    """

    def __init__(
        self,
        communicator: Communicator,
        *,
        partitions: int,
        first: int = 0,
        spill_above: float | None = None,
    ) -> None:
        config, memory = _load("rapidsmpf.config"), _load("rapidsmpf.memory.buffer_resource")
        own = {} if spill_above is None else {"spill_device_limit": f"{spill_above:.0%}"}
        options = config.Options(own)
        options.insert_if_absent(config.get_environment_variables())
        self._communicator, self._partitions, self._number = communicator, partitions, first
        self._schema: pa.Schema | None = None
        self._stream = _load("rmm.pylibrmm.stream").DEFAULT_STREAM
        self._memory = memory.BufferResource.from_options(
            _load("rmm.mr").get_current_device_resource(), options
        )
        line = _connect(communicator, options)
        # All workers use a new line for each iteration, so one number does for all shuffles.
        self._shuffler = _load("rapidsmpf.shuffler").Shuffler(line, 0, partitions, self._memory)

    def insert(self, task_id: str, table: pa.Table, spans: Sequence[Span]) -> None:
        """Copy a task's rows to the GPU and send each partition on its way.

        Raises:
            PipelineError: A column cannot be there, or the tasks' columns differ.
        """
        _check(table.schema, self._schema, f"task {task_id}")
        if self._schema is None:
            self._schema = table.schema
        number, self._number = self._number, self._number + 1
        if not spans:
            return
        numbers = pa.array(np.full(table.num_rows, number, dtype=np.int64))
        # In the memory that rapidsmpf watches, so that it spills other rows to make room.
        on_gpu = _load("pylibcudf").Table.from_arrow(
            table.append_column(_NUMBER, numbers).combine_chunks(),
            stream=self._stream,
            mr=self._memory.device_mr,
        )
        rows = np.zeros(self._partitions, dtype=np.int64)
        for partition, start, end in spans:
            rows[partition] = end - start
        packed = _load("cudf_streaming.partition_utils").split_and_pack(
            on_gpu, np.cumsum(rows)[:-1].tolist(), self._stream, self._memory
        )
        self._shuffler.insert_chunks({partition: packed[partition] for partition, _, _ in spans})

    def insert_finished(self) -> None:
        """Tell the others that this worker is done, and learn what columns there are.

        Raises:
            PipelineError: Another worker's tasks have other columns.
        """
        self._shuffler.insert_finished()
        own = b"" if self._schema is None else self._schema.serialize().to_pybytes()
        sent = np.frombuffer(own, dtype=np.uint8)
        everyone = range(self._communicator.size)
        told = [self._communicator.broadcast(sent, root=root).tobytes() for root in everyone]
        schemas = [pa.ipc.read_schema(pa.py_buffer(each)) for each in told if each]
        for schema in schemas:
            _check(schema, schemas[0], "a task of another worker")
        self._schema = schemas[0] if schemas else None

    def extract(self) -> Iterator[tuple[int, pa.Table]]:
        """This worker's partitions that have rows, one at a time outside the GPU."""
        self._shuffler.wait()
        spill, pack = _load("rapidsmpf.memory.spill"), _load("cudf_streaming.partition_utils")
        for partition in sorted(self._shuffler.local_partitions()):
            chunks = self._shuffler.extract(partition)
            if not chunks or self._schema is None:
                continue
            chunks = spill.unspill_partitions(chunks, br=self._memory, allow_overbooking=True)
            table = pack.unpack_and_concat(chunks, self._stream, self._memory)
            yield partition, _in_order(table.to_arrow(stream=self._stream), self._schema)

    def close(self) -> None:
        """Leave the others, once all has been extracted."""
        self._shuffler.shutdown()


def _load(name: str) -> Any:
    return rapids.load(rapids.Part.SHUFFLE, name)


def _connect(communicator: Communicator, options: Any) -> Any:
    """Join the workers by UCXX: the first one's address is broadcast, the others call it."""
    progress = _load("rapidsmpf.progress_thread").ProgressThread()
    if communicator.size == 1:
        return _load("rapidsmpf.communicator.single").new_communicator(options, progress)
    ucxx = _load("rapidsmpf.communicator.ucxx")
    is_root, line, own = communicator.rank == 0, None, b""
    if is_root:
        line = ucxx.new_communicator(communicator.size, None, None, options, progress)
        own = ucxx.get_root_ucxx_address(line)
    told = communicator.broadcast(np.frombuffer(own, dtype=np.uint8)).tobytes()
    if not is_root:
        address = _load("ucxx._lib.libucxx").UCXAddress.create_from_buffer(told)
        line = ucxx.new_communicator(communicator.size, None, address, options, progress)
    ucxx.barrier(line)
    return line


def _in_order(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The rows in the order of their tasks, with the names and types that they had before."""
    order = np.argsort(table.column(len(schema)).to_numpy(), kind="stable")
    table = table.take(order)
    columns = [table.column(i).cast(column.type) for i, column in enumerate(schema)]
    return pa.Table.from_arrays(columns, schema=schema).combine_chunks()


def _check(schema: pa.Schema, expected: pa.Schema | None, whose: str) -> None:
    """Whether the columns can be on a GPU, together with those of other tasks.

    Raises:
        PipelineError: They cannot.
    """
    for column in schema:
        if not _fits(column.type):
            raise PipelineError(
                f"column {column.name!r} is {column.type}, which a shuffle on GPUs cannot carry; "
                "use device='cpu'."
            )
    if expected is not None and not schema.equals(expected):
        raise PipelineError(
            f"the columns of {whose} are {_told(schema)}, those of others {_told(expected)}; make "
            "them equal, or use device='cpu'."
        )


def _told(schema: pa.Schema) -> str:
    return ", ".join(f"{column.name} {column.type}" for column in schema)


def _fits(kind: Any) -> bool:
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return _fits(kind.value_type)
    return any(test(kind) for test in _CARRIED)


_CARRIED = (
    pa.types.is_integer,
    pa.types.is_float32,
    pa.types.is_float64,
    pa.types.is_boolean,
    pa.types.is_string,
    pa.types.is_large_string,
    pa.types.is_date32,
    pa.types.is_timestamp,
    pa.types.is_duration,
    pa.types.is_decimal128,
)
