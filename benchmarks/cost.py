"""How does the cost grow where it hurts: pages of one template, nearly similar enough, and families of copies?"""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from corpus import Document, families, template_pages, write_files
from measure import Cost, measured

from curator_engine.executors.local import LocalExecutor
from curator_text.pipelines.fuzzy_dedup import FuzzyDeduplicationWorkflow


def deduplicate(source: str, out: str) -> dict[str, int]:
    """Deduplicate with the command's default bands."""
    result = FuzzyDeduplicationWorkflow(
        input_path=source,
        output_path=out,
        num_bands=29,
        minhashes_per_band=8,
        perform_removal=True,
    ).run(executor=LocalExecutor())
    names = ("num_duplicates", "pairs", "checks", "capped")
    return {name: result.metadata[name] for name in names}


def exponent(sizes: list[int], values: list[float]) -> float:
    """The slope of a line through the logarithms: 1 is linear, 2 quadratic."""
    return float(np.polyfit(np.log(sizes), np.log(values), 1)[0])


def run(folder: Path, *, sizes: list[int]) -> list[str]:
    """Print the report; returns what does not hold.

    Args:
        folder: For the corpora and what comes of them.
        sizes: Pages; of families are four times as many documents.
    """
    wrong = list[str]()
    for name, documents, times in (
        ("pages of one template, J about 0.75", template_pages, 1),
        ("families of 40 documents, J about 0.89", families, 4),
    ):
        print(f"cost: {name}, threshold 0.8")
        wrong += _grow(folder / name.split()[0], [times * size for size in sizes], documents)
    return wrong


def _grow(
    folder: Path, sizes: list[int], documents: Callable[[int], Iterator[Document]]
) -> list[str]:
    """Deduplicate more and more documents; what does not hold."""
    costs: list[Cost] = []
    bases = [measured(deduplicate, *_written(folder, documents, size)) for size in (80, 81, 82)]
    base = min(bases, key=lambda cost: cost.cpu)
    for size in sizes:
        cost = measured(deduplicate, *_written(folder, documents, size))
        facts = ", ".join(f"{name} {value:,}" for name, value in cost.value.items())
        print(f"  {size:>7,}: {cost.cpu:6.1f} CPU-s, {cost.memory / 1e6:5.0f} MB; {facts}")
        costs.append(cost)
    time = exponent(sizes, [c.cpu - base.cpu for c in costs])
    # All memory, of the last doubling: what start-up takes is free again when documents are compared.
    memory = exponent(sizes[-2:], [float(c.memory) for c in costs[-2:]])
    print(
        f"  exponents: time past start-up ({base.cpu:.1f} CPU-s) {time:.2f}, "
        f"memory from {sizes[-2]:,} to {sizes[-1]:,} {memory:.2f}"
    )
    limits = {"time": time, "memory": memory}
    return [f"cost: the exponent of {n} is {v:.2f}" for n, v in limits.items() if v > 1.25]


def _written(
    folder: Path, documents: Callable[[int], Iterator[Document]], size: int
) -> tuple[str, str]:
    source = folder / f"in-{size}"
    write_files(list(documents(size)), source, files=4)
    return str(source), str(folder / f"out-{size}")
