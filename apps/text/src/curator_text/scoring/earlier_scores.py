"""Take the scores of an earlier run over the same files instead of reading texts: `filter --scores RUN`.

A run leaves `blocks.parquet` beside `scores/`: where its documents lie in the files, and which lines
could not be read. From both, the files of the score step are made again.
"""

import io
import itertools
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from curator_engine.errors import CuratorError, InputError
from curator_engine.failures import FailurePolicy, Rejection
from curator_engine.files.listing import FileInfo, Listing
from curator_engine.files.paths import join
from curator_engine.files.storage import exists, list_names, open_read, read_bytes
from curator_engine.resources import WorkerMetadata
from curator_engine.running.shard_runs import ShardRun
from curator_engine.stage import ProcessingStage
from curator_engine.stages.small_files import files_of, task_of
from curator_engine.stages.table_files import write_table
from curator_engine.task import FileGroupTask, short_hash
from curator_text.filters.recipe import Recipe
from curator_text.removal.array_files import save_arrays, save_table
from curator_text.removal.block_stage import remove_uncommitted
from curator_text.removal.corpus import Block, Corpus, block_of
from curator_text.removal.corpus_stage import MUST_SUCCEED
from curator_text.removal.run_folder import FILES, RunFolder, open_run
from curator_text.scoring.recipe_record import settings_of
from curator_text.scoring.score_tables import removed_schema, score_names

BLOCKS = "blocks.parquet"
_FILES_MARK, _WHOLE_MARK = b"input", b"whole input"
_ROWS = "quarantine/score/rows"
_FAILED = "quarantine/score/tasks"
_SAME = ("text_field", "id_field", "limit", "max_row", "input_filetype", "exact_words")
"""Settings that must be those of the earlier run, by their names in `run.json`."""


def save_blocks(output: str, corpus: Corpus, listing: Listing) -> None:
    """Write `blocks.parquet`: what a later run needs besides the scores.

    Args:
        output: The run's folder.
        corpus: The documents.
        listing: The input.
    """
    facts = [json.dumps({**asdict(block), "path": ""}) for block in corpus.blocks]
    bad = [corpus.load(block, "bad") for block in corpus.blocks]
    table = pa.table(
        {"block": pa.array(facts, pa.string()), "bad": pa.array(bad, pa.list_(pa.int64()))}
    )
    mark = {_FILES_MARK: _mark_of(listing.files)}
    if listing.whole:
        mark[_WHOLE_MARK] = _mark_of(listing.whole)
    write_table(join(output, BLOCKS), table.replace_schema_metadata(mark))


def join_blocks(runs: Sequence[ShardRun], output: str) -> None:
    """Write the `blocks.parquet` that one run over the files of all shards would have written."""
    tables: list[pa.Table] = []
    marks, before = list[dict[bytes, bytes]](), 0
    for run in runs:
        with open_read(join(run.path, BLOCKS)) as raw:
            table = pq.read_table(raw)
        marks.append(table.schema.metadata or {})
        with open_read(join(run.path, FILES)) as raw:
            files = pq.read_metadata(raw).num_rows
        shard = run.record.get("shard", {})
        before = shard.get("first_file", before)
        facts = [json.loads(str(each)) for each in table.column("block").to_pylist()]
        moved = [json.dumps(each | {"file_index": each["file_index"] + before}) for each in facts]
        tables.append(table.set_column(0, "block", pa.array(moved, pa.string())))
        before += files
    whole = pa.concat_tables(tables).combine_chunks()
    mark = {_FILES_MARK: marks[0].get(_WHOLE_MARK, b"")}
    write_table(join(output, BLOCKS), whole.replace_schema_metadata(mark))


def _mark_of(files: Sequence[FileInfo]) -> bytes:
    """Identifies the files as they are."""
    return short_hash(*(f"{file.name} {file.stamp}" for file in files)).encode()


def check_scores(
    path: str, recipe: Recipe, recorded: dict[str, Any], files: Sequence[FileInfo], version: str
) -> None:
    """Make sure that the scores of a run are those that this one would compute.

    Args:
        path: The folder of the earlier run.
        recipe: What scores now.
        recorded: The settings of this run, by their names in `run.json`.
        files: The input.
        version: Of this package.

    Raises:
        InputError: They are not; the line says why.
    """
    run = open_run(path)
    if reason := _misfit(run, recipe, recorded, files, version):
        raise InputError(f"--scores {path}: {reason}; leave out --scores to score the texts.")


