"""Fuzzy deduplication: sign, find copies and candidates, verify, remove.

Each step is a pipeline of its own, joined to the next by files in the cache, so that each can run
on any executor and resumes where it was stopped. What goes is defined in `verify.py`.
"""

import time
from dataclasses import dataclass, field, fields
from functools import partial
from typing import Any, Literal

import numpy as np

from curator_engine.device import Device, default_executor
from curator_engine.errors import InterruptedRunError, SettingsError
from curator_engine.executors.local import LocalExecutor
from curator_engine.files.blocks import MAX_ROW_BYTES
from curator_engine.files.paths import join
from curator_engine.files.storage import remove_tree
from curator_engine.pipeline import Executor, session_of
from curator_engine.resources import usable_cpus
from curator_engine.running.progress import ProgressSink
from curator_engine.stage import AnyStage
from curator_engine.stages.files import FilePartitioner, parse_size
from curator_engine.task import FileGroupTask, Task, short_hash
from curator_engine.workflow import WorkflowBase, WorkflowRunResult
from curator_text import __version__
from curator_text.dedup.memory import PieceSizes, piece_sizes
from curator_text.dedup.removed_tables import PartitionTask
from curator_text.dedup.written_data import write_or_forget
from curator_text.fuzzy.gather import GatherMembers, sources_with_members
from curator_text.fuzzy.gpu_steps import place_of_joining, place_of_signing
from curator_text.fuzzy.index import Index, Signing
from curator_text.fuzzy.index_blocks import IndexDocuments
from curator_text.fuzzy.index_use import COMPARED_FILE, IndexUse, compared, input_key
from curator_text.fuzzy.lsh import candidate_probability
from curator_text.fuzzy.pair_files import Numbers
from curator_text.fuzzy.pair_search import PairSearch
from curator_text.fuzzy.sign import SignDocuments
from curator_text.fuzzy.signed_bands import save_bands
from curator_text.fuzzy.verify import VerifyComponents
from curator_text.pipelines.folders import named_and_listed, take_folders
from curator_text.pipelines.run_record import save_record, upstream_times
from curator_text.read.keep import parse_keep
from curator_text.read.preflight import check_text_field
from curator_text.removal.array_files import load_arrays
from curator_text.removal.corpus import Corpus, corpus_of
from curator_text.removal.corpus_stage import CORPUS_FILE
from curator_text.removal.outcome import (
    check_keep,
    check_ratio,
    check_read,
    count_documents,
    write_losses,
)
from curator_text.removal.small_files import tasks_of
from curator_text.removal.steps import Step, Steps
from curator_text.settings import check_sizes
from curator_text.signatures.minhash import Method

_SIMILARITIES = tuple(s / 100 for s in range(50, 100, 5))
_FOR_CUDF = ("read_kwargs", "cache_kwargs", "write_kwargs")


