"""Does deduplication of a corpus that is larger than the memory stay within it, at the same cost per byte?

The same run on a tenth of the corpus says what a byte costs there. Needs about 2.5 times the corpus
on the disk.
"""

import shutil
from pathlib import Path
from typing import Any

from corpus import write_scaled
from measure import Cost, measured

from curator_engine.executors.local import LocalExecutor
from curator_engine.stages.files import parse_size
from curator_text.fuzzy.lsh import choose_bands
from curator_text.pipelines.fuzzy_dedup import FuzzyDeduplicationWorkflow

WORKERS = 2
MOST_GROWTH = 1.3
"""Times the CPU seconds per byte of a tenth of the corpus."""


def fuzzy(source: str, out: str, memory: str) -> dict[str, Any]:
    """Deduplicate as the command does with `--memory` and two workers; returns the facts."""
    bands, rows = choose_bands(0.8, 0.995)
    workflow = FuzzyDeduplicationWorkflow(
        input_path=source,
        output_path=out,
        num_bands=bands,
        minhashes_per_band=rows,
        perform_removal=True,
        memory=memory,
    )
    return workflow.run(executor=LocalExecutor({"workers": WORKERS})).metadata


def run(folder: Path, *, size: int, memory: str) -> list[str]:
    """Print the report; returns what does not hold.

    Args:
        folder: For the corpora and what comes of them.
        size: Bytes of the larger corpus.
        memory: What all processes together may take.
    """
    print(f"dedup --large: {WORKERS} workers within {memory}; corpus, memory, time, CPU per GB")
    per_byte, wrong = list[float](), list[str]()
    for each in (size // 10, size):
        source, out = folder / "in", folder / "out"
        written = write_scaled(source, each, files=max(1, each // 24_000_000))
        if not per_byte:
            # Once without looking: compiled kernels are cached from then on.
            measured(fuzzy, str(source), str(out), memory)
            shutil.rmtree(out)
        cost = measured(fuzzy, str(source), str(out), memory)
        per_byte.append(cost.cpu / written)
        print(_line(written, cost), flush=True)
        if cost.memory > parse_size(memory):
            wrong.append(f"dedup --large: {cost.memory / 1e6:.0f} MB of memory, not {memory}")
        shutil.rmtree(source)
        shutil.rmtree(out)
    if per_byte[1] > MOST_GROWTH * per_byte[0]:
        wrong.append(f"dedup --large: {per_byte[1] / per_byte[0]:.2f} times the cost per byte")
    return wrong


def _line(written: int, cost: Cost) -> str:
    facts = cost.value
    steps = ", ".join(f"{name} {seconds:.0f}" for name, seconds in facts["seconds"].items())
    return (
        f"  {written / 1e6:7.0f} MB{cost.memory / 1e6:7.0f} MB{cost.wall:7.0f} s"
        f"{cost.cpu / written * 1e9:6.1f} s/GB   {facts['num_duplicates']:,} of "
        f"{facts['num_documents']:,} removed; seconds: {steps}"
    )
