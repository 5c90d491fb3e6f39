"""How fast is fuzzy deduplication beside the floor and beside other tools, and how fast does it start?

The floor is `floor.py`. Every run is a command of its own, ours as a user types it; what a corpus of a few
documents (60 kB) takes is the start-up, and the speeds are for what a larger one takes beyond that.
"""

import json
import math
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from corpus import Document, write_scaled
from measure import Cost, measured_command
from peers import (
    PEERS,
    SLOW,
    Verdict,
    compare,
    install,
    kept_ids,
    near_pairs,
    peer_command,
    verdict,
    word_sets,
)
from quality import window_sets

type Words = Callable[[Path, Path], list[str | Path]]
"""A command line, of where its input is and where its output goes."""
SMALL = 60_000
LEAST_OF_FLOOR, MOST_START_UP = 0.8, 1.0


@dataclass(frozen=True, kw_only=True)
class Line:
    """One candidate on all corpora."""

    name: str
    costs: dict[int, Cost]
    """By the corpus' bytes; the smallest is the start-up."""

    def rate(self, size: int) -> float:
        """MB per CPU second beyond the start-up; infinite if that took all of the time."""
        spent = self.costs[size].cpu - self.costs[min(self.costs)].cpu
        return (size - min(self.costs)) / 1e6 / spent if spent > 0 else math.inf

    def rates(self) -> dict[int, float]:
        """The rates, by the corpus' bytes."""
        return {size: self.rate(size) for size in self.costs if size != min(self.costs)}

    def text(self) -> str:
        """The line as it is printed."""
        start = self.costs[min(self.costs)]
        cells = "".join(
            f"{self.rate(size):8.1f} {cost.wall:6.1f} s {cost.memory / 1e6:5.0f} MB"
            for size, cost in self.costs.items()
            if size != min(self.costs)
        )
        return f"  {self.name:20}{start.wall:5.2f} s{cells}"


def run(folder: Path, *, sizes: list[int], repeats: int, judge: bool, peers: bool) -> list[str]:
    """Print the report; returns what does not hold.

    Args:
        folder: For the corpora and what comes of them.
        sizes: Bytes of the corpora.
        repeats: Runs of each, of which the best counts.
        judge: Whether the sizes are large enough for the ratios to mean something.
        peers: Whether to install and run other tools as well.
    """
    corpora: dict[int, Path] = {}
    for size in (SMALL, *sizes):
        source = folder / f"in-{size}"
        corpora[write_scaled(source, size, files=max(1, size // 24_000_000))] = source
    print("dedup: start-up; then per corpus MB per CPU-second beyond it, wall time, memory")
    heads = "".join(f"{size / 1e6:18.0f} MB    " for size in corpora if size > 10 * SMALL)
    print(f"  {'':20}{'':7}{heads}")
    candidates = {
        "floor": _floor,
        "fast": _ours("fast", 1),
        "fast, two workers": _ours("fast", 2),
        "curator": _ours("curator", 1),
    }
    lines = {
        name: _line(name, words, corpora, folder, repeats) for name, words in candidates.items()
    }
    wrong = _judge(lines) if judge else []
    return wrong + (_run_peers(lines, corpora, folder, repeats, judge=judge) if peers else [])


def _floor(source: Path, out: Path) -> list[str | Path]:
    return [sys.executable, Path(__file__).with_name("floor.py"), source, out]


def _ours(method: str, workers: int) -> Words:
    command = Path(sys.executable).with_name("curator-text")

    def words(source: Path, out: Path) -> list[str | Path]:
        options = ["--method", method, "--workers", str(workers), "--quiet"]
        return [command, "fuzzy", source, "--output", out, *options]

    return words


def _line(name: str, words: Words, corpora: dict[int, Path], folder: Path, repeats: int) -> Line:
    """Run one candidate on all corpora; the result on the second is kept, for its quality."""
    costs: dict[int, Cost] = {}
    # Once without looking: bytecode and compiled kernels are cached from then on.
    measured_command(words(corpora[min(corpora)], folder / f"{name}-first"))
    for size, source in corpora.items():
        turns: list[Cost] = []
        out = folder / f"{name}-{size}"
        for _ in range(repeats):
            shutil.rmtree(out, ignore_errors=True)
            turns.append(measured_command(words(source, out)))
        costs[size] = min(turns, key=lambda cost: cost.cpu)
        if size != list(corpora)[1]:
            shutil.rmtree(out, ignore_errors=True)
    line = Line(name=name, costs=costs)
    print(line.text(), flush=True)
    return line


def _run_peers(
    lines: dict[str, Line], corpora: dict[int, Path], folder: Path, repeats: int, *, judge: bool
) -> list[str]:
    """Other tools on the same corpora.

    What they remove is judged on the second corpus, in the shingles that they work on.
    """
    first = list(corpora)[1]
    documents = _documents(corpora[first])
    windows = near_pairs(window_sets(documents))
    for name in ("fast", "curator"):
        print(verdict(documents, windows, kept_ids(folder / f"{name}-{first}/data")).text(name))
    shingles = near_pairs(word_sets(documents))
    verdicts: dict[str, Verdict] = {}
    problems: list[str] = []
    for name in PEERS:
        fitting = {size: path for size, path in corpora.items() if size <= SLOW.get(name, size)}
        try:
            words = peer_command(install(folder / "peers", name), name)
            lines[name] = _line(name, words, fitting, folder, repeats)
        except RuntimeError as error:
            problems.append(f"dedup: no row for {name}: {error}")
            continue
        verdicts[name] = verdict(documents, shingles, kept_ids(folder / f"{name}-{first}"))
        print(verdicts[name].text(name), flush=True)
    if judge:
        problems += compare({name: line.rates() for name, line in lines.items()}, verdicts)
    return problems


def _documents(source: Path) -> list[Document]:
    rows = [json.loads(line) for path in sorted(source.iterdir()) for line in path.open("rb")]
    return [Document(id=row["id"], text=row["text"]) for row in rows]


def _judge(lines: dict[str, Line]) -> list[str]:
    wrong: list[str] = []
    for size in [size for size in lines["fast"].costs if size > 300_000_000]:
        ratio = lines["fast"].rate(size) / lines["floor"].rate(size)
        print(f"  fast / floor at {size / 1e6:.0f} MB: {ratio:.2f}")
        if ratio < LEAST_OF_FLOOR:
            wrong.append(f"dedup: {ratio:.2f} of the floor's rate at {size / 1e6:.0f} MB")
    start = lines["fast"].costs[min(lines["fast"].costs)].wall
    if start > MOST_START_UP:
        wrong.append(f"dedup: {start:.2f} s to start")
    return wrong
