"""The command `curator-text diff`: what two runs did differently.

Documents are compared by 64-bit hashes of their places or ids, a part of them at a time, so memory
does not grow with the runs.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import xxhash
from numpy.typing import NDArray

from curator_engine.commands.cli import Console, JobResult
from curator_engine.report.visible_text import visible
from curator_text.removal.run_folder import FILES, REMOVAL_JOBS, RunFolder, open_run
from curator_text.result_settings import DiffSettings

PART_ROWS = 4_000_000
"""Removed documents of both runs that are in memory together, 32 bytes each."""
_COUNTS = (
    "num_documents",
    "num_duplicates",
    "num_removed",
    "passages",
    "changed",
    "clusters",
    "quarantined",
    "total_time",
)
_PLACES = ("output_path", "cache_path")
_REASONS = {**dict.fromkeys(("fuzzy", "exact", "semantic"), "document"), "filter": "rule"}
_WHY = ("kept_id", "rule", "evaluation", "reason")
"""What a document went for: the first of these columns that the job has."""
_COLUMNS = ["id", *_WHY, "cluster_id", "similarity", "file", "row"]


@dataclass(frozen=True, kw_only=True)
class Removed:
    """The removed documents of one part of a run, by hash, each once."""

    documents: NDArray[np.uint64]
    """Sorted."""
    why: NDArray[np.uint64]
    """The document that each is a duplicate of, the rule that it fails, or another reason."""


@dataclass(kw_only=True)
class Difference:
    """What differs between the removed documents of two runs."""

    by: str
    """What tells documents apart: "place" or "id"."""
    only: tuple[int, int] = (0, 0)
    """Documents that only the first, only the second run removed."""
    both: int = 0
    regrouped: int = 0
    """Documents that both removed, each as a duplicate of another one, or for another reason."""
    examples: tuple[list[dict[str, Any]], list[dict[str, Any]]]


def run(settings: DiffSettings, console: Console) -> JobResult:
    """Compare two runs.

    Raises:
        InputError: A folder is not that of a run.
    """
    first, second = (open_run(path, jobs=REMOVAL_JOBS) for path in settings.inputs)
    for each in (first, second):
        if each.record.get("status") != "done":
            console.warn(f"{each.path} is not the folder of a finished run.")
    by, note = _key_of(first, second)
    if note:
        console.warn(note)
    found = compare(first, second, by=by, examples=settings.examples)
    changed = _changed(first, second)
    counts = {
        name: [each.facts.get(name) for each in (first, second)]
        for name in _COUNTS
        if any(name in each.facts for each in (first, second))
    }
    summary = {
        "runs": [first.path, second.path],
        "settings": changed,
        "counts": counts,
        "compared_by": found.by,
        "removed_in_both": found.both,
        "removed_only_in": list(found.only),
        "duplicate_of_another": found.regrouped,
        "examples": list(found.examples),
    }
    return JobResult(summary=summary, lines=_lines(first, second, changed, counts, found))


def compare(
    first: RunFolder, second: RunFolder, *, by: str, examples: int, part_rows: int = PART_ROWS
) -> Difference:
    """Compare the removed documents of two runs.

    Args:
        first: One run.
        second: The other.
        by: "place" (file and row) or "id".
        examples: Documents to give of those that only one run removed.
        part_rows: Documents in memory at a time.
    """
    rows = first.count("removed") + second.count("removed")
    parts = max(1, -(-rows // part_rows))
    found = Difference(by=by, examples=([], []))
    for part in range(parts):
        a, b = (_removed(each, by, part, parts) for each in (first, second))
        _, in_a, in_b = np.intersect1d(
            a.documents, b.documents, assume_unique=True, return_indices=True
        )
        found.both += len(in_a)
        found.regrouped += int(np.sum(a.why[in_a] != b.why[in_b]))
        lonely = (np.delete(a.documents, in_a), np.delete(b.documents, in_b))
        found.only = (found.only[0] + len(lonely[0]), found.only[1] + len(lonely[1]))
        for each, documents, shown in zip((first, second), lonely, found.examples, strict=True):
            if len(shown) < examples and len(documents):
                shown += islice(_rows(each, by, documents), examples - len(shown))
    return found


def _key_of(first: RunFolder, second: RunFolder) -> tuple[str, str]:
    """By what documents are told apart, and a line if that is a guess."""
    if _files(first) == _files(second):
        return "place", ""
    fields = [each.settings.get("id_field") for each in (first, second)]
    if fields[0] and fields[0] == fields[1]:
        return "id", ""
    return "place", (
        "the runs read other files and have no id field in common; documents are compared by file and row."
    )


def _files(run: RunFolder) -> int:
    """A hash of the names of the input files and of how much was in them, whatever their order."""
    total = _hash(str(run.settings.get("input_path"))) if not run.parts(FILES) else 0
    for batch in run.batches(FILES, ["file", "documents"]):
        for row in batch.to_pylist():
            total ^= _hash(f"{row['file']}\0{row['documents']}")
    return total


def _removed(run: RunFolder, by: str, part: int, parts: int) -> Removed:
    """The removed documents whose hash falls into one part."""
    documents, why = [np.empty(0, np.uint64)], [np.empty(0, np.uint64)]
    for batch in run.batches("removed", _COLUMNS):
        hashes = _hashes(batch.to_pylist(), by)
        mine = hashes % np.uint64(parts) == part
        names = batch.column(_why_of(batch.column_names)).to_pylist()
        documents.append(hashes[mine])
        why.append(
            np.array(
                [_hash(str(names[i])) for i in np.flatnonzero(mine).tolist()],
                np.uint64,
            )
        )
    unique, first = np.unique(np.concatenate(documents), return_index=True)
    return Removed(documents=unique, why=np.concatenate(why)[first])


def _why_of(columns: list[str]) -> str:
    """The column that says what a document went for."""
    return next(name for name in _WHY if name in columns)


def _hashes(rows: list[dict[str, Any]], by: str) -> NDArray[np.uint64]:
    names = (row["id"] if by == "id" else f"{row['file']}:{row['row']}" for row in rows)
    return np.array([_hash(name) for name in names], np.uint64)


def _hash(text: str) -> int:
    return xxhash.xxh3_64_intdigest(text.encode("utf-8", "surrogatepass"))


def _rows(run: RunFolder, by: str, documents: NDArray[np.uint64]) -> Iterator[dict[str, Any]]:
    """The removed rows with these hashes."""
    for batch in run.batches("removed", _COLUMNS):
        rows = batch.to_pylist()
        for i in np.flatnonzero(np.isin(_hashes(rows, by), documents)).tolist():
            yield rows[i]


def _changed(first: RunFolder, second: RunFolder) -> dict[str, list[Any]]:
    """The settings that differ, those that only say where the result is left out."""
    records = [
        {"job": each.record.get("job"), "version": each.record.get("version"), **each.settings}
        for each in (first, second)
    ]
    names = dict.fromkeys(name for record in records for name in record if name not in _PLACES)
    pairs = {name: [record.get(name) for record in records] for name in names}
    return {name: values for name, values in pairs.items() if values[0] != values[1]}


def _lines(
    first: RunFolder,
    second: RunFolder,
    changed: dict[str, list[Any]],
    counts: dict[str, list[Any]],
    found: Difference,
) -> list[str]:
    lines = [f"1  {first.path}", f"2  {second.path}", ""]
    if not changed:
        lines.append("the settings are the same")
    lines += [f"{name}: {values[0]} -> {values[1]}" for name, values in changed.items()]
    lines.append("")
    width = max((len(name) for name in counts), default=0)
    for name, values in counts.items():
        a, b = ("-" if value is None else f"{value:,}" for value in values)
        lines.append(f"{name:{width}}  {a:>14}  {b:>14}")
    lines += [
        "",
        f"removed in both: {found.both:,}, {found.regrouped:,} of them "
        + f"for another {_REASONS.get(str(first.record.get('job')), 'reason')}",
    ]
    for number, (count, examples) in enumerate(zip(found.only, found.examples, strict=True), 1):
        lines.append(f"removed only in {number}: {count:,}")
        lines += [f"  {_example(row)}" for row in examples]
        if 0 < len(examples) < count:
            lines.append(f"  and {count - len(examples):,} more")
    return [visible(line) for line in lines]


def _example(row: dict[str, Any]) -> str:
    if "kept_id" not in row:
        return f"{row['id']}: {row['reason']}"
    near = "not compared" if row["similarity"] is None else f"similarity {row['similarity']:.4f}"
    return f"{row['id']}: duplicate of {row['kept_id']}, {near}, cluster {row['cluster_id']}"
