"""Exact deduplication: hash, find, remove.

Each step is a pipeline of its own, joined to the next by files in the cache, so that each can run
on any executor and resumes where it was stopped. What goes is defined in `same_text.py`.
"""

import time
from dataclasses import dataclass, fields
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from curator_engine.errors import InterruptedRunError, SettingsError
from curator_engine.executors.local import LocalExecutor
from curator_engine.files.blocks import MAX_ROW_BYTES
from curator_engine.files.listing import FileInfo
from curator_engine.files.paths import join
from curator_engine.files.storage import remove_tree
from curator_engine.pipeline import Executor, session_of
from curator_engine.resources import usable_cpus
from curator_engine.running.progress import ProgressSink
from curator_engine.stage import AnyStage
from curator_engine.stages.files import FilePartitioner, parse_size
from curator_engine.task import FileGroupTask, short_hash
from curator_engine.workflow import WorkflowBase, WorkflowRunResult
from curator_text import __version__
from curator_text.dedup.memory import piece_sizes
from curator_text.dedup.removed_tables import PartitionTask
from curator_text.dedup.written_data import write_or_forget
from curator_text.exact.hash_documents import HashDocuments
from curator_text.exact.same_text import FindSameText, partition_bits
from curator_text.pipelines.folders import named_and_listed, take_folders
from curator_text.pipelines.run_record import save_record
from curator_text.read.keep import parse_keep
from curator_text.read.normalize import Normalize
from curator_text.read.preflight import check_text_field
from curator_text.removal.array_files import load_arrays
from curator_text.removal.corpus import Corpus, corpus_of
from curator_text.removal.outcome import (
    check_keep,
    check_ratio,
    check_read,
    write_losses,
)
from curator_text.removal.small_files import tasks_of
from curator_text.removal.steps import Steps

ROW_BYTES = 64
"""What a document of a partition counts for when `memory.py` says how large a partition may be."""


