"""Exact deduplication: hash, find, remove.

Each step is a pipeline of its own, joined to the next by files in the cache, so that each can run
on any executor and resumes where it was stopped. What goes is defined in `same_text.py`.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curator_engine.errors import SettingsError
from curator_engine.files.paths import join
from curator_engine.pipeline import Executor
from curator_engine.steps import Steps
from curator_engine.task import FileGroupTask, short_hash
from curator_text.dedup.index import Hashing
from curator_text.dedup.index_use import COMPARED_FILE, IndexUse, compared, input_key
from curator_text.dedup.memory import PieceSizes, sizes_on
from curator_text.dedup.removed_tables import PartitionTask
from curator_text.exact.hash_documents import HashDocuments
from curator_text.exact.index_hashes import HASH_FILES, IndexHashes
from curator_text.exact.same_text import FindSameText, partition_bits
from curator_text.pipelines.dedup_workflow import DedupWorkflow
from curator_text.read.keep import parse_keep
from curator_text.removal.corpus import Corpus
from curator_text.removal.corpus_stage import CORPUS_FILE
from curator_text.settings import ExactSettings

ROW_BYTES = 64
"""What a document of a partition counts for when `memory.py` says how large a partition may be."""


@dataclass(kw_only=True)
class ExactWorkflow(DedupWorkflow[ExactSettings]):
    """Find documents with the same text, and remove all but one of each.

    Two texts count as the same if their 128-bit XXH3 is: among 10^12 different texts, the chance that
    any two share one is below 10^-14, unless somebody makes texts to collide. Memory follows a partition
    of the hashes, and the copies of one text.

    Example:
        >>> settings = ExactSettings(
        ...     inputs=["corpus"], output="deduplicated", normalize="whitespace"
        ... )
        >>> ExactWorkflow(settings=settings).run()
    """

    partition_rows: int = 1 << 20
    """Documents whose hashes are compared together, about and at most."""
    job, title = "exact", "exact_deduplication"
    ids_folder, ranges_file = "ExactDuplicateIds", "exact_id_generator.json"
    obsolete = frozenset(
        {
            "identification_batchsize",
            "assign_id",
            "total_nparts",
            "rmm_pool_size",
            "spill_memory_limit",
        }
    )

    def check(self) -> None:
        """Look at the sizes and the keep policy."""
        super().check()
        if self.partition_rows < 1:
            raise SettingsError(f"partition_rows={self.partition_rows} is below 1.")
        parse_keep(self.settings.keep)

    def look(self, executor: Executor) -> None:
        """Look for the text field and the indexes, and whether the memory is enough."""
        super().look(executor)
        self.indexes.check()
        self._sizes(executor)

    @property
    def indexes(self) -> IndexUse:
        """The indexes of the run."""
        settings = self.settings
        return IndexUse(
            against=settings.against,
            save=settings.save_index,
            signing=Hashing(normalize=settings.normalize),
            output=settings.output,
        )

    def _sizes(self, executor: Executor) -> PieceSizes:
        most = self.partition_rows * ROW_BYTES
        return sizes_on(executor, self.settings.memory, most=most)

    def documents(
        self, steps: Steps, tasks: list[FileGroupTask] | None, facts: dict[str, Any]
    ) -> Corpus:
        """Hash them."""
        keep = parse_keep(self.settings.keep)
        stage = HashDocuments(
            path=join(self.cache, "hash"),
            **self.reads_texts,
            keep=keep,
            normalize=self.settings.normalize,
            block_bytes=self._sizes(steps.executor).block_bytes,
        )
        corpus = self.read(steps, "hash", stage, tasks, keep=keep)
        facts["input_key"] = input_key(corpus, self.settings.text_field, self.settings.limit)
        return corpus

    def decide(self, steps: Steps, corpus: Corpus, facts: dict[str, Any]) -> list[FileGroupTask]:
        """Compare the hashes, also with those of an index."""
        settings, seen = self.settings, self.indexes.seen(facts["input_key"])
        both = compared(seen, corpus, self.cache)
        described = repr([settings.text_field, settings.normalize, settings.id_field])
        rows = max(1, self._sizes(steps.executor).partition_bytes // ROW_BYTES)
        stage = FindSameText(
            cache=self.cache,
            corpus_key=short_hash(both.key, described),
            corpus_file=CORPUS_FILE if seen is None else COMPARED_FILE,
            output=settings.output,
            keep=parse_keep(settings.keep),
            bits=partition_bits(both.count, rows),
        )
        found = steps.run("find", stage, [PartitionTask(data=p) for p in range(1 << stage.bits)])
        facts["clusters"] = sum(int(task._metadata["clusters"]) for task in found)
        facts |= {"against": seen.key} if seen else {}
        return found

    def finish(
        self, steps: Steps, corpus: Corpus, numbers: NDArray[np.int64], facts: dict[str, Any]
    ) -> None:
        """As of every deduplication; then add to the index what stays."""
        super().finish(steps, corpus, numbers, facts)
        facts |= self.indexes.add(
            steps.run,
            corpus,
            numbers,
            run=facts["input_key"],
            stage=IndexHashes,
            files=HASH_FILES,
            cache=self.cache,
        )

    def counts(self, steps: Steps) -> dict[str, Any]:
        """With seconds under NeMo Curator's names."""
        return super().counts(steps) | _upstream_facts(steps.seconds)


def _upstream_facts(seconds: dict[str, float]) -> dict[str, Any]:
    """Seconds under NeMo Curator's names."""
    return {
        "input_filegroups_time": seconds.get("list", 0.0),
        "identification_time": round(seconds.get("hash", 0.0) + seconds.get("find", 0.0), 3),
    }
