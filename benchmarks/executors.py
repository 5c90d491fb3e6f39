"""What does a further file cost on each executor, beside a plain loop that does the same?

Every run is a process of its own, Ray's start and end included. What all runs of an executor have in
common is its fixed cost; the difference between two numbers of files gives the marginal one.
"""

import importlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus import write_real
from measure import Cost, measured
from speed import WordCountFilter, filter_by_loop, filter_by_two_loops

from curator_engine.pipeline import Executor, Pipeline
from curator_engine.stages.files import FilePartitioner
from curator_engine.stages.jsonl_files import JsonlReader, JsonlWriter

FILE_BYTES = 1_000_000
MOST = 1.5
"""Ratio of a Ray executor's marginal cost to LocalExecutor's that is still accepted."""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """An executor with two workers."""

    name: str
    module: str
    config: dict[str, Any]

    def make(self, **further: Any) -> Executor:
        """The executor; its import is part of what it costs."""
        module = importlib.import_module(f"curator_engine.executors.{self.module}")
        return getattr(module, self.name.split(" ")[0])({**self.config, **further})


_XENNA = {"cpu_allocation_percentage": 1.0, "max_workers_per_stage": 2}
LOCAL = Candidate(name="LocalExecutor", module="local", config={"workers": 2})
RAY = [
    Candidate(name="RayActorPoolExecutor", module="actor_pool", config={"pool_size": 2}),
    Candidate(name="RayDataExecutor", module="ray_data", config={}),
    Candidate(name="XennaExecutor streaming", module="xenna", config=_XENNA),
    Candidate(
        name="XennaExecutor batch", module="xenna", config={**_XENNA, "execution_mode": "batch"}
    ),
]


@dataclass(frozen=True, kw_only=True)
class Line:
    """One way to run, at all numbers of files."""

    name: str
    costs: dict[int, Cost]

    def marginal(self) -> float:
        """Seconds per further file, from the two largest numbers of files."""
        few, many = sorted(self.costs)[-2:]
        return (self.costs[many].wall - self.costs[few].wall) / (many - few)

    def marginal_cpu(self) -> float:
        """CPU seconds per further file."""
        few, many = sorted(self.costs)[-2:]
        return (self.costs[many].cpu - self.costs[few].cpu) / (many - few)

    def text(self) -> str:
        """The line as it is printed."""
        totals = "".join(f"{self.costs[n].wall:8.2f} s" for n in sorted(self.costs))
        return (
            f"  {self.name:33}{totals}{1e3 * self.marginal():10.1f} ms"
            f"{1e3 * self.marginal_cpu():10.1f} ms"
        )


def filter_files(candidate: Candidate, source: str, out: str, is_fused: bool) -> None:
    """JSON lines -> filter -> JSON lines, a task per file."""
    stages = [
        FilePartitioner(file_paths=source),
        JsonlReader(block_bytes=16 << 20),
        WordCountFilter(),
        JsonlWriter(path=out),
    ]
    Pipeline("filter", stages=stages).run(candidate.make(fuse=is_fused))


def let_ray_find_us() -> None:
    """Set the environment for Ray's workers, which do not inherit the path of a spawned process."""
    os.environ["RAY_ENABLE_UV_RUN_RUNTIME_ENV"] = "0"
    os.environ["PYTHONPATH"] = str(Path(__file__).resolve().parent)


def run(folder: Path, *, sizes: tuple[int, int], judge: bool) -> list[str]:
    """Print the report; returns what does not hold.

    Args:
        folder: For the files.
        sizes: Two numbers of files; a single file is run as well.
        judge: Whether the sizes are large enough for the ratios to mean something.
    """
    let_ray_find_us()
    sources = _sources(folder, (1, *sizes))
    load = os.getloadavg()[0]
    print(f"executors: files of 1 MB, two workers each; the load before was {load:.1f}")
    heads = "".join(f"{n:>8} f." for n in sources)
    print(f"  {'seconds for so many files':33}{heads}{'per file':>13}{'CPU':>13}")
    lines: dict[tuple[str, bool], Line] = {}
    wrong: list[str] = []
    expected: dict[int, int] = {}
    for name, work in {"loop": filter_by_loop, "loop, two processes": filter_by_two_loops}.items():
        costs: dict[int, Cost] = {}
        for count, source in sources.items():
            out = folder / f"{name}-{count}"
            costs[count] = measured(work, str(source), str(out))
            expected[count] = _bytes_in(out)
        print(Line(name=name, costs=costs).text(), flush=True)
    for candidate in (LOCAL, *RAY):
        for is_fused in (True, False):
            name = candidate.name + ("" if is_fused else ", unfused")
            costs = {}
            for count, source in sources.items():
                out = folder / f"{name}-{count}"
                costs[count] = measured(filter_files, candidate, str(source), str(out), is_fused)
                if _bytes_in(out) != expected[count]:
                    wrong.append(f"executors: {name} writes something else than the loop")
            line = lines[candidate.name, is_fused] = Line(name=name, costs=costs)
            print(line.text(), flush=True)
    return wrong + _compare(lines, judge=judge)


def _compare(lines: dict[tuple[str, bool], Line], *, judge: bool) -> list[str]:
    """Print the Ray executors' marginal costs beside LocalExecutor's; those that are too high."""
    local, wrong = lines[LOCAL.name, True], list[str]()
    for candidate in RAY:
        line = lines[candidate.name, True]
        ratio, cpu = line.marginal() / local.marginal(), line.marginal_cpu() / local.marginal_cpu()
        print(f"  {candidate.name} / {LOCAL.name}, per further file: {ratio:.2f}, CPU {cpu:.2f}")
        if judge and ratio > MOST:
            wrong.append(
                f"executors: {candidate.name} takes {ratio:.2f} x {LOCAL.name}'s time per further file"
            )
    return wrong


def _sources(folder: Path, counts: tuple[int, ...]) -> dict[int, Path]:
    """A folder of so many files each; they are the same files."""
    everything = folder / "in"
    write_real(everything, FILE_BYTES * max(counts), files=max(counts))
    files = sorted(everything.iterdir())
    sources: dict[int, Path] = {}
    for count in counts:
        sources[count] = folder / f"in-{count}"
        sources[count].mkdir()
        for path in files[:count]:
            (sources[count] / path.name).hardlink_to(path)
    return sources


def _bytes_in(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("*.jsonl"))