@dataclass(kw_only=True)
class FuzzyDeduplicationWorkflow(WorkflowBase):
    """Find near-duplicate documents, and remove them if asked to.

    Parameters and defaults are NeMo Curator's, with ours after them. `lsh_num_output_partitions`,
    `lsh_rmm_pool_size`, `lsh_spill_memory_limit`, `use_async_memory` and `env_vars` tune its GPU
    steps: they are accepted and do nothing here. `read_kwargs`, `cache_kwargs` and `write_kwargs` are
    for cuDF: only None.
    """

    cache_path: str | None = None
    """Folder for what lies between the steps; `<output_path>/.cache`, removed at the end, if None."""
    output_path: str
    """Folder for `data/`, `removed/`, `clusters/`, `quarantine/` and `run.json`."""
    input_path: str | list[str]
    """Files, folders, globs or URLs."""
    input_filetype: Literal["auto", "jsonl", "parquet"] = "auto"
    """auto goes by the files' endings, else by their first bytes."""
    input_blocksize: int | str = "32MiB"
    """Bytes per task; the result does not depend on it."""
    input_file_extensions: list[str] | None = None
    """Endings of the files that count; those of the file type unless given."""
    text_field: str = "text"
    """Field with the document's text."""
    perform_removal: bool = False
    """Write `data/`; else only say what would go."""
    seed: int = 42
    """Of the hash functions."""
    char_ngrams: int = 24
    """Characters per window."""
    num_bands: int = 20
    """Bands of a signature: documents that agree in one are candidates."""
    minhashes_per_band: int = 13
    """Rows of a signature per band."""
    use_64_bit_hash: bool = False
    """Only False: the 32-bit signatures are what GPU and CPU share."""
    bands_per_iteration: int = 5
    """Bands that one task looks at, if there are few documents."""
    lsh_num_output_partitions: int | None = None
    lsh_rmm_pool_size: int | str | None = "auto"
    lsh_spill_memory_limit: int | str | None = "auto"
    env_vars: dict[str, Any] | None = None
    use_async_memory: bool = True
    read_kwargs: dict[str, Any] | None = None
    cache_kwargs: dict[str, Any] | None = None
    write_kwargs: dict[str, Any] | None = None

    method: Method = "fast"
    """How signatures are made: fast, or curator, which are cuDF's."""
    threshold: float = 0.8
    """Exact Jaccard similarity from which a document goes."""
    verify: bool = True
    """Compare exactly; without it the first of each component stays."""
    keep: str = "first"
    """first, longest, newest[:FIELD] or field:FIELD."""
    id_field: str | None = None
    """Field with the document's id; file and row unless given."""
    device: Device = "auto"
    """Where documents are signed and pairs joined; the answer is the same."""
    limit: int | None = None
    """Only the first documents."""
    max_row: int | str = MAX_ROW_BYTES
    """Bytes of the longest line that is read; a longer one goes to quarantine by its length."""
    max_bucket: int = 64
    """Documents of a bucket that are all compared; larger buckets are split by further rows."""
    max_checks: int = 1000
    """Exact comparisons per document, nearest first."""
    partition_bytes: int = 64 << 20
    """Bytes of documents that are verified together, at most."""
    memory: int | str | None = None
    """Bytes that all processes may take together, as "1GB"; smaller pieces, the same answer."""
    mark: bool = False
    """Write all documents to `data/`, with a column that says what each is a duplicate of."""
    source_field: str | None = None
    """Count losses by this field's value instead of by file."""
    max_removed_ratio: float | None = None
    """Fail before removing if more than this ratio of the documents would go."""
    against: str | None = None
    """Index of earlier runs: its documents come before all others and stay."""
    save_index: str | None = None
    """Index to which the documents that stay are added; made if it is not there."""
    progress: ProgressSink | None = None
    key: str = ""
    """Kept in `run.json`, to know a finished run of the same settings and input."""
    _sizes: PieceSizes = field(init=False)
    steps: Steps | None = field(default=None, init=False)
    """Those of the last run."""

    def __post_init__(self) -> None:
        if self.use_64_bit_hash:
            raise SettingsError(
                "use_64_bit_hash=True is not offered: signatures are 32-bit, as the GPU's default."
            )
        check_sizes(
            num_bands=self.num_bands,
            minhashes_per_band=self.minhashes_per_band,
            char_ngrams=self.char_ngrams,
        )
        if not 1 <= self.bands_per_iteration <= self.num_bands:
            raise SettingsError(
                f"bands_per_iteration={self.bands_per_iteration} is not in [1, {self.num_bands}]."
            )
        if not 0 < self.threshold <= 1:
            raise SettingsError(f"threshold={self.threshold} is not in (0, 1].")
        self._refuse(*_FOR_CUDF)
        parse_keep(self.keep)
        parse_size(self.input_blocksize)
        parse_size(self.max_row)

    def run(
        self, initial_tasks: list[FileGroupTask] | None = None, executor: Executor | None = None
    ) -> WorkflowRunResult:
        """Run all steps; run again with the same folders, what is finished is not done again.

        Args:
            initial_tasks: Files to read instead of those in `input_path`.
            executor: Where to run; on a CPU LocalExecutor with one worker unless given.

        Returns:
            Metadata: `num_documents`, `num_duplicates`, `num_clusters`, `quarantined`, seconds per
            step, and the settings.

        Raises:
            InputError: No input, or the text field is in none of the files.
            StageError: A step failed.
        """
        self.indexes.check()
        given = (self.input_path, self.input_filetype, self.input_file_extensions)
        read = [] if initial_tasks else named_and_listed(*given)
        places: dict[str, Any] = {"index": self.save_index, "inputs": read, "tasks": initial_tasks}
        places["settings"] = self.settings()
        with take_folders(self.output_path, self.cache_path, job="fuzzy", **places):
            return self._run(initial_tasks, executor)

    def _run(
        self, initial_tasks: list[FileGroupTask] | None, executor: Executor | None
    ) -> WorkflowRunResult:
        start = time.perf_counter()
        result = WorkflowRunResult(workflow_name="fuzzy_deduplication")
        executor = executor or default_executor(self.device)
        local = isinstance(executor, LocalExecutor)
        workers = executor.options.workers if local else usable_cpus()
        memory = None if self.memory is None else parse_size(self.memory)
        self._sizes = piece_sizes(memory, workers, most=self.partition_bytes)
        steps = self.steps = Steps(
            executor=executor,
            cache=self._cache,
            output=self.output_path,
            progress=self.progress,
            result=result,
        )
        self._save_run("running", {}, steps)
        status, facts = "failed", dict[str, Any]()
        try:
            with session_of(executor):
                corpus = self._sign(steps, initial_tasks)
                run = input_key(corpus, self.text_field, self.limit)
                facts = count_documents(corpus)
                facts["input_key"] = run
                seen = self.indexes.seen(run)
                removed = self._deduplicate(steps, corpus, seen, facts)
                most = self.max_removed_ratio
                check_ratio(len(removed), facts["num_documents"], most=most)
                mark = repr(self.settings()) if self.mark else None
                places: dict[str, Any] = {**self._folders, "remove": self.perform_removal}
                write_or_forget(steps.run, corpus, removed, **places, mark=mark)
                facts |= self._add_to_index(steps.run, corpus, removed, run)
            status = "done"
        except (KeyboardInterrupt, InterruptedRunError):
            status = "interrupted"
            raise
        finally:
            facts["total_time"] = round(time.perf_counter() - start, 3)
            facts |= upstream_times(steps.seconds) | steps.troubles()
            note = self._save_run(status, facts, steps)
        facts["notes"] += [note] if note else []
        if self.cache_path is None:
            remove_tree(self._cache)
        result.extend_metadata(facts)
        return result

    @property
    def _cache(self) -> str:
        return self.cache_path or join(self.output_path, ".cache")

    @property
    def _folders(self) -> dict[str, str]:
        return {"cache": self._cache, "output": self.output_path}

    def _sign(self, steps: Steps, tasks: list[FileGroupTask] | None) -> Corpus:
        endings = self.input_file_extensions
        files = steps.list_inputs(self.input_path, self.input_filetype, endings)
        check_text_field(files, self.text_field)
        folder, keep = join(self._cache, "sign"), parse_keep(self.keep)
        place = place_of_signing(steps.executor, self.device, self.method)
        sign = SignDocuments(
            path=folder,
            text_field=self.text_field,
            id_field=self.id_field,
            keep=keep,
            method=self.method,
            char_ngrams=self.char_ngrams,
            num_bands=self.num_bands,
            minhashes_per_band=self.minhashes_per_band,
            seed=self.seed,
            device=place.device,
            block_bytes=self._sizes.block_bytes,
            max_row=parse_size(self.max_row),
        ).with_(resources=place.resources)
        source = FilePartitioner(
            file_paths=self.input_path,
            blocksize=self.input_blocksize,
            file_extensions=endings,
            file_format=self.input_filetype,
            limit=self.limit,
        )
        tasks = tasks or tasks_of(files, blocksize=self.input_blocksize, limit=self.limit)
        stages: list[AnyStage] = [sign] if tasks else [source, sign]
        corpus = corpus_of(folder, steps.run("sign", stages, tasks))
        corpus.require_text(self.text_field)
        check_read(corpus, quarantined=steps.troubles()["quarantined"])
        check_keep(corpus, keep)
        corpus.save(join(self._cache, CORPUS_FILE))
        save_bands(self._cache, self.num_bands, self.minhashes_per_band)
        return corpus

    @property
    def indexes(self) -> IndexUse:
        """The indexes of the run."""
        signing = Signing(**{f.name: getattr(self, f.name) for f in fields(Signing)})
        return IndexUse(
            against=self.against, save=self.save_index, signing=signing, output=self.output_path
        )

    def _add_to_index(self, step: Step, corpus: Corpus, gone: Numbers, run: str) -> dict[str, Any]:
        stage = partial(
            IndexDocuments,
            text_field=self.text_field,
            id_field=self.id_field,
            char_ngrams=self.char_ngrams,
            block_bytes=self._sizes.block_bytes,
            max_row=parse_size(self.max_row),
        )
        return self.indexes.add(step, corpus, gone, run=run, stage=stage, cache=self._cache)

    def _deduplicate(
        self,
        steps: Steps,
        corpus: Corpus,
        seen: Index | None,
        facts: dict[str, Any],
    ) -> Numbers:
        """The steps between signing and removal; returns the numbers of the documents that go."""
        both = compared(seen, corpus, self._cache)
        verified: list[Any] = [self.threshold, self.verify, self.max_bucket, self.max_checks]
        verified.append(self._sizes.partition_bytes)
        key = short_hash(
            both.key,
            repr([self.keep, self.num_bands, self.minhashes_per_band, self.id_field, verified]),
        )
        file = CORPUS_FILE if seen is None else COMPARED_FILE
        common: dict[str, Any] = {"cache": self._cache, "corpus_key": key, "corpus_file": file}
        search = PairSearch(
            keep=self.keep,
            num_bands=self.num_bands,
            minhashes_per_band=self.minhashes_per_band,
            max_bucket=self.max_bucket,
            threshold=self.threshold if self.verify else None,
            partition_bytes=self._sizes.partition_bytes,
            join_on=place_of_joining(steps.executor, self.device),
            bands_per_iteration=self.bands_per_iteration,
            bucket_documents=self._sizes.bucket_documents,
            pairs_at_a_time=self._sizes.pairs,
        )
        joined = search.run(steps.run, both, common)
        gather = GatherMembers(
            **common,
            text_field=self.text_field,
            id_field=self.id_field,
            with_text=self.verify,
            block_bytes=self._sizes.block_bytes,
            max_row=parse_size(self.max_row),
        )
        sources: list[Any] = sources_with_members(both, self._cache)
        gathered = steps.run("gather", gather, sources)
        verify = VerifyComponents(
            **common,
            output=self.output_path,
            threshold=self.threshold,
            verify=self.verify,
            text_field=self.text_field,
            id_field=self.id_field,
            char_ngrams=self.char_ngrams,
            max_checks=self.max_checks,
            block_bytes=self._sizes.block_bytes,
            gathered=[(task.data[0], list(task._metadata["partitions"])) for task in gathered],
        )
        partitions: list[Task[Any]] = [
            PartitionTask(data=p) for p in range(joined.pop("partitions"))
        ]
        if not partitions:
            verify.resume(frozenset())
        verdicts = steps.run("verify", verify, partitions)
        drops = [load_arrays(task.data[0])["drops"] for task in verdicts]
        numbers = np.sort(np.concatenate(drops)) if drops else np.empty(0, np.int64)
        facts |= joined | ({"against": seen.key} if seen else {})
        facts |= {
            name: sum(int(t._metadata[name]) for t in verdicts)
            for name in ("checks", "capped", "clusters")
        }
        places: dict[str, Any] = {**self._folders, "source_field": self.source_field}
        alarms = write_losses(steps.run, corpus, numbers, **places)
        facts |= {"num_duplicates": len(numbers), "alarms": alarms}
        return numbers

    def settings(self) -> dict[str, Any]:
        """The parameters that the result may depend on, for `run.json`."""
        skip = {"progress", "key", "device", "env_vars", *_FOR_CUDF}
        return {
            f.name: getattr(self, f.name) for f in fields(self) if f.init and f.name not in skip
        }

    def _save_run(self, status: str, facts: dict[str, Any], steps: Steps) -> str | None:
        bands = {"num_bands": self.num_bands, "minhashes_per_band": self.minhashes_per_band}
        record = {
            "job": "fuzzy",
            "version": __version__,
            "status": status,
            "key": self.key,
            "settings": self.settings(),
            "s_curve": {
                f"{s:.2f}": round(candidate_probability(s, **bands), 6) for s in _SIMILARITIES
            },
            "facts": facts,
        }
        return save_record(self.output_path, record, steps.reports)
