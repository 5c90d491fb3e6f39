"""Does fuzzy deduplication find what it should, and remove nothing else?

The ground truth is every pair of documents whose exact similarity is at least 0.8, found without
any of the project's code.
"""

from collections import defaultdict
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow.parquet as pq
from corpus import Document, chains, planted, template_corpus, write_files
from numpy.typing import NDArray

from curator_engine.executors.local import LocalExecutor
from curator_text.fuzzy.lsh import choose_bands
from curator_text.pipelines.fuzzy_dedup import FuzzyDeduplicationWorkflow

WIDTH, THRESHOLD = 24, 0.8
_DOCUMENTED, _DEFAULT = {0.9: 0.99}, {0.8: 0.995, 0.85: 0.999}
"""Least recall by similarity, of the documented bands and of the command's."""
type Sets = list[NDArray[np.uint64]]
type Removed = dict[str, tuple[str, float]]


def window_sets(documents: list[Document]) -> Sets:
    """Sorted distinct hashes of each document's windows, by a random linear form mod 2^64."""
    factors = np.random.default_rng(0).integers(1, 1 << 63, WIDTH, dtype=np.uint64) * 2 + 1
    sets: Sets = []
    for document in documents:
        points = np.frombuffer(document.text.encode("utf-32-le"), np.uint32).astype(np.uint64)
        windows = np.lib.stride_tricks.sliding_window_view(points, WIDTH)
        sets.append(np.unique(windows @ factors))
    return sets


def jaccard(a: NDArray[np.uint64], b: NDArray[np.uint64]) -> float:
    """Exact similarity of two sets."""
    common = len(np.intersect1d(a, b, assume_unique=True))
    return common / (len(a) + len(b) - common)


def true_pairs(sets: Sets, threshold: float) -> dict[tuple[int, int], float]:
    """All pairs at or above the threshold; exact.

    Two sets that are this similar share one of the rarest |A| - ceil(t |A|) + 1 elements of each
    (the prefix filter), so only documents that meet in those are compared.
    """
    values, inverse, counts = np.unique(
        np.concatenate(sets), return_inverse=True, return_counts=True
    )
    rank = np.empty(len(values), np.int64)
    rank[np.argsort(counts, kind="stable")] = np.arange(len(values))
    places, at = defaultdict[int, list[int]](list), 0
    for i, each in enumerate(sets):
        ranks = np.sort(rank[inverse[at : at + len(each)]])
        at += len(each)
        for token in ranks[: len(each) - int(np.ceil(threshold * len(each))) + 1].tolist():
            places[token].append(i)
    candidates = {
        (group[a], group[b])
        for group in places.values()
        for a in range(len(group))
        for b in range(a + 1, len(group))
    }
    pairs = {(i, j): jaccard(sets[i], sets[j]) for i, j in candidates}
    return {pair: similarity for pair, similarity in pairs.items() if similarity >= threshold}


def removed_by(
    source: list[str],
    out: Path,
    *,
    bands: tuple[int, int],
    workers: int,
    method: Literal["fast", "curator"] = "fast",
) -> Removed:
    """Run the workflow; removed id -> kept id and similarity."""
    workflow = FuzzyDeduplicationWorkflow(
        input_path=source,
        output_path=str(out),
        num_bands=bands[0],
        minhashes_per_band=bands[1],
        threshold=THRESHOLD,
        id_field="id",
        method=method,
        perform_removal=True,
    )
    facts = workflow.run(executor=LocalExecutor({"workers": workers})).metadata
    if facts["capped"]:
        print(f"  {facts['capped']} documents hit max_checks")
    rows = pq.read_table(out / "removed").to_pylist()
    return {row["id"]: (row["kept_id"], row["similarity"]) for row in rows}


