"""The search for pairs as steps of a run: copies, buckets of each band, crowds, components.

The steps are in `copies.py`, `buckets.py` and `connected_components.py`; `verify.py` decides
whether a pair is similar.
"""

from dataclasses import dataclass
from typing import Any

from curator_engine.steps import Step
from curator_engine.task import short_hash
from curator_text.fuzzy.buckets import BandTask, FillBuckets, SplitCrowds
from curator_text.fuzzy.connected_components import JoinPairs, screening_cut
from curator_text.fuzzy.copies import FindCopies
from curator_text.fuzzy.gpu_steps import ON_CPU, Place
from curator_text.read.keep import parse_keep
from curator_text.removal.corpus import Corpus

_FEW_DOCUMENTS = 1 << 20
"""Documents times bands that are too little work for a task of its own."""


@dataclass(frozen=True, kw_only=True)
class PairSearch:
    """What the search depends on."""

    keep: str
    num_bands: int
    minhashes_per_band: int
    max_bucket: int
    threshold: float | None
    """Pairs that are surely below it are left out; None: all pairs stay."""
    partition_bytes: int
    join_on: Place = ON_CPU
    """Where pairs are joined."""
    bands_per_iteration: int
    """Bands that one task looks at, if there are few documents."""
    bucket_documents: int
    """Documents whose keys of one band are in memory together; more are cut into ranges of keys."""
    pairs_at_a_time: int
    """Candidate pairs that are in memory together."""

    def run(self, step: Step, corpus: Corpus, common: dict[str, Any]) -> dict[str, int]:
        """Run the steps.

        Args:
            step: Runs one.
            corpus: The documents that are compared.
            common: Settings of every stage: `cache`, `corpus_key`, `corpus_file`.

        Returns:
            `pairs`, `screened`, `members`, `partitions`, and `crowded`, the documents in crowds.
        """
        hashes = self.num_bands * self.minhashes_per_band
        cut = 0.0 if self.threshold is None else screening_cut(self.threshold, hashes)
        # Copies and buckets do not depend on the threshold: another one does not find them again.
        bands_key = repr([self.keep, self.num_bands, self.minhashes_per_band])
        signed: dict[str, Any] = {**common, "corpus_key": short_hash(corpus.key, bands_key)}
        at_a_time = max(1, self.bucket_documents // 2)
        copies = FindCopies(**signed, keep=parse_keep(self.keep), part_documents=at_a_time)
        step("exact", copies, None)
        parts = max(1, -(-corpus.count // self.bucket_documents))
        few = min(self.bucket_documents, _FEW_DOCUMENTS) // max(corpus.count, 1)
        together = max(1, min(self.bands_per_iteration, few))
        bands = [
            BandTask(data=k, bands=min(together, self.num_bands - k), part=p, parts=parts)
            for k in range(0, self.num_bands, together)
            for p in range(parts)
        ]
        fill = FillBuckets(
            **signed, max_bucket=self.max_bucket, pairs_at_a_time=self.pairs_at_a_time
        )
        found = step("buckets", fill, bands)
        runs = [path for task in found for path in task.data[: task._metadata["runs"]]]
        crowds = [path for task in found for path in task.data[task._metadata["runs"] :]]
        crowded = 0
        if crowds:
            split = SplitCrowds(
                **common,
                max_bucket=self.max_bucket,
                min_agreement=cut,
                runs=crowds,
                pairs_at_a_time=self.pairs_at_a_time,
            )
            (pairs,) = step("crowds", split, None)
            runs, crowded = runs + pairs.data, int(pairs._metadata["crowded"])
        join_pairs = JoinPairs(
            **common,
            runs=runs,
            pairs_at_a_time=self.pairs_at_a_time,
            min_agreement=cut,
            partition_bytes=self.partition_bytes,
            device=self.join_on.device,
        ).with_(resources=self.join_on.resources)
        joined = step("components", join_pairs, None)[0]._metadata
        names = ("pairs", "screened", "members", "partitions")
        return {**{name: int(joined[name]) for name in names}, "crowded": crowded}
