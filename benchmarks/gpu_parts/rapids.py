# pyright: basic
"""What RAPIDS computes: signatures by cuDF, components by cuGraph."""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from curator_engine.files.output_folder import take
from curator_engine.task import Task
from gpu_parts.part import Row, Setting, number, once
from gpu_parts.signatures import draw_texts


def check_cudf(setting: Setting) -> list[Row]:
    """Signatures of method `curator` by cuDF."""
    from curator_text.read.columns import utf8
    from curator_text.signatures.minhash import signatures
    from curator_text.signatures.rapids_signatures import rapids_signatures

    rows = []
    for case, letters in (("ASCII", "abcdefghij"), ("other", "abcdeéüß日本語😀")):
        texts = draw_texts(setting.size(64 << 20, 16 << 20, 20 << 10), alphabet=letters)
        bytes_ = int(utf8(texts)[1][-1])
        expected = signatures(texts, method="curator")
        cpu = once(lambda t=texts: signatures(t, method="curator"))
        same = float((rapids_signatures(texts) == expected).all(axis=1).mean())
        seconds = setting.seconds(lambda t=texts: rapids_signatures(t), repeats=3)
        rows.append(
            Row(
                case=f"curator, cuDF, {case}",
                agreement="exact" if same == 1 else f"{same:.4%} of documents are equal",
                rate=number(bytes_ / seconds, "B/s"),
                cpu=number(bytes_ / cpu, "B/s"),
                floor=setting.above_floor(seconds, **{"integer operations": 260.0 * bytes_}),
            )
        )
    return rows


def check_cugraph(setting: Setting) -> list[Row]:
    """Components of a random graph by cuGraph."""
    from curator_text.fuzzy.gpu_components import gpu_components
    from curator_text.fuzzy.lsh import components

    count = setting.size(10_000_000, 1_000_000, 1000)
    draw = np.random.default_rng(0)
    left = draw.integers(0, count, count // 2)
    right = np.minimum(left + draw.integers(1, 100, len(left)), count - 1)
    expected = components([(left, right)], count=count)
    cpu = once(lambda: components([(left, right)], count=count))
    found = gpu_components(left, right, count=count)
    seconds = setting.seconds(lambda: gpu_components(left, right, count=count), repeats=3)
    return [
        Row(
            case=f"components of {len(left):,} pairs, cuGraph",
            agreement="exact" if np.array_equal(found, expected) else "other components",
            rate=number(len(left) / seconds, "pairs/s"),
            cpu=number(len(left) / cpu, "pairs/s"),
        )
    ]


def check_shuffle(setting: Setting) -> list[Row]:
    """Rows by key through rapidsmpf, in one process, against the files of the CPU's form."""
    from curator_engine.stages.shuffle import ShuffleStage

    rows_in_all = setting.size(10_000_000, 2_000_000, 1000)
    draw = np.random.default_rng(0)
    columns = {
        "key": draw.integers(0, rows_in_all // 4, rows_in_all),
        "text": np.char.add("row ", draw.integers(0, 1000, rows_in_all).astype(str)),
    }
    table = pa.table(columns)
    parts = [table.slice(at, 1 << 18) for at in range(0, rows_in_all, 1 << 18)]
    tasks: list[Any] = [Task(data=part, task_id=f"t{i}") for i, part in enumerate(parts)]
    with tempfile.TemporaryDirectory() as folder, take(folder, job="gpu-check", mode="share"):
        taken, files = [], []
        for device in ("gpu", "cpu"):
            stage = ShuffleStage(keys=["key"], path=f"{folder}/{device}", device=device)
            taken.append(once(lambda s=stage: s.process_batch(tasks)))
            found = sorted(Path(folder, device).glob("*.parquet"))
            files.append([(path.name, path.read_bytes()) for path in found])
    return [
        Row(
            case=f"shuffle of {rows_in_all:,} rows, rapidsmpf",
            agreement="exact" if files[0] == files[1] and files[0] else "other files",
            rate=number(table.nbytes / taken[0], "B/s"),
            cpu=number(table.nbytes / taken[1], "B/s"),
        )
    ]


def check_cuml(setting: Setting) -> list[Row]:
    """K-means by cuML through the RAFT handle, on one actor of a pool."""
    import ray

    from gpu_parts.cluster import run_kmeans

    ray.init(num_cpus=8, include_dashboard=False)
    return run_kmeans(setting, case="k-means by cuML through RAFT")