def run(folder: Path, *, size: int) -> list[str]:
    """Print the report; returns what does not hold.

    Args:
        folder: For the corpora and what comes of them.
        size: Bytes of the corpus of real texts; the others follow.
    """
    return [
        *_real(folder / "real", size),
        *_template(folder / "template", pages=size // 1000),
        *_chains(folder / "chains", count=max(10, size // 200_000)),
    ]


def _real(folder: Path, size: int) -> list[str]:
    """Real texts with planted copies; all pairs are known."""
    documents = planted(size, seed=7)
    written = write_files(documents, folder / "in", files=20)
    number = {document.id: i for i, document in enumerate(documents)}
    sets = window_sets(documents)
    truth = true_pairs(sets, THRESHOLD)
    print(
        f"quality: {len(documents):,} documents, {written / 1e6:.1f} MB in 20 files, "
        f"{len(truth):,} pairs with J >= {THRESHOLD}"
    )
    source = [str(folder / "in")]
    default = choose_bands(THRESHOLD, 0.995)
    wrong: list[str] = []
    answers: dict[str, Removed] = {}
    runs: list[tuple[str, tuple[int, int], Literal["fast", "curator"]]] = [
        ("documented", (20, 13), "fast"),
        ("default", default, "fast"),
        ("default, curator", default, "curator"),
    ]
    for name, bands, method in runs:
        out = folder / name
        answers[name] = gone = removed_by(source, out, bands=bands, workers=2, method=method)
        least = _DOCUMENTED if name == "documented" else _DEFAULT
        wrong += _check(f"{name} {bands[0]} x {bands[1]}", gone, number, sets, truth, least)
    for name, workers in (("one worker", 1), ("second run", 2)):
        again = removed_by(source, folder / name.replace(" ", "-"), bands=default, workers=workers)
        same = again == answers["default"]
        print(f"  {name}: the same removed ids, kept ids and similarities: {same}")
        wrong += [] if same else [f"{name} gives another answer"]
    return wrong


def _template(folder: Path, *, pages: int) -> list[str]:
    """Pages of one template, all about 0.75 alike, and copies of some of them."""
    documents = template_corpus(pages, copies=pages // 20)
    write_files(documents, folder / "in", files=4)
    number = {document.id: i for i, document in enumerate(documents)}
    sets = window_sets(documents)
    pairs = [(number[str(k)], number[f"c{k}"]) for k in range(pages // 20)]
    truth = {pair: jaccard(sets[pair[0]], sets[pair[1]]) for pair in pairs}
    truth = {pair: similarity for pair, similarity in truth.items() if similarity >= THRESHOLD}
    print(f"quality: {pages:,} pages of one template, {len(truth):,} planted pairs")
    default = choose_bands(THRESHOLD, 0.995)
    gone = removed_by([str(folder / "in")], folder / "out", bands=default, workers=2)
    return _check("template", gone, number, sets, truth, _DEFAULT)


def _chains(folder: Path, *, count: int) -> list[str]:
    """Chains of edits: the ends are unlike, and must not go because of what lies between."""
    documents = chains(count, length=40)
    write_files(documents, folder / "in", files=4)
    number = {document.id: i for i, document in enumerate(documents)}
    sets = window_sets(documents)
    truth = true_pairs(sets, THRESHOLD)
    print(f"quality: {count} chains of 40 documents, {len(truth):,} pairs with J >= {THRESHOLD}")
    default = choose_bands(THRESHOLD, 0.995)
    gone = removed_by([str(folder / "in")], folder / "out", bands=default, workers=2)
    return _check("chains", gone, number, sets, truth, _DEFAULT)


def _check(
    name: str,
    gone: Removed,
    number: dict[str, int],
    sets: Sets,
    truth: dict[tuple[int, int], float],
    least: dict[float, float],
) -> list[str]:
    """Print one configuration's figures; what does not hold."""
    numbers = {number[each] for each in gone}
    found = {s: [i in numbers or j in numbers for (i, j), v in truth.items() if v >= s]
             for s in (0.8, 0.85, 0.9)}  # fmt: skip
    exact = {
        each: jaccard(sets[number[each]], sets[number[kept]]) for each, (kept, _) in gone.items()
    }
    below = [each for each, similarity in exact.items() if similarity < THRESHOLD - 1e-9]
    off = [each for each, (_, said) in gone.items() if abs(said - exact[each]) > 1e-6]
    chained = [each for each, (kept, _) in gone.items() if kept in gone]
    rates = {s: sum(hits) / len(hits) for s, hits in found.items()}
    recall = ", ".join(f"J >= {s}: {rate:.4f} of {len(found[s])}" for s, rate in rates.items())
    print(f"  {name}: {len(gone):,} removed; resolved {recall}")
    print(
        f"    below the threshold {len(below)}, similarity misstated {len(off)}, kept_id removed {len(chained)}"
    )
    checks = {
        **{
            f"{name}: recall at {s} is {rates[s]:.4f}": rates[s] < rate for s, rate in least.items()
        },
        f"{name}: {below[:3]} are less similar than the threshold": bool(below),
        f"{name}: the similarity of {off[:3]} is misstated": bool(off),
        f"{name}: the kept documents of {chained[:3]} were removed": bool(chained),
    }
    return [problem for problem, holds in checks.items() if holds]
