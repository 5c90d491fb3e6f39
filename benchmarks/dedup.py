"""How fast is fuzzy deduplication beside the floor and beside other tools, and how fast does it start?

The floor is `floor.py`. Every run is a command of its own, ours as a user types it; what a corpus of a few
documents (60 kB) takes is the start-up, and the speeds are for what a larger one takes beyond that.

There are two kinds of corpora: `usual`, where most documents are like no other, and `copies`, where most
are near-copies of others, so that comparing is the cost.
"""

import json
import math
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from corpus import Document, copied, planted, write_scaled
from measure import Cost, measured_command
from peers import (
    LEAST_TIMES,
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
SMALL, JUDGED_FROM, MOST_START_UP = 60_000, 300_000_000, 1.0


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of corpus, and what is asked there."""

    name: str
    drawn: Callable[..., list[Document]]
    most: int
    """Bytes of the largest corpus."""
    least_of_floor: float
    """Part of the floor's rate that `fast` should have."""
    least_times: dict[str, float]
    """How many times the rate of the fastest peer that does ours should be."""


KINDS = (
    Kind(
        name="usual",
        drawn=planted,
        most=1_600_000_000,
        least_of_floor=0.8,
        least_times=LEAST_TIMES,
    ),
    Kind(
        name="copies",
        drawn=copied,
        most=400_000_000,
        least_of_floor=0.75,
        least_times={"fast": 3.5},
    ),
)


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
    pythons: dict[str, Path] = {}
    wrong: list[str] = []
    for name in PEERS if peers else ():
        try:
            pythons[name] = install(folder / "peers", name)
        except RuntimeError as error:
            wrong.append(f"dedup: no row for {name}: {error}")
    for kind in KINDS:
        place = folder / kind.name
        wrong += _run_kind(place, kind, sizes, repeats, judge=judge, pythons=pythons)
        shutil.rmtree(place)
    return wrong


def _run_kind(
    folder: Path,
    kind: Kind,
    sizes: list[int],
    repeats: int,
    *,
    judge: bool,
    pythons: dict[str, Path],
) -> list[str]:
    """All candidates on the corpora of one kind; the peers as far as there is a Python for them."""
    corpora: dict[int, Path] = {}
    for size in (SMALL, *(size for size in sizes if size <= kind.most)):
        source = folder / f"in-{size}"
        files = max(1, size // 24_000_000)
        corpora[write_scaled(source, size, files=files, drawn=kind.drawn)] = source
    print(
        f"dedup, {kind.name}: start-up; then per corpus MB per CPU-second beyond it, time, memory"
    )
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
    wrong = _judge(lines, kind) if judge else []
    if pythons:
        verdicts = _run_peers(lines, corpora, folder, repeats, pythons, wrong)
        if judge and verdicts:
            rates = {name: line.rates() for name, line in lines.items()}
            wrong += compare(rates, verdicts, least_times=kind.least_times)
    return [f"{each}, of {kind.name}" for each in wrong]


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
    lines: dict[str, Line],
    corpora: dict[int, Path],
    folder: Path,
    repeats: int,
    pythons: dict[str, Path],
    wrong: list[str],
) -> dict[str, Verdict]:
    """Other tools on the same corpora; their lines are added, and to `wrong` those that fail.

    What they remove is judged on the second corpus, in the shingles that they work on.
    """
    first = list(corpora)[1]
    documents = _documents(corpora[first])
    windows = near_pairs(window_sets(documents))
    for name in ("fast", "curator"):
        print(verdict(documents, windows, kept_ids(folder / f"{name}-{first}/data")).text(name))
    shingles = near_pairs(word_sets(documents))
    verdicts: dict[str, Verdict] = {}
    for name, python in pythons.items():
        fitting = {size: path for size, path in corpora.items() if size <= SLOW.get(name, size)}
        try:
            lines[name] = _line(name, peer_command(python, name), fitting, folder, repeats)
        except RuntimeError as error:
            wrong.append(f"dedup: no row for {name}: {error}")
            continue
        verdicts[name] = verdict(documents, shingles, kept_ids(folder / f"{name}-{first}"))
        print(verdicts[name].text(name), flush=True)
    return verdicts


def _documents(source: Path) -> list[Document]:
    rows = [json.loads(line) for path in sorted(source.iterdir()) for line in path.open("rb")]
    return [Document(id=row["id"], text=row["text"]) for row in rows]


def _judge(lines: dict[str, Line], kind: Kind) -> list[str]:
    wrong: list[str] = []
    for size in [size for size in lines["fast"].costs if size > JUDGED_FROM]:
        ratio = lines["fast"].rate(size) / lines["floor"].rate(size)
        print(f"  fast / floor at {size / 1e6:.0f} MB: {ratio:.2f}")
        if ratio < kind.least_of_floor:
            wrong.append(f"dedup: {ratio:.2f} of the floor's rate at {size / 1e6:.0f} MB")
    start = lines["fast"].costs[min(lines["fast"].costs)].wall
    if start > MOST_START_UP:
        wrong.append(f"dedup: {start:.2f} s to start")
    return wrong
