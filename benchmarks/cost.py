"""How does the cost grow where it hurts: many pages of one template, all nearly similar enough?"""

from pathlib import Path

import numpy as np
from corpus import template_pages, write_files
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
    """Print the report; returns what does not hold."""
    print("cost: pages of one template, J about 0.75, threshold 0.8")
    costs: list[Cost] = []
    base = measured(deduplicate, *_pages(folder, 50))
    for size in sizes:
        cost = measured(deduplicate, *_pages(folder, size))
        facts = ", ".join(f"{name} {value:,}" for name, value in cost.value.items())
        print(f"  {size:>6,} pages: {cost.cpu:6.1f} CPU-s, {cost.memory / 1e6:5.0f} MB; {facts}")
        costs.append(cost)
    time = exponent(sizes, [c.cpu - base.cpu for c in costs])
    memory = exponent(sizes, [float(c.memory - base.memory) for c in costs])
    print(
        f"  exponents past start-up ({base.cpu:.1f} CPU-s, {base.memory / 1e6:.0f} MB): "
        f"time {time:.2f}, memory {memory:.2f}"
    )
    limits = {"time": time, "memory": memory}
    return [f"cost: the exponent of {n} is {v:.2f}" for n, v in limits.items() if v > 1.25]


def _pages(folder: Path, size: int) -> tuple[str, str]:
    source = folder / f"in-{size}"
    write_files(list(template_pages(size)), source, files=4)
    return str(source), str(folder / f"out-{size}")
