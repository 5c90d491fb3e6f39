"""Fuzzy deduplication: sign, find copies and candidates, verify, remove.

Each step is a pipeline of its own, joined to the next by files in the cache, so that each can run
on any executor and resumes where it was stopped. What goes is defined in `verify.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property, partial
from typing import Any

from curator_engine.device import default_executor
from curator_engine.errors import SettingsError
from curator_engine.files.paths import join
from curator_engine.pipeline import Executor
from curator_engine.steps import Steps
from curator_engine.task import FileGroupTask, Task, short_hash
from curator_text.dedup.index import Signing
from curator_text.dedup.index_use import COMPARED_FILE, IndexUse, compared, input_key
from curator_text.dedup.memory import PieceSizes, sizes_on
from curator_text.dedup.removed_tables import PartitionTask
from curator_text.fuzzy.gather import GatherMembers, sources_with_members
from curator_text.fuzzy.gpu_steps import Place, place_of_joining, place_of_signing
from curator_text.fuzzy.index_blocks import IndexDocuments
from curator_text.fuzzy.lsh import candidate_probability, choose_bands
from curator_text.fuzzy.pair_files import Numbers
from curator_text.fuzzy.pair_search import PairSearch
from curator_text.fuzzy.sign import SignDocuments
from curator_text.fuzzy.signed_bands import index_bands, save_bands, signed_bands
from curator_text.fuzzy.signed_part import SIGNED_FILES
from curator_text.fuzzy.verify import VerifyComponents
from curator_text.pipelines.dedup_workflow import DedupWorkflow
from curator_text.read.keep import parse_keep
from curator_text.removal.corpus import Corpus
from curator_text.removal.corpus_stage import CORPUS_FILE
from curator_text.removal.outcome import count_documents
from curator_text.settings import DEFAULT_RECALL, FuzzySettings, check_sizes

_SIMILARITIES = tuple(s / 100 for s in range(50, 100, 5))


@dataclass(kw_only=True)
class FuzzyWorkflow(DedupWorkflow[FuzzySettings]):
    """Find near-duplicate documents, and remove all but one of those that are alike.

    Example:
        >>> settings = FuzzySettings(inputs=["corpus"], output="deduplicated", threshold=0.7)
        >>> FuzzyWorkflow(settings=settings).run()
    """

    bands_per_iteration: int = 5
    """Bands that one task looks at, if there are few documents."""
    max_bucket: int = 64
    """Documents of a bucket that are all compared; larger buckets are split by further rows."""
    max_checks: int = 1000
    """Exact comparisons per document, nearest first."""
    partition_bytes: int = 64 << 20
    """Bytes of documents that are verified together, at most."""
    job, title = "fuzzy", "fuzzy_deduplication"
    ids_folder, ranges_file = "FuzzyDuplicateIds", "fuzzy_id_generator.json"
    unrecorded = frozenset({"device", "recall"})
    obsolete = frozenset(
        {"lsh_num_output_partitions", "lsh_rmm_pool_size", "lsh_spill_memory_limit"}
        | {"use_64_bit_hash", "use_async_memory"}
    )

    def check(self) -> None:
        """Look at the sizes, the bands and the keep policy."""
        super().check()
        settings, (bands, rows) = self.settings, self.bands
        check_sizes(num_bands=bands, minhashes_per_band=rows, char_ngrams=settings.char_ngrams)
        if not 0 < settings.threshold <= 1:
            raise SettingsError(f"threshold={settings.threshold} is not in (0, 1].")
        parse_keep(settings.keep)

    def look(self, executor: Executor) -> None:
        """Look for the text field and the indexes, whether the memory is enough and GPUs are there."""
        super().look(executor)
        self.indexes.check()
        self._sizes(executor)
        self._places(executor)

    def default_executor(self) -> Executor:
        """On a CPU one worker, on GPUs a pool of actors."""
        return default_executor(self.settings.device)

    @cached_property
    def bands(self) -> tuple[int, int]:
        """Bands and rows per band: those that were given, else those that reach the recall.

        An index, or a kept cache, that was signed with bands that reach it is used as it is.
        """
        settings = self.settings
        if settings.num_bands is not None and settings.minhashes_per_band is not None:
            return settings.num_bands, settings.minhashes_per_band
        recall = settings.recall or DEFAULT_RECALL
        wanted = {"threshold": settings.threshold, "recall": recall}
        for path in (settings.against, settings.save_index):
            if path and (bands := index_bands(path, **wanted)):
                return bands
        cache = settings.cache or (self.cache if settings.resume else None)
        signed = signed_bands(cache, **wanted)
        return signed or choose_bands(settings.threshold, recall)

    @property
    def indexes(self) -> IndexUse:
        """The indexes of the run."""
        settings, (bands, rows) = self.settings, self.bands
        shared = {"text_field", "id_field", "method", "char_ngrams", "seed"}
        given = {f.name: getattr(settings, f.name) for f in fields(Signing) if f.name in shared}
        signing = Signing(**given, num_bands=bands, minhashes_per_band=rows)
        return IndexUse(
            against=settings.against,
            save=settings.save_index,
            signing=signing,
            output=settings.output,
        )

    def recorded(self) -> dict[str, Any]:
        """The settings, with the bands that are used."""
        bands = dict(zip(("num_bands", "minhashes_per_band"), self.bands, strict=True))
        return super().recorded() | bands

    def about(self) -> dict[str, Any]:
        """With the probability of finding a pair, by its similarity."""
        bands, rows = self.bands
        found = {
            f"{s:.2f}": candidate_probability(s, num_bands=bands, minhashes_per_band=rows)
            for s in _SIMILARITIES
        }
        return {"s_curve": {name: round(value, 6) for name, value in found.items()}}

    def _sizes(self, executor: Executor) -> PieceSizes:
        return sizes_on(executor, self.settings.memory, most=self.partition_bytes)

    def _places(self, executor: Executor) -> tuple[Place, Place]:
        """Where documents are signed, and where pairs are joined."""
        device, method = self.settings.device, self.settings.method
        return place_of_signing(executor, device, method), place_of_joining(executor, device)

    def documents(
        self, steps: Steps, tasks: list[FileGroupTask] | None, facts: dict[str, Any]
    ) -> Corpus:
        """Sign them."""
        keep = parse_keep(self.settings.keep)
        place, _ = self._places(steps.executor)
        sign = SignDocuments(
            path=join(self.cache, "sign"),
            **self.reads_texts,
            keep=keep,
            method=self.settings.method,
            char_ngrams=self.settings.char_ngrams,
            num_bands=self.bands[0],
            minhashes_per_band=self.bands[1],
            seed=self.settings.seed,
            device=place.device,
            block_bytes=self._sizes(steps.executor).block_bytes,
        ).with_(resources=place.resources)
        corpus = self.read(steps, "sign", sign, tasks, keep=keep)
        save_bands(self.cache, *self.bands)
        run = input_key(corpus, self.settings.text_field, self.settings.limit)
        facts |= count_documents(corpus) | {"input_key": run}
        return corpus

    def decide(self, steps: Steps, corpus: Corpus, facts: dict[str, Any]) -> list[FileGroupTask]:
        """Find candidates, and verify them."""
        seen = self.indexes.seen(facts["input_key"])
        sizes = self._sizes(steps.executor)
        both = compared(seen, corpus, self.cache)
        verified: list[Any] = [
            self.settings.threshold,
            self.settings.verify,
            self.max_bucket,
            self.max_checks,
        ]
        verified.append(sizes.partition_bytes)
        key = short_hash(
            both.key,
            repr([self.settings.keep, *self.bands, self.settings.id_field, verified]),
        )
        file = CORPUS_FILE if seen is None else COMPARED_FILE
        common: dict[str, Any] = {"cache": self.cache, "corpus_key": key, "corpus_file": file}
        search = PairSearch(
            keep=self.settings.keep,
            num_bands=self.bands[0],
            minhashes_per_band=self.bands[1],
            max_bucket=self.max_bucket,
            threshold=self.settings.threshold if self.settings.verify else None,
            partition_bytes=sizes.partition_bytes,
            join_on=self._places(steps.executor)[1],
            bands_per_iteration=min(self.bands_per_iteration, self.bands[0]),
            bucket_documents=sizes.bucket_documents,
            pairs_at_a_time=sizes.pairs,
        )
        joined = search.run(steps.run, both, common)
        gather = GatherMembers(
            **common,
            **self.reads_texts,
            with_text=self.settings.verify,
            block_bytes=sizes.block_bytes,
        )
        sources: list[Any] = sources_with_members(both, self.cache)
        gathered = steps.run("gather", gather, sources)
        verify = VerifyComponents(
            **common,
            output=self.settings.output,
            threshold=self.settings.threshold,
            verify=self.settings.verify,
            text_field=self.settings.text_field,
            id_field=self.settings.id_field,
            char_ngrams=self.settings.char_ngrams,
            max_checks=self.max_checks,
            block_bytes=sizes.block_bytes,
            gathered=[(task.data[0], list(task._metadata["partitions"])) for task in gathered],
        )
        partitions: list[Task[Any]] = [
            PartitionTask(data=p) for p in range(joined.pop("partitions"))
        ]
        if not partitions:
            verify.resume(frozenset())
        verdicts = steps.run("verify", verify, partitions)
        facts |= joined | ({"against": seen.key} if seen else {})
        facts |= {
            name: sum(int(t._metadata[name]) for t in verdicts)
            for name in ("checks", "capped", "clusters")
        }
        return verdicts

    def finish(self, steps: Steps, corpus: Corpus, numbers: Numbers, facts: dict[str, Any]) -> None:
        """As of every deduplication; then add to the index what stays."""
        super().finish(steps, corpus, numbers, facts)
        stage = partial(
            IndexDocuments,
            **self.reads_texts,
            char_ngrams=self.settings.char_ngrams,
            block_bytes=self._sizes(steps.executor).block_bytes,
        )
        run: str = facts["input_key"]
        facts |= self.indexes.add(
            steps.run,
            corpus,
            numbers,
            run=run,
            stage=stage,
            files=SIGNED_FILES,
            cache=self.cache,
        )

    def counts(self, steps: Steps) -> dict[str, Any]:
        """With seconds under NeMo Curator's names."""
        return _upstream_times(steps.seconds) | super().counts(steps)


def _upstream_times(seconds: Mapping[str, float]) -> dict[str, float]:
    """Seconds of the steps under NeMo Curator's names."""
    lsh = sum(seconds.get(name, 0.0) for name in ("exact", "buckets", "crowds"))
    return {
        "minhash_time": seconds.get("sign", 0.0),
        "lsh_time": round(lsh, 3),
        "connected_components_pipeline_time": seconds.get("components", 0.0),
    }