def _misfit(
    run: RunFolder,
    recipe: Recipe,
    recorded: dict[str, Any],
    files: Sequence[FileInfo],
    version: str,
) -> str | None:
    """Why the scores cannot be taken, or None."""
    blocks = join(run.path, BLOCKS)
    if run.record.get("job") != "filter" or run.record.get("status") != "done":
        return "it is not the folder of a finished run of filter"
    if not exists(blocks):
        return f"it has no {BLOCKS}"
    if list_names(join(run.path, _FAILED)):
        return f"a part of its input failed, see {join(run.path, _FAILED)}"
    if run.record.get("version") != version:
        return f"version {run.record.get('version')} made it, and this is {version}"
    for name in _SAME:
        if run.settings.get(name) != recorded[name]:
            return f"its {name} was {run.settings.get(name)}, and is {recorded[name]} now"
    if lost := _unrecorded(run.path):
        return f"its quarantine lacks what it could not read, {lost} rows"
    with open_read(blocks) as raw:
        mark = (pq.read_schema(raw).metadata or {}).get(_FILES_MARK, b"")
    if mark != _mark_of(files):
        return "the input is not what it read: a file was changed, added or removed"
    known = {each["name"]: each for each in run.record.get("filters", [])}
    return next(filter(None, (_other(rule, known.get(rule.name)) for rule in recipe.filters)), None)


def _unrecorded(path: str) -> int:
    """Rows that could not be read, and are not in quarantine any more."""
    bad = Counter[str]()
    for block in load_blocks(path).blocks:
        bad[block.source] += block.bad
    return sum(
        count
        for source, count in bad.items()
        if count and not exists(join(path, _ROWS, f"{source}.jsonl"))
    )


def _other(rule: Any, then: dict[str, Any] | None) -> str | None:
    """Why a filter's score is not the one that an earlier run has kept, or None."""
    if then is None:
        return f"it has no score {rule.name}"
    if then["filter"] != type(rule).__qualname__:
        return f"{rule.name} was the score of {then['filter']}"
    now = settings_of(rule)
    for name in dict.fromkeys([*now, *then["settings"]]):
        old = then["settings"].get(name)
        if now.get(name) != old and not _is_threshold(rule, name, old):
            return f"{name} of {rule.name} was {old!r}, and is {now.get(name)!r} now"
    return None


def _is_threshold(rule: Any, name: str, old: Any) -> bool:
    """Whether a setting moves the bounds, so that the score does not depend on it."""
    made: Any = replace
    try:
        before = made(rule, **{name: old})
    except (TypeError, ValueError, CuratorError):
        return False
    return bool(before.bounds() != rule.bounds())


@dataclass(frozen=True, kw_only=True)
class KeptBlocks:
    """What `blocks.parquet` holds, in the order of the corpus."""

    blocks: list[Block]
    bad: list[list[int]]

    @cached_property
    def first_lines(self) -> list[int]:
        """Number of each block's first line in its file, from 0."""
        return Corpus("", tuple(self.blocks)).first_lines


def load_blocks(path: str) -> KeptBlocks:
    """Read the `blocks.parquet` of a run's folder."""
    table = pq.read_table(io.BytesIO(read_bytes(join(path, BLOCKS))))
    facts = [json.loads(str(each)) for each in table.column("block").to_pylist()]
    bad: list[Any] = table.column("bad").to_pylist()
    return KeptBlocks(blocks=[block_of(each) for each in facts], bad=bad)


