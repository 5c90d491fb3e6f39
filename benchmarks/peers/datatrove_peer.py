"""datatrove's four steps on word 5-grams, 20 x 13, with two workers."""

from pathlib import Path

from common import arguments
from datatrove.executor.local import LocalPipelineExecutor
from datatrove.pipeline.dedup import MinhashDedupSignature
from datatrove.pipeline.dedup.minhash import (
    MinhashConfig,
    MinhashDedupBuckets,
    MinhashDedupCluster,
    MinhashDedupFilter,
)
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers.jsonl import JsonlWriter

BANDS, ROWS, WORKERS = 20, 13, 2


def main() -> None:
    """Run the steps one after the other."""
    source, out = arguments()
    work = f"{out}/work"
    config = MinhashConfig(num_buckets=BANDS, hashes_per_bucket=ROWS, n_grams=5)
    files = len(list(Path(source).iterdir()))
    reader = JsonlReader(source)
    steps = [
        (files, [reader, MinhashDedupSignature(f"{work}/signatures", config=config)]),
        (BANDS, [MinhashDedupBuckets(f"{work}/signatures", f"{work}/buckets", config=config)]),
        (1, [MinhashDedupCluster(f"{work}/buckets", f"{work}/remove", config=config)]),
        (
            files,
            [
                reader,
                MinhashDedupFilter(f"{work}/remove"),
                JsonlWriter(out, output_filename="${rank}.jsonl", compression=None),
            ],
        ),
    ]
    for number, (tasks, pipeline) in enumerate(steps):
        logs = f"{work}/logs{number}"
        LocalPipelineExecutor(pipeline, tasks=tasks, workers=WORKERS, logging_dir=logs).run()


if __name__ == "__main__":
    main()
