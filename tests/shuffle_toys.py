"""A shuffle in four iterations over bands; a module of its own, so that programs can run and die in it."""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from toys import Number, Numbers

from curator_engine.executors.actor_pool import RayActorPoolExecutor
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_engine.stage import PoolKind, ProcessingStage, Rejection, Shuffle
from curator_engine.stages.shuffle import ShuffleStage
from curator_engine.task import TableTask

RANGES = ((0, 2), (2, 4), (4, 6), (6, 8))


@dataclass(kw_only=True)
class Rows(ProcessingStage[Number, TableTask]):
    """Forty rows for a number, each of a band."""

    def process(self, task: Number) -> TableTask:
        rng = np.random.default_rng(task.data)
        columns: dict[str, Any] = {
            "key": [f"k{i}" for i in rng.integers(0, 30, 40)],
            "band": rng.integers(0, 8, 40),
            "row": np.arange(40) + 1000 * task.data,
        }
        return TableTask(data=pa.table(columns))


@dataclass(kw_only=True)
class Bands(ShuffleStage):
    """Rows by band and key; notes what it does, drops and rejects rows."""

    pool_kind: ClassVar[PoolKind] = Shuffle(num_partitions=3, band_ranges=RANGES)
    _kills: int | None = None
    """A process that is killed in the third iteration, when files are written."""

    def cut(self, table: pa.Table, bands: tuple[int, int]) -> pa.Table:
        band = pc.field("band")
        table = table.filter((band >= bands[0]) & (band < bands[1]))
        kept = table.filter(pc.field("key") != "k7")
        self.count_drops({"seven": table.num_rows - kept.num_rows})
        self.log_metric("rows", kept.num_rows)
        if bands == RANGES[0]:
            self.reject(Rejection(file="f", reason="first band", raw=b"\xff\n"))
        return kept

    def extract_and_write(self) -> list[Any]:
        outputs = super().extract_and_write()
        self.log_metric("files", len(outputs))
        if self._kills and self._shuffle().bands == RANGES[2]:
            os.kill(self._kills, signal.SIGKILL)
            time.sleep(60)
        return outputs


def run_bands(folder: str, executor: Any, *, dies: bool = False) -> tuple[list[Any], Any]:
    """Run it with a checkpoint in the folder; the tasks and the report."""
    kills = os.getpid() if dies else None
    stage = Bands(keys=["band", "key"], path=f"{folder}/out", _kills=kills)
    pipeline = Pipeline("bands", stages=[Numbers(count=5), Rows(), stage])
    tasks = pipeline.run(executor, checkpoint_path=f"{folder}/checkpoint", run_dir=folder)
    return tasks, pipeline.last_run


BANDS = ((0, 2), (2, 4), (4, 6))


@dataclass(kw_only=True)
class BandShuffle(ShuffleStage):
    """Rows by band and key, two bands at a time; may die in one iteration, the first time."""

    pool_kind: ClassVar[PoolKind] = Shuffle(num_partitions=3, band_ranges=BANDS)
    _die_in: tuple[int, int] | None = None

    def cut(self, table, bands):
        return table.filter((pc.field("band") >= bands[0]) & (pc.field("band") < bands[1]))

    def extract_and_write(self):
        outputs = super().extract_and_write()
        self.log_metric("files", len(outputs))
        died = Path(f"{self.path}.died")
        if self._shuffle().bands == self._die_in and not died.exists():
            died.touch()
            if "RAY_RAYLET_PID" not in os.environ:
                raise KeyboardInterrupt
            os.kill(os.getpid(), signal.SIGKILL)
        return outputs


def tables(count=11, rows=40) -> list[Any]:
    rng = np.random.default_rng(0)
    return [
        TableTask(
            data=pa.table(
                {
                    "key": pa.array([f"k{i}" for i in rng.integers(0, 30, rows)]),
                    "band": pa.array(rng.integers(0, 6, rows)),
                    "row": pa.array(np.arange(rows) + 1000 * number),
                }
            )
        )
        for number in range(count)
    ]


def pool(size=2, **config):
    return RayActorPoolExecutor({"pool_size": size, **config}, show_progress=False)


def run(stage, executor=None, *, tasks=None):
    pipeline = Pipeline("p", stages=[stage])
    return pipeline.run(executor or LocalExecutor(), tasks or tables()), pipeline.last_run


def files(folder):
    return {path.name: path.read_bytes() for path in Path(folder).glob("*.parquet")}


def rows(task):
    return [tuple(row.values()) for row in pq.read_table(task.data[0]).to_pylist()]
