"""Run other tools on the same corpora, each in an environment of its own, and judge what they remove."""

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
from corpus import Document
from numpy.typing import NDArray
from quality import true_pairs

HERE = Path(__file__).parent
PEERS = {
    "rensa": ["rensa"],
    "daft": ["daft", "pyarrow", "numpy"],
    "datasketch": ["datasketch"],
    "datatrove": ["datatrove[io,processing]", "spacy"],
}
NEWEST = "2026-11-20T00:00:00Z"
"""As in the workspace: nothing newer is installed."""


def install(folder: Path, name: str) -> Path:
    """The Python of an environment with the peer.

    Raises:
        RuntimeError: There is no uv, or it does not install.
    """
    uv = shutil.which("uv") or str(HERE.parent / ".tools/bin/uv")
    place = folder / name
    for words in (["venv", "--python", "3.12", place], ["pip", "install", "--exclude-newer", NEWEST,
                  "--python", place, *PEERS[name]]):  # fmt: skip
        done = subprocess.run([uv, *map(str, words)], capture_output=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{name} does not install: {done.stderr.decode()[-500:]}")
    return place / "bin" / "python"


def run_peer(python: str, name: str, source: str, out: str) -> None:
    """Deduplicate with a peer; to be measured."""
    script = HERE / "peers" / f"{name}_peer.py"
    done = subprocess.run([python, str(script), source, out], capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{name} failed: {done.stderr.decode()[-2000:]}")


def kept_ids(out: Path) -> set[str]:
    """Ids of the documents that a tool wrote."""
    lines = (line for path in out.glob("*.jsonl") for line in path.open("rb"))
    return {json.loads(line)["id"] for line in lines}


def word_sets(documents: list[Document]) -> list[NDArray[np.uint64]]:
    """Sorted distinct hashes of each document's word 5-grams."""
    sets: list[NDArray[np.uint64]] = []
    for document in documents:
        words = document.text.split()
        grams = {" ".join(words[i : i + 5]) for i in range(max(1, len(words) - 4))}
        sets.append(np.sort(np.array([hash(gram) & (1 << 64) - 1 for gram in grams], np.uint64)))
    return sets


def verdict(
    documents: list[Document], sets: list[NDArray[np.uint64]], kept: set[str]
) -> tuple[float, int, int]:
    """Recall of the pairs with J >= 0.8, documents removed, and those without a kept one that near."""
    pairs = true_pairs(sets, 0.8)
    stays = [document.id in kept for document in documents]
    resolved = sum(not (stays[i] and stays[j]) for i, j in pairs)
    covered = {i if stays[j] else j for i, j in pairs if stays[i] != stays[j]}
    removed = [i for i, stay in enumerate(stays) if not stay]
    return resolved / len(pairs), len(removed), sum(i not in covered for i in removed)
