# pyright: basic
"""Ray's pools with a real GPU."""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from curator_engine.pipeline import Pipeline
from curator_engine.resources import Resources
from curator_engine.stage import ProcessingStage
from curator_engine.task import Task
from gpu_parts.part import Row, Setting
from gpu_parts.vectors import draw_vectors


@dataclass(kw_only=True)
class Sees(ProcessingStage[Task[str], Task[str]]):
    """Says which GPU a worker sees, and computes on it."""

    def process(self, task):
        """The devices, and a sum that is always 100."""
        import torch

        total = torch.ones(100, device="cuda").sum().item()
        seen = f"{os.environ.get('CUDA_VISIBLE_DEVICES')} {total:g}"
        return Task(data=f"{seen} {os.getpid()}", task_id=task.task_id)


def _pool(need):
    from curator_engine.executors.actor_pool import RayActorPoolExecutor

    stage = Sees().with_(resources=need)
    tasks = [Task(data="", task_id=f"t{i}") for i in range(64)]
    executor = RayActorPoolExecutor(show_progress=False)
    found = Pipeline("gpu-check", stages=[stage]).run(executor, tasks)
    words = [task.data.split() for task in found or []]
    devices = sorted({word[0] for word in words})
    right = all(word[1] == "100" for word in words) and len(words) == 64
    return len({word[2] for word in words}), devices, right


def check_pools(setting: Setting) -> list[Row]:
    """Actors with whole GPUs, parts of one, and by memory; k-means on one, by torch without RAPIDS."""
    import ray

    ray.init(num_cpus=8, include_dashboard=False, configure_logging=True)
    rows = []
    for case, need in {
        "a whole GPU": Resources(cpus=1.0, gpus=1.0),
        "a quarter of one": Resources(cpus=1.0, gpus=0.25),
        "entire_gpu": Resources(cpus=1.0, entire_gpu=True),
        "gpu_memory_gb=20": Resources(cpus=1.0, gpu_memory_gb=20),
    }.items():
        try:
            workers, devices, right = _pool(need)
        except Exception as error:
            rows.append(
                Row(
                    case=f"actors with {case}", ran=f"failed: {type(error).__name__}: {error}"[:300]
                )
            )
            continue
        rows.append(
            Row(
                case=f"actors with {case}",
                agreement="right" if right else "wrong sums",
                note=f"{workers} actors that answered, on GPU {', '.join(devices)}",
            )
        )
        print(rows[-1], flush=True)
    return rows + run_kmeans(setting, case="k-means on a pool of actors")


def run_kmeans(setting: Setting, *, case: str) -> list[Row]:
    """The stages of k-means on a pool, against the same without Ray on the CPU."""
    from curator_engine.executors.actor_pool import RayActorPoolExecutor
    from curator_engine.vectors.kmeans import KMeansStage, load_centres

    points = draw_vectors(setting.size(50_000, 10_000, 500), 64, groups=20)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "in").mkdir()
        for i, part in enumerate(np.array_split(points, 4)):
            column = pa.FixedSizeListArray.from_arrays(pa.array(part.reshape(-1)), 64)
            ids = pa.array(np.arange(len(part)) + 1_000_000 * i)
            pq.write_table(
                pa.table({"id": ids, "embeddings": column}), folder / "in" / f"{i}.parquet"
            )
        spreads = []
        for device in ("gpu", "cpu"):
            stage = KMeansStage(
                n_clusters=20,
                input_path=f"{folder}/in",
                output_path=f"{folder}/{device}",
                device=device,
            )
            Pipeline("gpu-check", stages=[stage]).run(RayActorPoolExecutor(show_progress=False))
            centres = load_centres(f"{folder}/{device}")
            spreads.append(float(((points[:, None] - centres) ** 2).sum(2).min(1).sum()))
    return [Row(case=case, agreement=f"spread {spreads[0] / spreads[1]:.4f} of the CPU's")]
