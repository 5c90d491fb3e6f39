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
from curator_engine.stage import AnyStage
from curator_engine.stages.files import parse_size
from curator_engine.steps import Steps
from curator_engine.task import FileGroupTask, short_hash
from curator_text.dedup.memory import PieceSizes, sizes_on
from curator_text.dedup.removed_tables import PartitionTask
from curator_text.exact.hash_documents import HashDocuments
from curator_text.exact.same_text import FindSameText, partition_bits
from curator_text.pipelines.dedup_workflow import DedupWorkflow
from curator_text.read.keep import parse_keep
from curator_text.removal.array_files import load_arrays
from curator_text.removal.corpus import Corpus, corpus_of
from curator_text.removal.outcome import check_keep, check_read
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
        """Look for the text field, and whether the memory is enough."""
        super().look(executor)
        self._sizes(executor)

    def _sizes(self, executor: Executor) -> PieceSizes:
        most = self.partition_rows * ROW_BYTES
        return sizes_on(executor, self.settings.memory, most=most)

    def work(self, steps: Steps, tasks: list[FileGroupTask] | None, facts: dict[str, Any]) -> None:
        """Hash, find, remove."""
        sizes = self._sizes(steps.executor)
        steps.seconds["list"] = self.looked_seconds
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
        facts["clusters"] = sum(int(task._metadata["clusters"]) for task in found)
        self.finish(steps, corpus, numbers, facts)

    def _hash(self, steps: Steps, tasks: list[FileGroupTask] | None, *, block_bytes: int) -> Corpus:
        folder = join(self.cache, "hash")
        keep = parse_keep(self.settings.keep)
        stages: list[AnyStage] = [
            HashDocuments(
                path=folder,
                text_field=self.settings.text_field,
                id_field=self.settings.id_field,
                keep=keep,
                normalize=self.settings.normalize,
                block_bytes=block_bytes,
                max_row=parse_size(self.settings.max_row),
            )
        ]
        tasks = self.tasks_of_input(tasks)
        if tasks is None:
            stages.insert(0, self.source())
        corpus = corpus_of(folder, steps.run("hash", stages, tasks))
        corpus.require_text(self.settings.text_field)
        check_read(corpus, quarantined=steps.troubles()["quarantined"])
        check_keep(corpus, keep)
        corpus.save(join(self.cache, "corpus.json"))
        return corpus

    def _find(self, steps: Steps, corpus: Corpus, *, rows: int) -> list[FileGroupTask]:
        find = FindSameText(
            cache=self.cache,
            corpus_key=short_hash(
                corpus.key,
                repr([self.settings.text_field, self.settings.normalize, self.settings.id_field]),
            ),
            output=self.settings.output,
            keep=parse_keep(self.settings.keep),
            bits=partition_bits(corpus.count, rows),
        )
        return steps.run("find", find, [PartitionTask(data=p) for p in range(1 << find.bits)])

    def counts(self, steps: Steps) -> dict[str, Any]:
        """With seconds under NeMo Curator's names."""
        return super().counts(steps) | _upstream_facts(steps.seconds)


def _upstream_facts(seconds: dict[str, float]) -> dict[str, Any]:
    """Seconds under NeMo Curator's names."""
    return {
        "input_filegroups_time": seconds.get("list", 0.0),
        "identification_time": round(seconds.get("hash", 0.0) + seconds.get("find", 0.0), 3),
    }
