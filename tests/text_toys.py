"""Corpora for tests, and a brute-force answer to compare with."""

import io
import json
import random
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from curator_engine.commands.cli import run_app
from curator_engine.executors.local import LocalExecutor
from curator_engine.files.output_folder import take
from curator_engine.files.storage import write_atomic
from curator_text import __version__
from curator_text.cli import JOBS
from curator_text.pipelines.fuzzy_dedup import FuzzyDeduplicationWorkflow
from curator_text.removal.corpus import Corpus

WORDS = [
    "data",
    "naïve",
    "model",
    "train",
    "über",
    "文字",
    "quick",
    "brown",
    "fox",
    "seventeen",
    "of",
    "a",
]


def leave_as_killed_at_the_end(out: Path) -> list[str]:
    """Make a finished run look killed in its last moments; the names that were there."""
    names = sorted(path.name for path in out.iterdir())
    with take(str(out), job="killed", mode="share"):
        write_atomic(str(out / ".cache/x"), b"")
    (out / "report.html").rename(out / "report.html.4711.curator.tmp")
    return names


def sentence(seed: int, words: int = 120) -> str:
    """Text that no other seed gives."""
    draw = random.Random(seed)
    return " ".join(f"{draw.choice(WORDS)}{draw.randrange(1000)}" for _ in range(words))


def edited(text: str, edits: int, seed: int = 0) -> str:
    """The text with some words replaced."""
    draw = random.Random(seed)
    words = text.split(" ")
    for _ in range(edits):
        words[draw.randrange(len(words))] = f"edit{draw.randrange(10**6)}"
    return " ".join(words)


def corpus(originals: int = 40, seed: int = 1) -> list[dict[str, Any]]:
    """Originals, some with copies of various nearness, shuffled."""
    draw = random.Random(seed)
    rows: list[dict[str, Any]] = []
    for i in range(originals):
        text = sentence(seed * 1000 + i)
        rows.append({"id": f"o{i}", "text": text, "score": draw.random()})
        for k, edits in enumerate((0, 1, 3, 8, 20)[: i % 6]):
            rows.append(
                {
                    "id": f"o{i}c{k}",
                    "text": edited(text, edits, seed=i * 10 + k),
                    "score": draw.random(),
                }
            )
    draw.shuffle(rows)
    return rows


def write_jsonl(path: Path | str, rows: list[dict[str, Any]]) -> str:
    """Write JSON lines; returns the path."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    Path(path).write_text(lines, encoding="utf-8")
    return str(path)


def write_corpus(folder: Path | str, rows: list[dict[str, Any]], files: int = 3) -> str:
    """Write the rows to several files, in order; returns the folder."""
    size = -(-len(rows) // files)
    for k in range(files):
        write_jsonl(Path(folder, f"{k}.jsonl"), rows[k * size : (k + 1) * size])
    return str(folder)


def deduplicate(
    source: Any, out: Any, *, workers: int = 1, **settings: Any
) -> FuzzyDeduplicationWorkflow:
    """Run the workflow with removal; the result is in `out`."""
    options: dict[str, Any] = {
        "perform_removal": True,
        "num_bands": 32,
        "minhashes_per_band": 8,
        **settings,
    }
    workflow = FuzzyDeduplicationWorkflow(input_path=source, output_path=str(out), **options)
    workflow.run(executor=LocalExecutor({"workers": workers, "on_error": "quarantine"}))
    return workflow


def table(out: Any, name: str) -> list[dict[str, Any]]:
    """Rows of `removed` or `clusters`; none if nothing was written."""
    folder = Path(out, name)
    return pq.read_table(folder).to_pylist() if folder.exists() else []


def removed(out: Any) -> dict[str, tuple[str, float]]:
    """Kept id and similarity by removed id."""
    return {row["id"]: (row["kept_id"], row["similarity"]) for row in table(out, "removed")}


def rows_of(out: Any) -> list[dict[str, Any]]:
    """The rows that were kept, in order."""
    files = sorted(Path(out, "data").rglob("*.jsonl"))
    return [
        json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()
    ]


def windows(text: str, width: int = 24) -> set[str]:
    """All windows of a text."""
    return {text[i : i + width] for i in range(max(1, len(text) - width + 1))}


def jaccard(a: str, b: str, width: int = 24) -> float:
    """Exact similarity of two texts."""
    x, y = windows(a, width), windows(b, width)
    return len(x & y) / len(x | y)


def expected(rows: list[dict[str, Any]], threshold: float) -> dict[str, tuple[str, float]]:
    """The definition, applied to all pairs: removed id -> kept id and similarity, for keep=first."""
    first = {}
    kept: list[dict[str, Any]] = []
    gone: dict[str, tuple[str, float]] = {}
    for row in rows:
        if row["text"] in first:
            original = first[row["text"]]
            gone[row["id"]] = gone.get(original, (original, 1.0))
            continue
        first[row["text"]] = row["id"]
        scored = [(jaccard(row["text"], other["text"]), -i) for i, other in enumerate(kept)]
        best = max((s for s in scored if s[0] >= threshold), default=None)
        if best is None:
            kept.append(row)
        else:
            gone[row["id"]] = (kept[-best[1]]["id"], best[0])
    return gone


def write_invalid_parquet(path: Path | str, field: str) -> str:
    """Write a corpus whose rows 1 and 3 hold bytes in a field that are no UTF-8; returns the path."""
    rows = [{"id": f"d{i}", "text": sentence(i // 2), "site": "a"} for i in range(8)]
    columns = {name: [row[name].encode() for row in rows] for name in rows[0]}
    columns[field][1], columns[field][3] = b"half \xf0\x9f", b"\xff" + columns[field][3]
    texts: dict[str, Any] = {
        name: pa.array(values).view(pa.string()) for name, values in columns.items()
    }
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(texts), path, row_group_size=5)
    return str(path)


def load_all(documents: Corpus, name: str) -> Any:
    """One array of all blocks, joined."""
    return np.concatenate([documents.load(block, name) for block in documents.blocks])


def command(*words: Any) -> tuple[int, str, str]:
    """Run `curator-text` in this process: exit code, standard output and error."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = run_app("curator-text", JOBS, version=__version__, argv=[*map(str, words)])
    return code, out.getvalue(), err.getvalue()
