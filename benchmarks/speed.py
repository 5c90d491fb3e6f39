"""How fast is each step, beside a floor and beside a plain loop that does the same?"""

import multiprocessing
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from corpus import write_real
from floor import floor
from measure import Cost, measured

from curator_engine.executors.local import LocalExecutor
from curator_engine.files.blocks import iter_blocks
from curator_engine.pipeline import Pipeline
from curator_engine.stage import Filter
from curator_engine.stages.files import FilePartitioner
from curator_engine.stages.jsonl import read_block
from curator_engine.stages.jsonl_files import JsonlReader, JsonlWriter
from curator_engine.task import TableTask
from curator_text.pipelines.fuzzy_dedup import FuzzyDeduplicationWorkflow

MIN_WORDS = 200


def fuzzy(source: str, out: str, workers: int) -> dict[str, float]:
    """Deduplicate; CPU seconds per step."""
    workflow = FuzzyDeduplicationWorkflow(
        input_path=source,
        output_path=out,
        num_bands=29,
        minhashes_per_band=8,
        perform_removal=True,
    )
    workflow.run(executor=LocalExecutor({"workers": workers}))
    return workflow.steps.cpu_seconds if workflow.steps else {}


def count_words(texts: Any) -> Any:
    """Words of each text, shape (rows,)."""
    return pc.list_value_length(pc.utf8_split_whitespace(texts))


class WordCountFilter(Filter[TableTask]):
    """Drop short documents."""

    def drop_batch(self, data: pa.Table) -> Any:
        """A reason per row, null for the rows that stay."""
        short = pc.less(count_words(data.column("text")), pa.scalar(MIN_WORDS))
        return pc.if_else(short, "short", pa.scalar(None, pa.string()))

    def drop(self, item: Any) -> str | None:
        """Never called: the batch is looked at as a whole."""
        raise NotImplementedError


def filter_by_engine(source: str, out: str, workers: int) -> None:
    """JSON lines -> filter -> JSON lines as a pipeline."""
    stages = [
        FilePartitioner(file_paths=source, blocksize="16MiB"),
        JsonlReader(block_bytes=16 << 20),
        WordCountFilter(),
        JsonlWriter(path=out),
    ]
    Pipeline("filter", stages=stages).run(LocalExecutor({"workers": workers}))


def filter_by_loop(source: str, out: str) -> None:
    """The same as a plain loop over the same libraries."""
    _filter_files(sorted(Path(source).iterdir()), out)


def filter_by_two_loops(source: str, out: str) -> None:
    """The loop in two processes, half the files each: what this machine's second core is worth."""
    context = multiprocessing.get_context("fork")
    halves = [sorted(Path(source).iterdir())[k::2] for k in range(2)]
    loops = [context.Process(target=_filter_files, args=(half, out)) for half in halves]
    for loop in loops:
        loop.start()
    for loop in loops:
        loop.join()


def _filter_files(paths: list[Path], out: str) -> None:
    Path(out).mkdir(parents=True, exist_ok=True)
    for path in paths:
        with (Path(out) / path.name).open("wb") as file:
            for _, data in iter_blocks(str(path), block_bytes=16 << 20):
                block = read_block(data)
                keep = pc.greater_equal(
                    count_words(block.table.column("text")), pa.scalar(MIN_WORDS)
                )
                for row in np.flatnonzero(keep.to_numpy()).tolist():
                    start = block.starts[row]
                    file.write(data[start : start + block.lengths[row]])


def run(folder: Path, *, size: int, repeats: int) -> list[str]:
    """Print the report; returns what does not hold."""
    written = write_real(folder / "in", size, files=8)
    source, megabytes = str(folder / "in"), written / 1e6
    print(f"speed: {megabytes:.0f} MB of real text; MB per CPU-second, start-up included")
    turns = [_turn(folder / str(k), source) for k in range(repeats)]
    best = {name: min((turn[name] for turn in turns), key=lambda c: c.cpu) for name in turns[0]}
    for name, cost in best.items():
        print(
            f"  {name:26} {megabytes / cost.cpu:7.1f} MB/CPU-s {cost.wall:6.2f} s wall "
            f"{cost.memory / 1e6:5.0f} MB memory"
        )
    for name, seconds in best["fuzzy"].value.items():
        print(f"    fuzzy, {name:18} {megabytes / max(seconds, 1e-3):8.1f} MB/CPU-s")
    ratios = {
        "fuzzy / floor, CPU": best["fuzzy"].cpu / best["floor"].cpu,
        "engine / loop, CPU": best["engine"].cpu / best["loop"].cpu,
        "loop, two processes / one, wall": best["loop, two processes"].wall / best["loop"].wall,
        "engine, two workers / one, wall": best["engine, two workers"].wall / best["engine"].wall,
    }
    for name, ratio in ratios.items():
        print(f"  {name:34} {ratio:.2f}")
    slow = ratios["engine / loop, CPU"] > 1.3 and size >= 100_000_000
    return ["speed: the engine takes more than 1.3 x the loop's CPU"] if slow else []


def _turn(folder: Path, source: str) -> dict[str, Cost]:
    """Each candidate once, one after the other, so that a slow moment hits all alike."""
    out = {name: str(folder / name) for name in "abcdefg"}
    return {
        "floor": measured(floor, source, out["a"]),
        "fuzzy": measured(fuzzy, source, out["b"], 1),
        "fuzzy, two workers": measured(fuzzy, source, out["c"], 2),
        "loop": measured(filter_by_loop, source, out["d"]),
        "loop, two processes": measured(filter_by_two_loops, source, out["g"]),
        "engine": measured(filter_by_engine, source, out["e"], 1),
        "engine, two workers": measured(filter_by_engine, source, out["f"], 2),
    }
