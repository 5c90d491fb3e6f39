"""Run other tools on the same corpora, each in an environment of its own, and judge what they remove."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from corpus import Document
from numpy.typing import NDArray
from quality import true_pairs

HERE = Path(__file__).parent
PEERS = {
    "rensa": ["rensa==0.5.0"],
    "daft": ["daft==0.7.26", "pyarrow", "numpy"],
    "datasketch": ["datasketch==2.0.0"],
    "imagededup": ["imagededup==0.3.3.post2", "torch", "torchvision"],
    "text_dedup": ["text-dedup==0.4.1"],
    "datatrove": ["datatrove[io,processing]==0.10.1", "spacy"],
}
NEWEST = "2026-11-20T00:00:00Z"
"""As in the workspace: nothing newer is installed."""
SLOW = {"datatrove": 100_000_000, "text_dedup": 100_000_000, "datasketch": 500_000_000}
"""Largest corpus in bytes, for tools that would take more than three minutes with the next."""
JUDGED_AT = 400_000_000
"""Bytes of the corpus whose rates are compared; the one nearest to it is taken."""
LEAST_RECALL, MOST_WRONG = 0.95, 0.25
"""What a peer must reach to be compared with."""
LEAST_TIMES = {"fast": 3.5, "curator": 2.0}
"""How many times the rate of the fastest peer that does ours should be."""
LEAST_TIMES_DATATROVE = 100.0


def install(folder: Path, name: str) -> Path:
    """The Python of an environment with the peer; its bytecode is made here, not when it is measured.

    Raises:
        RuntimeError: There is no uv, or it does not install.
    """
    uv = shutil.which("uv") or shutil.which(HERE.parent / ".tools/bin/uv")
    if uv is None:
        raise RuntimeError("there is no uv to install it with; `make .tools/bin/uv` gets it.")
    place = folder / name
    for words in (["venv", "--python", sys.executable, place], ["pip", "install", "--exclude-newer",
                  NEWEST, "--compile-bytecode", "--python", place, *PEERS[name]]):  # fmt: skip
        done = subprocess.run([uv, *map(str, words)], capture_output=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{name} does not install: {done.stderr.decode()[-500:]}")
    return place / "bin" / "python"


def peer_command(python: Path, name: str) -> Callable[[Path, Path], list[str | Path]]:
    """The command line that deduplicates with a peer, of its source and output folders."""
    script = HERE / "peers" / f"{name}_peer.py"
    return lambda source, out: [python, script, source, out]


def kept_ids(out: Path) -> set[str]:
    """Ids of the documents that a tool wrote, as JSON lines or as Arrow streams."""
    ids: set[str] = set()
    for path in out.glob("*.jsonl"):
        with path.open("rb") as file:
            ids.update(json.loads(line)["id"] for line in file)
    for path in out.glob("*.arrow"):
        column = pa.ipc.open_stream(path.read_bytes()).read_all().column("id")
        ids.update(map(str, column.to_pylist()))
    return ids


def word_sets(documents: list[Document]) -> list[NDArray[np.uint64]]:
    """Sorted distinct hashes of each document's word 5-grams."""
    sets: list[NDArray[np.uint64]] = []
    for document in documents:
        words = document.text.split()
        grams = {" ".join(words[i : i + 5]) for i in range(max(1, len(words) - 4))}
        sets.append(np.sort(np.array([hash(gram) & (1 << 64) - 1 for gram in grams], np.uint64)))
    return sets


def near_pairs(sets: list[NDArray[np.uint64]]) -> list[tuple[int, int]]:
    """All pairs of documents with J >= 0.8, exact."""
    return list(true_pairs(sets, 0.8))


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a tool removed, against the exact pairs in its own shingles."""

    recall: float
    """Part of the pairs with J >= 0.8 of which at most one document stays."""
    removed: int
    """Documents removed."""
    wrong: int
    """Those of them without a kept document with J >= 0.8."""

    def good(self) -> bool:
        """Whether speed counts for anything."""
        return self.recall >= LEAST_RECALL and self.wrong <= MOST_WRONG * self.removed

    def text(self, name: str) -> str:
        """The verdict as it is printed."""
        return (
            f"  {name:20} recall {self.recall:.4f} of the pairs with J >= 0.8, {self.removed:,} "
            f"removed, of which {self.wrong:,} have no kept document that near"
        )


def verdict(documents: list[Document], pairs: list[tuple[int, int]], kept: set[str]) -> Verdict:
    """Judge what a tool kept.

    Args:
        documents: What it was given.
        pairs: Places of the documents with J >= 0.8; at least one pair.
        kept: Ids of what it wrote.
    """
    stays = [document.id in kept for document in documents]
    resolved = sum(not (stays[i] and stays[j]) for i, j in pairs)
    covered = {i if stays[j] else j for i, j in pairs if stays[i] != stays[j]}
    removed = [i for i, stay in enumerate(stays) if not stay]
    wrong = sum(i not in covered for i in removed)
    return Verdict(recall=resolved / len(pairs), removed=len(removed), wrong=wrong)


def compare(
    rates: dict[str, dict[int, float]],
    verdicts: dict[str, Verdict],
    *,
    least_times: dict[str, float] = LEAST_TIMES,
) -> list[str]:
    """Print how many times the peers' rates ours are at about 400 MB; returns what does not hold.

    Args:
        rates: MB per CPU-second beyond the start-up, by name and by the corpus' bytes.
        verdicts: By the peer's name.
        least_times: How many times the rate of the fastest peer that does ours should be.
    """
    size = min(rates["fast"], key=lambda each: abs(each - JUDGED_AT))
    # A peer that is too slow for that corpus is judged by the largest that it ran on.
    at = {name: max(each for each in rates[name] if each <= size) for name in verdicts}
    good = [name for name, each in verdicts.items() if each.good()]
    if not good:
        print("  no peer finds enough and removes little else: compared with the fastest of all")
    fastest = max(good or verdicts, key=lambda name: rates[name][at[name]])
    claims = [(ours, fastest, least) for ours, least in least_times.items()]
    if "datatrove" in verdicts:
        claims.append(("fast", "datatrove", LEAST_TIMES_DATATROVE))
    problems: list[str] = []
    for ours, peer, least in claims:
        times = rates[ours][size] / rates[peer][at[peer]]
        print(
            f"  {ours} at {size / 1e6:.0f} MB / {peer} at {at[peer] / 1e6:.0f} MB: "
            f"{times:.2f} x the MB per CPU-second; {least:g} x is asked"
        )
        if times < least:
            problems.append(f"dedup: {ours} has {times:.2f} x {peer}'s rate; {least:g} x is asked")
    return problems