def kept_tasks(path: str, files: Sequence[FileInfo]) -> list[FileGroupTask]:
    """A task per source task of the earlier run, those of which nothing could be read included."""
    kept = load_blocks(path)
    paths = {file.name: file.path for file in files}
    tasks: list[FileGroupTask] = []
    for source, group in itertools.groupby(
        range(len(kept.blocks)), lambda b: kept.blocks[b].source
    ):
        mine = list(group)
        block = kept.blocks[mine[0]]
        places = {
            b.name: (paths[b.name], b.name, b.stamp) for b in map(kept.blocks.__getitem__, mine)
        }
        task = task_of(list(places.values()), first=block.file_index)
        task._metadata |= {"first": mine[0], "count": len(mine), "source": source}
        config = {} if block.max_rows is None else {"max_rows": block.max_rows}
        tasks.append(replace(task, span=block.span, reader_config=config))
    known = {block.source for block in kept.blocks}
    for name in list_names(join(path, _ROWS)):
        source = name.removesuffix(".jsonl")
        if source not in known:
            record = {"first": 0, "count": 0, "source": source}
            tasks.append(FileGroupTask(data=[join(path, _ROWS, name)], _metadata=record))
    return tasks


@dataclass(kw_only=True)
class LoadScores(ProcessingStage[FileGroupTask, FileGroupTask]):
    """Write for each block what `ScoreDocuments` would, from the tables of an earlier run."""

    path: str
    """Folder for the files."""
    run: str
    """Folder of the earlier run."""
    recipe: Recipe
    recipe_key: str
    """Changes with whatever the scores may depend on."""
    failure_policy: FailurePolicy | None = MUST_SUCCEED
    _kept: KeptBlocks | None = None
    writes_to: ClassVar[tuple[str, ...]] = ("path",)

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Load the list of blocks."""
        self._kept = load_blocks(self.run)

    def process(self, task: FileGroupTask) -> Iterator[FileGroupTask]:
        """Yield a reference per block; what could not be read then is rejected again."""
        kept = self._kept or load_blocks(self.run)
        paths = {file._metadata.get("name"): file.data[0] for file in files_of(task)}
        first, count = task._metadata["first"], task._metadata["count"]
        self._reject(task._metadata["source"])
        self.count_rows(0)
        if not count:
            return
        with open_read(join(self.run, "scores", f"part-{first:05d}.parquet")) as raw:
            file, group = pq.ParquetFile(raw), 0
            for given in range(count):
                block = kept.blocks[first + given]
                rows = None
                if block.documents:
                    rows, group = file.read_row_group(group), group + 1
                bad, line = kept.bad[first + given], kept.first_lines[first + given]
                stem = join(self.path, f"{task.task_id}_{given}")
                yield self._write(
                    stem, replace(block, path=paths[block.name]), bad, rows, first_line=line
                )

    def _write(
        self, stem: str, block: Block, bad: list[int], rows: pa.Table | None, *, first_line: int
    ) -> FileGroupTask:
        names = score_names(self.recipe)
        places = {"id": "id", "byte_offset": "position", "length": "length", "row": "line"}
        columns: dict[str, Any] = {new: _column(rows, old) for old, new in places.items()}
        # Rows are counted in the file there, and in the block here.
        columns["line"] = columns["line"].to_numpy() - first_line
        columns |= {name: _column(rows, name) for name in names}
        save_table(f"{stem}.arrow", pa.table(columns))
        position = columns["position"].to_numpy()
        save_arrays(f"{stem}.npz", {"position": position, "bad": np.array(bad, np.int64)})
        self.count_rows(block.documents + block.no_text + block.bad)
        # In files of its own, whatever it shared before.
        facts = asdict(replace(block, joined=False, first=0, first_long=0, first_bad=0))
        facts = {k: v for k, v in facts.items() if k not in ("task_id", "source")}
        return FileGroupTask(data=[f"{stem}.npz"], _metadata={"block": facts})

    def _reject(self, source: str) -> None:
        """Reject once more what the earlier run could not read of a source task."""
        file = join(self.run, _ROWS, f"{source}.jsonl")
        if not exists(file):
            return
        known = {each.name for each in fields(Rejection)}
        for line in read_bytes(file).splitlines():
            record = {k: v for k, v in json.loads(line).items() if k in known}
            # To try again would find the same record.
            record |= {
                "raw": str(record["raw"]).encode("utf-8", "backslashreplace"),
                "again": False,
            }
            self.reject(Rejection(**record))

    def resume(self, committed: frozenset[str]) -> None:
        """Remove the arrays of sources that are not done."""
        remove_uncommitted(self.path, committed)


def _column(rows: pa.Table | None, name: str) -> Any:
    if rows is None:
        return pa.chunked_array([], removed_schema([name]).field(name).type)
    return rows.column(name)