@dataclass(kw_only=True)
class ExactDeduplicationWorkflow(WorkflowBase):
    """Find documents with the same text, and remove all but one of each if asked to.

    Parameters and defaults are NeMo Curator's, with ours after them. Two texts count as the same if their 128-bit XXH3 is:
    among 10^12 different texts, the chance that any two share one is below 10^-14, unless somebody
    makes texts to collide. Memory follows a partition of the hashes, and the copies of one text.
    """

    output_path: str
    """Folder for `data/`, `removed/`, `clusters/`, `quarantine/` and `run.json`."""
    input_path: str | list[str] | None = None
    """Files, folders, globs or URLs; None if `run` is given tasks."""
    input_filetype: Literal["auto", "jsonl", "parquet"] = "auto"
    """auto goes by the files' endings, else by their first bytes."""
    input_blocksize: int | str = "32MiB"
    """Bytes per task; the result does not depend on it."""
    identification_batchsize: int = 1
    """Accepted: documents are hashed block by block."""
    input_file_extensions: list[str] | None = None
    """Endings of the files that count; those of the file type unless given."""
    read_kwargs: dict[str, Any] | None = None
    """Only None: it is for cuDF."""
    write_kwargs: dict[str, Any] | None = None
    """Only None: it is for cuDF."""
    assign_id: bool = True
    """Name documents that have no id by file and row; False asks for `id_field`."""
    id_field: str | None = None
    """Field with the document's id; file and row unless given."""
    text_field: str = "text"
    """Field with the document's text."""
    perform_removal: bool = False
    """Write `data/`; else only say what would go."""
    total_nparts: int | None = None
    """Accepted: the number of partitions follows from that of the documents."""
    rmm_pool_size: int | str | None = "auto"
    """Accepted, without effect: it tunes a GPU's memory."""
    spill_memory_limit: int | str | None = "auto"
    """Accepted, without effect: it tunes a GPU's memory."""
    env_vars: dict[str, Any] | None = None
    """Accepted, without effect: workers have the environment of this process."""

    cache_path: str | None = None
    """Folder for what lies between the steps; `<output_path>/.cache`, removed at the end, if None."""
    normalize: Normalize = "off"
    """What does not count when texts are compared; see `normalize.py`."""
    keep: str = "first"
    """first, longest, newest[:FIELD] or field:FIELD."""
    limit: int | None = None
    """Only the first documents."""
    max_row: int | str = MAX_ROW_BYTES
    """Bytes of the longest line that is read; a longer one goes to quarantine by its length."""
    partition_rows: int = 1 << 20
    """Documents whose hashes are compared together, about and at most."""
    memory: int | str | None = None
    """Bytes that all processes may take together, as "1GB"; smaller pieces, the same answer."""
    mark: bool = False
    """Write all documents to `data/`, with a column that says what each is a duplicate of."""
    source_field: str | None = None
    """Count losses by this field's value instead of by file."""
    max_removed_ratio: float | None = None
    """Fail before removing if more than this ratio of the documents would go."""
    progress: ProgressSink | None = None
    key: str = ""
    """Kept in `run.json`, to know a finished run of the same settings and input."""

    def __post_init__(self) -> None:
        if not self.assign_id and self.id_field is None:
            raise SettingsError("assign_id=False needs id_field, the field with the ids.")
        if self.partition_rows < 1:
            raise SettingsError(f"partition_rows={self.partition_rows} is below 1.")
        self._refuse("read_kwargs", "write_kwargs")
        parse_keep(self.keep)
        parse_size(self.input_blocksize)
        parse_size(self.max_row)

    def run(
        self, initial_tasks: list[FileGroupTask] | None = None, executor: Executor | None = None
    ) -> WorkflowRunResult:
        """Run all steps; run again with the same folders, what is finished is not done again.

        Args:
            initial_tasks: Files to read instead of those in `input_path`.
            executor: Where to run; LocalExecutor with one worker unless given.

        Returns:
            Metadata: `num_documents`, `num_duplicates`, `clusters`, `quarantined`, `total_time`,
            `identification_time`, `input_filegroups_time`, `id_generator_path` (None: ids need no
            generator), and more.

        Raises:
            InputError: No input, or the text field is in none of the files.
            StageError: A step failed.
        """
        if initial_tasks is None and self.input_path is None:
            raise SettingsError("no input; give input_path, or initial_tasks to run().")
        with take_folders(
            self.output_path,
            self.cache_path,
            job="exact",
            settings=self.settings(),
            inputs=named_and_listed(
                self.input_path, self.input_filetype, self.input_file_extensions
            )
            if initial_tasks is None
            else [],
            tasks=initial_tasks,
        ):
            return self._run(initial_tasks, executor)

    def _run(
        self, initial_tasks: list[FileGroupTask] | None, executor: Executor | None
    ) -> WorkflowRunResult:
        start = time.perf_counter()
        result = WorkflowRunResult(workflow_name="exact_deduplication")
        steps = Steps(
            executor=executor or LocalExecutor(),
            cache=self._cache,
            output=self.output_path,
            progress=self.progress,
            result=result,
        )
        self._save_run("running", {}, steps)
        status, facts = "failed", dict[str, Any]()
        try:
            with session_of(steps.executor):
                self._run_steps(steps, initial_tasks, facts)
            status = "done"
        except (KeyboardInterrupt, InterruptedRunError):
            status = "interrupted"
            raise
        finally:
            facts["total_time"] = round(time.perf_counter() - start, 3)
            facts |= _upstream_facts(steps.seconds) | steps.troubles()
            note = self._save_run(status, facts, steps)
        facts["notes"] += [note] if note else []
        if self.cache_path is None:
            remove_tree(self._cache)
        result.extend_metadata(facts)
        return result

    def settings(self) -> dict[str, Any]:
        """The parameters that the result may depend on, for `run.json`."""
        skip = {"progress", "key", "env_vars", "read_kwargs", "write_kwargs"}
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name not in skip}

    @property
    def _cache(self) -> str:
        return self.cache_path or join(self.output_path, ".cache")

    def _run_steps(
        self, steps: Steps, tasks: list[FileGroupTask] | None, facts: dict[str, Any]
    ) -> None:
        executor = steps.executor
        local = isinstance(executor, LocalExecutor)
        workers = executor.options.workers if local else usable_cpus()
        memory = None if self.memory is None else parse_size(self.memory)
        sizes = piece_sizes(memory, workers, most=self.partition_rows * ROW_BYTES)
        corpus = self._hash(steps, tasks, block_bytes=sizes.block_bytes)
        no_text = sum(block.no_text for block in corpus.blocks)
        facts |= {
            "num_documents": corpus.count + no_text,
            "no_text": no_text,
            "text_bytes": sum(block.text_bytes for block in corpus.blocks),
        }
        found = self._find(steps, corpus, rows=max(1, sizes.partition_bytes // ROW_BYTES))
        drops = [load_arrays(task.data[0])["drops"] for task in found]
        numbers: NDArray[np.int64] = np.sort(np.concatenate([np.empty(0, np.int64), *drops]))
        facts["num_duplicates"] = len(numbers)
        facts["clusters"] = sum(int(task._metadata["clusters"]) for task in found)
        folders = {"cache": self._cache, "output": self.output_path}
        facts["alarms"] = write_losses(
            steps.run, corpus, numbers, **folders, source_field=self.source_field
        )
        check_ratio(len(numbers), facts["num_documents"], most=self.max_removed_ratio)
        mark = repr(self.settings()) if self.mark else None
        write_or_forget(
            steps.run, corpus, numbers, **folders, remove=self.perform_removal, mark=mark
        )

    def _hash(self, steps: Steps, tasks: list[FileGroupTask] | None, *, block_bytes: int) -> Corpus:
        folder = join(self._cache, "hash")
        keep = parse_keep(self.keep)
        stages: list[AnyStage] = [
            HashDocuments(
                path=folder,
                text_field=self.text_field,
                id_field=self.id_field,
                keep=keep,
                normalize=self.normalize,
                block_bytes=block_bytes,
                max_row=parse_size(self.max_row),
            )
        ]
        if tasks is None:
            files = self._files(steps)
            tasks = tasks_of(files, blocksize=self.input_blocksize, limit=self.limit)
        if tasks is None:
            stages.insert(0, self._source())
        corpus = corpus_of(folder, steps.run("hash", stages, tasks))
        corpus.require_text(self.text_field)
        check_read(corpus, quarantined=steps.troubles()["quarantined"])
        check_keep(corpus, keep)
        corpus.save(join(self._cache, "corpus.json"))
        return corpus

    def _files(self, steps: Steps) -> list[FileInfo]:
        start = time.perf_counter()
        paths, endings = self.input_path or [], self.input_file_extensions
        files = steps.list_inputs(paths, self.input_filetype, endings)
        check_text_field(files, self.text_field)
        steps.seconds["list"] = round(time.perf_counter() - start, 3)
        return files

    def _source(self) -> FilePartitioner:
        return FilePartitioner(
            file_paths=self.input_path or [],
            blocksize=self.input_blocksize,
            file_extensions=self.input_file_extensions,
            file_format=self.input_filetype,
            limit=self.limit,
        )

    def _find(self, steps: Steps, corpus: Corpus, *, rows: int) -> list[FileGroupTask]:
        find = FindSameText(
            cache=self._cache,
            corpus_key=short_hash(
                corpus.key, repr([self.text_field, self.normalize, self.id_field])
            ),
            output=self.output_path,
            keep=parse_keep(self.keep),
            bits=partition_bits(corpus.count, rows),
        )
        return steps.run("find", find, [PartitionTask(data=p) for p in range(1 << find.bits)])

    def _save_run(self, status: str, facts: dict[str, Any], steps: Steps) -> str | None:
        record = {
            "job": "exact",
            "version": __version__,
            "status": status,
            "key": self.key,
            "settings": self.settings(),
            "facts": facts,
        }
        return save_record(self.output_path, record, steps.reports)


def _upstream_facts(seconds: dict[str, float]) -> dict[str, Any]:
    """Seconds under NeMo Curator's names."""
    return {
        "input_filegroups_time": seconds.get("list", 0.0),
        "identification_time": round(seconds.get("hash", 0.0) + seconds.get("find", 0.0), 3),
        "id_generator_path": None,
    }
