"""Fuzzy deduplication: sign, find copies and candidates, verify, remove.

Each step is a pipeline of its own, joined to the next by files in the cache, so that each can run
on any executor and resumes where it was stopped. What goes is defined in `verify.py`.
"""

import hashlib
import json
import time
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field, fields
from typing import Any, Literal

import numpy as np

from curator_engine.errors import (
    InputError,
    InterruptedRunError,
    SettingsError,
    StageError,
    StorageError,
)
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Executor, Pipeline, session_of
from curator_engine.progress import ProgressSink
from curator_engine.report import RunReport
from curator_engine.stage import AnyStage
from curator_engine.stages.files import EXTENSIONS, FilePartitioner, parse_size
from curator_engine.storage import join, list_files, remove_tree, write_atomic
from curator_engine.task import FileGroupTask, Task, short_hash
from curator_engine.workflow import WorkflowBase, WorkflowRunResult
from curator_text import __version__
from curator_text.candidates import (
    BandTask,
    FillBuckets,
    FindCopies,
    SplitCrowds,
    load_arrays,
    save_arrays,
)
from curator_text.cluster import JoinPairs, screening_cut
from curator_text.corpus import Corpus, corpus_of
from curator_text.gather import GatherMembers, sources_with_members
from curator_text.keep import parse_keep
from curator_text.lsh import candidate_probability
from curator_text.preflight import check_text_field
from curator_text.removal import DROPS_FILE, RemoveDocuments, losses
from curator_text.sign import SignDocuments
from curator_text.verify import PartitionTask, VerifyComponents


