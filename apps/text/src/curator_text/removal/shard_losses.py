"""Join the tables of losses of shards, for `merge`."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from curator_engine.files.paths import join
from curator_engine.files.storage import exists, open_read
from curator_engine.running.shard_runs import ShardRun
from curator_engine.stages.table_files import write_table
from curator_engine.task import FileGroupTask
from curator_text.removal.remove_documents import FILES_SCHEMA, Loss, alarms, known_path
from curator_text.removal.run_folder import FILES, SOURCES
from curator_text.removal.sources import save_sources

_STEPS = "/steps/"


def join_losses(runs: Sequence[ShardRun], output: str) -> list[str]:
    """Write `files.parquet`, and `sources.parquet` if the shards have it; the alarms of the whole."""
    files = _join_files(runs, output)
    if exists(join(output, SOURCES)):
        rows = [_rows(join(run.path, SOURCES)) for run in runs if exists(join(run.path, SOURCES))]
        counts = [FileGroupTask(data=[], _metadata={"counts": each}) for each in rows]
        files = save_sources(output, counts)
    common = [
        line
        for line in runs[0].facts.get("alarms", [])
        if all(line in run.facts.get("alarms", []) for run in runs[1:])
    ]
    own = alarms(files)
    return [*(line for line in common if line not in own and len(runs) > 1), *own]


def _rows(path: str) -> list[list[object]]:
    with open_read(path) as raw:
        return [list(row.values()) for row in pq.read_table(raw).to_pylist()]


def _join_files(runs: Sequence[ShardRun], output: str) -> list[Loss]:
    """Write `files.parquet`: what a step of a job file has read lies in the whole now."""
    rows: list[dict[str, object]] = []
    now = known_path(output.rpartition(_STEPS)[0])
    for run in runs:
        before = known_path(run.path.rpartition(_STEPS)[0])
        with open_read(join(run.path, FILES)) as raw:
            found = pq.read_table(raw).to_pylist()
        for row in found:
            path = str(row["path"])
            if _STEPS in run.path and path.startswith(f"{before}{_STEPS}"):
                row["path"] = now + path.removeprefix(before)
            rows.append(row)
    whole = pa.Table.from_pylist(rows, schema=FILES_SCHEMA)
    write_table(join(output, FILES), whole)
    columns = (whole.column(name).to_pylist() for name in ("file", "documents", "removed"))
    return [Loss(source=f, documents=n, removed=r) for f, n, r in zip(*columns, strict=True)]