@dataclass(kw_only=True)
class FuzzyDeduplicationWorkflow(WorkflowBase):
    """Find near-duplicate documents, and remove them if asked to.

    Parameters and defaults are NeMo Curator's, with ours after them. Those that only tune its GPU
    steps are accepted and do nothing here.
    """

    cache_path: str | None = None
    """Folder for what lies between the steps; `<output_path>/.cache`, removed at the end, if None."""
    output_path: str
    """Folder for `data/`, `removed/`, `clusters/`, `quarantine/` and `run.json`."""
    input_path: str | list[str]
    """Files, folders, globs or URLs."""
    input_filetype: Literal["auto", "jsonl", "parquet"] = "auto"
    input_blocksize: int | str = "32MiB"
    """Bytes per task; the result does not depend on it."""
    input_file_extensions: list[str] | None = None
    text_field: str = "text"
    perform_removal: bool = False
    """Write `data/`; else only say what would go."""
    seed: int = 42
    char_ngrams: int = 24
    num_bands: int = 20
    minhashes_per_band: int = 13
    use_64_bit_hash: bool = False
    """Only False: the 32-bit signatures are what GPU and CPU share."""
    bands_per_iteration: int = 5
    """Accepted: here one band at a time is in memory."""
    lsh_num_output_partitions: int | None = None
    lsh_rmm_pool_size: int | str | None = "auto"
    lsh_spill_memory_limit: int | str | None = "auto"
    env_vars: dict[str, Any] | None = None
    use_async_memory: bool = True
    read_kwargs: dict[str, Any] | None = None
    cache_kwargs: dict[str, Any] | None = None
    write_kwargs: dict[str, Any] | None = None

    threshold: float = 0.8
    """Exact Jaccard similarity from which a document goes."""
    verify: bool = True
    """Compare exactly; without it the first of each component stays."""
    keep: str = "first"
    """first, longest, newest[:FIELD] or field:FIELD."""
    id_field: str | None = None
    limit: int | None = None
    """Only the first documents."""
    max_bucket: int = 64
    """Documents of a bucket that are all compared; larger buckets are split by further rows."""
    max_checks: int = 1000
    """Exact comparisons per document, nearest first."""
    partition_bytes: int = 64 << 20
    """Bytes of documents that are verified together."""
    max_removed_ratio: float | None = None
    """Fail before removing if more than this ratio of the documents would go."""
    progress: ProgressSink | None = None
    key: str = ""
    """Kept in `run.json`, to know a finished run of the same settings and input."""
    _seconds: dict[str, float] = field(default_factory=dict[str, float], init=False)
    _reports: dict[str, RunReport] = field(default_factory=dict[str, RunReport], init=False)

    def __post_init__(self) -> None:
        if self.use_64_bit_hash:
            raise SettingsError(
                "use_64_bit_hash=True is not offered: signatures are 32-bit, as the GPU's default."
            )
        if not 1 <= self.bands_per_iteration <= self.num_bands:
            raise SettingsError(
                f"bands_per_iteration={self.bands_per_iteration} is not in [1, {self.num_bands}]."
            )
        if not 0 < self.threshold <= 1:
            raise SettingsError(f"threshold={self.threshold} is not in (0, 1].")
        for name in ("read_kwargs", "cache_kwargs", "write_kwargs"):
            if getattr(self, name):
                raise SettingsError(f"{name} is for cuDF and has no effect here; leave it out.")
        parse_keep(self.keep)
        parse_size(self.input_blocksize)

    def run(
        self, initial_tasks: list[FileGroupTask] | None = None, executor: Executor | None = None
    ) -> WorkflowRunResult:
        """Run all steps; run again with the same folders, what is finished is not done again.

        Args:
            initial_tasks: Files to read instead of those in `input_path`.
            executor: Where to run; LocalExecutor with one worker unless given.

        Returns:
            Metadata: `num_documents`, `num_duplicates`, `num_clusters`, `quarantined`, seconds per
            step, and the settings.

        Raises:
            InputError: No input, or the text field is in none of the files.
            StageError: A step failed.
        """
        start = time.perf_counter()
        result = WorkflowRunResult(workflow_name="fuzzy_deduplication")
        executor = executor or LocalExecutor()
        self._seconds, self._reports = {}, {}
        self._save_run("running", {})
        status, facts = "failed", dict[str, Any]()
        try:
            with session_of(executor):
                corpus = self._sign(executor, initial_tasks, result)
                facts = self._count(corpus)
                removed = self._deduplicate(executor, corpus, result, facts)
                self._check_ratio(facts)
                if self.perform_removal:
                    self._remove(executor, corpus, removed, result)
            status = "done"
        except (KeyboardInterrupt, InterruptedRunError):
            status = "interrupted"
            raise
        finally:
            facts["total_time"] = round(time.perf_counter() - start, 3)
            facts |= self._upstream_times() | self._troubles()
            self._save_run(status, facts)
        if self.cache_path is None:
            remove_tree(self._cache)
        result.extend_metadata(facts)
        return result

    @property
    def _cache(self) -> str:
        return self.cache_path or join(self.output_path, ".cache")

    def _step(
        self,
        name: str,
        executor: Executor,
        stages: list[AnyStage],
        tasks: list[Any] | None,
        result: WorkflowRunResult,
    ) -> list[FileGroupTask]:
        """Run one step; its checkpoint is its own."""
        pipeline = Pipeline(name, stages=stages)
        start = time.perf_counter()
        try:
            found: list[Any] = pipeline.run(
                executor,
                tasks,
                join(self._cache, "checkpoint", name),
                run_dir=self.output_path,
                progress=self.progress,
            )
        finally:
            self._seconds[name] = round(time.perf_counter() - start, 3)
            if pipeline.last_run:
                self._reports[name] = pipeline.last_run
        result.add_pipeline_tasks(name, found)
        return found

    def _sign(
        self, executor: Executor, tasks: list[FileGroupTask] | None, result: WorkflowRunResult
    ) -> Corpus:
        paths = [self.input_path] if isinstance(self.input_path, str) else self.input_path
        formats = list(EXTENSIONS) if self.input_filetype == "auto" else [self.input_filetype]
        endings = self.input_file_extensions or [e for name in formats for e in EXTENSIONS[name]]
        check_text_field(list_files(paths, extensions=endings), self.text_field)
        folder = join(self._cache, "sign")
        sign = SignDocuments(
            path=folder,
            text_field=self.text_field,
            keep=parse_keep(self.keep),
            char_ngrams=self.char_ngrams,
            num_bands=self.num_bands,
            minhashes_per_band=self.minhashes_per_band,
            seed=self.seed,
        )
        source = FilePartitioner(
            file_paths=paths,
            blocksize=self.input_blocksize,
            file_extensions=endings,
            limit=self.limit,
        )
        stages: list[AnyStage] = [sign] if tasks else [source, sign]
        corpus = corpus_of(folder, self._step("sign", executor, stages, tasks, result))
        if not corpus.count and sum(block.lacking for block in corpus.blocks):
            raise InputError(
                f"the text field {self.text_field!r} is in none of the rows; use --text-field."
            )
        corpus.save(join(self._cache, "corpus.json"))
        return corpus

    def _deduplicate(
        self, executor: Executor, corpus: Corpus, result: WorkflowRunResult, facts: dict[str, Any]
    ) -> np.ndarray[Any, np.dtype[np.int64]]:
        """The steps between signing and removal; returns the numbers of the documents that go."""
        verified = [
            self.threshold,
            self.verify,
            self.max_bucket,
            self.max_checks,
            self.partition_bytes,
        ]
        key = short_hash(
            corpus.key,
            repr([self.keep, self.num_bands, self.minhashes_per_band, self.id_field, verified]),
        )
        cut = (
            screening_cut(self.threshold, self.num_bands * self.minhashes_per_band)
            if self.verify
            else 0.0
        )
        common: dict[str, Any] = {"cache": self._cache, "corpus_key": key}
        self._step(
            "exact", executor, [FindCopies(**common, keep=parse_keep(self.keep))], None, result
        )
        bands: list[Task[Any]] = [BandTask(data=k) for k in range(self.num_bands)]
        found = self._step(
            "buckets", executor, [FillBuckets(**common, max_bucket=self.max_bucket)], bands, result
        )
        files = [task.data[0] for task in found]
        crowded = sum(int(task._metadata["crowded"]) for task in found)
        if crowded:
            split = SplitCrowds(
                **common, max_bucket=self.max_bucket, min_agreement=cut, pair_files=files
            )
            files = [*files, self._step("crowds", executor, [split], None, result)[0].data[0]]
        join_pairs = JoinPairs(
            **common, pair_files=files, min_agreement=cut, partition_bytes=self.partition_bytes
        )
        joined = self._step("components", executor, [join_pairs], None, result)[0]._metadata
        gather = GatherMembers(
            **common, text_field=self.text_field, id_field=self.id_field, with_text=self.verify
        )
        sources: list[Any] = sources_with_members(corpus, self._cache)
        gathered = self._step("gather", executor, [gather], sources, result)
        verify = VerifyComponents(
            **common,
            output=self.output_path,
            threshold=self.threshold,
            verify=self.verify,
            char_ngrams=self.char_ngrams,
            max_checks=self.max_checks,
            gathered=[(task.data[0], list(task._metadata["partitions"])) for task in gathered],
        )
        partitions: list[Task[Any]] = [
            PartitionTask(data=p) for p in range(int(joined["partitions"]))
        ]
        if not partitions:
            verify.resume(frozenset())
        verdicts = self._step("verify", executor, [verify], partitions, result)
        drops = [load_arrays(task.data[0])["drops"] for task in verdicts]
        numbers = np.sort(np.concatenate(drops)) if drops else np.empty(0, np.int64)
        facts |= {name: joined[name] for name in ("pairs", "screened", "members")}
        facts |= {
            name: sum(int(t._metadata[name]) for t in verdicts)
            for name in ("checks", "capped", "clusters")
        }
        facts |= {
            "num_duplicates": len(numbers),
            "crowded": crowded,
            "alarms": losses(corpus, numbers),
        }
        return numbers

    def _remove(
        self,
        executor: Executor,
        corpus: Corpus,
        numbers: np.ndarray[Any, np.dtype[np.int64]],
        result: WorkflowRunResult,
    ) -> None:
        save_arrays(join(self._cache, DROPS_FILE), {"drops": numbers})
        files = {block.path: block for block in corpus.blocks}
        tasks: list[Any] = [
            FileGroupTask(data=[path], stamp=block.stamp, _metadata={"name": block.name})
            for path, block in files.items()
        ]
        key = short_hash(corpus.key, hashlib.blake2b(numbers.tobytes()).hexdigest())
        remove = RemoveDocuments(cache=self._cache, corpus_key=key, output=self.output_path)
        self._step("remove", executor, [remove], tasks, result)

    def _count(self, corpus: Corpus) -> dict[str, Any]:
        totals = {
            name: sum(int(getattr(block, name)) for block in corpus.blocks)
            for name in ("documents", "no_text", "short", "text_bytes")
        }
        return {"num_documents": totals.pop("documents") + totals["no_text"], **totals}

    def _check_ratio(self, facts: dict[str, Any]) -> None:
        removed, total = facts["num_duplicates"], facts["num_documents"]
        if self.max_removed_ratio is not None and removed > self.max_removed_ratio * total:
            raise StageError(
                f"{removed} of {total} documents would go, more than max_removed_ratio="
                f"{self.max_removed_ratio} allows; nothing was written to data/. See removed/ and clusters/."
            )

    def _upstream_times(self) -> dict[str, float]:
        """Seconds under NeMo Curator's names."""
        seconds = self._seconds
        lsh = sum(seconds.get(name, 0.0) for name in ("exact", "buckets", "crowds"))
        return {
            "minhash_time": seconds.get("sign", 0.0),
            "lsh_time": round(lsh, 3),
            "connected_components_pipeline_time": seconds.get("components", 0.0),
        }

    def _troubles(self) -> dict[str, Any]:
        reports = self._reports.values()
        return {
            "quarantined": sum(report.rejected + report.failed for report in reports),
            "worker_deaths": sum(report.worker_deaths for report in reports),
            "notes": [note for report in reports for note in report.notes],
            "seconds": dict(self._seconds),
        }

    def settings(self) -> dict[str, Any]:
        """The parameters that the result may depend on, for `run.json`."""
        skip = {"progress", "key", "env_vars", "read_kwargs", "cache_kwargs", "write_kwargs"}
        return {
            f.name: getattr(self, f.name) for f in fields(self) if f.init and f.name not in skip
        }

    def _save_run(self, status: str, facts: dict[str, Any]) -> None:
        bands = {"num_bands": self.num_bands, "minhashes_per_band": self.minhashes_per_band}
        record = {
            "job": "fuzzy",
            "version": __version__,
            "status": status,
            "key": self.key,
            "settings": self.settings(),
            "s_curve": {
                f"{s / 100:.2f}": round(candidate_probability(s / 100, **bands), 6)
                for s in range(50, 100, 5)
            },
            "facts": facts,
            "steps": {name: report.to_dict() for name, report in self._reports.items()},
        }
        # A full disk has already been reported by what met it first.
        with suppress(StorageError) if status == "failed" else nullcontext():
            write_atomic(join(self.output_path, "run.json"), json.dumps(record, indent=1).encode())
